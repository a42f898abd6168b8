"""Gaps: totals, departments, work lists and since when, against a count over the exported verdicts."""

from __future__ import annotations

import csv
import html as html_module
import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import district as small_district
import page_district
import pytest
from app_pages import html_of, page_text, text_of
from page_district import NAME, NOW, PARENT, STANDARD, District, run

from compliance import periods, texts
from compliance.access import local_user
from compliance.answers import downloads, palette, phrases, work_lists
from compliance.drawing import gap_charts, gap_marks, work_marks
from compliance.files.reading import Source
from compliance.questions import owed_queries
from compliance.questions.filters import Filters
from compliance.screen import shell
from compliance.standard import loader
from compliance.standard.formula import Name
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

ZH = texts.words("zh")
COMMUNITY = {indicator.code: indicator for indicator in STANDARD.indicators_of("community")}

pytestmark = pytest.mark.usefixtures("on_district", "release")


def now(district: District) -> dict[tuple[str, str], str]:
    """(community, indicator) → status of the newest period."""
    return {(area, code): status for (area, period, code), status in district.statuses.items() if period == NOW and code in COMMUNITY}


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    "address", [{}, {"owner": "民政科"}, {"level": "subdistrict"}, {"domain": "safety", "in": "S02"}, {"in": "S07", "kind": "estate_type:老旧小区"}]
)
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("gaps", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_the_totals_are_those_of_the_export(district: District) -> None:
    found = now(district)
    tally = Counter(found.values())
    near = sum(district.is_near(area, code) for area, code in found)
    text = page_text(run("gaps", lang="zh"))
    assert f"96 个社区已判定 {tally['met'] + tally['unmet']:,} 项次，还有 {tally['unmet']:,} 项次未达标" in text
    assert f"其中 {near} 项次接近达标" in text
    assert f"另有 {tally['no_data']} 项次缺数据" in text


def test_every_cell_of_departments_and_domains(district: District) -> None:
    table = next(html for html in html_of(run("gaps", lang="zh")) if 'class="plain heat"' in html)
    for owner in {indicator.owner.zh for indicator in COMMUNITY.values() if indicator.owner}:
        expected = []
        for domain in (*STANDARD.domains_of("community"), None):
            codes = {i.code for i in COMMUNITY.values() if i.owner and i.owner.zh == owner and domain in (None, STANDARD.domain_of[i.code])}
            tally = Counter(status for (_, code), status in now(district).items() if code in codes)
            if tally["met"] + tally["unmet"]:
                expected.append((tally["unmet"], tally["met"] + tally["unmet"]))
        row = next(row for row in table.split("<tr>") if f">{owner}</a></th>" in row)
        cells = re.findall(r"<b>([\d,]+)</b><small>/([\d,]+)</small>", row)
        assert [(int(a.replace(",", "")), int(b.replace(",", ""))) for a, b in cells] == expected


def test_what_names_no_department_is_counted_and_colours_are_those_of_the_heatmap() -> None:
    """Lit stairs have a department, complaints and the domain care have none."""
    owned = loader.parse(small_district.TEXT.replace("text: 亮灯率90%以上", "text: 亮灯率90%以上\n            owner: {zh: 甲科, en: Section A}"))
    scope = work_lists.Scope(owned, "community", Filters())
    tallies = {
        "2.1": work_lists.Tally(near=1, unmet=52, no_data=0, met=448),  # 89.6 %: 90 as it is written
        "2.2": work_lists.Tally(unmet=1, no_data=9),  # 0 of 1 is not 0 %
        "2.3": work_lists.Tally(met=4),
        "2.4": work_lists.Tally(no_data=4),
    }
    drawn = str(gap_marks.departments(ZH, scope, tallies, lambda **_: "#"))
    key = re.findall(r'class="(step\d|no_data)">([^<]+)<', drawn.split("<table")[0])
    bands = ["0–24%", "25–49%", "50–74%", "75–89%", "90–100%", "缺数据超过 20%，不算达标率"]
    assert key == list(zip(["step0", "step1", "step2", "step3", "step4", "no_data"], bands, strict=True))
    rows = drawn.split("<tr>")
    own, nobody, foot = (next(row for row in rows if f">{head}<" in row.split("</th>")[0] + "<") for head in ("甲科", "未指定部门", "合计"))
    assert 'class="number step4" title="未达标 52/500' in own
    assert 'class="number no_data" title="未达标 1/1' in nobody and "href" not in nobody
    assert re.findall(r"<b>(\d+)</b><small>/(\d+)</small>", foot) == [("53", "501"), ("0", "4"), ("53", "505")]
    sheet = gap_marks.department_sheet(ZH, scope, tallies)
    unmet, judged = (sum(int(str(row[sheet.columns.index(name)])) for row in sheet.rows) for name in ("未达标", "已判定"))
    assert (unmet, judged) == (53, 505)


def test_a_parent_counts_its_areas(district: District) -> None:
    tally = Counter(status for (area, _), status in now(district).items() if PARENT[area] == "S07")
    text = page_text(run("gaps", lang="zh"))
    share = 100 * tally["unmet"] / (tally["met"] + tally["unmet"])
    assert f"橘灯街道 {share:.1f}% {tally['unmet']} /{tally['met'] + tally['unmet']} {tally['no_data']}" in text
    assert f"还有 {tally['unmet']} 项次未达标" in page_text(run("gaps", lang="zh", **{"in": "S07"}))


def test_a_work_list_is_whole_and_near_misses_come_first(district: District) -> None:
    codes = {code for code, indicator in COMMUNITY.items() if indicator.owner and indicator.owner.zh == "城管办"}
    top = {(code, criterion.id) for code in codes for criterion in COMMUNITY[code].criteria}
    unmet = [row for row in district.criteria if (row["indicator"], row["criterion"]) in top and row["status"] == "unmet"]
    app = run("gaps", lang="zh", owner="城管办")
    verdicts = [key for key, status in now(district).items() if key[1] in codes and status == "unmet"]
    areas = {area for area, _ in verdicts}
    assert f"城管办：{len(verdicts)} 项次未达标，共 {len(unmet)} 个未达标条件（涉及 {len(areas)} 个社区）" in page_text(app)
    assert [i for i, html in enumerate(html_of(app)) if 'class="plain work"' in html] < [i for i, html in enumerate(html_of(app)) if "各街道未达标项" in html]
    work = next(html for html in html_of(app) if 'class="plain work"' in html)
    nearest = max(unmet, key=lambda row: (district.is_near(row["area_id"], row["indicator"]), float(row["attainment"])))
    first = text_of(work.split("<tbody>")[1])
    assert page_district.NAME[nearest["area_id"]] in first and nearest["indicator"] in first
    assert f"还差 {ZH.number(round(float(nearest['gap']), 2))}" in first
    assert work.count('class="glyph near"') == len({(r["area_id"], r["indicator"]) for r in unmet if district.is_near(r["area_id"], r["indicator"])})


@pytest.mark.parametrize("owner", ["派出所", "信访办"])
def test_what_lacks_data_is_listed_apart(district: District, owner: str) -> None:
    codes = {code for code, indicator in COMMUNITY.items() if indicator.owner and indicator.owner.zh == owner}
    missing = [key for key, status in now(district).items() if key[1] in codes and status == "no_data"]
    assert f"待报数据：{len(missing)} 项次缺数据（涉及 {len({area for area, _ in missing})} 个单位）" in page_text(run("gaps", lang="zh", owner=owner))


def test_what_is_owed_are_the_blank_cells_of_the_files(district: District) -> None:
    """Every figure named is blank in its period's file (or outside of it), and every blank behind an open verdict of plain figures is named."""
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        found = owed_queries.owed(cursor, STANDARD, "community", page_district.ORDINAL, list(COMMUNITY))
    assert {(each.area_id, each.code) for each in found} == {key for key, status in now(district).items() if status == "no_data"}
    cells = {period: file_cells(period) for period in page_district.PERIODS}
    for each in found:
        for name, when in each.figures:
            period = periods.label(when, "quarter")
            assert cells.get(period, {}).get((each.area_id, name), "") == "", (each, name)
    named = {(each.area_id, each.code): {name for name, _ in each.figures} for each in found}
    open_leaves = [row for row in district.criteria if row["status"] == "no_data" and (row["area_id"], row["indicator"]) in named]
    plain = {(i.code, leaf.id): leaf.value.id for i in COMMUNITY.values() for leaf, _ in i.leaves() if phrases.is_plain(leaf) and isinstance(leaf.value, Name)}
    blank = [
        (row["area_id"], row["indicator"], plain[row["indicator"], row["criterion"]]) for row in open_leaves if (row["indicator"], row["criterion"]) in plain
    ]
    assert len(blank) > 100 and all(name in named[area, code] for area, code, name in blank)


def file_cells(period: str) -> dict[tuple[str, str], str]:
    with (page_district.SAMPLE / f"metrics_community_{period}.csv").open(encoding="utf-8", newline="") as file:
        return {(row["area_id"], name): cell for row in csv.DictReader(file) for name, cell in row.items()}


def test_since_when_follows_the_exported_history(district: District) -> None:
    expected = {}
    for area, code in now(district):
        history = [district.statuses[area, period, code] for period in page_district.PERIODS]
        run_length = next((n for n, status in enumerate(reversed(history)) if status != "unmet"), len(history))
        if run_length:
            before = history[-run_length - 1] if run_length < len(history) else "no_data"
            expected[area, code] = (page_district.ORDINAL + 1 - run_length, before != "no_data")
    assert district.since == expected


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"owner": "财神庙"}, "财神庙"),
        ({"level": "planet"}, "planet"),
        ({"owner": "民政科", "sort": "luck"}, "luck"),
        ({"in": "S99"}, "S99"),
    ],
)
def test_a_wrong_address_is_said(address: dict[str, str], said: str) -> None:
    assert said in page_text(run("gaps", lang="zh", **address))


def test_a_kind_of_community_leaves_the_subdistricts_alone_and_that_is_said() -> None:
    alone = page_text(run("gaps", lang="zh", level="subdistrict"))
    filtered = page_text(run("gaps", lang="zh", level="subdistrict", kind="estate_type:老旧小区"))
    said = re.search(r"8 个街道已判定 \d+ 项次，还有 \d+ 项次未达标", alone)
    assert said and said[0] in filtered
    assert "街道不按“老旧小区”筛选" in filtered and "筛选：" not in filtered


def test_the_files_hold_what_the_page_shows(district: District) -> None:
    tasks = work_lists.tasks(STANDARD, district.work, district.since)
    sheet = work_marks.sheet(ZH, STANDARD, tasks, page_district.ORDINAL)
    lines = downloads.csv_bytes(sheet).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(tasks) and lines[0].startswith("编号,单位,上级,指标序号")
    assert downloads.xlsx_bytes(sheet)[:2] == b"PK"
    orders = {sort: work_lists.ordered(tasks, STANDARD, sort) for sort in work_lists.SORTS}
    assert all(sorted(map(id, found)) == sorted(map(id, tasks)) for found in orders.values())
    assert [task.attainment for task in orders["far"]] == sorted(task.attainment for task in tasks)
    ranks = [(not task.is_near, -task.attainment) for task in orders["near"]]
    assert ranks == sorted(ranks)


def test_gaps_are_held_against_each_other_within_one_measure_only(district: District) -> None:
    tasks = work_lists.ordered(work_lists.tasks(STANDARD, district.work, district.since), STANDARD, "gap")
    runs = [(kind, [task.clause.gap or 0.0 for task in group]) for kind, group in groupby(tasks, key=lambda task: work_lists.measure(STANDARD, task))]
    assert len(runs) == len({kind for kind, _ in runs}) > 2
    assert all(gaps == sorted(gaps, reverse=True) for _, gaps in runs)
    text = page_text(run("gaps", lang="zh", owner="城管办", sort="gap", **{"in": "S03"}))
    assert "以“处”计的差距（21 条，差距大的在前）" in text and "以“个百分点”计的差距" in text


@pytest.mark.parametrize(
    ("code", "criterion", "value", "gap", "zh", "en"),
    [
        ("2.32", "needs_visits", 1.0, 1.0, "还差 1 轮", "1 round to go"),
        ("2.21", "floor_area", 330.0, 20.0, "还差 20 平方米", "20 m² to go"),
        ("2.34", "sudden_incidents", 3.0, 3.0, "超 3 起", "3 cases over"),
        ("2.9", "satisfaction", 88.6, 1.4, "还差 1.4 个百分点", "1.4 percentage points to go"),
    ],
)
def test_a_gap_is_told_in_what_is_counted(code: str, criterion: str, value: float, gap: float, zh: str, en: str) -> None:
    found = next(leaf for leaf, _ in COMMUNITY[code].leaves() if leaf.id == criterion)
    assert [phrases.gap(texts.words(language), STANDARD, found, value, gap) for language in texts.LANGUAGES] == [zh, en]


@pytest.mark.parametrize(
    ("parent", "areas", "owner", "hurdle"), [(None, 301, "民政科", "gaps.choose_parent"), (None, 300, "民政科", None), ("S07", 301, "民政科", None)]
)
def test_a_long_list_asks_for_a_place_until_there_is_one(parent: str | None, areas: int, owner: str, hurdle: str | None) -> None:
    assert work_lists.Scope(STANDARD, "community", Filters(parent=parent), owner).hurdle(areas) == hurdle


def test_the_file_is_named_after_its_department() -> None:
    scope = work_lists.Scope(STANDARD, "community", Filters(), "城管办")
    assert work_marks.file_name(ZH, scope, "work", ["a/b街道"]) == "未达标清单-城管办-a_b街道"


def test_bars_escape_titles_and_stack_to_what_is_open() -> None:
    line = gap_charts.Line("<b>a&b</b>", work_lists.Tally(near=1, unmet=3, no_data=2, met=4), ("gaps", {"domain": "x"}))
    figure = gap_charts.bars(ZH, palette.colours(dark=False), [line])
    assert figure["layout"]["yaxis"]["ticktext"] == ["&lt;b&gt;a&amp;b&lt;/b&gt;"]
    assert [trace["x"] for trace in figure["data"]] == [[1], [2], [2]]


def test_a_standard_without_owners_or_parents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = (
        "standard: {id: h, title: {zh: 港口, en: Harbours}, period: year, levels: [{id: harbour, title: {zh: 港口, en: Harbour}}]}\n"
        "pillars: [{id: p, title: {zh: 总, en: All}, domains: [{id: d, title: {zh: 安全, en: Safety}, indicators: [\n"
        '  {code: "S-1", level: harbour, title: {zh: 灯, en: Lights}, text: Lights., criteria: [{any_of: ['
        "{id: lit, value: lights, at_least: 90}, {id: bright, value: lamps, at_least: 5}]}]}]}]}]\n"
        "metrics:\n  - {id: lights, title: {zh: 亮灯率, en: Lit}, level: harbour, unit: percent, kind: stock}\n"
        "  - {id: lamps, title: {zh: 灯数, en: Lamps}, level: harbour, unit: count, kind: stock}\n"
    )
    (tmp_path / "indicators.yaml").write_text(text, encoding="utf-8")
    with Store(tmp_path / "h.duckdb", loader.load(tmp_path / "indicators.yaml")) as store:
        areas, figures = "area_id,name,level\nH1,<b>N</b>,harbour\nH2,S,harbour\n", "area_id,period,lights,lamps\nH1,2025,88,3\nH2,2025,95,1\n"
        import_sources(store, [Source("areas.csv", areas.encode()), Source("figures.csv", figures.encode())], user=local_user())
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "h.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "indicators.yaml"))
    app = run("gaps", lang="en")
    says = page_text(app)
    assert "2 harbours: 1 of 2 verdicts not met yet" in says
    assert "Lit: 2 percentage points to go; or Lamps: 2 to go" in says
    assert not any("<b>N" in html for html in html_of(app)) and html_module.escape("<b>N</b>") in "".join(html_of(app))


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("gaps", {"level": "subdistrict"}),
        ("trends", {"level": "subdistrict"}),
        ("heatmap", {"rows": "subdistrict"}),
        ("indicator", {"indicator": "1.1"}),
        ("completeness", {"level": "subdistrict"}),
    ],
)
def test_filters_that_no_community_matches_leave_the_subdistricts_that_they_cannot_hold_for(page: str, address: dict[str, str]) -> None:
    """S02 has no compound of one employer; what sorts communities says nothing of subdistricts."""
    said = page_text(run(page, lang="zh", **{"in": "S02", "kind": "estate_type:单位大院"}, **address))
    assert "没有同时符合" not in said and NAME["S02"] in said


@pytest.mark.parametrize("page", ["gaps", "trends", "heatmap", "indicator"])
def test_where_the_filters_leave_none_the_page_says_none_of_what(page: str) -> None:
    said = page_text(run(page, lang="zh", indicator="2.5", **{"in": "S02", "kind": "estate_type:单位大院"}))
    assert "没有同时符合这些筛选条件的社区：请放宽筛选。" in said
