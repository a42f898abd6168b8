"""Indicator: who passes this one, on which criterion the others fail, by how much, and since when."""

from functools import partial

import streamlit as st

from compliance.answers import heat_goals, matrices, passing_asking
from compliance.drawing import indicator_charts, indicator_marks, marks, ranking_marks
from compliance.screen import grid, narrowing
from compliance.screen.shell import open_page

page = open_page("indicator", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

head = st.container()
left, right = st.columns(2)
with left:
    titles = indicator_marks.titles(words, standard, page.filters.domain)
    usual = passing_asking.most_missed(page.ask, standard, period, page.kept_areas, titles)
    code = page.pick("indicator", list(titles), words("passing.choose"), titles.__getitem__, resets=("criterion", "part"), usual=usual)
page = narrowing.of(page, standard.indicator_by_code[code].level)
asked = passing_asking.Asked(page.ask, standard, code, period, page.kept_areas(*page.shown))
indicator, clauses = asked.indicator, asked.clauses()
with right:
    clause_titles = indicator_marks.clause_titles(words, standard, indicator, clauses)
    chosen = page.pick("criterion", list(clause_titles), words("passing.choose_criterion"), clause_titles.__getitem__, resets=("part",))
standings, history = asked.standings(chosen), asked.history()
ranked = ranking_marks.Ranked(standard, indicator, asked.criterion(chosen), standings, asked.since(), is_chosen=page.parameter("criterion") == chosen)

with head:
    shift, is_unasked = history.shift(period - 1, period), usual is not None and page.parameter("indicator") is None
    page.show(indicator_marks.opening(words, ranked, page.period_title, shift, page.href, is_unasked=is_unasked))
page.show(indicator_marks.contents(words), indicator_marks.definition(words, ranked, clauses, page.href))
with st.container(horizontal=True):
    page.link("definitions", words("passing.to_definition"), indicator=code)
    page.link("heatmap", words("passing.to_heatmap"), **heat_goals.place(standard, code))
if not standings.area_ids:
    page.empty("passing.nobody")
    st.stop()

figure = indicator_charts.distribution(words, page.colours, standard, ranked.criterion, standings)
page.show(indicator_marks.spread_head(words, clause_titles[chosen], figure))
picture, tally = st.columns([3.2, 1], gap="large")
with picture:
    page.chart(figure, "spread", title=clause_titles[chosen], empty=indicator_marks.nothing_drawn(standings))
with tally:
    page.show(indicator_marks.beside(words, ranked.criterion, standings))

page.show(ranking_marks.head(words, ranked, page.href))
rows = ranked.rows
shown = [rows[place] for place in page.screenful(len(rows), indicator_marks.place(standings, rows, page.parameter("area")))]
page.show(ranking_marks.ranking(words, ranked, shown, period, page.href))
page.download(partial(ranking_marks.sheet, words, ranked), f"indicator-{code}", ranking_marks.looks(words, ranked))

page.show(marks.section(words("passing.over_time"), words("passing.over_time_note"), "over_time"))
matrix = indicator_marks.over_time(words, standard, standings, history, asked.near(indicator_marks.ids(standings, shown)), shown)
opened = grid.grid(matrix, matrices.grid_words(words, asked.level, len(shown), len(rows), name="passing.over_time_grid"), key="over-time", height=520)
page.show(page.pictures(".st-key-over-time", f"over-time-{code}"))
if opened and opened[0]:
    page.go("heatmap", **heat_goals.cell(standard, opened[0], code), period=opened[1] or page.period_label)
