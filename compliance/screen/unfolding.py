"""Parts of a page that are made once they are unfolded: a browser takes as long over a table that nobody reads as over any other."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from compliance.answers.explaining import Sources
from compliance.drawing import area_marks, marks
from compliance.drawing.markup import el
from compliance.errors import ComplianceError
from compliance.screen import controls
from compliance.screen.page import Page

ROWS_LISTED = 100


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


def raw_record(page: Page, sources: Sources) -> None:
    """A line of an original file as it was written, once it is asked for."""
    words, lines = page.words, {line.number: line for line in sources.lines}

    def title(number: int) -> str:
        return f"{number} · {area_marks.source_words(words, lines[number])}"

    chosen = st.selectbox(words("community.raw"), list(lines), None, title, key="raw", placeholder=words("community.raw_hint"))
    if chosen is None:
        return
    try:
        page.show(area_marks.raw_record(words, page.standard, *page.original_row(lines[chosen])))
    except ComplianceError as error:
        page.show(marks.problems(words, error.problems))
