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
    not differ, no reason is given, or the data have moved since the preview; StoreError when the file cannot be written. Then nothing has changed.
    """
    require(user, "definitions")
    _refuse_unfit(store.standard, standard, "dry run" if dry_run else why)
    old = store.standard
    shared = frozenset(code for code, indicator in standard.indicator_by_code.items() if _level(old, code) == indicator.level)
    watch, version = Watch(standard, shared, by_areas=True), None
    if dry_run:
        with store.writing(dry_run=True) as cursor:
            _judge(cursor, store, old, standard, watch, tell)
    else:
        # Held until the store goes by the new standard: whoever waits for it finds file, tables and store at one.
        with store.write_lock:
            with _beside(file, standard) as replacement, store.writing() as cursor:
                if seen_version not in (None, store.data_version):
                    raise DefinitionError([Problem("takeover.moved")])
                _judge(cursor, store, old, standard, watch, tell)
                version = store.enter_definitions(cursor, standard, user, why)
                # The last step before the commit: when the commit fails, the old file is put back.
                replacement.take_place()
            store.standard = standard
    return TakenOver(version, changes.between(old, standard), watch.flips, watch.by_indicator, watch.by_area, watch.flipped)


def _level(standard: Standard, code: str) -> str | None:
    indicator = standard.indicator_by_code.get(code)
    return indicator.level if indicator else None


def _refuse_unfit(old: Standard, new: Standard, why: str) -> None:
    problems = []
    if new.id != old.id:
        problems.append(Problem("takeover.other_standard", {"new": new.id, "old": old.id}))
    if new.frequency != old.frequency:
        # Periods are stored as numbers that mean quarters, months or years.
        problems.append(Problem("takeover.other_period"))
    problems += [Problem("takeover.level_gone", {"level": level.title}) for level in old.levels if level.id not in new.level_by_id]
    if new.source == old.source:
        problems.append(Problem("takeover.same"))
    if not why.strip():
        problems.append(Problem("entry.reason"))
    if problems:
        raise DefinitionError(problems)


def _judge(cursor: DuckDBPyConnection, store: Store, old: Standard, new: Standard, watch: Watch, tell: Tell) -> None:
    levels = [level for level in new.judged_levels if level in old.judged_levels]
    for level in levels:
        watch.before(cursor, level, everything=True)
    tell(0.1)
    store.derive(cursor, new)
    tell(0.8)
    for level in levels:
        watch.after(cursor, level, everything=True)


class _Replacement:
    """The new file beside the old one, and the way back."""

    def __init__(self, file: Path) -> None:
        self.file, self.new = file, file.with_name(file.name + ".new")
        self.before: bytes | None = None

    def take_place(self) -> None:
        before = self.file.read_bytes()
        try:
            self.new.replace(self.file)
        except OSError as error:
            # A file that is mounted by itself can be written but not replaced.
            raise _read_only(self.file, error) from error
        self.before = before

    def take_back(self) -> None:
        if self.before is not None:
            self.file.write_bytes(self.before)


@contextmanager
def _beside(file: Path, standard: Standard) -> Iterator[_Replacement]:
    """Writes the new file beside the old one first: where the installation is read-only, nothing else is tried."""
    replacement = _Replacement(file.resolve())
    try:
        with replacement.new.open("wb") as out:
            out.write(standard.source.encode())
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        with suppress(OSError):
            replacement.new.unlink(missing_ok=True)
        raise _read_only(file, error) from error
    try:
        yield replacement
    except BaseException:
        replacement.take_back()
        raise
    finally:
        replacement.new.unlink(missing_ok=True)


def _read_only(file: Path, error: OSError) -> StoreError:
    return StoreError([Problem("takeover.read_only", {"file": str(file), "reason": error.strerror})])


def refusal(file: Path) -> Problem | None:
    """Why a changed standard could not be written to this file, as far as one can tell beforehand."""
    folder = file.resolve().parent
    if os.access(folder, os.W_OK) and os.access(file, os.R_OK):
        return None
    return Problem("takeover.read_only", {"file": str(file), "reason": os.strerror(errno.EACCES)})
