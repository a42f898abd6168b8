"""The fictional sample district: which files it is made of, and its import through the ordinary importer (no screen in here)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from compliance import logs
from compliance.access import User
from compliance.errors import ComplianceError, Problem
from compliance.files.reading import Source
from compliance.questions import queries
from compliance.settings import PROJECT
from compliance.storage import importer
from compliance.storage.store import Store

STANDARD = "six-type-community"
WHO = "sample data"
WRITER = User(WHO, "admin")
FOLDER = PROJECT / "data" / "sample"


@dataclass(frozen=True)
class Progress:
    """How much is done (0 to 1), and the file at work."""

    share: float
    file_name: str


def files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Areas first, since the rest speaks of them; then the metrics in the order of their periods."""
    metrics = sorted(folder.glob("metrics_*.csv"), key=lambda path: (path.stem.rpartition("_")[2], path.name))
    return (folder / "areas.csv", folder / "parameters.csv", folder / "exemptions.csv", *metrics)


def is_wanted(store: Store) -> bool:
    """Whether there is nothing in the store yet and the sample speaks of its standard."""
    with store.cursor() as cursor:
        return store.standard.id == STANDARD and FOLDER.exists() and queries.is_empty(cursor)


def load(store: Store, progress: Callable[[float, str], None]) -> None:
    """Import all files together; raises ImportDataError or StoreError and then leaves nothing behind."""
    importer.import_sources(store, [Source.from_path(path) for path in files()], user=WRITER, progress=progress)


class Loading:
    """A load in a thread of its own: it outlives the browser tab that caused it. One a store; its readers only look on."""

    def __init__(self, store: Store) -> None:
        self.progress = Progress(0, "")
        self.problems: tuple[Problem, ...] = ()
        self._thread = threading.Thread(target=self._run, args=(store,), name="sample data", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self) -> None:
        self._thread.join()

    def _run(self, store: Store) -> None:
        with logs.Watch(work=self._thread.name) as watch:
            try:
                load(store, self._note)
            except ComplianceError as error:
                self.problems = error.problems
                logs.refused(error, work=self._thread.name)
        if watch.number:
            self.problems = (Problem("sample.stopped", {"number": watch.number}),)

    def _note(self, share: float, file_name: str) -> None:
        self.progress = Progress(share, file_name)
