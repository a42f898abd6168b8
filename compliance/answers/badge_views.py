"""How near an area is to a badge, in words: earned, what is lacking, or what must be known first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compliance.answers import phrases
from compliance.answers.palette import GLYPHS
from compliance.engine.statuses import MET, NEARLY, NO_DATA, UNMET
from compliance.standard.definitions import Domain, Indicator
from compliance.texts import Words

# So many of the indicators that are lacking are named; a longer list is a number.
MOST_NAMED = 2

# The statuses of one area by indicator, as numbers of engine.statuses → what they mean together.
Verdict = Callable[[Mapping[str, int]], str]


def verdict(words: Words, domain: Domain, indicators: Sequence[Indicator], level: str) -> Verdict:
    """How to say how near an area is to the badge of a domain; of a part of its indicators nobody earns one."""
    is_whole = tuple(indicators) == domain.at(level)
    earned = f"{GLYPHS['earned']} {words('badge.earned')}" if is_whole and domain.badge is not None else words("badge.all_met")

    def said(statuses: Mapping[str, int]) -> str:
        unmet = [each for each in indicators if statuses[each.code] in (NEARLY, UNMET)]
        no_data = sum(statuses[each.code] == NO_DATA for each in indicators)
        if unmet:
            return lacking(words, unmet, no_data)
        if no_data:
            return words("badge.untold", n=no_data)
        return earned if MET in statuses.values() else words("app.status.not_applicable")

    return said


def lacking(words: Words, unmet: Sequence[Indicator], no_data: int) -> str:
    """还差 1 项（2.7 垃圾分类）; where data are missing too, that it is at least so many."""
    if no_data:
        return words("badge.lacks_at_least", n=len(unmet), m=no_data)
    if len(unmet) > MOST_NAMED or not (len(unmet) == 1 or all(map(phrases.has_short_code, unmet))):
        return words("badge.lacks", n=len(unmet))
    names = [phrases.short_name(words, unmet[0])] if len(unmet) == 1 else [each.code for each in unmet]
    return words("badge.lacks_named", n=len(unmet), names=words("app.list").join(names))
