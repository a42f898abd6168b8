"""Names put right in a file at the click of whoever hands it in: the rest of it stays as it was, the file of before is kept, and a rebuild knows both."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_calamine
from district import STANDARD, areas, content, source, value
from test_workbooks import altered, workbook

from compliance.access import User, local_user
from compliance.errors import ImportDataError, Problem
from compliance.files import reading
from compliance.files.reading import Replacement, Source, replaced
from compliance.questions import import_queries
from compliance.server.naming import Naming
from compliance.storage import backup, recovery
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

Q1 = 8100
QUARTERS = [f"202{year}Q{quarter}" for year in (4, 5) for quarter in (1, 2, 3, 4)]
HEADER = "单位,考核期,户数,楼道亮灯率"
HEAD = HEADER.split(",")
WRONG = Replacement("单位", "一社区居委会", "一社区 (C1)")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_sources(store, [areas()], user=local_user())
        yield store


def refused(store: Store, *files: Source) -> tuple[Problem, ...]:
    with pytest.raises(ImportDataError) as caught:
        import_sources(store, files, user=local_user(), dry_run=True)
    return caught.value.problems


# -- what is offered -----------------------------------------------------------------------------------------------------


OFFERED = [
    (f"{HEADER}\n一社,2025Q1,100,95\n", ("一社区 (C1)",)),
    # Three are equally near: which one was meant is for a person to say.
    (f"{HEADER}\n四社区,2025Q1,100,95\n", ("一社区 (C1)", "三社区 (C3)", "二社区 (C2)")),
    (f"{HEADER}\nC11,2025Q1,100,95\n", ("一社区 (C1)",)),
    (f"{HEADER}\n完全不同的名字,2025Q1,100,95\n", ()),
    ("单位,考核期,户数,楼道亮灯律\n一社区,2025Q1,100,95\n", ("楼道亮灯率",)),
    (f"{HEADER}\n一社区,2025Q1,100,95\n二社区,2025Q1,100,0.88\n", ("88%", "0.88%")),
    ("单位,指标,起,止,原因\n一社区,亮灯灯,2025Q1,,停电\n", ("亮灯",)),
]


@pytest.mark.parametrize(("text", "options"), OFFERED)
def test_a_fault_offers_what_may_have_been_meant(store: Store, text: str, options: tuple[str, ...]) -> None:
    (problem,) = refused(store, source("x.csv", text))
    assert problem.options == options


def test_a_whole_column_of_fractions_is_for_the_file_to_say(store: Store) -> None:
    rows = "".join(f"{area},{period},100,0.{figure}\n" for area, period, figure in zip(["一社区", "二社区"] * 4, QUARTERS, range(81, 89), strict=True))
    assert {problem.options for problem in refused(store, source("x.csv", f"{HEADER}\n{rows}"))} == {()}


def test_a_name_that_cannot_be_told_from_others_is_offered_as_its_id(store: Store) -> None:
    more = "area_id,name,level,parent_id\nC4(旧),四号(新)社区,community,S1\nC5,同名社区,community,S1\nC6,同名社区,community,S1\n"
    import_sources(store, [source("more.csv", more)], user=local_user())
    (problem,) = refused(store, source("x.csv", f"{HEADER}\n四号新社区,2025Q1,100,95\n"))
    assert problem.options == ("C4(旧)",)
    (problem,) = refused(store, source("x.csv", f"{HEADER}\n同名社,2025Q1,100,95\n"))
    assert problem.options == ("同名社区 (C5)", "同名社区 (C6)")


# -- CSV -----------------------------------------------------------------------------------------------------------------


LINES = [
    # (before, after): cells, quotes, blanks around, line ends, blank lines, a cell over two lines
    (f"{HEADER}\n一社区居委会,2025Q1,100,95\n", f"{HEADER}\n一社区 (C1),2025Q1,100,95\n"),
    (f"{HEADER}\r\n\r\n 一社区居委会 ,2025Q1, 100 ,95", f"{HEADER}\r\n\r\n一社区 (C1),2025Q1, 100 ,95"),
    (f'{HEADER}\n"一社区居委会",2025Q1,"1,200",95\n', f'{HEADER}\n"一社区 (C1)",2025Q1,"1,200",95\n'),
    (f'{HEADER},备注\n一社区居委会,2025Q1,100,95,"第一行\n一社区居委会"\n', f'{HEADER},备注\n一社区 (C1),2025Q1,100,95,"第一行\n一社区居委会"\n'),
    ("考核期,单位\r2025Q1,一社区居委会\r", "考核期,单位\r2025Q1,一社区 (C1)\r"),
    (f"一社区居委会的报表\n{HEADER}\n一社区居委会,2025Q1,100,95\n", f"一社区居委会的报表\n{HEADER}\n一社区 (C1),2025Q1,100,95\n"),
    (f'{HEADER}\n一社区居委会,2025Q1,"一社区居委会\n二社区', f'{HEADER}\n一社区居委会,2025Q1,"一社区居委会\n二社区'),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(("before", "after"), LINES)
def test_only_the_cells_change_in_the_files_own_encoding(before: str, after: str, encoding: str) -> None:
    found = replaced(source("三季度.csv", before, encoding), [WRONG])
    assert found is not None
    assert (found.name, found.content) == ("三季度（已更正）.csv", after.encode(encoding))


def test_big_endian_stays_big_endian() -> None:
    data = b"\xfe\xff" + f"{HEADER}\n一社区居委会,2025Q1,100,95\n".encode("utf-16-be")
    found = replaced(Source("x.csv", data), [WRONG])
    assert found is not None and found.content == data.replace("居委会".encode("utf-16-be"), " (C1)".encode("utf-16-be"))


def test_a_name_with_commas_and_quotes_is_quoted() -> None:
    found = replaced(source("x.csv", f"{HEADER}\n一社区居委会,2025Q1,100,95\n"), [Replacement("单位", "一社区居委会", '一,"社区"')])
    assert found is not None and bytes(found.content).decode() == f'{HEADER}\n"一,""社区""",2025Q1,100,95\n'


def test_a_header_is_replaced_and_its_column_then_goes_by_the_new_one() -> None:
    found = replaced(source("x.csv", "单 为,考核期,户数\n一社区居委会,2025Q1,100\n"), [WRONG, Replacement("单 为", None, "单位")])
    assert found is not None and bytes(found.content).decode() == "单位,考核期,户数\n一社区 (C1),2025Q1,100\n"


def test_where_the_column_is_not_found_nothing_is_replaced() -> None:
    assert replaced(source("x.csv", f"{HEADER}\n一社区居委会,2025Q1,100,95\n"), [Replacement("社区", "一社区居委会", "一社区")]) is None
    assert replaced(source("x.csv", f'"{HEADER}\n一社区居委会,2025Q1,100,95\n'), [WRONG]) is None


def test_a_file_put_right_twice_says_so_once() -> None:
    found = replaced(source("x（已更正）.csv", f"{HEADER}\n一社区居委会,2025Q1,100,95\n"), [WRONG])
    assert found is not None and found.name == "x（已更正）.csv"


# -- rows left out -------------------------------------------------------------------------------------------------------


TITLED = (
    '"六型社区\r\n统计表",,,\r\n填报单位：和平街道,,,\r\n'
    + HEADER
    + "\r\n一社区,2025Q1,100,95\r\n\r\n二社区,2025Q1,100,90\r\n合计,,200,\r\n填报人：王芳,,,\r\n"
)


def needless(store: Store, naming: Naming, file: Source) -> list[tuple[tuple[int, str], ...]]:
    naming.offer([file], refused(store, file))
    return [each.rows for each in naming.needless_of([file])]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_titles_totals_and_notes_are_left_out_and_every_other_line_keeps_its_number(store: Store, encoding: str) -> None:
    file, naming = source("x.csv", TITLED, encoding), Naming()
    (rows,) = needless(store, naming, file)
    assert [line for line, _ in rows] == [1, 3, 8, 9] and [text for _, text in rows[1:]] == ["填报单位：和平街道", "合计", "填报人：王芳"]
    assert naming.put_right([file]) == [file], "nothing goes unasked"
    naming.needless = dict.fromkeys(naming.needless, True)
    (right,) = naming.put_right([file])
    assert (right.name, right.before, right.left_out) == ("x（已更正）.csv", file, (1, 3, 8, 9))
    assert bytes(right.content).decode(encoding) == TITLED.replace("六型社区", "").replace("统计表", "").replace("填报单位：和平街道", "").replace(
        "合计,,200,", ",,,").replace("填报人：王芳", "")  # fmt: skip
    (done,) = import_sources(store, [right], user=local_user()).imports
    assert (done.accepted, done.blank, value(store, "households", "C2", Q1)) == (2, 6, 100), "the title takes two lines"
    found = import_queries.handed_in(store.cursor(), done.id or 0)
    assert found is not None and (found.left_out, store.archive.original(found.sha256)) == ((1, 3, 8, 9), file.content)


def test_rows_left_out_of_a_workbook_keep_their_place_and_what_adds_up_its_formula(store: Store) -> None:
    rows = [["统计表"], HEAD, ["一社区", "2025Q1", 100, (0.95, "0%")], ["总计", "", ("=", "SUM(C3:C3)", "100"), ""]]
    file, naming = Source("x.xlsx", workbook(("说明", [["总计"]]), ("数据", rows))), Naming()
    assert needless(store, naming, file) == [((1, "统计表"), (4, "总计"))]
    naming.needless = dict.fromkeys(naming.needless, True)
    (right,) = naming.put_right([file])
    calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(bytes(right.content)))
    assert calamine.get_sheet_by_name("说明").to_python() == [["总计"]]
    (done,) = import_sources(store, [right], user=local_user()).imports
    assert (done.accepted, value(store, "households", "C1", Q1)) == (1, 100)
    assert reading.raw_row(bytes(right.content), done.encoding, 3) == ["一社区", "2025Q1", "100", "95%"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_header_in_two_rows_below_a_title_becomes_one(store: Store, form: str) -> None:
    """Group titles over merged cells; what is nearly right in a row below can be put right together with it."""
    rows = [
        ["统计表", "", "", ""],
        ["单位", "考核期", "基本情况", "环境"],
        ["", "", "户数", "楼道亮灯率"],
        ["一社区居委会", "2025Q1", "100", "95"],
        ["合计", "", "100", ""],
    ]
    merge = lambda _, pages: [pages[0].merge_range(1, place, 2, place, rows[1][place]) for place in (0, 1)]  # noqa: E731
    text = "".join(",".join(row) + "\n" for row in rows)
    file = source("x.csv", text, "gb18030") if form == "csv" else Source("x.xlsx", workbook(("数据", rows), touch=merge))
    naming = Naming()
    naming.offer([file], refused(store, file))
    (each,) = naming.needless_of([file])
    assert (each.rows, each.joined) == (((1, "统计表"), (5, "合计")), (2, 3))
    naming.needless[each] = True
    (half,) = naming.put_right([file])
    assert [problem.key for problem in refused(store, half)] == ["reading.unknown_area"]
    naming.offer([half], refused(store, half))
    naming.choose(naming.of([file])[0], "一社区 (C1)")
    (right,) = naming.put_right([file])
    (done,) = import_sources(store, [right], user=local_user()).imports
    assert (done.accepted, value(store, "lighting_rate", "C1", Q1), right.left_out) == (1, 95, (1, 2, 5))
    assert reading.raw_row(bytes(right.content), done.encoding, 4)[0] == "一社区 (C1)", "the row keeps its line"


def test_a_community_that_is_called_total_is_data(store: Store) -> None:
    import_sources(store, [source("a.csv", "area_id,name,level,parent_id\nC9,合计,community,S1\n")], user=local_user())
    import_sources(store, [source("x.csv", f"{HEADER}\n合计,2025Q1,100,95\n")], user=local_user())
    assert value(store, "households", "C9", Q1) == 100


def test_rows_found_only_after_others_went_are_offered_anew(store: Store) -> None:
    """Where the header cannot be read yet, what stands below it is not in sight."""
    file, naming = source("x.csv", TITLED), Naming()
    titles = [problem for problem in refused(store, file) if problem.key == "reading.header_elsewhere"]
    naming.offer([file], titles)
    naming.needless = dict.fromkeys(naming.needless, True)
    (right,) = naming.put_right([file])
    naming.offer([right], refused(store, right))
    assert [([line for line, _ in each.rows], chosen) for each, chosen in naming.needless.items()] == [([1, 3], True), ([8, 9], False)]


# -- workbooks -----------------------------------------------------------------------------------------------------------


SHEET = "xl/worksheets/sheet2.xml"


def book() -> bytes:
    rows = [HEAD, ["一社区居委会", "2025Q1", 100, (0.95, "0%")], [], ["二社区", "2025Q1", 90, (0.9, "0%")], [("=", "=A2", "一社区居委会"), "2025Q2", 1, ""]]
    return workbook(("说明", [["一社区居委会"]]), ("数据", rows))


def test_a_workbook_keeps_its_other_cells_sheets_formats_and_formulas() -> None:
    found = replaced(Source("x.xlsx", book()), [Replacement("单位", "一社区居委会", "一<社>区 & (C1)", "数据")])
    assert found is not None and found.name == "x（已更正）.xlsx"
    calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(found.content))
    assert calamine.get_sheet_by_name("数据").to_python() == [
        HEAD,
        ["一<社>区 & (C1)", "2025Q1", 100, 0.95],
        [""] * 4,
        ["二社区", "2025Q1", 90, 0.9],
        ["一<社>区 & (C1)", "2025Q2", 1, ""],
    ]
    assert calamine.get_sheet_by_name("说明").to_python() == [["一社区居委会"]]
    assert reading.raw_row(bytes(found.content), "xlsx:数据", 2) == ["一<社>区 & (C1)", "2025Q1", "100", "95%"], "its format stays"
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(io.BytesIO(found.content)) as new:
        assert {name for name in old.namelist() if old.read(name) != new.read(name)} == {SHEET}
        assert b"<f>A2</f>" in new.read(SHEET)
        assert new.namelist() == old.namelist() and new.testzip() is None


def test_prefixes_and_cells_without_places_are_no_hindrance() -> None:
    def other(xml: str) -> str:
        bare = re.sub(r'<(row|c) r="[A-Z0-9]+"', r"<\1", xml.replace('<row r="4"', "<row/><row")).replace('<row r="5"', "<row")
        return re.sub(r"<(/?)(\w)", r"<\1x:\2", bare).replace(" xmlns=", " xmlns:x=")

    data = altered(book(), SHEET, other)
    found = replaced(Source("x.xlsx", data), [Replacement("单位", "一社区居委会", "一社区 (C1)", "数据")])
    assert found is not None
    assert [reading.raw_row(bytes(found.content), "xlsx:数据", line)[0] for line in (2, 4, 5)] == ["一社区 (C1)", "二社区", "一社区 (C1)"]


def test_a_sheet_in_another_encoding_is_left_alone() -> None:
    data = altered(book(), SHEET, lambda xml: xml.replace('encoding="UTF-8"', 'encoding="us-ascii"').encode("ascii", "xmlcharrefreplace").decode())
    assert replaced(Source("x.xlsx", data), [Replacement("单位", "一社区居委会", "一社区 (C1)", "数据")]) is None


# -- in the history ------------------------------------------------------------------------------------------------------


def test_the_file_of_before_is_kept_told_of_verified_backed_up_and_rebuilt(store: Store, tmp_path: Path) -> None:
    before = [
        source("三季度.csv", f'{HEADER}\n"一社区居委会",2025Q1,"1,200",95\n', "gb18030"),
        Source("四季度.xlsx", workbook(("数据", [HEAD, ["二社区居委会", "2025Q1", 90, 91]]))),
    ]
    assert {problem.key for problem in refused(store, *before)} == {"reading.unknown_area"}
    right = [replaced(before[0], [WRONG]), replaced(before[1], [Replacement("单位", "二社区居委会", "二社区 (C2)", "数据")])]
    done = import_sources(store, [each for each in right if each], user=User("王芳", "editor"))
    assert [each.file_name for each in done.imports] == ["三季度（已更正）.csv", "四季度（已更正）.xlsx"]
    assert [value(store, "households", area, Q1) for area in ("C1", "C2")] == [1200, 90]
    for each, was in zip(done.imports, before, strict=True):
        found = import_queries.handed_in(store.cursor(), each.id or 0)
        assert found is not None and (found.file_name, store.archive.original(found.sha256)) == (was.name, was.content)
        assert found.replaced == (("单位", *(("一社区居委会", "一社区 (C1)") if was is before[0] else ("二社区居委会", "二社区 (C2)"))),)
    assert import_queries.handed_in(store.cursor(), 1) is None
    assert recovery.verify(store).originals == 1 + 1 + 2 + 2, "standard, areas, and both files as they came and as they were read"
    stood = content(store)
    backup.make(store, tmp_path / "b.zip", local_user())
    store.close()
    recovery.rebuild(tmp_path / "d.duckdb", STANDARD, user=local_user())
    with Store(tmp_path / "d.duckdb", STANDARD) as again:
        assert content(again) == stood
        kept = import_queries.handed_in(again.cursor(), 2)
        assert kept is not None and again.archive.original(kept.sha256) == before[0].content
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        assert {f"originals/{was.sha256}" for was in before} <= set(packed.namelist())
