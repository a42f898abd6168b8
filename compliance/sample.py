"""The fictional sample district: which files it is made of, and its import through the ordinary importer (no screen in here)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from compliance import importer, queries
from compliance.errors import ComplianceError, Problem
from compliance.reading import Source
from compliance.store import Store

STANDARD = "six-type-community"
WHO = "sample data"
FOLDER = Path(__file__).parents[1] / "data" / "sample"


@dataclass(frozen=True)
class Progress:
    """`done` files of `total` are in; `file_name` is being read."""

    done: int
    total: int
    file_name: str


def files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Areas first, since the rest speaks of them; then the metrics in the order of their periods."""
    metrics = sorted(folder.glob("metrics_*.csv"), key=lambda path: (path.stem.rpartition("_")[2], path.name))
    return (folder / "areas.csv", folder / "parameters.csv", folder / "exemptions.csv", *metrics)


def missing_files(store: Store) -> tuple[Path, ...]:
    """What is left to load: everything into an empty database, the rest after a load that a crash cut short, nothing where anyone else was at work."""
    if store.standard.id != STANDARD or not FOLDER.exists():
        return ()
    imports = queries.imports(store.cursor())
    if not ((imports["who"] == WHO) & (imports["status"] == "active")).all():
        return ()
    there = set(imports["file_name"])
    return tuple(path for path in files() if path.name not in there)


def load(store: Store, progress: Callable[[Progress], None], paths: tuple[Path, ...] | None = None) -> None:
    """Import the files one by one; raises ImportDataError or StoreError."""
    paths = files() if paths is None else paths
    for done, path in enumerate(paths):
        progress(Progress(done, len(paths), path.name))
        importer.import_source(store, Source.from_path(path), who=WHO)


class Loading:
    """A load in a thread of its own: it outlives the browser tab that caused it. One a store; its readers only look on."""

    def __init__(self, store: Store, paths: tuple[Path, ...]) -> None:
        self.progress = Progress(0, len(paths), paths[0].name)
        # Until the load has ended well, its failure is what there is to tell.
        self.problems: tuple[Problem, ...] = (Problem("sample.stopped"),)
        self._thread = threading.Thread(target=self._run, args=(store, paths), name="sample data", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float | None = None) -> None:
        self._thread.join(seconds)

    def _run(self, store: Store, paths: tuple[Path, ...]) -> None:
        try:
            load(store, self._note, paths)
            self.problems = ()
        except ComplianceError as error:
            self.problems = error.problems

    def _note(self, progress: Progress) -> None:
        self.progress = progress
