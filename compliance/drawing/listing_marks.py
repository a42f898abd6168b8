"""What lists that are handed in would change, before they land: what becomes of known areas, which indicator each exemption is from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.answers import import_words
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Standard
from compliance.storage.importer import Imported, Outcome
from compliance.storage.preview import AreaChange, Exempted
from compliance.texts import Words

ROWS_SHOWN = 200
LOOKS = {"area": "whole", "since": "whole", "place": "code"}
Placed = tuple[str, Exempted]


def changed_areas(words: Words, standard: Standard, outcome: Outcome, names: Mapping[str, str]) -> Html | None:
    """What a list changes of areas that are known, old and new. names: area → its name."""
    found = [(each.file_name, change) for each in outcome.imports if each.changed_areas is not None for change in each.changed_areas.first]
    if not found:
        return None
    columns = ("area", "what", "old", "new", "place")
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col") for name in columns))
    rows = [
        el(
            "tr", el("td", names.get(one.area_id, one.area_id), class_="whole"), el("td", _what(words, standard, one.what)), el("td", _said(words, standard, one, one.old, names)),
            el("td", _said(words, standard, one, one.new, names)), el("td", words("upload.file_line", file=file, line=one.line), class_="code"),
        )
        for file, one in found[:ROWS_SHOWN]
    ]  # fmt: skip
    rest = el("p", words("upload.listing_more", n=words.number(len(found) - ROWS_SHOWN)), class_="note") if len(found) > ROWS_SHOWN else None
    table = el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")
    return marks.folded(words("upload.areas_list"), el("div", table, rest), part=None)


def _what(words: Words, standard: Standard, what: str) -> str:
    titles = {attribute.id: words.title(attribute.title) for attribute in standard.attributes}
    return words(f"upload.area_{what}") if what in ("name", "level", "parent_id") else titles.get(what, what)


def _said(words: Words, standard: Standard, change: AreaChange, text: str | None, names: Mapping[str, str]) -> str:
    if text is None:
        return words("upload.area_nothing")
    match change.what:
        case "level":
            return words.title(standard.level_by_id[text].title) if text in standard.level_by_id else text
        case "parent_id":
            return names.get(text, text)
        case _:
            return text


def ticks(words: Words, outcome: Outcome) -> dict[str, str]:
    """What is to be ticked: that codes which a spreadsheet may have cut short are meant as they stand."""
    number = sum(map(codes_to_check, outcome.imports))
    return {"code": words("upload.tick_code", n=words.number(number))} if number else {}


def codes_to_check(imported: Imported) -> int:
    """How many of a list's exemptions may have been from another indicator."""
    return sum(1 for one in imported.exempted if one.others)


def exempted(words: Words, standard: Standard, outcome: Outcome, names: Mapping[str, str]) -> Html | None:
    """Every exemption with its indicator by code and title; apart those whose code may have been another. names: area → its name."""
    found = [(each.file_name, one) for each in outcome.imports for one in each.exempted]
    doubtful, plain = [each for each in found if each[1].others], [each for each in found if not each[1].others]
    parts = []
    if doubtful:
        table = _table(words, standard, doubtful, names, ("area", "taken", "others", "since", "place"))
        parts.append(el("div", marks.section(words("upload.codes"), words("upload.codes_note")), table, class_="refused"))
    if plain:
        title = words("upload.exempted_list", n=words.number(len(plain)))
        parts.append(marks.folded(title, _table(words, standard, plain, names, ("area", "taken", "since", "place")), part=None))
    return el("div", parts) if parts else None


def _table(words: Words, standard: Standard, rows: Sequence[Placed], names: Mapping[str, str], columns: Sequence[str]) -> Html:
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col") for name in columns))
    body = [el("tr", *(el("td", _cell(words, standard, each, names, name), class_=LOOKS.get(name)) for name in columns)) for each in rows[:ROWS_SHOWN]]
    rest = el("p", words("upload.listing_more", n=words.number(len(rows) - ROWS_SHOWN)), class_="note") if len(rows) > ROWS_SHOWN else None
    return el("div", el("div", el("table", el("thead", head), el("tbody", body), class_="plain"), class_="scroll"), rest)


def _cell(words: Words, standard: Standard, placed: Placed, names: Mapping[str, str], column: str) -> str:
    file, one = placed
    match column:
        case "place":
            return words("upload.file_line", file=file, line=one.line)
        case "area":
            return names.get(one.area_id, one.area_id)
        case "taken":
            return import_words.indicators(words, standard, [one.indicator])
        case "others":
            return import_words.indicators(words, standard, one.others)
        case _:
            return words("upload.exempted_span", first=one.first, last=one.last) if one.last else words("upload.exempted_open", first=one.first)
