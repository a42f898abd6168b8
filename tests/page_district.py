"""For the tests of pages about what is left to do: the sample's last three quarters, and the verdicts as the exports say them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

from compliance.access import User
from compliance.answers import work_lists
from compliance.files.reading import Source
from compliance.questions import exports, filter_queries, gap_queries
from compliance.questions.filters import Filters
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
STANDARD = loader.load(PROJECT / "indicators.yaml")
ANN = User("Ann", "admin")
PERIODS = ("2026Q1", "2026Q2", "2026Q3")
NOW, ORDINAL = PERIODS[-1], 2026 * 4 + 2
SCOPE = work_lists.Scope(STANDARD, "community", Filters(parent="S07"), "民政科")
PARENT = {row["area_id"]: row["parent_id"] for row in csv.DictReader((SAMPLE / "areas.csv").read_text(encoding="utf-8").splitlines())}
NAME = {row["area_id"]: row["name"] for row in csv.DictReader((SAMPLE / "areas.csv").read_text(encoding="utf-8").splitlines())}
Key = tuple[str, str, str]


@dataclass(frozen=True)
class District:
    """statuses and attainments: (area, period, indicator) → as exported; criteria: the rows of the newest period."""

    path: Path
    statuses: dict[Key, str]
    attainments: dict[Key, float]
    criteria: list[dict[str, str]]
    since: dict[tuple[str, str], tuple[int, bool]]
    work: pd.DataFrame
    """The open criteria of one department in one subdistrict."""

    @cached_property
    def far(self) -> set[tuple[str, str]]:
        """(area, indicator) where a criterion that counts, of the newest period, lacks data or has less than nine tenths of the way behind it."""
        counted = {(indicator.code, criterion.id) for indicator in STANDARD.indicators for criterion in indicator.criteria}
        rows = [row for row in self.criteria if (row["indicator"], row["criterion"]) in counted]
        return {(row["area_id"], row["indicator"]) for row in rows if float(row["attainment"] or 0) < 0.9 - 1e-9}

    def is_near(self, area: str, code: str) -> bool:
        return self.statuses[area, NOW, code] == "unmet" and (area, code) not in self.far


def build(path: Path) -> District:
    names = [
        "areas.csv",
        "parameters.csv",
        "exemptions.csv",
        *(f"metrics_{level}_{period}.csv" for level in ("community", "subdistrict") for period in PERIODS),
    ]
    statuses: dict[Key, str] = {}
    attainments: dict[Key, float] = {}
    criteria: list[dict[str, str]] = []
    with Store(path, STANDARD) as store:
        import_sources(store, [Source.from_path(SAMPLE / name) for name in names], user=ANN)
        with store.cursor() as cursor:
            for level in STANDARD.judged_levels:
                for row in _exported(cursor, "indicators", level):
                    key = (row["area_id"], row["period"], row["indicator"])
                    statuses[key] = row["status"]
                    attainments[key] = float(row["attainment"] or "nan")
                criteria += [row for row in _exported(cursor, "criteria", level) if row["period"] == NOW]
            since = gap_queries.unmet_since(cursor, STANDARD, "community", ORDINAL, [i.code for i in STANDARD.indicators_of("community")])
            kept = filter_queries.areas_kept(cursor, "community", SCOPE.filters.parent, None)
            work = gap_queries.work(cursor, STANDARD, "community", ORDINAL, SCOPE.codes, kept)
    return District(path, statuses, attainments, criteria, since, work)


def _exported(cursor, what: str, level: str) -> list[dict[str, str]]:  # type: ignore[no-untyped-def]
    out = io.BytesIO()
    exports.export(cursor, STANDARD, what, level, None, out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def run(page: str, **address: str) -> AppTest:
    """The page as it is at an address; COMPLIANCE_DB and COMPLIANCE_INDICATORS are set by the fixture of the test."""
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    for chart in app.get("plotly_chart"):
        go.Figure(json.loads(chart.proto.spec))  # raises for what Plotly does not know: the page sends its figures unchecked
    return app
