"""The parts of an .xlsx file: a zip whose directory is checked before anything is unpacked, and XML that is read as a stream."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from compliance.files.encodings import Content

MOST_UNPACKED = 100 * 1024**2
MOST_RATIO = 100
# Small files of little variety may pack better than that and do no harm.
HARMLESS_SIZE = 10 * 1024**2
MOST_PARTS = 2_000
CHUNK = 1 << 16
SHORT_CHUNK = 1 << 12

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An encrypted workbook is a part of this name in a file of the old kind.
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"


class WorkbookFault(Exception):
    """Why a workbook cannot be read: a problem key with its arguments, and the row where it is about one."""

    def __init__(self, key: str, line: int | None = None, **values: object) -> None:
        super().__init__(key)
        self.key, self.line, self.values = key, line, values


@dataclass(frozen=True)
class Part:
    """A relation of a part: what it is, and where."""

    kind: str
    path: str


def is_workbook(content: Content) -> bool:
    """Whether the bytes begin like a workbook's, whatever the file is called."""
    return bytes(content[:8]).startswith((_ZIP, _OLE))


class Package:
    """An .xlsx file, opened and found harmless; raises WorkbookFault otherwise."""

    def __init__(self, content: Content) -> None:
        if bytes(content[:8]) == _OLE:
            raise WorkbookFault("reading.locked_workbook" if content.find(_LOCKED) >= 0 else "reading.old_workbook")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise WorkbookFault("reading.damaged_workbook") from error
        self._check(len(content))

    def _check(self, packed: int) -> None:
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MOST_UNPACKED or (unpacked > HARMLESS_SIZE and unpacked > MOST_RATIO * packed):
            raise WorkbookFault("reading.swollen_workbook", megabytes=f"{unpacked / 1024**2:,.0f}", limit=MOST_UNPACKED // 1024**2)
        names = [part.filename for part in parts]
        # Two parts of one name, or an encrypted one: no spreadsheet program writes such a file.
        if len(parts) > MOST_PARTS or len(set(names)) < len(names) or any(part.flag_bits & 1 for part in parts):
            raise WorkbookFault("reading.damaged_workbook")
        if "[Content_Types].xml" not in names:
            raise WorkbookFault("reading.other_workbook")

    def related(self, path: str) -> dict[str, Part]:
        """Relation id → part, of the part at path ("" for the package itself)."""
        folder, name = posixpath.split(path)
        found: dict[str, Part] = {}

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                # Some programs write the separators of their own system.
                where = attributes.get("Target", "").replace("\\", "/")
                target = posixpath.normpath(posixpath.join("/", folder, where))
                found[attributes.get("Id", "")] = Part(attributes.get("Type", "").rpartition("/")[2], target.lstrip("/"))

        self.parse(posixpath.join(folder, "_rels", f"{name}.rels"), start)
        return found

    def parse(self, path: str, start: Callable[[str, dict[str, str]], None]) -> None:
        """Calls start(tag, attributes) for every element of a small part."""
        parser = new_parser(start, None, None)
        for _ in self.feed(path, parser):
            pass

    def whole(self, path: str) -> bytes:
        """A part that was read before, at once."""
        return self._zip.read(path)

    def with_part(self, path: str, content: bytes) -> bytes:
        """The file with another content of one part; the other parts as they are, in their order."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for info in self._zip.infolist():
                package.writestr(info, content if info.filename == path else self._zip.read(info))
        return out.getvalue()

    def feed(self, path: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feeds a part to a parser, a piece at a time: the first ones short, since often the first rows are all that is wanted."""
        try:
            with self._zip.open(path) as file:
                size = SHORT_CHUNK
                while chunk := file.read(size):
                    parser.Parse(chunk, False)
                    size = CHUNK
                    yield
                parser.Parse(b"", True)
        except (KeyError, zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise WorkbookFault("reading.damaged_workbook") from error
        yield


def new_parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None, text: Callable[[str], None] | None
) -> expat.XMLParserType:  # fmt: skip
    """A parser that names elements without prefix and takes no document type: entities are how small XML becomes large."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _refuse_doctype(*_: object) -> None:
    raise WorkbookFault("reading.damaged_workbook")


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Excel writes control characters as _x000D_; half a character written so is lost text."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
