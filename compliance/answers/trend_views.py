"""Compliance over time: what a line of it holds, what may be drawn of it, and what got worse twice. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compliance.answers.counts import Counts
from compliance.questions.queries import records
from compliance.questions.verdicts import Shift
from compliance.standard.definitions import Standard

MOST_CODES = 3


@dataclass(frozen=True)
class Series:
    """What one panel shows: counts of each period (None: nothing was judged), the page behind a point, which gets the period too, and what turned in the
    period shown (None: there is none before)."""

    id: str
    title: str
    counts: tuple[Counts | None, ...]
    goal: tuple[str, dict[str, str]]
    shift: Shift | None = None


@dataclass(frozen=True)
class Span:
    """The periods of a chart without a hole, as ordinals and as they are written, and the place of the one the page is about."""

    ordinals: tuple[int, ...]
    labels: tuple[str, ...]
    shown: int


def decided(counts: Counts | None) -> float | None:
    """The share of the applicable verdicts that are known."""
    return None if counts is None else counts.known_share


def drawn(counts: Counts | None) -> float | None:
    """The rate, where so much is decided that it means something."""
    return None if counts is None else counts.comparable


def turned(standard: Standard, domain: str | None, rows: pd.DataFrame, before: int | None) -> pd.DataFrame | None:
    """The rows of the indicators that the domain chosen holds; None where there is no period before to compare with."""
    if before is None:
        return None
    return rows if domain is None else rows[[standard.domain_of[code].id == domain for code in rows["indicator"]]]


def worsening(rows: pd.DataFrame, before: pd.DataFrame | None) -> list[str]:
    """The codes of indicators that more areas lost than won, now and the period before, the most lost first."""
    if before is None:
        return []
    fell = {row["indicator"]: row["regressed"] - row["fixed"] for row in records(before)}
    now = {row["indicator"]: row["regressed"] - row["fixed"] for row in records(rows)}
    return sorted((code for code, net in now.items() if net > 0 and fell.get(code, 0) > 0), key=lambda code: (-now[code] - fell[code], code))
