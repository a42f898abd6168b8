"""What was it then: pages on a day of the past, with the data and the standard of that day, and the way back."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import district
import january
import pytest
import streamlit as st
from app_pages import html_of, page_text
from streamlit.testing.v1 import AppTest

from compliance import routes
from compliance.screen import shell
from compliance.server.shelf import MOST_OPEN, Shelf
from compliance.storage import past


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The district of january.py, with the stricter standard from the 5th."""
    folder = tmp_path_factory.mktemp("then")
    january.build(folder, stricter=True)
    yield folder
    shell._office().close()
    st.cache_resource.clear()


@pytest.fixture
def place(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMPLIANCE_DB", str(made / "d.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(made / "small.yaml"))
    return made


def opened(page: str = "overview", **address: str) -> AppTest:
    app = AppTest.from_file(str(district.PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in {"lang": "zh", **address}.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(routes.SCRIPTS[page])
    app.run()
    # The first look at a day is made in another thread; the browser would ask again by itself.
    while "正在从原始文件" in " ".join(str(element.proto) for element in app.get("progress")):
        app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("day", "version", "lit"),
    # Lit stairs, of three communities: 95 and 92 reach 90; 92 alone does; none reaches 95.
    [("2026-01-03", 1, 2), ("2026-01-04", 1, 1), ("2026-01-05", 2, 0)],
)
def test_a_day_shows_its_own_data_and_standard(place: Path, day: str, version: int, lit: int) -> None:
    app = opened("indicator", as_of=day, indicator="2.1")
    text = page_text(app)
    assert f"您看到的是 2026年1月{int(day[-1])}日结束时的样子，按标准第 {version} 版判定。" in text
    assert f"标准第 {version} 版" in next(html for html in html_of(app) if "<footer" in html)
    with (
        past.as_of(place / "d.duckdb", shell._office().shelf.at_end_of(place / "d.duckdb", date.fromisoformat(day)).result.newest) as then,
        then.cursor() as cursor,
    ):
        assert cursor.execute('SELECT count(*) FILTER ("indicator 2.1") FROM compliance_community').fetchall() == [(lit,)]
    assert f"{lit}/3" in text


def test_every_link_of_a_day_stays_with_it_and_one_leads_back(place: Path) -> None:
    app = opened(as_of="2026-01-03")
    html = " ".join(html_of(app))
    assert html.count("as_of=2026-01-03") > 5
    back = html[html.index('class="notice then"') :]
    back = back[back.index('href="') + 6 :]
    assert "as_of" not in back[: back.index('"')]
    menu = re.findall(r'<li><a href="([^"]+)"', html[html.index('class="menu"') :])
    assert len(menu) >= len(routes.LOOKING_BACK)
    assert all("as_of=2026-01-03" in address for address in menu)


@pytest.mark.parametrize("page", sorted(routes.LOOKING_BACK))
def test_every_page_that_can_look_back_does(place: Path, page: str) -> None:
    address = {"community": {"area": "C1"}, "compare": {"areas": "C1,C2"}, "indicator": {"indicator": "2.1"}}.get(page, {})
    assert "结束时的样子" in page_text(opened(page, as_of="2026-01-03", **address))
    english = page_text(opened(page, as_of="2026-01-03", **{**address, "lang": "en"}))
    assert "This is how things stood at the end of 2026-01-03, by standard version 1." in english


@pytest.mark.parametrize(
    ("page", "asked", "says"),
    [
        ("overview", "yesterday", "“yesterday”不是已经过去的一天"),
        ("overview", "<b>", "“<b>”不是已经过去的一天"),
        ("overview", "9999-12-31", "不是已经过去的一天"),
        ("overview", "2025-12-31", "2025年12月31日的样子没能还原"),
        ("data", "2026-01-03", "这一页不能回看"),
        ("versions", "2026-01-03", "这一页不能回看"),
    ],
)
def test_where_there_is_no_such_day_the_present_is_shown_and_it_says_so(place: Path, page: str, asked: str, says: str) -> None:
    text = page_text(opened(page, as_of=asked))
    assert says in text and "您看到的是" not in text and "标准第 2 版" in text


def test_today_is_not_over(place: Path) -> None:
    assert "不是已经过去的一天" in page_text(opened(as_of=date.today().isoformat()))


def test_the_sidebar_offers_the_days_there_are(place: Path) -> None:
    day = timedelta(days=1)
    yesterdays = {date.today() - day}
    app = opened()
    assert "当时的样子" in [each.label for each in app.expander]
    assert not app.date_input, "made once it is unfolded"
    app.session_state["then"] = True
    control = app.run().date_input(key="as_of ")
    yesterdays.add(date.today() - day)  # it may be midnight
    assert (control.min, control.value) == (date(2026, 1, 1), None) and control.max in yesterdays
    control.set_value(date(2026, 1, 3)).run()
    assert app.query_params["as_of"] == "2026-01-03"
    assert "当时的样子" not in [each.label for each in opened("data").expander]
    assert opened(as_of="2026-01-03").date_input(key="as_of 2026-01-03").value == date(2026, 1, 3)


def test_versions_lead_to_their_last_day(place: Path) -> None:
    html = " ".join(html_of(opened("versions")))
    assert html.count("as_of=") == 1 and "as_of=2026-01-04" in html


def test_the_shelf_keeps_a_few_and_forgets_failures(place: Path) -> None:
    shelf, database = Shelf(), place / "d.duckdb"
    before = shelf.at_end_of(database, date(2025, 1, 1))
    assert before.wait(60) and before.result is None and before.problems[0].key == "past.nothing"
    # Told once (it may have ended before it was kept), then tried anew.
    shelf.at_end_of(database, date(2025, 1, 1)).wait(60)
    assert shelf.at_end_of(database, date(2025, 1, 1)) is not before
    first = shelf.at_end_of(database, date(2026, 1, 1))
    assert first.wait(60) and first.result is not None
    works = [first, *(shelf.at_end_of(database, date(2026, 1, day)) for day in range(2, MOST_OPEN + 2))]
    assert all(work.wait(60) for work in works)
    assert shelf.at_end_of(database, date(2026, 1, MOST_OPEN + 1)) is works[-1]
    assert shelf.at_end_of(database, date(2026, 1, 1)) is not works[0]
    with first.result.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM definitions").fetchall() == [(1,)], "who reads a day that was put away reads on"
    shelf.close()


def test_a_day_that_was_given_up_while_it_waited_is_not_made(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_go_on, as_of = list[date](), threading.Event(), past.as_of

    def slow(database: Path, when: datetime, tell: Callable[[float], None]) -> past.Past:
        begun.append(when.date())
        may_go_on.wait(60)
        return as_of(database, when, tell)

    monkeypatch.setattr(past, "as_of", slow)
    shelf, database, days = Shelf(), place / "d.duckdb", [date(2026, 1, day) for day in range(1, MOST_OPEN + 3)]
    works = [shelf.at_end_of(database, days[0])]
    while not begun:
        time.sleep(0.01)
    works += [shelf.at_end_of(database, day) for day in days[1:]]
    may_go_on.set()
    assert all(work.wait(60) for work in works)
    # The one that is being made stays, and of the others those that were asked for last.
    assert begun[0] == days[0] and set(begun) == {days[0], *days[3:]}
    assert [work.result is None for work in works] == [day in days[1:3] for day in days]
    assert {work.problems[0].key for work in works[1:3]} == {"past.given_up"}
    again = shelf.at_end_of(database, days[1])
    assert again.wait(60) and again.result is not None
    shelf.close()
