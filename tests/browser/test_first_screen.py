"""The first screen in a real browser: first start, both languages, from the heatmap to an area and back by its address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from waiting import at_rest, settled, still

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
HEADLINE = re.compile(r"^96 个社区中，\d+ 个获得全部 6 个“型”，\d+ 个至少获得一个$")


def cell(page: Page, row: int, column: int) -> Locator:
    """A cell of the heatmap; 0 is the header."""
    return page.locator("[role=grid] > div").nth(row).locator("> div").nth(column)


def headline(page: Page) -> Locator:
    return page.locator(".opening h1")


def test_the_first_start_shows_progress_then_the_overview(open_tab: OpenTab) -> None:
    """Must stand first: the server's database is new only once."""
    tab = open_tab("/")
    expect(tab.page.get_by_role("progressbar")).to_be_visible()
    expect(headline(tab.page)).to_have_text(["正在读入示例数据"])
    other = open_tab("/community?lang=en&area=C0302")
    expect(headline(tab.page)).to_have_text([HEADLINE])
    expect(headline(other.page)).to_have_text([re.compile("^风笛社区")])
    settled(tab.page)
    expect(tab.page.locator(".card")).to_have_count(6)
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize(("locale", "address", "text"), [("zh-CN", "/", "总览"), ("en-GB", "/", "Overview"), ("zh-CN", "/?lang=en", "Overview")])
def test_the_language_is_the_browsers_unless_asked_for(open_tab: OpenTab, locale: str, address: str, text: str) -> None:
    tab = open_tab(address, locale=locale)
    expect(tab.page.get_by_role("link", name=text, exact=True)).to_be_visible()


def test_the_language_is_kept_from_page_to_page(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=en").page
    settled(page)
    page.get_by_role("link", name="Community page").click()
    expect(page.get_by_text("Choose an area above")).to_be_visible()
    expect(headline(page)).to_have_text(["Community page"])
    assert "lang=en" in page.url


def test_a_click_on_the_heatmap_opens_the_area_at_the_domain(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh").page
    settled(page)
    cell(page, 3, 4).click()
    expect(headline(page)).to_have_text([re.compile("^云笺社区")])
    expect(page.locator(".domain-head")).to_have_count(6)
    assert re.search(r"/community\?lang=zh&period=2026Q3&area=C0103&to=safety$", page.url)
    # At the top, or as near to it as the page's end allows.
    page.wait_for_function(
        """() => {
          const main = document.querySelector("[data-testid=stMain]"), { top } = document.getElementById("safety").getBoundingClientRect();
          return top >= 0 && (top < 200 || (top < innerHeight && main.scrollTop + main.clientHeight > main.scrollHeight - 2));
        }"""
    )
    settled(page)  # a Back that comes while the page is still being built is lost
    page.go_back()
    expect(headline(page)).to_have_text([HEADLINE])


def test_a_name_in_the_heatmap_opens_the_whole_area(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh").page
    settled(page)
    cell(page, 1, 0).click()
    expect(headline(page)).to_have_text([re.compile("^月笺社区")])
    assert page.url.endswith("&area=C0101")


def test_a_deep_link_reopens_the_view(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=en&period=2026Q2&area=C0101", locale="zh-CN").page
    expect(headline(page)).to_have_text([re.compile("^月笺社区")])
    expect(page.locator(".eyebrow")).to_have_text(["萤火街道 · Community · 2026 Q2"])
    page.reload()
    expect(page.locator(".eyebrow")).to_have_text(["萤火街道 · Community · 2026 Q2"])


def test_the_period_goes_into_the_address(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh").page
    settled(page)
    page.get_by_role("combobox", name="考核期").select_option("2025年第4季度")
    expect(page.locator(".eyebrow")).to_contain_text(["2025年第4季度"])
    page.wait_for_url("**period=2025Q4**")


def test_filters_survive_a_page_change_a_reload_and_back(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh").page
    settled(page)
    page.get_by_role("combobox", name="街道", exact=True).select_option("纸鸢街道")
    expect(headline(page)).to_have_text([re.compile(r"^9 个社区中")])
    settled(page)
    cell(page, 2, 2).click()
    expect(page).to_have_url(re.compile(r"/community\?lang=zh&period=2026Q3&in=S02&area=C0202&to=management$"))
    page.reload()
    expect(page.locator(".filter-line")).to_contain_text(["纸鸢街道"])
    settled(page)
    page.get_by_role("link", name="总览", exact=True).click()
    expect(headline(page)).to_have_text([re.compile(r"^9 个社区中")])
    settled(page)
    page.go_back()
    expect(headline(page)).to_have_text([re.compile("^星笛社区")])
    settled(page)
    page.go_back()
    expect(headline(page)).to_have_text([re.compile(r"^9 个社区中")])
    settled(page)
    page.go_back()
    expect(headline(page)).to_have_text([HEADLINE])


def test_a_copied_link_reopens_the_same_view(open_tab: OpenTab) -> None:
    page = open_tab("/?in=S03", locale="zh-CN").page
    settled(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator("#copied-only-here")).to_be_hidden()
    page.locator("#copy-link").click()
    expect(page.locator("#copy-link")).to_have_text("已复制")
    expect(page.locator("#copied-only-here")).to_contain_text("只能在这台电脑上打开")
    link = page.evaluate("navigator.clipboard.readText()")
    said = [headline(page).inner_text(), page.locator(".eyebrow").inner_text()]
    again = open_tab("/" + link.split("/", 3)[3], locale="en-GB").page
    expect(headline(again)).to_have_text([said[0]])
    expect(again.locator(".eyebrow")).to_have_text([said[1]])


def test_without_a_clipboard_the_link_is_still_copied_or_shown(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh").page
    settled(page)
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    page.locator("#copy-link").click()
    expect(page.locator("#copied-link")).to_have_value(re.compile(r"lang=zh&period=2026Q3$"))


def test_print_is_a4_landscape_without_the_frame(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=zh&in=S02").page
    expect(page.locator("[role=grid]")).to_be_visible()
    at_rest(page)
    page.emulate_media(media="print")
    expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
    sheets = page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox \[0 0 84[12][.\d]* 59[456][.\d]*\]", sheets)
    assert 2 <= len(re.findall(rb"/Type /Page\b", sheets)) <= 5, "the whole page is printed, not what the window shows"


def test_an_area_is_found_by_typing(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh").page
    settled(page)
    page.get_by_role("combobox", name="单位").click()
    page.keyboard.type("风笛")
    page.get_by_role("option", name=re.compile("风笛社区")).click()
    expect(headline(page)).to_have_text([re.compile("^风笛社区")])


def test_a_figure_says_its_line_in_place_and_what_is_written_there(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0302").page
    settled(page)
    page.locator(".badge-card").get_by_role("link", name="2.5 建筑整洁与楼道亮灯").click()
    row = page.get_by_role("row", name=re.compile("楼道亮灯率"))
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("还差 1.4 个百分点")
    expect(row.locator(".origin")).to_have_text(re.compile(r"^metrics_community_2026Q3\.csv 第 \d+ 行$"))
    part = page.locator('details[data-part="2.5"]')
    part.get_by_role("link", name="逐个数字看原文").click()
    expect(part.locator(".numbers tr", has_text="楼道亮灯率").locator(".raw")).to_have_text("88.6")
    expect(part.locator(".numbers")).to_be_in_viewport()
    assert re.search(r"[?&]raw=2\.5\b.*#written-2\.5$", page.url)


def test_a_line_is_shown_as_it_was_written(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0302&lines=true").page
    settled(page)
    page.locator(".st-key-raw").scroll_into_view_if_needed()
    still(page.locator(".st-key-raw"))  # a list that opens while the page still scrolls is closed again
    page.get_by_role("combobox", name="查看原始数据行").click()
    page.get_by_role("option").first.click()
    expect(page.locator("tr", has_text="stairwell_lighting_rate").locator(".raw")).to_have_text("88.6")


def test_a_link_to_an_indicator_unfolds_all_that_it_stands_in(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0302").page
    settled(page)
    place = page.locator('details[data-part="2.6"]')
    expect(place).to_be_hidden()
    page.locator(".spine-row", has_text="2.6 噪音扰民控制").click()
    expect(place.locator("blockquote")).to_be_in_viewport()
    page.wait_for_function("new URLSearchParams(location.search).get('open') === '2.6,met-environment'")
    page.reload()
    settled(page)
    expect(place.locator("blockquote")).to_be_visible()


def test_names_of_statuses_reach_a_screen_reader(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&area=C0302").page
    expect(page.locator("summary", has_text="建筑整洁与楼道亮灯")).to_contain_text("未达标（接近）")
    settled(page)
    assert page.locator("h1").count() == 1
    assert page.locator("h2").count() >= 6


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/?lang=zh", "/?lang=en", "/community?lang=zh&area=C0302", "/community?lang=en&area=S02"])
def test_a_phone_never_scrolls_sideways(open_tab: OpenTab, address: str, theme: str) -> None:
    page = open_tab(address, width=390, height=844, theme=theme).page
    expect(page.locator(".findings, [role=grid]").last).to_be_attached()
    at_rest(page)
    wider = """[document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")].filter((e) => e.scrollWidth > e.clientWidth).length"""
    assert page.evaluate(wider) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/?lang=zh", "/community?lang=zh&area=C0302"])
def test_words_stand_out_from_their_background(open_tab: OpenTab, address: str, theme: str) -> None:
    page = open_tab(address, theme=theme).page
    expect(page.locator(".findings, [role=grid]").last).to_be_attached()
    at_rest(page)
    assert page.evaluate(FAINT_TEXTS) == []


FAINT_TEXTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colour, under) => {
    canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers.reduce((under, layer) => `rgb(${pixel(layer, under)})`, "white");
  };
  const faint = new Set();
  for (const element of document.querySelectorAll(".stHtml *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(".unseen, script, style")) continue;
    const under = ground(element);
    const [a, b] = [light(pixel(getComputedStyle(element).color, under)), light(pixel("transparent", under))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.add(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...faint];
}"""
