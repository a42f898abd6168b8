"""Pages as of a day: the address asks for it (`as_of=2026-10-20`), and pages that only read show data, verdicts and standard as that day left them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from compliance import routes
from compliance.answers import phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions import version_queries
from compliance.screen import drop
from compliance.screen.page import Page
from compliance.server.serving import Opened
from compliance.server.shelf import Shelf
from compliance.texts import Words

PARAMETER = "as_of"


def opened(words: Words, name: str, live: Opened, shelf: Shelf) -> tuple[Opened, Html | None]:
    """What the page is to show: the day that the address asks for, made now if need be, else the present; and a notice where it cannot be had."""
    asked = st.query_params.get(PARAMETER)
    if asked is None:
        return live, None
    if name not in routes.LOOKING_BACK:
        return live, _notice(words("then.not_here"))
    day = _day(asked)
    if day is None:
        return live, _notice(words("then.no_day", asked=asked))
    work = drop.follow(shelf.at_end_of(live.store.path, day), words, "then.making")
    if work.result is None:
        return live, marks.blocks(_notice(words("then.failed", day=phrases.day(words, day))), marks.problems(words, work.problems))
    return replace(live, standard=work.result.standard, then=work.result, day=day), None


def _day(asked: str) -> date | None:
    """A day that is over."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    return day if day < date.today() else None


def _notice(text: str) -> Html:
    return el("p", text, class_="notice", role="status")


def banner(page: Page, unseen: Html | None) -> None:
    """That this is the past, and the way back; or why it is not."""
    if unseen is not None:
        page.show(unseen)
    if page.opened.day is None:
        return
    words, own = page.words, st.query_params.to_dict()
    back = page.href(page.name, **{**own, PARAMETER: None, "lang": words.language})
    said = words("then.banner", day=phrases.day(words, page.opened.day), version=words("app.standard_version", n=page.version))
    page.show(el("p", el("strong", said), " ", words("then.banner_note"), " ", el("a", words("then.back"), href=back), class_="notice then", role="status"))


def choose(page: Page) -> None:
    """A day to look at, on pages that can show one."""
    first: date | None = page.ask(version_queries.first_day)
    yesterday = date.today() - timedelta(days=1)
    if page.name not in routes.LOOKING_BACK or first is None or first > yesterday:
        return
    key = f"{PARAMETER} {page.opened.day or ''}"

    def remember() -> None:
        chosen = st.session_state[key]
        if chosen is None:
            st.query_params.pop(PARAMETER, None)
        else:
            st.query_params[PARAMETER] = chosen.isoformat()

    day = page.opened.day
    # Its calendar takes a browser a tenth of the time until a page stands, and is seldom asked for.
    with st.expander(page.words("then.choose"), expanded=day is not None, key="then", on_change="rerun", type="compact") as unfolded:
        if unfolded.open:
            page.show(el("p", page.words("then.choose_help"), class_="note"))
            st.date_input(
                page.words("then.choose"), None if day is None else max(day, first), first, yesterday,
                key=key, on_change=remember, format="YYYY-MM-DD", label_visibility="collapsed",
            )  # fmt: skip
