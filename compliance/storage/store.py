"""The database file: open, lock, verify, write in one transaction, undo (DESIGN §5, REALITY §1)."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from compliance import logs
from compliance.access import User, local_user, require
from compliance.engine import schema
from compliance.engine.flipping import Watch
from compliance.errors import ImportDataError, Problem, StoreError
from compliance.standard.definitions import Standard
from compliance.storage import connecting, revoking, swapping, versions
from compliance.storage.connecting import connect, is_breakdown, not_saved, refusal
from compliance.storage.ledger import GENESIS, Archive, Entry, chain, links
from compliance.storage.locking import FileLock

SMALLEST_FREE_SPACE = 200_000_000
_versions = itertools.count(1)  # one count for all stores of a process: what was seen in one that was closed since is never taken for what is there now


class Store:
    """One open database. Readers take `cursor()`; every change goes through `writing()`."""

    def __init__(self, path: Path, standard: Standard, *, user: User | None = None, replayed: Archive | None = None) -> None:
        """Open or create; raises StoreError when it is locked, damaged, another program's, too new or has lost history; DefinitionError when the standard is
        another than that of its data; AccessDenied when this sets a database up or takes another version over, and the user may not.

        user: who opens it, None: whoever runs the program; replayed: the archive whose events the caller is about to repeat in this new, empty database.
        """
        # Two names of one file must meet in one lock and one folder of originals.
        self.path, self.standard, self._opener = path.resolve(), standard, user or local_user()
        if not self.path.exists():
            require(self._opener, "set_up")
        self.archive = replayed or Archive.beside(self.path)
        self._is_replay = replayed is not None
        self.data_version = next(_versions)
        self.write_lock = threading.RLock()
        self._is_writing = self.is_closed = False
        self._recorded: list[Entry] = []
        # How many events the archive's ledger tells of; None: not known, look.
        self._outside: int | None = None
        self._lock = FileLock(self.path)
        try:
            # A restore that was cut short is either not begun or, from here on, done.
            swapping.finish(self.path)
            self._connection = connect(self.path)
            self._create()
            if replayed is None:
                self._compare_histories()
                self.take_over_definitions()
            else:
                with self.writing() as cursor:
                    versions.derive(cursor, standard)
        except duckdb.Error as error:
            self.close()
            if is_breakdown(error):
                raise refusal(self.path, error) from error
            raise
        except OSError as error:
            self.close()
            raise StoreError([Problem("file.unreadable", {"name": str(error.filename or self.path), "reason": error.strerror})]) from error
        except BaseException:
            self.close()
            raise

    # -- opening ------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        # One transaction: a database of a newer program is left as it is.
        with self.cursor() as cursor:
            cursor.execute("BEGIN")
            others = cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()").fetchall()
            if others and ("store_facts",) not in others:
                # Its tables may bear the names of ours: what is derived would be made anew over them.
                raise StoreError([Problem("store.of_another", {"database": str(self.path)})])
            cursor.execute(schema.LEDGER_SQL)
            found = cursor.execute("SELECT value FROM store_facts WHERE name = 'schema_version'").fetchall()
            if not found:
                cursor.execute("INSERT INTO store_facts VALUES ('schema_version', ?)", [str(schema.SCHEMA_VERSION)])
            version = int(found[0][0]) if found else schema.SCHEMA_VERSION
            if version > schema.SCHEMA_VERSION:
                raise StoreError([Problem("store.too_new", {"database": str(self.path), "found": version, "known": schema.SCHEMA_VERSION})])
            cursor.execute("COMMIT")
        if version < schema.SCHEMA_VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        """Bring a database of an older program up to date; what it was before stays beside it."""
        self._connection.close()
        connecting.copy(self.path, self.path.with_name(f"{self.path.name}.backup-v{version}-{datetime.now():%Y%m%d-%H%M%S-%f}"))
        self._connection = connect(self.path)
        with self.cursor() as cursor:
            cursor.execute("BEGIN")
            for number in range(version + 1, schema.SCHEMA_VERSION + 1):
                for statement in schema.MIGRATIONS[number]:
                    cursor.execute(statement)
            cursor.execute("UPDATE store_facts SET value = ? WHERE name = 'schema_version'", [str(schema.SCHEMA_VERSION)])
            cursor.execute("COMMIT")
            cursor.execute("CHECKPOINT")
        logs.tell("database brought up to date", database=str(self.path), schema_before=version, schema=schema.SCHEMA_VERSION)

    def _compare_histories(self) -> None:
        """The ledger beside the database and the one inside must tell the same story."""
        self.archive.drop_unfinished_line()
        outside, inside = self.archive.entries(), self._inside_entries()
        if any(told.hash != kept.hash for told, kept in zip(outside, inside, strict=False)):
            raise StoreError([Problem("store.histories_differ", {"file": str(self.archive.path)})])
        if len(outside) > len(inside):
            raise StoreError([Problem("store.history_lost", {"lost": len(outside) - len(inside), "database": str(self.path)})])
        untold = inside[len(outside) :]
        if not all(self.archive.holds(sha256) for entry in untold for sha256 in entry.originals):
            raise StoreError([Problem("store.originals_missing", {"folder": str(self.archive.folder)})])
        self._outside = len(outside)
        # A crash between commit and append: the database is durable, so the lines are written now. Or, on a full disk, after the next
        # commit: what is in the database can be read all the same.
        with suppress(StoreError):
            self._write_ledger()

    def _inside_entries(self) -> list[Entry]:
        with self.cursor() as cursor:
            lines = [row[0] for row in cursor.execute("SELECT entry FROM ledger ORDER BY seq").fetchall()]
        return list(links(lines, str(self.path)))

    def take_over_definitions(self) -> None:
        """Keep this version of the standard; when it is a new one, fit the tables and judge everything again. Raises DefinitionError, as versions.refuse_unfit."""
        sha256 = hashlib.sha256(self.standard.source.encode()).hexdigest()
        with self.cursor() as cursor:
            newest = versions.newest(cursor)
            is_new = newest is None or newest.sha256 != sha256
            if not is_new and versions.is_derived_by(cursor, self.standard):
                return
            if is_new:
                require(self._opener, "definitions")
            if newest is not None and is_new:
                versions.refuse_unfit(cursor, newest.source, self.standard)
        with self.writing() as cursor:
            if is_new:
                self.enter_definitions(cursor, self.standard, self._opener, "")
            versions.derive(cursor, self.standard)
        # A full disk fails it; the write-ahead log is as good until there is space again.
        with self.cursor() as cursor, suppress(duckdb.Error):
            cursor.execute("CHECKPOINT")

    def enter_definitions(self, cursor: DuckDBPyConnection, standard: Standard, user: User, why: str) -> int:
        """Add a version of the standard to the history, its text to the originals; returns its number."""
        content, at = standard.source.encode(), now()
        sha256 = hashlib.sha256(content).hexdigest()
        self.archive.keep(content, sha256)
        version = int(cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM definitions").fetchall()[0][0])
        cursor.execute("INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)", [version, sha256, standard.source, at, user.name, why])
        self.record(cursor, {"event": "definitions", "version": version, "sha256": sha256, "who": user.name, "why": why, "at": at.isoformat()})
        return version

    # -- reading and writing ------------------------------------------------------------------------------------

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one's own: sharing one between threads gives wrong results (REALITY §1.8)."""
        return self._connection.cursor()

    @contextmanager
    def writing(self, *, dry_run: bool = False, adopting: Standard | None = None) -> Iterator[DuckDBPyConnection]:
        """One transaction of the one writer. Rolls back whatever the reason, also when Streamlit interrupts the script; always after a dry run.

        adopting: the standard that the store goes by as soon as the transaction is committed, whatever fails after that.
        """
        with self.write_lock:
            if self._is_writing:
                raise RuntimeError("writing() inside writing()")
            self.refuse_moved(None)
            self._revive()
            cursor = self.cursor()
            self._is_writing, self._recorded, is_unchanged = True, [], dry_run
            try:
                cursor.execute("BEGIN")
                yield cursor
                if dry_run:
                    self._roll_back(cursor)
                    return
                self._commit(cursor)
                self.standard = adopting or self.standard
            except duckdb.Error as error:
                is_unchanged |= self._roll_back(cursor)
                if is_breakdown(error):
                    self._revive()
                    raise not_saved(error) from error
                raise
            except BaseException:
                is_unchanged |= self._roll_back(cursor)
                raise
            finally:
                # What was refused has changed nothing: answers stay good, and what others are looking at. Where there was nothing to roll back, an
                # interruption may have come after the commit; reading once more costs little.
                self.data_version = self.data_version if is_unchanged else next(_versions)
                self._is_writing = False
                cursor.close()
            for entry in () if self._is_replay else self._recorded:
                logs.tell_event(entry.facts)
            self._write_ledger()

    def _commit(self, cursor: DuckDBPyConnection) -> None:
        try:
            cursor.execute("COMMIT")
        except duckdb.Error as error:
            # A commit can raise although it is durable (REALITY §1.3); only a fresh look at the file tells.
            self._revive()
            with self.cursor() as fresh:
                row = fresh.execute("SELECT count(*) FROM ledger WHERE hash = ?", [self._recorded[-1].hash if self._recorded else ""]).fetchone()
            if row == (0,):
                raise not_saved(error) from error

    def _roll_back(self, cursor: DuckDBPyConnection) -> bool:
        """Whether the transaction was still open and nothing of it stays."""
        try:
            cursor.execute("ROLLBACK")
        except duckdb.Error:
            # There may be nothing left to roll back: the commit failed, or DuckDB has given the database up.
            return False
        return True

    def _revive(self) -> None:
        """Open the file again when an error, such as a full disk during a checkpoint, has made DuckDB refuse every further statement."""
        try:
            with self.cursor() as cursor:
                cursor.execute("SELECT 1")
        except duckdb.Error:
            # Closed first: as long as it is open, DuckDB hands the same broken instance out again.
            self._connection.close()
            self._connection = connect(self.path)

    def record(self, cursor: DuckDBPyConnection, facts: Mapping[str, object], *, replayed: Entry | None = None) -> None:
        """Add an event to the ledger inside the transaction; its line outside is written after the commit, unless it is there already."""
        entry = replayed
        if entry is None:
            last = cursor.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
            entry = chain(seq, facts, previous)
        cursor.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", [entry.seq, entry.line(), entry.previous, entry.hash])
        self._recorded.append(entry)

    def _write_ledger(self) -> None:
        """The lines outside the database that are not there yet, in order. What fails now is made up for after the next commit, or at the next start."""
        if self._is_replay:
            # The archive belongs to another store, which may be adding to it at this moment.
            return
        try:
            if self._outside is None:
                self.archive.drop_unfinished_line()
                self._outside = len(self.archive.entries())
            with self.cursor() as cursor:
                lines = cursor.execute("SELECT entry FROM ledger WHERE seq > ? ORDER BY seq", [self._outside]).fetchall()
            for (line,) in lines:
                # Until the append has returned, nobody knows how much of it is there.
                told, self._outside = self._outside, None
                self.archive.append(line)
                self._outside = told + 1
        except OSError as error:
            raise StoreError([Problem("store.ledger_not_written", {"file": str(self.archive.path), "detail": error.strerror})]) from error

    def check_free_space(self, size: int) -> None:
        """Refuse up front: a bulk import on a full disk leaves the file grown (REALITY §1.6)."""
        needed = max(SMALLEST_FREE_SPACE, 10 * size)
        free = shutil.disk_usage(self.path.parent).free
        if free < needed:
            raise StoreError([Problem("store.no_space", {"free": free // 1_000_000, "needed": needed // 1_000_000, "folder": str(self.path.parent)})])

    def close(self) -> None:
        """Waits for a write that is under way in another thread."""
        with self.write_lock:
            self.is_closed = True
            if (connection := getattr(self, "_connection", None)) is not None:
                connection.close()
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- undo ---------------------------------------------------------------------------------------------------

    def undo(self, import_id: int, *, user: User, why: str = "", dry_run: bool = False, seen_version: int | None = None) -> Watch:
        """Revoke an import and derive what it touched again; what was undone stays in the history. Gives the statuses that turn.

        dry_run: changes nothing. seen_version: the data version that the user saw this against; refused when the data have moved since.
        Raises AccessDenied, as revoking.allow_undo; ImportDataError where it cannot be.
        """
        with self.writing(dry_run=dry_run) as cursor:
            self.refuse_moved(seen_version)
            chosen, at, watch = revoking.active(cursor, import_id), now(), Watch(self.standard)
            revoking.allow_undo(cursor, user, chosen)
            revoking.revoke(cursor, self.standard, chosen, at, user.name, why, watch)
            self.record(cursor, {"event": "undo", "import_id": import_id, "who": user.name, "why": why, "at": at.isoformat(), "flips": watch.flips.as_list()})
        return watch

    def redo(self, import_id: int, *, user: User, why: str = "", dry_run: bool = False, seen_version: int | None = None) -> Watch:
        """Make an undone import count again, in its old place: what was imported after it stays above it (ADR 8). As undo.

        Raises ImportDataError where it fits no longer.
        """
        with self.writing(dry_run=dry_run) as cursor:
            self.refuse_moved(seen_version)
            chosen, at, watch = revoking.revoked(cursor, import_id), now(), Watch(self.standard)
            revoking.allow_redo(cursor, user, chosen)
            revoking.restore(cursor, self.standard, chosen, watch)
            self.record(cursor, {"event": "redo", "import_id": import_id, "who": user.name, "why": why, "at": at.isoformat(), "flips": watch.flips.as_list()})
        return watch

    def refuse_moved(self, seen_version: int | None) -> None:
        """Raises ImportDataError when the data are no longer those that a user has seen (None: has not looked), or another store has taken this one's place."""
        if self.is_closed or seen_version not in (None, self.data_version):
            raise ImportDataError([Problem("import.data_moved")])


def now() -> datetime:
    """Wall-clock time of the server, without a zone: it is shown as it was."""
    return datetime.now().replace(microsecond=0)
