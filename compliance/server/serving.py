"""What one server process holds: the one open store, and the load of the sample data into an empty one. No screen in here."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection

from compliance.server import sample
from compliance.server.sample import Loading
from compliance.server.shelf import Shelf
from compliance.settings import database_path, indicators_path
from compliance.standard import loader
from compliance.standard.definitions import Standard
from compliance.storage.past import Past
from compliance.storage.store import Store


@dataclass(frozen=True)
class Settings:
    """Where the database and the definitions are, and whether an empty database is to be filled with the sample."""

    database: Path
    indicators: Path
    with_sample: bool

    @classmethod
    def from_environment(cls) -> Settings:
        return cls(database_path(), indicators_path(), os.environ.get("COMPLIANCE_SAMPLE", "").lower() != "no")


T = TypeVar("T")


class Overtaken(Exception):
    """Ask again, of the store that is open now."""


@dataclass(frozen=True)
class Opened:
    """A store in use. serial tells it from one that was open before under the same path.

    then, day: what a reader looks at instead of the present, with the standard of that day; only for reading.
    """

    store: Store
    standard: Standard
    serial: int
    loading: Loading | None
    then: Past | None = None
    day: date | None = None

    def cursor(self) -> DuckDBPyConnection:
        return self.store.cursor() if self.then is None else self.then.cursor()

    def answer(self, question: Callable[..., T], *args: object, **named: object) -> T:
        """What question(cursor, …) says of one moment, whatever is imported while it asks; raises Overtaken when another standard was taken over meanwhile,
        so that the question fits the tables no longer."""
        if self.is_overtaken():
            raise Overtaken
        try:
            with self.cursor() as cursor:
                cursor.execute("BEGIN TRANSACTION READ ONLY")  # ends with its cursor
                return question(cursor, *args, **named)
        except (duckdb.Error, LookupError) as error:
            if self.is_overtaken(wait=True):
                raise Overtaken from error
            raise

    def is_overtaken(self, *, wait: bool = False) -> bool:
        """Whether another standard has taken this one's place, or the store was closed: what is asked now may fit no longer. wait: until a write that is under
        way has ended. The past is never overtaken."""
        if self.then is not None:
            return False
        with self.store.write_lock if wait else nullcontext():
            return self.store.is_closed or self.store.standard is not self.standard

    @property
    def version(self) -> tuple[object, ...]:
        """Answers are the same as long as this is."""
        return (self.serial, self.store.data_version) if self.then is None else (self.serial, str(self.then.path))


class Office:
    """Keeps one store open and reopens it when the definitions change: two stores of one file cannot be open at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[Path, str] | None = None
        self._opened: Opened | None = None
        self._serial = 0
        self.shelf = Shelf()

    def open(self, settings: Settings) -> Opened:
        """The store for these settings; raises DefinitionError or StoreError."""
        with self._lock:
            key = (settings.database.absolute(), _fingerprint(settings.indicators))
            if self._opened is not None and (self._key != key or self._opened.is_overtaken()):
                # A taking over that is under way ends first: it may put the old file back.
                with self._opened.store.write_lock:
                    key = (key[0], _fingerprint(settings.indicators))
                    self._follow_store(key)
            if self._opened is None or self._key != key or self._opened.is_overtaken():
                standard = loader.load(settings.indicators)
                self.close()
                if _fingerprint(settings.indicators) != key[1]:
                    # Closing waits for a write under way: a taking over that fails puts the old file back.
                    key = (key[0], _fingerprint(settings.indicators))
                    standard = loader.load(settings.indicators)
                self._opened, self._key = self._open(settings, standard), key
            return self._opened

    def close(self) -> None:
        self.shelf.close()
        if self._opened is not None:
            if self._opened.loading is not None:
                self._opened.loading.wait()
            self._opened.store.close()
        self._opened = self._key = None

    def _follow_store(self, key: tuple[Path, str]) -> None:
        """When the store itself took this version over (taking_over.py) it stays open; answers given under the old one are not to be kept."""
        was = self._opened
        if was is not None and self._key is not None and key == (self._key[0], _sha256(was.store.standard.source)):
            self._serial += 1
            self._opened, self._key = Opened(was.store, was.store.standard, self._serial, was.loading), key

    def _open(self, settings: Settings, standard: Standard) -> Opened:
        store = Store(settings.database, standard)
        self._serial += 1
        loading = Loading(store) if settings.with_sample and sample.is_wanted(store) else None
        return Opened(store, standard, self._serial, loading)


def _fingerprint(path: Path) -> str:
    """Tells one version of the definitions from another; "" for a file that the loader will refuse, saying why."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _sha256(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
