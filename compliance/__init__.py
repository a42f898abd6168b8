"""Judge communities against a published standard: definitions, verdicts, and what the pages show of them."""

__version__ = "0.1.0"
