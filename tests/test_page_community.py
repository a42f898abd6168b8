"""One area's second half: what to mend, what changed, its place among the others and the verdicts above it, against the exported verdicts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import page_district
import pypinyin
import pytest
from app_pages import html_of, page_text, text_of
from page_district import NOW, STANDARD, District, run

from compliance import texts
from compliance.access import local_user
from compliance.answers import standing
from compliance.files.reading import Source
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

BEFORE = page_district.PERIODS[-2]
AREA = "C0302"

pytestmark = pytest.mark.usefixtures("on_district", "release")


def part(area: str, mark: str, **address: str) -> str:
    return next(html for html in html_of(run("community", lang="zh", area=area, **address)) if mark in html)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("address", [{"area": AREA}, {"area": "C0202"}, {"area": "S02"}, {"area": "C0409", "period": "2026Q1"}])
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("community", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_a_subdistricts_own_rate_is_told_from_that_of_its_communities(district: District) -> None:
    children = {area for area, above in page_district.PARENT.items() if above == "S02"}
    codes = [indicator.code for indicator in STANDARD.indicators_of("community")]
    n = Counter(district.statuses[area, NOW, code] for area in children for code in codes)
    judged = n["met"] + n["unmet"]
    text = page_text(run("community", lang="zh", area="S02"))
    assert "只算街道本级的指标，不含所辖社区。" in text
    rate = f"达标率 {100 * n['met'] / judged:.1f}% · {n['met']}/{judged} · 缺{n['no_data']} · 不适用{n['not_applicable']}"
    assert f"{len(children)} 个社区合计：{rate}。" in text
    assert "本级" not in page_text(run("community", lang="zh", area=AREA))


def test_with_nothing_chosen_all_areas_stand_by_subdistrict_and_name(district: District) -> None:
    app = run("community", lang="zh")
    assert "社区详情 点一个名称看详情" in page_text(app)
    html = next(html for html in html_of(app) if 'class="area-lists"' in html)
    names = []
    for section in html.split("<section>")[1:]:
        (parent,) = re.findall(r"<h2><a [^>]*area=(\w+)", section)
        rows = re.findall(r'<th scope="row"[^>]*><a [^>]*area=(\w+)">(.*?)</tr>', section)
        assert {page_district.PARENT[id_] for id_, _ in rows} == {parent}
        assert sorted(id_ for id_, _ in rows) == sorted(id_ for id_, above in page_district.PARENT.items() if above == parent)
        names += [pypinyin.lazy_pinyin(page_district.NAME[parent])]
        assert [page_district.NAME[id_] for id_, _ in rows] == sorted((page_district.NAME[id_] for id_, _ in rows), key=pypinyin.lazy_pinyin)
        for id_, row in rows:
            own = {i.code: district.statuses[id_, NOW, i.code] for i in STANDARD.indicators_of("community")}
            n = {status: list(own.values()).count(status) for status in ("met", "unmet", "no_data", "not_applicable")}
            held = sum({own[i.code] for i in domain.indicators} - {"not_applicable"} == {"met"} for domain in STANDARD.domains_of("community"))
            judged = n["met"] + n["unmet"]
            is_known = n["no_data"] <= 0.2 * (judged + n["no_data"])
            rate = f"{100 * n['met'] / judged:.1f}%" if is_known else "数据不足"
            parts = f"{n['met']}/{judged} · 缺{n['no_data']} · 不适用{n['not_applicable']}"
            unmet = f"未达标 {n['unmet']}" if n["unmet"] else "0"
            assert text_of(f"<p>{row}") == f"{page_district.NAME[id_]} {rate} {parts} {unmet} ★ {held}/6"
    assert len(names) == 8 and names == sorted(names)


def test_what_to_mend_is_all_that_is_unmet_nearest_first(district: District) -> None:
    html = part(AREA, 'class="plain mend"').split('id="owed"')[0]
    unmet = {code: district.attainments[a, p, code] for (a, p, code), status in district.statuses.items() if (a, p, status) == (AREA, NOW, "unmet")}
    shown = re.findall(r'href="#indicator-([\d.]+)"', html)
    assert sorted(shown) == sorted(unmet)
    near = {code for code in unmet if district.is_near(AREA, code)}
    assert shown == sorted(shown, key=lambda code: (code not in near, -unmet[code]))
    assert html.count('class="glyph near"') == len(near)


@pytest.mark.parametrize("area", [AREA, "C0105", "C0202"])
def test_what_changed(district: District, area: str) -> None:
    kinds = {("met", "unmet"): "由达标转为未达标", ("unmet", "met"): "由未达标转为达标", ("met", "no_data"): "现在缺数据", ("unmet", "no_data"): "现在缺数据"}
    expected: dict[str, int] = {}
    for code in (indicator.code for indicator in STANDARD.indicators_of("community")):
        kind = kinds.get((district.statuses[area, BEFORE, code], district.statuses[area, NOW, code]))
        if kind:
            expected[kind] = expected.get(kind, 0) + 1
    text = page_text(run("community", lang="zh", area=area))
    assert "与2026年第2季度相比" in text
    assert {kind: int(n) for kind, n in re.findall(r"(由达标转为未达标|由未达标转为达标|现在缺数据) (\d+) \d", text)} == expected


def test_the_first_period_has_nothing_to_compare_with() -> None:
    assert texts.words("zh")("community.no_period_before") in page_text(run("community", lang="zh", area=AREA, period="2026Q1"))


def test_the_spread_is_that_of_all_areas(district: District) -> None:
    html = part(AREA, 'class="spine"')
    code = "2.5"
    values = [a for (area, p, c), a in district.attainments.items() if (p, c) == (NOW, code) and district.statuses[area, p, c] in ("met", "unmet")]
    low, middle, high = np.quantile(np.array(values, dtype=np.float32), [0.1, 0.5, 0.9])
    words = texts.words("zh")
    expected = f"中位数 {words.percent(float(middle))}，中间八成 {words.percent(float(low))}–{words.percent(float(high))}（{len(values)} 个单位）"
    row = next(row for row in html.split("<a ") if "indicator-2.5&" in row or 'indicator-2.5"' in row)
    assert expected in row
    assert f"left:{100 * district.attainments[AREA, NOW, code]:.1f}%" in row
    assert html.count('class="spine-row"') == 69


def test_what_cannot_be_judged_has_no_dot(district: District) -> None:
    html = part("C0202", 'class="spine"')
    decided = [code for (a, p, code), status in district.statuses.items() if (a, p) == ("C0202", NOW) and status in ("met", "unmet")]
    assert len(re.findall(r'class="dot \w+" style', html)) == len(decided) < 69


def test_verdicts_above_are_shown_and_not_counted(district: District) -> None:
    html = text_of(part(AREA, "只作对照"))
    for domain in STANDARD.domains_of("subdistrict"):
        found = [district.statuses["S03", NOW, indicator.code] for indicator in domain.at("subdistrict")]
        assert f"{found.count('met')}/{found.count('met') + found.count('unmet')} · 缺{found.count('no_data')}" in html
    own = [status for (a, p, _), status in district.statuses.items() if (a, p) == (AREA, NOW)]
    assert f"已判定的 {own.count('met') + own.count('unmet')} 项中 {own.count('met')} 项达标" in page_text(run("community", lang="zh", area=AREA))


def card(area: str, domain: str) -> str:
    """One badge card, as HTML."""
    return next(each for each in part(area, 'class="cards"').split('class="card badge-card"') if f'href="#{domain}"' in each)


def test_a_badge_names_what_it_lacks(district: District) -> None:
    html = card(AREA, "environment")
    assert [status for (a, p, code), status in district.statuses.items() if (a, p) == (AREA, NOW) and STANDARD.domain_of[code].id == "environment"].count(
        "unmet"
    ) == 1
    assert "未获得干净社区，还差 1 项" in text_of(html) and "2.5 建筑整洁与楼道亮灯 还差 1.4 个百分点 · 城管办" in text_of(html)
    assert 'href="#indicator-2.5"' in html


def test_a_badge_that_nobody_can_judge_names_the_figures_and_who_owes_them(district: District) -> None:
    area, domain = next(
        (area, domain)
        for area in sorted({a for a, p, _ in district.statuses if p == NOW and a.startswith("C")})
        for domain in STANDARD.domains_of("community")
        if {district.statuses[area, NOW, i.code] for i in domain.indicators} == {"met", "no_data"}
    )
    missing = [i for i in domain.indicators if district.statuses[area, NOW, i.code] == "no_data"]
    said = text_of(card(area, domain.id))
    assert domain.badge is not None and f"{domain.badge.zh}不能判定，{len(missing)} 项指标缺数据" in said
    assert all(i.title.zh in said for i in missing[:3]) and missing[0].owner is not None and f"· {missing[0].owner.zh}" in said and "没有报数：" in said


def line_of(period: str) -> tuple[int, dict[str, str]]:
    """Where AREA stands in the sample's file of a period: the line, and its cells by column."""
    with (page_district.SAMPLE / f"metrics_community_{period}.csv").open(encoding="utf-8", newline="") as file:
        return next((number, row) for number, row in enumerate(csv.DictReader(file), start=2) if row["area_id"] == AREA)


@pytest.mark.parametrize("code", ["2.5", "2.6"])
def test_a_value_says_its_file_and_line_beside_it(code: str) -> None:
    """Of what is not met and of what is."""
    html = part(AREA, f'data-part="{code}"')
    finding = html[html.index(f'data-part="{code}"') :].split("</details>")[0]
    rows = [text_of(row) for row in finding.split("<tr")[2:]]
    line, _ = line_of(NOW)
    assert rows and all(f"metrics_community_{NOW}.csv 第 {line} 行" in row for row in rows)
    assert re.search(rf"metrics_community_{NOW}\.csv · 第 \d+ 号导入 · Ann · \d{{4}}-", text_of(finding.split('class="origins"')[1]))


def test_a_sum_says_the_line_of_every_period_that_it_adds_up() -> None:
    lines = {period: line_of(period)[0] for period in page_district.PERIODS}
    html = part(AREA, 'data-part="2.32"')
    cells = re.findall(r'<td class="origin">(.*?)</td>', html, flags=re.DOTALL)
    expected = " ".join(f"{period} metrics_community_{period}.csv 第 {lines[period]} 行" for period in reversed(page_district.PERIODS))
    assert expected in map(text_of, cells)


def test_what_is_written_is_shown_for_the_indicator_that_is_asked_for() -> None:
    html = part(AREA, 'id="written-2.5"', raw="2.5")
    assert html.count('class="plain numbers"') == 1
    written = {
        text_of(row): text_of(raw) for row, raw in re.findall(r'<th scope="row">(.*?)</th>.*?<td class="raw">(.*?)</td>', html.split('id="written-2.5"')[1])
    }
    assert written[f"楼道亮灯率 {NOW}"] == line_of(NOW)[1]["stairwell_lighting_rate"]
    assert 'id="written-' not in "".join(html_of(run("community", lang="zh", area=AREA, raw="9.9")))


def test_what_is_met_is_folded_with_its_number(district: District) -> None:
    for domain in STANDARD.domains_of("community"):
        own = [district.statuses[AREA, NOW, indicator.code] for indicator in domain.indicators]
        html = part(AREA, f'data-part="met-{domain.id}"')
        shown, folded = html.split(f'data-part="met-{domain.id}"')
        assert (len(re.findall(r'class="finding ', shown)), len(re.findall(r'class="finding ', folded))) == (len(own) - own.count("met"), own.count("met"))
        assert f">达标 {own.count('met')} 项" in folded


def test_the_first_sentence_answers_how_it_is(district: District) -> None:
    own = {code: status for (a, p, code), status in district.statuses.items() if (a, p) == (AREA, NOW)}
    met, unmet = (list(own.values()).count(status) for status in ("met", "unmet"))
    held = sum({own[i.code] for i in domain.indicators} <= {"met", "not_applicable"} for domain in STANDARD.domains_of("community"))
    text = page_text(run("community", lang="zh", area=AREA))
    assert f"风笛社区：已判定的 {met + unmet} 项中 {met} 项达标（{100 * met / (met + unmet):.1f}%），获得 {held}/6 个“型”" in text
    lost = sum(status == "unmet" and district.statuses[AREA, BEFORE, code] == "met" for code, status in own.items())
    assert lost and f"与2026年第2季度相比： 由达标转为未达标 {lost} · " in text
    assert "数据截至2026年第3季度，最近一次导入" in text


def test_an_area_that_reported_nothing_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Old figures are not carried on: with the newest file taken from one area, nothing of it can be judged, and the page leads to its last report."""
    names = ("areas.csv", "metrics_community_2026Q2.csv", "metrics_community_2026Q3.csv")
    with Store(tmp_path / "x.duckdb", STANDARD) as store:
        for name in names:
            lines = (page_district.SAMPLE / name).read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not (name.endswith("2026Q3.csv") and line.startswith(AREA))]
            import_sources(store, [Source(name, "".join(kept).encode())], user=local_user())
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "x.duckdb"))
    app = run("community", lang="zh", area=AREA)
    text = page_text(app)
    assert "风笛社区：69 项指标都缺数据，不能判定" in text
    assert "本单位2026年第3季度没有报送任何数据，最近一次报数是2026年第2季度" in text
    assert any("period=2026Q2" in html and 'class="notice"' in html for html in html_of(app))
    assert "其中 1 个社区本期没有报送任何数据" in page_text(run("gaps", lang="zh"))


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("met", "unmet", "lost"),
        ("unmet", "met", "gained"),
        ("met", "no_data", "dark"),
        ("no_data", "unmet", "light"),
        ("not_applicable", "unmet", "applying"),
        ("not_applicable", "not_applicable", None),
        ("met", "not_applicable", "exempted"),
        ("no_data", "not_applicable", "exempted"),
        ("no_data", "no_data", None),
    ],
)
def test_kinds_of_change(was: str, now: str, kind: str | None) -> None:
    found = standing.changes(STANDARD, {"2.5": was}, {"2.5": now})
    assert [name for name, indicators in found.items() if indicators] == ([kind] if kind else [])
