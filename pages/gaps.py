"""Gaps: what is left to do, of what, where, by whom, and since when."""

from functools import partial

import streamlit as st

from compliance import gap_charts, gap_marks, gap_queries, work_lists
from compliance.shell import open_page

page = open_page("gaps", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

opening = st.container()
left, right = st.columns(2)
with left:
    levels = work_lists.levels(standard, page.filters.domain)
    titles = {each: words.title(standard.level_by_id[each].title) for each in levels}
    level = page.pick("level", levels, words("gaps.level"), titles.__getitem__, row=True, resets=("owner", "part")) if len(levels) > 1 else levels[0]
with right:
    everyone = work_lists.Scope(standard, level, page.filters)
    owner = page.pick("owner", ("", *everyone.owners), words("gaps.owner"), gap_marks.owner_title(words, everyone), resets=("part",)) if everyone.owners else ""
scope = work_lists.Scope(standard, level, page.filters, owner)

tallies = work_lists.tallies(page.ask(gap_queries.open_by_indicator, standard, level, period, scope.place))
areas = page.ask(gap_queries.open_by_area, standard, level, period, scope.codes, scope.place)
with opening:
    page.show(gap_marks.opening(words, scope, (page.period_title, *page.filter_words(page.heeds)), len(areas), tallies))
if areas.empty:
    page.empty("gaps.no_areas")
    st.stop()

left, right = st.columns([1.2, 1], gap="large")
with left:
    page.show(gap_marks.bars_title(words, scope))
    lines = gap_charts.lines(words, scope, tallies)
    page.chart(gap_charts.bars(words, page.colours, lines), "gaps", title=words("gaps.chart_title"))
    page.download(gap_charts.sheet(words, lines), "gaps")
with right:
    shown = page.ask(gap_queries.open_by_parent, standard, level, period, scope.codes, scope.place) if scope.is_of_parents else areas
    page.show(gap_marks.places(words, scope, shown, page.href))
    page.download(gap_marks.place_sheet(words, areas), "gaps-areas")
if everyone.owners and not owner:
    page.show(gap_marks.departments(words, scope, tallies, partial(page.href, "gaps", level=level)))
    page.download(gap_marks.department_sheet(words, scope, tallies), "gaps-departments")

hurdle = scope.hurdle(len(areas))
if hurdle is not None:
    page.empty(hurdle, **gap_marks.hurdle_words(words, scope, len(areas)))
    st.stop()
since = page.ask(gap_queries.unmet_since, standard, level, period, scope.codes, scope.place)
tasks = work_lists.tasks(standard, page.ask(gap_queries.work, standard, level, period, scope.codes, scope.place), since)
page.show(gap_marks.work_title(words, scope, tasks))
if tasks:
    sort = page.pick("sort", work_lists.SORTS, words("gaps.sort"), lambda each: words(f"gaps.sort_{each}"), row=True, resets=("part",))
    tasks = work_lists.ordered(tasks, standard, sort)
    part = [tasks[place] for place in page.screenful(len(tasks))]
    page.show(gap_marks.work_list(words, standard, part, period, page.href, shows_owner=bool(everyone.owners) and not owner))
    page.download(gap_marks.work_sheet(words, standard, tasks, period), "work")
missing = page.ask(gap_queries.unreported, standard, level, period, scope.codes, scope.place)
if not missing.empty:
    page.show(gap_marks.report_first(words, standard, missing, page.href))
    page.download(gap_marks.report_sheet(words, standard, missing), "report-first")
