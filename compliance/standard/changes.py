"""What differs between two versions of the standard, row by row. Pure; change_words.py puts it in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from compliance.standard import formula
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Is, Standard, Test, Title
from compliance.standard.formula import Expression

What = Literal["standard", "level", "pillar", "domain", "indicator", "criterion", "group", "metric", "parameter", "attribute"]
Fact = Title | str | float | None
Key = tuple[What, str]

# A difference here can turn a status or a score; titles, notes and texts cannot.
JUDGING = frozenset({"level", "weight", "domain", "value", "limit", "every", "baseline", "group", "unit", "kind"})


@dataclass(frozen=True)
class Change:
    """One difference. id: of an indicator its code, of a criterion or any_of `code / id`; field "": the whole thing, added (old None) or removed (new None)."""

    what: What
    id: str
    field: str
    old: Fact
    new: Fact

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        if self.field:
            return "changed"
        return "added" if self.old is None else "removed"

    @property
    def can_turn(self) -> bool:
        """Whether verdicts may differ because of it."""
        return (not self.field and self.what in ("indicator", "criterion")) or self.field in JUDGING


def between(old: Standard, new: Standard) -> tuple[Change, ...]:
    """Every difference: what is removed, in the old order, then what is changed or added, in the new one."""
    before, after = dict(_things(old)), dict(_things(new))
    rows = [Change(*key, "", before[key]["title"], None) for key in before if key not in after]
    for key, facts in after.items():
        if key not in before:
            rows.append(Change(*key, "", None, facts["title"]))
            continue
        rows += [Change(*key, field, before[key][field], fact) for field, fact in facts.items() if before[key][field] != fact]
    return tuple(rows)


def _things(standard: Standard) -> Iterator[tuple[Key, Mapping[str, Fact]]]:
    # One standard has one title, whatever its id.
    yield ("standard", ""), {"title": standard.title, "id": standard.id, "period": standard.frequency}
    for level in standard.levels:
        yield ("level", level.id), {"title": level.title, "parent": level.parent}
    for pillar in standard.pillars:
        yield ("pillar", pillar.id), {"title": pillar.title}
        for domain in pillar.domains:
            yield ("domain", domain.id), {"title": domain.title, "badge": domain.badge, "pillar": pillar.id}
    yield from _indicators(standard)
    for metric in standard.metrics:
        yield (
            ("metric", metric.id),
            {
                "title": metric.title, "level": metric.level, "unit": metric.unit, "kind": metric.kind, "low": metric.low, "high": metric.high,
                "part_of": metric.part_of, "counter": metric.counter, "note": metric.note,
            },
        )  # fmt: skip
    for parameter in standard.parameters:
        yield ("parameter", parameter.id), {"title": parameter.title, "unit": parameter.unit, "note": parameter.note}
    for attribute in standard.attributes:
        yield ("attribute", attribute.id), {"title": attribute.title}


def _indicators(standard: Standard) -> Iterator[tuple[Key, Mapping[str, Fact]]]:
    for indicator in standard.indicators:
        yield (
            ("indicator", indicator.code),
            {
                "title": indicator.title, "text": indicator.text, "level": indicator.level, "domain": standard.domain_of[indicator.code].id,
                "owner": indicator.owner, "weight": indicator.weight, "note": indicator.note,
            },
        )  # fmt: skip
        for criterion, group in indicator.leaves():
            yield ("criterion", f"{indicator.code} / {criterion.id}"), _criterion(criterion, group)
        for clause in indicator.criteria:
            if isinstance(clause, AnyOf):
                yield ("group", f"{indicator.code} / {clause.id}"), {"title": clause.title if clause.title else clause.id, "note": clause.note}


def _criterion(criterion: Criterion, group: AnyOf | None) -> Mapping[str, Fact]:
    return {
        "title": criterion.title if criterion.title else criterion.id, "value": text_of(criterion.value), "limit": limit_of(criterion.test),
        "every": criterion.every, "baseline": criterion.baseline, "group": group.id if group else None, "note": criterion.note,
    }  # fmt: skip


def limit_of(test: Test) -> str:
    """As in indicators.yaml: `at_least: 90`, `between: [3, 9]`."""
    match test:
        case AtLeast(limit):
            return f"at_least: {text_of(limit)}"
        case AtMost(limit):
            return f"at_most: {text_of(limit)}"
        case Between(low, high):
            return f"between: [{text_of(low)}, {text_of(high)}]"
        case Is(yes):
            return "is: yes" if yes else "is: no"


def text_of(expression: Expression) -> str:
    """A formula with the names of the file."""
    return formula.readable(expression, lambda name: name, "previous({name})")
