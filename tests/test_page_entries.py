"""One figure put right on its area's page; exemptions and outside figures entered, ended and undone: by whom, with what turning."""

from __future__ import annotations

from pathlib import Path

import harbours
import pytest
from app_pages import html_of, page_text, settled, store
from district import METRICS, source, value
from page_district import run
from streamlit.testing.v1 import AppTest
from test_page_history import ANN, Q1, be, database, press, sent

from compliance.access import Role, User
from compliance.storage.importer import import_source

__all__ = ["database"]
pytestmark = pytest.mark.usefixtures("release")
LIT = {"lang": "zh", "area": "C1", "period": "2025Q1", "correct": "lighting_rate"}


def fill(app: AppTest, why: str, texts: dict[str, str], lists: dict[str, str] | None = None) -> str:
    """Fills a form in and asks for its preview. texts and lists: beginning of the key → what is filled in or chosen (as it is read)."""
    for start, text in {**texts, "reason": why}.items():
        next(box for box in app.text_input if box.key.startswith(start)).set_value(text)
    for start, title in (lists or {}).items():
        box = next(box for box in app.selectbox if box.key.startswith(start))
        box.set_value(next(option for option in box.options if option.startswith(title)))
    sent(app).click()
    app.run()
    return settled(app)


# -- one figure ----------------------------------------------------------------------------------------------------------


def test_a_figure_is_put_right_and_can_be_traced(database: Path) -> None:
    app = run("community", **LIT)
    said = page_text(app)
    assert "更正一社区的“楼道亮灯率”（2025Q1）" in said and "现在的数：80%" in said and "亮灯.csv" in said
    assert "空白不改变任何数值" in fill(app, "核对过", {"value": " "})
    assert "没有写原因" in fill(app, "", {"value": "93"})
    assert "只写数字" in fill(app, "核对过", {"value": "93户"})
    said = fill(app, "核对过台账", {"value": "93"})
    assert "80% → 93%" in said and "2.1 亮灯（2025Q1）：未达标 → 达标" in said
    assert value(store(), "lighting_rate", "C1", Q1) == 80, "a preview changes nothing"
    said = press(app, "confirm correct C1 lighting_rate 2025Q1")
    assert "已更正“楼道亮灯率”，记为第 5 号" in said and "更正一社区的" not in said
    assert value(store(), "lighting_rate", "C1", Q1) == 93
    assert "更正-C1-2025Q1-lighting_rate.csv" in said, "the page says where the figure comes from"
    record = page_text(run("history", lang="zh", **{"import": "5"}))
    assert "核对过台账" in record and "一社区 2025Q1 楼道亮灯率 93 93% 93% 有效" in record
    store().undo(5, user=ANN, why="again")
    assert value(store(), "lighting_rate", "C1", Q1) == 80


def test_a_figure_that_nobody_reported_can_be_entered(database: Path) -> None:
    app = run("community", lang="en", area="C3", period="2025Q1", correct="complaints")
    assert "Now: not reported" in page_text(app)
    fill(app, "by telephone", {"value": "2"})
    press(app, "confirm correct C3 complaints 2025Q1")
    assert value(store(), "complaints", "C3", Q1) == 2


def test_a_figure_far_from_the_period_before_must_be_ticked(database: Path) -> None:
    import_source(store(), source("q2.csv", f"{METRICS}C2,2025Q2,100,40,89,4,0.7\n"), user=ANN)
    app = run("community", lang="zh", area="C1", period="2025Q2", correct="lighting_rate")
    key = "confirm correct C1 lighting_rate 2025Q2"
    said = fill(app, "核对过", {"value": "15"})  # 80 in the first quarter
    doubt = next(html for html in html_of(app) if "相差悬殊" in html)
    assert "一社区 2025Q2 楼道亮灯率 80% 15%" in said and "第 2 行" not in doubt, "what is typed in stands on no line"
    assert app.button(key).disabled
    app.checkbox[0].check().run()
    assert not app.button(key).disabled
    fill(app, "核对过", {"value": "16"})
    assert app.button(key).disabled, "another figure must be ticked anew"
    assert "与上期相差悬殊" not in fill(app, "核对过", {"value": "85"}) and not app.checkbox
    press(app, key)
    assert value(store(), "lighting_rate", "C1", Q1 + 1) == 85


@pytest.mark.parametrize(
    ("role", "areas", "may"),
    [("viewer", None, False), ("editor", None, True), ("admin", None, True), ("editor", {"S1"}, True), ("editor", {"C2"}, False)],
)
def test_who_may_put_a_figure_right(database: Path, monkeypatch: pytest.MonkeyPatch, role: Role, areas: set[str] | None, may: bool) -> None:
    be(monkeypatch, User("某人", role, frozenset(areas) if areas else None))
    app = run("community", **LIT)
    assert bool([box for box in app.text_input if box.key.startswith("value")]) == may
    assert ("您不能更正一社区的数" in page_text(app)) != may
    assert any('class="amend"' in html for html in html_of(app)) == may


def test_a_figure_that_is_none_is_said(database: Path) -> None:
    assert "没有可以更正的数“police”" in page_text(run("community", **{**LIT, "correct": "police"}))
    assert "没有可以更正的数“meetings”" in page_text(run("community", **{**LIT, "correct": "meetings"})), "a figure of another level"


# -- exemptions ----------------------------------------------------------------------------------------------------------


def test_an_exemption_is_entered_ended_and_undone(database: Path) -> None:
    app = run("entries", lang="zh", level="community")
    assert "还没有登记过豁免" in page_text(app)
    lists = {"area": "南街道 · 一社区", "indicator": "2.1", "from": "2025年第1季度"}
    said = fill(app, "危房腾空 <b>待拆</b>", {}, lists)
    assert "达标结论： 1 项变为不适用" in said.replace("：1", "： 1")
    said = press(app, "confirm exempt community")
    assert "豁免已登记，记为第 5 号" in said and "豁免 1 项" in said and "2025Q1 至 长期 本期有效" in said and "危房腾空 <b>待拆</b>" in said
    app = run("entries", lang="zh", end="C1", of="2.1", since="2025Q1")
    assert "结束豁免：一社区，2.1 亮灯" in page_text(app)
    said = fill(app, "已拆完", {}, {"to": "2025年第1季度"})
    assert "达标结论：没有变化" in said
    said = press(app, "confirm end C1 2.1 2025Q1")
    assert "豁免已定好最后一期，记为第 6 号" in said and "2025Q1 至 2025Q1" in said
    assert "危房腾空 <b>待拆</b>" in said, "why it was exempt stays what it was"
    record = page_text(run("history", lang="zh", **{"import": "6"}))
    assert "已拆完" in record and "C1 一社区 2.1 2025Q1 2025Q1 危房腾空 <b>待拆</b> 有效" in record
    assert "被第 6 号覆盖" in page_text(run("history", lang="zh", **{"import": "5"}))
    for number in (6, 5):
        store().undo(number, user=ANN)
    assert "还没有登记过豁免" in page_text(run("entries", lang="zh"))


def test_an_exemption_that_is_not_whole_is_refused(database: Path) -> None:
    app = run("entries", lang="zh", level="community")
    assert "没有写原因" in fill(app, " ", {})
    said = fill(app, "危房", {}, {"from": "2025年第1季度"})
    assert "没有保存" in said and "area_id" in said and "indicator" in said
    assert not [button for button in app.button if str(button.key).startswith("confirm")]


# -- figures from outside ------------------------------------------------------------------------------------------------


def test_an_outside_figure_is_entered_and_turns_what_waits_for_it(database: Path) -> None:
    app = run("entries", lang="zh", view="parameters", parameter="city_rate", at="2025Q1")
    said = fill_parameter(app, "0.6", "市信访局通报")
    # C1 has 0.5, C2 0.7; C3 did not say.
    assert "1 项变为达标" in said and "1 项变为未达标" in said
    said = press(app, "confirm parameter")
    assert "参数已填写，记为第 5 号" in said and "2025Q1 全市上访率 0.6‰ 市信访局通报" in said


def fill_parameter(app: AppTest, text: str, why: str) -> str:
    for start, filled in {"value parameter": text, "reason parameter": why}.items():
        next(box for box in app.text_input if box.key.startswith(start)).set_value(filled)
    sent(app, "form parameter").click()
    app.run()
    return settled(app)


@pytest.mark.parametrize(
    ("role", "areas", "may_exempt", "may_end", "may_set"),
    [
        ("viewer", None, False, False, False),
        ("editor", None, True, True, True),
        ("admin", None, True, True, True),
        ("editor", {"C2"}, True, False, False),
        ("editor", {"S1"}, True, True, False),
    ],
)
def test_who_sees_which_form(
    database: Path, monkeypatch: pytest.MonkeyPatch, role: Role, areas: set[str] | None, may_exempt: bool, may_end: bool, may_set: bool
) -> None:
    exemption = source("e.csv", "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,x\n")
    import_source(store(), exemption, user=ANN)
    be(monkeypatch, User("某人", role, frozenset(areas) if areas else None))
    app = run("entries", lang="zh", level="community")
    assert bool(app.text_input) == may_exempt
    assert any("结束这项豁免" in html for html in html_of(app)) == may_end
    if areas == {"C2"}:
        box = next(box for box in app.selectbox if box.key.startswith("area"))
        assert box.options == ["南街道 · 二社区"]
    ending = run("entries", lang="zh", end="C1", of="2.1", since="2025Q1")
    assert ("结束豁免：一社区" in page_text(ending)) == may_end
    assert bool(run("entries", lang="zh", view="parameters").text_input) == may_set


def test_exemptions_of_one_subdistrict(database: Path) -> None:
    more = "area_id,name,level,parent_id\nS2,北街道,subdistrict,\nC9,九社区,community,S2\n"
    import_source(store(), source("more.csv", more), user=ANN)
    rows = "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,x\nC9,2.1,2025Q1,2025Q2,y\nS2,1.1,2025Q1,,z\n"
    import_source(store(), source("e.csv", rows), user=ANN)
    assert "豁免 3 项" in page_text(run("entries", lang="zh"))
    assert "豁免 2 项" in page_text(run("entries", lang="zh", **{"in": "S2"}))


# -- another standard ------------------------------------------------------------------------------------------------------


def test_a_standard_of_one_level_without_outside_figures(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "harbours.yaml").write_text(harbours.TEXT, encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "harbours.yaml"))
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "harbours.duckdb"))
    run("entries", lang="en")  # nothing there yet
    for name, text in {"areas.csv": harbours.AREAS, "figures.csv": harbours.METRICS}.items():
        import_source(store(), source(name, text), user=ANN)
    app = run("community", lang="en", area="H1", correct="lights")
    said = fill(app, "looked again", {"value": "91"})
    assert "89.9999% → 91%" in said and "S-1 Lights (2025): Not met → Met" in said
    assert "as no. 3" in press(app, "confirm correct H1 lights 2025")
    app = run("entries", lang="en")
    assert "Parameters" not in page_text(app)
    fill(app, "closed", {}, {"area": "East", "indicator": "S-2", "from": "2025"})
    assert "2025 – open-ended" in press(app, "confirm exempt harbour")
    said = page_text(run("history", lang="en", **{"import": "4"}))
    assert "H3 East S-2 2025 open-ended closed counts" in said
