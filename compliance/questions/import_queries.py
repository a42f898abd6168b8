"""Questions about imports: what each is, what it turned, what was done with it since. Readers only, as queries.py."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.schema import IS_ACTIVE

FACTS = """
    id, kind, level, file_name, sha256, encoding, rows_in, accepted, blank, ignored, who, imported_at, program, definitions_version, status,
    revoked_at, revoked_by, revoked_why, reason, note, entered, batch, flips_met, flips_unmet, flips_no_data, flips_not_applicable
"""
# A ledger line says what was done with which import.
UNDONE = """
    SELECT CAST(json_extract_string(entry, '$.import_id') AS INTEGER) FROM ledger WHERE json_extract_string(entry, '$.event') = 'undo'
"""


@dataclass(frozen=True)
class Wanted:
    """Which imports: of a kind, by a person, only those that are undone."""

    kind: str = ""
    who: str = ""
    undone: bool = False

    def sql(self) -> tuple[str, list[object]]:
        """A condition and what it binds."""
        return f"(? = '' OR kind = ?) AND (? = '' OR who = ?) AND (NOT ? OR NOT {IS_ACTIVE})", [self.kind, self.kind, self.who, self.who, self.undone]


ALL = Wanted()


def history(cursor: DuckDBPyConnection, limit: int | None = 100, offset: int = 0, wanted: Wanted = ALL) -> pd.DataFrame:
    """What was imported? Newest first; FACTS a row, and whether it was redone.

    flips are those of the whole batch (files imported together), NULL where an older program did not count.
    """
    condition, bound = wanted.sql()
    return cursor.execute(
        f"""
        SELECT {FACTS}, {IS_ACTIVE} AND id IN ({UNDONE}) AS is_redone
        FROM imports
        WHERE {condition}
        ORDER BY id DESC
        LIMIT ? OFFSET ?
        """,
        [*bound, limit, offset],
    ).df()


def import_count(cursor: DuckDBPyConnection, wanted: Wanted = ALL) -> int:
    """How many imports are there, undone ones too?"""
    condition, bound = wanted.sql()
    return int(cursor.execute(f"SELECT count(*) FROM imports WHERE {condition}", bound).fetchall()[0][0])


def people(cursor: DuckDBPyConnection) -> tuple[str, ...]:
    """Who has imported anything?"""
    return tuple(row[0] for row in cursor.execute("SELECT DISTINCT who FROM imports WHERE who IS NOT NULL ORDER BY who").fetchall())


def batch_of(cursor: DuckDBPyConnection, import_id: int) -> tuple[tuple[int, str], ...]:
    """Which other imports came in together with this one? Their ids and file names."""
    rows = cursor.execute("SELECT id, file_name FROM imports WHERE batch = (SELECT batch FROM imports WHERE id = ?) AND id <> ? ORDER BY id", [import_id] * 2)
    return tuple((int(id_), str(name)) for id_, name in rows.fetchall())


def import_facts(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What is this import? One row as of `history`, or none."""
    return cursor.execute(f"SELECT {FACTS}, {IS_ACTIVE} AND id IN ({UNDONE}) AS is_redone FROM imports WHERE id = ? ORDER BY id", [import_id]).df()


@dataclass(frozen=True)
class HandedIn:
    """The file of an import as it was handed in, before texts of it were replaced: (header, what was said, what was meant), said None for a header. left_out: the
    lines of the rows that were left out."""

    file_name: str
    sha256: str
    replaced: tuple[tuple[str, str | None, str], ...]
    left_out: tuple[int, ...] = ()


def handed_in(cursor: DuckDBPyConnection, import_id: int) -> HandedIn | None:
    """What was this import before texts in it were put right and rows left out? None where neither was done."""
    rows = cursor.execute(
        """
        SELECT json_extract(entry, '$.handed_in')
        FROM ledger
        WHERE json_extract_string(entry, '$.event') = 'import'
            AND CAST(json_extract_string(entry, '$.import_id') AS INTEGER) = ?
            AND json_exists(entry, '$.handed_in')
        ORDER BY seq
        """,
        [import_id],
    ).fetchall()
    if not rows:
        return None
    found = json.loads(rows[0][0])
    replaced = tuple((column, said, meant) for column, said, meant in found["replaced"])
    return HandedIn(found["file"], found["sha256"], replaced, tuple(found.get("left_out", ())))


def import_events(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What was done with it, and why? event (import, undo, redo), who, at, why, flips (JSON, in the order of Flips; NULL where not counted); oldest first."""
    return cursor.execute(
        """
        SELECT
            json_extract_string(entry, '$.event') AS event,
            json_extract_string(entry, '$.who') AS who,
            CAST(json_extract_string(entry, '$.at') AS TIMESTAMP) AS happened,
            coalesce(json_extract_string(entry, '$.why'), json_extract_string(entry, '$.reason'), '') AS why,
            CAST(json_extract(entry, '$.flips') AS VARCHAR) AS flips
        FROM ledger
        WHERE CAST(json_extract_string(entry, '$.import_id') AS INTEGER) = ?
        ORDER BY seq
        """,
        [import_id],
    ).df()


def definition_versions(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """By which versions of the standard were verdicts computed? version, sha256, since, who, why, imports made under it; newest (in use) first."""
    return cursor.execute(
        """
        SELECT d.version, d.sha256, d.since, coalesce(d.who, '') AS who, coalesce(d.why, '') AS why, count(i.id) AS imports
        FROM definitions AS d
        LEFT JOIN imports AS i ON i.definitions_version = d.version
        GROUP BY ALL
        ORDER BY d.version DESC
        """
    ).df()


def definition_source(cursor: DuckDBPyConnection, version: int) -> str | None:
    """The YAML text of a version of the standard."""
    rows = cursor.execute("SELECT source FROM definitions WHERE version = ?", [version]).fetchall()
    return str(rows[0][0]) if rows else None
