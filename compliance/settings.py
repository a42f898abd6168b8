"""What comes from the environment: where the database and the definitions are, else beside the program."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def sayable(text: str) -> str:
    """Text of the command line, the environment or a file name in another encoding than the system's comes with lone surrogates, which nothing can store
    or print."""
    return text.encode(errors="replace").decode()


def database_path() -> Path:
    return Path(os.environ.get("COMPLIANCE_DB") or PROJECT / "data" / "compliance.duckdb")


def indicators_path() -> Path:
    return Path(os.environ.get("COMPLIANCE_INDICATORS") or PROJECT / "indicators.yaml")


def log_path() -> Path | None:
    """Where the log goes; None: standard error."""
    named = os.environ.get("COMPLIANCE_LOG")
    return Path(named) if named else None


def access_path() -> Path:
    """The access list of those who sign in."""
    return Path(os.environ.get("COMPLIANCE_ACCESS") or PROJECT / ".streamlit" / "access.toml")
