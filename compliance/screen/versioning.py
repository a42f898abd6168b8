"""The page of versions: two of them compared, and a changed standard handed in, tried and taken over."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from compliance.answers import change_words
from compliance.drawing import marks, version_marks
from compliance.errors import DefinitionError
from compliance.files.reading import Source
from compliance.questions import doubt_queries, import_queries, version_queries
from compliance.screen import drop, taking
from compliance.screen.controls import plain
from compliance.screen.page import Page
from compliance.server.proposals import Proposal, Tried
from compliance.server.serving import Settings
from compliance.server.uploading import Work
from compliance.standard import changes
from compliance.standard.definitions import Standard
from compliance.storage import taking_over
from compliance.storage.taking_over import TakenOver

LONGEST_REASON = 300


def compare(page: Page, versions: pd.DataFrame) -> None:
    """Two versions chosen in the address, what differs, and the text of each to take away."""
    words, numbers = page.words, [str(number) for number in versions["version"]]
    page.show(marks.section(words("versions.compare")))
    if len(numbers) < 2:
        page.empty("versions.first_only")
        texts(page, numbers)
        return
    with st.container(horizontal=True, key="choose-versions"):
        new = page.pick("new", numbers[:-1], words("versions.new"), partial(_title, page), resets=("old",))
        old = page.pick("old", [number for number in numbers if int(number) < int(new)], words("versions.old"), partial(_title, page))
    texts(page, (new, old))
    older, newer = _standard_of(page, int(old)), _standard_of(page, int(new))
    if older is not None and newer is not None:
        _differing(page, older, newer, words("versions.differ", old=old, new=new), f"versions {old} {new}")


def _title(page: Page, number: str) -> str:
    return page.words("app.standard_version", n=number)


def texts(page: Page, numbers: tuple[str, ...] | list[str]) -> None:
    """The YAML of versions, as each was taken over."""
    words = page.words

    def text(number: str) -> bytes:
        return str(page.ask(import_queries.definition_source, int(number)) or "").encode()

    taking.files(
        "versions", [(words("versions.download", n=each), partial(text, each), words("versions.name", n=each) + ".yaml") for each in numbers]
    )  # fmt: skip


def _standard_of(page: Page, number: int) -> Standard | None:
    """A version of the standard; None, with the reasons shown, where this program refuses what one of its day accepted."""
    try:
        found: Standard | None = page.ask(version_queries.standard_of, number)
    except DefinitionError as error:
        page.show(marks.problems(page.words, error.problems))
        return None
    return found


def _differing(page: Page, old: Standard, new: Standard, title: str, key: str) -> None:
    rows = change_words.differences(page.words, old, new, changes.between(old, new))
    page.show(version_marks.differing(page.words, rows, title, key))
    if rows:
        page.download(partial(change_words.table, page.words, rows), key)


# -- handing a changed standard in -----------------------------------------------------------------------------------


def proposal() -> Proposal:
    """What this session has under way."""
    if "proposal" not in st.session_state:
        st.session_state["proposal"] = Proposal()
    found: Proposal = st.session_state["proposal"]
    return found


def hand_in(page: Page) -> None:
    """A changed file: what is wrong with it, or what differs and what would turn; then the reason, and it is taken over."""
    words, at, file = page.words, proposal(), Settings.from_environment().indicators
    if drop.is_pressed(f"take over {at.round}"):
        # Whoever types and clicks at once has sent the reason with the click. A blank one is refused below, like any fault.
        at.confirm(page.opened.store, page.user, file, st.session_state[f"why {at.round}"])
    page.show(marks.section(words("versions.upload"), words("versions.after_upload")))
    if not page.user.may("definitions"):
        page.notice("versions.readers_only", role=words(f"role.{page.user.role}"))
        return
    if at.taking is not None and _taken(page, at, drop.follow(at.taking, words, "versions.taking")):
        return
    refusal = taking_over.refusal(file)
    if refusal is not None:
        page.show(marks.problems(words, [refusal]))
        return
    found = st.file_uploader(words("versions.drop"), ("yaml", "yml"), key=f"standard {at.round}", help=words("versions.drop_help"))
    if found is None:
        return
    work = drop.follow(at.attempt(page.opened.store, page.user, Source(found.name, found.getvalue()), file), words, "versions.checking")
    if work.result is None:
        title = marks.section(words("versions.faulty", n=len(work.problems)), words("versions.faulty_note"))
        page.show(title, marks.problems(words, work.problems))
        return
    _differing(page, work.result.old, work.result.new, words("versions.differ_upload"), "versions upload")
    names: Mapping[str, str] = page.ask(doubt_queries.area_names)
    page.show(version_marks.turned(words, work.result.new, work.result.outcome, names))
    _confirm(page, at, work.result)


def _taken(page: Page, at: Proposal, work: Work[TakenOver]) -> bool:
    """Whether what was confirmed is done; else says why not, and the preview comes again."""
    words = page.words
    if work.result is None:
        page.show(marks.section(words("versions.not_taken")), marks.problems(words, work.problems))
        at.again()
        return False
    if page.standard is not page.opened.store.standard:
        # It was done during this run, whose upper part was written under the old version.
        st.rerun()
    page.show(version_marks.done(words, work.result))
    drop.lead_on(page, None)
    st.button(words("versions.restart"), key=f"restart standard {at.round}", on_click=at.clear)
    return True


def _confirm(page: Page, at: Proposal, tried: Tried) -> None:
    words, at.offered = page.words, tried
    st.text_input(words("versions.reason"), key=f"why {at.round}", placeholder=words("versions.reason_hint"), max_chars=LONGEST_REASON)
    st.button(plain(words("versions.confirm")), type="primary", key=f"take over {at.round}")
