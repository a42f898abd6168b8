"""Questions about imports: what each is, what it says cell by cell, what it turned, what was done with it since. Readers only, as queries.py."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.definitions import Standard
from compliance.schema import quote, reported_table

FACTS = """
    id, kind, level, file_name, sha256, encoding, rows_in, accepted, blank, ignored, who, imported_at, program, definitions_version, status,
    revoked_at, revoked_by, revoked_why, reason, note, entered, batch, flips_met, flips_unmet, flips_no_data, flips_not_applicable
"""


def history(cursor: DuckDBPyConnection, limit: int = 100, offset: int = 0) -> pd.DataFrame:
    """What was imported? Newest first; FACTS a row. flips are those of the whole batch (files imported together), NULL where an older program did not count."""
    return cursor.execute(f"SELECT {FACTS} FROM imports ORDER BY id DESC LIMIT ? OFFSET ?", [limit, offset]).df()


def import_count(cursor: DuckDBPyConnection) -> int:
    """How many imports are there, undone ones too?"""
    return int(cursor.execute("SELECT count(*) FROM imports").fetchall()[0][0])


def import_facts(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What is this import? One row of FACTS, or none."""
    return cursor.execute(f"SELECT {FACTS} FROM imports WHERE id = ? ORDER BY id", [import_id]).df()


def import_events(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What was done with it, and why? event (import, undo, redo), who, at, why; oldest first."""
    return cursor.execute(
        """
        SELECT
            json_extract_string(entry, '$.event') AS event,
            json_extract_string(entry, '$.who') AS who,
            CAST(json_extract_string(entry, '$.at') AS TIMESTAMP) AS happened,
            coalesce(json_extract_string(entry, '$.why'), json_extract_string(entry, '$.reason'), '') AS why
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


def cells_of_import(cursor: DuckDBPyConnection, standard: Standard, import_id: int, limit: int = 50, offset: int = 0) -> pd.DataFrame:
    """What does a metrics import say? line, area_id, name, period (ordinal), metric, value, in file order; limit and offset count rows of the file.

    Metrics that the standard no longer asks for are left out; the original file holds them.
    """
    rows = cursor.execute("SELECT level FROM imports WHERE id = ? AND kind = 'metrics'", [import_id]).fetchall()
    level = str(rows[0][0]) if rows else ""
    metrics = [metric.id for metric in standard.metrics_of(level)] if level in standard.level_by_id else []
    if not metrics:
        return pd.DataFrame(columns=["line", "area_id", "name", "period", "metric", "value"])
    names = [metric.replace("'", "''") for metric in metrics]
    return cursor.execute(
        f"""
        SELECT c.line, c.area_id, coalesce(a.name, c.area_id) AS name, c.period, c.metric, c.value
        FROM (
            SELECT line, area_id, period,
                unnest(range({len(metrics)})) AS place, unnest(['{"', '".join(names)}']) AS metric, unnest([{", ".join(map(quote, metrics))}]) AS value
            FROM (SELECT * FROM {reported_table(level)} WHERE import_id = ? ORDER BY line LIMIT ? OFFSET ?)
        ) AS c
        LEFT JOIN areas AS a ON a.area_id = c.area_id
        WHERE c.value IS NOT NULL
        ORDER BY c.line, c.place
        """,
        [import_id, limit, offset],
    ).df()


def rows_of_import(cursor: DuckDBPyConnection, import_id: int, limit: int = 50, offset: int = 0) -> pd.DataFrame:
    """What does an import of areas, exemptions or parameters say? Its rows as they stand in the store, in file order; periods are ordinals."""
    rows = cursor.execute("SELECT kind FROM imports WHERE id = ? AND kind <> 'metrics'", [import_id]).fetchall()
    if not rows:
        return pd.DataFrame()
    return cursor.execute(
        f"SELECT * EXCLUDE (import_id) FROM {quote('reported_' + rows[0][0])} WHERE import_id = ? ORDER BY line LIMIT ? OFFSET ?", [import_id, limit, offset]
    ).df()


def overlaid_by(cursor: DuckDBPyConnection, standard: Standard, import_id: int) -> pd.DataFrame:
    """Which later imports speak of the same cells, so that undoing this one leaves theirs? id, file_name, cells; newest first."""
    rows = cursor.execute("SELECT level FROM imports WHERE id = ? AND kind = 'metrics'", [import_id]).fetchall()
    level = str(rows[0][0]) if rows else ""
    metrics = [metric.id for metric in standard.metrics_of(level)] if level in standard.level_by_id else []
    if not metrics:
        return pd.DataFrame(columns=["id", "file_name", "cells"])
    both = " + ".join(f"count(*) FILTER (mine.{quote(metric)} IS NOT NULL AND other.{quote(metric)} IS NOT NULL)" for metric in metrics)
    table = reported_table(level)
    return cursor.execute(
        f"""
        SELECT i.id, i.file_name, {both} AS cells
        FROM {table} AS mine
        JOIN {table} AS other ON other.area_id = mine.area_id AND other.period = mine.period AND other.import_id > mine.import_id
        JOIN imports AS i ON i.id = other.import_id AND i.status = 'active'
        WHERE mine.import_id = ?
        GROUP BY i.id, i.file_name
        HAVING cells > 0
        ORDER BY i.id DESC
        """,
        [import_id],
    ).df()
