"""Controls bound to the address: what is chosen stands there and is read from there, so reload, Back and a copied link reproduce it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance.drawing import marks
from compliance.questions.queries import Area
from compliance.screen import offering
from compliance.standard.definitions import Standard
from compliance.texts import Words

WIDEST_CONTROL, LONGEST_SEARCH = 420, 100
ROWS_A_SCREEN, MOST_ROWS = 200, 300


def plain(text: str) -> str:
    """A text from data, to be read as it is where Streamlit would take it for markdown (labels, headings)."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+\-.!|~$<>&:^=])", r"\\\1", text)
    # :name: would still become an emoji after unescaping; an invisible joiner between keeps the letters apart.
    return re.sub(r":(?=[\w+\\-]+:)", ":\u2060", escaped)


def choice(
    parameter: str,
    options: Sequence[Any],
    current: Any,
    label: str,
    title: Callable[[Any], str],
    hint: str | None = None,
    *,
    row: bool = False,
    width: int | str = WIDEST_CONTROL,
    resets: Sequence[str] = (),
    keeps: Mapping[str, str] | None = None,
    language: str = "",
) -> None:
    """A control over a parameter of the address: a list to search, or a row of buttons for a few short options.

    Its key holds the current value, so that it never remembers anything but the address, and the language, so that it speaks no other.
    resets: parameters that any change makes void; keeps: what the address should say from then on, because what it was read from may be void.
    """
    key = f"{parameter} {current} {language}".rstrip()

    def remember() -> None:
        value = st.session_state[key]
        for name in (*resets, *([] if value else [parameter])):
            st.query_params.pop(name, None)
        for name, kept in {**(keeps or {}), **({parameter: value} if value else {})}.items():
            st.query_params[name] = kept

    if row:
        st.segmented_control(label, options, format_func=title, default=current, key=key, on_change=remember, required=True)
        return
    place = options.index(current) if current is not None and current in options else None
    st.selectbox(label, options, place, title, key=key, on_change=remember, placeholder=hint, width=width)  # type: ignore[arg-type]


def offered(words: Words, standard: Standard, areas: Sequence[Area], chosen: Sequence[Area], pick: Callable[..., str]) -> list[Area]:
    """The areas that a list of them offers: all of a few; of very many those of one parent, or those that a search finds, with the controls for both.

    pick: Page.pick"""
    if len(areas) <= offering.MOST_OFFERED:
        return list(areas)
    groups = offering.groups(areas, chosen)
    near = areas
    if len(groups) > 1:
        near = groups[pick("under", list(groups), words("offer.under"), lambda id_: offering.title(words, standard, groups[id_]))]
    query = _sought("find", words("offer.find", most=offering.MOST_FOUND))
    if query or len(near) > offering.MOST_OFFERED:
        near = offering.found(areas if query else near, query)
    return offering.with_chosen(near, chosen)


def _sought(parameter: str, label: str) -> str:
    """Words to look for, in the address. Not bound to it by Streamlit, which would refuse that another control takes them out."""
    asked = st.query_params.get(parameter, "")[:LONGEST_SEARCH]
    key = f"{parameter} {asked}"

    def remember() -> None:
        st.query_params.pop(parameter, None)
        if value := st.session_state[key].strip():
            st.query_params[parameter] = value

    st.text_input(label, asked, key=key, on_change=remember, max_chars=LONGEST_SEARCH, width=WIDEST_CONTROL)
    return asked


def screenful(words: Words, total: int, pick: Callable[..., str], holding: int = 0) -> list[int]:
    """Which of many rows to show: all that a screen bears, or the two hundred that the address (`part`) asks for, else those with the row `holding`.

    pick: Page.pick"""
    if total <= MOST_ROWS:
        return list(range(total))
    starts = [str(start) for start in range(1, total + 1, ROWS_A_SCREEN)]

    def title(start: str) -> str:
        return words("overview.screenful", first=start, last=min(int(start) + ROWS_A_SCREEN - 1, total), total=total)

    first = int(pick("part", starts, words("overview.part"), title, usual=starts[holding // ROWS_A_SCREEN]))
    st.html(marks.on_paper(words("app.part_on_paper", part=title(str(first)))))
    return list(range(first - 1, min(first - 1 + ROWS_A_SCREEN, total)))
