"""Which of very many areas a list offers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from app_pages import page_text
from streamlit.testing.v1 import AppTest

from compliance import texts
from compliance.questions.queries import Area
from compliance.screen import offering, shell
from compliance.standard import loader
from tests.page_district import PROJECT, build, run

TOWNS = [Area(f"T{n}", f"第{n}街道", "subdistrict", None, None) for n in (1, 2)]
PLACES = [Area(f"C{n:02}", f"阳光第{n}社区", "community", f"T{n % 2 + 1}", f"第{n % 2 + 1}街道") for n in range(80)]


def ids(areas: list[Area]) -> list[str]:
    return [area.id for area in areas]


def test_groups_are_parents_and_the_chosen_ones_leads() -> None:
    groups = offering.groups([*TOWNS, *PLACES], [PLACES[1]])
    assert list(groups) == ["T2", "", "T1"]
    assert ids(list(groups[""])) == ["T1", "T2"]
    assert ids(list(groups["T2"]))[:3] == ["C01", "C03", "C05"]


def test_a_group_is_called_by_its_parent_or_by_its_level() -> None:
    standard, words = loader.load(PROJECT / "indicators.yaml"), texts.words("zh")
    assert offering.title(words, standard, PLACES[:1]) == "第1街道"
    assert offering.title(words, standard, TOWNS) == "街道"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("阳光第7社区", ["C07"]),
        ("c07", ["C07"]),
        ("Ｃ０７", ["C07"]),
        ("第7 第2街道", ["C07", "C71", "C73", "C75", "C77", "C79"]),
        ("没有", []),
        ("<b>", []),
    ],
)
def test_every_word_must_be_found(query: str, expected: list[str]) -> None:
    assert ids(offering.found(PLACES, query)) == expected


def test_a_search_gives_no_more_than_a_list_bears() -> None:
    assert ids(offering.found(PLACES, "")) == [f"C{n:02}" for n in range(offering.MOST_FOUND)]
    assert len(offering.found(PLACES, "社区")) == offering.MOST_FOUND


def test_what_begins_with_the_words_comes_first() -> None:
    areas = [Area("A1", "东风里", "x", None, None), Area("A2", "东里", "x", None, None), Area("A3", "里仁", "x", None, None)]
    assert ids(offering.found(areas, "里")) == ["A3", "A1", "A2"]


def test_what_is_chosen_is_always_offered() -> None:
    assert ids(offering.with_chosen(PLACES[:2], [PLACES[1], PLACES[9]])) == ["C09", "C00", "C01"]


# -- on the pages, as if the sample's areas were very many --------------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("offering") / "x.duckdb"
    build(path)
    yield path
    shell._office().close()
    st.cache_resource.clear()


@pytest.fixture
def many(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_DB", str(database))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", os.fspath(PROJECT / "indicators.yaml"))
    monkeypatch.setattr(offering, "MOST_OFFERED", 20)


def options(app: AppTest, label: str) -> list[str]:
    return next(box.options for box in app.selectbox if box.label == label)


@pytest.mark.usefixtures("many")
def test_a_community_stands_among_those_of_its_subdistrict() -> None:
    app = run("community", lang="zh", area="C0302")
    offered = options(app, "单位")
    assert len(offered) == 15  # data/sample/areas.csv: the communities of S03
    assert len({each.split(" · ")[0] for each in offered}) == 1
    assert len(options(app, "所属")) == 9  # 8 subdistricts, and the subdistricts themselves


@pytest.mark.usefixtures("many")
def test_a_search_looks_everywhere() -> None:
    app = run("community", lang="zh", area="C0302", find="C0101")
    assert len(options(app, "单位")) == 2  # what was found, and what is shown


@pytest.mark.usefixtures("many")
def test_areas_of_several_parents_can_be_compared() -> None:
    app = run("compare", lang="zh", areas="C0302,C0101", under="S02")
    box = app.multiselect[0]
    assert len(box.value) == 2
    assert {each.split(" · ")[0] for each in box.options[2:]} == {"纸鸢街道"}


@pytest.mark.usefixtures("many")
def test_what_was_found_can_be_chosen_and_ends_the_search() -> None:
    app = run("community", lang="zh")
    next(box for box in app.text_input if "编号" in box.label).set_value("C0101").run()
    assert app.query_params["find"] == "C0101"
    next(box for box in app.selectbox if box.label == "单位").set_value("C0101").run()
    assert not app.exception
    assert app.query_params["area"] == "C0101"
    assert "find" not in app.query_params


def listed(app: AppTest) -> list[str]:
    """The areas that the page without an area lists."""
    html = next(element.proto.body for element in app.get("html") if 'class="area-lists"' in element.proto.body)
    return re.findall(r'<th scope="row"[^>]*><a [^>]*area=(\w+)"', html)


@pytest.mark.usefixtures("many")
def test_of_very_many_areas_the_page_lists_one_group_or_what_was_found() -> None:
    assert sorted(listed(run("community", lang="zh", under="S03"))) == [f"C03{n:02}" for n in range(1, 16)]
    assert sorted(listed(run("community", lang="zh", under=""))) == [f"S0{n}" for n in range(1, 9)]
    assert listed(run("community", lang="zh", under="S03", find="C0101")) == ["C0101"]
    assert "没有找到这样的单位" in page_text(run("community", lang="zh", find="没有"))
