"""Which figures a verdict looks at, and which indicators look at a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from compliance.standard import formula
from compliance.standard.definitions import Criterion, Indicator, Standard, expressions_of, limits_of
from compliance.standard.formula import Binary, Expression


def needs(standard: Standard, criterion: Criterion) -> tuple[tuple[str, int], ...]:
    """Every figure the criterion looks at: its name, and how many periods before the judged one. The oldest of a window first."""
    found: dict[tuple[str, int], None] = {}
    for name in formula.names(criterion.value):
        found |= dict.fromkeys((name, lag) for lag in reversed(range(criterion.window if _is_flow(standard, name) else 1)))
    found |= dict.fromkeys((name, 0) for bound in limits_of(criterion.test) for name in formula.names(bound))
    found |= dict.fromkeys((name, 1) for part in expressions_of(criterion) for name in formula.previous_names(part))
    return tuple(found)


def undecided(indicator: Indicator, unknown: Collection[str]) -> tuple[Criterion, ...]:
    """The criteria that keep an indicator from being judged, from the ids of those (groups among them) that lack a verdict.

    A member of a group that has its verdict keeps nothing open: one way to meet the group is enough."""
    return tuple(leaf for leaf, group in indicator.leaves() if leaf.id in unknown and (group is None or group.id in unknown))


def is_summed(standard: Standard, criterion: Criterion) -> bool:
    """Whether the value adds up several periods. One that looks at the period before without adding it up does not."""
    return criterion.window > 1 and any(_is_flow(standard, name) for name in formula.names(criterion.value))


def _is_flow(standard: Standard, name: str) -> bool:
    metric = standard.metric_by_id.get(name)
    return metric is not None and metric.kind == "flow"


def scales_of_flows(standard: Standard) -> frozenset[str]:
    """Parameters that multiply or divide a flow. They are never negative: a larger flow could else make a smaller result (DESIGN §4.2)."""
    leaves = (criterion for indicator in standard.indicators for criterion, _ in indicator.leaves())
    return frozenset(name for criterion in leaves for name in _scales(standard, criterion.value))


def _scales(standard: Standard, node: Expression) -> Iterator[str]:
    if isinstance(node, Binary) and node.operator in "*/":
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if any(_is_flow(standard, name) for name in formula.names(other)):
                yield from (name for name in formula.names(factor) if name in standard.parameter_by_id)
    for child in formula.children(node):
        yield from _scales(standard, child)


def names_in(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """Every metric and parameter that the indicators look at, each once."""
    found: dict[str, None] = {}
    for indicator in indicators:
        for criterion, _ in indicator.leaves():
            for part in expressions_of(criterion):
                found |= dict.fromkeys((*formula.names(part), *formula.previous_names(part)))
    return tuple(found)


def users_of(standard: Standard, level: str) -> dict[str, tuple[Indicator, ...]]:
    """Every metric of a level → the indicators that look at it."""
    users: dict[str, list[Indicator]] = {metric.id: [] for metric in standard.metrics_of(level)}
    for indicator in standard.indicators_of(level):
        for name in names_in([indicator]):
            if name in users:
                users[name].append(indicator)
    return {name: tuple(found) for name, found in users.items()}
