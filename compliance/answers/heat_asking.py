"""What the heatmap page asks: the matrix to show, and everything about one cell. Puts questions and answers together; knows no database and no screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from compliance.answers import area_asking, explaining, heat_views, origins, panel_views
from compliance.answers.heat_views import DOMAINS, Down, Matrix
from compliance.answers.origins import Original
from compliance.answers.panel_views import Cell
from compliance.questions import heat_queries, indicator_queries, owed_queries, queries
from compliance.questions.filters import Filters
from compliance.questions.heat_queries import Rates
from compliance.questions.queries import Area, Areas
from compliance.standard.definitions import Indicator, Standard
from compliance.texts import Words

# Asking who owes what takes a second for thousands of areas.
MOST_NOTED = 300
Ask = Callable[..., Any]  # Page.ask: a question and its arguments → the answer


def matrix(ask: Ask, words: Words, standard: Standard, down: Down, view: str, owner: str, period: int, kept: Areas, filters: Filters) -> Matrix:
    """Areas (or their sums) × domains, or × the indicators of one domain. kept: which areas of the level the filters keep."""
    if view == DOMAINS:
        groups = heat_views.domain_groups(standard, down.level, owner)
        columns = heat_views.domain_columns(words, standard, groups)
        found = heat_views.of_rates(_rates(ask, standard, down, period, tuple(groups.values()), kept), columns)
    else:
        indicators = heat_views.owned(standard.domain_by_id[view].at(down.level), owner)
        codes = explaining.codes(indicators)
        if down.upper is None:
            found = heat_views.of_statuses(words, standard, ask(indicator_queries.status_matrix, standard, down.level, period, codes))
            found = replace(found, notes=_notes(ask, words, standard, down.level, period, codes, kept, len(kept or found.ids)))
        else:
            columns, groups_of_one = heat_views.indicator_columns(words, standard, indicators), tuple((code,) for code in codes)
            found = heat_views.of_rates(_rates(ask, standard, down, period, groups_of_one, kept), columns)
    if down.upper is None:
        return found.only(kept)
    of_parents = down.upper == standard.level_by_id[standard.judged_levels[0]].parent
    return found.only((filters.parent,) if filters.parent is not None and of_parents else None)


def _notes(ask: Ask, words: Words, standard: Standard, level: str, period: int, codes: tuple[str, ...], kept: Areas, areas: int) -> dict[tuple[str, str], str]:
    """Why a cell has no verdict: who owes which figure, or the reason of the exemption. Of very many areas the panel alone tells."""
    reasons = {pair: words("heatmap.exempt", reason=reason) for pair, reason in ask(heat_queries.exemptions, level, period).items() if pair[1] in codes}
    if areas > MOST_NOTED or not codes:
        return reasons
    owed = ask(owed_queries.owed, standard, level, period, codes, kept)
    return reasons | {(each.area_id, each.code): heat_views.owed_words(words, standard, each.code, each.figures, period) for each in owed}


def _rates(ask: Ask, standard: Standard, down: Down, period: int, groups: tuple[tuple[str, ...], ...], kept: frozenset[str] | None) -> Rates:
    if down.upper is None:
        rates: Rates = ask(heat_queries.rates_of_areas, standard, down.level, period, groups)
        return rates
    summed: Rates = ask(heat_queries.rates_of_parents, standard, down.level, period, groups, sorted(kept) if kept is not None else None)
    return summed


def cell(ask: Ask, original: Original, standard: Standard, area: Area, indicator: Indicator, period: int) -> Cell:
    """One indicator of one area: its verdict, its last periods, and the raw text of every figure."""
    asked = area_asking.Asked(ask, standard, area, period)
    first = panel_views.first_period(ask(queries.all_periods), period)
    over_time = ask(heat_queries.criteria_over_time, standard, area.level, area.id, first, period, indicator.code)
    finding = asked.findings((indicator,), asked.sources((indicator,)), over_time[over_time["period"] == period])[0]
    moments = panel_views.moments(indicator, over_time)
    read = origins.written(original, standard, finding)
    return Cell(standard, area, indicator, finding, period, panel_views.whole(indicator, moments), moments, read)
