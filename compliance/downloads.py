"""A frame as a CSV file that Chinese Excel opens as it is and that runs nothing."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd

# A spreadsheet takes such a text cell for a formula; numbers may begin with a sign.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FIGURE = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """UTF-8 with BOM; cells that would run as formulas get an apostrophe in front; missing values are blank."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(name) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        writer.writerow(["" if pd.isna(cell) else harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not FIGURE.fullmatch(cell) else cell
