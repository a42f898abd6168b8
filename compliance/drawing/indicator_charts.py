"""How the figures of one criterion are spread, with its limit drawn in: rows and words → a Plotly figure as a dict. Pure.

Few areas are dots, each a link to its area; many are bars. A limit that differs from area to area stands at 0 and the figures are distances to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from compliance.answers import phrases
from compliance.drawing.plotting import escaped
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, UNMET
from compliance.questions.passing_queries import Standings
from compliance.standard.definitions import AtMost, Between, Criterion, Is, Standard, limits_of
from compliance.standard.formula import constant
from compliance.texts import Words

BINS = 28
TALLEST_DOTS, MOST_DOTS = 16, 160
NAMES_ON_HOVER = 6
WHOLE_UNITS = frozenset({"count", "people", "households", "times", "days", "months", "years"})
SUFFIXES = {"percent": "%", "permille": "‰"}
DECIDED = (MET, NEARLY, UNMET)
# status → its word, the palette's name of its colour, sign of a dot, hatching of a bar: colour never stands alone
LOOKS = {
    MET: ("met", "bar-met", "circle", ""),
    NEARLY: ("near", "near", "triangle-up", "."),
    UNMET: ("unmet", "bar-unmet", "x", "/"),
    NO_DATA: ("no_data", "bar-unknown", "circle-open", "."),
    NOT_APPLICABLE: ("not_applicable", "bar-unknown", "line-ew", ""),
}
Colours = Mapping[str, str]


@dataclass(frozen=True)
class Spread:
    """The figures of the areas that could be judged, ready to draw: bin of each area, middles of the bins, the limits on the same axis."""

    rows: np.ndarray
    figures: np.ndarray
    bins: np.ndarray
    step: float
    first: float
    limits: tuple[float, ...]
    is_distance: bool

    def middle(self, place: int) -> float:
        return self.first + (place + 0.5) * self.step


def spread(standard: Standard, criterion: Criterion, standings: Standings) -> Spread | None:
    """None where no area has a figure that was judged."""
    constants = tuple(constant(limit) for limit in limits_of(criterion.test))
    is_distance = None in constants
    known = np.isin(standings.clause_statuses, DECIDED) & np.isfinite(standings.values)
    figures = standings.values
    if is_distance:
        known &= np.isfinite(standings.thresholds)
        figures = standings.values - standings.thresholds
    rows = np.flatnonzero(known)
    if not len(rows):
        return None
    limits = (0.0,) if is_distance else tuple(limit for limit in constants if limit is not None)
    chosen = figures[rows]
    low, high = min(float(chosen.min()), *limits, *limits), max(float(chosen.max()), *limits, *limits)
    is_whole = phrases.unit(standard, criterion.value) in WHOLE_UNITS and bool((np.mod(chosen, 1) == 0).all())
    step = _step(low, high, is_whole)
    anchor = _anchor(criterion, limits, step, is_whole)
    places = (chosen - anchor) / step
    # The edge at the limit belongs to the side that meets it. 1e-6 of a step swallows the noise of the division.
    bins = np.ceil(places - 1e-6) - 1 if isinstance(criterion.test, AtMost) else np.floor(places + 1e-6)
    lowest = bins.min()
    return Spread(rows, chosen, (bins - lowest).astype(int), step, anchor + float(lowest) * step, limits, is_distance)


def _anchor(criterion: Criterion, limits: tuple[float, ...], step: float, is_whole: bool) -> float:
    """Where an edge between two bins must lie: at the limit, or beside it where the figures are whole and each has a bin of its own."""
    if not (is_whole and step == 1):
        return limits[0]
    return math.floor(limits[0]) + 0.5 if isinstance(criterion.test, AtMost) else math.ceil(limits[0]) - 0.5


def _step(low: float, high: float, is_whole: bool) -> float:
    rough = (high - low) / BINS
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    nice = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return max(1.0, math.ceil(nice)) if is_whole else nice


def distribution(words: Words, colours: Colours, standard: Standard, criterion: Criterion, standings: Standings) -> dict[str, Any] | None:
    """The figure of one criterion; None where there is nothing to draw."""
    if isinstance(criterion.test, Is):
        return yes_no(words, colours, criterion, standings)
    found = spread(standard, criterion, standings)
    if found is None:
        return None
    tallest = int(np.bincount(found.bins).max())
    is_dots = tallest <= TALLEST_DOTS and len(found.rows) <= MOST_DOTS
    draw = _dots if is_dots else _bars
    traces = [
        draw(words, colours, standard, criterion, standings, found, status) for status in DECIDED if (standings.clause_statuses[found.rows] == status).any()
    ]
    return {"data": traces, "layout": _layout(words, colours, standard, criterion, found, tallest, is_dots)}


def picture_kind(figure: Mapping[str, Any]) -> str:
    """What a figure shows, for the word beside it: dots, bars or answers."""
    trace = figure["data"][0]
    return "dots" if trace["type"] == "scatter" else "answers" if trace.get("orientation") == "h" else "bars"


def _dots(words: Words, colours: Colours, standard: Standard, criterion: Criterion, standings: Standings, found: Spread, status: int) -> dict[str, Any]:
    """A dot an area, stacked where figures are alike; met ones at the bottom of a stack."""
    unit = phrases.unit(standard, criterion.value)
    order = np.lexsort((standings.clause_statuses[found.rows], found.bins))
    heights: dict[int, int] = {}
    x, y, texts, custom = [], [], [], []
    for place in order:
        row, bin_ = int(found.rows[place]), int(found.bins[place])
        heights[bin_] = heights.get(bin_, 0) + 1
        if standings.clause_statuses[row] == status:
            x.append(_clean(found.middle(bin_)))
            y.append(heights[bin_])
            texts.append(_spoken(words, standard, criterion, standings, row, unit))
            custom.append(["community", {"area": standings.area_ids[row]}])
    word, colour, symbol, _ = LOOKS[status]
    marker = {"color": colours[colour], "symbol": symbol, "size": 11, "line": {"width": 0}}
    return {
        "type": "scatter", "mode": "markers", "name": words(f"app.status.{word}"), "x": x, "y": y, "text": texts, "customdata": custom,
        "hovertemplate": "%{text}<extra></extra>", "marker": marker,
    }  # fmt: skip


def _bars(words: Words, colours: Colours, standard: Standard, criterion: Criterion, standings: Standings, found: Spread, status: int) -> dict[str, Any]:
    """How many areas lie in each bin; hovering names a few of them."""
    unit = phrases.unit(standard, criterion.value)
    word, colour, _, hatching = LOOKS[status]
    name = words(f"app.status.{word}")
    of_status = standings.clause_statuses[found.rows] == status
    x, y, texts = [], [], []
    for bin_ in np.unique(found.bins[of_status]):
        rows = found.rows[of_status & (found.bins == bin_)]
        x.append(_clean(found.middle(int(bin_))))
        y.append(len(rows))
        names = words("app.list").join(escaped(standings.names[row]) for row in rows[:NAMES_ON_HOVER])
        more = words("passing.and_more", names=names, n=len(rows)) if len(rows) > NAMES_ON_HOVER else names
        texts.append(f"{_interval(words, found, int(bin_), unit)}<br>{name} {len(rows)}<br>{more}")
    marker = {"color": colours[colour], "pattern": _hatched(colours, hatching)}
    return {
        "type": "bar", "name": name, "x": x, "y": y, "width": found.step * 0.92, "hovertext": texts, "hoverinfo": "text", "textposition": "none", "marker": marker,
    }  # fmt: skip


def _interval(words: Words, found: Spread, bin_: int, unit: str) -> str:
    """What a bar stands for: 84–86%, or one whole number."""
    low = found.first + bin_ * found.step
    figures = found.figures[found.bins == bin_]
    if float(figures.min()) == float(figures.max()):
        return phrases.amount(words, float(figures[0]), unit)
    return f"{words.number(_clean(low))} – {phrases.amount(words, _clean(low + found.step), unit)}"


def _spoken(words: Words, standard: Standard, criterion: Criterion, standings: Standings, row: int, unit: str) -> str:
    """Name, figure, limit and gap of one area, on hover."""
    value, threshold, gap = (float(column[row]) for column in (standings.values, standings.thresholds, standings.gaps))
    lines = [f"<b>{escaped(standings.names[row])}</b>", phrases.amount(words, value, unit, threshold)]
    lines.append(escaped(phrases.limit(words, standard, criterion, threshold)))
    if gap > 0:
        lines.append(phrases.gap(words, standard, criterion, value, gap))
    return "<br>".join(lines)


def _layout(words: Words, colours: Colours, standard: Standard, criterion: Criterion, found: Spread, tallest: int, is_dots: bool) -> dict[str, Any]:
    unit = phrases.unit(standard, criterion.value)
    title = escaped(phrases.clause_title(words, standard, criterion))
    axis = words("passing.axis_distance", title=title) if found.is_distance else title
    last = found.first + (int(found.bins.max()) + 1) * found.step
    ends = (min(found.first, *found.limits, *found.limits), max(last, *found.limits, *found.limits))
    room = 0.04 * (ends[1] - ends[0])
    edges = [_edge(limit, found, criterion, place) for place, limit in enumerate(found.limits)]
    return {
        "barmode": "stack", "bargap": 0.04, "showlegend": True,
        "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1.16, "xanchor": "left", "yanchor": "bottom"},
        "margin": {"l": 44, "r": 12, "t": 66, "b": 46}, "hovermode": "closest", "dragmode": False,
        "xaxis": {"title": {"text": axis}, "ticksuffix": SUFFIXES.get(unit, ""), "range": [ends[0] - room, ends[1] + room], "showgrid": False, "zeroline": False, "fixedrange": True},
        "yaxis": {
            "title": {"text": words("passing.axis_areas")}, "range": [0, (max(tallest, 4) + 1) if is_dots else tallest * 1.08], "gridcolor": colours["line"], "zeroline": False,
            "fixedrange": True, "rangemode": "tozero", "tickformat": ",d", **({"dtick": 1} if tallest < 5 else {}),
        },
        "shapes": [{"type": "line", "x0": edge, "x1": edge, "yref": "paper", "y0": 0, "y1": 1.04, "line": {"color": colours["muted"], "width": 2, "dash": "dash"}} for edge in edges],
        "annotations": [_limit_label(words, standard, criterion, edge, place, ends) for place, edge in enumerate(edges)],
    }  # fmt: skip


def _edge(limit: float, found: Spread, criterion: Criterion, place: int) -> float:
    """Where the line of a limit is drawn: between the last column that meets it and the first that does not."""
    offset = (limit - found.first) / found.step
    if abs(offset - round(offset)) < 1e-6:
        return _clean(limit)
    is_upper = isinstance(criterion.test, AtMost) or (isinstance(criterion.test, Between) and place == 1)
    return _clean(found.first + (math.ceil(offset) if is_upper else math.floor(offset)) * found.step) if found.step == 1 else _clean(limit)


def _limit_label(words: Words, standard: Standard, criterion: Criterion, edge: float, place: int, ends: tuple[float, float]) -> dict[str, Any]:
    """What the line says, towards the side that meets the limit as long as there is room."""
    test, unit = criterion.test, phrases.unit(standard, criterion.value)
    if isinstance(test, Between) and len(limits := [constant(limit) for limit in limits_of(test)]) == 2 and None not in limits:
        text = f"{'≥≤'[place]} {phrases.amount(words, limits[place], unit)}"
    else:
        text = escaped(phrases.limit(words, standard, criterion, None))
    is_right = (edge - ends[0]) / ((ends[1] - ends[0]) or 1) > 0.6
    return {
        "x": edge, "y": 1.04, "yref": "paper", "yanchor": "bottom", "xanchor": "right" if is_right else "left", "showarrow": False,
        "text": words("passing.limit_line", limit=text), "font": {"size": 13},
    }  # fmt: skip


def yes_no(words: Words, colours: Colours, criterion: Criterion, standings: Standings) -> dict[str, Any]:
    """How many do and do not, and of how many it is not known: a bar each, the number beside it."""
    wants_yes = isinstance(criterion.test, Is) and criterion.test.yes
    counts = {status: int((standings.clause_statuses == status).sum()) for status in (MET, UNMET, NO_DATA, NOT_APPLICABLE)}
    counts[UNMET] += int((standings.clause_statuses == NEARLY).sum())
    labels = {MET: words("app.yes" if wants_yes else "app.no"), UNMET: words("app.no" if wants_yes else "app.yes")}
    labels |= {NO_DATA: words("app.status.no_data"), NOT_APPLICABLE: words("app.status.not_applicable")}
    shown = [status for status, number in counts.items() if number or status in (MET, UNMET)]
    names = [labels[status] if status > UNMET else words("passing.answer", a=labels[status], s=words(f"app.status.{LOOKS[status][0]}")) for status in shown]
    numbers = [counts[status] for status in shown]
    trace = {
        "type": "bar", "orientation": "h", "y": names, "x": numbers, "text": [str(number) for number in numbers], "textposition": "outside", "cliponaxis": False,
        "hoverinfo": "none",
        "marker": {"color": [colours[LOOKS[status][1]] for status in shown], "pattern": _hatched(colours, [LOOKS[status][3] for status in shown])},
    }  # fmt: skip
    return {
        "data": [trace],
        "layout": {
            "showlegend": False, "margin": {"l": 8, "r": 40, "t": 8, "b": 40}, "bargap": 0.35, "dragmode": False, "height": 90 + 38 * len(shown),
            "xaxis": {"title": {"text": words("passing.axis_areas")}, "gridcolor": colours["line"], "fixedrange": True, "rangemode": "tozero", "tickformat": ",d"},
            "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True},
        },
    }  # fmt: skip


def _hatched(colours: Colours, shape: str | list[str]) -> dict[str, Any]:
    """Thin lines over a full colour: it stays as strong as the plain ones."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": colours["paper"], "fgopacity": 0.55, "size": 6, "solidity": 0.18}


def _clean(figure: float) -> float:
    """Without the noise of adding steps: 88.6, not 88.60000000000001."""
    return float(f"{figure:.10g}")
