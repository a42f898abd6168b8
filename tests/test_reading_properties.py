"""Data files at random: the quick path and the exact one agree, planted faults are all named where they are, and nothing but ImportDataError is raised."""

import csv
import io
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reading import DIRECTORY, STANDARD

from compliance.errors import ImportDataError
from compliance.files import clean, diagnosis, encodings, reading
from compliance.files.diagnosis import Job, Rows
from compliance.files.directory import AreaFinder
from compliance.files.headers import Headers
from compliance.files.reading import COMMAND_LIMITS, Source
from compliance.standard.definitions import Metric

METRICS = STANDARD.metrics_of("community")
AREAS = ["C001", "阳光社区", "C002", "星河（北）社区", "C003", "C004", "晨曦社区"]
ID_OF = {"阳光社区": "C001", "星河（北）社区": "C002", "晨曦社区": "007"}
CODECS = ["utf-8", "utf-8-sig", "gb18030", "utf-16"]
# Spellings of the same figures that only the exact path reads.
ODD = {"1200": ['"1,200"', "１２００", "+1200", "1.2e3"], "1": ["１", "1.0"], "50": ["50%", "５０％"], "": ['""', " "]}

Table = list[list[str]]
seeds = pytest.mark.parametrize("seed", range(60))


def job(data: bytes) -> Job:
    text = encodings.decode(Source("file.csv", data), COMMAND_LIMITS)
    return Job("file.csv", text, STANDARD, AreaFinder(DIRECTORY, STANDARD), Headers(STANDARD, ()), COMMAND_LIMITS)


def cell_of(metric: Metric, rnd: random.Random) -> str:
    if rnd.random() < 0.2:
        return ""
    match metric.unit:
        case "yes_no":
            return rnd.choice(["是", "否", "1", "0", "1.0", "yes", "N", "无", "达标", "√"])
        case "percent":
            return rnd.choice(["50", "0", "99.5", "100", "2", "12.25"])
        case "yuan":
            return rnd.choice(["-500", "1e5", "0.125", "1200", "-.5", "3."])
    if metric.id == "households":
        return str(rnd.randint(1000, 2000))
    return str(rnd.randint(0, 999))


def clean_table(rnd: random.Random) -> Table:
    """Header and rows of a file without fault: columns in any order under any name, each area and period once."""
    metrics = rnd.sample(METRICS, rnd.randint(1, len(METRICS)))
    header = [rnd.choice([metric.id, metric.title.zh, metric.title.en]) for metric in metrics]
    area_at, period_at = rnd.randint(0, len(header)), rnd.randint(0, len(header) + 1)
    header.insert(area_at, rnd.choice(["area_id", "单位", "社区"]))
    header.insert(period_at, rnd.choice(["period", "考核期"]))
    periods = [f"{year}Q{quarter}" for year in range(2020, 2026) for quarter in range(1, 5)]
    pairs = {(ID_OF.get(area, area), period): area for area in AREAS for period in periods}
    rows = []
    for (_, period), area in rnd.sample(sorted(pairs.items()), rnd.randint(1, 30)):
        row = [cell_of(metric, rnd) for metric in metrics]
        row.insert(area_at, area)
        row.insert(period_at, period)
        rows.append(row)
    return [header, *rows]


def written(table: Table, rnd: random.Random, ending: str | None = None) -> str:
    ending = ending or rnd.choice(["\n", "\r\n"])
    return ending.join(",".join(row) for row in table) + rnd.choice(["", ending])


def assert_same(quick: Rows, exact: Rows) -> None:
    assert quick.table.schema == exact.table.schema
    assert quick.table.equals(exact.table)
    assert (quick.layout, quick.rows_in, quick.blank) == (exact.layout, exact.rows_in, exact.blank)


@seeds
@pytest.mark.parametrize("codec", CODECS)
def test_both_paths_read_a_clean_file_alike(seed: int, codec: str) -> None:
    rnd = random.Random(seed)
    table = clean_table(rnd)
    found = job(written(table, rnd).encode(codec))
    quick = clean.read(found)
    assert quick is not None
    assert_same(quick, diagnosis.read(found))
    assert quick.table.num_rows == len(table) - 1


@seeds
def test_odd_spellings_of_a_clean_file_give_the_same_table(seed: int) -> None:
    """Quotes, full-width digits, percent signs, blank lines and trailing cells change nothing but the line numbers."""
    rnd = random.Random(seed)
    table = clean_table(rnd)
    plain = reading.read(Source("file.csv", written(table, rnd).encode()), STANDARD, DIRECTORY)
    odd: list[str] = []
    for row in table:
        odd += ["", ",,"][: rnd.choice([0, 0, 1, 2])] if odd else []
        odd.append(",".join([*row, ""]) if not odd else ",".join(_respelt(cell, rnd) for cell in row) + ",")
    found = reading.read(Source("file.csv", "\n".join(odd).encode()), STANDARD, DIRECTORY)
    assert found.table.drop(["line"]).equals(plain.table.drop(["line"]))
    assert found.rows_in == found.accepted + found.blank == len(odd) - 1


def _respelt(cell: str, rnd: random.Random) -> str:
    # A percent sign is right in a column of percentages only, where 50 stands and nothing else does.
    return rnd.choice([cell, f'"{cell}"', f" {cell}", *ODD.get(cell, [])]) if cell not in {"1", "1200"} else rnd.choice([cell, f'"{cell}"'])


NUMBER_LIKE = st.text(alphabet="0123456789.eE+-, nafixNAIF%()_'１．", max_size=8)
OTHER_TEXT = st.sampled_from(["是", "无", "N/A", "1200户", "\t5", "5\x00", "0.88", "95%", "1e400", "-0", "\u300012", " ", "C001", "2025Q3", '"', "5\r", "５"])


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.one_of(NUMBER_LIKE, OTHER_TEXT)), min_size=1, max_size=3))
def test_the_quick_path_takes_nothing_that_the_exact_one_refuses(changes: list[tuple[int, int, str]]) -> None:
    header = ["area_id", "period", *(metric.id for metric in METRICS)]
    table = [header, *([area, f"2025Q{quarter}", "50", "2", "1", "1200", "7", "3", "是", "5"] for area in ("C001", "晨曦社区") for quarter in (1, 2, 3))]
    for row, position, text in changes:
        table[row + 1][position % len(header)] = text
    found = job("\n".join(",".join(row) for row in table).encode())
    quick = clean.read(found)
    if quick is not None:
        assert_same(quick, diagnosis.read(found))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{!r}", "{:.3f}", "{:e}", "{:g}", "{:.17g}"]))
def test_both_paths_read_the_same_float(value: float, form: str) -> None:
    found = job(f"area_id,period,balance\nC001,2025Q3,{form.format(value)}\n".encode())
    quick = clean.read(found)
    if quick is None:
        assert len(form.format(value)) > 300  # 1.8e308 rounded up
    else:
        assert_same(quick, diagnosis.read(found))
        assert quick.table["balance"][0].as_py() == float(form.format(value))


PLANTED: dict[str, list[tuple[str, str]]] = {
    "percent": [("101", "out_of_range"), ("-1", "negative"), ("九十", "not_a_number"), ("50‰", "other_sign")],
    "permille": [("1.5%", "other_sign"), ("—", "missing_word")],
    "households": [("1200户", "unit_in_cell"), ("1.2万", "multiplier"), ("(500)", "bracketed"), ("1e400", "not_finite")],
    "count": [("-5", "negative"), ("N/A", "missing_word"), ("5\u200b", "strange_character"), ("5%", "sign_not_expected"), ("#REF!", "excel_error")],
    "yes_no": [("2", "not_yes_no"), ("可", "not_yes_no"), ("/", "missing_word")],
    "yuan": [("约90", "approximate"), ("=1+1", "formula_cell"), ("inf", "not_finite")],
    "area": [("阳光小区", "unknown_area"), ("S1", "area_of_other_level"), ("同名社区", "ambiguous_area"), ("", "blank_key")],
    "period": [("45901", "period_serial"), ("2025-09-30", "period_date"), ("2025Q9", "period_form"), ("", "blank_key")],
}


@seeds
@pytest.mark.parametrize("codec", CODECS)
def test_planted_faults_are_all_named_where_they_are(seed: int, codec: str) -> None:
    rnd = random.Random(1000 + seed)
    table = clean_table(rnd)
    header = table[0]
    planted = set()
    for position in rnd.sample(range(1, len(table)), min(len(table) - 1, rnd.randint(1, 6))):
        column = rnd.randrange(len(header))
        text, key = rnd.choice(PLANTED[_unit(header[column])])
        table[position][column] = text
        planted.add((position, header[column], f"reading.{key}", text))
    content, line_of = _spread(table, rnd)
    with pytest.raises(ImportDataError) as caught:
        reading.read(Source("file.csv", content.encode(codec)), STANDARD, DIRECTORY)
    found = {(problem.line, problem.column, problem.key, (problem.value or "").replace("\\u200b", "\u200b")) for problem in caught.value.problems}
    assert found == {(line_of[position], column, key, text) for position, column, key, text in planted}


def _unit(header: str) -> str:
    if header in ("area_id", "单位", "社区"):
        return "area"
    if header in ("period", "考核期"):
        return "period"
    return next(metric.unit for metric in METRICS if header in (metric.id, metric.title.zh, metric.title.en))


def _spread(table: Sequence[Sequence[str]], rnd: random.Random) -> tuple[str, dict[int, int]]:
    """The file with blank lines and quoted line breaks thrown in, and on which line each row then starts."""
    text, line_of, line = "", {}, 1
    for position, row in enumerate(table):
        if position and rnd.random() < 0.2:
            text, line = text + "\n", line + 1
        line_of[position] = line
        cells = [f'"{cell}\n"' if cell and position and rnd.random() < 0.05 else cell for cell in row]
        cells = [original if original in _planted_texts() else cell for original, cell in zip(row, cells, strict=True)]
        added = ",".join(cells) + "\n"
        text, line = text + added, line + added.count("\n")
    return text, line_of


def _planted_texts() -> set[str]:
    return {text for choices in PLANTED.values() for text, _ in choices}


def outcome(data: bytes) -> str:
    """Read it: whatever it is, it is either right throughout or refused with problems that have a place in the file."""
    try:
        found = reading.read(Source("file.csv", data), STANDARD, DIRECTORY)
    except ImportDataError as error:
        assert error.problems
        assert all(problem.key.startswith("reading.") and problem.file == "file.csv" for problem in error.problems)
        back = reading.faults_csv(Source("file.csv", data), error.problems, lambda problem: problem.key)
        cells = [cell for row in csv.reader(io.StringIO(back.decode("utf-8-sig"), newline="")) for cell in row]
        assert sum(cell.count("reading.") for cell in cells) >= len(error.problems)
        return error.problems[0].key
    assert found.rows_in == found.accepted + found.blank
    assert all(reading.raw_row(data, found.encoding, line) for line in found.table["line"].to_pylist())
    return "read"


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    outcome(data)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet='area_id,period\n\r" 社区12.\t;"visit\x00\ufeff', max_size=120))
def test_random_text_raises_nothing_else(text: str) -> None:
    outcome(text.encode())


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("seed", range(150))
def test_damaged_files_raise_nothing_else(seed: int, codec: str) -> None:
    rnd = random.Random(5000 + seed)
    data = bytearray(written(clean_table(rnd), rnd).encode(codec))
    for _ in range(rnd.randint(1, 4)):
        at = rnd.randrange(len(data))
        match rnd.randrange(4):
            case 0:
                data[at] = rnd.randrange(256)
            case 1:
                del data[at : at + rnd.randint(1, 20)]
            case 2:
                data[at:at] = rnd.choice([b'"', b",", b"\n", b"\r", b"\0", b"\xff", "社".encode(), "社".encode("gb18030")])
            case _:
                del data[at + 1 :]
    outcome(bytes(data))
