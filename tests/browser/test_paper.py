"""What goes on paper: few sheets, none of them white, everything as wide as the sheet and as light as it, nothing left out in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from waiting import at_rest

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
SHEET = 1047  # px: A4 landscape, 297 mm without margins of 10 mm
# The browser lays the page out anew for the sheet, and says so: what was drawn by then is looked at there. Colours are those of the screen until a chart is marked.
LISTEN = """() => matchMedia("print").addEventListener("change", ({ matches }) => {
  if (!matches) return;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isSeen = (element) => element.checkVisibility() && getComputedStyle(element).display !== "none";
  const label = (details) => details.querySelector("summary p") ?? details.querySelector("summary");
  window.onPaper = {
    ends: all(".main-svg text, [data-testid=stMain] :is(td, th)").filter(isSeen).map((each) => Math.floor(each.getBoundingClientRect().right)),
    turned: all(".main-svg").map((chart) => getComputedStyle(chart).filter),
    widths: all(".stHorizontalBlock:has(.stPlotlyChart) > .stColumn").map((column) => column.getBoundingClientRect().width),
    folded: all("details.folded:not([open]), .stExpander > details:not([open])").map((each) => [isSeen(label(each)), getComputedStyle(label(each), "::after").content]),
    notes: all(".on-paper").filter(isSeen).map((note) => note.textContent),
  };
})"""


def printed(open_tab: OpenTab, address: str, theme: str = "light", width: int = 1920) -> dict[str, Any]:
    """What a page looks like on the sheet, and how many sheets it takes."""
    page = open_tab(address, width=width, theme=theme).page
    at_rest(page)
    page.evaluate(LISTEN)
    content = page.pdf(prefer_css_page_size=True)
    return page.evaluate("window.onPaper") | {"sheets": len(re.findall(rb"/Type /Page\b", content))}  # type: ignore[no-any-return]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_of_a_wide_window_fits_the_sheet_and_is_light(open_tab: OpenTab, theme: str) -> None:
    found = printed(open_tab, "/compare?lang=zh&areas=C0302,C0101", theme)
    assert max(found["ends"]) <= SHEET
    assert set(found["turned"]) == {"none" if theme == "light" else "invert(1) hue-rotate(180deg)"}


def test_what_stands_beside_a_chart_has_its_place_on_paper(open_tab: OpenTab) -> None:
    """A column without a width loses what it holds: Streamlit would lay one under the other, and a float takes no width from a chart."""
    found = printed(open_tab, "/gaps?lang=zh")
    assert [round(width / SHEET, 1) for width in found["widths"]] == [0.5, 0.5]


def test_a_phone_prints_as_a_desk_does(open_tab: OpenTab) -> None:
    """The overview: headline, rates and changes on two sheets, all 96 communities on the third. Both of its folded lists say that they are not printed."""
    found = printed(open_tab, "/?lang=zh", width=390)
    assert found["sheets"] == 3
    assert found["folded"] == [[True, '"（屏幕上折叠，未印出）"']] * 2


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/heatmap?lang=zh", 1),
        ("/heatmap?lang=zh&view=environment&area=C0101&indicator=2.3", 4),  # with its panel
        ("/indicator?lang=en&indicator=2.5", 5),  # 59 communities that miss it, and eight quarters of all 96
    ],
)
def test_a_page_takes_few_sheets_and_none_is_white(open_tab: OpenTab, address: str, most: int) -> None:
    found = printed(open_tab, address, width=1440)
    assert found["sheets"] <= most
    assert max([0, *found["ends"]]) <= SHEET
    assert {note for _, note in found["folded"]} <= {'"（屏幕上折叠，未印出）"', '" (folded on screen, not printed)"'}
    assert all(is_seen for is_seen, _ in found["folded"])


def test_of_a_long_list_it_is_said_how_much_of_it_is_printed(open_tab: OpenTab) -> None:
    """696 figures were not reported; a screen, and so the paper, holds the first 200."""
    assert printed(open_tab, "/completeness?lang=zh")["notes"] == ["只印出第 1–200 个，共 696 个，其余未印出。"]


def test_what_is_folded_on_an_areas_page_is_printed_in_short(open_tab: OpenTab) -> None:
    """Paper cannot be unfolded: every indicator stands there with its status."""
    page = open_tab("/community?lang=zh&area=C0302").page
    page.locator(".settled").last.wait_for()
    at_rest(page)
    drawn = "() => [...document.querySelectorAll('.finding > summary')].filter((each) => each.checkVisibility()).length"
    assert page.evaluate(drawn) == 8
    page.emulate_media(media="print")
    assert page.evaluate(drawn) == 69
    page.emulate_media(media="screen")
