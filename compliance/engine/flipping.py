"""Which statuses a change turns: rows as they stood before they were judged again, against what they became. Works inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance import periods
from compliance.engine.derive_sql import in_scope_sql
from compliance.engine.schema import ACTIVE, compliance_table, indicator_column, reported_table
from compliance.engine.statuses import MET, NO_DATA, NOT_APPLICABLE, STATUSES, UNMET, Column, Statuses, matrix
from compliance.standard.definitions import Indicator, Standard

WORST_FIRST = (UNMET, NO_DATA, NOT_APPLICABLE, MET)
LONGEST_LIST = 1000


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

    def as_list(self) -> list[int]:
        """As the ledger tells of them."""
        return [self.met, self.unmet, self.no_data, self.not_applicable]


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
    """Looks on while rows are judged again: `before` and `after` each time, then `flips`, and `flipped`: the first thousand of them, worst first; and `begun`:
    what merely begins with a new row.

    only: the codes of the indicators to look at (None: all); listing: whether somebody will ask for `flipped`; by_areas: for `by_area`.
    """

    standard: Standard
    only: frozenset[str] | None = None
    listing: bool = True
    by_areas: bool = False
    _became: Counter[tuple[str, int]] = field(default_factory=Counter)
    _begun: Counter[tuple[str, int]] = field(default_factory=Counter)
    _areas: Counter[tuple[str, int]] = field(default_factory=Counter)
    _listed: list[tuple[int, Flipped]] = field(default_factory=list)

    def _watched(self, level: str) -> list[Indicator]:
        return [indicator for indicator in self.standard.indicators_of(level) if self.only is None or indicator.code in self.only]

    def before(self, cursor: DuckDBPyConnection, level: str, *, everything: bool = False) -> None:
        """Keep the scope's rows (or all of them) of a level as they stand."""
        where = "" if everything else f"WHERE {in_scope_sql()}"
        columns = "".join(f", {indicator_column(indicator)}" for indicator in self._watched(level))
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_kept(level)} AS SELECT area_id, period, exempt{columns} FROM {compliance_table(level)} {where}")

    def after(self, cursor: DuckDBPyConnection, level: str, *, everything: bool = False) -> None:
        """Compare the same rows with what they have become. A row that is new counts as without data before; one that is gone does not count.

        What a new row is without anybody reporting on it (exempt for long, or judged by the year so far) has begun, not turned.
        """
        where = "" if everything else f"WHERE {in_scope_sql('c.')}"
        codes = [indicator.code for indicator in self._watched(level)]
        names = [indicator_column(indicator) for indicator in self._watched(level)]
        pairs = "".join(f", c.{name} AS n{place}, b.{name} AS b{place}" for place, name in enumerate(names))
        keys = "c.area_id AS area_id, c.period AS period, " if self.listing or self.by_areas else ""
        told = f"SELECT area_id, period FROM {reported_table(level)} WHERE filled > 0 AND {ACTIVE}"
        rows = cursor.execute(
            f"""
            SELECT {keys}c.exempt AS now_exempt, b.exempt AS was_exempt, b.period IS NULL AS is_new, (c.area_id, c.period) IN ({told}) AS is_told{pairs}
            FROM {compliance_table(level)} AS c
            LEFT JOIN {_kept(level)} AS b ON b.area_id = c.area_id AND b.period = c.period
            {where}
            """
        ).fetchnumpy()
        columns = {name: np.ma.asarray(values) for name, values in rows.items()}
        cursor.execute(f"DROP TABLE {_kept(level)}")
        was, now = (matrix(columns, which, codes, columns[f"{word}_exempt"]) for which, word in (("b", "was"), ("n", "now")))
        is_new, is_told = (np.ma.getdata(columns[name]).astype(bool) for name in ("is_new", "is_told"))
        has_begun = is_new & (~is_told | (now == NOT_APPLICABLE)) & (now != NO_DATA)
        was[has_begun] = now[has_begun]
        for place, code in enumerate(codes):
            self._became.update(_counted(code, now[place][was[place] != now[place]]))
            self._begun.update(_counted(code, now[place][has_begun[place]]))
        if self.listing:
            self._list(columns, codes, was, now)
        if self.by_areas:
            self._count_areas(np.ma.getdata(columns["area_id"]), was, now)

    def _count_areas(self, areas: NDArray[np.object_], was: Statuses, now: Statuses) -> None:
        for status in WORST_FIRST:
            counts = ((now == status) & (was != status)).sum(axis=0)
            for row in np.flatnonzero(counts).tolist():
                self._areas[str(areas[row]), status] += int(counts[row])

    def _list(self, columns: Mapping[str, Column], codes: list[str], was: Statuses, now: Statuses) -> None:
        """As many as can be among the first thousand."""
        areas, ordinals = np.ma.getdata(columns["area_id"]), np.ma.getdata(columns["period"])
        order, room = np.lexsort((ordinals, areas.astype(str))), LONGEST_LIST
        for status in WORST_FIRST:
            turned = ((now == status) & (was != status))[:, order]
            for rank, place in np.argwhere(turned.T)[:room].tolist():
                row = order[rank]
                label = periods.label(int(ordinals[row]), self.standard.frequency)
                self._listed.append((WORST_FIRST.index(status), Flipped(str(areas[row]), label, codes[place], STATUSES[was[place, row]], STATUSES[status])))
                room -= 1

    @property
    def flips(self) -> Flips:
        return _summed(self._became)

    @property
    def begun(self) -> Flips:
        """What holds from the start in rows that are new, by status: nothing turned there, and no report says so."""
        return _summed(self._begun)

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
    def by_area(self) -> dict[str, Flips]:
        """Area → what its statuses became, over all periods; only those of which some turned, by id."""
        found: dict[str, dict[tuple[str, int], int]] = {}
        for key, count in self._areas.items():
            found.setdefault(key[0], {})[key] = count
        return {area: _summed(found[area]) for area in sorted(found)}

    @property
    def flipped(self) -> tuple[Flipped, ...]:
        """The first thousand: what becomes unmet, then what is no longer known, what does not apply, what becomes met; by area and period."""
        listed = sorted(self._listed, key=lambda item: (item[0], item[1].area_id, item[1].period))
        return tuple(flipped for _, flipped in listed[:LONGEST_LIST])


def _counted(code: str, statuses: Statuses) -> dict[tuple[str, int], int]:
    found, counts = np.unique(statuses, return_counts=True)
    return {(code, status): count for status, count in zip(found.tolist(), counts.tolist(), strict=True)}


def _summed(became: Mapping[tuple[str, int], int]) -> Flips:
    met, unmet, no_data, not_applicable = (sum(n for (_, status), n in became.items() if status == each) for each in (MET, UNMET, NO_DATA, NOT_APPLICABLE))
    return Flips(met, unmet, no_data, not_applicable)


def _kept(level: str) -> str:
    return f'"before {level}"'
