"""What a dry run tells of a file: which cells or areas it would change, which indicators it exempts from. Asked before its reports are laid over what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance import periods
from compliance.engine.schema import metrics_table, quote
from compliance.files.reading import Reading
from compliance.periods import Frequency

LONGEST_LIST = 1000
# A hundred columns of 100,000 rows are 80 MB at a time.
COLUMNS_AT_ONCE = 100


@dataclass(frozen=True)
class CellChanges:
    """Cells of one file against the effective values before it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class CellChange:
    """One cell that would change, in the metric's own unit. period is a label; old None: nothing was known."""

    area_id: str
    period: str
    metric: str
    old: float | None
    new: float
    line: int


@dataclass(frozen=True)
class AreaChange:
    """What a list of areas would change of one that is known. what: name, level, parent_id or an attribute; None: nothing."""

    area_id: str
    what: str
    old: str | None
    new: str | None
    line: int


@dataclass(frozen=True)
class AreaChanges:
    """The areas of one list against those known before it; the first thousand changes."""

    new: int
    changed: int
    unchanged: int
    first: tuple[AreaChange, ...]


def changed_areas(cursor: DuckDBPyConnection, read: Reading) -> AreaChanges:
    """How many areas are new, changed, as they were, and what changes of those that are known. A blank attribute changes nothing."""
    rows = cursor.execute("SELECT area_id, name, level, parent_id, attributes FROM areas ORDER BY area_id").fetchall()
    known = {area_id: {**attributes, "name": name, "level": level, "parent_id": parent} for area_id, name, level, parent, attributes in rows}
    new, changed, found = 0, 0, list[AreaChange]()
    for row in read.table.to_pylist():
        before = known.get(row["area_id"])
        told = {name: row[name] for name in ("name", "level", "parent_id")} | {name: row[name] for name in read.columns if row[name] is not None}
        changes = [name for name, text in told.items() if before is not None and before.get(name) != text]
        new, changed = new + (before is None), changed + bool(changes)
        found += [AreaChange(row["area_id"], name, (before or {}).get(name), told[name], row["line"]) for name in changes[: LONGEST_LIST - len(found)]]
    return AreaChanges(new, changed, read.table.num_rows - new - changed, tuple(found))


@dataclass(frozen=True)
class Exempted:
    """One exemption of a file. first, last: labels of periods, last None: open ended. others: codes that the file may have meant, had a spreadsheet not
    taken the code for a number."""

    line: int
    area_id: str
    indicator: str
    first: str
    last: str | None
    others: tuple[str, ...] = ()


def exempted(read: Reading, frequency: Frequency) -> tuple[Exempted, ...]:
    """Every exemption of a file, in its order."""
    columns = (read.table.column(name).to_pylist() for name in ("line", "area_id", "indicator", "from", "to", "others"))
    return tuple(
        Exempted(line, area_id, indicator, periods.label(first, frequency), None if last is None else periods.label(last, frequency), tuple(others))
        for line, area_id, indicator, first, last, others in zip(*columns, strict=True)
    )


def changed_cells(cursor: DuckDBPyConnection, read: Reading, frequency: Frequency) -> tuple[CellChanges, tuple[CellChange, ...]]:
    """How many cells are new, changed, unchanged, and the first thousand that would change: known values that differ first, then new ones, in file order."""
    size = read.table.num_rows
    differs, is_new = (np.zeros((len(read.columns), size), dtype=bool) for _ in range(2))
    before: list[dict[int, float]] = []
    unchanged = 0
    for place, (old, new) in enumerate(_pairs(cursor, read)):
        known, given = ~np.isnan(old), ~np.isnan(new)
        is_new[place] = given & ~known
        differs[place] = given & known & (old != new)
        unchanged += int(np.count_nonzero(given & known & (old == new)))
        rows = np.flatnonzero(differs[place])[:LONGEST_LIST]
        before.append(dict(zip(rows.tolist(), old[rows].tolist(), strict=True)))
    counts = CellChanges(int(np.count_nonzero(is_new)), int(np.count_nonzero(differs)), unchanged)
    first = _first(differs, LONGEST_LIST)
    first += _first(is_new, LONGEST_LIST - len(first))
    return counts, tuple(_listed(read, first, before, frequency))


def _first(marked: NDArray[np.bool_], room: int) -> list[list[int]]:
    """Row and column of the first marked cells in file order; `marked` is columns × rows."""
    rows = int(np.searchsorted(np.cumsum(np.count_nonzero(marked, axis=0)), room)) + 1
    found: list[list[int]] = np.argwhere(marked[:, :rows].T)[:room].tolist()
    return found


def _pairs(cursor: DuckDBPyConnection, read: Reading) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Effective and incoming values of each column, row by row of the file; NaN where there is none."""
    keys = pa.table({"place": pa.array(np.arange(read.table.num_rows)), "area_id": read.table.column("area_id"), "period": read.table.column("period")})
    cursor.register("incoming", keys)
    met = cursor.execute(
        f"SELECT count(*) FROM incoming AS n JOIN {metrics_table(read.level or '')} AS m ON m.area_id = n.area_id AND m.period = n.period"
    ).fetchall()
    cursor.unregister("incoming")
    if met == [(0,)]:
        nothing = np.full(read.table.num_rows, np.nan)
        yield from ((nothing, read.table.column(column).to_numpy().astype(np.float64)) for column in read.columns)
        return
    for start in range(0, len(read.columns), COLUMNS_AT_ONCE):
        columns = read.columns[start : start + COLUMNS_AT_ONCE]
        cursor.register("incoming", keys)
        found = cursor.execute(
            f"""
            SELECT n.place AS place, {", ".join(f"m.{quote(column)} AS v{number}" for number, column in enumerate(columns))}
            FROM incoming AS n
            JOIN {metrics_table(read.level or "")} AS m ON m.area_id = n.area_id AND m.period = n.period
            """
        ).fetchnumpy()
        cursor.unregister("incoming")
        for number, column in enumerate(columns):
            old = np.full(read.table.num_rows, np.nan)
            old[found["place"]] = np.ma.filled(np.ma.asarray(found[f"v{number}"], dtype=np.float64), np.nan)
            yield old, read.table.column(column).to_numpy().astype(np.float64)


def _listed(read: Reading, places: list[list[int]], before: list[dict[int, float]], frequency: Frequency) -> Iterator[CellChange]:
    areas, ordinals, lines = (read.table.column(name) for name in ("area_id", "period", "line"))
    for row, column in places:
        metric = read.columns[column]
        new = read.table.column(metric)[row].as_py()
        yield CellChange(areas[row].as_py(), periods.label(ordinals[row].as_py(), frequency), metric, before[column].get(row), new, lines[row].as_py())
