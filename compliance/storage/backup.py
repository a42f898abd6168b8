"""A backup: one zip file with the database, the original files, the history and the standard, each with its hash; and the way back from it (REALITY §1.7)."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import threading
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import duckdb

from compliance import __version__, logs
from compliance.access import User, require
from compliance.engine import schema
from compliance.errors import Problem, StoreError
from compliance.standard import loader
from compliance.storage import recovery, swapping, targets
from compliance.storage.ledger import Archive, links, originals
from compliance.storage.locking import FileLock
from compliance.storage.store import SMALLEST_FREE_SPACE, Store

FORMAT = 1
DATABASE, LEDGER, DEFINITIONS, MANIFEST = "database.duckdb", "originals/ledger.jsonl", "indicators.yaml", "manifest.json"
ORIGINAL = re.compile(r"originals/[0-9a-f]{64}")
CHUNK = 1 << 20
LARGEST_MANIFEST = 50_000_000
# One copy of a database at a time: it has one place.
_copying = threading.Lock()


@dataclass(frozen=True)
class Member:
    """A file of a backup."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. head: the hash of the newest event, "" for an empty history; database: the file it was made of."""

    format: int
    program: str
    schema_version: int
    standard: str
    made_at: str
    made_by: str
    events: int
    head: str
    files: Mapping[str, Member]
    database: str = ""

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def parse(cls, read: dict[str, Any]) -> Manifest:
        """Raises ValueError, KeyError, TypeError or AttributeError where it is none."""
        files = {name: Member(str(member["sha256"]), int(member["size"])) for name, member in read.pop("files").items()}
        return cls(**read, files=files)


@dataclass(frozen=True)
class Restored:
    """aside: where the state before went, None when there was none. definitions: the text of the standard in the backup."""

    manifest: Manifest
    aside: Path | None
    definitions: str


@dataclass(frozen=True)
class _Copy:
    """A copy of the database, the lines of its history and the text of its newest standard."""

    path: Path
    lines: list[str]
    definitions: str


def file_name(database: Path, at: datetime) -> str:
    return f"backup-{database.stem}-{at:%Y%m%d-%H%M%S}.zip"


def source_of(file: Path) -> str | None:
    """Which database a backup was made of, "" where it does not say; None for a file that is no sound backup, or gone."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _manifest(archive, file).database
    except (OSError, zipfile.BadZipFile, zlib.error, StoreError):
        return None


# -- making one -----------------------------------------------------------------------------------------------------


def make(store: Store, target: Path, user: User) -> Manifest:
    """Write a backup of the state of this moment; others read and write on meanwhile. An earlier backup of that name is replaced, any other file is not.
    Raises AccessDenied, or StoreError and then leaves nothing behind."""
    require(user, "backup")
    target = target.absolute()
    targets.refuse(target, store.path)
    if target.exists() and not _is_one(target):
        raise StoreError([Problem("backup.another_file", {"file": str(target)})])
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for folder in (target.parent, store.path.parent):
            _check_space(folder, store.path.stat().st_size)
        with _copied(store) as copy, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            manifest = _fill(archive, store, copy, user)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
        swapping.flush_folder(target.parent)
    except OSError as error:
        raise StoreError([Problem("backup.not_made", {"file": str(target), "detail": error.strerror or str(error)})]) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    logs.tell("backup made", user=user.name, file=str(target), size=target.stat().st_size, events=manifest.events)
    return manifest


def _is_one(file: Path) -> bool:
    """Whether a backup may take its place: it is one, whole or not."""
    try:
        with zipfile.ZipFile(file) as archive:
            return {DATABASE, MANIFEST} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


@contextmanager
def _copied(store: Store) -> Iterator[_Copy]:
    """A copy of the database, made by DuckDB in one transaction, with what is read from it: so all of it belongs together."""
    folder = swapping.copies_folder(store.path)
    with _copying:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield _copy(store, folder / DATABASE)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _copy(store: Store, target: Path) -> _Copy:
    name = str(target).replace("'", "''")
    with store.cursor() as cursor:
        try:
            here = str(cursor.execute("SELECT current_database()").fetchall()[0][0])
            cursor.execute(f"ATTACH '{name}' AS copied_database")
            cursor.execute(f"COPY FROM DATABASE {schema.quote(here)} TO copied_database")
            lines = [row[0] for row in cursor.execute("SELECT entry FROM copied_database.ledger ORDER BY seq").fetchall()]
            definitions = str(cursor.execute("SELECT arg_max(source, version) FROM copied_database.definitions").fetchall()[0][0])
            cursor.execute("DETACH copied_database")
        except duckdb.Error as error:
            with suppress(duckdb.Error):
                cursor.execute("DETACH copied_database")
            raise StoreError([Problem("backup.not_made", {"file": str(target), "detail": str(error).splitlines()[0]})]) from error
    return _Copy(target, lines, definitions)


def _fill(archive: zipfile.ZipFile, store: Store, copy: _Copy, user: User) -> Manifest:
    entries = list(links(copy.lines, str(store.path)))
    files = {DATABASE: _pack(archive, DATABASE, copy.path)}
    for sha256 in originals(entries):
        files[f"originals/{sha256}"] = member = _pack(archive, f"originals/{sha256}", _original(store.archive, sha256))
        if member.sha256 != sha256:
            raise StoreError([Problem("store.original_changed", {"file": str(store.archive.folder / sha256)})])
    for name, text in ((LEDGER, "".join(f"{line}\n" for line in copy.lines)), (DEFINITIONS, copy.definitions)):
        archive.writestr(name, text.encode())
        files[name] = Member(hashlib.sha256(text.encode()).hexdigest(), len(text.encode()))
    head = entries[-1].hash if entries else ""
    at = datetime.now().replace(microsecond=0).isoformat()
    manifest = Manifest(FORMAT, __version__, schema.SCHEMA_VERSION, store.standard.id, at, user.name, len(entries), head, files, str(store.path))
    archive.writestr(MANIFEST, manifest.text())
    return manifest


def _original(archive: Archive, sha256: str) -> Path:
    if not archive.holds(sha256):
        raise StoreError([Problem("store.original_missing", {"file": str(archive.folder / sha256)})])
    return archive.folder / sha256


def _pack(archive: zipfile.ZipFile, name: str, source: Path) -> Member:
    digest, size = hashlib.sha256(), 0
    # zipfile does not know the size beforehand: without force_zip64 a file of over 2 GB would fail at its end.
    with source.open("rb") as file, archive.open(name, "w", force_zip64=True) as out:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Member(digest.hexdigest(), size)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SMALLEST_FREE_SPACE:
        args = {"free": free // 1_000_000, "needed": (needed + SMALLEST_FREE_SPACE) // 1_000_000, "folder": str(folder)}
        raise StoreError([Problem("backup.no_space", args)])


# -- the way back -----------------------------------------------------------------------------------------------------


def restore(file: Path, database: Path, user: User) -> Restored:
    """Put the state of a backup in place of the present one, which is moved aside. Everything is unpacked, checked against its hashes, opened and verified
    before anything is moved.

    Raises StoreError where the backup is damaged or of a newer program, or the database is in use: then nothing has changed.
    """
    require(user, "restore")
    database = database.resolve()
    lock = FileLock(database)
    try:
        swapping.finish(database)
        staging = swapping.staging_of(database)
        shutil.rmtree(staging, ignore_errors=True)
        try:
            manifest, definitions = _unpack(file, staging)
            _prove(staging / DATABASE, definitions, manifest)
            aside = _take_place(database, staging)
        finally:
            # Once the plan is on disk, what is here is the new state, and whoever opens the database moves it.
            if not swapping.plan_of(database).exists():
                shutil.rmtree(staging, ignore_errors=True)
    finally:
        lock.release()
    logs.tell("backup restored", user=user.name, file=str(file), made_at=manifest.made_at, events=manifest.events, aside=str(aside) if aside else None)
    return Restored(manifest, aside, definitions)


def _unpack(file: Path, staging: Path) -> tuple[Manifest, str]:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            _check_space(staging.parent, sum(member.size for member in manifest.files.values()))
            folder = Archive.beside(staging / DATABASE).folder
            folder.mkdir(parents=True)
            for name, member in manifest.files.items():
                # Only names that _manifest has let through: a file of the database, the standard, or an original under its hash.
                target = folder / name.removeprefix("originals/") if name.startswith("originals/") else staging / name
                _unpack_member(archive, name, member, target, file)
    except FileNotFoundError as error:
        raise StoreError([Problem("file.missing", {"name": str(file)})]) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise damaged(file, str(error)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError([Problem("backup.not_unpacked", {"file": str(file), "folder": str(staging.parent), "detail": error.strerror})]) from error
        raise StoreError([Problem("file.unreadable", {"name": str(file), "reason": error.strerror or str(error)})]) from error
    return manifest, (staging / DEFINITIONS).read_text(encoding="utf-8")


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    """Checked against the archive's own list: nothing missing, nothing more, no name that leads elsewhere."""
    names = archive.namelist()
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise damaged(file, MANIFEST)
    try:
        read = json.loads(archive.read(MANIFEST))
        # Looked at first: what a newer program writes need not make sense to this one.
        if int(read["format"]) > FORMAT or int(read["schema_version"]) > schema.SCHEMA_VERSION:
            raise StoreError([Problem("backup.too_new", {"file": str(file), "program": read["program"], "known": __version__})])
        manifest = Manifest.parse(read)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(file, MANIFEST) from error
    strange = [name for name in manifest.files if name not in (DATABASE, LEDGER, DEFINITIONS) and not ORIGINAL.fullmatch(name)]
    if strange or sorted(names) != sorted((*manifest.files, MANIFEST)) or not {DATABASE, LEDGER, DEFINITIONS} <= manifest.files.keys():
        raise damaged(file, ", ".join(strange[:3]) or MANIFEST)
    return manifest


def _unpack_member(archive: zipfile.ZipFile, name: str, member: Member, target: Path, file: Path) -> None:
    digest, left = hashlib.sha256(), member.size
    with archive.open(name) as packed, target.open("wb") as out:
        while chunk := packed.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                # More than it says: it might never end.
                raise damaged(file, name)
            digest.update(chunk)
            out.write(chunk)
        _flush(out)
    if left or digest.hexdigest() != member.sha256:
        raise damaged(file, name)


def _flush(out: IO[bytes]) -> None:
    out.flush()
    os.fsync(out.fileno())


def _prove(database: Path, definitions: str, manifest: Manifest) -> None:
    """Open what was unpacked, by the standard it was made with, and check all of it against all of it."""
    head = [entry.hash for entry in Archive.beside(database).entries()]
    if (head[-1] if head else "", len(head)) != (manifest.head, manifest.events):
        raise damaged(database, LEDGER)
    with Store(database, loader.parse(definitions, DEFINITIONS)) as store:
        recovery.verify(store)


def _take_place(database: Path, staging: Path) -> Path | None:
    aside = database.with_name(f"{database.name}.{datetime.now():%Y%m%d-%H%M%S-%f}.aside")
    old = [(database.with_name(database.name + end), aside.with_name(aside.name + end)) for end in (".wal", "", ".originals")]
    ends = [("", staging / DATABASE), (".wal", staging / f"{DATABASE}.wal"), (".originals", Archive.beside(staging / DATABASE).folder)]
    had_one = any(here.exists() for here, _ in old)
    swapping.change_places(database, [*old, *((new, database.with_name(database.name + end)) for end, new in reversed(ends))])
    return aside if had_one else None


def damaged(file: Path, detail: str) -> StoreError:
    return StoreError([Problem("backup.damaged", {"file": str(file), "detail": detail})])
