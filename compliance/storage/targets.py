"""Where something may be written that is taken away: never over the database and what stands beside it, nor over the standard or the access list."""

from __future__ import annotations

import re
from pathlib import Path

from compliance.errors import Problem, StoreError

# What belongs to a database: its name with one of these ends.
OURS = re.compile(r"(\.new)?(\.(wal|lock|moves|originals|copying|restoring|past))?(\.partial)?|.*\.aside(\.wal|\.originals)?|\.backup-v.*")


def refuse(target: Path, database: Path, *others: Path) -> None:
    """Raises StoreError when the file is the database, stands for or in something that belongs to it, or is one of the others."""
    goal, kept = target.resolve(), database.resolve()
    in_the_way = any(_belongs(path, kept) for path in (goal, *goal.parents)) or any(_are_same(goal, other.resolve()) for other in (kept, *others))
    if in_the_way:
        raise StoreError([Problem("store.would_be_overwritten", {"file": str(target)})])


def _belongs(path: Path, database: Path) -> bool:
    return path.parent == database.parent and path.name.startswith(database.name) and OURS.fullmatch(path.name.removeprefix(database.name)) is not None


def _are_same(path: Path, other: Path) -> bool:
    """Also under two names: a hard link, or letters that the file system does not tell apart."""
    return path == other or (path.exists() and other.exists() and path.samefile(other))
