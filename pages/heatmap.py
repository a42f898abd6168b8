"""Heatmap: who misses what? Areas × domains, one click deeper areas × indicators, and beside a chosen cell why it is as it is."""

import streamlit as st

from compliance.answers import heat_asking, heat_goals, heat_headline, heat_views
from compliance.drawing import marks
from compliance.screen import grid, heat_controls, heat_panel
from compliance.screen.shell import open_page

page = open_page("heatmap", filters=("parent", "kind"))
words, standard, period = page.words, page.standard, page.period
head = st.container()
page, chosen = heat_controls.choose(page, page.parameter("indicator"))
down, view = chosen.down, chosen.view

matrix = heat_asking.matrix(page.ask, words, standard, down, view, chosen.owner, period, page.kept_areas(down.level), page.in_force(down.level))
with head:
    where = (page.period_title, heat_headline.where(words, standard, down, view))
    page.show(marks.opening(where, heat_headline.headline(words, standard, down, matrix), marks.on_screen(words("heatmap.lead"))))
total = len(matrix.ids)
matrix = matrix.having(chosen.status).arranged(chosen.sort)
rows = page.screenful(len(matrix.ids), matrix.row_of(page.parameter("area")))
shown = heat_views.shown(matrix, rows)
if not matrix.ids or not matrix.columns:
    page.empty("heatmap.none")
drawn = shown.grid(grouped=chosen.sort == "name", transposed=chosen.turned)
told = heat_views.grid_words(words, standard, down, view, shown=len(shown.ids), total=total, transposed=chosen.turned)
is_drawn = bool(shown.ids and shown.columns) and not chosen.as_table

with st.container(key="heat"):
    place = st.container(key="heat-matrix")
    heat_panel.panel(page, chosen, drawn if is_drawn else None, min(rows, default=0))
with place:
    if chosen.as_table:
        address = heat_goals.of_rows(page.href, words("overview.column_area_id"), down, view)
        page.show(marks.table(shown.table(words), address, words("overview.column_area")))
    elif is_drawn:
        grid.grid(drawn, told, key="heat-grid")
        page.show(page.pictures(".st-key-heat-grid", "heatmap"))
    page.download(lambda: matrix.sheet(words), "heatmap", of=chosen.said(words, standard))
