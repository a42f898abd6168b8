"""The oracle itself against verdicts worked by hand from DESIGN section 4 and docs/adr/0003-verdict-semantics.md."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import oracle
import pytest

NOW = "2025Q4"
HEAD = """
standard:
  id: tiny
  period: {period}
  levels: [{{id: subdistrict}}, {{id: community, parent: subdistrict}}]
metrics:
  - {{id: rate, level: community, unit: percent, kind: stock}}
  - {{id: part, level: community, unit: count, kind: stock}}
  - {{id: whole, level: community, unit: count, kind: stock}}
  - {{id: checked, level: community, unit: yes_no, kind: stock}}
  - {{id: sessions, level: community, unit: count, kind: flow}}
  - {{id: visits, level: community, unit: count, kind: flow}}
  - {{id: offices, level: subdistrict, unit: count, kind: stock}}
parameters:
  - {{id: city_rate, unit: percent}}
pillars:
  - id: only_pillar
    domains:
"""
AREAS = "area_id,name,level,parent_id\nS1,South,subdistrict,\nC1,First,community,S1\n"

Domains = dict[str, list[str]]


def standard(tmp_path: Path, domains: Domains, period: str = "quarter") -> oracle.Standard:
    """Domain id → its indicators, each in YAML's flow style."""
    lines = [HEAD.format(period=period)]
    for domain, indicators in domains.items():
        lines += [f"      - id: {domain}\n        indicators:"] + [f"          - {{{item}}}" for item in indicators]
    file = tmp_path / "indicators.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return oracle.load(file)


def community(code: str, *criteria: str, weight: float = 1) -> str:
    return f'code: "{code}", level: community, weight: {weight}, criteria: [{", ".join(criteria)}]'


def csv_files(tmp_path: Path, name: str, texts: Iterable[str]) -> list[Path]:
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"{name}{number}.csv")
        files[-1].write_text(text, encoding="utf-8")
    return files


def judged(
    tmp_path: Path,
    domains: Domains,
    metrics: list[str],
    areas: tuple[str, ...] = (AREAS,),
    parameters: tuple[str, ...] = (),
    exemptions: tuple[str, ...] = (),
    period: str = "quarter",
) -> oracle.Verdicts:
    return oracle.judge(
        standard(tmp_path, domains, period),
        csv_files(tmp_path, "areas", areas),
        csv_files(tmp_path, "metrics", metrics),
        csv_files(tmp_path, "parameters", parameters),
        csv_files(tmp_path, "exemptions", exemptions),
    )


def reports(cells: dict[str, dict[str, Any]]) -> list[str]:
    """Period → metric → cell of C1, a file for each period. S1 reports too, so that NOW is judged in any case."""
    files = [f"area_id,period,offices\nS1,{NOW},1\n"]
    for period, row in cells.items():
        files.append(",".join(["area_id", "period", *row]) + "\n" + ",".join(["C1", period, *map(str, row.values())]))
    return files


def same(actual: tuple[Any, ...], expected: tuple[Any, ...]) -> bool:
    """Numbers to 12 digits; None and words exactly."""
    return len(actual) == len(expected) and all(
        pytest.approx(want, rel=1e-12, abs=1e-15) == got if isinstance(want, float | int) else got == want for got, want in zip(actual, expected, strict=True)
    )


# ---------------------------------------------------------------- a criterion: its text, the cells, its row

AT_LEAST_90 = "value: rate, at_least: 90"
RATIO = "value: 100 * part / whole"
SUM = "value: part + whole"
STAFF = "value: part, between: [3, 9]"

CRITERIA = {
    "at the limit": (AT_LEAST_90, {"rate": 90}, (90, 90, 0, 1, "met")),
    "just below": (AT_LEAST_90, {"rate": 89.1}, (89.1, 90, 0.9, 0.99, "unmet")),
    "above": (AT_LEAST_90, {"rate": 100}, (100, 90, 0, 1, "met")),
    "below by less than the tolerance of 9e-8": (AT_LEAST_90, {"rate": "89.99999992"}, (89.99999992, 90, 0, 1, "met")),
    "at the tolerance of 1": ("value: part, at_least: 1000000000", {"part": 999999999}, (999999999, 1e9, 0, 1, "met")),
    "beyond it": (
        "value: part, at_most: 1000000000",
        {"part": 1000000002},
        (1000000002, 1e9, 2, 1 / 1.000000002, "unmet"),
    ),
    "blank": (AT_LEAST_90, {"rate": ""}, (None, 90, None, None, "no_data")),
    "a value of zero": (AT_LEAST_90, {"rate": 0}, (0, 90, 90, 0, "unmet")),
    "0.1 + 0.2 is not above 0.3": (f"{SUM}, at_most: 0.3", {"part": 0.1, "whole": 0.2}, (0.3, 0.3, 0, 1, "met")),
    "0.3 is not below 0.1 + 0.2": (
        "value: rate, at_least: part + whole",
        {"rate": 0.3, "part": 0.1, "whole": 0.2},
        (0.3, 0.3, 0, 1, "met"),
    ),
    "none allowed, none found": ("value: part, at_most: 0", {"part": 0}, (0, 0, 0, 1, "met")),
    "none allowed, two found": ("value: part, at_most: 0", {"part": 2}, (2, 0, 2, 0, "unmet")),
    "none allowed, noise of arithmetic": ("value: part, at_most: 0", {"part": "1e-13"}, (1e-13, 0, 0, 1, "met")),
    "none allowed, a small figure": ("value: part, at_most: 0", {"part": "1e-10"}, (1e-10, 0, 1e-10, 0, "unmet")),
    "too many": ("value: part, at_most: 4", {"part": 5}, (5, 4, 1, 0.8, "unmet")),
    "a zero denominator passes no at_least": (
        f"{RATIO}, at_least: 90",
        {"part": 5, "whole": 0},
        (None, 90, None, None, "no_data"),
    ),
    "a zero denominator passes no at_most": (
        f"{RATIO}, at_most: 10",
        {"part": 0, "whole": 0},
        (None, 10, None, None, "no_data"),
    ),
    "a zero denominator in the limit": (
        "value: rate, at_least: part / whole",
        {"rate": 5, "part": 1, "whole": 0},
        (5, None, None, None, "no_data"),
    ),
    "a ratio": (f"{RATIO}, at_least: 10", {"part": 9, "whole": 120}, (7.5, 10, 2.5, 0.75, "unmet")),
    "a formula as limit": ("value: part, at_least: whole / 500", {"part": 3, "whole": 2000}, (3, 4, 1, 0.75, "unmet")),
    "an endless number": ("value: part * 1e308, at_least: 1", {"part": 10}, (None, 1, None, None, "no_data")),
    "brackets and signs": (
        "value: -(part - whole) * 2 / 4, at_least: +3",
        {"part": 2, "whole": 8},
        (3, 3, 0, 1, "met"),
    ),
    "min": ("value: 'min(part, whole, 7)', at_least: 5", {"part": 6, "whole": 8}, (6, 5, 0, 1, "met")),
    "max knows nothing when one part is unknown": (
        "value: 'max(part, whole)', at_least: 5",
        {"part": 6},
        (None, 5, None, None, "no_data"),
    ),
    "baseline below at_least": ("value: rate, at_least: 90, baseline: 80", {"rate": 85}, (85, 90, 5, 0.5, "unmet")),
    "worse than the baseline": ("value: rate, at_least: 90, baseline: 80", {"rate": 75}, (75, 90, 15, 0, "unmet")),
    "baseline not below at_least": ("value: rate, at_least: 90, baseline: 90", {"rate": 85}, (85, 90, 5, 0, "unmet")),
    "at_least below zero": ("value: rate, at_least: -5", {"rate": -6}, (-6, -5, 1, 0, "unmet")),
    "at_most below zero": ("value: part, at_most: -2", {"part": 5}, (5, -2, 7, 0, "unmet")),
    "baseline above at_most": ("value: part, at_most: 4, baseline: 10", {"part": 7}, (7, 4, 3, 0.5, "unmet")),
    "worse than the upper baseline": ("value: part, at_most: 4, baseline: 10", {"part": 12}, (12, 4, 8, 0, "unmet")),
    "baseline not above at_most": ("value: part, at_most: 4, baseline: 0", {"part": 7}, (7, 4, 3, 0, "unmet")),
    "between, at the low end": (STAFF, {"part": 3}, (3, 3, 0, 1, "met")),
    "between, at the high end": (STAFF, {"part": 9}, (9, 9, 0, 1, "met")),
    "between, nearer to the high end": (STAFF, {"part": 7}, (7, 9, 0, 1, "met")),
    "between, in the middle": (STAFF, {"part": 6}, (6, 3, 0, 1, "met")),
    "between, below": (STAFF, {"part": 1.5}, (1.5, 3, 1.5, 0.5, "unmet")),
    "between, above": (STAFF, {"part": 12}, (12, 9, 3, 0.75, "unmet")),
    "between, blank": (STAFF, {"part": ""}, (None, None, None, None, "no_data")),
    "between, one end unknown": (
        "value: part, between: [3, whole]",
        {"part": 1},
        (1, None, None, None, "no_data"),
    ),
    "between, its low baseline below": (f"{STAFF}, baseline: 1", {"part": 2}, (2, 3, 1, 0.5, "unmet")),
    "between, its low baseline above": (f"{STAFF}, baseline: 1", {"part": 12}, (12, 9, 3, 0.75, "unmet")),
    "between, its high baseline above": (f"{STAFF}, baseline: 15", {"part": 12}, (12, 9, 3, 0.5, "unmet")),
    "between, its high baseline below": (f"{STAFF}, baseline: 15", {"part": 1.5}, (1.5, 3, 1.5, 0.5, "unmet")),
    "is yes, yes": ("value: checked, is: yes", {"checked": "yes"}, (1, 1, 0, 1, "met")),
    "is yes, 否": ("value: checked, is: yes", {"checked": "否"}, (0, 1, 1, 0, "unmet")),
    "is yes, blank": ("value: checked, is: yes", {"checked": ""}, (None, 1, None, None, "no_data")),
    "is yes, three": ("value: part, is: yes", {"part": 3}, (3, 1, 1, 0, "unmet")),
    "is no, no": ("value: checked, is: no", {"checked": "no"}, (0, 0, 0, 1, "met")),
    "is no, 是": ("value: checked, is: no", {"checked": "是"}, (1, 0, 1, 0, "unmet")),
    "is no, 1": ("value: checked, is: no", {"checked": 1}, (1, 0, 1, 0, "unmet")),
}


@pytest.mark.parametrize(("criterion", "cells", "expected"), CRITERIA.values(), ids=CRITERIA.keys())
def test_a_criterion(tmp_path: Path, criterion: str, cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    domains = {"d": [community("1", f"{{id: c, {criterion}}}")]}
    verdicts = judged(tmp_path, domains, reports({NOW: cells}))
    assert same(verdicts.criteria["C1", NOW, "1", "c"], expected)
    assert same(verdicts.indicators["C1", NOW, "1"], expected[3:])


# ---------------------------------------------------------------- windows and the period before

YEARLY = "value: sessions, every: year"
ALL_ONES = {"2025Q1": 1, "2025Q2": 1, "2025Q3": 1, "2025Q4": 1}

SESSIONS = {
    "four quarters": (f"{YEARLY}, at_least: 5", ALL_ONES, (4, 5, 1, 0.8, "unmet")),
    "the fifth quarter is too old": (f"{YEARLY}, at_most: 4", {"2024Q4": 9} | ALL_ONES, (4, 4, 0, 1, "met")),
    "one quarter without `every`": ("value: sessions, at_least: 2", ALL_ONES, (1, 2, 1, 0.5, "unmet")),
    "two quarters in half a year": ("value: sessions, every: half_year, at_least: 2", ALL_ONES, (2, 2, 0, 1, "met")),
    "the bound reaches at_least": (f"{YEARLY}, at_least: 2", {"2025Q1": 1, NOW: 1}, (2, 2, 0, 1, "met")),
    "the bound is short of at_least": (f"{YEARLY}, at_least: 3", {NOW: 2}, (None, 3, None, None, "no_data")),
    "the bound exceeds at_most": (f"{YEARLY}, at_most: 3", {"2025Q2": 4}, (4, 3, 1, 0.75, "unmet")),
    "the bound is at at_most": (f"{YEARLY}, at_most: 3", {"2025Q2": 3}, (None, 3, None, None, "no_data")),
    "the bound exceeds between": (f"{YEARLY}, between: [1, 3]", {NOW: 4}, (4, 3, 1, 0.75, "unmet")),
    "the bound is inside between": (f"{YEARLY}, between: [1, 3]", {NOW: 2}, (None, None, None, None, "no_data")),
    "the bound is below between": (f"{YEARLY}, between: [5, 9]", {NOW: 2}, (None, None, None, None, "no_data")),
    "no quarter at all": (f"{YEARLY}, at_most: 3", {"2024Q4": 1}, (None, 3, None, None, "no_data")),
    "a bound against an unknown limit": (f"{YEARLY}, at_least: whole", {NOW: 2}, (None, None, None, None, "no_data")),
    "a sum against an unknown limit": (f"{YEARLY}, at_least: whole", ALL_ONES, (4, None, None, None, "no_data")),
    "a reported zero is a report": (f"{YEARLY}, at_most: 0", {"2025Q1": 0}, (None, 0, None, None, "no_data")),
}


@pytest.mark.parametrize(("criterion", "sessions", "expected"), SESSIONS.values(), ids=SESSIONS.keys())
def test_a_window(tmp_path: Path, criterion: str, sessions: dict[str, int], expected: tuple[Any, ...]) -> None:
    cells = {period: {"sessions": count} for period, count in sessions.items()}
    verdicts = judged(tmp_path, {"d": [community("1", f"{{id: c, {criterion}}}")]}, reports(cells))
    assert same(verdicts.criteria["C1", NOW, "1", "c"], expected)


def test_in_a_window_flows_are_summed_and_stocks_are_taken_at_its_end(tmp_path: Path) -> None:
    cells = {period: {"sessions": 2, "visits": 1, "whole": 10} for period in ALL_ONES}
    cells[NOW]["whole"] = 50
    criterion = "{id: c, value: 100 * (sessions + visits) / whole, at_least: 24, every: year}"
    verdicts = judged(tmp_path, {"d": [community("1", criterion)]}, reports(cells))
    assert same(verdicts.criteria["C1", NOW, "1", "c"], (24, 24, 0, 1, "met"))  # 100 × (8 + 4) / 50


def test_a_flow_never_reported_leaves_the_whole_sum_unknown(tmp_path: Path) -> None:
    cells = {period: {"sessions": 5} for period in ALL_ONES}
    criterion = "{id: c, value: sessions + visits, at_least: 1, every: year}"
    verdicts = judged(tmp_path, {"d": [community("1", criterion)]}, reports(cells))
    assert same(verdicts.criteria["C1", NOW, "1", "c"], (None, 1, None, None, "no_data"))


PREVIOUS = {
    "not falling": ({"2025Q3": 80, NOW: 80}, (80, 80, 0, 1, "met")),
    "falling": ({"2025Q3": 80, NOW: 60}, (60, 80, 20, 0.75, "unmet")),
    "the period before is missing": ({"2025Q2": 80, NOW: 60}, (60, None, None, None, "no_data")),
    "this period is missing": ({"2025Q3": 80}, (None, 80, None, None, "no_data")),
}


@pytest.mark.parametrize(("rates", "expected"), PREVIOUS.values(), ids=PREVIOUS.keys())
def test_the_period_before(tmp_path: Path, rates: dict[str, int], expected: tuple[Any, ...]) -> None:
    domains = {"d": [community("1", "{id: c, value: rate, at_least: previous(rate)}")]}
    verdicts = judged(tmp_path, domains, reports({period: {"rate": rate} for period, rate in rates.items()}))
    assert same(verdicts.criteria["C1", NOW, "1", "c"], expected)


CALENDARS = {
    "quarters over the new year": ("quarter", "2024Q4", "2025Q1"),
    "months over the new year": ("month", "2024-12", "2025-01"),
    "years": ("year", "2017", "2018"),
}


@pytest.mark.parametrize(("period", "before", "now"), CALENDARS.values(), ids=CALENDARS.keys())
def test_the_calendar_of_the_standard(tmp_path: Path, period: str, before: str, now: str) -> None:
    domains = {"d": [community("1", "{id: c, value: rate - previous(rate), at_least: 4}")]}
    metrics = [f"area_id,period,rate\nC1,{before},10\nC1,{now},13\n"]
    verdicts = judged(tmp_path, domains, metrics, period=period)
    assert same(verdicts.criteria["C1", now, "1", "c"], (3, 4, 1, 0.75, "unmet"))
    assert verdicts.criteria["C1", before, "1", "c"].status == "no_data"


def test_a_year_of_months_is_twelve_and_a_quarter_three(tmp_path: Path) -> None:
    criteria = [f"{{id: {every}, value: sessions, at_least: 1, every: {every}}}" for every in ("quarter", "year")]
    months = [f"2024-{month:02}" for month in range(1, 13)] + ["2025-01"]
    metrics = ["area_id,period,sessions\n" + "".join(f"C1,{month},1\n" for month in months)]
    verdicts = judged(tmp_path, {"d": [community("1", *criteria)]}, metrics, period="month")
    assert verdicts.criteria["C1", "2025-01", "1", "quarter"].value == 3
    assert verdicts.criteria["C1", "2025-01", "1", "year"].value == 12


def test_a_parameter_is_that_of_the_period(tmp_path: Path) -> None:
    domains = {"d": [community("1", "{id: c, value: rate, at_most: city_rate}")]}
    metrics = ["area_id,period,rate\nC1,2025Q2,5\nC1,2025Q3,5\nC1,2025Q4,5\n"]
    parameters = ("period,city_rate\n2025Q3,3\n2025Q4,6\n", "period,city_rate\n2025Q3,4\n2025Q4,\n")
    criteria = judged(tmp_path, domains, metrics, parameters=parameters).criteria
    assert same(criteria["C1", "2025Q2", "1", "c"], (5, None, None, None, "no_data"))
    assert same(criteria["C1", "2025Q3", "1", "c"], (5, 4, 1, 0.8, "unmet"))
    assert same(criteria["C1", "2025Q4", "1", "c"], (5, 6, 0, 1, "met"))


# ---------------------------------------------------------------- any_of and the indicator

ANY_OF = "{any_of: [{id: few, value: part, at_least: 4}, {id: often, value: sessions, at_least: 10, every: year}]}"

GROUPS = {
    "one met, one unmet": ({"part": 4, "sessions": ""}, ALL_ONES, ("met", "unmet"), (1, "met")),
    "one met, one unknown": ({"part": 4, "sessions": ""}, {}, ("met", "no_data"), (1, "met")),
    "one unmet, one unknown": ({"part": 3, "sessions": ""}, {}, ("unmet", "no_data"), (None, "no_data")),
    "both unmet: the best counts": ({"part": 3, "sessions": ""}, ALL_ONES, ("unmet", "unmet"), (0.75, "unmet")),
    "the second met by its own window": ({"part": 3, "sessions": 7}, ALL_ONES, ("unmet", "met"), (1, "met")),
}


@pytest.mark.parametrize(("now", "sessions", "members", "expected"), GROUPS.values(), ids=GROUPS.keys())
def test_any_of(tmp_path: Path, now: dict[str, Any], sessions: dict[str, int], members: tuple[str, str], expected: tuple[Any, ...]) -> None:
    """The group is one criterion without value, threshold and gap; its members are listed but do not count."""
    cells = {period: {"sessions": count} for period, count in sessions.items()}
    verdicts = judged(tmp_path, {"d": [community("1", ANY_OF)]}, [*reports(cells), *reports({NOW: now})[1:]])
    rows = {key[3]: row for key, row in verdicts.criteria.items() if key[:3] == ("C1", NOW, "1")}
    assert rows.keys() == {"few_or_often", "few", "often"}
    assert (rows["few"].status, rows["often"].status) == members
    assert same(rows["few_or_often"], (None, None, None, *expected))
    assert same(verdicts.indicators["C1", NOW, "1"], expected)


INDICATORS = {
    "all met": ({"rate": 95, "part": 4, "checked": 1}, (1, "met")),
    "unmet wins over no data": ({"rate": 45, "part": "", "checked": 1}, (0.75, "unmet")),  # (0.5 + 1) / 2
    "no data wins over met": ({"rate": "", "part": 4, "checked": 1}, (1, "no_data")),
    "one clause failed": ({"rate": 90, "part": 1, "checked": 0}, (1.25 / 3, "unmet")),  # (1 + 0.25 + 0) / 3
    "nothing known": ({"rate": "", "part": "", "checked": ""}, (None, "no_data")),
}


@pytest.mark.parametrize(("cells", "expected"), INDICATORS.values(), ids=INDICATORS.keys())
def test_an_indicator(tmp_path: Path, cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    criteria = [f"{{id: a, {AT_LEAST_90}}}", "{id: b, any_of: [{id: b1, value: part, at_least: 4}]}"]
    criteria.append("{id: c, value: checked, is: yes}")
    verdicts = judged(tmp_path, {"d": [community("1", *criteria)]}, reports({NOW: cells}))
    assert same(verdicts.indicators["C1", NOW, "1"], expected)


# ---------------------------------------------------------------- exemptions


def test_an_exemption_counts_from_its_first_to_its_last_period(tmp_path: Path) -> None:
    periods = ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1"]
    metrics = ["area_id,period,rate\n" + "".join(f"C1,{period},45\n" for period in periods)]
    exemptions = ("area_id,indicator,from,to,reason\nC1,1,2025Q2,2025Q3,no lift\nC1,1,2026Q1,,no lift\n",)
    domains = {"d": [community("1", f"{{id: c, {AT_LEAST_90}}}")]}
    verdicts = judged(tmp_path, domains, metrics, exemptions=exemptions)
    statuses = [verdicts.indicators["C1", period, "1"].status for period in periods]
    assert statuses == ["unmet", "not_applicable", "not_applicable", "unmet", "not_applicable"]


def test_an_exempt_indicator_leaves_every_count_and_shows_its_figures(tmp_path: Path) -> None:
    exemptions = ("area_id,indicator,from,to,reason\nC1,1,2025Q1,,no lift\n",)
    group = "{id: g, any_of: [{id: m, value: rate, at_least: 50}]}"
    domains = {
        "d": [
            community("1", f"{{id: c, {AT_LEAST_90}}}", "{id: e, value: whole, at_least: 2}", group),
            community("2", "{id: c, value: part, at_least: 4}"),
        ]
    }
    verdicts = judged(tmp_path, domains, reports({NOW: {"rate": 45, "part": 3}}), exemptions=exemptions)
    assert verdicts.criteria["C1", NOW, "1", "c"] == (45, 90, None, None, "not_applicable")
    assert verdicts.criteria["C1", NOW, "1", "e"] == (None, 2, None, None, "not_applicable")
    assert verdicts.criteria["C1", NOW, "1", "g"] == (None, None, None, None, "not_applicable")
    assert verdicts.criteria["C1", NOW, "1", "m"] == (45, 50, None, None, "not_applicable")
    assert verdicts.indicators["C1", NOW, "1"] == (None, "not_applicable")
    assert same(verdicts.domains["C1", NOW, "d"], (0, 1, 0, 1, 75))
    assert same(verdicts.areas["C1", NOW], ("community", 0, 1, 0, 1, 75))


# ---------------------------------------------------------------- domains and areas


def test_weights_count_within_a_domain_and_domains_count_alike(tmp_path: Path) -> None:
    domains = {
        "d": [
            community("1", f"{{id: c, {AT_LEAST_90}}}", weight=3),  # 45 / 90 = 0.5
            community("2", "{id: c, value: part, at_least: 4}"),  # met: 1
            community("3", "{id: c, value: whole, at_least: 4}", weight=9),  # no data: left out
        ],
        "e": [community("4", "{id: c, value: checked, is: yes}", weight=5)],  # 0
        "f": [community(str(code), "{id: c, value: part, at_most: 9}") for code in (5, 6, 7)],  # 1
    }
    verdicts = judged(tmp_path, domains, reports({NOW: {"rate": 45, "part": 4, "checked": 0}}))
    assert same(verdicts.domains["C1", NOW, "d"], (1, 1, 1, 0, 62.5))  # (3 × 0.5 + 1 × 1) / 4
    assert same(verdicts.domains["C1", NOW, "e"], (0, 1, 0, 0, 0))
    assert same(verdicts.domains["C1", NOW, "f"], (3, 0, 0, 0, 100))
    assert same(verdicts.areas["C1", NOW], ("community", 4, 2, 1, 0, 162.5 / 3))  # 1 of 7 without data


EXEMPT_2 = "area_id,indicator,from,to,reason\nC1,2,2025Q1,,none\n"
TWENTY_PERCENT = {
    "1 of 5 is not more than 20 %": (1, (), ("community", 4, 0, 1, 0, 100)),
    "2 of 5 is": (2, (), ("community", 3, 0, 2, 0, None)),
    "1 of 4 is, when one of 5 is exempt": (1, (EXEMPT_2,), ("community", 3, 0, 1, 1, None)),
    "all 5": (5, (), ("community", 0, 0, 5, 0, None)),
}


@pytest.mark.parametrize(("unknown", "exempt", "expected"), TWENTY_PERCENT.values(), ids=TWENTY_PERCENT.keys())
def test_no_score_when_too_little_is_known(tmp_path: Path, unknown: int, exempt: tuple[str, ...], expected: tuple[Any, ...]) -> None:
    """Of the five indicators the last ones ask for a metric that nobody reports. The domain keeps its score."""
    metrics = ["part"] * (5 - unknown) + ["whole"] * unknown
    items = [community(str(code), f"{{id: c, value: {name}, at_least: 1}}") for code, name in enumerate(metrics, 1)]
    verdicts = judged(tmp_path, {"d": items}, reports({NOW: {"part": 1}}), exemptions=exempt)
    assert same(verdicts.areas["C1", NOW], expected)
    assert verdicts.domains["C1", NOW, "d"].score == (None if unknown == 5 else 100)


def test_each_level_is_judged_by_its_own_indicators(tmp_path: Path) -> None:
    domains = {
        "d": [
            community("1", "{id: c, value: part, at_least: 4}"),
            'code: "2", level: subdistrict, criteria: [{id: c, value: offices, at_least: 2}]',
        ],
        "e": ['code: "3", level: subdistrict, criteria: [{id: c, value: offices, at_least: 1}]'],
    }
    verdicts = judged(tmp_path, domains, reports({NOW: {"part": 4}}))
    assert verdicts.domains.keys() == {("C1", NOW, "d"), ("S1", NOW, "d"), ("S1", NOW, "e")}
    assert verdicts.indicators.keys() == {("C1", NOW, "1"), ("S1", NOW, "2"), ("S1", NOW, "3")}
    assert same(verdicts.areas["C1", NOW], ("community", 1, 0, 0, 0, 100))
    assert same(verdicts.areas["S1", NOW], ("subdistrict", 1, 1, 0, 0, 75))  # (50 + 100) / 2


# ---------------------------------------------------------------- what the files say


def test_an_area_without_a_report_is_there_without_data(tmp_path: Path) -> None:
    """Only C1 reports, and an all-blank row is no report: 2025Q3 is not judged."""
    areas = (AREAS + "C2,Second,community,S1\n",)
    domains = {"d": [community("1", f"{{id: c, {AT_LEAST_90}}}")]}
    metrics = ["area_id,period,rate\nC1,2025Q4,90\nC2,2025Q3,\n"]
    verdicts = judged(tmp_path, domains, metrics, areas=areas)
    assert verdicts.areas.keys() == {("S1", NOW), ("C1", NOW), ("C2", NOW)}
    assert verdicts.criteria["C2", NOW, "1", "c"] == (None, 90, None, None, "no_data")
    assert verdicts.domains["C2", NOW, "d"] == (0, 0, 1, 0, None)
    assert verdicts.areas["C2", NOW] == ("community", 0, 0, 1, 0, None)


def test_later_imports_win_and_blanks_change_nothing(tmp_path: Path) -> None:
    """The first file has a byte order mark, the second brings a new figure, the third only a blank."""
    domains = {"d": [community("1", f"{{id: c, {AT_LEAST_90}}}", "{id: e, value: part, at_least: 1}")]}
    metrics = [
        f"\ufeffarea_id,period,rate,part\nC1,{NOW},10,1\n",
        f"area_id,period,rate\r\nC1,{NOW},95\r\n",
        f"area_id,period,part,rate\nC1,{NOW},,\n",
    ]
    verdicts = judged(tmp_path, domains, metrics)
    assert verdicts.criteria["C1", NOW, "1", "c"].value == 95
    assert verdicts.criteria["C1", NOW, "1", "e"].value == 1


def test_a_later_areas_file_replaces_an_area(tmp_path: Path) -> None:
    areas = (AREAS, "area_id,name,level,parent_id\nC1,First,subdistrict,\n")
    verdicts = judged(tmp_path, {"d": [community("1", f"{{id: c, {AT_LEAST_90}}}")]}, reports({}), areas=areas)
    assert verdicts.areas["C1", NOW] == ("subdistrict", 0, 0, 0, 0, None)


# ---------------------------------------------------------------- what the texts give no meaning to

REFUSED = {
    "a window shorter than the period": ("year", "value: sessions, at_least: 1, every: quarter", "shorter"),
    "a flow in the limit of a sum": ("quarter", "value: sessions, at_least: sessions, every: year", "flow in the limit"),
    "the period before of a flow, in a sum": ("quarter", "value: previous(sessions), at_least: 1, every: year", "not a formula"),
    "a power": ("quarter", "value: part ** 2, at_least: 1", "not a formula"),
    "an unknown name": ("quarter", "value: parts, at_least: 1", "called parts"),
}


@pytest.mark.parametrize(("period", "criterion", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, period: str, criterion: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        standard(tmp_path, {"d": [community("1", f"{{id: c, {criterion}}}")]}, period)


def test_a_group_has_no_window_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every"):
        standard(tmp_path, {"d": [community("1", ANY_OF.replace("{any_of", "{every: year, any_of"))]})
