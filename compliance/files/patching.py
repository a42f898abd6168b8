"""Single cells of a workbook's sheet get another text; its other cells, styles, sheets and names stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from compliance.files.encodings import Content
from compliance.files.packages import Package
from compliance.files.workbooks import column_of


@dataclass
class _Cells:
    """Finds cells in a sheet's XML: pieces are (first byte, byte after the last, what stands there instead)."""

    texts: Mapping[tuple[int, int], str]
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

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._line, self._position = int(attributes.get("r", self._line + 1)), -1
            case "c":
                reference = attributes.get("r")
                self._position = column_of(reference.rstrip("0123456789")) if reference else self._position + 1
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
                self._replace(escape(text, quote=False))

    def _replace(self, text: str) -> None:
        named = "".join(f' {name}="{escape(value)}"' for name, value in self._attributes.items() if name != "t")
        if self._is_formula and self._value is not None:
            # The formula stays: a workbook whose list of formulas names a cell without one is taken for damaged. What it gave is replaced.
            head_end = self.xml.index(b">", self._start) + 1
            self.pieces.append((self._start, head_end, f'<{self._tag}{named} t="str">'.encode()))
            self.pieces.append((*self._value, text.encode()))
            return
        prefix = self._tag.removesuffix("c")
        inside = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
        self.pieces.append((self._start, self._after_tag(), f'<{self._tag}{named} t="inlineStr">{inside}</{self._tag}>'.encode()))

    def _after_tag(self) -> int:
        return self.xml.index(b">", self.parser.CurrentByteIndex) + 1


def patched(content: Content, path: str, texts: Mapping[tuple[int, int], str]) -> bytes | None:
    """The workbook with other texts in these cells ((line, position) → text) of the part at path; None where that part is not in UTF-8.

    The cells are there and say something; the workbook was read before.
    """
    package = Package(content)
    xml = package.whole(path)
    parser = expat.ParserCreate()
    found = _Cells(texts, parser, xml)
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
