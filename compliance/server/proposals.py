"""A changed standard that a person hands in: tried and taken over in threads of their own, which outlive a click or a closed tab. No screen in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from compliance.access import User
from compliance.files.reading import Source
from compliance.server.uploading import Work
from compliance.standard import loader
from compliance.standard.definitions import Standard
from compliance.storage import taking_over
from compliance.storage.landing import Progress
from compliance.storage.store import Store
from compliance.storage.taking_over import TakenOver


@dataclass(frozen=True)
class Tried:
    """What a standard would do to the data as they were at that version, in the place of the one in use then."""

    old: Standard
    new: Standard
    outcome: TakenOver
    version: int


@dataclass
class Proposal:
    """What one person proposes: the file looked at last, and the taking over that was confirmed. round: a new one begins with no file; offered: the preview
    that can be confirmed."""

    round: int = 0
    trying: Work[Tried] | None = None
    taking: Work[TakenOver] | None = None
    offered: Tried | None = None
    _key: tuple[object, ...] = field(default=())

    def attempt(self, store: Store, user: User, source: Source, file: Path) -> Work[Tried]:
        """What the file would do, worked out anew when it, or the data, are not those of before."""
        key = (store.data_version, user, source.name, source.sha256)
        if self.trying is None or key != self._key:
            self.trying, self._key = Work(lambda tell: _attempt(store, user, source, file, tell), "trial of a standard"), key
        return self.trying

    def confirm(self, store: Store, user: User, file: Path, why: str) -> None:
        """Begin to take over what was offered, unless that is under way: a button can be pressed twice."""
        if self.taking is None and (tried := self.offered) is not None:
            self.taking = Work(lambda tell: _take(store, user, tried, file, why, tell), "taking a standard over")

    def clear(self) -> None:
        self.round, self.trying, self.taking, self.offered = self.round + 1, None, None, None

    def again(self) -> None:
        """Back to the preview of the same file."""
        self.taking = None


def _attempt(store: Store, user: User, source: Source, file: Path, tell: Progress) -> Tried:
    old, version = store.standard, store.data_version
    new = loader.read(bytes(source.content), source.name)
    outcome = taking_over.take_over(store, new, file, user=user, dry_run=True, tell=lambda share: tell(share, source.name))
    return Tried(old, new, outcome, version)


def _take(store: Store, user: User, tried: Tried, file: Path, why: str, tell: Progress) -> TakenOver:
    return taking_over.take_over(
        store, tried.new, file, user=user, why=why, seen_version=tried.version, tell=lambda share: tell(share, file.name)
    )  # fmt: skip
