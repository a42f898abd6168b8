"""Compare for groups: types of communities and the communities of subdistricts, their verdicts counted together, against a count over the exports."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
import sdg
from app_pages import html_of, page_text, text_of
from page_district import NAME, NOW, PARENT, SAMPLE, STANDARD, District, run
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.access import User
from compliance.answers import compare_groups
from compliance.answers.compare_groups import Group
from compliance.answers.counts import Counts
from compliance.drawing import group_marks
from compliance.files.reading import Source
from compliance.questions.filters import Filters
from compliance.screen import shell
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

ZH = texts.words("zh")
TYPES = "by-kind:estate_type"
COMMUNITY = STANDARD.indicators_of("community")
TYPE = {row["area_id"]: row["estate_type"] for row in csv.DictReader((SAMPLE / "areas.csv").read_text(encoding="utf-8").splitlines()) if row["estate_type"]}

pytestmark = pytest.mark.usefixtures("on_district", "release")


def tally(district: District, areas: set[str], codes: list[str]) -> Counter[str]:
    return Counter(district.statuses[area, NOW, code] for area in areas for code in codes)


def members(kind: str, parent: str | None = None) -> set[str]:
    return {area for area, own in TYPE.items() if own == kind and parent in (None, PARENT[area])}


def cards(app: AppTest) -> dict[str, str]:
    """Name of a group → what its card says."""
    html = next(each for each in html_of(app) if 'class="card"' in each)
    found = {}
    for card in html.split('class="card"')[1:]:
        letter, name, rest = text_of(f"<a {card}").split(maxsplit=2)
        assert letter in "ABCDEF"
        found[name] = rest.replace(" ", "")
    return found


def is_told(counts: Counter[str]) -> bool:
    """Whether something could be judged, and no more than a fifth of what applies lacks data."""
    judged = counts["met"] + counts["unmet"]
    return judged > 0 and 5 * counts["no_data"] <= judged + counts["no_data"]


def said(counts: Counter[str], areas: set[str]) -> str:
    judged = counts["met"] + counts["unmet"]
    rate = ZH.percent(counts["met"] / judged) if is_told(counts) else "—"
    return f"{rate}{counts['met']:,}/{judged:,}·缺{counts['no_data']}·不适用{counts['not_applicable']}{len(areas)}个社区"


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        {"level": TYPES},
        {"level": TYPES, "areas": "老旧小区,混合", "in": "S01", "domain": "safety"},
        {"level": TYPES, "areas": "老旧小区"},
        {"level": "by-parent"},
        {"level": "by-parent", "areas": "S01,S02", "kind": "estate_type:老旧小区"},
    ],
)
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("compare", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_types_are_counted_as_one_each(district: District) -> None:
    codes = [each.code for each in COMMUNITY]
    found = cards(run("compare", lang="zh", level=TYPES))
    assert set(found) == set(TYPE.values()) and len(found) == 5
    for kind, text in found.items():
        assert text == said(tally(district, members(kind), codes), members(kind))


def test_the_title_says_how_far_they_are_apart(district: District) -> None:
    def rates(codes: list[str]) -> dict[str, float]:
        counts = {kind: tally(district, members(kind), codes) for kind in set(TYPE.values())}
        return {kind: each["met"] / (each["met"] + each["unmet"]) for kind, each in counts.items()}

    overall = rates([each.code for each in COMMUNITY])
    best, worst = max(overall, key=overall.__getitem__), min(overall, key=overall.__getitem__)
    domains = STANDARD.domains_of("community")
    apart = {domain.title.zh: rates([each.code for each in domain.at("community")]) for domain in domains}
    furthest = sorted(((each[best] - each[worst], title) for title, each in apart.items()), key=lambda pair: -abs(pair[0]))[:2]
    where = "、".join(f"{title}（{'高' if by > 0 else '低'} {round(100 * abs(by), 1):g}）" for by, title in furthest)
    title = f"所选 5 组中，{best}达标率最高，比最低的{worst}高 {round(100 * (overall[best] - overall[worst]), 1):g} 个百分点；差别最大的是{where}"
    assert title in page_text(run("compare", lang="zh", level=TYPES))


def test_the_communities_of_subdistricts_are_counted_as_one_each(district: District) -> None:
    codes = [each.code for each in STANDARD.domain_by_id["safety"].at("community")]
    found = cards(run("compare", lang="zh", level="by-parent", areas="S02,S07", domain="safety", kind="estate_type:老旧小区"))
    for parent in ("S02", "S07"):
        areas = members("老旧小区", parent)
        assert found[NAME[parent]] == said(tally(district, areas, codes), areas), "the other filters hold"


def test_the_dots_are_those_of_the_export(district: District) -> None:
    app = run("compare", lang="zh", level=TYPES, areas="老旧小区,混合", **{"in": "S04"})
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    traces = [trace for trace in figure["data"] if trace.get("mode") == "markers+text"]
    for kind, letter, trace in zip(("老旧小区", "混合"), "AB", traces, strict=True):
        for domain, text, goal in zip(STANDARD.domains_of("community"), trace["text"], trace["customdata"], strict=True):
            counts = tally(district, members(kind, "S04"), [each.code for each in domain.at("community")])
            assert text.strip() == f"<b>{letter}</b> {counts['met']}/{counts['met'] + counts['unmet']}"
            assert goal == ["heatmap", {"rows": "community", "view": domain.id, "kind": f"estate_type:{kind}"}]


def test_the_indicators_that_differ_most_come_first(district: District) -> None:
    kinds = ["老旧小区", "商品房", "单位大院"]
    html = next(each for each in html_of(run("compare", lang="zh", level=TYPES, areas=",".join(kinds))) if "compared" in each)
    rows = {re.search(r"indicator=([\d.]+)", row)[1]: row for row in html.split("<tr>") if "<th" in row and "indicator=" in row}  # type: ignore[index]
    expected = {}
    for code in (each.code for each in COMMUNITY):
        counts = [tally(district, members(kind), [code]) for kind in kinds]
        rates = [each["met"] / (each["met"] + each["unmet"]) for each in counts if is_told(each)]
        if len(rates) > 1 and max(rates) > min(rates):
            expected[code] = (max(rates) - min(rates), counts)
    assert set(rows) == set(expected)
    assert [round(expected[code][0], 9) for code in rows] == sorted((round(apart, 9) for apart, _ in expected.values()), reverse=True)
    for code, row in rows.items():
        text = text_of(row).replace(" ", "")
        apart, counts = expected[code]
        for each in counts:
            parts = f"{each['met']}/{each['met'] + each['unmet']}"
            assert (f"{ZH.percent(each['met'] / (each['met'] + each['unmet']))}{parts}" if is_told(each) else f"{parts}·缺{each['no_data']}") in text
        assert f"{ZH.number(round(100 * apart, 1))}" in text
    assert len(html.split("<details")[0].split("<tr>")) == 2 + group_marks.MOST_LINES


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"level": TYPES, "areas": "老旧小区,<b>,混合"}, "There is no group “<b>”; it was left out."),
        ({"level": TYPES, "areas": "老旧小区"}, "Choose 2 to 6 groups to compare"),
        ({"level": "by-parent"}, "Of 8 groups these are the first 6; choose others below."),
        ({"level": "by-parent", "areas": "S01,S02,S03,S04,S05,S06,S07"}, f"No more than 6 can be compared; left out: {NAME['S07']}."),
        ({"level": "by-parent", "in": "S01"}, f"{NAME['S01']}"),
    ],
)
def test_what_the_address_asks_for_in_vain_is_said(address: dict[str, str], told: str) -> None:
    assert told in page_text(run("compare", lang="en", **address))


def test_the_choices_write_to_the_address() -> None:
    app = run("compare", lang="zh", areas="C0105,C0302")
    app.get("button_group")[0].set_value(TYPES).run()
    assert not app.exception
    assert app.query_params["level"] == TYPES and "areas" not in app.query_params
    app.multiselect[0].unselect("混合").run()
    assert not app.exception
    assert sorted(app.query_params["areas"].split(",")) == sorted(set(TYPE.values()) - {"混合"})
    assert "混合" not in cards(app)


def test_the_empty_page_leads_to_the_groups() -> None:
    example = next(html for html in html_of(run("compare", lang="zh")) if "从例子开始" in html)
    assert re.findall(r"level=([\w%-]+)[^>]*>([^<]+)<", example) == [("by-parent", "对比：按街道合计"), (TYPES.replace(":", "%3A"), "对比：小区类型")]


def test_what_is_taken_away_has_every_figure(district: District) -> None:
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:

        def ask(question, *args):  # type: ignore[no-untyped-def]
            return question(cursor, *args)

        way = compare_groups.ways(ask, STANDARD, "community")[TYPES]
        chosen = compare_groups.groups(ask, "community", way, ["老旧小区", "混合"], Filters())
        found = compare_groups.compared(ask, STANDARD, "community", 2026 * 4 + 2, chosen, None, None)
    level = STANDARD.level_by_id["community"]
    domains = group_marks.domain_sheet(ZH, level, found)
    assert len(domains.rows) == 2 * (1 + len(STANDARD.domains_of("community")))
    counts = tally(district, members("混合"), [each.code for each in COMMUNITY])
    own = next(row for row in domains.rows if row[0] == "混合" and row[2] == "全部领域")
    assert (own[1], *own[4:]) == (len(members("混合")), counts["met"], counts["met"] + counts["unmet"], counts["no_data"], counts["not_applicable"])
    sheet = group_marks.indicator_sheet(ZH, STANDARD, level, found)
    for row in sheet.rows:
        of = dict(zip(sheet.columns, row, strict=True))
        every = tally(district, set(TYPE), [str(of["指标序号"])])
        assert (of["全部社区：达标"], of["全部社区：缺数据"]) == (every["met"], every["no_data"])


# -- parts ------------------------------------------------------------------------------------------------------------


def group(id_: str) -> Group:
    return Group(id_, id_, Filters(kind=("t", id_)), frozenset({id_}))


def test_a_group_of_which_too_little_is_known_is_neither_best_nor_worst() -> None:
    groups = [group(id_) for id_ in "ABC"]
    counts = {("A", ""): Counts(9, 1, 0, 0), ("B", ""): Counts(5, 5, 2, 0), ("C", ""): Counts(0, 5, 2, 0)}
    best, worst, apart = compare_groups.extremes(groups, counts) or pytest.fail()
    assert (best.id, worst.id, round(apart, 9)) == ("A", "B", 0.4), "2 of 7 of C are missing, more than a fifth; 2 of 12 of B are not"
    assert compare_groups.extremes(groups[1:], counts) is None
    assert compare_groups.extremes(groups[:2], {**counts, ("B", ""): Counts(18, 2, 0, 0)}) is None, "90% each"


def test_a_value_with_a_comma_is_one_group_of_an_address() -> None:
    values = {"t": ("flats, old", "100%", "house")}

    def ask(question, *_):  # type: ignore[no-untyped-def]
        return values if question.__name__ == "kinds_of" else []

    way = compare_groups.ways(ask, STANDARD, "community")["by-kind:t"]
    spelled = list(way.options)
    assert compare_groups.asked(way, ",".join(spelled[:2])) == (tuple(spelled[:2]), (), ())
    assert [way.options[id_][0].kind for id_ in spelled] == [("t", value) for value in values["t"]]


def test_a_standard_without_groups_offers_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sdg.write_all(tmp_path)
    with Store(tmp_path / "sdg.duckdb", loader.load(tmp_path / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(tmp_path / name) for name in ("areas.csv", "metrics.csv")], user=User("Ann", "admin"))
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "sdg.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "indicators.yaml"))
    text = page_text(run("compare", lang="en", level=TYPES))
    assert "What to compare" not in text and "Choose 2 to 6 areas below" in text
