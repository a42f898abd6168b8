"""Near misses (ADR 3.15): by hand, the same on every page, and against the plain-Python recomputation of the whole sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import oracle
import pytest
from test_verdicts import NOW, exemptions, indicator, now, small_store

from compliance import periods
from compliance.answers import comparing, explaining, panel_views, work_lists
from compliance.engine import near_misses
from compliance.engine import statuses as engine_statuses
from compliance.questions import area_queries, compare_queries, gap_queries, heat_queries, indicator_queries, passing_queries, queries
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
PERIOD = periods.parse(NOW, "quarter")
A, B, C, S, T = (f"id: {name}, value: {name}, at_least: 100" for name in "abcst")
YES = "id: y, value: y, is: yes"
CODES = {
    "one": [A],
    "two": [A, B],
    "five": [A, B, C, S, T],
    "with a yes or no": [A, YES],
    "yes or no": [YES],
    "none allowed": ["id: m, value: m, at_most: 0"],
    "down from 8": ["id: m, value: m, at_most: 0, baseline: 8"],
    "up from 50": ["id: a, value: a, at_least: 100, baseline: 50"],
    "few": ["id: m, value: m, at_most: 10"],
    "range": ["id: a, value: a, between: [100, 200]"],
    "either": [f"id: g, any_of: [{{{A}}}, {{{B}}}]"],
    "either, or yes": [f"id: g, any_of: [{{{A}}}, {{{YES}}}]", B],
    "a year": ["id: f, value: f, at_least: 100, every: year"],
    "a year, and now": [A, "id: f, value: f, at_least: 100, every: year"],
}
# indicator, figures (what is not named is not reported), is it a near miss?
CASES: list[tuple[str, dict[str, float], bool]] = [
    ("one", {"a": 100}, False),  # met
    ("one", {"a": 95}, True),
    ("one", {"a": 90}, True),  # nine tenths count
    ("one", {"a": 89.9}, False),
    ("one", {}, False),
    ("five", {"a": 51, "b": 100, "c": 100, "s": 100, "t": 100}, False),  # the mean is 0.902, the worst 0.51
    ("five", {"a": 91, "b": 92, "c": 93, "s": 94, "t": 95}, True),
    ("two", {"a": 95, "b": 92}, True),
    ("two", {"a": 95, "b": 120}, True),
    ("two", {"a": 95, "b": 89}, False),
    ("two", {"a": 95}, False),  # b may be anything
    ("two", {"b": 50}, False),
    ("with a yes or no", {"a": 95, "y": 1}, True),
    ("with a yes or no", {"a": 95, "y": 0}, False),
    ("with a yes or no", {"a": 100, "y": 0}, False),
    ("with a yes or no", {"a": 95}, False),
    ("yes or no", {"y": 0}, False),
    ("none allowed", {"m": 1}, False),  # one too many is no part of the way to none
    ("none allowed", {"m": 0.001}, False),
    ("down from 8", {"m": 0.5}, True),  # 7.5 of 8
    ("down from 8", {"m": 1}, False),
    ("up from 50", {"a": 95}, True),  # 45 of 50
    ("up from 50", {"a": 94}, False),  # 44 of 50, though 94 of 100
    ("few", {"m": 11}, True),  # 10 / 11
    ("few", {"m": 12}, False),
    ("range", {"a": 92}, True),
    ("range", {"a": 220}, True),  # 200 / 220
    ("range", {"a": 80}, False),
    ("either", {"a": 95, "b": 10}, True),  # one of them suffices
    ("either", {"a": 80, "b": 10}, False),
    ("either", {"a": 95}, False),  # b may be reached already
    ("either", {"a": 95, "b": 100}, False),  # met
    ("either, or yes", {"a": 95, "y": 0, "b": 95}, True),
    ("either, or yes", {"a": 10, "y": 1, "b": 95}, True),
    ("either, or yes", {"a": 10, "y": 0, "b": 95}, False),
    ("either, or yes", {"a": 95, "b": 95}, False),  # nobody knows about y
    ("a year", {"f": 95}, False),  # three quarters are missing
    ("a year, and now", {"a": 95, "f": 95}, False),  # not met for a, but of f nobody knows
    ("a year, and now", {"a": 95, "f": 100}, True),  # one quarter is enough for the year
]
EXEMPT = "X"  # as the second case, but exempt


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    reports = {f"C{place}": now(**figures) for place, (_, figures, _) in enumerate(CASES)} | {EXEMPT: now(a=95)}
    domains = {"d": [indicator(code, *criteria) for code, criteria in CODES.items()]}
    with small_store(tmp_path_factory.mktemp("near"), domains, reports, exemptions((EXEMPT, "one", NOW, ""))) as made:
        yield made


@pytest.fixture(scope="module")
def near(store: Store) -> frozenset[tuple[str, str]]:
    """(area, indicator) of every near miss, as the heatmap shows it."""
    return near_in_matrix(store, PERIOD)


def near_in_matrix(store: Store, period: int, level: str = "community") -> frozenset[tuple[str, str]]:
    found = set()
    for domain in store.standard.domains_of(level):
        codes = [each.code for each in domain.at(level)]
        matrix = indicator_queries.status_matrix(store.cursor(), store.standard, level, period, codes)
        found |= {
            (area, each.code) for row, area in enumerate(matrix.area_ids) for column, each in enumerate(matrix.indicators) if matrix.codes[row, column] == 1
        }
    return frozenset(found)


@pytest.mark.parametrize(("place", "case"), list(enumerate(CASES)), ids=[f"{code} {figures}" for code, figures, _ in CASES])
def test_by_hand(near: frozenset[tuple[str, str]], place: int, case: tuple[str, dict[str, float], bool]) -> None:
    assert ((f"C{place}", case[0]) in near) == case[2]


def test_what_does_not_apply_is_not_near(near: frozenset[tuple[str, str]]) -> None:
    assert (EXEMPT, "one") not in near and (EXEMPT, "either") not in near


def test_every_question_gives_the_same_near_misses(store: Store, near: frozenset[tuple[str, str]]) -> None:
    standard, cursor = store.standard, store.cursor()
    counted = gap_queries.open_by_indicator(cursor, standard, "community", PERIOD).set_index("indicator")["near"].to_dict()
    assert counted == {code: Counter(code for _, code in near)[code] for code in CODES}

    since = gap_queries.unmet_since(cursor, standard, "community", PERIOD, list(CODES))
    tasks = work_lists.tasks(standard, gap_queries.work(cursor, standard, "community", PERIOD, list(CODES)), since)
    assert {(task.area_id, task.indicator.code) for task in tasks if task.is_near} == near

    for code in CODES:
        criterion = next(leaf.id for leaf, _ in standard.indicator_by_code[code].leaves())
        standings = passing_queries.standings(cursor, standard, "community", PERIOD, code, criterion)
        shown = {(area, code) for area, status in zip(standings.area_ids, standings.statuses, strict=True) if status == engine_statuses.NEARLY}
        over_time = passing_queries.near_over_time(cursor, standard, "community", code, standings.area_ids)
        assert shown == {(area, code) for area, period in over_time if period == PERIOD} == {pair for pair in near if pair[1] == code}


def test_every_view_of_one_area_gives_the_same(store: Store, near: frozenset[tuple[str, str]]) -> None:
    standard, cursor, codes = store.standard, store.cursor(), list(CODES)
    ids = [f"C{place}" for place in range(len(CASES))]
    indicators = standard.indicators_of("community")
    statuses = compare_queries.statuses(cursor, standard, "community", PERIOD, ids)
    rows = compare_queries.criteria(cursor, standard, "community", PERIOD, ids, codes)
    lines = comparing.lines(indicators, ids, statuses, rows, queries.compliance_by_indicator(cursor, standard, "community", PERIOD))
    compared = {(id_, line.indicator.code) for line in lines for id_, cell in zip(ids, line.cells, strict=True) if cell.status == "near"}
    told, panels = set(), set()
    for id_ in ids[::3]:
        criteria = area_queries.criteria_of_area(cursor, standard, "community", id_, PERIOD, codes)
        found = explaining.findings(standard, indicators, statuses[id_], criteria, explaining.Sources.of(), {}, PERIOD)
        told |= {(id_, finding.indicator.code) for finding in found if finding.status == "near"}
        for each in indicators:
            history = heat_queries.criteria_over_time(cursor, standard, "community", id_, PERIOD, PERIOD, each.code)
            if panel_views.whole(each, panel_views.moments(each, history))[0].status == "near":
                panels.add((id_, each.code))
    assert compared == {pair for pair in near if pair[0] != EXEMPT}
    assert told == panels == {pair for pair in near if pair[0] in ids[::3]}


def test_a_tenth_that_is_not_exact() -> None:
    assert near_misses.is_near("unmet", 1 - 0.1 - 1e-16) and not near_misses.is_near("unmet", 0.89999)
    assert near_misses.worst([1.0, None]) == 0 and near_misses.worst([0.95, 1.0]) == 0.95 and near_misses.worst([]) == 0
    assert [near_misses.shown(status, 1.0) for status in ("met", "no_data", "not_applicable")] == ["met", "no_data", "not_applicable"]


def test_the_sample_against_the_recomputation(sample_store: Store) -> None:
    definitions = oracle.load(PROJECT / "indicators.yaml")
    files = sorted(SAMPLE.glob("metrics_*.csv"))
    verdicts = oracle.judge(definitions, [SAMPLE / "areas.csv"], files, [SAMPLE / "parameters.csv"], [SAMPLE / "exemptions.csv"])
    newest = max(queries.all_periods(sample_store.cursor()))
    label = periods.label(newest, "quarter")
    expected = {(area, code) for area, period, code in oracle.near_misses(definitions, verdicts) if period == label}
    found = {pair for level in sample_store.standard.judged_levels for pair in near_in_matrix(sample_store, newest, level)}
    assert found == expected and len(expected) > 20
    unmet = {(area, code): row for (area, period, code), row in verdicts.indicators.items() if period == label and row.status == "unmet"}
    assert any((row.attainment or 0) >= 0.9 for pair, row in unmet.items() if pair not in expected), "no sample row tells the worst from the mean"
