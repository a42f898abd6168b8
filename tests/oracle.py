"""The second opinion: every verdict of a standard recomputed in plain Python from the YAML and CSV files alone.

Written from DESIGN sections 3, 4 and 6 and docs/adr/0003-verdict-semantics.md ("ADR 3.n" is its n-th rule), and from
nothing else: it shares no code with the package that it checks. Definitions and files must be ones the program accepts.
"""

import ast
import csv
import math
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MET, UNMET, NO_DATA, NOT_APPLICABLE = "met", "unmet", "no_data", "not_applicable"
LIMIT_KEYS = ("at_least", "at_most", "between", "is")
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
PERIODS_KEPT = 12  # the longest window: a year of months
YES_NO = {"yes": 1.0, "no": 0.0, "是": 1.0, "否": 0.0}

Number = float | None  # None: unknown


# ---------------------------------------------------------------- what is judged, and what comes out


class Moment(NamedTuple):
    """One area in one period: its cells by metric, this period's first, then the periods before; and the parameters."""

    history: list[dict[str, float]]
    parameters: dict[str, float]


Formula = Callable[[Moment], Number]


@dataclass(frozen=True)
class Criterion:
    """A clause; `limits` holds one formula, or two for `between`; `flows` are the flow metrics in `value`."""

    id: str
    value: Formula
    flows: frozenset[str]
    window: int
    kind: str
    limits: tuple[Formula, ...]
    baseline: Number


@dataclass(frozen=True)
class AnyOf:
    id: str
    members: tuple[Criterion, ...]


@dataclass(frozen=True)
class Indicator:
    code: str
    level: str
    domain: str
    weight: float
    criteria: tuple[Criterion | AnyOf, ...]


@dataclass(frozen=True)
class Standard:
    period: str
    indicators: tuple[Indicator, ...]


class CriterionVerdict(NamedTuple):
    value: Number
    threshold: Number
    gap: Number
    attainment: Number
    status: str


class IndicatorVerdict(NamedTuple):
    attainment: Number
    status: str


class DomainVerdict(NamedTuple):
    met: int
    unmet: int
    no_data: int
    not_applicable: int
    score: Number


class AreaVerdict(NamedTuple):
    level: str
    met: int
    unmet: int
    no_data: int
    not_applicable: int
    score: Number


@dataclass
class Verdicts:
    """The four exports of DESIGN section 6, keyed by their leading columns."""

    criteria: dict[tuple[str, str, str, str], CriterionVerdict] = field(default_factory=dict)
    indicators: dict[tuple[str, str, str], IndicatorVerdict] = field(default_factory=dict)
    domains: dict[tuple[str, str, str], DomainVerdict] = field(default_factory=dict)
    areas: dict[tuple[str, str], AreaVerdict] = field(default_factory=dict)


# ---------------------------------------------------------------- the YAML file


def load(indicators_yaml: Path) -> Standard:
    """DESIGN section 3."""
    document = yaml.safe_load(indicators_yaml.read_text(encoding="utf-8"))
    names = Names(
        kinds={metric["id"]: metric["kind"] for metric in document["metrics"]},
        parameters=frozenset(parameter["id"] for parameter in document.get("parameters") or ()),
        period=document["standard"]["period"],
    )
    indicators = tuple(
        load_indicator(indicator, domain["id"], names) for pillar in document["pillars"] for domain in pillar["domains"] for indicator in domain["indicators"]
    )
    return Standard(names.period, indicators)


@dataclass(frozen=True)
class Names:
    """What a formula may speak of, and the length of the standard's period."""

    kinds: dict[str, str]
    parameters: frozenset[str]
    period: str


def load_indicator(entry: dict[str, Any], domain: str, names: Names) -> Indicator:
    criteria = tuple(load_clause(clause, names) for clause in entry["criteria"])
    return Indicator(str(entry["code"]), entry["level"], domain, float(entry.get("weight", 1)), criteria)


def load_clause(entry: dict[str, Any], names: Names) -> Criterion | AnyOf:
    """ADR 3.11: a group without an id is called by its members' ids."""
    if "any_of" not in entry:
        return load_criterion(entry, names)
    if unexplained := entry.keys() - {"id", "any_of", "title", "note"}:
        raise ValueError(f"the texts give no meaning to {sorted(unexplained)} on an any_of group")
    members = tuple(load_criterion(member, names) for member in entry["any_of"])
    return AnyOf(entry.get("id") or "_or_".join(member.id for member in members), members)


def load_criterion(entry: dict[str, Any], names: Names) -> Criterion:
    [kind] = [key for key in LIMIT_KEYS if key in entry]
    window = window_length(entry.get("every"), names.period)
    return Criterion(
        id=entry["id"],
        value=compile_formula(entry["value"], names, window),
        flows=flows_in(entry["value"], names),
        window=window,
        kind=kind,
        limits=tuple(compile_limit(text, names, window) for text in limit_texts(kind, entry[kind])),
        baseline=float(entry["baseline"]) if "baseline" in entry else None,
    )


def limit_texts(kind: str, limit: Any) -> list[Any]:
    """`between` has two limits; PyYAML reads `is: yes` as True, and yes is 1 (ADR 3.3)."""
    match kind:
        case "between":
            return list(limit)
        case "is":
            return [1 if limit in (True, "yes") else 0]
        case _:
            return [limit]


def window_length(every: str | None, period: str) -> int:
    """ADR 3.4: how many periods `every` looks at; without it, one."""
    if every is None:
        return 1
    if MONTHS[every] < MONTHS[period]:
        raise ValueError(f"every: {every} is shorter than a period of one {period}")
    return MONTHS[every] // MONTHS[period]


# ---------------------------------------------------------------- formulas: text → a function of the moment


def parse(text: object) -> ast.expr:
    """A formula is a Python expression; YAML gives a bare number as a number."""
    return ast.parse(str(text).strip(), mode="eval").body


def flows_in(text: object, names: Names) -> frozenset[str]:
    used = {node.id for node in ast.walk(parse(text)) if isinstance(node, ast.Name)}
    return frozenset(name for name in used if names.kinds.get(name) == "flow")


def compile_limit(text: object, names: Names, window: int) -> Formula:
    if window > 1 and (flows := flows_in(text, names)):
        raise ValueError(f"the texts give no meaning to a flow in the limit of a sum: {sorted(flows)}")
    return compile_formula(text, names, window=1)


def compile_formula(text: object, names: Names, window: int) -> Formula:
    """ADR 3.6: a result that is not finite is unknown."""
    formula = compile_node(parse(text), names, window)

    def finite(moment: Moment) -> Number:
        result = formula(moment)
        return result if result is not None and math.isfinite(result) else None

    return finite


def divide(dividend: float, divisor: float) -> Number:
    """DESIGN 4.1: a zero denominator means "cannot tell"."""
    return dividend / divisor if divisor != 0 else None


OPERATIONS: dict[type[ast.AST], Callable[..., Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divide,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable[..., Number]] = {"min": lambda *known: min(known), "max": lambda *known: max(known)}


def compile_node(node: ast.expr, names: Names, window: int) -> Formula:
    """DESIGN section 3: `+ - * /`, numbers, `min`, `max`, `previous(metric)`, metrics and parameters; nothing else."""
    match node:
        case ast.Constant(value=int() | float() as figure):
            return constant(float(figure))
        case ast.Name(id=name):
            return compile_name(name, names, window)
        case ast.UnaryOp(op=sign, operand=inner) if type(sign) in OPERATIONS:
            return combine(OPERATIONS[type(sign)], [compile_node(inner, names, window)])
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            parts = [compile_node(part, names, window) for part in (left, right)]
            return combine(OPERATIONS[type(sign)], parts)
        case ast.Call(func=ast.Name(id="previous"), args=[ast.Name(id=name)]) if names.kinds.get(name) == "stock" or (window == 1 and name in names.kinds):
            return previous(name)
        case ast.Call(func=ast.Name(id=function), args=args) if function in FUNCTIONS:
            return combine(FUNCTIONS[function], [compile_node(part, names, window) for part in args])
    raise ValueError(f"not a formula of this language: {ast.unparse(node)}")


def compile_name(name: str, names: Names, window: int) -> Formula:
    """ADR 3.4: a flow is summed over the window; stocks and parameters are taken at its end."""
    if name in names.parameters:
        return lambda moment: moment.parameters.get(name)
    match names.kinds.get(name):
        case "stock":
            return lambda moment: moment.history[0].get(name)
        case "flow":
            return window_sum(name, window)
    raise ValueError(f"no metric or parameter is called {name}")


def constant(figure: float) -> Formula:
    return lambda _moment: figure


def previous(name: str) -> Formula:
    """ADR 3.5: the value in the period directly before, by the calendar."""
    return lambda moment: moment.history[1].get(name)


def window_sum(name: str, window: int) -> Formula:
    """ADR 3.4: the sum of what was reported in the window; unknown when nothing was."""

    def total(moment: Moment) -> Number:
        reported = [cells[name] for cells in moment.history[:window] if name in cells]
        return sum(reported) if reported else None

    return total


def combine(operation: Callable[..., Number], parts: list[Formula]) -> Formula:
    """ADR 3.6: one unknown part makes the whole unknown, in `min` and `max` too."""

    def result(moment: Moment) -> Number:
        values = [part(moment) for part in parts]
        return None if None in values else operation(*values)

    return result


# ---------------------------------------------------------------- criteria


def reaches(value: float, limit: float) -> bool:
    """ADR 3.3: closed limits, and a tolerance relative to the limit."""
    return value >= limit - tolerance(limit)


def stays_within(value: float, limit: float) -> bool:
    """ADR 3.3, from the other side."""
    return value <= limit + tolerance(limit)


def tolerance(limit: float) -> float:
    return 1e-9 * max(abs(limit), 0.001)


def passes(kind: str, value: float, limits: list[float]) -> bool:
    match kind:
        case "at_least":
            return reaches(value, limits[0])
        case "at_most":
            return stays_within(value, limits[0])
        case "between":
            return reaches(value, limits[0]) and stays_within(value, limits[1])
        case _:
            return value == limits[0]


def passes_from_bound(kind: str, bound: float, limits: list[float]) -> bool | None:
    """ADR 3.4: what is already certain when the true value is `bound` or more; None when nothing is."""
    if kind == "at_least" and reaches(bound, limits[0]):
        return True
    if kind in ("at_most", "between") and not stays_within(bound, limits[-1]):
        return False
    return None


def judge_criterion(criterion: Criterion, moment: Moment) -> CriterionVerdict:
    """DESIGN 4.2, and ADR 3.6 to 3.10."""
    value = criterion.value(moment)
    limits = [limit(moment) for limit in criterion.limits]
    known = [limit for limit in limits if limit is not None]
    is_bound = any(flow not in cells for flow in criterion.flows for cells in moment.history[: criterion.window])
    if value is None or len(known) < len(limits):
        return undecided(criterion.kind, None if is_bound else value, limits)
    passed = (passes_from_bound if is_bound else passes)(criterion.kind, value, known)
    if passed is None:
        return undecided(criterion.kind, None, limits)
    threshold = min(known, key=lambda limit: abs(value - limit))  # ADR 3.9: the nearer end, the low one in a tie
    if passed:
        return CriterionVerdict(value, threshold, 0.0, 1.0, MET)
    gap = 1.0 if criterion.kind == "is" else abs(value - threshold)  # ADR 3.8
    return CriterionVerdict(value, threshold, gap, missed_attainment(criterion, value, known), UNMET)


def undecided(kind: str, value: Number, limits: list[Number]) -> CriterionVerdict:
    """ADR 3.7 and 3.9: the limit is shown where it is known; which end of `between` is the nearer one is not."""
    return CriterionVerdict(value, None if kind == "between" else limits[0], None, None, NO_DATA)


def missed_attainment(criterion: Criterion, value: float, limits: list[float]) -> float:
    """ADR 3.10, for a criterion that is unmet."""
    baseline = criterion.baseline
    match criterion.kind:
        case "at_least":
            return attainment_below(value, limits[0], baseline)
        case "at_most":
            return attainment_above(value, limits[0], baseline)
        case "between":
            low, high = limits
            if value < low:
                return attainment_below(value, low, baseline if baseline is not None and baseline < low else None)
            return attainment_above(value, high, baseline if baseline is not None and baseline > high else None)
        case _:
            return 0.0


def attainment_below(value: float, limit: float, baseline: Number) -> float:
    """A value too low for its limit: the part of the way from the baseline up to the limit."""
    start = 0.0 if baseline is None else baseline
    return 0.0 if limit <= start else clip((value - start) / (limit - start))


def attainment_above(value: float, limit: float, baseline: Number) -> float:
    """A value too high for its limit: the part of the way from the baseline down to it; without one, limit / value."""
    if baseline is None:
        return 0.0 if limit <= 0 else limit / value
    return 0.0 if baseline <= limit else clip((value - baseline) / (limit - baseline))


def clip(share: float) -> float:
    return min(1.0, max(0.0, share))


def judge_group(members: Iterable[CriterionVerdict]) -> CriterionVerdict:
    """ADR 3.11."""
    verdicts = list(members)
    statuses = {verdict.status for verdict in verdicts}
    if MET in statuses:
        return CriterionVerdict(None, None, None, 1.0, MET)
    if NO_DATA in statuses:
        return CriterionVerdict(None, None, None, None, NO_DATA)
    return CriterionVerdict(None, None, None, max(verdict.attainment or 0.0 for verdict in verdicts), UNMET)


# ---------------------------------------------------------------- indicators, domains, areas


def judge_indicator(indicator: Indicator, moment: Moment, exempt: bool) -> tuple[IndicatorVerdict, dict[str, CriterionVerdict]]:
    """DESIGN 4.3; members of a group are listed beside it but do not count (ADR 3.11, 3.12)."""
    counted: dict[str, CriterionVerdict] = {}
    members: dict[str, CriterionVerdict] = {}
    for clause in indicator.criteria:
        if isinstance(clause, AnyOf):
            own = {member.id: judge_criterion(member, moment) for member in clause.members}
            members |= own
            counted[clause.id] = judge_group(own.values())
        else:
            counted[clause.id] = judge_criterion(clause, moment)
    listed = counted | members
    if exempt:  # ADR 3.13
        listed = {name: row._replace(gap=None, attainment=None, status=NOT_APPLICABLE) for name, row in listed.items()}
        return IndicatorVerdict(None, NOT_APPLICABLE), listed
    statuses = {verdict.status for verdict in counted.values()}
    status = UNMET if UNMET in statuses else NO_DATA if NO_DATA in statuses else MET
    return IndicatorVerdict(weighted_mean((verdict.attainment, 1.0) for verdict in counted.values()), status), listed


def near_misses(standard: Standard, verdicts: Verdicts) -> set[tuple[str, str, str]]:
    """ADR 3.15: (area, period, indicator) where no criterion lacks data and each one that is unmet has come nine tenths of the way."""
    clauses = {indicator.code: [clause.id for clause in indicator.criteria] for indicator in standard.indicators}
    found = set()
    for (area, period, code), verdict in verdicts.indicators.items():
        rows = [verdicts.criteria[area, period, code, clause] for clause in clauses[code]]
        open_ones = [row for row in rows if row.status != MET]
        if verdict.status == UNMET and all(row.attainment is not None and row.attainment > 0.9 - 1e-9 for row in open_ones):
            found.add((area, period, code))
    return found


def weighted_mean(pairs: Iterable[tuple[Number, float]]) -> Number:
    """DESIGN 4.5: of those that have data; unknown when none has."""
    known = [(attainment, weight) for attainment, weight in pairs if attainment is not None]
    total = sum(weight for _, weight in known)
    return sum(attainment * weight for attainment, weight in known) / total if total else None


def count_statuses(verdicts: Iterable[IndicatorVerdict]) -> tuple[int, int, int, int]:
    """DESIGN 4.4, in the order of the export's columns."""
    counts = Counter(verdict.status for verdict in verdicts)
    return counts[MET], counts[UNMET], counts[NO_DATA], counts[NOT_APPLICABLE]


def as_score(attainment: Number) -> Number:
    return None if attainment is None else 100 * attainment


def judge_domain(judged: list[tuple[Indicator, IndicatorVerdict]]) -> tuple[Number, DomainVerdict]:
    """ADR 3.14: the domain's attainment, weighted, and its row."""
    attainment = weighted_mean((verdict.attainment, indicator.weight) for indicator, verdict in judged)
    return attainment, DomainVerdict(*count_statuses(verdict for _, verdict in judged), as_score(attainment))


def judge_whole_area(level: str, verdicts: Iterable[IndicatorVerdict], domain_attainments: Iterable[Number]) -> AreaVerdict:
    """ADR 3.14: no score when more than 20 % (a fifth) of the applicable indicators lack data."""
    met, unmet, no_data, not_applicable = count_statuses(verdicts)
    too_little_data = 5 * no_data > met + unmet + no_data
    attainment = None if too_little_data else weighted_mean((share, 1.0) for share in domain_attainments)
    return AreaVerdict(level, met, unmet, no_data, not_applicable, as_score(attainment))


# ---------------------------------------------------------------- the CSV files


def rows_of(files: Iterable[Path]) -> Iterator[dict[str, str]]:
    """All rows in import order; the cells stripped, a missing last cell blank."""
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines, restval=""):
                yield {header: cell.strip() for header, cell in row.items()}


def numbers_in(row: dict[str, str], keys: tuple[str, ...]) -> dict[str, float]:
    """The cells that say something: a blank one changes nothing (ADR 3.2)."""
    return {name: YES_NO[cell] if cell in YES_NO else float(cell) for name, cell in row.items() if name not in keys and cell != ""}


def period_index(text: str, period: str) -> int:
    """Neighbouring periods have neighbouring numbers."""
    match period:
        case "year":
            return int(text)
        case "quarter":
            year, quarter = text.split("Q")
            return int(year) * 4 + int(quarter) - 1
        case "month":
            year, month = text.split("-")
            return int(year) * 12 + int(month) - 1
    raise ValueError(f"a standard has no period called {period}")


@dataclass(frozen=True)
class Reports:
    """What the files say, later imports over earlier ones. Periods are numbers; `periods` names those reported."""

    levels: dict[str, str]
    cells: dict[tuple[str, int], dict[str, float]]
    parameters: dict[int, dict[str, float]]
    exemptions: dict[tuple[str, str], list[tuple[int, float]]]
    periods: dict[int, str]

    def moment(self, area_id: str, index: int) -> Moment:
        history = [self.cells.get((area_id, index - back), {}) for back in range(PERIODS_KEPT)]
        return Moment(history, self.parameters.get(index, {}))

    def is_exempt(self, area_id: str, code: str, index: int) -> bool:
        """ADR 3.13: both ends included."""
        return any(first <= index <= last for first, last in self.exemptions.get((area_id, code), ()))


def read_reports(
    period: str,
    areas_csv: Iterable[Path],
    metrics_csv: Iterable[Path],
    parameters_csv: Iterable[Path],
    exemptions_csv: Iterable[Path],
) -> Reports:
    cells: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    parameters: dict[int, dict[str, float]] = defaultdict(dict)
    exemptions: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    periods: dict[int, str] = {}
    levels = {row["area_id"]: row["level"] for row in rows_of(areas_csv)}
    for row in rows_of(metrics_csv):
        index = period_index(row["period"], period)
        if reported := numbers_in(row, keys=("area_id", "period")):
            cells[row["area_id"], index] |= reported
            periods[index] = row["period"]
    for row in rows_of(parameters_csv):
        parameters[period_index(row["period"], period)] |= numbers_in(row, keys=("period",))
    # ADR 3.13: the newest word on an area, an indicator and a beginning holds.
    newest = {(row["area_id"], row["indicator"], period_index(row["from"], period)): row for row in rows_of(exemptions_csv)}
    for row in newest.values():
        last = period_index(row["to"], period) if row["to"] else math.inf
        exemptions[row["area_id"], row["indicator"]].append((period_index(row["from"], period), last))
    return Reports(levels, dict(cells), dict(parameters), dict(exemptions), periods)


# ---------------------------------------------------------------- all together


def judge(
    standard: Standard,
    areas_csv: Iterable[Path],
    metrics_csv: Iterable[Path],
    parameters_csv: Iterable[Path],
    exemptions_csv: Iterable[Path],
) -> Verdicts:
    """ADR 3.1: every area in every period for which any area has a report."""
    reports = read_reports(standard.period, areas_csv, metrics_csv, parameters_csv, exemptions_csv)
    verdicts = Verdicts()
    for index in sorted(reports.periods):
        for area_id in reports.levels:
            judge_area(standard, reports, area_id, index, verdicts)
    return verdicts


def judge_area(standard: Standard, reports: Reports, area_id: str, index: int, verdicts: Verdicts) -> None:
    """DESIGN 4.6: an area is judged by the indicators of its own level. Adds its rows to `verdicts`."""
    level, period = reports.levels[area_id], reports.periods[index]
    moment = reports.moment(area_id, index)
    by_domain: dict[str, list[tuple[Indicator, IndicatorVerdict]]] = defaultdict(list)
    for indicator in standard.indicators:
        if indicator.level != level:
            continue
        exempt = reports.is_exempt(area_id, indicator.code, index)
        verdict, criteria = judge_indicator(indicator, moment, exempt)
        verdicts.indicators[area_id, period, indicator.code] = verdict
        for criterion, row in criteria.items():
            verdicts.criteria[area_id, period, indicator.code, criterion] = row
        by_domain[indicator.domain].append((indicator, verdict))
    attainments = []
    for domain, judged in by_domain.items():
        attainment, verdicts.domains[area_id, period, domain] = judge_domain(judged)
        attainments.append(attainment)
    own = [verdict for judged in by_domain.values() for _, verdict in judged]
    verdicts.areas[area_id, period] = judge_whole_area(level, own, attainments)
