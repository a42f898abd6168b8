"""Who is closest to a badge: counts, order and what is missing, worked out by hand; and the whole sample against the exported verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_verdicts import NOW, exemptions, exported, indicator, small_store

from compliance import periods
from compliance.questions import badge_queries
from compliance.storage.store import Store

PERIOD = periods.parse(NOW, "quarter")
FOUR = [indicator(name, f"id: c, value: {name}, at_least: 10") for name in ("a", "b", "c", "m")]
# figures of a, b, c, m (each has to reach 10; None: not reported)
REPORTS = {
    "C1": (10, 10, 10, 10),  # holds it
    "C2": (None, None, None, None),  # nothing is known
    "C3": (9, 10, None, None),
    "C4": (10, 9, 10, 10),
    "C5": (9, 9, 10, 10),
    "C6": (10, 10, 10, None),  # nothing is missed, one is unknown
    "C7": (9, 10, 10, None),
    "C8": (9, 9, 9, 10),
    "C9": (1, 1, 1, 1),  # exempt from all
    "D1": (1, 10, 9, 10),  # exempt from a, so that only c is missed
    "D2": (10, 10, 10, 1),  # exempt from the only one it would miss: holds it
}
EXEMPT = (*(("C9", code, NOW, "") for code in "abcm"), ("D1", "a", NOW, ""), ("D2", "m", NOW, ""))
# area, unmet, no_data, met, not_applicable, undetermined?, codes unmet, codes without data; the fewest unmet first, the undetermined after all others
EXPECTED = [
    ("C4", 1, 0, 3, 0, False, ("b",), ()),
    ("D1", 1, 0, 2, 1, False, ("c",), ()),
    ("C7", 1, 1, 2, 0, False, ("a",), ("m",)),
    ("C3", 1, 2, 1, 0, False, (), ()),
    ("C5", 2, 0, 2, 0, False, ("a", "b"), ()),
    ("C8", 3, 0, 1, 0, False, (), ()),
    ("C6", 0, 1, 3, 0, True, (), ("m",)),
    ("C2", 0, 4, 0, 0, True, (), ()),
]
COLUMNS = ["area_id", "unmet", "no_data", "met", "not_applicable", "is_undetermined", "unmet_codes", "no_data_codes"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    reports = {area: {NOW: dict(zip("abcm", figures, strict=True))} for area, figures in REPORTS.items()}
    with small_store(tmp_path, {"d": FOUR, "other": [indicator("s", "id: c, value: s, at_least: 1")]}, reports, exemptions(*EXEMPT)) as small:
        yield small


def test_who_is_closest(store: Store) -> None:
    rows = badge_queries.closest(store.cursor(), store.standard, "community", PERIOD, "d")
    assert list(rows[COLUMNS].itertuples(index=False, name=None)) == EXPECTED
    assert set(rows["parent"]) == {"南街道"}
    assert rows["name"].tolist() == [f"社区{row[0]}" for row in EXPECTED]


def test_only_the_areas_asked_for(store: Store) -> None:
    rows = badge_queries.closest(store.cursor(), store.standard, "community", PERIOD, "d", frozenset({"C2", "C5", "C1", "nobody"}))
    assert rows["area_id"].tolist() == ["C5", "C2"]
    assert badge_queries.closest(store.cursor(), store.standard, "community", PERIOD, "d", frozenset()).empty
    assert badge_queries.closest(store.cursor(), store.standard, "community", PERIOD - 1, "d").empty


def test_the_sample_as_exported(sample_store: Store) -> None:
    standard = sample_store.standard
    statuses: dict[str, dict[str, str]] = {}
    for row in exported(sample_store, "indicators"):
        if row["period"] == "2026Q3":
            statuses.setdefault(row["area_id"], {})[row["indicator"]] = row["status"]
    for domain in standard.domains_of("community"):
        codes = [each.code for each in domain.at("community")]
        rows = badge_queries.closest(sample_store.cursor(), standard, "community", periods.parse("2026Q3", "quarter"), domain.id)
        found = {row.area_id: row for row in rows.itertuples(index=False)}
        assert set(found) == {area for area, each in statuses.items() if {each[code] for code in codes} & {"unmet", "no_data"}}
        for area, row in found.items():
            unmet, unknown = (tuple(code for code in codes if statuses[area][code] == status) for status in ("unmet", "no_data"))
            assert (row.unmet, row.no_data, row.is_undetermined) == (len(unmet), len(unknown), not unmet)
            assert (row.unmet_codes, row.no_data_codes) == ((unmet, unknown) if len(unmet + unknown) <= 2 else ((), ()))
