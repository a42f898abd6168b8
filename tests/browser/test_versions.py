"""In a real browser: a day of the past and the way back; a changed standard handed in and taken over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import january
import pytest
from playwright.sync_api import Page, expect
from waiting import settled

Opened = Callable[..., AbstractContextManager[Any]]
# Where the date is chosen Streamlit has words of its own.
PICKER = """() => [...document.querySelectorAll("[data-testid=stDateInput], [data-testid=stDateInput] *, [role=dialog], [role=dialog] *")]
  .flatMap((node) => [node.getAttribute("aria-label"), node.getAttribute("placeholder"), node.children.length ? "" : node.textContent])
  .filter((text) => text && /[A-Za-z]{2}/.test(text) && !/[\u4e00-\u9fff]/.test(text))"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, keep_tab: Opened, serve: Opened) -> Iterator[Page]:
    """One tab on the district of january.py."""
    folder = tmp_path_factory.mktemp("versions")
    database, file = january.build(folder)
    with serve(folder, {"COMPLIANCE_DB": str(database), "COMPLIANCE_INDICATORS": str(file)}) as address, keep_tab(address) as tab:
        yield tab.page
        assert tab.complaints == []


def test_a_day_is_chosen_and_left(page: Page) -> None:
    page.goto("/indicator?lang=zh&indicator=2.1")
    settled(page)
    lit = page.get_by_text("1/3", exact=False).first
    expect(lit).to_be_visible()
    page.get_by_text("当时的样子").click()
    # Day, month and year are fields of their own.
    year = page.locator("[data-testid=stDateInput] [role=spinbutton]").first
    year.click()
    page.keyboard.type("20260103")
    day = page.get_by_role("button", name="2026年1月3日星期六")
    expect(day).to_be_visible()
    assert page.evaluate(PICKER) == []
    day.click()
    expect(page.get_by_text("您看到的是 2026年1月3日结束时的样子，按标准第 1 版判定。")).to_be_visible()
    settled(page)
    expect(page.get_by_text("2/3", exact=False).first).to_be_visible()
    assert "as_of=2026-01-03" in page.url
    assert page.evaluate(PICKER) == []
    page.get_by_role("link", name="差距与任务").click()
    expect(page).to_have_title(re.compile("^差距与任务"))
    settled(page)
    expect(page.get_by_text("您看到的是 2026年1月3日结束时的样子")).to_be_visible()
    page.get_by_role("link", name="回到现在").click()
    expect(page.get_by_text("您看到的是")).to_have_count(0)
    settled(page)
    assert "as_of" not in page.url


def test_a_changed_standard_is_handed_in_and_taken_over(page: Page, tmp_path: Path) -> None:
    changed = tmp_path / "stricter.yaml"
    changed.write_text(january.STRICTER, encoding="utf-8")
    page.goto("/versions?lang=zh")
    settled(page)
    page.set_input_files("[data-testid=stFileUploader] input[type=file]", changed)
    # C2 alone has what was enough and no longer is.
    expect(page.get_by_text("启用后有 1 个结论会变")).to_be_visible()
    settled(page)
    page.get_by_label("为什么改").fill("市里新标准")
    page.get_by_role("button", name="确认启用新标准").click()
    expect(page.get_by_text("已启用，现在按标准第 2 版判定")).to_be_visible()
    expect(page.get_by_text("原因：市里新标准")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="总览").first.click()
    expect(page.locator("footer")).to_contain_text(["标准第 2 版"])
