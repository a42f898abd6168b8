"""Rows and words → the marks of a page as HTML: headline, cards, bars, tables. Pure; every text is escaped by markup.el."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from compliance.answers import phrases
from compliance.answers.counts import Counts
from compliance.answers.palette import GLYPHS
from compliance.drawing.markup import Html, el, join
from compliance.errors import Problem
from compliance.questions import queries
from compliance.texts import Words

GLYPH_OF = {status: GLYPHS[status.replace("_", "-")] for status in ("met", "near", "unmet", "no_data", "not_applicable")}


MOST_CARDS_ABREAST = 6
Href = Callable[..., str]
# Problems whose id, or imports, are numbers of imports.
NAMING_IMPORTS = frozenset({"import.repeated", "undo.areas_in_use"})


def opening(where: Sequence[str], title: str, *notes: Html | str) -> Html:
    """The top of a page: where we are, the sentence that matters, what goes with it."""
    return el(
        "header",
        el("p", phrases.DOT.join(where), class_="eyebrow"),
        el("h1", title),
        *(el("p", note, class_="lead") for note in notes if note),
        class_="opening",
    )


def section(title: str, note: str = "", anchor: str | None = None) -> Html:
    return el("div", el("h2", title, id=anchor), el("p", note, class_="note") if note else None, class_="section")


def on_paper(text: str) -> Html:
    """What a print says and the screen need not: what it leaves out."""
    return el("p", text, class_="note on-paper")


def contents(words: Words, places: Sequence[tuple[str, str]]) -> Html:
    """What a long page holds, for who sees but a part of it at once (a phone): id of a heading, what it is called."""
    links = [el("li", el("a", title, href=f"#{anchor}")) for anchor, title in places]
    return el("nav", el("b", words("contents.title")), el("ul", links), class_="contents", aria_label=words("contents.title"))


def on_screen(text: str) -> Html:
    """What helps on a screen alone: where to click, which keys there are."""
    return el("span", text, class_="on-screen")


def glyph(status: str, words: Words) -> Html:
    """A status as a sign and, for those who cannot see it, as a word."""
    return el("span", el("span", words(f"app.status.{status}"), class_="unseen"), class_=f"glyph {status}", data_glyph=GLYPH_OF[status])


def stack(shares: Sequence[tuple[str, int]], label: str) -> Html:
    """A bar of parts; its words stand beside it, so it is only a picture."""
    pieces = [el("span", class_=name, style=f"flex-grow:{number}") for name, number in shares if number]
    return el("div", pieces, class_="stack", role="img", aria_label=label)


def counts_bar(words: Words, counts: Counts) -> Html:
    return stack((("met", counts.met), ("unmet", counts.unmet), ("no_data", counts.no_data)), counts.parts(words))


def cards(each: Sequence[Html], most: int = MOST_CARDS_ABREAST) -> Html:
    """In one row up to `most`, in rows of like length where there are more."""
    rows = -(-len(each) // most)
    return el("div", each, class_="cards", style=f"--abreast:{-(-len(each) // max(rows, 1))}")


def unbroken(pieces: Iterable[str]) -> Html:
    """Short notes that a narrow card may part only between them."""
    return el("p", [el("span", piece) for piece in pieces], class_="card-note")


def table(frame: pd.DataFrame, links: Callable[[dict[str, Any]], str] | None = None, linked: str = "") -> Html:
    """A plain table of a frame; the column `linked` leads to links(row). Numbers are set to the right."""
    numeric = {name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])}
    head = el("tr", *(el("th", name, scope="col", class_="number" if name in numeric else None) for name in frame.columns))
    rows = []
    for row in queries.records(frame):
        cells = [
            el("td", el("a", str(value), href=links(row)) if links and name == linked else str(value), class_="number" if name in numeric else None)
            for name, value in row.items()
        ]
        rows.append(el("tr", *cells))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")


def scrolling(table: Html, label: str, look: str = "scroll") -> Html:
    """A table in a frame of its own that can be scrolled by keyboard; label: what a screen reader calls it, look: the frame's classes."""
    return el("div", table, class_=look, tabindex="0", role="region", aria_label=label)


def folded(title: str, *body: Html | str | None, part: str | None, is_open: bool = False) -> Html:
    """part: its name in the address (browser.js), so that a copied link shows it as it was left; None for what no address brings back (a file just handed in)."""
    return el("details", el("summary", title), *body, class_="folded", open=is_open, data_part=part)


def problems(words: Words, found: Iterable[Problem], href: Href | None = None) -> Html:
    """href: for who can follow the way to imports that the problems name."""
    return el("ul", [el("li", words.problem(problem), imports_named(words, problem, href) if href else None) for problem in found], class_="problems")


def imports_named(words: Words, problem: Problem, href: Href) -> Html | None:
    """The way to the imports that a problem is about: what must be undone first, say."""
    if problem.key not in NAMING_IMPORTS:
        return None
    numbers = [number.strip() for number in str(problem.args.get("imports", problem.args["id"])).split(",")]
    return el("span", [el("span", " ", el("a", words("deed.see", id=number), href=href("history", **{"import": number}))) for number in numbers])


def banner(title: str, text: str, how: str, steps: Sequence[tuple[str, str]]) -> Html:
    """A notice above every page; each step is what to do and the command for it."""
    items = [el("li", say, el("code", command) if command else None) for say, command in steps]
    return el("div", el("p", el("strong", title), text), el("details", el("summary", how), el("ol", items), data_part="own-data"), class_="banner")


def footer(*parts: str) -> Html:
    return el("footer", *(el("span", part) for part in parts if part), class_="foot")


def blocks(*children: Html | None) -> Html:
    return join(children)
