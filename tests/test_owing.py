"""Who must report what: criteria of which one suffices, and figures that are all there but give no result, on every page that tells of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_pages import html_of, page_text, text_of
from page_district import run

from compliance import texts
from compliance.access import local_user
from compliance.answers import heat_views, owing
from compliance.files.reading import Source
from compliance.questions import owed_queries
from compliance.screen import shell
from compliance.standard import inputs, loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

# A shop of either kind will do; managers are counted against homes or against newcomers.
TEXT = """
standard:
  id: shops
  title: {zh: 商业, en: Shops}
  period: quarter
  levels: [{id: subdistrict, title: {zh: 街道, en: Subdistrict}}, {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}]
pillars:
  - id: p
    title: {zh: 服务, en: Services}
    domains:
      - id: d
        title: {zh: 便民, en: Daily life}
        badge: {zh: 便民社区, en: Handy community}
        indicators:
          - code: "1"
            level: community
            title: {zh: 网点, en: Outlets}
            text: 设有菜市场(或便民菜店)、洗衣
            owner: {zh: 商业科, en: Commerce}
            criteria:
              - {id: food, title: {zh: 买菜, en: Food}, any_of: [{id: by_market, value: market, is: yes}, {id: by_grocer, value: grocer, is: yes}]}
              - {id: clothes, value: laundry, is: yes}
          - code: "2"
            level: community
            title: {zh: 管理员, en: Managers}
            text: 配齐管理员队伍,明确职责
            owner: {zh: 流管办, en: Floating population office}
            criteria:
              - id: staffing
                title: {zh: 配备比例, en: Staffing}
                any_of:
                  - {id: per_home, title: {zh: 按房屋, en: By homes}, value: managers, at_least: homes / 100}
                  - {id: per_newcomer, title: {zh: 按人口, en: By newcomers}, value: managers, at_least: newcomers / 100}
              - {id: written, value: duties, is: yes}
          - code: "3"
            level: community
            title: {zh: 入学, en: Schooling}
            text: 入学率95%以上
            owner: {zh: 教育局, en: Education}
            criteria:
              - {id: enrolment, title: {zh: 入学率, en: Enrolment}, value: 100 * enrolled / children, at_least: 95}
metrics:
  - {id: market, title: {zh: 菜市场, en: Market}, level: community, unit: yes_no, kind: stock}
  - {id: grocer, title: {zh: 便民菜店, en: Greengrocer}, level: community, unit: yes_no, kind: stock}
  - {id: laundry, title: {zh: 洗衣店, en: Laundry}, level: community, unit: yes_no, kind: stock}
  - {id: managers, title: {zh: 管理员人数, en: Managers}, level: community, unit: people, kind: stock}
  - {id: homes, title: {zh: 出租房屋, en: Rented homes}, level: community, unit: households, kind: stock}
  - {id: newcomers, title: {zh: 流动人口, en: Newcomers}, level: community, unit: people, kind: stock}
  - {id: duties, title: {zh: 职责, en: Duties}, level: community, unit: yes_no, kind: stock}
  - {id: enrolled, title: {zh: 入学人数, en: Enrolled}, level: community, unit: people, kind: stock}
  - {id: children, title: {zh: 适龄儿童, en: Children}, level: community, unit: people, kind: stock}
"""
STANDARD = loader.parse(TEXT)
AREAS = "area_id,name,level,parent_id\nS1,南街道,subdistrict,\n" + "".join(
    f"{id_},{name}社区,community,S1\n" for id_, name in zip("ABCD", "甲乙丙丁", strict=True)
)
FIGURES = """area_id,period,market,grocer,laundry,managers,homes,newcomers,duties,enrolled,children
A,2025Q1,yes,,,3,500,200,no,0,0
B,2025Q1,no,,yes,1,300,400,yes,90,
C,2025Q1,,,no,3,500,200,yes,96,100
D,2025Q1,no,no,yes,,500,200,yes,50,100
"""
PERIOD = 2025 * 4
ZH, EN = texts.words("zh"), texts.words("en")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("owing")
    (folder / "indicators.yaml").write_text(TEXT, encoding="utf-8")
    with Store(folder / "x.duckdb", STANDARD) as store:
        import_sources(store, [Source("areas.csv", AREAS.encode()), Source("figures.csv", FIGURES.encode())], user=local_user())
    return folder


@pytest.fixture
def shops(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COMPLIANCE_DB", str(built / "x.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(built / "indicators.yaml"))
    yield
    shell._office().close()


def panel(area: str, indicator: str, language: str = "zh") -> str:
    html = next(each for each in html_of(run("heatmap", lang=language, area=area, indicator=indicator)) if 'class="panel"' in each)
    return text_of(html[html.index("<h2") : html.index("</h2>")])


# A has its food from the market; B lacks only word of the greengrocer, of C nobody knows either way; all of D's figures but one are there.
OWED = {("A", "1"): ["laundry"], ("B", "1"): ["grocer"], ("D", "2"): ["managers"], ("A", "3"): [], ("B", "3"): ["children"]}


def test_only_what_a_verdict_waits_for_is_owed(built: Path) -> None:
    with Store(built / "x.duckdb", STANDARD) as store, store.cursor() as cursor:
        found = owed_queries.owed(cursor, STANDARD, "community", PERIOD, ["1", "2", "3"])
    assert {(each.area_id, each.code): [name for name, _ in each.figures] for each in found} == OWED


@pytest.mark.parametrize(
    ("unknown", "open_"),
    [
        ({"food", "by_market", "by_grocer", "clothes"}, ["by_market", "by_grocer", "clothes"]),
        ({"by_grocer", "clothes"}, ["clothes"]),  # the market is there
        ({"food", "by_grocer"}, ["by_grocer"]),  # there is no market
        ({"by_grocer"}, []),
        (set(), []),
    ],
)
def test_which_criteria_keep_a_verdict_open(unknown: set[str], open_: list[str]) -> None:
    assert [criterion.id for criterion in inputs.undecided(STANDARD.indicator_by_code["1"], unknown)] == open_


@pytest.mark.usefixtures("shops")
@pytest.mark.parametrize(
    ("area", "indicator", "said"),
    [
        ("A", "1", "甲社区不能判定。缺：洗衣店。应由商业科报送。"),
        ("B", "1", "乙社区不能判定。缺：便民菜店。应由商业科报送。"),
        ("C", "1", "丙社区未达标：洗衣店尚未做到。另缺：菜市场、便民菜店。应由商业科报送。"),
        ("A", "3", "甲社区不能判定。入学率：除数为零，无法计算。"),  # nobody owes anything
        ("B", "3", "乙社区不能判定。缺：适龄儿童。应由教育局报送。"),
    ],
)
def test_the_panel_asks_for_no_more(area: str, indicator: str, said: str) -> None:
    assert panel(area, indicator).endswith(said)


@pytest.mark.usefixtures("shops")
def test_a_member_that_nobody_needs_is_folded_and_asks_for_nothing() -> None:
    """A has 3 managers: too few for its homes, enough for its newcomers."""
    html = next(each for each in html_of(run("heatmap", lang="zh", area="A", indicator="2")) if 'class="panel"' in each)
    members = html[html.index('class="members"') :].split("<details ")[1:3]
    assert [text_of(f"<p {each.split('</summary>')[0]}") for each in members] == ["未达标 按房屋 3 人", "达标 按人口 3 人"]
    heads = [each.split(">")[0] for each in members]
    assert all('class="clause settled"' in head and " open" not in head for head in heads), "neither open nor coloured"


@pytest.mark.usefixtures("shops")
def test_the_panel_in_english() -> None:
    assert panel("A", "3", "en").endswith("甲社区 cannot be judged. Enrolment: cannot be computed, division by zero.")
    assert panel("A", "1", "en").endswith("甲社区 cannot be judged. Missing: Laundry. To be reported by: Commerce.")


@pytest.mark.usefixtures("shops")
def test_a_page_of_an_area_asks_for_no_more() -> None:
    found = html_of(run("community", lang="zh", area="A"))
    card = text_of(next(each for each in found if "badge-card" in each))
    assert "网点 没有报数：洗衣店 · 商业科" in card and "入学 除数为零，无法计算 · 教育局" in card
    owed = text_of(next(each for each in found if 'class="plain owed"' in each))
    assert "商业科 1 网点 没有报数：洗衣店" in owed and "菜店" not in owed


@pytest.mark.usefixtures("shops")
def test_the_list_of_what_is_owed_asks_for_no_more() -> None:
    owed = next(each for each in html_of(run("gaps", lang="zh", owner="商业科")) if 'class="plain owed"' in each)
    rows = [text_of(row) for row in owed.split("<tbody>")[1].split("<tr>")[1:]]
    assert rows == ["甲社区 南街道 1 1 网点 ：洗衣店", "乙社区 南街道 1 1 网点 ：便民菜店"]


def test_what_is_missing_is_named_once_and_cut_off_in_one_way() -> None:
    missing = [("market", PERIOD), ("grocer", PERIOD), ("laundry", PERIOD), ("homes", PERIOD - 1), ("homes", PERIOD)]
    assert owing.why(ZH, STANDARD, missing, PERIOD) == "没有报数：菜市场、便民菜店、洗衣店、出租房屋（2024Q4、2025Q1）"
    assert heat_views.owed_words(ZH, STANDARD, "1", missing, PERIOD) == "没有报数：菜市场、便民菜店、洗衣店 等 4 项数据\n应由商业科报送。"
    assert heat_views.owed_words(EN, STANDARD, "1", missing[:1], PERIOD) == "Not reported: Market\nTo be reported by: Commerce."
    assert heat_views.owed_words(ZH, STANDARD, "3", [], PERIOD) == "除数为零，无法计算", "nobody owes anything"


# -- a group is one criterion, wherever it is told of ------------------------------------------------------------------


@pytest.mark.usefixtures("shops")
def test_compare_takes_a_group_for_one_criterion() -> None:
    """A is staffed by its newcomers (3 of 2) but has no duties; B has 1 manager where 3 or 4 are needed, and nothing else to do."""
    html = next(each for each in html_of(run("compare", lang="zh", areas="B,C")) if "compared" in each)
    row = next(row for row in html.split("<tr>") if "indicator=2" in row)
    said = text_of(row)
    assert "配备比例 满足其一即可" in said
    assert "未达标 按房屋 1 人（标准值 3 人） 还差 2 人 达标 按人口 3 人（标准值 2 人）" in said
    assert "个条件未达标" not in said
    assert "criterion=" not in row


@pytest.mark.usefixtures("shops")
def test_compare_counts_what_else_is_missed() -> None:
    html = next(each for each in html_of(run("compare", lang="zh", areas="A,B,C")) if "compared" in each)
    said = text_of(next(row for row in html.split("<tr>") if "indicator=2" in row))
    # C meets it. The duties, which A lacks altogether, tell more than the staffing, of which B has a third: so they stand here, and of B that there is more.
    assert "未达标 否 尚未做到 未达标 是 另有 1 个条件未达标 达标 是" in said and said.count("另有 1") == 1


@pytest.mark.usefixtures("shops")
@pytest.mark.parametrize("criterion", ["per_home", "per_newcomer", "written"])
def test_the_headline_of_an_indicator_tells_of_no_gap_that_another_member_closes(criterion: str) -> None:
    text = page_text(run("indicator", lang="zh", indicator="2", criterion=criterion))
    gaps = {
        "per_home": "甲社区 （未达标：职责） 、 乙社区 （还差 2 人）",
        "per_newcomer": "甲社区 （未达标：职责） 、 乙社区 （还差 3 人）",
        "written": "甲社区 （尚未做到） 、 乙社区 （未达标：配备比例）",
    }
    assert sorted(re.findall(r"[甲乙]社区 （[^）]+）", text)[:2]) == sorted(gaps[criterion].split(" 、 "))


# -- a panel whose files are gone -------------------------------------------------------------------------------------


def test_a_panel_tells_what_is_known_where_the_file_is_gone(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(built, tmp_path / "own")
    monkeypatch.setenv("COMPLIANCE_DB", str(folder / "x.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(folder / "indicators.yaml"))
    try:
        run("heatmap", lang="zh")
        for file in (folder / "x.duckdb.originals").iterdir():
            if file.suffix != ".jsonl" and file.is_file() and b"managers" in file.read_bytes():
                file.unlink()
        text = page_text(run("heatmap", lang="zh", area="C", indicator="3"))
        assert "丙社区达标：1 个判定条件全部满足。" in text and "入学人数 2025Q1 96 人 — figures.csv 第 4 行" in text
        assert "原始文件" in text
        opened = run("community", lang="zh", area="C", lines="true")
        opened.selectbox(key="raw").select_index(0).run()
        assert not opened.exception and "原始文件" in page_text(opened)
    finally:
        shell._office().close()
