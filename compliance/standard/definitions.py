"""The standard as frozen data: levels, pillars → domains → indicators → criteria, metrics, parameters (DESIGN §2, §3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from compliance.periods import Frequency
from compliance.standard import formula
from compliance.standard.formula import Expression

Language = Literal["zh", "en"]
Kind = Literal["stock", "flow"]

# Units whose figures are counted or measured from zero up: a negative figure is a typing error even where no range is given.
COUNTED_UNITS = frozenset({"count", "people", "households", "m2", "hours", "days"})
UNITS = (
    "percent", "permille", "count", "people", "households", "m2", "km2", "hours", "days", "minutes", "months", "years",
    "times", "yuan", "usd", "yes_no", "points", "index", "rate", "ratio", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Title:
    """One thing's name in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Level:
    id: str
    title: Title
    parent: str | None
    line: int = 0


@dataclass(frozen=True)
class Metric:
    """A number that is reported: one CSV column. low and high bound what a sane value may be (None: unbounded).

    counter: what it is counted in, where the unit is a plain count: 起; in English one and many, case/cases."""

    id: str
    title: Title
    level: str
    unit: str
    kind: Kind
    low: float | None
    high: float | None
    part_of: str | None = None
    counter: Title | None = None
    line: int = 0
    note: Title | None = None

    @property
    def smallest(self) -> float:
        """The least value a cell may have; −infinity where nothing bounds it."""
        if self.low is not None:
            return self.low
        return 0.0 if self.kind == "flow" or self.unit in COUNTED_UNITS or self.is_yes_no else float("-inf")

    @property
    def largest(self) -> float:
        if self.high is not None:
            return self.high
        return 1.0 if self.is_yes_no else float("inf")

    @property
    def is_yes_no(self) -> bool:
        return self.unit == "yes_no"


@dataclass(frozen=True)
class Parameter:
    """A figure from outside that differs by period: a city average, a national limit. smallest: the least it may be."""

    id: str
    title: Title
    unit: str
    line: int = 0
    note: Title | None = None
    smallest: float = float("-inf")


@dataclass(frozen=True)
class Attribute:
    """A column of the table of areas beyond id, name, level and parent, by its header."""

    id: str
    title: Title
    line: int = 0


@dataclass(frozen=True)
class AtLeast:
    limit: Expression


@dataclass(frozen=True)
class AtMost:
    limit: Expression


@dataclass(frozen=True)
class Between:
    low: Expression
    high: Expression


@dataclass(frozen=True)
class Is:
    yes: bool


Test = AtLeast | AtMost | Between | Is


@dataclass(frozen=True)
class Criterion:
    """A clause that can pass or fail on its own. window: how many periods up to the one judged count (1: only itself)."""

    id: str
    value: Expression
    test: Test
    window: int = 1
    every: str | None = None
    baseline: float | None = None
    title: Title | None = None
    note: Title | None = None
    line: int = 0


@dataclass(frozen=True)
class AnyOf:
    """Met when one of its members is."""

    id: str
    members: tuple[Criterion, ...]
    title: Title | None = None
    note: Title | None = None
    line: int = 0


@dataclass(frozen=True)
class Indicator:
    code: str
    level: str
    title: Title
    text: str
    criteria: tuple[Criterion | AnyOf, ...]
    owner: Title | None = None
    weight: float = 1.0
    note: Title | None = None
    line: int = 0

    def leaves(self) -> Iterator[tuple[Criterion, AnyOf | None]]:
        """Every criterion with a formula of its own, with the group it belongs to."""
        for criterion in self.criteria:
            if isinstance(criterion, AnyOf):
                for member in criterion.members:
                    yield member, criterion
            else:
                yield criterion, None

    def parts(self) -> Iterator[tuple[Criterion | AnyOf, bool]]:
        """Every criterion, groups before their members; whether it is a member."""
        for criterion in self.criteria:
            yield criterion, False
            if isinstance(criterion, AnyOf):
                yield from ((member, True) for member in criterion.members)


@dataclass(frozen=True)
class Domain:
    id: str
    title: Title
    badge: Title | None
    indicators: tuple[Indicator, ...]
    line: int = 0

    def at(self, level: str) -> tuple[Indicator, ...]:
        return tuple(indicator for indicator in self.indicators if indicator.level == level)


@dataclass(frozen=True)
class Pillar:
    id: str
    title: Title
    domains: tuple[Domain, ...]
    line: int = 0


@dataclass(frozen=True)
class Standard:
    id: str
    title: Title
    frequency: Frequency
    levels: tuple[Level, ...]
    pillars: tuple[Pillar, ...]
    metrics: tuple[Metric, ...]
    parameters: tuple[Parameter, ...]
    source: str = ""
    """The YAML text itself, kept with every verdict computed from it."""
    attributes: tuple[Attribute, ...] = ()
    """Those that have a title; areas may have others."""

    def __hash__(self) -> int:
        # What is remembered of a standard is found by it: the text tells versions apart as well as all that was read from it, in no time.
        return hash((self.id, self.source))

    @cached_property
    def domains(self) -> tuple[Domain, ...]:
        return tuple(domain for pillar in self.pillars for domain in pillar.domains)

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(indicator for domain in self.domains for indicator in domain.indicators)

    @cached_property
    def metric_by_id(self) -> dict[str, Metric]:
        return {metric.id: metric for metric in self.metrics}

    @cached_property
    def parameter_by_id(self) -> dict[str, Parameter]:
        return {parameter.id: parameter for parameter in self.parameters}

    @cached_property
    def attribute_by_id(self) -> dict[str, Attribute]:
        return {attribute.id: attribute for attribute in self.attributes}

    @cached_property
    def indicator_by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def level_by_id(self) -> dict[str, Level]:
        return {level.id: level for level in self.levels}

    @cached_property
    def domain_by_id(self) -> dict[str, Domain]:
        return {domain.id: domain for domain in self.domains}

    @cached_property
    def domain_of(self) -> dict[str, Domain]:
        """Indicator code → its domain."""
        return {indicator.code: domain for domain in self.domains for indicator in domain.indicators}

    def metrics_of(self, level: str) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics if metric.level == level)

    def domains_of(self, level: str) -> tuple[Domain, ...]:
        """Domains with at least one indicator that judges this level."""
        return tuple(domain for domain in self.domains if domain.at(level))

    def indicators_of(self, level: str) -> tuple[Indicator, ...]:
        return tuple(indicator for indicator in self.indicators if indicator.level == level)

    @cached_property
    def judged_levels(self) -> tuple[str, ...]:
        """Levels with indicators, from the bottom up: the first is the one whose areas a leader looks at."""
        return tuple(level.id for level in reversed(self.levels) if self.indicators_of(level.id))

    def levels_of(self, domain: str | None) -> tuple[str, ...]:
        """The levels that a domain judges, from the bottom up; without one, all that are judged."""
        return tuple(level for level in self.judged_levels if domain is None or self.domain_by_id[domain].at(level))

    @cached_property
    def criterion_count(self) -> int:
        return sum(1 for indicator in self.indicators for _ in indicator.leaves())


def limits_of(test: Test) -> tuple[Expression, ...]:
    match test:
        case AtLeast(limit) | AtMost(limit):
            return (limit,)
        case Between(low, high):
            return (low, high)
        case Is():
            return ()


def expressions_of(criterion: Criterion) -> tuple[Expression, ...]:
    return (criterion.value, *limits_of(criterion.test))


def names_of(criterion: Criterion) -> tuple[str, ...]:
    """Every metric and parameter the criterion looks at, each once."""
    found = [name for part in expressions_of(criterion) for name in (*formula.names(part), *formula.previous_names(part))]
    return tuple(dict.fromkeys(found))
