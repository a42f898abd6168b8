"""Taking imports back and making them count again, inside the store's transaction: what stands in the way, and what is derived again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection

from compliance.access import AccessDenied, User, require
from compliance.engine import deriving, wholes
from compliance.engine.flipping import Watch
from compliance.engine.schema import ACTIVE, IS_ACTIVE, reported_table
from compliance.errors import ImportDataError, Problem
from compliance.standard.definitions import Standard
from compliance.storage import bounds, parents


@dataclass(frozen=True)
class Chosen:
    """An import to be taken back or made to count again."""

    id: int
    kind: str
    level: str
    file_name: str
    sha256: str
    entered: bool
    who: str
    revoked_by: str


def active(cursor: DuckDBPyConnection, import_id: int) -> Chosen:
    """Raises ImportDataError when there is no such import, or when it was undone already."""
    chosen, status = _chosen(cursor, import_id)
    if status != "active":
        raise ImportDataError([Problem("undo.already", {"id": import_id})])
    return chosen


def revoked(cursor: DuckDBPyConnection, import_id: int) -> Chosen:
    """Raises ImportDataError when there is no such import, or when it counts already."""
    chosen, status = _chosen(cursor, import_id)
    if status == "active":
        raise ImportDataError([Problem("redo.already", {"id": import_id})])
    return chosen


def _chosen(cursor: DuckDBPyConnection, import_id: int) -> tuple[Chosen, str]:
    rows = cursor.execute(
        """
        SELECT kind, coalesce(level, ''), file_name, sha256, coalesce(entered, false), coalesce(who, ''), coalesce(revoked_by, ''), status
        FROM imports
        WHERE id = ?
        """,
        [import_id],
    ).fetchall()
    if not rows:
        raise ImportDataError([Problem("undo.unknown", {"id": import_id})])
    return Chosen(import_id, *rows[0][:-1]), rows[0][-1]


def allow_undo(cursor: DuckDBPyConnection, user: User, chosen: Chosen) -> None:
    """An editor may undo what is his own, an admin anything; whoever is bound to areas, nothing that reaches beyond them. Raises AccessDenied."""
    require(user, "undo_own" if user.is_called(chosen.who) else "undo_any")
    refuse_beyond(cursor, user, chosen)


def allow_redo(cursor: DuckDBPyConnection, user: User, chosen: Chosen) -> None:
    """An editor may redo what he brought in and took back himself, an admin anything, each within his areas. Raises AccessDenied."""
    require(user, "redo")
    if not (user.is_called(chosen.who) and user.is_called(chosen.revoked_by)):
        require(user, "undo_any")
    refuse_beyond(cursor, user, chosen)


def forbidden(cursor: DuckDBPyConnection, user: User, import_id: int) -> tuple[Problem, ...]:
    """Why this user may not take the import back or, when it was taken back, make it count again; nothing when he may. Reads only."""
    chosen, status = _chosen(cursor, import_id)
    try:
        (allow_undo if status == "active" else allow_redo)(cursor, user, chosen)
    except AccessDenied as error:
        return error.problems
    return ()


def refuse_beyond(cursor: DuckDBPyConnection, user: User, chosen: Chosen) -> None:
    """Raises AccessDenied, naming each area, when the import reaches beyond those that the user is bound to."""
    table = reported_table(chosen.level) if chosen.kind == "metrics" else "reported_exemptions"

    def named() -> list[tuple[str, int | None]]:
        return cursor.execute(f"SELECT DISTINCT area_id, NULL FROM {table} WHERE import_id = ? ORDER BY area_id", [chosen.id]).fetchall()

    bounds.require_areas(cursor, user, chosen.kind, named)


def revoke(cursor: DuckDBPyConnection, standard: Standard, chosen: Chosen, at: datetime, who: str, why: str, watch: Watch | None = None) -> None:
    """Raises ImportDataError when other imports report on areas that only this one names, an area would be left below a parent of a wrong level, or a part would
    exceed its whole."""
    mark_revoked(cursor, chosen.id, at, who, why)
    if chosen.kind == "areas":
        _refuse_orphans(cursor, standard, chosen.id)
    deriving.derive_again(cursor, standard, chosen.kind, chosen.level, chosen.id, watch)
    if chosen.kind == "areas":
        parents.refuse_misplaced(cursor, standard, {chosen.id: None})
    if chosen.kind == "metrics" and chosen.level in standard.level_by_id:
        wholes.refuse_parts_above_wholes_without(cursor, standard, chosen.level, chosen.id)


def mark_revoked(cursor: DuckDBPyConnection, import_id: int, at: datetime, who: str, why: str) -> None:
    cursor.execute("UPDATE imports SET status = 'revoked', revoked_at = ?, revoked_by = ?, revoked_why = ? WHERE id = ?", [at, who, why, import_id])


def mark_restored(cursor: DuckDBPyConnection, import_id: int) -> None:
    """Who had undone it, and why, stays in the ledger."""
    cursor.execute(f"UPDATE imports SET {IS_ACTIVE}, revoked_at = NULL, revoked_by = NULL, revoked_why = NULL WHERE id = ?", [import_id])


def restore(cursor: DuckDBPyConnection, standard: Standard, chosen: Chosen, watch: Watch | None = None) -> None:
    """Raises ImportDataError when the same file counts already under another number, its areas are gone or an area would be left below a parent
    of a wrong level, or a part would exceed its whole."""
    if not chosen.entered:
        refuse_repeated(cursor, chosen.sha256, chosen.file_name)
    mark_restored(cursor, chosen.id)
    deriving.derive_again(cursor, standard, chosen.kind, chosen.level, chosen.id, watch)
    _refuse_strangers(cursor, chosen)
    if chosen.kind == "areas":
        parents.refuse_misplaced(cursor, standard, {chosen.id: None})
    if chosen.kind == "metrics" and chosen.level in standard.level_by_id:
        columns = {metric.id: metric.id for metric in standard.metrics_of(chosen.level)}
        wholes.refuse_parts_above_wholes(cursor, standard, [wholes.Report(chosen.id, chosen.level, columns, chosen.file_name)])


def refuse_repeated(cursor: DuckDBPyConnection, sha256: str, file_name: str) -> None:
    """Raises ImportDataError when a file with this content counts already."""
    row = cursor.execute(f"SELECT id, file_name, imported_at FROM imports WHERE sha256 = ? AND {IS_ACTIVE}", [sha256]).fetchone()
    if row is None:
        return
    number, name, when = row
    if when is None:  # it is being imported with this one
        raise ImportDataError([Problem("import.twice", {"name": name}, file=file_name)])
    raise ImportDataError([Problem("import.repeated", {"id": number, "name": name, "when": f"{when:%Y-%m-%d %H:%M}"}, file=file_name)])


def _refuse_strangers(cursor: DuckDBPyConnection, chosen: Chosen) -> None:
    """While it did not count, the areas that it speaks of may have been taken back."""
    match chosen.kind:
        case "parameters":
            return
        case "areas":
            named = "SELECT parent_id AS area_id FROM reported_areas WHERE import_id = ? AND parent_id IS NOT NULL"
        case "metrics":
            named = f"SELECT area_id FROM {reported_table(chosen.level)} WHERE import_id = ?"
        case _:
            named = "SELECT area_id FROM reported_exemptions WHERE import_id = ?"
    rows = cursor.execute(f"SELECT DISTINCT area_id FROM ({named}) WHERE area_id NOT IN (SELECT area_id FROM areas) ORDER BY area_id", [chosen.id]).fetchall()
    if rows:
        raise ImportDataError([Problem("redo.areas_missing", {"id": chosen.id, "areas": ", ".join(row[0] for row in rows)})])


def _refuse_orphans(cursor: DuckDBPyConnection, standard: Standard, import_id: int) -> None:
    """An import of areas stays while others report on areas that only it names."""
    used = " UNION ".join(f"SELECT area_id, import_id FROM {reported_table(level.id)}" for level in standard.levels)
    rows = cursor.execute(
        f"""
        SELECT DISTINCT u.import_id
        FROM ({used} UNION SELECT area_id, import_id FROM reported_exemptions UNION SELECT parent_id, import_id FROM reported_areas) AS u
        WHERE u.area_id IN (SELECT area_id FROM reported_areas WHERE import_id = ?)
            AND u.{ACTIVE}
            AND u.area_id NOT IN (SELECT area_id FROM reported_areas WHERE {ACTIVE})
        ORDER BY u.import_id
        """,
        [import_id],
    ).fetchall()
    if rows:
        raise ImportDataError([Problem("undo.areas_in_use", {"id": import_id, "imports": ", ".join(str(row[0]) for row in rows)})])
