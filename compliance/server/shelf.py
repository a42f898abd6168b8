"""Days of the past that readers look at: each is made once, in a thread of its own, and the latest few stay open. No screen in here."""

from __future__ import annotations

import threading
from datetime import date, datetime, time
from pathlib import Path

from compliance.errors import Problem, StoreError
from compliance.server.uploading import Work
from compliance.storage import past
from compliance.storage.landing import Progress
from compliance.storage.past import Past

MOST_OPEN = 4


class Shelf:
    """Pasts of one server, by day."""

    def __init__(self) -> None:
        self._lock, self._one = threading.Lock(), threading.Lock()
        self._works: dict[tuple[Path, date], Work[Past]] = {}
        self._at_work: tuple[Path, date] | None = None

    def at_end_of(self, database: Path, day: date) -> Work[Past]:
        """The database as that day left it, under way or done. What failed is told once and tried anew when it is asked for again."""
        key = (database.resolve(), day)
        with self._lock:
            work = self._works.pop(key, None) or Work(lambda tell: self._made(database, day, tell), "look at a day")
            if work.is_running or work.result is not None:
                self._works[key] = work
            while len(self._works) > MOST_OPEN:
                # Not closed: somebody may be reading it. It closes with its last reader.
                self._works.pop(self._longest_unasked())
        return work

    def _longest_unasked(self) -> tuple[Path, date]:
        """The day to give up: not the one that is being made, or nobody would ever see any."""
        return next(key for key in self._works if key != self._at_work)

    def close(self) -> None:
        """What is still under way closes with its thread: nobody is made to wait for it."""
        with self._lock:
            for work in self._works.values():
                if work.result is not None:
                    work.result.close()
            self._works.clear()

    def _made(self, database: Path, day: date, tell: Progress) -> Past:
        # One at a time: a replay takes as much of the server as many readers do.
        with self._one:
            with self._lock:
                # Days that were given up while they waited are not made for nobody: who leafs through a year would keep the server busy for hours.
                if (key := (database.resolve(), day)) not in self._works:
                    raise StoreError([Problem("past.given_up")])
                self._at_work = key
            try:
                return past.as_of(database, datetime.combine(day, time.max), lambda share: tell(share, ""))
            finally:
                self._at_work = None
