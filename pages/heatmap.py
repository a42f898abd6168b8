"""Heatmap: who misses what? Areas × domains, one click deeper areas × indicators, and beside a chosen cell why it is as it is."""

from functools import partial

import streamlit as st

from compliance import routes
from compliance.answers import heat_asking, heat_views
from compliance.answers.heat_views import DOMAINS, SORTS, STATUS_FILTERS, Down
from compliance.drawing import marks, panel_marks
from compliance.questions import queries
from compliance.screen import grid
from compliance.screen.shell import open_page

page = open_page("heatmap", filters=("parent", "kind"))
words, standard, period = page.words, page.standard, page.period
page.show(panel_marks.CSS)
page.show(marks.opening((words.title(standard.title), page.period_title), words("heatmap.title"), words("heatmap.lead")))

code, downs = page.parameter("indicator"), Down.options(standard)
with st.container(horizontal=True, key="heat-controls"):
    options = heat_views.leading(list(downs), heat_views.rows_of(standard, code))
    down = downs[page.pick("rows", options, words("heatmap.rows"), lambda name: downs[name].title(words, standard), resets=heat_views.VOID_BY_ROWS)]
    views = heat_views.view_titles(words, standard, down.level)
    options = heat_views.leading(list(views), heat_views.view_of(standard, code), page.filters.domain)
    view = page.pick("view", options, words("heatmap.view"), views.__getitem__, resets=heat_views.VOID_BY_VIEW)
    sort = page.pick("sort", SORTS, words("heatmap.sort"), lambda name: words(f"heatmap.sort_{name}"))
    status = page.pick("status", STATUS_FILTERS, words("heatmap.status"), lambda name: words(f"heatmap.status_{name or 'all'}"))
    owners = heat_views.owner_titles(words, standard, down.level)
    owner = page.pick("owner", list(owners), words("heatmap.owner"), owners.__getitem__) if owners else ""
    turned = page.pick("transpose", ("", "1"), words("heatmap.transpose"), lambda name: words(f"heatmap.transpose_{name or 'no'}")) == "1"
    as_table = page.pick("table", ("", "1"), words("heatmap.show"), lambda name: words(f"heatmap.show_{'table' if name else 'grid'}")) == "1"

matrix = heat_asking.matrix(page.ask, words, standard, down, view, owner, period, page.kept_areas(), page.filters.parent)
matrix = matrix.having(status).arranged(sort)
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
