"""Questions behind the filters: which kinds of areas there are, which areas a filter keeps. Readers only, as queries.py."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

MOST_KINDS = 12


def kinds_of(cursor: DuckDBPyConnection, level: str) -> dict[str, tuple[str, ...]]:
    """Which attributes sort the areas of a level into a few kinds? Attribute → its values, the commonest first.

    Figures (a year, a size) are no kinds, nor is what all areas share.
    """
    rows = cursor.execute(
        """
        SELECT attribute, list(value ORDER BY areas DESC, value)
        FROM (
            SELECT e.key AS attribute, e.value AS value, count(*) AS areas
            FROM (SELECT unnest(map_entries(attributes)) AS e FROM areas WHERE level = ?)
            WHERE coalesce(e.value, '') <> ''
            GROUP BY e.key, e.value
        )
        GROUP BY attribute
        HAVING count(*) BETWEEN 2 AND ? AND count_if(try_cast(value AS DOUBLE) IS NULL) > 0
        ORDER BY attribute
        """,
        [level, MOST_KINDS],
    ).fetchall()
    return {attribute: tuple(values) for attribute, values in rows}


def areas_kept(cursor: DuckDBPyConnection, level: str, parent: str | None, kind: tuple[str, str] | None) -> frozenset[str]:
    """Which areas of a level belong to that parent (or are it) and are of that kind?"""
    conditions, bound = ["level = ?"], [level]
    if parent is not None:
        conditions.append("? IN (area_id, parent_id)")
        bound.append(parent)
    if kind is not None:
        conditions.append("attributes[?] = ?")
        bound += kind
    rows = cursor.execute(f"SELECT area_id FROM areas WHERE {' AND '.join(conditions)} ORDER BY area_id", bound).fetchall()
    return frozenset(row[0] for row in rows)
