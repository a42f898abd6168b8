"""A DuckDB connection as we want it: locked down, and its breakdowns told apart from our own mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from compliance.errors import Problem, StoreError
from compliance.storage.swapping import copies_folder

MEMORY_LIMIT = "1200MB"
_BREAKDOWNS = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException, duckdb.OutOfMemoryException)


def is_breakdown(error: duckdb.Error) -> bool:
    """Whether the disk, the file or the memory failed DuckDB, not the statement. A block with a wrong checksum comes as a bare Error."""
    return isinstance(error, _BREAKDOWNS) or type(error) is duckdb.Error


def connect(database: Path) -> DuckDBPyConnection:
    """Raises StoreError when the file cannot be opened."""
    try:
        connection = duckdb.connect(str(database))
        lock_down(connection, copies_folder(database))
    except duckdb.Error as error:
        raise refusal(database, error) from error
    return connection


def connect_to_read(database: Path) -> DuckDBPyConnection:
    """The same for a database that nobody writes to any more. Raises StoreError when it cannot be opened."""
    try:
        connection = duckdb.connect(str(database), read_only=True)
        lock_down(connection, copies_folder(database))
    except duckdb.Error as error:
        raise refusal(database, error) from error
    return connection


def copy(database: Path, target: Path) -> None:
    """A copy of a database that nobody has open, made by DuckDB itself: a plain copy of the file would miss its write-ahead log (REALITY §1.7).

    Raises StoreError when it cannot be made; then there is none.
    """
    partial = target.with_name(target.name + ".partial")
    names = [str(path).replace("'", "''") for path in (database, partial)]
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{names[0]}' AS original (READ_ONLY)")
            connection.execute(f"ATTACH '{names[1]}' AS copied")
            connection.execute("COPY FROM DATABASE original TO copied")
            connection.execute("DETACH copied")
        # Under its name only once it is whole.
        partial.rename(target)
    except duckdb.Error as error:
        partial.unlink(missing_ok=True)
        raise not_saved(error) from error


def lock_down(connection: DuckDBPyConnection, copies: Path) -> None:
    """Limits, then no files, network or extensions from inside SQL: a second layer behind the formula allow-list (REALITY §1.9).

    copies: a folder beside the database where copies for backups are made, the one exception.
    """
    # While a cursor of an earlier Store of this process lives, DuckDB hands out the same instance, which is locked down already.
    if connection.execute("SELECT current_setting('lock_configuration')").fetchone() == (True,):
        return
    for setting in (
        f"memory_limit = '{MEMORY_LIMIT}'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        # GLOBAL: this one is a setting of a connection otherwise, and cursors would start without it.
        "GLOBAL python_enable_replacements = false",
        "allowed_directories = [{}]".format("'" + f"{copies}/".replace("'", "''") + "'"),
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def refusal(database: Path, error: duckdb.Error) -> StoreError:
    # A program that knows nothing of our lock, such as DuckDB's own shell, may hold the file.
    if "Could not set lock" in str(error):
        holder = re.search(r"held in (.+?\(PID \d+\))", str(error))
        return StoreError([Problem("store.locked", {"database": str(database), "holder": holder[1] if holder else "DuckDB"})])
    return StoreError([Problem("store.unreadable", {"database": str(database), "detail": str(error).splitlines()[0]})])


def not_saved(error: duckdb.Error) -> StoreError:
    return StoreError([Problem("store.not_saved", {"detail": str(error).splitlines()[0]})])
