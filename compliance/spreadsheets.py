"""What a spreadsheet makes of what we write for it: texts that it would run, names that a sheet may have. And the way back. Pure."""

from __future__ import annotations

import re

# A spreadsheet takes a cell that starts so for a formula; a number may begin with a sign. Both are read by RE2, too (exports.py).
# An apostrophe before such a start may be ours: another one is put before it, so that taking one away gives back what it was.
RUNS = r"^'*[=+\-@\t\r]"
FIGURE = r"^[-+]?[0-9][0-9,]*(\.[0-9]+)?[%‰]?$"
_RUNS, _FIGURE, _GUARDED = re.compile(RUNS), re.compile(FIGURE), re.compile(r"'+[=+\-@\t\r]")
LONGEST_SHEET_NAME = 31


def harmless(text: str) -> str:
    """The text as a cell that shows it and runs nothing: with an apostrophe before what would be a formula."""
    return f"'{text}" if _RUNS.match(text) and not _FIGURE.match(text) else text


def as_meant(text: str) -> str:
    """What a cell says that harmless() wrote, or somebody else who kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def sheet_name(title: str) -> str:
    """The title as far as a sheet may bear it."""
    bare = re.sub(r"[\[\]:*?/\\']", " ", title).strip()
    # Counted as spreadsheets count: a rare character takes two places.
    return bare.encode("utf-16-le")[: 2 * LONGEST_SHEET_NAME].decode("utf-16-le", "ignore").strip() or "1"
