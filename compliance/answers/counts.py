"""Verdicts counted, and when a rate of them means something. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compliance.engine.judging import LARGEST_UNKNOWN_SHARE
from compliance.questions.queries import records
from compliance.questions.verdicts import Shift
from compliance.texts import Words

PARTS = ("met", "unmet", "no_data", "not_applicable")
# Of fewer areas than this, what most of them miss may still be the matter of each.
FEWEST_FOR_COMMON = 10


def lacks_too_much(no_data: Any, judged: Any) -> Any:
    """Whether so much data is missing that a rate would mislead: 0 of 1 with 8 unknown is not 0 % (DESIGN §4.4). Of two numbers, or of arrays of them."""
    return no_data > LARGEST_UNKNOWN_SHARE * (judged + no_data)


@dataclass(frozen=True)
class Counts:
    """Verdicts counted: the parts that every rate is shown with."""

    met: int
    unmet: int
    no_data: int
    not_applicable: int

    @property
    def judged(self) -> int:
        return self.met + self.unmet

    @property
    def met_of_judged(self) -> str:
        """4,503/6,433: the two numbers behind a rate."""
        return f"{self.met:,}/{self.judged:,}"

    @property
    def rate(self) -> float | None:
        """Met of judged; None when nothing could be judged, which is not 0 %. To be shown with its parts; what compares or ranks takes `comparable`."""
        return self.met / self.judged if self.judged else None

    @property
    def is_unsure(self) -> bool:
        return bool(lacks_too_much(self.no_data, self.judged))

    @property
    def comparable(self) -> float | None:
        """The rate where it may be held against another; None when nothing could be judged, or too little for a rate."""
        return None if self.is_unsure else self.rate

    @property
    def known_share(self) -> float | None:
        """How much of what applies could be judged; None where nothing applies."""
        return self.judged / (self.judged + self.no_data) if self.judged + self.no_data else None

    @property
    def missing_share(self) -> float | None:
        return self.no_data / (self.judged + self.no_data) if self.judged + self.no_data else None

    @property
    def is_earned(self) -> bool:
        return self.met > 0 and self.unmet == 0 and self.no_data == 0

    @property
    def is_common(self) -> bool:
        """Missed by more than half of enough areas: a problem of policy rather than of one area."""
        return self.judged >= FEWEST_FOR_COMMON and not self.is_unsure and 2 * self.unmet > self.judged

    @classmethod
    def of(cls, row: dict[str, Any]) -> Counts:
        return cls(*(int(row[name]) for name in PARTS))

    def parts(self, words: Words) -> str:
        """62/71 · 缺18 · 不适用14"""
        return words("app.parts", **{name: f"{getattr(self, name):,}" for name in ("met", "judged", "no_data", "not_applicable")})

    def rate_parts(self, words: Words) -> str:
        """The rate with its parts; where too little is known for a rate, that it is so."""
        if self.is_unsure and self.judged:
            return words("community.too_little_parts", parts=self.parts(words))
        return words("community.rate_parts", rate=words.percent(self.rate), parts=self.parts(words))


def total(each: Iterable[Counts]) -> Counts:
    """Several counts as one: their sums, since a domain of 30 indicators weighs more than one of 3."""
    listed = list(each)
    return Counts(*(sum(getattr(counts, name) for counts in listed) for name in PARTS))


def risen(shift: Shift | None) -> float | None:
    """By how much the rate of what was judged both times rose (a fraction): missing data make nothing better or worse. None where too little was."""
    if shift is None or not shift.compared or lacks_too_much(shift.untold, shift.compared):
        return None
    return (shift.won - shift.lost) / shift.compared


def of_domains(rows: pd.DataFrame) -> dict[str, Counts]:
    """Domain id → counts, from rows with a column `domain`; "" stands for all of them together."""
    return {str(row["domain"]): Counts.of(row) for row in records(rows)}


def whole(rows: pd.DataFrame | None) -> Counts | None:
    """All rows as one; None where there are none to ask for."""
    return None if rows is None else total(map(Counts.of, records(rows)))
