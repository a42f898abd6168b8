"""Single lines of original files."""

from __future__ import annotations

from functools import lru_cache

from compliance.files import reading
from compliance.storage.ledger import Archive

# Lines that a leader and a clerk may have in front of them at one time; a line is some ten kilobytes.
LINES_KEPT = 500
Row = tuple[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=LINES_KEPT)
def row(archive: Archive, sha256: str, encoding: str, line: int) -> Row:
    """Header and cells of one line of an accepted file, as written; raises StoreError when the file is gone or not what was imported.

    Kept, since it never changes: to check a file of ten megabytes and find a line in it takes longer than all the rest of a panel."""
    content = archive.original(sha256)
    return tuple(reading.header_row(content, encoding)), tuple(reading.raw_row(content, encoding, line))
