"""Data files against REALITY section 3, row by row: what is refused and where, and what is read all the same."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from compliance.errors import ImportDataError, Problem
from compliance.files import reading
from compliance.files.cells import PercentTally, mixed_columns
from compliance.files.directory import _is_one_edit
from compliance.files.reading import COMMAND_LIMITS, UPLOAD_LIMITS, Directory, Limits, Reading, Source
from compliance.standard import loader
from compliance.standard.definitions import Standard

YAML = """
standard:
  id: tiny
  title: {zh: 小标准, en: Tiny standard}
  period: quarter
  levels:
    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}
    - {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}
pillars:
  - id: services
    title: {zh: 服务, en: Services}
    domains:
      - id: environment
        title: {zh: 环境, en: Environment}
        indicators:
          - code: "2.1"
            level: community
            title: {zh: 楼道亮灯, en: Lit stairwells}
            text: 亮灯率达90%以上
            criteria: [{id: lit, value: lighting, at_least: 90}]
          - code: "2.10"
            level: community
            title: {zh: 台账齐全, en: Records kept}
            text: 台账齐全
            criteria: [{id: kept, value: records_kept, is: yes}]
          - code: "3.1"
            level: subdistrict
            title: {zh: 办公用房, en: Offices}
            text: 350平方米
            criteria: [{id: space, value: offices, at_least: 350}]
metrics:
  - {id: lighting, title: {zh: 楼道亮灯率, en: Lighting rate}, level: community, unit: percent, kind: stock, range: [0, 100]}
  - {id: greening, title: {zh: 绿化率, en: Greening rate}, level: community, unit: percent, kind: stock, range: [0, 100]}
  - {id: petitions, title: {zh: 上访率(含集体), en: Petition rate}, level: community, unit: permille, kind: stock}
  - {id: households, title: {zh: 户数, en: Households}, level: community, unit: households, kind: stock, range: [1, 100000]}
  - {id: rented, title: {zh: 出租户数, en: Rented homes}, level: community, unit: households, kind: stock, part_of: households}
  - {id: visits, title: {zh: 走访次数, en: Visits}, level: community, unit: count, kind: flow}
  - {id: records_kept, title: {zh: 台账齐全, en: Records kept}, level: community, unit: yes_no, kind: stock}
  - {id: balance, title: {zh: 结余, en: Balance}, level: community, unit: yuan, kind: stock}
  - {id: offices, title: {zh: 办公面积, en: Office space}, level: subdistrict, unit: m2, kind: stock}
parameters:
  - {id: city_rate, title: {zh: 全市平均, en: City average}, unit: permille}
"""
STANDARD = loader.parse(YAML)
DIRECTORY = Directory(
    {"S1": "subdistrict", "S2": "subdistrict", "C001": "community", "C002": "community", "C003": "community", "C004": "community", "007": "community"},
    {
        "云栖街道": ("S1",),
        "松涛街道": ("S2",),
        "阳光社区": ("C001",),
        "星河（北）社区": ("C002",),
        "同名社区": ("C003", "C004"),
        "晨曦社区": ("007",),
    },
)  # fmt: skip
Q = 2025 * 4 + 2


def read(
    content: str | bytes, standard: Standard = STANDARD, ignore: tuple[str, ...] = (), limits: Limits = COMMAND_LIMITS, encoding: str = "utf-8"
) -> Reading:
    data = content.encode(encoding) if isinstance(content, str) else content
    return reading.read(Source("file.csv", data), standard, DIRECTORY, ignore_columns=ignore, limits=limits)


def refused(content: str | bytes, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(ImportDataError) as caught:
        read(content, **options)  # type: ignore[arg-type]
    assert all(problem.file == "file.csv" for problem in caught.value.problems)
    return caught.value.problems


def column(header: str, *cells: str) -> str:
    """A file of one metric, one row a quarter of C001."""
    return f"area_id,period,{header}\n" + "".join(f"C001,{2000 + number}Q3,{cell}\n" for number, cell in enumerate(cells))


# -- what is refused: one fault, its key, line, column and value ---------------------------------------------------------------

REFUSED_CELLS = [
    # REALITY: 95 % / 0.88 / 88 is a matter of the column, below. 1200户, 1.2万, (500), nan, inf, 1e400
    ("households", "1200户", "reading.unit_in_cell"),
    ("households", "1200 户", "reading.unit_in_cell"),
    ("offices", "350m2", "reading.unit_in_cell"),
    ("balance", "¥500", "reading.unit_in_cell"),
    ("visits", "5²", "reading.unit_in_cell"),
    ("balance", "1.2万", "reading.multiplier"),
    ("balance", "3千元", "reading.multiplier"),
    ("balance", "(500)", "reading.bracketed"),
    ("balance", "（500）", "reading.bracketed"),
    ("visits", "nan", "reading.missing_word"),
    ("visits", "inf", "reading.not_finite"),
    ("visits", "-Infinity", "reading.not_finite"),
    ("visits", "1e400", "reading.not_finite"),
    # NA, N/A, -, —, 无, /
    *(("visits", word, "reading.missing_word") for word in ("NA", "N/A", "n/a", "-", "—", "——", "无", "/", "null", "NULL", "暂无", "#N/A", "不适用")),
    ("records_kept", "N/A", "reading.missing_word"),
    ("records_kept", "-", "reading.missing_word"),
    ("records_kept", "2", "reading.not_yes_no"),
    ("records_kept", "1e0", "reading.not_yes_no"),
    ("records_kept", "基本达标", "reading.not_yes_no"),
    ("visits", "是", "reading.not_a_number"),
    # % and ‰ only where the unit is so
    ("visits", "95%", "reading.sign_not_expected"),
    ("lighting", "1.5‰", "reading.other_sign"),
    ("petitions", "1.5%", "reading.other_sign"),
    ("records_kept", "100%", "reading.not_yes_no"),
    # negative, > 100 %, outside range
    ("visits", "-5", "reading.negative"),
    ("visits", "－5", "reading.negative"),
    ("lighting", "100.1", "reading.out_of_range"),
    ("lighting", "120%", "reading.out_of_range"),
    ("households", "0", "reading.out_of_range"),
    ("households", "100001", "reading.out_of_range"),
    # spreadsheets and people
    ("visits", "#REF!", "reading.excel_error"),
    ("visits", "#DIV/0!", "reading.excel_error"),
    ("visits", "=A1", "reading.formula_cell"),
    ("visits", "2025-03-01", "reading.date_cell"),
    ("visits", "3月5日", "reading.date_cell"),
    ("visits", "约90", "reading.approximate"),
    ("visits", "90以上", "reading.approximate"),
    ("visits", "≥90", "reading.approximate"),
    ("visits", "90-95", "reading.approximate"),
    ("visits", "1 200", "reading.thousands"),
    ("visits", "1.2.3.4", "reading.thousands"),
    ("visits", "0x10", "reading.unit_in_cell"),
    ("visits", "1_000", "reading.unit_in_cell"),
    ("visits", "½", "reading.not_a_number"),
    ("visits", "١٢", "reading.not_a_number"),
    ("visits", "'12", "reading.not_a_number"),
    ("visits", "abc", "reading.not_a_number"),
    # zero-width, control, bidi, lost text
    ("visits", "1\u200b2", "reading.strange_character"),
    ("visits", "\ufeff12", "reading.strange_character"),
    ("visits", "12\x00", "reading.strange_character"),
    ("visits", "12\x1b", "reading.strange_character"),
    ("visits", "\u202e12", "reading.strange_character"),
    ("visits", "12\x85", "reading.strange_character"),
    ("visits", "12\u2028", "reading.strange_character"),
    ("visits", "\t12", "reading.strange_character"),
    ("visits", "\ufffd\ufffd", "reading.lost_text"),
    ("visits", "锟斤拷", "reading.lost_text"),
    ("visits", "1" * 2001, "reading.cell_too_long"),
]


@pytest.mark.parametrize(("metric", "cell", "key"), REFUSED_CELLS)
def test_a_bad_cell_is_refused_with_its_line_and_column(metric: str, cell: str, key: str) -> None:
    area = "S1" if metric == "offices" else "C002"
    (problem,) = refused(f"area_id,{metric},period\n\n{area},,2025Q2\n{area},{cell},2025Q3\n")
    assert (problem.key, problem.line, problem.column, problem.subject) == (key, 4, metric, area)
    unseen = re.compile("[\x00-\x1f\x85\u200b\u2028\u202e\ufeff\ufffd]")
    assert problem.value == unseen.sub(lambda found: f"\\u{ord(found[0]):04x}", cell)[:80]


REFUSED_ROWS = [
    # unquoted thousands, ragged rows
    ("阳光社区,2025Q3,1,200", "reading.ragged_row", 2, None, None),
    ("C001,2025Q3", "reading.ragged_row", 2, None, None),
    # 合计 rows, footers, blank keys
    ("合计,2025Q3,1200", "reading.summary_row", 2, None, "合计"),
    ("合 计：,,1200", "reading.summary_row", 2, None, "合 计："),
    ("总计,,1200", "reading.summary_row", 2, None, "总计"),
    ("小计", "reading.summary_row", 2, None, "小计"),
    ("平均,2025Q3,3", "reading.summary_row", 2, None, "平均"),
    ("Total,,3", "reading.summary_row", 2, None, "Total"),
    ("填报人：张三,审核人：李四,", "reading.footer", 2, None, "填报人：张三"),
    ("填报人：张三", "reading.footer", 2, None, "填报人：张三"),
    (",,填报日期：2025年10月8日", "reading.footer", 2, None, "填报日期：2025年10月8日"),
    ("注：以上数据截至季末", "reading.footer", 2, None, "注：以上数据截至季末"),
    (",2025Q3,5", "reading.blank_key", 2, "area_id", None),
    ("C001, ,5", "reading.blank_key", 2, "period", None),
    ("area_id,period,visits", "reading.repeated_header", 2, None, "area_id"),
    # areas
    ("阳光社,2025Q3,5", "reading.unknown_area", 2, "area_id", "阳光社"),
    ("C01,2025Q3,5", "reading.unknown_area", 2, "area_id", "C01"),
    ("7,2025Q3,5", "reading.strange_area", 2, "area_id", "7"),
    ("XYZ,2025Q3,5", "reading.strange_area", 2, "area_id", "XYZ"),
    ("C009,2025Q3,5", "reading.strange_area", 2, "area_id", "C009"),  # as near to C001 as to C002, C003 and C004
    ("同名社区,2025Q3,5", "reading.ambiguous_area", 2, "area_id", "同名社区"),
    ("S1,2025Q3,5", "reading.area_of_other_level", 2, "area_id", "S1"),
    ("云栖街道,2025Q3,5", "reading.area_of_other_level", 2, "area_id", "云栖街道"),
    # periods
    ("C001,45901,5", "reading.period_serial", 2, "period", "45901"),
    ("C001,03/04/2025,5", "reading.period_date", 2, "period", "03/04/2025"),
    ("C001,2025/9/30,5", "reading.period_date", 2, "period", "2025/9/30"),
    ("C001,2025Q5,5", "reading.period_form", 2, "period", "2025Q5"),
    ("C001,三季度,5", "reading.period_form", 2, "period", "三季度"),
    # unclosed quote
    ('C001,2025Q3,"5', "reading.quotes", 2, None, None),
    ('C001,2025Q3,"5"x', "reading.quotes", 2, None, None),
]


@pytest.mark.parametrize(("row", "key", "line", "header", "value"), REFUSED_ROWS)
def test_a_bad_row_is_refused_with_its_line(row: str, key: str, line: int, header: str | None, value: str | None) -> None:
    (problem,) = refused(f"area_id,period,visits\n{row}\n")
    assert (problem.key, problem.line, problem.column, problem.value) == (key, line, header, value)


REFUSED_HEADERS = [
    # title row, merged header, sep=, no header
    ("2025年第三季度报表,,\n单位,考核期,户数\nC001,2025Q3,5\n", "reading.header_elsewhere", 1, {"header_line": 2}),
    ("六型社区数据\n\n填报说明\narea_id,period,households\nC001,2025Q3,5\n", "reading.header_elsewhere", 1, {"header_line": 4}),
    ("单位,考核期,社区环境,\n,,楼道亮灯率,绿化率\nC001,2025Q3,90,30\n", "reading.merged_header", 1, {"first": 1, "second": 2}),
    ("单位,考核期,户数,社区环境,\n,,,楼道亮灯率,绿化率\nC001,2025Q3,5,90,30\n", "reading.merged_header", 1, {"first": 1, "second": 2}),
    ("sep=,\narea_id,period,households\nC001,2025Q3,5\n", "reading.sep_line", 1, {"header_line": 2}),
    ("sep=;\narea_id;period;households\nC001;2025Q3;5\n", "reading.sep_line", 1, {"header_line": 2}),
    ("C001,2025Q3,5\nC002,2025Q3,5\n", "reading.no_header", 1, {}),
    ("abc\n", "reading.no_header", 1, {}),
    ("area_id;period;households\nC001;2025Q3;5\n", "reading.delimiter", 1, {"delimiter": ";"}),
    ("area_id\tperiod\thouseholds\nC001\t2025Q3\t5\n", "reading.delimiter", 1, {"delimiter": "Tab"}),
    ("单位，考核期，户数\nC001，2025Q3，5\n", "reading.delimiter", 1, {"delimiter": "，"}),
    # nothing in it
    ("", "reading.empty_file", None, {}),
    ("\n\r\n  \n", "reading.empty_file", None, {}),
    ("\ufeff", "reading.empty_file", None, {}),
    (",,\n ,\n", "reading.empty_file", None, {}),
    ("area_id,period,households\n\n,,\n", "reading.no_rows", 1, {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "line", "args"), REFUSED_HEADERS)
def test_a_header_that_is_not_the_first_line_is_found(text: str, key: str, line: int | None, args: dict[str, object]) -> None:
    (problem,) = refused(text)
    assert (problem.key, problem.line, dict(problem.args)) == (key, line, args)


@pytest.mark.parametrize(
    ("head", "key", "line"),
    [("三季度报表,,\n单位,考核期,走访次数\n", "reading.header_elsewhere", 3), ("单位,考核期,服务\n,,走访次数\n", "reading.merged_header", 3)],
)
def test_rows_below_a_header_that_must_be_mended_are_judged_all_the_same(head: str, key: str, line: int) -> None:
    problems = refused(f"{head}C001,2025Q3,5户\n合计,,5\n")
    assert [(problem.key, problem.line) for problem in problems] == [(key, 1), ("reading.unit_in_cell", line), ("reading.summary_row", line + 1)]


REFUSED_COLUMNS = [
    ("area_id,period,visits,lightning", "reading.unknown_column", "lightning", {"meant": "lighting"}),
    ("area_id,period,visits,楼道亮灯律", "reading.unknown_column", "楼道亮灯律", {"meant": "楼道亮灯率"}),
    ("area_id,period,visits,qqqqqq", "reading.strange_column", "qqqqqq", {}),
    ("area_id,period,visits,Visits", "reading.duplicate_column", "Visits", {"first": "visits", "first_position": 3, "position": 4}),
    ("area_id,period,visits,走访次数", "reading.duplicate_column", "走访次数", {"first": "visits", "first_position": 3, "position": 4}),
    ("area_id,period,visits,单位", "reading.duplicate_column", "单位", {"first": "area_id", "first_position": 1, "position": 4}),
    ("area_id,period,visits,city_rate", "reading.parameter_here", "city_rate", {}),
    ("area_id,period,visits,name", "reading.key_column_here", "name", {}),
    ("area_id,period,visits,结余(万元)", "reading.header_unit", "结余(万元)", None),
    ("area_id,period,visits,结余（必填）", "reading.header_unit", "结余（必填）", None),
    ("area_id,period,visits,结余(greening)", "reading.ambiguous_column", "结余(greening)", {"ids": "balance, greening"}),
    ("area_id,period,visits,办公面积", "reading.two_levels", "办公面积", None),
]


@pytest.mark.parametrize(("header", "key", "column_", "args"), REFUSED_COLUMNS)
def test_a_bad_column_is_refused_by_name(header: str, key: str, column_: str, args: dict[str, object] | None) -> None:
    (problem,) = refused(f"{header}\nC001,2025Q3,5,\n")
    assert (problem.key, problem.line, problem.column) == (key, 1, column_)
    assert args is None or dict(problem.args) == args


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        ("area_id,visits", ["reading.missing_column"]),
        ("period,visits", ["reading.missing_column"]),
        ("area_id,period", ["reading.no_metric_columns"]),
        ("period", ["reading.no_parameter_columns"]),
        ("area_id,period,,visits", ["reading.blank_header"]),
        ("area_id,name,parent_id", ["reading.missing_column"]),
        ("area_id,indicator,to", ["reading.missing_column", "reading.missing_column"]),
        ("period,city_rate,visits", ["reading.metric_here"]),
        ("area_id,name,level,line", ["reading.reserved_attribute"]),
    ],
)
def test_a_header_that_lacks_something(header: str, keys: list[str]) -> None:
    problems = refused(f"{header}\n{','.join('x' * header.count(','))},\n")
    assert [problem.key for problem in problems if problem.line == 1] == keys


def test_two_levels_name_both_columns_in_both_languages() -> None:
    (problem,) = refused("area_id,period,办公面积,户数\nC001,2025Q3,,5\n")
    assert (problem.column, problem.args["first"]) == ("户数", "办公面积")
    assert (problem.args["first_level"].zh, problem.args["level"].en) == ("街道", "Community")  # type: ignore[attr-defined]


def test_did_you_mean_names_the_area_with_its_id() -> None:
    (problem,) = refused("area_id,period,visits\n阳光小区,2025Q3,5\n")
    assert problem.args == {"meant": "阳光社区 (C001)"}


def test_an_area_and_period_twice_names_both_lines() -> None:
    (problem,) = refused("area_id,period,visits\nC001,2025Q3,5\nC002,2025Q3,5\n阳光社区,2025年三季度,6\n")
    assert (problem.key, problem.line, problem.args, problem.subject) == ("reading.duplicate_row", 4, {"first": 2}, "阳光社区")


def test_a_part_above_its_whole_is_refused() -> None:
    (problem,) = refused("area_id,period,rented,households\nC001,2025Q2,10,10\nC001,2025Q3,11,10\nC001,2025Q4,11,\n")
    assert (problem.key, problem.line, problem.column, problem.value) == ("reading.part_exceeds_whole", 3, "rented", "11")
    assert problem.args == {"whole": "households", "whole_value": "10"}


def test_a_bad_cell_far_down_is_found_and_nothing_is_read() -> None:
    rows = [f"C001,{1900 + number // 4}Q{number % 4 + 1},5" for number in range(800)]
    rows[789] = rows[789] + "x"
    (problem,) = refused("area_id,period,visits\n" + "\n".join(rows))
    assert (problem.key, problem.line, problem.column, problem.value) == ("reading.unit_in_cell", 791, "visits", "5x")


def test_every_fault_of_every_row_comes_at_once() -> None:
    problems = refused("area_id,period,visits,lighting,huh\nC001,45901,-1,120,\n合计,,,,\nC009,2025Q3,,N/A,\nC001,2025Q3\n")
    assert [(problem.line, problem.column, problem.key.removeprefix("reading.")) for problem in problems] == [
        (1, "huh", "strange_column"),
        (2, "period", "period_serial"),
        (2, "visits", "negative"),
        (2, "lighting", "out_of_range"),
        (3, None, "summary_row"),
        (4, "area_id", "strange_area"),
        (4, "lighting", "missing_word"),
        (5, None, "ragged_row"),
    ]


def test_the_first_thousand_problems_and_a_count_of_the_rest() -> None:
    problems = refused("area_id,period,visits\n" + "".join(f"C001,{1900 + number // 4}Q{number % 4 + 1},x\n" for number in range(400)) * 3)
    assert len(problems) == 1001
    # 400 × 3 bad cells, and 800 rows given before.
    assert (problems[-1].key, problems[-1].args, problems[-1].line) == ("reading.more", {"count": 1000}, None)


def test_faults_after_a_quoted_line_break_keep_their_line() -> None:
    (problem,) = refused('"单位\n(area_id)",考核期,"户\r\n数"\r\nC001,2025Q2,"\n5"\r\nC002,2025Q3,x\r\n')
    assert (problem.line, problem.value) == (6, "x")


def test_an_unclosed_quote_is_named_where_it_opens_beside_the_faults_before_it() -> None:
    problems = refused('area_id,period,visits\nC001,2025Q2,x\nC001,2025Q3,"5\nC002,2025Q3,6\n')
    assert [(problem.key, problem.line) for problem in problems] == [("reading.not_a_number", 2), ("reading.quotes", 3)]


# -- encodings --------------------------------------------------------------------------------------------------------

CHINESE = "单位,考核期,户数\n阳光社区,2025年三季度,1200\n星河（北）社区,2025年三季度,950\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_encodings_that_are_read(codec: str, name: str) -> None:
    found = read(CHINESE, encoding=codec)
    assert (found.encoding, found.table["area_id"].to_pylist(), found.table["households"].to_pylist()) == (name, ["C001", "C002"], [1200, 950])


def test_utf16_of_either_byte_order_is_read() -> None:
    assert read(b"\xfe\xff" + CHINESE.encode("utf-16-be")).encoding == "utf-16"
    assert read(b"\xff\xfe" + CHINESE.encode("utf-16-le")).encoding == "utf-16"


GBK_ROWS = CHINESE.encode("gb18030").split(b"\n", 1)[1]
BAD_ENCODINGS = [
    (CHINESE.encode("utf-16-le"), "reading.utf16_without_bom", None, None),
    ("area_id,period,visits\nC001,2025Q3,5\n".encode("utf-16-be"), "reading.utf16_without_bom", None, None),
    (CHINESE.encode("utf-32"), "reading.utf32", None, None),
    ("单位,考核期,户数\n".encode() + GBK_ROWS, "reading.mixed_encodings", 2, None),
    (b"\xef\xbb\xbf" + "单位,考核期,户数\n".encode() + GBK_ROWS, "reading.mixed_encodings", 2, None),
    (CHINESE.encode("gb18030") + "晨曦社区,2025Q3,5\n".encode(), "reading.mixed_encodings", 4, None),
    (CHINESE.encode().replace(b"950", b"95\xff"), "reading.bad_byte", 3, "户数"),
    (CHINESE.encode("gb18030").replace(b"950", b"95\xff"), "reading.bad_byte", 3, "户数"),
    (b"area_id,period,visits\nC001,2025Q3,caf\xe9\n", "reading.bad_byte", 2, "visits"),
    ("\ufeff".encode("utf-16") + b"x", "reading.bad_byte", 1, None),
    (b"PK\x03\x04rest", "reading.damaged_workbook", None, None),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "reading.old_workbook", None, None),
    # Big5 now and then decodes as GB18030, but not into column names.
    ("單位,考核期,戶數\n陽光社區,2025Q3,5\n".encode("big5"), "reading.header_unreadable", 1, None),
]


@pytest.mark.parametrize(("data", "key", "line", "header"), BAD_ENCODINGS)
def test_encodings_that_are_refused(data: bytes, key: str, line: int | None, header: str | None) -> None:
    (problem,) = refused(data)
    assert (problem.key, problem.line, problem.column) == (key, line, header)


# -- what is read all the same ------------------------------------------------------------------------------------------

GOOD_CELLS = [
    ("visits", "5", 5.0),
    ("visits", " 12 ", 12.0),
    ("visits", "\u300012\xa0", 12.0),
    ("visits", "007", 7.0),
    ("visits", "+5", 5.0),
    ("visits", "1e5", 100000.0),
    ("visits", ".5", 0.5),
    ("visits", "5.", 5.0),
    ("visits", "１２００", 1200.0),
    ("visits", "１，２００．５", 1200.5),
    ("visits", '"1,200"', 1200.0),
    ("visits", '"1,234,567.5"', 1234567.5),
    ("visits", '"12\n"', 12.0),
    ("visits", "", None),
    ("visits", '""', None),
    ("visits", "   ", None),
    ("balance", "-500", -500.0),
    ("balance", "−500", -500.0),
    ("balance", "－５００", -500.0),
    ("lighting", "95%", 95.0),
    ("lighting", "９０％", 90.0),
    ("lighting", "95 %", 95.0),
    ("lighting", "0.5%", 0.5),
    ("lighting", "0.5", 0.5),
    ("lighting", "0", 0.0),
    ("lighting", "100", 100.0),
    ("petitions", "1.5‰", 1.5),
    ("petitions", "1.5", 1.5),
    *(("records_kept", word, 1.0) for word in ("是", "有", "√", "✓", "达标", "yes", "YES", "Y", "y", "true", "TRUE", "1", "1.0", " 是 ", "Ｙ", "１")),
    *(("records_kept", word, 0.0) for word in ("否", "无", "×", "✗", "未达标", "no", "No", "N", "n", "false", "0", "0.0")),
    ("records_kept", "", None),
]


@pytest.mark.parametrize(("metric", "cell", "value"), GOOD_CELLS)
def test_a_good_cell_is_read(metric: str, cell: str, value: float | None) -> None:
    found = read(column(metric, cell))
    assert found.table[metric].to_pylist() == [value]
    assert found.table.schema.field(metric).type == pa.float64()


@pytest.mark.parametrize(
    "spelling",
    ["2025Q3", "2025-Q3", "2025q3", "2025年第3季度", "2025年三季度", "2025年第三季度", "2025-09", "202509", "2025/07", "2025年8月", "２０２５Ｑ３", " 2025Q3 "],
)  # fmt: skip
def test_periods_of_every_accepted_spelling(spelling: str) -> None:
    assert read(f"area_id,period,visits\nC001,{spelling},5\n").table["period"].to_pylist() == [Q]


@pytest.mark.parametrize(
    "header",
    [
        "area_id,period,lighting",
        "单位,考核期,楼道亮灯率",
        "社区,季度,Lighting rate",
        "Community,PERIOD,LIGHTING RATE",
        "单位编号,考核期 (period),楼道亮灯率 (lighting)",
        "社区名称,period,楼道亮灯率(%)",
        "area,period,楼道亮灯率（％）",
        "area_id,period,lighting (楼道亮灯率)",
        "area_id,period,改过的名称 (lighting)",
        ' area_id ,period,"楼道\n亮灯率"',
        "area_id,period,楼道亮灯率,,",
    ],
)
def test_headers_of_every_accepted_spelling(header: str) -> None:
    found = read(f"{header}\nC001,2025Q3,90\n")
    assert (found.kind, found.level, found.columns) == ("metrics", "community", ("lighting",))
    assert found.table.schema.names == ["line", "area_id", "period", "lighting"]


def test_a_title_with_brackets_of_its_own() -> None:
    assert read("area_id,period,上访率(含集体),\nC001,2025Q3,1.5,\n").columns == ("petitions",)
    assert read("area_id,period,上访率（含集体）(‰)\nC001,2025Q3,1.5\n").columns == ("petitions",)


@pytest.mark.parametrize("area", ["C001", "阳光社区", " C001 ", "Ｃ００１", "阳光社区\u3000", "阳光 社区"])
def test_areas_by_id_or_full_name(area: str) -> None:
    assert read(f"area_id,period,visits\n{area},2025Q3,5\n").table["area_id"].to_pylist() == ["C001"]


def test_brackets_of_either_width_name_the_same_area() -> None:
    assert read("area_id,period,visits\n星河(北)社区,2025Q3,5\n").table["area_id"].to_pylist() == ["C002"]


def test_leading_zeros_of_an_id_are_kept() -> None:
    assert read("area_id,period,visits\n007,2025Q3,7\n").table["area_id"].to_pylist() == ["007"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_endings_blank_lines_and_trailing_cells(ending: str, last: bool) -> None:
    lines = ["", "area_id,period,visits,,", "C001,2025Q2,5,,", "", " ", "C001,2025Q3,6,,", ",,,,", "C001,2025Q4,7"]
    found = read(ending.join(lines) + (ending if last else ""))
    assert found.table.to_pydict() == {"line": [3, 6, 8], "area_id": ["C001"] * 3, "period": [Q - 1, Q, Q + 1], "visits": [5, 6, 7]}
    assert (found.rows_in, found.accepted, found.blank) == (7, 3, 4)


def test_key_columns_may_stand_anywhere_and_columns_keep_their_order() -> None:
    found = read("visits,period,lighting,area_id\n5,2025Q3,90,C001\n")
    assert found.columns == ("visits", "lighting")
    assert found.table.to_pydict() == {"line": [2], "area_id": ["C001"], "period": [Q], "visits": [5], "lighting": [90]}


def test_columns_are_ignored_only_when_asked() -> None:
    found = read("area_id,备注 1,period,visits\nC001,随便,2025Q3,5\n", ignore=("备注1", "nowhere"))
    assert (found.ignored, found.columns, found.table.num_rows) == (("备注 1",), ("visits",), 1)
    assert [problem.column for problem in refused("area_id,备注 1,period,visits\nC001,随便,2025Q3,5\n")] == ["备注 1"]


def test_an_ignored_column_may_hold_anything_that_can_be_seen() -> None:
    assert read("area_id,period,visits,lighting\nC001,2025Q3,5,很亮\n", ignore=("lighting",)).columns == ("visits",)


# -- percentages in mixed units ---------------------------------------------------------------------------------------

MIXED = [
    (["95%", "0.88", "88"], "reading.mixed_percent", [3]),
    (["95%", "0.88"], "reading.mixed_percent", [3]),
    (["95%", "1", "1"], "reading.mixed_percent", [3, 4]),
    (["0.88", "88", "95"], "reading.mixed_percent", [2]),
    (["0.88", "0", "95"], "reading.mixed_percent", [2]),
    (["0.88", "0.9", "0.95"], "reading.fractions", [2, 3, 4]),
    (["0.88", "1", "0.95", "0.7", "0"], "reading.fractions", [2, 4, 5]),
]
HONEST = [
    ["0.5", "0", "1", "100", "99.5"],
    ["0.4", "2.5", "8.1", "15"],
    ["95%", "88", "0", "100"],
    ["95%", "88", "1"],
    ["95%", "0"],
    ["0.5%", "0.8%", "0.9%"],
    ["0.88%", "88", "95"],
    ["0.5", "0.7"],
    ["0", "1", "1", "0"],
]


@pytest.mark.parametrize(("cells", "key", "lines"), MIXED)
def test_percentages_in_mixed_units_are_refused_by_column(cells: list[str], key: str, lines: list[int]) -> None:
    found = [(problem.key, problem.column, problem.line, problem.value) for problem in refused(column("楼道亮灯率", *cells))]
    assert found == [(key, "楼道亮灯率", line, cells[line - 2]) for line in lines]


@pytest.mark.parametrize(("cells", "key", "lines"), MIXED)
def test_the_two_percentages_that_a_cell_may_mean_are_its_own(cells: list[str], key: str, lines: list[int]) -> None:
    meant = {"0.88": ("0.88", "88"), "1": ("1", "100"), "0.9": ("0.9", "90"), "0.95": ("0.95", "95"), "0.7": ("0.7", "70")}
    assert [(problem.args["small"], problem.args["large"]) for problem in refused(column("lighting", *cells))] == [meant[cells[line - 2]] for line in lines]


@pytest.mark.parametrize("cells", HONEST)
def test_honest_percentages_are_read(cells: list[str]) -> None:
    assert read(column("lighting", *cells)).table["lighting"].to_pylist() == [float(cell.rstrip("%")) for cell in cells]


def test_a_short_file_of_fractions_is_seen_across_its_columns() -> None:
    tallies = {name: PercentTally(fractions=1) for name in ("a", "b", "c")}
    assert mixed_columns(tallies) == ["a", "b", "c"]
    assert mixed_columns({**tallies, "d": PercentTally(high=1)}) == []
    problems = refused("area_id,period,lighting,greening\nC001,2025Q2,0.8,0.3\nC001,2025Q3,0.9,\n")
    assert {(problem.key, problem.column, problem.line) for problem in problems} == {
        ("reading.fractions", "lighting", 2), ("reading.fractions", "lighting", 3), ("reading.fractions", "greening", 2),
    }  # fmt: skip


# -- limits ------------------------------------------------------------------------------------------------------------


def test_limits_are_checked_before_parsing() -> None:
    big = b"area_id,period,visits\n" + b"\n" * (20 * 1024 * 1024)
    assert [problem.key for problem in refused(big, limits=UPLOAD_LIMITS)] == ["reading.too_big"]
    (long_line,) = refused(b"area_id,period,visits\nC001,2025Q3,5\n" + b"1," * 110_000)
    assert (long_line.key, long_line.line) == ("reading.line_too_long", 3)
    (long_cell,) = refused(b"area_id,period,visits\n\nC001,2025Q3," + b"1" * 9_000)
    assert (long_cell.key, long_cell.line) == ("reading.cell_too_long", 3)
    (wide,) = refused("area_id,period," + ",".join(f"m{number}" for number in range(1_000)))
    assert (wide.key, wide.line, wide.args) == ("reading.too_many_columns", 1, {"columns": 1002, "limit": 1000})
    (quoted,) = refused('area_id,period,visits\nC001,2025Q3,"' + "1\n" * 200_000)
    assert (quoted.key, quoted.line) == ("reading.quotes", 2)


# -- parameters, exemptions, areas ------------------------------------------------------------------------------------------


def test_parameters() -> None:
    found = read("考核期,全市平均\n2025Q2,1.5‰\n2025Q3,\n")
    assert (found.kind, found.level, found.columns) == ("parameters", None, ("city_rate",))
    assert found.table.to_pydict() == {"line": [2, 3], "period": [Q - 1, Q], "city_rate": [1.5, None]}
    problems = refused("period,city_rate\n2025Q2,1\n2025年二季度,x\n,5\n合计,5\n")
    assert [(problem.key, problem.line) for problem in problems] == [
        ("reading.duplicate_period", 3),
        ("reading.not_a_number", 3),
        ("reading.blank_key", 4),
        ("reading.summary_row", 5),
    ]


def test_exemptions() -> None:
    found = read('单位,指标,起,止,原因\n阳光社区,2.10,2025Q1,,没有出租房\nS1,3.1,2025Q1,2025Q3,"搬迁,\n新址"\nC003,楼道亮灯,2025Q1,2025Q1,新建\n')
    assert (found.kind, found.columns, found.table.num_rows) == ("exemptions", (), 3)
    assert found.table.to_pydict() == {
        "line": [2, 3, 5],
        "area_id": ["C001", "S1", "C003"],
        "indicator": ["2.10", "3.1", "2.1"],
        "from": [Q - 2] * 3,
        "to": [None, Q, Q - 2],
        "reason": ["没有出租房", "搬迁,\n新址", "新建"],
        "others": [[], [], []],
    }
    assert read("area_id,indicator,from,reason\nC001,2.1,2025Q1,x\n").table["to"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("row", "key", "header", "value"),
    [
        ("C001,2.1,2025Q3,2025Q2,x", "reading.ends_before_start", "to", "2025Q2"),
        ("C001,2.9,2025Q3,,x", "reading.unknown_indicator", "indicator", "2.9"),
        ("C001,绿化,2025Q3,,x", "reading.strange_indicator", "indicator", "绿化"),
        ("S1,2.1,2025Q3,,x", "reading.indicator_of_other_level", "area_id", "S1"),
        ("C001,2.1,2025Q3,,", "reading.blank_key", "reason", None),
        ("C001,2.1,2025Q3,,无", "reading.blank_key", "reason", "无"),
        ("C001,2.1,2025Q3,长期,x", "reading.open_end", "to", "长期"),
        ("C001,2.1,2025Q3,/,x", "reading.open_end", "to", "/"),
        ("C001,2.1,45901,,x", "reading.period_serial", "from", "45901"),
        ("C001,2.1,2025Q1,,y", "reading.duplicate_exemption", "indicator", "2.1"),
    ],
)
def test_bad_exemptions(row: str, key: str, header: str, value: str | None) -> None:
    (problem,) = refused(f"area_id,indicator,from,to,reason\nC001,2.1,2025Q1,,first\n{row}\n")
    assert (problem.key, problem.line, problem.column, problem.value) == (key, 3, header, value)


def test_areas_in_any_order_with_attributes() -> None:
    found = read("单位编号,名称,层级,上级单位,estate_type,建成\nC9,新社区,社区,新街道,老旧小区,1998\n010,新街道,Subdistrict,,,\nC8,又一社区,community,S1,,\n")
    assert (found.kind, found.columns) == ("areas", ("estate_type", "建成"))
    assert found.table.to_pydict() == {
        "line": [2, 3, 4],
        "area_id": ["C9", "010", "C8"],
        "name": ["新社区", "新街道", "又一社区"],
        "level": ["community", "subdistrict", "community"],
        "parent_id": ["010", None, "S1"],
        "estate_type": ["老旧小区", None, None],
        "建成": ["1998", None, None],
    }
    assert found.table.schema.field("parent_id").type == pa.string()


BUILT = "attributes:\n  - {id: built, title: {zh: 建成年份, en: Year built}}\n  - {id: estate, title: {zh: 小区类型, en: Estate type}}\n"
TITLED = loader.parse(YAML + BUILT)


@pytest.mark.parametrize(
    ("header", "id_"),
    [
        ("built", "built"),
        ("Built", "built"),
        ("建成年份", "built"),
        (" 建成 年份 ", "built"),
        ("year built", "built"),
        ("建成年份（built）", "built"),
        ("built (Year built)", "built"),
        ("建成年份(年)", "built"),
        ("小区类型", "estate"),
        ("户数", "户数"),  # the title of a metric is no attribute's: it stays what the file calls it
        ("建成", "建成"),
    ],
)
def test_an_attribute_of_areas_may_be_headed_by_its_titles(header: str, id_: str) -> None:
    found = read(f"单位编号,名称,层级,上级单位,{header}\nC9,新社区,社区,S1,1998\n", TITLED)
    assert (found.columns, found.table[id_].to_pylist()) == ((id_,), ["1998"])


def test_an_attribute_under_two_of_its_names_is_there_twice() -> None:
    with pytest.raises(ImportDataError) as caught:
        read("area_id,name,level,parent_id,built,建成年份\nC9,新社区,社区,S1,1998,1999\n", TITLED)
    assert [(problem.key, problem.column, problem.args["first"]) for problem in caught.value.problems] == [("reading.duplicate_column", "建成年份", "built")]


def test_a_title_that_two_attributes_share_names_neither() -> None:
    twins = loader.parse(YAML + "attributes:\n  - {id: a, title: {zh: 类别, en: Kind}}\n  - {id: b, title: {zh: 类别, en: Sort}}\n")
    with pytest.raises(ImportDataError) as caught:
        read("area_id,name,level,parent_id,类别\nC9,新社区,社区,S1,x\n", twins)
    assert [(problem.key, problem.args["ids"]) for problem in caught.value.problems] == [("reading.ambiguous_column", "a, b")]
    assert read("area_id,name,level,parent_id,sort,A\nC9,新社区,社区,S1,x,y\n", twins).columns == ("b", "a")


def test_the_same_name_twice_is_allowed_and_a_column_of_names_beside_ids() -> None:
    found = read("单位编号,单位名称,层级,上级单位\nC8,同名社区,社区,S1\nC9,同名社区,社区,松涛街道\n")
    assert found.table["name"].to_pylist() == ["同名社区", "同名社区"]


@pytest.mark.parametrize(
    ("row", "key", "header", "value"),
    [
        (",新社区,community,S1", "reading.blank_key", "area_id", None),
        ("C9,,community,S1", "reading.blank_key", "name", None),
        ("C9,新社区,,S1", "reading.blank_key", "level", None),
        (f"{'9' * 65},新社区,community,S1", "reading.long_area_id", "area_id", "9" * 65),
        ("c001,新社区,community,S1", "reading.area_id_alike", "area_id", "c001"),
        ("C8,新社区,community,S1", "reading.duplicate_area", "area_id", "C8"),
        ("C9,新社区,小区,S1", "reading.unknown_level", "level", "小区"),
        ("C9,新社区,community,", "reading.parent_missing", "parent_id", None),
        ("C9,新社区,community,云栖街", "reading.unknown_area", "parent_id", "云栖街"),
        ("C9,新社区,community,无", "reading.parent_missing", "parent_id", "无"),
        ("C9,新社区,community,C001", "reading.area_of_other_level", "parent_id", "C001"),
        ("S9,新街道,subdistrict,S1", "reading.parent_unwanted", "parent_id", "S1"),
        ("合计,2,,", "reading.summary_row", None, "合计"),
        ("填报人：张三,,,", "reading.footer", None, "填报人：张三"),
    ],
)
def test_bad_areas(row: str, key: str, header: str | None, value: str | None) -> None:
    (problem,) = refused(f"area_id,name,level,parent_id\nC8,早社区,community,S1\n{row}\n")
    assert (problem.key, problem.line, problem.column, problem.value) == (key, 3, header, value)


def test_without_areas_one_problem_says_so() -> None:
    with pytest.raises(ImportDataError) as caught:
        reading.read(Source("file.csv", b"area_id,period,visits\nC001,2025Q3,5\nC002,2025Q3,5\n"), STANDARD, Directory({}, {}))
    assert [problem.key for problem in caught.value.problems] == ["reading.no_areas"]


# -- provenance, and the file given back ----------------------------------------------------------------------------------

WRITTEN = '单位,考核期,户数\r\n阳光社区,2025Q3," 1,200"\r\n\r\n"星河\r\n（北）社区",2025Q3,９５０\r\n'


@pytest.mark.parametrize(("codec", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")])
def test_raw_cells_are_found_again_exactly_as_written(codec: str, name: str) -> None:
    content = WRITTEN.encode(codec)
    found = read(content)
    assert found.encoding == name
    assert reading.header_row(content, name) == ["单位", "考核期", "户数"]
    assert [reading.raw_row(content, name, line) for line in found.table["line"].to_pylist()] == [
        ["阳光社区", "2025Q3", " 1,200"],
        ["星河\r\n（北）社区", "2025Q3", "９５０"],
    ]
    with pytest.raises(LookupError):
        reading.raw_row(content, name, 99)


def test_a_mapped_file_reads_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    source = Source.from_path(path)
    assert source.name == "数据.csv"
    assert reading.read(source, STANDARD, DIRECTORY) == read(CHINESE, encoding="gb18030")
    (tmp_path / "empty.csv").touch()
    for name, key in (("empty.csv", "reading.empty_file"), ("gone.csv", "reading.cannot_open")):
        with pytest.raises(ImportDataError) as caught:
            reading.read(Source.from_path(tmp_path / name), STANDARD, DIRECTORY)
        assert [problem.key for problem in caught.value.problems] == [key]


def given_back(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    back = reading.faults_csv(Source("file.csv", data), refused(data), lambda problem: f"{problem.key} {problem.value}")
    assert back.startswith(b"\xef\xbb\xbf")
    return back.decode("utf-8-sig").split("\r\n")


def test_faults_are_given_back_in_the_original_layout() -> None:
    assert given_back('area_id,period,visits\nC001,2025Q3,"a,b"\n\nC002,45901,x\n=cmd,2025Q3,-5\n') == [
        "area_id,period,visits,问题 / Problems",
        'C001,2025Q3,"a,b",reading.not_a_number a,b'.replace("reading.not_a_number a,b", '"reading.not_a_number a,b"'),
        "",
        "C002,45901,x,reading.period_serial 45901；reading.not_a_number x",
        "'=cmd,2025Q3,-5,reading.strange_area =cmd；reading.negative -5",
        "",
    ]


# One character of three differs from each of these: which one was meant, nobody can tell.
NEIGHBOURS = {name: (f"C10{k}",) for k, name in enumerate(("风笛社区", "风笺社区", "风弦社区", "风砚社区"))}


@pytest.mark.parametrize(
    ("known", "written", "meant"),
    [
        (1, "风苗社区", "风笛社区 (C100)"),
        (3, "风苗社区", "风弦社区 (C102) / 风笛社区 (C100) / 风笺社区 (C101)"),
        (4, "风苗社区", None),  # more than can be offered: no guess
        (4, "风笛小社区", "风笛社区 (C100)"),
    ],
)
def test_areas_that_are_equally_near_are_all_named_or_none(known: int, written: str, meant: str | None) -> None:
    ids_by_name = dict(list(NEIGHBOURS.items())[:known])
    directory = Directory({area: "community" for ids in ids_by_name.values() for area in ids}, ids_by_name)
    with pytest.raises(ImportDataError) as caught:
        reading.read(Source("file.csv", f"area_id,period,visits\n{written},2025Q3,5\n".encode()), STANDARD, directory)
    (problem,) = caught.value.problems
    assert problem.args.get("meant") == meant


def test_a_name_that_was_nearly_right_stands_in_a_column_of_its_own_and_both_columns_are_left_out_when_the_file_comes_back() -> None:
    back = given_back("area_id,period,visits\n阳光小区,2025Q3,5\nC002,2025Q3,x\n")
    assert back == [
        "area_id,period,visits,问题 / Problems,是不是 / Did you mean",
        "阳光小区,2025Q3,5,reading.unknown_area 阳光小区,阳光社区 (C001)",
        "C002,2025Q3,x,reading.not_a_number x,",
        "",
    ]
    mended = "\r\n".join(back).replace("阳光小区,2", "阳光社区,2").replace("x,", "6,", 1)
    found = read("\ufeff" + mended)
    assert found.table.to_pydict() == {"line": [2, 3], "area_id": ["C001", "C002"], "period": [Q, Q], "visits": [5.0, 6.0]}
    assert found.ignored == ("问题 / Problems", "是不是 / Did you mean")


def test_a_file_with_a_title_comes_back_so_that_deleting_the_title_is_enough() -> None:
    back = given_back("三季度报表,,\narea_id,period,visits\nC001,2025Q3,5户\n")
    assert back[1:3] == ["area_id,period,visits,问题 / Problems", "C001,2025Q3,5户,reading.unit_in_cell 5户"]
    assert read("\r\n".join(back[1:]).replace("5户", "5", 1)).accepted == 1


def test_what_concerns_no_row_is_given_back_in_the_header() -> None:
    assert given_back("area_id,period,huh,visits\nC001,2025Q3,@x,5\n")[:2] == [
        "area_id,period,huh,visits,问题 / Problems: reading.strange_column None",
        "C001,2025Q3,'@x,5,",
    ]
    assert given_back('area_id,period,visits\nC001,2025Q3,"5\n+x,2,3\n')[:3] == [
        "area_id,period,visits,问题 / Problems",
        '"C001,2025Q3,""5",,,reading.quotes None',
        "'+x,2,3".join(['"', '",,,']),
    ]
    assert given_back(b"\xff\xff\xff,1\n")[0].endswith("reading.bad_byte None")


# -- names that are all alike -----------------------------------------------------------------------------------------

ALIKE = ["月笺社区", "月笛社区", "月笠社区", "月砚社区", "月盏社区"]
ALIKE_DIRECTORY = Directory(
    {"S1": "subdistrict", **{f"C{number}": "community" for number in range(5)}}, {name: (f"C{number}",) for number, name in enumerate(ALIKE)}
)


@pytest.mark.parametrize(
    ("rows", "key", "options"),
    [
        # Five names are equally near. Of four the file speaks itself: the fifth was meant.
        (["月签社区", *ALIKE[1:]], "reading.unknown_area", ("月笺社区 (C0)",)),
        (["月签社区", "C1", "月笠社区 (C2)", *ALIKE[3:]], "reading.unknown_area", ("月笺社区 (C0)",)),
        (["月签的社区", *ALIKE[1:]], "reading.strange_area", ()),
        (["月签社区", *ALIKE[2:]], "reading.strange_area", ()),
        (["月签社区"], "reading.strange_area", ()),
    ],
)
def test_where_all_names_are_alike_the_one_that_the_file_leaves_out_was_meant(rows: list[str], key: str, options: tuple[str, ...]) -> None:
    with pytest.raises(ImportDataError) as caught:
        text = "area_id,period,visits\n" + "".join(f"{name},2025Q3,5\n" for name in rows)
        reading.read(Source("file.csv", text.encode()), STANDARD, ALIKE_DIRECTORY)
    assert [(problem.key, problem.line, problem.options) for problem in caught.value.problems] == [(key, 2, options)]


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("月签社区", "月笺社区", True),
        ("月社区", "月笺社区", True),
        ("月笺社区", "笺社区", True),
        ("月笺社", "月笺社区", True),
        ("月笺区社", "月笺社区", False),
        ("月社", "月笺社区", False),
    ],
)
def test_one_character_more_less_or_other(one: str, other: str, is_near: bool) -> None:
    assert _is_one_edit(one, other) == _is_one_edit(other, one) == is_near
