"""A changed standard takes the place of the one in use: what it would turn, then the database and indicators.yaml together, or neither (ADR 9)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from compliance.access import User, require
from compliance.engine.flipping import Flipped, Flips, Watch
from compliance.errors import DefinitionError, Problem, StoreError
from compliance.standard import changes
from compliance.standard.changes import Change
from compliance.standard.definitions import Standard
from compliance.storage import versions
from compliance.storage.store import Store

Tell = Callable[[float], None]


@dataclass(frozen=True)
class TakenOver:
    """What differs and which statuses turn, over all periods and the indicators that both versions have. version None: only tried.

    by_indicator: code → what its statuses become; by_area: area → the same; flipped: the first thousand, worst first.
    """

    version: int | None
    changes: tuple[Change, ...]
    flips: Flips
    by_indicator: Mapping[str, Flips]
    by_area: Mapping[str, Flips]
    flipped: tuple[Flipped, ...]


def take_over(
    store: Store, standard: Standard, file: Path, *, user: User, why: str = "", dry_run: bool = False, seen_version: int | None = None, tell: Tell = lambda _share: None
) -> TakenOver:  # fmt: skip
    """Judge everything by a changed standard and write it to `file`, the definitions that the server and the commands read.

    seen_version: the store's data_version that a preview was made of; tell: called with the share done. The version before stays in the history and among
    the originals. Raises AccessDenied; DefinitionError when it is no version of the same standard, does
    not differ, no reason is given, or the data have moved since the preview; StoreError when the file cannot be written. Then nothing has changed, but for one
    StoreError: that everything is saved and only the history beside the database is not yet.
    """
    require(user, "definitions")
    _refuse_unfit(store.standard, standard, "dry run" if dry_run else why)
    old = store.standard
    shared = frozenset(code for code, indicator in standard.indicator_by_code.items() if _level(old, code) == indicator.level)
    watch, version = Watch(standard, shared, by_areas=True), None
    if dry_run:
        with store.writing(dry_run=True) as cursor:
            _judge(cursor, old, standard, watch, tell)
    else:
        # Held until the file is in its place: whoever waits for it finds file, tables and store at one.
        with store.write_lock, _beside(file, store, standard) as replacement, store.writing(adopting=standard) as cursor:
            if seen_version not in (None, store.data_version):
                raise DefinitionError([Problem("takeover.moved")])
            _judge(cursor, old, standard, watch, tell)
            version = store.enter_definitions(cursor, standard, user, why)
            # The last step before the commit: when the commit fails, the old file is put back.
            replacement.take_place()
    return TakenOver(version, changes.between(old, standard), watch.flips, watch.by_indicator, watch.by_area, watch.flipped)


def _level(standard: Standard, code: str) -> str | None:
    indicator = standard.indicator_by_code.get(code)
    return indicator.level if indicator else None


def _refuse_unfit(old: Standard, new: Standard, why: str) -> None:
    problems = versions.unfit(old, new)
    if new.source == old.source:
        problems.append(Problem("takeover.same"))
    if not why.strip():
        problems.append(Problem("entry.reason"))
    if problems:
        raise DefinitionError(problems)


def _judge(cursor: DuckDBPyConnection, old: Standard, new: Standard, watch: Watch, tell: Tell) -> None:
    levels = [level for level in new.judged_levels if level in old.judged_levels]
    for level in levels:
        watch.before(cursor, level, everything=True)
    tell(0.1)
    versions.derive(cursor, new)
    tell(0.8)
    for level in levels:
        watch.after(cursor, level, everything=True)


class _Replacement:
    """The new file beside the old one, and the way back."""

    def __init__(self, file: Path) -> None:
        self.file, self.new, self.old = file, file.with_name(file.name + ".new"), file.with_name(file.name + ".old")
        self._has_taken_place = False

    def take_place(self) -> None:
        try:
            # Kept as a file: on a full disk the way back must need no space.
            _write(self.old, self.file.read_bytes())
            self.new.replace(self.file)
        except OSError as error:
            # A file that is mounted by itself can be written but not replaced.
            raise _read_only(self.file, error) from error
        self._has_taken_place = True

    def take_back(self) -> None:
        if self._has_taken_place:
            self.old.replace(self.file)

    def clear(self) -> None:
        for left in (self.new, self.old):
            with suppress(OSError):
                left.unlink(missing_ok=True)


@contextmanager
def _beside(file: Path, store: Store, standard: Standard) -> Iterator[_Replacement]:
    """Writes the new file beside the old one first: where the installation is read-only, nothing else is tried. The old one comes back unless the store has
    come to go by the new one."""
    replacement = _Replacement(file.resolve())
    try:
        try:
            _write(replacement.new, standard.source.encode())
        except OSError as error:
            raise _read_only(file, error) from error
        yield replacement
    except BaseException:
        if store.standard is not standard:
            replacement.take_back()
        raise
    finally:
        replacement.clear()


def _write(file: Path, content: bytes) -> None:
    """On disk when this returns."""
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _read_only(file: Path, error: OSError) -> StoreError:
    return StoreError([Problem("takeover.read_only", {"file": str(file), "reason": error.strerror})])


def refusal(file: Path) -> Problem | None:
    """Why a changed standard could not be written to this file, as far as one can tell beforehand."""
    folder = file.resolve().parent
    if os.access(folder, os.W_OK) and os.access(file, os.R_OK):
        return None
    return Problem("takeover.read_only", {"file": str(file), "reason": os.strerror(errno.EACCES)})
