"""Every command as a clerk or a script calls it: exit codes, words in both languages, files, pipes (DESIGN §6)."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import calling
import district
import pytest
from calling import Ran
from district import METRICS, PROJECT, STANDARD, TEXT

from compliance import arguments, texts
from compliance.access import User
from compliance.server.serving import Settings
from compliance.storage import importer
from compliance.storage.store import Store

CITY = "period,city_rate\n2025Q1,0.6\n"
Q1 = "area_id,period,households,households_served,lighting_rate,complaints,petition_rate\nC1,2025Q1,3,1,95,3,0.1\nC2,2025Q1,100,40,89.99999,4,0.7\n"
HEADS = {
    "criteria": "area_id,period,indicator,criterion,value,threshold,gap,attainment,status",
    "indicators": "area_id,period,indicator,attainment,status",
    "domains": "area_id,period,domain,met,unmet,no_data,not_applicable,score",
    "areas": "area_id,period,level,met,unmet,no_data,not_applicable,score",
}


@dataclass(frozen=True)
class Folder:
    """A working folder with its own database and definitions; `run` is another process, `call` the same in this one."""

    path: Path
    capture: pytest.CaptureFixture[str]

    def environment(self, **more: str) -> dict[str, str]:
        own = {"COMPLIANCE_DB": str(self.path / "d.duckdb"), "COMPLIANCE_INDICATORS": str(self.path / "small.yaml"), "COMPLIANCE_LANG": "en"}
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("COMPLIANCE_", "LC_", "LANG"))}
        return {**kept, "PYTHONPATH": str(PROJECT), **own, **more}

    def run(self, *arguments: object, environment: Mapping[str, str] | None = None, binary: bool = False) -> Ran:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "compliance", *map(str, arguments)], cwd=self.path, env=self.environment(**(environment or {})),
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return Ran(done.returncode, done.stdout.decode("utf-8" if not binary else "latin-1"), done.stderr.decode())

    def call(self, *arguments: object) -> Ran:
        return calling.call(self.capture, *arguments)

    def call_bytes(self, *arguments: object) -> bytes:
        """Standard output of a command that writes a file there."""
        done = subprocess.run(
            [sys.executable, "-m", "compliance", *map(str, arguments)], cwd=self.path, env=self.environment(), capture_output=True, check=True
        )
        return done.stdout

    def call_export(self, what: str, *options: str) -> str:
        out = self.path / "exported.tmp"
        assert self.call("export", what, *options, "-o", out).code == 0
        text = out.read_bytes().decode()
        out.unlink()
        return text

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        (self.path / name).write_bytes(text.encode(encoding))
        return self.path / name


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = Folder(tmp_path, capsys)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, text in folder.environment().items():
        monkeypatch.setenv(name, text)
    folder.write("small.yaml", TEXT)
    folder.write("areas.csv", district.AREAS)
    return folder


@pytest.fixture
def filled(folder: Folder) -> Folder:
    """Areas, one quarter, parameters and an exemption are in, as imports 1 to 4."""
    sources = [district.areas(), district.source("q1.csv", Q1), district.source("city.csv", CITY)]
    sources.append(district.source("exempt.csv", "area_id,indicator,from,to,reason\nC2,2.1,2025Q1,,无楼道\n"))
    with Store(folder.path / "d.duckdb", STANDARD) as store:
        for source in sources:
            importer.import_source(store, source, user=User("tester", "admin"))
    return folder


# -- check ----------------------------------------------------------------------------------------------------------


def test_check_counts(folder: Folder) -> None:
    assert folder.run("check") == Ran(
        0,
        "Small standard: 1 pillar, 3 domains, 6 indicators, 6 criteria, 7 metrics, 1 parameter. No problems.\n"
        "  Subdistrict: 2 indicators, 2 metrics\n"
        "  Community: 4 indicators, 5 metrics\n",
        "",
    )
    assert not (folder.path / "d.duckdb").exists()
    chinese = folder.call("check", "--lang", "zh")
    assert (chinese.code, chinese.out.splitlines()[0]) == (
        0,
        "小标准：1 个一级指标，3 个二级指标，6 项指标，6 个判定条件，7 个数据项，1 个外部参数。没有问题。",
    )


def test_check_of_our_own_standard() -> None:
    done = subprocess.run([sys.executable, "-m", "compliance", "check", "--lang", "en"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert re.search(r": 4 pillars, 14 domains, 103 indicators, \d+ criteria,", done.stdout)


def line_of(words: str) -> str:
    return str(next(number for number, line in enumerate(TEXT.splitlines(), start=1) if words in line))


def test_check_names_every_problem_with_file_and_line(folder: Folder) -> None:
    bad = folder.write("bad.yaml", TEXT.replace("value: lighting_rate", "value: lighting_rte").replace("period: quarter", "period: week"))
    english, chinese = folder.run("check", bad), folder.call("check", bad, "--lang", "zh")
    assert (english.code, english.out, chinese.code) == (1, "", 1)
    lines = english.err.splitlines()
    assert len(lines) == len(chinese.err.splitlines()) == 2
    assert sorted(re.search(r"bad\.yaml, line (\d+)", line)[1] for line in lines) == [line_of("lighting_rate, at_least"), line_of("period: quarter")]  # type: ignore[index]
    assert "did you mean 'lighting_rate'" in english.err
    assert f"bad.yaml 第 {line_of('lighting_rate, at_least')} 行" in chinese.err


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_check_of_what_is_no_file(folder: Folder, name: str) -> None:
    done = folder.call("check", folder.path / name)
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1


# -- import, imports, undo ------------------------------------------------------------------------------------------


def test_import_of_several_files_the_list_and_undo(folder: Folder) -> None:
    folder.write("b_q1.csv", Q1, "gb18030")
    folder.write("c_city.csv", CITY)
    done = folder.run("import", "b_q1.csv", "c_city.csv", "areas.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "imported no. 1: areas.csv (areas, utf-8), 4 rows, 0 blank, 4 areas, periods —",
        "imported no. 2: b_q1.csv (metrics, utf-8), 2 rows, 0 blank, 2 areas, periods 2025Q1",
        "imported no. 3: c_city.csv (parameters, utf-8), 1 row, 0 blank, 0 areas, periods 2025Q1",
    ]
    chinese = folder.run("undo", 2, "--why", "录错了", environment={"COMPLIANCE_LANG": "zh"})
    assert chinese == Ran(0, "第 2 号导入已撤销，受影响的数值和结论已恢复\n", "")
    listed = folder.run("imports").out.splitlines()
    assert [re.match(r"no\. (\d+)  \d{4}-\d\d-\d\d \d\d:\d\d  (\w+)  (\S+)  (\d+) rows?", line).groups() for line in listed] == [  # type: ignore[union-attr]
        ("3", "parameters", "c_city.csv", "1"),
        ("2", "metrics", "b_q1.csv", "2"),
        ("1", "areas", "areas.csv", "4"),
    ]
    assert [("undone" in line, "录错了" in line) for line in listed] == [(False, False), (True, True), (False, False)]
    again = folder.call("undo", 2)
    assert (again.code, again.out, again.err) == (1, "", "import no. 2 was already undone\n")
    assert folder.call("undo", 9).err.startswith("there is no import no. 9")
    assert folder.call("redo", 2).out == "import no. 2 counts again\n"
    assert folder.call("redo", 2).err == "import no. 2 was not undone: there is nothing to redo\n"
    assert "undone" not in folder.call("imports").out


def test_imports_of_an_empty_database(folder: Folder) -> None:
    assert folder.call("imports") == Ran(0, "nothing was imported yet: use python -m compliance import FILE\n", "")
    assert folder.call("imports", "--lang", "zh").out.startswith("还没有导入过数据")


def test_every_problem_of_every_file_goes_to_standard_error_and_nothing_is_stored(folder: Folder) -> None:
    folder.write("bad1.csv", METRICS + "C1,2025Q1,1,1,101,1,1\nC9,2025Q1,1,1,1,1,1\n")
    folder.write("bad2.csv", "period,city_rte\n2025Q1,0.6\n")
    folder.write("good.csv", Q1)
    done = folder.run("import", "areas.csv", "good.csv", "bad1.csv", "bad2.csv")
    assert (done.code, done.out) == (1, "")
    assert [re.match(r"(bad\d\.csv), line (\d)", line).groups() for line in done.err.splitlines()] == [  # type: ignore[union-attr]
        ("bad1.csv", "2"), ("bad1.csv", "3"), ("bad2.csv", "1"), ("bad2.csv", "1")
    ]  # fmt: skip
    assert folder.call("imports").out.startswith("nothing was imported yet")
    chinese = folder.call("import", folder.path / "areas.csv", folder.path / "bad1.csv", "--lang", "zh")
    assert "bad1.csv 第 2 行" in chinese.err


def test_a_dry_run_tells_and_stores_nothing(filled: Folder) -> None:
    file = filled.write("q1b.csv", METRICS + "C1,2025Q1,3,1,80,3,0.1\nC3,2025Q1,,,90,,\n")
    done = filled.run("import", "--dry-run", file)
    assert done == Ran(
        0,
        "would import: q1b.csv (metrics, utf-8), 2 rows, 0 blank, 2 areas, periods 2025Q1; cells: 1 new, 1 changed, 4 unchanged\n"
        "statuses that would change: 1 to met, 1 to unmet, 0 to no data, 0 to not applicable. Nothing was stored.\n",
        "",
    )
    assert len(filled.call("imports").out.splitlines()) == 4
    assert filled.call("import", file).out.startswith("imported no. 5")


def test_what_is_no_file_is_named(folder: Folder) -> None:
    done = folder.call("import", folder.path / "areas.csv", folder.path / "nowhere.csv", folder.path)
    assert (done.code, done.out) == (1, "")
    assert [name in line for name, line in zip(("nowhere.csv", str(folder.path)), done.err.splitlines(), strict=True)] == [True, True]
    assert not (folder.path / "d.duckdb").exists()


def test_a_column_left_out_when_asked(folder: Folder) -> None:
    folder.call("import", folder.path / "areas.csv")
    file = folder.write("q1.csv", "area_id,period,remark,lighting_rate\nC1,2025Q1,ok,95\n")
    assert folder.call("import", file).code == 1
    assert folder.call("import", file, "--ignore-column", "remark").code == 0


def test_a_repeated_file_is_refused(filled: Folder) -> None:
    done = filled.call("import", filled.write("q1.csv", Q1))
    assert done.code == 1
    assert "already imported" in done.err
    assert "no. 2, q1.csv" in done.err


def test_common_options_stand_before_the_command_or_behind_it(filled: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPLIANCE_DB")
    monkeypatch.delenv("COMPLIANCE_INDICATORS")
    own = ("--db", filled.path / "d.duckdb", "--indicators", filled.path / "small.yaml")
    before = filled.call(*own, "--lang", "zh", "imports")
    assert "q1.csv" in before.out
    assert "行" in before.out
    # What stands behind the command is the last word.
    assert filled.call("--db", filled.path / "other.duckdb", "--lang", "en", "imports", *own, "--lang", "zh") == before
    assert not (filled.path / "other.duckdb").exists()


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["import"], ["undo"], ["undo", "x"], ["export"], ["export", "everything"], ["template"], ["check", "--lang", "fr"]]
)
def test_a_wrong_call_is_2_with_the_usage(folder: Folder, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        folder.call(*arguments)
    assert caught.value.code == 2
    assert "usage: python -m compliance" in folder.capture.readouterr().err


# -- export ---------------------------------------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("what", HEADS)
def test_exports_have_the_columns_of_the_design_and_a_row_for_everything(filled: Folder, what: str) -> None:
    out = filled.path / f"{what}.csv"
    done = filled.run("export", what, "-o", out) if what == "criteria" else filled.call("export", what, "-o", out)
    text = out.read_bytes().decode()
    rows = rows_of(text)
    assert text.splitlines()[0].replace('"', "") == HEADS[what]
    # Three communities × (4 criteria, 4 indicators, 2 domains, 1 area) and one subdistrict × (2, 2, 1, 1).
    assert len(rows) == {"criteria": 14, "indicators": 14, "domains": 7, "areas": 4}[what]
    assert done == Ran(0, f"{len(rows)} rows written to {out}\n", "")
    assert [file.name for file in filled.path.iterdir() if "partial" in file.name] == []


def test_exported_figures_worked_by_hand(filled: Folder) -> None:
    found = {(row["area_id"], row["criterion"]): tuple(row.values())[4:] for row in rows_of(filled.call_export("criteria"))}
    third = 100 * 1 / 3
    assert found["C1", "half"] == (repr(third), "50", repr(50 - third), repr(third / 50), "unmet")
    assert found["C1", "few"] == ("", "10", "", "", "no_data")
    assert found["C2", "lit"] == ("89.99999", "90", "", "", "not_applicable")
    assert found["C2", "half"] == ("40", "50", "10", "0.8", "unmet")
    assert found["C2", "below_city"][1:3] == ("0.6", repr(0.7 - 0.6))
    assert found["S1", "there"] == ("", "1", "", "", "no_data")
    areas = {row["area_id"]: tuple(row.values())[2:7] for row in rows_of(filled.call_export("areas"))}
    assert areas == {
        "C1": ("community", "2", "1", "1", "0"), "C2": ("community", "0", "2", "1", "1"),
        "C3": ("community", "0", "0", "4", "0"), "S1": ("subdistrict", "0", "0", "2", "0"),
    }  # fmt: skip


def test_full_precision_survives_the_round_trip(folder: Folder) -> None:
    awkward = [0.1 + 0.2, 1 / 3, 89.99999999999999, 1e-7, 123456789.12345678]
    rows = "".join(f"C{number},{value!r}\n" for number, value in enumerate(awkward, start=1))
    many = district.AREAS + "C4,四社区,community,S1\nC5,五社区,community,S1\n"
    text = "area_id,period,petition_rate\n" + "".join("{},2025Q1,{}\n".format(*row.split(",")) for row in rows.split())
    folder.call("import", folder.write("areas.csv", many), folder.write("q1.csv", text))
    exported = [row["value"] for row in rows_of(folder.call_export("criteria")) if row["criterion"] == "below_city"]
    assert [float(value) for value in exported] == awkward


def test_level_and_period_filters(filled: Folder) -> None:
    filled.call("import", filled.write("q2.csv", Q1.replace("2025Q1", "2025Q2")))
    assert {(row["area_id"][0], row["period"]) for row in rows_of(filled.call_export("areas"))} == {
        ("C", "2025Q1"),
        ("C", "2025Q2"),
        ("S", "2025Q1"),
        ("S", "2025Q2"),
    }
    assert {row["area_id"] for row in rows_of(filled.call_export("areas", "--level", "subdistrict", "--period", "2025年二季度"))} == {"S1"}
    assert {row["period"] for row in rows_of(filled.call_export("indicators", "--period", "2025Q2"))} == {"2025Q2"}
    nothing = filled.call_export("areas", "--period", "2031Q1")
    assert nothing.replace('"', "") == HEADS["areas"] + "\n"


def test_a_level_that_nothing_judges_is_not_said_to_be_missing(folder: Folder) -> None:
    standard = folder.path / "small.yaml"
    judged = "{id: subdistrict, title: {zh: 街道, en: Subdistrict}}"
    text = standard.read_text(encoding="utf-8")
    assert judged in text
    standard.write_text(text.replace(judged, f"{{id: city, title: {{zh: 市, en: City}}}}\n    - {judged}"), encoding="utf-8")
    done = folder.call("export", "areas", "--level", "city")
    assert (done.code, done.out) == (1, "")
    assert "no indicator judges level 'city'" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--level", "city"), "there is no level 'city': use one of community, subdistrict"),
        (("--period", "2025Q5"), "period '2025Q5' cannot be read"),
        (("-o", "nowhere/out.csv"), "nowhere/out.csv cannot be written (No such file or directory)"),
        (("-o", "."), ". cannot be written"),
    ],
)
def test_an_export_that_fails_leaves_nothing(filled: Folder, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str) -> None:
    monkeypatch.chdir(filled.path)
    if "-o" not in arguments:
        arguments = (*arguments, "-o", "out.csv")
    before = sorted(file.name for file in filled.path.iterdir())
    done = filled.call("export", "areas", *arguments)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert sorted(file.name for file in filled.path.iterdir()) == before


@pytest.mark.parametrize("command", [("export", "areas"), ("template", "--level", "community"), ("backup",)])
@pytest.mark.parametrize("name", ["d.duckdb", "d.duckdb.lock", "d.duckdb.originals/ledger.jsonl", "small.yaml"])
def test_the_database_and_the_standard_are_no_place_to_write_to(filled: Folder, command: tuple[str, ...], name: str) -> None:
    before = (filled.path / name).read_bytes()
    done = filled.call(*command, "-o", filled.path / name)
    assert (done.code, done.out) == (1, "")
    assert str(filled.path / name) in done.err and ("must not be overwritten" in done.err or "exists and is no backup" in done.err)
    assert name.endswith(".lock") or (filled.path / name).read_bytes() == before
    assert len(filled.call("imports").out.splitlines()) == 4


def test_an_export_on_a_full_disk_keeps_the_file_of_before(filled: Folder) -> None:
    disk = filled.path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", disk], check=False).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        (disk / "out.csv").write_text("yesterday's\n")
        (disk / "ballast").write_bytes(bytes(4096))
        done = filled.call("export", "criteria", "-o", disk / "out.csv")
        assert (done.code, (disk / "out.csv").read_text()) == (1, "yesterday's\n")
        assert sorted(file.name for file in disk.iterdir()) == ["ballast", "out.csv"]
        assert "No space left" in done.err
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_an_area_id_that_a_spreadsheet_would_run_is_made_harmless(folder: Folder) -> None:
    folder.call("import", folder.write("areas.csv", district.AREAS + "=1+1,危险社区,community,S1\n-7,负数社区,community,S1\n"))
    folder.call("import", folder.write("q1.csv", "area_id,period,lighting_rate\nC1,2025Q1,95\n"))
    assert {row["area_id"] for row in rows_of(folder.call_export("areas", "--level", "community"))} == {"C1", "C2", "C3", "'=1+1", "-7"}


def test_head_closes_the_pipe_without_a_trace(filled: Folder) -> None:
    rows = "".join(f"A{number},社区{number},community,S1\n" for number in range(3000))
    filled.call("import", filled.write("many.csv", "area_id,name,level,parent_id\n" + rows))
    for command in ("export criteria", "imports"):
        script = f"set -o pipefail; {sys.executable} -m compliance {command} | head -n 1"
        done = subprocess.run(["bash", "-c", script], env=filled.environment(), cwd=filled.path, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1), command


def test_a_command_tells_of_codes_that_may_have_lost_a_zero(folder: Folder) -> None:
    folder.write("small.yaml", TEXT.replace('"2.2"', '"2.10"'))
    folder.call("import", folder.path / "areas.csv")
    file = folder.write("e.csv", "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,x\nC2,2.10,2025Q1,,x\n")
    for options in (("--dry-run",), ()):
        out = folder.call("import", file, *options).out
        assert "line 2, C1: taken as indicator 2.1 Lit stairs. If 2.10 Complaints was meant" in out and "C2" not in out


# -- template -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("titles", [(), ("--titles", "zh"), ("--titles", "en")])
def test_a_template_filled_in_is_imported(filled: Folder, titles: tuple[str, ...]) -> None:
    out = filled.path / "fill.csv"
    done = filled.run("template", "--level", "community", "--domain", "care", "--period", "2025Q2", *titles, "-o", out)
    assert done == Ran(0, f"template {out} written, with 3 areas\n", "")
    encoding = "utf-8-sig" if titles else "utf-8"
    header, *rows = list(csv.reader(io.StringIO(out.read_bytes().decode(encoding), newline="")))
    heads = {"zh": ["户数 (households)", "服务户数 (households_served)", "上访率 (petition_rate)"],
             "en": ["Households (households)", "Households served (households_served)", "Petition rate (petition_rate)"]}  # fmt: skip
    keys = {"zh": ["单位 (area_id)", "考核期 (period)"], "en": ["Area (area_id)", "Period (period)"]}
    assert header == ([*keys[titles[1]], *heads[titles[1]]] if titles else ["area_id", "period", "households", "households_served", "petition_rate"])
    names = ("一社区 (C1)", "二社区 (C2)", "三社区 (C3)")
    assert rows == [[area, "2025Q2", "", "", ""] for area in (names if titles else ("C1", "C2", "C3"))]
    # Left as it is, it reports nothing; filled in, it is a report like any other.
    assert filled.call("import", out).code == 0
    out.write_bytes("\r\n".join(",".join(row) for row in [header, *([*row[:2], "10", "5", "0.1"] for row in rows)]).encode(encoding))
    assert filled.call("import", out).out == f"imported no. 6: fill.csv (metrics, {encoding}), 3 rows, 0 blank, 3 areas, periods 2025Q2\n"
    found = {row["criterion"]: row["value"] for row in rows_of(filled.call_export("criteria", "--period", "2025Q2")) if row["area_id"] == "C2"}
    assert (found["half"], found["below_city"]) == ("50", "0.1")


def test_a_template_as_a_workbook(filled: Folder) -> None:
    import python_calamine

    out = filled.path / "fill.XLSX"
    assert filled.call("template", "--level", "subdistrict", "--titles", "zh", "-o", out).code == 0
    book = python_calamine.CalamineWorkbook.from_path(out)
    rows = book.get_sheet_by_name("填报").to_python()
    assert rows == [["单位 (area_id)", "考核期 (period)", "机构建立 (body_set_up)", "会议次数 (meetings)"], ["南街道 (S1)", "2025Q1", "", ""]]
    assert "body_set_up" in [row[0] for row in book.get_sheet_by_name("填报说明").to_python()]
    assert "xlsx:填报" in filled.call("import", out, "--dry-run").out


def test_a_template_on_standard_output_for_the_newest_period(filled: Folder) -> None:
    assert filled.call_bytes("template", "--level", "subdistrict") == b"area_id,period,body_set_up,meetings\nS1,2025Q1,,\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--level", "city"), "there is no level 'city'"),
        (("--level", "community", "--domain", "police"), "there is no domain 'police': use one of streets, care, office"),
        (("--level", "community", "--period", "soon"), "period 'soon' cannot be read"),
        (("--level", "community", "-o", "nowhere/t.csv"), "nowhere/t.csv cannot be written"),
    ],
)
def test_a_template_that_cannot_be_made(filled: Folder, arguments: tuple[str, ...], said: str) -> None:
    done = filled.call("template", *arguments)
    assert done.code == 1
    assert said in done.err


# -- verify, rebuild, options ---------------------------------------------------------------------------------------


def test_verify_and_rebuild(filled: Folder) -> None:
    # Four areas, one set of parameters, a period, an exemption and what it exempts; values and verdicts of three communities and a subdistrict.
    assert filled.run("verify") == Ran(0, "all is well: 5 events, 5 original files, 16 derived rows\n", "")
    before = filled.call_export("criteria")
    (filled.path / "d.duckdb").unlink()
    refused = filled.run("imports")
    assert (refused.code, refused.out) == (1, "")
    assert "lacks its last 5 events" in refused.err
    assert "python -m compliance rebuild" in refused.err
    rebuilt = filled.run("rebuild")
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert rebuilt.out.startswith("4 imports replayed from the original files; the old database was moved to ")
    assert filled.call_export("criteria") == before
    original = next(file for file in (filled.path / "d.duckdb.originals").iterdir() if file.name != "ledger.jsonl")
    original.write_bytes(b"altered")
    broken = filled.call("verify", "--lang", "zh")
    assert (broken.code, broken.err) == (1, f"原始文件 {original} 已被改动，与导入时不同：请从备份恢复\n")


def test_a_locked_database_is_said_with_its_holder(filled: Folder) -> None:
    with Store(filled.path / "d.duckdb", STANDARD):
        for done in (filled.run("imports"), filled.call("rebuild"), filled.call("import", filled.path / "areas.csv")):
            assert (done.code, done.out) == (1, "")
            assert f"is in use by another program (pid {os.getpid()} " in done.err


def test_options_win_over_the_environment(folder: Folder) -> None:
    other = folder.write("other.yaml", TEXT.replace("Small standard", "Other standard"))
    assert folder.call("check", "--indicators", other).out.startswith("Other standard")
    assert folder.call("import", folder.path / "areas.csv", "--db", folder.path / "new folder" / "e.duckdb").code == 0
    assert (folder.path / "new folder" / "e.duckdb.originals" / "ledger.jsonl").exists()
    assert not (folder.path / "d.duckdb").exists()


@pytest.mark.parametrize("value", [None, ""])
def test_server_and_commands_look_for_the_same_files(value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("COMPLIANCE_DB", "COMPLIANCE_INDICATORS"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    options, settings = arguments.parser().parse_args(["imports"]), Settings.from_environment()
    assert (settings.database, settings.indicators) == (options.db, options.indicators) == (PROJECT / "data" / "compliance.duckdb", PROJECT / "indicators.yaml")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"COMPLIANCE_LANG": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"COMPLIANCE_LANG": "", "LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "zh_TW"}, "en"),
        ({"COMPLIANCE_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_of_messages(folder: Folder, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], language: texts.Language) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert folder.call("imports").out == texts.words(language)("cli.no_imports") + "\n"


def test_definitions_with_problems_stop_every_command(filled: Folder) -> None:
    bad = filled.write("bad.yaml", TEXT.replace("period: quarter", "period: week"))
    for command in (["imports"], ["import", filled.path / "areas.csv"], ["export", "areas"], ["template", "--level", "community"], ["verify"], ["rebuild"]):
        done = filled.call(*command, "--indicators", bad)
        assert (done.code, done.out) == (1, ""), command
        assert "bad.yaml, line 5" in done.err


def test_words_in_another_encoding_than_the_systems_are_kept_as_far_as_they_can_be_read(filled: Folder) -> None:
    """As when a script in GBK calls the command on a system in UTF-8."""
    filled.write("more.csv", Q1.replace("2025Q1", "2025Q2"))
    why = "错误".encode("gbk")
    for command in (
        ["import", "more.csv", "--why", why],
        ["undo", "5", "--why", why],
        ["import", "more.csv", "--ignore-column", why],
        ["imports", "--user", why],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "compliance", *command], cwd=filled.path, env=filled.environment(PYTHONUTF8="1", LOGNAME=os.fsdecode(why)),
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert b"Traceback" not in done.stderr and b"incident" not in done.stderr, done.stderr.decode()
        assert done.returncode == (1 if "--user" in command else 0), done.stderr.decode()
    with Store(filled.path / "d.duckdb", STANDARD) as store, store.cursor() as cursor:
        # Four bytes, none of them UTF-8.
        assert cursor.execute("SELECT reason, revoked_why, who FROM imports WHERE id = 5").fetchall() == [("????", "????", "????")]


def test_an_import_that_is_interrupted_is_taken_back(filled: Folder) -> None:
    rows = "".join(f"A{number},社区{number},community,S1\n" for number in range(400_000))
    filled.write("many.csv", "area_id,name,level,parent_id\n" + rows)
    process = subprocess.Popen(
        [sys.executable, "-m", "compliance", "import", "many.csv"],
        env=filled.environment(),
        cwd=filled.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in the background of a shell it is ignored
    )
    lock = filled.path / "d.duckdb.lock"
    while not lock.read_text():
        time.sleep(0.002)
    while process.poll() is None:
        # As somebody would: once more, where nothing happened (DuckDB may be just where it does not listen).
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=4)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "")
    assert len(filled.call("imports").out.splitlines()) == 4
