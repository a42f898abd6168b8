"""An .xlsx file → its sheets as rows of text, what each cell shows. Bounded: never more in memory than the text itself (REALITY §3).

Not a general reader: number formats, errors and formulas without a value decide what a cell says, and ready-made readers drop all three (ADR 6).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from compliance.files.encodings import Content
from compliance.files.number_formats import PLAIN, Format, format_of, shown
from compliance.files.packages import Package, Part, WorkbookFault, new_parser, unescaped

ENCODING = "xlsx:"
MOST_COLUMNS = 1_000
# So many blank rows in a row: what comes after them is a stray cell, not a table.
WIDEST_GAP = 10_000
MOST_TEXT = 100 * 1024**2
# Far more than a line may have in the end: one text can be shown in every cell of a row.
LONGEST_ROW = 1 << 20
MOST_MERGED = 10_000
_BREAKS = re.compile(r"\r\n|\r|\n")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook."""

    name: str
    path: str
    is_hidden: bool


@dataclass(frozen=True)
class SheetRow:
    """A row with something in it. line is its number in the sheet; faults: position → problem key of a cell that says nothing; figures: where the cells
    are numbers, not texts."""

    line: int
    cells: list[str]
    faults: Mapping[int, str] = field(default_factory=dict)
    is_hidden: bool = False
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SheetText:
    """A sheet as CSV in UTF-8 where line n is row n; faults by (line, position); how many of its rows and columns are hidden."""

    utf8: bytes
    faults: Mapping[tuple[int, int], str]
    hidden: tuple[int, int] = (0, 0)


class Workbook:
    """A workbook with its texts and formats. Raises WorkbookFault when it cannot be read."""

    def __init__(self, content: Content) -> None:
        self._package = Package(content)
        main = next((part.path for part in self._package.related("").values() if part.kind == "officeDocument"), "xl/workbook.xml")
        if main.endswith(".bin") or main.startswith(("word/", "ppt/")):
            raise WorkbookFault("reading.other_workbook")
        parts = self._package.related(main)
        self._since_1904 = False
        self.sheets = self._read_sheets(main, parts)
        paths = {part.kind: part.path for part in parts.values()}
        self._formats = self._read_formats(paths["styles"]) if "styles" in paths else []
        self._strings_path = paths.get("sharedStrings")
        self._strings: list[str] | None = None

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that are not blank, in order."""
        yield from self._rows(sheet, _SheetReader(self.strings(), self._formats, self._since_1904))

    def _rows(self, sheet: Sheet, reader: _SheetReader) -> Iterator[SheetRow]:
        parser = new_parser(reader.start, reader.end, reader.characters)
        for _ in self._package.feed(sheet.path, parser):
            yield from reader.taken()
        yield from reader.merged_rows()

    def text(self, sheet: Sheet) -> SheetText:
        """The whole sheet; merged cells below the first row are faults."""
        out, line, width, hidden, faults = io.StringIO(), 1, 0, 0, {}
        reader = _SheetReader(self.strings(), self._formats, self._since_1904)
        writer = csv.writer(out, lineterminator="\n")
        for row in self._rows(sheet, reader):
            faults.update({(row.line, position): key for position, key in row.faults.items()})
            if row.cells:
                # A sheet leaves blank cells at the end of a row out.
                width = max(width, len(row.cells))
                out.write("\n" * (row.line - line))
                writer.writerow([*row.cells, *[""] * (width - len(row.cells))])
                line, hidden = row.line + 1, hidden + row.is_hidden
            if out.tell() > MOST_TEXT:
                raise WorkbookFault("reading.swollen_workbook", megabytes=MOST_TEXT // 1024**2, limit=MOST_TEXT // 1024**2)
        return SheetText(out.getvalue().encode(), faults, (hidden, sum(position < width for position in reader.hidden_columns)))

    def strings(self) -> list[str]:
        """The texts that cells refer to by number."""
        if self._strings is None:
            reader = _StringReader()
            if self._strings_path is not None:
                for _ in self._package.feed(self._strings_path, new_parser(reader.start, reader.end, reader.characters)):
                    pass
            self._strings = reader.found
        return self._strings

    def _read_sheets(self, main: str, parts: Mapping[str, Part]) -> list[Sheet]:
        found: list[Sheet] = []

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "workbookPr":
                self._since_1904 = attributes.get("date1904") in ("1", "true")
            if tag == "sheet":
                id_ = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id" and ":" in name), "")
                part = parts.get(id_)
                if part is not None and part.kind == "worksheet":
                    found.append(Sheet(attributes.get("name", ""), part.path, attributes.get("state", "visible") != "visible"))

        self._package.parse(main, start)
        return found

    def _read_formats(self, path: str) -> list[Format]:
        """The format of each cell style, by its number."""
        codes: dict[int, str] = {}
        styles: list[int] = []
        inside: list[str] = []

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "numFmt":
                codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles", "dxfs", "cellStyleXfs"):
                inside[:] = [tag]
            elif tag == "xf" and inside == ["cellXfs"]:
                styles.append(int(attributes.get("numFmtId", "0")))

        self._package.parse(path, start)
        return [format_of(style, codes) for style in styles]


class _StringReader:
    """Shared texts: the runs of each joined, without the reading aids that stand beside Chinese and Japanese."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._is_text = self._is_aside = False

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._is_aside = True
        elif tag == "t":
            self._is_text = not self._is_aside

    def characters(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        if tag == "t":
            self._is_text = False
        elif tag == "rPh":
            self._is_aside = False
        elif tag == "si":
            self.found.append(one_line(unescaped("".join(self._pieces))))


class _SheetReader:
    """The events of one sheet's XML → rows of text."""

    def __init__(self, strings: Sequence[str], formats: Sequence[Format], since_1904: bool) -> None:
        self._strings, self._formats, self._since_1904 = strings, formats, since_1904
        self._done: list[SheetRow] = []
        self._merged: list[str] = []
        self._line = self._last_filled = self._length = 0
        self._cells: dict[int, str] = {}
        self._faults: dict[int, str] = {}
        self._figures: set[int] = set()
        self._position = -1
        self._attributes: Mapping[str, str] = {}
        self._pieces: list[str] = []
        self._is_text = self._is_aside = self._is_formula = self._is_hidden = False
        self.hidden_columns: set[int] = set()

    def taken(self) -> list[SheetRow]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":
            self._attributes = attributes
            reference = attributes.get("r")
            self._position = column_of(reference.rstrip("0123456789")) if reference else self._position + 1
            self._pieces, self._is_formula = [], False
        elif tag in ("v", "t"):
            self._is_text = not self._is_aside
        elif tag == "f":
            self._is_formula = True
        elif tag == "row":
            line = int(attributes.get("r", self._line + 1))
            if line <= self._line:
                raise WorkbookFault("reading.damaged_workbook")
            self._line, self._position, self._length, self._cells, self._faults, self._figures = line, -1, 0, {}, {}, set()
            self._is_hidden = attributes.get("hidden") in ("1", "true")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_columns.update(range(int(attributes["min"]) - 1, min(int(attributes["max"]), MOST_COLUMNS)))
        elif tag == "rPh":
            self._is_aside = True
        elif tag == "mergeCell" and len(self._merged) < MOST_MERGED:
            self._merged.append(attributes.get("ref", ""))

    def characters(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._is_text = False
        elif tag == "c":
            self._take_cell("".join(self._pieces))
        elif tag == "row":
            self._take_row()
        elif tag == "rPh":
            self._is_aside = False

    def _take_cell(self, raw: str) -> None:
        kind = self._attributes.get("t", "n")
        if raw == "" and self._is_formula and kind != "str":
            self._faults[self._position] = "reading.formula_without_value"
        text = self._text(raw, kind) if raw else ""
        if kind == "e":
            self._faults[self._position] = "reading.excel_error"
        if text:
            if self._position >= MOST_COLUMNS:
                self._refuse_far(self._position)
            self._cells[self._position] = text
            if kind == "n":
                self._figures.add(self._position)
            self._length += len(text)
            if self._length > LONGEST_ROW:
                raise WorkbookFault("reading.line_too_long", self._line, kilobytes=self._length // 1024, limit=200)

    def _text(self, raw: str, kind: str) -> str:
        match kind:
            case "s":
                # A number beyond the list is damage; the feed turns it into a fault.
                return self._strings[int(raw)] if 0 <= int(raw) < len(self._strings) else _missing_string()
            case "b":
                return "TRUE" if raw.strip() == "1" else "FALSE"
            case "n":
                style = int(self._attributes.get("s", "0"))
                return shown(raw, self._formats[style] if style < len(self._formats) else PLAIN, since_1904=self._since_1904)
            case _:
                return one_line(unescaped(raw))

    def _take_row(self) -> None:
        if not any(text.strip() for text in self._cells.values()) and not self._faults:
            return
        width = max((*self._cells, *self._faults), default=-1) + 1
        if self._line - self._last_filled > WIDEST_GAP:
            self._refuse_far(min(self._cells, default=0))
        self._last_filled = self._line
        cells = [self._cells.get(position, "") for position in range(width)]
        # A cell without a value is not blank: its fault must be told, and a row of nothing else is no blank row.
        cells = [cell or ("=" if self._faults.get(position) == "reading.formula_without_value" else "") for position, cell in enumerate(cells)]
        self._done.append(SheetRow(self._line, cells, self._faults, self._is_hidden, frozenset(self._figures)))

    def _refuse_far(self, position: int) -> None:
        raise WorkbookFault("reading.far_cell", cell=f"{letters(position)}{self._line}")

    def merged_rows(self) -> Iterator[SheetRow]:
        """Cells that a merge covers, as rows without cells: the workbook tells of merges after all rows."""
        left = MOST_MERGED
        for reference in self._merged:
            found = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
            if len(found) == 2 and found[0] and found[1]:
                first, last = int(found[0][2]), min(int(found[1][2]), self._last_filled)
                start, end = column_of(found[0][1]), min(column_of(found[1][1]), MOST_COLUMNS)
                for line in range(first, min(last, first + left) + 1):
                    covered = range(start + (line == first), end + 1)
                    left -= len(covered)
                    yield SheetRow(line, [], dict.fromkeys(covered, "reading.merged_cell"))
                if left <= 0:
                    return


def _missing_string() -> str:
    raise WorkbookFault("reading.damaged_workbook")


def one_line(text: str) -> str:
    """Line breaks inside a cell as spaces, so that a row of the sheet is a line of text."""
    return _BREAKS.sub(" ", text)


@lru_cache(2_000)
def column_of(name: str) -> int:
    """A → 0, D → 3, XFD → 16383."""
    number = 0
    for letter in name:
        if not "A" <= letter <= "Z" or number > 1_000_000:
            raise WorkbookFault("reading.damaged_workbook")
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters(position: int) -> str:
    """0 → A, 3 → D, 26 → AA."""
    name, number = "", position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
