"""The exact path: record by record with the csv module, collecting every fault of every cell with its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import pyarrow as pa

from compliance.files import cells, encodings, header_search, records
from compliance.files.cells import Fault
from compliance.files.directory import AreaFinder
from compliance.files.encodings import STRANGE, Limits, Text
from compliance.files.findings import Findings
from compliance.files.headers import Headers, Layout
from compliance.files.listings import AreaRows, ExemptionRows
from compliance.files.records import QuotesError, Record, is_blank
from compliance.files.rows import FigureRows, Row, RowReader
from compliance.standard.definitions import Standard
from compliance.standard.spelling import folded

SUMMARY_WORDS = frozenset({*"合计 总计 小计 平均 平均值 平均数 均值 总数 汇总 共计 累计".split(), "total", "subtotal", "grandtotal", "sum", "average", "mean"})
FOOTER = re.compile(
    "(?:填报|填表|报送|制表|审核|复核|统计|单位)?(?:负责人|联系人|联系电话|日期|时间)[:]?.*|(?:填报|填表|制表|审核|复核|经办)(?:人|单位|部门).*|报送单位.*"
    "|(?:备注|注|说明|填表说明|数据来源|签字|盖章|preparedby|reportedby|note|notes|source)[:].*|备注|签字|盖章",
    re.DOTALL,
)


@dataclass(frozen=True)
class Job:
    """One file and what it is read against."""

    file: str
    text: Text
    standard: Standard
    finder: AreaFinder
    headers: Headers
    limits: Limits


@dataclass(frozen=True)
class Rows:
    """What was read: the layout, the typed table, and how many records were blank."""

    layout: Layout
    table: pa.Table
    rows_in: int
    blank: int


def read(job: Job) -> Rows:
    """Raises ImportDataError with every problem of the file."""
    findings = Findings(job.file, job.text.sheet)
    lines = records.records(encodings.lines(job.text))
    if records.is_guarded(job.text.utf8):
        lines = records.as_meant(lines)
    try:
        return _read(job, lines, findings)
    except QuotesError as error:
        findings.add(Fault("reading.quotes"), error.line)
        raise findings.error() from error


def _read(job: Job, lines: Iterator[Record], findings: Findings) -> Rows:
    header_line, header = next((record for record in lines if not is_blank(record[1])), (None, []))
    if header_line is None:  # separators and white space only
        findings.add(Fault("reading.empty_file"), None)
        raise findings.error()
    following, bad_quotes = _look_ahead(lines)
    head = [(header_line, header), *(record for record in following if not is_blank(record[1]))]
    layout, headed_to = _layout(job, findings, head)
    following = [record for record in following if record[0] > headed_to]
    reader = _reader(job, layout, findings)
    # What stands before the header is blank; a record of its own for each line.
    rows_in, blank = header_line - 1, header_line - 1
    try:
        for line, row in chain(following, _rest(lines, bad_quotes)):
            rows_in += 1
            if is_blank(row):
                blank += 1
            else:
                _take(Row(line, row, layout, findings), job, reader)
    finally:
        reader.finish()
    if not findings and rows_in == blank:
        findings.add(Fault("reading.no_rows"), header_line)
    if findings:
        raise findings.error()
    return Rows(layout, reader.table(), rows_in, blank)


def _look_ahead(lines: Iterator[Record]) -> tuple[list[Record], QuotesError | None]:
    """The records in which a header is looked for. That their quotes go wrong matters only after the rows before are read."""
    found = []
    try:
        for record in islice(lines, header_search.LINES_SEARCHED):
            found.append(record)
    except QuotesError as error:
        return found, error
    return found, None


def _rest(lines: Iterator[Record], bad_quotes: QuotesError | None) -> Iterator[Record]:
    if bad_quotes is not None:
        raise bad_quotes
    yield from lines


def _layout(job: Job, findings: Findings, head: list[Record]) -> tuple[Layout, int]:
    """The header's layout, its faults noted, and the line it ends on. Raises when the rows cannot be read by it."""
    line, header = head[0]
    if len(header) > job.limits.columns:
        findings.add(Fault("reading.too_many_columns", {"columns": len(header), "limit": job.limits.columns}), line)
        raise findings.error()
    narrow = [(number, row) for number, row in head if len(row) <= job.limits.columns]
    # An invisible character is named below; the name around it still counts. A tab may be what separates the columns.
    findings.header = [cell.strip() for cell in header]
    visible_head = [(number, [STRANGE.sub(lambda found: "\t" if found[0] == "\t" else "", cell) for cell in row]) for number, row in narrow]
    layout = header_search.locate(visible_head, job.headers, job.text.encoding)
    if isinstance(layout, Fault):
        at = layout.args.get("first", line)
        findings.add(layout, int(str(at)), None, None, next(",".join(row).strip(",") for number, row in head if number == at))
        # Refused it is, but whoever mends the header wants to hear of the rows, too.
        behind = header_search.behind(layout, visible_head, job.headers)
        if behind is None:
            raise findings.error()
        line, header, layout = behind
        findings.header = [cell.strip() for cell in header]
    for cell in header:
        if (fault := cells.strange(cell) or _too_long(cell, job)) is not None:
            findings.add(fault, line, cell, None, cell)
    for column, fault in layout.faults:
        findings.add(fault, line, column)
    if layout.level and not job.finder.has_any(layout.level):
        findings.add(Fault("reading.no_areas", {"level": job.finder.level_title(layout.level)}), line)
    if not layout.is_usable or (layout.level and not job.finder.has_any(layout.level)):
        raise findings.error()
    return layout, line


def _reader(job: Job, layout: Layout, findings: Findings) -> RowReader:
    match layout.kind:
        case "areas":
            return AreaRows(layout, job.standard, job.finder, findings)
        case "exemptions":
            return ExemptionRows(layout, job.standard, job.finder, findings)
        case _:
            return FigureRows(layout, job.standard.frequency, job.finder, findings)


def _take(row: Row, job: Job, reader: RowReader) -> None:
    """One record that is not blank: either something that is no data, or a row whose cells are judged one by one."""
    fault = _no_data(row, job)
    if fault is not None:
        row.findings.add(fault, row.line, None, None, next(cell for cell in row.cells if cell.strip()))
        return
    written = _without_trailing_blanks(row)
    if job.text.sheet is not None:  # a sheet has no short rows
        written += [""] * (row.layout.width - len(written))
    if len(written) != row.layout.width:
        args = {"cells": len(written), "expected": row.layout.width}
        row.findings.add(Fault("reading.ragged_row", args), row.line, None, row.text("area_id"))
        return
    if job.text.faults or job.text.survey.is_strange or job.text.survey.longest_cell > job.limits.cell_characters or job.text.survey.is_quoted:
        unfit = _unfit_cells(row, written, job)
        if unfit & {column.position for column in row.layout.keys.values()}:
            return
        written = ["" if position in unfit else cell for position, cell in enumerate(written)]
    reader.take(Row(row.line, written, row.layout, row.findings))


def _no_data(row: Row, job: Job) -> Fault | None:
    """Totals, footers and repeated headers, which spreadsheets put below the rows that they are about."""
    if tuple(cell.strip() for cell in row.cells[: row.layout.width]) == row.layout.cells:
        return Fault("reading.repeated_header")
    if row.layout.kind == "areas":
        level = folded(row.text("level"))
        is_known = any(level in map(folded, (known.id, known.title.zh, known.title.en)) for known in job.standard.levels)
    else:
        is_known = job.finder.knows(row.text("area_id"))
    if is_known:
        return None
    first = folded(next(cell for cell in row.cells if cell.strip()))
    key = folded(row.text("area_id") or row.text("period"))
    if {first.rstrip(":"), key.rstrip(":")} & SUMMARY_WORDS:
        return Fault("reading.summary_row")
    return Fault("reading.footer") if FOOTER.fullmatch(first) else None


def _without_trailing_blanks(row: Row) -> list[str]:
    """The cells, without blank ones beyond the header's last: spreadsheets write them when a column once held something."""
    end = len(row.cells)
    while end > row.layout.width and not row.cells[end - 1].strip():
        end -= 1
    return list(row.cells[:end])


def _unfit_cells(row: Row, written: list[str], job: Job) -> set[int]:
    unfit = set()
    for position, cell in enumerate(written):
        if position in row.layout.skipped:
            continue
        if (fault := _without_value(row.line, position, cell, job) or cells.strange(cell) or _too_long(cell, job)) is not None:
            row.findings.add(fault, row.line, row.layout.cells[position], row.text("area_id"), cell)
            unfit.add(position)
    return unfit


def _without_value(line: int, position: int, cell: str, job: Job) -> Fault | None:
    """A cell of a workbook that shows an error, an uncomputed formula, or nothing because a merged one covers it."""
    key = job.text.faults.get((line, position))
    return Fault(key) if key is not None and (cell or key == "reading.merged_cell") else None


def _too_long(cell: str, job: Job) -> Fault | None:
    return Fault("reading.cell_too_long", {"limit": job.limits.cell_characters}) if len(cell) > job.limits.cell_characters else None
