"""How one area stands: what to mend, what changed, and where it is among the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from compliance.answers.explaining import Finding
from compliance.questions.queries import figure_of, records
from compliance.standard.definitions import Indicator, Standard

# What happened between two periods, in the order in which it is told.
CHANGES = ("lost", "gained", "dark", "light", "exempted", "applying")


@dataclass(frozen=True)
class Band:
    """The attainments of all areas in one indicator: 10 %, the middle and 90 % of them; None where nobody could be judged."""

    low: float | None
    middle: float | None
    high: float | None
    areas: int


def to_mend(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The indicators that are not met, the nearest first: near misses, then by attainment."""
    unmet = (finding for finding in found if finding.status in ("near", "unmet"))
    return tuple(sorted(unmet, key=lambda finding: (finding.status != "near", -(finding.attainment or 0))))


def undecided(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The indicators that nobody can judge for want of data."""
    return tuple(finding for finding in found if finding.status == "no_data")


def bands(rows: pd.DataFrame) -> dict[str, Band]:
    """Indicator code → band, from gap_queries.spread."""
    return {row["indicator"]: Band(figure_of(row["low"]), figure_of(row["middle"]), figure_of(row["high"]), int(row["areas"])) for row in records(rows)}


def changes(standard: Standard, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[Indicator, ...]]:
    """What changed since the period before: lost (no longer met), gained, dark (data are missing now), light (judged now), exempted and
    applying (an exemption began or ended)."""
    found: dict[str, list[Indicator]] = {kind: [] for kind in CHANGES}
    for code, status in now.items():
        kind = _change(before.get(code, status), status)
        if kind is not None:
            found[kind].append(standard.indicator_by_code[code])
    return {kind: tuple(indicators) for kind, indicators in found.items()}


def _change(was: str, now: str) -> str | None:
    match was, now:
        case "met", "unmet":
            return "lost"
        case "unmet", "met":
            return "gained"
        case "met" | "unmet", "no_data":
            return "dark"
        case "no_data", "met" | "unmet":
            return "light"
        case "met" | "unmet" | "no_data", "not_applicable":
            return "exempted"
        case "not_applicable", "met" | "unmet" | "no_data":
            return "applying"
        case _:
            return None


def all_findings(found: Mapping[str, Sequence[Finding]]) -> tuple[Finding, ...]:
    return tuple(finding for each in found.values() for finding in each)
