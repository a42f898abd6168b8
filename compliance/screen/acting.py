"""Where a person does something to the data: what was asked for is tried, shown, and done once it is confirmed. What is under way belongs to the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import streamlit as st

from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.errors import ImportDataError, Problem
from compliance.screen import drop
from compliance.screen.controls import plain
from compliance.screen.page import Page
from compliance.server.deeds import Act, Deed
from compliance.storage import bounds
from compliance.storage.importer import Outcome

T = TypeVar("T")
TOLD = "told of what was done"
LONGEST_REASON = 300


@dataclass(frozen=True)
class Done:
    """What was done, as it stands on the page; where: the view on which it was said first."""

    html: Html
    where: str | None = None


@dataclass(frozen=True)
class Asked(Generic[T]):
    """What a form asks for, and the reason that it gives."""

    act: Act[T]
    why: str


def told(page: Page) -> None:
    """Says what was done last, until the reader looks at something else: a page may run more than once."""
    said: Done | None = st.session_state.get(TOLD)
    if said is None:
        return
    here = page.here()
    if said.where is None:
        st.session_state[TOLD] = replace(said, where=here)
    elif said.where != here:
        del st.session_state[TOLD]
        return
    page.show(said.html)


def done(page: Page, import_id: int | None, key: str, **values: object) -> Done:
    """What was done, with the way to it in the history."""
    link = el("a", page.words("deed.see", id=import_id), href=page.href("history", **{"import": str(import_id)})) if import_id is not None else None
    text = page.words(key, id=import_id, **values)
    # Each deed moves the data, so each is told under another id and brought into view (browser.js).
    place = f"told-{page.opened.store.data_version}"
    return Done(el("p", text, " ", link, class_="notice", role="status", id=place, tabindex="-1", data_told=True))


def reason(page: Page, key: str) -> str:
    """Why: whoever changes what others rely on says so."""
    label, hint = page.words("deed.reason"), page.words("deed.reason_hint")
    return st.text_input(label, key=f"reason {key}", placeholder=hint, max_chars=LONGEST_REASON)


def sent(page: Page) -> bool:
    """The button of a form that asks for a preview."""
    return st.form_submit_button(plain(page.words("deed.preview")))


def refuse_blank(why: str) -> None:
    """Raises ImportDataError for a blank reason."""
    if not why.strip():
        raise ImportDataError([Problem("entry.reason")])


def speaks_for(page: Page, area_id: str) -> bool:
    """Whether the reader is not bound to other areas; asked again where something is written."""
    return page.user.areas is None or area_id in page.ask(bounds.areas_of, page.user.areas)


def is_doing(key: str) -> bool:
    """Whether what was confirmed under this key is under way, or has ended and is yet to be told."""
    deed: Deed[object] | None = st.session_state.get(f"deed {key}")
    return deed is not None and deed.doing is not None


def consider(
    page: Page, key: str, asked: Asked[T] | None, show: Callable[[T], Sequence[Html | None]], say: Callable[[T], Done], label: str, clears: Sequence[str] = (),
    doubts: Callable[[T], Mapping[str, str]] = lambda _: {},
) -> None:  # fmt: skip
    """What was asked for (None: nothing new): its preview and a button to confirm it; then, once, what was done.

    key: tells what is under way from what else this person does; label: the button's; clears: parameters that leave the address when it is done;
    doubts: what must be ticked first, kind → words.
    """
    kept = f"deed {key}"
    if asked is not None:
        st.session_state.pop(TOLD, None)
        st.session_state[kept] = Deed(page.opened.store, page.user, asked.act, asked.why)
    deed: Deed[T] | None = st.session_state.get(kept)
    if deed is None:
        return
    if deed.doing is not None:
        work = drop.follow(deed.doing, page.words, "deed.doing")
        if work.result is not None:
            del st.session_state[kept]
            st.session_state[TOLD] = say(work.result)
            page.set(**dict.fromkeys(clears))
        page.show(marks.section(page.words("deed.not_done")), marks.problems(page.words, work.problems, page.href))
        st.session_state[kept] = deed = deed.again(page.opened.store, page.user)
    tried = drop.follow(deed.trying, page.words, "deed.trying")
    if tried.result is None:
        page.show(marks.section(page.words("deed.not_done")), marks.problems(page.words, tried.problems, page.href))
        return
    page.show(*show(tried.result), el("p", page.words("history.because", why=deed.why), class_="note"))
    is_ticked = drop.ticked(page, doubts(tried.result), f"{key} {deed.number}")
    with st.container(horizontal=True):
        # Not as the button's callback: that runs before the page has asked anew who is there, and which store is open.
        if st.button(plain(label), type="primary", key=f"confirm {key}", disabled=not is_ticked):
            deed.carry_out(page.opened.store, page.user)
            st.rerun()
        st.button(plain(page.words("deed.leave")), key=f"leave {key}", on_click=lambda: st.session_state.pop(kept, None))


def number_of(outcome: Outcome) -> int | None:
    """The number of the import that an entry became."""
    return outcome.imports[0].id
