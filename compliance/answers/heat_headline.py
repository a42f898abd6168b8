"""What a matrix says in one sentence, before anybody reads a cell of it. Pure."""

from __future__ import annotations

from compliance.answers import phrases
from compliance.answers.counts import Counts, total
from compliance.answers.heat_views import DOMAINS, Down, Matrix
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
    if not any(counts.judged for counts in rows):
        is_exempt = bool(rows) and not any(counts.no_data for counts in rows)
        return words("heatmap.headline_exempt" if is_exempt else "heatmap.headline_none", n=len(rows), level=level)
    said = words("heatmap.headline", n=len(rows), level=level, all=sum(counts.is_earned for counts in rows))
    rated = [(rate, column, counts) for column, counts in across if (rate := counts.comparable) is not None]
    whole = total(rows)
    if whole.is_unsure:
        return said + words("heatmap.unsure", missing=words.percent(whole.missing_share))
    rate, column, counts = min(rated, key=lambda each: each[0])
    return said + words("heatmap.weakest", column=column.label, rate=words.percent(rate), parts=counts.met_of_judged) if whole.unmet else said
