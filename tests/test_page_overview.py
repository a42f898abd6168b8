"""The overview and the frame around every page: sentences, changes, movers against a second count; filters, links and downloads."""

from __future__ import annotations

import csv
import html as html_module
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from app_pages import choose, lists_of
from streamlit.testing.v1 import AppTest

from compliance import routes, texts
from compliance.access import User
from compliance.answers import downloads, matrices, palette, phrases
from compliance.answers.downloads import Sheet
from compliance.drawing import plotting
from compliance.files.reading import Source
from compliance.questions import exports, filters, queries
from compliance.questions.filters import Filters
from compliance.screen import frame, shell
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
STANDARD = loader.load(PROJECT / "indicators.yaml")
LEVEL_OF = {row["area_id"]: row for row in csv.DictReader((SAMPLE / "areas.csv").read_text(encoding="utf-8").splitlines())}


Verdicts = dict[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class District:
    """A database, and (area, period) → indicator → status as the export for other programs writes them."""

    path: Path
    verdicts: Verdicts
    attainments: dict[tuple[str, str], float]
    matrix: queries.DomainMatrix
    names: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The last two periods of the sample are enough; what their windows reach back to is simply missing."""
    path = tmp_path_factory.mktemp("overview") / "sample.duckdb"
    names = ["areas.csv", "parameters.csv", "exemptions.csv", *(f"metrics_{level}_2026Q{n}.csv" for level in ("community", "subdistrict") for n in (2, 3))]
    found: Verdicts = {}
    attainments: dict[tuple[str, str], float] = {}
    with Store(path, STANDARD) as store:
        import_sources(store, [Source.from_path(SAMPLE / name) for name in names], user=User("Ann", "admin"))
        with store.cursor() as cursor:
            matrix = queries.domain_matrix(cursor, STANDARD, "community", queries.all_periods(cursor)[-1])
            names_of = queries.names_of_areas(cursor, matrix.area_ids)
            for level in STANDARD.judged_levels:
                out = io.BytesIO()
                exports.export(cursor, STANDARD, "indicators", level, None, out)
                for row in csv.DictReader(io.StringIO(out.getvalue().decode())):
                    found.setdefault((row["area_id"], row["period"]), {})[row["indicator"]] = row["status"]
                    if row["period"] == "2026Q3" and row["attainment"]:
                        attainments[row["area_id"], row["indicator"]] = float(row["attainment"])
    return District(path, found, attainments, matrix, names_of)


@pytest.fixture(scope="module")
def database(district: District) -> Path:
    return district.path


@pytest.fixture(scope="module")
def verdicts(district: District) -> Verdicts:
    return district.verdicts


@pytest.fixture(autouse=True, scope="module")
def release() -> Iterator[None]:
    """One store for all of these tests, which only read."""
    yield
    shell._office().close()
    st.cache_resource.clear()


def run(monkeypatch: pytest.MonkeyPatch, database: Path, page: str = "overview", **address: str) -> AppTest:
    monkeypatch.setenv("COMPLIANCE_DB", str(database))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(PROJECT / "indicators.yaml"))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(routes.SCRIPTS[page])
    app.run()
    assert not app.exception
    return app


def html_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style>"))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", html_module.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style|select).*?</\1>", "", html, flags=re.DOTALL)))).strip()


def said(app: AppTest) -> str:
    return text_of(html_of(app))


def tally(verdicts: Verdicts, period: str, level: str, parent: str | None = None, codes: frozenset[str] | None = None) -> Counter[str]:
    return Counter(
        status
        for (area, when), statuses in verdicts.items()
        if when == period and LEVEL_OF[area]["level"] == level and parent in (None, LEVEL_OF[area]["parent_id"])
        for code, status in statuses.items()
        if codes is None or code in codes
    )


def pairs(verdicts: Verdicts, level: str, codes: frozenset[str] | None = None, parent: str | None = None) -> Counter[tuple[str, str]]:
    """(status in 2026Q2, status in 2026Q3) of the same indicators of the same areas."""
    return Counter(
        (verdicts[area, "2026Q2"][code], status)
        for (area, when), statuses in verdicts.items()
        if when == "2026Q3" and LEVEL_OF[area]["level"] == level and parent in (None, LEVEL_OF[area]["parent_id"])
        for code, status in statuses.items()
        if codes is None or code in codes
    )


def rise(found: Counter[tuple[str, str]]) -> float:
    """Won less lost, of those judged both times."""
    compared = sum(number for (was, is_), number in found.items() if {was, is_} <= {"met", "unmet"})
    return (found["unmet", "met"] - found["met", "unmet"]) / compared


def percent(counts: Counter[str]) -> float:
    return 100 * counts["met"] / (counts["met"] + counts["unmet"])


def is_told(counts: Counter[str]) -> bool:
    """Whether no more than a fifth of what applies lacks data."""
    return counts["no_data"] <= (counts["met"] + counts["unmet"] + counts["no_data"]) / 5


# -- what it says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parent", [None, "S03"])
def test_the_sentences_say_what_the_export_says(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts, parent: str | None) -> None:
    text = said(run(monkeypatch, database, lang="zh", **({"in": parent} if parent else {})))
    now = tally(verdicts, "2026Q3", "community", parent)
    judged, points = now["met"] + now["unmet"], round(100 * rise(pairs(verdicts, "community", None, parent)), 1)
    way = f"同口径比上期上升 {points:g} 个百分点" if points > 0 else f"同口径比上期下降 {-points:g} 个百分点"
    assert f"社区指标达标率 {percent(now):.1f}%（{now['met']:,}/{judged:,}），{way}。" in text
    by_domain = {
        domain.title.zh: tally(verdicts, "2026Q3", "community", parent, frozenset(each.code for each in domain.at("community")))
        for domain in STANDARD.domains_of("community")
    }
    told = {title: percent(counts) for title, counts in by_domain.items() if is_told(counts)}
    weakest = min(told, key=told.__getitem__)
    parts = f"{by_domain[weakest]['met']:,}/{by_domain[weakest]['met'] + by_domain[weakest]['unmet']:,}"
    assert f"社区领域中最弱的是{weakest}（达标率 {told[weakest]:.1f}%，{parts}）" in text
    per_code = {each.code: tally(verdicts, "2026Q3", "community", parent, frozenset([each.code])) for each in STANDARD.indicators_of("community")}
    common = [code for code, counts in per_code.items() if counts["unmet"] > counts["met"] and is_told(counts) and counts["unmet"] + counts["met"] >= 10]
    assert (f"有 {len(common)} 项指标超过一半的社区未达标" in text) == bool(common)
    most = max((counts for counts in per_code.values() if is_told(counts)), key=lambda counts: counts["unmet"])
    assert re.search(rf"“[^”]+”，\d+ 个已判定社区中 {most['unmet']} 个未达标", text)


@pytest.mark.parametrize("parent", [None, "S03"])
def test_the_first_screen_says_what_got_worse_and_how_much_is_known(
    monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts, parent: str | None
) -> None:
    app = run(monkeypatch, database, lang="zh", **({"in": parent} if parent else {}))
    areas = [id_ for id_, row in LEVEL_OF.items() if row["level"] == "community" and parent in (None, row["parent_id"])]
    lost = [area for area in areas for code, status in verdicts[area, "2026Q3"].items() if (verdicts[area, "2026Q2"][code], status) == ("met", "unmet")]
    decided = {"met", "unmet"}
    both = sum({status, verdicts[area, "2026Q2"][code]} <= decided for area in areas for code, status in verdicts[area, "2026Q3"].items())
    now = tally(verdicts, "2026Q3", "community", parent)
    share = 100 * now["no_data"] / (now["met"] + now["unmet"] + now["no_data"])
    lacking = sum("no_data" in verdicts[area, "2026Q3"].values() for area in areas)
    opening, sentences = (text_of(element.proto.body) for element in app.get("html") if "<header" in element.proto.body for _ in range(2))
    assert f"比上期变差：{len(set(lost))} 个社区共 {len(lost)} 项次由达标转为未达标（两期都能判定的有 {both:,} 项次）。" in sentences
    assert re.search(r"数据截至 2026年第3季度，最近导入 \d{4}-\d\d-\d\d \d\d:\d\d；", opening)
    exempt = f"；另有 {now['not_applicable']} 项次不适用" if now["not_applicable"] else ""
    verdicts_in_all = now["met"] + now["unmet"] + now["no_data"]
    assert (
        f"{verdicts_in_all:,} 项次判定中 {now['no_data']} 项次缺数据、不能判定（{round(share, 1):g}%，涉及 {lacking} 个社区{exempt}）。 本期缺哪些数" in opening
    )
    assert re.search(r'href="completeness\?[^"]+"', html_of(app))
    assert re.search(r'href="trends\?[^"]*#worsening"', html_of(app))


def test_an_earlier_period_is_told_from_the_newest(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    """In 2026Q2 what looks at a year cannot be judged yet: a domain of which too much is missing is named among those left out."""
    text = said(run(monkeypatch, database, lang="zh", period="2026Q2"))
    assert "本页为 2026年第2季度；最新数据为 2026年第3季度，最近导入" in text and "数据截至 2026年第3季度" not in text
    unrated = [domain.title.zh for domain in STANDARD.domains_of("community") if re.search(rf" {domain.title.zh} — ", text)]
    assert unrated and f"；{'、'.join(unrated)}缺数据超过 20%，未参加比较）" in text


def one_short(verdicts: Verdicts) -> dict[str, list[tuple[str, str]]]:
    """Domain → the areas that lack one indicator of it and no data, each with that indicator; counted on the export."""
    found: dict[str, list[tuple[str, str]]] = {domain.id: [] for domain in STANDARD.domains_of("community")}
    for (area, period), statuses in verdicts.items():
        for domain in STANDARD.domains_of("community") if period == "2026Q3" and LEVEL_OF[area]["level"] == "community" else ():
            own = {each.code: statuses[each.code] for each in domain.at("community")}
            unmet = [code for code, status in own.items() if status == "unmet"]
            if len(unmet) == 1 and "no_data" not in own.values():
                found[domain.id].append((area, unmet[0]))
    return found


def test_each_badge_says_how_many_lack_one_indicator_and_leads_to_them(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts) -> None:
    html = html_of(run(monkeypatch, database, lang="zh"))
    for domain, short in one_short(verdicts).items():
        found = re.search(rf'<a href="([^"]*view={domain}[^"]*status=unmet[^"]*)">还差 1 项：(\d+) 个</a>', html)
        if not short:
            assert found is None
            continue
        assert found is not None and int(found[2]) == len(short)
        assert {"sort": ["best"], "view": [domain]}.items() <= parse_qs(urlsplit(html_module.unescape(found[1])).query).items()


def test_the_list_of_those_closest_to_a_badge_names_indicator_gap_and_department(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts) -> None:
    assert "乱停放车辆数" not in said(run(monkeypatch, database, lang="zh")), "it is put together only when it is opened"
    body = next(element.proto.body for element in run(monkeypatch, database, lang="zh", short="true").get("html") if "plain short" in element.proto.body)
    rows = [[text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in re.findall(r"<tr>(.*?)</tr>", body)][1:]
    expected = [(LEVEL_OF[area]["name"], code) for each in one_short(verdicts).values() for area, code in each]
    assert sorted((row[0], row[3].split()[0]) for row in rows) == sorted(expected)
    # 88.6 % of stairwells lit, at least 90 asked for (metrics_community_2026Q3.csv)
    (windy,) = [row for row in rows if row[0] == "风笛社区" and row[2] == "干净社区"]
    assert windy[:5] == ["风笛社区", "听雪街道", "干净社区", "2.5 建筑整洁与楼道亮灯", "楼道亮灯率还差 1.4 个百分点"] and windy[6] == "城管办"


def test_who_has_least_to_do_for_a_badge_comes_first(monkeypatch: pytest.MonkeyPatch, database: Path, district: District) -> None:
    body = next(element.proto.body for element in run(monkeypatch, database, lang="zh", short="true").get("html") if "plain short" in element.proto.body)
    ids = re.findall(r'<th scope="row"><a href="community\?[^"]*area=(\w+)', body)
    codes = re.findall(r'<td><a href="heatmap\?[^"]*indicator=([\d.]+)', body)
    exported = [district.attainments[area, code] for area, code in zip(ids, codes, strict=True)]
    assert len(exported) > 20 and exported == sorted(exported, reverse=True) and exported[0] > exported[-1]
    assert re.findall(r'class="number" data-label="完成度">([^<]+)<', body) == [texts.words("zh").percent(each) for each in exported]
    assert "差得最少的在前" in text_of(body)


def test_pillars_are_the_sums_of_their_domains(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts) -> None:
    text = said(run(monkeypatch, database, lang="en"))
    for pillar in STANDARD.pillars:
        codes = {each.code: each.level for domain in pillar.domains for each in domain.indicators}
        (level,) = set(codes.values())
        now = tally(verdicts, "2026Q3", level, None, frozenset(codes))
        rate = f"{percent(now):.1f}%"
        turned = pairs(verdicts, level, frozenset(codes))
        points = round(100 * rise(turned), 1)
        sign = "▲" if points > 0 else "▼" if points < 0 else "="
        parts = f"{now['met']:,}/{now['met'] + now['unmet']:,} · no data {now['no_data']} · n/a {now['not_applicable']}"
        both = sum(number for pair, number in turned.items() if "not_applicable" not in pair)
        untold = sum(number for pair, number in turned.items() if "no_data" in pair and "not_applicable" not in pair)
        change = f"{sign}{f' {abs(points):.1f}' if points else ''}" if untold <= both / 5 else "—"
        assert f"{pillar.title.en} {rate} {parts} {change}" in text


def test_badges_tell_who_won_and_lost_them_apart_from_what_lacks_data(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts) -> None:
    text = said(run(monkeypatch, database, lang="zh"))
    lacking = 0
    for domain in (each for each in STANDARD.domains if each.badge):
        codes = [each.code for each in domain.at("community")]
        badge = {key: whole({statuses[code] for code in codes}) for key, statuses in verdicts.items() if LEVEL_OF[key[0]]["level"] == "community"}
        found = Counter((badge[area, "2026Q2"], status) for (area, period), status in badge.items() if period == "2026Q3")
        held = sum(number for (_, is_), number in found.items() if is_ == "met")
        told = [("得", "unmet", "met"), ("失", "met", "unmet"), ("转为不能判定", "met", "no_data"), ("补数后获得", "no_data", "met")]
        change = " ".join(f"{word} {found[was, is_]}" for word, was, is_ in told if found[was, is_])
        both = sum(number for pair, number in found.items() if "not_applicable" not in pair)
        untold = sum(number for pair, number in found.items() if "no_data" in pair and "not_applicable" not in pair)
        said_of = (change or "没有变化") if untold <= both / 5 else "—"
        assert re.search(rf"★ {domain.badge.zh} {held} / \d+ [^★]*?比上期 {said_of} 还差", text)  # type: ignore[union-attr]
        lacking += found["met", "no_data"]
    assert lacking, "else nothing is tested"


def whole(statuses: set[str]) -> str:
    """The verdict on a badge."""
    applies = statuses - {"not_applicable"}
    return "unmet" if "unmet" in applies else "no_data" if "no_data" in applies else "met" if applies else "not_applicable"


@pytest.mark.parametrize("parent", [None, "S03"])
def test_movers_are_those_whose_verdict_turned(monkeypatch: pytest.MonkeyPatch, database: Path, verdicts: Verdicts, parent: str | None) -> None:
    app = run(monkeypatch, database, lang="en", **({"in": parent} if parent else {}))
    html, text = html_of(app), said(app)
    for title, was, is_now in (("Newly not met", "met", "unmet"), ("Newly met", "unmet", "met")):
        turned = Counter(
            area
            for (area, period), statuses in verdicts.items()
            if period == "2026Q3" and LEVEL_OF[area]["level"] == "community" and parent in (None, LEVEL_OF[area]["parent_id"])
            for code, status in statuses.items()
            if status == is_now and verdicts[area, "2026Q2"][code] == was
        )
        assert f"{title} ({turned.total()}) In {len(turned)} communities since the previous period" in text
        table = html[html.index(f"{title} (") :].split("</table>")[0]
        shown = [parse_qs(urlsplit(link).query)["area"][0] for link in re.findall(r'<th scope="row"><a href="([^"]+)"', table.replace("&amp;", "&"))]
        assert sorted((turned[area] for area in shown), reverse=True) == sorted(turned.values(), reverse=True)[: len(shown)]
        assert len(shown) == min(6, len(turned))


def test_the_first_period_has_nothing_to_compare_with(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    text = said(run(monkeypatch, database, lang="zh", period="2026Q2"))
    assert "没有上期可比" in text
    assert "由达标转为未达标" not in text


def test_the_first_screen_needs_no_plotly(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    assert not run(monkeypatch, database, lang="zh").get("plotly_chart")


# -- filters and links --------------------------------------------------------------------------------------------


def test_filters_narrow_and_are_carried_by_every_link(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    kind = next(row["estate_type"] for row in LEVEL_OF.values() if row["parent_id"] == "S02" and row["estate_type"])
    app = run(monkeypatch, database, lang="zh", **{"in": "S02", "kind": f"estate_type:{kind}"})
    text, html = said(app), html_of(app)
    kept = [row for row in LEVEL_OF.values() if row["parent_id"] == "S02" and row["estate_type"] == kind]
    assert f"{len(kept)} 个社区中" in text
    assert f"筛选：{LEVEL_OF['S02']['name']} · {kind} 清除筛选 街道不按“{kind}”筛选" in text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="((?:community|heatmap|indicator)\?[^"]+)"', html)]
    assert links and all(parse_qs(urlsplit(link).query)["in"] == ["S02"] for link in links)
    clear = re.search(r'href="(\./\?[^"]+)">清除筛选', html)
    assert clear and "in=" not in clear[1] and "kind=" not in clear[1] and "period=2026Q3" in clear[1]


def test_a_filter_control_writes_to_the_address(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    app = run(monkeypatch, database, lang="zh")
    choose(app, "in", "S01")
    assert app.query_params["in"] == "S01" and lists_of(app)["in"].value == "S01"
    choose(app, "in", "")
    assert "in" not in app.query_params and lists_of(app)["in"].value == ""


@pytest.mark.parametrize(
    ("address", "heard"),
    [
        ({"in": "S99"}, "筛选条件“S99”已不存在，现显示全部"),
        ({"kind": "estate_type:<b>"}, "筛选条件“estate_type:<b>”已不存在，现显示全部"),
        ({"domain": "nowhere"}, "筛选条件“nowhere”已不存在，现显示全部"),
        ({"domain": "safety"}, "本页不按“社区安全”筛选"),
        ({"period": "2019Q1"}, "没有考核期 2019Q1 的数据，现显示 2026Q3"),
    ],
)
def test_a_filter_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch, database: Path, address: dict[str, str], heard: str) -> None:
    app = run(monkeypatch, database, lang="zh", **address)
    assert heard in said(app)
    assert "96 个社区中" in said(app)
    assert "<b>" not in html_of(app).replace("<b>未", "")


def test_filters_that_leave_nothing_say_so(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    kinds_of = {parent: {row["estate_type"] for row in LEVEL_OF.values() if row["parent_id"] == parent} for parent in ("S01", "S02", "S03", "S04", "S05")}
    every = set().union(*kinds_of.values()) - {""}
    parent, kind = next((parent, kind) for parent, kinds in kinds_of.items() for kind in sorted(every - kinds))
    assert "请放宽筛选" in said(run(monkeypatch, database, lang="zh", **{"in": parent, "kind": f"estate_type:{kind}"}))


def test_filters_read_what_is_there() -> None:
    options = {"parent": {"S1": "One"}, "domain": {"d": "D"}, "kind": filters.kind_options({"type": ("a:b", "c")}, {})}
    assert Filters.read({"in": "S1", "domain": "x", "kind": "type:a:b"}, options) == (Filters("S1", None, ("type", "a:b")), ("x",))
    assert Filters("S1", None, ("type", "a:b")).parameters() == {"in": "S1", "kind": "type:a:b"}
    assert filters.kind_options({"a": ("x",), "b": ("y",)}, {}) == {"a:x": "a = x", "b:y": "b = y"}


def test_only_a_pages_name_and_parameters_lead_anywhere() -> None:
    assert plotting.goal_of({"customdata": ["community", {"area": "C1"}]}) == ("community", {"area": "C1"})
    for strange in (None, [], ["nowhere", {}], ["community"], "community", ["community", "area"], [{}, {}]):
        assert plotting.goal_of({"customdata": strange}) is None


def test_a_printed_sheet_says_what_it_is_of() -> None:
    css = frame.print_style(texts.words("zh"), ('a"b\\c</style>', "2026年"))
    assert css.count("</style>") == 1 and css.count('"') == 10 and "2026年" in css  # of five strings, all of them our own


# -- downloads ----------------------------------------------------------------------------------------------------


def sheet_xml(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(name).decode()


def test_a_workbook_keeps_types_colours_limits_and_runs_nothing() -> None:
    frame_ = pd.DataFrame({"名称": ["=1+1", "2.10"], "率": ["88.6%", "—"], "数": [3, np.nan], "状态": ["未达标", "缺数据"]})
    content = downloads.xlsx_bytes(Sheet.of(frame_, {"状态": ["unmet", "no_data"]}, {"率": "≥ 90%"}), ("标准", "2026年第3季度"), "总览/[x]")
    xml, styles = sheet_xml(content), sheet_xml(content, "xl/styles.xml")
    assert "<f>" not in xml
    assert "=1+1" in xml and ">2.10<" in xml, "a code stays a text"
    assert re.search(r'<c r="B3" s="\d+"><v>0\.88(6|59+\d*)</v>', xml) and re.search(r'<c r="C3"[^>]*><v>3</v>', xml)
    assert "≥ 90%" in xml and "2026年第3季度" in xml
    assert palette.COLOURS["unmet"][0][1:].upper() in styles and 'patternType="lightUp"' in styles
    assert 'name="总览  x"' in sheet_xml(content, "xl/workbook.xml")
    told = sheet_xml(content, "docProps/core.xml")
    assert "<dc:title>总览/[x]</dc:title>" in told and "<dc:description>标准 · 2026年第3季度</dc:description>" in told


def test_a_file_says_in_its_name_by_which_version_and_on_what_data_it_was_judged() -> None:
    """A further row in a CSV file would be taken for data."""
    at = datetime(2026, 11, 22, 19, 46)
    assert phrases.file_name(texts.words("zh"), ("gaps",), "2026Q3", 2, at) == "gaps_2026Q3_标准第2版_数据至20261122"
    assert phrases.file_name(texts.words("en"), ("gaps",), "2026Q3", 2, at) == "gaps_2026Q3_standard-v2_data-20261122"
    assert phrases.file_name(texts.words("zh"), ("gaps", "管理/服务 A"), "", 1, None) == "gaps_管理-服务-A_标准第1版"


def test_the_heatmaps_sheet_has_its_numbers_and_colours(district: District, verdicts: Verdicts) -> None:
    sheet = matrices.rate_sheet(texts.words("zh"), district.matrix, district.names)
    assert len(sheet.rows) == 96 and len(sheet.columns) == 3 + 3 * 6
    domain = STANDARD.domains_of("community")[0]
    for row, looks in zip(sheet.rows, sheet.looks or (), strict=True):
        statuses = Counter(verdicts[str(row[0]), "2026Q3"][each.code] for each in domain.at("community"))
        judged = statuses["met"] + statuses["unmet"]
        assert row[4:6] == (judged, statuses["no_data"])
        if judged and statuses["no_data"] > 0.2 * (judged + statuses["no_data"]):
            assert row[3] == f"{statuses['met']}/{judged} · 缺{statuses['no_data']}"
            assert looks[3] == "no_data"
        elif judged:
            share = statuses["met"] / judged
            assert row[3] == f"{round(100 * share, 1):g}%"
            assert looks[3] == f"step{sum(share >= bound for bound in (0.245, 0.495, 0.745, 0.895))}"
    assert len(downloads.xlsx_bytes(sheet)) > 5_000


def test_the_list_of_areas_is_made_once_it_is_unfolded(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    listed = [set(re.findall(r"community\?[^\"]*area=(C\d+)", html_of(run(monkeypatch, database, lang="zh", list=unfolded)))) for unfolded in ("false", "true")]
    communities = {area for area, row in LEVEL_OF.items() if row["level"] == "community"}
    assert len(listed[0]) < len(communities) == 96 and listed[1] >= communities


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_table_can_be_taken_away_twice(monkeypatch: pytest.MonkeyPatch, database: Path, language: str) -> None:
    app = run(monkeypatch, database, lang=language, list="true")
    labels = Counter(button.proto.label for button in app.get("download_button"))
    assert len(labels) == 2 and len(set(labels.values())) == 1 and labels.total() >= 6
