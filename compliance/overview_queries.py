"""Questions of the overview alone: who moved since the period before. Readers only, as queries.py."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance.definitions import Standard
from compliance.queries import Areas, among
from compliance.schema import compliance_table, indicator_column


@dataclass(frozen=True)
class Mover:
    """An area and the indicators whose verdict turned."""

    area_id: str
    name: str
    parent: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """Verdicts that turned one way since the period before: how many, in how many areas, and the areas with most of them."""

    verdicts: int
    areas: int
    most: tuple[Mover, ...]


def moves(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas, *, to_met: bool, most: int) -> Moves:
    """Which decided verdicts turned since the period before? Only those that were decided both times count."""
    indicators = standard.indicators_of(level)
    condition, bound = among(areas, "c.area_id")
    now, before = ("c", "b") if to_met else ("b", "c")
    turned = [f"({now}.{indicator_column(each)} AND NOT {before}.{indicator_column(each)})" for each in indicators]
    rows = cursor.execute(
        f"""
        SELECT t.area_id, a.name, coalesce(p.name, ''), t.turned, t.flags, sum(t.turned) OVER (), count(*) OVER ()
        FROM (
            SELECT c.area_id, {" + ".join(f"coalesce({each}::UTINYINT, 0)::USMALLINT" for each in turned)} AS turned, [{", ".join(turned)}] AS flags
            FROM {compliance_table(level)} AS c
            JOIN {compliance_table(level)} AS b ON b.area_id = c.area_id AND b.period = ?
            WHERE c.period = ? AND {condition}
        ) AS t
        JOIN areas AS a ON a.area_id = t.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE t.turned > 0
        ORDER BY t.turned DESC, a.parent_id, t.area_id
        LIMIT ?
        """,
        [period - 1, period, *bound, most],
    ).fetchall()
    found = tuple(Mover(row[0], row[1], row[2], tuple(each.code for each, flag in zip(indicators, row[4], strict=True) if flag)) for row in rows)
    return Moves(int(rows[0][5]), int(rows[0][6]), found) if rows else Moves(0, 0, ())
