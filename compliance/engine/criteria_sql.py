"""Criteria → SQL: the figures they look at, whether they are met, and how far they are from it (DESIGN §4.2, §4.5, ADR 3). Pure text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compliance.engine.schema import metrics_table, quote
from compliance.standard import formula
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Domain, Indicator, Is, Standard, expressions_of, limits_of
from compliance.standard.formula import Expression, Name, Number, Previous, constant, render_sql, sql_number

# Relative to the limit's size, so that 0.1 + 0.2 does not miss 0.3; the floor swallows only the noise of arithmetic around zero.
TOLERANCE, SMALLEST_SCALE = 1e-9, 1e-3


@dataclass(frozen=True)
class CriterionSql:
    """The SQL expressions of one criterion over the figures step. shortfall is NULL-free only where met is false."""

    value: str
    met: str
    shortfall_attainment: str | None
    """Attainment where the criterion is unmet; None when it is always 0."""
    complete: str | None
    """Whether every period of the window is reported; None when there is no window of flows."""


@dataclass(frozen=True)
class Figures:
    """What the criteria of one level look at; with `codes`, only those indicators (a page that shows one domain need not plan the rest)."""

    standard: Standard
    level: str
    codes: frozenset[str] | None = None

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(i for i in self.standard.indicators_of(self.level) if self.codes is None or i.code in self.codes)

    @cached_property
    def domains(self) -> tuple[Domain, ...]:
        return self.standard.domains_of(self.level)

    @cached_property
    def leaves(self) -> tuple[tuple[Indicator, Criterion], ...]:
        return tuple((indicator, criterion) for indicator in self.indicators for criterion, _ in indicator.leaves())

    # -- figures ------------------------------------------------------------------------------------------------

    @cached_property
    def windowed(self) -> dict[int, tuple[str, ...]]:
        """Window length → the flow metrics that are summed over it."""
        found: dict[int, dict[str, None]] = {}
        for _, criterion in self.leaves:
            if criterion.window > 1:
                for name in formula.names(criterion.value):
                    if self._is_flow(name):
                        found.setdefault(criterion.window, {})[name] = None
        return {window: tuple(names) for window, names in sorted(found.items())}

    @cached_property
    def previous(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, criterion in self.leaves for part in expressions_of(criterion) for name in formula.previous_names(part)))

    @cached_property
    def reach(self) -> int:
        """How many periods before the judged one a verdict can depend on."""
        return max([window - 1 for window in self.windowed] + [1 if self.previous else 0], default=0)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Metrics and parameters that are looked at in the judged period itself."""
        parts = [part for _, criterion in self.leaves for part in expressions_of(criterion)]
        return tuple(dict.fromkeys(name for part in parts for name in formula.names(part)))

    def _is_flow(self, name: str) -> bool:
        metric = self.standard.metric_by_id.get(name)
        return metric is not None and metric.kind == "flow"

    def figures_sql(self, where: str) -> str:
        """One row per area and period with everything a criterion looks at; `where` filters metrics rows as m."""
        reported = self._reported_sql(where)
        if not self.worked_out:
            return reported
        return f"SELECT *, {', '.join(f'{sql} AS {name}' for sql, name in self.worked_out.items())}\nFROM (\n{reported}\n)"

    @cached_property
    def worked_out(self) -> dict[str, str]:
        """SQL of every formula that is more than a name or a number → the column it is worked out in, once, however often it is looked at."""
        texts: dict[str, None] = {}
        for _, criterion in self.leaves:
            texts |= dict.fromkeys(self._sql(part, window) for part, window in _parts(criterion) if not formula.is_plain(part))
        return {text: quote(f"formula {position}") for position, text in enumerate(texts)}

    def _reported_sql(self, where: str) -> str:
        """The metrics of the period and of those before it, and the parameters."""
        joins = [f"FROM {metrics_table(self.level)} AS m"]
        metrics, parameters = self.standard.metric_by_id, self.standard.parameter_by_id
        columns = ["m.area_id", "m.period", *(f"m.{quote(name)}" for name in self.names if name in metrics)]
        lags = max([window - 1 for window in self.windowed], default=0)
        for lag in range(1, max(lags, 1 if self.previous else 0) + 1):
            joins.append(f"LEFT JOIN {metrics_table(self.level)} AS m{lag} ON m{lag}.area_id = m.area_id AND m{lag}.period = m.period - {lag}")
        for window, names in self.windowed.items():
            columns += [column for name in names for column in window_columns_sql(name, window)]
        columns += [f"m1.{quote(name)} AS {previous_column(name)}" for name in self.previous]
        columns += [f"p.{quote(name)}" for name in self.names if name in parameters]
        joins.append("LEFT JOIN parameters AS p ON p.period = m.period")
        return f"SELECT {', '.join(columns)}\n" + "\n".join(joins) + f"\nWHERE {where}"

    # -- criteria -----------------------------------------------------------------------------------------------

    def criterion_sql(self, criterion: Criterion) -> CriterionSql:
        value, *limits = (self._looked_at(part, window) for part, window in _parts(criterion))
        partial = [name for name in formula.names(criterion.value) if criterion.window > 1 and self._is_flow(name)]
        complete = " AND ".join(complete_column(name, criterion.window) for name in partial) or None
        return CriterionSql(value, met_sql(criterion, value, tuple(limits), complete), shortfall_sql(criterion, value, tuple(limits)), complete)

    def limit_sql(self, limit: Expression) -> str:
        return self._looked_at(limit, 1)

    def _looked_at(self, node: Expression, window: int) -> str:
        text = self._sql(node, window)
        return self.worked_out.get(text, text)

    def _sql(self, node: Expression, window: int) -> str:
        return render_sql(node, lambda name: self._figure(name, window))

    def _figure(self, node: Name | Previous, window: int) -> str:
        if isinstance(node, Previous):
            return previous_column(node.id)
        if window > 1 and self._is_flow(node.id):
            return window_column(node.id, window)
        return quote(node.id)


def _parts(criterion: Criterion) -> Iterator[tuple[Expression, int]]:
    """The value and the limits, each with the window it looks at: a limit is of the period itself."""
    yield criterion.value, criterion.window
    yield from ((limit, 1) for limit in limits_of(criterion.test))


def window_column(name: str, window: int) -> str:
    return quote(f"sum{window} {name}")


def complete_column(name: str, window: int) -> str:
    return quote(f"complete{window} {name}")


def previous_column(name: str) -> str:
    return quote(f"previous {name}")


def window_columns_sql(name: str, window: int) -> tuple[str, str]:
    """The sum on hand (NULL when nothing is reported, or it is not finite) and whether every period of the window is reported."""
    cells = [f"{alias}.{quote(name)}" for alias in ("m", *(f"m{lag}" for lag in range(1, window)))]
    total = " + ".join(f"coalesce({cell}, 0)" for cell in cells)
    complete = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
    is_any = " OR ".join(f"{cell} IS NOT NULL" for cell in cells)
    return (
        # Large figures add up to infinity, and infinity passes every "at least".
        f"CASE WHEN ({is_any}) AND isfinite({total}) THEN {total} END AS {window_column(name, window)}",
        f"{complete} AS {complete_column(name, window)}",
    )


def _slack(limit: str, number: float | None, sign: int) -> str:
    """The limit moved by the tolerance, down (−1) for at_least and up (+1) for at_most."""
    if number is not None:
        return sql_number(number + sign * TOLERANCE * max(abs(number), SMALLEST_SCALE))
    return f"({limit} {'+' if sign > 0 else '-'} {TOLERANCE} * greatest(abs({limit}), {SMALLEST_SCALE}))"


def met_sql(criterion: Criterion, value: str, limits: tuple[str, ...], complete: str | None) -> str:
    """true, false or NULL. `complete` is given when value may be only a lower bound (DESIGN §4.2)."""
    numbers = [constant(limit) for limit in limits_of(criterion.test)]
    # An incomplete window turns "not yet reached" and "not yet exceeded" into "cannot tell".
    no_if_complete = f"CASE WHEN {complete} THEN false END"
    yes_if_complete = f"CASE WHEN {complete} THEN true END"
    match criterion.test:
        case Is(yes):
            return f"({value} = {1 if yes else 0})"
        case AtLeast():
            reached = f"({value} >= {_slack(limits[0], numbers[0], -1)})"
            return f"({reached} OR {no_if_complete})" if complete else reached
        case AtMost():
            kept = f"({value} <= {_slack(limits[0], numbers[0], +1)})"
            return f"({kept} AND {yes_if_complete})" if complete else kept
        case Between():
            inside = f"({value} >= {_slack(limits[0], numbers[0], -1)})"
            kept = f"({value} <= {_slack(limits[1], numbers[1], +1)})"
            met = f"({kept} AND ({inside} OR {no_if_complete}) AND {yes_if_complete})" if complete else f"({inside} AND {kept})"
            # false AND NULL is false: below the known end would be unmet although the other end is unknown (ADR 3.6).
            known = " AND ".join(f"{limit} IS NOT NULL" for limit, number in zip(limits, numbers, strict=True) if number is None)
            return f"CASE WHEN {known} THEN {met} END" if known else met


def _rising_sql(value: str, limit: str, number: float | None, baseline: float) -> str | None:
    """Attainment below an at_least limit; None when it is always 0."""
    if number is None:
        return rising_sql(value, limit, sql_number(baseline))
    return None if number <= baseline else f"greatest(({value} - {sql_number(baseline)}) / {sql_number(number - baseline)}, 0)"


def _falling_sql(value: str, limit: str, number: float | None, baseline: float | None) -> str | None:
    """Attainment above an at_most limit; None when it is always 0."""
    if number is None:
        return falling_sql(value, limit, None if baseline is None else sql_number(baseline))
    if baseline is None:
        return None if number <= 0 else f"({sql_number(number)} / {value})"
    return None if baseline <= number else f"greatest(({value} - {sql_number(baseline)}) / {sql_number(number - baseline)}, 0)"


def shortfall_sql(criterion: Criterion, value: str, limits: tuple[str, ...]) -> str | None:
    numbers = tuple(constant(limit) for limit in limits_of(criterion.test))
    rising_from, falling_from = baselines(criterion)
    match criterion.test:
        case Is():
            return None
        case AtLeast():
            return _rising_sql(value, limits[0], numbers[0], rising_from)
        case AtMost():
            return _falling_sql(value, limits[0], numbers[0], falling_from)
        case Between():
            # An end that is a formula differs from area to area, and with it whether the baseline lies on that end's side.
            low, high = numbers
            rising = _rising_sql(value, limits[0], low, rising_from) if low is not None else rising_to_range_sql(value, limits[0], sql_number(rising_from))
            is_known = high is not None or falling_from is None
            falling = _falling_sql(value, limits[1], high, falling_from) if is_known else falling_to_range_sql(value, limits[1], sql_number(falling_from or 0))
            return f"CASE WHEN {value} < {limits[0]} THEN {rising or 0} ELSE {falling or 0} END"


def rising_sql(value: str, limit: str, baseline: str) -> str:
    """Attainment below an at_least limit: from 0 at the baseline to 1 at the limit (DESIGN §4.5)."""
    return f"CASE WHEN {limit} > {baseline} THEN greatest(({value} - {baseline}) / ({limit} - {baseline}), 0) ELSE 0 END"


def falling_sql(value: str, limit: str, baseline: str | None) -> str:
    """Attainment above an at_most limit: down to 0 at the baseline, or limit / value without one."""
    if baseline is None:
        return f"CASE WHEN {limit} > 0 THEN {limit} / {value} ELSE 0 END"
    return f"CASE WHEN {limit} < {baseline} THEN greatest(({value} - {baseline}) / ({limit} - {baseline}), 0) ELSE 0 END"


def rising_to_range_sql(value: str, low: str, baseline: str) -> str:
    """Attainment below a range; a baseline that is not below it is the other end's."""
    return rising_sql(value, low, f"CASE WHEN {baseline} < {low} THEN {baseline} ELSE 0 END")


def falling_to_range_sql(value: str, high: str, baseline: str) -> str:
    """Attainment above a range; a baseline that is not above it (or is NULL) is the other end's."""
    return f"CASE WHEN {baseline} > {high} THEN {falling_sql(value, high, baseline)} ELSE {falling_sql(value, high, None)} END"


def ends(criterion: Criterion | AnyOf) -> tuple[Expression | None, Expression | None]:
    """The low and the high limit; `is` has both at 1 or 0, a group none."""
    if isinstance(criterion, AnyOf):
        return None, None
    match criterion.test:
        case Is(yes):
            return Number(float(yes)), Number(float(yes))
        case AtLeast(limit):
            return limit, None
        case AtMost(limit):
            return None, limit
        case Between(low, high):
            return low, high


def baselines(criterion: Criterion | AnyOf) -> tuple[float, float | None]:
    """Where attainment is 0: below an at_least limit, and above an at_most limit (None: there it is limit / value).

    Of a range whose end is a formula: the baseline that may be that end's."""
    baseline = None if isinstance(criterion, AnyOf) else criterion.baseline
    if baseline is None or isinstance(criterion, AnyOf):
        return 0.0, None
    match criterion.test:
        case AtMost():
            return 0.0, baseline
        case Between(low, high):
            below, above = constant(low), constant(high)
            return (
                baseline if below is None or baseline < below else 0.0,
                baseline if above is None or baseline > above else None,
            )
        case _:
            return baseline, None
