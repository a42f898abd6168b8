"""When an unmet verdict is a near miss (ADR 3.15): the one rule, for criteria at hand and for long rows of criteria in SQL.

An unmet indicator is near when every criterion that keeps it from being met has come nine tenths of the way, and none lacks data. The worst criterion
decides, not their mean: who has 180 of 350 m² is far from done, whatever else is in order. `Judgement.near_sql` says the same over wide rows.
"""

from __future__ import annotations

from collections.abc import Iterable

NEAR = 0.9
# Nine tenths of a limit may come out as 0.8999999999999999, here and not there: near everywhere or nowhere.
NEAR_ENOUGH = NEAR - 1e-9

# Over the long rows of one indicator of one area (members of a group speak through it): how far the worst criterion has come, 0 where one lacks data.
WORST_SQL = "min(coalesce(attainment, 0)) FILTER (NOT member)"


def worst(attainments: Iterable[float | None]) -> float:
    """How far the worst of an indicator's criteria has come, 0 to 1; None is an attainment that cannot be told and counts as 0. Members of a group left out."""
    return min((attainment or 0.0 for attainment in attainments), default=0.0)


def is_near(status: str, worst_attainment: float) -> bool:
    """Whether a verdict is a near miss, by the attainment of its worst criterion; a single criterion is its own worst."""
    return status == "unmet" and worst_attainment >= NEAR_ENOUGH


def shown(status: str, worst_attainment: float) -> str:
    """The status as it is shown: "near" for the near misses among the unmet."""
    return "near" if is_near(status, worst_attainment) else status
