"""The database file: open, lock, verify, write in one transaction, undo, rebuild (DESIGN §5, REALITY §1)."""

from __future__ import annotations

import getpass
import hashlib
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from compliance import deriving, schema
from compliance.definitions import Standard
from compliance.errors import ImportDataError, Problem, StoreError
from compliance.ledger import GENESIS, Archive, Entry, chain, parse_line
from compliance.locking import FileLock

SMALLEST_FREE_SPACE = 200_000_000
MEMORY_LIMIT = "1200MB"


class Store:
    """One open database. Readers take `cursor()`; every change goes through `writing()`."""

    def __init__(self, path: Path, standard: Standard, *, verify: bool = True) -> None:
        """Open or create; raises StoreError when it is locked, damaged, too new or has lost history."""
        path = path.absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.standard = path, standard
        self.archive = Archive(path.with_suffix(".originals"))
        self._write_lock = threading.RLock()
        self._pending: list[Entry] = []
        self._unwritten: list[Entry] = []
        self.data_version = 0
        self._lock = FileLock(path)
        try:
            self._connection = self._connect()
            self._create()
            if verify:
                self._compare_histories()
            self._take_over_definitions()
            self._lock_down()
        except BaseException:
            self.close()
            raise

    # -- opening ------------------------------------------------------------------------------------------------

    def _connect(self) -> DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.path))
        except duckdb.Error as error:
            raise StoreError([Problem("store.unreadable", {"database": str(self.path), "detail": str(error).splitlines()[0]})]) from error
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        return connection

    def _create(self) -> None:
        with self.cursor() as cursor:
            cursor.execute(schema.LEDGER_SQL)
            version = cursor.execute("SELECT value FROM store_facts WHERE name = 'schema_version'").fetchone()
            if version is None:
                cursor.execute("INSERT INTO store_facts VALUES ('schema_version', ?)", [str(schema.SCHEMA_VERSION)])
            elif int(version[0]) > schema.SCHEMA_VERSION:
                raise StoreError([Problem("store.too_new", {"database": str(self.path), "found": version[0], "known": schema.SCHEMA_VERSION})])

    def _lock_down(self) -> None:
        """No files, network or extensions from inside SQL: a second layer behind the formula allow-list (REALITY §1.9)."""
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "python_enable_replacements = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def _compare_histories(self) -> None:
        """The ledger beside the database and the one inside must tell the same story."""
        self.archive.drop_unfinished_line()
        outside = list(self.archive.entries())
        inside = self._inside_entries()
        shared = min(len(outside), len(inside))
        if [entry.hash for entry in outside[:shared]] != [entry.hash for entry in inside[:shared]]:
            raise StoreError([Problem("store.histories_differ", {"file": str(self.archive.path)})])
        if len(outside) > len(inside):
            raise StoreError([Problem("store.history_lost", {"lost": len(outside) - len(inside), "database": str(self.path)})])
        if not outside and inside:
            raise StoreError([Problem("store.originals_missing", {"folder": str(self.archive.folder)})])
        # The other way round is a crash between commit and append: the database is durable, so the line is written now.
        for entry in inside[shared:]:
            self.archive.append(entry)

    def _inside_entries(self) -> list[Entry]:
        with self.cursor() as cursor:
            return [parse_line(row[0]) for row in cursor.execute("SELECT entry FROM ledger ORDER BY seq").fetchall()]

    def _take_over_definitions(self) -> None:
        """Keep this version of the standard; when it is a new one, fit the tables and judge everything again."""
        sha256 = hashlib.sha256(self.standard.source.encode()).hexdigest()
        newest = self.cursor().execute("SELECT sha256 FROM definitions ORDER BY version DESC LIMIT 1").fetchone()
        if newest is not None and newest[0] == sha256 and self._derived_by_this_program():
            return
        with self.writing() as cursor:
            if newest is None or newest[0] != sha256:
                cursor.execute(
                    "INSERT INTO definitions SELECT coalesce(max(version), 0) + 1, ?, ?, ? FROM definitions",
                    [sha256, self.standard.source, now()],
                )
            self._fit_tables(cursor)
            deriving.derive_everything(cursor, self.standard)
            cursor.execute("DELETE FROM store_facts WHERE name = 'derived_by'")
            cursor.execute("INSERT INTO store_facts VALUES ('derived_by', ?)", [DERIVED_BY])

    def _derived_by_this_program(self) -> bool:
        found = self.cursor().execute("SELECT value FROM store_facts WHERE name = 'derived_by'").fetchone()
        return found is not None and found[0] == DERIVED_BY

    def _fit_tables(self, cursor: DuckDBPyConnection) -> None:
        for level in self.standard.levels:
            cursor.execute(schema.reported_level_sql(level.id))
        known = cursor.execute("SELECT table_name, lower(column_name) FROM information_schema.columns").fetchall()
        for table, columns in schema.reported_columns(self.standard).items():
            for column in columns:
                if (table, column.lower()) not in known:
                    cursor.execute(schema.add_column_sql(schema.quote(table), column))

    # -- reading and writing ------------------------------------------------------------------------------------

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one's own: sharing one between threads gives wrong results (REALITY §1.8)."""
        return self._connection.cursor()

    @contextmanager
    def writing(self, *, dry_run: bool = False) -> Iterator[DuckDBPyConnection]:
        """One transaction of the one writer. Rolls back whatever the reason, also when Streamlit interrupts the script; always after a dry run."""
        with self._write_lock:
            cursor = self.cursor()
            self._pending = []
            cursor.execute("BEGIN")
            try:
                yield cursor
                if dry_run:
                    self._roll_back(cursor)
                    return
                self._commit(cursor)
            except BaseException:
                self._roll_back(cursor)
                raise
            finally:
                cursor.close()
            self.data_version += 1
            self._unwritten += self._pending
            self._write_ledger()

    def _write_ledger(self) -> None:
        """The lines outside the database, in order; what cannot be written now is written before the next one, or at the next start."""
        while self._unwritten:
            try:
                self.archive.append(self._unwritten[0])
            except OSError as error:
                raise StoreError([Problem("store.ledger_not_written", {"file": str(self.archive.path), "detail": error.strerror})]) from error
            del self._unwritten[0]

    def _commit(self, cursor: DuckDBPyConnection) -> None:
        try:
            cursor.execute("COMMIT")
        except duckdb.Error as error:
            # A commit can raise although it is durable (REALITY §1.3); only a fresh look at the file tells.
            hashes = {entry.hash for entry in self._pending}
            self._reopen()
            durable = {entry.hash for entry in self._inside_entries()}
            if hashes and hashes <= durable:
                return
            raise StoreError([Problem("store.not_saved", {"detail": str(error).splitlines()[0]})]) from error

    def _roll_back(self, cursor: DuckDBPyConnection) -> None:
        try:
            cursor.execute("ROLLBACK")
        except duckdb.Error:
            # No transaction is left to roll back: the commit failed, or the database was invalidated and reopened.
            pass

    def _reopen(self) -> None:
        self._connection.close()
        self._connection = self._connect()
        self._lock_down()

    def record(self, cursor: DuckDBPyConnection, facts: Mapping[str, object], *, replayed: Entry | None = None) -> None:
        """Add an event to the ledger inside the transaction; its line outside is written after the commit, unless it is there already."""
        if replayed is not None:
            cursor.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", [replayed.seq, replayed.line(), replayed.previous, replayed.hash])
            return
        last = cursor.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
        entry = chain(seq, facts, previous)
        cursor.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", [entry.seq, entry.line(), entry.previous, entry.hash])
        self._pending.append(entry)

    def check_free_space(self, size: int) -> None:
        """Refuse up front: a bulk import on a full disk leaves the file grown (REALITY §1.6)."""
        needed = max(SMALLEST_FREE_SPACE, 10 * size)
        free = shutil.disk_usage(self.path.parent).free
        if free < needed:
            raise StoreError([Problem("store.no_space", {"free": free // 1_000_000, "needed": needed // 1_000_000, "folder": str(self.path.parent)})])

    def close(self) -> None:
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()
        self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- undo ---------------------------------------------------------------------------------------------------

    def undo(self, import_id: int, *, who: str | None = None, why: str = "", entry: Entry | None = None) -> None:
        """Revoke an import and derive what it touched again; what was undone stays in the history.

        entry: the event of the past that is replayed, when the database is rebuilt.
        """
        with self.writing() as cursor:
            kind, level = self._revocable(cursor, import_id)
            who, at = who or current_user(), now()
            if entry is not None:
                who, why, at = str(entry.facts["who"]), str(entry.facts["why"]), datetime.fromisoformat(str(entry.facts["at"]))
            cursor.execute(
                "UPDATE imports SET status = 'revoked', revoked_at = ?, revoked_by = ?, revoked_why = ? WHERE id = ?", [at, who, why, import_id]
            )
            self.record(cursor, {"event": "undo", "import_id": import_id, "who": who, "why": why, "at": at.isoformat()}, replayed=entry)
            if kind == "areas":
                self._refuse_orphans(cursor, import_id)
                deriving.derive_areas_again(cursor, self.standard)
            elif kind == "metrics":
                deriving.derive_reports_again(cursor, self.standard, level, import_id)
            elif kind == "parameters":
                deriving.derive_parameters_again(cursor, self.standard)
            else:
                deriving.derive_exemptions_again(cursor, self.standard)

    def _revocable(self, cursor: DuckDBPyConnection, import_id: int) -> tuple[str, str]:
        row = cursor.execute("SELECT kind, level, status FROM imports WHERE id = ?", [import_id]).fetchone()
        if row is None:
            raise ImportDataError([Problem("undo.unknown", {"id": import_id})])
        if row[2] != "active":
            raise ImportDataError([Problem("undo.already", {"id": import_id})])
        return row[0], row[1] or ""

    def _refuse_orphans(self, cursor: DuckDBPyConnection, import_id: int) -> None:
        """An import of areas stays while others report on areas that only it names."""
        used = " UNION ".join(f"SELECT area_id, import_id FROM {schema.reported_table(level.id)}" for level in self.standard.levels)
        rows = cursor.execute(
            f"""
            SELECT DISTINCT u.import_id
            FROM ({used} UNION SELECT area_id, import_id FROM reported_exemptions UNION SELECT parent_id, import_id FROM reported_areas) AS u
            WHERE u.area_id IN (SELECT area_id FROM reported_areas WHERE import_id = ?)
                AND u.import_id IN (SELECT id FROM imports WHERE status = 'active')
                AND u.area_id NOT IN (SELECT area_id FROM reported_areas WHERE import_id IN (SELECT id FROM imports WHERE status = 'active'))
            ORDER BY u.import_id
            """,
            [import_id],
        ).fetchall()
        if rows:
            raise ImportDataError([Problem("undo.areas_in_use", {"id": import_id, "imports": ", ".join(str(row[0]) for row in rows)})])


# Raised whenever the SQL of verdicts or effective values changes, so that an older database is derived again at its next start.
DERIVED_BY = "1"


def now() -> datetime:
    """Wall-clock time of the server, without a zone: it is shown as it was."""
    return datetime.now().replace(microsecond=0)


def current_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a user id that has no name.
        return "unknown"
