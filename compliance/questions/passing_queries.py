"""Questions about one indicator across areas and periods: who passes it, by how much, since when. Readers only, as queries.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement
from compliance.engine.near_misses import NEAR_ENOUGH, WORST_SQL
from compliance.engine.schema import compliance_table, indicator_column
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, UNMET, code_sql
from compliance.questions.queries import Areas, among
from compliance.questions.verdicts import Shift
from compliance.standard.definitions import Standard

ABSENT = 255


@dataclass(frozen=True)
class Standings:
    """How every area stands on one indicator and on one of its criteria, a row an area; ordered by parent, then area.

    statuses and clause_statuses: 0 met, 1 unmet but near, 2 unmet, 3 no data, 4 not applicable; figures are NaN where unknown.
    parts: areas × criteria of the indicator (a group counts as one), coded likewise without "near".
    """

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    statuses: np.ndarray
    attainments: np.ndarray
    clause_statuses: np.ndarray
    values: np.ndarray
    thresholds: np.ndarray
    gaps: np.ndarray
    parts: np.ndarray

    @property
    def unmet(self) -> np.ndarray:
        """How many criteria of the indicator each area does not meet."""
        found: np.ndarray = (self.parts == UNMET).sum(axis=1)
        return found

    @property
    def unknown(self) -> np.ndarray:
        """Of how many criteria each area lacks data."""
        found: np.ndarray = (self.parts == NO_DATA).sum(axis=1)
        return found


@dataclass(frozen=True)
class History:
    """areas × periods: codes[row, column] as in Standings without "near", 255 where an area was not judged at all; oldest period first."""

    area_ids: tuple[str, ...]
    periods: tuple[int, ...]
    codes: np.ndarray

    def shift(self, before: int, now: int) -> Shift | None:
        """What turned from one period to another; None where either is not there."""
        if not {before, now} <= set(self.periods):
            return None
        return Shift.between(self.codes[:, self.periods.index(before)], self.codes[:, self.periods.index(now)])


def clause_counts(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, code: str, areas: Areas = None) -> pd.DataFrame:
    """Which criterion do they fail? A row a criterion of the indicator: criterion, member, met, unmet, no_data, not_applicable (areas)."""
    condition, bound = among(areas, "m.area_id")
    rows = Judgement(standard, level, frozenset([code])).criteria_rows_sql(f"m.period = ? AND {condition}")
    return cursor.execute(
        f"""
        SELECT
            criterion,
            member,
            count(*) FILTER (status = 'met') AS met,
            count(*) FILTER (status = 'unmet') AS unmet,
            count(*) FILTER (status = 'no_data') AS no_data,
            count(*) FILTER (status = 'not_applicable') AS not_applicable
        FROM ({rows})
        GROUP BY criterion, member, position
        ORDER BY position
        """,
        [period, *bound],
    ).df()


def standings(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, code: str, criterion: str, areas: Areas = None) -> Standings:
    """Who passes this indicator, and how far is each from the limit of this criterion?"""
    condition, bound = among(areas, "m.area_id")
    rows = Judgement(standard, level, frozenset([code])).criteria_rows_sql(f"m.period = ? AND {condition}")
    indicator = standard.indicator_by_code[code]
    coded = f"max(CASE status WHEN 'met' THEN {MET} WHEN 'unmet' THEN {UNMET} WHEN 'no_data' THEN {NO_DATA} ELSE {NOT_APPLICABLE} END) FILTER (criterion = ?)"
    parts = [f"part{place}" for place in range(len(indicator.criteria))]
    arrays = cursor.execute(
        f"""
        SELECT
            a.area_id,
            a.name,
            coalesce(p.name, '') AS parent,
            {code_sql(indicator, "c.")} AS status,
            g.* EXCLUDE (area_id)
        FROM (
            SELECT
                area_id,
                avg(attainment) FILTER (NOT member) AS attainment,
                {WORST_SQL} AS worst,
                {coded} AS clause_status,
                max(attainment) FILTER (criterion = ?) AS clause_attainment,
                max(value) FILTER (criterion = ?) AS value,
                max(threshold) FILTER (criterion = ?) AS threshold,
                max(gap) FILTER (criterion = ?) AS gap,
                {", ".join(f"{coded} AS {part}" for part in parts)}
            FROM ({rows})
            GROUP BY area_id
        ) AS g
        JOIN {compliance_table(level)} AS c ON c.area_id = g.area_id AND c.period = ?
        JOIN areas AS a ON a.area_id = g.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        ORDER BY a.parent_id, a.area_id
        """,
        [*[criterion] * 5, *(each.id for each in indicator.criteria), period, *bound, period],
    ).fetchnumpy()
    figures = {name: _figures(arrays[name]) for name in ("attainment", "worst", "clause_attainment", "value", "threshold", "gap")}
    codes = np.stack([np.asarray(arrays[part], dtype=np.uint8) for part in parts], axis=1)
    ids, names, parents = (tuple(str(text) for text in arrays[name]) for name in ("area_id", "name", "parent"))
    statuses, clause_statuses = _near(arrays["status"], figures["worst"]), _near(arrays["clause_status"], figures["clause_attainment"])
    return Standings(ids, names, parents, statuses, figures["attainment"], clause_statuses, figures["value"], figures["threshold"], figures["gap"], codes)


def history(cursor: DuckDBPyConnection, standard: Standard, level: str, code: str, areas: Areas = None) -> History:
    """Who passed this indicator when? Rows ordered by parent, then area, as in `standings`."""
    condition, bound = among(areas, "c.area_id")
    periods = [row[0] for row in cursor.execute(f"SELECT DISTINCT period FROM {compliance_table(level)} ORDER BY period").fetchall()]
    columns = ", ".join(f"coalesce(max(status) FILTER (period = {period:d}), {ABSENT})" for period in periods)
    if not periods:
        return History((), (), np.zeros((0, 0), dtype=np.uint8))
    arrays = cursor.execute(
        f"""
        SELECT s.area_id, {columns}
        FROM (
            SELECT
                c.area_id,
                c.period,
                {code_sql(standard.indicator_by_code[code], "c.")} AS status
            FROM {compliance_table(level)} AS c
            WHERE {condition}
        ) AS s
        JOIN areas AS a ON a.area_id = s.area_id
        GROUP BY s.area_id, a.parent_id
        ORDER BY a.parent_id, s.area_id
        """,
        bound,
    ).fetchnumpy()
    ids, *statuses = arrays.values()
    return History(tuple(str(id_) for id_ in ids), tuple(periods), np.stack(statuses, axis=1).astype(np.uint8))


def near_over_time(cursor: DuckDBPyConnection, standard: Standard, level: str, code: str, area_ids: tuple[str, ...]) -> frozenset[tuple[str, int]]:
    """When did these areas nearly meet this indicator? (area, period) of every near miss."""
    judgement = Judgement(standard, level, frozenset([code]))
    near = judgement.near_sql(standard.indicator_by_code[code])
    if near is None:
        return frozenset()
    rows = judgement.verdicts_sql(exempt_codes_of(cursor), "m.area_id IN (SELECT unnest(?))")
    found = cursor.execute(f"SELECT area_id, period FROM ({rows}) WHERE {near} ORDER BY area_id, period", [list(area_ids)])
    return frozenset((str(area_id), int(period)) for area_id, period in found.fetchall())


def telling_area(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, code: str) -> str | None:
    """Which area makes a good example? One that misses the indicator, else one that meets it, else the first there is."""
    verdict = indicator_column(standard.indicator_by_code[code])
    row = cursor.execute(
        f"""
        SELECT area_id
        FROM {compliance_table(level)}
        WHERE period = ?
        ORDER BY list_contains(exempt, ?) IS TRUE, {verdict} NULLS LAST, {verdict} IS NULL, area_id
        LIMIT 1
        """,
        [period, code],
    ).fetchone()
    return None if row is None else str(row[0])


def _figures(column: Any) -> np.ndarray:
    """Numbers with NaN for NULL."""
    return np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)


def _near(statuses: Any, worst: np.ndarray) -> np.ndarray:
    """Statuses with the near misses among the unmet marked, by the attainment of the worst criterion."""
    codes = np.asarray(statuses, dtype=np.uint8)
    return np.where((codes == UNMET) & (worst >= NEAR_ENOUGH), NEARLY, codes).astype(np.uint8)
