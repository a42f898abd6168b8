"""Where a person hands files in: the drop zone, the wait, the ticks and the confirmation. What is under way belongs to the session, the work to uploading.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from compliance.drawing import doubt_marks, file_marks, landing_marks, listing_marks, marks, upload_marks
from compliance.drawing.markup import el
from compliance.errors import Problem
from compliance.files import reading
from compliance.files.reading import UPLOAD_LIMITS, Source
from compliance.questions import doubt_queries, queries
from compliance.screen.controls import plain
from compliance.screen.page import Page
from compliance.screen.taking import XLSX
from compliance.server.naming import Mistaken, Needless
from compliance.server.uploading import Checked, Desk, Work
from compliance.storage.importer import Outcome
from compliance.texts import Words

T = TypeVar("T")

ENDINGS = ("csv", "txt", "xlsx", "xlsm", "xls", "et", "ods")
# Most files are checked sooner than anyone could read a progress bar.
SECONDS_WITHOUT_A_WORD = 1.0


def desk() -> Desk:
    """What this session is handing in."""
    if "desk" not in st.session_state:
        st.session_state["desk"] = Desk()
    found: Desk = st.session_state["desk"]
    return found


def files(words: Words, at: Desk) -> list[Source]:
    """The files that lie in the drop zone; of several with one name the last: a file that was mended is dropped under the name it had."""
    found = st.file_uploader(words("upload.drop"), ENDINGS, accept_multiple_files=True, key=f"files {at.round}", help=words("upload.drop_help"))
    newest = {file.name: file for file in found}
    if len(newest) < len(found):
        st.html(el("p", words("upload.same_name"), class_="notice", role="status"))
    return [Source(name, file.getvalue()) for name, file in newest.items()]


def follow(work: Work[T], words: Words, key: str) -> Work[T]:
    """The work once it has ended; until then the page shows how far it is, and stops here."""
    if not work.wait(SECONDS_WITHOUT_A_WORD):
        _watch(work, words, key)
        st.stop()
    return work


@st.fragment(run_every=0.5)
def _watch(work: Work[T], words: Words, key: str) -> None:
    if not work.is_running:
        st.rerun()
    st.progress(work.share, plain(words(key, file=work.file_name)))


def ignore(words: Words, at: Desk) -> None:
    """Lets columns be left out that nothing is known of."""
    if not at.ignorable:
        return
    key = f"ignored {at.round} {len(at.ignorable)} {words.language}"

    def remember() -> None:
        at.ignored = tuple(st.session_state[key])

    st.multiselect(
        words("upload.ignore"), at.ignorable, list(at.ignored), key=key, on_change=remember, placeholder=words("upload.ignore_hint"), format_func=plain
    )  # fmt: skip


def confirm(page: Page, at: Desk, sources: Sequence[Source], checked: Checked, ticks: Mapping[str, str]) -> None:
    """A tick for every kind of doubt, and the button that lets the import `begin` once all are set. ticks: kind → what is ticked."""
    is_ticked = ticked(page, ticks, f"{at.round} {checked.version}")
    at.offered = (sources, checked)
    st.button(page.words("upload.confirm", n=len(sources)), type="primary", disabled=not is_ticked, key=f"confirm {at.round}")


def begin(page: Page, at: Desk) -> None:
    """Begins the import that was confirmed with this click, as whoever the reader is by now."""
    if is_pressed(f"confirm {at.round}"):
        at.confirm(page.opened.store, page.user)


def is_pressed(key: str) -> bool:
    """Whether this click was on that button, for deeds that begin above it: what it confirms is what was seen, before anything is looked at anew.

    Not the button's callback: that runs before the page has asked anew who is there, and which store is open.
    """
    return bool(st.session_state.get(key))


def ticked(page: Page, ticks: Mapping[str, str], key: str) -> bool:
    """A tick for every kind of doubt; whether all are set. key: tells them from those of other figures."""
    boxes = [st.checkbox(plain(text), key=f"tick {kind} {key}") for kind, text in ticks.items()]
    if not all(boxes):
        page.notice("upload.tick_first")
    return all(boxes)


def handed_in(page: Page, source: Source, work: Work[Checked], *, is_open: bool) -> None:
    """One file: its first rows, and the file to take away with what is wrong in it, or put right in it, marked."""
    faults = [problem for problem in work.problems if problem.file == source.name]
    imports = work.result.outcome.imports if work.result else ()
    done = next((each for each in imports if each.sha256 == source.sha256), None)
    doubts = listing_marks.codes_to_check(done) + doubt_marks.of_file(work.result.told, done.file_name) if work.result and done else 0
    glimpse = reading.glimpse(source, UPLOAD_LIMITS, done.encoding if done else None)
    before = reading.glimpse(source.before, UPLOAD_LIMITS, glimpse.encoding) if source.before else None
    page.show(file_marks.handed_in(page.words, source, glimpse, before, done, faults, doubts, is_open=is_open))
    _give_back(page, source, faults)
    if source.before is not None:
        key, kind = f"replaced {source.name} {source.sha256[:12]}", XLSX if reading.is_workbook(source.content) else "text/csv"
        content = bytes(source.content)
        st.download_button(plain(page.words("upload.take_replaced", name=source.name)), content, source.name, kind, key=key, on_click="ignore")


def names(page: Page, at: Desk, sources: Sequence[Source]) -> None:
    """Rows that can be left out and names that are nearly right, each with what it may be put right to: only what is ticked is."""
    offered, needless = at.naming.of(sources), at.naming.needless_of(sources)
    if not offered and not needless:
        return
    page.show(marks.section(page.words("upload.names"), page.words("upload.names_note")))
    with st.container(key="names", gap="small"):
        for rows in needless:
            _needless(page.words, at, rows)
        for together in offered:
            _name(page.words, at, together)


def _needless(words: Words, at: Desk, rows: Needless) -> None:
    key = f"rows {at.round} {words.language} {rows.sha256[:12]} {next(rows.left_out()).line}"

    def choose() -> None:
        at.naming.needless[rows] = st.session_state[key]

    st.checkbox(plain(upload_marks.needless(words, rows)), at.naming.needless[rows], key=key, on_change=choose)


def _name(words: Words, at: Desk, together: Sequence[Mistaken]) -> None:
    each = together[0]
    chosen, key = at.naming.chosen.get(each.key), f"name {at.round} {words.language} {each.sha256[:12]} {each.column} {each.said}"

    def choose(meant: str | None) -> None:
        at.naming.choose(together, meant)

    if len(each.options) == 1:
        (option,) = each.options
        label = plain(upload_marks.mistaken(words, together, option))
        st.checkbox(label, chosen is not None, key=key, on_change=lambda: choose(option if st.session_state[key] else None))
        return
    options = (None, *each.options)
    st.radio(
        plain(upload_marks.mistaken(words, together)), options, options.index(chosen), key=key, horizontal=True,
        on_change=lambda: choose(st.session_state[key]), format_func=lambda option: words("upload.name_stays") if option is None else plain(option),
    )  # fmt: skip


def _give_back(page: Page, source: Source, faults: Sequence[Problem]) -> None:
    """The file to take away with its faults marked, where it could be read at all."""
    is_sheet = reading.is_workbook(source.content)
    if not faults or (is_sheet and not any(fault.sheet for fault in faults)):
        return
    ending, kind = (".xlsx", XLSX) if is_sheet else (".csv", "text/csv")
    name = page.words("upload.faults_name", name=Path(source.name).stem) + ending
    told = upload_marks.describe(page.words)

    def content() -> bytes:
        found = reading.faults_file(source, faults, told)
        return found[1] if found else b""

    st.download_button(
        plain(page.words("upload.give_back", name=name)), content, name, kind, key=f"faults {source.name} {len(source.content)}", on_click="ignore"
    )


def first_steps(page: Page) -> None:
    """What to do while nothing was imported, with the first file to fill in."""
    words, standard = page.words, page.standard
    if page.name != "data":
        page.show(marks.opening((words.title(standard.title),), words(f"app.page.{page.name}", level=page.level_words)))
    upper = standard.level_by_id[page.level].parent
    parent = words.title(standard.level_by_id[upper].title) if upper else ""
    page.show(landing_marks.first_steps(words, page.level_words, parent, bool(page.ask(queries.areas_of, page.level))))
    with st.container(horizontal=True):
        if page.name != "data":
            page.link("data", words("app.menu.data"))
        page.link("templates", words("app.menu.templates"))


def done(page: Page, at: Desk, outcome: Outcome) -> None:
    """What was imported, and what it turned as far as the preview listed it: the data were the same. With the way on, and back to an empty table.
    Under a frame that was written after the import."""
    if not at.is_done:
        at.is_done = True
        st.rerun()
    areas = page.ask(doubt_queries.area_names)
    flipped = at.checking.result.outcome.flipped if at.checking is not None and at.checking.result is not None else ()
    page.show(landing_marks.done(page.words, outcome, areas, page.href), landing_marks.turned(page.words, page.standard, flipped, areas, page.href))
    lead_on(page, landing_marks.newest_period(outcome))
    st.button(page.words("upload.again"), key=f"restart {at.round}", on_click=at.clear)


def lead_on(page: Page, period: str | None) -> None:
    """Where what was imported can be seen."""
    with st.container(horizontal=True):
        for name in ("history", "overview", "heatmap", "trends"):
            page.link(name, page.words(f"app.menu.{name}"), **({"period": period} if period else {}))
