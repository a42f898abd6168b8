"""Which area a page is about: the one that the address names, and the control to choose another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from compliance.answers import area_lists
from compliance.drawing import area_list_marks, marks
from compliance.questions import queries
from compliance.questions.queries import Area
from compliance.screen import offering
from compliance.screen.page import Page


def area(page: Page) -> Area:
    """The area that the address names; while none is chosen, ends the run with all of them. Draws the control."""
    words, standard = page.words, page.standard
    areas: dict[str, Area] = {area.id: area for level in standard.judged_levels for area in page.ask(queries.areas_of, level)}
    asked = page.parameter("area")
    if asked is not None and asked not in areas:
        page.notice("community.unknown_area", area=asked)
        asked = None
    with st.container(horizontal=True, key="choose-area"):
        offered = page.offered(list(areas.values()), [areas[asked]] if asked else [])
        names = {area.id: offering.label(words, standard, area) for area in offered}
        page.choice(
            "area", list(names), asked, words("community.choose_label"), names.__getitem__, words("community.choose_hint"), resets=("under", "find", "part")
        )
    if asked is None:
        _begin(page, list(areas.values()), offered)
        st.stop()
    return areas[asked]


def _begin(page: Page, areas: Sequence[Area], offered: Sequence[Area]) -> None:
    """All areas with how they stand; of very many those of one group, or those that the search above finds."""
    words, standard = page.words, page.standard
    where = (words.title(standard.title), page.period_title)
    page.show(marks.opening(where, words(f"app.page.{page.name}", level=page.level_words), words("community.choose")))
    shown = area_lists.in_order(offering.begun(areas, offered, is_search=bool(page.parameter("find"))))
    found = area_lists.standings(*(page.ask(queries.domain_matrix, standard, level, page.period) for level in standard.judged_levels))
    part = [shown[place] for place in page.screenful(len(shown))]
    if not part:
        page.empty("community.nobody_found")
        return
    level = words.title(standard.level_by_id[part[0].level].title)
    page.show(area_list_marks.lists(words, area_lists.groups(part), found, level, lambda id_: page.href("community", area=id_)))
    page.download(partial(area_lists.sheet, words, areas, found), "areas")
