"""The truth table: formula, test, window and figures → value, threshold, gap, attainment, status, through the real engine.

Every expected figure was worked by hand from DESIGN section 4 and docs/adr/0003-verdict-semantics.md ("ADR 3.n" is its n-th rule).
A case is one criterion and one community; all cases are imported into one store.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance import periods
from compliance.access import local_user
from compliance.errors import DefinitionError, ImportDataError
from compliance.files.reading import Source
from compliance.questions import area_queries, exports, queries
from compliance.standard import loader
from compliance.storage.importer import import_source, import_sources
from compliance.storage.store import Store

NOW = "2025Q4"
YEAR = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
HEAD = """
standard:
  id: tiny
  title: {zh: 小, en: Tiny}
  period: quarter
  levels:
    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}
    - {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}
metrics:
"""
# Letters that the engine uses as aliases inside its SQL: a metric may bear any of them.
STOCKS, FLOWS, YES_NO = ("a", "b", "c", "m", "e", "s", "t"), ("f", "n"), ("y",)

Figures = Mapping[str, float | str | None]
Reports = Mapping[str, Figures]


def metric(name: str, level: str = "community") -> str:
    kind, unit = ("flow" if name in FLOWS else "stock"), ("yes_no" if name in YES_NO else "count" if name in (*FLOWS, "t") else "other")
    return f"  - {{id: {name}, title: {{zh: 项{level}{name}, en: Metric {level} {name}}}, level: {level}, unit: {unit}, kind: {kind}}}\n"


def yaml_text(domains: Mapping[str, Sequence[str]]) -> str:
    """Domain id → its indicators in YAML's flow style; the domains in one pillar."""
    text = HEAD + "".join(metric(name) for name in (*STOCKS, *FLOWS, *YES_NO)) + metric("offices", "subdistrict")
    text += "parameters:\n  - {id: p, title: {zh: 参数, en: Outside figure}, unit: other}\n  - {id: q, title: {zh: 参数二, en: Second outside figure}, unit: other}\n"
    text += "pillars:\n  - id: pillar\n    title: {zh: 支柱, en: Pillar}\n    domains:\n"
    for domain, indicators in domains.items():
        text += f"      - id: {domain}\n        title: {{zh: {domain}, en: {domain}}}\n        indicators:\n"
        text += "".join(f"          - {{{indicator}}}\n" for indicator in indicators)
    return text


def indicator(code: str, *criteria: str, level: str = "community", weight: float = 1) -> str:
    quoted = code.replace('"', '\\"')
    return f'code: "{quoted}", level: {level}, title: {{zh: 指标, en: Indicator}}, text: 条文, weight: {weight:g}, criteria: [{", ".join(f"{{{c}}}" for c in criteria)}]'


def cell(figure: float | str | None) -> str:
    return "" if figure is None else figure if isinstance(figure, str) else repr(figure)


def csv_source(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Source:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return Source(name, text.getvalue().encode())


def areas_source(communities: Sequence[str]) -> Source:
    return csv_source(
        "areas.csv",
        ("area_id", "name", "level", "parent_id"),
        [("S1", "南街道", "subdistrict", ""), *((c, f"社区{c}", "community", "S1") for c in communities)],
    )


def metrics_source(name: str, reports: Mapping[str, Reports], columns: Sequence[str] = (*STOCKS, *FLOWS, *YES_NO)) -> Source:
    """Area → period → metric → figure."""
    rows = [(area, period, *(cell(cells.get(column)) for column in columns)) for area, by_period in reports.items() for period, cells in by_period.items()]
    return csv_source(name, ("area_id", "period", *columns), rows)


def exported(store: Store, what: str, level: str = "community") -> list[dict[str, str]]:
    out = io.BytesIO()
    exports.export(store.cursor(), store.standard, what, level, None, out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))


def number(text: str) -> float | None:
    return float(text) if text else None


# -- the truth table ------------------------------------------------------------------------------------------------

Verdict = tuple[float | None, float | None, float | None, float | None, str]
MET, UNMET, NO_DATA = "met", "unmet", "no_data"


@dataclass(frozen=True)
class Case:
    name: str
    criterion: str
    reports: Reports
    expected: Verdict
    at: str = NOW


def now(**figures: float | None) -> Reports:
    return {NOW: figures}


def year(**series: Sequence[float | None]) -> Reports:
    """Each metric's four quarters of 2025, oldest first."""
    return {period: {name: figures[position] for name, figures in series.items()} for position, period in enumerate(YEAR)}


def met(value: float, threshold: float) -> Verdict:
    return (value, threshold, 0, 1, MET)


def unmet(value: float, threshold: float, gap: float, attainment: float) -> Verdict:
    return (value, threshold, gap, attainment, UNMET)


def unknown(value: float | None, threshold: float | None) -> Verdict:
    return (value, threshold, None, None, NO_DATA)


AT_90, MOST_10, NEAR_50 = "value: a, at_least: 90", "value: a, at_most: 10", "value: a, between: [40, 60]"
FOUR_A_YEAR, FOUR_AT_MOST, TWO_TO_FOUR = (f"value: f, {test}, every: year" for test in ("at_least: 4", "at_most: 4", "between: [2, 4]"))

CASES = [
    # limits are closed
    Case("at least: at the limit", AT_90, now(a=90), met(90, 90)),
    Case("at least: above", AT_90, now(a=99.5), met(99.5, 90)),
    Case("at least: below", AT_90, now(a=81), unmet(81, 90, 9, 0.9)),
    Case("at least: zero is a figure", AT_90, now(a=0), unmet(0, 90, 90, 0)),
    Case("at least: negative value", AT_90, now(a=-9), unmet(-9, 90, 99, 0)),
    Case("at most: at the limit", MOST_10, now(a=10), met(10, 10)),
    Case("at most: below", MOST_10, now(a=0), met(0, 10)),
    Case("at most: above", MOST_10, now(a=40), unmet(40, 10, 30, 0.25)),
    Case("at most zero: met", "value: a, at_most: 0", now(a=0), met(0, 0)),
    Case("at most zero: one is too many, and no part of the way", "value: a, at_most: 0", now(a=1), unmet(1, 0, 1, 0)),
    Case("at least zero", "value: a, at_least: 0", now(a=0), met(0, 0)),
    Case("at least zero: below", "value: a, at_least: 0", now(a=-2), unmet(-2, 0, 2, 0)),
    Case("negative limit: above", "value: a, at_least: -10", now(a=-9), met(-9, -10)),
    Case("negative limit: below, limit under the baseline of 0", "value: a, at_least: -10", now(a=-15), unmet(-15, -10, 5, 0)),
    Case("negative at most", "value: a, at_most: -10", now(a=-5), unmet(-5, -10, 5, 0)),
    # tolerance: 1e-9 of the limit, at least 1e-12
    Case("just below, inside the tolerance", AT_90, now(a=89.99999995), met(89.99999995, 90)),
    Case("1e-7 below 90 is below", AT_90, now(a=89.9999999), unmet(89.9999999, 90, 1e-7, 89.9999999 / 90)),
    Case("just above, inside the tolerance", "value: a, at_most: 90", now(a=90.00000005), met(90.00000005, 90)),
    Case("1e-7 above 90 is above", "value: a, at_most: 90", now(a=90.0000001), unmet(90.0000001, 90, 1e-7, 90 / 90.0000001)),
    Case("0.1 + 0.2 keeps to 0.3", "value: a + b, at_most: 0.3", now(a=0.1, b=0.2), met(0.1 + 0.2, 0.3)),
    Case("0.7 - 0.4 reaches 0.3", "value: a - b, at_least: 0.3", now(a=0.7, b=0.4), met(0.7 - 0.4, 0.3)),
    Case("against a formula too", "value: a, at_least: b", now(a=89.99999995, b=90), met(89.99999995, 90)),
    Case("against a formula: 1e-7 below", "value: a, at_least: b", now(a=89.9999999, b=90), unmet(89.9999999, 90, 1e-7, 89.9999999 / 90)),
    Case("against a formula, at most", "value: a, at_most: b", now(a=90.00000005, b=90), met(90.00000005, 90)),
    Case("against a formula, at most: 1e-7 above", "value: a, at_most: b", now(a=90.0000001, b=90), unmet(90.0000001, 90, 1e-7, 90 / 90.0000001)),
    Case("around zero: noise", "value: a, at_most: 0", now(a=5e-13), met(5e-13, 0)),
    Case("around zero: a small figure is a figure", "value: a, at_most: 0", now(a=1e-11), unmet(1e-11, 0, 1e-11, 0)),
    Case("around a formula that is zero: noise", "value: a, at_most: b", now(a=5e-13, b=0), met(5e-13, 0)),
    Case("around a formula that is zero: a small figure", "value: a, at_most: b", now(a=1e-11, b=0), unmet(1e-11, 0, 1e-11, 0)),
    Case("a tiny limit: 2e-12 above is above", "value: a, at_most: 0.0001", now(a=0.000100000002), unmet(0.000100000002, 1e-4, 2e-12, 1e-4 / 0.000100000002)),
    Case("a large limit: 0.0015 below two million", "value: a, at_least: 2000000", now(a=1999999.9985), met(1999999.9985, 2e6)),
    Case("a large limit: 0.01 below two million", "value: a, at_least: 2000000", now(a=1999999.99), unmet(1999999.99, 2e6, 0.01, 1999999.99 / 2e6)),
    Case("a negative limit has a tolerance of its size", "value: a, at_least: -10", now(a=-10.000000005), met(-10.000000005, -10)),
    Case("between: low end, inside the tolerance", NEAR_50, now(a=39.99999998), met(39.99999998, 40)),
    Case("between: low end, outside it", NEAR_50, now(a=39.9999999), unmet(39.9999999, 40, 1e-7, 39.9999999 / 40)),
    Case("between: high end, inside the tolerance", NEAR_50, now(a=60.00000003), met(60.00000003, 60)),
    Case("between: high end, outside it", NEAR_50, now(a=60.0000001), unmet(60.0000001, 60, 1e-7, 60 / 60.0000001)),
    Case("a limit of seventeen digits, as published", "value: a, at_least: 93.31999969482422", now(a=93.31999969482422), met(93.31999969482422, 93.31999969482422)),
    Case("seventeen digits in a formula", "value: a, at_most: b * 0.12345678901234567", now(a=0.2, b=1), unmet(0.2, 0.12345678901234567, 0.2 - 0.12345678901234567, 0.12345678901234567 / 0.2)),
    # between
    Case("between: low end", NEAR_50, now(a=40), met(40, 40)),
    Case("between: high end", NEAR_50, now(a=60), met(60, 60)),
    Case("between: nearer the high end", NEAR_50, now(a=51), met(51, 60)),
    Case("between: a tie shows the low end", NEAR_50, now(a=50), met(50, 40)),
    Case("between: below", NEAR_50, now(a=30), unmet(30, 40, 10, 0.75)),
    Case("between: above", NEAR_50, now(a=80), unmet(80, 60, 20, 0.75)),
    Case("between: unknown", NEAR_50, now(b=1), unknown(None, None)),
    Case("between formulas: inside", "value: a, between: [b, c]", now(a=5, b=1, c=6), met(5, 6)),
    Case("between formulas: below", "value: a, between: [b, c]", now(a=1, b=4, c=6), unmet(1, 4, 3, 0.25)),
    Case("between formulas: above", "value: a, between: [b, c]", now(a=8, b=4, c=6), unmet(8, 6, 2, 0.75)),
    Case("between formulas: one end unknown", "value: a, between: [b, c]", now(a=5, b=1), unknown(5, None)),
    Case("between formulas: below the known end, the other unknown", "value: a, between: [b, c]", now(a=0, b=1), unknown(0, None)),
    # yes and no
    Case("is yes: yes", "value: y, is: yes", now(y=1), met(1, 1)),
    Case("is yes: no", "value: y, is: yes", now(y=0), unmet(0, 1, 1, 0)),
    Case("is yes: unknown", "value: y, is: yes", now(a=1), unknown(None, 1)),
    Case("is no: no", "value: y, is: no", now(y=0), met(0, 0)),
    Case("is no: yes", "value: y, is: no", now(y=1), unmet(1, 0, 1, 0)),
    Case("is no: unknown", "value: y, is: no", now(a=1), unknown(None, 0)),
    # unknown is never a pass and never a fail
    Case("value unknown", AT_90, now(b=1), unknown(None, 90)),
    Case("value unknown: at most", MOST_10, now(b=1), unknown(None, 10)),
    Case("one term unknown", "value: a + b, at_least: 1", now(a=100), unknown(None, 1)),
    Case("one factor unknown, the other zero", "value: a * b, at_most: 10", now(a=0), unknown(None, 10)),
    Case("zero denominator", "value: 100 * a / b, at_least: 90", now(a=5, b=0), unknown(None, 90)),
    Case("zero over zero", "value: 100 * a / b, at_least: 90", now(a=0, b=0), unknown(None, 90)),
    Case("zero denominator: at most", "value: 100 * a / b, at_most: 10", now(a=0, b=0), unknown(None, 10)),
    Case("a denominator that comes out as zero", "value: a / (b - c), at_least: 1", now(a=5, b=3, c=3), unknown(None, 1)),
    Case("a ratio", "value: 100 * a / b, at_least: 90", now(a=18, b=20), met(90, 90)),
    Case("a ratio below", "value: 100 * a / b, at_least: 90", now(a=9, b=20), unmet(45, 90, 45, 0.5)),
    Case("a denominator that is itself over zero", "value: a / (b / c), at_most: 1", now(a=5, b=1, c=0), unknown(None, 1)),
    Case("too large for a number", "value: a * b, at_least: 1", now(a=1e200, b=1e200), unknown(None, 1)),
    Case("too large below zero", "value: -a * b, at_most: 1", now(a=1e200, b=1e200), unknown(None, 1)),
    Case("too large by division", "value: a / b, at_least: 1", now(a=1e200, b=1e-200), unknown(None, 1)),
    Case("infinity less infinity", "value: a * b - a * b, between: [-1, 1]", now(a=1e200, b=1e200), unknown(None, None)),
    Case("a limit too large for a number", "value: a, at_most: b * c", now(a=5, b=1e200, c=1e200), unknown(5, None)),
    Case("a limit over zero", "value: a, at_least: b / c", now(a=5, b=1, c=0), unknown(5, None)),
    Case("a limit unknown", "value: a, at_least: b", now(a=5), unknown(5, None)),
    Case("value and limit unknown", "value: a, at_least: b", now(c=5), unknown(None, None)),
    Case("min: known", "value: 'min(a, b)', at_least: 4", now(a=5, b=4), met(4, 4)),
    Case("min: one unknown", "value: 'min(a, b)', at_least: 4", now(a=5), unknown(None, 4)),
    Case("min: one unknown, at most", "value: 'min(a, b)', at_most: 4", now(a=1), unknown(None, 4)),
    Case("max: known", "value: 'max(a, b, c)', at_most: 4", now(a=1, b=8, c=2), unmet(8, 4, 4, 0.5)),
    Case("max: one unknown", "value: 'max(a, b, c)', at_least: 4", now(a=5, b=6), unknown(None, 4)),
    Case("max of a number and the unknown", "value: 'max(a, 0)', at_most: 4", now(b=1), unknown(None, 4)),
    Case("min of infinity and a number", "value: 'min(a * b, c)', at_least: 4", now(a=1e200, b=1e200, c=5), unknown(None, 4)),
    Case("max with a zero denominator", "value: 'max(a / b, c)', at_least: 4", now(a=1, b=0, c=5), unknown(None, 4)),
    # limits from formulas, parameters and names that the SQL uses itself
    Case("one for every 500: enough", "value: a, at_least: b / 500", now(a=4, b=2000), met(4, 4)),
    Case("one for every 500: short", "value: a, at_least: b / 500", now(a=3, b=2000), unmet(3, 4, 1, 0.75)),
    Case("a limit of zero from a formula", "value: a, at_least: b / 500", now(a=0, b=0), met(0, 0)),
    Case("at most a formula that is zero", "value: a, at_most: b", now(a=3, b=0), unmet(3, 0, 3, 0)),
    Case("at most a negative formula", "value: a, at_most: b", now(a=3, b=-1), unmet(3, -1, 4, 0)),
    Case("at least a negative formula", "value: a, at_least: b", now(a=-3, b=-1), unmet(-3, -1, 2, 0)),
    Case("parameter: kept", "value: a, at_most: p", now(a=0.5), met(0.5, 0.5)),
    Case("parameter: exceeded", "value: a, at_most: p", now(a=2), unmet(2, 0.5, 1.5, 0.25)),
    Case("parameter not given for that quarter", "value: a, at_most: p", {"2025Q1": {"a": 2}}, unknown(2, None), at="2025Q1"),
    Case("parameter with a blank cell", "value: a, at_least: q", now(a=2), unknown(2, None)),
    Case("parameter in the value", "value: a * p, at_least: 3", now(a=6), met(3, 3)),
    Case("letters of the SQL as names", "value: m + e + s + f + n, at_least: 15", now(m=1, e=2, s=3, f=4, n=5), met(15, 15)),
    # windows: the sum of a year
    Case("year: complete, reached", FOUR_A_YEAR, year(f=[1, 1, 1, 1]), met(4, 4)),
    Case("year: complete, short", FOUR_A_YEAR, year(f=[1, 1, 0, 1]), unmet(3, 4, 1, 0.75)),
    Case("year: a quarter missing, reached all the same", FOUR_A_YEAR, year(f=[None, 2, 2, 1]), met(5, 4)),
    Case("year: a quarter missing, reached exactly", FOUR_A_YEAR, year(f=[1, None, 2, 1]), met(4, 4)),
    Case("year: a quarter missing, not yet reached", FOUR_A_YEAR, year(f=[1, None, 1, 1]), unknown(None, 4)),
    Case("year: this quarter missing, reached before", FOUR_A_YEAR, year(f=[1, 1, 2, None]), met(4, 4)),
    Case("year: this quarter missing, not reached", FOUR_A_YEAR, year(f=[1, 1, 1, None]), unknown(None, 4)),
    Case("year: nothing reported", FOUR_A_YEAR, year(a=[1, 1, 1, 1]), unknown(None, 4)),
    Case("year at most: complete, kept", FOUR_AT_MOST, year(f=[1, 1, 1, 1]), met(4, 4)),
    Case("year at most: complete, exceeded", FOUR_AT_MOST, year(f=[1, 1, 1, 5]), unmet(8, 4, 4, 0.5)),
    Case("year at most: a quarter missing, exceeded already", FOUR_AT_MOST, year(f=[None, 2, 2, 1]), unmet(5, 4, 1, 0.8)),
    Case("year at most: a quarter missing, at the limit", FOUR_AT_MOST, year(f=[None, 2, 1, 1]), unknown(None, 4)),
    Case("year at most: a quarter missing, kept so far", FOUR_AT_MOST, year(f=[None, 0, 0, 0]), unknown(None, 4)),
    Case("year at most: nothing reported", FOUR_AT_MOST, year(a=[1, 1, 1, 1]), unknown(None, 4)),
    Case("year between: complete, a tie", TWO_TO_FOUR, year(f=[1, 1, 1, 0]), met(3, 2)),
    Case("year between: complete, below", TWO_TO_FOUR, year(f=[0, 0, 0, 1]), unmet(1, 2, 1, 0.5)),
    Case("year between: complete, above", TWO_TO_FOUR, year(f=[2, 2, 2, 2]), unmet(8, 4, 4, 0.5)),
    Case("year between: a quarter missing, above already", TWO_TO_FOUR, year(f=[None, 2, 2, 1]), unmet(5, 4, 1, 0.8)),
    Case("year between: a quarter missing, inside so far", TWO_TO_FOUR, year(f=[None, 1, 1, 1]), unknown(None, None)),
    Case("year between: a quarter missing, below so far", TWO_TO_FOUR, year(f=[None, 0, 0, 1]), unknown(None, None)),
    Case("year over a stock: 1000 * crimes / residents", "value: 1000 * f / t, at_most: 1.5, every: year", year(f=[1, 0, 1, 1], t=[9, 9, 9, 2000]), met(1.5, 1.5)),
    Case("year: the stock counts at the end", "value: 1000 * f / t, at_most: 1.5, every: year", year(f=[1, 0, 1, 1], t=[9, 9, 9, 1000]), unmet(3, 1.5, 1.5, 0.5)),
    Case("year: the stock is missing at the end", "value: 1000 * f / t, at_most: 1.5, every: year", year(f=[9, 9, 9, 9], t=[9, 9, 9, None]), unknown(None, 1.5)),
    Case("year: the stock is missing earlier", "value: 1000 * f / t, at_most: 1.5, every: year", year(f=[1, 0, 1, 1], t=[None, None, None, 2000]), met(1.5, 1.5)),
    Case("year: the stock is zero at the end", "value: 1000 * f / t, at_most: 1.5, every: year", year(f=[1, 1, 1, 1], t=[9, 9, 9, 0]), unknown(None, 1.5)),
    Case("two flows: one incomplete, reached", "value: f + n, at_least: 10, every: year", year(f=[1, 1, 1, 1], n=[None, 2, 2, 2]), met(10, 10)),
    Case("two flows: one incomplete, not reached", "value: f + n, at_least: 10, every: year", year(f=[1, 1, 1, 1], n=[None, 2, 2, 1]), unknown(None, 10)),
    Case("two flows: one never reported", "value: f + n, at_least: 10, every: year", year(f=[9, 9, 9, 9]), unknown(None, 10)),
    Case("two flows: the larger, one incomplete", "value: 'max(f, n)', at_least: 10, every: year", year(f=[4, 4, 1, 1], n=[None, 2, 2, 2]), met(10, 10)),
    Case("two flows: the smaller, one incomplete", "value: 'min(f, n)', at_least: 10, every: year", year(f=[4, 4, 4, 4], n=[None, 2, 2, 2]), unknown(None, 10)),
    Case("a year's limit from a stock", "value: f, at_least: 20 * a, every: year", year(f=[10, 10, 10, 10], a=[9, 9, 9, 2]), met(40, 40)),
    Case("a year's limit unknown", "value: f, at_least: 20 * a, every: year", year(f=[10, 10, 10, 10], a=[9, 9, 9, None]), unknown(40, None)),
    Case("a year's limit unknown and the sum a bound", "value: f, at_least: 20 * a, every: year", year(f=[None, 10, 10, 10]), unknown(None, None)),
    Case("a year's limit a parameter", "value: f, at_most: p, every: year", year(f=[None, None, 1, 0]), unmet(1, 0.5, 0.5, 0.5)),
    Case("a stock over a year is this quarter's", "value: a, at_least: 3, every: year", year(a=[9, 9, 9, 3]), met(3, 3)),
    Case("a stock over a year, missing now", "value: a, at_least: 3, every: year", year(a=[9, 9, 9, None]), unknown(None, 3)),
    # shorter windows
    Case("half year: reached", "value: f, at_least: 2, every: half_year", year(f=[9, 9, 1, 1]), met(2, 2)),
    Case("half year: short; the first half does not count", "value: f, at_least: 2, every: half_year", year(f=[9, 9, 1, 0]), unmet(1, 2, 1, 0.5)),
    Case("half year: missing before, not reached", "value: f, at_least: 2, every: half_year", year(f=[9, 9, None, 1]), unknown(None, 2)),
    Case("half year: missing now, reached before", "value: f, at_least: 2, every: half_year", year(f=[0, 0, 2, None]), met(2, 2)),
    Case("half year: both missing", "value: f, at_least: 2, every: half_year", year(f=[9, 9, None, None]), unknown(None, 2)),
    Case("half year at most: exceeded already", "value: f, at_most: 2, every: half_year", year(f=[0, 0, None, 4]), unmet(4, 2, 2, 0.5)),
    Case("every quarter is the quarter alone", "value: f, at_least: 2, every: quarter", year(f=[9, 9, 9, 1]), unmet(1, 2, 1, 0.5)),
    Case("no `every` is the quarter alone", "value: f, at_least: 2", year(f=[9, 9, 9, 1]), unmet(1, 2, 1, 0.5)),
    Case("no `every`, missing now", "value: f, at_least: 2", year(f=[9, 9, 9, None]), unknown(None, 2)),
    # the beginning of history, and a quarter that nobody reported (2022Q2)
    Case("first quarter ever: reached at once", FOUR_A_YEAR, {"2022Q1": {"f": 5}}, met(5, 4), at="2022Q1"),
    Case("first quarter ever: not reached", FOUR_A_YEAR, {"2022Q1": {"f": 3}}, unknown(None, 4), at="2022Q1"),
    Case("first quarter ever: exceeded at once", FOUR_AT_MOST, {"2022Q1": {"f": 5}}, unmet(5, 4, 1, 0.8), at="2022Q1"),
    Case("first quarter ever: kept so far", FOUR_AT_MOST, {"2022Q1": {"f": 0}}, unknown(None, 4), at="2022Q1"),
    Case("first quarter ever: half year", "value: f, at_least: 2, every: half_year", {"2022Q1": {"f": 2}}, met(2, 2), at="2022Q1"),
    Case("first quarter ever: no `every`", "value: f, at_least: 2", {"2022Q1": {"f": 2}}, met(2, 2), at="2022Q1"),
    Case("over a quarter that nobody reported: bound", FOUR_A_YEAR, {"2022Q1": {"f": 1}, "2022Q3": {"f": 3}}, met(4, 4), at="2022Q3"),
    Case("over a quarter that nobody reported: undecided", FOUR_A_YEAR, {"2022Q1": {"f": 1}, "2022Q3": {"f": 2}}, unknown(None, 4), at="2022Q3"),
    Case("half year beside it: not the quarter before last", "value: f, at_least: 2, every: half_year", {"2022Q1": {"f": 9}, "2022Q3": {"f": 1}}, unknown(None, 2), at="2022Q3"),
    Case("half year beside it: reached", "value: f, at_least: 2, every: half_year", {"2022Q1": {"f": 9}, "2022Q3": {"f": 2}}, met(2, 2), at="2022Q3"),
    # the period before
    Case("not below the quarter before: equal", "value: a, at_least: previous(a)", year(a=[9, 9, 80, 80]), met(80, 80)),
    Case("not below the quarter before: below", "value: a, at_least: previous(a)", year(a=[9, 9, 80, 60]), unmet(60, 80, 20, 0.75)),
    Case("nothing in the quarter before", "value: a, at_least: previous(a)", year(a=[9, 9, None, 60]), unknown(60, None)),
    Case("no quarter before at all", "value: a, at_least: previous(a)", {"2022Q1": {"a": 60}}, unknown(60, None), at="2022Q1"),
    Case("the quarter before reported by nobody", "value: a, at_least: previous(a)", {"2022Q1": {"a": 5}, "2022Q3": {"a": 60}}, unknown(60, None), at="2022Q3"),
    Case("previous in the value", "value: a - previous(a), at_least: 5", year(a=[None, None, 10, 16]), met(6, 5)),
    Case("previous of another metric over the turn of the year", "value: 100 * a / previous(b), at_least: 50", {"2022Q4": {"b": 20}, "2023Q1": {"a": 10}}, met(50, 50), at="2023Q1"),
    Case("previous is zero in a denominator", "value: a / previous(a), at_least: 1", year(a=[None, None, 0, 5]), unknown(None, 1)),
    # baselines: linear, clipped
    Case("at least from 50: halfway", "value: a, at_least: 90, baseline: 50", now(a=70), unmet(70, 90, 20, 0.5)),
    Case("at least from 50: at the baseline", "value: a, at_least: 90, baseline: 50", now(a=50), unmet(50, 90, 40, 0)),
    Case("at least from 50: below the baseline", "value: a, at_least: 90, baseline: 50", now(a=10), unmet(10, 90, 80, 0)),
    Case("at least from 50: met", "value: a, at_least: 90, baseline: 50", now(a=95), met(95, 90)),
    Case("at least from a negative baseline", "value: a, at_least: -10, baseline: -20", now(a=-15), unmet(-15, -10, 5, 0.5)),
    Case("at most from 30: halfway", "value: a, at_most: 10, baseline: 30", now(a=20), unmet(20, 10, 10, 0.5)),
    Case("at most from 30: beyond the baseline", "value: a, at_most: 10, baseline: 30", now(a=40), unmet(40, 10, 30, 0)),
    Case("at most from 30: met", "value: a, at_most: 10, baseline: 30", now(a=3), met(3, 10)),
    Case("at most zero from 8", "value: a, at_most: 0, baseline: 8", now(a=2), unmet(2, 0, 2, 0.75)),
    Case("between from 20: below, halfway", "value: a, between: [40, 60], baseline: 20", now(a=30), unmet(30, 40, 10, 0.5)),
    Case("between from 20: below the baseline", "value: a, between: [40, 60], baseline: 20", now(a=10), unmet(10, 40, 30, 0)),
    Case("between from 20: above is limit over value", "value: a, between: [40, 60], baseline: 20", now(a=80), unmet(80, 60, 20, 0.75)),
    Case("between from 100: above, halfway", "value: a, between: [40, 60], baseline: 100", now(a=80), unmet(80, 60, 20, 0.5)),
    Case("between from 100: beyond the baseline", "value: a, between: [40, 60], baseline: 100", now(a=120), unmet(120, 60, 60, 0)),
    Case("between from 100: below is from 0", "value: a, between: [40, 60], baseline: 100", now(a=20), unmet(20, 40, 20, 0.5)),
    Case("a sum beyond all numbers, at least", FOUR_A_YEAR, year(f=[1.7e308] * 4), unknown(None, 4)),
    Case("a sum beyond all numbers, at most", FOUR_AT_MOST, year(f=[1.7e308] * 4), unknown(None, 4)),
    # flows in limits and in the period before, where the criterion looks at one period
    Case("a flow against a flow, at the limit", "value: f, at_least: n * 0.9", now(f=9, n=10), met(9, 9)),
    Case("a flow against a flow, short of it", "value: f, at_least: n * 0.9", now(f=6, n=10), unmet(6, 9, 3, 2 / 3)),
    Case("a flow against a flow that nobody reported", "value: f, at_least: n * 0.9", now(f=6), unknown(6, None)),
    Case("not more than the quarter before", "value: f, at_most: previous(f)", {"2025Q3": {"f": 4}, NOW: {"f": 4}}, met(4, 4)),
    Case("more than the quarter before", "value: f, at_most: previous(f)", {"2025Q3": {"f": 4}, NOW: {"f": 5}}, unmet(5, 4, 1, 0.8)),
    Case("the quarter before was not reported", "value: f, at_most: previous(f)", {"2025Q2": {"f": 4}, NOW: {"f": 5}}, unknown(5, None)),
    Case("two quarters by name", "value: f + previous(f), at_least: 9", {"2025Q3": {"f": 4}, NOW: {"f": 5}}, met(9, 9)),
    Case("two quarters by name, one missing: no sum on hand", "value: f + previous(f), at_least: 9", now(f=20), unknown(None, 9)),
    Case("a range up from a formula, from 100: below is from 0", "value: a, between: [b, 60], baseline: 100", now(a=20, b=40), unmet(20, 40, 20, 0.5)),
    Case("a range up from a formula, from 20: below, halfway", "value: a, between: [b, 60], baseline: 20", now(a=30, b=40), unmet(30, 40, 10, 0.5)),
    Case("a range up to a formula, from 100: above, halfway", "value: a, between: [40, b], baseline: 100", now(a=80, b=60), unmet(80, 60, 20, 0.5)),
    Case("a range up to a formula, from 20: above is limit over value", "value: a, between: [40, b], baseline: 20", now(a=80, b=60), unmet(80, 60, 20, 0.75)),
    Case("a range of formulas that leaves no room", "value: a, between: [b, c]", now(a=10, b=40, c=8), unmet(10, 40, 30, 0.25)),
    Case("a range of formulas that leaves no room, above", "value: a, between: [b, c]", now(a=40, b=40, c=8), unmet(40, 8, 32, 0.2)),
    Case("a formula limit from 50", "value: a, at_least: b, baseline: 50", now(a=70, b=90), unmet(70, 90, 20, 0.5)),
    Case("a formula limit under its baseline", "value: a, at_least: b, baseline: 50", now(a=30, b=40), unmet(30, 40, 10, 0)),
    Case("a formula limit from 30, at most", "value: a, at_most: b, baseline: 30", now(a=20, b=10), unmet(20, 10, 10, 0.5)),
    Case("a formula limit above its baseline, at most", "value: a, at_most: b, baseline: 30", now(a=50, b=40), unmet(50, 40, 10, 0)),
]  # fmt: skip
CODES = {criterion: f"1.{number}" for number, criterion in enumerate(dict.fromkeys(case.criterion for case in CASES), start=1)}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str, str], dict[str, str]]]:
    """(area, period, indicator) → its row of the export; community C<n> is the n-th case."""
    standard = loader.parse(yaml_text({"table": [indicator(code, f"id: c, {criterion}") for criterion, code in CODES.items()]}))
    reports = {f"C{number}": case.reports for number, case in enumerate(CASES)}
    parameters = csv_source("parameters.csv", ("period", "p", "q"), [(NOW, "0.5", "")])
    with Store(tmp_path_factory.mktemp("truth") / "t.duckdb", standard) as store:
        import_sources(store, [areas_source(list(reports)), metrics_source("metrics.csv", reports), parameters], user=local_user())
        yield {(row["area_id"], row["period"], row["indicator"]): row for row in exported(store, "criteria")}


@pytest.mark.parametrize(("place", "case"), list(enumerate(CASES)), ids=[case.name for case in CASES])
def test_truth_table(truth: dict[tuple[str, str, str], dict[str, str]], place: int, case: Case) -> None:
    row = truth[f"C{place}", case.at, CODES[case.criterion]]
    assert row["status"] == case.expected[4]
    for name, expected in zip(("value", "threshold", "gap", "attainment"), case.expected[:4], strict=True):
        found = number(row[name])
        assert found == (expected if expected is None else pytest.approx(expected, rel=1e-12 if name != "gap" else 1e-6)), name


def test_case_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e400", "∞", "null", "1/0", "#DIV/0!"])
def test_no_figure_that_is_no_number_can_be_imported(tmp_path: Path, text: str) -> None:
    with Store(tmp_path / "t.duckdb", loader.parse(yaml_text({"d": [indicator("1", f"id: c, {AT_90}")]}))) as store:
        import_source(store, areas_source(["C1"]), user=local_user())
        with pytest.raises(ImportDataError) as caught:
            import_source(store, metrics_source("metrics.csv", {"C1": {NOW: {"a": text}}}), user=local_user())
        assert [(problem.line, problem.column, problem.value) for problem in caught.value.problems] == [(2, "a", text)]
        assert queries.all_periods(store.cursor()) == []


# -- indicators, groups, exemptions, domains, areas -----------------------------------------------------------------


def small_store(tmp_path: Path, domains: Mapping[str, Sequence[str]], reports: Mapping[str, Reports], *more: Source) -> Store:
    store = Store(tmp_path / "small.duckdb", loader.parse(yaml_text(domains)))
    import_sources(store, [areas_source(list(reports)), metrics_source("metrics.csv", reports), *more], user=local_user())
    return store


def exemptions(*rows: Sequence[str]) -> Source:
    return csv_source("exemptions.csv", ("area_id", "indicator", "from", "to", "reason"), [(*row, "无此设施") for row in rows])


# a ≥ 10, b ≥ 10 and y together → status and attainment of the indicator (ADR 3.12: the mean of what is decided)
COMBINED = [
    ({"a": 10, "b": 12, "y": 1}, "met", 1.0),
    ({"a": 5, "b": 12, "y": 1}, "unmet", (0.5 + 1 + 1) / 3),
    ({"a": 5, "b": 2, "y": 0}, "unmet", (0.5 + 0.2 + 0) / 3),
    ({"a": 5, "b": None, "y": 1}, "unmet", (0.5 + 1) / 2),
    ({"a": 5, "b": None, "y": None}, "unmet", 0.5),
    ({"a": None, "b": None, "y": 0}, "unmet", 0.0),
    ({"a": 10, "b": None, "y": 1}, "no_data", 1.0),
    ({"a": None, "b": None, "y": 1}, "no_data", 1.0),
    ({"c": 1}, "no_data", None),
]  # fmt: skip


def test_indicator_of_several_criteria(tmp_path: Path) -> None:
    domains = {"d": [indicator("1", "id: first, value: a, at_least: 10", "id: second, value: b, at_least: 10", "id: third, value: y, is: yes")]}
    reports = {f"C{number}": {NOW: cells} for number, (cells, _, _) in enumerate(COMBINED)}
    with small_store(tmp_path, domains, reports) as store:
        found = [(row["status"], number(row["attainment"])) for row in exported(store, "indicators")]
    assert found == [(status, pytest.approx(attainment) if attainment is not None else None) for _, status, attainment in COMBINED]


# a ≥ 10 or b ≥ 20 → the group's status and attainment, and the members' statuses (ADR 3.11)
GROUPS = [
    ({"a": 10, "b": 20}, "met", 1.0, ("met", "met")),
    ({"a": 10, "b": 5}, "met", 1.0, ("met", "unmet")),
    ({"a": 5, "b": 20}, "met", 1.0, ("unmet", "met")),
    ({"a": 10}, "met", 1.0, ("met", "no_data")),
    ({"a": 5, "b": 5}, "unmet", 0.5, ("unmet", "unmet")),
    ({"a": 1, "b": 15}, "unmet", 0.75, ("unmet", "unmet")),
    ({"a": 5}, "no_data", None, ("unmet", "no_data")),
    ({"b": 5}, "no_data", None, ("no_data", "unmet")),
    ({"c": 1}, "no_data", None, ("no_data", "no_data")),
]  # fmt: skip


def test_any_of(tmp_path: Path) -> None:
    group = "any_of: [{id: first, value: a, at_least: 10}, {id: second, value: b, at_least: 20}]"
    domains = {"d": [indicator("1", group), indicator("2", f"id: own, {group}", "id: other, value: m, at_least: 4")]}
    reports = {f"C{number}": {NOW: {**cells, "m": 3}} for number, (cells, _, _, _) in enumerate(GROUPS)}
    with small_store(tmp_path, domains, reports) as store:
        rows = exported(store, "criteria")
        indicators = {(row["area_id"], row["indicator"]): row for row in exported(store, "indicators")}
    by_key = {(row["area_id"], row["indicator"], row["criterion"]): row for row in rows}
    assert [row["criterion"] for row in rows[:6]] == ["first_or_second", "first", "second", "own", "first", "second"]
    for place, (_, status, attainment, members) in enumerate(GROUPS):
        area = f"C{place}"
        for code, name in (("1", "first_or_second"), ("2", "own")):
            whole = by_key[area, code, name]
            assert (whole["value"], whole["threshold"], whole["gap"], whole["status"]) == ("", "", "", status)
            assert number(whole["attainment"]) == attainment
            assert tuple(by_key[area, code, member]["status"] for member in ("first", "second")) == members
        assert (indicators[area, "1"]["status"], number(indicators[area, "1"]["attainment"])) == (status, attainment)
        # The group counts once beside the other criterion (0.75 of its way), its members do not count.
        mean = 0.75 if attainment is None else (attainment + 0.75) / 2
        assert (indicators[area, "2"]["status"], number(indicators[area, "2"]["attainment"])) == ("unmet", pytest.approx(mean))


def test_any_of_all_yes_no_has_attainment_zero_when_unmet(tmp_path: Path) -> None:
    domains = {"d": [indicator("1", "id: g, any_of: [{id: first, value: y, is: yes}, {id: second, value: a, at_most: 0}]")]}
    with small_store(tmp_path, domains, {"C1": {NOW: {"y": 0, "a": 2}}}) as store:
        assert [(row["status"], row["attainment"]) for row in exported(store, "indicators")] == [("unmet", "0")]


EXEMPT_AT = [
    # area, from, to → status in 2025Q1, Q2, Q3, Q4; the figure is unmet in all of them
    ("C1", "2025Q2", "2025Q3", ("unmet", "not_applicable", "not_applicable", "unmet")),
    ("C2", "2025Q3", "2025Q3", ("unmet", "unmet", "not_applicable", "unmet")),
    ("C3", "2025Q3", "", ("unmet", "unmet", "not_applicable", "not_applicable")),
    ("C4", "2019Q1", "2025Q1", ("not_applicable", "unmet", "unmet", "unmet")),
    ("C5", "2026Q1", "", ("unmet", "unmet", "unmet", "unmet")),
    ("C6", "2019Q1", "2024Q4", ("unmet", "unmet", "unmet", "unmet")),
    ("C7", "2019Q1", "2030Q1", ("not_applicable",) * 4),
]  # fmt: skip


def test_exemption_in_time(tmp_path: Path) -> None:
    reports = {area: year(a=[45, 45, 45, 45]) for area in [row[0] for row in EXEMPT_AT]}
    source = exemptions(*((area, "1", start, end) for area, start, end, _ in EXEMPT_AT))
    with small_store(tmp_path, {"d": [indicator("1", f"id: c, {AT_90}")]}, reports, source) as store:
        found = {(row["area_id"], row["period"]): row for row in exported(store, "indicators")}
        listed = {(row["area_id"], row["period"]): row for row in exported(store, "criteria")}
        whole = {(row["area_id"], row["period"]): row for row in exported(store, "areas")}
    for area, _, _, statuses in EXEMPT_AT:
        for period, status in zip(YEAR, statuses, strict=True):
            row, counts = listed[area, period], whole[area, period]
            assert (found[area, period]["status"], row["status"]) == (status, status), (area, period)
            assert (row["value"], row["threshold"]) == ("45", "90")
            if status == "not_applicable":
                assert (row["gap"], row["attainment"], found[area, period]["attainment"]) == ("", "", "")
                assert (counts["met"], counts["unmet"], counts["no_data"], counts["not_applicable"], counts["score"]) == ("0", "0", "0", "1", "")
            else:
                assert (row["gap"], row["attainment"], found[area, period]["attainment"]) == ("45", "0.5", "0.5")
                assert (counts["met"], counts["unmet"], counts["no_data"], counts["not_applicable"], counts["score"]) == ("0", "1", "0", "0", "50")


def test_exemptions_of_met_and_unknown_and_of_whole_domains(tmp_path: Path) -> None:
    """The indicator leaves every count; a domain without an applicable indicator has no score and no badge, and the area's mean goes without it."""
    domains = {
        "first": [indicator("1", f"id: c, {AT_90}"), indicator("2", "id: c, value: b, at_least: 10")],
        "second": [indicator("3", "id: c, value: c, at_least: 10")],
    }
    reports = {area: {NOW: {"a": 90, "c": 5}} for area in ("C1", "C2", "C3")}
    source = exemptions(("C1", "1", NOW, ""), ("C1", "2", NOW, ""), ("C2", "2", NOW, ""))
    with small_store(tmp_path, domains, reports, source) as store:
        by_domain = {(row["area_id"], row["domain"]): tuple(row.values())[3:] for row in exported(store, "domains")}
        by_area = {row["area_id"]: tuple(row.values())[3:] for row in exported(store, "areas")}
        badges = queries.badges(store.cursor(), store.standard, "community", periods.parse(NOW, "quarter"))
    assert by_domain == {
        ("C1", "first"): ("0", "0", "0", "2", ""), ("C1", "second"): ("0", "1", "0", "0", "50"),
        ("C2", "first"): ("1", "0", "0", "1", "100"), ("C2", "second"): ("0", "1", "0", "0", "50"),
        ("C3", "first"): ("1", "0", "1", "0", "100"), ("C3", "second"): ("0", "1", "0", "0", "50"),
    }  # fmt: skip
    # C3: one of three without data is more than 20 %.
    assert by_area == {"C1": ("0", "1", "0", "2", "50"), "C2": ("1", "1", "0", "1", "75"), "C3": ("1", "1", "1", "0", "")}
    # domain, earned, not earned, undetermined, not applicable
    assert [tuple(row) for row in badges.itertuples(index=False)] == [("first", 1, 0, 1, 1), ("second", 0, 3, 0, 0)]


def test_weights_count_inside_a_domain_only(tmp_path: Path) -> None:
    domains = {
        "first": [indicator("1", "id: c, value: a, at_least: 10", weight=1), indicator("2", "id: c, value: b, at_least: 10", weight=3)],
        "second": [indicator("3", "id: c, value: c, at_least: 10", weight=100)],
    }
    # first: (1 × 1 + 3 × 0.5) / 4 = 0.625; second: 0.25; area: the plain mean
    reports = {"C1": {NOW: {"a": 10, "b": 5, "c": 2.5}}, "C2": {NOW: {"b": 5, "c": 2.5}}, "C3": {NOW: {"a": 10, "b": 5}}}
    with small_store(tmp_path, domains, reports) as store:
        by_domain = {(row["area_id"], row["domain"]): number(row["score"]) for row in exported(store, "domains")}
        by_area = [number(row["score"]) for row in exported(store, "areas")]
    assert by_domain == {
        ("C1", "first"): 62.5, ("C1", "second"): 25, ("C2", "first"): 50, ("C2", "second"): 25, ("C3", "first"): 62.5, ("C3", "second"): None,
    }  # fmt: skip
    assert by_area == [43.75, None, None]


TEN = (*STOCKS, *FLOWS, *YES_NO)
# how many of ten indicators lack data, how many are exempt → is there a score? (DESIGN 4.4: none above 20 % of the applicable ones)
TOO_MUCH_UNKNOWN = [
    (0, 0, True),
    (1, 0, True),
    (2, 0, True),
    (3, 0, False),
    (1, 5, True),
    (1, 6, False),
    (2, 1, False),
    (9, 0, False),
    (0, 9, True),
    (0, 10, False),
]


def test_no_score_above_20_percent_unknown(tmp_path: Path) -> None:
    """The first metrics are not reported, the last indicators are exempt, all others are met."""
    domains = {"d": [indicator(name, f"id: c, value: {name}, at_least: 1") for name in TEN]}
    reports = {f"C{place}": {NOW: dict.fromkeys(TEN[lacking:], 1)} for place, (lacking, _, _) in enumerate(TOO_MUCH_UNKNOWN)}
    exempt_rows = [(f"C{place}", name, NOW, "") for place, (_, exempt, _) in enumerate(TOO_MUCH_UNKNOWN) for name in TEN[10 - exempt :]]
    with small_store(tmp_path, domains, reports, exemptions(*exempt_rows)) as store:
        found = [tuple(row.values())[3:] for row in exported(store, "areas")]
    assert found == [
        (str(10 - lacking - exempt), "0", str(lacking), str(exempt), "100" if has_score else "") for lacking, exempt, has_score in TOO_MUCH_UNKNOWN
    ]


def test_just_above_20_percent_unknown(tmp_path: Path) -> None:
    """5 of 25 is 20 %; with one exempt 5 of 24 is 20.8 %."""
    domains = {"d": [indicator(str(place), f"id: c, value: {'a' if place < 20 else 'b'}, at_least: 1") for place in range(25)]}
    with small_store(tmp_path, domains, {"C1": {NOW: {"a": 1}}, "C2": {NOW: {"a": 1}}}, exemptions(("C2", "0", NOW, ""))) as store:
        assert [tuple(row.values())[3:] for row in exported(store, "areas")] == [("20", "0", "5", "0", "100"), ("19", "0", "5", "1", "")]


# -- which rows there are, and which report counts ------------------------------------------------------------------


def test_area_without_report_is_there_with_no_data(tmp_path: Path) -> None:
    domains = {"d": [indicator("1", f"id: c, {AT_90}"), indicator("2", "id: c, value: offices, at_least: 1", level="subdistrict")]}
    offices = csv_source("offices.csv", ("area_id", "period", "offices"), [("S1", "2025Q1", 1)])
    with small_store(tmp_path, domains, {"C1": {NOW: {"a": 90}}, "C2": {"2025Q2": {}}}, offices) as store:
        communities = [(row["area_id"], row["period"], row["status"]) for row in exported(store, "indicators")]
        subdistricts = [(row["area_id"], row["period"], row["status"]) for row in exported(store, "indicators", "subdistrict")]
        counts = [(row["no_data"], row["score"]) for row in exported(store, "areas")]
    # 2025Q1 is there because the subdistrict reported it (ADR 3.1); 2025Q2 is not: its only row is blank.
    assert communities == [("C1", "2025Q1", "no_data"), ("C2", "2025Q1", "no_data"), ("C1", NOW, "met"), ("C2", NOW, "no_data")]
    assert subdistricts == [("S1", "2025Q1", "met"), ("S1", NOW, "no_data")]
    assert counts == [("1", ""), ("1", ""), ("0", "100"), ("1", "")]


def test_newest_report_that_is_not_blank_wins(tmp_path: Path) -> None:
    domains = {"d": [indicator("1", f"id: c, {AT_90}"), indicator("2", "id: c, value: b, at_least: 1")]}
    steps = [
        ({"a": 50, "b": 1}, ("50", "1")),
        ({"a": 95}, ("95", "1")),  # b is blank: it stays
        ({"b": 7}, ("95", "7")),
        ({"a": 60, "b": 7}, ("60", "7")),  # newer, though worse
        ({"a": 0}, ("0", "7")),  # zero is a figure
    ]  # fmt: skip
    with small_store(tmp_path, domains, {"C1": {}, "C2": {NOW: {"a": 1}}}) as store:
        for place, (cells, expected) in enumerate(steps):
            import_source(store, metrics_source(f"{place}.csv", {"C1": {NOW: cells}}, ("a", "b")), user=local_user())
            assert tuple(row["value"] for row in exported(store, "criteria") if row["area_id"] == "C1") == expected
        # A file of blanks changes nothing and opens no quarter.
        import_source(store, metrics_source("blank.csv", {"C1": {NOW: {}, "2025Q3": {}}}, ("a", "b")), user=local_user())
        assert [(row["area_id"], row["period"], row["value"]) for row in exported(store, "criteria")] == [
            ("C1", NOW, "0"), ("C1", NOW, "7"), ("C2", NOW, "1"), ("C2", NOW, ""),
        ]  # fmt: skip


# period of the standard → `every` → how many periods are summed
WINDOWS = [
    ("month", {"": 1, "quarter": 3, "half_year": 6, "year": 12}, [f"2024-{month:02}" for month in range(1, 13)]),
    ("quarter", {"": 1, "quarter": 1, "half_year": 2, "year": 4}, [f"{year}Q{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]),
    ("year", {"": 1, "year": 1}, [str(year) for year in range(2013, 2025)]),
]  # fmt: skip


@pytest.mark.parametrize(("frequency", "lengths", "labels"), WINDOWS, ids=[frequency for frequency, _, _ in WINDOWS])
def test_window_lengths(tmp_path: Path, frequency: str, lengths: dict[str, int], labels: list[str]) -> None:
    """Twelve periods with one visit each; the sum at the last says how long the window is, and the one before it is its `previous`."""
    criteria = [f"id: over{every}, value: f, at_least: 0" + (f", every: {every}" if every else "") for every in lengths]
    text = yaml_text({"d": [indicator("1", *criteria, "id: before, value: previous(a), at_least: 0")]}).replace("period: quarter", f"period: {frequency}")
    with Store(tmp_path / "w.duckdb", loader.parse(text)) as store:
        import_source(store, areas_source(["C1"]), user=local_user())
        import_source(store, metrics_source("m.csv", {"C1": {label: {"f": 1, "a": place} for place, label in enumerate(labels)}}), user=local_user())
        values = [float(row["value"]) for row in exported(store, "criteria") if row["period"] == labels[-1]]
    assert values == [*lengths.values(), 10]


# -- names that need care -------------------------------------------------------------------------------------------


def test_names_that_need_quoting(tmp_path: Path) -> None:
    """Codes may hold quotes and blanks; a criterion, a metric, a domain and a group may share a name."""
    codes = ["2.5'x\"", "a b", "a", "指标（一）", "'", '"; DROP TABLE areas; --']
    domains = {"a": [indicator(code, "id: a, value: a, at_least: 1", "id: b, value: b, at_least: 1") for code in codes[:3]],
               "met": [indicator(codes[3], "id: met, any_of: [{id: a, value: a, at_least: 1}, {id: score_, value: b, at_least: 1}]"),
                       indicator(codes[4], "id: a, value: a, at_least: 1"), indicator(codes[5], "id: m, value: m, at_least: 1")]}  # fmt: skip
    reports = {"C1": {NOW: {"a": 1, "b": 1, "m": 1}}, "C2": {NOW: {"a": 1, "b": 0, "m": 0}}}
    with small_store(tmp_path, domains, reports, exemptions(("C2", codes[0], NOW, ""), ("C2", codes[4], NOW, ""))) as store:
        found = [(row["area_id"], row["indicator"], row["status"]) for row in exported(store, "indicators")]
        cursor, period = store.cursor(), periods.parse(NOW, "quarter")
        by_code = queries.compliance_by_indicator(cursor, store.standard, "community", period)
        of_area = area_queries.indicators_of_area(cursor, store.standard, "community", "C2", period)
        why = area_queries.criteria_of_area(cursor, store.standard, "community", "C1", period, codes[:1])
        import_source(store, metrics_source("later.csv", {"C2": {NOW: {"b": 1}}}, ("b",)), user=local_user())
        after = [(row["indicator"], row["status"]) for row in exported(store, "indicators") if row["area_id"] == "C2"]
    expected = dict(zip(codes, ("not_applicable", "unmet", "unmet", "met", "not_applicable", "unmet"), strict=True))
    assert found == [*(("C1", code, "met") for code in codes), *(("C2", code, status) for code, status in expected.items())]
    assert of_area == expected
    assert [tuple(row) for row in by_code.itertuples(index=False)] == [
        (code, 1 + (status == "met"), int(status == "unmet"), 0, int(status == "not_applicable")) for code, status in expected.items()
    ]
    assert list(zip(why["indicator"], why["criterion"], why["status"], strict=True)) == [(codes[0], "a", "met"), (codes[0], "b", "met")]
    assert after == [(code, "met" if status == "unmet" and code != codes[5] else status) for code, status in expected.items()]


def test_standard_with_a_domain_of_300_indicators(tmp_path: Path) -> None:
    """Counts do not overflow a byte."""
    domains = {"d": [indicator(str(place), "id: c, value: a, at_least: 1") for place in range(300)]}
    with small_store(tmp_path, domains, {"C1": {NOW: {"a": 1}}, "C2": {NOW: {"b": 1}}, "C3": {NOW: {"a": 0}}}) as store:
        found = [tuple(row.values())[3:] for row in exported(store, "domains")]
        whole = [tuple(row.values())[3:] for row in exported(store, "areas")]
    assert found == whole == [("300", "0", "0", "0", "100"), ("0", "0", "300", "0", ""), ("0", "300", "0", "0", "0")]


@pytest.mark.parametrize("name", ["filled", "rowid", "line", "import_id", "Exempt", "area_id", "period"])
def test_metric_may_not_be_called_like_a_column_of_ours(name: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        loader.parse(yaml_text({"d": [indicator("1", f"id: c, {AT_90}")]}).replace("parameters:\n", metric(name) + "parameters:\n", 1))
    assert [(problem.key, problem.subject) for problem in caught.value.problems] == [("fields.reserved", name)]


@pytest.mark.parametrize("name", ["areas", "Parameters", "exemptions"])
def test_level_may_not_be_called_like_a_table_of_ours(name: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        loader.parse(yaml_text({"d": [indicator("1", f"id: c, {AT_90}")]}).replace("subdistrict", name))
    assert [(problem.key, problem.subject) for problem in caught.value.problems] == [("fields.reserved", name)]
