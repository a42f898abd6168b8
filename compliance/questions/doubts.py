"""Figures that may be right but deserve a second look before they land: the rules with their limits, all here (ADR 10). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from compliance import periods
from compliance.periods import Frequency
from compliance.standard.definitions import Metric

Kind = Literal["early", "far", "jump", "frozen", "full"]
KINDS: tuple[Kind, ...] = ("early", "far", "jump", "frozen", "full")
OF_PERIODS: tuple[Kind, ...] = ("early", "far")
Figures = NDArray[np.float64]

# A share that moves by 30 percentage points between two periods, another figure that triples or falls to a third.
JUMP_POINTS = 30.0
JUMP_FACTOR = 3.0
# From 2 to 7 is everyday life.
SMALLEST_JUMP = 10.0
# The same measured figure this period and the three before.
FROZEN_PERIODS = 4
# Small counts come back every period.
SMALLEST_FROZEN = 10.0
FULL = 100.0
# Shares that come from asking people. Nobody asks everybody, and never is everybody content.
SURVEY_WORDS = ("满意", "知晓", "支持率", "satisf", "aware", "survey")
FULL_AT_LEAST = 2


@dataclass(frozen=True)
class Doubt:
    """One figure, or (metric None) one row, to look at twice. before is the figure of the period before. Of OF_PERIODS: a period, with its first row and how many
    rows are about it (number)."""

    kind: Kind
    file: str
    line: int
    area_id: str
    period: int
    metric: str | None
    before: float | None
    now: float | None
    number: int = 1


@dataclass(frozen=True)
class Rows:
    """Some rows of one file. figures: metric → for this period and the three before an array with a figure a row, NaN where there is none."""

    file: str
    lines: Sequence[int]
    area_ids: Sequence[str]
    periods: Sequence[int]
    figures: dict[str, tuple[Figures, ...]]


def of_period(period: int, known: AbstractSet[int], current: int, frequency: Frequency) -> Kind | None:
    """What is odd about a period as such. known: those that others have reported; current: the one that today lies in."""
    if period > current:
        return "early"
    return "far" if known and min(abs(period - other) for other in known) > periods.PER_YEAR[frequency] else None


def jumps(rows: Rows, metric: Metric) -> Iterator[Doubt]:
    """Figures far from those of the period before. A yes or no may change."""
    if metric.unit == "yes_no":
        return
    now, before = rows.figures[metric.id][:2]
    difference = np.abs(now - before)
    if metric.unit == "percent" and metric.largest <= FULL:
        is_far = difference >= JUMP_POINTS
    else:
        high, low = np.fmax(np.abs(now), np.abs(before)), np.fmin(np.abs(now), np.abs(before))
        # Never divided: a figure that was 0 has no factor. NaN compares as false.
        is_far = (difference >= SMALLEST_JUMP) & (high >= JUMP_FACTOR * low)
    for place in np.flatnonzero(is_far):
        yield _of_cell("jump", rows, metric, int(place))


def frozen(rows: Rows, metric: Metric) -> Iterator[Doubt]:
    """The same figure for the fourth time, of a metric that moves by nature and stands at no end of its range."""
    if not may_move(metric):
        return
    series = rows.figures[metric.id]
    is_inside = (np.abs(series[0]) >= SMALLEST_FROZEN) & (series[0] != metric.largest)
    for row in np.flatnonzero(is_inside & np.logical_and.reduce([series[0] == earlier for earlier in series[1:]])):
        yield _of_cell("frozen", rows, metric, int(row))


def full(rows: Rows, metrics: Sequence[Metric]) -> Iterator[Doubt]:
    """Areas that report 100 % in every survey of the file, two or more."""
    surveys = [rows.figures[metric.id][0] for metric in metrics if is_survey(metric)]
    if len(surveys) < FULL_AT_LEAST:
        return
    answers = np.vstack(surveys)
    given = ~np.isnan(answers)
    is_full = (given.sum(axis=0) >= FULL_AT_LEAST) & ((answers == FULL) | ~given).all(axis=0)
    for row in map(int, np.flatnonzero(is_full)):
        yield Doubt("full", rows.file, rows.lines[row], rows.area_ids[row], rows.periods[row], None, None, FULL, int(given[:, row].sum()))


def may_move(metric: Metric) -> bool:
    """What is counted anew every period or asked of people. A stock, such as households or green space, may well stay as it is."""
    return metric.unit != "yes_no" and (metric.kind == "flow" or is_survey(metric))


def is_survey(metric: Metric) -> bool:
    titles = f"{metric.title.zh} {metric.title.en}".casefold()
    return metric.unit == "percent" and any(word in titles for word in SURVEY_WORDS)


def _of_cell(kind: Kind, rows: Rows, metric: Metric, row: int) -> Doubt:
    now, before = rows.figures[metric.id][:2]
    return Doubt(kind, rows.file, rows.lines[row], rows.area_ids[row], rows.periods[row], metric.id, float(before[row]), float(now[row]))
