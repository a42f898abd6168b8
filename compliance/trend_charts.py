"""Compliance over time as small multiples: one panel a series, all on one scale. Counts and words → a Plotly figure as a dict. Pure.

A rate is drawn only where enough could be decided; below each line stands how much that was.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance import phrases
from compliance.definitions import Standard
from compliance.judging import LARGEST_UNKNOWN_SHARE
from compliance.texts import Words
from compliance.views import Counts

PANEL_HEIGHT, BOTTOM = 186, 12
MOST_PANELS = 24
# Of a panel's height, from the bottom: names of periods, what was decided, the line, the title.
STRIP, LINE = (0.135, 0.19), (0.225, 0.72)
GUTTER = 0.05
LONGEST_TITLE = {"zh": 13, "en": 25}
Colours = Mapping[str, str]


@dataclass(frozen=True)
class Series:
    """What one panel shows: counts of each period (None: nothing was judged), and the page behind a point, which gets the period too."""

    id: str
    title: str
    counts: tuple[Counts | None, ...]
    goal: tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Span:
    """The periods of a chart without a hole, as ordinals and as they are written, and the place of the one the page is about."""

    ordinals: tuple[int, ...]
    labels: tuple[str, ...]
    shown: int


def decided(counts: Counts | None) -> float | None:
    """The share of the applicable verdicts that are known."""
    if counts is None or not counts.judged + counts.no_data:
        return None
    return counts.judged / (counts.judged + counts.no_data)


def drawn(counts: Counts | None) -> float | None:
    """The rate, where so much is decided that it means something."""
    share = decided(counts)
    return counts.rate if counts is not None and share is not None and share >= 1 - LARGEST_UNKNOWN_SHARE else None


def change(series: Series, place: int) -> float | None:
    """How much the rate moved since the period before; None where one of the two is not told."""
    now, before = drawn(series.counts[place]), drawn(series.counts[place - 1]) if place else None
    return None if now is None or before is None else now - before


def panels(words: Words, colours: Colours, standard: Standard, span: Span, shown: Sequence[Series], reference: Series | None = None) -> dict[str, Any]:
    """Two panels abreast (they must bear a phone's width); reference: a line drawn faintly into each."""
    abreast = min(2, len(shown))
    rows = math.ceil(len(shown) / abreast)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "height": PANEL_HEIGHT * rows + BOTTOM, "margin": {"l": 38, "r": 8, "t": 4, "b": BOTTOM}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False, "hovermode": "closest", "dragmode": False, "annotations": [], "shapes": [], "font": {"size": 12},
    }  # fmt: skip
    lowest, highest = _scale([*shown, *([reference] if reference else [])])
    for place, series in enumerate(shown):
        row, column = divmod(place, abreast)
        left = column * (1 + GUTTER) / abreast
        across = (left, left + (1 - GUTTER * (abreast - 1)) / abreast)
        down = (1 - (row + 1) / rows, 1 - row / rows)
        names = (str(2 * place + 1), str(2 * place + 2))
        data += _traces(words, colours, standard, span, series, reference, names)
        layout |= _axes(colours, span, names, across, down, (lowest, highest), is_left=column == 0)
        layout["annotations"].append(_title(words, colours, series, span.shown, across[0], _at(down, 0.99)))
        layout["shapes"].append(_now(colours, span, names, down))
    return {"data": data, "layout": layout}


def _scale(every: Sequence[Series]) -> tuple[float, float]:
    """One scale for all panels, in whole tens of percent."""
    rates = [rate for series in every for counts in series.counts if (rate := drawn(counts)) is not None] or [0.0, 1.0]
    low, high = math.floor(10 * min(rates)) / 10, math.ceil(10 * max(rates)) / 10
    return (max(0.0, low - 0.1), min(1.0, high + 0.1)) if high - low < 0.2 else (low, high)


def _at(down: tuple[float, float], part: float) -> float:
    return down[0] + part * (down[1] - down[0])


def _traces(
    words: Words, colours: Colours, standard: Standard, span: Span, series: Series, reference: Series | None, names: tuple[str, str]
) -> list[dict[str, Any]]:
    x, axes = list(range(len(span.ordinals))), {"xaxis": f"x{names[0]}", "yaxis": f"y{names[0]}"}
    hover = [_hover(words, standard, series, ordinal, counts) for ordinal, counts in zip(span.ordinals, series.counts, strict=True)]
    customdata = [[series.goal[0], {**series.goal[1], "period": label}] for label in span.labels]
    line = {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": [drawn(counts) for counts in series.counts], "connectgaps": False, **axes,
        "line": {"color": colours["accent"], "width": 2}, "customdata": customdata, "hoverinfo": "text", "hovertext": hover, "cliponaxis": False,
        "marker": {"color": colours["accent"], "size": [9 if place == span.shown else 5 for place in x]},
    }  # fmt: skip
    faint = {
        "type": "scatter", "mode": "lines", "x": x, "y": [drawn(counts) for counts in reference.counts], "connectgaps": False, **axes,
        "line": {"color": colours["muted"], "width": 1, "dash": "dot"}, "hoverinfo": "skip",
    } if reference else None  # fmt: skip
    shares = [decided(counts) for counts in series.counts]
    enough = [share is not None and share >= 1 - LARGEST_UNKNOWN_SHARE for share in shares]
    strip = {
        "type": "bar", "x": x, "y": shares, "xaxis": f"x{names[0]}", "yaxis": f"y{names[1]}", "hoverinfo": "text", "hovertext": hover, "customdata": customdata,
        "width": 0.7,
        "marker": {
            "color": [colours["bar-unknown" if each else "near"] for each in enough], "line": {"width": 0},
            "pattern": {"shape": ["" if each else "/" for each in enough], "size": 4, "solidity": 0.4, "fgcolor": colours["paper"]},
        },
    }  # fmt: skip
    return [*([faint] if faint else []), strip, line]


def _axes(
    colours: Colours, span: Span, names: tuple[str, str], across: tuple[float, float], down: tuple[float, float], scale: tuple[float, float], *, is_left: bool
) -> dict[str, Any]:
    fixed = {"fixedrange": True, "zeroline": False, "ticks": "", "showline": False}
    ends = sorted(
        {0, len(span.ordinals) - 1, span.shown} if span.shown in (0, len(span.ordinals) - 1) or len(span.ordinals) > 4 else {0, len(span.ordinals) - 1}
    )
    return {
        f"xaxis{names[0]}": {
            **fixed, "domain": across, "range": [-0.6, len(span.ordinals) - 0.4], "anchor": f"y{names[1]}", "tickvals": ends,
            "ticktext": [span.labels[end] for end in ends], "showgrid": False, "tickfont": {"size": 11, "color": colours["muted"]}, "tickangle": 0,
        },
        f"yaxis{names[0]}": {
            **fixed, "domain": (_at(down, LINE[0]), _at(down, LINE[1])), "range": list(scale), "anchor": f"x{names[0]}", "tickformat": ".0%",
            "tickvals": [scale[0], (scale[0] + scale[1]) / 2, scale[1]], "gridcolor": colours["line"], "showticklabels": is_left,
            "tickfont": {"size": 11, "color": colours["muted"]},
        },
        f"yaxis{names[1]}": {
            **fixed, "domain": (_at(down, STRIP[0]), _at(down, STRIP[1])), "range": [0, 1], "anchor": f"x{names[0]}", "tickvals": [], "showgrid": False,
        },
    }  # fmt: skip


def _title(words: Words, colours: Colours, series: Series, place: int, x: float, y: float) -> dict[str, Any]:
    """Name, rate, change and denominator of the period shown, over the panel."""
    counts, longest = series.counts[place], LONGEST_TITLE[words.language]
    name = series.title if len(series.title) <= longest else series.title[: longest - 1] + "…"
    rate, moved = drawn(counts), change(series, place)
    if rate is None or counts is None:
        said = words("trends.untold", share=words.percent(decided(counts)))
    else:
        said = f"<b>{words.percent(rate)}</b> {points(words, moved)} · {counts.met}/{counts.judged}"
    return {
        "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left", "showarrow": False, "borderpad": 0,
        "text": f"<b>{safe(name)}</b><br>{said}", "font": {"size": 13, "color": colours["met-ink"]},
    }  # fmt: skip


def _now(colours: Colours, span: Span, names: tuple[str, str], down: tuple[float, float]) -> dict[str, Any]:
    """A fine line at the period that the page is about."""
    return {
        "type": "line", "xref": f"x{names[0]}", "yref": "paper", "x0": span.shown, "x1": span.shown, "y0": _at(down, STRIP[0]), "y1": _at(down, LINE[1]),
        "line": {"color": colours["line"], "width": 1}, "layer": "below",
    }  # fmt: skip


def points(words: Words, moved: float | None) -> str:
    """▲ 1.3, ▼ 0.4, = 0; what cannot be told says so."""
    if moved is None:
        return words("trends.no_change_told")
    rounded = round(100 * moved, 1)
    sign = "▲" if rounded > 0 else "▼" if rounded < 0 else "="
    return f"{sign} {words.number(abs(rounded))}"


def _hover(words: Words, standard: Standard, series: Series, ordinal: int, counts: Counts | None) -> str:
    head = f"<b>{safe(series.title)}</b> · {phrases.period(words, standard, ordinal)}"
    if counts is None:
        return f"{head}<br>{words('app.status.no_data')}"
    parts = words("app.parts", met=counts.met, judged=counts.judged, no_data=counts.no_data, not_applicable=counts.not_applicable)
    rate = drawn(counts)
    said = words.percent(rate) if rate is not None else words("trends.too_little")
    return f"{head}<br>{said} · {parts}<br>{words('trends.decided', share=words.percent(decided(counts)))}"


def safe(text: str) -> str:
    """Plotly reads tags and entities in labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
