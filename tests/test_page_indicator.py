"""The indicator page and the definitions page: counts, spread, distances and histories against a recomputation in plain Python; the standard in words."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import oracle
import page_district
import plotly.graph_objects as go
import pytest
from app_pages import html_of, page_text, text_of
from page_district import District
from streamlit.testing.v1 import AppTest

from compliance import periods, texts
from compliance.answers import definition_tables, palette, phrases
from compliance.drawing import indicator_charts, indicator_marks, ranking_marks
from compliance.drawing.ranking_marks import Ranked
from compliance.engine import statuses as engine_statuses
from compliance.questions import passing_queries
from compliance.questions.passing_queries import Standings
from compliance.standard import loader
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("release")
PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
STANDARD = loader.load(PROJECT / "indicators.yaml")
PERIOD = "2026Q3"
PAGES = {"indicator": "pages/indicator.py", "definitions": "pages/definitions.py"}
ZH, EN = texts.words("zh"), texts.words("en")


def metrics_files() -> list[Path]:
    """The windows of the newest period and the one before reach no further back."""
    return [path for period in ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3") for path in sorted(SAMPLE.glob(f"metrics_*_{period}.csv"))]


def run(monkeypatch: pytest.MonkeyPatch, database: Path, page: str, indicators: Path = PROJECT / "indicators.yaml", **address: str) -> AppTest:
    monkeypatch.setenv("COMPLIANCE_DB", str(database))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(indicators))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(PAGES[page])
    app.run()
    assert not app.exception
    return app


def level_of_areas() -> dict[str, str]:
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        return {row["area_id"]: row["level"] for row in csv.DictReader(file)}


def counted(verdicts: oracle.Verdicts, code: str, period: str = PERIOD) -> Counter[str]:
    level, levels = STANDARD.indicator_by_code[code].level, level_of_areas()
    return Counter(row.status for (area, when, name), row in verdicts.indicators.items() if when == period and name == code and levels[area] == level)


def now_of(verdicts: oracle.Verdicts, code: str) -> list[tuple[str, str, oracle.IndicatorVerdict]]:
    """(area, code, verdict) of this period, of the areas that are judged by it."""
    level, levels = STANDARD.indicator_by_code[code].level, level_of_areas()
    return [(area, name, row) for (area, when, name), row in verdicts.indicators.items() if when == PERIOD and name == code and levels[area] == level]


def figure_of(app: AppTest) -> dict[str, object]:
    figure: dict[str, object] = json.loads(app.get("plotly_chart")[0].proto.spec)
    go.Figure(figure)  # raises for what Plotly does not know: the page sends its figures unchecked
    return figure


# -- both pages, both languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("indicator", {}),
        ("indicator", {"indicator": "2.5", "criterion": "stairwell_lighting"}),
        ("indicator", {"indicator": "2.40", "period": "2025Q3"}),
        ("indicator", {"indicator": "3.11"}),
        ("indicator", {"indicator": "2.5", "in": "S01", "domain": "safety"}),
        ("definitions", {}),
        ("definitions", {"q": "ldld"}),
        ("definitions", {"q": "nothing of the kind"}),
        ("definitions", {"indicator": "2.40"}),
        ("definitions", {"indicator": "3.11", "period": "2025Q3"}),
    ],
)
def test_they_render(monkeypatch: pytest.MonkeyPatch, sample_database: Path, page: str, address: dict[str, str], language: str) -> None:
    app = run(monkeypatch, sample_database, page, lang=language, **address)
    text = page_text(app)
    assert texts.words(language)("app.group.standard") in text  # type: ignore[arg-type]
    assert not re.search(r"\{\w+\}", text), "a place in a text was left open"
    assert not re.search(r"\b(nan|None|NaT|inf)\b", text)
    assert sum(len(html) for html in html_of(app)) < 400_000


@pytest.mark.parametrize(
    ("page", "address", "said"),
    [
        ("indicator", {"indicator": "9.9"}, "has no option “9.9”"),
        ("indicator", {"indicator": "2.5", "criterion": "<b>"}, "has no option “<b>”"),
        ("definitions", {"indicator": "9.9"}, "There is no indicator 9.9"),
    ],
)
def test_a_wrong_address_is_said(monkeypatch: pytest.MonkeyPatch, sample_database: Path, page: str, address: dict[str, str], said: str) -> None:
    assert said in page_text(run(monkeypatch, sample_database, page, lang="en", **address))


def test_without_data_the_standard_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLIANCE_SAMPLE", "no")
    text = page_text(run(monkeypatch, tmp_path / "empty.duckdb", "definitions", lang="zh", indicator="2.5"))
    assert "楼道亮灯率达90%以上" in text and "不低于 90%" in text
    assert ZH("required.no_example") in text
    assert "还没有数据" in page_text(run(monkeypatch, tmp_path / "empty.duckdb", "indicator", lang="zh"))


# -- the indicator's figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["2.5", "2.25", "2.40", "3.11", "1.5"])
def test_the_counts_are_those_of_a_recomputation(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts, code: str) -> None:
    tally = counted(recomputed, code)
    text = page_text(run(monkeypatch, sample_database, "indicator", lang="zh", indicator=code))
    judged = tally["met"] + tally["unmet"]
    assert f"{judged} 个已判定的" in text and f"中 {tally['met']} 个达标" in text
    assert f"未达标 {tally['unmet']} 个" in text
    assert f"（{tally['met']}/{judged}），缺数据 {tally['no_data']}，不适用 {tally['not_applicable']}。" in text
    turned = Counter((recomputed.indicators[area, "2026Q2", name].status, row.status) for area, name, row in now_of(recomputed, code))
    won, lost = turned["unmet", "met"], turned["met", "unmet"]
    compared = sum(number for pair, number in turned.items() if set(pair) <= {"met", "unmet"})
    parts = [f"{won} 个转为达标", f"{lost} 个转为未达标"]
    word = "比上期好" if won > lost else "比上期差" if lost > won else "与上期持平"
    assert f"{word}：两期都能判定的 {compared} 个中，{'，'.join(parts if won >= lost else parts[::-1])}。" in text


@pytest.mark.parametrize("code", ["2.5", "2.25", "2.40", "3.11"])
def test_each_criterion_says_who_passes_it(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts, code: str) -> None:
    indicator = STANDARD.indicator_by_code[code]
    app = run(monkeypatch, sample_database, "indicator", lang="zh", indicator=code)
    table = next(html for html in html_of(app) if "plain criteria" in html)
    shown = re.findall(r'class="under">(\d+)/(\d+) · 缺(\d+)<', table)
    expected = []
    for criterion, _ in indicator.parts():
        rows = [row for (_, when, name, clause), row in recomputed.criteria.items() if (when, name, clause) == (PERIOD, code, criterion.id)]
        tally = Counter(row.status for row in rows)
        expected.append((str(tally["met"]), str(tally["met"] + tally["unmet"]), str(tally["no_data"])))
    assert shown == expected


def test_the_picture_shows_every_figure_once(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    figure = figure_of(run(monkeypatch, sample_database, "indicator", lang="zh", indicator="2.5", criterion="stairwell_lighting"))
    rows = [row for (_, when, code, clause), row in recomputed.criteria.items() if (when, code, clause) == (PERIOD, "2.5", "stairwell_lighting")]
    tally = Counter(row.status for row in rows)
    sums = {trace["name"]: int(np.sum(_numbers(trace["y"]))) for trace in figure["data"]}  # type: ignore[attr-defined]
    assert sums.pop("达标") == tally["met"]
    assert sum(sums.values()) == tally["unmet"]
    line = figure["layout"]["shapes"][0]  # type: ignore[index]
    assert line["x0"] == line["x1"] == 90
    assert all(x < 90 for trace in figure["data"] if trace["name"] != "达标" for x in _numbers(trace["x"]))  # type: ignore[attr-defined]


def _numbers(column: object) -> list[float]:
    """Plotly may pack a column of numbers."""
    if isinstance(column, dict):
        return list(np.frombuffer(base64.b64decode(column["bdata"]), dtype=np.dtype(column["dtype"])))
    return [float(number) for number in column]  # type: ignore[attr-defined]


def test_the_ranking_goes_from_near_to_far(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    app = run(monkeypatch, sample_database, "indicator", lang="en", indicator="2.5")
    table = next(html for html in html_of(app) if "plain ranking" in html)
    first, folded = table.split("<details")
    listed = re.findall(r"community\?[^\"]*area=(\w+)", first)
    known = {area: row for (area, when, code), row in recomputed.indicators.items() if (when, code) == (PERIOD, "2.5")}
    needing = [area for area, row in known.items() if row.status in ("unmet", "no_data")]
    assert sorted(listed) == sorted(needing)
    unmet = [area for area in listed if known[area].status == "unmet"]
    assert listed[: len(unmet)] == unmet, "what lacks data comes after what is missed"
    attainments = [round(float(known[area].attainment or 0), 6) for area in unmet]
    assert attainments == sorted(attainments, reverse=True)
    assert len(re.findall(r"community\?[^\"]*area=(\w+)", folded)) == len(known) - len(needing)


def test_the_ranking_by_a_criterion_goes_by_its_gap(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    app = run(monkeypatch, sample_database, "indicator", lang="en", indicator="2.5", criterion="stairwell_lighting")
    first, folded = next(html for html in html_of(app) if "plain ranking" in html).split("<details")
    listed = re.findall(r"community\?[^\"]*area=(\w+)", first)
    known = {area: row for (area, when, code, clause), row in recomputed.criteria.items() if (when, code, clause) == (PERIOD, "2.5", "stairwell_lighting")}
    needing = [area for area, row in known.items() if row.status in ("unmet", "no_data")]
    assert sorted(listed) == sorted(needing)
    gaps = [float(known[area].gap or 0) for area in listed if known[area].status == "unmet"]
    assert gaps == sorted(gaps) and len(gaps) == 9
    assert len(re.findall(r"community\?[^\"]*area=(\w+)", folded)) == len(known) - len(needing)
    assert "88.6%" in text_of(first) and "1.4 percentage points to go" in text_of(first)


def test_a_filter_keeps_the_areas_of_one_parent(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        inside = {row["area_id"] for row in csv.DictReader(file) if row["parent_id"] == "S01"}
    tally = Counter(row.status for (area, when, code), row in recomputed.indicators.items() if (when, code) == (PERIOD, "2.5") and area in inside)
    text = page_text(run(monkeypatch, sample_database, "indicator", lang="zh", indicator="2.5", **{"in": "S01"}))
    assert f"{tally['met'] + tally['unmet']} 个已判定的社区中 {tally['met']} 个达标" in text


def test_another_standard_works(monkeypatch: pytest.MonkeyPatch, ports: tuple[Path, Path]) -> None:
    text = page_text(run(monkeypatch, ports[0], "indicator", ports[1], lang="en", indicator="S-1"))
    assert "met by 1 of 2 harbours judged" in text and "2 judged, 1 met; 1 lack data, more than 20%" in text and "<b>North</b> *port* :smile:" in text
    assert "89.9999%" in text, "a miss must not read as the limit"
    app = run(monkeypatch, ports[0], "definitions", ports[1], lang="en", indicator="S-2")
    assert "With the figures: 5 ÷ 1 = 5" in page_text(app)
    assert not any("<b>North" in html for html in html_of(app))


# -- pure parts ---------------------------------------------------------------------------------------------------


def standings(values: list[float], statuses: list[int], limit: float) -> Standings:
    column, codes = np.array(values, dtype=float), np.array(statuses, dtype=np.uint8)
    names = tuple(f"<i>{number}" for number in range(len(values)))
    limits = np.full(len(values), limit)
    return Standings(names, names, names, codes, np.ones(len(values)), codes, column, limits, np.abs(column - limit), np.zeros((len(values), 5), np.uint8))


def ranked(found: Standings, *, criterion: str = "stairwell_lighting", is_chosen: bool = False) -> Ranked:
    indicator = STANDARD.indicator_by_code["2.5"]
    return Ranked(STANDARD, indicator, next(each for each, _ in indicator.leaves() if each.id == criterion), found, {}, is_chosen)


def test_an_area_is_found_in_the_order_that_is_shown() -> None:
    found = standings([95.0, 80.0], [engine_statuses.MET, engine_statuses.UNMET], 90)
    rows = ranking_marks.order(found)
    assert [indicator_marks.place(found, rows, area) for area in ("<i>1", "<i>0", "nowhere", None)] == [0, 1, None, None]


def test_a_part_where_all_have_met_does_not_say_that_there_is_nothing_to_do() -> None:
    found = standings([80.0, 95.0], [engine_statuses.UNMET, engine_statuses.MET], 90)

    def said(rows: list[int], of: Standings = found) -> str:
        return text_of(ranking_marks.ranking(ZH, ranked(of), rows, 8106, lambda page, **more: f"{page}?{more}"))

    assert "这一段都已达标" in said([1]) and "没有要办的" not in said([1])
    assert "没有要办的" in said([0], standings([95.0], [engine_statuses.MET], 90))
    assert "达标或不适用，" not in said([0, 1])


@pytest.mark.parametrize(
    ("code", "criterion_id", "values", "limit", "first_met"),
    [
        ("2.5", "stairwell_lighting", [89.9, 90, 90.1, 100], 90, 1),  # at the limit is met
        ("2.5", "no_illegal_structures", [3, 1, 0, 0], 0, 2),  # an at_most limit, whole figures
        ("2.5", "stairwell_lighting", [90, 90, 90], 90, 0),  # all alike, all at the limit
    ],
)
def test_no_bar_holds_both_sides_of_a_limit(code: str, criterion_id: str, values: list[float], limit: float, first_met: int) -> None:
    criterion = next(each for each, _ in STANDARD.indicator_by_code[code].leaves() if each.id == criterion_id)
    statuses = [engine_statuses.UNMET] * first_met + [engine_statuses.MET] * (len(values) - first_met)
    found = indicator_charts.spread(STANDARD, criterion, standings(values, statuses, limit))
    assert found is not None
    assert set(found.bins[:first_met]) & set(found.bins[first_met:]) == set()


def test_unknown_figures_are_not_drawn_and_names_are_escaped() -> None:
    criterion = next(each for each, _ in STANDARD.indicator_by_code["2.5"].leaves() if each.id == "stairwell_lighting")
    colours = palette.colours(dark=False)
    rows = standings([float("nan"), 95, 80, 99], [engine_statuses.NO_DATA, engine_statuses.MET, engine_statuses.UNMET, engine_statuses.NOT_APPLICABLE], 90)
    figure = indicator_charts.distribution(ZH, colours, STANDARD, criterion, rows)
    assert figure is not None
    assert sum(len(trace["x"]) for trace in figure["data"]) == 2
    assert all(text.startswith("<b>&lt;i&gt;") for trace in figure["data"] for text in trace["text"])
    assert indicator_charts.distribution(ZH, colours, STANDARD, criterion, standings([float("nan")], [engine_statuses.NO_DATA], 90)) is None


@pytest.mark.parametrize(
    ("statuses", "attainments", "said"),
    [
        # a near miss is named before all others, with its gap where this criterion is all that it misses
        (
            "met nearly unmet no_data",
            [1, 0.98, 0.5, np.nan],
            "3 个已判定的社区中 1 个达标 由城管办负责。未达标 2 个，其中 1 个接近达标：<i>1（还差 1.4 个百分点）。 已判定 3 个，达标 1 个；缺数据 1 个，超过 20%，不计算达标率",
        ),
        # without one: who has covered most of the way, whatever the order of the rows
        (
            "met unmet unmet no_data",
            [1, 0.4, 0.5, np.nan],
            "未达标 2 个，即：<i>2（5 个条件中 2 个未达标）、<i>1（还差 1.4 个百分点）。",
        ),
        ("met met met no_data", [1, 1, 1, np.nan], "3 个已判定的社区全部达标 由城管办负责。 已判定 3 个，达标 3 个；缺数据 1 个，超过 20%，不计算达标率"),
        ("no_data no_data no_data no_data", [np.nan] * 4, "还没有一个社区能判定 由城管办负责。 达标率 —（0/0），缺数据 4"),
    ],
)
def test_the_headline_names_owner_and_nearest(statuses: str, attainments: list[float], said: str) -> None:
    codes = [getattr(engine_statuses, status.upper()) for status in statuses.split()]
    parts = np.zeros((4, 5), np.uint8)
    parts[1, LIGHTING] = parts[2, LIGHTING] = parts[2, 0] = engine_statuses.UNMET
    rows = replace(standings([95, 88.6, 50, float("nan")], codes, 90), attainments=np.array(attainments), parts=parts)
    assert said.replace(" ", "") in headline(rows)


LIGHTING = [criterion.id for criterion in STANDARD.indicator_by_code["2.5"].criteria].index("stairwell_lighting")


def headline(rows: Standings) -> str:
    return text_of(indicator_marks.opening(ZH, ranked(rows), "2026Q3", None, lambda *_, **__: "#")).replace(" ", "")


def test_the_headline_says_of_how_many_the_nearest_are_three() -> None:
    """Five of six are 10 points short and one is 20: the three that are named are three of five. Of four near misses as well."""
    rows = standings([80, 80, 80, 80, 80, 70], [engine_statuses.UNMET] * 6, 90)
    parts = np.zeros((6, 5), np.uint8)
    parts[:, LIGHTING] = engine_statuses.UNMET
    far = replace(rows, parts=parts, attainments=np.array([0.8] * 5 + [0.7]))
    ten = "（还差10个百分点）"
    assert f"未达标6个，都还不算“接近达标”（各条件须完成90%以上）；差得最少的：<i>0{ten}、<i>1{ten}、<i>2{ten}等5个。" in headline(far)
    near = replace(far, statuses=np.array([engine_statuses.NEARLY] * 4 + [engine_statuses.UNMET] * 2, dtype=np.uint8))
    assert f"其中4个接近达标：<i>0{ten}、<i>1{ten}、<i>2{ten}等4个。" in headline(near)
    alone = replace(far, attainments=np.array([0.85, 0.84, 0.83, 0.8, 0.8, 0.7]))
    assert f"<i>2{ten}。" in headline(alone), "the next ones are further away"


def unmet_titles(verdicts: oracle.Verdicts, area: str, code: str) -> list[str]:
    own = STANDARD.indicator_by_code[code].criteria
    return [phrases.clause_title(ZH, STANDARD, each) for each in own if verdicts.criteria[area, PERIOD, code, each.id].status == "unmet"]


@pytest.mark.parametrize(
    ("code", "criterion", "is_chosen"), [("2.5", "stairwell_lighting", True), ("2.5", "no_stairwell_clutter", False), ("2.25", "canteen", True)]
)
def test_a_row_says_which_criteria_are_missed(
    monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts, code: str, criterion: str, is_chosen: bool
) -> None:  # fmt: skip
    """With a criterion chosen the status is of that criterion, that of the indicator beside it where it differs; else it is of the indicator."""
    app = run(monkeypatch, sample_database, "indicator", lang="zh", indicator=code, **({"criterion": criterion} if is_chosen else {}))
    html = next(each for each in html_of(app) if "plain ranking" in each)
    rows = {found[1]: row for row in html.split("<tr>") if (found := re.search(r"community\?[^\"]*area=(\w+)", row))}
    known = {area: row.status for (area, when, name), row in recomputed.indicators.items() if (when, name) == (PERIOD, code) and area in rows}
    assert len(rows) == len(known) == 96
    differing = 0
    for area, row in rows.items():
        whole, clause = known[area], recomputed.criteria[area, PERIOD, code, criterion].status
        shown = ["unmet" if each == "near" else each for each in re.findall(r'class="glyph (\w+)"', row)]
        # A near miss of one that is a plain miss of the other is told, too.
        assert shown[0] == (clause if is_chosen else whole) and shown[1:] in ([whole], [] if whole == shown[0] else None)
        differing += whole != clause
        said = text_of(row)
        titles = unmet_titles(recomputed, area, code)
        assert all(title in said for title in titles[:3]) and ("等" in said) == (len(titles) > 3)
        links = re.findall(r"criterion=(\w+)", row)
        expected = [each.id for each in STANDARD.indicator_by_code[code].criteria if recomputed.criteria[area, PERIOD, code, each.id].status == "unmet"][:3]
        assert links == [each for each in expected if each != criterion]
    assert differing, "there are rows where the two say different things"


def test_what_is_taken_away_says_both_statuses_and_what_is_missed(sample_store: Store, recomputed: oracle.Verdicts) -> None:
    ordinal = periods.parse(PERIOD, "quarter")
    with sample_store.cursor() as cursor:
        found = passing_queries.standings(cursor, STANDARD, "community", ordinal, "2.5", "stairwell_lighting")
    table = ranking_marks.sheet(ZH, ranked(found, is_chosen=True))
    plain = {"未达标（接近）": "unmet", **{ZH(f"app.status.{status}"): status for status in ("met", "unmet", "no_data", "not_applicable")}}
    assert len(table) == 96
    for row in table.to_dict("records"):
        area = row["编号"]
        assert plain[row["指标状态"]] == recomputed.indicators[area, PERIOD, "2.5"].status
        assert plain[row["该条件状态"]] == recomputed.criteria[area, PERIOD, "2.5", "stairwell_lighting"].status
        titles = unmet_titles(recomputed, area, "2.5")
        assert (row["未达标的条件"], row["未达标条件数"]) == ("、".join(titles), len(titles))


def most_missed(verdicts: oracle.Verdicts, domain: str | None = None) -> list[str]:
    """The communities' indicators that most communities miss: one, or several alike."""
    codes = [each.code for each in STANDARD.indicators_of("community") if domain in (None, STANDARD.domain_of[each.code].id)]
    unmet = {code: counted(verdicts, code)["unmet"] for code in codes}
    return [code for code, number in unmet.items() if number == max(unmet.values())]


@pytest.mark.parametrize("address", [{}, {"domain": "health"}, {"domain": "environment", "criterion": "nothing"}])
def test_where_none_is_asked_for_the_one_that_most_miss_is_shown(
    monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts, address: dict[str, str]
) -> None:  # fmt: skip
    app = run(monkeypatch, sample_database, "indicator", lang="zh", **address)
    assert app.selectbox[0].value in most_missed(recomputed, address.get("domain"))
    assert app.selectbox[0].value != "1.1" and "没有指定指标，先列未达标最多的这一项" in page_text(app)
    assert "indicator" not in app.query_params, "the address stays as it was"
    asked = page_text(run(monkeypatch, sample_database, "indicator", lang="zh", indicator="2.5"))
    assert "没有指定指标" not in asked


@pytest.mark.usefixtures("on_district")
def test_since_when_an_area_misses_it(district: District) -> None:
    """As the work lists say it, which are held against the exports elsewhere: what was unmet in the first period of all may have begun before."""
    code, known = max(
        ((i.code, {area: since for (area, code), since in district.since.items() if code == i.code}) for i in STANDARD.indicators_of("community")),
        key=lambda pair: (len(set(pair[1].values())), len(pair[1])),
    )
    assert {is_known for _, is_known in known.values()} == {True, False}
    html = next(each for each in html_of(page_district.run("indicator", lang="zh", indicator=code)) if "plain ranking" in each)
    rows = {re.search(r"community\?[^\"]*area=(\w+)", row)[1]: text_of(row) for row in html.split("<details")[0].split("<tr>")[2:]}  # type: ignore[index]
    for area, (first, is_known) in known.items():
        label, n = periods.label(first, "quarter"), page_district.ORDINAL - first + 1
        assert rows[area].endswith(f" {label} 起 · {n} 期" if is_known else f" 至少 {label} 起 · {n} 期以上")


def test_the_standard_as_a_table_has_every_criterion() -> None:
    table = definition_tables.criteria(EN, STANDARD)
    assert len(table) == sum(1 for indicator in STANDARD.indicators for _ in indicator.parts())
    assert list(dict.fromkeys(table[EN("overview.column_code")])) == [indicator.code for indicator in STANDARD.indicators]
    assert len(definition_tables.figures(ZH, STANDARD)) == len(STANDARD.metrics) + len(STANDARD.parameters)
    assert not table.isna().any().any()


def test_a_formula_is_worked_out_with_its_figures(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    """3.11: one full-time worker for every 500 households, and one appraisal within four quarters."""
    text = page_text(run(monkeypatch, sample_database, "definitions", lang="zh", indicator="3.11"))
    found = re.search(r"标准值代入：([\d,]+) ÷ 500 不低于 街道常住户数 ÷ 500，即 ([\d.,]+) 人", text)
    assert found
    assert round(int(found[1].replace(",", "")) / 500, 2) == float(found[2])
    assert re.search(r"代入：\(\d+ \+ \d+ \+ \d+ \+ \d+\) = \d+", text)
