"""The history page's controls: which imports are listed, what one of them says, and taking it back or making it count again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from compliance.access import User
from compliance.answers import history_views
from compliance.answers.history_views import Made
from compliance.drawing import history_marks, marks
from compliance.drawing.markup import Html
from compliance.errors import ComplianceError
from compliance.questions import doubt_queries, import_queries, overlay_queries
from compliance.questions.import_queries import Wanted
from compliance.questions.overlay_queries import Spoken
from compliance.screen import acting
from compliance.screen.page import Page
from compliance.storage import revoking
from compliance.storage.importer import Outcome
from compliance.storage.store import Store

CELLS_LISTED = 200


def chosen(page: Page) -> Made | None:
    """The import that the address names; says so when there is none of that number."""
    asked = page.parameter("import")
    if asked is None:
        return None
    found = history_views.made(page.ask(import_queries.import_facts, int(asked))) if asked.isdecimal() and len(asked) < 10 else []
    if not found:
        page.notice("history.unknown", asked=asked)
        return None
    return found[0]


def wanted(page: Page) -> Wanted:
    """Which imports the reader wants to see."""
    words = page.words
    kinds = {"": words("history.any_kind"), **{kind: words(f"kind.{kind}") for kind in history_views.KINDS}}
    people = {"": words("history.anyone"), **{who: who for who in page.ask(import_queries.people)}}
    first, second, third = st.columns(3)
    with first:
        kind = page.pick("of", list(kinds), words("history.column_kind"), kinds.__getitem__, resets=("part",))
    with second:
        who = page.pick("by", list(people), words("history.column_who"), people.__getitem__, resets=("part",))
    with third:
        undone = page.pick("undone", ("", "1"), words("history.column_state"), lambda value: words(f"history.only_{value or 'any'}"), resets=("part",))
    return Wanted(kind, who, undone == "1")


def listing(page: Page, asked: Wanted) -> None:
    """The imports, newest first, so many at a time; all of them to take away."""
    total = page.ask(import_queries.import_count, asked)
    if not total:
        page.empty("history.none")
        return
    places = page.screenful(total)
    rows = page.ask(import_queries.history, len(places), places[0], asked)
    page.show(history_marks.listing(page.words, history_views.made(rows), page.href))
    page.download(lambda: history_views.sheet(page.words, page.ask(import_queries.history, None, 0, asked)), "history")


def original(page: Page, each: Made) -> None:
    """The file as it came."""
    archive, before = page.opened.store.archive, page.ask(import_queries.handed_in, each.id)
    if archive.holds(each.sha256):
        offers = [(page.words("history.original"), lambda: archive.original(each.sha256), each.file_name)]
        if before is not None and archive.holds(before.sha256):
            offers = [
                (page.words("history.as_read"), offers[0][1], each.file_name),
                (page.words("history.original"), lambda: archive.original(before.sha256), before.file_name),
            ]
        page.files("original", *offers)
    else:
        page.notice("history.no_original")


def offer(page: Page, each: Made) -> None:
    """Taking the import back, or making it count again: why, what would turn, and only then the deed. Nothing for who may not."""
    # What is under way stays what it was asked to be, although by now the import may say otherwise.
    under_way = next((name for name in ("undo", "redo") if acting.is_doing(f"{name} {each.id}")), None)
    which = under_way or ("redo" if each.undone else "undo")
    if not page.user.may("undo_own"):
        return
    problems = () if under_way else page.ask(revoking.forbidden, page.user, each.id)
    page.show(marks.section(page.words(f"history.{which}"), "" if problems else page.words(f"history.{which}_note")))
    if problems:
        page.show(marks.problems(page.words, problems))
        return
    key = f"{which} {each.id}"
    with st.form(f"form {key}"):
        why, is_sent = acting.reason(page, key), acting.sent(page)

    def act(store: Store, user: User, dry_run: bool, version: int) -> Outcome:
        acting.refuse_blank(why)
        watch = (store.redo if which == "redo" else store.undo)(each.id, user=user, why=why.strip(), dry_run=dry_run, seen_version=version)
        return Outcome((), watch.flips, watch.flipped)

    def done(outcome: Outcome) -> acting.Done:
        return acting.done(page, each.id, f"history.{which}_done", flips=history_views.flips_words(page.words, outcome.flips))

    acting.consider(
        page, key, acting.Asked(act, why.strip()) if is_sent else None, lambda outcome: _turned(page, each, outcome), done,
        page.words(f"history.{which}_confirm", id=each.id),
    )  # fmt: skip


def _turned(page: Page, each: Made, outcome: Outcome) -> Sequence[Html | None]:
    found: Spoken = page.ask(overlay_queries.spoken, page.standard, each.id)
    names = page.ask(doubt_queries.area_names)
    rows = page.ask(overlay_queries.turned_cells, page.standard, each.id, CELLS_LISTED)
    said = history_views.cells(page.words, page.standard, rows, names, each.undone is not None, {})
    return history_marks.turned(page.words, page.standard, outcome, said, found, names, is_undone=each.undone is not None)


def contents(page: Page, each: Made) -> None:
    """What the import says, and what of it counts."""
    words, standard, is_undone = page.words, page.standard, each.undone is not None
    key = f"import-{each.id}"
    if each.kind in ("areas", "exemptions"):
        page.show(marks.section(words("history.rows_title")))
        question, told = (
            (overlay_queries.rows_of_areas, history_views.area_rows)
            if each.kind == "areas"
            else (overlay_queries.rows_of_exemptions, history_views.exemption_rows)
        )
        table = told(words, standard, page.ask(question, each.id), is_undone)
        places = page.screenful(len(table))
        page.show(marks.table(table.iloc[places]))
        page.download(table, key, name=words("history.sheet_name", id=each.id))
        return
    found: Spoken = page.ask(overlay_queries.spoken, standard, each.id)
    page.show(marks.section(words("history.cells"), history_marks.spoken_words(words, found, is_undone)))
    if found.cells:
        names = page.ask(doubt_queries.area_names)
        places = page.screenful(found.cells)
        rows = page.ask(overlay_queries.cells, standard, each.id, len(places), places[0])
        said = history_views.cells(words, standard, rows, names, is_undone, _raws(page, each, rows))
        page.show(history_marks.cells(words, standard, said, is_undone, page.href))

        def whole() -> pd.DataFrame:
            every = page.ask(overlay_queries.cells, standard, each.id)
            return history_marks.cell_sheet(words, standard, history_views.cells(words, standard, every, names, is_undone, {}), is_undone)

        page.download(whole, key, name=words("history.sheet_name", id=each.id))


def _raws(page: Page, each: Made, rows: pd.DataFrame) -> dict[tuple[int, str], str]:
    """As written in the original; nothing where it is gone."""
    try:
        content = page.opened.store.archive.original(each.sha256)
    except ComplianceError as error:
        page.show(marks.problems(page.words, error.problems))
        return {}
    return history_views.raws(content, each.encoding, page.standard, rows)
