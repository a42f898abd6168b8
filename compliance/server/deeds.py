"""What a person is about to do: tried first, then done, each in a thread of its own that outlives a click (REALITY §1.2). No screen in here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

from compliance.server.uploading import Work
from compliance.storage.store import Store

T = TypeVar("T")
_NUMBERS = count(1)


class Deed(Generic[T]):
    """act(dry_run, seen_version) tells what turns; the second time it is done, unless the data have moved since the first. why: the reason given."""

    def __init__(self, store: Store, act: Callable[[bool, int], T], why: str) -> None:
        self.doing: Work[T] | None = None
        # No other deed bears it: what was ticked for one is not ticked for the next.
        self.number = next(_NUMBERS)
        self.why, self._store, self._act = why, store, act
        self._version = version = store.data_version
        self.trying = Work(lambda _tell: act(True, version), "a change, tried")

    def carry_out(self) -> None:
        """Begin, unless it is under way: a button can be pressed twice."""
        if self.doing is None:
            self.doing = Work(lambda _tell: self._act(False, self._version), "a change")

    def again(self) -> Deed[T]:
        """The same against the data as they are now."""
        return Deed(self._store, self._act, self.why)
