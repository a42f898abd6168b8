"""Rows of metrics and parameters → typed columns, with every fault of every cell (the exact path; clean.py is the quick one)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa

from compliance.files import cells
from compliance.files.cells import Fault, Figures, PercentTally
from compliance.files.directory import AreaFinder
from compliance.files.findings import Findings
from compliance.files.headers import Column, Layout
from compliance.periods import Frequency
from compliance.standard.definitions import Metric

T = TypeVar("T")

# A file repeats few texts, so each is judged once; but a column of distinct figures must not be held twice.
MOST_JUDGED = 4_096
MOST_ASKED = 6


@dataclass(frozen=True)
class Row:
    """One record, and where its faults go. subject is the area as written."""

    line: int
    cells: Sequence[str]
    layout: Layout
    findings: Findings

    def text(self, key: str) -> str:
        """The cell of a key column, trimmed; empty where the file has no such column or the row is too short."""
        column = self.layout.keys.get(key)
        return self.cells[column.position].strip() if column and column.position < len(self.cells) else ""

    def key(self, key: str, read: Callable[[str], T | Fault]) -> T | None:
        """What a cell that must not be blank means; None when it is faulty."""
        text = self.text(key)
        found = read(text) if text else Fault("reading.blank_key")
        if isinstance(found, Fault):
            self.fault(key, found)
            return None
        return found

    def fault(self, key: str, fault: Fault) -> None:
        column = self.layout.keys.get(key)
        self.findings.add(fault, self.line, column.header if column else None, self.text("area_id"), self.text(key))


class RowReader(Protocol):
    """Takes the rows of one kind of file; table() once all are taken and no fault was found."""

    def take(self, row: Row) -> None: ...

    def finish(self) -> None:
        """Adds the faults that only whole columns or the whole file can show."""

    def table(self) -> pa.Table: ...


@dataclass
class FigureColumn:
    column: Column
    figures: Figures
    values: array[float] = field(default_factory=lambda: array("d"))
    tally: PercentTally = field(default_factory=PercentTally)
    suspects: list[tuple[int, str]] = field(default_factory=list)
    _judged: dict[str, float | Fault] = field(default_factory=dict)

    def take(self, text: str, line: int) -> Fault | None:
        """Keeps the cell's figure. NaN, which no cell can state, stands for a blank or faulty one."""
        found = self._judged.get(text)
        if found is None:
            found = self._judge(text)
        if isinstance(found, Fault):
            self.values.append(float("nan"))
            return found
        self.values.append(found)
        if self.figures.may_mix_units and found == found and self.tally.add(found, cells.has_sign(text)):
            self.suspects.append((line, text))
        return None

    def _judge(self, text: str) -> float | Fault:
        found = self.figures.read(text) if text.strip() else float("nan")
        if len(self._judged) < MOST_JUDGED:
            self._judged[text] = found
        return found

    def as_array(self) -> pa.Array:
        values = np.frombuffer(self.values, dtype=np.float64) if self.values else np.empty(0)
        return pa.array(values, mask=np.isnan(values))


class FigureRows:
    """Metrics: area, period, figures. Parameters: the same without an area."""

    def __init__(self, layout: Layout, frequency: Frequency, finder: AreaFinder, findings: Findings) -> None:
        self.layout, self.findings, self.finder = layout, findings, finder
        self.columns = [FigureColumn(column, Figures.of(column.item)) for column in layout.values if column.item is not None]
        self.parts = part_positions(layout.values)
        self.lines, self.areas, self.periods = array("i"), list[str](), array("i")
        self._find: Callable[[str], str | Fault] = cache(lambda text: finder.find(text, layout.level))
        self._period: Callable[[str], int | Fault] = cache(lambda text: cells.period(text, frequency))
        self._line_of: dict[tuple[str, int], int] = {}

    @property
    def has_areas(self) -> bool:
        return "area_id" in self.layout.keys

    def take(self, row: Row) -> None:
        area = row.key("area_id", self._find) if self.has_areas else ""
        period = row.key("period", self._period)
        if area is not None and period is not None:
            first = self._line_of.setdefault((area, period), row.line)
            if first != row.line:
                row.fault("period", Fault("reading.duplicate_row" if self.has_areas else "reading.duplicate_period", {"first": first}))
        self.lines.append(row.line)
        self.areas.append(area or "")
        self.periods.append(period or 0)
        self._take_figures(row)

    def _take_figures(self, row: Row) -> None:
        for column in self.columns:
            text = row.cells[column.column.position]
            if (fault := column.take(text, row.line)) is not None:
                self.findings.add(fault, row.line, column.column.header, row.text("area_id"), text)
        for part, whole in self.parts:
            if self.columns[part].values[-1] > self.columns[whole].values[-1]:  # false where either is NaN
                self._exceeds(row, self.columns[part].column, self.columns[whole].column)

    def _exceeds(self, row: Row, part: Column, whole: Column) -> None:
        fault = Fault("reading.part_exceeds_whole", {"whole": whole.header, "whole_value": row.cells[whole.position].strip()})
        self.findings.add(fault, row.line, part.header, row.text("area_id"), row.cells[part.position])

    def finish(self) -> None:
        taken = set(self.areas)
        self.findings.reconsider("reading.strange_area", cache(lambda text: self.finder.left_over(text, self.layout.level, taken)))
        by_id = {column.column.id: column for column in self.columns}
        tallies = {name: column.tally for name, column in by_id.items() if column.figures.may_mix_units}
        for name in cells.mixed_columns(tallies):
            column, tally = by_id[name], tallies[name]
            suspects = [(line, text) for line, text in column.suspects if not tally.fractions or abs(float(cells.widened(text))) < 1]
            key = "reading.mixed_percent" if tally.exceeds_one else "reading.fractions"
            # Which of the two was meant is asked text by text: of a whole column it is for the file to say.
            is_asked = len({text for _, text in suspects}) <= MOST_ASKED
            for line, text in suspects:
                readings = _readings(text)
                options = (f"{readings['large']}%", f"{readings['small']}%") if is_asked else ()
                self.findings.add(Fault(key, readings, options), line, column.column.header, None, text)

    def table(self) -> pa.Table:
        head: dict[str, pa.Array] = {"line": pa.array(self.lines, pa.int32())}
        if self.has_areas:
            head["area_id"] = pa.array(self.areas, pa.string())
        head["period"] = pa.array(self.periods, pa.int32())
        return pa.table(head | {column.column.id: column.as_array() for column in self.columns})


def _readings(text: str) -> dict[str, str]:
    """The two percentages that a bare fraction may mean: 0.93 as 0.93 % or as 93 %."""
    figure = float(cells.widened(text))
    return {"small": f"{figure:.12g}", "large": f"{figure * 100:.12g}"}


def part_positions(columns: Iterable[Column]) -> list[tuple[int, int]]:
    """Which of the columns is part of which other."""
    position = {column.id: index for index, column in enumerate(columns)}
    return [
        (index, position[column.item.part_of])
        for column, index in zip(columns, position.values(), strict=True)
        if isinstance(column.item, Metric) and column.item.part_of in position
    ]
