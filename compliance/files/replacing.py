"""A file with some of its texts put right and rows without data blanked: everything else in it stays as it is and where it is, byte for byte in a CSV, part for
part in a workbook."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from pathlib import PurePath

from compliance.files import encodings, header_search, patching, records
from compliance.files.encodings import COMMAND_LIMITS, UTF16_BOMS, Source
from compliance.files.packages import is_workbook
from compliance.files.records import QuotesError, Record, is_blank
from compliance.files.workbooks import Workbook
from compliance.spreadsheets import as_meant

# What such a file is called in every language: names of files are data.
CORRECTED = "（已更正）"
_CELL = re.compile(r'"(?:[^"]|"")*"[^,\r\n]*|[^,\r\n]*')


@dataclass(frozen=True)
class Replacement:
    """Every cell of a column (by its header) that says this is to say what was meant; said None: the header itself. sheet: of a workbook."""

    column: str
    said: str | None
    meant: str
    sheet: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """A row that is to hold nothing, such as a total. sheet: of a workbook; into: of a header in two rows the line of the lower, whose blanks the upper's names
    fill."""

    line: int
    sheet: str | None = None
    into: int | None = None


@dataclass(frozen=True)
class _Plan:
    """Where the texts stand: line → position → text for the header, position → what is said there → text for the rows below it. blanked: lines of rows
    that are to hold nothing; joined: the lower line of a header in two rows → what it says with the upper's names."""

    header_line: int = 0
    header: Mapping[int, str] = field(default_factory=dict)
    columns: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    blanked: frozenset[int] = frozenset()
    joined: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def of(self, line: int, row: Sequence[str]) -> dict[int, str]:
        """Position → the new text, of those cells of a row that are to be replaced."""
        if line in self.blanked:
            return {position: "" for position, cell in enumerate(row) if cell}
        pairs = enumerate(zip_longest(self.joined.get(line, row), row, fillvalue=""))
        return {position: text for position, (text, cell) in pairs if text != cell} | self._single(line, row)

    def _single(self, line: int, row: Sequence[str]) -> dict[int, str]:
        if line <= self.header_line:
            return dict(self.header) if line == self.header_line else {}
        found = {position: texts.get(as_meant(row[position].strip())) for position, texts in self.columns.items() if position < len(row)}
        return {position: text for position, text in found.items() if text is not None}


def replaced(source: Source, replacements: Sequence[Replacement], left_out: Sequence[LeftOut] = ()) -> Source | None:
    """The file with these texts replaced and rows left out (of one sheet), under a name that says so, and with the file as it came; None where the columns are not
    found."""
    sheet = [*(each.sheet for each in replacements), *(each.sheet for each in left_out)][0]
    rows, blanked = dict(head(source, sheet)), frozenset(each.line for each in left_out)
    joined = {each.into: header_search.joined(rows[each.line], rows[each.into]) for each in left_out if each.into is not None}
    plan = _plan([(line, joined.get(line, row)) for line, row in rows.items() if line not in blanked], replacements) if replacements else _Plan()
    if plan is None:
        return None
    plan = replace(plan, blanked=blanked, joined=joined)
    content = _workbook(source, plan, sheet) if is_workbook(source.content) else _csv(source, plan)
    if content is None:
        return None
    name = PurePath(source.name)
    stem = name.stem if name.stem.endswith(CORRECTED) else name.stem + CORRECTED
    told = tuple((each.column, each.said, each.meant) for each in replacements)
    return replace(source, name=stem + name.suffix, content=content, before=source, replaced=told, left_out=tuple(sorted(blanked)))


def head(source: Source, sheet: str | None) -> tuple[Record, ...]:
    """The rows in which the columns are looked for, as far as they can be told apart."""
    found: list[Record] = []
    with suppress(QuotesError):
        found.extend(islice((record for record in _records(source, sheet) if not is_blank(record[1])), header_search.LINES_SEARCHED))
    return tuple(found)


def can_be_replaced(rows: Sequence[Record], replacements: Sequence[Replacement]) -> bool:
    """Whether the columns of all of these are found in the first rows of the file."""
    return _plan(rows, replacements) is not None


def _records(source: Source, sheet_name: str | None) -> Iterator[Record]:
    if not is_workbook(source.content):
        return records.records(encodings.lines(encodings.decode(source, COMMAND_LIMITS)))
    workbook = Workbook(source.content)
    sheets = [sheet for sheet in workbook.sheets if sheet.name == sheet_name][:1]
    return ((row.line, row.cells) for sheet in sheets for row in workbook.rows(sheet) if row.cells)


def _plan(rows: Sequence[Record], replacements: Sequence[Replacement]) -> _Plan | None:
    """Read by the first row that has all the columns: where a column gets a new name, its cells are called by that."""
    renamed = {each.column: each.meant for each in replacements if each.said is None}
    wanted = defaultdict[str, dict[str, str]](dict)
    for each in replacements:
        if each.said is not None:
            wanted[each.column][each.said] = each.meant
    for line, row in rows:
        written = [as_meant(cell.strip()) for cell in row]
        names = [renamed.get(cell, cell) for cell in written]
        if renamed.keys() <= set(written) and wanted.keys() <= set(names):
            header = {position: renamed[cell] for position, cell in enumerate(written) if cell in renamed}
            return _Plan(line, header, {position: wanted[name] for position, name in enumerate(names) if name in wanted})
    return None


# -- CSV -----------------------------------------------------------------------------------------------------------------


def _csv(source: Source, plan: _Plan) -> bytes:
    text = encodings.decode(source, COMMAND_LIMITS)
    return _encoded("".join(_lines(encodings.lines(text), plan)), text.encoding, bytes(source.content[:2]))


def _lines(lines: Iterable[str], plan: _Plan) -> Iterator[str]:
    """The lines of each record, as they are or with its cells replaced."""
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    rest = noted()
    try:
        for line, row in records.records(rest):
            texts = plan.of(line, row)
            yield _rewritten("".join(taken), texts) if texts else "".join(taken)
            taken.clear()
    except QuotesError:
        # Nothing can be told apart from here on.
        yield "".join(taken)
        yield from lines


def _rewritten(record: str, texts: Mapping[int, str]) -> str:
    pieces, start, position = [], 0, 0
    while True:
        cell = _CELL.match(record, start)
        end = cell.end() if cell else start
        pieces.append(_written(texts[position], record[start:end]) if position in texts else record[start:end])
        if record[end : end + 1] != ",":
            pieces += ["," + _written(texts.get(place, ""), "") for place in range(position + 1, max(texts) + 1)]
            return "".join(pieces) + record[end:]
        pieces.append(",")
        start, position = end + 1, position + 1


def _written(text: str, before: str) -> str:
    """In quotes where it must be, or where the cell was; with the cell's line breaks, so that every line below keeps its number."""
    breaks = "".join(re.findall("[\r\n]", before))
    return '"' + text.replace('"', '""') + breaks + '"' if before.startswith('"') or re.search('[,"\r\n]', text) else text


def _encoded(text: str, encoding: str, start: bytes) -> bytes:
    """As the file came, with its mark; GB18030 and back gives the same bytes."""
    if encoding == "utf-16":
        return start + text.encode("utf-16-be" if start == UTF16_BOMS[1] else "utf-16-le")
    mark = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
    return mark + text.encode(encoding.removesuffix("-sig"))


# -- workbooks -----------------------------------------------------------------------------------------------------------


def _workbook(source: Source, plan: _Plan, sheet_name: str | None) -> bytes | None:
    workbook = Workbook(source.content)
    sheet = next(sheet for sheet in workbook.sheets if sheet.name == sheet_name)
    rows = ((row.line, row.cells) for row in workbook.rows(sheet) if row.cells)
    return patching.patched(source.content, sheet.path, {(line, position): text for line, row in rows for position, text in plan.of(line, row).items()})
