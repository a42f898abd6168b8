"""The state of the running program as marks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from compliance.access import User
from compliance.drawing import marks
from compliance.drawing.markup import Html
from compliance.server.daily import Backup, Failure, Keeping
from compliance.texts import Words


def opening(words: Words, reader: User) -> Html:
    return marks.opening((words("app.title"),), words("system.title"), words("system.reader", who=reader.name, role=words(f"role.{reader.role}")))


def state(words: Words, facts: Mapping[str, object], database: Path) -> Html:
    """facts: as health.facts gives them."""
    rows = {
        words("system.status"): words(f"system.status_{facts['status']}"),
        words("system.data_as_of"): str(facts["data_as_of"] or words("system.never")).replace("T", " "),
        words("system.free_disk"): words("system.gigabytes", n=words.number(int(str(facts["free_disk_mb"])) // 100 / 10)),
        words("system.database"): str(database),
        words("system.version"): words("system.version_of", program=facts["version"], schema=facts["schema_version"]),
    }
    table = pd.DataFrame({words("system.what"): list(rows), words("system.how"): list(rows.values())})
    return marks.blocks(marks.section(words("system.state"), words("system.state_note")), marks.table(table))


def backup_note(words: Words, folder: Path, keeping: Keeping | None) -> str:
    if keeping is None:
        return words("system.by_hand", folder=str(folder))
    return words("system.daily", folder=str(folder), keep=keeping.keep)


def failure(words: Words, found: Failure | None) -> Html | None:
    """Why the last daily backup could not be made."""
    if found is None:
        return None
    title = marks.section(words("system.daily_failed"), words("system.daily_failed_note", at=f"{found.at:%Y-%m-%d %H:%M}"))
    return marks.blocks(title, marks.problems(words, found.problems))


def backup_table(words: Words, found: Sequence[Backup]) -> Html:
    sizes = [words("system.megabytes", n=words.number(round(each.size / 1e6, 1))) for each in found]
    times = [f"{each.at:%Y-%m-%d %H:%M}" for each in found]
    return marks.table(pd.DataFrame({words("system.made"): times, words("system.file"): [each.path.name for each in found], words("system.size"): sizes}))
