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

from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement
from compliance.engine.schema import compliance_table, domain_column, indicator_column
from compliance.questions.queries import Areas, among
from compliance.standard.definitions import Domain, Indicator, Standard

Way = Literal["fixed", "regressed", "lost"]
UNMET, MET, NO_DATA, NOT_APPLICABLE = range(4)


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
    """areas × indicators (domains: that of each), ordered by parent, then area: now and before[row, column] = 0 unmet, 1 met, 2 no data, 3 not applicable."""

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    domains: tuple[str, ...]
    now: NDArray[np.uint8]
    before: NDArray[np.uint8]

    def flags(self, way: Way) -> NDArray[np.bool_]:
        """Which verdicts turned that way. lost: decided before, without data now."""
        was, is_now = {"fixed": (self.before == UNMET, MET), "regressed": (self.before == MET, UNMET), "lost": (self.before <= MET, NO_DATA)}[way]
        turned: NDArray[np.bool_] = was & (self.now == is_now)
        return turned

    def by_indicator(self) -> pd.DataFrame:
        """A row an indicator: indicator, compared, fixed, regressed, lost (areas); compared: decided both times."""
        compared = ((self.now <= MET) & (self.before <= MET)).sum(axis=0)
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
    condition, bound = among(areas, "c.area_id")
    indicators = standard.indicators_of(level)
    exempt = exempt_codes_of(cursor)
    # Both verdicts in one number: a column the less an indicator, which is what such a wide question costs.
    codes = ", ".join(f"4 * {_code(each, 'c', exempt)} + {_code(each, 'b', exempt)}" for each in indicators)
    rows = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, ''), {codes}
        FROM {_two_periods(level)}
        JOIN areas AS a ON a.area_id = c.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE {condition}
        ORDER BY a.parent_id, a.area_id
        """,
        [period - 1, period, *bound],
    ).fetchnumpy()
    arrays = list(rows.values())
    ids, names, parents = (tuple(array.tolist()) for array in arrays[:3])
    pairs = np.stack([np.asarray(array, dtype=np.uint8) for array in arrays[3:]], axis=1)
    return Turns(ids, names, parents, indicators, tuple(standard.domain_of[each.code].id for each in indicators), pairs // 4, pairs % 4)


def sinking(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str | None, areas: Areas, most: int) -> tuple[int, list[Sinking]]:
    """Which domains of which areas lost more verdicts than they won, now and the period before? How many there are, and those with the most unmet."""
    condition, bound = among(areas, "c.area_id")
    domains = [each for each in standard.domains_of(level) if domain in (None, each.id)]
    nets = ", ".join(f"[{_net(each, level, 'b', 'c')}, {_net(each, level, 'd', 'b')}]" for each in domains)
    parts = ", ".join(f"[{', '.join(f'{alias}.{domain_column(each, what)}' for alias in 'dbc' for what in ('met', 'unmet'))}]" for each in domains)
    lost = ", ".join(f"[{', '.join(f'b.{indicator_column(i)} AND NOT c.{indicator_column(i)}' for i in each.at(level))}]" for each in domains)
    rows = cursor.execute(
        f"""
        SELECT s.area_id, a.name, coalesce(p.name, ''), s.place, s.parts, s.lost, count(*) OVER ()
        FROM (
            SELECT c.area_id, unnest(range({len(domains)})) AS place, unnest([{nets}]) AS nets, unnest([{parts}]) AS parts, unnest([{lost}]) AS lost
            FROM {_two_periods(level)}
            JOIN {compliance_table(level)} AS d ON d.area_id = c.area_id AND d.period = ?
            WHERE {condition}
        ) AS s
        JOIN areas AS a ON a.area_id = s.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE s.nets[1] < 0 AND s.nets[2] < 0
        ORDER BY s.nets[1] + s.nets[2], s.parts[6] DESC, a.parent_id, s.area_id, s.place
        LIMIT ?
        """,
        [period - 1, period, period - 2, *bound, most],
    ).fetchall()
    return (int(rows[0][6]) if rows else 0), [_sinking(level, domains[row[3]], row) for row in rows]


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
    found: Figures = {}
    for area_id, code, *figure in cursor.execute(
        f"""
        SELECT c.area_id, c.indicator, c.criterion, c.value, b.value, c.threshold, c.gap
        FROM ({rows}) AS c
        LEFT JOIN ({rows}) AS b ON b.area_id = c.area_id AND b.position = c.position AND b.period = ?
        WHERE c.period = ? AND c.status = 'unmet' AND NOT c.member
        ORDER BY c.area_id, c.position
        """,
        [period - 1, period, *bound, period - 1, period, *bound, period - 1, period],
    ).fetchall():
        found[area_id, code] = (*found.get((area_id, code), ()), Figure(*figure))
    return found


def _sinking(level: str, domain: Domain, row: tuple[object, ...]) -> Sinking:
    parts, lost = row[4], row[5]
    if not isinstance(parts, list) or not isinstance(lost, list):
        raise TypeError(row)
    counts = tuple((met, met + unmet) for met, unmet in zip(parts[::2], parts[1::2], strict=True))
    codes = tuple(each.code for each, flag in zip(domain.at(level), lost, strict=True) if flag)
    return Sinking(str(row[0]), str(row[1]), str(row[2]), domain, counts, codes)


def _two_periods(level: str) -> str:
    """b: the period before, c: the period; both are bound."""
    table = compliance_table(level)
    return f"(SELECT * FROM {table} WHERE period = ?) AS b JOIN (SELECT * FROM {table} WHERE period = ?) AS c ON c.area_id = b.area_id"


def _code(indicator: Indicator, alias: str, exempt: frozenset[str]) -> str:
    """A verdict as a number of Turns."""
    code = indicator.code.replace("'", "''")
    unknown = f"CASE WHEN list_contains({alias}.exempt, '{code}') THEN {NOT_APPLICABLE} ELSE {NO_DATA} END" if indicator.code in exempt else str(NO_DATA)
    return f"coalesce({alias}.{indicator_column(indicator)}::UTINYINT, {unknown})"


def _net(domain: Domain, level: str, before: str, now: str) -> str:
    """How many verdicts of a domain were won minus lost between two periods; what was not decided in both counts nothing."""
    columns = [indicator_column(each) for each in domain.at(level)]
    return " + ".join(f"coalesce({now}.{column}::TINYINT - {before}.{column}::TINYINT, 0)::SMALLINT" for column in columns)
