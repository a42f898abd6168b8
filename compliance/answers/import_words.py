"""What a command says of an import, done or tried. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.standard.definitions import Standard
from compliance.storage.importer import Imported
from compliance.texts import Words

MOST_DOUBTFUL = 20


def lines(words: Words, standard: Standard, imported: Imported) -> list[str]:
    """What it is and would change, then what deserves a second look."""
    return [_first(words, imported), *_doubtful(words, standard, imported)]


def indicators(words: Words, standard: Standard, codes: Sequence[str]) -> str:
    """Codes with their titles."""
    return words("app.list").join(f"{code} {words.title(standard.indicator_by_code[code].title)}" for code in codes)


def _first(words: Words, imported: Imported) -> str:
    what = {
        "name": imported.file_name, "rows": imported.accepted, "blank": imported.blank, "encoding": imported.encoding,
        "kind": words(f"kind.{imported.kind}"), "areas": imported.areas, "periods": ", ".join(imported.periods) or "—",
    }  # fmt: skip
    if imported.id is not None:
        return words("cli.imported", id=imported.id, **what)
    line = words("cli.would_import", **what)
    if (areas := imported.changed_areas) is not None:
        line += words("cli.would_list", new=areas.new, changed=areas.changed, unchanged=areas.unchanged)
    if imported.cells is None:
        return line
    return line + words("cli.would_change", new=imported.cells.new, changed=imported.cells.changed, unchanged=imported.cells.unchanged)


def _doubtful(words: Words, standard: Standard, imported: Imported) -> Iterator[str]:
    doubtful = [each for each in imported.exempted if each.others]
    for each in doubtful[:MOST_DOUBTFUL]:
        taken, others = indicators(words, standard, [each.indicator]), indicators(words, standard, each.others)
        yield words("cli.doubtful_code", line=each.line, area=each.area_id, taken=taken, others=others)
    if len(doubtful) > MOST_DOUBTFUL:
        yield words("cli.doubtful_more", n=len(doubtful) - MOST_DOUBTFUL)
