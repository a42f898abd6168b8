"""Handing files in, as a clerk does it in a browser: refused, mended, ticked, confirmed, and seen with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import FilePayload, expect
from waiting import settled

# An old quarter of the sample: what is changed here nobody else looks at.
PERIOD = "2025Q1"
HEAD = "社区,考核期,楼道亮灯率"
TITLED = f"亮灯情况表,,\n{HEAD}\nC0101,{PERIOD},12.3盏\n合计,,12.3\n"
MENDED = f"{HEAD}\nC0101,{PERIOD},12.3\n"


def drop(tab: Any, name: str, text: str) -> None:
    tab.page.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType="text/csv", buffer=text.encode("gb18030")))


def test_a_gbk_file_is_refused_mended_confirmed_and_seen(open_tab: Callable[..., Any]) -> None:
    tab = open_tab("/data?lang=zh")
    settled(tab.page)
    drop(tab, "亮灯.csv", TITLED)
    refused = tab.page.locator(".refused")
    expect(refused).to_contain_text("有 3 处问题，什么都没有保存")
    for told in ("表头似乎在第 2 行", "只写数字，不要带单位或其他文字。", "这是汇总行", "第 3 行", "12.3盏"):
        expect(refused).to_contain_text(told)
    expect(tab.page.locator(".handed-in")).to_contain_text("GBK 编码")
    settled(tab.page)
    with tab.page.expect_download() as download:
        tab.page.get_by_text("下载 亮灯-标出问题.csv").click()
    back = download.value.path().read_text(encoding="utf-8-sig")
    assert "C0101,2025Q1,12.3盏,“楼道亮灯率”列：只写数字，不要带单位或其他文字。" in back

    tab.page.get_by_test_id("stFileChipDeleteBtn").click()
    expect(refused).to_have_count(0)
    settled(tab.page)
    drop(tab, "亮灯.csv", MENDED)
    expect(tab.page.locator(".handed-in .verdict")).to_have_text("有 1 处要核对")
    button = tab.page.get_by_role("button", name="确认导入")
    expect(button).to_be_disabled()
    settled(tab.page)
    tab.page.get_by_text("处与上期相差悬殊：已核对").click()
    expect(button).to_be_enabled()
    button.click()
    expect(tab.page.get_by_text("已导入 1 个文件")).to_be_visible()

    tab.page.goto(tab.page.url.split("/data")[0] + f"/heatmap?lang=zh&period={PERIOD}&area=C0101&indicator=2.5&view=environment")
    panel = tab.page.locator(".st-key-panel")
    expect(panel).to_contain_text("12.3%")
    expect(panel).to_contain_text("亮灯.csv")
