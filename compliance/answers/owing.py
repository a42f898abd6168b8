"""Which figures are missing for a verdict, and who owes them, in words: the one place where that is said. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from compliance import periods
from compliance.answers import phrases
from compliance.standard.definitions import Indicator, Standard
from compliance.texts import Words

Figures = Sequence[tuple[str, int]]
"""Metrics or parameters, each with the period it is missing for."""


def figures(words: Words, standard: Standard, missing: Figures, period: int, most: int | None = None) -> str:
    """Missing figures, each with the periods it is missing for unless that is the one shown; of many the first `most` and how many there are."""
    when: dict[str, list[int]] = {}
    for name, each in missing:
        when.setdefault(name, []).append(each)
    named = [_figure(words, standard, name, found, period) for name, found in list(when.items())[:most]]
    rest = words("owing.of_all", n=len(when)) if most is not None and len(when) > most else ""
    return words("app.list").join(named) + rest


def _figure(words: Words, standard: Standard, name: str, found: Sequence[int], period: int) -> str:
    called = phrases.name_title(words, standard, name)
    if list(found) == [period]:
        return called
    return words("owing.figure_of_period", n=called, p=words("app.list").join(periods.label(each, standard.frequency) for each in sorted(found)))


def why(words: Words, standard: Standard, missing: Figures, period: int, most: int | None = None) -> str:
    """Why nobody can tell: what was not reported, or, where all was, that it cannot be computed."""
    return words("owing.missing", figures=figures(words, standard, missing, period, most)) if missing else words("owing.undefined")


def by_whom(words: Words, indicator: Indicator) -> str:
    """Which department should report what is missing; nothing where the standard names none."""
    return words("owing.by_whom", owner=words.title(indicator.owner)) if indicator.owner else ""
