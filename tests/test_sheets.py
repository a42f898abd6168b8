"""Every table of every page as CSV and as XLSX, where all statuses occur, and of an area that has others below it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import page_district
import pytest
import streamlit as st
from page_district import NOW, PROJECT, District, run
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from compliance.answers import downloads
from compliance.answers.downloads import Sheet
from compliance.screen import shell, taking
from compliance.server import sample
from compliance.texts import Words

AREA, ABOVE = "C0204", "S02"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    yield page_district.build(tmp_path_factory.mktemp("sheets") / "sample.duckdb")
    shell._office().close()
    st.cache_resource.clear()


Taken = dict[str, tuple[list[list[str]], list[list[Any]]]]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, district: District) -> Taken:
    """Key of a table → its rows in the CSV and in the workbook, made by the page as it runs; the buttons themselves wait for a click."""
    monkeypatch.setenv("COMPLIANCE_DB", str(district.path))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(PROJECT / "indicators.yaml"))
    monkeypatch.setattr(sample, "WHO", page_district.ANN.name)  # who imported the sample here
    found: Taken = {}

    def table(words: Words, key: str, name: str, sheet: Callable[[], Sheet], notes: Sequence[str], title: str, **_: Any) -> None:
        rows = list(csv.reader(io.StringIO(downloads.csv_bytes(sheet()).decode("utf-8-sig"))))
        book = CalamineWorkbook.from_filelike(io.BytesIO(downloads.xlsx_bytes(sheet(), notes, title)))
        found[key] = rows, book.get_sheet_by_index(0).to_python()

    monkeypatch.setattr(taking, "table", table)
    return found


def test_the_area_has_every_status(district: District) -> None:
    found = {district.statuses[AREA, NOW, code] for code in {code for area, when, code in district.statuses if (area, when) == (AREA, NOW)}}
    assert found == {"met", "unmet", "no_data", "not_applicable"}


@pytest.mark.parametrize(
    ("page", "address", "keys"),
    [
        ("overview", {"list": "true", "short": "true"}, {"missed", "short", "heatmap", "areas"}),
        ("heatmap", {}, {"heatmap"}),
        ("heatmap", {"view": "environment", "in": ABOVE}, {"heatmap"}),
        ("heatmap", {"rows": "subdistrict"}, {"heatmap"}),
        ("trends", {}, {"flips", "turned", "trends", "places", "lost"}),
        ("community", {"area": AREA}, {f"standing-of-{AREA}"}),
        ("community", {"area": ABOVE}, {f"standing-of-{ABOVE}", f"areas-of-{ABOVE}"}),
        ("indicator", {"indicator": "2.51"}, {"indicator-2.51"}),
        ("gaps", {"in": ABOVE}, {"gaps", "gaps-areas", "gaps-departments"}),
        ("gaps", {"in": ABOVE, "owner": "民政科"}, {"gaps", "gaps-areas", "work", "owed"}),
        ("gaps", {"level": "subdistrict"}, {"gaps", "gaps-areas", "gaps-departments"}),
        ("compare", {"areas": f"{AREA},C0409"}, set()),
        ("definitions", {}, set()),
        ("completeness", {}, set()),
        ("history", {}, set()),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_table_can_be_taken_away_as_csv_and_as_a_workbook(taken: Taken, page: str, address: dict[str, str], keys: set[str], language: str) -> None:
    if page == "overview":
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        for name, value in {**address, "lang": language}.items():
            app.query_params[name] = value
        assert not app.run().exception
    else:
        run(page, **address, lang=language)
    assert taken and taken.keys() >= keys
    for rows, cells in taken.values():
        assert len(rows) > 1 and len({len(row) for row in rows}) == 1
        assert cells[0] == rows[0]
        assert len(cells) >= len(rows)
        assert {"zh": "示例数据", "en": "Sample data"}[language] in str(cells[len(rows) :]), "what leaves the page says that it is made up, too"


def test_the_standing_among_the_others_is_told_in_percent(taken: Taken, district: District) -> None:
    run("community", area=AREA, lang="zh")
    rows, cells = taken[f"standing-of-{AREA}"]
    place = {name: column for column, name in enumerate(rows[0])}
    told = {"met": "达标", "unmet": "未达标", "no_data": "缺数据", "not_applicable": "不适用"}
    for row, cell in zip(rows[1:], cells[1:], strict=False):
        status = district.statuses[AREA, NOW, row[place["指标序号"]]]
        said, attained = row[place["状态"]], row[place["完成度"]]
        assert said == ("未达标（接近）" if district.is_near(AREA, row[place["指标序号"]]) else told[status])
        assert attained.endswith("%") if status in ("met", "unmet") else attained == "—"
        if status in ("met", "unmet"):
            assert cell[place["完成度"]] == pytest.approx(float(attained[:-1]) / 100)
            assert float(attained[:-1]) == pytest.approx(100 * district.attainments[AREA, NOW, row[place["指标序号"]]], abs=0.1)
