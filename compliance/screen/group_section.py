"""The compare page for groups of areas, whose verdicts are counted together: the list to choose from, cards, dots and the indicators that differ most."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from compliance.answers import compare_groups, comparing
from compliance.answers.compare_groups import Way
from compliance.drawing import compare_charts, group_marks, marks
from compliance.screen import narrowing
from compliance.screen.page import Page


def show(page: Page, head: DeltaGenerator, way: Way) -> None:
    """head: where the opening and the cards stand."""
    words, standard = page.words, page.standard
    level = standard.level_by_id[page.level]
    page = narrowing.of(page, level.id, heeds=way.heeds)
    filters = page.in_force(level.id)
    chosen = compare_groups.groups(page.ask, level.id, way, _chosen(page, way), filters)
    if len(chosen) < comparing.FEWEST:
        with head:
            page.show(marks.opening(page.notes, words("compare.title_groups", way=group_marks.way_title(words, standard, level, way.id))))
        page.empty("compare.choose_groups", fewest=comparing.FEWEST, most=comparing.MOST)
        return
    found = compare_groups.compared(page.ask, standard, level.id, page.period, chosen, page.kept_areas(level.id), filters.domain)
    with head:
        page.show(group_marks.opening(words, page.notes, level, found), group_marks.cards(words, level, found, page.href))
    page.show(marks.section(words("compare.by_domain_groups"), words("compare.by_domain_groups_note", level=words.title(level.title))))
    goal = group_marks.goal(level, chosen)
    page.chart(compare_charts.dots(words, page.colours, chosen, found.counts, found.standings, goal), "compare", title=words("compare.by_domain_groups"))
    page.download(partial(group_marks.domain_sheet, words, level, found), "compare-groups")
    page.show(marks.section(words("compare.differences_groups"), words("compare.differences_groups_note")))
    page.show(group_marks.differences(words, standard, level, found, page.href))
    page.download(partial(group_marks.indicator_sheet, words, standard, level, found), "compare-groups-indicators")


def _chosen(page: Page, way: Way) -> tuple[str, ...]:
    """Draws the list of groups; what is chosen is written into the address."""
    words = page.words
    ids, unknown, cut = compare_groups.asked(way, page.parameter("areas"))
    for complaint in group_marks.complaints(words, way, unknown, cut):
        page.notice("compare.vain", said=complaint)
    if page.parameter("areas") is None and len(way.options) > len(ids):
        page.notice("compare.first_groups", n=len(way.options), shown=len(ids))
    label = words("compare.choose_groups_label", most=comparing.MOST)
    names = {id_: name for id_, (_, name) in way.options.items()}
    picked = st.multiselect(label, list(names), list(ids), names.__getitem__, key=f"groups {way.id} {ids}", max_selections=comparing.MOST)
    if tuple(picked) != ids:
        page.set(areas=comparing.SEPARATOR.join(picked) or None)
    return ids
