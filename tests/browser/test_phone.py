"""A window as narrow as a phone's: what is looked at first stands in it, and nothing but a matrix is pushed aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from waiting import at_rest

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
CUT_OFF = """() => [...document.querySelectorAll("[data-testid=stMain] .stHtml *")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible" && !each.closest(".unseen, .grid"))
  .map((each) => each.className)"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_departments_have_to_do_is_not_pushed_aside(open_tab: OpenTab, language: str) -> None:
    page = open_tab(f"/gaps?lang={language}", width=390, height=844).page
    page.locator(".heat").wait_for()
    at_rest(page)
    assert page.evaluate(CUT_OFF) == []
    cell = page.locator(".heat tbody tr").first.locator("td a").first
    assert cell.evaluate("cell => getComputedStyle(cell.closest('td'), '::before').content") not in ("", "none", '""')


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_heatmap_begins_on_the_first_screen(open_tab: OpenTab, language: str) -> None:
    page = open_tab(f"/heatmap?lang={language}", width=390, height=844).page
    page.locator("[role=grid]").wait_for()
    at_rest(page)
    controls, grid = page.locator(".st-key-heat-controls").bounding_box(), page.locator("[role=grid]").bounding_box()
    assert controls["height"] <= 90, "one row"
    assert grid["y"] + 200 <= 844


def test_what_an_area_fails_and_by_how_much_stands_on_the_first_screen(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0303", width=390, height=844).page
    page.locator(".domain-head").last.wait_for(state="attached")
    at_rest(page)
    for row in (0, 1):
        expect(page.locator(".mend tbody .gap").nth(row)).to_be_in_viewport()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") < 7500


def test_the_chart_of_all_indicators_is_folded_on_a_phone_only(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0303", width=390, height=844).page
    page.locator(".spine-fold").wait_for()
    at_rest(page)
    row = page.locator(".spine-row").first
    is_drawn = "row => row.checkVisibility()"
    assert not row.evaluate(is_drawn)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert row.evaluate(is_drawn)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".spine-fold > summary").click()
    assert row.evaluate(is_drawn)


@pytest.mark.parametrize("address", ["/indicator?indicator=2.21&", "/gaps?", "/community?area=C0302&", "/trends?"])
def test_a_page_ends_with_its_foot(open_tab: OpenTab, address: str) -> None:
    """Words for screen readers in a table that scrolls by itself used to lengthen the page by thousands of empty pixels."""
    page = open_tab(f"{address}lang=zh", width=390, height=844).page
    at_rest(page)
    below = page.evaluate("""() => {
      const main = document.querySelector("[data-testid=stMain]");
      return main.scrollHeight - main.scrollTop + main.getBoundingClientRect().top - document.querySelector(".foot").getBoundingClientRect().bottom;
    }""")
    assert below < 200
