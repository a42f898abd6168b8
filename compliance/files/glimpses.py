"""The first rows of a file as they stand in it, right or wrong: so that a person sees whether the right file was chosen."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from compliance.errors import ImportDataError, Problem
from compliance.files import encodings, records
from compliance.files.encodings import Limits, Source
from compliance.files.findings import COUNTED
from compliance.files.packages import WorkbookFault, is_workbook
from compliance.files.records import QuotesError, is_blank
from compliance.files.workbooks import ENCODING, Workbook, column_of
from compliance.spreadsheets import as_meant

ROWS, COLUMNS, LONGEST_CELL, LONGEST_HEAD = 6, 12, 40, 200_000


@dataclass(frozen=True)
class Glimpse:
    """encoding: as an import would store it, None where it cannot be told. rows: line and cells; more: how many columns were left out."""

    encoding: str | None
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    more: int = 0


def glimpse(source: Source, limits: Limits, encoding: str | None = None) -> Glimpse:
    """Never fails: of what cannot be read nothing is shown. encoding: what an import found, which names the sheet of a workbook."""
    if is_workbook(source.content):
        return _of_workbook(source, encoding)
    start = bytes(source.content[:LONGEST_HEAD])
    rows = []
    try:
        for line, row in records.records(iter(io.StringIO(encodings.decode_leniently(Source(source.name, start)), newline=""))):
            if not is_blank(row):
                rows.append((line, row))
            if len(rows) == ROWS:
                break
    except QuotesError:
        pass  # what stands before it is shown
    return _glimpse(encoding or _encoding(source, limits), rows)


def faulty_cells(glimpse: Glimpse, problems: Sequence[Problem]) -> dict[tuple[int, int | None], Problem]:
    """Line and position (None: the line as a whole) of the rows shown → the first of these problems that is about it."""
    found: dict[tuple[int, int | None], Problem] = {}
    lines = {line for line, _ in glimpse.rows}
    for problem in problems:
        if problem.line in lines:
            found.setdefault((problem.line, _position(glimpse, problem)), problem)
    return found


def _position(glimpse: Glimpse, problem: Problem) -> int | None:
    if problem.key in COUNTED:
        return int(str(problem.args["position"])) - 1
    if problem.cell is not None:
        return column_of(problem.cell.rstrip("0123456789"))
    # The header is the first row that has the column's name in it.
    header = (problem.column or "").strip()[:LONGEST_CELL]
    rows = ([as_meant(cell.strip()) for cell in cells] for _, cells in glimpse.rows)
    return next((row.index(header) for row in rows if header and header in row), None)


def _encoding(source: Source, limits: Limits) -> str | None:
    try:
        return encodings.decode(source, limits).encoding
    except ImportDataError:
        return None


def _of_workbook(source: Source, encoding: str | None) -> Glimpse:
    try:
        workbook = Workbook(source.content)
        wanted = [sheet for sheet in workbook.sheets if ENCODING + sheet.name == encoding]
        sheet = next(iter(wanted or [sheet for sheet in workbook.sheets if not sheet.is_hidden]), None)
        rows = [(row.line, row.cells) for row in islice((row for row in workbook.rows(sheet) if row.cells), ROWS)] if sheet else []
    except WorkbookFault:
        return Glimpse(None, ())
    return _glimpse(ENCODING + sheet.name if sheet else None, rows)


def _glimpse(encoding: str | None, rows: list[tuple[int, list[str]]]) -> Glimpse:
    widest = max((len(row) for _, row in rows), default=0)
    shown = tuple((line, tuple(cell[:LONGEST_CELL] for cell in row[:COLUMNS])) for line, row in rows)
    return Glimpse(encoding, shown, max(widest - COLUMNS, 0))
