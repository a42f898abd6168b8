"""Files as WPS and Excel write them and as people keep them: what is read, what is refused and with which word, what can be put right at a tick."""

from __future__ import annotations

import re

import pytest
from test_reading import DIRECTORY, STANDARD
from test_workbooks import HEAD, SHEET, altered, read, workbook, zipped

from compliance import texts
from compliance.errors import ImportDataError, Problem
from compliance.files import reading
from compliance.files.reading import Source
from compliance.server.naming import Naming

ROW = ["阳光社区", "2025Q3", (0.95, "0%"), 1200, "是"]
PLAIN = workbook([HEAD, ROW])
TRANSITIONAL, STRICT = "schemas.openxmlformats.org", "purl.oclc.org/ooxml"


def problems_of(data: bytes, name: str = "x.csv") -> tuple[Problem, ...]:
    with pytest.raises(ImportDataError) as caught:
        read(data, name)
    return caught.value.problems


# -- read ----------------------------------------------------------------------------------------------------------------


def strict(data: bytes) -> bytes:
    """The workbook as "Strict Open XML Spreadsheet", in which every namespace is another."""

    def other(xml: str) -> str:
        for said, meant in (("spreadsheetml/2006/main", "spreadsheetml/main"), ("officeDocument/2006/relationships", "officeDocument/relationships")):
            xml = xml.replace(f"http://{TRANSITIONAL}/{said}", f"http://{STRICT}/{meant}")
        return xml

    for part in ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET, "xl/sharedStrings.xml", "xl/styles.xml"):
        data = altered(data, part, other)
    return data


def decorated() -> bytes:
    """Filter, frozen panes, a named range, a comment, coloured cells, a drop-down, wide columns."""

    def touch(book: object, pages: list[object]) -> None:
        page = pages[0]
        page.autofilter("A1:E2")  # type: ignore[attr-defined]
        page.freeze_panes(1, 1)  # type: ignore[attr-defined]
        page.write_comment("C2", "核对过")  # type: ignore[attr-defined]
        page.data_validation("E2:E9", {"validate": "list", "source": ["是", "否"]})  # type: ignore[attr-defined]
        page.set_column(0, 4, 30)  # type: ignore[attr-defined]
        page.conditional_format("D2:D9", {"type": "data_bar"})  # type: ignore[attr-defined]
        book.define_name("单位表", "=Sheet1!$A$1:$A$2")  # type: ignore[attr-defined]

    return workbook([HEAD, ROW], touch=touch)


PHONETIC = '<r><rPr><b/></rPr><t>阳光</t></r><r><t xml:space="preserve">社区 </t></r><rPh sb="0" eb="2"><t>ヨウ</t></rPh><phoneticPr fontId="1"/>'
SAME = {
    "decorated": decorated(),
    "strict": strict(PLAIN),
    "absolute places of parts": altered(PLAIN, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace('Target="worksheets/', 'Target="/xl/worksheets/')),
    "another system's separators": altered(PLAIN, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("worksheets/sheet1", "worksheets\\sheet1")),
    "a byte-order mark": altered(PLAIN, SHEET, lambda xml: "\ufeff" + xml),
    "runs of letters and reading aids": altered(PLAIN, "xl/sharedStrings.xml", lambda xml: xml.replace("<t>阳光社区</t>", PHONETIC)),
    "numbers kept as text": workbook([HEAD, ["阳光社区", "2025Q3", "95%", "1200", "是"]]),
    "full width": workbook([HEAD, ["阳光社区　", "２０２５年三季度", "９５％", "１，２００", "是 "]]),
    "small percent sign": workbook([HEAD, ["阳光社区", "2025Q3", "95﹪", "1200", "是"]]),
    "styled blank rows below": altered(PLAIN, SHEET, lambda xml: xml.replace("</sheetData>", '<row r="300"><c r="A300" s="0"/></row></sheetData>')),
}


@pytest.mark.parametrize("habit", SAME)
def test_habits_of_spreadsheets_change_nothing(habit: str) -> None:
    assert read(SAME[habit]).table.equals(read(PLAIN).table)


def test_blank_columns_that_wps_leaves_at_the_right_are_no_columns() -> None:
    found = read("单位,考核期,户数,,,\n阳光社区,2025Q3,5,,,\n,,,,,\n,,,,,\n".encode("gb18030"), "x.csv")
    assert (found.columns, found.rows_in, found.accepted, found.blank) == (("households",), 3, 1, 2)


def test_what_is_hidden_is_read_and_told_of() -> None:
    def hide(_: object, pages: list[object]) -> None:
        pages[0].set_row(2, None, None, {"hidden": True})  # type: ignore[attr-defined]
        pages[0].set_column(3, 3, None, None, {"hidden": True})  # type: ignore[attr-defined]
        pages[0].set_column(20, 900, None, None, {"hidden": True})  # type: ignore[attr-defined]

    found = read(workbook([HEAD, ROW, ["晨曦社区", "2025Q3", (0.9, "0%"), 800, "否"]], touch=hide))
    assert (found.accepted, found.hidden) == (2, (1, 1)), "columns beyond the table do not count"
    assert read(PLAIN).hidden == (0, 0)


# -- refused, each with its own word ---------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
RELATION = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="x/officeDocument" Target="{}"/></Relationships>'
SPREADSHEET_2003 = b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


def office(main: str) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "_rels/.rels": RELATION.format(main).encode(), main: b"<document/>"})


OTHERS = [
    ("old.xls", OLE + "Workbook".encode("utf-16-le") + bytes(500), "reading.old_workbook"),
    ("wps.et", OLE + bytes(500), "reading.old_workbook"),
    ("secret.xlsx", OLE + "EncryptionInfo".encode("utf-16-le") + bytes(40) + "EncryptedPackage".encode("utf-16-le") + bytes(500), "reading.locked_workbook"),
    ("export.xls", b"\xef\xbb\xbf\r\n<HTML><table><tr><td>1</td></tr></table></HTML>", "reading.web_page"),
    ("export2.xls", '<meta charset="gbk"><table><tr><td>单位</td></tr></table>'.encode("gb18030"), "reading.web_page"),
    ("export3.xls", SPREADSHEET_2003, "reading.web_page"),
    ("scan.csv", b"%PDF-1.7\n" + bytes(range(256)), "reading.no_table"),
    ("photo.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100), "reading.no_table"),
    ("photo.csv", b"\xff\xd8\xff\xe0" + bytes(100), "reading.no_table"),
    ("all.rar", b"Rar!\x1a\x07\x00" + bytes(100), "reading.no_table"),
    ("all.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100), "reading.no_table"),
    ("all.zip", zipped({"a.csv": b"x"}), "reading.other_workbook"),
    ("letter.docx", office("word/document.xml"), "reading.other_workbook"),
    ("talk.pptx", office("ppt/presentation.xml"), "reading.other_workbook"),
]


@pytest.mark.parametrize(("name", "data", "key"), OTHERS)
def test_what_is_no_table_is_refused_with_what_to_do(name: str, data: bytes, key: str) -> None:
    (problem,) = problems_of(data, name)
    assert problem.key == key
    assert re.search("WPS|上传", texts.words("zh").message(problem))


# -- put right at a tick -----------------------------------------------------------------------------------------------------


def ticked(source: Source, *, most: int = 5) -> tuple[reading.Reading, list[str]]:
    """The file read after everything that is offered is ticked, and what that was."""
    naming, told = Naming(), []
    for _ in range(most):
        (file,) = naming.put_right([source])
        try:
            return reading.read(file, STANDARD, DIRECTORY), told
        except ImportDataError as error:
            naming.offer([file], error.problems)
            fresh = [together for together in naming.of([file]) if together[0].key not in naming.chosen]
            assert fresh, error.problems
            for together in fresh:
                told.append(f"{len(together)} × {together[0].said} → {together[0].options[0]}")
                naming.choose(together, together[0].options[0])
    raise AssertionError(told)


def cells_of(found: reading.Reading) -> dict[str, list[object]]:
    return {name: values for name, values in found.table.to_pydict().items() if name not in ("line", "area_id")}


BLANKS = "单位,考核期,户数,楼道亮灯率,台账齐全\n阳光社区,2025Q3,－,/,是\nC002,2025Q3,－,－,\n晨曦社区,2025Q3,5, － ,—\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_words_for_nothing_become_blank_one_tick_a_word_for_all_columns(encoding: str) -> None:
    found, told = ticked(Source("x.csv", BLANKS.encode(encoding)))
    assert told == ["2 × － → ", "1 × / → ", "1 × — → "]
    nothing = [None, None, None]
    assert cells_of(found) == {"period": [8102] * 3, "households": [None, None, 5.0], "lighting": nothing, "records_kept": [1.0, None, None]}


def test_in_a_workbook_too_and_days_become_their_period() -> None:
    rows = [HEAD, ["阳光社区", (45901, 'yyyy"年"m"月"'), "－", 1200, "是"], ["C002", 45930, 88, "无", "无"], ["晨曦社区", "2025/8/1", 90, 7, ""]]
    found, told = ticked(Source("x.xlsx", workbook(("数据", rows))))
    assert sorted(told) == sorted(["1 × 2025-09-01 → 2025Q3", "1 × － → ", "1 × 45930 → 2025Q3", "1 × 无 → ", "1 × 2025/8/1 → 2025Q3"])
    # 无 in a column of yes or no says no.
    assert cells_of(found) == {"period": [8102] * 3, "lighting": [None, 88.0, 90.0], "households": [1200.0, None, 7.0], "records_kept": [1.0, 0.0, None]}


@pytest.mark.parametrize("said", ["03/04/2025", "1/2/25", "2025-13-01", "三季度", "2025.3"])
def test_where_the_period_cannot_be_told_nothing_is_offered(said: str) -> None:
    (problem,) = problems_of(f"单位,考核期,户数\n阳光社区,{said},5\n".encode())
    assert problem.options == ()


def test_a_column_and_then_its_cells_are_put_right_one_after_the_other() -> None:
    found, told = ticked(Source("x.csv", "单位,考核期,楼道亮灯律\n阳光社,2025Q3,无\n".encode("gb18030")))
    assert told == ["1 × None → 楼道亮灯率", "1 × 阳光社 → 阳光社区 (C001)", "1 × 无 → "]
    assert cells_of(found) == {"period": [8102], "lighting": [None]}


def test_two_files_of_one_name_are_not_mixed_up() -> None:
    """A problem names its file; where two bear the name nothing is offered rather than the wrong one changed."""
    naming, one, two = Naming(), Source("x.csv", BLANKS.encode()), Source("x.csv", BLANKS.encode("gb18030"))
    naming.offer([one, two], problems_of(BLANKS.encode()))
    assert naming.of([one, two]) == []


def test_a_text_that_was_cut_short_to_be_shown_is_not_offered() -> None:
    naming, source = Naming(), Source("x.csv", f"单位,考核期,户数\n{'阳光社区' * 20},2025Q3,5\n".encode())
    cut = Problem("reading.unknown_area", {}, "x.csv", 2, "单位", None, "阳光社区" * 20, options=("C001",))
    naming.offer([source], [cut])
    assert naming.of([source]) == []
