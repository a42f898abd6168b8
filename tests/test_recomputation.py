"""Every verdict of the sample data, computed twice: by the SQL engine and by the plain Python of oracle.py, cell by cell."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import oracle
import pytest

from compliance.questions import exports
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"
NUMBERS = {"value", "threshold", "gap", "attainment", "score"}
INTEGERS = {"met", "unmet", "no_data", "not_applicable"}


@pytest.fixture(scope="module")
def recomputed() -> oracle.Verdicts:
    standard = oracle.load(PROJECT / "indicators.yaml")
    return oracle.judge(
        standard, [SAMPLE / "areas.csv"], sorted(SAMPLE.glob("metrics_*.csv")), [SAMPLE / "parameters.csv"], [SAMPLE / "exemptions.csv"]
    )  # fmt: skip


@pytest.mark.parametrize(("what", "keys"), [("criteria", 4), ("indicators", 3), ("domains", 3), ("areas", 2)])
def test_engine_and_recomputation_agree_cell_by_cell(sample_store: Store, recomputed: oracle.Verdicts, tmp_path: Path, what: str, keys: int) -> None:
    expected = getattr(recomputed, what)
    found: dict[tuple[str, ...], tuple[object, ...]] = {}
    for level in sample_store.standard.judged_levels:
        path = tmp_path / f"{what}.csv"
        with path.open("wb") as out:
            exports.export(sample_store.cursor(), sample_store.standard, what, level, None, out)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cells = [_typed(name, text) for name, text in row.items()]
                found[tuple(str(cell) for cell in cells[:keys])] = tuple(cells[keys:])
    assert found.keys() == expected.keys()
    different = [(key, found[key], tuple(expected[key])) for key in found if not _equal(found[key], tuple(expected[key]))]
    assert different[:5] == []


def _typed(name: str, text: str) -> object:
    if name in NUMBERS:
        return float(text) if text else None
    return int(text) if name in INTEGERS else text


def _equal(found: tuple[object, ...], expected: tuple[object, ...]) -> bool:
    return len(found) == len(expected) and all(
        a == b or (isinstance(a, float) and isinstance(b, float | int) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9))
        for a, b in zip(found, expected, strict=True)
    )
