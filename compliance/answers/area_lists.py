"""The areas to choose from, with how each stands: by the area that they belong to, in the order of their names. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pypinyin

from compliance.answers import views
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.questions.queries import Area, DomainMatrix
from compliance.texts import Words


@dataclass(frozen=True)
class Standing:
    """All verdicts of an area counted, and how many badges it holds of how many there are."""

    counts: Counts
    held: int
    badges: int


# Area → how it stands; who was not judged in the period is not in it.
Standings = Mapping[str, Standing]


@dataclass(frozen=True)
class Group:
    """Areas that belong to one (id None: to none, or to one that is not listed)."""

    id: str | None
    name: str
    areas: tuple[Area, ...]


def standings(*matrices: DomainMatrix) -> Standings:
    """How every area of some levels stands, from queries.domain_matrix of each."""
    found: dict[str, Standing] = {}
    for matrix in matrices:
        badges = sum(domain.badge is not None for domain in matrix.domains)
        whole, held = matrix.counts.sum(axis=1).tolist(), views.earned_per_area(matrix).tolist()
        found |= {id_: Standing(Counts(*map(int, counts)), int(n), badges) for id_, counts, n in zip(matrix.area_ids, whole, held, strict=True)}
    return found


def in_order(areas: Sequence[Area]) -> list[Area]:
    """By what they belong to and by name, as a reader looks for them. An area that heads others of the list stands above them, and not once more."""
    heads = {area.parent_id for area in areas}
    listed = [area for area in areas if area.parent_id is not None or area.id not in heads]
    return sorted(listed, key=lambda area: (spelt(area.parent_name or ""), area.parent_id or "", spelt(area.name), area.id))


def groups(areas: Sequence[Area]) -> list[Group]:
    """Areas in order → one group after the other."""
    found: dict[str | None, list[Area]] = {}
    for area in areas:
        found.setdefault(area.parent_id, []).append(area)
    return [Group(id_, members[0].parent_name or "", tuple(members)) for id_, members in found.items()]


@lru_cache(maxsize=20_000)
def spelt(name: str) -> tuple[str, ...]:
    """What a name is sorted by: the pinyin of Chinese, other letters as they are."""
    return tuple(pypinyin.lazy_pinyin(name.casefold()))


def sheet(words: Words, areas: Sequence[Area], found: Standings) -> Sheet:
    """The list to take away, whole."""
    names = ("area_id", "area", "parent", "rate", "met", "judged", "no_data", "not_applicable", "unmet")
    badged = any(each.badges for each in found.values())
    rows = [
        (area.id, area.name, area.parent_name or "", *_figures(words, found[area.id]), *((f"{found[area.id].held}/{found[area.id].badges}",) if badged else ()))
        for area in areas
        if area.id in found
    ]
    badges = (words("area_list.badges"),) if badged else ()
    return Sheet((*(words(f"overview.column_{name}") for name in names), *badges), rows)


def _figures(words: Words, standing: Standing) -> tuple[object, ...]:
    counts = standing.counts
    return (rate_beside_parts(words, counts), counts.met, counts.judged, counts.no_data, counts.not_applicable, counts.unmet)


def rate_beside_parts(words: Words, counts: Counts) -> str:
    """The rate; where too little is known for one, that it is so."""
    return words("heatmap.cell_unsure") if counts.is_unsure and counts.judged else words.percent(counts.comparable, in_column=True)
