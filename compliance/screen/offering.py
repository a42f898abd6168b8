"""Which of very many areas a list offers: thousands of options would be sent to the browser at every run, and nobody reads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.answers import phrases
from compliance.answers.searching import plain
from compliance.questions.queries import Area
from compliance.standard.definitions import Standard
from compliance.texts import Words

# As many areas as a list still offers whole, and as many as a search gives.
MOST_OFFERED, MOST_FOUND = 300, 50
Groups = Mapping[str, Sequence[Area]]


def groups(areas: Sequence[Area], chosen: Sequence[Area]) -> Groups:
    """Parent's id ("" of those without one) → its areas; the group of the first chosen one leads."""
    found: dict[str, list[Area]] = {area.parent_id or "": [] for area in chosen[:1]}
    for area in areas:
        found.setdefault(area.parent_id or "", []).append(area)
    return {id_: members for id_, members in found.items() if members}


def title(words: Words, standard: Standard, members: Sequence[Area]) -> str:
    """What a group is called: the area that they belong to, else what they are."""
    first = members[0]
    return first.parent_name or words.title(standard.level_by_id[first.level].title)


def label(words: Words, standard: Standard, area: Area) -> str:
    """What one area is called in a list of areas of all levels."""
    level = words.title(standard.level_by_id[area.level].title)
    return f"{area.parent_name}{phrases.DOT}{area.name}" if area.parent_name else words("community.option_top", n=area.name, l=level)


def found(areas: Sequence[Area], query: str) -> list[Area]:
    """The first areas whose name, id or parent's name holds every word of the query; those that begin with it before the others."""
    asked = plain(query).split()
    fits = []
    for area in areas:
        texts = (plain(area.name), plain(area.id), plain(area.parent_name or ""))
        if all(any(word in text for text in texts) for word in asked):
            fits.append((not any(text.startswith(tuple(asked)) for text in texts[:2]) if asked else False, area))
    return [area for _, area in sorted(fits, key=lambda fit: fit[0])][:MOST_FOUND]


def with_chosen(offered: Sequence[Area], chosen: Sequence[Area]) -> list[Area]:
    """What a list offers always holds what is chosen already."""
    known = {area.id for area in offered}
    return [*(area for area in chosen if area.id not in known), *offered]


def begun(areas: Sequence[Area], offered: Sequence[Area], *, is_search: bool) -> Sequence[Area]:
    """Which areas a page lists before one is chosen: what a search found, or all that stand beside the first that is offered where there are too many for one list."""
    if is_search or not offered:
        return offered
    return areas if len(areas) <= MOST_OFFERED else [area for area in areas if area.parent_id == offered[0].parent_id]
