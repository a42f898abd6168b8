"""Small trends drawn with HTML alone: st.html takes out SVG, and a page with Plotly costs a second. Pure.

Places are percentages of the plot, so that it fits any width; colours come from the style by the name of each status.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from compliance import periods
from compliance.answers import phrases
from compliance.answers.panel_views import Moment
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Criterion, Is, Standard
from compliance.texts import Words

# Room above the highest and below the lowest point, as a share of their distance.
MARGIN = 0.15
HALF_LINE = 1  # px
# From here up a number stands under its dot: the limit is most often above.
HALF_WAY_UP = 40
UNKNOWN_AT = 8.0


def strip(words: Words, standard: Standard, moments: Sequence[Moment]) -> Html:
    """One sign a period: how the indicator stood."""
    signs = [el("li", glyph(each.status, words), el("span", _label(standard, each), class_="when"), title=_said(words, standard, each)) for each in moments]
    return el("ol", signs, class_="strip", aria_label=words("panel.history"))


def trend(words: Words, standard: Standard, criterion: Criterion, moments: Sequence[Moment]) -> Html:
    """A criterion's value period by period with its limits drawn in; what is unknown leaves a gap and is marked as unknown."""
    bounds = [bound for each in moments for bound in (each.low, each.high) if bound is not None]
    values = [each.value for each in moments if each.value is not None]
    if not values or isinstance(criterion.test, Is):
        return strip(words, standard, moments)
    scale = _Scale.of([*values, *bounds])
    unit = phrases.unit(standard, criterion.value)
    plot = el(
        "div", _limits(words, moments, scale, unit), _line(moments, scale), [_dot(words, standard, unit, moments, place, scale) for place in range(len(moments))],
        class_="plot",
    )  # fmt: skip
    ends = dict.fromkeys((_label(standard, moments[0]), _label(standard, moments[-1])))
    axis = el("div", [el("span", end) for end in ends], class_="axis" if moments[1:] else "axis only", aria_hidden="true")
    told = words("app.list").join(_said(words, standard, each, unit) for each in moments)
    return el("div", plot, axis, class_="trend", role="img", aria_label=f"{words('panel.history')} {told}")


class _Scale:
    """Figure → height in percent."""

    def __init__(self, low: float, high: float) -> None:
        span = (high - low) or max(abs(high), 1.0)
        self.low, self.span = low - MARGIN * span, (1 + 2 * MARGIN) * span

    @classmethod
    def of(cls, figures: Sequence[float]) -> _Scale:
        return cls(min(figures), max(figures))

    def __call__(self, figure: float) -> float:
        return round(100 * (figure - self.low) / self.span, 2)


def _across(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)


def _limits(words: Words, moments: Sequence[Moment], scale: _Scale, unit: str) -> list[Html]:
    """A dashed stretch a period, since a limit may move; the newest is written beside it."""
    width = 100 / len(moments)
    marks = [
        el("i", class_="limit", style=f"left:{place * width:.2f}%;width:{width:.2f}%;bottom:{scale(bound)}%")
        for place, each in enumerate(moments)
        for bound in (each.low, each.high)
        if bound is not None
    ]
    newest = [(sign, bound) for sign, bound in (("≥", moments[-1].low), ("≤", moments[-1].high)) if bound is not None]
    return marks + [el("span", f"{sign} {phrases.amount(words, bound, unit)}", class_="limit-label", style=f"bottom:{scale(bound)}%") for sign, bound in newest]


def _line(moments: Sequence[Moment], scale: _Scale) -> list[Html]:
    """Straight from each known value to the next, as a thin band cut out of the plot."""
    pieces = []
    for place, (one, two) in enumerate(itertools.pairwise(moments)):
        if one.value is None or two.value is None:
            continue
        x1, x2 = _across(place, len(moments)), _across(place + 1, len(moments))
        y1, y2 = 100 - scale(one.value), 100 - scale(two.value)
        corners = [(x1, y1, -HALF_LINE), (x2, y2, -HALF_LINE), (x2, y2, HALF_LINE), (x1, y1, HALF_LINE)]
        cut = ",".join(f"{x:.2f}% calc({y:.2f}% + {shift}px)" for x, y, shift in corners)
        pieces.append(el("i", class_="line", style=f"clip-path:polygon({cut})"))
    return pieces


def _dot(words: Words, standard: Standard, unit: str, moments: Sequence[Moment], place: int, scale: _Scale) -> Html:
    each = moments[place]
    height = UNKNOWN_AT if each.value is None else scale(each.value)
    style = f"left:{_across(place, len(moments))}%;bottom:{height}%"
    number = phrases.amount(words, each.value, unit) if each.value is not None and place in (0, len(moments) - 1) else None
    low = " below" if height > HALF_WAY_UP else ""
    return el(
        "span", glyph(each.status, words), el("em", number) if number else None, class_=f"dot{low}", style=style, title=_said(words, standard, each, unit)
    )


def _said(words: Words, standard: Standard, each: Moment, unit: str | None = None) -> str:
    """One period in words: 2026Q1 86.1% 未达标."""
    value = phrases.amount(words, each.value, unit) if unit is not None and each.value is not None else ""
    return " ".join(part for part in (_label(standard, each), value, words(f"app.status.{each.status}")) if part)


def _label(standard: Standard, each: Moment) -> str:
    return periods.label(each.period, standard.frequency)
