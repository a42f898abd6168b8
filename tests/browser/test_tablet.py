"""A tablet's window and an office's small screen: figures get the room, tables stand whole, what does not fit side by side stands one below the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waiting import at_rest

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
# Frames that hide a part of what they hold, tables wider than their place, and cells so narrow that their words stand letter by letter.
SPOILT = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const seen = (each) => each.checkVisibility({ contentVisibilityAuto: true });
  const framed = [...main.querySelectorAll(".stHtml *")].filter((each) => each.scrollWidth > each.clientWidth + 1
    && getComputedStyle(each).overflowX !== "visible" && getComputedStyle(each).display !== "inline" && !each.closest(".unseen"));
  const wide = [...main.querySelectorAll("table")].filter((each) => each.getBoundingClientRect().right > each.closest(".stHtml").getBoundingClientRect().right + 1);
  const thin = [...main.querySelectorAll("th, td")].filter((each) => each.textContent.trim().length > 8 && each.getBoundingClientRect().width < 45);
  return [...framed, ...wide, ...thin].filter(seen).map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 40)}`);
}"""
PAGES = ("/?", "/gaps?", "/gaps?owner=民政科&", "/gaps?level=subdistrict&", "/trends?", "/indicator?indicator=2.7&")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_stand_whole_beside_the_menu(open_tab: OpenTab, server: str, language: str) -> None:
    page = open_tab(f"/?lang={language}", width=1024, height=768).page
    spoilt = {}
    for address in PAGES:
        page.goto(f"{server}{address}lang={language}")
        for width, height in ((1280, 720), (1024, 768)):
            page.set_viewport_size({"width": width, "height": height})
            at_rest(page)
            spoilt[address, width] = page.evaluate(SPOILT)
    assert {key: found for key, found in spoilt.items() if found} == {}


def test_the_heatmap_has_two_thirds_of_a_tablets_window(open_tab: OpenTab) -> None:
    page = open_tab("/heatmap?lang=zh", width=1024, height=768).page
    page.locator("[role=grid]").wait_for()
    at_rest(page)
    assert page.locator("[role=grid]").bounding_box()["width"] >= 1024 * 2 / 3


def test_what_stands_side_by_side_stands_below_each_other_where_it_is_narrow_and_paper_is_not(open_tab: OpenTab) -> None:
    page = open_tab("/gaps?lang=zh&owner=民政科", width=1280, height=720).page
    at_rest(page)
    chart, places = page.locator(".stPlotlyChart"), page.locator(".missed").first
    assert places.bounding_box()["x"] > chart.bounding_box()["x"] + chart.bounding_box()["width"]
    head = page.locator(".work thead")
    assert head.is_visible()
    page.set_viewport_size({"width": 1024, "height": 768})
    at_rest(page)
    assert places.bounding_box()["y"] > chart.bounding_box()["y"] + chart.bounding_box()["height"]
    assert not head.is_visible()
    page.emulate_media(media="print")
    assert head.is_visible()
