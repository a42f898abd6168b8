"""Every page in every language, and the figures they say: held against a second opinion, not against the queries that made them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import harbours
import oracle
import pandas as pd
import pytest
from app_pages import choose, html_of, page_text
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.answers import downloads, palette, phrases
from compliance.drawing import markup, plotting
from compliance.screen import grid, shell
from compliance.standard import inputs, loader
from compliance.standard.definitions import Standard
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("release")
PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
PERIOD = "2026Q3"
PAGES = {"overview": "dashboard.py", "community": "pages/community.py"}


def run(monkeypatch: pytest.MonkeyPatch, database: Path, page: str = "overview", indicators: Path = PROJECT / "indicators.yaml", **address: str) -> AppTest:
    monkeypatch.setenv("COMPLIANCE_DB", str(database))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(indicators))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(PAGES[page])
    app.run()
    assert not app.exception
    return app


# -- every page, every language -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("overview", {}),
        ("overview", {"period": "2024Q4"}),
        ("community", {}),
        ("community", {"area": "C0302"}),
        ("community", {"area": "C0409", "period": "2025Q1"}),
        ("community", {"area": "S02", "period": "2025Q2", "domain": "staffing"}),
    ],
)
def test_every_page_renders_in_every_language(
    monkeypatch: pytest.MonkeyPatch, sample_database: Path, page: str, language: str, address: dict[str, str]
) -> None:
    text = page_text(run(monkeypatch, sample_database, page, lang=language, **address))
    assert texts.words(language)("app.fictional") in text  # type: ignore[arg-type]
    assert not re.search(r"\{\w+\}", text), "a place in a text was left open"
    assert not re.search(r"\b(nan|None|NaT)\b", text)
    if language == "en" and "area" not in address:
        assert not re.search(r"[\u4e00-\u9fff]{2}", re.sub(r"\S*(社区|街道)\S*|中文", "", text)), "Chinese in the English page"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"lang": "zh", "period": "2031Q9"}, "没有考核期 2031Q9 的数据，现显示 2026Q3"),
        ({"lang": "en", "period": "2031Q9"}, "There are no data for period 2031Q9; showing 2026Q3"),
        ({"lang": "fr"}, "There is no language “fr” here; showing English"),
    ],
)
def test_a_wrong_address_is_said(monkeypatch: pytest.MonkeyPatch, sample_database: Path, address: dict[str, str], said: str) -> None:
    assert said in page_text(run(monkeypatch, sample_database, **address))


def test_an_unknown_area_is_said_and_escaped(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    app = run(monkeypatch, sample_database, "community", lang="en", area="<img src=x>")
    assert "There is no area <img src=x>" in page_text(app)
    assert not any("<img" in html for html in html_of(app))


def test_the_address_reproduces_the_view(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    text = page_text(run(monkeypatch, sample_database, "community", lang="en", period="2026Q2", area="C0101"))
    assert "萤火街道 · Community · 2026 Q2" in text
    assert "月笺社区" in text


def test_a_control_writes_to_the_address(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    app = run(monkeypatch, sample_database, lang="zh")
    choose(app, "period", "2025Q4")
    assert app.query_params["period"] == "2025Q4"
    assert "2025年第4季度" in page_text(app)


def test_the_other_language_is_a_link_to_this_very_view(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    address = {"period": "2025Q4", "area": "C0101", "domain": "safety"}
    app = run(monkeypatch, sample_database, "community", lang="zh", **address)
    [languages] = re.findall('<nav class="languages".*?</nav>', "".join(html_of(app)))
    assert '<strong aria-current="true">中文</strong>' in languages
    [href] = re.findall(r'href="([^"]+)"', languages)
    assert unescape(href).startswith("community?")
    assert dict(parse_qsl(unescape(href).split("?")[1])) == {"lang": "en", **address}


# -- the overview's figures ---------------------------------------------------------------------------------------


def levels() -> dict[str, str]:
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        return {row["area_id"]: row["level"] for row in csv.DictReader(file)}


def test_the_overview_says_what_a_recomputation_says(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    standard, level_of = loader.load(PROJECT / "indicators.yaml"), levels()
    text = page_text(run(monkeypatch, sample_database, lang="zh"))
    held: Counter[str] = Counter()
    for domain in standard.domains:
        rows = [(area, row) for (area, period, name), row in recomputed.domains.items() if period == PERIOD and name == domain.id]
        met, unmet, no_data, not_applicable = (sum(getattr(row, part) for _, row in rows) for part in ("met", "unmet", "no_data", "not_applicable"))
        rate = f"{100 * met / (met + unmet):.1f}%"
        assert f"{domain.title.zh} {rate} {met:,}/{met + unmet:,} · 缺{no_data} · 不适用{not_applicable}" in text
        if domain.badge:
            earned = [area for area, row in rows if row.met and not row.unmet and not row.no_data]
            held.update(earned)
            lost = sum(1 for _, row in rows if row.unmet)
            card = f"{domain.badge.zh} {len(earned)} / {len(rows)} 未获得 {lost} 不能判定 {len(rows) - lost - len(earned)}"
            assert card in text
    assert f"96 个社区中，{sum(1 for n in held.values() if n == 6)} 个获得全部 6 个“型”，{len(held)} 个至少获得一个" in text
    areas = [row for (area, period), row in recomputed.areas.items() if period == PERIOD and level_of[area] == "community"]
    # Every community has a row in the sample's files for this period (metrics_community_2026Q3.csv).
    lacking = sum(1 for row in areas if row.no_data)
    assert re.search(rf"{len(areas)} 个社区中 {len(areas)} 个已报数，[\d,]+ 项次判定中 \d+ 项次缺数据、不能判定（\S+%，涉及 {lacking} 个社区", text)


def test_the_most_missed_are_the_most_missed(monkeypatch: pytest.MonkeyPatch, sample_database: Path, recomputed: oracle.Verdicts) -> None:
    level_of = levels()
    tally: dict[str, Counter[str]] = {}
    for (area, period, code), row in recomputed.indicators.items():
        if period == PERIOD and level_of[area] == "community":
            tally.setdefault(code, Counter())[row.status] += 1
    app = run(monkeypatch, sample_database, lang="en")
    table = next(html for html in html_of(app) if "missed" in html and "<table" in html)
    rows = re.findall(r'<td class="code">([^<]+)</td>.*?<strong>(\d+)</strong>/(\d+)', table)
    expected = sorted((counts["unmet"] for counts in tally.values()), reverse=True)[:10]
    assert [int(unmet) for _, unmet, _ in rows] == expected
    assert all(tally[code]["unmet"] == int(unmet) and tally[code]["unmet"] + tally[code]["met"] == int(judged) for code, unmet, judged in rows)


# -- one area -----------------------------------------------------------------------------------------------------


def test_a_gap_is_traced_to_its_line(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    """README of the sample: C0302 is one indicator away, 88.6 % of its stairwells are lit."""
    with (SAMPLE / f"metrics_community_{PERIOD}.csv").open(encoding="utf-8", newline="") as file:
        line = next(number for number, row in enumerate(csv.reader(file), start=1) if row[0] == "C0302")
    app = run(monkeypatch, sample_database, "community", lang="zh", area="C0302", raw="2.5")
    place = f"metrics_community_{PERIOD}.csv 第 {line} 行"
    text = page_text(app)
    assert f"楼道亮灯率 88.6% ≥ 90% 还差 1.4 个百分点 {place} 未达标（接近）" in text
    assert f"{place} · 第" in text, "who imported it and when"
    assert re.search(r"楼道亮灯率[^%]* 88\.6% 88\.6 ", text), "and what is written there"


def test_an_exemption_gives_its_reason(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    assert "豁免原因：单位大院统一管理，辖区内无出租房屋和流动人口" in page_text(run(monkeypatch, sample_database, "community", lang="zh", area="C0409"))


def test_missing_data_is_named_with_its_period(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    """README of the sample: the police station of S02 did not report in 2026Q2 and 2026Q3."""
    assert re.search(r"没有报数：[^。]*（2026Q2、2026Q3）", page_text(run(monkeypatch, sample_database, "community", lang="zh", area="C0202")))


def test_a_subdistrict_shows_its_communities(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> None:
    app = run(monkeypatch, sample_database, "community", lang="zh", area="S01")
    listed = [html for html in html_of(app) if 'class="languages"' not in html]
    links = {area for html in listed for area in re.findall(r'area=(\w+)"', html)}
    with (SAMPLE / "areas.csv").open(encoding="utf-8", newline="") as file:
        assert links == {row["area_id"] for row in csv.DictReader(file) if row["parent_id"] == "S01"}


# -- another standard ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_another_standard_works(monkeypatch: pytest.MonkeyPatch, ports: tuple[Path, Path], language: str) -> None:
    overview = run(monkeypatch, *ports[:1], indicators=ports[1], lang=language)
    text = page_text(overview)
    # A third lacks data, so there is no rate.
    assert {"zh": "3 个港口中 3 个已报数，33.3% 的判定缺数据", "en": "3 of 3 harbours have reported, 33.3% of the verdicts lack data"}[language] in text
    assert {"zh": "已判定的 4 项中 2 项达标；", "en": "2 of the 4 verdicts known are met; "}[language] in text
    assert "1/2 · " not in text and "2/4 · " in text
    assert "社区" not in text and "ommunit" not in text
    assert {"zh": "示例数据", "en": "Sample data"}[language] not in text
    page = run(monkeypatch, ports[0], "community", indicators=ports[1], lang=language, area="H2")
    assert {"zh": "除数为零，无法计算", "en": "Cannot be computed: division by zero"}[language] in page_text(page)


def test_names_from_data_are_only_text(monkeypatch: pytest.MonkeyPatch, ports: tuple[Path, Path]) -> None:
    app = run(monkeypatch, ports[0], "community", indicators=ports[1], lang="en", area="H1")
    assert "<b>North</b> *port* :smile:" in page_text(app)
    assert "Ann <ann@example.org>" in page_text(app)
    assert not any("<b>North" in html for html in html_of(app))
    assert "89.9999%" in page_text(app), "a miss must not read as the limit"


# -- nothing to show, or not possible -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_database_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str) -> None:
    monkeypatch.setenv("COMPLIANCE_SAMPLE", "no")
    assert "No data yet: begin" in page_text(run(monkeypatch, tmp_path / "empty.duckdb", page, lang="en"))


def test_the_first_start_loads_the_sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = run(monkeypatch, tmp_path / "new.duckdb", lang="zh")
    assert "正在读入示例数据" in page_text(app)
    opened = shell._office()._opened
    assert opened is not None and opened.loading is not None
    again = run(monkeypatch, tmp_path / "new.duckdb", lang="zh")
    assert shell._office()._opened is opened, "a second visitor starts no second load"
    opened.loading.wait()
    assert opened.loading.problems == ()
    assert "96 个社区中" in page_text(again.run())


def test_bad_definitions_are_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bad = tmp_path / "indicators.yaml"
    bad.write_text(harbours.TEXT.replace("at_least: 90", "at_leest: 90"), encoding="utf-8")
    text = page_text(run(monkeypatch, tmp_path / "none.duckdb", indicators=bad, lang="en"))
    assert "The definitions of the standard have mistakes" in text
    assert "did you mean 'at_least'?" in text
    assert "找不到文件" in page_text(run(monkeypatch, tmp_path / "none.duckdb", indicators=tmp_path / "no.yaml", lang="zh"))


def test_a_locked_database_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Store(tmp_path / "held.duckdb", loader.load(PROJECT / "indicators.yaml")):
        text = page_text(run(monkeypatch, tmp_path / "held.duckdb", lang="zh"))
    assert "数据库现在不能使用" in text
    assert "pid" in text


def test_mended_definitions_are_taken_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    database, indicators = harbours.build(tmp_path)
    assert "2 of the 4 verdicts known are met" in page_text(run(monkeypatch, database, indicators=indicators, lang="en"))
    indicators.write_text(harbours.TEXT.replace("at_least: 90", "at_least: 80"), encoding="utf-8")
    assert "3 of the 4 verdicts known are met" in page_text(run(monkeypatch, database, indicators=indicators, lang="en"))


# -- parts --------------------------------------------------------------------------------------------------------


def test_the_heatmap_has_the_colours_and_glyphs_of_the_palette() -> None:
    css = grid._asset(".css")
    light, dark = css.split("@media screen")[0], css.split("@media screen")[1].split("} }")[0]
    for name, (by_day, by_night) in palette.COLOURS.items():
        for block, colour in ((light, by_day), (dark, by_night)):
            assert f"--{name}: {colour};" in block, name
    for name, glyph in palette.GLYPHS.items():
        assert f'--sign-{name}: "{glyph}";' in palette.css()
        assert f"--glyph-{name}: var(--sign-{name}," in css, name


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-x", "'-x"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("-1.5", "-1.5"),
        ("+3%", "+3%"),
        ("2.10", "2.10"),
        ("月笺社区", "月笺社区"),
    ],
)
def test_a_download_runs_no_formula(cell: str, written: str) -> None:
    content = downloads.csv_bytes(pd.DataFrame({"名称": [cell], "n": [1.5]}))
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1] == [written, "1.5"]


def test_what_a_chart_writes_beside_its_marks_has_a_colour_of_the_palette() -> None:
    layout = {"xaxis": {"title": {"text": "n"}, "tickfont": {"size": 12}}, "yaxis2": {"tickfont": {"color": "#123456"}}, "annotations": [{"text": "a"}]}
    drawn = plotting.sized({"data": [], "layout": layout}, {"paper": "#ffffff", "muted": "#566273"}, None)["layout"]
    assert drawn["xaxis"] == {"title": {"text": "n", "font": {"color": "#566273"}}, "tickfont": {"color": "#566273", "size": 12}}
    assert drawn["yaxis2"] == {"tickfont": {"color": "#123456"}}, "a colour of its own stays"
    assert drawn["annotations"] == [{"text": "a", "font": {"color": "#566273"}}]


def test_html_escapes_all_but_itself() -> None:
    inner = markup.el("b", "a < b & c")
    assert markup.el("p", inner, "<i>", None, ["x", inner], class_="k", title='"q"', hidden=True, lang=None) == (
        '<p class="k" title="&quot;q&quot;" hidden><b>a &lt; b &amp; c</b>&lt;i&gt;x<b>a &lt; b &amp; c</b></p>'
    )


@pytest.fixture(scope="module")
def harbour_standard() -> Standard:
    return loader.parse(harbours.TEXT, "indicators.yaml")


@pytest.mark.parametrize(
    ("figure", "unit", "against", "zh", "en"),
    [
        (88.6, "percent", 90.0, "88.6%", "88.6%"),
        (89.9999, "percent", 90.0, "89.9999%", "89.9999%"),
        (66.66666, "percent", 90.0, "66.67%", "66.67%"),
        (0.0004, "permille", 1.5, "0.0004‰", "0.0004‰"),
        (1234.0, "households", None, "1,234 户", "1,234 households"),
        (3.0, "count", 0.0, "3", "3"),
        (1.0, "yes_no", None, "是", "yes"),
        (0.0, "yes_no", None, "否", "no"),
        (None, "percent", None, "—", "—"),
    ],
)
def test_a_figure_reads_with_its_unit(figure: float | None, unit: str, against: float | None, zh: str, en: str) -> None:
    assert [phrases.amount(texts.words(language), figure, unit, against) for language in texts.LANGUAGES] == [zh, en]


def test_what_a_criterion_needs_is_told_by_period(sample_database: Path) -> None:
    standard = loader.load(PROJECT / "indicators.yaml")
    clauses = {criterion.id: criterion for criterion, _ in [*standard.indicator_by_code["2.34"].leaves(), *standard.indicator_by_code["2.59"].leaves()]}
    needs = inputs.needs(standard, clauses["preventable_crime_rate"])
    assert [lag for _, lag in needs] == [3, 2, 1, 0, 0]
    assert [lag for _, lag in inputs.needs(standard, clauses["awareness"])] == [0, 1]


@pytest.mark.parametrize("text", ["*a* _b_ [c](d) `e` #f", ":smile: a:b", ":material/home:", "$x$ <b> & |", "1. x", "~~y~~", "\\"])
def test_plain_keeps_the_letters(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", shell.plain(text)).replace("\u2060", "") == text
