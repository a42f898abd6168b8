"""Periods: one canonical way to write a quarter, month or year, and the arithmetic on them.

Inside the database a period is its ordinal (quarters: year × 4 + quarter − 1), so that "the period before" is − 1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Frequency = Literal["quarter", "month", "year"]

PER_YEAR: dict[str, int] = {"year": 1, "quarter": 4, "month": 12}
EVERY_PER_YEAR: dict[str, int] = {"year": 1, "half_year": 2, "quarter": 4, "month": 12}

_CHINESE_DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_QUARTER_PATTERNS = (
    re.compile(rf"{_YEAR}\s*[-_/]?\s*[Qq](?P<part>[1-4])"),
    re.compile(rf"{_YEAR}\s*年?\s*第?(?P<part>[1-4一二三四])季度?"),
)
_MONTH_PATTERNS = (
    # Two digits: "2025-4" may be meant as the fourth quarter, and Excel makes "2025.1" out of 2025.10.
    re.compile(rf"{_YEAR}[-/.](?P<part>0[1-9]|1[0-2])"),
    re.compile(rf"{_YEAR}(?P<part>0[1-9]|1[0-2])"),
    re.compile(rf"{_YEAR}\s*年\s*(?P<part>0?[1-9]|1[0-2])\s*月"),
)
_YEAR_PATTERNS = (re.compile(rf"{_YEAR}\s*年?度?"),)


@dataclass(frozen=True)
class PeriodError(ValueError):
    """A period that cannot be read; hint is a key under `problem.period.`."""

    hint: str


def parse(text: str, frequency: Frequency) -> int:
    """Any accepted spelling → ordinal.

    Quarters may be given as 2025Q3, 2025-Q3, 2025年第3季度, 2025年三季度, or by a month that lies in them (2025-09, 202509).
    Raises PeriodError with a hint for Excel serials, day/month dates and anything else.
    """
    word = unicodedata.normalize("NFKC", text).strip()
    if frequency == "quarter":
        if found := _match(_QUARTER_PATTERNS, word):
            year, part = found
            return year * 4 + int(_CHINESE_DIGITS.get(part, part)) - 1
        if found := _match(_MONTH_PATTERNS, word):
            year, part = found
            return year * 4 + (int(part) - 1) // 3
    if frequency == "month" and (found := _match(_MONTH_PATTERNS, word)):
        year, part = found
        return year * 12 + int(part) - 1
    if frequency == "year" and (found := _match(_YEAR_PATTERNS, word)):
        return found[0]
    raise PeriodError(_hint(word))


def _match(patterns: tuple[re.Pattern[str], ...], word: str) -> tuple[int, str] | None:
    for pattern in patterns:
        if found := pattern.fullmatch(word):
            return int(found["year"]), found.groupdict().get("part", "")
    return None


def _hint(word: str) -> str:
    if re.fullmatch(r"[34]\d{4}(\.0)?", word):
        return "serial"
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}", word):
        return "date"
    return "form"


def label(ordinal: int, frequency: Frequency) -> str:
    """Ordinal → canonical text: 2025Q3, 2025-09 or 2025."""
    if frequency == "quarter":
        return f"{ordinal // 4}Q{ordinal % 4 + 1}"
    if frequency == "month":
        return f"{ordinal // 12}-{ordinal % 12 + 1:02d}"
    return str(ordinal)


def label_sql(column: str, frequency: Frequency) -> str:
    """The same in SQL, for exports of many rows."""
    if frequency == "quarter":
        return f"({column} // 4) || 'Q' || ({column} % 4 + 1)"
    if frequency == "month":
        return f"({column} // 12) || '-' || lpad(CAST({column} % 12 + 1 AS VARCHAR), 2, '0')"
    return f"CAST({column} AS VARCHAR)"


def window(every: str, frequency: Frequency) -> int | None:
    """How many periods an `every` spans; None when it is shorter than one period or does not fit whole."""
    periods, rest = divmod(PER_YEAR[frequency], EVERY_PER_YEAR[every])
    return periods if periods >= 1 and rest == 0 else None


def current(frequency: Frequency, today: date) -> int:
    """The period that a day lies in."""
    return today.year * PER_YEAR[frequency] + (today.month - 1) * PER_YEAR[frequency] // 12
