"""Trends: better or worse, where, by whose doing, and where it cannot be told."""

from functools import partial

import streamlit as st

from compliance import history_queries, marks, queries, trend_charts, trend_marks, trend_queries, trend_sheets
from compliance.shell import open_page

page = open_page("trends", ("parent", "domain", "kind"))
words, standard, period, domain = page.words, page.standard, page.period, page.filters.domain

head = st.container()
levels = trend_marks.levels(standard, page.filters)
level = page.pick("level", levels, words("trends.level"), lambda id_: words.title(standard.level_by_id[id_].title), row=True) if levels[1:] else levels[0]
title, areas = words.title(standard.level_by_id[level].title), page.kept_areas(level)
over = trend_marks.span(standard, page.ask(queries.all_periods), period)
turns = page.ask(trend_queries.turns, standard, level, period, areas)
turned = trend_marks.turned(standard, domain, turns.by_indicator(), page.period_before)
with head:
    page.show(trend_marks.opening(words, standard, (*page.notes, title), page.period_before, turned))

domains = trend_marks.of_domains(words, standard, level, domain, page.ask(history_queries.rates_over_time, standard, level, areas), over)
page.show(marks.section(words("trends.by_domain", level=title), trend_marks.chart_note(words, len(domains), len(domains), has_reference=False)))
page.chart(trend_charts.panels(words, page.colours, standard, over, domains), "trends", title=words("trends.by_domain", level=title))
page.show(trend_marks.table(words, words("trends.column_domain"), domains, over, page.href))
page.download(trend_sheets.rates(words, words("trends.column_domain"), domains, over), "trends")

places = trend_marks.of_parents(standard, level, page.ask(history_queries.rates_by_parent_over_time, standard, level, domain, areas), over)
if places[1:]:
    parent = trend_marks.parent_title(words, standard, level)
    shown = trend_marks.most_moved(places, over.shown)
    whole = trend_marks.all_together(words, places)
    page.show(marks.section(words("trends.by_parent", level=title, parent=parent), trend_marks.chart_note(words, len(shown), len(places), has_reference=True)))
    page.chart(trend_charts.panels(words, page.colours, standard, over, shown, whole), "places", title=words("trends.by_parent", level=title, parent=parent))
    page.show(trend_marks.table(words, parent, places, over, page.href))
    page.download(trend_sheets.rates(words, parent, places, over), "places")

if turned is None:
    page.empty("trends.one_period")
    st.stop()

page.show(marks.section(words("trends.moved"), words("trends.moved_note")))
for column, way in zip(st.columns(2, gap="large"), ("regressed", "fixed"), strict=True):
    with column:
        page.show(trend_marks.moves(words, standard, way, turns.moves(way, domain, trend_marks.MOST_MOVERS), page.href))
flips = partial(page.ask, history_queries.flips, standard, level, period, areas)
page.download(trend_sheets.flips(words, standard, flips, domain), "flips")

earlier = page.ask(trend_queries.turns, standard, level, period - 1, areas)
worse = trend_marks.worsening(turned, trend_marks.turned(standard, domain, earlier.by_indicator(), page.period_before))
number, sinking = page.ask(trend_queries.sinking, standard, level, period, domain, areas, trend_marks.MOST_SINKING)
tallies = page.ask(queries.compliance_by_indicator, standard, level, period, areas)
page.show(marks.section(words("trends.worsening"), words("trends.worsening_note")))
left, right = st.columns(2, gap="large")
with left:
    page.show(trend_marks.sinking(words, standard, level, sinking, number, over, page.href))
with right:
    page.show(trend_marks.indicators(words, standard, turned, tallies, worse, page.href))
    page.download(trend_sheets.turned(words, standard, turned, tallies, worse), "turned")

page.show(marks.section(words("trends.untold_title"), words("trends.untold_note")))
left, right = st.columns(2, gap="large")
with left:
    page.show(trend_marks.untold(words, standard, period, (*domains, *places), over, turned))
with right:
    lost = partial(turns.moves, "lost", domain)
    page.show(trend_marks.moves(words, standard, "lost", lost(trend_marks.MOST_MOVERS), page.href))
    page.download(trend_sheets.lost(words, standard, partial(lost, None)), "lost")
