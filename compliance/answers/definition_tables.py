"""The standard as tables to take away: a row a criterion, a row a figure. Pure; kept, so never edit them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from compliance.answers import clause_words, phrases
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Pillar, Standard, names_of
from compliance.texts import Words


@lru_cache(maxsize=4)
def criteria(words: Words, standard: Standard) -> pd.DataFrame:
    """The whole standard, one row a criterion (groups before their members), headed in words."""
    rows = [
        _row(words, standard, pillar, domain, indicator, criterion, member)
        for pillar in standard.pillars
        for domain in pillar.domains
        for indicator in domain.indicators
        for criterion, member in indicator.parts()
    ]
    return pd.DataFrame(rows)


def _row(
    words: Words, standard: Standard, pillar: Pillar, domain: Domain, indicator: Indicator, criterion: Criterion | AnyOf, member: bool
) -> dict[str, object]:
    formula, required, window = _asked(words, standard, criterion)
    said = {
        "required.column_pillar": words.title(pillar.title),
        "overview.column_domain": words.title(domain.title),
        "overview.column_code": indicator.code,
        "overview.column_indicator": words.title(indicator.title),
        "required.column_level": words.title(standard.level_by_id[indicator.level].title),
        "required.column_text": indicator.text,
        "overview.column_owner": words.title(indicator.owner) if indicator.owner else "",
        "required.column_weight": indicator.weight,
        "required.column_criterion_id": criterion.id,
        "community.column_clause": phrases.clause_title(words, standard, criterion),
        "required.column_member": words("app.yes") if member else "",
        "required.column_formula": formula,
        "required.column_requirement": required,
        "required.column_window": window,
        "required.column_metrics": " ".join(_names(criterion)),
        "required.column_note": " ".join(words.title(note) for note in (indicator.note, criterion.note) if note),
    }
    return {words(key): value for key, value in said.items()}


def _asked(words: Words, standard: Standard, criterion: Criterion | AnyOf) -> tuple[str, str, str]:
    """Formula, limit and window in words."""
    if isinstance(criterion, AnyOf):
        return "", words("community.any_of"), ""
    written = phrases.expression(words, standard, criterion.value)
    return written, clause_words.requirement(words, standard, criterion), clause_words.window(words, standard, criterion)


def _names(criterion: Criterion | AnyOf) -> Iterable[str]:
    return () if isinstance(criterion, AnyOf) else names_of(criterion)


@lru_cache(maxsize=4)
def figures(words: Words, standard: Standard) -> pd.DataFrame:
    """Every figure that must be reported, and every one from outside."""
    rows = [
        (
            metric.id, words.title(metric.title), words.title(standard.level_by_id[metric.level].title), clause_words.unit_name(words, metric.unit),
            clause_words.kind_name(words, metric), clause_words.sane_range(words, metric),
        )
        for metric in standard.metrics
    ]  # fmt: skip
    outside = words("required.kind_parameter")
    rows += [(each.id, words.title(each.title), "", clause_words.unit_name(words, each.unit), outside, "") for each in standard.parameters]
    keys = (
        "required.column_figure_id",
        "required.column_figure",
        "required.column_level",
        "required.column_unit",
        "required.column_kind",
        "required.column_range",
    )
    return pd.DataFrame(rows, columns=[words(key) for key in keys])
