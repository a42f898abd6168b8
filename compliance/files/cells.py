"""One cell's text → a number, a yes or no, or what is wrong with it. The figures a column may hold; columns of percentages in mixed units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from compliance import periods
from compliance.files.encodings import LOST_TEXT, STRANGE
from compliance.periods import Frequency, PeriodError
from compliance.standard.definitions import Metric, Parameter

# Full-width forms and the spaces and minus that Chinese input methods and spreadsheets leave. Not NFKC: that turns 5² into 52.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " ", 0x2212: "-", 0xFE6A: "%"}
# Day 0 of spreadsheets, whose 1900 has a 29th of February.
_FIRST_DAY = date(1899, 12, 30)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SIGNS = {"percent": "%", "permille": "‰"}

_DIGITS = r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?"
# The first that fits names the fault.
_MISTAKES = (
    ("reading.excel_error", re.compile(r"#(?:REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|N/A|SPILL!|#+)", re.IGNORECASE)),
    ("reading.formula_cell", re.compile(r"=.*", re.DOTALL)),
    ("reading.not_finite", re.compile(r"[-+]?(?:inf|infinity|∞|无穷|无穷大)", re.IGNORECASE)),
    ("reading.bracketed", re.compile(rf"\(\s*{_DIGITS}\s*\)")),
    ("reading.date_cell", re.compile(r"[0-9]{2,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}日?(?: .*)?|[0-9]{1,2}月[0-9]{1,2}日?")),
    ("reading.date_cell", re.compile(r"[0-9]{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]{1,2}")),
    ("reading.approximate", re.compile(rf"(?:约|近|大约|[<>≤≥~≈])\s*{_DIGITS}.*|{_DIGITS}\s*%?\s*(?:左右|以上|以下|多|余)")),
    ("reading.approximate", re.compile(rf"{_DIGITS}\s*%?\s*[-~—至到]\s*{_DIGITS}.*")),
    ("reading.multiplier", re.compile(rf"{_DIGITS}\s*(?:[十百千万亿].*|[kK])")),
    ("reading.thousands", re.compile(r"[-+]?[0-9][0-9,. ]*[0-9]")),
    ("reading.unit_in_cell", re.compile(rf"[¥￥$]\s*{_DIGITS}.*|{_DIGITS}\s*[^0-9.,\s].*", re.DOTALL)),
)  # fmt: skip

MISSING = frozenset(
    "na n/a n.a. #n/a - -- --- — —— – ― 无 / // \\ null nan -nan none nil 暂无 没有 缺 缺失 未填 未报 未统计 未知 不详 不适用 无数据 * ** ? ？ . … ...".split()
)
YES_NO: Mapping[str, float] = MappingProxyType(
    dict.fromkeys("是 有 √ ✓ 达标 yes y true 1 1.0".split(), 1.0) | dict.fromkeys("否 无 × ✗ 未达标 no n false 0 0.0".split(), 0.0)
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: a problem key with its arguments. options: texts that could stand in its place."""

    key: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    options: tuple[str, ...] = ()


def strange(text: str) -> Fault | None:
    """A character that cannot be seen, or the remains of ones that an earlier save destroyed."""
    found = STRANGE.search(text)
    if found is None:
        return None
    if LOST_TEXT.search(text):
        return Fault("reading.lost_text")
    return Fault("reading.strange_character", {"character": f"U+{ord(found[0][0]):04X}", "position": found.start() + 1})


def visible(text: str) -> str:
    """The text with such characters spelt out, fit to be shown."""
    return "".join(f"\\u{ord(character):04x}" if STRANGE.match(character) else character for character in text)


def widened(text: str) -> str:
    """Full-width digits and signs made plain, ends trimmed."""
    return text.translate(_WIDE).strip()


def missing_word(text: str) -> Fault | None:
    """Words that people write for "not reported", which only an empty cell may say."""
    return Fault("reading.missing_word", options=("",)) if widened(text).casefold() in MISSING else None


def yes_no(text: str) -> float | Fault:
    word = widened(text).casefold()
    found = YES_NO.get(word)
    if found is not None:
        return found
    return missing_word(text) or Fault("reading.not_yes_no")


def has_sign(text: str) -> bool:
    return widened(text).endswith(("%", "‰"))


def number(text: str, unit: str) -> float | Fault:
    """The figure that a cell states: 1200, 1,200, １２００; 95% in a column of percentages, 1.5‰ in one of permilles."""
    if _NUMBER.fullmatch(text):
        return _finite(text)
    if (fault := missing_word(text)) is not None:
        return fault
    word = widened(text)
    if word.endswith(("%", "‰")):
        sign, rest = word[-1], word[:-1].rstrip()
        if _is_number(rest):
            return _finite(rest) if _SIGNS.get(unit) == sign else _foreign_sign(unit, sign)
    elif _is_number(word):
        return _finite(word)
    for key, pattern in _MISTAKES:
        if pattern.fullmatch(word):
            return Fault(key)
    return Fault("reading.not_a_number")


def _is_number(word: str) -> bool:
    return bool(_NUMBER.fullmatch(word) or _GROUPED.fullmatch(word))


def _finite(word: str) -> float | Fault:
    value = float(word.replace(",", ""))
    return value if abs(value) != float("inf") else Fault("reading.not_finite")


def _foreign_sign(unit: str, sign: str) -> Fault:
    if unit in _SIGNS:
        return Fault("reading.other_sign", {"sign": sign, "expected": _SIGNS[unit]})
    return Fault("reading.sign_not_expected", {"sign": sign})


def period(text: str, frequency: Frequency) -> int | Fault:
    try:
        return periods.parse(text, frequency)
    except PeriodError as error:
        example = {"quarter": "2025Q3", "month": "2025-09", "year": "2025"}[frequency]
        match error.hint:
            case "serial":
                return Fault("reading.period_serial", {"example": example}, _period_of_day(text, frequency))
            case "date":
                return Fault("reading.period_date", {"example": example}, _period_of_day(text, frequency))
            case _:
                return Fault("reading.period_form", {"example": example})


def _period_of_day(text: str, frequency: Frequency) -> tuple[str, ...]:
    """The period that a day lies in, written year first or as a spreadsheet's number of a day; nothing where the order of day and month is not known."""
    word = widened(text)
    written = re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", word)
    try:
        day = date(*map(int, written.groups())) if written else _FIRST_DAY + timedelta(days=float(word))
    except ValueError:
        return ()
    return (periods.label(periods.current(frequency, day), frequency),)


@dataclass(frozen=True)
class Figures:
    """What the cells of one column of figures may be."""

    unit: str
    smallest: float
    largest: float

    @classmethod
    def of(cls, item: Metric | Parameter) -> Figures:
        if isinstance(item, Metric):
            return cls(item.unit, item.smallest, item.largest)
        return cls(item.unit, item.smallest, float("inf"))

    @property
    def is_yes_no(self) -> bool:
        return self.unit == "yes_no"

    @property
    def may_mix_units(self) -> bool:
        """A share that can never exceed 1 percent is small by nature; everywhere else 0.88 may have meant 88 percent."""
        return self.unit == "percent" and self.largest > 1

    def read(self, text: str) -> float | Fault:
        value = yes_no(text) if self.is_yes_no else number(text, self.unit)
        if isinstance(value, Fault) or self.smallest <= value <= self.largest:
            return value
        if value < 0 and self.smallest == 0:
            return Fault("reading.negative")
        return Fault("reading.out_of_range", {"low": f"{self.smallest:.12g}", "high": f"{self.largest:.12g}"})


@dataclass
class PercentTally:
    """How the cells of one column of percentages are written, to find columns in mixed units (95%, 0.88 and 88 side by side).

    A bare fraction is a cell without % strictly between 0 and 1 (signs aside), such as 0.88: 0.88 percent or 88 percent? A column that has one is refused when
    1. another cell has a %: then the writer marks percentages, and what is a cell without the mark?
    2. other cells exceed 1, but none is 1 or lies between 1 and 10: nothing shows that small percentages occur here (0.88, 88, 95);
       0.5, 0, 1, 99.5, 100 passes, and so does 0.4, 2.5, 8.1, 15;
    3. no cell exceeds 1 and there are three bare fractions or more, in this column or in all such columns of the file together: these are fractions of one.
    And a column with % is refused when its other cells are all 0 or 1 with a 1 among them (95%, 1: one percent, or a hundred?).
    The way out is always the same, and never closed: whoever means 0.88 percent writes 0.88%, and 88% or 88 for 88 percent.
    """

    signed: int = 0
    fractions: int = 0
    ones: int = 0
    low: int = 0
    high: int = 0

    def add(self, value: float, is_signed: bool) -> bool:
        """Counts one cell; True when it is one that may have to be named: a bare fraction or a bare 1."""
        size = abs(value)
        if is_signed:
            self.signed += 1
        elif 0 < size <= 1:
            self.fractions += size < 1
            self.ones += size == 1
            return True
        elif size > 1:
            self.low += size < 10
            self.high += size >= 10
        return False

    @property
    def exceeds_one(self) -> bool:
        return self.signed + self.low + self.high > 0

    @property
    def is_mixed(self) -> bool:
        if self.signed:
            return self.fractions > 0 or (self.ones > 0 and self.low + self.high == 0)
        if self.high and not self.low and not self.ones:
            return self.fractions > 0
        return self.fractions >= 3 and not self.exceeds_one


def mixed_columns(tallies: Mapping[str, PercentTally]) -> list[str]:
    """The columns that must be refused (see PercentTally)."""
    all_fractions = _all_fractions(tallies.values())
    return [name for name, tally in tallies.items() if tally.is_mixed or (all_fractions and tally.fractions)]


def _all_fractions(tallies: Iterable[PercentTally]) -> bool:
    found = list(tallies)
    return sum(tally.fractions for tally in found) >= 3 and not any(tally.exceeds_one for tally in found)
