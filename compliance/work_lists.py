"""What is left to do, as tasks: rows of gap_queries → one task an unmet criterion of an area, in the order asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from compliance.definitions import AnyOf, Criterion, Domain, Indicator, Standard, Title
from compliance.explaining import is_near
from compliance.filters import Filters
from compliance.views import records

SORTS = ("near", "gap", "since", "area", "indicator")
# A list of more is neither read nor quick: one chooses a department, a domain or a place first.
MOST_INDICATORS, MOST_AREAS = 40, 300
Since = Mapping[tuple[str, str], tuple[int, bool]]


@dataclass(frozen=True)
class Clause:
    """A criterion that is not met, with its figures."""

    criterion: Criterion | AnyOf
    value: float | None
    threshold: float | None
    gap: float | None
    attainment: float | None


@dataclass(frozen=True)
class Task:
    """One thing to do for one area. ways: the members of a group of which one suffices. reached: the attainment of the whole indicator.
    since: the first period of the run of unmet verdicts; is_known: whether the run is known to begin there."""

    area_id: str
    area: str
    parent: str
    indicator: Indicator
    clause: Clause
    ways: tuple[Clause, ...]
    reached: float
    since: int
    is_known: bool

    @property
    def is_near(self) -> bool:
        return is_near(self.reached)

    @property
    def attainment(self) -> float:
        return self.clause.attainment or 0.0


@dataclass(frozen=True)
class Tally:
    """What is left of some indicators over some areas; near are those of the unmet that nearly meet theirs."""

    near: int = 0
    unmet: int = 0
    no_data: int = 0
    met: int = 0
    not_applicable: int = 0

    @property
    def far(self) -> int:
        return self.unmet - self.near

    @property
    def judged(self) -> int:
        return self.met + self.unmet

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.near + other.near,
            self.unmet + other.unmet,
            self.no_data + other.no_data,
            self.met + other.met,
            self.not_applicable + other.not_applicable,
        )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Tally:
        return cls(int(row.get("near", 0)), int(row["unmet"]), int(row["no_data"]), int(row["met"]), int(row["not_applicable"]))


def tasks(standard: Standard, rows: pd.DataFrame, since: Since) -> tuple[Task, ...]:
    """From the rows of gap_queries.work, areas in their order; a member of a group that is met is no task."""
    found: list[Task] = []
    ways: dict[tuple[str, str, str], list[Clause]] = {}
    criteria = {(indicator.code, part.id): part for indicator in standard.indicators for part in _parts(indicator)}
    groups = {(indicator.code, leaf.id): group.id for indicator in standard.indicators for leaf, group in indicator.leaves() if group is not None}
    for row in records(rows):
        code, clause = row["indicator"], _clause(criteria[row["indicator"], row["criterion"]], row)
        if row["member"]:
            ways.setdefault((row["area_id"], code, groups[code, row["criterion"]]), []).append(clause)
            continue
        first, is_known = since[row["area_id"], code]
        indicator = standard.indicator_by_code[code]
        found.append(Task(row["area_id"], row["name"], row["parent"], indicator, clause, (), float(row["reached"]), first, is_known))
    return tuple(replace(task, ways=tuple(ways.get((task.area_id, task.indicator.code, task.clause.criterion.id), ()))) for task in found)


def _parts(indicator: Indicator) -> list[Criterion | AnyOf]:
    return [*indicator.criteria, *(leaf for leaf, group in indicator.leaves() if group is not None)]


def _clause(criterion: Criterion | AnyOf, row: Mapping[str, Any]) -> Clause:
    value, threshold, gap, attainment = (None if pd.isna(row[name]) else float(row[name]) for name in ("value", "threshold", "gap", "attainment"))
    return Clause(criterion, value, threshold, gap, attainment)


def ordered(found: Sequence[Task], standard: Standard, sort: str) -> tuple[Task, ...]:
    """near: what is nearly met first. gap: what is furthest from it first. since: the longest unmet first. Ties keep the order of areas and standard."""
    place = {indicator.code: number for number, indicator in enumerate(standard.indicators)}
    match sort:
        case "near":
            return tuple(sorted(found, key=lambda task: (-task.reached, task.area_id, place[task.indicator.code])))
        case "gap":
            return tuple(sorted(found, key=lambda task: (task.attainment, task.area_id)))
        case "since":
            return tuple(sorted(found, key=lambda task: task.since))
        case "indicator":
            return tuple(sorted(found, key=lambda task: place[task.indicator.code]))
        case _:
            return tuple(found)


@dataclass(frozen=True)
class Scope:
    """What a reader looks at: a level, narrowed down by the filters and to one department ("": all of them)."""

    standard: Standard
    level: str
    filters: Filters
    owner: str = ""

    @property
    def place(self) -> Filters:
        """Which areas are counted: the domain chooses indicators, not areas."""
        return replace(self.filters, domain=None)

    @property
    def domains(self) -> tuple[Domain, ...]:
        return tuple(domain for domain in self.standard.domains_of(self.level) if self.filters.domain in (None, domain.id))

    @property
    def of_all_owners(self) -> tuple[Indicator, ...]:
        return tuple(indicator for domain in self.domains for indicator in domain.at(self.level))

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(i for i in self.of_all_owners if not self.owner or (i.owner is not None and i.owner.zh == self.owner))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(indicator.code for indicator in self.indicators)

    @property
    def owners(self) -> dict[str, Title]:
        """Who must act: the department's name in the address → its title, in the order of the standard."""
        return {i.owner.zh: i.owner for i in self.of_all_owners if i.owner is not None}

    @property
    def is_of_parents(self) -> bool:
        """Whether areas are counted by what they belong to, until one such place is chosen."""
        return self.filters.parent is None and self.standard.level_by_id[self.level].parent is not None

    def hurdle(self, areas: int) -> str | None:
        """Why there is no work list yet: too many areas or indicators for one; the key of what to say."""
        if len(self.codes) > MOST_INDICATORS:
            return "gaps.choose" if self.owners else "gaps.choose_domain"
        return "gaps.choose_parent" if areas > MOST_AREAS and self.standard.level_by_id[self.level].parent else None


def levels(standard: Standard, domain: str | None) -> tuple[str, ...]:
    """The levels that a domain judges, from the bottom up; without one, all that are judged."""
    return tuple(level for level in standard.judged_levels if domain is None or standard.domain_by_id[domain].at(level))


def tallies(rows: pd.DataFrame) -> dict[str, Tally]:
    """Indicator code → what is left of it, from gap_queries.open_by_indicator."""
    return {row["indicator"]: Tally.of(row) for row in records(rows)}


def total(found: Iterable[Tally]) -> Tally:
    return sum(found, Tally())
