"""What is left to do, as tasks: rows of gap_queries → one task an unmet criterion of an area, in the order asked for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from compliance.answers import phrases
from compliance.answers.counts import Counts
from compliance.engine import near_misses
from compliance.questions.filters import Filters
from compliance.questions.queries import figure_of, records
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Is, Standard, Title

SORTS = ("near", "gap", "far", "since", "area", "indicator")
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
    """One thing to do for one area. ways: the members of a group of which one suffices.
    worst: the attainment of the indicator's worst criterion.
    since: the first period of the run of unmet verdicts; is_known: whether the run is known to begin there."""

    area_id: str
    area: str
    parent: str
    indicator: Indicator
    clause: Clause
    ways: tuple[Clause, ...]
    worst: float
    since: int
    is_known: bool

    @property
    def is_near(self) -> bool:
        return near_misses.is_near("unmet", self.worst)

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
    def counts(self) -> Counts:
        return Counts(self.met, self.unmet, self.no_data, self.not_applicable)

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
    criteria = {(indicator.code, part.id): (indicator, part) for indicator in standard.indicators for part, _ in indicator.parts()}
    groups = {(indicator.code, leaf.id): group.id for indicator in standard.indicators for leaf, group in indicator.leaves() if group is not None}
    found: list[Task] = []
    ways: dict[tuple[str, str, str], list[Clause]] = {}
    # A city's list has tens of thousands of rows: column by column they cost a tenth of what they do as records.
    columns = [rows[name].tolist() for name in ("area_id", "name", "parent", "indicator", "criterion", "member", *FIGURES, "worst")]
    for area_id, name, parent, code, criterion, is_member, value, threshold, gap, attainment, worst in zip(*columns, strict=True):
        indicator, part = criteria[code, criterion]
        clause = Clause(part, figure_of(value), figure_of(threshold), figure_of(gap), figure_of(attainment))
        if is_member:
            ways.setdefault((area_id, code, groups[code, criterion]), []).append(clause)
            continue
        first, is_known = since[area_id, code]
        found.append(Task(area_id, name, parent, indicator, clause, (), float(worst), first, is_known))
    return tuple(_with_ways(task, ways) for task in found)


FIGURES = ("value", "threshold", "gap", "attainment")


def _with_ways(task: Task, ways: Mapping[tuple[str, str, str], list[Clause]]) -> Task:
    if not isinstance(task.clause.criterion, AnyOf):
        return task
    return replace(task, ways=tuple(ways.get((task.area_id, task.indicator.code, task.clause.criterion.id), ())))


def ordered(found: Sequence[Task], standard: Standard, sort: str) -> tuple[Task, ...]:
    """near: near misses first, then what is nearest to its limit. far: what is furthest from it first, by attainment. gap: the largest gap first, but only
    among gaps of one measure. since: the longest unmet first. Ties keep the order of areas and standard."""
    place = {indicator.code: number for number, indicator in enumerate(standard.indicators)}
    match sort:
        case "near":
            return tuple(sorted(found, key=lambda task: (not task.is_near, -task.attainment, task.area_id, place[task.indicator.code])))
        case "far":
            return tuple(sorted(found, key=lambda task: (task.attainment, task.area_id)))
        case "gap":
            tally = Counter(measure(standard, task) for task in found)
            rank = {each: (-number, each.unit, str(each.counter)) for each, number in tally.items()}
            return tuple(sorted(found, key=lambda task: (rank[measure(standard, task)], -(task.clause.gap or 0.0))))
        case "since":
            return tuple(sorted(found, key=lambda task: task.since))
        case "indicator":
            return tuple(sorted(found, key=lambda task: place[task.indicator.code]))
        case _:
            return tuple(found)


@dataclass(frozen=True)
class Measure:
    """What a gap is measured in: only gaps of one measure can be held against each other. unit "": no figure, but a yes or one of several ways."""

    unit: str
    counter: Title | None = None


def measure(standard: Standard, task: Task) -> Measure:
    criterion = task.clause.criterion
    if isinstance(criterion, AnyOf) or isinstance(criterion.test, Is):
        return Measure("")
    return Measure(phrases.unit(standard, criterion.value), phrases.counter(standard, criterion.value))


@dataclass(frozen=True)
class Scope:
    """What a reader looks at: a level, narrowed down by the filters and to one department ("": all of them)."""

    standard: Standard
    level: str
    filters: Filters
    owner: str = ""

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
    def is_of_domains(self) -> bool:
        """Whether indicators are counted by their domains: one domain or department has few enough to show each."""
        return self.filters.domain is None and not self.owner

    @property
    def is_of_parents(self) -> bool:
        """Whether areas are counted by what they belong to, until one such place is chosen."""
        return self.filters.parent is None and self.standard.level_by_id[self.level].parent is not None

    def hurdle(self, areas: int) -> str | None:
        """Why there is no work list yet: too many areas or indicators for one; the key of what to say."""
        if len(self.codes) > MOST_INDICATORS:
            return "gaps.choose" if self.owners else "gaps.choose_domain"
        if areas <= MOST_AREAS or not self.is_of_parents:
            return None
        return "gaps.choose_parent" if self.owner else "gaps.choose_parent_or_owner" if self.owners else "gaps.choose_parent_only"


def tallies(rows: pd.DataFrame) -> dict[str, Tally]:
    """Indicator code → what is left of it, from gap_queries.open_by_indicator."""
    return {row["indicator"]: Tally.of(row) for row in records(rows)}


def nothing_to_do(areas: pd.DataFrame) -> str:
    """Why the list is empty, as the key of its text: all is met, or nothing can be told. areas: the rows of gap_queries.open_by_area."""
    if areas["met"].sum():
        return "gaps.none"
    return "community.nothing_judged" if areas["no_data"].sum() else "community.nothing_applies"


def total(found: Iterable[Tally]) -> Tally:
    return sum(found, Tally())
