"""Definitions and figures in words: a limit, a gap, a value with its unit, a period. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from compliance import periods
from compliance.standard import formula
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Indicator, Is, Standard, Title, limits_of
from compliance.standard.formula import Binary, Expression, Name, Number, Previous
from compliance.texts import Words

# A share is written 100 * part / whole (1000 * for ‰): its unit follows from the factor.
SHARE_UNITS = {100.0: "percent", 1000.0: "permille"}
UNITS_WITHOUT_WORD = frozenset({"count", "index", "rate", "ratio", "other"})

DOT = " · "
UNFIT = re.compile(r'[\\/:*?"<>|\s]+')  # for names of files
LONGEST_COLUMN_CODE = 6


def period(words: Words, standard: Standard, ordinal: int) -> str:
    """2025年第3季度, 2025 Q3."""
    label = periods.label(ordinal, standard.frequency)
    part = label[4:].lstrip("Q-")
    return words(f"app.period.{standard.frequency}", year=label[:4], part=part if words.language == "en" else part.lstrip("0"))


def since(words: Words, standard: Standard, first: int, is_known: bool, now: int) -> str:
    """Since when something has been unmet, and for how many periods: 2025Q1 起 · 3 期. is_known: whether it is known to begin there."""
    return words("gaps.since" if is_known else "gaps.since_at_least", p=periods.label(first, standard.frequency), n=now - first + 1)


def beginning(words: Words, standard: Standard, first: int, is_known: bool) -> str:
    """The same in a table's cell: 2025Q1, 至少 2025Q1."""
    label = periods.label(first, standard.frequency)
    return label if is_known else words("gaps.at_least", p=label)


def day(words: Words, at: date) -> str:
    """2026年10月20日, 2026-10-20."""
    return words(
        "then.day", year=at.year, month=f"{at.month:02}" if words.language == "en" else at.month, day=f"{at.day:02}" if words.language == "en" else at.day
    )


def file_name(words: Words, names: Sequence[str], period: str, version: int, newest: datetime | None) -> str:
    """What a table is called that is taken away: a CSV file says nowhere else what it is of, by which version of the standard it was judged, and on what data."""
    facts = (period, words("app.file_version", n=version), words("app.file_data", day=f"{newest:%Y%m%d}") if newest else "")
    return "_".join((*(UNFIT.sub("-", name) for name in names), *(fact for fact in facts if fact)))


def judged_by(words: Words, version: int, at: date | None) -> list[str]:
    """Which version of the standard gave the verdicts; and as of which day, where it is not the present."""
    return [words("app.standard_version", n=version), *([words("then.as_of", day=day(words, at))] if at else [])]


def level_title(words: Words, standard: Standard) -> Callable[[str], str]:
    """Level → what it is called: for controls."""
    return lambda level: words.title(standard.level_by_id[level].title)


def name_title(words: Words, standard: Standard, name: str) -> str:
    return words.title((standard.metric_by_id.get(name) or standard.parameter_by_id[name]).title)


def expression(words: Words, standard: Standard, node: Expression) -> str:
    return formula.readable(node, lambda name: name_title(words, standard, name), words("app.previous", name="{name}"))


def unit(standard: Standard, node: Expression) -> str:
    """The unit of a formula's result, as far as it follows from the formula; "other" where it does not."""
    match node:
        case Name(id=name) | Previous(id=name):
            return (standard.metric_by_id.get(name) or standard.parameter_by_id[name]).unit
        case Binary("/", Binary("*", Number(factor), _), _) if factor in SHARE_UNITS:
            return SHARE_UNITS[factor]
        case Binary("+" | "-", left, right) if unit(standard, left) == unit(standard, right):
            return unit(standard, left)
        case _:
            return "other"


def amount(words: Words, figure: float | None, unit_id: str, against: float | None = None) -> str:
    """A figure with its unit: 88.6%, 12 户, 是. `against` is a limit that it must not seem to reach by rounding."""
    if figure is None or not math.isfinite(figure):
        return words.number(None)
    if unit_id == "yes_no":
        return words("app.yes" if figure else "app.no")
    number = words.number(_rounded(figure, against))
    return number if unit_id in UNITS_WITHOUT_WORD else words(f"app.unit.{unit_id}", n=number)


def exact(words: Words, figure: float | None, unit_id: str) -> str:
    """A figure with its unit, not shortened to two decimals: 89.9999%."""
    return amount(words, figure, unit_id, None if figure is None else round(figure, 2))


def _rounded(figure: float, against: float | None = None) -> float:
    """To two decimals, as long as that does not make it another figure: 0 or the limit."""
    short = round(figure, 2)
    return figure if short in (0, against) else short


def distance(words: Words, figure: float, unit_id: str) -> str:
    """A difference of two figures: percentages differ by percentage points."""
    return words(f"app.distance.{unit_id}", n=words.number(_rounded(figure))) if unit_id in SHARE_UNITS.values() else amount(words, figure, unit_id)


def clause_title(words: Words, standard: Standard, criterion: Criterion | AnyOf) -> str:
    """Its own title, else that of the metric it looks at, else its formula."""
    if criterion.title is not None:
        return words.title(criterion.title)
    if isinstance(criterion, AnyOf):
        return words("community.any_of")
    return expression(words, standard, criterion.value)


def limit(words: Words, standard: Standard, criterion: Criterion, threshold: float | None) -> str:
    """≥ 90%, ≤ 0, 3–9, 是; a limit that is a formula is written out with the figure it comes to."""
    unit_id = unit(standard, criterion.value)
    match criterion.test:
        case Is(yes):
            return words("app.yes" if yes else "app.no")
        case AtLeast(bound):
            return f"≥ {_bound(words, standard, bound, unit_id, threshold)}"
        case AtMost(bound):
            return f"≤ {_bound(words, standard, bound, unit_id, threshold)}"
        case Between(low, high):
            first = words.number(low.value) if isinstance(low, Number) else expression(words, standard, low)
            return f"{first}–{_bound(words, standard, high, unit_id, None)}"


def _bound(words: Words, standard: Standard, node: Expression, unit_id: str, threshold: float | None) -> str:
    if isinstance(node, Number):
        return amount(words, node.value, unit_id)
    text = expression(words, standard, node)
    return text if threshold is None or not math.isfinite(threshold) else words("app.comes_to", formula=text, n=amount(words, threshold, unit_id))


def counter(standard: Standard, node: Expression) -> Title | None:
    """What a formula counts, where it counts one kind of thing."""
    match node:
        case Name(id=name) if name in standard.metric_by_id:
            return standard.metric_by_id[name].counter
        case Binary("+" | "-", left, right):
            found = counter(standard, left)
            return found if found == counter(standard, right) else None
        case _:
            return None


def counted(words: Words, counter: Title, figure: float) -> str:
    """1 轮, 3 cases: one and many are told apart where the title does, as in case/cases."""
    one, _, many = words.title(counter).partition("/")
    return words("app.counted", n=words.number(_rounded(figure)), counter=many if many and figure != 1 else one)


def gap(words: Words, standard: Standard, criterion: Criterion, value: float | None, figure: float) -> str:
    """What is still to go: 还差 1.4 个百分点, 超 3 起."""
    if isinstance(criterion.test, Is):
        return words("community.gap_yes" if criterion.test.yes else "community.gap_no")
    thing = counter(standard, criterion.value)
    how_much = counted(words, thing, figure) if thing else distance(words, figure, unit(standard, criterion.value))
    return words("community.gap_over" if _is_over(criterion, value) else "community.gap_short", n=how_much)


def _is_over(criterion: Criterion, value: float | None) -> bool:
    match criterion.test:
        case AtMost():
            return True
        case Between(low=Number(low)) if value is not None:
            return value >= low
        case _:
            return False


def is_name(criterion: Criterion) -> bool:
    return isinstance(criterion.value, Name)


def is_plain(criterion: Criterion) -> bool:
    """Whether the value is one reported figure of the period itself, with nothing to compute."""
    return isinstance(criterion.value, Name) and criterion.window == 1 and all(isinstance(bound, Number) for bound in limits_of(criterion.test))


def has_short_code(indicator: Indicator) -> bool:
    """Whether a code fits a column of its own; a long one stands under the title."""
    return len(indicator.code) <= LONGEST_COLUMN_CODE


def short_name(words: Words, indicator: Indicator) -> str:
    """2.5 建筑整洁与楼道亮灯; the title alone where the code is long, or is all there is for a title."""
    title = words.title(indicator.title)
    return f"{indicator.code} {title}" if has_short_code(indicator) and title != indicator.code else title
