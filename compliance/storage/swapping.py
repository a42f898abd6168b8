"""Files beside the database: where copies of it are made, and how others take its place so that a kill leaves the old state or the new one, never half."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from compliance.errors import Problem, StoreError

Move = tuple[Path, Path]


def copies_folder(database: Path) -> Path:
    """The one folder in which DuckDB may write besides the database itself."""
    return database.with_name(database.name + ".copying")


def staging_of(database: Path) -> Path:
    """The folder in which a backup is unpacked and proved before it takes the place of what is there."""
    return database.with_name(database.name + ".restoring")


def plan_of(database: Path) -> Path:
    return database.with_name(database.name + ".moves")


def change_places(database: Path, moves: Sequence[Move]) -> None:
    """Rename files and folders of one disk in this order. From the moment the plan is on disk, whoever opens the database next would finish it."""
    plan = plan_of(database)
    unfinished = plan.with_name(plan.name + ".partial")
    # A source that is not there now must not be taken for one later, when a move has put something in its place.
    there = [(str(old), str(new)) for old, new in moves if old.exists()]
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(there, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(plan)
    flush_folder(plan.parent)
    finish(database)


def finish(database: Path) -> bool:
    """Do what is left of a plan; tells whether there was one. Raises StoreError when it cannot be done."""
    plan = plan_of(database)
    if not plan.exists():
        return False
    try:
        moves = [(Path(old), Path(new)) for old, new in json.loads(plan.read_text(encoding="utf-8"))]
        for old, new in moves:
            # Done already where the source is gone or the goal is there.
            if old.exists() and not new.exists():
                old.rename(new)
        flush_folder(plan.parent)
        plan.unlink()
        flush_folder(plan.parent)
        # What is left there has served; the restore that made it may have been killed.
        shutil.rmtree(staging_of(database), ignore_errors=True)
    except (OSError, ValueError) as error:
        raise StoreError([Problem("store.moves_unfinished", {"file": str(plan), "detail": str(error)})]) from error
    return True


def flush_folder(folder: Path) -> None:
    """Renames are on disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
