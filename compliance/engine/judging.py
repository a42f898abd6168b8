"""Definitions → the SELECT that computes every verdict of a level (DESIGN §4, ADR 3). Pure text, run by the store.

The statement goes up in steps, each a subquery over the one below, so that nothing is computed twice:
figures (metrics, window sums, the period before, parameters) → criteria → indicators → domains → area.
A verdict is a BOOLEAN: true, false, NULL for "cannot tell". SQL's own AND is then the rule of an indicator, OR that of any_of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from compliance.engine.criteria_sql import Figures, baselines, ends, falling_sql, falling_to_range_sql, rising_sql, rising_to_range_sql
from compliance.engine.near_misses import NEAR_ENOUGH
from compliance.engine.schema import area_column, criterion_column, domain_column, indicator_column, quote
from compliance.engine.statuses import NEARLY, code_sql, is_exempt_sql, name_sql, text_sql
from compliance.standard.definitions import AnyOf, Criterion, Indicator
from compliance.standard.formula import constant, sql_number

# No overall score when more than this share of the applicable indicators lacks data (DESIGN §4.4).
LARGEST_UNKNOWN_SHARE = 0.2

# Between the values of a list in one literal; the loader refuses control characters in definitions.
SEPARATOR = "\x1f"


LONG_FALLING_SQL = f"CASE WHEN falling_from IS NULL THEN {falling_sql('value', 'high', None)} ELSE {falling_sql('value', 'high', 'falling_from')} END"
LONG_RISING_SQL = rising_sql("value", "low", "rising_from")
LONG_SHORTFALL_SQL = f"""CASE test WHEN 'Is' THEN 0 WHEN 'AtLeast' THEN {LONG_RISING_SQL} WHEN 'AtMost' THEN {LONG_FALLING_SQL}
    ELSE CASE WHEN value < low THEN {rising_to_range_sql("value", "low", "rising_from")} ELSE {falling_to_range_sql("value", "high", "falling_from")} END END"""
LONG_GAP_SQL = """CASE test WHEN 'Is' THEN 1 WHEN 'AtLeast' THEN low - value WHEN 'AtMost' THEN value - high
    ELSE CASE WHEN value < low THEN low - value ELSE value - high END END"""
# The nearer end of a range, and only where the range was decided (ADR 3.9); where formulas put the low end above the high one, the end that the gap is to.
LONG_THRESHOLD_SQL = """CASE test WHEN 'AtMost' THEN high WHEN 'Between' THEN CASE WHEN NOT met THEN CASE WHEN value < low THEN low ELSE high END
    WHEN met THEN CASE WHEN abs(value - high) < abs(value - low) THEN high ELSE low END END ELSE low END"""


@dataclass(frozen=True)
class Listed:
    """A criterion as it is listed to a reader."""

    indicator: Indicator
    criterion: Criterion | AnyOf
    is_member: bool


@dataclass(frozen=True)
class Judgement(Figures):
    """How one level of a standard is judged."""

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

    def _verdicts_sql(self, criteria: str, exempt_codes: frozenset[str]) -> str:
        groups = self._groups_sql(criteria)
        columns = ["*"]
        for indicator in self.indicators:
            met = " AND ".join(criterion_column(indicator, criterion.id) for criterion in indicator.criteria)
            columns.append(f"{_unless_exempt(indicator, met, exempt_codes)} AS {indicator_column(indicator)}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{groups}\n)"

    def _indicators_sql(self, criteria: str, exempt_codes: frozenset[str]) -> str:
        columns = ["*"]
        for indicator in self.indicators:
            # A met indicator has attainment 1; CASE spends the long sum on the other rows only.
            attainment = f"CASE WHEN {indicator_column(indicator)} THEN 1 ELSE {self.attainment_sql(indicator)} END"
            columns.append(f"{_unless_exempt(indicator, attainment, exempt_codes)} AS {attainment_column(indicator)}")
        return f"SELECT\n{_lines(columns)}\nFROM (\n{self._verdicts_sql(criteria, exempt_codes)}\n)"

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

    def near_sql(self, indicator: Indicator) -> str | None:
        """Whether an indicator is a near miss (ADR 3.15), over verdicts_sql or indicators_sql; None when it never can be, as a yes or no."""
        best = {criterion_column(indicator, criterion.id): self._best_shortfall(criterion) for criterion in indicator.criteria}
        if not any(best.values()):
            return None
        # An undecided criterion may have an attainment so far (of an incomplete window): whose data are missing is not near.
        kept = [f"{met} IS NOT NULL AND ({met} OR {short} >= {sql_number(NEAR_ENOUGH)})" for met, short in best.items() if short]
        kept += [f"{met} IS TRUE" for met, short in best.items() if not short]
        return f"({indicator_column(indicator)} IS FALSE AND {' AND '.join(kept)})"

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
        own = {"low": self._varying_limits(0), "high": self._varying_limits(1), "best": self._best_of_groups()}
        columns += [f"{sql} AS {_own_column(name, position)}" for name, of in own.items() for position, sql in of.items()]
        long = f"SELECT\n{_lines(columns)}\nFROM (\n{self._groups_sql(self._criteria_sql(where))}\n)"
        facts = [f"{_own_or(name, own.get(name, {}), sql)} AS {name}" for name, sql in self._criterion_facts().items()]
        known = f"SELECT *, {', '.join(facts)}, list_contains(exempt, indicator) IS TRUE AS is_exempt\nFROM (\n{long}\n)"
        return f"""SELECT area_id, period, position, indicator, criterion, member, value,
            {LONG_THRESHOLD_SQL} AS threshold,
            CASE WHEN is_exempt THEN NULL WHEN test = 'any_of' THEN NULL WHEN met THEN 0 WHEN NOT met THEN {LONG_GAP_SQL} END AS gap,
            CASE WHEN is_exempt THEN NULL WHEN met THEN 1 WHEN NOT met THEN {_own_or("best", own["best"], LONG_SHORTFALL_SQL)} END AS attainment,
            CASE WHEN is_exempt THEN 'not_applicable' WHEN met THEN 'met' WHEN NOT met THEN 'unmet' ELSE 'no_data' END AS status
            FROM (\n{known}\n)"""

    def _criterion_cells(self) -> dict[str, list[str]]:
        """What differs from area to area: for each listed criterion whether it is met, and its value."""
        cells: dict[str, list[str]] = {"met": [], "value": []}
        for item in self.listed:
            met = criterion_column(item.indicator, item.criterion.id)
            value = "NULL"
            if not isinstance(item.criterion, AnyOf):
                sql = self.criterion_sql(item.criterion)
                # An undecided lower bound is not a value (ADR 3.7).
                value = f"CASE WHEN {met} IS NOT NULL OR ({sql.complete}) THEN {sql.value} END" if sql.complete else sql.value
            cells["met"].append(met)
            cells["value"].append(value)
        return cells

    def _varying_limits(self, end: int) -> dict[int, str]:
        """Position → the low (end 0) or high (end 1) limit of the criteria where it is a formula."""
        limits = {position: ends(item.criterion)[end] for position, item in enumerate(self.listed)}
        return {position: self.limit_sql(limit) for position, limit in limits.items() if limit is not None and constant(limit) is None}

    def _criterion_facts(self) -> dict[str, str]:
        """What is the same for every area, as SQL over the row's position; low and high where they are numbers."""
        texts: dict[str, list[str]] = {name: [] for name in ("indicator", "criterion", "test")}
        numbers: dict[str, list[str]] = {name: [] for name in ("member", "low", "high", "rising_from", "falling_from")}
        for item in self.listed:
            test = "any_of" if isinstance(item.criterion, AnyOf) else type(item.criterion.test).__name__
            for name, text in zip(texts, (item.indicator.code, item.criterion.id, test), strict=True):
                texts[name].append(text)
            limits = [None if limit is None else constant(limit) for limit in ends(item.criterion)]
            for name, number in zip(numbers, (float(item.is_member), *limits, *baselines(item.criterion)), strict=True):
                numbers[name].append("" if number is None else sql_number(number))
        facts = {name: _text_at(values) for name, values in texts.items()}
        facts |= {name: f"CAST(nullif({_text_at(values)}, '') AS DOUBLE)" for name, values in numbers.items()}
        return {**facts, "member": f"{facts['member']} = 1"}

    def _best_of_groups(self) -> dict[int, str]:
        """Position of an any_of group → attainment of its best member."""
        groups = {position: item.criterion for position, item in enumerate(self.listed) if isinstance(item.criterion, AnyOf)}
        return {position: self._best_shortfall(group) or "0" for position, group in groups.items()}

    def verdicts_sql(self, exempt_codes: frozenset[str], where: str) -> str:
        """Wide rows with the verdict of every indicator and of every criterion; read them with status_code_sql and near_sql."""
        return self._verdicts_sql(self._criteria_sql(where), exempt_codes)

    def indicators_sql(self, exempt_codes: frozenset[str], where: str) -> str:
        """Wide rows with verdict and attainment of every indicator; read them with status_code_sql and attainment_of_sql."""
        return self._indicators_sql(self._criteria_sql(where), exempt_codes)

    def status_code_sql(self, indicator: Indicator) -> str:
        """0 met, 2 unmet, 3 no data, 4 not applicable; 1 is left for the near misses among the unmet."""
        return code_sql(indicator)

    def shown_code_sql(self, indicator: Indicator) -> str:
        """The status code with the near misses told apart as 1."""
        near = self.near_sql(indicator)
        return f"CASE WHEN {near} THEN {NEARLY} ELSE {self.status_code_sql(indicator)} END" if near else self.status_code_sql(indicator)

    def attainment_of_sql(self, indicator: Indicator) -> str:
        return f"CAST({attainment_column(indicator)} AS FLOAT)"

    def indicator_rows_sql(self, exempt_codes: frozenset[str], where: str) -> str:
        """Long rows of every indicator: area_id, period, position, indicator, attainment, status."""
        structs = [
            f"{{'position': {position}, 'indicator': {text_sql(indicator.code)}, 'attainment': CAST({attainment_column(indicator)} AS DOUBLE), "
            f"'status': {name_sql(indicator)}}}"
            for position, indicator in enumerate(self.indicators)
        ]
        steps = self._indicators_sql(self._criteria_sql(where), exempt_codes)
        return f"SELECT area_id, period, i.*\nFROM (SELECT area_id, period, unnest([\n{_lines(structs)}\n]) AS i\nFROM (\n{steps}\n))"

    def _domains_sql(self, indicators: str, exempt_codes: frozenset[str]) -> str:
        columns = ["area_id", "period", "exempt"]
        columns += [indicator_column(indicator) for indicator in self.indicators]
        for domain in self.domains:
            members = domain.at(self.level)
            columns += [f"{sql} AS {domain_column(domain, what)}" for what, sql in counts_sql(members, exempt_codes).items()]
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


def attainment_column(indicator: Indicator) -> str:
    return quote(f"attainment {indicator.code}")


def _any_of_sql(indicator: Indicator, group: AnyOf) -> str:
    return " OR ".join(criterion_column(indicator, member.id) for member in group.members)


def _own_column(name: str, position: int) -> str:
    return quote(f"{name} {position}")


def _own_or(name: str, own: Collection[int], other: str) -> str:
    """The column that a row at one of some positions has for itself, else what holds for the rest."""
    cases = " ".join(f"WHEN {position} THEN {_own_column(name, position)}" for position in own)
    return f"CASE position {cases} ELSE {other} END" if cases else other


def _text_at(values: list[str]) -> str:
    """The text at a row's position. One long literal, cut when the statement is planned: a list of literals takes DuckDB ten times as long to plan."""
    return f"string_split({text_sql(SEPARATOR.join(values))}, '{SEPARATOR}')[position + 1]"


def _unless_exempt(indicator: Indicator, sql: str, exempt_codes: frozenset[str]) -> str:
    return f"CASE WHEN NOT {is_exempt_sql(indicator)} THEN {sql} END" if indicator.code in exempt_codes else f"({sql})"


def _count_type(largest: int) -> str:
    """The narrowest type that can add up to `largest`: DuckDB adds in the type of the terms, and overflow is an error."""
    return "UTINYINT" if largest < 256 else "USMALLINT"


def counts_sql(members: tuple[Indicator, ...], exempt_codes: frozenset[str]) -> dict[str, str]:
    """met, unmet, no_data, not_applicable of one row's indicators, over rows with their verdicts and `exempt`."""
    count = _count_type(len(members))
    exempt = [f"CAST({is_exempt_sql(i)} AS {count})" for i in members if i.code in exempt_codes]
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
