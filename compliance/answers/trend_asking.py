"""What got worse, from its questions. ask: how a page asks, so that answers are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compliance.answers import trend_views
from compliance.questions import queries, trend_queries
from compliance.questions.queries import Areas
from compliance.questions.trend_queries import Figures, Moves, Sinking, Turns
from compliance.standard.definitions import Standard

MOST_MOVERS, MOST_LISTED, MOST_SINKING = 10, 100, 15


@dataclass(frozen=True)
class Worse:
    """lost: verdicts that are no longer met; sinking: domains that lost two periods in a row, and how many there are; again: indicators that lost then and
    now; turned, tallies: rows by indicator; figures: what stands behind the verdicts
    that are shown at length."""

    lost: Moves
    sinking: tuple[Sinking, ...]
    sinking_all: int
    again: tuple[str, ...]
    turned: pd.DataFrame
    tallies: pd.DataFrame
    figures: Figures


def worse(ask: Callable[..., Any], standard: Standard, level: str, period: int, domain: str | None, areas: Areas, turns: Turns, turned: pd.DataFrame) -> Worse:
    lost = turns.moves("regressed", domain, MOST_LISTED)
    number, sinking = ask(trend_queries.sinking, standard, level, period, domain, areas, MOST_SINKING)
    fell = trend_views.turned(standard, domain, ask(trend_queries.turns, standard, level, period - 1, areas).by_indicator(), period - 1)
    tallies = ask(queries.compliance_by_indicator, standard, level, period, areas)
    named = (*lost.most[:MOST_MOVERS], *sinking)
    codes = tuple(sorted({code for each in named for code in each.codes[: trend_views.MOST_CODES]}))
    figures = ask(trend_queries.figures, standard, level, period, codes, frozenset(each.area_id for each in named)) if codes else {}
    return Worse(lost, tuple(sinking), number, tuple(trend_views.worsening(turned, fell)), turned, tallies, figures)
