"""Questions behind the heatmap and its cells: who misses what, areas summed up under their parents, one indicator of one area over time. Readers only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement, counts_sql
from compliance.engine.schema import compliance_table, domain_column
from compliance.questions.queries import COUNTS
from compliance.standard.definitions import Standard


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class Rates:
    """areas × groups of indicators: ids, names and parents by row; counts[row, group] = met, unmet, no_data, not_applicable."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    counts: NDArray[np.uint32]


def rates_of_areas(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, groups: Sequence[tuple[str, ...]]) -> Rates:
    """How many indicators (codes) of each group does each area meet? Ordered by parent, then area."""
    columns = ", ".join(_counts(standard, level, groups, exempt_codes_of(cursor)))
    rows = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, ''), {columns}
        FROM {compliance_table(level)} AS c
        JOIN areas AS a ON a.area_id = c.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE c.period = ?
        ORDER BY a.parent_id, a.area_id
        """,
        [period],
    ).fetchnumpy()
    return _rates(list(rows.values()), len(groups))


def rates_of_parents(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, groups: Sequence[tuple[str, ...]], kept: Sequence[str] | None = None
) -> Rates:
    """The same for all areas (of those `kept`) under one parent together. Ordered by parent."""
    columns = ", ".join(f"sum({sql})" for sql in _counts(standard, level, groups, exempt_codes_of(cursor)))
    rows = cursor.execute(
        f"""
        SELECT p.area_id, p.name, '', {columns}
        FROM {compliance_table(level)} AS c
        JOIN areas AS a ON a.area_id = c.area_id
        JOIN areas AS p ON p.area_id = a.parent_id
        WHERE c.period = ? AND ({kept is None} OR list_contains(?, a.area_id))
        GROUP BY p.area_id, p.name
        ORDER BY p.area_id
        """,
        [period, list(kept or ("",))],
    ).fetchnumpy()
    return _rates(list(rows.values()), len(groups))


def exemptions(cursor: DuckDBPyConnection, level: str, period: int) -> dict[tuple[str, str], str]:
    """Why does an indicator not apply to an area? (area, indicator) → the reason."""
    rows = cursor.execute(
        """
        SELECT e.area_id, e.indicator, e.reason
        FROM exemptions AS e
        JOIN areas AS a ON a.area_id = e.area_id
        WHERE a.level = ? AND e."from" <= ? AND coalesce(e."to", ?) >= ?
        ORDER BY e.area_id, e.indicator, e."from"
        """,
        [level, period, period, period],
    ).fetchall()
    return {(area_id, code): reason for area_id, code, reason in rows}


def criteria_over_time(cursor: DuckDBPyConnection, standard: Standard, level: str, area_id: str, first: int, last: int, code: str) -> pd.DataFrame:
    """How did one indicator of one area move? A row a period and criterion:
    period, indicator, criterion, member, value, threshold, gap, attainment, status; oldest period first, then in the standard's order."""
    rows = Judgement(standard, level, frozenset((code,))).criteria_rows_sql("m.area_id = ? AND m.period BETWEEN ? AND ?")
    return cursor.execute(
        f"""
        SELECT period, indicator, criterion, member, value, threshold, gap, attainment, status
        FROM ({rows})
        ORDER BY period, position
        """,
        [area_id, first, last],
    ).df()


def _counts(standard: Standard, level: str, groups: Sequence[tuple[str, ...]], exempt_codes: frozenset[str]) -> Iterator[str]:
    """met, unmet, no_data, not_applicable of each group. Whole domains are counted already."""
    whole = {tuple(each.code for each in domain.at(level)): domain for domain in standard.domains_of(level)}
    for codes in groups:
        if codes in whole:
            yield from (domain_column(whole[codes], what) for what in COUNTS)
        else:
            yield from counts_sql(tuple(standard.indicator_by_code[code] for code in codes), exempt_codes).values()


def _rates(arrays: list[Any], groups: int) -> Rates:
    ids, names, parents = (tuple(str(value) for value in array) for array in arrays[:3])
    counts = np.stack([np.asarray(array, dtype=np.uint32) for array in arrays[3:]], axis=1) if ids else np.zeros((0, 4 * groups), dtype=np.uint32)
    return Rates(ids, names, parents, counts.reshape(len(ids), groups, 4))
