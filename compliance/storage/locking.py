"""One process owns a database file: an flock on a separate lock file.

DuckDB's own lock vanishes as soon as the process opens and closes the file with ordinary I/O (REALITY §1.1); flock does not.
"""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from compliance.errors import Problem, StoreError


class FileLock:
    """Held from construction to release(), or to the end of the process."""

    def __init__(self, database: Path) -> None:
        """Makes the folder where it is missing; raises StoreError when the lock is held or may not be taken."""
        self.path = database.with_name(database.name + ".lock")
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError([Problem("store.read_only", {"file": str(self.path), "reason": error.strerror})]) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._descriptor, 500).decode(errors="replace").strip() or "?"
            os.close(self._descriptor)
            raise StoreError([Problem("store.locked", {"database": str(database), "holder": holder})]) from error
        # Who holds it is a courtesy to others; a full disk must not keep anyone from reading.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            command = " ".join(sys.argv)[:200] or "python"
            os.pwrite(self._descriptor, f"pid {os.getpid()} · {command} · {datetime.now():%Y-%m-%d %H:%M}\n".encode(errors="replace"), 0)

    def release(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1
