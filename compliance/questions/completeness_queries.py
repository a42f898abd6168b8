"""Questions about figures that were not reported: how many, by whom, of which area, since when. Readers only.

A figure is owed by every area of its level in every period; it is excused where all indicators that look at it are exempt there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance.engine.schema import metrics_table, quote
from compliance.questions.queries import Areas, among
from compliance.standard.definitions import Standard
from compliance.standard.inputs import needed_by


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


def completeness(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> Completeness:
    """How many figures are missing, metric by metric?"""
    names = [metric.id for metric in standard.metrics_of(level)]
    condition, bound = among(areas)
    counts = ", ".join(f"count({quote(name)})" for name in names)
    row = cursor.execute(f"SELECT count(*), {counts} FROM {metrics_table(level)} WHERE period = ? AND {condition}", [period, *bound]).fetchall()[0]
    excused = Counter(metric for area, metric in _excused(cursor, standard, level, period) if areas is None or area in areas)
    missing = {name: row[0] - reported - excused[name] for name, reported in zip(names, row[1:], strict=True)}
    return Completeness(row[0], missing, dict(excused))


def gaps_of_areas(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], areas: Areas = None) -> tuple[AreaGaps, ...]:
    """Which areas lack figures of these metrics? Most first, then by parent and area."""
    condition, bound = among(areas, "m.area_id")
    number = " + ".join(f"CAST(m.{quote(name)} IS NULL AS USMALLINT)" for name in metrics)
    rows = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, ''), {number} AS missing
        FROM {metrics_table(level)} AS m
        JOIN areas AS a ON a.area_id = m.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE m.period = ? AND {condition} AND {number} > 0
        ORDER BY missing DESC, a.parent_id, a.area_id
        """,
        [period, *bound],
    ).fetchall()
    excused = Counter(area for area, metric in _excused(cursor, standard, level, period) if metric in set(metrics))
    found = [AreaGaps(area_id, name, parent, missing - excused[area_id]) for area_id, name, parent, missing in rows]
    return tuple(sorted((each for each in found if each.missing), key=lambda each: -each.missing))


def missing_figures(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, metrics: Sequence[str], areas: Areas = None
) -> tuple[Missing, ...]:  # fmt: skip
    """Which figures are missing, and since when? By parent, area and the order of the standard."""
    condition, bound = among(areas, "m.area_id")
    cells = ", ".join(f"CASE WHEN m.{quote(name)} IS NULL THEN {place} END" for place, name in enumerate(metrics))
    last = ", ".join(f"max(h.period) FILTER (h.{quote(name)} IS NOT NULL)" for name in metrics)
    rows = cursor.execute(
        f"""
        WITH open AS (
            SELECT a.parent_id, a.area_id, a.name, coalesce(p.name, '') AS parent, list_filter([{cells}], lambda x: x IS NOT NULL) AS places
            FROM {metrics_table(level)} AS m
            JOIN areas AS a ON a.area_id = m.area_id
            LEFT JOIN areas AS p ON p.area_id = a.parent_id
            WHERE m.period = ? AND {condition}
        ), before AS (
            SELECT h.area_id, [{last}] AS last
            FROM {metrics_table(level)} AS h
            WHERE h.period < ? AND h.area_id IN (SELECT area_id FROM open WHERE len(places) > 0)
            GROUP BY h.area_id
        )
        SELECT o.area_id, o.name, o.parent, o.places, b.last
        FROM open AS o
        LEFT JOIN before AS b ON b.area_id = o.area_id
        WHERE len(o.places) > 0
        ORDER BY o.parent_id, o.area_id
        """,
        [period, *bound, period],
    ).fetchall()
    excused = set(_excused(cursor, standard, level, period))
    return tuple(
        Missing(area_id, name, parent, metrics[place], before[place] if before else None)
        for area_id, name, parent, places, before in rows
        for place in places
        if (area_id, metrics[place]) not in excused
    )


def _excused(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int) -> list[tuple[str, str]]:
    """Area and metric where the figure is missing and nobody asks for it."""
    exempt = cursor.execute("SELECT area_id, exempt FROM exempt_indicators WHERE period = ? ORDER BY area_id", [period]).fetchall()
    users = {metric.id: {indicator.code for indicator in needed_by(standard, metric)} for metric in standard.metrics_of(level)} if exempt else {}
    pairs = [(area, metric) for area, codes in exempt for metric, needing in users.items() if needing and needing <= set(codes)]
    found = []
    for area, metric in pairs:
        rows = cursor.execute(f"SELECT 1 FROM {metrics_table(level)} WHERE area_id = ? AND period = ? AND {quote(metric)} IS NULL", [area, period]).fetchall()
        found += [(area, metric)] * len(rows)
    return found
