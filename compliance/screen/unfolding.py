"""Parts of a page that are made once they are unfolded: a browser takes as long over a table that nobody reads as over any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from compliance.answers import origins
from compliance.answers.explaining import Finding, Sources
from compliance.answers.origins import Written
from compliance.drawing import badge_marks, marks, origin_marks
from compliance.drawing.markup import el
from compliance.errors import ComplianceError
from compliance.questions import badge_queries
from compliance.questions.queries import Areas
from compliance.screen import controls
from compliance.screen.page import Page
from compliance.standard.definitions import Level

ROWS_LISTED = 100


def one_short(page: Page, level: Level, areas: Areas) -> None:
    """Who lacks a single indicator for a badge."""
    with st.expander(page.words("badge.short", level=page.words.title(level.title)), key="short", bind="query-params") as unfolded:
        if unfolded.open:
            rows = page.ask(badge_queries.one_short, page.standard, level.id, page.period, areas)
            lacking = badge_marks.shorts(page.words, page.standard, rows)
            page.show(badge_marks.listed(page.words, level, lacking, page.href))
            page.download(partial(badge_marks.sheet, page.words, lacking), "short")


def areas(page: Page, table: Callable[[], pd.DataFrame], total: int, key: str) -> None:
    """A table of areas (id, name, …) that leads to each of them, and its download; of very many it shows the first.

    total: how many there are."""
    with st.expander(page.words("overview.list", n=total), key="list", bind="query-params") as unfolded:
        if unfolded.open:
            listed(page, table(), key)


def listed(page: Page, rows: pd.DataFrame, key: str) -> None:
    """The same where the page is about it: nothing to unfold."""
    id_, name = rows.columns[:2]
    total = len(rows)
    shown = total if total <= controls.MOST_ROWS else ROWS_LISTED
    cut = el("p", page.words("overview.list_cut", shown=shown, total=total), class_="note") if total > shown else None
    page.show(marks.table(rows.head(shown), lambda row: page.href("community", area=str(row[id_])), name), cut)
    page.download(rows, key)


def written(page: Page, found: Sequence[Finding]) -> Written | None:
    """What the files say of the indicator that the address asks for (`raw`); says so where they are gone."""
    asked = next((finding for finding in found if finding.indicator.code == page.parameter("raw")), None)
    if asked is None:
        return None
    read = origins.written(page.original_row, page.standard, asked)
    if read.gone:
        page.show(marks.problems(page.words, read.gone))
    return read


def raw_record(page: Page, sources: Sources) -> None:
    """A line of an original file as it was written, once it is asked for."""
    words, lines = page.words, {line.number: line for line in sources.lines}

    def title(number: int) -> str:
        return origin_marks.source_words(words, lines[number])

    with st.expander(words("community.sources", n=len(lines)), key="lines", bind="query-params") as unfolded:
        if not unfolded.open:
            return
        chosen = st.selectbox(words("community.raw"), list(lines), None, title, key="raw", placeholder=words("community.raw_hint"))
        if chosen is None:
            return
        try:
            page.show(origin_marks.raw_record(words, page.standard, *page.original_row(lines[chosen])))
        except ComplianceError as error:
            page.show(marks.problems(words, error.problems))
