"""Finding indicators by words: Chinese, English, codes, pinyin in full or by its initials. Pure; the best finds come first.

Every word of a query must be found somewhere in an indicator; where it is found decides the order (a code before a title, a title before a note).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pypinyin

from compliance.standard.definitions import Indicator, Standard, Title, names_of

# How well a word fits where it was found: the lower, the better. A place further from the indicator's name adds its weight.
EXACT, START, INSIDE, INITIALS, PINYIN = range(5)
CODE_WEIGHT, TITLE_WEIGHT, GROUP_WEIGHT, WORDS_WEIGHT, TEXT_WEIGHT = 0, 5, 10, 15, 20
# One letter begins half of all titles: it says nothing about pinyin.
SHORTEST_PINYIN = 2
MOST_WORDS = 8


@dataclass(frozen=True)
class Place:
    """A text that can be searched. initials and syllables are its pinyin; starts are where its syllables begin."""

    weight: int
    text: str
    initials: str = ""
    syllables: str = ""
    starts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Entry:
    code: str
    places: tuple[Place, ...]


@lru_cache(maxsize=2)
def index(standard: Standard) -> tuple[Entry, ...]:
    """What `find` looks through: an entry an indicator, in the order of the standard."""
    return tuple(
        Entry(indicator.code, (*_places(standard, indicator), *(_place(GROUP_WEIGHT, title) for title in (domain.title, domain.badge, pillar.title) if title)))
        for pillar in standard.pillars
        for domain in pillar.domains
        for indicator in domain.indicators
    )


def find(entries: Sequence[Entry], query: str) -> tuple[str, ...]:
    """Codes of the indicators that every word of the query is found in, best first; all of them for a query without words."""
    asked = plain(query).split()[:MOST_WORDS]
    ranked = []
    for position, entry in enumerate(entries):
        fits = [_fit(entry, word) for word in asked]
        if None not in fits:
            ranked.append((sum(fit for fit in fits if fit is not None), position, entry.code))
    return tuple(code for _, _, code in sorted(ranked))


def plain(text: str) -> str:
    """Wide and narrow, large and small letters alike; signs of punctuation part words, except the point and the hyphen of a code."""
    return re.sub(r"[^\w.\-%‰]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _places(standard: Standard, indicator: Indicator) -> Iterator[Place]:
    yield Place(CODE_WEIGHT, plain(indicator.code))
    yield from _place_pair(TITLE_WEIGHT, indicator.title)
    titles = [indicator.owner, *(criterion.title for criterion in indicator.criteria), *(leaf.title for leaf, _ in indicator.leaves())]
    for name in dict.fromkeys(name for leaf, _ in indicator.leaves() for name in names_of(leaf)):
        titles.append((standard.metric_by_id.get(name) or standard.parameter_by_id[name]).title)
        yield Place(WORDS_WEIGHT, plain(name))
    for title in titles:
        if title is not None:
            yield from _place_pair(WORDS_WEIGHT, title)
    yield Place(TEXT_WEIGHT, plain(indicator.text))
    for note in (indicator.note, *(leaf.note for leaf, _ in indicator.leaves())):
        if note is not None:
            yield from (Place(TEXT_WEIGHT, plain(text)) for text in (note.zh, note.en))


def _place_pair(weight: int, title: Title) -> Iterator[Place]:
    yield _place(weight, title)
    if title.en != title.zh:
        yield Place(weight, plain(title.en))


def _place(weight: int, title: Title) -> Place:
    """A Chinese title with its pinyin."""
    text = plain(title.zh)
    syllables = [part for part in pypinyin.lazy_pinyin(text.replace(" ", "")) if part]
    starts, reached = set(), 0
    for syllable in syllables:
        starts.add(reached)
        reached += len(syllable)
    return Place(weight, text, "".join(syllable[0] for syllable in syllables), "".join(syllables), frozenset(starts))


def _fit(entry: Entry, word: str) -> int | None:
    """How well an entry fits a word, over all its places; None where it does not."""
    fits = [place.weight + fit for place in entry.places if (fit := _fit_of_place(place, word)) is not None]
    return min(fits, default=None)


def _fit_of_place(place: Place, word: str) -> int | None:
    if place.text == word:
        return EXACT
    at = place.text.find(word)
    if at == 0:
        return START
    # A letter inside an English word is chance; Chinese has no gaps between its words.
    if at > 0 and (not word.isascii() or re.search(rf"\b{re.escape(word)}", place.text)):
        return INSIDE
    if len(word) < SHORTEST_PINYIN or not re.fullmatch("[a-z]+", word):
        return None
    if word in place.initials:
        return INITIALS
    return PINYIN if any(place.syllables.startswith(word, start) for start in place.starts) else None
