"""In a real browser: a file handed in, found in the history, undone and redone; a figure put right on its community's page and traced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from district import METRICS, STANDARD, TEXT, areas, source
from playwright.sync_api import Locator, Page, expect
from waiting import settled

from compliance.access import User
from compliance.storage.importer import import_source
from compliance.storage.store import Store

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
FIRST = f"{METRICS}C1,2025Q1,100,60,95,3,0.5\nC2,2025Q1,100,40,89,4,0.7\n"
LATER = "area_id,period,lighting_rate\n一社区,2025Q1,80\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """The app on a small district of its own, since these tests change the data."""
    folder = tmp_path_factory.mktemp("history")
    (folder / "small.yaml").write_text(TEXT, encoding="utf-8")
    with Store(folder / "app.duckdb", STANDARD) as store:
        import_source(store, areas(), user=User("Ann", "admin"))
        import_source(store, source("q1.csv", FIRST), user=User("Ann", "admin"))
    with serve(folder, {"COMPLIANCE_INDICATORS": str(folder / "small.yaml"), "COMPLIANCE_SAMPLE": "no"}) as address:
        yield address


def lit(page: Page) -> Locator:
    """The verdict on lighting on a community's page."""
    return page.locator("details.finding", has_text="亮灯").first


def see_what_would_change(page: Page, why: str, value: str | None = None) -> None:
    expect(page.get_by_label("原因（必填）")).to_be_visible()
    settled(page)  # what is typed while the page is still being built is lost
    if value is not None:
        page.get_by_label("正确的数").fill(value)
    page.get_by_label("原因（必填）").fill(why)
    page.get_by_role("button", name="先看会变什么").click()


def told(page: Page, words: str) -> None:
    """What was done is said where it can be seen and is read out, however far down the button was."""
    said = page.locator("[data-told]")
    expect(said).to_contain_text(words)
    expect(said).to_be_in_viewport()
    expect(said).to_be_focused()
    expect(page.locator("[data-testid=stToast]")).to_have_count(0)  # it would lie over the banner, and say the same


def test_a_file_is_imported_undone_and_redone(address: str, open_anywhere: OpenTab) -> None:
    page = open_anywhere(f"{address}/data?lang=zh", height=450).page
    settled(page)
    page.locator("input[type=file]").set_input_files({"name": "复查.csv", "mimeType": "text/csv", "buffer": LATER.encode("gb18030")})
    button = page.get_by_role("button", name=re.compile("^确认导入"))
    expect(button).to_be_enabled()
    settled(page)
    button.click()
    told(page, "已导入 1 个文件")
    page.goto(f"{address}/community?lang=zh&area=C1")
    expect(lit(page)).to_have_class(re.compile("unmet|near"))
    settled(page)

    page.get_by_role("link", name="历史与撤销").click()
    expect(page.locator(".imports")).to_be_visible()
    settled(page)  # the page before has links to this file too
    page.get_by_role("link", name="复查.csv").click()
    expect(page.get_by_role("heading", name="第 3 号：复查.csv")).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载原始文件").click()
    assert download.value.suggested_filename == "复查.csv"
    assert Path(download.value.path()).read_bytes() == LATER.encode("gb18030")
    see_what_would_change(page, "拿错了文件")
    expect(page.get_by_text("达标结论：1 项变为达标")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="确认撤销第 3 号").click()
    told(page, "第 3 号已撤销")
    page.goto(f"{address}/community?lang=zh&area=C1")
    expect(lit(page)).to_have_class(re.compile(r"\bmet\b"))
    page.goto(f"{address}/history?lang=zh&undone=1")
    expect(page.locator(".imports tr.undone")).to_contain_text("原因：拿错了文件")
    settled(page)
    page.get_by_role("link", name="复查.csv").click()
    see_what_would_change(page, "没有拿错")
    expect(page.get_by_role("button", name="确认恢复第 3 号")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="确认恢复第 3 号").click()
    told(page, "第 3 号已恢复")
    page.goto(f"{address}/community?lang=zh&area=C1")
    expect(lit(page)).to_have_class(re.compile("unmet|near"))


def test_a_correction_changes_the_verdict_and_can_be_traced(address: str, open_anywhere: OpenTab) -> None:
    page = open_anywhere(f"{address}/community?lang=zh&area=C2", height=450).page
    expect(lit(page)).to_have_class(re.compile("unmet|near"))
    settled(page)
    lit(page).locator("a.amend").first.click()
    expect(page.get_by_role("heading", name="更正二社区的“楼道亮灯率”（2025Q1）")).to_be_visible()
    see_what_would_change(page, "现场核对", "96")
    expect(page.get_by_text("89% → 96%")).to_be_visible()
    expect(page.get_by_text(re.compile("2.1 亮灯（2025Q1）：.*→ 达标"))).to_be_visible()
    settled(page)
    page.get_by_role("button", name="确认更正").click()
    told(page, "已更正“楼道亮灯率”")
    expect(page.get_by_role("heading", name="更正二社区的“楼道亮灯率”（2025Q1）")).to_have_count(0)
    expect(lit(page)).to_have_class(re.compile(r"\bmet\b"))
    expect(lit(page).locator(".origin em")).to_have_text("此前报 89%")
    settled(page)
    page.get_by_role("link", name=re.compile("^查看第 . 号记录")).click()
    expect(page.get_by_text("原因：现场核对").first).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("二社区 2025Q1 楼道亮灯率 96 96% 96% 有效"))).to_be_visible()
