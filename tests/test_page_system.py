"""The system page and the menu by role; backups by hand and by day."""

from __future__ import annotations

import json
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import district
import duckdb
import pytest
import streamlit as st
from app_pages import ACCESS, html_of, page_text, sign_in
from streamlit.testing.v1 import AppTest

from compliance import routes
from compliance.access import User
from compliance.errors import Problem, StoreError
from compliance.screen import front, shell
from compliance.server import daily
from compliance.server.daily import Keeper, Keeping
from compliance.server.serving import Opened
from compliance.storage import backup
from compliance.storage.importer import import_source
from compliance.storage.store import Store

ADMIN = User("Ann", "admin")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a small district, an access list and sign-in switched on."""
    (tmp_path / "small.yaml").write_text(district.TEXT, encoding="utf-8")
    (tmp_path / "access.toml").write_text(ACCESS, encoding="utf-8")
    with Store(tmp_path / "d.duckdb", district.STANDARD) as store:
        import_source(store, district.areas(), user=ADMIN)
        import_source(store, district.small_import(1), user=ADMIN)
    for name, value in {"DB": "d.duckdb", "INDICATORS": "small.yaml", "ACCESS": "access.toml"}.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", str(tmp_path / value))
    monkeypatch.delenv("COMPLIANCE_BACKUP_DIR", raising=False)
    yield tmp_path
    shell._office().close()
    st.cache_resource.clear()


def signed_in(role: str | None, page: str = "pages/system.py", language: str = "zh") -> AppTest:
    app = AppTest.from_file(str(district.PROJECT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    if role is not None:
        sign_in(app, role)
    app.switch_page(page)
    app.run()
    assert not app.exception
    return app


def menu(app: AppTest) -> list[str]:
    """The addresses in it."""
    html = next(each for each in html_of(app) if 'class="menu"' in each)
    return re.findall(r'href="([^"]+)"', html[html.index('class="menu"') :])


@pytest.mark.parametrize(("role", "sees"), [("viewer", False), ("editor", False), ("admin", True), (None, True)])
def test_the_page_and_its_place_in_the_menu_by_role(place: Path, role: str | None, sees: bool) -> None:
    app = signed_in(role)
    keys = {button.key for button in app.button}
    assert ("back up" in keys, any("system" in page for page in menu(app))) == (sees, sees)
    assert ("这一页只给管理员看" in page_text(app)) is not sees
    assert ("sign out" in keys) is (role is not None)
    assert ("d.duckdb" in page_text(app)) is sees


# What lets a reader change something: by page, control and the roles that have it. No other page has any for anyone.
WAYS_TO_WRITE = {
    ("data", "file_uploader"): ("editor", "admin"),
    ("entries", "button FormSubmitter:form exempt community-先看会变什么"): ("editor", "admin"),
    ("system", "button back up"): ("admin",),
    ("versions", "file_uploader"): ("admin",),
}


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
def test_who_sees_which_way_to_write_on_every_page(place: Path, role: str) -> None:
    found = set()
    for page, script in routes.SCRIPTS.items():
        app = signed_in(role, script)
        found |= {(page, f"button {button.key}") for button in app.button if button.key != "sign out"}
        found |= {(page, "file_uploader") for _ in app.get("file_uploader")}
    assert found == {way for way, roles in WAYS_TO_WRITE.items() if role in roles}


def test_no_one_is_let_in_without_an_entry(place: Path) -> None:
    text = page_text(signed_in("stranger"))
    assert "名单上没有您" in text and "d.duckdb" not in text
    (place / "access.toml").unlink()
    assert "人员名单现在不能使用" in page_text(signed_in("admin"))


def test_a_backup_by_hand(place: Path) -> None:
    app = signed_in("admin")
    app.button(key="back up").click().run()
    assert not app.exception
    made = list((place / "backups").iterdir())
    assert [f"已备份为 {path.name}（3 条历史）" in page_text(app) for path in made] == [True]
    with zipfile.ZipFile(made[0]) as archive:
        assert json.loads(archive.read("manifest.json"))["made_by"] == "admin@example.org"


def test_a_backup_that_fails_says_why(place: Path) -> None:
    app = signed_in(None, language="en")
    (place / "backups").write_text("")
    app.button(key="back up").click().run()
    assert not app.exception
    assert "could not be written" in page_text(app)


# -- by day -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", district.STANDARD) as store:
        yield store


def test_one_a_day_and_the_oldest_go(store: Store, tmp_path: Path) -> None:
    keeping, start = Keeping(tmp_path / "b", 3), datetime(2026, 1, 30, 2)
    (tmp_path / "b").mkdir()
    for other in ("backup-d-20200101-000000.zip.partial", "backup-other-20200101-000000.zip", "notes.zip"):
        (tmp_path / "b" / other).write_text("not ours to delete")
    made = [daily.keep_one(store, keeping, start + timedelta(hours=hours)) for hours in (0, 1, 23.9, 24, 48, 71, 72, 97)]
    assert [path is not None for path in made] == [True, False, False, True, True, False, True, True]
    assert [each.path.name for each in daily.made(tmp_path / "b", store.path)] == [
        "backup-d-20260203-030000.zip",
        "backup-d-20260202-020000.zip",
        "backup-d-20260201-020000.zip",
    ]
    assert len(list((tmp_path / "b").iterdir())) == 6


def test_a_clock_that_was_put_back_does_not_stop_backups(store: Store, tmp_path: Path) -> None:
    keeping = Keeping(tmp_path / "b", 3)
    assert daily.keep_one(store, keeping, datetime(2030, 1, 1)) is not None
    assert daily.keep_one(store, keeping, datetime(2026, 1, 1)) is not None
    assert daily.keep_one(store, keeping, datetime(2026, 1, 1, 1)) is None


def test_the_keeper_works_on_after_a_failure(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "LOOK_AGAIN", 0.01)
    calls, done = [], threading.Event()

    def opening() -> Opened:
        calls.append(1)
        if len(calls) == 1:
            raise StoreError([Problem("store.unreadable", {"database": "x", "detail": "y"})])
        if list((tmp_path / "b").glob("*.zip")):
            done.set()
        return Opened(store, store.standard, 1, None)

    keeper = Keeper(Keeping(tmp_path / "b", 3), opening, first_look=0)
    assert done.wait(60)
    keeper.stop()
    keeper._thread.join(60)
    assert not keeper._thread.is_alive()
    assert len(list((tmp_path / "b").glob("*.zip"))) == 1


def test_settings_of_the_daily_backup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPLIANCE_BACKUP_DIR", raising=False)
    assert Keeping.from_environment() is None
    monkeypatch.setenv("COMPLIANCE_BACKUP_DIR", "/var/b")
    assert Keeping.from_environment() == Keeping(Path("/var/b"), 14)
    monkeypatch.setenv("COMPLIANCE_BACKUP_KEEP", "0")
    assert Keeping.from_environment() == Keeping(Path("/var/b"), 1)

    for said in ("abc", "1.5", "٣"):
        monkeypatch.setenv("COMPLIANCE_BACKUP_KEEP", said)
        with pytest.raises(StoreError) as refused:
            Keeping.from_environment()
        assert [problem.key for problem in refused.value.problems] == ["backup.keep_no_number"]
        with pytest.raises(SystemExit, match="COMPLIANCE_BACKUP_KEEP"):
            front.served()


def test_the_name_of_a_backup_tells_when_it_was_made(tmp_path: Path) -> None:
    at, database = datetime(2026, 11, 22, 21, 41, 39), tmp_path / "a-b.c.duckdb"
    target = tmp_path / "b" / backup.file_name(database, at)
    with Store(database, district.STANDARD) as store:
        backup.make(store, target, ADMIN)
    assert [(each.at, each.size) for each in daily.made(tmp_path / "b", database)] == [(at, target.stat().st_size)]


def test_names_that_only_look_like_backups_stop_nothing(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    for name in ("backup-d-20261399-000000.zip", "backup-d-20260130-020000.zip"):  # no such month; no zip
        (folder / name).write_bytes(b"")
    (folder / "backup-d-20260130-030000.zip").symlink_to(tmp_path / "gone.zip")
    assert daily.keep_one(store, Keeping(folder, 1), datetime(2026, 1, 30, 4)) is not None
    assert [each.path.name for each in daily.made(folder, store.path)] == ["backup-d-20260130-040000.zip"]
    assert len(list(folder.iterdir())) == 4


def test_databases_of_one_name_leave_each_others_backups_alone(store: Store, tmp_path: Path) -> None:
    keeping, start = Keeping(tmp_path / "b", 1), datetime(2026, 1, 30, 2)
    (tmp_path / "other").mkdir()
    with Store(tmp_path / "other" / "d.duckdb", district.STANDARD) as other:
        assert all(daily.keep_one(each, keeping, start + timedelta(hours=hour)) is not None for hour, each in enumerate((store, other)))
        assert all(daily.keep_one(each, keeping, start + timedelta(hours=24 + hour)) is not None for hour, each in enumerate((store, other)))
        names = [[each.path.name for each in daily.made(keeping.folder, of.path)] for of in (store, other)]
    assert names == [["backup-d-20260131-020000.zip"], ["backup-d-20260131-030000.zip"]]
    assert len(list(keeping.folder.iterdir())) == 2


def test_what_goes_wrong_by_day_is_told_on_the_page_until_it_goes_well(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "LOOK_AGAIN", 0.05)
    wrong: list[Exception] = [duckdb.IOException("reopened"), ValueError("a mistake"), OSError(28, "No space left")]
    goes_well, told = threading.Event(), []

    def opening() -> Opened:
        if wrong:
            raise wrong.pop()
        assert goes_well.wait(60)
        return shell.open_store()

    monkeypatch.setenv("COMPLIANCE_BACKUP_DIR", str(place / "daily"))
    keeper = Keeper(Keeping(place / "daily", 3), opening, first_look=0)
    try:
        until = time.monotonic() + 30
        while wrong and time.monotonic() < until:
            time.sleep(0.01)
        told = [page_text(signed_in("admin", language=language)) for language in ("zh", "en")]
        assert "每日自动备份没有做成" in told[0] and "The daily backup could not be made" in told[1]
        goes_well.set()
        while not list((place / "daily").glob("*.zip")) and time.monotonic() < until + 30:
            time.sleep(0.01)
        while Keeper.failure is not None and time.monotonic() < until + 30:
            time.sleep(0.01)
        assert "没有做成" not in page_text(signed_in("admin"))
    finally:
        goes_well.set()
        keeper.stop()
        keeper._thread.join(60)
