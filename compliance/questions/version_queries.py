"""Questions about the versions of the standard. Readers only, as queries.py."""

from __future__ import annotations

from datetime import date

from duckdb import DuckDBPyConnection

from compliance.questions import import_queries
from compliance.standard import loader
from compliance.standard.definitions import Standard


def version_in_use(cursor: DuckDBPyConnection) -> int:
    """Which version of the standard gave the verdicts on hand?"""
    return int(cursor.execute("SELECT coalesce(max(version), 0) FROM definitions").fetchall()[0][0])


def first_day(cursor: DuckDBPyConnection) -> date | None:
    """Since when is there anything to look back at?"""
    found: date | None = cursor.execute("SELECT CAST(min(since) AS DATE) FROM definitions").fetchall()[0][0]
    return found


def standard_of(cursor: DuckDBPyConnection, version: int) -> Standard | None:
    """The standard as that version had it. Raises DefinitionError where today's program refuses what one of its day accepted."""
    source = import_queries.definition_source(cursor, version)
    return None if source is None else loader.parse(source)
