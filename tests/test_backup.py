"""Backups: whole while others write, refused when damaged, and put back so that a kill leaves the old state or the new one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import district
import pytest
from district import STANDARD, TEXT, areas, content, small_import
from january import STRICTER

from compliance import __main__
from compliance.access import AccessDenied, User, local_user
from compliance.engine import schema
from compliance.errors import ComplianceError, StoreError
from compliance.standard import loader
from compliance.storage import backup, recovery, swapping
from compliance.storage.importer import import_source
from compliance.storage.store import Store
from compliance.storage.taking_over import take_over

ADMIN = User("Ann", "admin")


def rows_of(path: Path) -> dict[str, list[str]]:
    with Store(path, STANDARD) as store:
        recovery.verify(store)
        return content(store)


def filled(path: Path, numbers: range) -> dict[str, list[str]]:
    with Store(path, STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        for number in numbers:
            import_source(store, small_import(number), user=ADMIN)
        return content(store)


def make(path: Path, target: Path) -> backup.Manifest:
    with Store(path, STANDARD) as store:
        return backup.make(store, target, ADMIN)


@dataclass(frozen=True)
class Made:
    """A database, its backup, and what both hold."""

    folder: Path
    content: dict[str, list[str]]

    def put(self, folder: Path) -> Path:
        """Both in a folder of one's own: d.duckdb and b.zip."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return folder / "d.duckdb"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    held = filled(folder / "d.duckdb", range(3))
    make(folder / "d.duckdb", folder / "b.zip")
    return Made(folder, held)


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A backup with its members changed."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return target


def in_manifest(members: dict[str, bytes], change: Callable[[dict[str, object]], object]) -> None:
    read = json.loads(members["manifest.json"])
    change(read)
    members["manifest.json"] = json.dumps(read).encode()


# -- making ---------------------------------------------------------------------------------------------------------


def test_a_backup_put_elsewhere_is_the_same(store: Store, path: Path, tmp_path: Path) -> None:
    import_source(store, small_import(1), user=ADMIN)
    store.undo(2, user=ADMIN, why="录错了")
    before = content(store)
    made = backup.make(store, tmp_path / "to" / "b.zip", ADMIN)
    assert (made.standard, made.made_by, made.events, made.schema_version) == ("small", "Ann", 4, schema.SCHEMA_VERSION)
    import_source(store, small_import(2), user=ADMIN)  # it goes on, and the backup stays what it was
    restored = backup.restore(tmp_path / "to" / "b.zip", tmp_path / "new" / "e.duckdb", ADMIN)
    assert (restored.aside, restored.definitions) == (None, TEXT)
    assert rows_of(tmp_path / "new" / "e.duckdb") == before
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["e.duckdb", "e.duckdb.lock", "e.duckdb.originals"]
    assert not swapping.copies_folder(path).exists()


def test_ten_backups_while_others_import_are_each_a_moment_of_the_history(store: Store, tmp_path: Path) -> None:
    stop, failures = threading.Event(), []

    def import_on() -> None:
        number = 0
        while not stop.is_set() and number < 400:
            number += 1
            try:
                import_source(store, small_import(number), user=ADMIN)
            except ComplianceError as error:
                failures.append(error)

    writer = threading.Thread(target=import_on)
    writer.start()
    made = []
    for number in range(10):
        seen, until = store.data_version, time.monotonic() + 60
        while store.data_version == seen and time.monotonic() < until:
            time.sleep(random.Random(number).uniform(0, 0.01))
        made.append(backup.make(store, tmp_path / f"{number}.zip", ADMIN))
    stop.set()
    writer.join()
    assert failures == []
    assert len({manifest.events for manifest in made}) == 10, "the writer was at work meanwhile"
    for number, manifest in enumerate(made):
        place = tmp_path / f"r{number}" / "d.duckdb"
        backup.restore(tmp_path / f"{number}.zip", place, ADMIN)
        with Store(place, STANDARD) as restored:
            recovery.verify(restored)
            with restored.cursor() as cursor:
                # The areas, then one import an event; the first event is the standard.
                assert cursor.execute("SELECT count(*) FROM imports").fetchall() == [(manifest.events - 1,)]


def test_the_standard_in_a_backup_is_the_one_of_its_data(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may be taken over while the files are packed."""
    file = tmp_path / "small.yaml"
    file.write_text(TEXT, encoding="utf-8")
    copy_now = backup._copy

    def copy_then_take_over(store: Store, target: Path) -> object:
        made = copy_now(store, target)
        take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
        return made

    monkeypatch.setattr(backup, "_copy", copy_then_take_over)
    manifest = backup.make(store, tmp_path / "b.zip", ADMIN)
    assert store.standard.source == STRICTER
    restored = backup.restore(tmp_path / "b.zip", tmp_path / "new" / "d.duckdb", ADMIN)
    assert (restored.definitions, manifest.events) == (TEXT, 2)
    with Store(tmp_path / "new" / "d.duckdb", STANDARD) as again:
        assert len(again.archive.entries()) == 2


def test_a_backup_takes_the_place_of_nothing_but_a_backup(store: Store, path: Path, tmp_path: Path) -> None:
    before, ledger = content(store), store.archive.path.read_bytes()
    (tmp_path / "letter.zip").write_bytes(b"dear sir")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as photos:
        photos.writestr("manifest.json", "{}")
    (tmp_path / "link.zip").symlink_to(path)
    (tmp_path / "hard.zip").hardlink_to(path)
    for name, key in {
        "letter.zip": "backup.another_file", "photos.zip": "backup.another_file", "d.duckdb": "store.would_be_overwritten",
        "d.duckdb.wal": "store.would_be_overwritten", "d.duckdb.lock": "store.would_be_overwritten", "d.duckdb.moves": "store.would_be_overwritten",
        "d.duckdb.originals/ledger.jsonl": "store.would_be_overwritten", "d.duckdb.originals/new.zip": "store.would_be_overwritten",
        "link.zip": "store.would_be_overwritten", "hard.zip": "store.would_be_overwritten",
    }.items():  # fmt: skip
        with pytest.raises(StoreError) as refused:
            backup.make(store, tmp_path / name, ADMIN)
        assert refused.value.problems[0].key == key, name
    assert (tmp_path / "letter.zip").read_bytes() == b"dear sir" and store.archive.path.read_bytes() == ledger
    for _ in range(2):
        # Beside the database, named after it, and twice: that is a backup of an earlier day.
        backup.make(store, tmp_path / "d.duckdb.zip", ADMIN)
    assert content(store) == before


def test_two_backups_at_once_take_turns(store: Store, tmp_path: Path) -> None:
    threads = [threading.Thread(target=backup.make, args=(store, tmp_path / f"{number}.zip", ADMIN)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [zipfile.ZipFile(tmp_path / f"{number}.zip").testzip() for number in range(4)] == [None] * 4


def test_a_backup_that_cannot_be_made_leaves_nothing(store: Store, path: Path, tmp_path: Path) -> None:
    import_source(store, small_import(1), user=ADMIN)
    original = next(file for file in store.archive.folder.iterdir() if "jsonl" not in file.name)
    kept = original.read_bytes()
    for harm in (lambda: original.write_bytes(b"x"), original.unlink):
        harm()
        with pytest.raises(StoreError):
            backup.make(store, tmp_path / "b.zip", ADMIN)
        assert not list(tmp_path.glob("b.zip*"))
    original.write_bytes(kept)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        backup.make(store, tmp_path / "file" / "b.zip", ADMIN)
    assert caught.value.problems[0].key == "backup.not_made"
    backup.make(store, tmp_path / "b.zip", ADMIN)


def test_a_full_disk_refuses_up_front(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "SMALLEST_FREE_SPACE", 10**18)
    with pytest.raises(StoreError) as caught:
        backup.make(store, tmp_path / "b.zip", ADMIN)
    assert caught.value.problems[0].key == "backup.no_space"


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_admins_make_and_restore_backups(store: Store, tmp_path: Path, role: str) -> None:
    user = User("Bob", role)  # type: ignore[arg-type]
    with pytest.raises(AccessDenied):
        backup.make(store, tmp_path / "b.zip", user)
    with pytest.raises(AccessDenied):
        backup.restore(tmp_path / "b.zip", tmp_path / "x.duckdb", user)
    assert not (tmp_path / "b.zip").exists() and not (tmp_path / "x.duckdb").exists()


def test_the_lock_down_leaves_only_the_copies_folder(store: Store, path: Path) -> None:
    with store.cursor() as cursor:
        for place in (path.parent / "x.csv", path.parent / "d.duckdb.copying" / ".." / "x.csv"):
            with pytest.raises(Exception, match="disabled by configuration"):
                cursor.execute(f"COPY (SELECT 1) TO '{place}'")


# -- the way back -----------------------------------------------------------------------------------------------------


def test_restore_moves_the_old_state_aside_whole(path: Path, tmp_path: Path) -> None:
    older = filled(path, range(3))
    make(path, tmp_path / "b.zip")
    with Store(path, STANDARD) as store:
        import_source(store, small_import(7), user=ADMIN)
        newer = content(store)
    restored = backup.restore(tmp_path / "b.zip", path, ADMIN)
    assert rows_of(path) == older
    assert restored.aside is not None
    assert rows_of(restored.aside) == newer
    with Store(path, STANDARD) as store:
        import_source(store, small_import(8), user=ADMIN)  # and life goes on


def test_restore_waits_for_nobody(store: Store, path: Path, tmp_path: Path) -> None:
    backup.make(store, tmp_path / "b.zip", ADMIN)
    with pytest.raises(StoreError) as caught:
        backup.restore(tmp_path / "b.zip", path, ADMIN)
    assert caught.value.problems[0].key == "store.locked"


def no_change(_members: object) -> None: ...


def first_original(members: Mapping[str, bytes]) -> str:
    return next(name for name in members if name.startswith("originals/") and name != "originals/ledger.jsonl")


def rename(members: dict[str, bytes], old: str, new: str) -> None:
    members[new] = members.pop(old)
    in_manifest(members, lambda read: read["files"].update({new: read["files"].pop(old)}))  # type: ignore[attr-defined]


def shorter_history(members: dict[str, bytes]) -> None:
    """A lawful but shorter ledger, told of in the manifest."""
    lines = members["originals/ledger.jsonl"].splitlines(keepends=True)[:-1]
    members["originals/ledger.jsonl"] = body = b"".join(lines)
    in_manifest(members, lambda read: read["files"].update({"originals/ledger.jsonl": {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}}))  # type: ignore[attr-defined]


DAMAGE: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "no manifest": (lambda members: members.pop("manifest.json"), "backup.damaged"),
    "no database": (lambda members: members.pop("database.duckdb"), "backup.damaged"),
    "no original": (lambda members: members.pop(first_original(members)), "backup.damaged"),
    "an original changed": (lambda members: members.update({first_original(members): b"x"}), "backup.damaged"),
    "the ledger changed": (
        lambda members: members.update({"originals/ledger.jsonl": members["originals/ledger.jsonl"].replace(b"Ann", b"Bob")}),
        "backup.damaged",
    ),
    "a shorter ledger": (shorter_history, "backup.damaged"),
    "the database cut": (lambda members: members.update({"database.duckdb": members["database.duckdb"][:-4096]}), "backup.damaged"),
    "one file more": (lambda members: members.update({"more.txt": b"x"}), "backup.damaged"),
    "zip slip": (lambda members: rename(members, first_original(members), "../../evil"), "backup.damaged"),
    "zip slip under originals": (lambda members: rename(members, first_original(members), "originals/../../evil"), "backup.damaged"),
    "absolute": (lambda members: rename(members, first_original(members), "/tmp/evil"), "backup.damaged"),
    "manifest no JSON": (lambda members: members.update({"manifest.json": b"{"}), "backup.damaged"),
    "manifest a list": (lambda members: members.update({"manifest.json": b"[]"}), "backup.damaged"),
    "manifest with more keys": (lambda members: in_manifest(members, lambda read: read.update({"x": 1})), "backup.damaged"),
    "size too small": (lambda members: in_manifest(members, lambda read: read["files"]["indicators.yaml"].update({"size": 3})), "backup.damaged"),  # type: ignore[index]
    "newer schema": (lambda members: in_manifest(members, lambda read: read.update({"schema_version": schema.SCHEMA_VERSION + 1})), "backup.too_new"),
    "newer format": (lambda members: in_manifest(members, lambda read: read.update({"format": 2, "files": 0})), "backup.too_new"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_backup_changes_nothing(made: Made, tmp_path: Path, name: str) -> None:
    path = made.put(tmp_path)
    change, key = DAMAGE[name]
    bad = rewritten(tmp_path / "b.zip", tmp_path / "bad.zip", change)
    listed = sorted(file.name for file in tmp_path.iterdir())
    with pytest.raises(StoreError) as caught:
        backup.restore(bad, path, ADMIN)
    assert [problem.key for problem in caught.value.problems] == [key]
    assert sorted(file.name for file in tmp_path.iterdir()) == listed
    assert path.read_bytes() == (made.folder / "d.duckdb").read_bytes()
    assert not Path("/tmp/evil").exists()


def test_the_same_repacked_is_no_damage(made: Made, tmp_path: Path) -> None:
    """What the damage tests do besides their damage does no harm."""
    path = made.put(tmp_path)
    backup.restore(rewritten(tmp_path / "b.zip", tmp_path / "same.zip", no_change), path, ADMIN)
    assert rows_of(path) == made.content


def test_a_backup_cut_or_flipped_anywhere_changes_nothing(made: Made, tmp_path: Path) -> None:
    path = made.put(tmp_path)
    whole = (tmp_path / "b.zip").read_bytes()
    bad = tmp_path / "bad.zip"
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:cut])
        with pytest.raises(StoreError):
            backup.restore(bad, path, ADMIN)
    chance, refused = random.Random(7), 0
    for _ in range(30):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        bad.write_bytes(bytes(flipped))
        try:
            backup.restore(bad, path, ADMIN)
        except StoreError:
            refused += 1
    assert refused > 10
    # What went through unpacks to the same bytes: in a long run of zeros, one place to copy zeros from is as good as another.
    assert rows_of(path) == made.content


@pytest.mark.parametrize("name", ["nowhere.zip", "."])
def test_what_is_no_file_is_said(path: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError) as caught:
        backup.restore(tmp_path / name, path, ADMIN)
    assert caught.value.problems[0].key.startswith("file.")
    assert not path.exists()


# -- killed in the middle ---------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As kill -9: nothing tidies up."""


@pytest.mark.parametrize("had_one", [True, False])
@pytest.mark.parametrize("step", range(1, 7))
def test_cut_short_at_any_rename_it_is_the_old_or_the_new(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, had_one: bool) -> None:
    path = made.put(tmp_path)
    old = None
    if had_one:
        with Store(path, STANDARD) as store:
            import_source(store, small_import(9), user=ADMIN)
            old = content(store)
    else:
        path.unlink()
        shutil.rmtree(path.with_name(path.name + ".originals"))
    renames, rename_now = 0, Path.rename

    def rename_or_die(self: Path, target: Path) -> Path:
        nonlocal renames
        if self.parent in (path.parent, path.parent / "d.duckdb.restoring"):
            renames += 1
            if renames == step:
                raise Killed
        return rename_now(self, target)

    monkeypatch.setattr(Path, "rename", rename_or_die)
    is_done = True
    try:
        backup.restore(tmp_path / "b.zip", path, ADMIN)
    except Killed:
        is_done = False
    monkeypatch.undo()
    planned = swapping.plan_of(path).exists()
    found = rows_of(path)
    if is_done or planned:
        assert found == made.content
    else:
        assert step == 1, "the plan is the first rename: after it, nothing old stays"
        assert found == old if had_one else found["imports"] == []
    assert not swapping.plan_of(path).exists()


def test_a_rebuild_finishes_a_restore_that_was_cut_short_and_rebuilds_what_it_put_back(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.put(tmp_path)
    with Store(path, STANDARD) as store:
        import_source(store, small_import(9), user=ADMIN)
    rename_now = Path.rename

    def die_after_the_plan(self: Path, target: Path) -> Path:
        if self.name != "d.duckdb.moves.partial":
            raise Killed
        return rename_now(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die_after_the_plan)
        with pytest.raises(Killed):
            backup.restore(tmp_path / "b.zip", path, ADMIN)
    assert swapping.plan_of(path).exists()
    _, imports = recovery.rebuild(path, STANDARD, user=ADMIN)
    # The areas and three files of figures stand in the backup, a fifth import stood in the database before.
    assert imports == 4
    assert rows_of(path) == made.content
    assert not [file.name for file in tmp_path.iterdir() if file.name.endswith((".moves", ".restoring", ".new", ".new.lock"))]


@pytest.mark.parametrize("step", range(1, 4))
def test_a_rebuild_cut_short_at_any_rename_is_finished_at_the_next_start(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    path = made.put(tmp_path)
    renames, rename_now = 0, Path.rename

    def rename_or_die(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == step:
            raise Killed
        return rename_now(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename_or_die)
        with pytest.raises(Killed):
            recovery.rebuild(path, STANDARD, user=ADMIN)
    assert rows_of(path) == made.content
    assert not list(tmp_path.glob("*.moves"))


def test_killed_for_real_it_is_the_old_or_the_new(made: Made, tmp_path: Path) -> None:
    path = made.put(tmp_path)
    with Store(path, STANDARD) as store:
        import_source(store, small_import(9), user=ADMIN)
        old = content(store)
    code = (
        "from pathlib import Path; from compliance.storage import backup; from compliance.access import User\n"
        "print('ready', flush=True)\nbackup.restore(Path(sys.argv[1]), Path(sys.argv[2]), User('Ann', 'admin'))"
    )
    chance = random.Random(3)
    for _ in range(4):
        with district.child(code, tmp_path / "b.zip", path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.5))
            os.kill(process.pid, signal.SIGKILL)
        assert rows_of(path) in (old, made.content)


# -- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = filled(path, range(2))
    indicators = tmp_path / "small.yaml"
    indicators.write_text(TEXT, encoding="utf-8")
    common = ["--db", str(path), "--indicators", str(indicators), "--lang", "en"]
    assert __main__.main(["backup", *common]) == 0
    assert re.search(rf"backup written to {re.escape(str(path.parent))}/backup-d-\d{{8}}-\d{{6}}\.zip", capsys.readouterr().out)
    assert __main__.main(["backup", "-o", str(tmp_path / "b.zip"), *common]) == 0
    with Store(path, STANDARD) as store:
        import_source(store, small_import(9), user=ADMIN)
    capsys.readouterr()
    assert __main__.main(["restore", str(tmp_path / "b.zip"), *common]) == 0
    said = capsys.readouterr().out
    assert f"restored the backup that {local_user().name} made on" in said and ".aside" in said and "standard in the backup" not in said
    assert rows_of(path) == before
    changed = TEXT.replace("at_least: 90", "at_least: 80")
    indicators.write_text(changed, encoding="utf-8")
    assert __main__.main(["restore", str(tmp_path / "b.zip"), *common]) == 0
    assert f"was written to {indicators}.from-backup" in capsys.readouterr().out
    assert (tmp_path / "small.yaml.from-backup").read_text(encoding="utf-8") == TEXT
    assert indicators.read_text(encoding="utf-8") == changed
    with Store(path, loader.parse(changed)) as store:
        recovery.verify(store)
    assert __main__.main(["restore", str(tmp_path / "small.yaml"), *common]) == 1
    assert "is no sound backup" in capsys.readouterr().err
