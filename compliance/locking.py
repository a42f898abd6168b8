"""One process owns a database file: an flock on a separate lock file.

DuckDB's own lock vanishes as soon as the process opens and closes the file with ordinary I/O (REALITY §1.1); flock does not.
"""

from __future__ import annotations

import fcntl
import os
import sys
from datetime import datetime
from pathlib import Path

from compliance.errors import Problem, StoreError


class FileLock:
    """Held from construction to release(), or to the end of the process."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._descriptor, 500).decode(errors="replace").strip() or "?"
            os.close(self._descriptor)
            raise StoreError([Problem("store.locked", {"database": str(database), "holder": holder})]) from error
        os.ftruncate(self._descriptor, 0)
        command = " ".join(sys.argv)[:200] or "python"
        os.pwrite(self._descriptor, f"pid {os.getpid()} · {command} · {datetime.now():%Y-%m-%d %H:%M}\n".encode(), 0)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1
