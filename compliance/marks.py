"""Rows and words → the marks of a page as HTML: headline, cards, bars, tables. Pure; every text is escaped by markup.el."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from compliance import views
from compliance.definitions import Domain, Indicator, Standard
from compliance.errors import Problem
from compliance.markup import Html, el, join
from compliance.palette import GLYPHS
from compliance.texts import Words
from compliance.views import Counts

GLYPH_OF = {status: GLYPHS[status.replace("_", "-")] for status in ("met", "near", "unmet", "no_data", "not_applicable")}


DOT = " · "
MOST_CARDS_ABREAST = 6
LONGEST_COLUMN_CODE = 6


def opening(where: Sequence[str], title: str, *notes: str) -> Html:
    """The top of a page: where we are, the sentence that matters, what goes with it."""
    return el(
        "header", el("p", DOT.join(where), class_="eyebrow"), el("h1", title), *(el("p", note, class_="lead") for note in notes if note), class_="opening"
    )


def section(title: str, note: str = "", anchor: str | None = None) -> Html:
    return el("div", el("h2", title, id=anchor), el("p", note, class_="note") if note else None, class_="section")


def glyph(status: str, words: Words) -> Html:
    """A status as a sign and, for those who cannot see it, as a word."""
    return el("span", el("span", words(f"app.status.{status}"), class_="unseen"), class_=f"glyph {status}", data_glyph=GLYPH_OF[status])


def stack(shares: Sequence[tuple[str, int]], label: str) -> Html:
    """A bar of parts; its words stand beside it, so it is only a picture."""
    pieces = [el("span", class_=name, style=f"flex-grow:{number}") for name, number in shares if number]
    return el("div", pieces, class_="stack", role="img", aria_label=label)


def counts_bar(words: Words, counts: Counts) -> Html:
    return stack((("met", counts.met), ("unmet", counts.unmet), ("no_data", counts.no_data)), views.parts(words, counts))


def badge_cards(words: Words, standard: Standard, level: str, badges: pd.DataFrame) -> Html:
    """One card a badge: how many areas hold it, how many do not, how many cannot be told."""
    rows = {row["domain"]: row for row in views.records(badges)}
    return cards([_badge_card(words, domain, rows[domain.id]) for domain in views.badge_domains(standard, level)])


def cards(each: Sequence[Html]) -> Html:
    """In one row up to six, in rows of like length where there are more."""
    rows = -(-len(each) // MOST_CARDS_ABREAST)
    return el("div", each, class_="cards", style=f"--abreast:{-(-len(each) // max(rows, 1))}")


def unbroken(pieces: Iterable[str]) -> Html:
    """Short notes that a narrow card may part only between them."""
    return el("p", [el("span", piece) for piece in pieces], class_="card-note")


def _badge_card(words: Words, domain: Domain, row: dict[str, Any]) -> Html:
    earned, not_earned, undetermined, not_applicable = (row[name] for name in ("earned", "not_earned", "undetermined", "not_applicable"))
    rest = [words("overview.badge_not_earned", n=not_earned), words("overview.badge_undetermined", n=undetermined)]
    if not_applicable:
        rest.append(words("overview.badge_not_applicable", n=not_applicable))
    label = DOT.join((words("overview.badge_earned", n=earned), *rest))
    return el(
        "div",
        el("p", el("span", GLYPHS["earned"], class_="star", aria_hidden="true"), words.title(domain.badge or domain.title), class_="card-title"),
        el("p", el("strong", str(earned)), f"/ {earned + not_earned + undetermined}", class_="card-figure", title=label),
        stack((("met", earned), ("unmet", not_earned), ("no_data", undetermined)), label),
        unbroken(rest),
        class_="card",
    )


def domain_rates(words: Words, standard: Standard, levels: Sequence[tuple[str, pd.DataFrame]]) -> Html:
    """Level by level, one line a domain: its compliance rate and the parts it is made of."""
    lines: list[Html] = []
    for level, rows in levels:
        counts = views.counts_of_domains(rows)
        lines.append(el("h2", words("overview.rates", level=words.title(standard.level_by_id[level].title))))
        lines += [_rate_row(words, words.title(domain.title), counts[domain.id]) for domain in standard.domains_of(level)]
    return el("div", lines, class_="rates section")


def _rate_row(words: Words, title: str, counts: Counts) -> Html:
    return el(
        "div",
        el("span", title, class_="rate-title"),
        el("span", words.percent(counts.rate), class_="rate-figure"),
        counts_bar(words, counts),
        el("span", views.parts(words, counts), class_="rate-parts"),
        class_="rate-row",
    )


def missed_list(words: Words, standard: Standard, missed: pd.DataFrame) -> Html:
    """The most missed indicators with the share of areas that miss them. Columns that would only get in the way are left out."""
    rows = views.records(missed)
    indicators = [standard.indicator_by_code[row["indicator"]] for row in rows]
    shows_code, shows_owner = all(map(has_short_code, indicators)), any(indicator.owner for indicator in indicators)
    shown = {"code": shows_code, "title": True, "owner": shows_owner, "share": True}
    head = el("tr", *(el("th", words(key), scope="col", class_=name) for key, name in MISSED_COLUMNS if shown[name]))
    body = [_missed_row(words, standard, indicator, Counts.of(row), shown) for indicator, row in zip(indicators, rows, strict=True)]
    return el("table", el("thead", head), el("tbody", body), class_="plain missed")


MISSED_COLUMNS = (
    ("overview.column_code", "code"),
    ("overview.column_indicator", "title"),
    ("overview.column_owner", "owner"),
    ("overview.column_unmet_of_judged", "share"),
)


def _missed_row(words: Words, standard: Standard, indicator: Indicator, counts: Counts, shown: dict[str, bool]) -> Html:
    bar = stack((("unmet", counts.unmet), ("rest", counts.met)), f"{counts.unmet}/{counts.judged}")
    domain = words.title(standard.domain_of[indicator.code].title)
    under = domain if shown["code"] else f"{indicator.code}{DOT}{domain}"
    cells = {
        "code": el("td", indicator.code, class_="code"),
        "title": el("td", words.title(indicator.title), el("span", under, class_="under"), class_="title"),
        "owner": el("td", words.title(indicator.owner) if indicator.owner else None, class_="owner"),
        "share": el("td", el("span", el("strong", str(counts.unmet)), f"/{counts.judged}", class_="figures"), bar, class_="share"),
    }
    return el("tr", *(cell for name, cell in cells.items() if shown[name]))


def has_short_code(indicator: Indicator) -> bool:
    """Whether a code fits a column of its own; a long one stands under the title."""
    return len(indicator.code) <= LONGEST_COLUMN_CODE


def table(frame: pd.DataFrame, links: Callable[[dict[str, Any]], str] | None = None, linked: str = "") -> Html:
    """A plain table of a frame; the column `linked` leads to links(row). Numbers are set to the right."""
    numeric = {name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])}
    head = el("tr", *(el("th", name, scope="col", class_="number" if name in numeric else None) for name in frame.columns))
    rows = []
    for row in views.records(frame):
        cells = [
            el("td", el("a", str(value), href=links(row)) if links and name == linked else str(value), class_="number" if name in numeric else None)
            for name, value in row.items()
        ]
        rows.append(el("tr", *cells))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")


def folded(title: str, *body: Html | str) -> Html:
    return el("details", el("summary", title), *body, class_="folded")


def problems(words: Words, found: Iterable[Problem]) -> Html:
    return el("ul", [el("li", words.problem(problem)) for problem in found], class_="problems")


def banner(title: str, text: str, how: str, steps: Sequence[tuple[str, str]]) -> Html:
    """A notice above every page; each step is what to do and the command for it."""
    items = [el("li", say, el("code", command) if command else None) for say, command in steps]
    return el("div", el("p", el("strong", title), text), el("details", el("summary", how), el("ol", items)), class_="banner")


def links(pairs: Iterable[tuple[str, str, bool]]) -> Html:
    """Address, text, whether it is where we are."""
    return el("nav", [el("a", text, href=address, aria_current="true" if here else None) for address, text, here in pairs], class_="switch")


def footer(*parts: str) -> Html:
    return el("footer", *(el("span", part) for part in parts if part), class_="foot")


def blocks(*children: Html | None) -> Html:
    return join(children)
