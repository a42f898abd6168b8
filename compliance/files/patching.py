"""Single cells of a workbook's sheet get another text; its other cells, styles, sheets and names stay as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from compliance.files.encodings import Content
from compliance.files.packages import Package
from compliance.files.workbooks import column_of, letters


@dataclass
class _Cells:
    """Finds cells in a sheet's XML: pieces are (first byte, byte after the last, what stands there instead). A cell that is not there, because it says nothing, is
    added to its row."""

    texts: Mapping[tuple[int, int], str]
    lines: Mapping[int, Sequence[int]]
    parser: expat.XMLParserType
    xml: bytes
    pieces: list[tuple[int, int, bytes]] = field(default_factory=list)
    _line: int = 0
    _position: int = -1
    _start: int = 0
    _tag: str = ""
    _attributes: Mapping[str, str] = field(default_factory=dict)
    # Of the cell at hand: where its value stands, and whether a formula gave it.
    _value: tuple[int, int] | None = None
    _is_formula: bool = False
    # Of the row at hand: cells still to come, and what stands before its tag's name.
    _awaited: list[int] = field(default_factory=list)
    _prefix: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._line, self._position, self._prefix = int(attributes.get("r", self._line + 1)), -1, name.removesuffix("row")
                self._awaited = sorted(self.lines.get(self._line, ()))
            case "c":
                reference = attributes.get("r")
                self._position = column_of(reference.rstrip("0123456789")) if reference else self._position + 1
                self._add_until(self._position)
                self._start, self._tag, self._attributes = self.parser.CurrentByteIndex, name, attributes
                self._value, self._is_formula = None, False
            case "v":
                self._value = (self._after_tag(), -1)
            case "f":
                self._is_formula = True

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v" if self._value is not None:
                self._value = (self._value[0], self.parser.CurrentByteIndex)
            case "c" if (text := self.texts.get((self._line, self._position))) is not None:
                self._awaited = [position for position in self._awaited if position != self._position]
                self._replace(escape(text, quote=False))
            case "row" if self._awaited:
                self._add_until(self._awaited[-1] + 1)

    def _add_until(self, end: int) -> None:
        """The cells of this row that stand before that position and are not there."""
        while self._awaited and self._awaited[0] < end:
            position = self._awaited.pop(0)
            text = escape(self.texts[self._line, position], quote=False)
            at, place = self.parser.CurrentByteIndex, f"{letters(position)}{self._line}"
            self.pieces.append((at, at, f'<{self._prefix}c r="{place}" t="inlineStr">{self._inside(self._prefix, text)}</{self._prefix}c>'.encode()))

    def _replace(self, text: str) -> None:
        named = "".join(f' {name}="{escape(value)}"' for name, value in self._attributes.items() if name != "t")
        if self._is_formula and self._value is not None:
            # The formula stays: a workbook whose list of formulas names a cell without one is taken for damaged. What it gave is replaced.
            head_end = self.xml.index(b">", self._start) + 1
            self.pieces.append((self._start, head_end, f'<{self._tag}{named} t="str">'.encode()))
            self.pieces.append((*self._value, text.encode()))
            return
        inside = self._inside(self._tag.removesuffix("c"), text)
        self.pieces.append((self._start, self._after_tag(), f'<{self._tag}{named} t="inlineStr">{inside}</{self._tag}>'.encode()))

    @staticmethod
    def _inside(prefix: str, text: str) -> str:
        return f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'

    def _after_tag(self) -> int:
        return self.xml.index(b">", self.parser.CurrentByteIndex) + 1


def patched(content: Content, path: str, texts: Mapping[tuple[int, int], str]) -> bytes | None:
    """The workbook with other texts in these cells ((line, position) → text) of the part at path; None where that part is not in UTF-8.

    Their rows are there; the workbook was read before.
    """
    package = Package(content)
    xml = package.whole(path)
    parser = expat.ParserCreate()
    lines = defaultdict[int, list[int]](list)
    for line, position in texts:
        lines[line].append(position)
    found = _Cells(texts, lines, parser, xml)
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    declared: list[str | None] = []
    parser.XmlDeclHandler = lambda _version, encoding, _standalone: declared.append(encoding)
    parser.Parse(xml, True)
    if (declared and (declared[0] or "utf-8").lower() != "utf-8") or xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    pieces, at = [], 0
    for first, after, text in found.pieces:
        pieces += [xml[at:first], text]
        at = after
    return package.with_part(path, b"".join([*pieces, xml[at:]]))
