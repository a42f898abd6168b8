"""What a view is narrowed down to, said above it: the filters that are in force, and those that cannot hold for what it shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import streamlit as st

from compliance.answers import phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html
from compliance.questions import queries
from compliance.questions.filters import OTHERS, PARAMETERS, Filters
from compliance.screen import frame
from compliance.screen.page import Page


def of(page: Page, *levels: str, heeds: Collection[str] | None = None, unheeded: str = "app.filter_not_here") -> Page:
    """The page of areas of these levels, of none where it is of no areas: its notes, its filter line and its printed foot say what holds for those.

    heeds: where what the page heeds depends on what it shows; unheeded: what is said of the other filters. Where no area of the first level is left, the page says
    so and ends."""
    found = replace(page, shown=levels, heeds=page.heeds if heeds is None else tuple(heeds))
    if page.told is not None and (found.shown, found.heeds) != (page.shown, page.heeds):
        _tell(found, unheeded)
    for level in levels[:1]:
        if found.kept_areas(level) == frozenset():
            found.empty("app.filtered_out", level=page.words.title(page.standard.level_by_id[level].title))
            st.stop()
    return found


def level(page: Page, label: str, resets: Sequence[str] = ()) -> str:
    """Which level a page is about, of those that its domain judges: chosen where they are several."""
    levels = page.standard.levels_of(page.filters.domain)
    return page.pick("level", levels, label, phrases.level_title(page.words, page.standard), row=True, resets=resets) if levels[1:] else levels[0]


def begin(page: Page) -> Page:
    """The page with its foot, and its filter line where filters are in use; both are written anew once it turns out what it is of."""
    if page.filters == Filters():
        st.html(_foot(page))
        return page
    found = replace(page, told=(st.empty(), st.empty()))
    _tell(found)
    return found


def _foot(page: Page) -> Html:
    newest = page.ask(queries.newest_import)
    return marks.blocks(frame.footer(page.words, page.standard, page.version, newest), frame.print_style(page.words, page.provenance, newest))


def _tell(page: Page, unheeded: str = "app.filter_not_here") -> None:
    """Writes foot and filter line, over what they said before."""
    words, chosen = page.words, page.filters
    if page.told is None:
        return
    foot, line = page.told
    foot.html(_foot(page))
    held = {level: page.in_force(level) for level in page.shown}
    every = tuple(held.values()) or (page.in_force(),)
    anywhere = chosen.only([name for name in PARAMETERS if any(each.value(name) is not None for each in every)])
    notes = _lacking(page, chosen.only([name for name in PARAMETERS if name not in page.heeds]), unheeded)
    for level, each in held.items():
        lacking = chosen.only([name for name in page.heeds if each.value(name) is None])
        notes += _lacking(page, lacking, "app.filter_not_of_level", level=words.title(page.standard.level_by_id[level].title))
    line.html(frame.filter_line(words, page.filter_words(anywhere), notes, _clear(page)))


def _lacking(page: Page, filters: Filters, key: str, **values: str) -> list[str]:
    """That these filters narrow nothing here, where there are any."""
    named = page.filter_words(filters)
    return [page.words(key, by=phrases.DOT.join(named), **values)] if named else []


def _clear(page: Page) -> str:
    """The address of this view without filters."""
    own = {name: value for name, value in st.query_params.to_dict().items() if name not in ("lang", "period")}
    return page.href(page.name, **{**own, **dict.fromkeys((*PARAMETERS.values(), *OTHERS))})
