"""What goes wrong around the database: disks that fill up or may not be written, clocks that are put back, upgrades that are cut short, two people at once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import district
import duckdb
import pytest
from district import STANDARD, TEXT, areas, content, figures, small_import, source
from duckdb import DuckDBPyConnection
from test_history import written_by_the_first_schema

from compliance import __main__
from compliance.access import User
from compliance.engine import schema
from compliance.errors import ImportDataError, StoreError
from compliance.questions import completeness_queries
from compliance.server.deeds import Deed
from compliance.server.serving import Opened
from compliance.standard import loader
from compliance.storage import backup, connecting, importer, recovery
from compliance.storage import store as storing
from compliance.storage.importer import import_source
from compliance.storage.ledger import Archive
from compliance.storage.store import Store
from compliance.storage.taking_over import take_over

ADMIN = User("Ann", "admin")
STRICTER = TEXT.replace("at_least: 90", "at_least: 95")


# -- disks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 60 MB with a database of two imports and its standard. Nothing looks at the free space beforehand."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "none", folder], check=False).returncode:
        pytest.skip("only root can mount a small file system")
    monkeypatch.setattr(backup, "SMALLEST_FREE_SPACE", -(10**9))
    monkeypatch.setattr(storing, "SMALLEST_FREE_SPACE", 0)
    try:
        (folder / "small.yaml").write_text(TEXT, encoding="utf-8")
        with Store(folder / "d.duckdb", STANDARD) as store:
            import_source(store, areas(), user=ADMIN)
            import_source(store, small_import(1), user=ADMIN)
            backup.make(store, tmp_path / "b.zip", ADMIN)
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path, leave: int) -> None:
    with (folder / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - leave)


def held(folder: Path) -> dict[str, list[str]]:
    with Store(folder / "d.duckdb", STANDARD) as store:
        recovery.verify(store)
        return content(store)


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.name != "ballast" and not path.name.endswith((".wal", ".lock")))


def key_of(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as refused:
        act()
    return refused.value.problems[0].key


ON_A_FULL_DISK: dict[str, tuple[Callable[[Path], object], str]] = {
    "restore": (lambda disk: backup.restore(disk.parent / "b.zip", disk / "d.duckdb", ADMIN), "backup.not_unpacked"),
    "rebuild": (lambda disk: recovery.rebuild(disk / "d.duckdb", STANDARD, user=ADMIN), "store."),
}


@pytest.mark.parametrize("leave", [0, 100_000, 1_000_000])
@pytest.mark.parametrize("act", ON_A_FULL_DISK)
def test_what_a_full_disk_stops_changes_nothing_and_goes_well_afterwards(disk: Path, act: str, leave: int) -> None:
    does, key = ON_A_FULL_DISK[act]
    before, files = held(disk), listed(disk)
    fill(disk, leave)
    assert key_of(lambda: does(disk)).startswith(key)
    assert listed(disk) == files
    (disk / "ballast").unlink()
    assert held(disk) == before
    does(disk)
    assert held(disk) == before


@pytest.mark.parametrize("leave", [0, 100_000, 3_000_000])
def test_a_backup_that_a_full_disk_stops_leaves_nothing(disk: Path, leave: int) -> None:
    with Store(disk / "d.duckdb", STANDARD) as store:
        before, files = content(store), listed(disk)
        fill(disk, leave)
        assert key_of(lambda: backup.make(store, disk / "full.zip", ADMIN)) == "backup.not_made"
        assert (content(store), listed(disk)) == (before, files)
        (disk / "ballast").unlink()
        backup.make(store, disk / "full.zip", ADMIN)


@pytest.mark.parametrize(("leave", "key"), [(0, "takeover.read_only"), (4096, "store.not_saved")])
def test_a_taking_over_that_a_full_disk_stops_changes_neither_file_nor_verdicts(disk: Path, leave: int, key: str) -> None:
    file = disk / "small.yaml"
    with Store(disk / "d.duckdb", STANDARD) as store:
        before, files = content(store), listed(disk)
        fill(disk, leave)
        assert key_of(lambda: take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")) == key
        assert (content(store), listed(disk)) == (before, files)
        assert (file.read_text(encoding="utf-8"), store.standard) == (TEXT, STANDARD)
        (disk / "ballast").unlink()
        assert take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x").version == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_disk_that_may_not_be_written_is_said_in_one_line(disk: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    (tmp_path / "in.csv").write_bytes(bytes(small_import(2).content))
    common = ["--indicators", str(disk / "small.yaml"), "--lang", language]
    for command in (["imports"], ["import", str(tmp_path / "in.csv")], ["undo", "1"], ["restore", str(tmp_path / "b.zip")], ["rebuild"], ["verify"]):
        assert __main__.main([*command, "--db", str(disk / "d.duckdb"), *common]) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert {"zh": "写不进去（Read-only file system）：请检查这个文件夹的权限", "en": "cannot be written (Read-only file system)"}[language] in err
    for command in (["export", "areas"], ["backup"], ["template", "--level", "community"]):
        assert __main__.main([*command, "-o", str(disk / "out"), "--db", str(tmp_path / "e.duckdb"), *common]) == 1
        assert "Read-only file system" in capsys.readouterr().err


# -- clocks -----------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_put_back_changes_nothing_of_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of imports is that of their numbers: a clock that runs backwards gives the same content as one that does not."""
    found = []
    for step in (1, -1):
        at = datetime(2026, 10, 1, 12)

        def now(step: int = step) -> datetime:
            nonlocal at
            at += timedelta(days=step)
            return at

        monkeypatch.setattr(storing, "now", now)
        monkeypatch.setattr(importer, "now", now)
        path = tmp_path / f"clock {step}" / "d.duckdb"
        with Store(path, STANDARD) as store:
            import_source(store, areas(), user=ADMIN)
            import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5"), user=ADMIN)
            import_source(store, figures("2025Q1", "C1,100,70,80,3,0.5"), user=ADMIN)
            store.undo(3, user=ADMIN)
            assert district.value(store, "lighting_rate", "C1", 2025 * 4) == 95
            store.redo(3, user=ADMIN)
            assert district.value(store, "lighting_rate", "C1", 2025 * 4) == 80
            recovery.verify(store)
            before = content(store)
            found.append(content(store, district.derived_tables(STANDARD)))
        recovery.rebuild(path, STANDARD, user=ADMIN)
        with Store(path, STANDARD) as store:
            assert content(store) == before
    assert found[0] == found[1]


# -- upgrades -----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As kill -9: nothing tidies up."""


@pytest.mark.parametrize("moment", ["before the copy", "after the copy", "in the middle"])
def test_an_upgrade_that_is_cut_short_is_done_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    path, copy = written_by_the_first_schema(tmp_path / "d.duckdb"), connecting.copy

    def killed(database: Path, target: Path) -> None:
        if moment == "after the copy":
            copy(database, target)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises((Killed, StoreError)):
        if moment == "in the middle":
            patch.setitem(schema.MIGRATIONS, 2, [*schema.MIGRATIONS[2][:2], "SELECT error('killed')"])
            patch.setattr("compliance.storage.store.is_breakdown", lambda _: True)
        else:
            patch.setattr(connecting, "copy", killed)
        Store(path, STANDARD)
    with Store(path, STANDARD) as store:
        recovery.verify(store)
        with store.cursor() as cursor:
            assert cursor.execute("SELECT value FROM store_facts WHERE name = 'schema_version'").fetchall() == [(str(schema.SCHEMA_VERSION),)]
    assert list(tmp_path.glob("d.duckdb.backup-v1-*")) != []


def test_a_backup_of_an_older_schema_is_restored_and_brought_up_to_date(tmp_path: Path) -> None:
    path = written_by_the_first_schema(tmp_path / "d.duckdb")
    archive = Archive.beside(path)
    entries = archive.entries()
    bodies = {backup.DATABASE: path.read_bytes(), backup.DEFINITIONS: TEXT.encode(), backup.LEDGER: archive.path.read_bytes()}
    bodies |= {f"originals/{entry.original}": archive.original(entry.original) for entry in entries if entry.original}
    files = {name: backup.Member(hashlib.sha256(body).hexdigest(), len(body)) for name, body in bodies.items()}
    manifest = backup.Manifest(1, "0.0.9", 1, "small", "2026-01-01T00:00:00", "Ann", len(entries), entries[-1].hash, files)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        for name, body in {**bodies, backup.MANIFEST: manifest.text().encode()}.items():
            packed.writestr(name, body)
    new = tmp_path / "new" / "e.duckdb"
    assert backup.restore(tmp_path / "b.zip", new, ADMIN).aside is None
    with Store(new, STANDARD) as restored, Store(path, STANDARD) as upgraded:
        recovery.verify(restored)
        assert content(restored) == content(upgraded)
    assert sorted(file.name for file in new.parent.iterdir()) == ["e.duckdb", "e.duckdb.lock", "e.duckdb.originals"]


# -- two at once --------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        import_source(store, small_import(1), user=ADMIN)
        yield store


def test_one_import_undone_by_two_at_once_is_undone_once(store: Store) -> None:
    started, refused = threading.Barrier(4), []

    def undo(who: str) -> None:
        started.wait()
        try:
            store.undo(2, user=User(who, "admin"))
        except ImportDataError as error:
            refused.append(error.problems[0].key)

    people = [threading.Thread(target=undo, args=(f"admin {number}",)) for number in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert refused == ["undo.already"] * 3
    events = [entry.facts["event"] for entry in store.archive.entries()]
    assert events == ["definitions", "import", "import", "undo"]
    recovery.verify(store)


class Interrupted:
    """A cursor; when the first rows that it found are taken, somebody else has just written."""

    def __init__(self, cursor: DuckDBPyConnection, act: Callable[[], object]) -> None:
        self._cursor, self._acts = cursor, [act]

    def __getattr__(self, name: str) -> object:
        return getattr(self._cursor, name)

    def execute(self, *args: object) -> object:
        found = self._cursor.execute(*args)  # type: ignore[arg-type]
        return _Found(found.fetchall(), self._acts.pop()) if self._acts else found


@dataclass(frozen=True)
class _Found:
    rows: list[tuple[object, ...]]
    act: Callable[[], object]

    def fetchall(self) -> list[tuple[object, ...]]:
        self.act()
        return self.rows


def test_a_question_sees_one_moment_although_others_import_while_it_asks(store: Store) -> None:
    """Completeness asks for areas first, then for their figures: those of an area that came in between belong to nobody."""
    more = source("more.csv", "area_id,name,level,parent_id\nC4,四社区,community,S1\n")

    def meanwhile() -> None:
        import_source(store, more, user=ADMIN)
        import_source(store, figures("2025Q2", "C4,100,60,95,,0.5"), user=ADMIN)

    def question(cursor: DuckDBPyConnection) -> tuple[int, object]:
        found = completeness_queries.completeness(Interrupted(cursor, meanwhile), STANDARD, "community", 8101)  # type: ignore[arg-type]
        return found.areas, dict(found.missing)

    opened = Opened(store, STANDARD, 1, None)
    nothing = dict.fromkeys(("households", "households_served", "lighting_rate", "complaints", "petition_rate"), 0)
    assert opened.answer(question) == (3, nothing)
    found = opened.answer(completeness_queries.completeness, STANDARD, "community", 8101)
    assert (found.areas, dict(found.missing)) == (4, {**nothing, "complaints": 1})
    with store.cursor() as cursor:
        cursor.execute("CHECKPOINT")  # raises while any reader's transaction is open
    with pytest.raises(duckdb.Error, match="read-only"):
        opened.answer(lambda cursor: cursor.execute("DELETE FROM areas"))


def test_two_who_looked_at_the_same_undo_and_confirm_it_both(store: Store) -> None:
    """As the page does it: each has seen what would turn; the second is told that the data have moved, and looks again."""

    def undoing(who: str) -> Deed[object]:
        return Deed(store, User(who, "admin"), lambda at, user, dry_run, version: at.undo(2, user=user, dry_run=dry_run, seen_version=version), "x")

    deeds = [undoing("Ann"), undoing("Bo")]
    assert all(deed.trying.wait(60) and deed.trying.result is not None for deed in deeds)
    for deed in deeds:
        deed.carry_out(store, ADMIN)
    assert all(deed.doing is not None and deed.doing.wait(60) for deed in deeds)
    problems = [[problem.key for problem in deed.doing.problems] for deed in deeds if deed.doing is not None]
    assert sorted(problems) == [[], ["import.data_moved"]]
    again = deeds[problems.index(["import.data_moved"])].again(store, ADMIN)
    assert again.trying.wait(60)
    assert [problem.key for problem in again.trying.problems] == ["undo.already"]
    assert sum(entry.facts["event"] == "undo" for entry in store.archive.entries()) == 1
