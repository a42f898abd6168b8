"""Tables as files that Chinese Excel opens as they are and that run nothing: CSV, and XLSX with the colours of the screen."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xlsxwriter

from compliance.answers import phrases
from compliance.answers.palette import COLOURS, PAGE_COLOURS
from compliance.spreadsheets import harmless, sheet_name

PERCENT = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%")
WIDEST, NARROWEST, ROWS_MEASURED = 42, 6, 200
LIGHT_UP = 14  # Excel's hatching, for what is not known


@dataclass(frozen=True)
class Sheet:
    """A table to take away. looks: a name of the palette (or None) for each cell; limits: a row under the header."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    looks: Sequence[tuple[str | None, ...]] | None = None
    limits: tuple[str, ...] | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame, looks: Mapping[str, Sequence[str | None]] | None = None, limits: Mapping[str, str] | None = None) -> Sheet:
        """A frame as it is shown; looks and limits by column."""
        names = [str(name) for name in frame.columns]
        colours = list(zip(*(looks.get(name, [None] * len(frame)) for name in names), strict=True)) if looks else None
        return cls(tuple(names), list(frame.itertuples(index=False, name=None)), colours, tuple(limits.get(name, "") for name in names) if limits else None)


def csv_bytes(table: pd.DataFrame | Sheet) -> bytes:
    """UTF-8 with BOM; cells that would run as formulas get an apostrophe in front; missing values are blank."""
    sheet = table if isinstance(table, Sheet) else Sheet.of(table)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(name) for name in sheet.columns])
    for row in sheet.rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else "" if pd.isna(cell) else cell for cell in row])  # type: ignore[call-overload]
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(table: pd.DataFrame | Sheet, notes: Sequence[str] = (), title: str = "") -> bytes:
    """One sheet: header, limits, rows; below them the notes (what, when, filtered by what). Texts stay texts, whatever they begin with."""
    sheet = table if isinstance(table, Sheet) else Sheet.of(table)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        # Below the rows, and where a file manager shows it.
        book.set_properties({"title": title, "subject": notes[0] if notes else "", "comments": phrases.DOT.join(notes)})
        page = book.add_worksheet(sheet_name(title))
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        look = _Looks(book)
        for column, width in enumerate(_widths(sheet)):
            page.set_column(column, column, width)
        lines = [(sheet.columns, look("head")), *([(sheet.limits, look("limit"))] if sheet.limits else [])]
        for line, (cells, style) in enumerate(lines):
            for column, cell in enumerate(cells):
                page.write_string(line, column, cell, style)
        page.freeze_panes(len(lines), 2 if len(sheet.columns) > 2 else 0)
        page.repeat_rows(0, len(lines) - 1)
        for line, row in enumerate(sheet.rows):
            colours = sheet.looks[line] if sheet.looks else (None,) * len(row)
            for column, (figure, colour) in enumerate(zip(row, colours, strict=True)):
                _write(page, line + len(lines), column, figure, colour or "", look)
        for line, note in enumerate(notes):
            page.write_string(len(lines) + len(sheet.rows) + 1 + line, 0, note)
    return out.getvalue()


def _write(page: Any, line: int, column: int, cell: Any, colour: str, look: _Looks) -> None:
    """A cell in its own type; percentages that were written out become numbers again."""
    if isinstance(cell, str):
        if PERCENT.fullmatch(cell):
            page.write_number(line, column, float(cell[:-1].replace(",", "")) / 100, look(colour, "0.0%"))
        else:
            page.write_string(line, column, cell, look(colour))
    elif isinstance(cell, bool) or pd.isna(cell):
        page.write_string(line, column, str(cell) if isinstance(cell, bool) else "", look(colour))
    elif hasattr(cell, "strftime"):
        page.write_string(line, column, f"{cell:%Y-%m-%d %H:%M}", look(colour))
    else:
        page.write_number(line, column, float(cell), look(colour))


class _Looks:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}

    def __call__(self, name: str, number: str = "") -> Any:
        if (name, number) not in self._made:
            self._made[name, number] = self._book.add_format({**_look(name), **({"num_format": number} if number else {})})
        return self._made[name, number]


def _look(name: str) -> dict[str, Any]:
    match name:
        case "":
            return {}
        case "head":
            return {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        case "limit":
            return {"italic": True, "text_wrap": True, "valign": "top", "bottom": 1, "font_color": PAGE_COLOURS["muted"][0]}
        case "no_data":
            return {"pattern": LIGHT_UP, "fg_color": PAGE_COLOURS["bar-unknown"][0], "bg_color": "#ffffff"}
        case "not_applicable":
            return {"font_color": PAGE_COLOURS["muted"][0]}
        case _:
            return {"bg_color": _long(COLOURS[name][0]), "font_color": _long(COLOURS[f"{name}-ink"][0])}


def _long(colour: str) -> str:
    """#fff as #ffffff, the only form that a workbook knows."""
    return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour


def _widths(sheet: Sheet) -> list[int]:
    measured = [sheet.columns, *sheet.rows[:ROWS_MEASURED]]
    return [min(WIDEST, max(NARROWEST, 2 + max(_width(row[column]) for row in measured))) for column in range(len(sheet.columns))]


def _width(cell: object) -> int:
    """In characters of a narrow letter; a Chinese one takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(cell)[: 2 * WIDEST])
