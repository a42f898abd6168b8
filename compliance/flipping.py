"""Which statuses a change turns: rows as they stood before they were judged again, against what they became. Works inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance import periods
from compliance.definitions import Indicator, Standard
from compliance.schema import compliance_table, indicator_column

STATUSES = ("no_data", "unmet", "met", "not_applicable")
NO_DATA, UNMET, MET, NOT_APPLICABLE = range(4)
LONGEST_LIST = 1000

Column = np.ma.MaskedArray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Flips:
    """Indicator statuses that a change turns, by what they become."""

    met: int = 0
    unmet: int = 0
    no_data: int = 0
    not_applicable: int = 0

    @property
    def total(self) -> int:
        return self.met + self.unmet + self.no_data + self.not_applicable


NO_FLIPS = Flips()


@dataclass(frozen=True)
class Flipped:
    """One status that turns. period is a label; before and after are statuses (DESIGN §2)."""

    area_id: str
    period: str
    indicator: str
    before: str
    after: str


@dataclass
class Watch:
    """Looks on while rows are judged again: `before` and `after` each time, then `flips`, and `flipped`: the first thousand of them, worst first.

    only: the codes of the indicators to look at (None: all).
    """

    standard: Standard
    only: frozenset[str] | None = None
    _became: Counter[tuple[str, int]] = field(default_factory=Counter)
    _flipped: list[tuple[int, Flipped]] = field(default_factory=list)

    def _watched(self, level: str) -> list[Indicator]:
        return [indicator for indicator in self.standard.indicators_of(level) if self.only is None or indicator.code in self.only]

    def before(self, cursor: DuckDBPyConnection, level: str, *, everything: bool = False) -> None:
        """Keep the scope's rows (or all of them) of a level as they stand."""
        where = "" if everything else "WHERE (area_id, period) IN (SELECT area_id, period FROM scope)"
        columns = "".join(f", {indicator_column(indicator)}" for indicator in self._watched(level))
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_kept(level)} AS SELECT area_id, period, exempt{columns} FROM {compliance_table(level)} {where}")

    def after(self, cursor: DuckDBPyConnection, level: str, *, everything: bool = False) -> None:
        """Compare the same rows with what they have become. A row that is new counts as without data before; one that is gone does not count."""
        where = "" if everything else "WHERE (c.area_id, c.period) IN (SELECT area_id, period FROM scope)"
        codes = [indicator.code for indicator in self._watched(level)]
        names = [indicator_column(indicator) for indicator in self._watched(level)]
        pairs = "".join(f", c.{name} AS n{place}, b.{name} AS b{place}" for place, name in enumerate(names))
        rows = cursor.execute(
            f"""
            SELECT c.area_id AS area_id, c.period AS period, c.exempt AS now_exempt, b.exempt AS was_exempt{pairs}
            FROM {compliance_table(level)} AS c
            LEFT JOIN {_kept(level)} AS b ON b.area_id = c.area_id AND b.period = c.period
            {where}
            """
        ).fetchnumpy()
        columns = {name: np.ma.asarray(values) for name, values in rows.items()}
        cursor.execute(f"DROP TABLE {_kept(level)}")
        exempt = {which: _exempt(columns[f"{which}_exempt"]) for which in ("now", "was")}
        for place, code in enumerate(codes):
            was = _statuses(columns[f"b{place}"], exempt["was"].get(code))
            now = _statuses(columns[f"n{place}"], exempt["now"].get(code))
            turned = np.flatnonzero(was != now)
            if turned.size:
                self._count(columns, code, turned, was, now)

    def _count(self, rows: Mapping[str, Column], code: str, turned: NDArray[np.intp], was: NDArray[np.int8], now: NDArray[np.int8]) -> None:
        found, counts = np.unique(now[turned], return_counts=True)
        self._became.update({(code, status): count for status, count in zip(found.tolist(), counts.tolist(), strict=True)})
        # What is lost first: of more than a list can hold, those are what a reader must see.
        for place in turned[np.argsort(now[turned] == MET, kind="stable")][:LONGEST_LIST].tolist():
            label = periods.label(int(rows["period"][place]), self.standard.frequency)
            flipped = Flipped(str(rows["area_id"][place]), label, code, STATUSES[was[place]], STATUSES[now[place]])
            self._flipped.append((int(now[place]), flipped))

    @property
    def flips(self) -> Flips:
        return _summed(self._became)

    @property
    def by_indicator(self) -> dict[str, Flips]:
        """Code → what its statuses became; only those of which some turned, in the standard's order."""
        turned = {code for code, _ in self._became}
        return {
            indicator.code: _summed({key: count for key, count in self._became.items() if key[0] == indicator.code})
            for indicator in self.standard.indicators
            if indicator.code in turned
        }

    @property
    def flipped(self) -> tuple[Flipped, ...]:
        """The first thousand: what becomes unmet, then what is no longer known, what does not apply, what becomes met; by area and period."""
        order = {UNMET: 0, NO_DATA: 1, NOT_APPLICABLE: 2, MET: 3}
        listed = sorted(self._flipped, key=lambda item: (order[item[0]], item[1].area_id, item[1].period))
        return tuple(flipped for _, flipped in listed[:LONGEST_LIST])


def _summed(became: Mapping[tuple[str, int], int]) -> Flips:
    met, unmet, no_data, not_applicable = (sum(n for (_, status), n in became.items() if status == each) for each in (MET, UNMET, NO_DATA, NOT_APPLICABLE))
    return Flips(met, unmet, no_data, not_applicable)


def _kept(level: str) -> str:
    return f'"before {level}"'


def _statuses(verdicts: Column, exempt: list[int] | None) -> NDArray[np.int8]:
    """Codes of STATUSES from a column of booleans with NULL for unknown."""
    known = ~np.ma.getmaskarray(verdicts)
    codes = np.where(known, np.where(np.ma.getdata(verdicts) == True, MET, UNMET), NO_DATA).astype(np.int8)  # noqa: E712
    if exempt:
        codes[exempt] = NOT_APPLICABLE
    return codes


def _exempt(lists: Column) -> dict[str, list[int]]:
    """Indicator → the places of the rows that are exempt from it."""
    found: dict[str, list[int]] = {}
    known = ~np.ma.getmaskarray(lists)
    for place in np.flatnonzero(known).tolist():
        codes = np.ma.getdata(lists)[place]
        for code in codes if codes is not None else ():
            found.setdefault(str(code), []).append(place)
    return found
