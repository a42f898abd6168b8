"""When trust is in question: check everything against everything, or make the database again from the originals (REALITY §1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compliance import deriving, importer
from compliance.definitions import Standard
from compliance.errors import Problem, StoreError
from compliance.ledger import Archive, Entry
from compliance.locking import FileLock
from compliance.reading import Source
from compliance.schema import compliance_table, metrics_table
from compliance.store import Store


@dataclass(frozen=True)
class Checked:
    """What a verification looked at: ledger events, original files, rows of derived tables."""

    events: int
    originals: int
    rows: int


def verify(store: Store) -> Checked:
    """Originals against their hashes, derived tables against a fresh derivation; raises StoreError naming the first that differs.

    The two ledgers were compared when the store was opened.
    """
    entries = list(store.archive.entries())
    originals = {str(entry.facts["sha256"]) for entry in entries if entry.facts["event"] == "import"}
    for sha256 in sorted(originals):
        store.archive.original(sha256)
    return Checked(len(entries), len(originals), _compare_derived(store))


def _compare_derived(store: Store) -> int:
    tables = ["areas", "exemptions", "parameters", "periods"]
    tables += [metrics_table(level.id) for level in store.standard.levels]
    tables += [compliance_table(level) for level in store.standard.judged_levels]
    rows = 0
    with store.writing(dry_run=True) as cursor:
        for number, table in enumerate(tables):
            cursor.execute(f"CREATE TEMP TABLE kept_{number} AS FROM {table}")
        deriving.derive_everything(cursor, store.standard)
        for number, table in enumerate(tables):
            columns = ", ".join(f'"{row[0]}"' for row in cursor.execute(f"DESCRIBE {table}").fetchall())
            different = cursor.execute(
                f"""SELECT count(*) FROM (
                    (SELECT {columns} FROM {table} EXCEPT ALL SELECT {columns} FROM kept_{number})
                    UNION ALL (SELECT {columns} FROM kept_{number} EXCEPT ALL SELECT {columns} FROM {table}))"""
            ).fetchall()[0][0]
            if different:
                raise StoreError([Problem("store.derived_differs", {"table": table.strip('"'), "rows": different})])
            rows += cursor.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    return rows


def rebuild(path: Path, standard: Standard) -> tuple[Path | None, int]:
    """Move the database aside and replay the ledger over the original files. Returns where the old file went and how many imports were replayed.

    Values are judged by the definitions of today. Raises ImportDataError when a file no longer fits them: nothing is lost, the old database lies aside.
    """
    path = path.absolute()
    archive = Archive(path.with_suffix(".originals"))
    archive.drop_unfinished_line()
    entries = list(archive.entries())
    if not entries:
        raise StoreError([Problem("store.nothing_to_rebuild", {"file": str(archive.path)})])
    for entry in entries:
        if entry.facts["event"] == "import":
            archive.original(str(entry.facts["sha256"]))
    aside = _move_aside(path)
    with Store(path, standard, verify=False) as store:
        for entry in entries:
            _replay(store, archive, entry)
    return aside, sum(1 for entry in entries if entry.facts["event"] == "import")


def _move_aside(path: Path) -> Path | None:
    lock = FileLock(path)
    try:
        aside = path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S}.aside")
        for suffix in ("", ".wal"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.rename(aside.with_name(aside.name + suffix))
    finally:
        lock.release()
    return aside if aside.exists() else None


def _replay(store: Store, archive: Archive, entry: Entry) -> None:
    facts = entry.facts
    match facts["event"]:
        case "import":
            content = archive.original(str(facts["sha256"]))
            importer.replay(store, Source(str(facts["file"]), content), entry)
        case "undo":
            store.undo(int(str(facts["import_id"])), entry=entry)
        case event:
            raise StoreError([Problem("store.unknown_event", {"event": event, "seq": entry.seq})])
