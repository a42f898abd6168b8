"""Which area a page is about: the one that the address names, and the control to choose another."""

from __future__ import annotations

import streamlit as st

from compliance.drawing import marks
from compliance.questions import queries
from compliance.questions.queries import Area
from compliance.screen import offering
from compliance.screen.page import Page


def area(page: Page) -> Area:
    """The area that the address names; ends the run while none is chosen. Draws the control."""
    words, standard = page.words, page.standard
    areas: dict[str, Area] = {area.id: area for level in standard.judged_levels for area in page.ask(queries.areas_of, level)}
    asked = page.parameter("area")
    if asked is not None and asked not in areas:
        page.notice("community.unknown_area", area=asked)
        asked = None
    with st.container(horizontal=True, key="choose-area"):
        offered = page.offered(list(areas.values()), [areas[asked]] if asked else [])
        names = {area.id: offering.label(words, standard, area) for area in offered}
        page.choice("area", list(names), asked, words("community.choose_label"), names.__getitem__, words("community.choose_hint"), resets=("under", "find"))
    if asked is None:
        page.show(marks.opening((words.title(standard.title),), words(f"app.page.{page.name}")))
        page.empty("community.choose")
        st.stop()
    return areas[asked]
