"""Questions about figures that were not reported: how many, by whom, of which area, since when. Readers only.

A figure is owed by every area of its level in every period; it is excused where all indicators that look at it are exempt there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance.engine.schema import metrics_table, quote
from compliance.questions.queries import Areas, among
from compliance.standard.definitions import Standard
from compliance.standard.inputs import users_of


@dataclass(frozen=True)
class Completeness:
    """areas: how many owe figures; missing: metric → how many of them have not reported it; excused: metric → how many need not."""

    areas: int
    missing: dict[str, int]
    excused: dict[str, int]

    def owed(self, metrics: Sequence[str]) -> int:
        """Figures of these metrics that there should be."""
        return self.areas * len(metrics) - sum(self.excused.get(name, 0) for name in metrics)


@dataclass(frozen=True)
class AreaGaps:
    area_id: str
    name: str
    parent: str
    missing: int


@dataclass(frozen=True)
class Missing:
    """One figure that is not there. last: the newest earlier period that has it; None: there is none."""

    area_id: str
    name: str
    parent: str
    metric: str
    last: int | None


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class MissingFigures(Sequence[Missing]):
    """By parent, area and the order of the metrics. There may be very many, of which a page shows a few: each is made when it is looked at.

    places: row and column of each; last[row, column]: the newest earlier period with the figure, -1 where there is none.
    """

    areas: Sequence[tuple[str, str, str]]
    metrics: Sequence[str]
    places: NDArray[np.int_]
    last: NDArray[np.int_]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, number: int) -> Missing: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Missing]: ...
    def __getitem__(self, number: int | slice) -> Missing | Sequence[Missing]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        row, column = map(int, self.places[number])
        area_id, name, parent = self.areas[row]
        last = int(self.last[row, column])
        return Missing(area_id, name, parent, self.metrics[column], None if last < 0 else last)


@dataclass(frozen=True, eq=False)
class _Blanks:
    """areas (id, name, parent; by parent, then id) × metrics: what is not reported, and what of it nobody asks for."""

    areas: tuple[tuple[str, str, str], ...]
    blank: NDArray[np.bool_]
    excused: NDArray[np.bool_]

    @property
    def missing(self) -> NDArray[np.bool_]:
        return self.blank & ~self.excused


def completeness(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> Completeness:
    """How many figures are missing, metric by metric?"""
    names = tuple(metric.id for metric in standard.metrics_of(level))
    found = _blanks(cursor, standard, level, period, names, areas)
    missing, excused = (dict(zip(names, matrix.sum(axis=0).tolist(), strict=True)) for matrix in (found.missing, found.excused))
    return Completeness(len(found.areas), missing, {name: number for name, number in excused.items() if number})


def gaps_of_areas(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], areas: Areas = None) -> tuple[AreaGaps, ...]:
    """Which areas lack figures of these metrics? Most first, then by parent and area."""
    found = _blanks(cursor, standard, level, period, metrics, areas)
    numbers = found.missing.sum(axis=1)
    order = np.argsort(-numbers, kind="stable")[: np.count_nonzero(numbers)]
    listed = ((*found.areas[row], int(numbers[row])) for row in order.tolist())
    return tuple(AreaGaps(area_id, name, parent, number) for area_id, name, parent, number in listed)


def missing_figures(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], areas: Areas = None
) -> MissingFigures:  # fmt: skip
    """Which figures are missing, and since when? By parent, area and the order of the standard."""
    found = _blanks(cursor, standard, level, period, metrics, areas)
    missing = found.missing
    place_of = {area_id: place for place, (area_id, _, _) in enumerate(found.areas)}
    last = np.full(missing.shape, -1, dtype=int)
    for (earlier,) in cursor.execute("SELECT period FROM periods WHERE period < ? ORDER BY period DESC", [period]).fetchall():
        # Back in time, each step only for what is still open: most figures were reported the period before.
        sought = missing & (last < 0)
        columns, open_rows = np.flatnonzero(sought.any(axis=0)), np.flatnonzero(sought.any(axis=1))
        if not len(columns):
            break
        ids = frozenset(found.areas[row][0] for row in open_rows.tolist())
        rows, blank = _read(cursor, level, earlier, [metrics[column] for column in columns.tolist()], place_of, ids)
        filled = np.ix_(rows, columns)
        last[filled] = np.where(sought[filled] & ~blank, earlier, last[filled])
    return MissingFigures(found.areas, tuple(metrics), np.argwhere(missing), last)


def _blanks(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], areas: Areas) -> _Blanks:
    condition, bound = among(areas, "a.area_id")
    known = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, '')
        FROM areas AS a
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE a.level = ? AND {condition} AND ? IN (FROM periods)
        ORDER BY a.parent_id, a.area_id
        """,
        [level, *bound, period],
    ).fetchall()
    place_of = {area_id: place for place, (area_id, _, _) in enumerate(known)}
    rows, read = _read(cursor, level, period, metrics, place_of, areas)
    blank = np.zeros((len(known), len(metrics)), dtype=bool)
    blank[rows] = read
    return _Blanks(tuple(known), blank, blank & _unasked(cursor, standard, level, period, metrics, place_of))


def _read(
    cursor: DuckDBPyConnection, level: str, period: int, metrics: Sequence[str], place_of: Mapping[str, int], areas: Areas
) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Places of the areas that have a row in the period, and rows × metrics: what is blank. Plain columns: adding up hundreds takes long to plan."""
    condition, bound = among(areas)
    columns = "".join(f", {quote(name)} IS NULL" for name in metrics)
    found = cursor.execute(f"SELECT area_id{columns} FROM {metrics_table(level)} WHERE period = ? AND {condition}", [period, *bound]).fetchnumpy()
    ids, *blanks = (np.asarray(column) for column in found.values())
    rows = np.array([place_of[area_id] for area_id in ids.tolist()], dtype=np.int_)
    return rows, np.stack(blanks, axis=1).astype(bool) if blanks else np.zeros((len(rows), 0), dtype=bool)


def _unasked(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], place_of: Mapping[str, int]
) -> NDArray[np.bool_]:  # fmt: skip
    """areas × metrics: figures that nobody asks for, since all indicators that look at them are exempt there."""
    unasked = np.zeros((len(place_of), len(metrics)), dtype=bool)
    exempt = cursor.execute("SELECT area_id, exempt FROM exempt_indicators WHERE period = ? ORDER BY area_id", [period]).fetchall()
    users = users_of(standard, level) if exempt else {}
    needing = [{indicator.code for indicator in users.get(name, ())} for name in metrics]
    for area_id, codes in exempt:
        if area_id in place_of:
            unasked[place_of[area_id]] = [bool(each) and each <= set(codes) for each in needing]
    return unasked
