"""Indicator: who passes this one, on which criterion the others fail, by how much, and since when."""

from functools import partial

import streamlit as st

from compliance.answers import heat_goals, matrices
from compliance.answers.passing_asking import Asked
from compliance.drawing import indicator_charts, indicator_marks, marks
from compliance.screen import grid, narrowing
from compliance.screen.shell import open_page

page = open_page("indicator", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

head = st.container()
left, right = st.columns(2)
with left:
    titles = indicator_marks.titles(words, standard, page.filters.domain)
    code = page.pick("indicator", list(titles), words("passing.choose"), titles.__getitem__, resets=("criterion", "part"))
page = narrowing.of(page, standard.indicator_by_code[code].level)
asked = Asked(page.ask, standard, code, period, page.in_force(*page.shown))
indicator, clauses = asked.indicator, asked.clauses()
with right:
    clause_titles = indicator_marks.clause_titles(words, standard, indicator, clauses)
    chosen = page.pick("criterion", list(clause_titles), words("passing.choose_criterion"), clause_titles.__getitem__)
criterion, standings, history = asked.criterion(chosen), asked.standings(chosen), asked.history()

with head:
    before = indicator_marks.before(history, page.period_before)
    page.show(indicator_marks.opening(words, standard, indicator, criterion, page.period_title, standings, before, page.href))
page.show(indicator_marks.definition(words, standard, indicator, clauses, lambda id_: page.href("indicator", indicator=code, criterion=id_), chosen))
with st.container(horizontal=True):
    page.link("definitions", words("passing.to_definition"), indicator=code)
    page.link("heatmap", words("passing.to_heatmap"), **heat_goals.place(standard, code))
if not standings.area_ids:
    page.empty("passing.nobody")
    st.stop()

figure = indicator_charts.distribution(words, page.colours, standard, criterion, standings)
page.show(indicator_marks.spread_head(words, clause_titles[chosen], figure))
picture, tally = st.columns([3.2, 1], gap="large")
with picture:
    page.chart(figure, "spread", title=clause_titles[chosen], empty=indicator_marks.nothing_drawn(standings))
with tally:
    page.show(indicator_marks.beside(words, criterion, standings))

page.show(marks.section(words("passing.ranking"), words("passing.ranking_note")))
rows, failing = indicator_marks.order(standings), asked.since()
shown = [rows[place] for place in page.screenful(len(rows), indicator_marks.place(standings, rows, page.parameter("area")))]
page.show(indicator_marks.ranking(words, standard, indicator, criterion, standings, shown, failing, period, page.href))
sheet = partial(indicator_marks.ranking_sheet, words, standard, indicator, criterion, standings, rows, failing)
page.download(sheet, f"indicator-{code}", indicator_marks.looks(words, standings, rows))

page.show(marks.section(words("passing.over_time"), words("passing.over_time_note")))
near = asked.near(indicator_marks.ids(standings, shown))
matrix = indicator_marks.over_time(words, standard, standings, history, near, shown)
opened = grid.grid(matrix, matrices.grid_words(words, asked.level, name="passing.over_time_grid"), key="over-time", height=520)
page.show(page.pictures(".st-key-over-time", f"over-time-{code}"))
if opened and opened[0]:
    page.go("heatmap", **heat_goals.cell(standard, opened[0], code), period=opened[1] or page.period_label)
