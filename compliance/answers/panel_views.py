"""Everything the panel of one cell tells: an indicator of an area now, over the last periods, and where its figures were read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from compliance import periods
from compliance.answers.explaining import Finding
from compliance.answers.origins import Written
from compliance.engine import near_misses
from compliance.questions.queries import Area, figure_of, records
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Indicator, Is, Standard
from compliance.standard.formula import Number

PERIODS_SHOWN = 8


@dataclass(frozen=True)
class Moment:
    """A criterion, or the whole indicator, in one period. lows and highs: the limits as they were then."""

    period: int
    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    attainment: float | None = None


@dataclass(frozen=True)
class Cell:
    """What the panel is about. written: its figures as they are in their files."""

    standard: Standard
    area: Area
    indicator: Indicator
    finding: Finding
    period: int
    whole: tuple[Moment, ...]
    moments: Mapping[str, tuple[Moment, ...]]
    written: Written

    def label(self, period: int) -> str:
        return periods.label(period, self.standard.frequency)


def first_period(known: Sequence[int], period: int) -> int:
    """Where the last eight periods begin, not before there was any data."""
    return max(period - PERIODS_SHOWN + 1, min(known, default=period))


def moments(indicator: Indicator, rows: pd.DataFrame) -> dict[str, tuple[Moment, ...]]:
    """Criterion → how it stood period by period, from the rows of heat_queries.criteria_over_time."""
    criteria: dict[str, Criterion | AnyOf] = {}
    for leaf, group in indicator.leaves():
        criteria |= {leaf.id: leaf} | ({group.id: group} if group else {})
    found: dict[str, list[Moment]] = {id_: [] for id_ in criteria}
    for row in records(rows):
        found[row["criterion"]].append(_moment(criteria[row["criterion"]], row))
    return {id_: tuple(each) for id_, each in found.items()}


def _moment(criterion: Criterion | AnyOf, row: Mapping[str, object]) -> Moment:
    value, threshold, attainment = (figure_of(row[name]) for name in ("value", "threshold", "attainment"))
    status = near_misses.shown(str(row["status"]), attainment or 0.0)
    low, high = (None, None) if isinstance(criterion, AnyOf) else _ends(criterion, threshold)
    return Moment(int(str(row["period"])), status, value, low, high, attainment)


def _ends(criterion: Criterion, threshold: float | None) -> tuple[float | None, float | None]:
    """The limits to draw; a formula's is what it came to."""
    match criterion.test:
        case AtLeast():
            return threshold, None
        case AtMost():
            return None, threshold
        case Between(low, high):
            return (low.value if isinstance(low, Number) else None), (high.value if isinstance(high, Number) else None)
        case Is():
            return None, None


def whole(indicator: Indicator, each: Mapping[str, Sequence[Moment]]) -> tuple[Moment, ...]:
    """The indicator itself, period by period, by the rule of DESIGN §4.3: one unmet decides, then one unknown."""
    lines = [each[criterion.id] for criterion in indicator.criteria]
    return tuple(Moment(together[0].period, _verdict(together)) for together in zip(*lines, strict=True))


def _verdict(together: Sequence[Moment]) -> str:
    statuses = {moment.status for moment in together}
    if "not_applicable" in statuses:
        return "not_applicable"
    if statuses & {"unmet", "near"}:
        return near_misses.shown("unmet", near_misses.worst(moment.attainment for moment in together))
    return "no_data" if "no_data" in statuses else "met"
