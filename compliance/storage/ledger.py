"""The history that survives the database: original files and a hash-chained list of what was done, beside the database file.

`<name>.originals/<sha256>` holds the bytes of every import and of every version of the definitions, `<name>.originals/ledger.jsonl` one line an
event. A lost or cut WAL is silent (REALITY §1.4), so the store compares its own copy of the chain with this one at every start.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from compliance.errors import Problem, StoreError
from compliance.storage.swapping import flush_folder

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One event. `facts` say what happened (event, import_id, sha256, file, who, at …)."""

    seq: int
    facts: Mapping[str, object]
    previous: str
    hash: str

    def line(self) -> str:
        return json.dumps({"seq": self.seq, **self.facts, "previous": self.previous, "hash": self.hash}, ensure_ascii=False, sort_keys=True)

    @property
    def original(self) -> str | None:
        """The SHA-256 of the file that the event brought in."""
        sha256 = self.facts.get("sha256")
        return None if sha256 is None else str(sha256)

    @property
    def originals(self) -> tuple[str, ...]:
        """The SHA-256 of every file that the event keeps: what it brought in and, where texts of that were replaced, the file as it was handed in."""
        handed_in = self.facts.get("handed_in")
        before = handed_in["sha256"] if isinstance(handed_in, dict) else None
        return tuple(str(sha256) for sha256 in (self.original, before) if sha256)


def chain(seq: int, facts: Mapping[str, object], previous: str) -> Entry:
    """The next entry of a chain; its hash covers everything before it."""
    body = json.dumps({"seq": seq, **facts, "previous": previous}, ensure_ascii=False, sort_keys=True)
    return Entry(seq, facts, previous, hashlib.sha256(body.encode()).hexdigest())


def parse_line(line: str) -> Entry:
    """Raises ValueError, KeyError or TypeError where it is no entry."""
    fields = dict(json.loads(line))
    seq, previous, own = fields.pop("seq"), fields.pop("previous"), fields.pop("hash")
    return Entry(int(seq), fields, previous, own)


def links(lines: list[str], file: str) -> Iterator[Entry]:
    """The entries of a chain, checked link by link; raises StoreError at the first broken one."""
    previous = GENESIS
    for number, line in enumerate(lines, start=1):
        try:
            entry = parse_line(line)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError([Problem("store.ledger_broken", {"file": file, "line": number})]) from error
        if entry.previous != previous or chain(entry.seq, entry.facts, previous).hash != entry.hash:
            raise StoreError([Problem("store.ledger_broken", {"file": file, "line": number})])
        previous = entry.hash
        yield entry


def originals(entries: Sequence[Entry]) -> list[str]:
    """The SHA-256 of every file that these events keep, each once."""
    return sorted({sha256 for entry in entries for sha256 in entry.originals})


class Archive:
    """The folder of originals. Everything written here is on disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"

    @classmethod
    def beside(cls, database: Path) -> Archive:
        return cls(database.with_name(database.name + ".originals"))

    def keep(self, content: bytes | mmap, sha256: str) -> None:
        """Raises StoreError when the disk is full, or when the file changed while it was being imported."""
        target = self.folder / sha256
        partial = target.with_suffix(".partial")
        try:
            if target.exists() and _file_sha256(target) == sha256:
                return
            if not self.folder.exists():
                self.folder.mkdir(parents=True)
                flush_folder(self.folder.parent)
            partial.write_bytes(content)
            with partial.open("rb") as file:
                _flush(file.fileno())
            # A mapped file shows what another program writes into it meanwhile: what is kept must be what was read.
            if _file_sha256(partial) != sha256:
                partial.unlink()
                raise StoreError([Problem("store.original_changed", {"file": str(partial)})])
            partial.rename(target)
            flush_folder(self.folder)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise StoreError([Problem("store.not_saved", {"detail": f"{self.folder}: {error.strerror}"})]) from error

    def holds(self, sha256: str) -> bool:
        return (self.folder / sha256).exists()

    def original(self, sha256: str) -> bytes:
        """The bytes of an import; raises StoreError when they are gone or not what was imported."""
        target = self.folder / sha256
        try:
            content = target.read_bytes()
        except OSError as error:
            raise StoreError([Problem("store.original_missing", {"file": str(target)})]) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError([Problem("store.original_changed", {"file": str(target)})])
        return content

    def append(self, line: str) -> None:
        """Add an entry's line. When this raises OSError, nobody knows how much of it is on disk: look with `entries` before the next one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            _flush(file.fileno())
        if new:
            flush_folder(self.folder)

    def entries(self) -> list[Entry]:
        """The whole chain; raises StoreError when it was altered."""
        if not self.path.exists():
            return []
        # A crash in the middle of an append leaves a last line without its end: that event is still in the database.
        lines = self.path.read_bytes().split(b"\n")[:-1]
        return list(links([line.decode(errors="replace") for line in lines], str(self.path)))

    def drop_unfinished_line(self) -> None:
        """Cut a half-written last line off, so that the next append starts on a line of its own."""
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            with self.path.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)
                _flush(file.fileno())


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)
