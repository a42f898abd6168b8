"""Trends: better or worse, where, by whose doing, and where it cannot be told. What got worse comes first."""

from functools import partial

import streamlit as st

from compliance.answers import trend_asking, trend_sheets, trend_views
from compliance.drawing import marks, trend_charts, trend_marks, worsening_marks
from compliance.questions import history_queries, queries, trend_queries
from compliance.screen import narrowing
from compliance.screen.shell import open_page

page = open_page("trends", ("parent", "domain", "kind"))
words, standard, period, domain = page.words, page.standard, page.period, page.filters.domain

head = st.container()
level = narrowing.level(page, words("trends.level"))
page = narrowing.of(page, level)
title, areas = words.title(standard.level_by_id[level].title), page.kept_areas(level)
over = trend_marks.span(standard, page.ask(queries.all_periods), period)
turns = page.ask(trend_queries.turns, standard, level, period, areas)
turned = trend_views.turned(standard, domain, turns.by_indicator(), page.period_before)
with head:
    page.show(trend_marks.opening(words, standard, (*page.notes, title), page.period_before, turned))

if turned is None:
    page.empty("trends.one_period")
else:
    worse = trend_asking.worse(page.ask, standard, level, period, domain, areas, turns, turned)
    page.show(marks.section(words("trends.worsening"), words("trends.worsening_note"), "worsening"))
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        page.show(worsening_marks.lost(words, standard, worse, page.href))
        flips = partial(page.ask, history_queries.flips, standard, level, period, areas)
        page.download(partial(trend_sheets.flips, words, standard, flips, domain), "flips", of=(title,))
    with right:
        page.show(worsening_marks.indicators(words, standard, worse, page.href))
        page.download(partial(trend_sheets.turned, words, standard, turned, worse.tallies, worse.again), "turned", of=(title,))
        page.show(worsening_marks.sinking(words, standard, level, worse, over, page.href))

shifts = turns if turned is not None else None
domains = trend_marks.of_domains(words, standard, level, domain, page.ask(history_queries.rates_over_time, standard, level, areas), over, shifts)
places = trend_marks.of_parents(standard, level, domain, page.ask(history_queries.rates_by_parent_over_time, standard, level, domain, areas), over, shifts)
for drawn in trend_marks.drawings(words, standard, level, over, domains, places):
    page.show(
        marks.section(drawn.title, drawn.note),
        trend_charts.panels(words, standard, over, drawn.shown, page.href, drawn.reference, id_=drawn.key),
        page.pictures(f"#panels-{drawn.key}", drawn.key),
        trend_marks.table(words, drawn, over, page.href),
    )
    page.download(partial(trend_sheets.rates, words, drawn.column, drawn.series, over), drawn.key, of=(title,))

if turned is None:
    st.stop()
left, right = st.columns(2, gap="large")
with left:
    page.show(trend_marks.moves(words, standard, "fixed", turns, domain, page.href))
with right:
    page.show(trend_marks.moves(words, standard, "lost", turns, domain, page.href))
    page.download(partial(trend_sheets.lost, words, standard, partial(turns.moves, "lost", domain, None)), "lost", of=(title,))
    page.show(trend_marks.untold(words, standard, period, (*domains, *places), over, turned))
