"""When trust is in question: check everything against everything, or make the database again from the originals (REALITY §1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compliance import deriving, importer
from compliance.access import User, require
from compliance.definitions import Standard
from compliance.errors import Problem, StoreError
from compliance.ledger import Archive, Entry
from compliance.locking import FileLock
from compliance.reading import Source
from compliance.schema import compliance_table, metrics_table, quote
from compliance.store import Store


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
    originals = _originals(entries)
    for sha256 in originals:
        store.archive.original(sha256)
    _compare_imports(store, entries)
    return Checked(len(entries), len(originals), _compare_derived(store))


def _originals(entries: list[Entry]) -> list[str]:
    return sorted({entry.original for entry in entries if entry.original})


def _compare_imports(store: Store, entries: list[Entry]) -> None:
    """What the ledger tells of, and nothing else, is imported and undone."""
    told = {entry.facts["import_id"]: entry.original for entry in entries if entry.facts["event"] == "import"}
    undone = {entry.facts["import_id"] for entry in entries if entry.facts["event"] == "undo"}
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

    Returns where the old file went and how many imports were replayed. Values are judged by the definitions of today. Raises ImportDataError when
    a file no longer fits them, StoreError when originals are missing, AccessDenied when the user may not: then nothing has changed.
    """
    require(user, "restore")
    path = path.resolve()
    lock = FileLock(path)
    try:
        archive = Archive.beside(path)
        archive.drop_unfinished_line()
        entries = archive.entries()
        if not entries:
            raise StoreError([Problem("store.nothing_to_rebuild", {"file": str(archive.path)})])
        for sha256 in _originals(entries):
            archive.original(sha256)
        new = path.with_name(path.name + ".new")
        try:
            _replay_all(new, standard, archive, entries)
            aside = _change_places(path, new)
        finally:
            for suffix in ("", ".wal", ".lock"):
                new.with_name(new.name + suffix).unlink(missing_ok=True)
    finally:
        lock.release()
    # Opening compares the histories, and takes the definitions of today over where they are new.
    with Store(path, standard):
        return aside, sum(1 for entry in entries if entry.facts["event"] == "import")


def _replay_all(new: Path, standard: Standard, archive: Archive, entries: list[Entry]) -> None:
    for suffix in ("", ".wal"):
        # Left behind by a rebuild that was cut short.
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    with Store(new, standard, replayed=archive) as store:
        for entry in entries:
            _replay(store, archive, entry)
        with store.cursor() as cursor:
            cursor.execute("CHECKPOINT")


def _change_places(path: Path, new: Path) -> Path | None:
    aside = path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S-%f}.aside")
    for suffix in (".wal", ""):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.rename(aside.with_name(aside.name + suffix))
    new.rename(path)
    return aside if aside.exists() else None


def _replay(store: Store, archive: Archive, entry: Entry) -> None:
    facts = entry.facts
    match facts["event"]:
        case "definitions":
            with store.writing() as cursor:
                source = archive.original(str(entry.original)).decode()
                at = datetime.fromisoformat(str(facts["at"]))
                cursor.execute("INSERT INTO definitions VALUES (?, ?, ?, ?)", [facts["version"], entry.original, source, at])
                store.record(cursor, facts, replayed=entry)
        case "import":
            importer.replay(store, Source(str(facts["file"]), archive.original(str(entry.original))), entry)
        case "undo":
            store.replay_undo(entry)
        case event:
            raise StoreError([Problem("store.unknown_event", {"event": event, "seq": entry.seq})])
