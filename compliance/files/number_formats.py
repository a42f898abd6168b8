"""A workbook's number and its format → the text that a person sees in the cell, as exact as the number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

Kind = Literal["plain", "percent", "date", "time"]

# Formats that a workbook names by number alone (ECMA-376 part 1, 18.8.30, with those of Chinese Excel).
_PERCENT = frozenset({9, 10})
_DATE = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_TIME = frozenset({*range(18, 22), *range(32, 36), *range(45, 48), 55, 56})
# How many decimals such a format shows always.
_DECIMALS = dict.fromkeys((2, 4, 7, 8, 39, 40, 43, 44), 2)
# Words, colours and conditions inside a code, and letters that stand for themselves.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|G/通用格式|General', re.IGNORECASE)
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
# 9999-12-31 in each
_LAST_DAYS = {False: 2_958_465, True: 2_957_003}
_EXACT = 10**15


@dataclass(frozen=True)
class Format:
    """What a number looks like. decimals: how many it shows at least, where it is not whole."""

    kind: Kind
    decimals: int = 0


PLAIN = Format("plain")


def format_of(number: int, codes: Mapping[int, str]) -> Format:
    """What the format of this number shows, its code being one of the workbook's own or none."""
    if number not in codes:
        kind: Kind = "percent" if number in _PERCENT else "date" if number in _DATE else "time" if number in _TIME else "plain"
        return Format(kind, _DECIMALS.get(number, 0))
    bare = _LITERAL.sub("", codes[number].partition(";")[0]).lower()
    if "%" in bare:
        return Format("percent")
    # An m is a month, but beside hours or seconds minutes.
    if re.search("[yd]", bare):
        return Format("date")
    if re.search("[hs]", bare):
        return Format("time")
    decimals = re.search(r"\.(0+)(?!.*e)", bare)
    return Format("date") if "m" in bare else Format("plain", len(decimals[1]) if decimals else 0)


def shown(raw: str, format_: Format = PLAIN, *, since_1904: bool = False) -> str:
    """The text of a stored number: 2025 for 2025.0, 2.10 for 2.1 with two decimals, 95% for 0.95 in percent format, 2025-09-30 for 45930 as a date.
    Never rounded."""
    try:
        figure = float(raw)
    except ValueError:
        return raw
    if abs(figure) == float("inf"):
        return raw
    match format_.kind:
        case "percent":
            return f"{_plain(Decimal(repr(figure)) * 100)}%"
        case "date" | "time" if 0 <= figure <= _LAST_DAYS[since_1904]:
            return _moment(figure, _EPOCHS[since_1904], is_time=format_.kind == "time")
    if figure.is_integer() and abs(figure) < _EXACT:
        return str(int(figure))
    whole, point, decimals = repr(figure).partition(".")
    return whole + point + (decimals if "e" in decimals else decimals.ljust(format_.decimals, "0"))


def _plain(figure: Decimal) -> str:
    text = f"{figure:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(serial: float, epoch: datetime, *, is_time: bool) -> str:
    when = epoch + timedelta(seconds=round(serial * 86400))
    if is_time and serial < 1:
        return f"{when:%H:%M}"
    return f"{when:%Y-%m-%d}" if serial.is_integer() else f"{when:%Y-%m-%d %H:%M}"
