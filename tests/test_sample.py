"""The sample district: complete, invented, plausible, and the same bytes whenever it is generated."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from compliance import periods
from compliance.questions import area_queries, queries
from compliance.storage.store import Store

PROJECT = Path(__file__).parents[1]
SAMPLE = PROJECT / "data" / "sample"
PERIODS = ["2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"]
NEWEST = periods.parse(PERIODS[-1], "quarter")
# Subdistricts and towns of central Beijing: none of ours may be one.
REAL = """
东华门 景山 交道口 安定门 北新桥 东四 朝阳门 建国门 东直门 和平里 前门 崇文门外 东花市 龙潭 体育馆路 天坛 永定门外 西长安街 新街口 月坛 展览路 德胜 金融街 什刹海 大栅栏
天桥 椿树 陶然亭 广安门内 牛街 白纸坊 广安门外 朝外 劲松 建外 呼家楼 八里庄 三里屯 团结湖 双井 垡头 左家庄 小关 和平街 酒仙桥 首都机场 潘家园 大屯 望京 亚运村 安贞 麦子店
香河园 奥运村 东湖 万寿路 羊坊店 甘家口 永定路 紫竹院 北下关 北太平庄 海淀 中关村 学院路 清河 青龙桥 香山 西三旗 马连洼 花园路 田村路 上地 燕园 清华园 曙光 右安门 太平桥
西罗园 大红门 南苑 东高地 东铁匠营 卢沟桥 丰台 新村 长辛店 云岗 方庄 宛平 马家堡 和义 八宝山 老山 八角 古城 苹果园 金顶街 广宁 五里坨 鲁谷 城子 东辛房 大峪 回龙观 天通苑
""".split()


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def metric_files(level: str) -> dict[str, list[dict[str, str]]]:
    return {period: rows(f"metrics_{level}_{period}.csv") for period in PERIODS}


def test_8_subdistricts_and_96_communities() -> None:
    areas = rows("areas.csv")
    assert Counter(area["level"] for area in areas) == {"subdistrict": 8, "community": 96}
    parents = Counter(area["parent_id"] for area in areas if area["level"] == "community")
    assert parents.keys() == {area["area_id"] for area in areas if area["level"] == "subdistrict"}
    assert min(parents.values()) >= 7 and max(parents.values()) <= 18


def test_names_are_invented_and_unlike_each_other() -> None:
    names = [area["name"] for area in rows("areas.csv")]
    assert len(set(names)) == 104
    assert [name for name in names if re.sub("(街道|社区)$", "", name) in REAL] == []
    assert all(re.fullmatch("..街道|..社区", name) for name in names)


@pytest.mark.parametrize(("level", "areas"), [("community", 96), ("subdistrict", 8)])
def test_every_metric_of_every_area_in_8_quarters(sample_store: Store, level: str, areas: int) -> None:
    wanted = ["area_id", "period", *(metric.id for metric in sample_store.standard.metrics_of(level))]
    assert sorted(path.name for path in SAMPLE.glob(f"metrics_{level}_*.csv")) == [f"metrics_{level}_{period}.csv" for period in PERIODS]
    for period, found in metric_files(level).items():
        assert sorted(found[0]) == sorted(wanted)
        assert len(found) == len({row["area_id"] for row in found}) == areas
        assert {row["period"] for row in found} == {period}
    assert queries.all_periods(sample_store.cursor()) == [periods.parse(period, "quarter") for period in PERIODS]


def test_parameters_of_every_quarter(sample_store: Store) -> None:
    found = rows("parameters.csv")
    assert [row["period"] for row in found] == PERIODS
    assert {*found[0]} == {"period", *sample_store.standard.parameter_by_id}
    assert all(cell for row in found for cell in row.values())


@pytest.mark.parametrize("level", ["community", "subdistrict"])
def test_about_2_percent_of_the_cells_are_blank(level: str) -> None:
    cells = [cell for found in metric_files(level).values() for row in found for cell in row.values()]
    assert 0.01 < cells.count("") / len(cells) < 0.04


def test_each_badge_is_held_by_a_tenth_to_a_third(sample_store: Store) -> None:
    badges = queries.badges(sample_store.cursor(), sample_store.standard, "community", NEWEST)
    assert len(badges) == 6
    shares = {row.domain: row.earned / 96 for row in badges.itertuples()}
    assert {domain: share for domain, share in shares.items() if not 0.10 <= share <= 0.33} == {}
    assert (badges[["earned", "not_earned", "undetermined", "not_applicable"]].sum(axis="columns") == 96).all()


def test_exemptions_are_used(sample_store: Store) -> None:
    found = rows("exemptions.csv")
    assert len(found) >= 8 and any(row["to"] for row in found) and any(not row["to"] for row in found)
    assert queries.compliance_by_indicator(sample_store.cursor(), sample_store.standard, "community", NEWEST)["not_applicable"].sum() > 0


# data/sample/README.md: community, domain → indicators not met in 2026Q2 and in 2026Q3, and how they stand
STORIES = [
    ("C0105", "environment", set(), {"2.3", "2.5", "2.6", "2.9"}, "unmet"),
    ("C0808", "safety", set(), {"2.34", "2.35", "2.38", "2.45"}, "unmet"),
    ("C0302", "environment", {"2.5"}, {"2.5"}, "unmet"),
]  # fmt: skip


@pytest.mark.parametrize(("area", "domain", "before", "after", "status"), STORIES)
def test_stories_of_the_readme(sample_store: Store, area: str, domain: str, before: set[str], after: set[str], status: str) -> None:
    cursor, standard = sample_store.cursor(), sample_store.standard
    for period, wanted in ((NEWEST - 1, before), (NEWEST, after)):
        statuses = area_queries.indicators_of_area(cursor, standard, "community", area, period)
        codes = [indicator.code for indicator in standard.domain_by_id[domain].indicators]
        assert {code: statuses[code] for code in codes if statuses[code] != "met"} == dict.fromkeys(wanted, status)


def test_a_police_station_that_did_not_report_leaves_a_badge_undetermined(sample_store: Store) -> None:
    cursor, standard = sample_store.cursor(), sample_store.standard
    rows_of = area_queries.verdict_of_area(cursor, standard, "community", "C0202", NEWEST).set_index("domain")
    assert rows_of.loc["safety", "unmet"] == 0 and rows_of.loc["safety", "no_data"] > 0


def test_one_subdistrict_is_ahead_and_one_behind(sample_store: Store) -> None:
    found = queries.verdicts_of_areas(sample_store.cursor(), "community", NEWEST).groupby("parent")[["met", "unmet"]].sum()
    rate = (found["met"] / (found["met"] + found["unmet"])).sort_values()
    assert (rate.index[0], rate.index[-1]) == ("橘灯街道", "风铃街道")


def test_generating_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """In a copy: the script writes beside itself. With another hash seed, since the order of a set must not matter."""
    shutil.copytree(PROJECT / "compliance", tmp_path / "compliance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "indicators.yaml", tmp_path)
    copy = tmp_path / "data" / "sample"
    copy.mkdir(parents=True)
    shutil.copy(SAMPLE / "generate.py", copy)
    subprocess.run([sys.executable, str(copy / "generate.py")], check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, timeout=300)
    made = {path.name: path.read_bytes() for path in copy.glob("*.csv")}
    kept = {path.name: path.read_bytes() for path in SAMPLE.glob("*.csv")}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []
