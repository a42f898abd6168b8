"""Heatmap: who misses what? Areas × domains, one click deeper areas × indicators, and beside a chosen cell why it is as it is."""

from functools import partial

import streamlit as st

from compliance import routes
from compliance.answers import heat_asking, heat_headline, heat_views
from compliance.answers.heat_views import DOMAINS
from compliance.drawing import marks, panel_marks
from compliance.questions import queries
from compliance.screen import grid, heat_controls
from compliance.screen.shell import open_page

page = open_page("heatmap", filters=("parent", "kind"))
words, standard, period = page.words, page.standard, page.period
page.show(panel_marks.CSS)
head = st.container()
chosen = heat_controls.choose(page, page.parameter("indicator"))
down, view, sort, turned, as_table = chosen.down, chosen.view, chosen.sort, chosen.turned, chosen.as_table

matrix = heat_asking.matrix(page.ask, words, standard, down, view, chosen.owner, period, page.kept_areas(), page.filters.parent)
with head:
    where = (page.period_title, heat_headline.where(words, standard, down, view))
    page.show(marks.opening(where, heat_headline.headline(words, standard, down, matrix), words("heatmap.lead")))
matrix = matrix.having(chosen.status).arranged(sort)
shown = heat_views.shown(matrix, page.screenful(len(matrix.ids)))
if not matrix.ids or not matrix.columns:
    page.empty("heatmap.none")
drawn = shown.grid(grouped=sort == "name", transposed=turned)
told = heat_views.grid_words(words, standard, down, view, transposed=turned, is_all=len(shown.ids) == len(matrix.ids))
is_drawn = bool(shown.ids and shown.columns) and not as_table


@st.fragment
def panel() -> None:
    """Runs again alone when a cell is opened: frame, controls and matrix stay as they are."""
    area_id, code = page.parameter("area"), page.parameter("indicator")
    area = page.ask(queries.area, area_id) if area_id and down.upper is None else None
    indicator = standard.indicator_by_code.get(code or "")
    with st.container(key="panel"):
        if is_drawn:
            names, selected = ("area", "view" if view == DOMAINS else "indicator"), (area_id or "", code or "")
            names, selected = (names[::-1], selected[::-1]) if turned else (names, selected)
            led = partial(heat_views.goal, down=down, view=view, transposed=turned)
            opened = grid.choice(
                drawn, key="heat-grid", selected=selected if any(selected) else None, address=names if down.upper is None else None,
                leads_away=lambda opened: led(opened) is not None,
            )  # fmt: skip
            if (goal := led(opened)) is not None:
                page.go(goal.page, **goal.parameters)
            if opened is not None and view == DOMAINS:
                page.set()  # another matrix, with other controls
        if area is not None and indicator is not None and indicator.level == area.level:
            links = [
                (words(f"panel.to_{name}"), page.href(name, **to)) for name, to in heat_views.links(standard, area, indicator).items() if routes.is_there(name)
            ]
            cell = heat_asking.cell(page.ask, page.original_row, standard, area, indicator, period)
            page.show(panel_marks.panel(words, cell, page.here(area=None, indicator=None), links))
        elif code is not None and area_id is not None:
            page.notice("panel.unknown", area=area_id, indicator=code)


with st.container(key="heat"):
    place = st.container(key="heat-matrix")
    panel()
with place:
    if as_table:
        address = partial(page.href, "community")
        page.show(marks.table(shown.table(words), lambda row: address(area=row[words("overview.column_area_id")]), words("overview.column_area")))
    elif is_drawn:
        grid.grid(drawn, told, key="heat-grid")
        page.show(page.pictures(".st-key-heat-grid", "heatmap"))
    page.download(lambda: matrix.sheet(words), "heatmap")
