"""A small district whose history has one day an event, for what was on a day: 2026, January 1st the standard, 2nd areas, 3rd figures, and so on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import district

from compliance.access import User
from compliance.files.reading import Source
from compliance.standard import loader
from compliance.storage import recovery, taking_over
from compliance.storage.importer import import_source
from compliance.storage.ledger import GENESIS, chain, parse_line
from compliance.storage.store import Store

ADMIN = User("Ann", "admin")
STRICTER = district.TEXT.replace("value: lighting_rate, at_least: 90", "value: lighting_rate, at_least: 95")
"""The same standard with a limit of 95 in place of 90."""


def rates() -> Source:
    """Of the first quarter of 2025; the lit stairs: 95, 92 and 80."""
    return district.figures("2025Q1", "C1,100,60,95,3,0.5", "C2,100,40,92,11,0.5", "C3,,,80,,")


def build(folder: Path, *, stricter: bool = False) -> tuple[Path, Path]:
    """The database and the file of its standard: figures on the 3rd, on the 4th a correction of C1 to 50, on the 5th (if asked for) the stricter standard."""
    file, database = folder / "small.yaml", folder / "d.duckdb"
    file.write_text(district.TEXT, encoding="utf-8")
    with Store(database, district.STANDARD) as store:
        for source in (district.areas(), rates(), district.figures("2025Q1", "C1,,,50,,")):
            import_source(store, source, user=ADMIN)
        if stricter:
            taking_over.take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    on_days(store)
    recovery.rebuild(database, loader.load(file), user=ADMIN)
    return database, file


def on_days(store: Store) -> None:
    """Give the events of a closed store one day each, 2026-01-01 and on: definitions, areas, figures …"""
    old, previous = [], GENESIS
    for number, line in enumerate(store.archive.path.read_text(encoding="utf-8").splitlines()):
        entry = parse_line(line)
        moved = chain(entry.seq, {**entry.facts, "at": (datetime(2026, 1, 1, 12) + timedelta(days=number)).isoformat()}, previous)
        old.append(moved.line() + "\n")
        previous = moved.hash
    store.archive.path.write_text("".join(old), encoding="utf-8")
