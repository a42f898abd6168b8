"""Verdicts as CSV files for other programs (DESIGN §6): long rows, full precision, streamed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv
from duckdb import DuckDBPyConnection

from compliance import periods
from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement
from compliance.engine.schema import area_column, compliance_table, domain_column
from compliance.errors import ComplianceError, Problem
from compliance.spreadsheets import FIGURE, RUNS
from compliance.standard.definitions import Standard

CHUNK_ROWS = 200_000
# Ids are data: what a spreadsheet would run is written with an apostrophe in front, as everywhere (spreadsheets.harmless).
_RUNS, _FIGURE = (pattern.replace("'", "''") for pattern in (RUNS, FIGURE))
SAFE_AREA_ID = f"if(regexp_matches(area_id, '{_RUNS}') AND NOT regexp_matches(area_id, '{_FIGURE}'), chr(39) || area_id, area_id)"
COUNTS = ("met", "unmet", "no_data", "not_applicable", "score")


@contextmanager
def output(path: Path | None) -> Iterator[BinaryIO]:
    """The file to write, complete or not there at all; None: standard output. Raises ComplianceError when the file cannot be written."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = path.parent / f"{path.name}.partial"
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(path)
    except OSError as error:
        raise ComplianceError([Problem("export.unwritable", {"name": str(path), "reason": error.strerror or str(error)})]) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def export(cursor: DuckDBPyConnection, standard: Standard, what: str, level: str, period: int | None, out: BinaryIO, header: bool = True) -> int:
    """Write `what` (areas, domains, indicators or criteria) of a level as CSV; period None: all. Returns the number of rows."""
    select = EXPORTS[what](cursor, standard, level, "true" if period is None else f"m.period = {int(period)}")
    label = periods.label_sql("period", standard.frequency)
    sql = f"SELECT * REPLACE ({SAFE_AREA_ID} AS area_id, {label} AS period) FROM ({select})"
    reader = cursor.sql(sql).to_arrow_reader(CHUNK_ROWS)
    rows = 0
    options = pa.csv.WriteOptions(include_header=header, quoting_style="needed")
    with pa.csv.CSVWriter(out, reader.schema, write_options=options) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _criteria(_cursor: DuckDBPyConnection, standard: Standard, level: str, where: str) -> str:
    rows = Judgement(standard, level).criteria_rows_sql(where)
    return f"SELECT area_id, period, indicator, criterion, value, threshold, gap, attainment, status FROM ({rows}) ORDER BY period, area_id, position"


def _indicators(cursor: DuckDBPyConnection, standard: Standard, level: str, where: str) -> str:
    rows = Judgement(standard, level).indicator_rows_sql(exempt_codes_of(cursor), where)
    return f"SELECT area_id, period, indicator, attainment, status FROM ({rows}) ORDER BY period, area_id, position"


def _domains(_cursor: DuckDBPyConnection, standard: Standard, level: str, where: str) -> str:
    structs = ", ".join(
        f"{{'position': {position}, 'domain': '{domain.id}', " + ", ".join(f"'{what}': m.{domain_column(domain, what)}" for what in COUNTS) + "}"
        for position, domain in enumerate(standard.domains_of(level))
    )
    rows = f"SELECT area_id, period, unnest([{structs}]) AS d FROM {compliance_table(level)} AS m WHERE {where}"
    chosen = ", ".join(f"d.{what} AS {what}" for what in COUNTS)
    return f"SELECT area_id, period, d.domain AS domain, {chosen} FROM ({rows}) ORDER BY period, area_id, d.position"


def _areas(_cursor: DuckDBPyConnection, _standard: Standard, level: str, where: str) -> str:
    columns = ", ".join(f"m.{area_column(what)} AS {what}" for what in COUNTS)
    return f"SELECT area_id, period, '{level}' AS level, {columns} FROM {compliance_table(level)} AS m WHERE {where} ORDER BY period, area_id"


EXPORTS: dict[str, Callable[[DuckDBPyConnection, Standard, str, str], str]] = {
    "areas": _areas,
    "domains": _domains,
    "indicators": _indicators,
    "criteria": _criteria,
}
