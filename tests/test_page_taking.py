"""Tables that are taken away: rows, name and notes are of one moment, whatever is imported between the page and the click."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from app_pages import store
from district import METRICS, source
from page_district import run
from python_calamine import CalamineWorkbook
from test_page_history import ANN, database

from compliance.errors import ImportDataError
from compliance.storage.importer import import_source

__all__ = ["database"]
pytestmark = pytest.mark.usefixtures("release")
Button = tuple[str, Callable[[], bytes]]


@pytest.fixture
def buttons(database: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Button]:
    """What the pages that are run from now on offer: key → name, and how it is made at the click."""
    found: dict[str, Button] = {}

    def button(_label: str, make: Callable[[], bytes], name: str, _kind: str, *, key: str, **_look: object) -> None:
        found[key] = (name, make)

    monkeypatch.setattr(st, "download_button", button)
    return found


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def import_more() -> None:
    import_source(store(), source("late.csv", f"{METRICS}C1,2025Q1,100,60,97,3,0.5\n"), user=ANN)


def test_rows_that_are_asked_for_at_the_click_are_refused_once_the_data_have_moved(buttons: dict[str, Button]) -> None:
    """The history is read whole only then: the fifth import would stand under a name that tells of four."""
    run("history", lang="zh")
    _, make = buttons["download history"]
    assert len(rows(make())) == 1 + 4
    import_more()
    for key in ("download history", "download history xlsx"):
        with pytest.raises(ImportDataError) as refused:
            buttons[key][1]()
        assert [problem.key for problem in refused.value.problems] == ["import.data_moved"]
    run("history", lang="zh")
    assert len(rows(buttons["download history"][1]())) == 1 + 5


def test_rows_that_stand_on_the_page_are_taken_as_they_stand_there(buttons: dict[str, Button]) -> None:
    run("heatmap", lang="zh", period="2025Q1", view="streets")
    _, make = buttons["download heatmap"]
    before = rows(make())
    import_more()
    assert rows(make()) == before


@pytest.mark.parametrize(
    ("page", "address", "key", "expected"),
    [
        ("heatmap", {}, "heatmap", ["社区"]),
        ("heatmap", {"view": "streets", "status": "unmet"}, "heatmap", ["社区", "环境", "有未达标"]),
        ("heatmap", {"rows": "subdistrict"}, "heatmap", ["街道"]),
        ("gaps", {"level": "community"}, "gaps", ["社区"]),
        ("gaps", {"level": "subdistrict"}, "gaps", ["街道"]),
    ],
)
def test_a_table_says_what_it_was_narrowed_down_to(buttons: dict[str, Button], page: str, address: dict[str, str], key: str, expected: list[str]) -> None:
    run(page, lang="zh", period="2025Q1", **address)
    name, make = buttons[f"download {key} xlsx"]
    assert name.split("_")[: len(expected) + 2] == [key, *expected, "2025Q1"]
    said = [row[0] for row in CalamineWorkbook.from_filelike(io.BytesIO(make())).get_sheet_by_index(0).to_python()]
    assert said[-1 - len(expected) : -1] == expected and "截至" in said[-1]


def test_rows_of_a_standard_that_was_overtaken_are_refused(buttons: dict[str, Button], database: Path) -> None:
    run("history", lang="zh")
    path = database.with_name("small.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("at_least: 90", "at_least: 95"), encoding="utf-8")
    store()
    with pytest.raises(ImportDataError):
        buttons["download history"][1]()
