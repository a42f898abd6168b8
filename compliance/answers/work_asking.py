"""A work list from its two questions. ask: how a page asks, so that answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from compliance.answers import work_lists
from compliance.answers.work_lists import Task
from compliance.questions import gap_queries
from compliance.questions.queries import Areas
from compliance.standard.definitions import Standard


def tasks(ask: Callable[..., Any], standard: Standard, level: str, period: int, codes: Sequence[str], areas: Areas) -> tuple[Task, ...]:
    """One task a criterion that an area does not meet, with the period since when."""
    asked = standard, level, period, codes, areas
    return work_lists.tasks(standard, ask(gap_queries.work, *asked), ask(gap_queries.unmet_since, *asked))
