"""Questions behind the filters: which kinds of areas there are, which areas a filter keeps. Readers only, as queries.py."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from compliance.questions.filters import Filters

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
    condition, bound = kept("a", Filters(parent=parent, kind=kind))
    rows = cursor.execute(f"SELECT a.area_id FROM areas AS a WHERE a.level = ? AND {condition} ORDER BY a.area_id", [level, *bound]).fetchall()
    return frozenset(row[0] for row in rows)


def kept(alias: str, filters: Filters) -> tuple[str, list[object]]:
    """A condition that keeps one area and the areas that belong to it, or those of a kind, and what it binds; without such filters, all."""
    conditions: list[str] = []
    bound: list[object] = []
    if filters.parent is not None:
        conditions.append("? IN (area_id, parent_id)")
        bound.append(filters.parent)
    if filters.kind is not None:
        conditions.append("attributes[?] = ?")
        bound += filters.kind
    return (f"{alias}.area_id IN (SELECT area_id FROM areas WHERE {' AND '.join(conditions)})", bound) if conditions else ("true", [])
