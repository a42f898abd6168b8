"""As things stood on a day: the database as it was then, replayed from the originals under the definitions of then, read only (ADR 9).

What was replayed once is kept in `<database>.past/` and may be removed at any time (`forget`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from compliance.engine import deriving
from compliance.errors import Problem, StoreError
from compliance.standard import loader
from compliance.standard.definitions import Standard
from compliance.storage import recovery
from compliance.storage.connecting import connect_to_read
from compliance.storage.ledger import Archive, Entry
from compliance.storage.recovery import Tell

# Each is a whole database.
MOST_KEPT = 20


@dataclass(frozen=True)
class Past:
    """A database as it was at a moment. version: of the definitions in use then; events: how many the history had; newest: time of the last of them."""

    standard: Standard
    version: int
    events: int
    newest: datetime
    path: Path
    _connection: DuckDBPyConnection

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one's own, as of a store; nothing can be written through it."""
        return self._connection.cursor()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Past:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_of(database: Path, when: datetime, tell: Tell = lambda _share: None) -> Past:
    """The database as it was at a moment of the server's clock; slow the first time (tell: share done), then at once.

    May be asked while a store has the database open. Raises StoreError when nothing had been done by then, or originals are missing; DefinitionError
    when this program cannot read the definitions of then any more.
    """
    archive = Archive.beside(database.resolve())
    entries = _until(archive.entries(), when)
    versions = [entry for entry in entries if entry.facts["event"] == "definitions"]
    if not versions:
        raise StoreError([Problem("past.nothing", {"when": f"{when:%Y-%m-%d %H:%M}"})])
    standard = loader.parse(archive.original(str(versions[-1].original)).decode())
    # A program that derives otherwise must not show what an older one has kept.
    name = f"{entries[-1].hash[:24]}-{deriving.fingerprint(standard)[:8]}.duckdb"
    path = folder_of(database) / name
    if not path.exists():
        _replay(path, standard, archive, entries, tell)
    version = int(str(versions[-1].facts["version"]))
    return Past(standard, version, len(entries), datetime.fromisoformat(str(entries[-1].facts["at"])), path, connect_to_read(path))


def folder_of(database: Path) -> Path:
    path = database.resolve()
    return path.with_name(path.name + ".past")


def forget(database: Path) -> None:
    """Remove what was kept; it is made again when it is asked for."""
    shutil.rmtree(folder_of(database), ignore_errors=True)


def _until(entries: Sequence[Entry], when: datetime) -> list[Entry]:
    """What had happened by then: up to the last event of that time, since a clock may have been set back."""
    ends = [number for number, entry in enumerate(entries, start=1) if datetime.fromisoformat(str(entry.facts["at"])) <= when]
    return list(entries[: ends[-1]]) if ends else []


def _replay(path: Path, standard: Standard, archive: Archive, entries: list[Entry], tell: Tell) -> None:
    path.parent.mkdir(exist_ok=True)
    # Two readers may ask for the same day at once: each makes its own, and the last one stays.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        recovery.replay_all(made, standard, archive, entries, tell)
        made.rename(path)
    kept = sorted(path.parent.glob("*.duckdb"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in kept[MOST_KEPT:]:
        # Whoever has it open reads on; it is made again when it is asked for.
        each.unlink(missing_ok=True)
