"""Questions about a few areas beside each other: their sizes, verdicts and figures. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.judging import Judgement
from compliance.engine.schema import compliance_table, indicator_column, metrics_table, quote
from compliance.engine.statuses import of
from compliance.standard.definitions import Metric, Standard, names_of

SIZE_UNITS = frozenset({"people", "households"})


def size_metric(standard: Standard, level: str) -> Metric | None:
    """Which metric says how large an area is? Of the numbers of people or households that others are measured by (no part of another, and
    looked at together with other figures) the one that most criteria look at; None where there is none."""
    used: dict[str, int] = {}
    for indicator in standard.indicators_of(level):
        for criterion, _ in indicator.leaves():
            names = names_of(criterion)
            for name in names if len(names) > 1 else ():
                used[name] = used.get(name, 0) + 1
    sized = [
        metric for metric in standard.metrics_of(level) if metric.unit in SIZE_UNITS and metric.kind == "stock" and metric.id in used and not metric.part_of
    ]
    return max(sized, key=lambda metric: (used[metric.id], metric.unit == "households"), default=None)


def sizes(cursor: DuckDBPyConnection, level: str, period: int, metric: str) -> dict[str, float]:
    """How large is each area, as far as it was reported?"""
    rows = cursor.execute(
        f"""
        SELECT area_id, {quote(metric)}
        FROM {metrics_table(level)}
        WHERE period = ? AND {quote(metric)} IS NOT NULL
        ORDER BY area_id
        """,
        [period],
    ).fetchall()
    return {area_id: float(size) for area_id, size in rows}


def statuses(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """What is the verdict on every indicator of some areas? Area → indicator → status."""
    indicators = standard.indicators_of(level)
    rows = cursor.execute(
        f"""
        SELECT area_id, exempt, {", ".join(map(indicator_column, indicators))}
        FROM {compliance_table(level)}
        WHERE period = ? AND area_id IN (SELECT unnest(?))
        ORDER BY area_id
        """,
        [period, list(ids)],
    ).fetchall()
    return {row[0]: {each.code: of(verdict, is_exempt=each.code in (row[1] or ())) for each, verdict in zip(indicators, row[2:], strict=True)} for row in rows}


def criteria(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, ids: Sequence[str], codes: Sequence[str]) -> pd.DataFrame:
    """By how much? A row an area and criterion: area_id, indicator, criterion, member, value, threshold, gap, attainment, status."""
    rows = Judgement(standard, level, frozenset(codes)).criteria_rows_sql("m.period = ? AND m.area_id IN (SELECT unnest(?))")
    return cursor.execute(
        f"""
        SELECT area_id, indicator, criterion, member, value, threshold, gap, attainment, status
        FROM ({rows}) AS c
        ORDER BY area_id, position
        """,
        [period, list(ids)],
    ).df()
