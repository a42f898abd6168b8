"""Text → records with the lines they start on; a file's own layout given back with reasons."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from compliance import cells, encodings
from compliance.encodings import Source
from compliance.errors import Problem

Record = tuple[int, list[str]]

REASONS_HEADER = "问题 / Problems"
# A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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


def is_blank(row: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in row)


def raw_row(content: bytes, encoding: str, line: int) -> list[str]:
    """The cells of the record that starts at that line of an accepted file, exactly as written."""
    for _, row in records(encodings.lines_from(content, encoding, line)):
        return row
    raise LookupError(line)


def header_row(content: bytes, encoding: str) -> list[str]:
    """The cells of the header of an accepted file, exactly as written."""
    return next(row for _, row in records(encodings.lines_from(content, encoding, 1)) if not is_blank(row))


def faults_csv(source: Source, problems: Iterable[Problem], describe: Callable[[Problem], str]) -> bytes:
    """The file in its original layout plus a column of reasons, for whoever must mend it. What concerns no row stands in the header's."""
    text = encodings.decode_leniently(source)
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    rows = list(_rows_as_written(text)) or [(1, [])]
    starts = {line for line, _ in rows}
    header = next((line for line, row in rows if not is_blank(row)), 1)
    for problem in problems:
        line = problem.line if problem.line is not None and problem.line in starts else header
        reasons[line].append(describe(problem))
    width = max((len(row) for line, row in rows if line <= header), default=0)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line, row in rows:
        note = "；".join(reasons.pop(line, []))
        if line == header:
            note = f"{REASONS_HEADER}: {note}" if note else REASONS_HEADER
        padded = [*row, *[""] * (width - len(row)), note] if note or row else []
        writer.writerow([_harmless(cell) for cell in padded])
    return out.getvalue().encode("utf-8-sig")


def _rows_as_written(text: str) -> Iterator[Record]:
    lines = list(io.StringIO(text, newline=""))
    try:
        yield from records(iter(lines))
    except QuotesError as error:
        for number, line in enumerate(lines[error.line - 1 :], start=error.line):
            yield number, [line.rstrip("\r\n")]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not _is_figure(cell) else cell


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+][0-9.,]+[%‰]?", cell)) and isinstance(cells.number(cell.rstrip("%‰"), "other"), float)
