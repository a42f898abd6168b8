"""What taking an import back means, inside the store's transaction: who may, what stands in its way, and what is derived again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection

from compliance import deriving
from compliance.access import AccessDenied, User, require_unbound
from compliance.definitions import Standard
from compliance.errors import ImportDataError, Problem
from compliance.schema import reported_table


@dataclass(frozen=True)
class Chosen:
    """An import to be taken back, and who brought it in."""

    id: int
    kind: str
    level: str
    who: str


def active(cursor: DuckDBPyConnection, import_id: int) -> Chosen:
    """Raises ImportDataError when there is no such import, or when it was undone already."""
    row = cursor.execute("SELECT kind, level, status, who FROM imports WHERE id = ?", [import_id]).fetchone()
    if row is None:
        raise ImportDataError([Problem("undo.unknown", {"id": import_id})])
    if row[2] != "active":
        raise ImportDataError([Problem("undo.already", {"id": import_id})])
    return Chosen(import_id, row[0], row[1] or "", row[3])


def refuse_beyond(cursor: DuckDBPyConnection, user: User, chosen: Chosen) -> None:
    """Raises AccessDenied, naming each area, when the import reaches beyond those that the user is bound to."""
    if user.areas is None:
        return
    if chosen.kind not in ("metrics", "exemptions"):
        require_unbound(user, chosen.kind)
    table = reported_table(chosen.level) if chosen.kind == "metrics" else "reported_exemptions"
    rows = cursor.execute(
        f"""
        SELECT DISTINCT r.area_id, coalesce(a.name, '')
        FROM {table} AS r
        LEFT JOIN areas AS a ON a.area_id = r.area_id
        WHERE r.import_id = ?
        ORDER BY ALL
        """,
        [chosen.id],
    ).fetchall()
    own = areas_of(cursor, user.areas)
    problems = [Problem("access.other_area", {"who": user.name, "area": name}, subject=area_id) for area_id, name in rows if area_id not in own]
    if problems:
        raise AccessDenied(problems)


def revoke(cursor: DuckDBPyConnection, standard: Standard, chosen: Chosen, at: datetime, who: str, why: str) -> None:
    cursor.execute("UPDATE imports SET status = 'revoked', revoked_at = ?, revoked_by = ?, revoked_why = ? WHERE id = ?", [at, who, why, chosen.id])
    if chosen.kind == "areas":
        _refuse_orphans(cursor, standard, chosen.id)
    deriving.derive_again(cursor, standard, chosen.kind, chosen.level, chosen.id)


def _refuse_orphans(cursor: DuckDBPyConnection, standard: Standard, import_id: int) -> None:
    """An import of areas stays while others report on areas that only it names."""
    used = " UNION ".join(f"SELECT area_id, import_id FROM {reported_table(level.id)}" for level in standard.levels)
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


def areas_of(cursor: DuckDBPyConnection, tops: Collection[str]) -> frozenset[str]:
    """These areas and all below them, as the areas stand now."""
    found = frozenset(tops)
    parents = cursor.execute("SELECT area_id, parent_id FROM areas WHERE parent_id IS NOT NULL").fetchall()
    while True:
        more = found.union(area_id for area_id, parent_id in parents if parent_id in found)
        if more == found:
            return found
        found = more
