"""A backup a day into a folder, by the running server itself: it holds the database, so nobody else can. No screen in here."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from compliance import logs
from compliance.access import User
from compliance.errors import ComplianceError, Problem, StoreError
from compliance.server.serving import Opened
from compliance.storage import backup
from compliance.storage.store import Store

EVERY = timedelta(hours=24)
FIRST_LOOK, LOOK_AGAIN = 60.0, 600.0
WHO = User("daily backup", "admin")


@dataclass(frozen=True)
class Keeping:
    """Where backups go, and how many stay."""

    folder: Path
    keep: int

    @classmethod
    def from_environment(cls) -> Keeping | None:
        """COMPLIANCE_BACKUP_DIR and COMPLIANCE_BACKUP_KEEP (14); None when no folder is named. Raises StoreError where the second is no number."""
        folder, keep = os.environ.get("COMPLIANCE_BACKUP_DIR"), os.environ.get("COMPLIANCE_BACKUP_KEEP") or "14"
        if not folder:
            return None
        if not re.fullmatch(r"-?[0-9]{1,9}", keep):
            raise StoreError([Problem("backup.keep_no_number", {"said": keep})])
        return cls(Path(folder), max(1, int(keep)))


@dataclass(frozen=True)
class Backup:
    """A backup in the folder. size: bytes; at: when it was made, by its name."""

    path: Path
    at: datetime
    size: int


@dataclass(frozen=True)
class Failure:
    """The last look came to nothing."""

    at: datetime
    problems: tuple[Problem, ...]


def made(folder: Path, database: Path) -> list[Backup]:
    """The backups of a database in a folder, the newest first. Files of any other name are none, nor are those of another database of that name."""
    pattern = re.compile(rf"backup-{re.escape(database.stem)}-([0-9]{{8}}-[0-9]{{6}})\.zip")
    try:
        found = [(path, name[1]) for path in folder.iterdir() if (name := pattern.fullmatch(path.name))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(filter(None, (_backup(path, at, database) for path, at in found)), key=lambda each: each.path.name, reverse=True)


def _backup(path: Path, at: str, database: Path) -> Backup | None:
    """None: no such day, no zip, another database's, or deleted meanwhile."""
    try:
        of = backup.source_of(path)
        return Backup(path, datetime.strptime(at, "%Y%m%d-%H%M%S"), path.stat().st_size) if of in ("", str(database)) else None
    except (ValueError, FileNotFoundError):
        return None


def keep_one(store: Store, keeping: Keeping, at: datetime) -> Path | None:
    """Make a backup when the newest is a day old, and drop those beyond what is to be kept; the new one's path. Raises StoreError."""
    # One from the future, since a clock was put back, must not stop all others.
    ages = [at - each.at for each in made(keeping.folder, store.path)]
    if any(timedelta(0) <= age < EVERY for age in ages):
        return None
    target = keeping.folder / backup.file_name(store.path, at)
    backup.make(store, target, WHO)
    for old in made(keeping.folder, store.path)[keeping.keep :]:
        old.path.unlink(missing_ok=True)
    return target


class Keeper:
    """Looks every ten minutes whether a backup is due, until it is stopped. Whatever goes wrong is logged, told on the page of the system, and tried again."""

    failure: ClassVar[Failure | None] = None  # of this process, which has one keeper

    def __init__(self, keeping: Keeping, opening: Callable[[], Opened], *, first_look: float = FIRST_LOOK) -> None:
        self._keeping, self._opening = keeping, opening
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(first_look,), name="daily backup", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        Keeper.failure = None

    def _run(self, wait: float) -> None:
        while not self._stopped.wait(wait):
            wait = LOOK_AGAIN
            problems: tuple[Problem, ...] = ()
            with logs.Watch(work="daily backup", folder=str(self._keeping.folder)) as watch:
                try:
                    keep_one(self._opening().store, self._keeping, datetime.now())
                except (ComplianceError, OSError) as error:
                    logs.warn("no backup could be made", folder=str(self._keeping.folder), why=str(error))
                    reason = error.strerror if isinstance(error, OSError) else None
                    problems = error.problems if isinstance(error, ComplianceError) else (_not_made(self._keeping.folder, reason or str(error)),)
            if watch.number:
                problems = (_not_made(self._keeping.folder, watch.number),)
            Keeper.failure = Failure(datetime.now(), problems) if problems else None


def _not_made(folder: Path, detail: str) -> Problem:
    return Problem("backup.not_made", {"file": str(folder), "detail": detail})
