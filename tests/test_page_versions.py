"""The page of versions: what there was, what differs, and a changed standard tried and taken over; the version at the foot of every page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import district
import pytest
import sdg
import streamlit as st
from app_pages import ACCESS, html_of, page_text, sign_in
from january import STRICTER, rates
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.access import User
from compliance.answers import change_words
from compliance.files.reading import Source
from compliance.questions import import_queries, queries
from compliance.screen import shell
from compliance.server.serving import Opened
from compliance.standard import changes, loader
from compliance.storage import taking_over
from compliance.storage.importer import import_source, import_sources
from compliance.storage.store import Store

ADMIN = User("Ann", "admin")
STRICTEST = STRICTER.replace("at_most: 10, every: year", "at_most: 2, every: half_year").replace(
    "title: {zh: 亮灯, en: Lit stairs}", "title: {zh: 楼道亮灯, en: Lit stairs}"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small district under two versions of its standard: rates of 95, 92 and 80, a limit of 90, then of 95."""
    file = tmp_path / "small.yaml"
    file.write_text(district.TEXT, encoding="utf-8")
    (tmp_path / "access.toml").write_text(ACCESS, encoding="utf-8")
    with Store(tmp_path / "d.duckdb", district.STANDARD) as store:
        import_source(store, district.areas(), user=ADMIN)
        import_source(store, rates(), user=ADMIN)
        taking_over.take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="市里 <新> 标准")
    for name, value in {"DB": "d.duckdb", "INDICATORS": "small.yaml", "ACCESS": "access.toml"}.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", str(tmp_path / value))
    yield tmp_path
    shell._office().close()
    st.cache_resource.clear()


def opened(role: str | None = None, page: str = "pages/versions.py", **address: str) -> AppTest:
    app = AppTest.from_file(str(district.PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in {"lang": "zh", **address}.items():
        app.query_params[name] = value
    if role is not None:
        sign_in(app, role)
    if page != "dashboard.py":
        app.switch_page(page)
    app.run()
    assert not app.exception
    return app


def hand_in(app: AppTest, text: str, name: str = "new.yaml") -> AppTest:
    app.file_uploader[0].upload(name, text.encode(), "application/yaml").run()
    assert not app.exception
    return app


def test_what_there_was_and_what_it_changed(place: Path) -> None:
    text = page_text(opened())
    assert "现按标准第 2 版判定" in text and "由 Ann 启用。原因：市里 <新> 标准" in text
    assert "文件没有问题：1 个一级指标、3 个二级指标、6 项指标、6 个判定条件" in text
    assert "第 1 版到第 2 版改了什么 新增 0，删除 0，修改 1；其中 1 处可能影响结论，0 处只是文字。" in text
    assert "标准值 判定条件 2.1" in text and "≥ 90%" in text and "≥ 95%" in text
    english = page_text(opened(lang="en"))
    assert "Judged by version 2 of the standard" in english and "limit criterion 2.1" in english


@pytest.mark.parametrize("page", ["dashboard.py", "pages/heatmap.py", "pages/gaps.py", "pages/definitions.py", "pages/data.py"])
def test_every_page_says_at_its_foot_which_version_judges(place: Path, page: str) -> None:
    foot = [html for html in html_of(opened(page=page)) if "<footer" in html]
    assert len(foot) == 1 and "标准第 2 版" in foot[0]


def test_what_is_printed_says_it_too(place: Path) -> None:
    printed = [element.proto.body for element in opened(page="dashboard.py").get("html") if "@bottom-left" in element.proto.body]
    assert len(printed) == 1 and 'content: "小标准\\20 \\b7 \\20 '.replace("\\20 ", " ") + "标准第 2 版" in printed[0].replace("\\20 ", " ")


# -- a changed file ---------------------------------------------------------------------------------------------------


def test_a_changed_standard_is_shown_then_taken_over(place: Path) -> None:
    app = hand_in(opened(), STRICTEST)
    store, text = shell.open_store().store, page_text(app)
    # Both limits and the window differ, and one title; C2's 11 complaints were too many before, C1's 3 are now.
    assert "新增 0，删除 0，修改 3；其中 2 处可能影响结论，1 处只是文字。" in text
    assert "启用后有 1 个结论会变" in text and "变为未达标 1" in text and "2.2 投诉 1" in text and "一社区 1" in text
    app.button(key="take over 0").click().run()
    assert "没有写原因" in page_text(app) and "启用后有 1 个结论会变" in page_text(app)
    assert (place / "small.yaml").read_text(encoding="utf-8") == STRICTER
    app.text_input(key="why 0").set_value("更严").run()
    app.button(key="take over 0").click().run()
    assert not app.exception
    text = page_text(app)
    assert "已启用，现在按标准第 3 版判定" in text and "第 2 版到第 3 版改了什么" in text and "现按标准第 2 版判定" not in text
    assert shell.open_store().store is store, "readers are not cut off"
    assert (place / "small.yaml").read_text(encoding="utf-8") == STRICTEST
    again = page_text(opened())
    assert "现按标准第 3 版判定" in again and "原因：更严" in again and "第 2 版到第 3 版改了什么" in again
    shell._office().close()
    with Store(place / "d.duckdb", loader.load(place / "small.yaml")) as store, store.cursor() as cursor:
        assert cursor.execute("SELECT \"indicator 2.2\" FROM compliance_community WHERE area_id = 'C1'").fetchall() == [(False,)]
        assert import_queries.definition_versions(cursor)["why"].tolist() == ["更严", "市里 <新> 标准", ""]


def test_a_faulty_file_names_each_fault_with_its_line_and_changes_nothing(place: Path) -> None:
    bad = STRICTER.replace("value: lighting_rate, at_least: 95", "value: lightning_rate, at_leest: 95")
    line = bad[: bad.index("lightning_rate")].count("\n") + 1
    app = hand_in(opened(), bad)
    text = page_text(app)
    assert "没有启用" in text and f"第 {line} 行" in text and "lighting_rate" in text and "at_least" in text
    assert not [button for button in app.button if str(button.key).startswith("take over")]
    assert (place / "small.yaml").read_text(encoding="utf-8") == STRICTER


@pytest.mark.parametrize(("text", "says"), [(STRICTER, "这个文件与现用标准完全相同"), (STRICTER.replace("id: small", "id: big"), "这是另一套标准（big）")])
def test_what_is_no_new_version_is_refused(place: Path, text: str, says: str) -> None:
    assert says in page_text(hand_in(opened(), text))


def test_data_that_moved_since_the_preview_ask_for_another_look(place: Path) -> None:
    app = hand_in(opened(), STRICTEST)
    app.text_input(key="why 0").set_value("更严").run()
    import_source(shell.open_store().store, district.figures("2025Q1", "C3,,,,1,"), user=ADMIN)
    # Pressed before the page could show the new preview.
    app.button(key="take over 0").click().run()
    assert not app.exception
    assert "没有启用" in page_text(app) and "您看预览的时候" in page_text(app)
    assert (place / "small.yaml").read_text(encoding="utf-8") == STRICTER


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("editor", False), ("admin", True)])
def test_only_admins_hand_one_in(place: Path, role: str, may: bool) -> None:
    app = opened(role)
    assert bool(app.file_uploader) is may
    assert ("不能更换标准" in page_text(app)) is not may


def test_where_the_file_cannot_be_written_the_page_says_what_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs the tests may be root, whom no permission holds back.
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    app = opened()
    assert not app.file_uploader and "写不进去" in page_text(app) and "请管理服务器的人更换该文件" in page_text(app)


def test_a_reader_who_comes_while_a_taking_over_fails_finds_the_old_standard(place: Path) -> None:
    """The file is replaced, a reader asks, the commit fails and the file is put back."""
    file, office = place / "small.yaml", shell._office()
    store = shell.open_store().store
    reader = threading.Thread(target=shell.open_store)
    with pytest.raises(OSError, match="no commit"), store.writing():
        file.write_text(STRICTEST, encoding="utf-8")
        reader.start()
        while not office._lock.locked():
            time.sleep(0.01)
        time.sleep(0.3)
        file.write_text(STRICTER, encoding="utf-8")
        raise OSError("no commit")
    reader.join(60)
    assert shell.open_store().standard.source == STRICTER
    with shell.open_store().cursor() as cursor:
        assert len(import_queries.definition_versions(cursor)) == 2


# Other names for an indicator and a domain: what was asked by the standard before finds their columns no longer.
RENAMED = STRICTER.replace('code: "2.2"', 'code: "2.9"').replace("id: streets", "id: roads")


def on_the_page(place: Path) -> None:
    taking_over.take_over(shell.open_store().store, loader.parse(RENAMED), place / "small.yaml", user=ADMIN, why="改名")


def by_hand(place: Path) -> None:
    (place / "small.yaml").write_text(RENAMED, encoding="utf-8")
    shell.open_store()  # another reader comes first


@pytest.mark.parametrize("page", ["dashboard.py", "pages/community.py"])
@pytest.mark.parametrize("change", [on_the_page, by_hand])
@pytest.mark.parametrize("seen", ["at once", "by what fails"])
def test_a_page_that_is_under_way_when_the_standard_changes_begins_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch, page: str, change: Callable[[Path], None], seen: str
) -> None:
    """The change comes after the first questions of the page and before the others."""
    sidebar, looked, runs = shell._sidebar, Opened.is_overtaken, []

    def change_then_draw(*arguments: Any) -> None:
        runs.append(1)
        if len(runs) == 1:
            change(place)
        sidebar(*arguments)

    monkeypatch.setattr(shell, "_sidebar", change_then_draw)
    if seen == "by what fails":
        monkeypatch.setattr(Opened, "is_overtaken", lambda self, *, wait=False: wait and looked(self, wait=True))
    app = opened(page=page, area="C1")
    assert len(runs) == 2
    assert "标准第 3 版" in page_text(app)


def test_what_is_wrong_with_a_page_is_not_taken_for_a_change(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(queries, "coverage", fails)
    app = AppTest.from_file(str(district.PROJECT / "dashboard.py"), default_timeout=60)
    app.run()
    assert len(app.exception) == 1


def test_a_file_that_is_put_back_by_hand_after_a_taking_over_counts(place: Path) -> None:
    on_the_page(place)
    (place / "small.yaml").write_text(STRICTER, encoding="utf-8")
    assert shell.open_store().standard.source == STRICTER
    assert shell.open_store() is shell.open_store()
    assert "标准第 4 版" in page_text(opened(page="dashboard.py"))


# -- the words of a difference ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("at_most: 10, every: year", "at_most: 10, every: half_year", [("changed", "判定条件", "2.2", "统计时段", "最近 4 期合计", "最近 2 期合计")]),
        (
            "value: 100 * households_served / households", "value: 100 * households / households",
            [("changed", "判定条件", "2.3", "算式", "100 × 服务户数 ÷ 户数", "100 × 户数 ÷ 户数")],
        ),
        (
            "unit: percent, kind: stock, range: [0, 100]", "unit: percent, kind: stock, range: [0, 100], note: {zh: 夜间查, en: By night}",
            [("changed", "数据项", "lighting_rate", "说明", "无", "夜间查")],
        ),
        (
            "title: {zh: 全市上访率, en: City petition rate}, unit: permille", "title: {zh: 全市上访率, en: City petition rate}, unit: permille, note: {zh: 年报, en: Report}",
            [("changed", "外部参数", "city_rate", "说明", "无", "年报")],
        ),
        ("title: {zh: 亮灯, en: Lit stairs}", "title: {zh: 亮灯, en: Lamps}", [("changed", "指标", "2.1", "名称", "亮灯 / Lit stairs", "亮灯 / Lamps")]),
        (
            "            text: 亮灯率90%以上", "            owner: {zh: 城管办, en: Office}\n            text: 亮灯率90%以上",
            [("changed", "指标", "2.1", "责任部门", "无", "城管办")],
        ),
        (
            "{id: there, value: body_set_up, is: yes}", "{id: set_up, value: body_set_up, is: yes}",
            [("removed", "判定条件", "1.1", "", "BODY 是", ""), ("added", "判定条件", "1.1", "", "", "BODY 是")],
        ),
    ],
)  # fmt: skip
def test_a_difference_in_words(old: str, new: str, expected: list[tuple[str, ...]]) -> None:
    changed = loader.parse(district.TEXT.replace(old, new))
    body = texts.words("zh").title(district.STANDARD.metric_by_id["body_set_up"].title)
    found = change_words.differences(texts.words("zh"), district.STANDARD, changed, changes.between(district.STANDARD, changed))
    rows = [(row.kind, row.thing, row.code, row.field, row.before, row.after) for row in found]
    assert rows == [tuple(cell.replace("BODY", body) for cell in row) for row in expected]


def test_title_and_note_of_an_any_of_are_told() -> None:
    one = "            criteria:\n              - {id: lit, value: lighting_rate, at_least: 90}\n"
    group = """            criteria:
              - id: either
                title: {zh: TITLE, en: Either}
                note: {zh: NOTE, en: Note}
                any_of:
                  - {id: lit, value: lighting_rate, at_least: 90}
                  - {id: few_homes, value: households, at_most: 10}
"""
    assert one in district.TEXT
    old, new = (
        loader.parse(district.TEXT.replace(one, group.replace("TITLE", title).replace("NOTE", note)))
        for title, note in (("亮或小", "甲"), ("亮灯或小区", "乙"))
    )
    found = change_words.differences(texts.words("zh"), old, new, changes.between(old, new))
    assert [(row.kind, row.thing, row.code, row.title, row.field, row.before, row.after, row.can_turn) for row in found] == [
        ("changed", "满足其一的组", "2.1", "亮灯或小区", "名称", "亮或小", "亮灯或小区", False),
        ("changed", "满足其一的组", "2.1", "亮灯或小区", "说明", "甲", "乙", False),
    ]
    came = change_words.differences(texts.words("zh"), district.STANDARD, old, changes.between(district.STANDARD, old))
    assert ("added", "满足其一的组", "亮或小") in [(row.kind, row.thing, row.title) for row in came]
    gone = change_words.differences(texts.words("zh"), old, district.STANDARD, changes.between(old, district.STANDARD))
    assert ("removed", "满足其一的组", "亮或小") in [(row.kind, row.thing, row.title) for row in gone]


def test_every_part_and_field_has_its_words() -> None:
    keys, ours = texts.keys(), loader.load(district.PROJECT / "indicators.yaml")
    fields = {field for _, facts in changes._things(ours) for field in facts}
    assert {f"versions.part_{what}" for what in get_args(changes.What)} | {f"versions.field_{field}" for field in fields} <= keys


def test_a_standard_that_shares_nothing_is_told_in_both_languages() -> None:
    """Ours against the small one: everything is removed or added, and the standard itself differs."""
    ours = loader.load(district.PROJECT / "indicators.yaml")
    for language in texts.LANGUAGES:
        for old, new in ((ours, district.STANDARD), (district.STANDARD, ours)):
            table = change_words.table(texts.words(language), change_words.differences(texts.words(language), old, new, changes.between(old, new)))
            assert len(table) > 400 and not table.isna().any().any()


def test_the_standard_of_the_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sdg.write_all(tmp_path)
    with Store(tmp_path / "sdg.duckdb", loader.load(tmp_path / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(tmp_path / name) for name in ("areas.csv", "metrics.csv")], user=ADMIN)
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "sdg.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "indicators.yaml"))
    text = page_text(opened(lang="en"))
    assert "Judged by version 1 of the standard" in text and "There is this version only" in text
    shell._office().close()
    st.cache_resource.clear()
