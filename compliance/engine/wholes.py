"""A part may not exceed its whole, also when only one of them is in the file: checked on the effective values of the rows that a report touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance import periods
from compliance.engine.schema import ACTIVE, metrics_table, quote, reported_table
from compliance.errors import ImportDataError, Problem
from compliance.standard.definitions import Metric, Standard


@dataclass(frozen=True)
class Report:
    """An import of metrics, and the metrics that it brings, each with what the file calls it."""

    import_id: int
    level: str
    columns: Mapping[str, str]
    file_name: str


def refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, reports: Sequence[Report]) -> None:
    """Raises ImportDataError with every row at fault."""
    problems: list[Problem] = []
    for report in reports:
        for part in standard.metrics_of(report.level):
            if part.part_of is not None and not report.columns.keys().isdisjoint({part.id, part.part_of}):
                problems += _part_problems(cursor, report, part, standard.metric_by_id[part.part_of])
    if problems:
        raise ImportDataError(sorted(problems, key=lambda problem: problem.line or 0))


def refuse_parts_above_wholes_without(cursor: DuckDBPyConnection, standard: Standard, level: str, import_id: int) -> None:
    """The same once an import does not count any more: raises ImportDataError with every part and whole of which it had brought one, and with the newest import
    that brings one of the two figures that are left."""
    problems: list[Problem] = []
    for part in standard.metrics_of(level):
        if part.part_of is not None:
            problems += _problems_without(cursor, standard, part, standard.metric_by_id[part.part_of], import_id)
    if problems:
        raise ImportDataError(problems)


def _problems_without(cursor: DuckDBPyConnection, standard: Standard, part: Metric, whole: Metric, import_id: int) -> Iterator[Problem]:
    small, large, reported = quote(part.id), quote(whole.id), reported_table(part.level)
    brings = f"(r.{small} IS NOT NULL OR r.{large} IS NOT NULL)"
    rows = cursor.execute(
        f"""
        WITH above AS (
            SELECT m.area_id, m.period, m.{small} AS small, m.{large} AS large
            FROM {metrics_table(part.level)} AS m
            JOIN {reported} AS r ON r.area_id = m.area_id AND r.period = m.period AND r.import_id = ? AND {brings}
            WHERE m.{small} > m.{large})
        SELECT v.area_id, any_value(a.name), v.period, any_value(v.small), any_value(v.large), max(r.import_id)
        FROM above AS v
        JOIN areas AS a ON a.area_id = v.area_id
        JOIN {reported} AS r ON r.area_id = v.area_id AND r.period = v.period AND {brings} AND r.{ACTIVE}
        GROUP BY v.area_id, v.period
        ORDER BY v.period, v.area_id
        """,
        [import_id],
    ).fetchall()
    for area_id, name, period, small_value, large_value, newest in rows:
        args = {**_figures(part, whole, small_value, large_value), "name": name, "period": periods.label(period, standard.frequency), "id": newest}
        yield Problem("undo.part_above_whole", args, subject=area_id)


def _figures(part: Metric, whole: Metric, small: float, large: float) -> dict[str, object]:
    # All digits: 1,000,001 against 1,000,000 would otherwise both read 1e+06.
    return {"part": part.title, "part_value": f"{small:.15g}", "whole": whole.title, "whole_value": f"{large:.15g}"}


def _part_problems(cursor: DuckDBPyConnection, report: Report, part: Metric, whole: Metric) -> Iterator[Problem]:
    small, large, reported = quote(part.id), quote(whole.id), reported_table(part.level)
    newest = ", ".join(
        f"max(n.import_id) FILTER (n.{column} IS NOT NULL) AS {name}_from, arg_max(n.line, n.import_id) FILTER (n.{column} IS NOT NULL) AS {name}_line"
        for name, column in (("small", small), ("large", large))
    )
    rows = cursor.execute(
        f"""
        WITH above AS (
            SELECT r.line, m.area_id, m.period, m.{small} AS small, m.{large} AS large
            FROM {metrics_table(part.level)} AS m
            JOIN {reported} AS r ON r.area_id = m.area_id AND r.period = m.period AND r.import_id = ?
            WHERE m.{small} > m.{large}),
        sources AS (
            SELECT v.*, {newest}
            FROM above AS v
            JOIN {reported} AS n ON n.area_id = v.area_id AND n.period = v.period AND n.{ACTIVE}
            GROUP BY ALL)
        SELECT s.line, s.area_id, s.small, s.large, s.small_from <> ?, i.file_name, if(s.small_from = ?, s.large_line, s.small_line)
        FROM sources AS s
        JOIN imports AS i ON i.id = if(s.small_from = ?, s.large_from, s.small_from)
        ORDER BY s.line
        """,
        [report.import_id] * 4,
    ).fetchall()
    for line, area_id, small_value, large_value, is_part_there, other_file, other_line in rows:
        # One of the two figures is from another file: which, and which is here.
        key, column = ("import.whole_below_part", whole) if is_part_there else ("import.part_above_whole", part)
        args = {**_figures(part, whole, small_value, large_value), "other_file": other_file, "other_line": other_line}
        yield Problem(key, args, file=report.file_name, line=line, column=report.columns.get(column.id, column.id), subject=area_id)
