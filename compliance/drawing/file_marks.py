"""A file that was handed in, as HTML: what it is, how it is written, its first rows with what is wrong in them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.answers import phrases
from compliance.drawing.markup import Html, el
from compliance.errors import Problem
from compliance.files import reading
from compliance.files.reading import Glimpse, Source
from compliance.storage.importer import Imported
from compliance.texts import Words

SHEET = "xlsx:"
PERIODS_NAMED = 4
KILOBYTE, MEGABYTE = 1024, 1024**2
Place = tuple[int, int | None]


def encoding(words: Words, found: str | None) -> str:
    """How the file is written: GBK, UTF-8, or which sheet of a workbook."""
    if found is None:
        return words("upload.encoding_unknown")
    if found.startswith(SHEET):
        return words("upload.encoding_sheet", sheet=found.removeprefix(SHEET))
    return words(f"upload.encoding_{found.replace('-', '_')}")


def size(words: Words, size: int) -> str:
    """How large a file is: in bytes where kilobytes would say 0."""
    if size < KILOBYTE:
        return words("upload.bytes", n=size)
    return f"{size / KILOBYTE:,.0f} KB" if size < MEGABYTE else f"{size / MEGABYTE:,.1f} MB"


def handed_in(
    words: Words, source: Source, glimpse: Glimpse, before: Glimpse | None, imported: Imported | None, faults: Sequence[Problem], doubts: int, *, is_open: bool
) -> Html:  # fmt: skip
    """One file: what it is, how it is written, and its first rows. before: those of the file as it came, where texts of it were replaced since; doubts: how many
    there are that must be ticked."""
    facts = [encoding(words, glimpse.encoding), size(words, len(source.content))]
    facts += [words("upload.replaced", n=len(source.replaced))] if source.replaced else []
    facts += [words("upload.left_out", n=len(source.left_out))] if source.left_out else []
    if imported is not None:
        rows, blank = words.number(imported.accepted), words.number(imported.blank)
        facts += [words(f"kind.{imported.kind}"), words("upload.rows", n=rows, blank=blank), *imported.periods[:PERIODS_NAMED]]
        facts += [words("upload.ignoring", columns=words("app.list").join(imported.ignored))] if imported.ignored else []
        facts += [words("upload.hidden", rows=words.number(imported.hidden[0]), columns=words.number(imported.hidden[1]))] if any(imported.hidden) else []
    head = el("summary", el("strong", source.name), _verdict(words, imported, len(faults), doubts), el("span", phrases.DOT.join(facts)))
    return el(
        "details",
        head,
        _rows(words, glimpse, before, {place: words.message(fault) for place, fault in reading.faulty_cells(glimpse, faults).items()}),
        class_="handed-in",
        open=is_open,
    )


def _verdict(words: Words, imported: Imported | None, faults: int, doubts: int) -> Html:
    if faults:
        return el("span", words("upload.file_faults", n=words.number(faults)), class_="verdict bad")
    if doubts:
        return el("span", words("upload.file_doubts", n=words.number(doubts)), class_="verdict doubtful")
    return el("span", words("upload.file_waits" if imported is None else "upload.file_fine"), class_="verdict")


def _rows(words: Words, glimpse: Glimpse, before: Glimpse | None, told: Mapping[Place, str]) -> Html:
    if not glimpse.rows:
        return el("p", words("upload.nothing_to_show"), class_="note")
    was = dict(before.rows) if before else {}
    lines = [
        el(
            "tr", _cell(words, "th", str(line), told.get((line, None))),
            *(_cell(words, "td", cell, told.get((line, place)), _other(was.get(line, cells), place, cell)) for place, cell in enumerate(cells)),
            el("td", "…") if glimpse.more else None,
        )
        for line, cells in glimpse.rows
    ]  # fmt: skip
    note = el("p", words("upload.more_columns", n=glimpse.more), class_="note") if glimpse.more else None
    return el("div", el("div", el("table", el("tbody", lines), class_="plain glimpse"), class_="scroll"), note)


def _cell(words: Words, tag: str, text: str, fault: str | None, was: str | None = None) -> Html:
    """A faulty cell says why to whoever points at it, and that it is faulty to whoever cannot see its colour."""
    look = "faulty" if fault else "replaced" if was is not None else None
    before = words("upload.cell_was", text=was) if was else words("upload.cell_was_blank") if was is not None else None
    aside = words("upload.cell_faulty") if fault else before
    head = {"scope": "row"} if tag == "th" else {}
    classes = " ".join(name for name in ("code" if tag == "th" else None, look) if name)
    return el(tag, text, el("span", aside, class_="unseen") if aside else None, class_=classes or None, title=fault or aside, **head)


def _other(was: Sequence[str], place: int, text: str) -> str | None:
    return was[place] if place < len(was) and was[place] != text else None
