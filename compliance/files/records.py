"""Text → records with the lines they start on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from compliance import spreadsheets
from compliance.files import encodings, workbooks

Record = tuple[int, list[str]]
_GUARDED = re.compile(rb"'[=+\-@\t\r]")


class QuotesError(Exception):
    """Quotation marks that do not pair up: nothing after this line can be told apart."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def records(lines: Iterable[str]) -> Iterator[Record]:
    """Every record, blank ones too, with the line it starts on. A quoted cell may span lines."""
    reader = csv.reader(lines, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            yield start, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise QuotesError(start) from error


def as_meant(found: Iterable[Record]) -> Iterator[Record]:
    """The records without the apostrophes that keep a spreadsheet from running a cell."""
    for line, row in found:
        yield line, [spreadsheets.as_meant(cell) for cell in row]


def is_guarded(text: memoryview) -> bool:
    """Whether there may be such an apostrophe in it. Mostly there is none, and cells need no second look."""
    return _GUARDED.search(text) is not None


def is_blank(row: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in row)


def raw_row(content: bytes, encoding: str, line: int) -> list[str]:
    """The cells of the record that starts at that line of an accepted file, exactly as written; of a workbook, what its cells show."""
    if encoding.startswith(workbooks.ENCODING):
        return _sheet_row(content, encoding, line)
    for _, row in records(encodings.lines_from(content, encoding, line)):
        return row
    raise LookupError(line)


def header_row(content: bytes, encoding: str) -> list[str]:
    """The cells of the header of an accepted file, exactly as written."""
    if encoding.startswith(workbooks.ENCODING):
        return _sheet_row(content, encoding)
    return next(row for _, row in records(encodings.lines_from(content, encoding, 1)) if not is_blank(row))


def _sheet_row(content: bytes, encoding: str, line: int | None = None) -> list[str]:
    """That row of the sheet that an accepted workbook was read from, else its first, as text."""
    workbook, name = workbooks.Workbook(content), encoding.removeprefix(workbooks.ENCODING)
    sheet = next(sheet for sheet in workbook.sheets if sheet.name == name)
    for row in workbook.rows(sheet):
        if row.cells and line in (None, row.line):
            return row.cells
    raise LookupError(line)
