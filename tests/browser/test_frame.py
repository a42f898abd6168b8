"""What frames the pages in a real browser: Streamlit's own words in the reader's language, charts as files without a network."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from waiting import settled

OpenTab = Callable[..., Any]
SVG = "{http://www.w3.org/2000/svg}"
PNG_START = b"\x89PNG\r\n\x1a\n"
# Words of two letters or more in a page's own controls that are not Chinese; icons are ligatures of a font, and their names are no words.
ENGLISH = """() => {
  const found = new Set();
  const say = (text) => { if (text && /[A-Za-z]{2}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text)) found.add(text.trim()); };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return say(node.nodeValue);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("style, script, noscript, svg, .stHtml, [data-testid=stIconMaterial]")) return;
    ["aria-label", "title", "placeholder"].forEach((name) => say(node.getAttribute(name)));
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return [...found];
}"""


def test_streamlits_own_words_are_in_the_readers_language(open_tab: OpenTab) -> None:
    page = open_tab("/compare?areas=C0101,C0302&lang=zh").page
    settled(page)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    picker = page.locator("[data-testid=stMultiSelect] input")
    picker.click()
    picker.fill("没有这样的社区")
    expect(page.get_by_text("没有找到", exact=True).first).to_be_visible()
    expect(page.locator("[data-testid=stMultiSelect] [aria-label='全部清除']")).to_be_attached()
    # The bytes per file stand in one text with the kinds of file.
    page.evaluate("""() => document.querySelector("[data-testid=stMain]").insertAdjacentHTML("beforeend",
        '<div id="drop" aria-label="Clear all"><p>Drag and drop files here</p><p>20MB per file</p><p>Select 12 matches</p><p>Open Air Works</p></div>')""")
    expect(page.locator("#drop")).to_have_text("把文件拖到这里每个文件最大 20MB选中找到的 12 项Open Air Works")
    expect(page.locator("#drop")).to_have_attribute("aria-label", "全部清除")
    page.evaluate("""document.querySelector("#drop").remove()""")
    assert set(page.evaluate(ENGLISH)) <= {"English"}


def test_they_turn_back_when_the_language_does(open_tab: OpenTab) -> None:
    page = open_tab("/compare?areas=C0101,C0302&lang=zh").page
    settled(page)
    clear = page.locator("[data-testid=stMultiSelect] [aria-label='全部清除']")
    expect(clear).to_be_attached()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-testid=stMultiSelect] [aria-label='Clear all']")).to_be_attached()
    expect(page.get_by_role("combobox", name="Subdistrict").locator("option:checked")).to_have_text("All")
    expect(page.get_by_role("combobox", name="Period").locator("option:checked")).to_have_text("2026 Q3")


def test_the_other_language_keeps_what_was_opened_meanwhile(open_tab: OpenTab) -> None:
    """The link stands above the fold of a small window, and takes the address as it is when it is followed."""
    page = open_tab("/heatmap?lang=zh&view=service", width=1280, height=720).page
    settled(page)
    expect(page.get_by_role("link", name="English")).to_be_in_viewport()
    page.locator("[role=grid] > div").nth(2).locator("> div").nth(2).click()
    expect(page.locator("#panel-verdict")).to_be_visible()
    before = parse_qs(urlsplit(page.url).query)
    assert {"area", "indicator"} <= set(before)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#panel-verdict")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query) == {**before, "lang": ["en"]}


def test_on_a_phone_the_menu_makes_way_for_the_page_that_was_chosen(open_tab: OpenTab) -> None:
    page = open_tab("/definitions?lang=zh", width=390, height=844).page
    settled(page)
    page.locator("[data-testid=stExpandSidebarButton]").click()
    way = page.locator(".menu a", has_text="填报模板")
    expect(way).to_be_in_viewport()
    way.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("填报模板")
    expect(way).not_to_be_in_viewport()


def take(page: Page, target: str, kind: str, folder: Path) -> tuple[str, bytes]:
    page.wait_for_function("window.complianceFrame?.installed")  # a click before that goes nowhere
    with page.expect_download() as waiting:
        page.locator(f".take[data-picture='{target}'][data-format={kind}]").click()
    waiting.value.save_as(folder / kind)
    return waiting.value.suggested_filename, (folder / kind).read_bytes()


# A picture or a CSV file can say it nowhere else.
MADE_UP = "示例数据-虚构"
CHARTS = [
    ("/indicator?indicator=2.21&lang=zh", ".st-key-chart-spread", "spread-2026Q3", ".js-plotly-plot .modebar-btn", "标准 ≥ 350 平方米"),
    ("/trends?lang=zh", "#panels-trends", "trends-2026Q3", ".panels .plot", "社区环境"),
    ("/community?area=C0302&lang=zh", ".stHtml:has(.spine)", "standing-of-C0302-2026Q3", ".spine", "2.5 建筑整洁与楼道亮灯"),
]


@pytest.mark.parametrize(("address", "target", "name", "whole", "said"), CHARTS)
def test_every_kind_of_chart_is_a_file(open_tab: OpenTab, tmp_path: Path, address: str, target: str, name: str, whole: str, said: str) -> None:
    """open_tab sees to it that nobody outside was asked."""
    page = open_tab(address).page
    settled(page)
    expect(page.locator(whole).first).to_be_attached()
    file_name, png = take(page, target, "png", tmp_path)
    assert file_name == f"{name}-{MADE_UP}.png" and png.startswith(PNG_START) and len(png) > 20_000
    file_name, svg = take(page, target, "svg", tmp_path)
    assert file_name == f"{name}-{MADE_UP}.svg"
    drawing = ElementTree.fromstring(svg)
    assert drawing.tag == f"{SVG}svg"
    texts = ["".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")]
    assert said in texts
    assert len(list(drawing.iter())) > 60, "marks, not only words"
    assert not list(drawing.iter(f"{SVG}foreignObject")), "opens in any program"


def test_a_table_is_taken_away_under_a_name_that_says_what_judged_it(open_tab: OpenTab) -> None:
    page = open_tab("/gaps?lang=zh").page
    settled(page)
    for ending in ("CSV", "XLSX"):
        with page.expect_download() as waiting:
            page.locator("[class*=st-key-downloads-] .stDownloadButton", has_text=ending).first.click()
        assert re.fullmatch(rf".+_2026Q3_标准第\d+版_数据至\d{{8}}-{MADE_UP}\.{ending.lower()}", waiting.value.suggested_filename)


def test_a_drawing_shows_every_cell_of_a_matrix_and_leaves_it_as_it_was(open_tab: OpenTab, tmp_path: Path) -> None:
    """96 communities by six domains, though most rows are out of sight."""
    page = open_tab("/heatmap?lang=zh").page
    settled(page)
    expect(page.locator("[role=gridcell]").first).to_be_attached()
    box = page.locator(".box")
    before = box.evaluate("box => [box.className, box.clientWidth, box.clientHeight]")
    _, svg = take(page, ".st-key-heat-grid", "svg", tmp_path)
    drawing = ElementTree.fromstring(svg)
    texts = ["".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")]
    names = page.locator("[role=rowheader]").all_text_contents()
    assert len(names) == 97
    assert [name for name in names if name.strip() not in texts] == []
    shown = [cell.strip() for cell in page.locator("[role=gridcell]").all_text_contents()]
    assert len([text for text in texts if text.isdigit()]) == len([cell for cell in shown if cell.isdigit()]) > 600
    assert box.evaluate("box => [box.className, box.clientWidth, box.clientHeight]") == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_prints_on_a4_landscape_without_what_can_only_be_clicked(open_tab: OpenTab, theme: str) -> None:
    page = open_tab("/compare?areas=C0101,C0302&lang=zh&in=S01&domain=safety", theme=theme).page
    settled(page)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_attached()
    content = page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF")
    assert {box.split(b"]")[0].strip() for box in content.split(b"/MediaBox [")[1:]} == {b"0 0 841.91998 594.95996"}
    page.emulate_media(media="print")
    for hidden in ("[data-testid=stSidebar]", ".takes", ".stMultiSelect", ".stDownloadButton", ".copy-link", ".filter-line a", ".foot"):
        found = page.locator(hidden).all()
        assert found and not any(each.is_visible() for each in found), hidden
    assert page.locator(".opening h1").evaluate("heading => getComputedStyle(heading).color") == "rgb(27, 36, 48)"
    foot = page.evaluate("[...document.querySelectorAll('style')].map(each => each.textContent).find(each => each.includes('@bottom-left'))")
    words = "".join(chr(int(part.split(" ")[0], 16)) + part.partition(" ")[2] if place else part for place, part in enumerate(foot.split("\\")))
    assert "2026年第3季度 · 社区安全 · 数据导入截至" in words, "what is compared is no longer narrowed by the subdistrict"
