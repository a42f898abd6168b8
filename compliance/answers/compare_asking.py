"""What the compare page asks: everything about a few areas beside each other. Puts questions and answers together; knows no database and no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.answers import comparing, explaining
from compliance.answers.comparing import Line, Standing
from compliance.answers.counts import Counts
from compliance.questions import compare_queries, queries
from compliance.questions.queries import Area
from compliance.standard.definitions import Domain, Metric, Standard

Ask = Callable[..., Any]  # Page.ask: a question and its arguments → the answer


@dataclass(frozen=True)
class Comparison:
    """counts: (area, domain) → counts, domain "" for all shown together; both: how many indicators all of them meet, and how many none."""

    areas: tuple[Area, ...]
    counts: Mapping[tuple[str, str], Counts]
    standings: tuple[Standing, ...]
    lines: tuple[Line, ...]
    both: tuple[int, int]


def sizes(ask: Ask, standard: Standard, level: str, period: int) -> tuple[Metric | None, Mapping[str, float]]:
    """The metric that says how large an area of the level is, and its figures; None and nothing where there is none."""
    metric = compare_queries.size_metric(standard, level)
    return metric, ask(compare_queries.sizes, level, period, metric.id) if metric else {}


def comparison(
    ask: Ask, standard: Standard, level: str, period: int, areas: Sequence[Area], group: frozenset[str] | None, domain: str | None
) -> Comparison:  # fmt: skip
    """group: the peers (None: all of the level); domain: the only one to look at."""
    ids, shown = tuple(area.id for area in areas), comparing.domains(standard, level, domain)
    matrix = ask(queries.domain_matrix, standard, level, period)
    statuses = ask(compare_queries.statuses, standard, level, period, ids)
    return Comparison(
        tuple(areas), comparing.counts_of(matrix, ids, shown), comparing.standings(matrix, group, shown),
        _lines(ask, standard, level, period, ids, group, shown, statuses), comparing.alike(shown, level, ids, statuses),
    )  # fmt: skip


def _lines(
    ask: Ask, standard: Standard, level: str, period: int, ids: tuple[str, ...], group: frozenset[str] | None, shown: Sequence[Domain],
    statuses: Mapping[str, Mapping[str, str]],
) -> tuple[Line, ...]:  # fmt: skip
    tallies = ask(queries.compliance_by_indicator, standard, level, period, group)
    found: list[Line] = []
    for domain in shown:
        differing = comparing.differing(domain.at(level), ids, statuses)
        if differing:
            criteria = ask(compare_queries.criteria, standard, level, period, ids, explaining.codes(differing))
            found += comparing.lines(differing, ids, statuses, criteria, tallies)
    return tuple(found)
