"""How the server is, and backups by hand: what an admin sees of the running program."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from compliance import logs
from compliance.drawing import marks, running_marks
from compliance.errors import ComplianceError
from compliance.screen.page import Page
from compliance.server import daily, health
from compliance.server.daily import Keeper, Keeping
from compliance.storage import backup

ZIP = "application/zip"


def state(page: Page) -> None:
    """What /health says, in words."""
    page.show(running_marks.state(page.words, health.facts(lambda: page.opened), page.opened.store.path))


def backups(page: Page) -> None:
    """The backups there are, a button to make one, and the newest to take away."""
    words, store, keeping = page.words, page.opened.store, Keeping.from_environment()
    folder = keeping.folder if keeping else store.path.parent / "backups"
    page.show(marks.section(words("system.backups"), running_marks.backup_note(words, folder, keeping)), running_marks.failure(words, Keeper.failure))
    if st.button(words("system.back_up"), key="back up", type="primary"):
        _make(page, folder / backup.file_name(store.path, datetime.now()))
    found = daily.made(folder, store.path)
    if not found:
        page.empty("system.no_backups")
        return
    page.show(running_marks.backup_table(words, found))
    st.download_button(
        words("system.download_backup"), found[0].path.read_bytes, found[0].path.name, ZIP, key="download backup", on_click="ignore", type="tertiary"
    )  # fmt: skip


def _make(page: Page, target: Path) -> None:
    try:
        with st.spinner(page.words("system.backing_up")):
            manifest = backup.make(page.opened.store, target, page.user)
    except ComplianceError as error:
        logs.refused(error, page=st.context.url, user=page.user.name)
        page.show(marks.problems(page.words, error.problems))
        return
    page.notice("system.backed_up", name=target.name, events=manifest.events)
