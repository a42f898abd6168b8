"""The areas that are known, and which of them a cell means. A name that is nearly right is suggested, never taken."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from compliance.errors import equally_close
from compliance.files.cells import Fault
from compliance.standard.definitions import Standard, Title
from compliance.standard.spelling import folded

# Looking for the nearest name is slow: this many comparisons in all (about a second), then unknown areas go without a suggestion.
COMPARISONS = 200_000
# Neighbouring names often differ in one character. Where more are equally near, a guess would lead figures to the wrong area.
MOST_MEANT = 3
# In shorter names one character is too much of it.
SHORTEST_NEAR = 3
# 阳光社区 (C0101): how templates name an area
_NAMED = re.compile(r"(?P<name>.+)[(（](?P<id>[^()（）]+)[)）]", re.DOTALL)


@dataclass(frozen=True)
class Directory:
    """The areas that are known."""

    level_of: Mapping[str, str]
    ids_by_name: Mapping[str, tuple[str, ...]]

    @cached_property
    def ids_by_folded_id(self) -> dict[str, tuple[str, ...]]:
        return _by_folded((area, (area,)) for area in self.level_of)

    @cached_property
    def ids_by_folded_name(self) -> dict[str, tuple[str, ...]]:
        return _by_folded(self.ids_by_name.items())

    @cached_property
    def name_of(self) -> dict[str, str]:
        return {area: name for name, ids in self.ids_by_name.items() for area in ids}

    def with_areas(self, level_of: Mapping[str, str], ids_by_name: Mapping[str, Iterable[str]]) -> Directory:
        """The same and more: what a file says of an area replaces what was known of it."""
        names: dict[str, tuple[str, ...]] = {}
        for known, ids in self.ids_by_name.items():
            if kept := tuple(area for area in ids if area not in level_of):
                names[known] = kept
        for name, new in ids_by_name.items():
            names[name] = tuple(dict.fromkeys((*names.get(name, ()), *new)))
        return Directory({**self.level_of, **level_of}, names)


def _by_folded(items: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, ids in items:
        found[folded(name)].extend(ids)
    return {name: tuple(ids) for name, ids in found.items()}


class AreaFinder:
    """Finds areas by id or by full name, at one level where the file has one."""

    def __init__(self, directory: Directory, standard: Standard) -> None:
        self.directory, self.standard = directory, standard
        self._comparisons = 0

    def knows(self, text: str) -> bool:
        return bool(self._candidates(text.strip()))

    def has_any(self, level: str) -> bool:
        return level in self.directory.level_of.values()

    def level_title(self, level: str) -> Title:
        known = self.standard.level_by_id.get(level)
        return known.title if known else Title(level, level)

    def find(self, text: str, level: str | None, suggest: bool = True) -> str | Fault:
        """The id of the area that is meant. Width, case and spaces of the letters do not matter; anything else must be exact."""
        candidates = self._candidates(text.strip())
        fitting = [area for area in candidates if level is None or self.directory.level_of[area] == level]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            return Fault("reading.ambiguous_area", {"ids": ", ".join(fitting[:5])})
        if candidates:
            actual = self.directory.level_of[candidates[0]]
            return Fault("reading.area_of_other_level", {"level": self.level_title(actual), "expected": self.level_title(level or actual)})
        if disagreeing := self._disagreeing(text.strip()):
            return disagreeing
        meant = self._closest(text.strip(), level) if suggest else ()
        if not meant:
            return Fault("reading.strange_area")
        options = tuple(self._written(area) for _, areas in meant for area in areas)
        return Fault("reading.unknown_area", {"meant": " / ".join(name for name, _ in meant)}, options)

    def _candidates(self, word: str) -> tuple[str, ...]:
        directory = self.directory
        if word in directory.level_of:
            return (word,)
        if found := directory.ids_by_name.get(word):
            return found
        key = folded(word)
        return directory.ids_by_folded_id.get(key) or directory.ids_by_folded_name.get(key) or self._named(word)

    def _named(self, word: str) -> tuple[str, ...]:
        """The area that is given by name and id, when both agree."""
        found = _NAMED.fullmatch(word)
        if found is None:
            return ()
        by_id = self.directory.ids_by_folded_id.get(folded(found["id"]), ())
        return by_id if set(by_id) & set(self.directory.ids_by_folded_name.get(folded(found["name"]), ())) else ()

    def _disagreeing(self, word: str) -> Fault | None:
        """A name beside the id of another area: a row has slipped, or the area has a new name."""
        found = _NAMED.fullmatch(word)
        by_id = self.directory.ids_by_folded_id.get(folded(found["id"]), ()) if found else ()
        return Fault("reading.name_of_another", {"id": by_id[0], "name": self.directory.name_of.get(by_id[0], by_id[0])}) if by_id else None

    def _closest(self, word: str, level: str | None) -> list[tuple[str, tuple[str, ...]]]:
        """What was likely meant, as it is said, with the areas that it may be."""
        level_of = self.directory.level_of
        comparisons = len(level_of) + len(self.directory.ids_by_name)
        if self._comparisons and self._comparisons + comparisons > COMPARISONS:
            return []
        self._comparisons += comparisons
        known = [area for area in level_of if level in (None, level_of[area])]
        names = [name for name, ids in self.directory.ids_by_name.items() if any(level in (None, level_of[area]) for area in ids)]
        return [self._meant(found, level) for found in equally_close(word, [*known, *names], MOST_MEANT)]

    def left_over(self, word: str, level: str | None, taken: Container[str]) -> Fault | None:
        """The one area whose name differs in a single character and of which a file does not speak otherwise (taken: those of which it does): where all names
        are alike, what is missing tells which was meant."""
        if self._comparisons > COMPARISONS or len(word) < SHORTEST_NEAR:
            return None
        self._comparisons += len(self.directory.ids_by_name)
        near = [ids for name, ids in self.directory.ids_by_name.items() if _is_one_edit(word, name)]
        areas = [area for ids in near for area in ids if area not in taken and level in (None, self.directory.level_of[area])]
        if len(areas) != 1:
            return None
        return Fault("reading.unknown_area", {"meant": self._full_name(areas[0])}, (self._written(areas[0]),))

    def _meant(self, found: str, level: str | None) -> tuple[str, tuple[str, ...]]:
        if found in self.directory.level_of:
            return self._full_name(found), (found,)
        ids = self.directory.ids_by_name[found]
        areas = tuple(area for area in ids if level in (None, self.directory.level_of[area]))[:MOST_MEANT]
        return f"{found} ({', '.join(ids[:5])})", areas

    def _full_name(self, area: str) -> str:
        name = self.directory.name_of.get(area)
        return f"{name} ({area})" if name else area

    def _written(self, area: str) -> str:
        """How a cell names the area beyond doubt: by name and id, where both can be told apart."""
        full = self._full_name(area)
        return full if self._candidates(full) == (area,) else area


def _is_one_edit(word: str, other: str) -> bool:
    """Whether one character more, less or other makes one of the other."""
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next((place for place, (one, two) in enumerate(zip(short, long, strict=False)) if one != two), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
