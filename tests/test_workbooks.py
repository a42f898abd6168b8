"""Workbooks: read as what their cells show, and refused by sheet and cell where they say nothing; hostile ones in seconds and little memory."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from test_reading import DIRECTORY, STANDARD

from compliance.errors import ImportDataError, Problem
from compliance.files import reading
from compliance.files.number_formats import format_of, shown
from compliance.files.reading import UPLOAD_LIMITS, Source
from compliance.files.workbooks import Workbook

PROJECT = Path(__file__).parents[1]
Cells = Sequence[Sequence[object]]


def workbook(*sheets: Cells | tuple[str, Cells], formats: Mapping[type, str] | None = None, touch: Callable[[Any, list[Any]], None] | None = None) -> bytes:
    """A workbook of these sheets; a cell is what it holds: text, number, (number, format), True, datetime, "=formula"."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        pages = []
        for number, sheet in enumerate(sheets, start=1):
            name, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet)
            pages.append(book.add_worksheet(name))
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    match cell:
                        case (float() | int() | datetime() as figure, str(code)):
                            pages[-1].write(line, column, figure, book.add_format({"num_format": code}))
                        case ("=", str(text), value):
                            pages[-1].write_formula(line, column, text, None, value)
                        case str() if cell:
                            pages[-1].write_string(line, column, cell)
                        case bool() | int() | float():
                            pages[-1].write(line, column, cell)
        if touch is not None:
            touch(book, pages)
    return out.getvalue()


def read(data: bytes, name: str = "file.xlsx") -> reading.Reading:
    return reading.read(Source(name, data), STANDARD, DIRECTORY, limits=UPLOAD_LIMITS)


def refused(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ImportDataError) as caught:
        read(data)
    return caught.value.problems


def altered(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with the XML of one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content.decode()).encode() if info.filename == part else content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = ["单位", "考核期", "楼道亮灯率", "户数", "台账齐全"]


def test_a_workbook_is_read_as_it_is_shown() -> None:
    found = read(
        workbook(
            [HEAD, ["阳光社区", "2025Q3", (0.95, "0%"), 1200.0, "是"], ["C002", "2025年三季度", 88.5, 900, True], [], ["晨曦社区", "2025Q3", "", "", "否"]]
        )
    )
    assert (found.kind, found.level, found.encoding) == ("metrics", "community", "xlsx:Sheet1")
    assert (found.rows_in, found.accepted, found.blank) == (4, 3, 1)
    assert found.table.to_pydict() == {
        "line": [2, 3, 5],
        "area_id": ["C001", "C002", "007"],
        "period": [8102, 8102, 8102],
        "lighting": [95.0, 88.5, None],
        "households": [1200.0, 900.0, None],
        "records_kept": [1.0, 1.0, 0.0],
    }


def test_a_line_of_a_workbook_is_traced_to_what_its_row_shows() -> None:
    data = workbook([HEAD, [], ["阳光社区", "2025Q3", (0.955, "0%"), 1200.0, "是"]])
    assert reading.header_row(data, "xlsx:Sheet1") == HEAD
    assert reading.raw_row(data, "xlsx:Sheet1", 3) == ["阳光社区", "2025Q3", "95.5%", "1200", "是"]


SHOWN = [
    ("2025", "General", "2025"), ("2025.0", "General", "2025"), ("0.1", "0.00", "0.10"), ("0.1000000000000000055", "General", "0.1"),
    ("0.95", "0%", "95%"), ("0.9548", "0.0%", "95.48%"), ("0.07", "0.00%", "7%"), ("1", "0%", "100%"), ("1E-3", "0%", "0.1%"),
    ("45930", "yyyy-mm-dd", "2025-09-30"), ("45930.5", 'yyyy"年"m"月"d"日"', "2025-09-30 12:00"), ("0.5", "h:mm", "12:00"),
    ("45901", "mmm-yy", "2025-09-01"), ("45901", "[$-804]yyyy/m/d;@", "2025-09-01"), ("1.5", "[h]:mm", "1899-12-31 12:00"),
    ("12", '0"户"', "12"), ("12", '0.00"万元 (day)"', "12"), ("12", "[Red]0", "12"), ("12", "G/通用格式", "12"), ("12", '_ "¥"* #,##0_ ', "12"),
    ("1e400", "General", "1e400"), ("1e20", "General", "1e+20"), ("-5", "0", "-5"), ("x", "0", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code", "text"), SHOWN)
def test_a_number_is_the_text_that_is_shown_and_never_rounded(raw: str, code: str, text: str) -> None:
    assert shown(raw, format_of(200, {200: code})) == text


@pytest.mark.parametrize(
    ("number", "format_"), [(0, "plain"), (2, "plain"), (9, "percent"), (10, "percent"), (14, "date"), (20, "time"), (31, "date"), (57, "date"), (49, "plain")]
)
def test_formats_that_have_a_number_only(number: int, format_: str) -> None:
    assert format_of(number, {}).kind == format_


REFUSED = [
    ([HEAD, ["C001", "2025Q3", 95, ("=", "=1/0", "#DIV/0!"), ""]], "reading.excel_error", "D2", "户数"),
    ([HEAD, ["C001", "2025Q3", 95, ("=", "=NA()", "#N/A"), ""]], "reading.excel_error", "D2", "户数"),
    ([HEAD, ["C001", "2025Q3", ("=", "=A1", ""), 5, ""]], "reading.formula_without_value", "C2", "楼道亮灯率"),
    ([HEAD, ["C001", (datetime(2025, 9, 30), "yyyy-mm-dd"), 95, 5, ""]], "reading.period_date", "B2", "考核期"),
    ([HEAD, ["C001", 45930, 95, 5, ""]], "reading.period_serial", "B2", "考核期"),
    ([HEAD, ["C001", "2025Q3", 95, (datetime(2025, 9, 30), "yyyy/m/d"), ""]], "reading.date_cell", "D2", "户数"),
    ([HEAD, ["C001", "2025Q3", 95, (0.5, "0%"), ""]], "reading.sign_not_expected", "D2", "户数"),
    ([HEAD, ["阳光小区", "2025Q3", 95, 5, ""]], "reading.unknown_area", "A2", "单位"),
    ([HEAD, ["C001", "2025Q3", 95, "1200户", ""]], "reading.unit_in_cell", "D2", "户数"),
    ([HEAD, ["C001", "2025Q3", 101, 5, ""]], "reading.out_of_range", "C2", "楼道亮灯率"),
    ([HEAD, ["C001", "2025Q3", (0.95, "0%"), 5, ""], ["C002", "2025Q3", 0.9, 5, ""]], "reading.mixed_percent", "C3", "楼道亮灯率"),
    ([HEAD, *([area, "2025Q3", 0.9, "", ""] for area in ("C001", "C002", "C003"))], "reading.fractions", "C2", "楼道亮灯率"),
    ([HEAD, ["C001", "2025Q3", 95, 5, ""], ["C001", "2025Q3", 95, 5, ""]], "reading.duplicate_row", "B3", "考核期"),
    ([[*HEAD, "户数"], ["C001", "2025Q3", 95, 5, "", 5]], "reading.duplicate_column", "F1", "户数"),
    ([[*HEAD, "绿化律"], ["C001", "2025Q3", 95, 5, "", 5]], "reading.unknown_column", "F1", "绿化律"),
    ([HEAD, ["C001", "2025Q3", 95, 5, ""], ["合计", "", 95, 5]], "reading.summary_row", None, None),
    ([HEAD, ["C001", "2025Q3", 95, 5, ""], ["填报人：张三", "", "", ""]], "reading.footer", None, None),
    ([HEAD, ["C001", "2025Q3", 95, 5, "", "", "stray"]], "reading.ragged_row", None, None),
    ([["三季度报表"], HEAD, ["C001", "2025Q3", 95, 5, ""]], "reading.header_elsewhere", None, None),
    ([["单位", "考核期", "环境", "", ""], ["", "", *HEAD[2:]], ["C001", "2025Q3", 95, 5, ""]], "reading.merged_header", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "key", "cell", "column"), REFUSED)
def test_a_fault_is_named_by_sheet_and_cell(rows: Cells, key: str, cell: str | None, column: str | None) -> None:
    problem, *others = refused(workbook(("数据", rows)))
    assert (problem.key, problem.cell, problem.column, problem.sheet) == (key, cell, column, "数据")
    assert {other.key for other in others} <= {"reading.fractions"}, "a column of fractions is named cell by cell"
    assert cell is None or problem.line == int(cell[1:])


def test_cells_under_a_merge_are_not_taken_for_blank_ones() -> None:
    rows = [HEAD, ["C001", "2025Q3", 95, 5, ""], ["C002", "2025Q3", "", 5, ""]]
    (problem,) = refused(workbook(rows, touch=lambda _, pages: pages[0].merge_range("C2:C3", 95)))
    assert (problem.key, problem.cell, problem.column) == ("reading.merged_cell", "C3", "楼道亮灯率")


def test_a_merged_title_or_a_merge_beside_the_table_does_no_harm() -> None:
    rows = [HEAD, ["C001", "2025Q3", 95, 5, ""]]
    assert read(workbook(rows, touch=lambda _, pages: pages[0].merge_range("H2:J30", ""))).accepted == 1


SHEETS: list[tuple[Sequence[tuple[str, Cells]], str | None, str]] = [
    ([("说明", [["怎么填", "每格一个数"]]), ("数据", [HEAD, ["C001", "2025Q3", 95, 5, ""]])], None, "数据"),
    ([("空", []), ("数据", [HEAD, ["C001", "2025Q3", 95, 5, ""]])], None, "数据"),
    ([("一", [HEAD, ["C001", "2025Q3", 95, 5, ""]]), ("二", [HEAD, ["C002", "2025Q3", 95, 5, ""]])], "reading.several_sheets", "一, 二"),
    # The second would be lost without a word.
    ([("一", [HEAD, ["C001", "2025Q3", 95, 5, ""]]), ("二", [["标题"], HEAD, ["C002", "2025Q3", 95, 5, ""]])], "reading.several_sheets", "一, 二"),
    ([("甲", [["x"]]), ("乙", [["y"]])], "reading.no_sheet", "甲, 乙"),
    ([("甲", [["x"]]), ("乙", [])], "reading.no_header", ""),
    ([("甲", []), ("乙", [])], "reading.empty_file", ""),
]


@pytest.mark.parametrize(("sheets", "key", "named"), SHEETS)
def test_the_sheet_whose_header_fits_is_read_and_two_are_refused(sheets: Sequence[tuple[str, Cells]], key: str | None, named: str) -> None:
    data = workbook(*sheets)
    if key is None:
        assert read(data).encoding == f"xlsx:{named}"
    else:
        (problem,) = refused(data)
        assert (problem.key, problem.args.get("sheets", "")) == (key, named)


def test_a_hidden_sheet_is_no_data_unless_it_is_the_only_one() -> None:
    rows = [HEAD, ["C001", "2025Q3", 95, 5, ""]]
    assert read(workbook(rows, rows, touch=lambda _, pages: pages[1].hide())).encoding == "xlsx:Sheet1"
    (problem,) = refused(workbook([["x"]], ("旧", rows), touch=lambda _, pages: pages[1].hide()))
    assert (problem.key, dict(problem.args)) == ("reading.hidden_sheet", {"sheet": "旧"})


def test_what_other_programs_write_is_read() -> None:
    """Prefixes, cells and rows without references, texts in place, runs of letters, reading aids, ISO dates, blank styled rows to the end of the sheet."""
    plain = workbook([HEAD, ["C001", "2025Q3", 95, 5, "是"]])
    prefixed = altered(plain, SHEET, lambda xml: re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace(" xmlns=", " xmlns:x="))
    assert read(prefixed).table.equals(read(plain).table)
    bare = altered(plain, SHEET, lambda xml: re.sub(r'<(row|c) r="[A-Z0-9]+"', r"<\1", xml))
    assert read(bare).table.equals(read(plain).table)
    inline = altered(
        plain,
        SHEET,
        lambda xml: xml.replace("<v>95</v>", "<v>95</v>").replace(
            '<c r="A2" t="s"><v>5</v></c>', '<c r="A2" t="inlineStr"><is><r><t>C0</t></r><r><t>01</t></r><rPh><t>x</t></rPh></is></c>'
        ),
    )
    assert read(inline).table.equals(read(plain).table)
    styled = altered(plain, SHEET, lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'))
    assert read(styled).rows_in == 1
    broken_line = workbook([["单\n位", "考核期", "楼道\r\n亮灯率"], ["C001", "2025Q3", 95]])
    assert read(broken_line).columns == ("lighting",)


def test_it_is_told_by_its_bytes_not_by_its_name() -> None:
    assert read(workbook([HEAD, ["C001", "2025Q3", 95, 5, ""]]), "file.csv").encoding == "xlsx:Sheet1"


# -- hostile -------------------------------------------------------------------------------------------------------------------

PLAIN = workbook([HEAD, ["C001", "2025Q3", 95, 5, "是"]])
FAR = altered(PLAIN, SHEET, lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
FAR_DOWN = altered(PLAIN, SHEET, lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'))
DOCTYPE = altered(PLAIN, SHEET, lambda xml: xml.replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet', 1))


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


HOSTILE = [
    (FAR, "reading.far_cell", {"cell": "XFD1048576"}),
    (FAR_DOWN, "reading.far_cell", {"cell": "A1048576"}),
    (DOCTYPE, "reading.damaged_workbook", {}),
    (altered(PLAIN, SHEET, lambda xml: xml[:-30]), "reading.damaged_workbook", {}),
    (altered(PLAIN, SHEET, lambda xml: xml.replace("<v>4</v>", "<v>99</v>", 1)), "reading.damaged_workbook", {}),
    (altered(PLAIN, SHEET, lambda xml: xml.replace('r="2"', 'r="1"', 1)), "reading.damaged_workbook", {}),
    (altered(PLAIN, SHEET, lambda xml: xml.replace('r="2"', 'r="two"', 1)), "reading.damaged_workbook", {}),
    (PLAIN[: len(PLAIN) // 2], "reading.damaged_workbook", {}),
    (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "reading.other_workbook", {}),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "reading.old_workbook", {}),
]


@pytest.mark.parametrize(("data", "key", "args"), HOSTILE)
def test_a_workbook_that_is_damaged_or_hostile_is_refused(data: bytes, key: str, args: dict[str, object]) -> None:
    (problem,) = refused(data)
    assert (problem.key, dict(problem.args)) == (key, args)


BOMB = f"""
import io, resource, sys, zipfile
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
sys.path[:0] = [{str(PROJECT)!r}, {str(PROJECT / "tests")!r}]
from test_workbooks import PLAIN, SHEET, altered, refused, zipped
text = "<si><t>" + "a" * 32000 + "</t></si>"
bombs = {{
    "directory": zipped({{"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": bytes(150_000_000)}}),
    "repeated": altered(altered(PLAIN, "xl/sharedStrings.xml", lambda xml: xml.replace("<si>", text + "<si>", 1)), SHEET, lambda xml: xml.replace(
        "</sheetData>", "".join(f'<row r="{{n}}">' + '<c t="s"><v>0</v></c>' * 3 + "</row>" for n in range(3, 1500)) + "</sheetData>")),
}}
bombs["wide"] = altered(bombs["repeated"], SHEET, lambda xml: xml.replace('<row r="3">', '<row r="3">' + '<c t="s"><v>0</v></c>' * 500))
for name, data in bombs.items():
    (problem,) = refused(data)
    print(name, problem.key, len(data) < 5_000_000)
"""


def test_a_bomb_is_refused_in_seconds_and_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", BOMB], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == [
        "directory reading.swollen_workbook True",
        "repeated reading.swollen_workbook True",
        "wide reading.line_too_long True",
    ], done.stderr[-2000:]


# -- given back ----------------------------------------------------------------------------------------------------------------


def test_a_refused_workbook_comes_back_with_its_faulty_cells_marked_and_can_be_uploaded_again() -> None:
    data = workbook(("数据", [HEAD, ["阳光小区", "2025Q3", (0.955, "0.0%"), 5.25, "是"], [], ["C002", "2025Q3", 90, "1200户", ""]]))
    source, problems = Source("file.xlsx", data), refused(data)
    ending, back = reading.faults_file(source, problems, lambda problem: problem.key) or ("", b"")
    book = Workbook(back)
    assert (ending, [sheet.name for sheet in book.sheets]) == (".xlsx", ["数据"])
    assert [(row.line, row.cells) for row in book.rows(book.sheets[0])] == [
        (1, [*HEAD, "问题 / Problems", "是不是 / Did you mean"]),
        (2, ["阳光小区", "2025Q3", "95.5%", "5.25", "是", "reading.unknown_area", "阳光社区 (C001)"]),
        (4, ["C002", "2025Q3", "90", "1200户", "", "reading.unit_in_cell"]),
    ]
    with zipfile.ZipFile(io.BytesIO(back)) as package:
        styled = dict(re.findall(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"', package.read(SHEET).decode()))
    assert styled["A2"] == styled["D4"] and styled["A2"] not in {styled["A4"], styled["D2"]}
    strings = altered(back, "xl/sharedStrings.xml", lambda xml: xml.replace("阳光小区", "阳光社区").replace("1200户", "1200"))
    mended = altered(strings, SHEET, lambda xml: xml.replace("阳光小区", "阳光社区").replace("1200户", "1200"))
    found = read(mended).table.to_pydict()
    assert (found["area_id"], found["lighting"], found["households"], found["records_kept"]) == (["C001", "C002"], [95.5, 90], [5.25, 1200], [1, None])


def test_what_could_not_be_opened_is_not_given_back() -> None:
    assert reading.faults_file(Source("file.xlsx", FAR), refused(FAR), lambda problem: problem.key) is None


# -- another reader ------------------------------------------------------------------------------------------------------------


def test_another_reader_finds_the_same_cells() -> None:
    """python-calamine, where it keeps what we keep: texts and plain numbers."""
    rows: list[list[object]] = [[f"t{line}{column}" if (line + column) % 3 else (line - 7) * 10**column / 8 for column in range(12)] for line in range(40)]
    data = workbook(rows)
    found = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    ours = Workbook(data)
    assert [row.cells for row in ours.rows(ours.sheets[0])] == [[_text(cell) for cell in row] for row in found]


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
