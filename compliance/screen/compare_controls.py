"""The choices above the comparison: which level, which of its areas, and who the others are that they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from compliance.answers import compare_groups, comparing
from compliance.answers.compare_groups import Way
from compliance.answers.comparing import Asked
from compliance.drawing import compare_marks, group_marks
from compliance.questions import queries
from compliance.questions.queries import Area
from compliance.screen import narrowing
from compliance.screen.page import Page
from compliance.standard.definitions import Level

HEEDS = ("parent", "domain", "kind")


@dataclass(frozen=True)
class Chosen:
    """members: every area of the level; areas: those to be compared, none until some are chosen."""

    level: Level
    members: Sequence[Area]
    areas: tuple[Area, ...]


def what(page: Page) -> Way | Level:
    """What is compared: the areas of a level, or groups of those of the lowest. Draws the control where there is a choice."""
    words, standard, parameter = page.words, page.standard, page.parameter("level")
    ways = compare_groups.ways(page.ask, standard, page.level)
    level = standard.level_by_id[comparing.level(standard, _asked(page), parameter)]
    titles = {each: words.title(standard.level_by_id[each].title) for each in standard.judged_levels} | way_titles(page)
    found = ways.get(parameter or "")
    if len(titles) > 1:
        with st.container(key="compare-what"):
            page.choice("level", list(titles), found.id if found else level.id, words("compare.level"), titles.__getitem__, row=True, resets=("areas",))
    return found or level


def way_titles(page: Page) -> dict[str, str]:
    """Way to group the areas of the lowest level → what it is called."""
    level = page.standard.level_by_id[page.level]
    return {way: group_marks.way_title(page.words, page.standard, level, way) for way in compare_groups.ways(page.ask, page.standard, level.id)}


def _asked(page: Page) -> Asked:
    every = [area for each in page.standard.judged_levels for area in page.ask(queries.areas_of, each)]
    return comparing.asked(page.parameter("areas"), every)


def choose(page: Page, level: Level) -> tuple[Page, Chosen]:
    """Draws the control for the areas. The page that comes back is narrowed to what is shown: once areas are chosen, by the domain alone."""
    words, asked = page.words, _asked(page)
    for complaint in compare_marks.complaints(words, level, asked):
        page.notice("compare.vain", said=complaint)
    members = page.ask(queries.areas_of, level.id)
    kept = _kept(page, level.id)
    _areas(page, level, asked, [area for area in members if kept is None or area.id in kept])
    if asked.areas:
        shown = narrowing.of(page, level.id, heeds=("domain",), unheeded="compare.filter_of_choice")
    else:
        shown = narrowing.of(page, level.id, heeds=_heeds(page, level.id))
    return shown, Chosen(level, members, asked.areas)


def _heeds(page: Page, level: str) -> tuple[str, ...]:
    """What the areas that are offered are narrowed by: a filter by parent leaves all the parents to be compared."""
    return HEEDS if level == page.level else tuple(name for name in HEEDS if name != "parent")


def _kept(page: Page, level: str) -> frozenset[str] | None:
    return replace(page, heeds=_heeds(page, level)).kept_areas(level)


def _areas(page: Page, level: Level, asked: Asked, members: Sequence[Area]) -> None:
    """The list to choose from; what is chosen is written into the address."""
    words = page.words
    with st.container(horizontal=True, key="choose-areas"):
        names = compare_marks.labels(page.offered(members, asked.areas), asked.areas)
    label = words("compare.choose_label", level=words.title(level.title), most=comparing.MOST)
    picked = st.multiselect(
        label, list(names), list(asked.ids), names.__getitem__, key=f"areas {asked.ids}", max_selections=comparing.MOST, placeholder=words("compare.hint")
    )
    if tuple(picked) != asked.ids:
        page.set(areas=comparing.SEPARATOR.join(picked) or None, level=level.id)


def verdicts(page: Page) -> list[tuple[Level, pd.DataFrame]]:
    """Each level with how its areas stand, to choose from."""
    levels = [page.standard.level_by_id[each] for each in page.standard.judged_levels]
    return [(each, page.ask(queries.verdicts_of_areas, each.id, page.period, None, _kept(page, each.id))) for each in levels]
