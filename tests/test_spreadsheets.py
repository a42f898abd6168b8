"""What goes through a spreadsheet and comes back: codes that look like numbers, texts that would run as formulas, names of sheets, days of the other calendar."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from test_reading import DIRECTORY, STANDARD, YAML
from test_workbooks import SHEET, altered, read, refused, workbook

from compliance.errors import ImportDataError
from compliance.files import reading
from compliance.files.reading import Source
from compliance.files.workbooks import Workbook
from compliance.questions import exports
from compliance.spreadsheets import as_meant, harmless, sheet_name
from compliance.standard import loader

EXEMPT = ["单位", "指标", "起", "止", "原因"]


def given_back(data: bytes) -> bytes:
    ending, back = reading.faults_file(Source("file.xlsx", data), refused(data), lambda problem: problem.key) or ("", b"")
    assert ending == ".xlsx"
    return back


# -- a workbook given back -------------------------------------------------------------------------------------------------


def test_a_code_comes_back_as_it_was_and_is_read_as_itself_once_the_file_is_mended() -> None:
    rows = [EXEMPT, ["C001", "2.10", "2025Q1", "", "在建"], ["C002", (2.1, "0.00"), "2025Q1", "", "在建"], ["阳光小区", "2.10", "2025Q2", "", "在建"]]
    back = given_back(workbook(("豁免", rows)))
    book = Workbook(back)
    found = list(book.rows(book.sheets[0]))
    assert [row.cells[1] for row in found[1:]] == ["2.10", "2.10", "2.10"]
    assert [1 in row.figures for row in found] == [False, False, True, False], "a text stays a text, a number a number"
    mended = altered(back, SHEET, lambda xml: xml.replace("阳光小区", "阳光社区"))
    table = reading.read(Source("mended.xlsx", mended), STANDARD, DIRECTORY).table
    assert table.column("indicator").to_pylist() == ["2.10", "2.10", "2.10"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("007", "007"), ("1.50", "1.50"), ("95%", "95%"), (7, "7"), (1.5, "1.5"), ((1.5, "0.00"), "1.50"), ((0.955, "0%"), "95.5%"), ((0.0007, "0.00%"), "0.07%"),
        (1e20, "1e+20"), ("-0", "-0"), ("1234567890123456789", "1234567890123456789"), ((45930, "yyyy-mm-dd"), "2025-09-30"),
    ],
)  # fmt: skip
def test_every_cell_is_given_back_with_the_text_it_had(cell: object, text: str) -> None:
    book = Workbook(given_back(workbook([["单位", "考核期", "户数"], ["没有的社区", "2025Q3", cell]])))
    assert [row.cells[2] for row in book.rows(book.sheets[0])][1] == text


def test_a_sheet_with_a_longer_name_than_a_spreadsheet_takes_is_given_back() -> None:
    name = "二〇二五年三季度各社区数据填报表（城管办汇总，含新成立的社区，定稿）"
    data = altered(
        workbook(("x", [["单位", "考核期", "户数"], ["C001", "2025Q3", "1200户"]])), "xl/workbook.xml", lambda xml: xml.replace('name="x"', f'name="{name}"')
    )
    assert len(name) > 31 and refused(data)[0].sheet == name
    assert [sheet.name for sheet in Workbook(given_back(data)).sheets] == [name[:31]]


@pytest.mark.parametrize(
    ("title", "name"),
    [("a/b:c", "a b c"), ("  ", "1"), ("'", "1"), ("x" * 40, "x" * 31), ("𠮷" * 20, "𠮷" * 15), ("x" * 30 + "𠮷", "x" * 30), ("x" * 30 + " y", "x" * 30)],
)
def test_a_title_as_the_name_of_a_sheet(title: str, name: str) -> None:
    assert sheet_name(title) == name


# -- the calendar that begins in 1904 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("serial", "text"), [("2957003", "9999-12-31"), ("2957004", "2957004"), ("2958465", "2958465"), ("0", "1904-01-01")])
def test_no_day_after_the_last_one_of_the_calendar_of_1904(serial: str, text: str) -> None:
    data = workbook([["单位", "考核期", "户数"], ["C001", "2025Q3", (5, "yyyy-mm-dd")]])
    data = altered(data, "xl/workbook.xml", lambda xml: xml.replace("<workbookPr", '<workbookPr date1904="1"'))
    data = altered(data, SHEET, lambda xml: xml.replace("<v>5</v>", f"<v>{serial}</v>"))
    book = Workbook(data)
    assert [row.cells[2] for row in book.rows(book.sheets[0])] == ["户数", text]


# -- texts that would run ---------------------------------------------------------------------------------------------------

HARMLESS = [
    ("=1+1", "'=1+1"), ("+86-10-1234", "'+86-10-1234"), ("-5-1", "'-5-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"), ("-", "'-"), ("-inf", "'-inf"),
    ("-1e5", "'-1e5"), ("'=1", "''=1"), ("''-x", "'''-x"), ("'-5", "''-5"), ("-5", "-5"), ("+1,234.50", "+1,234.50"), ("-5%", "-5%"), ("-0.5‰", "-0.5‰"),
    ("-٣", "'-٣"), ("阳光社区", "阳光社区"), ("'quoted'", "'quoted'"), ("a=b", "a=b"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cell"), HARMLESS)
def test_what_would_run_gets_an_apostrophe_and_loses_it_again(text: str, cell: str, tmp_path: Path) -> None:
    assert harmless(text) == cell
    assert as_meant(cell) == text
    with duckdb.connect(tmp_path / "x.duckdb") as connection:
        assert connection.execute(f"SELECT {exports.SAFE_AREA_ID} FROM (SELECT ? AS area_id)", [text]).fetchall() == [(cell,)]


# -- codes that look like numbers ---------------------------------------------------------------------------------------------


def exemption(indicator: object) -> reading.Reading:
    return read(workbook([EXEMPT, ["C001", indicator, "2025Q1", "", "在建"]]))


@pytest.mark.parametrize(
    ("cell", "code", "others"),
    [
        ("2.10", "2.10", []), ((2.1, "0.00"), "2.10", []), ((2.1, "#,##0.00"), "2.10", []), ((2.1, "0.0"), "2.1", ["2.10"]), (2.1, "2.1", ["2.10"]),
        ("2.1", "2.1", ["2.10"]), ("楼道亮灯", "2.1", []), ("2.1 楼道亮灯", "2.1", []), ("Records kept (2.10)", "2.10", []), ("2.10台账齐全", "2.10", []),
    ],
)  # fmt: skip
def test_a_code_is_read_as_it_is_shown_and_doubted_where_a_zero_may_be_missing(cell: object, code: str, others: list[str]) -> None:
    table = exemption(cell).table
    assert (table.column("indicator").to_pylist(), table.column("others").to_pylist()) == ([code], [others])


@pytest.mark.parametrize(
    ("code", "title", "cell", "key", "options"),
    [
        # No indicator 2.1 here: the code that lost its zero is the nearest, whatever else looks alike.
        ('"2.20"', "楼道亮灯", 2.2, "reading.unknown_indicator", ("2.20",)),
        ('"2.1"', "台账齐全", "台账齐全", "reading.ambiguous_indicator", ("2.1", "2.10")),
        ('"2.1"', "Records kept", "recordskept", "reading.ambiguous_indicator", ("2.1", "2.10")),
    ],
)
def test_what_could_be_two_indicators_is_refused_with_their_codes(code: str, title: str, cell: object, key: str, options: tuple[str, ...]) -> None:
    standard = loader.parse(YAML.replace('code: "2.1"', f"code: {code}").replace("{zh: 楼道亮灯, en: Lit stairwells}", f"{{zh: {title}, en: {title}}}"))
    data = workbook([EXEMPT, ["C001", cell, "2025Q1", "", "在建"]])
    with pytest.raises(ImportDataError) as caught:
        reading.read(Source("file.xlsx", data), standard, DIRECTORY)
    assert [(problem.key, problem.options) for problem in caught.value.problems] == [(key, options)]
