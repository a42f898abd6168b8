"""A part may not exceed its whole, also when only one of them is in the file: checked on the effective values of the rows that a report touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance.engine.schema import metrics_table, quote, reported_table
from compliance.errors import ImportDataError, Problem
from compliance.standard.definitions import Metric, Standard


@dataclass(frozen=True)
class Report:
    """An import of metrics, and the metrics that it brings."""

    import_id: int
    level: str
    columns: AbstractSet[str]
    file_name: str


def refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, reports: Sequence[Report]) -> None:
    """Raises ImportDataError with every row at fault."""
    problems: list[Problem] = []
    for report in reports:
        for part in standard.metrics_of(report.level):
            if part.part_of is not None and not report.columns.isdisjoint({part.id, part.part_of}):
                problems += _part_problems(cursor, report, part, standard.metric_by_id[part.part_of])
    if problems:
        raise ImportDataError(sorted(problems, key=lambda problem: problem.line or 0))


def _part_problems(cursor: DuckDBPyConnection, report: Report, part: Metric, whole: Metric) -> Iterator[Problem]:
    small, large = quote(part.id), quote(whole.id)
    rows = cursor.execute(
        f"""
        SELECT r.line, m.area_id, m.{small}, m.{large}
        FROM {metrics_table(part.level)} AS m
        JOIN {reported_table(part.level)} AS r ON r.area_id = m.area_id AND r.period = m.period AND r.import_id = ?
        WHERE m.{small} > m.{large}
        ORDER BY r.line
        """,
        [report.import_id],
    ).fetchall()
    column = part if part.id in report.columns else whole
    for line, area_id, small_value, large_value in rows:
        # All digits: 1,000,001 against 1,000,000 would otherwise both read 1e+06.
        args = {"part": part.title, "part_value": f"{small_value:.15g}", "whole": whole.title, "whole_value": f"{large_value:.15g}"}
        yield Problem("import.part_above_whole", args, file=report.file_name, line=line, column=column.id, subject=area_id)
