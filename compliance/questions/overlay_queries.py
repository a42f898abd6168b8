"""Questions about what an import says, row by row, and what counts there beside it: what would come back without it. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.schema import ACTIVE, quote, reported_table
from compliance.standard.definitions import Standard

CELLS = ["line", "area_id", "period", "metric", "value", "above_id", "above", "below_id", "below"]


@dataclass(frozen=True)
class Spoken:
    """The cells of an import. overlaid: by which newer imports, and how many cells of it each holds, newest first.

    Of the others (exposed): changes: how many change with it to or from an older value, alone: nothing older says anything, same: older ones say the same.
    """

    cells: int
    overlaid: tuple[tuple[int, int], ...]
    changes: int
    alone: int
    same: int


def spoken(cursor: DuckDBPyConnection, standard: Standard, import_id: int) -> Spoken:
    """How much of an import of metrics or parameters counts, or would?"""
    place = _place_of(cursor, standard, import_id)
    if place is None:
        return Spoken(0, (), 0, 0, 0)
    whole = cursor.execute(f"SELECT {place.counts_sql()} FROM {place.table} WHERE import_id = ?", [import_id]).fetchall()[0]
    # Rows that no other import speaks of, mostly all of them, need no looking at cell by cell.
    if cursor.execute(f"SELECT count(*) FROM {place.table} WHERE import_id = ? {place.shared_sql()}", [import_id] * 3).fetchall() == [(0,)]:
        return Spoken(sum(whole), (), 0, sum(whole), 0)
    shared = cursor.execute(f"SELECT {place.counts_sql()} FROM {place.table} WHERE import_id = ? {place.shared_sql()}", [import_id] * 3).fetchall()[0]
    apart = sum(whole) - sum(shared)
    rows = cursor.execute(
        f"""
        SELECT
            above_id,
            count(*) AS cells,
            count(*) FILTER (below_id IS NOT NULL AND below <> value) AS changes,
            count(*) FILTER (below_id IS NULL) AS alone
        FROM ({place.cells_sql(place.shared_sql())})
        GROUP BY above_id
        ORDER BY above_id DESC NULLS LAST
        """,
        [import_id] * 8,
    ).fetchall()
    exposed = next(((cells, changes, alone) for above, cells, changes, alone in rows if above is None), (0, 0, 0))
    overlaid = tuple((int(above), int(cells)) for above, cells, _, _ in rows if above is not None)
    return Spoken(sum(whole), overlaid, exposed[1], exposed[2] + apart, exposed[0] - exposed[1] - exposed[2])


def cells(cursor: DuckDBPyConnection, standard: Standard, import_id: int, limit: int | None = None, offset: int = 0) -> pd.DataFrame:
    """What does an import of metrics or parameters say? Columns CELLS, a row a cell that is not blank, in file order; period is an ordinal.

    above_id, above: the newest active import after it that speaks of the cell, and its value; below: the newest before it. Without either, NULL.
    Metrics that the standard no longer asks for are left out; the original file holds them. area_id is "" for parameters.
    """
    place = _place_of(cursor, standard, import_id)
    if place is None:
        return pd.DataFrame(columns=CELLS)
    first, last, before = (None, None, 0) if limit is None else _lines(cursor, place, import_id, limit, offset)
    sql = place.cells_sql("AND (? IS NULL OR line BETWEEN ? AND ?)", "ORDER BY line, place LIMIT ? OFFSET ?")
    rows = cursor.execute(f"{sql} ORDER BY line, place", [import_id, first, first, last, limit, offset - before, *[import_id] * 5])
    return _named(rows.df(), place)


def _lines(cursor: DuckDBPyConnection, place: _Place, import_id: int, limit: int, offset: int) -> tuple[int, int, int]:
    """The first and last line of a part of an import's cells, and how many cells stand before the first: to take millions of cells apart for two hundred is slow."""
    blanks = ", ".join(f"{quote(name)} IS NULL" for name in place.names)
    lines, *columns = cursor.execute(f"SELECT line, {blanks} FROM {place.table} WHERE import_id = ? ORDER BY line", [import_id]).fetchnumpy().values()
    if not len(lines):
        return 0, 0, 0
    until = np.cumsum(len(columns) - np.stack([np.asarray(column, dtype=bool) for column in columns], axis=1).sum(axis=1))
    first, last = (min(int(np.searchsorted(until, cells, "right")), len(until) - 1) for cells in (offset, offset + limit - 1))
    numbers = np.asarray(lines, dtype=int)
    return int(numbers[first]), int(numbers[last]), int(until[first - 1]) if first else 0


def turned_cells(cursor: DuckDBPyConnection, standard: Standard, import_id: int, limit: int) -> pd.DataFrame:
    """Which cells have another value with the import than without it? As `cells`; those with an older value first."""
    place = _place_of(cursor, standard, import_id)
    if place is None:
        return pd.DataFrame(columns=CELLS)
    rows = cursor.execute(
        f"""
        FROM ({place.cells_sql()})
        WHERE above_id IS NULL AND below IS DISTINCT FROM value
        ORDER BY below_id IS NULL, line, place
        LIMIT ?
        """,
        [*[import_id] * 6, limit],
    )
    return _named(rows.df(), place)


@dataclass(frozen=True)
class _Place:
    """Where the cells of an import are: a table of reports, what tells its rows apart, and its columns."""

    table: str
    keys: tuple[str, ...]
    names: Sequence[str]

    def counts_sql(self) -> str:
        """How many cells each column has."""
        return ", ".join(f"count({quote(name)})" for name in self.names)

    def shared_sql(self) -> str:
        """A condition that keeps rows of which another import speaks, too; binds the import's id twice."""
        keys = ", ".join(self.keys)
        mine = f"SELECT ({keys}) FROM {self.table} WHERE import_id = ?"
        return f"AND ({keys}) IN (SELECT ({keys}) FROM {self.table} WHERE import_id <> ? AND {ACTIVE} AND ({keys}) IN ({mine}))"

    def cells_sql(self, some: str = "", page: str = "") -> str:
        """some: which rows of the import, page: which of their cells. Binds the import's id, then what these two bind, then the id five times more."""
        keys, values = ", ".join(self.keys), f"unnest(range({len(self.names)})) AS place, unnest([{', '.join(map(quote, self.names))}]) AS value"
        area = "m.area_id" if "area_id" in self.keys else "''"
        return f"""
        WITH mine AS (
            SELECT * FROM (SELECT line, {keys}, {values} FROM {self.table} WHERE import_id = ? {some}) WHERE value IS NOT NULL {page}
        ), others AS (
            SELECT {keys}, place,
                max(import_id) FILTER (import_id > ?) AS above_id, arg_max(value, import_id) FILTER (import_id > ?) AS above,
                max(import_id) FILTER (import_id < ?) AS below_id, arg_max(value, import_id) FILTER (import_id < ?) AS below
            FROM (
                SELECT import_id, {keys}, {values}
                FROM {self.table}
                WHERE import_id <> ? AND {ACTIVE} AND ({keys}) IN (SELECT ({keys}) FROM mine)
            )
            WHERE value IS NOT NULL
            GROUP BY {keys}, place
        )
        SELECT m.line, {area} AS area_id, m.period, m.place, m.value, o.above_id, o.above, o.below_id, o.below
        FROM mine AS m
        LEFT JOIN others AS o ON o.place = m.place AND {" AND ".join(f"o.{key} = m.{key}" for key in self.keys)}
        """


def _place_of(cursor: DuckDBPyConnection, standard: Standard, import_id: int) -> _Place | None:
    rows = cursor.execute("SELECT kind, level FROM imports WHERE id = ?", [import_id]).fetchall()
    match rows:
        case [("metrics", level)] if level in standard.level_by_id and standard.metrics_of(level):
            return _Place(reported_table(level), ("area_id", "period"), [metric.id for metric in standard.metrics_of(level)])
        case [("parameters", _)] if standard.parameters:
            return _Place("reported_parameters", ("period",), [parameter.id for parameter in standard.parameters])
        case _:
            return None


def _named(rows: pd.DataFrame, place: _Place) -> pd.DataFrame:
    """Ids instead of the columns' places."""
    return rows.assign(metric=[place.names[number] for number in rows["place"]])[CELLS]


def rows_of_exemptions(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What does an import of exemptions say? line, area_id, name, indicator, from, to, reason, above_id (the newest active import that says it anew)."""
    return cursor.execute(
        f"""
        SELECT r.line, r.area_id, coalesce(a.name, r.area_id) AS name, r.indicator, r."from", r."to", r.reason, max(o.import_id) AS above_id
        FROM reported_exemptions AS r
        LEFT JOIN areas AS a ON a.area_id = r.area_id
        LEFT JOIN (FROM reported_exemptions WHERE {ACTIVE}) AS o
            ON o.area_id = r.area_id AND o.indicator = r.indicator AND o."from" = r."from" AND o.import_id > r.import_id
        WHERE r.import_id = ?
        GROUP BY ALL
        ORDER BY r.line
        """,
        [import_id],
    ).df()


def rows_of_areas(cursor: DuckDBPyConnection, import_id: int) -> pd.DataFrame:
    """What does an import of areas say? line, area_id, name, level, parent_id, above_id (the newest active import that says it anew)."""
    return cursor.execute(
        f"""
        SELECT r.line, r.area_id, r.name, r.level, coalesce(r.parent_id, '') AS parent_id, max(o.import_id) AS above_id
        FROM reported_areas AS r
        LEFT JOIN (FROM reported_areas WHERE {ACTIVE}) AS o ON o.area_id = r.area_id AND o.import_id > r.import_id
        WHERE r.import_id = ?
        GROUP BY ALL
        ORDER BY r.line
        """,
        [import_id],
    ).df()
