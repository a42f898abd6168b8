"""The verdicts of many areas at once, as one array: planning a statement of a hundred expressions costs more than reading plain columns. Readers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance.engine import statuses
from compliance.engine.deriving import exempt_codes_of
from compliance.engine.schema import compliance_table, indicator_column
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, UNMET, Column
from compliance.standard.definitions import Indicator

ABSENT = 255


@dataclass(frozen=True)
class Shift:
    """What became of the same verdicts from one period to a later one; what is absent or does not apply in either counts nowhere.

    pairs: how many were and are MET, UNMET (nearly or not) and NO_DATA: pairs[4 * before + now].
    """

    pairs: tuple[int, ...] = (0,) * 16

    @classmethod
    def between(cls, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> Shift:
        """Codes of the same shape."""
        both = (before <= NO_DATA) & (now <= NO_DATA)
        was, is_now = (np.where(codes[both] == NEARLY, UNMET, codes[both]).astype(int) for codes in (before, now))
        return cls(tuple(np.bincount(4 * was + is_now, minlength=16).tolist()))

    def __add__(self, other: Shift) -> Shift:
        return Shift(tuple(mine + theirs for mine, theirs in zip(self.pairs, other.pairs, strict=True)))

    def turned(self, before: int, now: int) -> int:
        return self.pairs[4 * before + now]

    @property
    def won(self) -> int:
        return self.turned(UNMET, MET)

    @property
    def lost(self) -> int:
        return self.turned(MET, UNMET)

    @property
    def compared(self) -> int:
        """How many were judged both times: what alone can be better or worse."""
        return self.won + self.lost + self.turned(MET, MET) + self.turned(UNMET, UNMET)

    @property
    def untold(self) -> int:
        """How many apply both times and lack data at one of them at least."""
        return sum(self.pairs) - self.compared


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class Verdicts:
    """codes[period, area, indicator] = a number of engine.statuses (none is NEARLY), 255 where an area has no row in a period.

    Periods as asked for; areas of the level by parent, then id, with names and parents ("" where there is none).
    """

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    parent_ids: tuple[str, ...]
    parents: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    codes: NDArray[np.uint8]

    def only(self, rows: NDArray[np.int_]) -> Verdicts:
        """Some of the areas."""
        ids, names, parent_ids, parents = (tuple(texts[row] for row in rows.tolist()) for texts in (self.area_ids, self.names, self.parent_ids, self.parents))
        return Verdicts(ids, names, parent_ids, parents, self.indicators, self.codes[:, rows])

    def sums(self) -> dict[str, NDArray[np.uint16]]:
        """unmet, no_data, met, not_applicable → how many indicators of each area, in the first period."""
        kinds = {"unmet": UNMET, "no_data": NO_DATA, "met": MET, "not_applicable": NOT_APPLICABLE}
        return {name: (self.codes[0] == code).sum(axis=1, dtype=np.uint16) for name, code in kinds.items()}


def verdicts(
    cursor: DuckDBPyConnection, level: str, periods: Sequence[int], indicators: Sequence[Indicator], condition: str = "true", bound: Sequence[object] = ()
) -> Verdicts:  # fmt: skip
    """What is the verdict on these indicators in these periods? condition: of areas as `a`, with what it binds; areas without a row in any period are left out."""
    areas = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(a.parent_id, ''), coalesce(p.name, '')
        FROM areas AS a
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE a.level = ? AND {condition}
        ORDER BY a.parent_id, a.area_id
        """,
        [level, *bound],
    ).fetchall()
    ids, names, parent_ids, parents = tuple(zip(*areas, strict=True)) if areas else ((), (), (), ())
    codes = np.full((len(periods), len(ids), len(indicators)), ABSENT, dtype=np.uint8)
    place_of, when_of = {area_id: place for place, area_id in enumerate(ids)}, {period: place for place, period in enumerate(periods)}
    columns = _rows(cursor, level, periods, indicators, None if condition == "true" else ids)
    where = np.array([place_of.get(area_id, -1) for area_id in columns["area_id"].tolist()], dtype=int)
    when = np.array([when_of.get(period, -1) for period in columns["period"].tolist()], dtype=int)
    rows = np.flatnonzero((where >= 0) & (when >= 0))
    found = statuses.matrix(columns, "v", [indicator.code for indicator in indicators], columns.get("exempt"))
    codes[when[rows], where[rows]] = found.T[rows]
    whole = Verdicts(ids, names, parent_ids, parents, tuple(indicators), codes)
    there = (codes[:, :, :1] != ABSENT).any(axis=(0, 2)) if indicators else np.ones(len(ids), dtype=bool)
    return whole if there.all() else whole.only(np.flatnonzero(there))


def _rows(
    cursor: DuckDBPyConnection, level: str, periods: Sequence[int], indicators: Sequence[Indicator], area_ids: Sequence[str] | None
) -> dict[str, Column]:  # fmt: skip
    """Columns area_id, period, one an indicator by its code, and, where anything is exempt, exempt."""
    exempt = ["exempt"] if exempt_codes_of(cursor) & {indicator.code for indicator in indicators} else []
    columns = ", ".join([*exempt, *(f"{indicator_column(each)} AS v{place}" for place, each in enumerate(indicators))])
    kept = "true" if area_ids is None else "area_id IN (SELECT unnest(?))"
    bound = [min(periods, default=0), max(periods, default=-1), *([] if area_ids is None else [list(area_ids)])]
    found = cursor.execute(
        f"SELECT area_id, period{', ' * bool(columns)}{columns} FROM {compliance_table(level)} WHERE period BETWEEN ? AND ? AND {kept}", bound
    ).fetchnumpy()
    return {name: np.ma.asarray(column) for name, column in found.items()}
