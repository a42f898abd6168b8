"""What goes on paper: charts as wide as the sheet and as light as it, and nothing beside them lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waiting import at_rest

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
SHEET = 1047  # px: A4 landscape, 297 mm without margins of 10 mm
# The browser lays the page out anew for the sheet, and says so: what was drawn by then is looked at there. Colours are those of the screen until a chart is marked.
LISTEN = """() => matchMedia("print").addEventListener("change", ({ matches }) => {
  if (!matches) return;
  const charts = [...document.querySelectorAll(".main-svg")];
  window.onPaper = {
    ends: [...document.querySelectorAll(".main-svg text")].map((text) => Math.floor(text.getBoundingClientRect().right)),
    turned: charts.map((chart) => getComputedStyle(chart).filter),
    columns: [...document.querySelectorAll(".stHorizontalBlock:has(.stPlotlyChart) > .stColumn")].map((column) => getComputedStyle(column).float),
  };
})"""


def printed(open_tab: OpenTab, address: str, theme: str) -> dict[str, list[Any]]:
    """What a wide window's page looks like on the sheet, chart after chart."""
    page = open_tab(address, width=1920, theme=theme).page
    page.locator(".main-svg").first.wait_for(state="attached")
    at_rest(page)
    page.evaluate(LISTEN)
    page.pdf(prefer_css_page_size=True)
    return page.evaluate("window.onPaper")  # type: ignore[no-any-return]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_of_a_wide_window_fits_the_sheet_and_is_light(open_tab: OpenTab, theme: str) -> None:
    found = printed(open_tab, "/compare?lang=zh&areas=C0302,C0101", theme)
    assert max(found["ends"]) <= SHEET
    assert set(found["turned"]) == {"none" if theme == "light" else "invert(1) hue-rotate(180deg)"}


def test_what_stands_beside_a_chart_takes_the_sheets_width(open_tab: OpenTab) -> None:
    """A column that floats has no width on paper where a chart stands in it or beside it, and what it holds is gone."""
    assert printed(open_tab, "/gaps?lang=zh", "light")["columns"] == ["none", "none"]
