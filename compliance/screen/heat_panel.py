"""The panel beside the heatmap: what is opened in the matrix, and why that cell is as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from compliance import routes
from compliance.answers import heat_asking, heat_goals
from compliance.answers.gridding import RateMatrix, StatusMatrix
from compliance.answers.heat_views import DOMAINS
from compliance.drawing import marks, panel_marks
from compliance.questions import queries
from compliance.screen import entrance, grid
from compliance.screen.heat_controls import Chosen
from compliance.screen.page import Page
from compliance.standard.definitions import Indicator


@st.fragment
def panel(page: Page, chosen: Chosen, drawn: RateMatrix | StatusMatrix | None, part: int) -> None:
    """Runs again alone when a cell is opened: frame, controls and matrix stay as they are. drawn: the matrix; None where it stands as a table.
    part: its first row, of many."""
    entrance.user(page.words)  # the page asked when it was made, which may be hours ago
    area_id, code = page.parameter("area"), page.parameter("indicator")
    # What shows the matrix as it is when the cell is closed, as far as only the cell says it.
    keeps = {**chosen.implied, **({"part": str(part + 1)} if part and page.parameter("part") is None else {})}
    with st.container(key="panel"):
        if drawn is not None:
            _follow(page, chosen, drawn, area_id, code, keeps)
        area = page.ask(queries.area, area_id) if area_id and chosen.down.upper is None else None
        indicator = page.standard.indicator_by_code.get(code or "")
        if area is not None and indicator is not None and indicator.level == area.level:
            cell = heat_asking.cell(page.ask, page.original_row, page.standard, area, indicator, page.period)
            told = marks.problems(page.words, cell.written.gone) if cell.written.gone else None
            closed = page.here(**{**keeps, "area": None, "indicator": None})
            page.show(told, panel_marks.panel(page.words, cell, closed, _links(page, area, indicator)))
        elif code is not None and area_id is not None:
            page.notice("panel.unknown", area=area_id, indicator=code)


def _follow(
    page: Page, chosen: Chosen, drawn: RateMatrix | StatusMatrix, area_id: str | None, code: str | None, keeps: Mapping[str, str]
) -> None:  # fmt: skip
    """Takes what was opened in the matrix to where it leads, unless that is the panel itself."""
    names, selected = ("area", "view" if chosen.view == DOMAINS else "indicator"), (area_id or "", code or "")
    names, selected = (names[::-1], selected[::-1]) if chosen.turned else (names, selected)
    led = partial(heat_goals.goal, down=chosen.down, view=chosen.view, transposed=chosen.turned)
    opened = grid.choice(
        drawn, key="heat-grid", selected=selected if any(selected) else None, address=names if chosen.down.upper is None else None,
        leads_away=lambda opened: led(opened) is not None, keeps=keeps,
    )  # fmt: skip
    if (goal := led(opened)) is not None:
        page.go(goal.page, **goal.parameters)
    if opened is not None and chosen.view == DOMAINS:
        page.set()  # another matrix, with other controls


def _links(page: Page, area: queries.Area, indicator: Indicator) -> list[tuple[str, str]]:
    goals = heat_goals.links(page.standard, area, indicator)
    return [(page.words(f"panel.to_{name}"), page.href(name, **to)) for name, to in goals.items() if routes.is_there(name)]
