"""Which department owes which figures, and the lists that remind it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from compliance import periods
from compliance.answers.downloads import Sheet
from compliance.questions.completeness_queries import Completeness, Missing
from compliance.standard.definitions import Standard, Title
from compliance.standard.inputs import users_of
from compliance.texts import Words

NOBODY = ""


@dataclass(frozen=True)
class Account:
    """What one department should report and has not. owner: its Chinese name, "" where no department is named."""

    owner: str
    title: Title | None
    metrics: tuple[str, ...]
    owed: int
    missing: int


def owners(standard: Standard, level: str) -> dict[str, Title | None]:
    """Metric → the department that reports it: that of the first indicator that looks at it, so that no figure is asked for twice."""
    return {name: next((indicator.owner for indicator in users if indicator.owner), None) for name, users in users_of(standard, level).items()}


def metrics_of(standard: Standard, level: str, owner: str | None) -> tuple[str, ...]:
    """The metrics that a department reports; None: all."""
    return tuple(name for name, title in owners(standard, level).items() if owner is None or (title.zh if title else NOBODY) == owner)


def accounts(standard: Standard, level: str, found: Completeness) -> tuple[Account, ...]:
    """Department by department, the one that owes most first."""
    of: dict[str, list[str]] = {}
    titles: dict[str, Title | None] = {}
    for name, title in owners(standard, level).items():
        key = title.zh if title else NOBODY
        of.setdefault(key, []).append(name)
        titles[key] = title
    listed = [Account(key, titles[key], tuple(names), found.owed(names), sum(found.missing[name] for name in names)) for key, names in of.items()]
    return tuple(sorted(listed, key=lambda account: -account.missing))


def owner_titles(words: Words, accounts: Sequence[Account]) -> dict[str, str]:
    """What can be chosen: all departments ("") or one of them; nothing where the standard names none."""
    named = {each.owner: words.title(each.title) for each in accounts if each.title}
    return {"": words("gaps.all_owners"), **named} if named else {}


def reminder(words: Words, standard: Standard, level: str, rows: Sequence[Missing]) -> pd.DataFrame:
    """The list that reminds: area, figure, when it was last reported, what it is needed for, who owes it."""
    titles, users = owners(standard, level), _needed(words, standard, level)
    has_owners, has_parents = any(titles.values()), standard.level_by_id[level].parent is not None
    parent = ["column_parent"] if has_parents else []
    columns = ["column_area_id", "column_area", *parent, "column_metric", "column_last", "column_needed"]
    cells = []
    for row in rows:
        title = titles[row.metric]
        last = words("missing.never") if row.last is None else periods.label(row.last, standard.frequency)
        metric = words.title(standard.metric_by_id[row.metric].title)
        owner = [words.title(title) if title else ""] if has_owners else []
        cells.append((row.area_id, row.name, *([row.parent] if has_parents else []), metric, last, users[row.metric], *owner))
    heads = [*columns, "column_owner"] if has_owners else columns
    return pd.DataFrame(cells, columns=[words(f"missing.{head}") for head in heads])


def sheet(words: Words, standard: Standard, level: str, rows: Sequence[Missing]) -> Sheet:
    return Sheet.of(reminder(words, standard, level, rows))


def _needed(words: Words, standard: Standard, level: str) -> Mapping[str, str]:
    return {name: words("missing.list").join(indicator.code for indicator in users) for name, users in users_of(standard, level).items()}
