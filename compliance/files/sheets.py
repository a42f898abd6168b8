"""Which sheet of a workbook holds the data, and its text. Never a silent choice between two."""

from __future__ import annotations

from itertools import islice

from compliance.files import encodings, header_search, records
from compliance.files.cells import Fault
from compliance.files.encodings import Limits, Source, Text, refused
from compliance.files.headers import Headers
from compliance.files.packages import WorkbookFault
from compliance.files.workbooks import ENCODING, Sheet, Workbook

# What a clerk can mend without leaving the sheet: it holds the data all the same.
_NEARLY = frozenset({"reading.header_elsewhere", "reading.merged_header", "reading.sep_line", "reading.delimiter"})


def decode(source: Source, headers: Headers, limits: Limits) -> Text:
    """The text of the one sheet whose header fits."""
    encodings.check_size(source, limits)
    try:
        workbook = Workbook(source.content)
        sheet = _chosen(source, workbook, headers)
        found = workbook.text(sheet)
    except WorkbookFault as fault:
        raise refused(source, fault.key, fault.line, **fault.values) from fault
    return encodings.surveyed(source, limits, ENCODING + sheet.name, memoryview(found.utf8), sheet.name, found.faults, found.hidden)


def _chosen(source: Source, workbook: Workbook, headers: Headers) -> Sheet:
    fits = {sheet: _fit(workbook, sheet, headers) for sheet in workbook.sheets}
    fitting = [sheet for sheet, fit in fits.items() if fit == "fits" and not sheet.is_hidden]
    if len(fitting) > 1:
        raise refused(source, "reading.several_sheets", sheets=_names(fitting))
    if fitting:
        return fitting[0]
    hidden = [sheet for sheet, fit in fits.items() if fit == "fits"]
    if hidden:
        raise refused(source, "reading.hidden_sheet", sheet=hidden[0].name)
    filled = [sheet for sheet, fit in fits.items() if fit == "filled" and not sheet.is_hidden]
    if not filled:
        raise refused(source, "reading.empty_file")
    if len(filled) > 1:
        raise refused(source, "reading.no_sheet", sheets=_names(filled))
    return filled[0]


def _fit(workbook: Workbook, sheet: Sheet, headers: Headers) -> str:
    """fits: its header can be read, if only after mending; filled: there is something else in it; empty."""
    rows = islice((row for row in workbook.rows(sheet) if row.cells), header_search.LINES_SEARCHED)
    head = list(records.as_meant((row.line, row.cells) for row in rows))
    if not head:
        return "empty"
    layout = header_search.locate(head, headers, "")
    fits = layout.key in _NEARLY if isinstance(layout, Fault) else layout.is_usable
    return "fits" if fits else "filled"


def _names(sheets: list[Sheet]) -> str:
    return ", ".join(sheet.name for sheet in sheets[:10])
