"""Indicator: who passes this one, on which criterion the others fail, by how much, and since when."""

import streamlit as st

from compliance.answers import matrices
from compliance.drawing import indicator_charts, indicator_marks, marks
from compliance.questions import passing_queries
from compliance.screen import grid
from compliance.screen.shell import open_page

page = open_page("indicator", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

left, right = st.columns(2)
with left:
    titles = indicator_marks.titles(words, standard, page.filters.domain)
    code = page.pick("indicator", list(titles), words("passing.choose"), titles.__getitem__, resets=("criterion", "part"))
indicator = standard.indicator_by_code[code]
level = standard.level_by_id[indicator.level]
kept = (page.filters.parent, page.filters.kind) if level.id == page.level else (None, None)
clauses = page.ask(passing_queries.clause_counts, standard, level.id, period, code, *kept)
with right:
    clause_titles = indicator_marks.clause_titles(words, standard, indicator, clauses)
    chosen = page.pick("criterion", list(clause_titles), words("passing.choose_criterion"), clause_titles.__getitem__)
criterion = next(each for each, _ in indicator.leaves() if each.id == chosen)
standings = page.ask(passing_queries.standings, standard, level.id, period, code, chosen, *kept)
history = page.ask(passing_queries.history, standard, level.id, code, *kept)

page.show(indicator_marks.opening(words, standard, indicator, page.period_title, standings, indicator_marks.before(history, period)))
page.show(indicator_marks.definition(words, standard, indicator, clauses, lambda id_: page.href("indicator", indicator=code, criterion=id_), chosen))
with st.container(horizontal=True):
    page.link("definitions", words("passing.to_definition"), indicator=code)
    page.link("heatmap", words("passing.to_heatmap"), indicator=code, view=standard.domain_of[code].id)
if not standings.area_ids:
    page.empty("passing.nobody")
    st.stop()

figure = indicator_charts.distribution(words, page.colours, standard, criterion, standings)
note = words(f"passing.spread_{indicator_charts.picture_kind(figure)}") if figure else ""
page.show(marks.section(words("passing.spread", title=clause_titles[chosen]), note))
picture, tally = st.columns([3.2, 1], gap="large")
with picture:
    if figure is None:
        page.empty("passing.no_figures")
    else:
        page.chart(figure, "spread", title=clause_titles[chosen])
with tally:
    page.show(indicator_marks.beside(words, criterion, standings))

rows = indicator_marks.order(standings)
failing = indicator_marks.since(history, period)
page.show(marks.section(words("passing.ranking"), words("passing.ranking_note")))
shown = [rows[place] for place in page.screenful(len(rows))]
page.show(
    indicator_marks.ranking(words, standard, indicator, criterion, standings, shown, failing, lambda name, id_: page.href(name, area=id_, indicator=code))
)
sheet = indicator_marks.ranking_sheet(words, standard, indicator, criterion, standings, rows, failing)
page.download(sheet, f"indicator-{code}", indicator_marks.looks(words, standings, rows))

page.show(marks.section(words("passing.over_time"), words("passing.over_time_note")))
near = page.ask(passing_queries.near_over_time, standard, level.id, code, indicator_marks.ids(standings, shown))
matrix = indicator_marks.over_time(words, standard, standings, history, near, shown)
opened = grid.grid(matrix, matrices.grid_words(words, level, name="passing.over_time_grid"), key="over-time", height=520)
page.show(page.pictures(".st-key-over-time", f"over-time-{code}"))
if opened and opened[0]:
    page.go("heatmap", area=opened[0], indicator=code, period=opened[1] or page.period_label)
