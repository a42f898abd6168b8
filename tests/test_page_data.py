"""The data page as a clerk meets it: refused, given back, checked, ticked, confirmed; overtaken by someone else; as a reader; on an empty database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from app_pages import page_text, settled, store, use_small_district
from district import METRICS, STANDARD, TEXT, areas, changed, content, source, value
from page_district import run
from streamlit.testing.v1 import AppTest

from compliance.access import Role, User, local_user
from compliance.questions import import_queries
from compliance.screen import entrance, shell
from compliance.storage.importer import import_source
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("release")
Q1, Q2 = 8100, 8101
FIRST = f"{METRICS}C1,2025Q1,100,60,95,3,0.5\nC2,2025Q1,100,40,89,4,0.7\n"
CALM = f"{METRICS}一社区,2025Q2,100,60,96,3,0.5\n".encode("gb18030")
JUMPY = f"{METRICS}C1,2025Q2,900,60,60,3,0.5\n".encode("gb18030")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database of its own, with two communities and a quarter."""
    path = use_small_district(tmp_path, monkeypatch)
    with Store(path, STANDARD) as store:
        import_source(store, areas(), user=local_user())
        import_source(store, source("q1.csv", FIRST), user=local_user())
    yield path
    shell._office().close()


def hand_in(app: AppTest, *files: tuple[str, bytes]) -> str:
    """Drops the files and waits for the check; gives what the page says."""
    app.file_uploader[0].set_value([(name, data, "text/csv") for name, data in files])
    app.run()
    return settled(app)


def confirm(app: AppTest) -> str:
    next(button for button in app.button if button.key.startswith("confirm")).click()
    app.run()
    return settled(app)


def test_a_file_in_gbk_is_checked_confirmed_and_seen(database: Path) -> None:
    app = run("data", lang="zh")
    said = hand_in(app, ("二季度.csv", CALM))
    assert "二季度.csv 没有问题 GBK 编码" in said
    assert "新增的数字 5 改动的数字 0 与现有相同 0" in said
    assert value(store(), "lighting_rate", "C1", Q2) is None, "nothing is saved before the confirmation"
    assert "已导入 1 个文件" in confirm(app)
    assert value(store(), "lighting_rate", "C1", Q2) == 96


def test_a_mended_file_takes_the_place_of_the_one_that_bears_its_name(database: Path) -> None:
    """A clerk mends the file where it lies and drops it again."""
    app = run("data", lang="zh")
    assert "1 处问题" in hand_in(app, ("二季度.csv", CALM.replace(b",96,", b",960,")))
    said = hand_in(app, ("二季度.csv", CALM.replace(b",96,", b",960,")), ("二季度.csv", CALM))
    assert "只用最后放入的那一份" in said
    assert "二季度.csv 没有问题" in said
    assert "1 处问题" not in said
    confirm(app)
    assert value(store(), "lighting_rate", "C1", Q2) == 96


def test_what_was_imported_leads_to_what_it_touched_and_the_same_file_to_the_import_before(database: Path) -> None:
    app = run("data", lang="zh")
    hand_in(app, ("二季度.csv", JUMPY))
    app.checkbox[0].check().run()
    settled(app)
    confirm(app)
    links = hrefs(app)
    assert "history?lang=zh&period=2025Q2&import=3" in links and "community?lang=zh&period=2025Q2&area=C1" in links
    # 60 % of the stairwells are lit, fewer than half of the households served; nothing was known of the quarter before.
    cells = {f"heatmap?lang=zh&period=2025Q2&view={domain}&rows=community&area=C1&indicator={code}" for domain, code in (("streets", "2.1"), ("care", "2.3"))}
    assert cells <= links
    again = run("data", lang="zh")
    assert "请先撤销第 3 号" in hand_in(again, ("又一次.csv", JUMPY))
    assert "history?lang=zh&period=2025Q2&import=3" in hrefs(again)


def hrefs(app: AppTest) -> set[str]:
    return {unescape(found) for part in app.get("html") for found in re.findall(r'href="([^"]*)"', str(part.value))}


def test_what_looks_odd_must_be_ticked(database: Path) -> None:
    app = run("data", lang="zh")
    said = hand_in(app, ("二季度.csv", JUMPY))
    assert "与上期相差悬殊" in said and "二季度.csv 第 2 行" in said
    assert "二季度.csv 有 2 处要核对" in said and "没有问题" not in said.split("请再看一眼")[0]
    assert next(button for button in app.button if button.key.startswith("confirm")).disabled
    app.checkbox[0].check().run()
    assert not next(button for button in app.button if button.key.startswith("confirm")).disabled
    confirm(app)
    assert value(store(), "households", "C1", Q2) == 900


def test_what_begins_with_a_new_period_is_said_apart(database: Path) -> None:
    import_source(store(), source("e.csv", "area_id,indicator,from,to,reason\nC2,2.1,2025Q1,,在建\n"), user=local_user())
    said = hand_in(run("data", lang="zh"), ("二季度.csv", CALM))
    assert "变为不适用" not in said
    assert "不计入上面的数：1 项不适用（登记过的豁免继续有效）" in said


def test_replaced_figures_are_shown_old_and_new(database: Path) -> None:
    said = hand_in(run("data", lang="en"), ("again.csv", f"{METRICS}C1,2025Q1,100,60,80,3,0.5\n".encode()))
    assert "new figures 0 figures changed 1 as they were 4" in said
    assert "95% 80%" in said and "become met 0 become not met 1" in said


def test_a_refused_file_changes_nothing_and_comes_back(database: Path) -> None:
    before = content(store())
    app = run("data", lang="zh")
    said = hand_in(app, ("bad.csv", f"{METRICS}C1,2025Q2,100户,60,96,3,0.5\nC9,2025Q2,100,60,196,3,0.5\n".encode()), ("fine.csv", CALM))
    assert "有 3 处问题，什么都没有保存" in said and "bad.csv 3 处问题" in said and "fine.csv 本身没有问题" in said
    assert "只写数字，不要带单位或其他文字。" in said and "第 2 行 households C1 100户" in said
    assert not [button for button in app.button if button.key.startswith("confirm")]
    assert [button.proto.label.replace("\\", "") for button in app.get("download_button")] == ["下载 bad-标出问题.csv（原样，错处和原因已标出）"]
    assert content(store()) == before


def test_a_name_that_is_near_nothing_leads_to_the_list_of_names(database: Path) -> None:
    app = run("data", lang="zh")
    said = hand_in(app, ("x.csv", f"{METRICS}完全不同的名字,2025Q2,100,60,96,3,0.5\n".encode()))
    assert "没有这个单位" in said and "单位名册（编号和全称）可在“填报模板”页下载" in said
    assert any(
        'href="templates' in str(html.value) or "/templates" in str(html.value) for html in app.get("html") if "单位名册（编号和全称）" in str(html.value)
    )


def test_columns_that_nothing_is_known_of_can_be_left_out(database: Path) -> None:
    app = run("data", lang="zh")
    assert "没有这个列名" in hand_in(app, ("extra.csv", b"area_id,period,lighting_rate,zzzzzz\nC1,2025Q2,96,x\n"))
    app.multiselect[0].set_value(["zzzzzz"]).run()
    assert "不导入：zzzzzz" in settled(app)
    confirm(app)
    assert value(store(), "lighting_rate", "C1", Q2) == 96


def test_a_name_is_put_right_only_once_it_is_ticked_and_both_files_are_kept(database: Path) -> None:
    handed = f'{METRICS}"一社区居委会",2025Q2,100,60,96,3,0.5\n五社区,2025Q2,100,50,95,3,0.5\n'.encode("gb18030")
    app = run("data", lang="zh")
    said = hand_in(app, ("二季度.csv", handed))
    assert "有 2 处问题" in said and "有些内容可以在这里直接改" in said
    assert [box.label.replace("\\", "") for box in app.checkbox] == ["“area_id”列的“一社区居委会”改为 一社区 (C1)（二季度.csv 第 2 行）"]
    assert [radio.options for radio in app.radio if radio.key.startswith("name")] == [["不改", "一社区 \\(C1\\)", "三社区 \\(C3\\)", "二社区 \\(C2\\)"]]
    assert not app.checkbox[0].value
    app.checkbox[0].check().run()
    said = settled(app)
    assert "有 1 处问题" in said and "二季度（已更正）.csv" in said and "已更正 1 项" in said
    next(radio for radio in app.radio if radio.key.startswith("name")).set_value("二社区 (C2)").run()
    assert "没有问题" in settled(app)
    app.checkbox[0].uncheck().run()
    assert "有 1 处问题" in settled(app), "what was ticked can be taken back"
    app.checkbox[0].check().run()
    settled(app)
    assert [button.proto.label.replace("\\", "") for button in app.get("download_button")] == ["下载 二季度（已更正）.csv（已更正，其余原样）"]
    confirm(app)
    assert [value(store(), "households_served", area, Q2) for area in ("C1", "C2")] == [60, 50]
    found = import_queries.handed_in(store().cursor(), 3)
    assert found is not None and (found.file_name, store().archive.original(found.sha256)) == ("二季度.csv", handed)
    told = page_text(run("history", lang="zh", **{"import": "3"}))
    assert "“area_id”列的“一社区居委会”改为 一社区 (C1)" in told and "“area_id”列的“五社区”改为 二社区 (C2)" in told


def test_titles_and_totals_are_left_out_at_a_tick_and_the_history_says_so(database: Path) -> None:
    handed = f"六型统计表,,,,,,\n{METRICS}一社区,2025Q2,100,60,96,3,0.5\n合计,,100,60,,3,\n".encode("gb18030")
    app = run("data", lang="zh")
    assert "有 2 处问题" in hand_in(app, ("二季度.csv", handed))
    labels = [box.label.replace("\\", "") for box in app.checkbox]
    assert labels == ["不导入这 2 行（不是各单位的数据）：第 1 行“六型统计表”、第 4 行“合计”（二季度.csv）"]
    app.checkbox[0].check().run()
    assert "二季度（已更正）.csv 没有问题 GBK 编码" in (said := settled(app)) and "2 行不导入" in said
    app.checkbox[0].uncheck().run()
    assert "有 2 处问题" in settled(app), "what was ticked can be taken back"
    app.checkbox[0].check().run()
    settled(app)
    confirm(app)
    assert value(store(), "lighting_rate", "C1", Q2) == 96
    assert "不导入第 1、4 行（不是各单位的数据）" in page_text(run("history", lang="zh", **{"import": "3"}))


def test_faulty_and_replaced_cells_are_marked_among_the_first_rows(database: Path) -> None:
    app = run("data", lang="en")
    hand_in(app, ("bad.csv", f"{METRICS}一社,2025Q2,100户,60,96,3,0.5\n合计,,,,,,\n".encode()))
    shown = "".join(str(part.value) for part in app.get("html") if "glimpse" in str(part.value))
    assert re.findall(r'<t[dh][^>]*class="[^"]*faulty"[^>]*>([^<]*)<', shown) == ["一社", "100户", "3"], "a line that is no data is marked at its number"
    next(box for box in app.checkbox if "一社" in box.label).check().run()
    settled(app)
    shown = "".join(str(part.value) for part in app.get("html") if "glimpse" in str(part.value))
    assert re.findall(r'class="replaced" title="([^"]*)">([^<]*)<', shown) == [("was “一社”", "一社区 (C1)")]


def test_a_preview_that_was_overtaken_is_shown_anew(database: Path) -> None:
    app = run("data", lang="zh")
    hand_in(app, ("二季度.csv", CALM))
    import_source(store(), source("other.csv", f"{METRICS}C1,2025Q2,50,20,91,1,0.4\n"), user=User("另一人", "editor"))
    said = confirm(app)
    assert "别人改动了数据" in said and "改动的数字 5" in said
    assert value(store(), "lighting_rate", "C1", Q2) == 91
    assert "已导入 1 个文件" in confirm(app)
    assert value(store(), "lighting_rate", "C1", Q2) == 96


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("editor", True), ("admin", True)])
def test_who_may_hand_in(database: Path, monkeypatch: pytest.MonkeyPatch, role: Role, may: bool) -> None:
    monkeypatch.setattr(entrance, "user", lambda _: User("某人", role))
    app = run("data", lang="zh")
    assert bool(app.file_uploader) == may
    assert ("您的身份是只读用户" in page_text(app)) != may


def test_someone_bound_to_other_areas_is_told_so(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "user", lambda _: User("某人", "editor", frozenset({"C2"})))
    assert "什么都没有保存" in hand_in(run("data", lang="zh"), ("二季度.csv", CALM))


def test_an_empty_database_says_where_to_begin(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "empty.duckdb"))
    for page in ("data", "heatmap"):
        said = page_text(run(page, lang="zh"))
        assert "先导入单位名册" in said, page
    app = run("data", lang="zh")
    hand_in(app, ("areas.csv", areas().content), ("q1.csv", FIRST.encode()))
    said = confirm(app)
    assert "已导入 2 个文件" in said and "数据导入截至" in said, "the foot is that of the data as they are now"
    assert value(store(), "lighting_rate", "C1", Q1) == 95


def test_a_code_that_may_have_lost_its_zero_is_told_and_must_be_ticked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use_small_district(tmp_path, monkeypatch)
    standard = changed(TEXT, '"2.2"', '"2.10"')
    (tmp_path / "small.yaml").write_text(standard.source, encoding="utf-8")
    with Store(path, standard) as small:
        import_source(small, areas(), user=local_user())
    try:
        app = run("data", lang="zh")
        said = hand_in(app, ("豁免.csv", "单位,指标,起,止,原因\n一社区,2.1,2025Q1,,在建\n二社区,投诉,2025Q1,2025Q3,在建\n".encode()))
        assert "一社区 2.1 亮灯 2.10 投诉 2025Q1 起 豁免.csv 第 2 行" in said
        assert "将登记的豁免（1 条）" in said and "二社区 2.10 投诉 2025Q1 至 2025Q3 豁免.csv 第 3 行" in said
        assert next(button for button in app.button if button.key.startswith("confirm")).disabled
        app.checkbox[0].check().run()
        confirm(app)
        found = store().cursor().execute("SELECT area_id, indicator FROM exemptions ORDER BY area_id").fetchall()
        assert found == [("C1", "2.1"), ("C2", "2.10")]
    finally:
        shell._office().close()
