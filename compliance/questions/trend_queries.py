"""Questions about what changed: which verdicts turned, who moved, where it goes down. Readers only, as queries.py.

Only verdicts that were decided both times are compared: a department that stops reporting makes nobody better or worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance.engine.judging import Judgement
from compliance.engine.statuses import MET, NO_DATA, NOT_APPLICABLE, UNMET
from compliance.questions.queries import Areas, among
from compliance.questions.verdicts import ABSENT, Shift, Verdicts, verdicts
from compliance.standard.definitions import Domain, Indicator, Standard

Way = Literal["fixed", "regressed", "lost"]


@dataclass(frozen=True)
class Mover:
    """An area and the indicators whose verdict turned."""

    area_id: str
    name: str
    parent: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """Verdicts that turned one way: how many, in how many areas, and the areas with most of them."""

    verdicts: int
    areas: int
    most: tuple[Mover, ...]


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class Turns:
    """areas × indicators (domains: that of each), ordered by parent, then area: now and before[row, column] = a number of engine.statuses (none is NEARLY)."""

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    parent_ids: tuple[str, ...]
    parents: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    domains: tuple[str, ...]
    now: NDArray[np.uint8]
    before: NDArray[np.uint8]

    def flags(self, way: Way) -> NDArray[np.bool_]:
        """Which verdicts turned that way. lost: decided before, without data now."""
        was, is_now = {"fixed": (self.before == UNMET, MET), "regressed": (self.before == MET, UNMET), "lost": (_decided(self.before), NO_DATA)}[way]
        turned: NDArray[np.bool_] = was & (self.now == is_now)
        return turned

    @property
    def compared(self) -> int:
        """How many verdicts were decided both times."""
        return self.whole.compared

    @property
    def whole(self) -> Shift:
        return Shift.between(self.before, self.now)

    def of_domains(self) -> dict[str, Shift]:
        """Domain → what became of its verdicts."""
        return {domain: Shift.between(self.before[:, places], self.now[:, places]) for domain, places in self._places().items()}

    def of_parents(self, domain: str | None) -> dict[str, Shift]:
        """Id of a place that areas belong to → what became of their verdicts (of a domain)."""
        within = [place for place, each in enumerate(self.domains) if domain in (None, each)]
        before, now, parents = self.before[:, within], self.now[:, within], np.array(self.parent_ids, dtype=object)
        return {each: Shift.between(before[parents == each], now[parents == each]) for each in dict.fromkeys(self.parent_ids)}

    def of_badges(self) -> dict[str, Shift]:
        """Domain → what became of its badge, area by area: met is held."""
        return {domain: Shift.between(_whole(self.before[:, places]), _whole(self.now[:, places])) for domain, places in self._places().items()}

    def _places(self) -> dict[str, list[int]]:
        """Domain → its columns."""
        return {domain: [place for place, each in enumerate(self.domains) if each == domain] for domain in dict.fromkeys(self.domains)}

    def by_indicator(self) -> pd.DataFrame:
        """A row an indicator: indicator, compared, fixed, regressed, lost (areas); compared: decided both times."""
        compared = (_decided(self.now) & _decided(self.before)).sum(axis=0)
        rows = pd.DataFrame({"indicator": [each.code for each in self.indicators], "compared": compared})
        return rows.assign(fixed=self.flags("fixed").sum(axis=0), regressed=self.flags("regressed").sum(axis=0), lost=self.flags("lost").sum(axis=0))

    def moves(self, way: Way, domain: str | None, most: int | None) -> Moves:
        """The areas where most verdicts (of a domain) turned that way, `most` of them (None: every one); how many there are in all."""
        within = [place for place, each in enumerate(self.domains) if domain in (None, each)]
        flags = self.flags(way)[:, within]
        numbers = flags.sum(axis=1)
        moved = np.flatnonzero(numbers)
        first = moved[np.argsort(-numbers[moved], kind="stable")][:most].tolist()
        codes = [self.indicators[place].code for place in within]
        found = (Mover(self.area_ids[row], self.names[row], self.parents[row], tuple(codes[n] for n in np.flatnonzero(flags[row]))) for row in first)
        return Moves(int(numbers.sum()), len(moved), tuple(found))


def _whole(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The verdict on a whole domain, area by area (DESIGN §4.4)."""
    rules = [(codes == kind).any(axis=1) for kind in (UNMET, NO_DATA, MET)]
    return np.select(rules, (UNMET, NO_DATA, MET), NOT_APPLICABLE).astype(np.uint8)


@dataclass(frozen=True)
class Sinking:
    """A domain of an area that lost verdicts two periods in a row: met and judged in the three periods, oldest first, and what it lost last."""

    area_id: str
    name: str
    parent: str
    domain: Domain
    counts: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]


def turns(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> Turns:
    """Which verdicts are there now, and which were there the period before? No areas where there is no period before."""
    found = _both_times(cursor, standard, level, (period, period - 1), areas)
    domains = tuple(standard.domain_of[each.code].id for each in found.indicators)
    return Turns(found.area_ids, found.names, found.parent_ids, found.parents, found.indicators, domains, found.codes[0], found.codes[1])


def sinking(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str | None, areas: Areas, most: int) -> tuple[int, list[Sinking]]:
    """Which domains of which areas lost more verdicts than they won, now and the period before? How many there are, and those with the most unmet."""
    found = _both_times(cursor, standard, level, (period - 2, period - 1, period), areas)
    met, unmet = found.codes == MET, found.codes == UNMET
    # Lost and won, for each of the two steps in time; what was not decided both times counts nothing.
    lost, won = met[:-1] & unmet[1:], unmet[:-1] & met[1:]
    domains = [each for each in standard.domains_of(level) if domain in (None, each.id)]
    members = [[number for number, indicator in enumerate(found.indicators) if indicator in each.at(level)] for each in domains]
    nets = np.stack([(won[:, :, some].sum(axis=2, dtype=int) - lost[:, :, some].sum(axis=2, dtype=int)) for some in members], axis=2)
    rows, places = np.nonzero((nets < 0).all(axis=0))
    misses = np.stack([unmet[2][:, some].sum(axis=1, dtype=int) for some in members], axis=1)
    order = np.lexsort((places, rows, -misses[rows, places], nets.sum(axis=0)[rows, places]))[:most]

    def sunk(row: int, place: int) -> Sinking:
        some = members[place]
        counts = tuple((int(met[when, row, some].sum()), int((met | unmet)[when, row, some].sum())) for when in range(3))
        codes = tuple(found.indicators[number].code for number in some if lost[1, row, number])
        return Sinking(found.area_ids[row], found.names[row], found.parents[row], domains[place], counts, codes)

    return len(rows), [sunk(int(rows[number]), int(places[number])) for number in order]


@dataclass(frozen=True)
class Figure:
    """A criterion that is not met: its value now and the period before, and the way to its limit."""

    criterion: str
    value: float | None
    before: float | None
    threshold: float | None
    gap: float | None


Figures = dict[tuple[str, str], tuple[Figure, ...]]


def figures(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas) -> Figures:
    """By how much? (area, indicator) → its unmet criteria, in the order of the standard; a group counts as one."""
    condition, bound = among(areas, "m.area_id")
    rows = Judgement(standard, level, frozenset(codes)).criteria_rows_sql(f"m.period IN (?, ?) AND {condition}")
    # Both periods in one go: the text of all criteria takes longer to plan than to run.
    criteria = cursor.execute(
        f"""
        SELECT period, area_id, indicator, criterion, value, threshold, gap, status
        FROM ({rows})
        WHERE NOT member
        ORDER BY period, area_id, position
        """,
        [period - 1, period, *bound],
    ).fetchall()
    before = {tuple(key): value for when, *key, value, _, _, _ in criteria if when == period - 1}
    found: Figures = {}
    for when, area_id, code, criterion, value, threshold, gap, status in criteria:
        if when == period and status == "unmet":
            figure = Figure(criterion, value, before.get((area_id, code, criterion)), threshold, gap)
            found[area_id, code] = (*found.get((area_id, code), ()), figure)
    return found


def _decided(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    is_decided: NDArray[np.bool_] = (codes == MET) | (codes == UNMET)
    return is_decided


def _both_times(cursor: DuckDBPyConnection, standard: Standard, level: str, periods: tuple[int, ...], areas: Areas) -> Verdicts:
    """The areas that were judged in all of these periods."""
    found = verdicts(cursor, level, periods, standard.indicators_of(level), *among(areas, "a.area_id"))
    there = (found.codes[:, :, :1] != ABSENT).all(axis=(0, 2))
    return found if there.all() else found.only(np.flatnonzero(there))
