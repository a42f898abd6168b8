"""The heatmap as a component: `gridding.py` says what it shows, `grid.js` draws and listens, `grid.css` and `grid_upright.css` colour and lay out.

Plotly's heatmap sends no click and Streamlit's table reruns at every arrow key, so this is our own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from compliance.answers.gridding import RateMatrix, StatusMatrix, known, payload

CLOSED = ["", ""]  # what the browser sends when Escape was pressed: no row, no column


def grid(matrix: StatusMatrix | RateMatrix, words: Mapping[str, str], *, key: str, height: int | None = None) -> tuple[str, str] | None:
    """Show the matrix; return the (row id, column id) opened in this run, "" standing for a header; None where choice() listens to it instead."""
    return known(matrix, _component(data={**payload(matrix, words), "name": key, "height": height}, key=key, on_opened_change=_nothing).opened)


def choice(
    matrix: StatusMatrix | RateMatrix,
    *,
    key: str,
    selected: tuple[str, str] | None,
    address: tuple[str, str] | None,
    leads_away: Callable[[tuple[str, str]], bool],
    keeps: Mapping[str, str],
) -> tuple[str, str] | None:
    """Mark the selected cell of the grid with that key; return what was opened in it, as the grid itself would.

    To be called in a fragment, before the grid: of a page of thousands of cells only what is told about one of them is then made again.
    address: the parameters of the address bar that name the row and the column. What is opened is written there before the run begins,
    so that the page shows it at once; Escape takes both out. leads_away: what, once opened, is on another page, so that this one's address keeps as it was.
    keeps: what Escape leaves in the address for what it takes out.
    """
    own = f"choice-{key}"

    def remember() -> None:
        opened = st.session_state[own].opened
        goal = known(matrix, opened)
        if goal is not None and leads_away(goal):
            return
        if address is None or (goal is None and opened != CLOSED):
            return
        # All at once: each change is a step that Back would stop at.
        parameters = st.query_params.to_dict()
        if opened == CLOSED:
            parameters = {name: value for name, value in parameters.items() if name not in address} | dict(keeps)
        else:
            parameters |= {name: id_ for name, id_ in zip(address, goal or CLOSED, strict=True) if id_}
        st.query_params.from_dict(parameters)

    data = {"name": key, "selected": None if selected is None else list(selected)}
    return known(matrix, _choice(data=data, key=own, on_opened_change=remember).opened)


def _nothing() -> None:
    """A result that nobody listens to does not exist (st.components.v2)."""


def _asset(suffix: str) -> str:
    here = Path(__file__)
    return here.with_name(here.stem + suffix).read_text(encoding="utf-8")


HTML = f"""
<style class="widths"></style>
<template class="upright">{_asset("_upright.css")}</template>
<div class="room">
  <div class="frame">
    <div class="box"><div class="grid" role="grid"></div></div>
    <ul class="legend"></ul>
  </div>
</div>
<div class="tip" role="tooltip" hidden></div>
"""

# What is chosen goes its own way, both ways: the grid's own data stay the same, and cells are many.
CHOICE = """export default function ({ data, setTriggerValue }) {
  const own = { selected: data.selected, open: (place) => setTriggerValue("opened", place) };
  const all = (window.gridChoices ??= {});
  all[data.name] = own;
  document.dispatchEvent(new Event("grid-choice"));
  return () => { if (all[data.name] === own) delete all[data.name]; };
}"""

_choice = st.components.v2.component("compliance_grid_choice", js=CHOICE)
_component = st.components.v2.component("compliance_grid", html=HTML, css=_asset(".css"), js=_asset(".js"))
