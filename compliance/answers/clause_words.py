"""What a criterion and a metric ask for, in words a reader of the standard knows. Pure."""

from __future__ import annotations

from compliance.answers import phrases
from compliance.standard import inputs
from compliance.standard.definitions import AtLeast, AtMost, Between, Criterion, Is, Metric, Parameter, Standard, limits_of
from compliance.standard.formula import Expression, Number
from compliance.texts import Words


def requirement(words: Words, standard: Standard, criterion: Criterion, threshold: float | None = None) -> str:
    """The limit in words: 不低于 90%, 在 3 到 9 之间（含两端）, 应为“是”. threshold: what a limit that is a formula comes to."""
    unit = phrases.unit(standard, criterion.value)

    def bound(node: Expression) -> str:
        if isinstance(node, Number):
            return phrases.amount(words, node.value, unit)
        text = phrases.expression(words, standard, node)
        return text if threshold is None else words("app.comes_to", formula=text, n=phrases.amount(words, threshold, unit))

    match criterion.test:
        case Is(yes):
            return words("required.is", answer=words("app.yes" if yes else "app.no"))
        case AtLeast(limit):
            return words("required.at_least", limit=bound(limit))
        case AtMost(limit):
            return words("required.at_most", limit=bound(limit))
        case Between(low, high):
            first = words.number(low.value) if isinstance(low, Number) else bound(low)
            return words("required.between", low=first, high=bound(high))


def limit_of_area(words: Words, standard: Standard, criterion: Criterion, threshold: float) -> str:
    """The limit of one area, as short as can be: of a formula only what it comes to there."""
    if all(isinstance(limit, Number) for limit in limits_of(criterion.test)):
        return phrases.limit(words, standard, criterion, threshold)
    figure = phrases.amount(words, threshold, phrases.unit(standard, criterion.value))
    match criterion.test:
        case AtLeast():
            return f"≥ {figure}"
        case AtMost():
            return f"≤ {figure}"
        case _:
            return figure


def window(words: Words, standard: Standard, criterion: Criterion) -> str:
    """Which periods count: 本期, 最近 4 期合计."""
    if inputs.is_summed(standard, criterion):
        return words("required.window_sum", n=criterion.window)
    return words("required.window_end") if criterion.window > 1 else words("required.window_one")


def unit_name(words: Words, unit: str) -> str:
    """A unit by itself: %, 户, 是/否."""
    if unit == "yes_no":
        return words("required.yes_or_no", a=words("app.yes"), b=words("app.no"))
    if unit in phrases.UNITS_WITHOUT_WORD:
        return words(f"required.unit.{unit}")
    return words(f"app.unit.{unit}", n="").strip()


def kind_name(words: Words, metric: Metric) -> str:
    return words(f"required.kind_{metric.kind}")


def sane_range(words: Words, metric: Metric) -> str:
    """What a cell may hold; nothing where anything may stand."""
    if metric.is_yes_no:
        return ""
    low, high = metric.smallest, metric.largest
    if low == float("-inf") and high == float("inf"):
        return words("required.any_figure")
    if high == float("inf"):
        return words("required.from", low=words.number(low))
    if low == float("-inf"):
        return words("required.up_to", high=words.number(high))
    return f"{words.number(low)} – {words.number(high)}"


def used_figures(standard: Standard, names: tuple[str, ...]) -> tuple[tuple[Metric, ...], tuple[Parameter, ...]]:
    """The metrics and the parameters among some names."""
    metrics = tuple(standard.metric_by_id[name] for name in names if name in standard.metric_by_id)
    return metrics, tuple(standard.parameter_by_id[name] for name in names if name in standard.parameter_by_id)
