"""Groups of areas held against each other, their verdicts counted together: which groups there are, how each stands, on what they differ most. Knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.answers import comparing
from compliance.answers.comparing import MOST, SEPARATOR, Standing
from compliance.answers.counts import Counts, total
from compliance.questions import filter_queries, queries
from compliance.questions.filters import Filters
from compliance.questions.queries import records
from compliance.standard.definitions import Domain, Indicator, Standard

Ask = Callable[..., Any]  # Page.ask: a question and its arguments → the answer
BY_PARENT, BY_KIND = "by-parent", "by-kind:"


@dataclass(frozen=True)
class Way:
    """A way to put areas together: under their parents, or by an attribute. options: what a group is called in an address → the filter that keeps it, its name."""

    id: str
    options: Mapping[str, tuple[Filters, str]]

    @property
    def attribute(self) -> str | None:
        return self.id.removeprefix(BY_KIND) if self.id.startswith(BY_KIND) else None

    @property
    def heeds(self) -> tuple[str, ...]:
        """The filters that narrow its groups: all but the one that makes them."""
        return ("domain", "kind") if self.attribute is None else ("parent", "domain")


@dataclass(frozen=True)
class Group:
    """Areas counted together. filters: the one that keeps them, for links."""

    id: str
    name: str
    filters: Filters
    areas: frozenset[str]

    @property
    def parameters(self) -> dict[str, str]:
        return self.filters.parameters()


@dataclass(frozen=True)
class Line:
    """An indicator: the counts of each group and of all areas; apart: by how much the highest of the comparable rates exceeds the lowest (0 to 1)."""

    indicator: Indicator
    cells: tuple[Counts, ...]
    everybody: Counts
    apart: float


@dataclass(frozen=True)
class Compared:
    """counts: (group, domain) → counts, domain "" for all shown together; standings: the single areas; lines: those that differ most first; alike: how many
    indicators no two groups differ on; unsure: of how many too little is known to say."""

    groups: tuple[Group, ...]
    counts: Mapping[tuple[str, str], Counts]
    standings: tuple[Standing, ...]
    lines: tuple[Line, ...]
    alike: int
    unsure: int


def ways(ask: Ask, standard: Standard, level: str) -> dict[str, Way]:
    """The ways that make at least two groups of the areas of a level."""
    found: list[Way] = []
    parent = standard.level_by_id[level].parent
    if parent is not None:
        found.append(Way(BY_PARENT, {area.id: (Filters(parent=area.id), area.name) for area in ask(queries.areas_of, parent)}))
    for attribute, values in ask(filter_queries.kinds_of, level).items():
        found.append(Way(BY_KIND + attribute, {_spelled(value): (Filters(kind=(attribute, value)), value) for value in values}))
    return {way.id: way for way in found if len(way.options) > 1}


def _spelled(value: str) -> str:
    """A value of an attribute as one of a list in an address."""
    return value.replace("%", "%25").replace(SEPARATOR, "%2C")


def asked(way: Way, ids: str | None) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The groups of an address, those that there are not, those too many. Where none is asked for: the first ones."""
    wanted = [id_ for id_ in dict.fromkeys((ids or "").split(SEPARATOR)) if id_]
    known = [id_ for id_ in wanted if id_ in way.options]
    if not known:
        return tuple(way.options)[:MOST], tuple(wanted), ()
    return tuple(known[:MOST]), tuple(id_ for id_ in wanted if id_ not in way.options), tuple(known[MOST:])


def groups(ask: Ask, level: str, way: Way, ids: Sequence[str], filters: Filters) -> tuple[Group, ...]:
    """The groups with their areas, as far as the other filters in force keep any of them."""
    found = []
    for id_ in ids:
        own, name = way.options[id_]
        areas = ask(filter_queries.areas_kept, level, own.parent or filters.parent, own.kind or filters.kind)
        found.append(Group(id_, name, own, frozenset(areas)))
    return tuple(group for group in found if group.areas)


def compared(
    ask: Ask, standard: Standard, level: str, period: int, chosen: Sequence[Group], everybody: frozenset[str] | None, domain: str | None
) -> Compared:  # fmt: skip
    """everybody: the areas that the filters in force keep (None: all of the level); domain: the only one to look at."""
    shown = comparing.domains(standard, level, domain)
    tallies = [_tallies(ask, standard, level, period, group.areas) for group in chosen]
    whole = _tallies(ask, standard, level, period, everybody)
    counts: dict[tuple[str, str], Counts] = {}
    for group, tally in zip(chosen, tallies, strict=True):
        of_domain = {each.id: total(tally[indicator.code] for indicator in each.at(level)) for each in shown}
        counts |= {(group.id, id_): count for id_, count in of_domain.items()} | {(group.id, ""): total(of_domain.values())}
    standings = comparing.standings(ask(queries.domain_matrix, standard, level, period), everybody, shown)
    told = [_line(indicator, [tally[indicator.code] for tally in tallies], whole[indicator.code]) for each in shown for indicator in each.at(level)]
    lines = sorted((line for line in told if line is not None and line.apart > 0), key=lambda line: -line.apart)
    alike = sum(line is not None and line.apart == 0 for line in told)
    return Compared(tuple(chosen), counts, standings, tuple(lines), alike, told.count(None))


def _tallies(ask: Ask, standard: Standard, level: str, period: int, areas: frozenset[str] | None) -> dict[str, Counts]:
    return {str(row["indicator"]): Counts.of(row) for row in records(ask(queries.compliance_by_indicator, standard, level, period, areas))}


def _line(indicator: Indicator, cells: Sequence[Counts], everybody: Counts) -> Line | None:
    """None where too little is known to hold two groups against each other."""
    rates = [rate for each in cells if (rate := each.comparable) is not None]
    return Line(indicator, tuple(cells), everybody, max(rates) - min(rates)) if len(rates) > 1 else None


def extremes(groups: Sequence[Group], counts: Mapping[tuple[str, str], Counts], domain: str = "") -> tuple[Group, Group, float] | None:
    """The groups with the highest and the lowest rate, and how far apart they are; None where no two can be compared, or none is above another."""
    rated = [(rate, group) for group in groups if (rate := counts[group.id, domain].comparable) is not None]
    if len(rated) < 2:
        return None
    (low, worst), (high, best) = min(rated, key=lambda pair: pair[0]), max(rated, key=lambda pair: pair[0])
    return (best, worst, high - low) if high > low else None


def leads(found: Compared, best: Group, worst: Group) -> list[tuple[Domain, float]]:
    """The two domains in which one group is furthest ahead of another, or behind it: shares, negative where behind."""
    pairs = [(each.domain, found.counts[best.id, each.domain.id].comparable, found.counts[worst.id, each.domain.id].comparable) for each in found.standings]
    apart = [(domain, one - other) for domain, one, other in pairs if one is not None and other is not None and one != other]
    return sorted(apart, key=lambda pair: -abs(pair[1]))[:2]
