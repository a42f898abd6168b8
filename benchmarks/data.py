"""Made-up figures for the benchmarks: as many areas and periods as asked for, every metric, most limits met, 2 % blank."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from compliance import periods
from compliance.standard import formula
from compliance.standard.definitions import AtLeast, AtMost, Between, Criterion, Metric, Standard

FIRST_PERIOD = 2023 * 4 + 3


def area_ids(areas: int) -> list[str]:
    return [f"C{number:06d}" for number in range(areas)]


def write_areas(standard: Standard, folder: Path, areas: int) -> Path:
    """One subdistrict for every hundred communities."""
    upper, lower = (level.id for level in standard.levels)
    parents = [f"S{number:05d}" for number in range((areas + 99) // 100)]
    rows = [("area_id", "name", "level", "parent_id")]
    rows += [(parent, f"虚构街道{parent}", upper, "") for parent in parents]
    rows += [(area, f"虚构社区{area}", lower, parents[number // 100]) for number, area in enumerate(area_ids(areas))]
    path = folder / "areas.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parameters(standard: Standard, folder: Path, quarters: int) -> Path:
    path = folder / "parameters.csv"
    head = ["period", *(parameter.id for parameter in standard.parameters)]
    rows = [[label(standard, quarter), *("1" for _ in standard.parameters)] for quarter in range(quarters)]
    path.write_text("".join(",".join(row) + "\n" for row in [head, *rows]), encoding="utf-8")
    return path


def label(standard: Standard, quarter: int) -> str:
    return periods.label(FIRST_PERIOD + quarter, standard.frequency)


def write_quarter(standard: Standard, folder: Path, areas: int, quarter: int) -> Path:
    """A metrics file of the lowest level."""
    generator = np.random.default_rng(quarter)
    level = standard.judged_levels[0]
    uses = _uses(standard, level)
    columns: dict[str, pa.Array] = {
        "area_id": pa.array(area_ids(areas)),
        "period": pa.array([label(standard, quarter)] * areas),
    }
    for metric in standard.metrics_of(level):
        figures = _figures(generator, metric, uses.get(metric.id), areas)
        columns[metric.id] = _as_text(figures, blank=generator.random(areas) < 0.02)
    path = folder / f"metrics_{label(standard, quarter)}.csv"
    with path.open("wb") as file:
        # pyarrow quotes every header cell; spreadsheets do not.
        file.write((",".join(columns) + "\n").encode())
        pa.csv.write_csv(pa.table(columns), file, pa.csv.WriteOptions(include_header=False, quoting_style="none"))
    return path


def _uses(standard: Standard, level: str) -> dict[str, Criterion]:
    """Metric → the first criterion that looks at it."""
    found: dict[str, Criterion] = {}
    for indicator in standard.indicators_of(level):
        for criterion, _ in indicator.leaves():
            for name in formula.names(criterion.value):
                found.setdefault(name, criterion)
    return found


def _figures(generator: np.random.Generator, metric: Metric, criterion: Criterion | None, rows: int) -> np.ndarray:
    good = generator.random(rows) < 0.95
    if metric.is_yes_no:
        return good.astype(float)
    limit, rising = _limit(criterion)
    if metric.part_of is not None:
        figures = np.zeros(rows)
    elif limit is None:
        figures = generator.integers(2_000, 9_000, rows).astype(float)
    elif rising:
        per_period = limit / (criterion.window if criterion and metric.kind == "flow" else 1)
        figures = np.ceil(per_period) * np.where(good, 1.0, 0.5)
    else:
        figures = np.where(good, 0.0, limit + 1)
    return np.clip(np.round(figures, 1), metric.smallest, metric.largest)


def _limit(criterion: Criterion | None) -> tuple[float | None, bool]:
    match criterion.test if criterion else None:
        case AtLeast(limit):
            return formula.constant(limit), True
        case AtMost(limit):
            return formula.constant(limit), False
        case Between(low, _):
            return formula.constant(low), True
        case _:
            return None, True


def _as_text(figures: np.ndarray, blank: np.ndarray) -> pa.Array:
    words = [str(int(value)) if value == int(value) else f"{value:.1f}" for value in figures]
    return pa.array(["" if empty else word for word, empty in zip(words, blank, strict=True)])
