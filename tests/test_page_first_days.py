"""The first days of a quarter: one area has reported, and no page draws a conclusion from it. Figures one can work out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_pages import loaded
from app_pages import page_of as said
from district import METRICS, TEXT

from compliance.answers.counts import Counts, risen
from compliance.engine.statuses import MET, NEARLY, NO_DATA, UNMET
from compliance.engine.statuses import NOT_APPLICABLE as EXEMPT
from compliance.questions.verdicts import Shift

WITHIN_A_QUARTER = (", at_most: 10, every: year}", ", at_most: 10}")
# Eleven communities, one of them wholly exempt. In Q1 ten report everything: 40 verdicts, 35 met, since five have too little light. In Q2 the first alone
# has reported, and misses two of four; in Q3 the second alone, of whom Q2 knows nothing.
TEN = [f"C{n:02d}" for n in range(1, 11)]


def rows(period: str, *areas: str, lit: int = 95, served: int = 60) -> str:
    return "".join(f"{area},{period},100,{served},{lit if area <= 'C05' else 80},3,0.5\n" for area in areas)


FILES = {
    "areas.csv": "area_id,name,level,parent_id\nS1,东街道,subdistrict,\n" + "".join(f"{id_},{id_}社区,community,S1\n" for id_ in (*TEN, "C11")),
    "metrics.csv": METRICS + rows("2025Q1", *TEN) + rows("2025Q2", "C01", lit=80, served=40) + rows("2025Q3", "C02"),
    "parameters.csv": "period,city_rate\n2025Q1,1\n2025Q2,1\n2025Q3,1\n",
    "exemptions.csv": "area_id,indicator,from,to,reason\n" + "".join(f"C11,{code},2025Q1,,新建\n" for code in ("2.1", "2.2", "2.3", "2.4")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with loaded(tmp_path_factory.mktemp("first_days"), TEXT.replace(*WITHIN_A_QUARTER), FILES) as path:
        yield path


EARLY, LATER = {"period": "2025Q2"}, {"period": "2025Q3"}


@pytest.mark.parametrize(
    ("page", "address", "right", "wrong"),
    [
        ("overview", EARLY, "数据不足，还不能下结论：11 个社区中 1 个已报数，90% 的判定缺数据", "最弱的领域"),
        ("overview", EARLY, "已判定的 4 项中 2 项达标；缺数据超过 20%，不计算达标率，也不与上期相比。 看2025年第1季度", "个百分点"),
        ("overview", EARLY, "比上期变差：1 个社区共 2 项次由达标转为未达标（两期都能判定的有 4 项次）。", "共性问题"),
        ("overview", EARLY, "居住 — 2/4 · 缺36 · 不适用4 — 环境 — 1/2 · 缺18 · 不适用2 —", "▼"),
        ("overview", EARLY | {"lang": "en"}, "1 of 11 communities has reported, 90% of the verdicts lack data", "Weakest"),
        ("overview", LATER, "没有一项两期都能判定，说不出比上期变好还是变差", "没有社区由达标转为未达标"),
        # 35 of 40; the weakest has 15 of 20
        ("overview", {"period": "2025Q1"}, "社区指标达标率 87.5%（35/40），没有上期可比。 社区领域中最弱的是环境（达标率 75.0%，15/20）；", "数据不足"),
        ("overview", {"period": "2025Q1"}, "11 个社区中，5 个获得干净社区 ", "全部 1 个"),
        ("overview", {"period": "2025Q1", "lang": "en"}, "5 of 11 communities have the badge “Clean community”", "all 1 badges"),
        ("heatmap", EARLY, "11 个社区中 0 个全部达标；90% 的判定缺数据，还不能说哪里最弱", "最弱的是"),
        ("indicator", EARLY | {"indicator": "2.1"}, "已判定 1 个，达标 0 个；缺数据 9 个，超过 20%，不计算达标率；不适用 1 个。", "达标率 0%"),
        ("indicator", EARLY | {"indicator": "2.1"}, "缺数据太多，不能与上期相比", "比上期差"),
        ("gaps", EARLY, "已判定 4 项次，达标 2 项次；缺数据的占 90%，超过 20%，不计算达标率。", "达标率 50%"),
        ("gaps", {"period": "2025Q1", "domain": "care"}, "此范围内已判定的项全部达标，没有要办的事。", "0 项条件"),
        ("gaps", {"period": "2025Q1", "level": "subdistrict"}, "还没有一项能判定：先补报所缺的数据。", "没有要办的事"),
        ("trends", LATER, "没有一项在本期和2025年第2季度都能判定，说不出变好还是变差", "持平"),
        ("community", {"period": "2025Q1", "area": "C11"}, "C11社区：4 项指标都不适用", "4 项指标都缺数据"),
        ("heatmap", {"period": "2025Q1", "status": "met", "table": "1"}, "C05社区", "C11社区"),
    ],
)
def test_no_rate_is_compared_before_enough_is_known(
    monkeypatch: pytest.MonkeyPatch, folder: Path, page: str, address: dict[str, str], right: str, wrong: str
) -> None:
    text = said(monkeypatch, folder, page, **address)
    assert right in text
    assert wrong not in text


@pytest.mark.parametrize(
    ("counts", "rate", "comparable"),
    [
        ((3, 1, 0, 0), 0.75, 0.75),
        ((3, 1, 1, 9), 0.75, 0.75),  # a fifth lacks data: still enough
        ((3, 0, 1, 0), 1.0, None),  # a quarter does
        ((0, 1, 95, 0), 0.0, None),  # 0 of 1 is not 0 %
        ((0, 0, 5, 0), None, None),
        ((0, 0, 0, 5), None, None),
    ],
)
def test_a_rate_may_be_compared_where_no_more_than_a_fifth_is_unknown(counts: tuple[int, int, int, int], rate: float | None, comparable: float | None) -> None:
    found = Counts(*counts)
    assert (found.rate, found.comparable) == (rate, comparable)


@pytest.mark.parametrize(
    ("before", "now", "rise"),
    [
        # Of four judged both times one turned met.
        ((UNMET, MET, MET, NEARLY), (MET, MET, MET, UNMET), 0.25),
        # Six of 31 held it, then five, since one lacks data now: nothing that was judged both times moved.
        ((*[MET] * 6, *[UNMET] * 25), (*[MET] * 5, NO_DATA, *[UNMET] * 25), 0.0),
        # 21 of 21 and three unknown, then 23 of 24: the one that is missed was never judged before.
        ((*[MET] * 21, *[NO_DATA] * 3), (*[MET] * 23, UNMET), 0.0),
        # A fifth is unknown at one time or the other: enough; more than that is not.
        ((MET, MET, MET, UNMET, NO_DATA), (MET, MET, UNMET, UNMET, MET), -0.25),
        ((MET, MET, MET, NO_DATA), (MET, MET, UNMET, MET), None),
        ((MET, NO_DATA), (NO_DATA, MET), None),
        # What does not apply at one of the times is not missing.
        ((MET, EXEMPT, MET, EXEMPT), (UNMET, MET, EXEMPT, NO_DATA), -1.0),
        ((), (), None),
    ],
)
def test_only_what_was_judged_both_times_gets_better_or_worse(before: tuple[int, ...], now: tuple[int, ...], rise: float | None) -> None:
    assert risen(Shift.between(np.array(before, dtype=np.uint8), np.array(now, dtype=np.uint8))) == rise


STATUSES = (MET, UNMET, NO_DATA, EXEMPT)


def test_what_turned_adds_up() -> None:
    each = [Shift.between(np.array([was], dtype=np.uint8), np.array([then], dtype=np.uint8)) for was in STATUSES for then in STATUSES]
    whole = sum(each, Shift())
    assert (whole.won, whole.lost, whole.compared, whole.untold) == (1, 1, 4, 5)
    assert (whole.turned(MET, NO_DATA), whole.turned(NO_DATA, MET)) == (1, 1)


def test_what_too_few_have_reported_is_everybodys_problem_for_nobody() -> None:
    assert Counts(4, 6, 0, 0).is_common
    assert not Counts(5, 5, 0, 0).is_common
    assert not Counts(3, 6, 0, 0).is_common, "nine are too few to speak of everybody"
    assert not Counts(0, 1, 95, 0).is_common
