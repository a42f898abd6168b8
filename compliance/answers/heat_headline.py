"""What a matrix says in one sentence, before anybody reads a cell of it. Pure."""

from __future__ import annotations

from compliance.answers import phrases
from compliance.answers.heat_views import DOMAINS, Down, Matrix
from compliance.answers.views import Counts, total
from compliance.standard.definitions import Standard
from compliance.texts import Words


def where(words: Words, standard: Standard, down: Down, view: str) -> str:
    """What stands across: all domains, or the indicators of one; and of which level."""
    across = words("heatmap.view_domains") if view == DOMAINS else words.title(standard.domain_by_id[view].title)
    return phrases.DOT.join((across, down.title(words, standard)))


def headline(words: Words, standard: Standard, down: Down, matrix: Matrix) -> str:
    """How many meet everything, how many cannot be told, and where most is missed."""
    level = words.title(standard.level_by_id[down.shown_level].title)
    rows = [Counts(*map(int, counts)) for counts in matrix.counts.sum(axis=1)]
    across = [(column, Counts(*map(int, counts))) for column, counts in zip(matrix.columns, matrix.counts.sum(axis=0), strict=True)]
    judged = [(column, counts) for column, counts in across if counts.rate is not None]
    if not judged:
        is_exempt = bool(rows) and not any(counts.no_data for counts in rows)
        return words("heatmap.headline_exempt" if is_exempt else "heatmap.headline_none", n=len(rows), level=level)
    said = words("heatmap.headline", n=len(rows), level=level, all=sum(counts.is_earned for counts in rows))
    column, counts = min(judged, key=lambda each: each[1].rate or 0)
    if not total(each for _, each in judged).unmet:
        return said
    return said + words("heatmap.weakest", column=column.label, rate=words.percent(counts.rate), parts=counts.met_of_judged)
