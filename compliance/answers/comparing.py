"""A few areas held against each other and against their peers: what the address asks for, who the peers are, where verdicts differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from compliance.answers.counts import Counts, lacks_too_much
from compliance.engine import near_misses
from compliance.questions.queries import Area, DomainMatrix, figure_of, records
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Standard

FEWEST, MOST = 2, 6
LETTERS = "ABCDEF"
SEPARATOR = ","
PeerKind = Literal["parent", "size", "all"]


@dataclass(frozen=True)
class Asked:
    """What the address asks for: areas of one level, those that there are not, those of another level, those too many."""

    areas: tuple[Area, ...]
    unknown: tuple[str, ...]
    strangers: tuple[Area, ...]
    cut: tuple[Area, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(area.id for area in self.areas)


@dataclass(frozen=True)
class Standing:
    """One domain among the peers: quartiles of their rates, and how many have one. None where no peer has a rate."""

    domain: Domain
    low: float | None
    median: float | None
    high: float | None
    known: int


@dataclass(frozen=True)
class Cell:
    """How one area stands on one indicator, with the figures of the criterion that the row is about. member: of a group the way that area meets it, or is
    nearest to; None where the row is about no group, or nobody can tell."""

    status: str
    member: Criterion | None
    value: float | None
    threshold: float | None
    gap: float | None
    others_unmet: int


@dataclass(frozen=True)
class Line:
    """An indicator on which areas differ, and the criterion (a group counts as one) that tells them apart."""

    indicator: Indicator
    criterion: Criterion | AnyOf
    cells: tuple[Cell, ...]
    peers: Counts

    @property
    def is_verdict(self) -> bool:
        """Whether one meets it and another does not; otherwise they differ only in what is known or applies."""
        found = {cell.status for cell in self.cells}
        return "met" in found and bool(found & {"near", "unmet"})


def asked(ids: str | None, every: Iterable[Area]) -> Asked:
    """The areas of an address, each once; the first says of which level they all must be."""
    known = {area.id: area for area in every}
    wanted = [id_ for id_ in dict.fromkeys((ids or "").split(SEPARATOR)) if id_]
    found = [known[id_] for id_ in wanted if id_ in known]
    same = [area for area in found if area.level == found[0].level]
    strangers = tuple(area for area in found if area.level != found[0].level)
    return Asked(tuple(same[:MOST]), tuple(id_ for id_ in wanted if id_ not in known), strangers, tuple(same[MOST:]))


def level(standard: Standard, asked: Asked, parameter: str | None) -> str:
    """The level that is compared: that of the areas, else the one the address names, else the lowest."""
    if asked.areas:
        return asked.areas[0].level
    return parameter if parameter in standard.judged_levels else standard.judged_levels[0]


def domains(standard: Standard, level: str, chosen: str | None) -> tuple[Domain, ...]:
    """The domains to compare: the one chosen where it judges this level, else all."""
    every = standard.domains_of(level)
    return tuple(domain for domain in every if domain.id == chosen) or every


# -- peers ------------------------------------------------------------------------------------------------------------


def peer_kinds(areas: Sequence[Area], *, has_sizes: bool) -> tuple[PeerKind, ...]:
    """Which groups make sense: the narrowest first."""
    of_parent: tuple[PeerKind, ...] = ("parent",) if any(area.parent_id for area in areas) else ()
    of_size: tuple[PeerKind, ...] = ("size",) if has_sizes else ()
    return (*of_parent, *of_size, "all")


def peers(kind: str, areas: Sequence[Area], every: Sequence[Area], sizes: Mapping[str, float]) -> frozenset[str] | None:
    """The areas that the chosen ones are held against, themselves among them; None: all of their level."""
    match kind:
        case "parent":
            parents = {area.parent_id for area in areas if area.parent_id}
            return frozenset(area.id for area in every if area.parent_id in parents)
        case "size":
            thirds = _thirds(sizes)
            wanted = {thirds[area.id] for area in areas if area.id in thirds}
            return frozenset(id_ for id_, third in thirds.items() if third in wanted)
        case _:
            return None


def _thirds(sizes: Mapping[str, float]) -> dict[str, int]:
    """Area → whether it belongs to the small, the middling or the large."""
    if not sizes:
        return {}
    figures = np.fromiter(sizes.values(), dtype=float)
    places = np.searchsorted(np.quantile(figures, (1 / 3, 2 / 3)), figures, side="left")
    return {id_: int(place) for id_, place in zip(sizes, places, strict=True)}


def count(group: frozenset[str] | None, every: Sequence[Area]) -> int:
    return len(every) if group is None else len(group)


def standings(matrix: DomainMatrix, group: frozenset[str] | None, shown: Sequence[Domain]) -> tuple[Standing, ...]:
    """The quartiles of the peers' rates, domain by domain. An area of which too little is known has no rate, which is not 0."""
    rows = [place for place, id_ in enumerate(matrix.area_ids) if group is None or id_ in group]
    found = []
    for domain in shown:
        column = matrix.domains.index(domain)
        met, judged = matrix.counts[rows, column, 0].astype(float), matrix.counts[rows, column, :2].sum(axis=1)
        is_known = (judged > 0) & ~lacks_too_much(matrix.counts[rows, column, 2], judged)
        rates = met[is_known] / judged[is_known]
        low, median, high = (float(each) for each in np.quantile(rates, (0.25, 0.5, 0.75))) if len(rates) else (None, None, None)
        found.append(Standing(domain, low, median, high, len(rates)))
    return tuple(found)


def counts_of(matrix: DomainMatrix, ids: Sequence[str], shown: Sequence[Domain]) -> dict[tuple[str, str], Counts]:
    """(area, domain) → counts; domain "" for all domains shown together."""
    places = {id_: place for place, id_ in enumerate(matrix.area_ids)}
    columns = [matrix.domains.index(domain) for domain in shown]
    found: dict[tuple[str, str], Counts] = {}
    for id_ in ids:
        rows = matrix.counts[places[id_]][columns]
        found[id_, ""] = Counts(*map(int, rows.sum(axis=0)))
        found |= {(id_, domain.id): Counts(*map(int, row)) for domain, row in zip(shown, rows, strict=True)}
    return found


# -- where verdicts differ --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """Who meets more than whom, by how many indicators, and in which domains: the two that weigh most."""

    best: Area
    worst: Area
    more: int
    domains: tuple[tuple[Domain, int], ...]


def verdict(areas: Sequence[Area], counts: Mapping[tuple[str, str], Counts], shown: Sequence[Domain]) -> Verdict | None:
    """Between the one that meets most and the one that meets least; None where they meet equally many, or where too little is known of one to say."""
    whole = [counts[area.id, ""] for area in areas]
    if any(each.is_unsure for each in whole):
        return None
    ordered = sorted(zip(areas, whole, strict=True), key=lambda pair: -pair[1].met)
    (best, most), (worst, least) = ordered[0], ordered[-1]
    if most.met == least.met:
        return None
    leads = [(domain, counts[best.id, domain.id].met - counts[worst.id, domain.id].met) for domain in shown]
    weighty = sorted((lead for lead in leads if lead[1] > 0), key=lambda lead: -lead[1])
    return Verdict(best, worst, most.met - least.met, tuple(weighty[:2]))


def differing(indicators: Sequence[Indicator], ids: Sequence[str], statuses: Mapping[str, Mapping[str, str]]) -> tuple[Indicator, ...]:
    """The indicators on which the areas do not all have the same status."""
    return tuple(each for each in indicators if len({statuses[id_][each.code] for id_ in ids}) > 1)


def alike(shown: Sequence[Domain], level: str, ids: Sequence[str], statuses: Mapping[str, Mapping[str, str]]) -> tuple[int, int]:
    """How many indicators all of them meet, and how many none of them does."""
    found = [{statuses[id_][indicator.code] for id_ in ids} for domain in shown for indicator in domain.at(level)]
    return found.count({"met"}), found.count({"unmet"})


def lines(
    indicators: Sequence[Indicator], ids: Sequence[str], statuses: Mapping[str, Mapping[str, str]], criteria: pd.DataFrame, tallies: pd.DataFrame
) -> tuple[Line, ...]:
    """One line an indicator. criteria: rows of compare_queries.criteria; tallies: how the peers stand, indicator by indicator."""
    rows = {(row["area_id"], row["indicator"], row["criterion"]): row for row in records(criteria)}
    counts = {row["indicator"]: Counts.of(row) for row in records(tallies)}
    found = []
    for indicator in indicators:
        told = [(_tells_apart([rows[id_, indicator.code, criterion.id] for id_ in ids]), criterion) for criterion in indicator.criteria]
        chosen = max(told, key=lambda pair: pair[0])[1]
        clauses = [criterion.id for criterion, _ in indicator.parts()]
        cells = tuple(_cell(indicator, chosen, statuses[id_][indicator.code], {each: rows[id_, indicator.code, each] for each in clauses}) for id_ in ids)
        found.append(Line(indicator, chosen, cells, counts[indicator.code]))
    return tuple(found)


def _tells_apart(rows: Sequence[Mapping[str, Any]]) -> tuple[bool, bool, float]:
    """How well a criterion shows why areas differ: some meet it and some do not; any does not; by how much."""
    found = {row["status"] for row in rows}
    worst = min((row["attainment"] for row in rows if row["status"] == "unmet" and row["attainment"] == row["attainment"]), default=1.0)
    return {"met", "unmet"} <= found, "unmet" in found, 1 - worst


def _cell(indicator: Indicator, criterion: Criterion | AnyOf, status: str, rows: Mapping[str, Mapping[str, Any]]) -> Cell:
    own = [rows[each.id] for each in indicator.criteria]
    status = near_misses.shown(status, near_misses.worst(figure_of(each["attainment"]) for each in own))
    member = _way(criterion, rows) if isinstance(criterion, AnyOf) else None
    others = sum(rows[each.id]["status"] == "unmet" for each in indicator.criteria if each.id != criterion.id)
    row = rows[member.id if member else criterion.id]
    return Cell(status, member, figure_of(row["value"]), figure_of(row["threshold"]), figure_of(row["gap"]), others)


def _way(group: AnyOf, rows: Mapping[str, Mapping[str, Any]]) -> Criterion | None:
    """The member by which an area meets a group, or comes nearest to it; None where the group has no verdict."""
    if rows[group.id]["status"] not in ("met", "unmet"):
        return None
    return max(group.members, key=lambda member: (rows[member.id]["status"] == "met", figure_of(rows[member.id]["attainment"]) or 0.0))
