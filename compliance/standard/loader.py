"""indicators.yaml → Standard, or every problem at once with line, id, key and likely fix (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from compliance import periods
from compliance.errors import DefinitionError, Problem
from compliance.periods import Frequency
from compliance.standard import checks, formula, inputs, yaml_nodes
from compliance.standard.definitions import (
    UNITS,
    AnyOf,
    AtLeast,
    AtMost,
    Attribute,
    Between,
    Criterion,
    Domain,
    Indicator,
    Is,
    Level,
    Metric,
    Parameter,
    Pillar,
    Standard,
    Test,
    Title,
)
from compliance.standard.fields import Fields
from compliance.standard.yaml_nodes import Node

NO_TITLE = Title("", "")
CRITERION_KEYS = "id value any_of at_least at_most between is every baseline title note"
# An unreadable list or entry hides the ids in it.
HIDES_NAMES = ("fields.list", "fields.mapping")
TEST_KEYS = ("at_least", "at_most", "between", "is")
# The reports of a level stand in a table that bears its name, beside these.
LEVELS_RESERVED = frozenset({"areas", "parameters", "exemptions"})


def load(path: Path) -> Standard:
    """Read and check a definitions file; raises DefinitionError with every problem."""
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to know.
            content = file.read(yaml_nodes.MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise DefinitionError([Problem("file.missing", {"name": str(path)}, file=path.name)]) from error
    except OSError as error:
        raise DefinitionError([Problem("file.unreadable", {"name": str(path), "reason": type(error).__name__}, file=path.name)]) from error
    return read(content, path.name)


def read(content: bytes, file: str) -> Standard:
    """The same from the bytes of a file."""
    if len(content) > yaml_nodes.MAX_BYTES:
        raise DefinitionError([replace(yaml_nodes.TOO_LARGE, file=file)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DefinitionError([Problem("yaml.encoding", {}, file=file, line=line)]) from error
    return parse(text, file)


def parse(text: str, file: str = "indicators.yaml") -> Standard:
    """The same from text."""
    problems: list[Problem] = []
    root = yaml_nodes.read(text, problems)
    standard = _standard(root, problems, text) if root is not None else None
    if standard is not None:
        names_are_whole = not any(problem.key in HIDES_NAMES for problem in problems)
        problems.extend(checks.check(standard, names_are_whole))
    if problems or standard is None:
        raise DefinitionError([replace(problem, file=file) for problem in _in_line_order(problems)])
    return standard


def legible(text: str) -> Standard | None:
    """What can be read of a version that was accepted once, faults or not; None: nothing."""
    root = yaml_nodes.read(text, [])
    return _standard(root, [], text) if root is not None else None


def _in_line_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once: one name used twice in a formula is one mistake."""
    different = {(problem.line, problem.key, problem.subject, str(problem.args)): problem for problem in problems}
    return sorted(different.values(), key=lambda problem: problem.line or 0)


def _standard(root: Node, problems: list[Problem], source: str) -> Standard | None:
    top = Fields(root, "standard pillars metrics parameters attributes", problems)
    if not top.readable:
        return None
    head = top.mapping("standard", "id title period levels")
    frequency = _frequency(head.choice("period", ("quarter", "month", "year"))) if head else "month"
    standard = Standard(
        id=head.text("id") if head else "",
        title=(head.title() if head else None) or NO_TITLE,
        frequency=frequency,
        levels=tuple(_level(node, problems) for node in head.items("levels")) if head else (),
        pillars=tuple(_pillar(node, problems, frequency) for node in top.items("pillars")),
        metrics=tuple(_metric(node, problems) for node in top.items("metrics")),
        parameters=tuple(_parameter(node, problems) for node in top.items("parameters", required=False)),
        source=source,
        attributes=tuple(_attribute(node, problems) for node in top.items("attributes", required=False)),
    )
    scales = inputs.scales_of_flows(standard)
    return replace(standard, parameters=tuple(replace(each, smallest=0.0) if each.id in scales else each for each in standard.parameters))


def _frequency(word: str) -> Frequency:
    match word:
        case "quarter":
            return "quarter"
        case "year":
            return "year"
        case _:
            # Also where the word is refused: every `every` fits months, so none is blamed for it.
            return "month"


def _level(node: Node, problems: list[Problem]) -> Level:
    fields = Fields(node, "id title parent", problems, named_by="id")
    name = fields.identifier()
    if name.lower() in LEVELS_RESERVED:
        fields.fault("fields.reserved", fields.line_of("id"), key="id", value=name)
    parent = fields.text("parent", required=False) or None
    return Level(name, fields.title() or NO_TITLE, parent, fields.line)


def _metric(node: Node, problems: list[Problem]) -> Metric:
    fields = Fields(node, "id title level unit counter kind range part_of note", problems, named_by="id")
    name = fields.identifier(in_formulas=True)
    low, high = fields.numbers("range")
    if low is not None and high is not None and low >= high:
        fields.fault("metric.range_order", fields.line_of("range"), low=formula.plain_number(low), high=formula.plain_number(high))
    kind = fields.choice("kind", ("stock", "flow"))
    return Metric(
        id=name,
        title=fields.title() or NO_TITLE,
        level=fields.text("level"),
        unit=fields.choice("unit", UNITS),
        kind="flow" if kind == "flow" else "stock",
        low=low,
        high=high,
        part_of=fields.text("part_of", required=False) or None,
        counter=fields.title("counter", required=False),
        line=fields.line,
        note=fields.title("note", required=False),
    )


def _parameter(node: Node, problems: list[Problem]) -> Parameter:
    fields = Fields(node, "id title unit note", problems, named_by="id")
    name = fields.identifier(in_formulas=True)
    return Parameter(name, fields.title() or NO_TITLE, fields.choice("unit", UNITS), fields.line, fields.title("note", required=False))


def _attribute(node: Node, problems: list[Problem]) -> Attribute:
    fields = Fields(node, "id title", problems, named_by="id")
    return Attribute(fields.text("id", one_line=True), fields.title() or NO_TITLE, fields.line)


def _pillar(node: Node, problems: list[Problem], frequency: Frequency) -> Pillar:
    fields = Fields(node, "id title domains", problems, named_by="id")
    name = fields.identifier()
    domains = tuple(_domain(item, problems, frequency) for item in fields.items("domains"))
    return Pillar(name, fields.title() or NO_TITLE, domains, fields.line)


def _domain(node: Node, problems: list[Problem], frequency: Frequency) -> Domain:
    fields = Fields(node, "id title badge indicators", problems, named_by="id")
    name = fields.identifier()
    indicators = tuple(_indicator(item, problems, frequency) for item in fields.items("indicators"))
    return Domain(name, fields.title() or NO_TITLE, fields.title("badge", required=False), indicators, fields.line)


def _indicator(node: Node, problems: list[Problem], frequency: Frequency) -> Indicator:
    fields = Fields(node, "code level title text owner weight note criteria", problems, named_by="code")
    code = fields.text("code", one_line=True)
    weight = fields.number("weight")
    if weight is not None and weight <= 0:
        fields.fault("indicator.weight", fields.line_of("weight"), value=formula.plain_number(weight))
    return Indicator(
        code=code,
        level=fields.text("level"),
        title=fields.title() or NO_TITLE,
        text=fields.text("text"),
        criteria=tuple(_criterion(item, problems, frequency, code) for item in fields.items("criteria")),
        owner=fields.title("owner", required=False),
        weight=1.0 if weight is None else weight,
        note=fields.title("note", required=False),
        line=fields.line,
    )


def _criterion(node: Node, problems: list[Problem], frequency: Frequency, code: str) -> Criterion | AnyOf:
    if isinstance(node, yaml_nodes.Mapping) and "any_of" in node.fields:
        return _any_of(node, problems, frequency, code)
    return _plain_criterion(node, problems, frequency, code)


def _any_of(node: Node, problems: list[Problem], frequency: Frequency, code: str) -> AnyOf:
    fields = Fields(node, "id any_of title note", problems, code, named_by="id")
    members, items = [], list(fields.items("any_of"))
    for item in items:
        if isinstance(item, yaml_nodes.Mapping) and "any_of" in item.fields:
            fields.fault("criterion.nested_any_of", item.line)
        else:
            members.append(_plain_criterion(item, problems, frequency, code))
    if len(items) == 1:
        fields.fault("criterion.any_of_one", fields.line)
    name = fields.identifier(required=False) or "_or_".join(member.id for member in members)
    return AnyOf(name, tuple(members), fields.title(required=False), fields.title("note", required=False), fields.line)


def _plain_criterion(node: Node, problems: list[Problem], frequency: Frequency, code: str) -> Criterion:
    fields = Fields(node, CRITERION_KEYS, problems, code, named_by="id")
    name = fields.identifier()
    if fields.gives("any_of"):
        # Only a misspelt one gets here; it has been named, and what a plain criterion needs is not missing.
        return Criterion(name, formula.UNREADABLE, AtLeast(formula.UNREADABLE), line=fields.line)
    every = fields.choice("every", tuple(periods.EVERY_PER_YEAR), required=False) or None
    window = periods.window(every, frequency) if every else 1
    if window is None:
        fields.fault("criterion.every_too_short", fields.line_of("every"), every=every, period=frequency)
    return Criterion(
        id=name,
        value=fields.formula("value"),
        test=_test(fields),
        window=window or 1,
        every=every,
        baseline=fields.number("baseline"),
        title=fields.title(required=False),
        note=fields.title("note", required=False),
        line=fields.line,
    )


def _test(fields: Fields) -> Test:
    given = [key for key in TEST_KEYS if fields.gives(key)]
    if not given and fields.readable:
        fields.fault("criterion.no_test", known=" | ".join(TEST_KEYS))
    if len(given) > 1:
        fields.fault("criterion.one_test", fields.line_of(given[1]), given=", ".join(given))
    match given[:1]:
        case ["at_most"]:
            return AtMost(fields.formula("at_most"))
        case ["between"]:
            return Between(*fields.formulas("between"))
        case ["is"]:
            return Is(fields.choice("is", ("yes", "no")) == "yes")
        case ["at_least"]:
            return AtLeast(fields.formula("at_least"))
        case _:
            return AtLeast(formula.UNREADABLE)
