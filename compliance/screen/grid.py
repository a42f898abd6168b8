"""The heatmap as a component: `gridding.py` says what it shows, `grid.js` draws and listens, `grid.css` colours.

Plotly's heatmap sends no click and Streamlit's table reruns at every arrow key, so this is our own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from compliance.answers.gridding import RATE_BANDS, WORDS, Column, RateMatrix, Row, StatusMatrix, known, payload

__all__ = ["RATE_BANDS", "WORDS", "Column", "RateMatrix", "Row", "StatusMatrix", "grid", "payload"]

CLOSED = ["", ""]  # what the browser sends when Escape was pressed: no row, no column


def grid(
    matrix: StatusMatrix | RateMatrix,
    words: Mapping[str, str],
    *,
    key: str,
    selected: tuple[str, str] | None = None,
    height: int | None = None,
    address: tuple[str, str] | None = None,
    leads_away: Callable[[tuple[str, str]], bool] | None = None,
) -> tuple[str, str] | None:
    """Show the matrix; return the (row id, column id) opened in this run, "" standing for a header.

    address: the parameters of the address bar that name the row and the column. What is opened is written there before the run begins,
    so that the page shows it at once; Escape takes both out. leads_away: what, once opened, is on another page, so that this one's address keeps as it was.
    """

    def remember() -> None:
        opened = st.session_state[key].opened
        goal = known(matrix, opened)
        if goal is not None and leads_away is not None and leads_away(goal):
            return
        for name, id_ in zip(address or (), goal or CLOSED, strict=False):
            if id_:
                st.query_params[name] = id_
            elif opened == CLOSED:
                st.query_params.pop(name, None)

    _selection(data={"name": key, "selected": None if selected is None else list(selected)}, key=f"selection-{key}")
    data = {**payload(matrix, words), "name": key, "height": height}
    opened = _component(data=data, key=key, on_opened_change=remember).opened
    return known(matrix, opened)


def _asset(suffix: str) -> str:
    return Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")


HTML = """
<div class="frame">
  <div class="box"><div class="grid" role="grid"></div></div>
  <ul class="legend"></ul>
  <div class="tip" role="tooltip" hidden></div>
</div>
"""

# What is selected goes its own way: data that stay the same need not be sent again (Streamlit keeps them in the browser), and cells are many.
SELECTION = """export default function ({ data }) {
  (window.gridSelections ??= {})[data.name] = data.selected;
  document.dispatchEvent(new Event("grid-selection"));
}"""

_selection = st.components.v2.component("compliance_grid_selection", js=SELECTION)
_component = st.components.v2.component("compliance_grid", html=HTML, css=_asset(".css"), js=_asset(".js"))
