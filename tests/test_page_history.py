"""The history page as each role meets it: what was imported, cell by cell; undone and redone with a reason, after a look at what turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app_pages import page_text, settled, store, use_small_district
from district import METRICS, STANDARD, areas, source, statuses, value
from page_district import run
from streamlit.testing.v1 import AppTest

from compliance.access import Role, User
from compliance.screen import drop, entrance, shell
from compliance.storage.importer import Remarks, import_source
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("release")
Q1 = 8100
ANN, LI, WANG = User("Ann", "admin"), User("李", "editor"), User("王", "editor")
FIRST = f"{METRICS}C1,2025Q1,100,60,95,3,0.5\nC2,2025Q1,100,40,89,4,0.7\n"
SECOND = "area_id,period,lighting_rate\nC1,2025Q1, 80 \nC2,2025Q1,89\nC3,2025Q1,70\n"
THIRD = "area_id,period,lighting_rate\nC3,2025Q1,91\n"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Areas (1), a quarter (2), a second report by 李 (3) that a third one (4) overlays in one cell."""
    path = use_small_district(tmp_path, monkeypatch)
    with Store(path, STANDARD) as store:
        import_source(store, areas(), user=ANN)
        import_source(store, source("q1.csv", FIRST), user=ANN)
        import_source(store, source("亮灯.csv", SECOND), user=LI, remarks=Remarks("复查 <b>后</b>"))
        import_source(store, source("c3.csv", THIRD), user=WANG)
    yield path
    shell._office().close()


def be(monkeypatch: pytest.MonkeyPatch, user: User) -> None:
    monkeypatch.setattr(entrance, "user", lambda _: user)


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def ask(app: AppTest, why: str) -> str:
    """Fills the reason in, asks for the preview, and gives what the page says then."""
    app.text_input[0].set_value(why)
    sent(app).click()
    app.run()
    return settled(app)


def sent(app: AppTest, form: str = "") -> Any:
    """The button of a form, the first where none is named."""
    return next(button for button in app.button if "FormSubmitter" in str(button.key) and form in str(button.key))


def press(app: AppTest, key: str) -> str:
    app.button(key=key).click()
    app.run()
    return settled(app)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_import_is_listed_newest_first(database: Path, language: str) -> None:
    said = page_text(run("history", lang=language))
    assert {"zh": "导入记录 4 条，其中 0 条已撤销", "en": "4 imports, 0 of them undone"}[language] in said
    assert [said.index(name) for name in ("c3.csv", "亮灯.csv", "q1.csv", "areas.csv")] == sorted(
        said.index(n) for n in ("c3.csv", "亮灯.csv", "q1.csv", "areas.csv")
    )
    assert hashlib.sha256(SECOND.encode()).hexdigest()[:8] in said
    assert "复查 <b>后</b>" in said
    # C1 falls from 95 to 80; C3 had no figures and gets 70, then 91.
    turned = {"zh": "2 项变为未达标", "en": "2 became not met"}[language]
    assert turned in said


def test_the_list_is_narrowed_down(database: Path) -> None:
    said = page_text(run("history", lang="zh", of="metrics", by="李"))
    assert "亮灯.csv" in said and "q1.csv" not in said and "areas.csv" not in said
    assert "没有符合条件的导入记录" in page_text(run("history", lang="zh", undone="1"))
    assert "没有第 77 号导入记录" in page_text(run("history", lang="zh", **{"import": "77"}))
    assert "没有第 x 号导入记录" in page_text(run("history", lang="zh", **{"import": "x"}))


def test_one_import_cell_by_cell(database: Path) -> None:
    app = run("history", lang="zh", **{"import": "3"})
    said = page_text(app)
    assert "第 3 号：亮灯.csv" in said and "UTF-8 编码" in said and "共 3 个数：2 个有效，1 个已被第 4 号覆盖" in said
    assert "2 一社区 2025Q1 楼道亮灯率 80 80% 80% 有效" in said
    assert "4 三社区 2025Q1 楼道亮灯率 70 70% 91% 被第 4 号覆盖" in said
    original = next(button for button in app.get("download_button") if "原始文件" in button.proto.label)
    assert original.proto.label == "下载原始文件（一字不改）"
    assert store().archive.original(hashlib.sha256(SECOND.encode()).hexdigest()) == SECOND.encode()
    assert "C1 一社区 社区 S1 有效" in page_text(run("history", lang="zh", **{"import": "1"}))


def test_what_takes_long_is_told_as_what_it_was_asked_to_be(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page runs again once it has ended, and finds the import undone by then."""
    monkeypatch.setattr(drop, "SECONDS_WITHOUT_A_WORD", 0.0)
    be(monkeypatch, LI)
    app = run("history", lang="zh", **{"import": "3"})
    ask(app, "填错了行")
    assert "第 3 号已撤销" in press(app, "confirm undo 3")
    app.run()
    assert "第 3 号已撤销" in page_text(app), "it stays until something else is looked at"
    app = run("history", lang="zh", **{"import": "3"})
    ask(app, "原来没错")
    assert "第 3 号已恢复" in press(app, "confirm redo 3")


def test_undo_needs_a_reason_shows_what_turns_and_is_taken_back_by_redo(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, LI)
    before = statuses(store())
    app = run("history", lang="zh", **{"import": "3"})
    assert "没有写原因" in ask(app, "  ")
    said = ask(app, "填错了行")
    # C1 goes back from 80 to 95 (met again); C2 said the same before; C3's cell is import 4's.
    assert "回到更早的数 1 变为空（没有更早的数） 0 数值相同 1 已被后来的导入覆盖，不受影响 1" in said
    assert "达标结论： 1 项变为达标" in said.replace("：1", "： 1") and "一社区 2025Q1 楼道亮灯率 80% 95%" in said
    assert "原因：填错了行" in said, "what will be recorded"
    assert statuses(store()) == before, "a preview changes nothing"
    said = press(app, "confirm undo 3")
    assert "第 3 号已撤销" in said and "原因：填错了行" in said and "共 3 个数，已撤销，都不计入" in said
    assert value(store(), "lighting_rate", "C1", Q1) == 95 and value(store(), "lighting_rate", "C3", Q1) == 91
    assert "导入记录 4 条，其中 1 条已撤销" in page_text(run("history", lang="zh"))
    said = ask(app, "原来没错")
    assert "换成本次的数 1" in said and "1 项变为未达标" in said and "一社区 2025Q1 楼道亮灯率 95% 80%" in said
    said = press(app, "confirm redo 3")
    assert "第 3 号已恢复" in said and "李 恢复，结论：1 项变为未达标 原因：原来没错" in said
    assert "李 撤销，结论：1 项变为达标 原因：填错了行" in said, "each deed says what it turned"
    assert statuses(store()) == before


def test_an_undo_that_was_overtaken_is_shown_anew(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, LI)
    app = run("history", lang="zh", **{"import": "3"})
    ask(app, "填错了行")
    import_source(store(), source("late.csv", "area_id,period,lighting_rate\nC1,2025Q1,99\n"), user=ANN)
    said = press(app, "confirm undo 3")
    assert "别人改动了数据" in said and "回到更早的数 0" in said
    assert value(store(), "lighting_rate", "C1", Q1) == 99
    assert "第 3 号已撤销" in press(app, "confirm undo 3")


@pytest.mark.parametrize(
    ("role", "name", "number", "may"),
    [
        ("viewer", "李", "3", False),
        ("editor", "李", "3", True),
        ("editor", "李", "4", False),
        ("admin", "Ann", "4", True),
        ("admin", "赵", "3", True),
    ],
)
def test_who_sees_the_undo_button(database: Path, monkeypatch: pytest.MonkeyPatch, role: Role, name: str, number: str, may: bool) -> None:
    be(monkeypatch, User(name, role))
    app = run("history", lang="zh", **{"import": number})
    assert bool(app.text_input) == may
    assert ("需要管理员权限" in page_text(app)) == (role == "editor" and not may)


@pytest.mark.parametrize(
    ("user", "undone_by", "may"),
    [
        (User("李", "editor"), LI, True),
        (User("李", "editor"), ANN, False),
        (User("王", "editor"), LI, False),
        (User("赵", "admin"), LI, True),
        (User("李", "viewer"), LI, False),
    ],
)
def test_who_sees_the_redo_button(database: Path, monkeypatch: pytest.MonkeyPatch, user: User, undone_by: User, may: bool) -> None:
    store().undo(3, user=undone_by, why="x")
    be(monkeypatch, user)
    assert bool(run("history", lang="zh", **{"import": "3"}).text_input) == may


def test_a_role_that_was_lost_after_the_preview_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, ANN)
    app = run("history", lang="zh", **{"import": "3"})
    ask(app, "试试")
    be(monkeypatch, User("Ann", "viewer"))
    app.run()
    assert "confirm undo 3" not in keys(app)
    assert value(store(), "lighting_rate", "C1", Q1) == 80


def test_someone_bound_to_other_areas_may_not_undo(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, User("李", "editor", frozenset({"C1"})))
    app = run("history", lang="zh", **{"import": "3"})
    assert not app.text_input and "“二社区”不在“李”负责的范围内" in page_text(app)
