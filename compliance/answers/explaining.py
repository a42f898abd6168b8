"""Why an area's indicators stand as they do: rows of queries → one finding an indicator, with its clauses, figures and their sources. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from compliance.answers import phrases
from compliance.engine import near_misses
from compliance.questions.queries import figure_of, records
from compliance.standard import inputs
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Is, Standard
from compliance.texts import Words


@dataclass(frozen=True)
class SourceLine:
    """One line of an imported file. number counts the lines that a page refers to, from 1."""

    number: int
    file_name: str
    line: int
    import_id: int
    who: str
    imported_at: datetime
    sha256: str
    encoding: str


@dataclass(frozen=True)
class Figure:
    """A reported figure; value None: nobody has reported it. was: what had been reported before in its place, if it was anything else."""

    name: str
    period: int
    value: float | None
    source: SourceLine | None
    was: float | None = None


@dataclass(frozen=True)
class Clause:
    """A criterion of one area: what it asks for, what there is, what is missing. member: one of several of which one suffices."""

    criterion: Criterion | AnyOf
    member: bool
    status: str
    value: float | None
    threshold: float | None
    gap: float | None
    figures: tuple[Figure, ...]

    @property
    def missing(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if figure.value is None)

    @property
    def owed(self) -> tuple[tuple[str, int], ...]:
        """The missing figures by name and period; none where all are there and the formula has no result."""
        return tuple((figure.name, figure.period) for figure in self.missing)


@dataclass(frozen=True)
class Finding:
    """An indicator of one area; reason: why it does not apply; attainment: of its criteria that are decided."""

    indicator: Indicator
    status: str
    clauses: tuple[Clause, ...]
    reason: str = ""
    attainment: float | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for clause in self.clauses for figure in clause.figures)

    @property
    def open_clauses(self) -> tuple[Clause, ...]:
        """What stands between the indicator and being met; the members of a group speak through the group."""
        return tuple(clause for clause in self.clauses if not clause.member and clause.status in ("unmet", "near", "no_data"))

    @property
    def undecided(self) -> tuple[Clause, ...]:
        """The criteria of which nobody can tell whether they are met, and on which a verdict waits."""
        unknown = {clause.criterion.id for clause in self.clauses if clause.status == "no_data"}
        waited_for = {criterion.id for criterion in inputs.undecided(self.indicator, unknown)}
        return tuple(clause for clause in self.clauses if clause.criterion.id in waited_for)

    @property
    def owed(self) -> tuple[tuple[str, int], ...]:
        """The figures, name and period, that somebody must report before all of it can be judged."""
        return tuple(dict.fromkeys(each for clause in self.undecided for each in clause.owed))


@dataclass(frozen=True)
class Sources:
    """Where every figure on a page comes from."""

    figures: Mapping[tuple[str, int], Figure]
    lines: tuple[SourceLine, ...]

    @classmethod
    def of(cls, *rows: pd.DataFrame) -> Sources:
        """From the rows of area_queries.sources, then those of area_queries.parameter_sources; in each the lines of the latest period come first."""
        frames = [sorted(records(frame), key=lambda r: (-r["period"], r["import_id"], r["line"])) for frame in rows]
        every = [record for frame in frames for record in frame]
        keys = dict.fromkeys((r["import_id"], r["line"]) for r in every)
        numbers = {key: number for number, key in enumerate(keys, start=1)}
        lines = {
            (r["import_id"], r["line"]): SourceLine(
                numbers[r["import_id"], r["line"]], r["file_name"], int(r["line"]), int(r["import_id"]), r["who"], r["imported_at"], r["sha256"], r["encoding"]
            )
            for r in every
        }
        figures = {
            (r["metric"], int(r["period"])): Figure(r["metric"], int(r["period"]), float(r["value"]), lines[r["import_id"], r["line"]], figure_of(r["was"]))
            for r in every
        }
        return cls(figures, tuple(lines[key] for key in keys))

    def figure(self, name: str, period: int) -> Figure:
        return self.figures.get((name, period)) or Figure(name, period, None, None)


def findings(
    standard: Standard,
    indicators: Sequence[Indicator],
    statuses: Mapping[str, str],
    criteria: pd.DataFrame,
    sources: Sources,
    reasons: Mapping[str, str],
    period: int,
) -> tuple[Finding, ...]:
    """One finding an indicator, in the order of the standard. criteria are the rows of area_queries.criteria_of_area, or those of a period of heat_queries.criteria_over_time."""
    rows = {(r["indicator"], r["criterion"]): r for r in records(criteria)}
    return tuple(_finding(standard, indicator, statuses[indicator.code], rows, sources, reasons, period) for indicator in indicators)


def _finding(
    standard: Standard,
    indicator: Indicator,
    status: str,
    rows: Mapping[tuple[str, str], dict[str, Any]],
    sources: Sources,
    reasons: Mapping[str, str],
    period: int,
) -> Finding:
    clauses = tuple(_clause(standard, criterion, member, rows[indicator.code, criterion.id], sources, period) for criterion, member in indicator.parts())
    attainments = [figure_of(rows[indicator.code, criterion.id]["attainment"]) for criterion in indicator.criteria]
    known = [attainment for attainment in attainments if attainment is not None]
    reason = reasons.get(indicator.code, "") if status == "not_applicable" else ""
    return Finding(indicator, near_misses.shown(status, near_misses.worst(attainments)), clauses, reason, sum(known) / len(known) if known else None)


def _clause(standard: Standard, criterion: Criterion | AnyOf, member: bool, row: Mapping[str, Any], sources: Sources, period: int) -> Clause:
    value, threshold, gap, attainment = (figure_of(row[name]) for name in ("value", "threshold", "gap", "attainment"))
    status = near_misses.shown(str(row["status"]), attainment or 0.0)
    figures = () if isinstance(criterion, AnyOf) else tuple(sources.figure(name, period - lag) for name, lag in inputs.needs(standard, criterion))
    return Clause(criterion, member, status, value, threshold, gap, figures)


def codes(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    return tuple(indicator.code for indicator in indicators)


def reasons(exemptions: pd.DataFrame) -> dict[str, str]:
    """Indicator → why it does not apply, from the rows of area_queries.exemptions_of_area."""
    return {row["indicator"]: row["reason"] for row in records(exemptions)}


def unmet_words(words: Words, standard: Standard, finding: Finding) -> str:
    """The shortest true thing to say beside an indicator that is not met: its one gap, or how many clauses are open."""
    missing = [clause for clause in finding.open_clauses if clause.status == "no_data"]
    unmet = [clause for clause in finding.open_clauses if clause.status != "no_data"]
    if len(unmet) == 1 and isinstance(criterion := unmet[0].criterion, Criterion) and unmet[0].gap is not None:
        # “Not in place yet” of one clause among several would read as if nothing were.
        says_too_much = isinstance(criterion.test, Is) and len(finding.clauses) > 1
        return words("community.clauses_unmet", n=1) if says_too_much else phrases.gap(words, standard, criterion, unmet[0].value, unmet[0].gap)
    if unmet:
        return words("community.clauses_unmet", n=len(unmet))
    return words("community.clauses_missing", n=len(missing)) if missing else ""
