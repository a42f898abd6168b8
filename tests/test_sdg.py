"""A standard that is not ours, with verdicts that nobody here wrote: the ordinary commands must judge the 50 US states as SDSN published them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sdg

PROJECT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not sdg.SOURCE.is_dir(), reason="needs ../shared/real/sdg_usa_2018")


def command(folder: Path, *arguments: str) -> str:
    """`python -m compliance …` in the folder of the standard; its output."""
    environment = {**os.environ, "COMPLIANCE_LANG": "en", "PYTHONPATH": str(PROJECT)}
    options = ["--db", "sdg.duckdb", "--indicators", "indicators.yaml"]
    done = subprocess.run(
        [sys.executable, "-m", "compliance", *arguments, *options], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command said."""
    folder = tmp_path_factory.mktemp("sdg")
    subprocess.run([sys.executable, str(PROJECT / "tests" / "sdg.py"), str(folder)], check=True, timeout=60)
    found = {"check": command(folder, "check"), "import": command(folder, "import", "areas.csv", "metrics.csv")}
    return found | {what: command(folder, "export", what) for what in ("areas", "domains", "indicators", "criteria")}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def published_values() -> dict[tuple[str, str], str]:
    """(state, indicator) → the figure as printed, blank where missing."""
    codes = [row["indicator"] for row in sdg.judged()]
    return {(state["state"], code): state[code] for state in sdg.rows_of("values.csv") for code in codes}


def test_definitions_are_accepted_as_published(outputs: dict[str, str]) -> None:
    """Limits with seventeen digits included."""
    assert "4 pillars, 15 domains, 82 indicators, 82 criteria, 82 metrics" in outputs["check"]
    assert len(sdg.rows_of("indicators.csv")) == 103 and len(sdg.judged()) == 82
    assert any(len(row["green_limit"].replace(".", "")) >= 16 for row in sdg.judged())


def test_met_is_green_in_every_cell(outputs: dict[str, str]) -> None:
    published = {(row["state"], row["indicator"]): row["rating"] for row in sdg.rows_of("published_ratings.csv")}
    values = published_values()
    found = {(row["area_id"], row["indicator"]): row for row in rows(outputs["criteria"])}
    assert found.keys() == values.keys()
    assert all(row["period"] == sdg.PERIOD for row in found.values())
    # Blank ⇔ no data; with a value, green ⇔ met.
    wrong = [key for key, row in found.items() if row["status"] != ("no_data" if values[key] == "" else "met" if published[key] == "green" else "unmet")]
    assert wrong == []
    # 82 indicators × 50 states; every green cell of the report is among them.
    assert Counter(row["status"] for row in found.values()) == {"met": 807, "unmet": 3287, "no_data": 6}
    assert Counter(published.values())["green"] == 807


def test_values_come_out_as_they_went_in(outputs: dict[str, str]) -> None:
    values = published_values()
    limits = {row["indicator"]: float(row["green_limit"]) for row in sdg.judged()}
    for row in rows(outputs["criteria"]):
        text = values[row["area_id"], row["indicator"]]
        assert (row["value"] == "") if text == "" else (float(row["value"]) == float(text))
        assert float(row["threshold"]) == limits[row["indicator"]]


def test_counts_of_states_and_goals_add_up(outputs: dict[str, str]) -> None:
    by_indicator = Counter((row["area_id"], row["status"]) for row in rows(outputs["indicators"]))
    for row in rows(outputs["areas"]):
        counts = [int(row[status]) for status in ("met", "unmet", "no_data", "not_applicable")]
        assert counts == [by_indicator[row["area_id"], status] for status in ("met", "unmet", "no_data", "not_applicable")]
        assert sum(counts) == 82 and 0 <= float(row["score"]) <= 100
    domains = rows(outputs["domains"])
    assert len(domains) == 50 * 15
    assert sum(int(row["met"]) for row in domains) == 807
    assert {row["domain"] for row in domains} == {f"sdg{number}" for number in sdg.GOALS}
