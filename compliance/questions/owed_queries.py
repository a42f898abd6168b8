"""Questions about what was not reported: which figures, of which areas, for which verdicts, and when an area reported last. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance.engine.judging import Judgement
from compliance.engine.schema import ACTIVE, metrics_table, quote, reported_table
from compliance.questions.gap_queries import unreported
from compliance.questions.queries import Areas, among, records
from compliance.standard import inputs
from compliance.standard.definitions import Standard

Figures = dict[tuple[str, int, str], float | None]


@dataclass(frozen=True)
class Owed:
    """A verdict that nobody can give. figures: the missing ones, name and period; none where all are there and the formula has no result."""

    area_id: str
    name: str
    parent: str
    code: str
    figures: tuple[tuple[str, int], ...]


def owed(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas = None) -> tuple[Owed, ...]:
    """Which figures are missing for the verdicts of these indicators that cannot be given? By parent, area and standard."""
    open_verdicts = unreported(cursor, standard, level, period, codes, areas)
    if open_verdicts.empty:
        return ()
    asked = set(open_verdicts["indicator"])
    lacking = frozenset(open_verdicts["area_id"])
    unknown: dict[tuple[str, str], set[str]] = {}
    for area_id, code, criterion in _unknown(cursor, standard, level, period, asked, lacking):
        unknown.setdefault((area_id, code), set()).add(criterion)
    undecided = {key: inputs.undecided(standard.indicator_by_code[key[1]], ids) for key, ids in unknown.items()}
    wanted = {each: inputs.needs(standard, each) for found in undecided.values() for each in found}
    known = _figures(cursor, standard, level, period, tuple(dict.fromkeys(pair for pairs in wanted.values() for pair in pairs)), lacking)
    rows = []
    for row in records(open_verdicts):
        key = row["area_id"], row["indicator"]
        pairs = dict.fromkeys(pair for leaf in undecided.get(key, ()) for pair in wanted[leaf])
        missing = tuple((name, period - lag) for name, lag in pairs if known.get((key[0], period - lag, name)) is None)
        rows.append(Owed(key[0], row["name"], row["parent"], key[1], missing))
    return tuple(rows)


def _unknown(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: set[str], areas: frozenset[str]
) -> list[tuple[str, str, str]]:  # fmt: skip
    condition, bound = among(areas, "m.area_id")
    rows = Judgement(standard, level, frozenset(codes)).criteria_rows_sql(f"m.period = ? AND {condition}")
    return cursor.execute(
        f"SELECT area_id, indicator, criterion FROM ({rows}) WHERE status = 'no_data' ORDER BY area_id, position", [period, *bound]
    ).fetchall()


def _figures(
    cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, wanted: Sequence[tuple[str, int]], areas: frozenset[str]
) -> Figures:  # fmt: skip
    """(area, period, name) → the figure, for every area; an outside figure is the same for all of them."""
    if not wanted:
        return {}
    found: Figures = {}
    condition, bound = among(areas)
    first = period - max(lag for _, lag in wanted)
    metrics = tuple(dict.fromkeys(name for name, _ in wanted if name in standard.metric_by_id))
    columns = ", ".join(["area_id", "period", *map(quote, metrics)])
    for area_id, when, *values in cursor.execute(
        f"SELECT {columns} FROM {metrics_table(level)} WHERE period BETWEEN ? AND ? AND {condition} ORDER BY area_id, period", [first, period, *bound]
    ).fetchall():
        found |= {(area_id, when, name): value for name, value in zip(metrics, values, strict=True)}
    outside = tuple(dict.fromkeys(name for name, _ in wanted if name in standard.parameter_by_id))
    if outside:
        columns = ", ".join(["period", *map(quote, outside)])
        for when, *values in cursor.execute(f"SELECT {columns} FROM parameters WHERE period BETWEEN ? AND ? ORDER BY period", [first, period]).fetchall():
            found |= {(area_id, when, name): value for area_id in areas for name, value in zip(outside, values, strict=True)}
    return found


def last_report(cursor: DuckDBPyConnection, level: str, area_id: str, period: int) -> int | None:
    """For which period, this one or an earlier, did an area last report anything? None: for none."""
    row = cursor.execute(
        f"""
        SELECT max(period)
        FROM {reported_table(level)}
        WHERE area_id = ? AND period <= ? AND {ACTIVE}
        """,
        [area_id, period],
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def silent(cursor: DuckDBPyConnection, level: str, period: int, areas: Areas = None) -> int:
    """How many areas reported nothing at all for the period?"""
    condition, bound = among(areas)
    row = cursor.execute(
        f"""
        SELECT count(*)
        FROM areas
        WHERE level = ? AND {condition} AND area_id NOT IN (
            SELECT area_id FROM {reported_table(level)} WHERE period = ? AND {ACTIVE}
        )
        """,
        [level, *bound, period],
    ).fetchone()
    return int(row[0]) if row else 0
