"""What must hold between the parts of a standard: names that exist, levels that fit, flows where a lower bound stays one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from compliance.errors import Problem, closest
from compliance.standard import formula
from compliance.standard.definitions import AtLeast, AtMost, Between, Criterion, Indicator, Is, Metric, Standard, Test, expressions_of, limits_of, names_of
from compliance.standard.fields import RESERVED
from compliance.standard.formula import Binary, Expression, Extreme, Name, Negated, Number, Previous
from compliance.standard.spelling import KEY_SPELLINGS, RESERVED_ATTRIBUTES, folded

Fault = tuple[str, dict[str, object]]


def check(standard: Standard, names_are_whole: bool) -> list[Problem]:
    """Every problem that no single field can show. Where a list could not be read, the names in it are unknown, and no name is called wrong."""
    found = [*_duplicates(standard), *_metrics(standard)]
    ids = [*(level.id for level in standard.levels), *(metric.id for metric in standard.metrics), *(parameter.id for parameter in standard.parameters)]
    if names_are_whole and standard.levels and standard.metrics and all(ids):
        found.extend(_levels(standard))
        found.extend(_names(standard))
        for indicator in standard.indicators:
            found.extend(_indicator(standard, indicator))
    # An id given twice shows again in the titles.
    return found or [*_titles(standard), *_columns(standard)]


def _duplicates(standard: Standard) -> Iterator[Problem]:
    yield from _repeated("definitions.duplicate_level", ((level.id, level.line) for level in standard.levels))
    yield from _repeated("definitions.duplicate_pillar", ((pillar.id, pillar.line) for pillar in standard.pillars))
    yield from _repeated("definitions.duplicate_domain", ((domain.id, domain.line) for domain in standard.domains))
    yield from _repeated("definitions.duplicate_indicator", ((indicator.code, indicator.line) for indicator in standard.indicators))
    yield from _repeated("definitions.duplicate_metric", ((metric.id, metric.line) for metric in standard.metrics))
    yield from _repeated("definitions.duplicate_parameter", ((parameter.id, parameter.line) for parameter in standard.parameters))
    yield from _repeated("definitions.duplicate_attribute", ((attribute.id, attribute.line) for attribute in standard.attributes))
    metrics = {folded(metric.id): metric for metric in standard.metrics if metric.id}
    for parameter in standard.parameters:
        if clash := metrics.get(folded(parameter.id)):
            yield Problem("definitions.metric_and_parameter", {"id": parameter.id, "first": clash.line}, line=parameter.line, subject=parameter.id)
    for indicator in standard.indicators:
        ids = [(criterion.id, criterion.line) for criterion in indicator.criteria]
        ids += [(leaf.id, leaf.line) for leaf, group in indicator.leaves() if group is not None]
        for problem in _repeated("definitions.duplicate_criterion", sorted(ids, key=lambda item: item[1])):
            yield replace(problem, subject=f"{indicator.code} / {problem.subject}")


def _repeated(key: str, ids: Iterable[tuple[str, int]]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for name, line in ids:
        if name and folded(name) in seen:
            yield Problem(key, {"id": name, "first": seen[folded(name)]}, line=line, subject=name)
        seen.setdefault(folded(name), line)


def _levels(standard: Standard) -> Iterator[Problem]:
    known = [level.id for level in standard.levels]
    for position, level in enumerate(standard.levels):
        if level.parent is not None and level.parent not in known[:position]:
            if position == 0:
                yield Problem("level.parent_of_first", {"parent": level.parent}, line=level.line, subject=level.id)
            else:
                yield Problem("level.parent", {"parent": level.parent, "known": ", ".join(known[:position])}, line=level.line, subject=level.id)


def _metrics(standard: Standard) -> Iterator[Problem]:
    for metric in standard.metrics:
        for key, args in _metric(metric):
            yield Problem(key, args, line=metric.line, subject=metric.id)


def _metric(metric: Metric) -> Iterator[Fault]:
    if metric.kind == "flow" and metric.low is not None and metric.low < 0:
        yield "metric.negative_flow", {"low": formula.plain_number(metric.low)}
    if metric.kind == "flow" and metric.is_yes_no:
        yield "metric.yes_no_flow", {}
    if metric.is_yes_no and (metric.low, metric.high) not in ((None, None), (0, 1)):
        yield "metric.yes_no_range", {}
    if metric.part_of is not None and metric.part_of == metric.id:
        yield "metric.part_of_itself", {}


def _names(standard: Standard) -> Iterator[Problem]:
    """The levels of metrics, and the metrics that others are part of."""
    for metric in standard.metrics:
        yield from _level_exists(standard, metric.level, metric.line, metric.id)
        if metric.part_of is not None:
            for key, args in _name_exists(standard, metric.part_of, metric.level, [other.id for other in standard.metrics_of(metric.level)]):
                yield Problem(key, args, line=metric.line, subject=metric.id)


def _level_exists(standard: Standard, level: str, line: int, subject: str) -> Iterator[Problem]:
    known = [level.id for level in standard.levels]
    if level and level not in known:
        yield Problem("definitions.level", {"level": level, "known": " | ".join(known)}, line=line, subject=subject)


def _name_exists(standard: Standard, name: str, level: str, known: list[str]) -> Iterator[Fault]:
    # Without a level no name can be told right from wrong, and a formula that was refused has been named already.
    if name in known or name == formula.UNREADABLE.id or not level:
        return
    if metric := standard.metric_by_id.get(name):
        if metric.level:
            yield "formula.other_level", {"name": name, "level": metric.level, "own": level}
    elif meant := closest(name, known):
        yield "formula.unknown_name", {"name": name, "meant": meant}
    else:
        yield "formula.undefined_name", {"name": name}


def _indicator(standard: Standard, indicator: Indicator) -> Iterator[Problem]:
    if wrong := list(_level_exists(standard, indicator.level, indicator.line, indicator.code)):
        yield from wrong
        return
    for criterion, _ in indicator.leaves():
        for key, args in _criterion(standard, indicator, criterion):
            yield Problem(key, args, line=criterion.line, subject=f"{indicator.code} / {criterion.id}")


def _criterion(standard: Standard, indicator: Indicator, criterion: Criterion) -> Iterator[Fault]:
    unknown = list(_unknown_names(standard, indicator, criterion))
    yield from unknown
    if unknown:
        return
    yield from _flows(standard, criterion)
    yield from _previous(standard, criterion)
    yield from _test(standard, criterion)


def _unknown_names(standard: Standard, indicator: Indicator, criterion: Criterion) -> Iterator[Fault]:
    known = [*(metric.id for metric in standard.metrics_of(indicator.level)), *standard.parameter_by_id]
    for name in names_of(criterion):
        yield from _name_exists(standard, name, indicator.level, known)


def _flows(standard: Standard, criterion: Criterion) -> Iterator[Fault]:
    """A missing period makes the sum of a flow a lower bound; the formula must then be one too (DESIGN §4.2)."""
    for limit in limits_of(criterion.test):
        # A sum over several periods needs a limit that the missing ones cannot move.
        for name in _flow_names(standard, limit) if criterion.window > 1 else ():
            yield "formula.flow_in_limit", {"name": name}
    misplaced = [name for part in expressions_of(criterion) for name in _misplaced_flows(standard, part)]
    for name in misplaced:
        yield "formula.flow_position", {"name": name}
    for factor in _unsafe_factors(standard, criterion.value) if not misplaced else ():
        yield "formula.flow_factor", {"factor": formula.readable(factor, str, "previous({name})")}


def _flow_names(standard: Standard, node: Expression) -> list[str]:
    metrics = standard.metric_by_id
    return [name for name in (*formula.names(node), *formula.previous_names(node)) if name in metrics and metrics[name].kind == "flow"]


def _misplaced_flows(standard: Standard, node: Expression) -> Iterator[str]:
    match node:
        case Negated(operand):
            yield from _flow_names(standard, operand)
        case Binary("-" | "/", left, right):
            yield from _misplaced_flows(standard, left)
            yield from _flow_names(standard, right)
        case _:
            for child in formula.children(node):
                yield from _misplaced_flows(standard, child)


def _unsafe_factors(standard: Standard, node: Expression) -> Iterator[Expression]:
    """Parts that multiply or divide a flow and may be negative: then a larger flow could make a smaller result."""
    if isinstance(node, Binary) and node.operator in "*/":
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if _flow_names(standard, other) and not _never_negative(standard, factor):
                yield factor
    for child in formula.children(node):
        yield from _unsafe_factors(standard, child)


def _never_negative(standard: Standard, node: Expression) -> bool:
    match node:
        case Number(value):
            return value >= 0
        case Name(id=name) | Previous(id=name):
            metric = standard.metric_by_id.get(name)
            # A parameter that stands here is refused where it is negative (inputs.scales_of_flows).
            return metric is None or not metric.unit or metric.smallest >= 0
        case Binary("+" | "*" | "/", left, right):
            return _never_negative(standard, left) and _never_negative(standard, right)
        case Extreme("max", arguments):
            return any(_never_negative(standard, argument) for argument in arguments)
        case Extreme("min", arguments):
            return all(_never_negative(standard, argument) for argument in arguments)
        case _:
            return False


def _previous(standard: Standard, criterion: Criterion) -> Iterator[Fault]:
    for expression in expressions_of(criterion):
        for name in formula.previous_names(expression):
            metric = standard.metric_by_id.get(name)
            if metric is None:
                yield "formula.previous_parameter", {"name": name}
            elif metric.kind == "flow" and criterion.window > 1:
                yield "formula.previous_flow", {"name": name}


def _test(standard: Standard, criterion: Criterion) -> Iterator[Fault]:
    if not formula.names(criterion.value) and not formula.previous_names(criterion.value):
        yield "criterion.constant_value", {}
    elif isinstance(criterion.test, Is) and not _is_yes_no(standard, criterion.value):
        yield "criterion.is_needs_yes_no", {}
    if criterion.baseline is not None:
        yield from _baseline(criterion.test, criterion.baseline)
    if isinstance(criterion.test, Between):
        low, high = formula.constant(criterion.test.low), formula.constant(criterion.test.high)
        if low is not None and high is not None and low > high:
            yield "criterion.between_order", {"low": formula.plain_number(low), "high": formula.plain_number(high)}


def _baseline(test: Test, baseline: float) -> Iterator[Fault]:
    """The baseline is where the way to the limit starts, so it lies on the failing side."""
    shown = formula.plain_number(baseline)
    match test:
        case Is():
            yield "criterion.baseline_unused", {}
        case AtLeast(limit):
            number = formula.constant(limit)
            if number is not None and baseline >= number:
                yield "criterion.baseline_above", {"baseline": shown, "limit": formula.plain_number(number)}
        case AtMost(limit):
            number = formula.constant(limit)
            if number is not None and baseline <= number:
                yield "criterion.baseline_below", {"baseline": shown, "limit": formula.plain_number(number)}
        case Between(low, high):
            ends = formula.constant(low), formula.constant(high)
            if ends[0] is not None and ends[1] is not None and ends[0] <= baseline <= ends[1]:
                yield "criterion.baseline_inside", {"baseline": shown, "low": formula.plain_number(ends[0]), "high": formula.plain_number(ends[1])}


def _is_yes_no(standard: Standard, value: Expression) -> bool:
    if value == formula.UNREADABLE:
        return True
    metric = standard.metric_by_id.get(value.id) if isinstance(value, Name) else None
    # A unit that was refused has been named already.
    return metric is not None and (metric.is_yes_no or not metric.unit)


def _titles(standard: Standard) -> Iterator[Problem]:
    """A CSV column may be headed by an id or by either title: each header must lead to one metric."""
    for definitions in (standard.metrics, standard.parameters):
        owners = {folded(definition.id): definition for definition in definitions}
        for definition in definitions:
            for title in dict.fromkeys((definition.title.zh, definition.title.en)):
                owner = owners.setdefault(folded(title), definition)
                if owner is not definition:
                    key = "definitions.title_is_id" if folded(title) == folded(owner.id) else "definitions.duplicate_title"
                    yield Problem(key, {"title": title, "id": owner.id, "first": owner.line}, line=definition.line, subject=definition.id)


def _columns(standard: Standard) -> Iterator[Problem]:
    """What a file may call a column of its own (单位, 季度, name) can name nothing else in such a file."""
    areas = {folded(word) for word in KEY_SPELLINGS["area_id"]} | {folded(title) for level in standard.levels for title in (level.title.zh, level.title.en)}
    period = {folded(word) for word in KEY_SPELLINGS["period"]}
    every = areas | {folded(word) for words in KEY_SPELLINGS.values() for word in words} | RESERVED_ATTRIBUTES
    for definitions, taken in ((standard.metrics, areas | period), (standard.parameters, period), (standard.attributes, every)):
        # An id that no formula may use has been named already.
        told = RESERVED if definitions is not standard.attributes else frozenset()
        for definition in definitions:
            for name in dict.fromkeys((definition.id, definition.title.zh, definition.title.en)):
                if folded(name) in taken and definition.id.lower() not in told:
                    yield Problem("definitions.title_is_column", {"title": name}, line=definition.line, subject=definition.id)
