"""An indicator worked out on the figures of one area, step by step: formula, figures put in, result, limit, verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance.answers import clause_words, phrases
from compliance.answers.explaining import Clause, Figure, Finding
from compliance.standard import formula, inputs
from compliance.standard.definitions import AnyOf, Standard, limits_of
from compliance.standard.formula import Binary, Expression, Extreme, Name, Negated, Number, Previous
from compliance.texts import Words


@dataclass(frozen=True)
class Step:
    """One criterion. formula and figures are blank where a reported figure is the value itself, limit where the limit is a plain number."""

    title: str
    formula: str
    figures: str
    value: str
    requirement: str
    limit: str
    gap: str
    status: str
    is_member: bool


def steps(words: Words, standard: Standard, finding: Finding) -> tuple[Step, ...]:
    return tuple(_step(words, standard, clause) for clause in finding.clauses)


def tally(words: Words, finding: Finding) -> str:
    """What the criteria come to together: 3 个条件：2 个达标，1 个未达标."""
    statuses = [clause.status for clause in finding.clauses if not clause.member]
    unmet = statuses.count("unmet") + statuses.count("near")
    return words("required.tally", n=len(statuses), met=statuses.count("met"), unmet=unmet, no_data=statuses.count("no_data"))


def _step(words: Words, standard: Standard, clause: Clause) -> Step:
    criterion = clause.criterion
    title = phrases.clause_title(words, standard, criterion)
    if isinstance(criterion, AnyOf):
        return Step(title, "", "", "", words("community.any_of"), "", "", clause.status, False)
    unit = phrases.unit(standard, criterion.value)
    figures = {(figure.name, figure.period): figure for figure in clause.figures}
    gap = phrases.gap(words, standard, criterion, clause.value, clause.gap) if clause.gap else ""
    written = "" if phrases.is_name(criterion) and not inputs.is_summed(standard, criterion) else phrases.expression(words, standard, criterion.value)
    filled = _filled(words, criterion.value, clause, figures, is_summed=inputs.is_summed(standard, criterion)) if written else ""
    limits = [_filled(words, bound, clause, figures, is_summed=False) for bound in limits_of(criterion.test) if not isinstance(bound, Number)]
    value = phrases.amount(words, clause.value, unit, clause.threshold)
    return Step(
        title,
        written,
        filled,
        value,
        clause_words.requirement(words, standard, criterion, clause.threshold),
        words("app.list").join(limits),
        gap,
        clause.status,
        clause.member,
    )


def _filled(words: Words, node: Expression, clause: Clause, figures: Mapping[tuple[str, int], Figure], *, is_summed: bool) -> str:
    """The formula with the reported figures in the place of the names; what is summed over a window is written out."""
    period = max((figure.period for figure in clause.figures), default=0)
    by_name: dict[str, list[Figure]] = {}
    for figure in figures.values():
        by_name.setdefault(figure.name, []).append(figure)

    def number(place: str) -> str:
        kind, name = place.split(" ", 1)
        if kind == "previous":
            return _value(words, figures.get((name, period - 1)))
        every = by_name.get(name, [])
        if is_summed and len(every) > 1:
            return "(" + " + ".join(_value(words, figure) for figure in every) + ")"
        return _value(words, figures.get((name, period), every[0] if every else None))

    return formula.readable(_told_apart(node), number, "{name}")


def _value(words: Words, figure: Figure | None) -> str:
    return words("required.unreported") if figure is None or figure.value is None else words.number(figure.value)


def _told_apart(node: Expression) -> Expression:
    """The tree with names that tell a metric from the same metric of the period before."""
    match node:
        case Name(id=name):
            return Name(f"current {name}")
        case Previous(id=name):
            return Name(f"previous {name}")
        case Negated(operand):
            return Negated(_told_apart(operand))
        case Binary(operator, left, right):
            return Binary(operator, _told_apart(left), _told_apart(right))
        case Extreme(function, arguments):
            return Extreme(function, _all(arguments))
        case Number():
            return node


def _all(nodes: Sequence[Expression]) -> tuple[Expression, ...]:
    return tuple(_told_apart(node) for node in nodes)
