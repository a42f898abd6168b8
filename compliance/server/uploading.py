"""Files that a person hands in: checked and imported in threads of their own, which outlive a click or a closed tab (REALITY §1.2). No screen in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from duckdb import DuckDBPyConnection

from compliance import logs
from compliance.access import User
from compliance.errors import ComplianceError, Problem
from compliance.files import reading
from compliance.files.reading import Source
from compliance.questions import doubt_queries
from compliance.questions.doubt_queries import Told
from compliance.server.naming import Naming
from compliance.standard.definitions import Standard
from compliance.storage import importer
from compliance.storage.importer import Outcome
from compliance.storage.landing import Landed, Progress
from compliance.storage.store import Store

T = TypeVar("T")

# What one person may have on the table at once: the server keeps it in memory.
MOST_BYTES = 60 * 1024**2
MOST_FILES = 60
DOUBTS_SHOWN = 100
UNKNOWN_COLUMNS = frozenset({"reading.unknown_column", "reading.strange_column", "reading.key_column_here"})


class Work(Generic[T]):
    """Something under way. result is there once it has ended well, problems when it has not."""

    def __init__(self, task: Callable[[Progress], T], name: str) -> None:
        self.share, self.file_name = 0.0, ""
        self.result: T | None = None
        self.problems: tuple[Problem, ...] = ()
        self._thread = threading.Thread(target=self._run, args=(task,), name=name, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended within that time."""
        self._thread.join(seconds)
        return not self.is_running

    def _run(self, task: Callable[[Progress], T]) -> None:
        with logs.Watch(work=self._thread.name) as watch:
            try:
                self.result = task(self._note)
            except ComplianceError as error:
                self.problems = error.problems
                logs.refused(error, work=self._thread.name)
        if watch.number:
            self.problems = (Problem("handing.stopped", {"number": watch.number}),)

    def _note(self, share: float, file_name: str) -> None:
        self.share, self.file_name = share, file_name


@dataclass(frozen=True)
class Checked:
    """What files would do, against the data as they were at that version."""

    outcome: Outcome
    told: tuple[Told, ...]
    version: int


@dataclass
class Desk:
    """What one person is handing in: the files looked at last, and the import that they confirmed. round: a new one begins with no files.

    offered: the preview that can be confirmed, of these files; ignorable: columns that nothing is known of; ignored: those of them that the person leaves
    out; naming: names that are nearly right; is_done: whether a run of the page has met the import's end.
    """

    round: int = 0
    checking: Work[Checked] | None = None
    importing: Work[Outcome] | None = None
    offered: tuple[Sequence[Source], Checked] | None = None
    ignorable: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    naming: Naming = field(default_factory=Naming)
    is_done: bool = False
    _key: tuple[object, ...] = field(default=())

    def check(self, store: Store, user: User, sources: Sequence[Source]) -> Work[Checked]:
        """The check of these files, begun anew when they, or the data, are not those of before."""
        files = tuple((source.name, source.sha256) for source in sources)
        ignored = self.ignored
        key = (store.data_version, user, files, ignored)
        if self.checking is None or key != self._key:
            self.checking, self._key = Work(lambda tell: _check(store, user, sources, ignored, tell), "check of files"), key
        return self.checking

    def offer_to_ignore(self, problems: Sequence[Problem]) -> None:
        """Remembers the columns that the problems say nothing is known of."""
        found = (problem.column for problem in problems if problem.key in UNKNOWN_COLUMNS and problem.column)
        self.ignorable = tuple(dict.fromkeys((*self.ignorable, *found)))

    def confirm(self, store: Store, user: User) -> None:
        """Begin the import of what was offered, unless it is under way: a button can be pressed twice."""
        ignored = self.ignored
        if self.importing is None and self.offered is not None:
            sources, checked = self.offered
            self.importing = Work(lambda tell: _import(store, user, sources, ignored, checked.version, tell), "import of files")

    def clear(self) -> None:
        """Another round: with no files and nothing under way."""
        self.round, self.checking, self.importing, self.offered, self.ignorable, self.ignored = self.round + 1, None, None, None, (), ()
        self.naming, self.is_done = Naming(), False

    def again(self) -> None:
        """Back to the preview of the same files, which was overtaken."""
        self.importing = None


def refused_together(sources: Sequence[Source]) -> tuple[Problem, ...]:
    """Too many files, or too much of them, for one person at once."""
    size = sum(len(source.content) for source in sources)
    if size <= MOST_BYTES and len(sources) <= MOST_FILES:
        return ()
    return (Problem("handing.too_much", {"files": len(sources), "megabytes": f"{size / 1024**2:.0f}", "most": MOST_FILES, "limit": MOST_BYTES // 1024**2}),)


class Doubting:
    """Looks at figures while a dry run's transaction is open (importer.import_sources), and keeps what deserves a second look."""

    def __init__(self, standard: Standard) -> None:
        self.told: list[Told] = []
        self._standard = standard

    def __call__(self, cursor: DuckDBPyConnection, landed: Sequence[Landed]) -> None:
        against = doubt_queries.then(cursor, self._standard, [item.import_id for item in landed], date.today())
        for item in landed:
            if item.read.kind == "metrics":
                level, name = item.read.level or "", item.source.name
                self.told.append(doubt_queries.doubts_of(cursor, self._standard, name, level, item.read.columns, item.import_id, DOUBTS_SHOWN, against))


def _check(store: Store, user: User, sources: Sequence[Source], ignored: Collection[str], tell: Progress) -> Checked:
    version, doubting = store.data_version, Doubting(store.standard)
    outcome = importer.import_sources(
        store, sources, user=user, ignore_columns=ignored, limits=reading.UPLOAD_LIMITS, dry_run=True, progress=tell, seen_version=version, inspect=doubting
    )
    return Checked(outcome, tuple(doubting.told), version)


def _import(store: Store, user: User, sources: Sequence[Source], ignored: Collection[str], version: int, tell: Progress) -> Outcome:
    return importer.import_sources(
        store, sources, user=user, ignore_columns=ignored, limits=reading.UPLOAD_LIMITS, progress=tell, seen_version=version
    )  # fmt: skip
