"""Templates: what they hold, and that a filled one comes back whole, also through LibreOffice."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import district
import pytest
import python_calamine
from district import STANDARD

from compliance import texts
from compliance.access import User
from compliance.answers import templates
from compliance.answers.template_workbook import xlsx_template
from compliance.answers.templates import Template
from compliance.errors import ImportDataError
from compliance.files import reading
from compliance.files.reading import Directory, Source
from compliance.questions import queries, template_queries
from compliance.questions.queries import Area
from compliance.standard import inputs, loader
from compliance.standard.definitions import Standard
from compliance.storage.importer import import_source
from compliance.storage.preview import CellChanges
from compliance.storage.store import Store

ZH, EN = texts.words("zh"), texts.words("en")
ANN = User("Ann", "admin")
PROJECT = Path(__file__).parent.parent
FULL = loader.load(PROJECT / "indicators.yaml")
Q2 = 2025 * 4 + 1


def store_with(path: Path, standard: Standard, areas: str) -> Store:
    store = Store(path / "t.duckdb", standard)
    import_source(store, Source("areas.csv", areas.encode()), user=ANN)
    return store


def template_of(store: Store, level: str, titles: texts.Words | None = ZH, *, values: bool = False, **part: str) -> Template:
    metrics = templates.metrics_for(store.standard, level, **part)
    with store.cursor() as cursor:
        areas = tuple(queries.areas_of(cursor, level))
        filled = template_queries.values(cursor, level, Q2, [metric.id for metric in metrics]) if values else {}
    return Template(store.standard, level, Q2, metrics, areas, titles, filled)


def held(store: Store, level: str) -> dict[str, tuple[float | None, ...]]:
    with store.cursor() as cursor:
        return template_queries.values(cursor, level, Q2, [metric.id for metric in store.standard.metrics_of(level)])


def fillings(standard: Standard, level: str) -> list[float]:
    """A figure for each metric that is in its range and has digits to lose; yes and no by turns."""
    found = []
    for position, metric in enumerate(standard.metrics_of(level)):
        if metric.is_yes_no:
            found.append(float(position % 2))
            continue
        low, high = max(metric.smallest, 0.0), min(metric.largest, 1e6)
        figure = low + (high - low) * (0.1 + 0.2) / 3 + (0.1 + 0.2 if metric.unit in ("percent", "permille") else 0)
        found.append(figure if metric.unit in ("percent", "permille", "rate", "ratio") else float(int(figure)))
    return found


def test_a_department_reports_what_its_indicators_look_at() -> None:
    # Seed 2.38 is the petition office's; its figures and no other community metric of that department.
    owner = FULL.indicator_by_code["2.38"].owner
    assert owner is not None
    found = {metric.id for metric in templates.metrics_for(FULL, "community", owner=owner.zh)}
    expected = set()
    for indicator in FULL.indicators_of("community"):
        if indicator.owner == owner:
            expected |= set(inputs.names_in([indicator]))
    assert found == {name for name in expected if name in FULL.metric_by_id}
    assert found < {metric.id for metric in FULL.metrics_of("community")}
    assert templates.metrics_for(FULL, "community", domain="safety", owner="无此部门") == ()


def test_a_csv_template_holds_names_ids_and_figures_in_full(tmp_path: Path) -> None:
    with store_with(tmp_path, STANDARD, district.AREAS) as store:
        import_source(store, Source("m.csv", b"area_id,period,lighting_rate,complaints\nC1,2025Q2,0.30000000000000004,3\nC2,2025Q2,,0\n"), user=ANN)
        text = templates.csv_template(template_of(store, "community", values=True, domain="streets"))
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert rows[0][:2] == ["单位 (area_id)", "考核期 (period)"]
    assert [cell.split("(")[1] for cell in rows[0][2:]] == ["lighting_rate)", "complaints)"]
    assert [row[:2] for row in rows[1:]] == [["一社区 (C1)", "2025Q2"], ["二社区 (C2)", "2025Q2"], ["三社区 (C3)", "2025Q2"]]
    assert [row[2:] for row in rows[1:]] == [["0.30000000000000004%", "3"], ["", "0"], ["", ""]]


def test_no_cell_of_the_list_of_areas_runs_in_a_spreadsheet() -> None:
    areas = [Area("=cmd|'/c calc'!A1", "@sum(1)", "community", "+S1", "南街道"), Area("-1", "三社区", "community", None, None)]
    rows = list(csv.reader(io.StringIO(templates.areas_file(STANDARD, areas, {}).decode("utf-8-sig"), newline="")))
    assert rows[1:] == [["'=cmd|'/c calc'!A1", "'@sum(1)", "community", "'+S1"], ["-1", "三社区", "community", ""]]


@pytest.mark.parametrize("words", [ZH, EN])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_with_values_comes_back_as_nothing_new(tmp_path: Path, words: texts.Words, form: str) -> None:
    areas = "area_id,name,level,parent_id\nS1,南街道,subdistrict,\nC1,一社区,community,S1\nC2,二社区,community,S1\n"
    with store_with(tmp_path, FULL, areas) as store:
        names = [metric.id for metric in FULL.metrics_of("community")]
        figures = fillings(FULL, "community")
        wholes = {metric.id: metric.part_of for metric in FULL.metrics_of("community") if metric.part_of}
        row = dict(zip(names, figures, strict=True))
        row |= {part: row[whole] for part, whole in wholes.items()}
        text = ",".join(["area_id", "period", *names]) + "\n" + ",".join(["C1", "2025Q2", *map(repr, row.values())]) + "\n"
        import_source(store, Source("m.csv", text.encode()), user=ANN)
        before = held(store, "community")
        assert before["C1"] == tuple(row.values())
        template = template_of(store, "community", words, values=True)
        content = templates.csv_template(template) if form == "csv" else xlsx_template(template, words)
        import_source(store, Source(f"back.{form}", content), user=ANN)
        # C2 was blank, and stays unreported; every figure of C1 comes back to the last bit.
        assert held(store, "community") == before
        assert set(before["C2"]) == {None}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("figures", [("0.88%", "95", "0.07%"), ("0.88%", "1%", "0.00001%"), ("0.30000000000000004%", "0", "100")])
def test_small_percentages_in_a_template_come_back_as_they_were(tmp_path: Path, form: str, figures: tuple[str, ...]) -> None:
    with store_with(tmp_path, STANDARD, district.AREAS) as store:
        rows = "".join(f"C{number},2025Q2,{figure}\n" for number, figure in enumerate(figures, start=1))
        import_source(store, Source("m.csv", f"area_id,period,lighting_rate\n{rows}".encode()), user=ANN)
        before = held(store, "community")
        template = template_of(store, "community", values=True, domain="streets")
        content = templates.csv_template(template) if form == "csv" else xlsx_template(template, ZH)
        assert import_source(store, Source(f"back.{form}", content), user=ANN, dry_run=True).cells == CellChanges(0, 0, 3)
        import_source(store, Source(f"back.{form}", content), user=ANN)
        assert held(store, "community") == before
        if form == "xlsx" and "0.88%" in figures:
            shares = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
            assert shares[1][2] == 0.0088, "a number, as a spreadsheet writes a percentage"


def test_the_workbook_explains_every_column(tmp_path: Path) -> None:
    with store_with(tmp_path, FULL, "area_id,name,level,parent_id\nS1,南街道,subdistrict,\n") as store:
        template = template_of(store, "subdistrict")
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(xlsx_template(template, ZH)))
    data, explained = (book.get_sheet_by_name(name).to_python() for name in ("填报", "填报说明"))
    assert data[1][:2] == ["南街道 (S1)", "2025Q2"]
    assert len(data[0]) == 2 + len(template.metrics)
    rows = {row[0]: row for row in explained}
    for metric in template.metrics:
        assert rows[metric.id][1:3] == [metric.title.zh, metric.title.en]
        assert rows[metric.id][6], metric.id


def test_a_name_beside_the_id_of_another_area_is_a_slipped_row(tmp_path: Path) -> None:
    text = "单位 (area_id),考核期 (period),lighting_rate\n一社区 (C2),2025Q2,95\n三社区（Ｃ３）,2025Q2,95\n四社区 (C9),2025Q2,95\n"
    with store_with(tmp_path, STANDARD, district.AREAS) as store:
        with pytest.raises(ImportDataError) as caught:
            import_source(store, Source("m.csv", text.encode()), user=ANN)
        assert [(problem.line, problem.key) for problem in caught.value.problems] == [(2, "reading.name_of_another"), (4, "reading.strange_area")]
        import_source(store, Source("m.csv", "area_id,period,lighting_rate\n三社区（Ｃ３）,2025Q2,95\n".encode()), user=ANN)
        place = [metric.id for metric in STANDARD.metrics_of("community")].index("lighting_rate")
        assert held(store, "community")["C3"][place] == 95


def test_filled_and_saved_in_libreoffice_it_comes_back_equal(tmp_path: Path) -> None:
    areas = "area_id,name,level,parent_id\nS1,南街道,subdistrict,\n" + "".join(f"0{n:02},第{n}社区,community,S1\n" for n in range(1, 9))
    with store_with(tmp_path, FULL, areas) as store:
        template = template_of(store, "community")
        blank, filled = tmp_path / "blank.xlsx", tmp_path / "filled.xlsx"
        blank.write_bytes(xlsx_template(template, ZH))
        # What a person types: LibreOffice keeps fifteen digits.
        figures = [round(figure, 2) for figure in fillings(FULL, "community")]
        places = {metric.id: place for place, metric in enumerate(template.metrics)}
        expected: dict[str, list[float | None]] = {}
        cells: list[list[object]] = []
        for row, area in enumerate(template.areas, start=1):
            own: list[float | None] = [None if (place + row) % 7 == 0 else figure for place, figure in enumerate(figures)]
            for metric in template.metrics:
                # A part is never more than its whole, and blank with it.
                own[places[metric.id]] = own[places[metric.part_of]] if metric.part_of else own[places[metric.id]]
            expected[area.id] = own
            for place, (metric, figure) in enumerate(zip(template.metrics, own, strict=True)):
                if figure is not None:
                    cells.append([row, place + 2, ("是" if figure else "否") if metric.is_yes_no else figure])
        _fill_in_libreoffice(tmp_path, blank, filled, cells)
        assert len(cells) > 1_500
        import_source(store, Source.from_path(filled), user=ANN)
        assert held(store, "community") == {area: tuple(row) for area, row in expected.items()}


def _fill_in_libreoffice(folder: Path, blank: Path, filled: Path, cells: list[list[object]]) -> None:
    pipe = f"fill{folder.name}".replace("-", "")
    office = subprocess.Popen(
        [shutil.which("soffice") or "soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
         f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        script = Path(__file__).with_name("libreoffice_fill.py")
        subprocess.run(["/usr/bin/python3", str(script), pipe, str(blank), str(filled)], input=json.dumps(cells), text=True, check=True, timeout=180)
        office.wait(timeout=60)
    finally:
        office.kill()
        office.wait()


@pytest.mark.parametrize("words", [ZH, EN])
def test_the_other_forms_are_headed_in_the_readers_language_and_read_back(words: texts.Words) -> None:
    """As they come, with a row written below the header."""
    known = (Area("S1", "南街道", "subdistrict", None, None), Area("C1", "一社区", "community", "S1", "南街道"))
    parameter = FULL.parameters[0]
    files = {
        "areas": (templates.areas_file(FULL, known, {}, words), b""),
        "parameters": (templates.parameters_file(FULL, 8100, words).replace(b"2025Q1,,", b"2025Q1,2,"), b""),
        "exemptions": (templates.exemptions_file(words), "一社区,2.13,2025Q1,,在建\n".encode()),
    }
    directory = Directory({"S1": "subdistrict", "C1": "community"}, {"南街道": ("S1",), "一社区": ("C1",)})
    for kind, (form, row) in files.items():
        read = reading.read(Source(f"{kind}.csv", form + row), FULL, directory)
        assert (read.kind, read.accepted) == (kind, len(known) if kind == "areas" else 1)
        if kind == "areas":
            assert read.table.column("level").to_pylist() == ["subdistrict", "community"]
    heads = {kind: form.decode("utf-8-sig").splitlines()[0] for kind, (form, _) in files.items()}
    assert heads["exemptions"].startswith(
        "单位 (area_id),指标 (indicator),起 (from),止 (to),原因 (reason)" if words is ZH else "Area (area_id),Indicator (indicator),"
    )
    assert heads["parameters"].split(",")[1] == f"{words.title(parameter.title)} ({parameter.id})"
