"""Definitions → the SELECT that computes every verdict of a level (DESIGN §4, ADR 3). Pure text, run by the store.

The statement goes up in steps, each a subquery over the one below, so that nothing is computed twice:
figures (metrics, window sums, the period before, parameters) → criteria → indicators → domains → area.
A verdict is a BOOLEAN: true, false, NULL for "cannot tell". SQL's own AND is then the rule of an indicator, OR that of any_of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from compliance import formula
from compliance.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Domain, Indicator, Is, Standard, expressions_of
from compliance.formula import Expression, Name, Previous, render_sql, sql_number
from compliance.schema import area_column, criterion_column, domain_column, indicator_column, metrics_table, quote

# Relative to the limit's size, so that 0.1 + 0.2 does not miss 0.3; the floor swallows only the noise of arithmetic around zero.
TOLERANCE, SMALLEST_SCALE = 1e-9, 1e-3
# No overall score when more than this share of the applicable indicators lacks data (DESIGN §4.4).
LARGEST_UNKNOWN_SHARE = 0.2


def rising_sql(value: str, limit: str, baseline: str) -> str:
    """Attainment below an at_least limit: from 0 at the baseline to 1 at the limit (DESIGN §4.5)."""
    return f"CASE WHEN {limit} > {baseline} THEN greatest(({value} - {baseline}) / ({limit} - {baseline}), 0) ELSE 0 END"


def falling_sql(value: str, limit: str, baseline: str | None) -> str:
    """Attainment above an at_most limit: down to 0 at the baseline, or limit / value without one."""
    if baseline is None:
        return f"CASE WHEN {limit} > 0 THEN {limit} / {value} ELSE 0 END"
    return f"CASE WHEN {limit} < {baseline} THEN greatest(({value} - {baseline}) / ({limit} - {baseline}), 0) ELSE 0 END"


LONG_FALLING_SQL = f"CASE WHEN falling_from IS NULL THEN {falling_sql('value', 'high', None)} ELSE {falling_sql('value', 'high', 'falling_from')} END"
LONG_RISING_SQL = rising_sql("value", "low", "rising_from")
LONG_SHORTFALL_SQL = f"""CASE test WHEN 'Is' THEN 0 WHEN 'AtLeast' THEN {LONG_RISING_SQL} WHEN 'AtMost' THEN {LONG_FALLING_SQL}
    ELSE CASE WHEN value < low THEN {LONG_RISING_SQL} ELSE {LONG_FALLING_SQL} END END"""
LONG_GAP_SQL = """CASE test WHEN 'Is' THEN 1 WHEN 'AtLeast' THEN low - value WHEN 'AtMost' THEN value - high
    ELSE CASE WHEN value < low THEN low - value ELSE value - high END END"""
# The nearer end of a range, and only where the range was decided (ADR 3.9).
LONG_THRESHOLD_SQL = """CASE test WHEN 'AtMost' THEN high WHEN 'Between'
    THEN CASE WHEN met IS NOT NULL THEN CASE WHEN abs(value - high) < abs(value - low) THEN high ELSE low END END ELSE low END"""


@dataclass(frozen=True)
class Listed:
    """A criterion as it is listed to a reader."""

    indicator: Indicator
    criterion: Criterion | AnyOf
    is_member: bool


@dataclass(frozen=True)
class CriterionSql:
    """The SQL expressions of one criterion over the figures step. shortfall is NULL-free only where met is false."""

    value: str
    limits: tuple[str, ...]
    met: str
    shortfall_attainment: str | None
    """Attainment where the criterion is unmet; None when it is always 0."""
    complete: str | None
    """Whether every period of the window is reported; None when there is no window of flows."""


@dataclass(frozen=True)
class Judgement:
    """How one level of a standard is judged; with `codes`, only those indicators (a page that shows one domain need not plan the rest)."""

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
        value = render_sql(criterion.value, lambda node: self._figure(node, criterion.window))
        limits = tuple(render_sql(limit, lambda node: self._figure(node, 1)) for limit in _limits(criterion))
        partial = [name for name in formula.names(criterion.value) if criterion.window > 1 and self._is_flow(name)]
        complete = " AND ".join(complete_column(name, criterion.window) for name in partial) or None
        return CriterionSql(value, limits, _met_sql(criterion, value, limits, complete), self._shortfall_sql(criterion, value, limits), complete)

    def _figure(self, node: Name | Previous, window: int) -> str:
        if isinstance(node, Previous):
            return previous_column(node.id)
        if window > 1 and self._is_flow(node.id):
            return window_column(node.id, window)
        return quote(node.id)

    def _shortfall_sql(self, criterion: Criterion, value: str, limits: tuple[str, ...]) -> str | None:
        numbers = tuple(_constant(limit) for limit in _limits(criterion))
        rising_from, falling_from = _baselines(criterion)
        match criterion.test:
            case Is():
                return None
            case AtLeast():
                return _rising_sql(value, limits[0], numbers[0], rising_from)
            case AtMost():
                return _falling_sql(value, limits[0], numbers[0], falling_from)
            case Between():
                rising = _rising_sql(value, limits[0], numbers[0], rising_from) or "0"
                falling = _falling_sql(value, limits[1], numbers[1], falling_from) or "0"
                return f"CASE WHEN {value} < {limits[0]} THEN {rising} ELSE {falling} END"

    # -- the whole statement ------------------------------------------------------------------------------------

    def judge_sql(self, exempt_codes: frozenset[str] = frozenset(), where: str = "true") -> str:
        """SELECT of all computed columns; exempt_codes are the indicators that occur in any exemption."""
        return self._area_sql(self._domains_sql(self._indicators_sql(self._criteria_sql(where), exempt_codes), exempt_codes))

    def _criteria_sql(self, where: str) -> str:
        columns = ["f.*", "e.exempt"]
        for indicator, criterion in self.leaves:
            columns.append(f"{self.criterion_sql(criterion).met} AS {criterion_column(indicator, criterion.id)}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{self.figures_sql(where)}\n) AS f\nLEFT JOIN exempt_indicators AS e ON e.area_id = f.area_id AND e.period = f.period"

    def _groups_sql(self, criteria: str) -> str:
        columns = ["*"]
        for indicator in self.indicators:
            for group in indicator.criteria:
                if isinstance(group, AnyOf):
                    columns.append(f"{_any_of_sql(indicator, group)} AS {criterion_column(indicator, group.id)}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{criteria}\n)" if len(columns) > 1 else criteria

    def _indicators_sql(self, criteria: str, exempt_codes: frozenset[str]) -> str:
        groups = self._groups_sql(criteria)
        columns = ["*"]
        for indicator in self.indicators:
            met = " AND ".join(criterion_column(indicator, criterion.id) for criterion in indicator.criteria)
            columns.append(f"{_unless_exempt(indicator, met, exempt_codes)} AS {indicator_column(indicator)}")
        met_step = f"SELECT\n{_lines(columns)}\nFROM (\n{groups}\n)"
        columns = ["*"]
        for indicator in self.indicators:
            # A met indicator has attainment 1; CASE spends the long sum on the other rows only.
            attainment = f"CASE WHEN {indicator_column(indicator)} THEN 1 ELSE {self.attainment_sql(indicator)} END"
            columns.append(f"{_unless_exempt(indicator, attainment, exempt_codes)} AS {attainment_column(indicator)}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{met_step}\n)"

    def attainment_sql(self, indicator: Indicator) -> str:
        """Mean attainment of the criteria that are decided, over the criteria step."""
        count = _count_type(len(indicator.criteria))
        known = " + ".join(f"CAST({criterion_column(indicator, c.id)} IS NOT NULL AS {count})" for c in indicator.criteria)
        met = " + ".join(f"CAST(coalesce({criterion_column(indicator, c.id)}, false) AS {count})" for c in indicator.criteria)
        short = [self._shortfall_term(indicator, criterion) for criterion in indicator.criteria]
        total = " + ".join([f"CAST({met} AS DOUBLE)", *(term for term in short if term)])
        return f"({total}) / nullif({known}, 0)"

    def _shortfall_term(self, indicator: Indicator, criterion: Criterion | AnyOf) -> str | None:
        best = self._best_shortfall(criterion)
        if best is None:
            return None
        return f"CASE WHEN NOT {criterion_column(indicator, criterion.id)} THEN {best} ELSE 0 END"

    def _best_shortfall(self, criterion: Criterion | AnyOf) -> str | None:
        members = criterion.members if isinstance(criterion, AnyOf) else (criterion,)
        terms = [term for term in (self.criterion_sql(member).shortfall_attainment for member in members) if term is not None]
        if len(terms) < 2:
            return terms[0] if terms else None
        return f"greatest({', '.join(terms)})"

    # -- in full, for the areas one looks at --------------------------------------------------------------------

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """Every criterion in the order of the standard, any_of groups before their members."""
        found: list[Listed] = []
        for indicator in self.indicators:
            for criterion in indicator.criteria:
                found.append(Listed(indicator, criterion, is_member=False))
                if isinstance(criterion, AnyOf):
                    found.extend(Listed(indicator, member, is_member=True) for member in criterion.members)
        return tuple(found)

    def criteria_rows_sql(self, where: str) -> str:
        """Long rows of every criterion: area_id, period, position, indicator, criterion, member, value, threshold, gap, attainment, status.

        Only met, value and limits are looked at criterion by criterion; the rest is arithmetic on the long rows.
        """
        columns = ["area_id", "period", "exempt", f"unnest(range({len(self.listed)})) AS position"]
        for name, cells in self._criterion_cells().items():
            columns.append(f"unnest(CAST([{', '.join(cells)}] AS {'BOOLEAN' if name == 'met' else 'DOUBLE'}[])) AS {name}")
        columns += [f"{sql} AS {_best_column(position)}" for position, sql in self._best_of_groups().items()]
        long = f"SELECT\n{_lines(columns)}\nFROM (\n{self._groups_sql(self._criteria_sql(where))}\n)"
        facts = [f"{_list_at(values)} AS {name}" for name, values in self._criterion_facts().items()]
        known = f"SELECT *, {', '.join(facts)}, list_contains(exempt, indicator) IS TRUE AS is_exempt\nFROM (\n{long}\n)"
        best = " ".join(f"WHEN {position} THEN {_best_column(position)}" for position in self._best_of_groups())
        shortfall = LONG_SHORTFALL_SQL if not best else f"CASE position {best} ELSE {LONG_SHORTFALL_SQL} END"
        return f"""SELECT area_id, period, position, indicator, criterion, member, value,
            {LONG_THRESHOLD_SQL} AS threshold,
            CASE WHEN is_exempt THEN NULL WHEN test = 'any_of' THEN NULL WHEN met THEN 0 WHEN NOT met THEN {LONG_GAP_SQL} END AS gap,
            CASE WHEN is_exempt THEN NULL WHEN met THEN 1 WHEN NOT met THEN {shortfall} END AS attainment,
            CASE WHEN is_exempt THEN 'not_applicable' WHEN met THEN 'met' WHEN NOT met THEN 'unmet' ELSE 'no_data' END AS status
            FROM (\n{known}\n)"""

    def _criterion_cells(self) -> dict[str, list[str]]:
        """What differs from area to area: for each listed criterion whether it is met, its value, its low and its high limit."""
        cells: dict[str, list[str]] = {"met": [], "value": [], "low": [], "high": []}
        for item in self.listed:
            met = criterion_column(item.indicator, item.criterion.id)
            value, low, high = "NULL", "NULL", "NULL"
            if not isinstance(item.criterion, AnyOf):
                sql = self.criterion_sql(item.criterion)
                # An undecided lower bound is not a value (ADR 3.7).
                value = f"CASE WHEN {met} IS NOT NULL OR ({sql.complete}) THEN {sql.value} END" if sql.complete else sql.value
                low, high = _ends(item.criterion, sql.limits)
            for name, cell in zip(cells, (met, value, low, high), strict=True):
                cells[name].append(cell)
        return cells

    def _criterion_facts(self) -> dict[str, list[str]]:
        """What is the same for every area."""
        facts: dict[str, list[str]] = {name: [] for name in ("indicator", "criterion", "member", "test", "rising_from", "falling_from")}
        for item in self.listed:
            rising, falling = _baselines(item.criterion)
            test = "any_of" if isinstance(item.criterion, AnyOf) else type(item.criterion.test).__name__
            facts["indicator"].append(_text(item.indicator.code))
            facts["criterion"].append(_text(item.criterion.id))
            facts["member"].append("true" if item.is_member else "false")
            facts["test"].append(_text(test))
            facts["rising_from"].append(sql_number(rising))
            facts["falling_from"].append("NULL" if falling is None else sql_number(falling))
        return facts

    def _best_of_groups(self) -> dict[int, str]:
        """Position of an any_of group → attainment of its best member."""
        groups = {position: item.criterion for position, item in enumerate(self.listed) if isinstance(item.criterion, AnyOf)}
        return {position: self._best_shortfall(group) or "0" for position, group in groups.items()}

    def indicators_sql(self, exempt_codes: frozenset[str], where: str) -> str:
        """Wide rows with verdict and attainment of every indicator; read them with status_code_sql and attainment_of_sql."""
        return self._indicators_sql(self._criteria_sql(where), exempt_codes)

    def status_code_sql(self, indicator: Indicator) -> str:
        """0 met, 2 unmet, 3 no data, 4 not applicable."""
        verdict = indicator_column(indicator)
        return f"CASE WHEN {_is_exempt(indicator)} THEN 4 WHEN {verdict} THEN 0 WHEN NOT {verdict} THEN 2 ELSE 3 END"

    def attainment_of_sql(self, indicator: Indicator) -> str:
        return f"CAST({attainment_column(indicator)} AS FLOAT)"

    def indicator_rows_sql(self, exempt_codes: frozenset[str], where: str) -> str:
        """Long rows of every indicator: area_id, period, position, indicator, attainment, status."""
        structs = [
            f"{{'position': {position}, 'indicator': {_text(indicator.code)}, 'attainment': CAST({attainment_column(indicator)} AS DOUBLE), "
            f"'status': {_status_sql(indicator, indicator_column(indicator))}}}"
            for position, indicator in enumerate(self.indicators)
        ]
        steps = self._indicators_sql(self._criteria_sql(where), exempt_codes)
        return f"SELECT area_id, period, i.*\nFROM (SELECT area_id, period, unnest([\n{_lines(structs)}\n]) AS i\nFROM (\n{steps}\n))"

    def _domains_sql(self, indicators: str, exempt_codes: frozenset[str]) -> str:
        columns = ["area_id", "period", "exempt"]
        columns += [indicator_column(indicator) for indicator in self.indicators]
        for domain in self.domains:
            members = domain.at(self.level)
            columns += [f"{sql} AS {domain_column(domain, what)}" for what, sql in _counts(members, exempt_codes).items()]
            columns.append(f"{_weighted_mean_sql(members)} AS {domain_column(domain, 'score')}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{indicators}\n)"

    def _area_sql(self, domains: str) -> str:
        counts = {what: " + ".join(f"CAST({domain_column(d, what)} AS USMALLINT)" for d in self.domains) for what in ("met", "no_data", "not_applicable")}
        applicable = f"({len(self.indicators)} - ({counts['not_applicable']}))"
        columns = ["*"]
        columns.append(f"CAST({counts['met']} AS USMALLINT) AS {area_column('met')}")
        columns.append(f"CAST({applicable} - ({counts['met']}) - ({counts['no_data']}) AS USMALLINT) AS {area_column('unmet')}")
        columns.append(f"CAST({counts['no_data']} AS USMALLINT) AS {area_column('no_data')}")
        columns.append(f"CAST({counts['not_applicable']} AS USMALLINT) AS {area_column('not_applicable')}")
        scores = [domain_column(domain, "score") for domain in self.domains]
        total = " + ".join(f"coalesce({score}, 0)" for score in scores)
        number = " + ".join(f"CAST({score} IS NOT NULL AS {_count_type(len(scores))})" for score in scores)
        enough = f"({counts['no_data']}) <= {LARGEST_UNKNOWN_SHARE} * {applicable}"
        columns.append(f"CASE WHEN {enough} THEN ({total}) / nullif({number}, 0) END AS {area_column('score')}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{domains}\n)"


def window_column(name: str, window: int) -> str:
    return quote(f"sum{window} {name}")


def complete_column(name: str, window: int) -> str:
    return quote(f"complete{window} {name}")


def previous_column(name: str) -> str:
    return quote(f"previous {name}")


def attainment_column(indicator: Indicator) -> str:
    return quote(f"attainment {indicator.code}")


def window_columns_sql(name: str, window: int) -> tuple[str, str]:
    """The sum on hand (NULL when nothing is reported) and whether every period of the window is reported."""
    cells = [f"{alias}.{quote(name)}" for alias in ("m", *(f"m{lag}" for lag in range(1, window)))]
    total = " + ".join(f"coalesce({cell}, 0)" for cell in cells)
    complete = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
    return (
        f"CASE WHEN {' OR '.join(f'{cell} IS NOT NULL' for cell in cells)} THEN {total} END AS {window_column(name, window)}",
        f"{complete} AS {complete_column(name, window)}",
    )


def _limits(criterion: Criterion) -> tuple[Expression, ...]:
    return expressions_of(criterion)[1:]


def _constant(node: Expression) -> float | None:
    match node:
        case formula.Number(value):
            return value
        case formula.Negated(formula.Number(value)):
            return -value
        case _:
            return None


def _slack(limit: str, number: float | None, sign: int) -> str:
    """The limit moved by the tolerance, down (−1) for at_least and up (+1) for at_most."""
    if number is not None:
        return sql_number(number + sign * TOLERANCE * max(abs(number), SMALLEST_SCALE))
    return f"({limit} {'+' if sign > 0 else '-'} {TOLERANCE} * greatest(abs({limit}), {SMALLEST_SCALE}))"


def _met_sql(criterion: Criterion, value: str, limits: tuple[str, ...], complete: str | None) -> str:
    """true, false or NULL. `complete` is given when value may be only a lower bound (DESIGN §4.2)."""
    numbers = [_constant(limit) for limit in _limits(criterion)]
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


def _any_of_sql(indicator: Indicator, group: AnyOf) -> str:
    return " OR ".join(criterion_column(indicator, member.id) for member in group.members)


def _status_sql(indicator: Indicator, met: str) -> str:
    return f"CASE WHEN {_is_exempt(indicator)} THEN 'not_applicable' WHEN {met} THEN 'met' WHEN NOT {met} THEN 'unmet' ELSE 'no_data' END"


def _ends(criterion: Criterion, limits: tuple[str, ...]) -> tuple[str, str]:
    """The limits as low and high end; `is` has both at 1 or 0."""
    match criterion.test:
        case Is(yes):
            return ("1", "1") if yes else ("0", "0")
        case AtLeast():
            return limits[0], "NULL"
        case AtMost():
            return "NULL", limits[0]
        case Between():
            return limits[0], limits[1]


def _baselines(criterion: Criterion | AnyOf) -> tuple[float, float | None]:
    """Where attainment is 0: below an at_least limit, and above an at_most limit (None: there it is limit / value)."""
    baseline = None if isinstance(criterion, AnyOf) else criterion.baseline
    if baseline is None or isinstance(criterion, AnyOf):
        return 0.0, None
    match criterion.test:
        case AtMost():
            return 0.0, baseline
        case Between(low, high):
            below, above = _constant(low), _constant(high)
            return (
                baseline if below is None or baseline < below else 0.0,
                baseline if above is not None and baseline > above else None,
            )
        case _:
            return baseline, None


def _best_column(position: int) -> str:
    return quote(f"best {position}")


def _list_at(values: list[str]) -> str:
    return f"([{', '.join(values)}])[position + 1]"


def _is_exempt(indicator: Indicator) -> str:
    return f"coalesce({_exempt_sql(indicator)}, false)"


def _text(word: str) -> str:
    """A code or id from the definitions as an SQL string."""
    return "'" + word.replace("'", "''") + "'"


def _unless_exempt(indicator: Indicator, sql: str, exempt_codes: frozenset[str]) -> str:
    return f"CASE WHEN NOT {_is_exempt(indicator)} THEN {sql} END" if indicator.code in exempt_codes else f"({sql})"


def _exempt_sql(indicator: Indicator) -> str:
    return f"list_contains(exempt, {_text(indicator.code)})"


def _count_type(largest: int) -> str:
    """The narrowest type that can add up to `largest`: DuckDB adds in the type of the terms, and overflow is an error."""
    return "UTINYINT" if largest < 256 else "USMALLINT"


def _counts(members: tuple[Indicator, ...], exempt_codes: frozenset[str]) -> dict[str, str]:
    count = _count_type(len(members))
    exempt = [f"CAST({_is_exempt(i)} AS {count})" for i in members if i.code in exempt_codes]
    not_applicable = " + ".join(exempt) or "0"
    met = " + ".join(f"CAST(coalesce({indicator_column(i)}, false) AS {count})" for i in members)
    null = " + ".join(f"CAST({indicator_column(i)} IS NULL AS {count})" for i in members)
    return {
        "met": f"CAST({met} AS {count})",
        "unmet": f"CAST({len(members)} - ({met}) - ({null}) AS {count})",
        "no_data": f"CAST(({null}) - ({not_applicable}) AS {count})",
        "not_applicable": f"CAST({not_applicable} AS {count})",
    }


def _weighted_mean_sql(members: tuple[Indicator, ...]) -> str:
    count = _count_type(len(members))
    total = " + ".join(f"{_weight(i)}coalesce({attainment_column(i)}, 0)" for i in members)
    number = " + ".join(f"{_weight(i)}CAST({attainment_column(i)} IS NOT NULL AS {count})" for i in members)
    return f"100 * ({total}) / nullif({number}, 0)"


def _weight(indicator: Indicator) -> str:
    return "" if indicator.weight == 1 else f"{sql_number(indicator.weight)} * "


def _lines(columns: list[str]) -> str:
    return ",\n".join(columns)
