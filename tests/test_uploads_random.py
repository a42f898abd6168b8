"""Two hundred files as offices send them, seeded: encodings and workbooks × layouts × faults × sizes. Each lands whole with every cell, or not at all with
every planted fault named where it is."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import xlsxwriter
from district import STANDARD, areas, content

from compliance.access import local_user
from compliance.engine.schema import quote, reported_table
from compliance.errors import ImportDataError
from compliance.files.reading import UPLOAD_LIMITS, Source
from compliance.files.workbooks import letters
from compliance.storage.importer import import_source, import_sources
from compliance.storage.store import Store

CODECS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx", "xlsx")
NAMES = {"C1": "一社区", "C2": "二社区", "C3": "三社区"}
PERIODS = [f"{year}Q{quarter}" for year in range(2018, 2026) for quarter in range(1, 5)]
METRICS = STANDARD.metrics_of("community")
# A cell that is wrong in any column of its unit → the fault that must be named.
WRONG = {
    "households": [("1200户", "unit_in_cell"), ("1.2万", "multiplier"), ("-5", "negative"), ("—", "missing_word")],
    "percent": [("101", "out_of_range"), ("九十", "not_a_number"), ("#REF!", "excel_error"), ("约90", "approximate")],
    "count": [("5%", "sign_not_expected"), ("(5)", "bracketed"), ("2025-03-01", "date_cell"), ("N/A", "missing_word")],
    "permille": [("1.5%", "other_sign"), ("1e400", "not_finite"), ("5\u200b", "strange_character")],
    "area": [("一小区", "unknown_area"), ("S1", "area_of_other_level"), ("乙乙乙乙", "strange_area"), ("", "blank_key")],
    "period": [("45901", "period_serial"), ("2025-09-30", "period_date"), ("2025Q9", "period_form"), ("", "blank_key")],
}


@dataclass
class Made:
    """A file with what must come of it: the cells that it states, or the faults (row of the table, column, key) that were planted."""

    table: list[list[str]]
    stated: dict[tuple[str, str, str], float] = field(default_factory=dict)
    faults: set[tuple[int, str | None, str]] = field(default_factory=set)
    line_of: dict[int, int] = field(default_factory=dict)


def made(rnd: random.Random) -> Made:
    metrics = rnd.sample(METRICS, rnd.randint(1, len(METRICS)))
    heads = [rnd.choice([metric.id, metric.title.zh, metric.title.en, f"{metric.title.zh} ({metric.id})"]) for metric in metrics]
    found = Made([[rnd.choice(["area_id", "单位", "社区名称"]), rnd.choice(["period", "考核期"]), *heads]])
    pairs = rnd.sample([(area, period) for area in NAMES for period in PERIODS], rnd.choice([1, 3, 20, 90]))
    for area, period in pairs:
        cells = []
        for metric in metrics:
            text = "" if rnd.random() < 0.2 else _figure(metric.id, rnd)
            cells.append(text)
            if text:
                found.stated[area, period, metric.id] = float(text)
        found.table.append([rnd.choice([area, NAMES[area]]), period, *cells])
    units = ["area", "period", *(metric.unit for metric in metrics)]
    if rnd.random() < 0.5:
        for row in rnd.sample(range(1, len(found.table)), min(len(found.table) - 1, rnd.randint(1, 4))):
            column = rnd.randrange(len(units))
            found.table[row][column], key = rnd.choice(WRONG[units[column]])
            found.faults.add((row, found.table[0][column], f"reading.{key}"))
    return found


def _figure(metric: str, rnd: random.Random) -> str:
    match metric:
        case "households":
            return str(rnd.randint(1000, 2000))
        case "households_served":
            return str(rnd.randint(0, 900))
        case "lighting_rate":
            return rnd.choice(["100", "99.5", "12.25", "88", "2", "1"])
        case "complaints":
            return str(rnd.randint(0, 40))
    return rnd.choice(["0.5", "0.125", "3"])


def laid_out(found: Made, rnd: random.Random) -> list[list[str]]:
    """The table as rows of a file: blank rows between, a title, a total, a footer. Notes which line each row comes to stand on."""
    width, rows = len(found.table[0]), []
    if rnd.random() < 0.15:
        rows.append(["三季度数据报表", *[""] * (width - 1)])
        found.faults.add((-1, None, "reading.header_elsewhere"))
        found.line_of[-1] = 1
    for number, row in enumerate(found.table):
        if number and rnd.random() < 0.1:
            rows.append([""] * width)
        rows.append(row)
        found.line_of[number] = len(rows)
    for text, key in (("合计", "summary_row"), ("填报人：张三", "footer")):
        if rnd.random() < 0.1:
            rows.append([text, *[""] * (width - 1)])
            place = len(found.table) + len(rows)
            found.line_of[place] = len(rows)
            found.faults.add((place, None, f"reading.{key}"))
    return rows


def written(rows: list[list[str]], codec: str, rnd: random.Random) -> bytes:
    if codec == "xlsx":
        return _workbook(rows, rnd)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=rnd.choice(["\n", "\r\n"]), quoting=rnd.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerows(rows)
    return out.getvalue().encode(codec)


def _workbook(rows: list[list[str]], rnd: random.Random) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        page = book.add_worksheet("数据")
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                is_figure = cell.replace(".", "", 1).isdigit()
                if is_figure and rnd.random() < 0.8:
                    page.write_number(line, column, float(cell))
                elif cell.startswith("#"):
                    page.write_formula(line, column, "=A1", None, cell)
                elif cell:
                    page.write_string(line, column, cell)
    return out.getvalue()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("random") / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=local_user())
        yield store


def reported(store: Store, import_id: int) -> dict[tuple[str, str, str], float]:
    """Every cell of an import, as stored."""
    names = [metric.id for metric in METRICS]
    columns = ", ".join(map(quote, names))
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT area_id, period, {columns} FROM {reported_table('community')} WHERE import_id = ?", [import_id]).fetchall()
    label = {8072 + number: text for number, text in enumerate(PERIODS)}  # 2018Q1 is 4 × 2018
    return {(row[0], label[row[1]], name): cell for row in rows for name, cell in zip(names, row[2:], strict=True) if cell is not None}


@pytest.mark.parametrize("seed", range(200))
def test_a_file_lands_whole_or_every_fault_is_named(store: Store, seed: int) -> None:
    rnd = random.Random(seed)
    codec, found = CODECS[seed % len(CODECS)], made(rnd)
    rows = laid_out(found, rnd)
    data = Source(f"f{seed}.{'xlsx' if codec == 'xlsx' else 'csv'}", written(rows, codec, rnd))
    if not found.faults:
        (done,) = import_sources(store, [data], user=local_user(), limits=UPLOAD_LIMITS).imports
        assert done.rows_in == done.accepted + done.blank and done.accepted == len(found.table) - 1
        assert reported(store, done.id or 0) == found.stated
        return
    before = content(store)
    with pytest.raises(ImportDataError) as caught:
        import_sources(store, [data], user=local_user(), limits=UPLOAD_LIMITS)
    assert content(store) == before
    named = {(problem.line, problem.column, problem.key) for problem in caught.value.problems}
    assert named == {(found.line_of[row], column, key) for row, column, key in found.faults}
    if codec == "xlsx":
        heads = found.table[0]
        cells = {problem.cell for problem in caught.value.problems if problem.column}
        assert cells == {f"{letters(heads.index(column))}{found.line_of[row]}" for row, column, _ in found.faults if column}
