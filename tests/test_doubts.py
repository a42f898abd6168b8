"""Figures that deserve a second look: each rule at its limit, worked out by hand; and through uploads that are checked, overtaken and confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from district import METRICS, STANDARD, areas, content, small_import, source

from compliance import periods, texts
from compliance.access import User, local_user
from compliance.drawing import doubt_marks
from compliance.files.reading import Source
from compliance.questions import doubts
from compliance.questions.doubts import Doubt, Rows
from compliance.server import uploading
from compliance.server.uploading import Desk
from compliance.standard import loader
from compliance.standard.definitions import Metric
from compliance.storage.importer import import_source
from compliance.storage.store import Store

SURVEYED = loader.load(Path(__file__).parents[1] / "indicators.yaml")
ADMIN = local_user()
NONE = float("nan")


def metric(id_: str) -> Metric:
    return SURVEYED.metric_by_id[id_]


def rows(id_: str, *series: float) -> Rows:
    """One row of a file: this period's figure, then those of the three before."""
    return Rows("f.csv", [2], ["C1"], [8100], {id_: tuple(np.array([figure]) for figure in (*series, *[NONE] * (4 - len(series))))})


# environment_satisfaction: percent 0 to 100; residents_meetings: count, flow; households: a stock
JUMPS = [
    ("environment_satisfaction", 90, 60, True),
    ("environment_satisfaction", 90, 60.1, False),
    ("environment_satisfaction", 60, 90, True),
    ("environment_satisfaction", NONE, 60, False),
    ("environment_satisfaction", 90, NONE, False),
    ("households", 300, 100, True),
    ("households", 299, 100, False),
    ("households", 100, 300, True),
    ("households", 0, 10, True),
    ("households", 0, 9, False),
    ("households", 2, 7, False),
    ("residents_meetings", 15, 5, True),
    ("residents_meetings", 13, 4, False),
]


@pytest.mark.parametrize(("id_", "now", "before", "is_far"), JUMPS)
def test_a_jump(id_: str, now: float, before: float, is_far: bool) -> None:
    expected = [Doubt("jump", "f.csv", 2, "C1", 8100, id_, before, now)] if is_far else []
    assert list(doubts.jumps(rows(id_, now, before), metric(id_))) == expected


FROZEN = [
    ("environment_satisfaction", (91.5, 91.5, 91.5, 91.5), True),
    ("environment_satisfaction", (91.5, 91.5, 91.5, 91.4), False),
    ("environment_satisfaction", (91.5, 91.5, 91.5), False),
    ("environment_satisfaction", (100, 100, 100, 100), False),
    ("residents_meetings", (10, 10, 10, 10), True),
    ("residents_meetings", (9, 9, 9, 9), False),
    ("households", (900, 900, 900, 900), False),
]


@pytest.mark.parametrize(("id_", "series", "is_frozen"), FROZEN)
def test_a_figure_that_is_the_same_for_the_fourth_time(id_: str, series: tuple[float, ...], is_frozen: bool) -> None:
    expected = [Doubt("frozen", "f.csv", 2, "C1", 8100, id_, series[0], series[0])] if is_frozen else []
    assert list(doubts.frozen(rows(id_, *series), metric(id_))) == expected


@pytest.mark.parametrize(
    ("answers", "number"),
    [((100, 100, NONE), 2), ((100, 100, 100), 3), ((100, NONE, NONE), None), ((100, 100, 99.9), None), ((NONE, NONE, NONE), None)],
)
def test_every_survey_at_100_percent(answers: tuple[float, ...], number: int | None) -> None:
    ids = ("environment_satisfaction", "committee_satisfaction", "fp_awareness_rate")
    found = Rows("f.csv", [2], ["C1"], [8100], {id_: (np.array([answer]),) * 4 for id_, answer in zip(ids, answers, strict=True)})
    assert [doubt.number for doubt in doubts.full(found, [metric(id_) for id_ in ids])] == ([] if number is None else [number])


def test_a_yes_or_no_may_change_and_stay() -> None:
    assert list(doubts.jumps(rows("needs_survey_covers_groups", 1, 0), metric("needs_survey_covers_groups"))) == []
    assert not doubts.may_move(metric("needs_survey_covers_groups"))


NOW = 2026 * 4 + 3


@pytest.mark.parametrize(
    ("period", "known", "expected"),
    [
        (NOW, (), None), (NOW + 1, (), "early"), (NOW + 1, (NOW,), "early"), (2052 * 4 + 2, (NOW,), "early"), (1999 * 4, (), None),
        (NOW - 4, (NOW,), None), (NOW - 5, (NOW,), "far"), (NOW - 5, (NOW, NOW - 8), None), (NOW, (NOW - 5,), "far"),
    ],
)  # fmt: skip
def test_periods_that_have_not_begun_or_lie_far_from_all_others(period: int, known: tuple[int, ...], expected: str | None) -> None:
    assert doubts.of_period(period, frozenset(known), NOW, "quarter") == expected


def test_a_year_is_as_many_periods_as_the_standard_has() -> None:
    assert [doubts.of_period(2024 * 12, frozenset({2025 * 12 + more}), 2026 * 12, "month") for more in (0, 1)] == [None, "far"]
    assert [doubts.of_period(year, frozenset({2023}), 2026, "year") for year in (2022, 2024, 2025, 2026, 2027)] == [None, None, "far", "far", "early"]


# -- handing in ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        import_source(store, source("q1.csv", f"{METRICS}C1,2025Q1,100,60,95,3,0.5\n"), user=ADMIN)
        yield store


SECOND = source("q2.csv", f"{METRICS}C1,2025Q2,900,60,60,3,0.5\nC2,2025Q2,100,40,89,4,0.7\n")


def test_doubts_are_found_in_a_check_that_leaves_nothing_behind(store: Store) -> None:
    before = content(store)
    work = Desk().check(store, ADMIN, [SECOND])
    assert work.wait(60) and work.problems == () and work.result is not None
    (told,) = work.result.told
    assert told.numbers == {"early": 0, "far": 0, "jump": 2, "frozen": 0, "full": 0}
    assert [(doubt.line, doubt.area_id, doubt.metric, doubt.before, doubt.now) for doubt in told.shown] == [
        (2, "C1", "households", 100, 900),
        (2, "C1", "lighting_rate", 95, 60),
    ]
    assert content(store) == before


def test_periods_are_held_against_those_of_others_and_todays(store: Store) -> None:
    """Reported is 2025Q1 by one file; a wrong year ends in another century or in the next but one."""
    row = "C1,{},100,60,95,3,0.5\n"
    work = Desk().check(
        store,
        ADMIN,
        [source("a.csv", METRICS + row.format("2052Q3") + row.format("2023Q4")), source("b.csv", METRICS + row.format("2024Q1") + row.format("2052Q3"))],
    )
    assert work.wait(60) and work.problems == () and work.result is not None
    found = [(doubt.kind, doubt.file, doubt.line, periods.label(doubt.period, "quarter"), doubt.number) for told in work.result.told for doubt in told.shown]
    assert [each for each in found if each[0] in doubts.OF_PERIODS] == [
        ("early", "a.csv", 2, "2052Q3", 1), ("far", "a.csv", 3, "2023Q4", 1), ("early", "b.csv", 3, "2052Q3", 1),
    ]  # fmt: skip
    page = str(doubt_marks.doubted(texts.words("zh"), STANDARD, work.result.told, {}))
    assert page.index("考核期还没有开始") < page.index("相差一年以上") and page.count("<td>2052Q3</td>") == 2
    assert list(doubt_marks.ticks(texts.words("zh"), work.result.told).values()) == [
        "2 处考核期还没有开始：已核对，没有填错",
        "1 处考核期与已有的相差一年以上：已核对，没有填错",
    ]


def test_many_doubts_are_counted_by_metric_and_the_first_of_each_are_listed(store: Store) -> None:
    """Twenty-five communities tell ten times as many households as before; one of them also lights fewer stairwells."""
    more = [f"D{number}" for number in range(25)]
    import_source(store, source("more.csv", "area_id,name,level,parent_id\n" + "".join(f"{area},{area}号社区,community,S1\n" for area in more)), user=ADMIN)
    import_source(store, source("then.csv", METRICS + "".join(f"{area},2025Q1,100,60,95,3,0.5\n" for area in more)), user=ADMIN)
    now = METRICS + "".join(f"{area},2025Q2,1000,600,{50 if area == 'D3' else 95},3,0.5\n" for area in more)
    work = Desk().check(store, ADMIN, [source("now.csv", now)])
    assert work.wait(60) and work.result is not None
    (told,) = work.result.told
    assert dict(told.by_metric["jump"]) == {"households": 25, "households_served": 25, "lighting_rate": 1} and told.numbers["jump"] == 51
    assert [sum(doubt.metric == name for doubt in told.shown) for name in ("households", "households_served", "lighting_rate")] == [20, 20, 1]
    page = str(doubt_marks.doubted(texts.words("zh"), STANDARD, [told], {}))
    groups = re.findall(r'<summary><span class="times">([^<]*)</span><span>([^<]*)</span></summary>', page)
    assert groups == [("51 处", "与上期相差悬殊：是不是填错了行、列或单位？"), ("25 处", "户数"), ("25 处", "服务户数"), ("1 处", "楼道亮灯率")]
    assert page.count("另有 5 处没有列出。") == 2 and page.count("<tr>") == 3 + 41


def test_a_preview_that_was_overtaken_is_not_carried_out(store: Store) -> None:
    desk = Desk()
    work = desk.check(store, ADMIN, [SECOND])
    assert work.wait(60) and work.result is not None
    assert desk.check(store, ADMIN, [SECOND]) is work, "nothing has moved: the same check"
    import_source(store, small_import(3), user=ADMIN)
    before = content(store)
    desk.offered = ([SECOND], work.result)
    desk.confirm(store, ADMIN)
    assert desk.importing is not None and desk.importing.wait(60)
    assert [problem.key for problem in desk.importing.problems] == ["import.data_moved"]
    assert content(store) == before
    desk.again()
    fresh = desk.check(store, ADMIN, [SECOND])
    assert fresh is not work and fresh.wait(60) and fresh.result is not None
    desk.offered = ([SECOND], fresh.result)
    desk.confirm(store, ADMIN)
    assert desk.importing is not None and desk.importing.wait(60) and desk.importing.result is not None
    assert [done.file_name for done in desk.importing.result.imports] == ["q2.csv"]


def test_a_viewer_may_not_even_try(store: Store) -> None:
    work = Desk().check(store, User("读者", "viewer"), [SECOND])
    assert work.wait(60)
    assert [problem.key for problem in work.problems] == ["access.denied"]


def test_too_much_at_once_is_refused() -> None:
    source_ = Source("x.csv", bytes(1024**2))
    assert uploading.refused_together([source_] * 60) == ()
    assert [problem.key for problem in uploading.refused_together([source_] * 61)] == ["handing.too_much"]
    assert [problem.key for problem in uploading.refused_together([Source("x.csv", bytes(21 * 1024**2))] * 3)] == ["handing.too_much"]
