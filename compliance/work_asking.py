"""A work list from its two questions. ask: how a page asks, so that answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from compliance import gap_queries, work_lists
from compliance.definitions import Standard
from compliance.filters import Filters
from compliance.work_lists import Task


def tasks(ask: Callable[..., Any], standard: Standard, level: str, period: int, codes: Sequence[str], place: Filters) -> tuple[Task, ...]:
    """One task a criterion that an area does not meet, with the period since when."""
    asked = standard, level, period, codes, place
    return work_lists.tasks(standard, ask(gap_queries.work, *asked), ask(gap_queries.unmet_since, *asked))
