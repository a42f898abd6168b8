"""What a person is about to do: tried first, then done, each in a thread of its own that outlives a click (REALITY §1.2). No screen in here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

from compliance.access import User
from compliance.server.uploading import Work
from compliance.storage.store import Store

T = TypeVar("T")
Act = Callable[[Store, User, bool, int], T]
_NUMBERS = count(1)


class Deed(Generic[T]):
    """act(store, user, dry_run, seen_version) tells what turns; the second time it is done, unless the data have moved since the first. why: the reason given.

    Store and user are told at each step: between the preview and its confirmation another store may be open, and the person may have lost the role.
    """

    def __init__(self, store: Store, user: User, act: Act[T], why: str) -> None:
        self.doing: Work[T] | None = None
        # No other deed bears it: what was ticked for one is not ticked for the next.
        self.number = next(_NUMBERS)
        self.why, self._act = why, act
        self._version = version = store.data_version
        self.trying = Work(lambda _tell: act(store, user, True, version), "a change, tried")

    def carry_out(self, store: Store, user: User) -> None:
        """Begin, unless it is under way: a button can be pressed twice."""
        if self.doing is None:
            self.doing = Work(lambda _tell: self._act(store, user, False, self._version), "a change")

    def again(self, store: Store, user: User) -> Deed[T]:
        """The same against the data as they are now."""
        return Deed(store, user, self._act, self.why)
