"""A few areas beside each other, domain by domain, against the middle of their peers: a dot plot as a Plotly figure dict. Pure.

Every area keeps its letter and its lane, so that no dot hides another and none is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from compliance.answers.comparing import LETTERS, Standing
from compliance.answers.counts import Counts
from compliance.drawing.plotting import escaped, shortened
from compliance.texts import Words

LANE, MARGIN = 22, 62
UNKNOWN_AT = -0.055
ROOM_ON_THE_LEFT = 0.1
LONGEST_TITLE = {"zh": 9, "en": 18}
Colours = Mapping[str, str]
CountsOf = Mapping[tuple[str, str], Counts]
Goal = Callable[[str, str], tuple[str, Mapping[str, str]]]


class Compared(Protocol):
    """An area, or areas that are counted as one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def to_area(id_: str, domain: str) -> tuple[str, Mapping[str, str]]:
    """Where the dot of an area leads."""
    return "community", {"area": id_, "to": domain}


def dots(words: Words, colours: Colours, areas: Sequence[Compared], counts: CountsOf, standings: Sequence[Standing], goal: Goal = to_area) -> dict[str, Any]:
    """One group of lanes a domain; the band is the middle half of the peers, the stroke their median. goal: of an area and a domain, where a dot leads."""
    lanes = len(areas)
    tops = [place * (lanes + 1) for place in range(len(standings))]
    data = [_stems(colours, areas, counts, standings, tops), _medians(words, colours, standings, tops, lanes)]
    data += [_area(words, colours, place, area, counts, standings, tops, goal) for place, area in enumerate(areas)]
    titles = [shortened(words.title(each.domain.title), LONGEST_TITLE[words.language]) for each in standings]
    layout = {
        "height": MARGIN + LANE * (len(standings) * (lanes + 1) - 1), "margin": {"l": 8, "r": 8, "t": 30, "b": 8}, "showlegend": False, "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "hovermode": "closest", "font": {"size": 13},
        "xaxis": {
            "range": [-0.1, 1.26], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "side": "top", "gridcolor": colours["line"], "zeroline": False,
            "fixedrange": True, "tickfont": {"size": 12},
        },
        "yaxis": {
            "range": [tops[-1] + lanes - 0.3, -0.7], "tickvals": [top + (lanes - 1) / 2 for top in tops], "ticktext": [escaped(title) for title in titles], "showgrid": False,
            "zeroline": False, "ticks": "", "automargin": True, "fixedrange": True, "tickfont": {"color": colours["met-ink"]},
        },
        "shapes": [shape for each, top in zip(standings, tops, strict=True) for shape in _band(colours, each, top, lanes)],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _band(colours: Colours, standing: Standing, top: float, lanes: int) -> list[dict[str, Any]]:
    if standing.low is None or standing.high is None:
        return []
    low, high = (standing.low, standing.high) if standing.high > standing.low else (standing.low - 0.003, standing.high + 0.003)
    return [
        {
            "type": "rect", "x0": low, "x1": high, "y0": top - 0.5, "y1": top + lanes - 0.5, "fillcolor": colours["bar-unknown"], "opacity": 0.28,
            "line": {"width": 0}, "layer": "below",
        }
    ]  # fmt: skip


def _stems(colours: Colours, areas: Sequence[Compared], counts: CountsOf, standings: Sequence[Standing], tops: Sequence[float]) -> dict[str, Any]:
    """From the median to each dot: the distance is what one should see."""
    x: list[float | None] = []
    y: list[float | None] = []
    for standing, top in zip(standings, tops, strict=True):
        for lane, area in enumerate(areas):
            rate = counts[area.id, standing.domain.id].comparable
            if rate is not None and standing.median is not None:
                x += [standing.median, rate, None]
                y += [top + lane, top + lane, None]
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colours["bar-unknown"], "width": 2}, "hoverinfo": "skip"}


def _medians(words: Words, colours: Colours, standings: Sequence[Standing], tops: Sequence[float], lanes: int) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str | None] = []
    for standing, top in zip(standings, tops, strict=True):
        if standing.median is not None:
            x += [standing.median, standing.median, None]
            y += [top - 0.5, top + lanes - 0.5, None]
            said = words(
                "compare.median_hover",
                median=words.percent(standing.median),
                low=words.percent(standing.low),
                high=words.percent(standing.high),
                n=standing.known,
            )
            hover += [f"<b>{escaped(words.title(standing.domain.title))}</b><br>{escaped(said)}"] * 2 + [None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colours["muted"], "width": 2, "dash": "dot"}, "hoverinfo": "text", "hovertext": hover,
    }  # fmt: skip


def _area(
    words: Words, colours: Colours, lane: int, area: Compared, counts: CountsOf, standings: Sequence[Standing], tops: Sequence[float], goal: Goal
) -> dict[str, Any]:  # fmt: skip
    """The dots of one area; of whom too little is known for a rate stands left of 0, hollow."""
    own = [counts[area.id, standing.domain.id] for standing in standings]
    known = [each.comparable is not None for each in own]
    beside = [each.met_of_judged if each.judged else words("app.status.no_data" if each.no_data else "app.status.not_applicable") for each in own]
    return {
        "type": "scatter", "mode": "markers+text", "x": [UNKNOWN_AT if each.comparable is None else each.comparable for each in own], "y": [top + lane for top in tops],
        "text": [f" <b>{LETTERS[lane]}</b> {each} " for each in beside], "textposition": [_side(standing, each) for standing, each in zip(standings, own, strict=True)], "textfont": {"size": 12, "color": colours["met-ink"]}, "cliponaxis": False,
        "marker": {
            "size": 11, "symbol": ["circle" if each else "circle-open" for each in known], "color": [colours["accent" if each else "muted"] for each in known],
            "line": {"width": 1.5, "color": [colours["paper" if each else "muted"] for each in known]},
        },
        "hoverinfo": "text", "hovertext": [_hover(words, lane, area, standing, each) for standing, each in zip(standings, own, strict=True)],
        "customdata": [list(goal(area.id, standing.domain.id)) for standing in standings],
    }  # fmt: skip


def _side(standing: Standing, counts: Counts) -> str:
    """Away from the median, where the stem is not; what is unknown stands left of 0 and speaks to the right."""
    rate = counts.comparable
    if rate is None or standing.median is None or rate >= standing.median or rate < ROOM_ON_THE_LEFT:
        return "middle right"
    return "middle left"


def _hover(words: Words, lane: int, area: Compared, standing: Standing, counts: Counts) -> str:
    head = f"<b>{LETTERS[lane]} {escaped(area.name)}</b> · {escaped(words.title(standing.domain.title))}"
    lines = [head, counts.rate_parts(words)]
    if counts.comparable is not None and standing.median is not None:
        points = words.number(round(100 * (counts.comparable - standing.median), 1))
        lines.append(words("compare.against_median", points=points, median=words.percent(standing.median)))
    return "<br>".join(lines)
