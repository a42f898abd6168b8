"""Questions about what is left to do: how much, where, for whom, and since when. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement
from compliance.engine.near_misses import WORST_SQL
from compliance.engine.schema import compliance_table, criterion_column, indicator_column
from compliance.engine.statuses import MET, NO_DATA, NOT_APPLICABLE, UNMET, exempt_sql
from compliance.questions.queries import Areas, all_periods, among
from compliance.questions.verdicts import Verdicts, verdicts
from compliance.standard.definitions import Standard


def open_by_indicator(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """What is left to do of each indicator? A row an indicator: indicator, near, unmet, no_data, met, not_applicable (areas); near are some of the unmet."""
    condition, bound = among(areas, "c.area_id")
    exempt = exempt_codes_of(cursor)
    indicators = standard.indicators_of(level)
    columns = ["count(*)"]
    for indicator in indicators:
        verdict = indicator_column(indicator)
        columns += [f"count(*) FILTER ({verdict})", f"count({verdict})"]
        columns.append(f"count(*) FILTER ({exempt_sql(indicator, 'c.')})" if indicator.code in exempt else "0")
    found = cursor.execute(f"SELECT {', '.join(columns)} FROM {compliance_table(level)} AS c WHERE c.period = ? AND {condition}", [period, *bound]).fetchone()
    total, *counts = found or ()
    near = near_by_indicator(cursor, standard, level, period, areas)
    rows = []
    for position, indicator in enumerate(indicators):
        met, judged, not_applicable = counts[3 * position : 3 * position + 3]
        rows.append((indicator.code, near.get(indicator.code, 0), judged - met, total - judged - not_applicable, met, not_applicable))
    return pd.DataFrame(rows, columns=["indicator", "near", "unmet", "no_data", "met", "not_applicable"])


def near_by_indicator(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> dict[str, int]:
    """How many areas nearly meet each indicator? Only those indicators where that can be."""
    condition, bound = among(areas, "m.area_id")
    every = Judgement(standard, level)
    judgement = Judgement(standard, level, frozenset(each.code for each in every.indicators if every.near_sql(each)))
    if not judgement.indicators:
        return {}
    counts = ", ".join(f"count(*) FILTER ({judgement.near_sql(each)})" for each in judgement.indicators)
    rows = judgement.verdicts_sql(exempt_codes_of(cursor), f"m.period = ? AND {condition}")
    found = cursor.execute(f"SELECT {counts} FROM ({rows})", [period, *bound]).fetchone() or ()
    return {each.code: count for each, count in zip(judgement.indicators, found, strict=True)}


def open_by_area(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> pd.DataFrame:
    """How much of these indicators is left to each area? area_id, name, parent_id, parent, unmet, no_data, met, not_applicable; by parent, then area."""
    found = _verdicts(cursor, standard, level, (period,), codes, areas)
    columns = {"area_id": found.area_ids, "name": found.names, "parent_id": found.parent_ids, "parent": found.parents}
    return pd.DataFrame({**{name: pd.Series(texts, dtype="str") for name, texts in columns.items()}, **found.sums()})


def open_by_parent(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> pd.DataFrame:
    """How much of these indicators is left to the areas of each parent? The columns of open_by_area, and areas: how many they are."""
    rows = open_by_area(cursor, standard, level, period, codes, areas)
    summed = rows[rows["parent_id"] != ""].groupby("parent_id", sort=True).agg(
        name=("parent", "first"), **{what: (what, "sum") for what in ("unmet", "no_data", "met", "not_applicable")}, areas=("area_id", "size")
    )  # fmt: skip
    rows = summed.astype({what: "int64" for what in summed.columns if what != "name"}).reset_index(names="area_id")
    rows.insert(2, "parent_id", pd.Series("", index=rows.index, dtype="str"))
    rows.insert(3, "parent", pd.Series("", index=rows.index, dtype="str"))
    return rows


def _verdicts(
    cursor: DuckDBPyConnection, standard: Standard, level: str, periods: Sequence[int], codes: Sequence[str], areas: Areas
) -> Verdicts:  # fmt: skip
    return verdicts(cursor, level, periods, [standard.indicator_by_code[code] for code in codes], *among(areas, "a.area_id"))


def work(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> pd.DataFrame:
    """What must be done? A row an area and unmet criterion of these indicators: area_id, name, parent, indicator, criterion, member, value, threshold, gap,
    attainment, and worst: that of the indicator's worst criterion, 0 where one lacks data. Members of a group follow it, those of a group that is met come without one."""
    condition, bound = among(areas, "m.area_id")
    rows = Judgement(standard, level, frozenset(codes)).criteria_rows_sql(f"m.period = ? AND {condition}")
    return cursor.execute(
        f"""
        SELECT w.area_id, a.name, coalesce(p.name, '') AS parent, w.indicator, w.criterion, w.member, w.value, w.threshold, w.gap, w.attainment, w.worst
        FROM (
            SELECT *, {WORST_SQL} OVER (PARTITION BY area_id, indicator) AS worst
            FROM ({rows})
        ) AS w
        JOIN areas AS a ON a.area_id = w.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE w.status = 'unmet'
        ORDER BY a.parent_id, w.area_id, w.position
        """,
        [period, *bound],
    ).df()


def open_criteria(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> int:
    """How many criteria of these indicators are not met, in all areas together? A group counts as one: the tasks of `work`."""
    judgement = Judgement(standard, level, frozenset(codes))
    if not judgement.indicators:
        return 0
    condition, bound = among(areas, "m.area_id")
    exempt = exempt_codes_of(cursor)
    counts = [
        f"count_if(NOT {criterion_column(i, each.id)}" + (f" AND {exempt_sql(i)} IS NOT TRUE)" if i.code in exempt else ")")
        for i in judgement.indicators
        for each in i.criteria
    ]
    rows = judgement.verdicts_sql(exempt, f"m.period = ? AND {condition}")
    found = cursor.execute(f"SELECT {', '.join(counts)} FROM ({rows})", [period, *bound]).fetchall()[0]
    # Added up here: a sum of hundreds of terms takes longer to plan than all of them beside each other. count_if over nothing but NULL is NULL, not 0.
    return sum(count or 0 for count in found)


def unreported(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> pd.DataFrame:
    """What cannot be told for want of data? A row an area and indicator: area_id, name, parent, indicator."""
    found = _verdicts(cursor, standard, level, (period,), codes, areas)
    places = np.argwhere(found.codes[0] == NO_DATA).tolist()
    rows = [(found.area_ids[row], found.names[row], found.parents[row], codes[column]) for row, column in places]
    return pd.DataFrame(rows, columns=["area_id", "name", "parent", "indicator"], dtype="str")


def unmet_since(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None
) -> dict[tuple[str, str], tuple[int, bool]]:
    """Since when is it unmet? (area, indicator) → the first period of the run of unmet verdicts that ends now, and whether it is known to begin there:
    a verdict before it that is missing, or no period before it, leaves "at least since"."""
    reported = [each for each in all_periods(cursor) if each <= period]
    if not reported or reported[-1] != period:
        return {}
    found = _verdicts(cursor, standard, level, reported[::-1], codes, areas)
    # How many periods back the run was broken: by a verdict that is not unmet, or by a row that is missing.
    broken = found.codes != UNMET
    runs = np.where(broken.any(axis=0), broken.argmax(axis=0), len(reported))
    since: dict[tuple[str, str], tuple[int, bool]] = {}
    for row, column in np.argwhere(runs > 0).tolist():
        length = int(runs[row, column])
        first = reported[-length]
        # A period in which the indicator did not apply ends a run as surely as one in which it was met; one that nobody reported on leaves it open.
        before = found.codes[length, row, column] if length < len(reported) else NO_DATA
        is_known = before in (MET, NOT_APPLICABLE) and reported[-length - 1] == first - 1
        since[found.area_ids[row], codes[column]] = first, bool(is_known)
    return since


def spread(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int) -> pd.DataFrame:
    """How far do the areas of a level get? A row an indicator: indicator, low, middle, high (10, 50 and 90 % of the attainments that exist), areas."""
    exempt = exempt_codes_of(cursor)
    rows: list[tuple[object, ...]] = []
    for domain in standard.domains_of(level):
        judgement = Judgement(standard, level, frozenset(indicator.code for indicator in domain.at(level)))
        # An undecided indicator has an attainment of the criteria that are decided: it would look better or worse than anybody knows.
        decided = [f"CASE WHEN {indicator_column(i)} IS NOT NULL THEN {judgement.attainment_of_sql(i)} END" for i in judgement.indicators]
        columns = ", ".join(f"quantile_cont({sql}, [0.1, 0.5, 0.9]), count({sql})" for sql in decided)
        found = cursor.execute(f"SELECT {columns} FROM ({judgement.indicators_sql(exempt, 'm.period = ?')})", [period]).fetchone() or ()
        for place, indicator in enumerate(judgement.indicators):
            low, middle, high = found[2 * place] or (None, None, None)
            rows.append((indicator.code, low, middle, high, found[2 * place + 1]))
    return pd.DataFrame(rows, columns=["indicator", "low", "middle", "high", "areas"])
