"""Compliance over time as small multiples: one panel a series, all on one scale, drawn with HTML alone. Counts and words → HTML. Pure.

A rate is drawn only where enough could be decided; below each line stands how much that was. Thirty panels in Plotly cost a browser more than all the rest
of the page, and st.html takes out SVG: a line is a band cut out of its plot, and places are percentages, so that it fits any width.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from compliance.answers import phrases
from compliance.answers.counts import Counts, risen
from compliance.answers.trend_views import Series, Span, decided, drawn
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Standard
from compliance.texts import Words

MOST_PANELS = 24
# Half of a line's thickness in pixels.
LINE, FAINT_LINE = 1.0, 0.5
# One scale for all panels, whatever a filter leaves of them: the same line is always equally steep.
TICKS = (0.0, 0.5, 1.0)
Href = Callable[..., str]


def panels(words: Words, standard: Standard, span: Span, shown: Sequence[Series], href: Href, reference: Series | None = None, *, id_: str) -> Html:
    """Two panels abreast (they must bear a phone's width), each period of each a link; reference: a line drawn faintly into each.

    A single period makes no line: then each panel says its figures only."""
    if not span.ordinals[1:]:
        return el("div", [el("figure", _title(words, each, span.shown)) for each in shown], class_="panels bare", id=f"panels-{id_}")
    drawn_panels = [_panel(words, standard, span, each, href, reference) for each in shown]
    return el("div", drawn_panels, class_="panels" if shown[1:] else "panels single", id=f"panels-{id_}")


def _panel(words: Words, standard: Standard, span: Span, series: Series, href: Href, reference: Series | None) -> Html:
    plot = el(
        "div",
        [el("i", el("span", f"{rate:.0%}"), class_="tick", style=f"bottom:{_up(rate)}%") for rate in TICKS],
        el("i", class_="now", style=f"left:{_across(span, span.shown)}%"),
        _lines(span, reference, "held", FAINT_LINE) if reference else None,
        _lines(span, series, "line", LINE),
        [_period(words, standard, span, series, place, href) for place in range(len(span.ordinals))],
        class_="plot",
    )
    strip = el("div", [_decided(counts) for counts in series.counts], class_="known")
    ends = [el("span", span.labels[place], style=f"left:{_across(span, place)}%") for place in _ends(span)]
    return el("figure", _title(words, series, span.shown), plot, strip, el("div", ends, class_="ends"))


def _across(span: Span, place: int) -> str:
    return f"{100 * (place + 0.5) / len(span.ordinals):.2f}"


def _up(rate: float, *, down: bool = False) -> str:
    return f"{100 * (1 - rate if down else rate):.2f}"


def _ends(span: Span) -> list[int]:
    """The periods that are named below a panel: the first, the last, and the one shown where it has room between."""
    last = len(span.ordinals) - 1
    return sorted({0, last, span.shown} if span.shown in (0, last) or last > 3 else {0, last})


def _lines(span: Span, series: Series, name: str, half: float) -> list[Html]:
    """A band along the known rates; what is unknown leaves a gap."""
    rates = [drawn(counts) for counts in series.counts]
    pieces = []
    for is_known, run in itertools.groupby(range(len(rates)), key=lambda place: rates[place] is not None):
        corners = [(_across(span, place), _up(rates[place] or 0.0, down=True)) for place in run] if is_known else []
        if corners[1:]:
            upper = [f"{x}% calc({y}% - {half}px)" for x, y in corners]
            lower = [f"{x}% calc({y}% + {half}px)" for x, y in reversed(corners)]
            pieces.append(el("i", class_=name, style=f"clip-path:polygon({','.join(upper + lower)})"))
    return pieces


def _period(words: Words, standard: Standard, span: Span, series: Series, place: int, href: Href) -> Html:
    """A column of the plot that says all about one period and leads to what is behind it, if there is anything; only that of the period shown is a stop of the
    Tab key."""
    counts = series.counts[place]
    rate, is_shown = drawn(counts), place == span.shown
    spot = f"left:{_across(span, place)}%;bottom:{_up(rate)}%" if rate is not None else None
    to = href(series.goal[0], **{**series.goal[1], "period": span.labels[place]})
    dot = el("b", style=spot, class_="shown" if is_shown else None) if spot else None
    said = _hover(words, standard, series, span.ordinals[place], counts)
    if counts is None:
        return el("a", role="img", aria_label=said)
    return el("a", dot, href=to, aria_label=said, tabindex=None if is_shown else "-1")


def _decided(counts: Counts | None) -> Html:
    """How much was decided, as a small bar; hatched where it is too little."""
    return el("i", class_="few" if drawn(counts) is None else None, style=f"height:{100 * (decided(counts) or 0):.3g}%")


def _title(words: Words, series: Series, place: int) -> Html:
    """Name, rate, change and denominator of the period shown, over the panel."""
    counts = series.counts[place]
    rate, moved = drawn(counts), risen(series.shift)
    if rate is None or counts is None:
        said: tuple[Html | str, ...] = (untold(words, counts),)
    else:
        said = el("b", words.percent(rate)), f" {points(words, moved)} · {counts.met_of_judged}"
    return el("figcaption", el("b", series.title), el("span", said))


def untold(words: Words, counts: Counts | None) -> str:
    """Why no rate is given: too little is known, or nothing applies."""
    if counts is not None and counts.not_applicable and decided(counts) is None:
        return words("app.status.not_applicable")
    return words("trends.untold", share=words.percent(decided(counts)))


def points(words: Words, moved: float | None) -> str:
    """▲ 1.3, ▼ 0.4, = 0; what cannot be told says so."""
    if moved is None:
        return words("trends.no_change_told")
    rounded = round(100 * moved, 1)
    sign = "▲" if rounded > 0 else "▼" if rounded < 0 else "="
    return f"{sign} {words.number(abs(rounded))}"


def _hover(words: Words, standard: Standard, series: Series, ordinal: int, counts: Counts | None) -> str:
    head = f"{series.title} · {phrases.period(words, standard, ordinal)}"
    if counts is None:
        return f"{head}\n{words('app.status.no_data')}"
    parts = counts.parts(words)
    rate = drawn(counts)
    said = words.percent(rate) if rate is not None else words("trends.too_little")
    return f"{head}\n{said} · {parts}\n{words('trends.decided', share=words.percent(decided(counts)))}"
