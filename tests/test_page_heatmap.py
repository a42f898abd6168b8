"""The heatmap page: what its cells say against a recomputation in plain Python, the panel's sentences, the address, and what stands behind: order, questions, trend."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import oracle
import pytest
from app_pages import html_of, page_text
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.answers import arranging, downloads, heat_asking, heat_goals, heat_views, panel_views
from compliance.answers.gridding import RateMatrix, StatusMatrix
from compliance.answers.heat_views import Down
from compliance.answers.panel_views import Moment
from compliance.drawing import panel_charts
from compliance.questions import area_queries, heat_queries, queries
from compliance.questions.filters import Filters
from compliance.standard import loader
from compliance.standard.definitions import names_of
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("release")
PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
PERIOD = "2026Q3"


def run(monkeypatch: pytest.MonkeyPatch, database: Path, indicators: Path = PROJECT / "indicators.yaml", **address: str) -> AppTest:
    monkeypatch.setenv("COMPLIANCE_DB", str(database))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(indicators))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("pages/heatmap.py")
    app.run()
    assert not app.exception
    return app


def table_of(app: AppTest) -> list[list[str]]:
    """The rows of the plain table, cell by cell."""
    html = next(each for each in html_of(app) if "<table" in each)
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def figures_of(cell: str) -> tuple[int, int, int, int]:
    """25% · 1/4 · 缺8 → 1, 4, 8, 0."""
    found = re.fullmatch(r"\S+(?: · (\d+)/(\d+))?(?: · 缺(\d+))?(?: · 不适用(\d+))?", cell)
    assert found, cell
    return tuple(int(part or 0) for part in found.groups())  # type: ignore[return-value]


# -- the page in every language -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        {},
        {"view": "environment", "sort": "similar", "transpose": "1"},
        {"view": "safety", "area": "C0202", "indicator": "2.34", "sort": "gap"},
        {"rows": "subdistrict", "sort": "rate", "table": "1"},
        {"rows": "subdistrict.community", "view": "services", "in": "S02"},
        {"status": "no_data", "owner": "城管办", "table": "1", "kind": "estate_type:单位大院"},
    ],
)
def test_every_view_renders_in_every_language(monkeypatch: pytest.MonkeyPatch, sample_database: Path, language: str, address: dict[str, str]) -> None:
    text = page_text(run(monkeypatch, sample_database, lang=language, **address))
    assert texts.words(language)("heatmap.lead") in text  # type: ignore[arg-type]
    assert not re.search(r"\{\w+\}", text)
    assert not re.search(r"\b(nan|None|NaT)\b", text)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"view": "nowhere"}, "nowhere"),
        ({"sort": "random"}, "random"),
        ({"rows": "province"}, "province"),
        ({"view": "environment", "area": "C9999", "indicator": "2.5"}, "没有编号为 C9999 的单位"),
        ({"status": "met", "owner": "派出所", "view": "culture"}, "请放宽上面的条件"),
    ],
)
def test_a_wrong_or_empty_choice_is_said(monkeypatch: pytest.MonkeyPatch, sample_database: Path, address: dict[str, str], said: str) -> None:
    assert said in page_text(run(monkeypatch, sample_database, lang="zh", **address))


# -- figures against the recomputation ----------------------------------------------------------------------------


def test_the_cells_say_what_a_recomputation_says(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    standard = loader.load(PROJECT / "indicators.yaml")
    _, *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1"))
    assert len(rows) == 96
    for area_id, _, _, *cells in rows:
        for domain, cell in zip(standard.domains_of("community"), cells, strict=True):
            counts = recomputed.domains[area_id, PERIOD, domain.id]
            assert figures_of(cell) == (counts.met, counts.met + counts.unmet, counts.no_data, counts.not_applicable)


def test_the_headline_says_how_many_meet_everything_and_what_is_weakest(
    monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts
) -> None:
    standard = loader.load(PROJECT / "indicators.yaml")
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = [row["area_id"] for row in csv.DictReader(file) if row["level"] == "community"]
    tallies = {each.code: Counter(recomputed.indicators[area, PERIOD, each.code].status for area in areas) for each in standard.indicators_of("community")}

    def said(codes: Mapping[str, Sequence[str]]) -> str:
        sums = {title: sum((tallies[code] for code in group), Counter()) for title, group in codes.items()}
        weakest = min(sums, key=lambda title: sums[title]["met"] / (sums[title]["met"] + sums[title]["unmet"]))
        met, judged = sums[weakest]["met"], sums[weakest]["met"] + sums[weakest]["unmet"]
        every = [code for group in codes.values() for code in group]
        statuses = [{recomputed.indicators[area, PERIOD, code].status for code in every} for area in areas]
        all_met = sum("met" in found and not found & {"unmet", "no_data"} for found in statuses)
        return f"96 个社区中 {all_met} 个全部达标，最弱的是{weakest}（{round(100 * met / judged, 1):g}%，{met:,}/{judged:,}）"

    by_domain = {each.title.zh: [indicator.code for indicator in each.at("community")] for each in standard.domains_of("community")}
    assert said(by_domain) in page_text(run(monkeypatch, sample_database, lang="zh"))
    own = {f"{each.code} {each.title.zh}": [each.code] for each in standard.domain_by_id["service"].at("community")}
    assert said(own) in page_text(run(monkeypatch, sample_database, lang="zh", view="service"))


def test_a_domain_shows_the_status_of_each_indicator(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    said = {"met": {"达标"}, "unmet": {"未达标", "未达标（接近）"}, "no_data": {"缺数据"}, "not_applicable": {"不适用"}}
    codes = [indicator.code for indicator in loader.load(PROJECT / "indicators.yaml").domain_by_id["environment"].at("community")]
    near = oracle.near_misses(oracle.load(PROJECT / "indicators.yaml"), recomputed)
    _, *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1", view="environment"))
    for area_id, _, _, _, *cells in rows:
        for code, cell in zip(codes, cells, strict=True):
            row = recomputed.indicators[area_id, PERIOD, code]
            assert cell in said[row.status]
            assert (cell == "未达标（接近）") == ((area_id, PERIOD, code) in near)


def test_each_row_says_how_near_it_is_to_the_badge_the_nearest_first(
    monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts
) -> None:
    domain = loader.load(PROJECT / "indicators.yaml").domain_by_id["environment"]
    titles = {each.code: f"{each.code} {each.title.zh}" for each in domain.at("community")}
    _, *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1", view="environment", sort="best"))
    lacking = []
    for area_id, _, _, said, *_ in rows:
        statuses = {code: recomputed.indicators[area_id, PERIOD, code].status for code in titles}
        unmet = [code for code, status in statuses.items() if status == "unmet"]
        no_data = sum(status == "no_data" for status in statuses.values())
        if unmet and no_data:
            expected = f"至少差 {len(unmet)} 项，另缺 {no_data} 项数据"
        elif unmet:
            names = {1: f"（{titles[unmet[0]]}）", 2: f"（{'、'.join(unmet)}）"}.get(len(unmet), "")
            expected = f"还差 {len(unmet)} 项{names}"
        else:
            expected = f"不能判定（缺 {no_data} 项数据）" if no_data else "★ 已获得"
        assert said == expected
        lacking.append((not unmet and no_data > 0, len(unmet) + no_data))
    assert lacking == sorted(lacking) and lacking[0] == (False, 0) and {said[:2] for _, _, _, said, *_ in rows} >= {"★ ", "还差", "至少"}


def test_of_some_indicators_of_a_domain_nobody_earns_a_badge(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    app = run(monkeypatch, sample_database, lang="zh", table="1", view="environment", owner="城管办")
    said = {row[3] for row in table_of(app)[1:]}
    assert "全部达标" in said and "★ 已获得" not in said


def test_where_too_much_is_missing_no_rate_is_given(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    standard = loader.load(PROJECT / "indicators.yaml")
    seen = 0
    for area_id, _, _, *cells in table_of(run(monkeypatch, sample_database, lang="zh", table="1"))[1:]:
        for domain, cell in zip(standard.domains_of("community"), cells, strict=True):
            counts = recomputed.domains[area_id, PERIOD, domain.id]
            judged = counts.met + counts.unmet
            is_unsure = judged > 0 and counts.no_data / (judged + counts.no_data) > 0.2
            seen += is_unsure
            assert cell.startswith("数据不足 · ") == is_unsure
    assert seen > 0


def test_sums_are_sums_of_the_areas(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        parent_of = {row["area_id"]: row["parent_id"] for row in csv.DictReader(file)}
    standard = loader.load(PROJECT / "indicators.yaml")
    _, *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1", rows="subdistrict.community"))
    assert len(rows) == 8
    for parent, _, *cells in rows:
        for domain, cell in zip(standard.domains_of("community"), cells, strict=True):
            own = [row for (area, period, name), row in recomputed.domains.items() if period == PERIOD and name == domain.id and parent_of[area] == parent]
            met, unmet, no_data = (sum(getattr(row, part) for row in own) for part in ("met", "unmet", "no_data"))
            assert figures_of(cell)[:3] == (met, met + unmet, no_data)


def test_filters_keep_what_they_say(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    _, *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1", view="environment", status="unmet", **{"in": "S03"}))
    codes = [indicator.code for indicator in loader.load(PROJECT / "indicators.yaml").domain_by_id["environment"].at("community")]
    missing = {area for (area, period, code), row in recomputed.indicators.items() if period == PERIOD and code in codes and row.status == "unmet"}
    assert {row[0] for row in rows} == {area for area in missing if area.startswith("C03")} != set()
    assert all(row[2] == "听雪街道" for row in rows)


def test_one_department_counts_its_own_indicators_only(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    standard = loader.load(PROJECT / "indicators.yaml")
    own = [each.code for each in standard.indicators_of("community") if each.owner and each.owner.zh == "城管办"]
    (_, _, _, *heads), *rows = table_of(run(monkeypatch, sample_database, lang="zh", table="1", owner="城管办"))
    assert set(heads) == {standard.domain_of[code].title.zh for code in own}
    for area_id, _, _, *cells in rows:
        met = sum(recomputed.indicators[area_id, PERIOD, code].status == "met" for code in own)
        assert sum(figures_of(cell)[0] for cell in cells) == met


# -- the panel ----------------------------------------------------------------------------------------------------


def test_the_panel_says_why(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    with (SAMPLE / f"metrics_community_{PERIOD}.csv").open(encoding="utf-8", newline="") as file:
        line, cells = next((number, row) for number, row in enumerate(csv.reader(file), start=1) if row[0] == "C0302")
    app = run(monkeypatch, sample_database, lang="zh", area="C0302", indicator="2.5")
    text = page_text(app)
    assert "风笛社区未达标：楼道亮灯率 88.6%，标准 ≥ 90%，还差 1.4 个百分点。" in text
    assert f"楼道亮灯率 2026Q3 88.6% 88.6 metrics_community_{PERIOD}.csv 第 {line} 行" in text
    first = text[: text.index("数字的来处")]  # what stands on the first screen
    assert f"差距 还差 1.4 个百分点 来自 metrics_community_{PERIOD}.csv 第 {line} 行" in first
    assert ",".join(cells) in text
    assert "2.5 建筑整洁与楼道亮灯 · 社区环境 · 责任部门：城管办" in text
    assert "2025Q1" in text and "≥ 90%" in text
    closed = re.search(r'<a href="heatmap\?([^"]*)" class="close"', " ".join(html_of(app)))
    assert closed is not None and parse_qs(closed[1].replace("&amp;", "&")) == {
        "lang": ["zh"], "period": [PERIOD], "rows": ["community"], "view": ["environment"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("area", "indicator", "said"),
    [
        ("C0202", "2.34", "不能判定。缺："),
        ("C0202", "2.34", "报送。"),
        ("C0409", "2.40", "不适用：单位大院统一管理，辖区内无出租房屋和流动人口"),
        ("C0302", "2.1", "达标：1 个判定条件全部满足"),
    ],
)
def test_other_verdicts_have_their_own_sentence(monkeypatch: pytest.MonkeyPatch, sample_database: Path, area: str, indicator: str, said: str) -> None:
    assert said in re.sub(r"\d+ 个判定条件", "1 个判定条件", page_text(run(monkeypatch, sample_database, lang="zh", area=area, indicator=indicator)))


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_another_standard_works(monkeypatch: pytest.MonkeyPatch, ports: tuple[Path, Path], language: str) -> None:
    app = run(monkeypatch, *ports, lang=language, area="H1", indicator="S-1")
    text = page_text(app)
    assert "89.9999%" in text and "<b>North</b> *port* :smile:" in text
    assert not any("<b>North" in html for html in html_of(app))
    assert "社区" not in text and {"zh": "责任部门", "en": "Department"}[language] not in text
    assert {"zh": "除数为零，无法计算", "en": "Cannot be computed"}[language] in page_text(run(monkeypatch, *ports, lang=language, area="H2", indicator="S-2"))


def test_an_empty_database_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLIANCE_SAMPLE", "no")
    assert "还没有数据" in page_text(run(monkeypatch, tmp_path / "empty.duckdb", lang="zh"))


# -- order --------------------------------------------------------------------------------------------------------


def test_what_fails_together_stands_together() -> None:
    random = np.random.default_rng(7)
    kinds = random.permutation(np.repeat(np.arange(4), 20))
    prototypes = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]], dtype=float)
    order = arranging.by_similarity(prototypes[kinds])
    assert sorted(order) == list(range(80))
    assert int((np.diff(kinds[order]) != 0).sum()) == 3
    assert order.tolist() == arranging.by_similarity(prototypes[kinds]).tolist()


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (2, 0), (5, 0), (3, 1), (4, 4)])
def test_any_shape_can_be_arranged(shape: tuple[int, int]) -> None:
    wants = np.full(shape, np.nan)
    for order in (arranging.by_similarity(wants), arranging.by_gap(wants)):
        assert sorted(order) == list(range(shape[0]))


def test_by_rate_puts_what_cannot_be_told_last() -> None:
    totals = np.array([[2, 2, 0, 0], [0, 0, 3, 0], [1, 3, 1, 0], [0, 1, 8, 0], [1, 0, 8, 1], [3, 1, 0, 5]])
    # 50 %, nothing judged, 25 % with one of five unknown, 0/1 and 1/1 with eight unknown, 75 %
    assert arranging.by_rate(totals).tolist() == [2, 0, 5, 3, 4, 1]
    assert arranging.by_rate(totals, best=True).tolist() == [5, 0, 2, 4, 3, 1]


def test_by_closeness_puts_who_has_it_first_and_who_cannot_be_told_behind_who_lacks_something() -> None:
    totals = np.array([[7, 1, 1, 0], [5, 0, 4, 0], [8, 1, 0, 0], [9, 0, 0, 0], [0, 0, 0, 9], [7, 2, 0, 0], [8, 0, 1, 0], [8, 1, 0, 0]])
    wants = np.array([[0.2], [np.nan], [0.9], [0], [np.nan], [0.1], [np.nan], [0.3]])
    # earned; lacks 1 (the nearer one first); lacks 1 without knowing 1; lacks 2; unknown 1; unknown 4; nothing applies
    assert arranging.by_closeness(totals, wants).tolist() == [3, 7, 2, 0, 5, 6, 1, 4]


def test_wants_of_statuses_and_counts() -> None:
    statuses, attainments = np.array([[0, 1, 2, 3, 4]], np.uint8), np.array([[1, 0.95, 0.2, np.nan, np.nan]], np.float32)
    np.testing.assert_allclose(arranging.wants_of_statuses(statuses, attainments), [[0, 0.05, 0.8, np.nan, np.nan]], atol=1e-6)
    np.testing.assert_allclose(arranging.wants_of_counts(np.array([[3, 1, 5, 0], [0, 0, 2, 1]])), [0.25, np.nan])


# -- matrices and questions ---------------------------------------------------------------------------------------


def test_a_transposed_matrix_is_the_same_matrix(sample_store: Store) -> None:
    standard = sample_store.standard
    with sample_store.cursor() as cursor:
        period = queries.all_periods(cursor)[-1]
        groups = heat_views.domain_groups(standard, "community", "")
        rates = heat_queries.rates_of_areas(cursor, standard, "community", period, tuple(groups.values()))
    matrix = heat_views.of_rates(rates, heat_views.domain_columns(texts.words("zh"), standard, groups)).arranged("similar")
    down, across = matrix.grid(grouped=False, transposed=False), matrix.grid(grouped=False, transposed=True)
    assert isinstance(down, RateMatrix) and isinstance(across, RateMatrix)
    assert (down.counts == across.counts.swapaxes(0, 1)).all()
    assert [row.id for row in down.rows] == [column.id for column in across.columns]
    assert b"%" in downloads.csv_bytes(matrix.sheet(texts.words("zh")))


def test_near_is_counted_as_unmet() -> None:
    assert heat_views.ONE_HOT[[0, 1, 2, 3, 4]].sum(axis=0).tolist() == [1, 2, 1, 1]


def test_every_cut_of_the_standard_has_a_name(sample_store: Store) -> None:
    options = Down.options(sample_store.standard)
    assert list(options) == ["community", "subdistrict.community", "subdistrict"]
    assert options["subdistrict.community"].shown_level == "subdistrict"


@pytest.mark.parametrize(
    ("opened", "down", "view", "transposed", "goal"),
    [
        (None, Down("c"), "domains", False, None),
        (("a", "d"), Down("c"), "domains", False, None),
        (("a", ""), Down("c"), "domains", False, ("community", {"area": "a"})),
        (("", "1.1"), Down("c"), "d", False, ("indicator", {"indicator": "1.1"})),
        (("1.1", ""), Down("c"), "d", True, ("indicator", {"indicator": "1.1"})),
        (("s", "d"), Down("c", "s"), "domains", False, ("heatmap", {"rows": "c", "view": "d", "in": "s"})),
        (("s", ""), Down("c", "s"), "domains", False, ("heatmap", {"rows": "c", "view": None, "in": "s"})),
        (("s", "1.1"), Down("c", "s"), "d", False, ("heatmap", {"rows": "c", "view": "d", "in": "s"})),
    ],
)
def test_where_a_cell_leads(opened: tuple[str, str] | None, down: Down, view: str, transposed: bool, goal: tuple[str, dict[str, str]] | None) -> None:
    found = heat_goals.goal(opened, down, view, transposed=transposed)
    assert (None if found is None else (found.page, found.parameters)) == goal


# -- the trend ----------------------------------------------------------------------------------------------------


def test_a_trend_draws_its_limit_and_leaves_gaps(sample_store: Store) -> None:
    standard = sample_store.standard
    criterion = next(leaf for leaf, _ in standard.indicator_by_code["2.5"].leaves() if leaf.id == "stairwell_lighting")
    moments = [Moment(8100, "unmet", 80, 90), Moment(8101, "no_data", None, 90), Moment(8102, "near", 89, 90), Moment(8103, "met", 90, 90)]
    html = panel_charts.trend(texts.words("zh"), standard, criterion, moments)
    assert html.count('class="limit"') == 4 and html.count('class="line"') == 1 and html.count('class="dot') == 4
    assert "≥ 90%" in html and "2025Q1 80% 未达标" in html and "2025Q2 缺数据" in html


def test_a_trend_of_one_value_or_none(sample_store: Store) -> None:
    criterion = next(leaf for leaf, _ in sample_store.standard.indicator_by_code["2.5"].leaves() if leaf.id == "stairwell_lighting")
    for moments in ([Moment(8100, "met", 90, 90)], [Moment(8100, "no_data", None, 90)]):
        assert "2025Q1" in panel_charts.trend(texts.words("en"), sample_store.standard, criterion, moments)


def test_the_last_eight_periods_agree_with_the_store(sample_store: Store) -> None:
    standard, indicator = sample_store.standard, sample_store.standard.indicator_by_code["2.34"]
    with sample_store.cursor() as cursor:
        known = queries.all_periods(cursor)
        first = panel_views.first_period(known, known[-1])
        rows = heat_queries.criteria_over_time(cursor, standard, "community", "C0202", first, known[-1], "2.34")
        whole = panel_views.whole(indicator, panel_views.moments(indicator, rows))
        for moment in whole:
            stored = area_queries.indicators_of_area(cursor, standard, "community", "C0202", moment.period)["2.34"]
            assert {"near": "unmet"}.get(moment.status, moment.status) == stored
    assert len(whole) == panel_views.PERIODS_SHOWN


def test_status_grids_carry_what_is_covered() -> None:
    column = heat_views.Column("1", "one", "")
    codes, attainments = np.array([[1], [0]], np.uint8), np.array([[0.95], [1]], np.float32)
    matrix = heat_views.Matrix(("a", "b"), ("A", "B"), ("", ""), (column,), ("",), heat_views.ONE_HOT[codes], codes, attainments)
    drawn = matrix.grid(grouped=True, transposed=False)
    assert isinstance(drawn, StatusMatrix) and drawn.details is not None
    np.testing.assert_allclose(drawn.details, [[95], [np.nan]], atol=1e-4)


def test_few_rows_of_many_columns_are_arranged_at_once() -> None:
    """As after transposing thousands of areas: by columns × columns this would take minutes."""
    wants = (np.random.default_rng(5).random((13, 7000)) < 0.1).astype(float)
    assert sorted(arranging.by_similarity(wants)) == list(range(13))


def test_a_cell_without_a_verdict_says_who_owes_which_figure_or_why_it_does_not_apply(sample_store: Store) -> None:
    standard, words = sample_store.standard, texts.words("zh")

    def ask(question: Callable[..., Any], *args: Any) -> Any:
        with sample_store.cursor() as cursor:
            return question(cursor, *args)

    with sample_store.cursor() as cursor:
        period = queries.all_periods(cursor)[-1]
    matrix = heat_asking.matrix(ask, words, standard, Down("community"), "safety", "", period, None, Filters())
    drawn = matrix.grid(grouped=True, transposed=True)
    assert isinstance(drawn, StatusMatrix)
    without = {(column.id, row.id) for r, row in enumerate(drawn.rows) for c, column in enumerate(drawn.columns) if drawn.statuses[r, c] >= 3}
    assert {(area, code) for code, area in drawn.notes} == without
    # exemptions.csv gives C0409 this reason for 2.40
    assert drawn.notes["2.40", "C0409"] == "原因：单位大院统一管理，辖区内无出租房屋和流动人口"
    with (SAMPLE / f"metrics_community_{PERIOD}.csv").open(encoding="utf-8", newline="") as file:
        blank = {name for name, cell in next(row for row in csv.DictReader(file) if row["area_id"] == "C0202").items() if not cell}
    named = {metric.title.zh for metric in standard.metrics if metric.id in blank}
    owed = blank & {name for leaf, _ in standard.indicator_by_code["2.34"].leaves() for name in names_of(leaf)}
    assert re.fullmatch(rf"没有报数：.+（2026Q2、2026Q3）.+ 等 {len(owed)} 项数据\n应由\S+报送。", drawn.notes["2.34", "C0202"])
    assert any(title in drawn.notes["2.34", "C0202"] for title in named)
