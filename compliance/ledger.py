"""The history that survives the database: original files and a hash-chained list of what was done, beside the database file.

`<name>.originals/<sha256>` holds the bytes of every import, `<name>.originals/ledger.jsonl` one line an event. A lost or cut WAL is silent
(REALITY §1.4), so the store compares its own copy of the chain with this one at every start.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from compliance.errors import Problem, StoreError

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


def chain(seq: int, facts: Mapping[str, object], previous: str) -> Entry:
    """The next entry of a chain; its hash covers everything before it."""
    body = json.dumps({"seq": seq, **facts, "previous": previous}, ensure_ascii=False, sort_keys=True)
    return Entry(seq, facts, previous, hashlib.sha256(body.encode()).hexdigest())


def parse_line(line: str) -> Entry:
    fields = json.loads(line)
    seq, previous, own = fields.pop("seq"), fields.pop("previous"), fields.pop("hash")
    return Entry(seq, fields, previous, own)


class Archive:
    """The folder of originals. Everything written here is on disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"

    def keep(self, content: bytes | mmap, sha256: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / sha256
        if target.exists():
            return
        partial = target.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(content)
            _flush(file.fileno())
        partial.rename(target)
        _flush_folder(self.folder)

    def original(self, sha256: str) -> bytes:
        """The bytes of an import; raises StoreError when they are gone or not what was imported."""
        target = self.folder / sha256
        if not target.exists():
            raise StoreError([Problem("store.original_missing", {"file": str(target)})])
        content = target.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError([Problem("store.original_changed", {"file": str(target)})])
        return content

    def append(self, entry: Entry) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(entry.line() + "\n")
            file.flush()
            _flush(file.fileno())
        if new:
            _flush_folder(self.folder)

    def entries(self) -> Iterator[Entry]:
        """The chain, checked link by link; raises StoreError at the first broken one."""
        if not self.path.exists():
            return
        previous = GENESIS
        lines = self.path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, start=1):
            # A crash in the middle of an append leaves a last line without its end: that event is still in the database.
            if number == len(lines):
                break
            try:
                entry = parse_line(line)
            except (ValueError, KeyError) as error:
                raise StoreError([Problem("store.ledger_broken", {"file": str(self.path), "line": number})]) from error
            if entry.previous != previous or chain(entry.seq, entry.facts, previous).hash != entry.hash:
                raise StoreError([Problem("store.ledger_broken", {"file": str(self.path), "line": number})])
            previous = entry.hash
            yield entry

    def drop_unfinished_line(self) -> None:
        """Cut a half-written last line off, so that the next append starts on a line of its own."""
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            with self.path.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)
                _flush(file.fileno())


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
