"""A refused file given back in its own layout, faults marked and reasons beside, for whoever must mend it; to be uploaded again as it is."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import xlsxwriter

from compliance.errors import Problem
from compliance.files import encodings, records
from compliance.files.encodings import Source
from compliance.files.headers import MEANT_HEADER, REASONS_HEADER
from compliance.files.number_formats import Format, shown
from compliance.files.packages import WorkbookFault, is_workbook
from compliance.files.records import QuotesError, Record, is_blank
from compliance.files.workbooks import Workbook, letters
from compliance.spreadsheets import as_meant, harmless, sheet_name

# A cell of reasons must not itself be too long to be read again.
LONGEST_REASONS = 1_200
FAULTY = {"bg_color": "#ffd9d4", "font_color": "#8a1c0f"}

Describe = Callable[[Problem], str]


@dataclass(frozen=True)
class Noted:
    """One row of the file with what is to be said of it. notes: reasons, and where a name was nearly right the name that was meant."""

    line: int
    cells: list[str]
    notes: tuple[str, ...] = ()


def faults_csv(source: Source, problems: Iterable[Problem], describe: Describe) -> bytes:
    """The file in its original layout plus columns of reasons and suggestions. What concerns no row stands in the header's."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    rows = list(_rows_as_written(encodings.decode_leniently(source))) or [(1, [])]
    for row, width in _noted(rows, list(problems), describe):
        padded = [*row.cells[:width], *[""] * (width - len(row.cells)), *row.notes, *row.cells[width:]] if row.notes or row.cells else []
        writer.writerow([harmless(as_meant(cell)) for cell in padded])
    return out.getvalue().encode("utf-8-sig")


def faults_xlsx(source: Source, problems: Sequence[Problem], describe: Describe) -> bytes | None:
    """The sheet that was read, its faulty cells coloured, with the same columns; None where the workbook or its sheet could not be read."""
    name = next((problem.sheet for problem in problems if problem.sheet is not None), None)
    if name is None:
        return None
    try:
        workbook = Workbook(source.content)
        rows = [row for sheet in workbook.sheets if sheet.name == name for row in workbook.rows(sheet) if row.cells]
    except WorkbookFault:
        return None
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, looks = book.add_worksheet(sheet_name(name)), _Looks(book)
        faulty = {problem.cell for problem in problems}
        whole = {problem.line for problem in problems if problem.cell is None}
        figures = {row.line: row.figures for row in rows}
        for row, width in _noted([(row.line, row.cells) for row in rows], problems, describe):
            for position, cell in enumerate(row.cells):
                is_faulty = f"{letters(position)}{row.line}" in faulty or (row.line in whole and position == 0)
                looks.write(page, row.line - 1, position, cell, is_figure=position in figures[row.line], is_faulty=is_faulty)
            for position, note in enumerate(row.notes, start=max(width, len(row.cells))):
                page.write_string(row.line - 1, position, note, looks.note)
    return out.getvalue()


class _Looks:
    """The formats of one workbook; figures stay figures, texts texts."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], object] = {}
        self.note = book.add_format({"font_color": FAULTY["font_color"], "text_wrap": True})

    def write(self, page: object, line: int, position: int, cell: str, *, is_figure: bool, is_faulty: bool) -> None:
        figure = _figure(cell) if is_figure else None
        if figure is not None:
            page.write_number(line, position, figure[0], self._format(figure[1], is_faulty))  # type: ignore[attr-defined]
        elif cell or is_faulty:
            page.write_string(line, position, cell, self._format("@", is_faulty))  # type: ignore[attr-defined]

    def _format(self, code: str, is_faulty: bool) -> object:
        if (code, is_faulty) not in self._made:
            self._made[code, is_faulty] = self._book.add_format({"num_format": code, **(FAULTY if is_faulty else {})})
        return self._made[code, is_faulty]


def _figure(cell: str) -> tuple[float, str] | None:
    """The number and its format that are read as this very text again; None where there is none: 2.10 must not come back as 2.1."""
    found = re.fullmatch(r"-?[0-9]+(?:\.(?P<decimals>[0-9]+))?(?P<sign>%?)", cell)
    if found is None:
        return None
    decimals = len(found["decimals"] or "")
    figure = float(Decimal(cell.rstrip("%")) / 100) if found["sign"] else float(cell)
    code = ("0." + "0" * decimals if decimals else "0") + "%" if found["sign"] else "0." + "0" * decimals if cell.endswith("0") and decimals else "General"
    # The workbook writer keeps sixteen digits.
    kept = shown(f"{figure:.16G}", Format("percent" if found["sign"] else "plain", decimals))
    return (figure, code) if kept == cell else None


def faults_file(source: Source, problems: Sequence[Problem], describe: Describe) -> tuple[str, bytes] | None:
    """The file to give back with the ending of its name; None where nothing of it could be read."""
    if not is_workbook(source.content):
        return ".csv", faults_csv(source, problems, describe)
    content = faults_xlsx(source, problems, describe)
    return None if content is None else (".xlsx", content)


def _noted(rows: Sequence[Record], problems: Sequence[Problem], describe: Describe) -> Iterator[tuple[Noted, int]]:
    """Every row with its notes, and how wide the table is: as wide as its header."""
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    meant: defaultdict[int, list[str]] = defaultdict(list)
    starts = {line for line, _ in rows}
    header = next((line for line, row in rows if not is_blank(row)), 1)
    # Where the header stands elsewhere, or in two rows, our columns must be headed in each: one of them will be the header.
    headers = {header, *(problem.args[name] for problem in problems for name in ("header_line", "second") if name in problem.args)}
    for problem in problems:
        line = problem.line if problem.line is not None and problem.line in starts else header
        reasons[line].append(describe(problem))
        if problem.line == line and line not in headers and "meant" in problem.args:
            meant[line].append(str(problem.args["meant"]))
    width = max((len(row) for line, row in rows if line in headers), default=0)
    for line, row in rows:
        why, what = "；".join(reasons[line])[:LONGEST_REASONS], "；".join(meant[line])
        if line in headers:
            why, what = f"{REASONS_HEADER}: {why}" if why else REASONS_HEADER, MEANT_HEADER
        notes = (why, what) if any(meant.values()) else (why,)
        yield Noted(line, list(row), notes if why or row else ()), width


def _rows_as_written(text: str) -> Iterator[Record]:
    lines = list(io.StringIO(text, newline=""))
    try:
        yield from records.records(iter(lines))
    except QuotesError as error:
        for number, line in enumerate(lines[error.line - 1 :], start=error.line):
            yield number, [line.rstrip("\r\n")]
