"""A backup a day into a folder, by the running server itself: it holds the database, so nobody else can. No screen in here."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from compliance import logs
from compliance.access import User
from compliance.errors import ComplianceError
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
        """COMPLIANCE_BACKUP_DIR and COMPLIANCE_BACKUP_KEEP (14); None when no folder is named."""
        folder = os.environ.get("COMPLIANCE_BACKUP_DIR")
        return cls(Path(folder), max(1, int(os.environ.get("COMPLIANCE_BACKUP_KEEP") or 14))) if folder else None


def made(folder: Path, database: Path) -> list[Path]:
    """The backups of a database in a folder, the newest first; files of any other name are none."""
    pattern = re.compile(rf"backup-{re.escape(database.stem)}-\d{{8}}-\d{{6}}\.zip")
    found = [path for path in folder.glob("*.zip") if pattern.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: path.name, reverse=True)


def made_at(path: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(path.stem[-15:], "%Y%m%d-%H%M%S")


def keep_one(store: Store, keeping: Keeping, at: datetime) -> Path | None:
    """Make a backup when the newest is a day old, and drop those beyond what is to be kept; the new one's path. Raises StoreError."""
    # One from the future, since a clock was put back, must not stop all others.
    ages = [at - made_at(path) for path in made(keeping.folder, store.path)]
    if any(timedelta(0) <= age < EVERY for age in ages):
        return None
    target = keeping.folder / backup.file_name(store.path, at)
    backup.make(store, target, WHO)
    for old in made(keeping.folder, store.path)[keeping.keep :]:
        old.unlink()
    return target


class Keeper:
    """Looks every ten minutes whether a backup is due, until it is stopped."""

    def __init__(self, keeping: Keeping, opening: Callable[[], Opened], *, first_look: float = FIRST_LOOK) -> None:
        self._keeping, self._opening = keeping, opening
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(first_look,), name="daily backup", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self, wait: float) -> None:
        while not self._stopped.wait(wait):
            wait = LOOK_AGAIN
            try:
                keep_one(self._opening().store, self._keeping, datetime.now())
            except (ComplianceError, OSError) as error:
                logs.warn("no backup could be made", folder=str(self._keeping.folder), why=str(error))
