"""What the indicator page asks: one indicator, its criteria, and how every area stands on it. Knows no database and no screen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compliance.questions import gap_queries, passing_queries, queries
from compliance.questions.passing_queries import History, Standings
from compliance.questions.queries import Areas
from compliance.standard.definitions import Criterion, Indicator, Level, Standard

Ask = Callable[..., Any]  # Page.ask: a question and its arguments → the answer


def most_missed(ask: Ask, standard: Standard, period: int, kept: Callable[[str], Areas], among: Collection[str]) -> str | None:
    """Of some indicators the one that most areas miss, those of the lowest level first: to be looked at where none is asked for. None: none is missed.

    kept: level → the areas that the filters keep."""
    missed = (code for level in standard.judged_levels for code in ask(queries.most_missed, standard, level, period, kept(level))["indicator"])
    return next((code for code in missed if code in among), None)


@dataclass(frozen=True)
class Asked:
    """One indicator in a period. areas: those of its level that the filters keep."""

    ask: Ask
    standard: Standard
    code: str
    period: int
    areas: Areas

    @property
    def indicator(self) -> Indicator:
        return self.standard.indicator_by_code[self.code]

    @property
    def level(self) -> Level:
        return self.standard.level_by_id[self.indicator.level]

    def clauses(self) -> pd.DataFrame:
        """How many areas meet each criterion: the rows of passing_queries.clause_counts."""
        rows: pd.DataFrame = self.ask(passing_queries.clause_counts, self.standard, self.level.id, self.period, self.code, self.areas)
        return rows

    def criterion(self, id_: str) -> Criterion:
        return next(each for each, _ in self.indicator.leaves() if each.id == id_)

    def standings(self, criterion: str) -> Standings:
        found: Standings = self.ask(passing_queries.standings, self.standard, self.level.id, self.period, self.code, criterion, self.areas)
        return found

    def history(self) -> History:
        found: History = self.ask(passing_queries.history, self.standard, self.level.id, self.code, self.areas)
        return found

    def since(self) -> dict[str, tuple[int, bool]]:
        """Area → the period since which it has missed it, and whether that is known to be the first."""
        found = self.ask(gap_queries.unmet_since, self.standard, self.level.id, self.period, (self.code,), self.areas)
        return {area: start for (area, _), start in found.items()}

    def near(self, area_ids: Sequence[str]) -> frozenset[tuple[str, int]]:
        """When these areas nearly met it: (area, period)."""
        found: frozenset[tuple[str, int]] = self.ask(passing_queries.near_over_time, self.standard, self.level.id, self.code, tuple(area_ids))
        return found
