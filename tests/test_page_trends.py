"""Trends: what turned, who moved and what goes down, against a count over the exported verdicts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import sdg
from app_pages import html_of, page_text, text_of
from page_district import NAME, ORDINAL, PARENT, PERIODS, SAMPLE, STANDARD, District, run

from compliance import texts
from compliance.access import User
from compliance.answers import downloads, phrases, trend_sheets
from compliance.answers.counts import Counts
from compliance.answers.trend_views import Series, Span
from compliance.drawing import trend_charts, trend_marks
from compliance.engine.statuses import MET, UNMET
from compliance.files.reading import Source
from compliance.questions import history_queries, trend_queries
from compliance.questions.verdicts import Shift
from compliance.screen import shell
from compliance.standard import loader
from compliance.standard.definitions import Criterion, Is
from compliance.standard.formula import Name
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

FIRST, BEFORE, NOW = PERIODS
COMMUNITY = [indicator.code for indicator in STANDARD.indicators_of("community")]
ZH = texts.words("zh")
DECIDED = ("met", "unmet")

pytestmark = pytest.mark.usefixtures("on_district", "release")


def turns(district: District, before: str, now: str) -> dict[tuple[str, str], tuple[str, str]]:
    """(community, indicator) → status before and now."""
    communities = sorted({area for area, _, code in district.statuses if code == COMMUNITY[0]})
    return {(area, code): (district.statuses[area, before, code], district.statuses[area, now, code]) for area in communities for code in COMMUNITY}


def net(district: District, before: str, now: str) -> Counter[tuple[str, str]]:
    """(community, domain) → verdicts won minus lost, of those known both times."""
    found: Counter[tuple[str, str]] = Counter()
    for (area, code), (was, is_) in turns(district, before, now).items():
        if was in DECIDED and is_ in DECIDED:
            found[area, STANDARD.domain_of[code].id] += (is_ == "met") - (was == "met")
    return found


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        {},
        {"level": "subdistrict"},
        {"domain": "safety", "in": "S02"},
        {"domain": "staffing"},
        {"period": FIRST},
        {"period": BEFORE, "kind": "estate_type:老旧小区"},
    ],
)
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("trends", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_the_sentence_counts_what_was_known_both_times(district: District) -> None:
    found = Counter(turns(district, BEFORE, NOW).values())
    compared = sum(number for (was, is_), number in found.items() if was in DECIDED and is_ in DECIDED)
    text = page_text(run("trends", lang="zh"))
    assert f"与2026年第2季度相比，{found['met', 'unmet']} 项次由达标转为未达标，{found['unmet', 'met']} 项次由未达标转为达标：总体变好" in text
    assert f"只比较两期都能判定的 {compared:,} 项次" in text
    assert f"另有 {found['met', 'no_data'] + found['unmet', 'no_data']} 项次上期能判定、本期缺数据" in text
    areas = {area for (area, _), pair in turns(district, BEFORE, NOW).items() if pair == ("met", "unmet")}
    assert f"由达标转为未达标 {found['met', 'unmet']} 项次（{len(areas)} 个单位）" in text


def test_what_got_worse_comes_before_the_charts_and_says_by_how_much(district: District) -> None:
    blocks = html_of(run("trends", lang="zh", domain="safety"))
    lost = next(place for place, html in enumerate(blocks) if 'class="movers"' in html)
    assert lost < next(place for place, html in enumerate(blocks) if "看表格" in html)
    found = {key for key, pair in turns(district, BEFORE, NOW).items() if pair == ("met", "unmet") and STANDARD.domain_of[key[1]].id == "safety"}
    named = set(re.findall(r"area=(C\d+)&amp;indicator=([\d.]+)", blocks[lost]))
    assert named and named <= found
    for area, code in named:
        rows = [row for row in top_criteria(district, area, code) if row["status"] == "unmet"]
        item = next(part for part in blocks[lost].split("<li>") if f"area={area}&amp;indicator={code}" in part)
        owner = STANDARD.indicator_by_code[code].owner
        assert owner is not None and owner.zh in text_of(item)
        if len(rows) > 1:
            assert f"{len(rows)} 个条件未达标" in text_of(item)
        elif not has_no_figure(code, rows[0]["criterion"]):
            assert f"{ZH.number(round(float(rows[0]['gap']), 2))} " in text_of(item) and "→" in text_of(item)


def top_criteria(district: District, area: str, code: str) -> list[dict[str, str]]:
    top = {each.id for each in STANDARD.indicator_by_code[code].criteria}
    return [row for row in district.criteria if (row["area_id"], row["indicator"]) == (area, code) and row["criterion"] in top]


def has_no_figure(code: str, id_: str) -> bool:
    """Whether a criterion asks for a yes or no, or for one of several things."""
    found = next(each for each in STANDARD.indicator_by_code[code].criteria if each.id == id_)
    return not isinstance(found, Criterion) or isinstance(found.test, Is)


def test_the_figures_behind_a_loss_are_those_of_the_files(district: District) -> None:
    """Value and gap now as exported; the value before as the file before has it, where the criterion looks at one plain figure."""
    lost = [key for key, pair in turns(district, BEFORE, NOW).items() if pair == ("met", "unmet")]
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        found = trend_queries.figures(cursor, STANDARD, "community", ORDINAL, sorted({code for _, code in lost}), frozenset(area for area, _ in lost))
    with (SAMPLE / f"metrics_community_{BEFORE}.csv").open(encoding="utf-8", newline="") as file:
        cells = {(row["area_id"], name): cell for row in csv.DictReader(file) for name, cell in row.items()}
    seen = 0
    for area, code in lost:
        expected = {row["criterion"]: row for row in top_criteria(district, area, code) if row["status"] == "unmet"}
        assert {figure.criterion for figure in found[area, code]} == set(expected)
        for figure in found[area, code]:
            row, leaf = expected[figure.criterion], next(each for each in STANDARD.indicator_by_code[code].criteria if each.id == figure.criterion)
            assert (figure.value, figure.gap) == (float(row["value"]) if row["value"] else None, float(row["gap"]) if row["gap"] else None)
            if isinstance(leaf, Criterion) and phrases.is_plain(leaf) and isinstance(leaf.value, Name):
                cell = cells[area, leaf.value.id]
                assert figure.before == (float(cell) if cell else None)
                seen += 1
    assert seen > 20


def test_the_domains_that_sink_are_those_that_lost_twice(district: District) -> None:
    first, second = net(district, FIRST, BEFORE), net(district, BEFORE, NOW)
    expected = {key for key in second if second[key] < 0 and first[key] < 0}
    html = next(html for html in html_of(run("trends", lang="zh")) if "连续两期变差" in text_of(html) and "<th" in html)
    shown = set(re.findall(r"area=(\w+)&amp;to=(\w+)|to=(\w+)&amp;area=(\w+)", html.split("<tbody>")[1]))
    assert {(a or d, b or c) for a, b, c, d in shown} == expected
    assert f"：{len(expected)} 处" in text_of(html)


def test_the_rates_are_those_of_the_export(district: District) -> None:
    table = next(html for html in html_of(run("trends", lang="zh")) if "看表格" in html)
    for domain in STANDARD.domains_of("community"):
        row = next(row for row in table.split("<tr>") if f">{domain.title.zh}</a></th>" in row)
        codes = {indicator.code for indicator in domain.at("community")}
        for period, cell in zip(PERIODS, row.split("<td")[1:], strict=True):
            tally = Counter(status for (_, when, code), status in district.statuses.items() if when == period and code in codes)
            judged = tally["met"] + tally["unmet"]
            share = judged / (judged + tally["no_data"])
            said = text_of(f"<td{cell}")
            assert said == f"{ZH.percent(tally['met'] / judged)} {tally['met']:,}/{judged:,}" if share >= 0.8 else f"能判定 {ZH.percent(share)}" in said


@pytest.mark.parametrize("address", [{}, {"domain": "safety"}])
def test_the_panels_tell_the_change_of_what_was_known_both_times(district: District, address: dict[str, str]) -> None:
    """By domain and by the place they belong to, like for like: won less lost, of those judged both times."""
    text = page_text(run("trends", lang="zh", **address))
    kept = {key: pair for key, pair in turns(district, BEFORE, NOW).items() if address.get("domain") in (None, STANDARD.domain_of[key[1]].id)}
    groups: dict[str, list[tuple[str, str]]] = {}
    for (area, code), pair in kept.items():
        for title in (STANDARD.domain_of[code].title.zh, NAME[PARENT[area]]):
            groups.setdefault(title, []).append(pair)
    for title, pairs in groups.items():
        compared = [pair for pair in pairs if set(pair) <= set(DECIDED)]
        points = round(100 * (compared.count(("unmet", "met")) - compared.count(("met", "unmet"))) / len(compared), 1)
        untold = sum("no_data" in pair and "not_applicable" not in pair for pair in pairs)
        change = f"{'▲' if points > 0 else '▼' if points < 0 else '='} {abs(points):g}" if untold <= (untold + len(compared)) / 5 else "无法比较"
        assert re.search(rf"{title} (?:[\d.]+% {change} · |不能判断)", text), title


def test_a_filter_narrows_everything(district: District) -> None:
    pairs = Counter(
        pair for (area, code), pair in turns(district, BEFORE, NOW).items() if PARENT[area] == "S08" and STANDARD.domain_of[code].id == "safety"
    )  # fmt: skip
    text = page_text(run("trends", lang="zh", domain="safety", **{"in": "S08"}))
    assert f"{pairs['met', 'unmet']} 项次由达标转为未达标" in text
    assert NAME["C0105"] not in text


def test_the_first_period_has_nothing_to_compare_with() -> None:
    text = page_text(run("trends", lang="en", period=FIRST))
    assert "No previous period to compare with, so better or worse cannot be told" in text
    assert "Choose another period on the left, or import the previous one" in text


def test_a_wrong_level_is_said() -> None:
    assert "galaxy" in page_text(run("trends", lang="en", level="galaxy"))


def test_every_turned_verdict_can_be_taken_away(district: District) -> None:
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        flips = history_queries.flips(cursor, STANDARD, "community", ORDINAL)
        lost = trend_queries.turns(cursor, STANDARD, "community", ORDINAL, frozenset({"C0202", "C0101"})).moves("lost", None, 5)
    sheet = trend_sheets.flips(ZH, STANDARD, lambda: flips, None)
    rows = list(csv.reader(downloads.csv_bytes(sheet).decode("utf-8-sig").splitlines()))[1:]
    expected = {(area, code, *pair) for (area, code), pair in turns(district, BEFORE, NOW).items() if set(pair) == set(DECIDED)}
    words = {ZH(f"app.status.{status}"): status for status in DECIDED}
    assert {(row[0], row[3], words[row[5]], words[row[6]]) for row in rows} == expected
    gone = [key for key, (was, is_) in turns(district, BEFORE, NOW).items() if key[0] in ("C0202", "C0101") and was in DECIDED and is_ == "no_data"]
    assert (lost.verdicts, lost.areas) == (len(gone), len({area for area, _ in gone}))


# -- the chart --------------------------------------------------------------------------------------------------------

SPAN = Span((8100, 8101, 8102, 8103), ("2025Q1", "2025Q2", "2025Q3", "2025Q4"), 3)
SERIES = Series("d", "<b>A</b>", (Counts(7, 1, 2, 0), None, Counts(7, 0, 2, 5), Counts(7, 7, 0, 0)), ("heatmap", {"view": "d"}))


def href(name: str, **parameters: str) -> str:
    return f"{name}?{urlencode(parameters)}"


def test_a_rate_is_drawn_only_where_enough_is_known() -> None:
    """8 of 10 decided is just enough, 7 of 9 is not; a period without any report is a hole, not 0. The scale runs from 0% to 100%."""
    drawn = trend_charts.panels(ZH, STANDARD, SPAN, [SERIES], href, id_="d")
    links = re.findall(r"<a .*?</a>", drawn, flags=re.DOTALL)
    assert [re.findall(r"left:(.*?)%;bottom:(.*?)%", link) for link in links] == [[("12.50", "87.50")], [], [], [("87.50", "50.00")]]
    assert "clip-path" not in drawn, "no line leads over what is unknown"
    strip = drawn.partition('class="known"')[2]
    assert re.findall(r'<i(?: class="(\w+)")? style="height:(.*?)%"', strip) == [("", "80"), ("few", "0"), ("few", "77.8"), ("", "100")]
    assert 'href="heatmap?view=d&amp;period=2025Q1"' in links[0] and "87.5%" in links[0] and "8/10" not in links[0]
    assert ["href" in link for link in links] == [True, False, True, True], "behind a period without any report there is nothing"
    assert ["tabindex" in link for link in links] == [True, False, True, False], "the period shown is the panel's only stop of the Tab key"
    assert "<b>A" not in drawn and "&lt;b&gt;A" in drawn
    assert "无法比较" in drawn, "the period before is not told"


def test_a_line_joins_what_is_known_one_period_after_the_other() -> None:
    """75%, 50%, nothing, 100%: one band over the first two, and none to a point that stands alone."""
    series = Series("d", "A", (Counts(6, 2, 0, 0), Counts(4, 4, 0, 0), None, Counts(8, 0, 0, 0)), ("heatmap", {}))
    drawn = trend_charts.panels(ZH, STANDARD, SPAN, [series], href, id_="d")
    cut = "12.50% calc(25.00% - 1.0px),37.50% calc(50.00% - 1.0px),37.50% calc(50.00% + 1.0px),12.50% calc(25.00% + 1.0px)"
    assert re.findall(r"polygon\((.*?)\)\"", drawn) == [cut]


def shift(*numbers: tuple[tuple[int, int], int]) -> Shift:
    """((before, now), how many) …"""
    return sum((Shift.between(np.full(n, was, dtype=np.uint8), np.full(n, is_, dtype=np.uint8)) for (was, is_), n in numbers), Shift())


def test_many_places_are_cut_to_those_that_moved_most() -> None:
    shifts = [shift(((MET, MET), 50), ((UNMET, MET), n), ((UNMET, UNMET), 50 - n)) for n in range(40)]
    many = [Series(f"S{n:02}", str(n), (Counts(50, 50, 0, 0), Counts(50 + n, 50 - n, 0, 0)), ("community", {}), shifts[n]) for n in range(40)]
    shown = trend_marks.most_moved(many)
    assert [series.id for series in shown] == [f"S{n:02}" for n in range(16, 40)]


def test_another_standard_with_one_level_and_one_period(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sdg.write_all(tmp_path)
    with Store(tmp_path / "sdg.duckdb", loader.load(tmp_path / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(tmp_path / name) for name in ("areas.csv", "metrics.csv")], user=User("Ann", "admin"))
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "sdg.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "indicators.yaml"))
    heatmap = run("heatmap", lang="en")
    assert not [box for box in heatmap.selectbox if box.label == texts.words("en")("heatmap.rows")], "of one way there is nothing to choose"
    assert "Exemptions" in page_text(heatmap) and "external figures" not in page_text(heatmap)
    text = page_text(run("trends", lang="en"))
    assert "No poverty" in text and "No previous period" in text
    assert "ommunit" not in text.replace("Sustainable cities and communities", "")
