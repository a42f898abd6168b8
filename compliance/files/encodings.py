"""Bytes → UTF-8: which encoding a data file is in, whether it is so throughout, and how big it is, before anything parses it."""

from __future__ import annotations

import codecs
import hashlib
import io
import mmap
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from compliance.errors import ImportDataError, Problem

Content = bytes | mmap.mmap

CHUNK = 1 << 24
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# GBK now and then makes valid two-byte UTF-8 by accident (一 is D2 BB), three-byte CJK practically never.
CJK_IN_UTF8 = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff01-\uffef]")

WEB_PAGES = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body")
# PDF, pictures, archives that are no workbook.
NO_TABLES = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!\x1a", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
HEAD_LOOKED_AT = 2_000

# What is left of text that an earlier save destroyed.
LOST_TEXT = re.compile("\ufffd|锟斤拷")
# Control, zero-width, bidi and other invisible characters, line separators, and lost text. Line breaks may stand inside quotes.
STRANGE = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
    "\U000e0000-\U000e0fff]|锟斤拷"
)
_PLAIN_ASCII = bytes(set(range(0x20, 0x7F)) - {ord('"')} | {0x0A, 0x0D})


@dataclass(frozen=True)
class Source:
    """A file as it arrived; or with texts of it replaced and rows left out (replacing.py): before is then the file as it arrived, replaced (header, what was
    said, what was meant), with what was said None for a header, left_out the lines of the rows.
    """

    name: str
    content: Content
    before: Source | None = None
    replaced: tuple[tuple[str, str | None, str], ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def from_path(cls, path: Path) -> Source:
        """The file, mapped: a large one is never copied whole just to be looked at."""
        try:
            with path.open("rb") as file:
                is_empty = file.seek(0, io.SEEK_END) == 0
                return cls(path.name, b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise ImportDataError([Problem("reading.cannot_open", {"name": str(path), "reason": error.strerror or ""}, file=path.name)]) from error


@dataclass(frozen=True)
class Limits:
    """What a file may be at most; checked before parsing, since one hostile file can cost minutes and gigabytes."""

    upload_bytes: int | None
    line_bytes: int = 200 * 1024
    cell_characters: int = 2_000
    columns: int = 1_000


UPLOAD_LIMITS = Limits(upload_bytes=20 * 1024 * 1024)
COMMAND_LIMITS = Limits(upload_bytes=None)


@dataclass(frozen=True)
class Survey:
    """What one look at every byte tells. Lengths are in bytes. longest_cell counts only cells of lines that could hold too long a one."""

    newlines: int
    returns: int
    longest_line: int
    longest_line_at: int
    longest_cell: int
    longest_cell_at: int
    is_strange: bool
    is_quoted: bool


@dataclass(frozen=True)
class Text:
    """A file's text as UTF-8 without a byte-order mark. sheet: the sheet of a workbook, whose line n is row n; faults: its cells (line, position) that say nothing; hidden: how many
    of its rows and columns nobody sees who opens it.
    """

    encoding: str
    utf8: memoryview
    survey: Survey
    sheet: str | None = None
    faults: Mapping[tuple[int, int], str] = field(default_factory=lambda: MappingProxyType({}))
    hidden: tuple[int, int] = (0, 0)


def check_size(source: Source, limits: Limits) -> None:
    """Refuses too large an upload."""
    size = len(source.content)
    if limits.upload_bytes is not None and size > limits.upload_bytes:
        raise refused(source, "reading.too_big", megabytes=f"{size / 1024**2:.1f}", limit=f"{limits.upload_bytes / 1024**2:g}")


def decode(source: Source, limits: Limits) -> Text:
    """BOM, then strict UTF-8, then strict GB18030; never a guess. Refuses what is valid in none, naming line and column."""
    check_size(source, limits)
    if (key := foreign(source.content)) is not None:
        raise refused(source, key)
    encoding, utf8 = _decode(source)
    return surveyed(source, limits, encoding, utf8)


def surveyed(
    source: Source, limits: Limits, encoding: str, utf8: memoryview, sheet: str | None = None, faults: Mapping[tuple[int, int], str] | None = None,
    hidden: tuple[int, int] = (0, 0),
) -> Text:  # fmt: skip
    """The text with what one look at all of it tells; refused when it is empty or a line or cell is too long."""
    if not any(chunk.strip() for chunk in _chunks(utf8)):
        raise refused(source, "reading.empty_file")
    survey = _survey(utf8, limits)
    if survey.longest_line > limits.line_bytes:
        args = {"kilobytes": survey.longest_line // 1024, "limit": limits.line_bytes // 1024}
        raise refused(source, "reading.line_too_long", line_at(utf8, survey.longest_line_at), **args)
    if survey.longest_cell > 4 * limits.cell_characters:  # no character takes more than four bytes
        raise refused(source, "reading.cell_too_long", line_at(utf8, survey.longest_cell_at), limit=limits.cell_characters)
    return Text(encoding, utf8, survey, sheet, faults or {}, hidden)


def foreign(content: Content) -> str | None:
    """What is wrong with a file that is no table at all, or a web page that some systems hand out as .xls."""
    start = bytes(content[:HEAD_LOOKED_AT])
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith(WEB_PAGES) or (text.startswith(b"<?xml") and (b"<html" in text or b"office:spreadsheet" in text)):
        return "reading.web_page"
    return "reading.no_table" if start.startswith(NO_TABLES) else None


def _decode(source: Source) -> tuple[str, memoryview]:
    content, start = source.content, bytes(source.content[:4])
    if start.startswith(UTF16_BOMS):
        return _from_utf16(source, start)
    if _looks_like_utf16(bytes(content[:4096])):
        raise refused(source, "reading.utf16_without_bom")
    encoding = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    view = memoryview(content)[3 if encoding == "utf-8-sig" else 0 :]
    bad = _first_bad(view, "utf-8")
    if bad is None:
        return encoding, view
    kinds = dict(_line_encodings(view))
    if "UTF-8" in kinds and "GB18030" in kinds:
        raise refused(source, "reading.mixed_encodings", max(kinds["UTF-8"], kinds["GB18030"]))
    gb_bad = _first_bad(view, "gb18030")
    if gb_bad is None and encoding == "utf-8":
        return "gb18030", memoryview(bytes(view).decode("gb18030").encode())
    if encoding == "utf-8-sig" or "UTF-8" in kinds or gb_bad is None or bad > gb_bad:
        raise _undecodable(source, view, "UTF-8", bad)
    raise _undecodable(source, view, "GB18030", gb_bad)


def _from_utf16(source: Source, start: bytes) -> tuple[str, memoryview]:
    if start.startswith(codecs.BOM_UTF32_LE):
        raise refused(source, "reading.utf32")
    content = bytes(source.content)
    try:
        return "utf-16", memoryview(content.decode("utf-16").encode())
    except UnicodeError as error:  # UnicodeEncodeError too: a lone surrogate
        offset = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = content[:offset].decode("utf-16", "replace").count("\n") + 1
        raise refused(source, "reading.bad_byte", line, byte=_hex(content, offset), encoding="UTF-16") from error


def _looks_like_utf16(head: bytes) -> bool:
    """Commas, digits and line breaks have a zero byte in UTF-16, always on the same side."""
    fewer, more = sorted((head[::2].count(0), head[1::2].count(0)))
    return fewer == 0 and more >= max(3, len(head) // 40)


def _first_bad(view: memoryview, encoding: str) -> int | None:
    """Where the first byte stands that the encoding does not allow."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(view), CHUNK):
        held_back = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + CHUNK], final=start + CHUNK >= len(view))
        except UnicodeDecodeError as error:
            return start - held_back + error.start
    return None


def _line_encodings(view: memoryview) -> Iterator[tuple[str, int]]:
    """Each encoding that some line can only be in, with the first such line. Of a file that is not UTF-8 throughout."""
    seen = set()
    for number, line in enumerate(LINE_BREAK.split(bytes(view)), start=1):
        encoding = None if line.isascii() else _line_encoding(line)
        if encoding is not None and encoding not in seen:
            seen.add(encoding)
            yield encoding, number


def _line_encoding(line: bytes) -> str | None:
    try:
        return "UTF-8" if CJK_IN_UTF8.search(line.decode()) else None
    except UnicodeDecodeError:
        pass
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GB18030"


def _undecodable(source: Source, view: memoryview, encoding: str, offset: int) -> ImportDataError:
    before = bytes(view[:offset])
    line_start = max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
    header = next(iter(LINE_BREAK.split(before, maxsplit=1)), b"").decode(encoding, "replace").split(",") if line_start else []
    cell = before.count(b",", line_start)
    column = header[cell] if cell < len(header) and '"' not in "".join(header) and b'"' not in before[line_start:] else None
    args = {"byte": _hex(view, offset), "encoding": encoding}
    return ImportDataError([Problem("reading.bad_byte", args, file=source.name, line=line_at(view, offset), column=column)])


def _hex(content: memoryview | bytes, offset: int) -> str:
    return f"0x{bytes(content[offset : offset + 1]).hex().upper()}"


def refused(source: Source, key: str, line: int | None = None, **args: object) -> ImportDataError:
    """One problem of the file as a whole, or of one of its lines."""
    return ImportDataError([Problem(key, args, file=source.name, line=line)])


def line_at(view: memoryview, offset: int) -> int:
    """The line, from 1, that the byte at offset stands on."""
    return sum(1 for _ in LINE_BREAK.finditer(bytes(view[:offset]))) + 1


def _chunks(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def _survey(view: memoryview, limits: Limits) -> Survey:
    newlines = returns = 0
    rest = []
    for chunk in _chunks(view):
        newlines += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        rest.append(chunk.translate(None, _PLAIN_ASCII))
    unusual = b"".join(rest)
    longest_line = longest_cell = (0, 0)
    for starts, lengths in _line_lengths(view):
        widest = int(np.argmax(lengths))
        longest_line = max(longest_line, (int(lengths[widest]), int(starts[widest])))
        # A cell is never longer than its line, so few lines need a second look.
        for index in np.flatnonzero((lengths > limits.cell_characters) & (lengths <= limits.line_bytes)):
            line = bytes(view[starts[index] : starts[index] + lengths[index]])
            longest_cell = max(longest_cell, (max(map(len, line.split(b","))), int(starts[index])))
    # Dropping whole ASCII characters leaves the multi-byte ones intact, so the remainder is still UTF-8.
    return Survey(newlines, returns, *longest_line, *longest_cell, bool(STRANGE.search(unusual.decode())), b'"' in unusual)


def _line_lengths(view: memoryview) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Where lines start and how many bytes they have, without their ends, some at a time."""
    start = 0
    for offset in range(0, len(view), CHUNK):
        chunk = np.frombuffer(view[offset : offset + CHUNK], dtype=np.uint8)
        ends = np.flatnonzero((chunk == 10) | (chunk == 13)) + offset
        if offset + CHUNK >= len(view):
            ends = np.append(ends, len(view))
        if ends.size:
            starts = np.concatenate(([start], ends[:-1] + 1))
            yield starts, ends - starts
            start = int(ends[-1]) + 1


def lines(text: Text) -> io.TextIOWrapper:
    """The lines as written, decoded as they are asked for."""
    return io.TextIOWrapper(io.BytesIO(text.utf8), encoding="utf-8", newline="")


def lines_from(content: bytes, encoding: str, line: int) -> Iterator[str]:
    """The lines of an accepted file from the given one on, without decoding those before it where the encoding allows that."""
    if encoding == "utf-16":
        return islice(io.StringIO(content.decode("utf-16"), newline=""), line - 1, None)
    start = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
    if line > 1:
        # CR and LF are never part of a longer character, neither in UTF-8 nor in GB18030.
        end_before = next(islice(LINE_BREAK.finditer(content, start), line - 2, None), None)
        start = len(content) if end_before is None else end_before.end()
    return iter(io.TextIOWrapper(io.BytesIO(memoryview(content)[start:]), encoding=encoding.removesuffix("-sig"), newline=""))


def decode_leniently(source: Source) -> str:
    """The text of a file that may not be valid, for giving it back to whoever must mend it."""
    try:
        return str(_decode(source)[1], "utf-8")
    except ImportDataError:
        content = bytes(source.content)
        if content.startswith(UTF16_BOMS):
            return content.decode("utf-16", "replace")
        view = memoryview(content)
        reach = {encoding: _first_bad(view, encoding) or 0 for encoding in ("utf-8", "gb18030")}
        return content.decode(max(reach, key=reach.__getitem__), "replace").removeprefix("\ufeff")
