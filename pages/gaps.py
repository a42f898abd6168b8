"""Gaps: what is left to do, of what, where, by whom, and since when. A department that is chosen sees its list first."""

from functools import partial

import streamlit as st

from compliance.answers import work_lists
from compliance.drawing import gap_charts, gap_marks
from compliance.questions import gap_queries, owed_queries
from compliance.screen import narrowing, work_section
from compliance.screen.shell import open_page

page = open_page("gaps", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

opening = st.container()
left, right = st.columns(2)
with left:
    level = narrowing.level(page, words("gaps.level"), resets=("owner", "part"))
page = narrowing.of(page, level)
with right:
    everyone = work_lists.Scope(standard, level, page.in_force(level))
    owner = page.pick("owner", ("", *everyone.owners), words("gaps.owner"), gap_marks.owner_title(words, everyone), resets=("part",)) if everyone.owners else ""
scope = work_lists.Scope(standard, level, page.in_force(level), owner)
kept = page.kept_areas(level)
asked = (standard, level, period, scope.codes, kept)
of = gap_marks.said(words, scope)

tallies = work_lists.tallies(page.ask(gap_queries.open_by_indicator, standard, level, period, kept))
areas = page.ask(gap_queries.open_by_area, *asked)
with opening:
    counts = page.ask(gap_queries.open_criteria, *asked), page.ask(owed_queries.silent, level, period, kept)
    page.show(gap_marks.opening(words, scope, page.notes[1:], areas, tallies, *counts))
if areas.empty:
    page.empty("gaps.no_areas")
    st.stop()

above, below = st.container(), st.container()
with below if owner else above:
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        page.show(gap_marks.bars_title(words, scope))
        lines = gap_charts.lines(words, scope, tallies)
        page.chart(gap_charts.bars(words, page.colours, lines), "gaps", title=words("gaps.chart_title"))
        page.download(partial(gap_charts.sheet, words, lines), "gaps", of=of)
    with right:
        places = page.ask(gap_queries.open_by_parent, *asked) if scope.is_of_parents else areas
        page.show(gap_marks.places(words, scope, places, page.href))
        page.download(partial(gap_marks.place_sheet, words, places), "gaps-areas", of=of)
    if everyone.owners and not owner:
        page.show(gap_marks.departments(words, scope, tallies, partial(page.href, "gaps", level=level)))
        page.download(partial(gap_marks.department_sheet, words, scope, tallies), "gaps-departments", of=of)

with above if owner else below:
    work_section.show(page, scope, areas, counts)
