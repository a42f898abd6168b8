"""The history of imports as HTML: the list, one import with what was done with it, its cells. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from compliance import periods
from compliance.answers import history_views, phrases
from compliance.answers.history_views import CellSaid, Made
from compliance.drawing import file_marks, marks, upload_marks
from compliance.drawing.markup import Html, el
from compliance.engine.flipping import Flips
from compliance.questions.import_queries import HandedIn
from compliance.questions.overlay_queries import Spoken
from compliance.questions.queries import records
from compliance.standard.definitions import Standard
from compliance.storage.importer import Outcome
from compliance.texts import Words

Href = Callable[..., str]
HASH_SHOWN = 8
NUMBERS = frozenset({"line", "value", "counts", "now", "then"})
TIME = "%Y-%m-%d %H:%M"


def opening(words: Words, standard: Standard, total: int, undone: int) -> Html:
    return marks.opening((words.title(standard.title),), words("history.title", n=words.number(total), undone=words.number(undone)), words("history.lead"))


def link(words: Words, import_id: int, href: Href) -> Html:
    """The way to an import."""
    return el("a", words("history.number", id=import_id), href=href("history", **{"import": str(import_id)}))


# -- the list ------------------------------------------------------------------------------------------------------------


def listing(words: Words, imports: Sequence[Made], href: Href) -> Html:
    """A row an import, newest first."""
    names = ("file", "who", "kind", "flips", "state")
    head = el(
        "tr", el("th", words("history.column_id"), scope="col", class_="number"), *(el("th", words(f"history.column_{name}"), scope="col") for name in names)
    )
    return el("table", el("thead", head), el("tbody", [_row(words, each, href) for each in imports]), class_="plain imports")


def _row(words: Words, each: Made, href: Href) -> Html:
    turned = history_views.flips_words(words, each.flips) if each.batch == each.id else words("history.flips_of", id=each.batch)
    return el(
        "tr",
        el("td", str(each.id), class_="number"),
        el(
            "td", el("a", each.file_name, href=href("history", **{"import": str(each.id)})),
            el("span", words("history.because", why=each.reason), class_="under") if each.reason else None,
            el("span", words("history.hash", hash=each.sha256[:HASH_SHOWN]), class_="under", title=words("history.sha256_means")), class_="file",
        ),
        el("td", each.who, el("span", f"{each.at:{TIME}}", class_="under")),
        el("td", words(f"kind.{each.kind}"), el("span", words("history.rows", n=words.number(each.accepted)), class_="under")),
        el("td", turned),
        el("td", state(words, each)),
        class_="undone" if each.undone else None,
    )  # fmt: skip


def state(words: Words, each: Made) -> Html:
    """Whether it counts; if not, who took it back, when and why."""
    how = el("span", words(f"history.state_{each.state}"), class_=f"import-state {each.state}")
    if each.undone is None:
        return el("span", how)
    said = (each.undone.who, f"{each.undone.at:{TIME}}", *([words("history.because", why=each.undone.why)] if each.undone.why else []))
    return el("span", how, el("span", phrases.DOT.join(said), class_="under"))


# -- one import ------------------------------------------------------------------------------------------------------------


def import_opening(words: Words, each: Made, href: Href) -> Html:
    where = el("p", el("a", words("history.all"), href=href("history")), class_="note")
    title = words("history.one", id=each.id, file=each.file_name)
    return el("div", marks.opening((words("app.page.history"), words(f"kind.{each.kind}")), title), where, class_="one-import")


def facts(words: Words, standard: Standard, each: Made, batch: Sequence[tuple[int, str]], before: HandedIn | None, href: Href) -> Html:
    """What the ledger knows of an import. before: the file as it was handed in, where names in it were put right."""
    level = standard.level_by_id.get(each.level)
    pairs: list[tuple[str, Html | str]] = [
        ("state", state(words, each)),
        ("who", each.who),
        ("when", f"{each.at:{TIME}}"),
        ("reason", each.reason),
        ("kind", phrases.DOT.join((words(f"kind.{each.kind}"), *([words.title(level.title)] if level else [])))),
        ("rows", words("history.rows_of", read=words.number(each.rows_in), accepted=words.number(each.accepted), blank=words.number(each.blank))),
        ("ignored", each.ignored),
        ("replaced", el("span", [el("span", text, class_="under") for text in _replaced(words, before)]) if before else ""),
        ("flips", history_views.flips_words(words, each.flips)),
        ("batch", el("span", [el("span", link(words, id_, href), f" {name} ") for id_, name in batch]) if batch else ""),
        ("encoding", file_marks.encoding(words, each.encoding)),
        ("version", words("history.version", n=each.version, program=each.program)),
        ("sha256", el("span", el("code", each.sha256), el("span", words("history.sha256_means"), class_="under"))),
    ]
    rows = [el("tr", el("th", words(f"history.column_{name}"), scope="row"), el("td", said)) for name, said in pairs if said]
    return el("table", el("tbody", rows), class_="plain import-facts")


def _replaced(words: Words, before: HandedIn) -> list[str]:
    """Every text that was put right, and the rows that were left out."""
    lines = [words("history.left_out", lines=words("app.list").join(map(str, before.left_out)))] if before.left_out else []
    return lines + [
        upload_marks.replaced(words, words("upload.name_header" if said is None else "upload.name_cell", column=column, said=said), meant)
        for column, said, meant in before.replaced
    ]


def events(words: Words, rows: pd.DataFrame) -> Html:
    """Everything that was done with it, oldest first."""
    items = [el("li", _event(words, row)) for row in records(rows)]
    return el("div", marks.section(words("history.events")), el("ol", items, class_="problems"))


def _event(words: Words, row: Mapping[str, Any]) -> list[Html | str]:
    why = row["why"]
    said = words(f"history.event_{row['event']}", who=row["who"], when=f"{row['happened']:{TIME}}")
    # How many statuses an import turned stands among its facts, for all the files that came with it.
    if row["event"] != "import" and isinstance(row["flips"], str):
        said = words("history.event_turned", said=said, flips=history_views.flips_words(words, Flips(*json.loads(row["flips"]))))
    return [said, el("span", words("history.because", why=why), class_="under") if isinstance(why, str) and why else ""]


def spoken_words(words: Words, found: Spoken, is_undone: bool) -> str:
    """How many of its cells count."""
    total = words.number(found.cells)
    if is_undone:
        return words("history.spoken_undone", n=total)
    hidden = sum(cells for _, cells in found.overlaid)
    if not hidden:
        return words("history.spoken_all", n=total)
    by = words("app.list").join(words("history.number", id=id_) for id_, _ in found.overlaid)
    return words("history.spoken_overlaid", n=total, counts=words.number(found.cells - hidden), hidden=words.number(hidden), by=by)


def cells(words: Words, standard: Standard, said: Sequence[CellSaid], is_undone: bool, href: Href) -> Html:
    """What it says, cell by cell: as written, as read, and what counts now."""
    names = ("line", "area", "period", "metric", "raw", "value", "counts", "cell")
    head = el("tr", *(el("th", words(f"history.column_{name}"), scope="col", class_="number" if name in NUMBERS else None) for name in names))
    rows = [
        el(
            "tr", el("td", str(each.line), class_="number"), el("td", each.area), el("td", periods.label(each.period, standard.frequency), class_="code"),
            el("td", phrases.name_title(words, standard, each.metric)), el("td", el("code", each.raw), class_="raw"), el("td", each.value, class_="number"),
            el("td", each.counts, class_="number"), el("td", _cell_state(words, each, is_undone, href)),
        )
        for each in said
    ]  # fmt: skip
    return marks.scrolling(el("table", el("thead", head), el("tbody", rows), class_="plain said-cells"), words("history.cells"), "scroll tall")


def _cell_state(words: Words, each: CellSaid, is_undone: bool, href: Href) -> Html | str:
    said = history_views.state_of_cell(words, each, is_undone)
    return said if is_undone or each.by is None else el("a", said, href=href("history", **{"import": str(each.by)}))


def cell_sheet(words: Words, standard: Standard, said: Sequence[CellSaid], is_undone: bool) -> pd.DataFrame:
    """The same to take away, with the areas' ids; what was written is in the original file."""
    names = ("line", "area_id", "area", "period", "metric", "value", "counts", "cell")
    rows = [
        (
            each.line, each.area_id, each.area, periods.label(each.period, standard.frequency), phrases.name_title(words, standard, each.metric),
            each.value, each.counts, history_views.state_of_cell(words, each, is_undone),
        )
        for each in said
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[words(f"history.column_{name}") for name in names])


# -- what would turn -------------------------------------------------------------------------------------------------------


def turned(words: Words, standard: Standard, outcome: Outcome, said: Sequence[CellSaid], found: Spoken, names: Mapping[str, str], *, is_undone: bool) -> list[Html | None]:  # fmt: skip
    """What undoing, or redoing, would change: cells with their other value, and statuses, by area."""
    figures = [("changes", found.changes), ("alone", found.alone), ("same", found.same), ("overlaid", sum(cells for _, cells in found.overlaid))]
    which = "redo" if is_undone else "undo"
    counted = [el("div", el("dt", words(f"history.{which}_{name}")), el("dd", words.number(n))) for name, n in figures] if found.cells else []
    flips = el("p", words("history.flips_would", flips=history_views.flips_words(words, outcome.flips)))
    title = marks.section(words("history.would"), words("deed.not_yet"))
    head = el("div", title, el("dl", counted, class_="facts"), flips)
    return [head, _turned_cells(words, standard, said, is_undone), upload_marks.flipped(words, outcome, names)]


def _turned_cells(words: Words, standard: Standard, said: Sequence[CellSaid], is_undone: bool) -> Html | None:
    if not said:
        return None
    names = ("area", "period", "metric", "now", "then")
    head = el("tr", *(el("th", words(f"history.column_{name}"), scope="col", class_="number" if name in NUMBERS else None) for name in names))
    rows = [
        el(
            "tr", el("td", each.area), el("td", periods.label(each.period, standard.frequency), class_="code"),
            el("td", phrases.name_title(words, standard, each.metric)),
            *(el("td", text, class_="number") for text in ((each.without, each.value) if is_undone else (each.value, each.without))),
        )
        for each in said
    ]  # fmt: skip
    table = marks.scrolling(el("table", el("thead", head), el("tbody", rows), class_="plain"), words("history.would"))
    return marks.folded(words("history.turned_cells", n=words.number(len(said))), table, part=None)
