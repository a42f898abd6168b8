"""Every page as axe-core sees it, in Chinese by day and in English by night: nothing that keeps a reader out, no sideways scroll, no complaint, no stranger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import FilePayload, Page, ViewportSize, expect
from waiting import at_rest, settled

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
VIEWS = {
    "overview": "/?",
    "heatmap of domains": "/heatmap?",
    "heatmap of indicators with its panel": "/heatmap?view=environment&area=C0302&indicator=2.5&",
    "community": "/community?area=C0302&",
    "indicator": "/indicator?indicator=2.21&",
    "gaps": "/gaps?",
    "trends": "/trends?",
    "compare": "/compare?areas=C0101,C0302&",
    "definitions": "/definitions?indicator=2.5&",
    "versions": "/versions?",
    "one import": "/history?import=18&",
    "exemptions": "/entries?",
    "correction": "/community?area=C0302&correct=stairwell_lighting_rate&",
}
# What stands on a view only when it is whole.
WHOLE = {
    "overview": "[role=gridcell]",
    "heatmap of domains": "[role=gridcell]",
    "heatmap of indicators with its panel": ".panel h2",
    "community": ".findings",
    "indicator": ".js-plotly-plot .main-svg",
    "gaps": ".js-plotly-plot .main-svg",
    "trends": ".panels .plot",
    "compare": ".js-plotly-plot .main-svg",
    "definitions": ".stDownloadButton",
    "versions": "[data-testid=stFileUploader]",
    "one import": ".said-cells",
    "exemptions": "table.entries",
    "correction": ".st-key-correct form, .st-key-correct [data-testid=stForm]",
}
LOOKS = [("zh", "light"), ("en", "dark")]
WIDTHS = (1440, 390)
TALL = 9000  # axe judges the contrast of what is in the window only, so the window is as tall as a page
FAULTS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target, html, any, all, none }) =>
      `${id} at ${target.flat().join(" >>> ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ")} ${html.slice(0, 200)}`));
}"""
TOO_WIDE = """[document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => `${each.tagName}: ${each.scrollWidth} px`)"""


@pytest.mark.parametrize(("language", "theme"), LOOKS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_keeps_nobody_out(kept_tab: Any, view: str, language: str, theme: Any) -> None:
    page = kept_tab.page
    kept_tab.complaints.clear()
    kept_tab.strangers.clear()
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(ViewportSize(width=WIDTHS[0], height=900))
    page.goto(f"{VIEWS[view]}lang={language}")
    expect(page.locator(WHOLE[view]).first).to_be_attached()
    settled(page)
    assert faults_of(page) == []
    assert kept_tab.complaints == []
    assert kept_tab.strangers == []


def faults_of(page: Page) -> list[str]:
    """What axe finds, and what is too wide, on a wide screen and on a phone."""
    page.evaluate(AXE)
    found = []
    for width in WIDTHS:
        page.set_viewport_size(ViewportSize(width=width, height=900))
        at_rest(page)
        wide = page.evaluate(TOO_WIDE)
        page.set_viewport_size(ViewportSize(width=width, height=TALL))
        at_rest(page)
        found += [f"{width} px: {each}" for each in wide + page.evaluate(FAULTS)]
    return found


HEADER = "单位,考核期,楼道亮灯率"
# A name with one likely meaning, a word for nothing, a unit; a figure far from that of the quarter before.
HANDED_IN = {"faults": f"{HEADER}\n月笺小区,2026Q3,无\nC0102,2026Q3,95盏\n", "doubts": f"{HEADER}\nC0101,2026Q3,1.5\n"}


@pytest.mark.parametrize(("language", "theme"), LOOKS)
@pytest.mark.parametrize("state", HANDED_IN)
def test_files_that_were_handed_in_keep_nobody_out(kept_tab: Any, state: str, language: str, theme: Any) -> None:
    """Nothing is confirmed: the data stay as they are."""
    page = kept_tab.page
    kept_tab.complaints.clear()
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(ViewportSize(width=WIDTHS[0], height=900))
    page.goto(f"/data?lang={language}")
    page.locator("input[type=file]").set_input_files(FilePayload(name="一.csv", mimeType="text/csv", buffer=HANDED_IN[state].encode()))
    expect(page.locator(".refused .fault").first).to_be_visible()
    expect(page.locator(".handed-in .faulty")).to_have_count(3 if state == "faults" else 0)
    settled(page)
    assert faults_of(page) == []
    assert kept_tab.complaints == []
