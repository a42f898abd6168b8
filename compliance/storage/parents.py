"""An area's parent is of the level above its own, also when it is the parent that moves to another level: checked on the areas as they stand after a change."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from compliance.errors import ImportDataError, Problem
from compliance.standard.definitions import Level, Standard, Title


def refuse_misplaced(cursor: DuckDBPyConnection, standard: Standard, imports: Mapping[int, str | None]) -> None:
    """Raises ImportDataError with every area whose parent is of another level, where one of these imports speaks of either. imports: number → the file to point
    at, None: of one that is taken back or comes back."""
    ids = ", ".join(str(int(number)) for number in imports)
    rows = cursor.execute(
        f"""
        WITH spoken AS (SELECT area_id, max(import_id) AS import_id, arg_max(line, import_id) AS line FROM reported_areas WHERE import_id IN ({ids}) GROUP BY area_id)
        SELECT a.area_id, a.name, a.level, p.area_id, p.name, p.level, coalesce(s.import_id, own.import_id), coalesce(s.line, own.line)
        FROM areas AS a
        JOIN areas AS p ON p.area_id = a.parent_id
        LEFT JOIN spoken AS s ON s.area_id = p.area_id
        LEFT JOIN spoken AS own ON own.area_id = a.area_id
        WHERE s.area_id IS NOT NULL OR own.area_id IS NOT NULL
        ORDER BY a.area_id
        """
    ).fetchall()
    problems = []
    for area_id, name, level, parent_id, parent, parent_level, number, line in rows:
        known = standard.level_by_id.get(level)
        if known is None or known.parent == parent_level:
            continue
        args = {
            "name": name, "level": known.title, "parent": f"{parent} ({parent_id})",
            "parent_level": _title(standard.level_by_id.get(parent_level), parent_level), "expected": _title(standard.level_by_id.get(known.parent or ""), "—"),
        }  # fmt: skip
        file = imports[number]
        problems.append(Problem("areas.parent_moved", args, file=file, line=line if file else None, subject=area_id))
    if problems:
        raise ImportDataError(problems)


def _title(level: Level | None, name: str) -> Title:
    return level.title if level else Title(name, name)
