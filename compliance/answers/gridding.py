"""What the heatmap's grid shows, as data for the browser: areas down, indicators or domains across, a verdict or a compliance rate in each cell. Pure.

`grid.py` mounts it, `grid.js` draws it; the words come from the caller.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.engine.judging import LARGEST_UNKNOWN_SHARE

WORDS = (
    "grid",  # the grid's name for a screen reader
    "corner",  # above the row headers: what a row is
    "met",
    "near",
    "unmet",
    "no_data",
    "not_applicable",
    "average",  # header of the last row and of the last column
    "rate",  # {percent}
    "parts",  # {met} {judged} {no_data} {not_applicable}
    "value",  # {value}
    "incomplete",  # legend: a rate computed with data missing
    "unsure",  # legend and hover: so much is missing that a rate would mislead {share}
    "lacking",  # in such a cell, under what is met of what is judged: {no_data}
    "noted",  # above the notes that stand behind the row headers
    "earned",  # legend and hover: everything met, nothing missing
    "open",  # hover: how to open this cell
    "tap_again",  # the same on a touch screen
    "legend",  # the legend's name for a screen reader
)

STATUS_COUNT = 5
# Percent at which the colour changes: five steps, the same for every standard, so that a colour means one thing. A quarter each, and the last split:
# where most areas meet little (of 745 cells of the SDG report 432 are below 25 %) they are told apart as well as where most meet much.
RATE_BANDS = (25, 50, 75, 90)
MOST_DECIMALS = 6
# A value on hover is kept to about a millionth of its column's range, so that 89.9999 never reads 90.
# Whole numbers are kept as far as a float32 is exact.
FRACTION_STEPS = 2**20 - 2
WHOLE_STEPS = 2**24


@dataclass(frozen=True)
class Column:
    id: str
    label: str
    hint: str


@dataclass(frozen=True)
class Row:
    """group: what it belongs to, told where rows of several groups follow one another. note: what to say of it behind its name."""

    id: str
    label: str
    hint: str = ""
    group: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class StatusMatrix:
    """notes: (row id, column id) → what else to say of a cell, on hover."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    statuses: NDArray[np.uint8]
    details: NDArray[np.float32] | None = None
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_axes(self.rows, self.columns)
        shape = (len(self.rows), len(self.columns))
        _check_array("statuses", self.statuses, np.uint8, shape)
        if self.statuses.size and self.statuses.max() >= STATUS_COUNT:
            raise ValueError(f"statuses: {self.statuses.max()} is not a status, expected 0 to {STATUS_COUNT - 1}")
        if self.details is not None:
            _check_array("details", self.details, np.float32, shape)


@dataclass(frozen=True, eq=False)
class RateMatrix:
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    counts: NDArray[np.uint16] | NDArray[np.uint32]

    def __post_init__(self) -> None:
        _check_axes(self.rows, self.columns)
        _check_array("counts", self.counts, np.uint32 if self.counts.dtype == np.uint32 else np.uint16, (len(self.rows), len(self.columns), 4))


def payload(matrix: StatusMatrix | RateMatrix, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what the browser needs, ready for JSON. `sig` stands for all of it."""
    if set(words) != set(WORDS):
        raise ValueError(f"words: missing {sorted(set(WORDS) - set(words))}, unknown {sorted(set(words) - set(WORDS))}")
    content = {
        "rows": {**_texts(matrix.rows), "group": _group_heads(matrix.rows), "note": _notes(matrix.rows)},
        "columns": _texts(matrix.columns),
        "words": {word: words[word] for word in WORDS},
        "bands": list(RATE_BANDS),
        "most_missing": LARGEST_UNKNOWN_SHARE,
        **_cells(matrix),
    }
    sig = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return {**content, "sig": sig}


def known(matrix: StatusMatrix | RateMatrix, opened: object) -> tuple[str, str] | None:
    """Return the pair only if it names cells of this matrix: the browser may send anything."""
    match opened:
        case [str(row), str(column)] if row or column:
            in_rows = row in {"", *(each.id for each in matrix.rows)}
            in_columns = column in {"", *(each.id for each in matrix.columns)}
            return (row, column) if in_rows and in_columns else None
        case _:
            return None


def _texts(headers: tuple[Row, ...] | tuple[Column, ...]) -> dict[str, list[Any]]:
    # 500 communities share a few subdistricts: each hint is sent once.
    places = {hint: place for place, hint in enumerate(dict.fromkeys(header.hint for header in headers))}
    return {
        "id": [header.id for header in headers],
        "label": [header.label for header in headers],
        "hint": [places[header.hint] for header in headers],
        "hints": list(places),
    }


def _group_heads(rows: tuple[Row, ...]) -> list[str]:
    """The group of each row that begins one, "" elsewhere; none at all where there is only one group."""
    groups = [row.group for row in rows]
    if len(set(groups)) < 2:
        return []
    return [group if place == 0 or group != groups[place - 1] else "" for place, group in enumerate(groups)]


def _notes(rows: tuple[Row, ...]) -> list[str]:
    """The note of each row; none at all where nothing is noted."""
    notes = [row.note for row in rows]
    return notes if any(notes) else []


def _cells(matrix: StatusMatrix | RateMatrix) -> dict[str, Any]:
    match matrix:
        case StatusMatrix(statuses=statuses):
            details = None if matrix.details is None else _packed_details(matrix.details)
            # A near miss is still a miss: statuses 1 and 2 are both unmet.
            counts = np.stack([statuses == 0, (statuses == 1) | (statuses == 2), statuses == 3, statuses == 4], axis=2)
            return {"kind": "status", "cells": _packed(statuses), "details": details, "totals": _totals(counts), "notes": _cell_notes(matrix)}
        case RateMatrix(counts=counts):
            fields = counts.reshape(len(matrix.rows), 4 * len(matrix.columns))
            return {"kind": "rate", "cells": _packed(fields), "details": None, "totals": _totals(counts), "notes": None}


def _cell_notes(matrix: StatusMatrix) -> dict[str, Any] | None:
    """places: row, column, number of the text, cell after cell. Many cells share a text: each is sent once."""
    rows = {row.id: place for place, row in enumerate(matrix.rows)}
    columns = {column.id: place for place, column in enumerate(matrix.columns)}
    noted = {(rows[row], columns[column]): text for (row, column), text in matrix.notes.items() if row in rows and column in columns}
    numbers = {text: number for number, text in enumerate(dict.fromkeys(noted.values()))}
    return {"texts": list(numbers), "places": [part for (row, column), text in noted.items() for part in (row, column, numbers[text])]} if noted else None


def _totals(counts: NDArray[Any]) -> dict[str, Any]:
    """Sums of counts, not means of rates: a domain of 30 indicators weighs more than one of 3."""
    sums = {"rows": counts.sum(axis=1), "columns": counts.sum(axis=0), "all": counts.sum(axis=(0, 1))}
    return {name: total.tolist() for name, total in sums.items()}


def _packed(fields: NDArray[Any]) -> dict[str, Any]:
    """Pack each field (a column of whole numbers from 0) with the fewest bits that hold its largest number.

    500 × 103 float32 values alone are 275 kB in base64; a percentage with one decimal needs 10 bits of its 32.
    """
    bits = [int(field.max(initial=0)).bit_length() for field in fields.T]
    octets = np.ascontiguousarray(fields.T, dtype=">u4").view(np.uint8).reshape(*fields.T.shape, 4)
    digits = np.unpackbits(octets, axis=2)
    streams = [digits[field, :, 32 - width :].ravel() for field, width in enumerate(bits)]
    stream = np.packbits(np.concatenate(streams)) if streams else np.empty(0, np.uint8)
    return {"bits": bits, "bytes": base64.b64encode(stream.tobytes()).decode("ascii")}


def _packed_details(details: NDArray[np.float32]) -> dict[str, Any]:
    """Pack values as whole numbers of 10^-decimals, counted from the column's lowest, which is 1; 0 means no value."""
    finite = np.isfinite(details)
    values = np.where(finite, details, 0).astype(np.float64)
    low = values.min(axis=0, where=finite, initial=np.inf)
    high = values.max(axis=0, where=finite, initial=-np.inf)
    span = np.maximum(high - low, 1e-30)
    room = np.floor(np.log10(FRACTION_STEPS / span))
    room_for_whole = np.minimum(np.floor(np.log10(WHOLE_STEPS / span)), 0)
    decimals = np.minimum(_fewest_decimals(values), np.maximum(room, room_for_whole))

    whole = np.rint(values * 10.0**decimals)
    lowest = whole.min(axis=0, where=finite, initial=np.inf)
    fields = np.where(finite, whole - lowest + 1, 0).astype(np.uint32)
    lowest = np.where(finite.any(axis=0), lowest, 0)
    return {**_packed(fields), "low": lowest.tolist(), "decimals": decimals.astype(int).tolist()}


def _fewest_decimals(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, per column, the fewest decimals that still give the very same float32 numbers."""
    fewest = np.full(values.shape[1], float(MOST_DECIMALS))
    for decimals in range(MOST_DECIMALS, -1, -1):
        rounded = np.rint(values * 10.0**decimals) / 10.0**decimals
        same = (rounded.astype(np.float32) == values.astype(np.float32)).all(axis=0)
        fewest[same] = decimals
    return fewest


def _check_axes(rows: tuple[Row, ...], columns: tuple[Column, ...]) -> None:
    for name, headers in (("rows", rows), ("columns", columns)):
        ids = [header.id for header in headers]
        if len(set(ids)) < len(ids) or "" in ids:
            raise ValueError(f"{name}: ids must be unique and not empty")


def _check_array(name: str, array: NDArray[Any], dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(f"{name}: {array.dtype} {array.shape}, expected {np.dtype(dtype)} {shape}")
