"""Areas that a person is bound to: these and all below them are what he speaks for, when figures come in and when they are taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from duckdb import DuckDBPyConnection

from compliance.access import AccessDenied, User, require_unbound
from compliance.errors import Problem

# What says something of single areas; anything else concerns them all.
OF_SOME_AREAS = ("metrics", "exemptions")


def require_areas(
    cursor: DuckDBPyConnection, user: User, kind: str, named: Callable[[], Sequence[tuple[str, int | None]]], file: str | None = None
) -> None:  # fmt: skip
    """Raises AccessDenied, naming each area, when an import of this kind says something of others than the user's. named: the ids in it, with their lines."""
    if user.areas is None:
        return
    if kind not in OF_SOME_AREAS:
        require_unbound(user, kind, file)
    own, names = areas_of(cursor, user.areas), dict(cursor.execute("SELECT area_id, name FROM areas").fetchall())
    problems = [
        Problem("access.other_area", {"who": user.name, "area": names.get(area_id, "")}, file=file, line=line, subject=area_id)
        for area_id, line in named()
        if area_id not in own
    ]
    if problems:
        raise AccessDenied(problems)


def areas_of(cursor: DuckDBPyConnection, tops: Collection[str]) -> frozenset[str]:
    """These areas and all below them, as the areas stand now."""
    found = frozenset(tops)
    parents = cursor.execute("SELECT area_id, parent_id FROM areas WHERE parent_id IS NOT NULL").fetchall()
    while True:
        more = found.union(area_id for area_id, parent_id in parents if parent_id in found)
        if more == found:
            return found
        found = more
