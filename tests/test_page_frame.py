"""What holds the pages together: filters and the way out of them, the language of every control."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from app_pages import choose, html_of, lists_of, page_text, text_of
from page_district import STANDARD, run
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.errors import DefinitionError
from compliance.questions.filters import Filters, kind_options, only_attribute
from compliance.screen import controls
from compliance.standard import loader

pytestmark = pytest.mark.usefixtures("on_district", "release")


def clear_link(app: AppTest) -> dict[str, list[str]]:
    """The parameters of the link that clears the filters."""
    found = re.search(r'<a href="([^"]+)">清除筛选', " ".join(html_of(app)))
    assert found is not None
    return parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)


@pytest.mark.parametrize(
    ("page", "subject"),
    [
        ("indicator", {"indicator": "2.5", "criterion": "stairwell_lighting"}),
        ("compare", {"areas": "S01,S07", "level": "subdistrict", "peers": "all"}),
        ("heatmap", {"view": "environment", "sort": "rate", "area": "C0302", "indicator": "2.5"}),
        ("gaps", {"level": "community", "sort": "gap"}),
        ("community", {"area": "C0302"}),
        ("trends", {"level": "subdistrict"}),
    ],
)
def test_clearing_the_filters_keeps_what_the_page_is_about(page: str, subject: dict[str, str]) -> None:
    filters = {"in": "S01", "kind": "estate_type:老旧小区", "owner": "城管办", "status": "unmet", "part": "1"}
    kept = {**subject, "lang": "zh", "period": "2026Q2"}
    narrowed = run(page, **kept, **filters)
    assert clear_link(narrowed) == {name: [value] for name, value in kept.items()}


def test_an_indicator_outside_the_domain_filter_drops_the_filter_and_says_so() -> None:
    """2.5 is of environment, 2.38 of safety."""
    app = run("indicator", lang="zh", indicator="2.5", domain="safety")
    assert "指标 2.5 不属于“社区安全”，已取消这项筛选" in page_text(app)
    assert lists_of(app)["domain"].value == ""
    codes = [option.split(" ")[0] for option in app.selectbox(key="indicator 2.5 zh").options]
    assert codes == [indicator.code for indicator in STANDARD.indicators]
    app.selectbox(key="indicator 2.5 zh").set_value("2.38").run()
    assert "domain" not in app.query_params, "the next choice takes the void filter out of the address"
    assert "已取消" not in page_text(app)


def test_a_domain_filter_lets_go_of_an_indicator_of_another() -> None:
    app = run("indicator", lang="zh", indicator="2.5", criterion="stairwell_lighting")
    choose(app, "domain", "environment")
    assert app.query_params["indicator"] == "2.5"
    choose(app, "domain", "safety")
    assert "indicator" not in app.query_params and app.query_params["domain"] == "safety"
    assert "已取消" not in page_text(app)
    choose(app, "domain", "")
    assert "domain" not in app.query_params


def test_a_filter_by_a_domain_that_fits_is_kept() -> None:
    filters = Filters(parent="S01", domain="safety")
    assert filters.for_indicator("safety") == filters.for_indicator(None) == filters
    assert filters.for_indicator("environment") == Filters(parent="S01")


def test_a_filter_by_parent_does_not_shorten_the_list_of_parents_to_compare() -> None:
    app = run("compare", lang="zh", level="subdistrict", **{"in": "S01"})
    assert len(app.multiselect[0].options) == 8
    assert "达标率最低、居中、最高的街道（3 个）" in page_text(app)
    app = run("compare", lang="zh", level="community", **{"in": "S01"})
    options = app.multiselect[0].options
    assert options and all(option.startswith("萤火街道") for option in options)


OLD = "estate_type:老旧小区"


@pytest.mark.parametrize(
    ("page", "address", "held", "not_held", "asked"),
    [
        ("trends", {"kind": OLD}, "筛选：老旧小区 清除", "", ""),
        ("trends", {"kind": OLD, "level": "subdistrict"}, "", "街道不按“老旧小区”筛选", ""),
        ("heatmap", {"kind": OLD, "rows": "subdistrict"}, "", "街道不按“老旧小区”筛选", "8 个街道"),
        ("heatmap", {"kind": OLD, "rows": "subdistrict.community"}, "筛选：老旧小区 清除", "", ""),
        ("heatmap", {"domain": "safety"}, "筛选：社区安全 清除", "", ""),
        ("heatmap", {"domain": "safety", "view": "environment"}, "", "本页不按“社区安全”筛选", ""),
        ("indicator", {"indicator": "1.1", "in": "S02", "kind": OLD}, "筛选：纸鸢街道 清除", "街道不按“老旧小区”筛选", "1 个已判定的街道"),
        ("compare", {"areas": "C0105,C0302", "in": "S01", "domain": "safety"}, "筛选：社区安全 清除", "“萤火街道”只缩短可选名单", ""),
        ("compare", {"areas": "S01,S07", "domain": "safety"}, "", "街道不按“社区安全”筛选", ""),
        ("definitions", {"domain": "organization"}, "筛选：组织机构 清除", "", ""),
        ("community", {"area": "C0105", "in": "S02"}, "", "本页不按“纸鸢街道”筛选", ""),
    ],
)
def test_the_filter_line_says_what_holds_and_what_does_not(page: str, address: dict[str, str], held: str, not_held: str, asked: str) -> None:
    app = run(page, lang="zh", **address)
    line = next(text for text in map(text_of, html_of(app)) if "清除筛选" in text)
    assert held in line and ("筛选：" in line) == bool(held), line
    assert not_held in line and ("不按" in line or "不影响" in line) == bool(not_held), line
    assert asked in page_text(app)


@pytest.mark.parametrize(("level", "is_named"), [("community", True), ("subdistrict", False)])
def test_heading_and_files_name_the_filters_that_hold_and_no_others(level: str, is_named: bool) -> None:
    """The line above the title, and the foot of each printed sheet; files take the same words."""
    app = run("trends", lang="zh", level=level, kind=OLD)
    heading = next(text_of(html) for html in html_of(app) if "eyebrow" in html)
    printed = next(element.proto.body for element in app.get("html") if "@bottom-left" in element.proto.body)
    assert [("老旧小区" in said) for said in (heading, printed)] == [is_named] * 2


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("gaps", {"owner": "民政科", "in": "S07"}),
        ("gaps", {"level": "subdistrict", "owner": "组织部"}),
        ("indicator", {"indicator": "2.5"}),
        ("indicator", {"indicator": "1.1"}),
        ("trends", {}),
        ("compare", {"areas": "C0105,C0302"}),
        ("heatmap", {"area": "C0302", "indicator": "2.5"}),
    ],
)
def test_a_link_to_a_cell_names_its_matrix_and_a_link_to_an_area_chooses_no_filter(page: str, address: dict[str, str]) -> None:
    """What is only implied by an indicator is lost with it; a filter that nobody chose would narrow the next page."""
    html = " ".join(html_of(run(page, lang="zh", **address))).replace("&amp;", "&")
    cells = [parse_qs(link) for link in re.findall(r'href="heatmap\?([^"]+)"', html) if "indicator=" in link and "lang=zh" in link]
    assert cells or page == "heatmap"
    for link in cells:
        indicator = STANDARD.indicator_by_code[link["indicator"][0]]
        assert (link["rows"], link["view"]) == ([indicator.level], [STANDARD.domain_of[indicator.code].id]), link
    areas = re.findall(r'href="community\?([^"]+)"', html)
    assert areas and not [link for link in areas if "domain=" in link]


def test_closing_a_cell_keeps_the_matrix_that_only_its_indicator_named() -> None:
    app = run("heatmap", lang="zh", area="S02", indicator="1.1")
    closed = re.search(r'<a href="([^"]+)"[^>]*class="close"', " ".join(html_of(app)))
    assert closed is not None
    kept = parse_qs(urlsplit(closed[1].replace("&amp;", "&")).query)
    assert (kept["rows"], kept["view"]) == (["subdistrict"], ["organization"]) and not {"area", "indicator"} & set(kept)
    app.selectbox(key="view organization zh").set_value("domains").run()
    assert app.query_params["rows"] == "subdistrict" and "indicator" not in app.query_params
    assert "没有“" not in page_text(app)


@pytest.mark.parametrize(
    ("asked", "holding", "first"), [(None, 0, 0), (None, 199, 0), (None, 200, 200), (None, 4999, 4800), ("201", 4999, 200), (None, 6999, 6800)]
)
def test_without_a_part_the_screenful_with_the_area_is_shown(asked: str | None, holding: int, first: int) -> None:
    def pick(name: str, options: list[str], label: str, title: object, *, usual: str) -> str:
        return asked or usual

    assert controls.screenful(texts.words("zh"), 7000, pick, holding) == list(range(first, first + 200))


@pytest.mark.parametrize(("parameter", "key", "value"), [("sort", "sort name zh", "gap"), ("status", "status  zh", "unmet"), ("owner", "owner  zh", "城管办")])
def test_another_order_or_choice_of_rows_begins_at_the_first(parameter: str, key: str, value: str) -> None:
    app = run("heatmap", lang="zh", part="201")
    app.selectbox(key=key).set_value(value).run()
    assert app.query_params[parameter] == value and "part" not in app.query_params


def test_other_filters_and_periods_begin_at_the_first_row() -> None:
    assert all("part" in resets for each in lists_of(run("heatmap", lang="zh", part="201")).values() for resets in each.resets.values())


def test_a_figure_is_put_right_only_in_periods_that_were_reported() -> None:
    """The first quarter of the sample looks back over a year of which nothing is known."""
    html = " ".join(html_of(run("community", lang="zh", area="C0302", period="2026Q2")))
    periods_named = set(re.findall(r'correct=[^"]*&amp;at=(\w+)"', html))
    assert periods_named == {"2026Q1"}


def test_as_a_table_sums_lead_to_their_areas_and_nothing_is_turned() -> None:
    app = run("heatmap", lang="zh", rows="subdistrict.community", view="environment", table="1", transpose="1")
    assert not [box for box in app.selectbox if box.label == texts.words("zh")("heatmap.transpose")]
    names = re.findall(r'<a href="([^"]+)">纸鸢街道', " ".join(html_of(app)).replace("&amp;", "&"))
    assert names and all(parse_qs(urlsplit(each).query).items() >= {"in": ["S02"], "rows": ["community"], "view": ["environment"]}.items() for each in names)


def test_switching_the_language_leaves_no_control_in_the_old_one() -> None:
    """A control whose key stays keeps in the browser the words that were chosen in the other language."""
    app = run("indicator", lang="zh", indicator="2.5", **{"in": "S01"})
    before = {box.key: box.value for box in app.selectbox}
    app.query_params["lang"] = "en"
    app.run()
    after = {box.key: box.value for box in app.selectbox}
    assert set(before) & set(after) == set()
    assert list(after.values()) == list(before.values())
    assert [(each.label, each.options[each.value]) for each in lists_of(app).values()] == [
        ("Period", "2026 Q3"),
        ("Subdistrict", "萤火街道"),
        ("Domain", "All"),
        ("Estate type", "All"),
    ]


def test_an_attribute_of_areas_is_called_by_its_title() -> None:
    assert lists_of(run("gaps", lang="zh"))["kind"].label == "小区类型"
    assert lists_of(run("gaps", lang="en"))["kind"].label == "Estate type"
    one = kind_options({"estate": ("old", "new")}, {"estate": "Estate"})
    assert one == {"estate:old": "old", "estate:new": "new"} and only_attribute(one) == "estate"
    two = kind_options({"estate": ("old",), "zone": ("a:b",)}, {"estate": "Estate"})
    assert two == {"estate:old": "Estate = old", "zone:a:b": "zone = a:b"} and only_attribute(two) is None
    assert only_attribute({}) is None


@pytest.mark.parametrize(
    ("entries", "faults"),
    [
        ("- {id: a, title: {zh: 甲, en: A}}\n  - {id: A, title: {zh: 乙, en: B}}", ["definitions.duplicate_attribute"]),
        ("- {id: a}", ["fields.missing"]),
        ("- {id: a, titel: {zh: 甲, en: A}, title: {zh: 甲, en: A}}", ["fields.unknown_key_listed"]),
    ],
)
def test_bad_attributes_are_refused(entries: str, faults: list[str]) -> None:
    text = STANDARD.source.split("attributes:\n")[0] + f"attributes:\n  {entries}\n"
    with pytest.raises(DefinitionError) as caught:
        loader.parse(text)
    assert [problem.key for problem in caught.value.problems] == faults
