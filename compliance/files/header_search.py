"""Where the header is when it is not the first line, and what a clerk must do about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, zip_longest

from compliance.files.cells import Fault
from compliance.files.headers import Headers, Layout
from compliance.files.records import Record
from compliance.standard.spelling import folded

LINES_SEARCHED = 12
# How another program separates cells, and what to call it.
DELIMITERS = {"\t": "Tab", ";": ";", "|": "|", "，": "，", "；": "；"}


def locate(head: Sequence[Record], headers: Headers, encoding: str) -> Layout | Fault:
    """The layout that the first of these records gives, or why it cannot be the header."""
    line, cells = head[0]
    if folded(cells[0]).startswith("sep="):
        return Fault("reading.sep_line", {"header_line": line + 1})
    layout = headers.read(cells)
    if layout.is_usable and not layout.faults:
        return layout
    fault = _delimiter(cells, layout, headers) or _later(head, layout, headers) or _merged(head, layout, headers)
    if fault is not None:
        return fault
    if layout.kind is None or not layout.known_columns:
        unread = encoding == "gb18030" and not "".join(cells).isascii()
        return Fault("reading.header_unreadable" if unread else "reading.no_header")
    return layout


def behind(fault: Fault, head: Sequence[Record], headers: Headers) -> tuple[int, list[str], Layout] | None:
    """The header that such a fault speaks of, where there is one to read the rows by: the line it ends on, its cells, its layout."""
    match fault.key:
        case "reading.header_elsewhere" | "reading.sep_line":
            found = next(((line, list(cells)) for line, cells in head if line == fault.args["header_line"]), None)
        case "reading.merged_header":
            upper, lower = (next(cells for line, cells in head if line == fault.args[name]) for name in ("first", "second"))
            found = (int(str(fault.args["second"])), joined(upper, lower))
        case _:
            found = None
    layout = headers.read(found[1]) if found else None
    return (*found, layout) if found and layout is not None and layout.is_usable else None


def joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two rows as one: the lower names a column, else the upper."""
    return [below.strip() or above for above, below in zip_longest(upper, lower, fillvalue="")]


def _delimiter(cells: Sequence[str], layout: Layout, headers: Headers) -> Fault | None:
    text = ",".join(cells)
    for delimiter, name in DELIMITERS.items():
        if delimiter in text and not layout.is_usable:
            other = headers.read(text.split(delimiter), suggest=False)
            if other.is_usable or other.known_columns > max(layout.known_columns, 1):
                return Fault("reading.delimiter", {"delimiter": name})
    return None


def _later(head: Sequence[Record], layout: Layout, headers: Headers) -> Fault | None:
    if layout.is_usable:
        return None
    for line, cells in head[1:]:
        if headers.read(cells, suggest=False).is_usable:
            return Fault("reading.header_elsewhere", {"header_line": line})
    return None


def _merged(head: Sequence[Record], layout: Layout, headers: Headers) -> Fault | None:
    """Group titles over column titles, maybe below a title of the whole: neither row names all columns, the two together do."""
    for (first, upper), (second, lower) in pairwise(head):
        other = headers.read(joined(upper, lower), suggest=False)
        if other.is_usable and other.known_columns > layout.known_columns:
            return Fault("reading.merged_header", {"first": first, "second": second})
    return None
