"""Check a database against its history and its originals, or make it again from them (REALITY §1.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from compliance import logs
from compliance.access import User, require
from compliance.engine import deriving
from compliance.engine.schema import compliance_table, metrics_table, quote
from compliance.errors import DefinitionError, Problem, StoreError
from compliance.files.reading import Source
from compliance.standard import loader
from compliance.standard.definitions import Standard
from compliance.storage import importer, revoking, swapping, versions
from compliance.storage.ledger import Archive, Entry, originals
from compliance.storage.locking import FileLock
from compliance.storage.store import Store

Tell = Callable[[float], None]
"""Called with the share done, 0 to 1."""


@dataclass(frozen=True)
class Checked:
    """What a verification looked at: ledger events, original files, rows of derived tables."""

    events: int
    originals: int
    rows: int


def verify(store: Store) -> Checked:
    """Originals against their hashes, the list of imports against the ledger, derived tables against a fresh derivation.

    Raises StoreError naming the first that differs. The two ledgers were compared when the store was opened.
    """
    entries = store.archive.entries()
    kept = originals(entries)
    for sha256 in kept:
        store.archive.original(sha256)
    _compare_imports(store, entries)
    return Checked(len(entries), len(kept), _compare_derived(store))


def _compare_imports(store: Store, entries: list[Entry]) -> None:
    """What the ledger tells of, and nothing else, is imported and undone."""
    told: dict[object, str | None] = {}
    undone: set[object] = set()
    for entry in entries:
        match entry.facts["event"]:
            case "import":
                told[entry.facts["import_id"]] = entry.original
            case "undo":
                undone.add(entry.facts["import_id"])
            case "redo":
                undone.discard(entry.facts["import_id"])
    with store.cursor() as cursor:
        found = cursor.execute("SELECT id, sha256, status = 'revoked' FROM imports ORDER BY id").fetchall()
    if found != [(number, sha256, number in undone) for number, sha256 in told.items()]:
        raise StoreError([Problem("store.histories_differ", {"file": str(store.archive.path)})])


def _compare_derived(store: Store) -> int:
    tables = ["areas", "exemptions", "exempt_indicators", "parameters", "periods"]
    tables += [metrics_table(level.id) for level in store.standard.levels]
    tables += [compliance_table(level) for level in store.standard.judged_levels]
    rows = 0
    with store.writing(dry_run=True) as cursor:
        for number, table in enumerate(tables):
            cursor.execute(f"CREATE TEMP TABLE kept_{number} AS FROM {table}")
        deriving.derive_everything(cursor, store.standard)
        for number, table in enumerate(tables):
            columns = ", ".join(quote(row[0]) for row in cursor.execute(f"DESCRIBE {table}").fetchall())
            different = cursor.execute(
                f"""SELECT count(*) FROM (
                    (SELECT {columns} FROM {table} EXCEPT ALL SELECT {columns} FROM kept_{number})
                    UNION ALL (SELECT {columns} FROM kept_{number} EXCEPT ALL SELECT {columns} FROM {table}))"""
            ).fetchall()[0][0]
            if different:
                raise StoreError([Problem("store.derived_differs", {"table": table.strip('"'), "rows": different})])
            rows += cursor.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    return rows


def rebuild(path: Path, standard: Standard, *, user: User) -> tuple[Path | None, int]:
    """Replay the ledger over the original files into a new database, then put it in the place of the old one, which is moved aside.

    Returns where the old file went and how many imports were replayed. Files are read by the definitions of their day and judged by those of today.
    Raises ImportDataError when a file cannot be read any more, StoreError when originals are missing, DefinitionError when the standard is another than that
    of the data, AccessDenied when the user may not: then nothing has changed. A restore that was cut short is finished first.
    """
    require(user, "restore")
    path = path.resolve()
    lock = FileLock(path)
    try:
        swapping.finish(path)
        archive = Archive.beside(path)
        archive.drop_unfinished_line()
        entries = archive.entries()
        if not entries:
            raise StoreError([Problem("store.nothing_to_rebuild", {"file": str(archive.path)})])
        for sha256 in originals(entries):
            archive.original(sha256)
        new = path.with_name(path.name + ".new")
        try:
            replay_all(new, standard, archive, entries)
            aside = _change_places(path, new)
        finally:
            # Once the plan is on disk, what is here is the new database, and whoever opens it moves it.
            for suffix in () if swapping.plan_of(path).exists() else ("", ".wal", ".lock"):
                new.with_name(new.name + suffix).unlink(missing_ok=True)
    finally:
        lock.release()
    # Opening compares the histories, and takes the definitions of today over where they are new.
    with Store(path, standard, user=user):
        imports = sum(1 for entry in entries if entry.facts["event"] == "import")
    logs.tell("database rebuilt", user=user.name, imports=imports, aside=str(aside) if aside else None)
    return aside, imports


def replay_all(new: Path, standard: Standard, archive: Archive, entries: list[Entry], tell: Tell = lambda _share: None) -> None:
    """A new database with that history, judged by that standard."""
    for suffix in ("", ".wal"):
        # Left behind by a rebuild that was cut short.
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    with Store(new, standard, replayed=archive) as store:
        known = {0: standard}
        for number, entry in enumerate(entries):
            tell(number / (len(entries) + 1))
            _replay(store, archive, entry, known)
        with store.writing() as cursor:
            if (newest := versions.newest(cursor)) is not None:
                versions.refuse_unfit(cursor, newest.source, standard)
            versions.derive(cursor, standard)
        with store.cursor() as cursor:
            try:
                # Only the file itself takes the old one's place: its log must be in it.
                cursor.execute("CHECKPOINT")
            except duckdb.Error as error:
                raise StoreError([Problem("store.not_saved", {"detail": str(error).splitlines()[0]})]) from error
    tell(1.0)


def _change_places(path: Path, new: Path) -> Path | None:
    aside = path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S-%f}.aside")
    old = [(path.with_name(path.name + suffix), aside.with_name(aside.name + suffix)) for suffix in (".wal", "")]
    swapping.change_places(path, [*old, (new, path)])
    return aside if aside.exists() else None


def _replay(store: Store, archive: Archive, entry: Entry, known: dict[int, Standard]) -> None:
    """known: number → the standard of then, filled as they come; 0 is the one that judges in the end."""
    facts, number = entry.facts, int(str(entry.facts.get("import_id", 0)))
    match facts["event"]:
        case "definitions":
            source, version = archive.original(str(entry.original)).decode(), int(str(facts["version"]))
            known[version] = _standard_of_then(source, known[0])
            with store.writing() as cursor:
                values = [version, entry.original, source, _at(entry), facts["who"], facts.get("why", "")]
                cursor.execute("INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)", values)
                versions.fit(cursor, known[version])
                store.record(cursor, facts, replayed=entry)
        case "import":
            standard = known.get(int(str(facts["definitions"])), known[0])
            importer.replay(store, standard, Source(str(facts["file"]), archive.original(str(entry.original))), entry)
        case "undo" | "redo" as event:
            with store.writing() as cursor:
                if event == "undo":
                    revoking.mark_revoked(cursor, number, _at(entry), str(facts["who"]), str(facts["why"]))
                else:
                    revoking.mark_restored(cursor, number)
                # The files that follow name areas as they stood then; everything else is derived in the end.
                deriving.derive_areas(cursor)
                store.record(cursor, facts, replayed=entry)
        case event:
            raise StoreError([Problem("store.unknown_event", {"event": event, "seq": entry.seq})])


def _standard_of_then(source: str, today: Standard) -> Standard:
    try:
        return loader.parse(source)
    except DefinitionError:
        # A stricter program refuses what was accepted then: the definitions of today read the file as well as any.
        return today


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(str(entry.facts["at"]))
