"""What is left to do as bars: near misses, the rest, and what cannot be told for want of data. Tallies and words → a Plotly figure as a dict. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.answers import phrases
from compliance.answers.downloads import Sheet
from compliance.answers.work_lists import Scope, Tally, total
from compliance.drawing.plotting import escaped, shortened
from compliance.texts import Words

# part of a tally → its colour and its hatching: colour never stands alone
PARTS = {"near": ("near", "/"), "far": ("bar-unmet", ""), "no_data": ("bar-unknown", ".")}
INKS = {"near": "near-ink", "far": "paper", "no_data": "met-ink"}
ROW_HEIGHT, MARGIN = 30, 88
LEAST_SHARE = 0.05  # of the longest bar: a narrower part has no room for its number, which the pointer still tells
LONGEST_LABEL = {"zh": 13, "en": 22}


@dataclass(frozen=True)
class Line:
    """One bar, and the page that it leads to."""

    title: str
    tally: Tally
    goal: tuple[str, dict[str, str]]


def lines(words: Words, scope: Scope, tallies: Mapping[str, Tally]) -> tuple[Line, ...]:
    """A bar for each domain or, of one domain or department, for each indicator."""
    if scope.is_of_domains:
        found = {domain: [tallies[i.code] for i in scope.indicators if i in domain.at(scope.level)] for domain in scope.domains}
        return tuple(Line(words.title(each.title), total(of), ("gaps", {"domain": each.id, "level": scope.level})) for each, of in found.items() if of)
    return tuple(Line(phrases.short_name(words, i), tallies[i.code], ("indicator", {"indicator": i.code})) for i in scope.indicators)


def sheet(words: Words, found: Sequence[Line]) -> Sheet:
    """The figures of the bars."""
    names = ("item", "near", "far", "judged", "no_data")
    rows = [(line.title, line.tally.near, line.tally.far, line.tally.judged, line.tally.no_data) for line in found]
    return Sheet(tuple(words(f"gaps.part_{name}") for name in names), rows)


def bars(words: Words, colours: Mapping[str, str], found: Sequence[Line]) -> dict[str, Any]:
    """One stacked bar a line, in the order of the standard from the top down."""
    places = list(range(len(found)))
    customdata = [[line.goal[0], line.goal[1]] for line in found]
    data = [_trace(words, colours, part, found, places, customdata) for part in PARTS]
    axis = {"gridcolor": colours["line"], "zeroline": False, "fixedrange": True}
    layout = {
        "barmode": "stack", "bargap": 0.35, "height": MARGIN + ROW_HEIGHT * len(found), "margin": {"l": 8, "r": 12, "t": 46, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": {"size": 13},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
        "xaxis": {**axis, "rangemode": "tozero", "tickformat": ",d"},
        "yaxis": {
            "tickvals": places, "ticktext": [escaped(shortened(line.title, LONGEST_LABEL[words.language])) for line in found], "autorange": "reversed", "automargin": True,
            "fixedrange": True, "ticks": "", "showgrid": False,
        },
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _trace(words: Words, colours: Mapping[str, str], part: str, found: Sequence[Line], places: list[int], customdata: list[Any]) -> dict[str, Any]:
    colour, hatching = PARTS[part]
    numbers = [getattr(line.tally, part) for line in found]
    narrow = LEAST_SHARE * max((line.tally.near + line.tally.far + line.tally.no_data for line in found), default=0)
    marker: dict[str, Any] = {"color": colours[colour], "line": {"width": 0}}
    if hatching:
        # Lighter than the bar where its number is dark, darker where it is light: the paper's colour by day, and for near misses white by night, too.
        stroke = "#fff" if part == "near" else colours["paper"]
        marker["pattern"] = {"shape": hatching, "fgcolor": stroke, "bgcolor": colours[colour], "size": 7, "solidity": 0.12}
    return {
        "type": "bar", "orientation": "h", "name": words(f"gaps.part_{part}"), "x": numbers, "y": places, "customdata": customdata, "marker": marker,
        "text": [words.number(number) if number > narrow else "" for number in numbers], "textposition": "auto", "textangle": 0, "insidetextanchor": "middle",
        "constraintext": "none", "cliponaxis": False, "insidetextfont": {"color": colours[INKS[part]], "size": 12}, "hoverinfo": "text", "hovertext": [_hover(words, line) for line in found],
    }  # fmt: skip


def _hover(words: Words, line: Line) -> str:
    tally = line.tally
    says = words("gaps.tally", unmet=tally.unmet, near=tally.near, judged=tally.judged, no_data=tally.no_data)
    return f"{escaped(line.title)}<br>{escaped(says)}"
