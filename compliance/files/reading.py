"""Data files → checked, typed tables, or every problem at once (DESIGN §6, REALITY §3). The only door to the modules that do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from compliance.files import clean, diagnosis, encodings, sheets
from compliance.files.diagnosis import Job, Rows
from compliance.files.directory import AreaFinder, Directory
from compliance.files.encodings import COMMAND_LIMITS, UPLOAD_LIMITS, Limits, Source, Text
from compliance.files.findings import LONGEST_VALUE
from compliance.files.glimpses import Glimpse, faulty_cells, glimpse
from compliance.files.headers import KEYS_OF, FileKind, Headers
from compliance.files.mending import faults_csv, faults_file
from compliance.files.packages import is_workbook
from compliance.files.records import header_row, raw_row
from compliance.files.replacing import LeftOut, Replacement, can_be_replaced, head, replaced
from compliance.spreadsheets import as_meant
from compliance.standard.definitions import Standard

__all__ = [
    "COMMAND_LIMITS",
    "KEYS_OF",
    "LONGEST_VALUE",
    "UPLOAD_LIMITS",
    "Directory",
    "FileKind",
    "Glimpse",
    "LeftOut",
    "Limits",
    "Reading",
    "Replacement",
    "Source",
    "can_be_replaced",
    "faults_csv",
    "faults_file",
    "faulty_cells",
    "glimpse",
    "head",
    "header_row",
    "is_workbook",
    "positions",
    "raw_row",
    "read",
    "replaced",
]


@dataclass(frozen=True)
class Reading:
    """A file that is right throughout.

    table's first column is `line`, where the record starts. Metrics: area_id, period (its ordinal), a float column a metric, null for a blank cell.
    Parameters: period, a float column a parameter. Exemptions: area_id, indicator, from, to, reason, others (codes
    that the text may have been before a spreadsheet took it for a number). Areas: area_id, name, level, parent_id, attributes.
    hidden: how many rows and columns of a workbook's sheet nobody sees who opens it; headers: what the file calls its columns.
    """

    kind: FileKind
    level: str | None
    encoding: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    table: pa.Table
    rows_in: int
    accepted: int
    blank: int
    hidden: tuple[int, int] = (0, 0)
    headers: tuple[str, ...] = ()


def read(source: Source, standard: Standard, directory: Directory, *, ignore_columns: Collection[str] = (), limits: Limits = COMMAND_LIMITS) -> Reading:
    """Reads the whole file or none of it: raises ImportDataError with every problem, the first thousand and a count of the rest."""
    is_sheet = is_workbook(source.content)
    text = sheets.decode(source, Headers(standard, ignore_columns), limits) if is_sheet else encodings.decode(source, limits)
    job = Job(source.name, text, standard, AreaFinder(directory, standard), Headers(standard, ignore_columns), limits)
    return _reading(clean.read(job) or diagnosis.read(job), text)


def positions(header: Sequence[str], standard: Standard) -> Mapping[str, int]:
    """Metric or parameter → the column that holds it, from the header of an accepted file."""
    return _positions(tuple(map(as_meant, header)), standard)


@lru_cache(maxsize=16)
def _positions(header: tuple[str, ...], standard: Standard) -> Mapping[str, int]:
    # A file of a quarter has the header of the quarter before: who looks through cells asks for the same few again and again.
    return {column.id: column.position for column in Headers(standard, ()).read(header, suggest=False).values}


def _reading(rows: Rows, text: Text) -> Reading:
    layout, accepted = rows.layout, rows.table.num_rows
    # A row that is neither in the table nor blank would be lost without a word.
    if layout.kind is None or rows.rows_in != accepted + rows.blank:
        raise RuntimeError(f"{rows.rows_in} rows in, {accepted} accepted and {rows.blank} blank")
    columns, headers = (tuple(getattr(column, name) for column in layout.values) for name in ("id", "header"))
    return Reading(layout.kind, layout.level, text.encoding, columns, layout.ignored, rows.table, rows.rows_in, accepted, rows.blank, text.hidden, headers)
