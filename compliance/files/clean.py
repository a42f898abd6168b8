"""The quick path for metrics: a file without quotes or oddities goes set-wise from bytes to typed columns.

It never names a fault. At the least doubt it answers None, and diagnosis.py reads the file again, exactly.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from compliance.files import cells, records
from compliance.files.cells import Fault, Figures, PercentTally
from compliance.files.diagnosis import Job, Rows
from compliance.files.headers import Column, Layout
from compliance.files.rows import part_positions

BLOCK = 1 << 22
WORDS = pa.dictionary(pa.int32(), pa.string())


def read(job: Job) -> Rows | None:
    """What diagnosis.read() would give, or None where only that can tell."""
    survey = job.text.survey
    if (
        job.text.faults
        or survey.is_quoted
        or survey.is_strange
        or survey.returns not in (0, survey.newlines)
        or survey.longest_cell > job.limits.cell_characters
        or records.is_guarded(job.text.utf8)
    ):
        return None
    layout = _layout(job)
    if layout is None:
        return None
    parsed = _parse(job, layout)
    if parsed is None:
        return None
    columns = _keys(job, layout, parsed)
    if columns is None:
        return None
    figures = _figures(layout, parsed)
    if figures is None:
        return None
    # No quotes and no blank lines: the header is line 1, and every record is one line.
    lines = pa.array(np.arange(2, parsed.num_rows + 2, dtype=np.int32))
    table = pa.table({"line": lines, **columns, **figures})
    return Rows(layout, table, rows_in=parsed.num_rows, blank=0)


def _layout(job: Job) -> Layout | None:
    end = bytes(job.text.utf8[: job.limits.line_bytes + 2]).find(b"\n")
    header = bytes(job.text.utf8[: max(end, 0)]).decode().rstrip("\r").split(",")
    if len(header) > job.limits.columns:
        return None
    layout = job.headers.read(header, suggest=False)
    is_plain = layout.kind == "metrics" and layout.is_usable and not layout.faults and layout.width == len(header)
    return layout if is_plain and layout.level is not None else None


def _parse(job: Job, layout: Layout) -> pa.Table | None:
    types = {str(column.position): pa.float64() for column in layout.values}
    types |= {str(column.position): WORDS for column in (*layout.keys.values(), *layout.values) if column.item is None or Figures.of(column.item).is_yes_no}
    try:
        parsed = csv.read_csv(
            pa.BufferReader(pa.py_buffer(job.text.utf8)),
            csv.ReadOptions(column_names=[str(position) for position in range(layout.width)], skip_rows=1, block_size=BLOCK),
            csv.ParseOptions(quote_char=False, double_quote=False, escape_char=False, newlines_in_values=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""], strings_can_be_null=True),
        )
    except pa.ArrowInvalid:
        return None
    survey = job.text.survey
    ends_open = bytes(job.text.utf8[-1:]) != b"\n"
    return parsed if 0 < parsed.num_rows == survey.newlines - 1 + ends_open else None


def _keys(job: Job, layout: Layout, parsed: pa.Table) -> dict[str, pa.Array] | None:
    words = parsed.select([str(layout.keys[key].position) for key in ("area_id", "period")]).unify_dictionaries().combine_chunks()
    areas, quarters = (column.chunk(0) for column in words.columns)
    if areas.null_count or quarters.null_count:
        return None
    ids = [job.finder.find(text, layout.level, suggest=False) for text in areas.dictionary.to_pylist()]
    ordinals = [cells.period(text, job.standard.frequency) for text in quarters.dictionary.to_pylist()]
    if any(isinstance(found, Fault) for found in (*ids, *ordinals)):
        return None
    area_ids = pa.array(ids, pa.string()).dictionary_encode()
    area = np.asarray(area_ids.indices, dtype=np.int64)[areas.indices.to_numpy()]
    period = np.asarray(ordinals, dtype=np.int64)[quarters.indices.to_numpy()]
    if np.unique(area * (1 << 32) + period).size < len(area):
        return None
    return {"area_id": area_ids.dictionary.take(pa.array(area)), "period": pa.array(period, pa.int32())}


def _figures(layout: Layout, parsed: pa.Table) -> dict[str, pa.ChunkedArray] | None:
    figures: dict[str, pa.ChunkedArray] = {}
    tallies: dict[str, PercentTally] = {}
    for column in layout.values:
        if column.item is None:
            return None
        rules, cell_values = Figures.of(column.item), parsed.column(str(column.position))
        found = _yes_no(cell_values) if rules.is_yes_no else cell_values
        if found is None or not _within(found, rules):
            return None
        figures[column.id] = found
        if rules.may_mix_units:
            tallies[column.id] = _tally(found)
    if cells.mixed_columns(tallies) or _exceeding(layout.values, figures):
        return None
    return figures


def _yes_no(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    chunks = []
    for chunk in column.chunks:
        values = [cells.yes_no(word) for word in chunk.dictionary.to_pylist()]
        if any(isinstance(value, Fault) for value in values):
            return None
        chunks.append(pa.array(values, pa.float64()).take(chunk.indices))
    return pa.chunked_array(chunks, pa.float64())


def _within(column: pa.ChunkedArray, rules: Figures) -> bool:
    """Every cell finite and inside its bounds. The parser takes nan, inf and 1e400 for numbers."""
    if not pc.all(pc.is_finite(column), min_count=0).as_py():
        return False
    bounds = pc.min_max(column).as_py()
    return bounds["min"] is None or bool(rules.smallest <= bounds["min"] and bounds["max"] <= rules.largest)


def _tally(column: pa.ChunkedArray) -> PercentTally:
    size: NDArray[np.float64] = np.abs(column.drop_null().to_numpy())
    return PercentTally(
        fractions=int(((size > 0) & (size < 1)).sum()),
        ones=int((size == 1).sum()),
        low=int(((size > 1) & (size < 10)).sum()),
        high=int((size >= 10).sum()),
    )


def _exceeding(columns: tuple[Column, ...], figures: dict[str, pa.ChunkedArray]) -> bool:
    arrays = list(figures.values())
    return any(pc.any(pc.greater(arrays[part], arrays[whole])).as_py() for part, whole in part_positions(columns))
