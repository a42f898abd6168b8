"""In which order rows and columns of a matrix stand: by rate, by what is left to do, or so that what fails together stands together. Pure numpy.

A *want* matrix says how far each cell is from being met: 0 met, 1 wholly unmet, NaN unknown or not applicable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.answers.counts import lacks_too_much

Wants = NDArray[np.float64]
Order = NDArray[np.intp]

# What is unknown is neither like the met nor like the unmet.
UNKNOWN = 0.5
# Up to this many rows the order is polished pair by pair; above, the leading eigenvectors must do.
MOST_POLISHED = 200
MOST_TURNS = 300
SMALLEST_GAIN = 1e-9


def wants_of_counts(counts: NDArray[Any]) -> Wants:
    """From counts met, unmet, no_data, not_applicable a cell: the unmet share of what could be judged."""
    met, unmet = counts[..., 0].astype(float), counts[..., 1].astype(float)
    judged = met + unmet
    wants: Wants = np.divide(unmet, judged, out=np.full(judged.shape, np.nan), where=judged > 0)
    return wants


def wants_of_statuses(statuses: NDArray[np.uint8], attainments: NDArray[np.float32]) -> Wants:
    """From status codes (0 met, 1 near, 2 unmet, else unknown): what is lacking to full attainment, at least a hundredth where unmet."""
    lacking = np.where(np.isfinite(attainments), 1 - attainments.astype(float), 1.0)
    return np.where(statuses == 0, 0.0, np.where(statuses <= 2, np.maximum(lacking, 0.01), np.nan))


def by_rate(totals: NDArray[np.int_], *, best: bool = False) -> Order:
    """Lowest compliance rate first (best: highest). totals: met, unmet, no_data, not_applicable a row.

    Rows of which too much is unknown follow those that can be told, and rows without any verdict come last."""
    met, judged = totals[:, 0], totals[:, :2].sum(axis=1)
    rate = np.divide(met, judged, out=np.ones(len(totals)), where=judged > 0)
    return np.lexsort((-rate if best else rate, lacks_too_much(totals[:, 2], judged), judged == 0))


def by_closeness(totals: NDArray[np.int_], wants: Wants) -> Order:
    """Nearest to having everything met first: who has, then by how many indicators are not known to be met, then by how far these are.

    Who fails in nothing but lacks data comes after all who are known to fail: of them it cannot be told how near they are."""
    met, unmet, no_data = totals[:, 0], totals[:, 1], totals[:, 2]
    group = np.select([unmet > 0, no_data > 0, met > 0], [1, 2, 0], 3)
    return np.lexsort((np.nansum(wants, axis=1), unmet, unmet + no_data, group))


def by_gap(wants: Wants) -> Order:
    """Most left to do first: the sum of what each cell lacks."""
    return np.argsort(-np.nansum(wants, axis=1), kind="stable")


def by_similarity(wants: Wants) -> Order:
    """Rows that fail together side by side, the end that fails more on top."""
    rows = len(wants)
    if rows < 3 or wants.shape[1] == 0:
        return by_gap(wants)
    filled = np.nan_to_num(wants, nan=UNKNOWN)
    order = _spectral(filled)
    if rows <= MOST_POLISHED:
        order = _polished(order, _distances(filled))
    half = rows // 2
    return order if filled[order[:half]].sum() >= filled[order[-half:]].sum() else order[::-1]


def _spectral(filled: Wants) -> Order:
    """Along the leading eigenvector of the centred rows; ties by the second."""
    centred = filled - filled.mean(axis=0)
    # By the smaller side: a matrix may be thousands of areas deep, or, transposed, as wide.
    if centred.shape[0] < centred.shape[1]:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        axes = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :2]
    else:
        _, vectors = np.linalg.eigh(centred.T @ centred)
        axes = centred @ vectors[:, ::-1][:, :2]
    return np.lexsort([np.round(axes[:, column], 9) for column in reversed(range(axes.shape[1]))])


def _distances(filled: Wants) -> Wants:
    return np.stack([np.abs(filled - row).sum(axis=1) for row in filled])


def _polished(order: Order, distances: Wants) -> Order:
    """Shortens the path through all rows by turning round the stretch that gains most, until none does (2-opt on an open path)."""
    order = order.copy()
    count = len(order)
    starts, ends = np.triu_indices(count, k=1)
    for _ in range(MOST_TURNS):
        path = distances[np.ix_(order, order)]
        # Turning round start..end replaces the two steps at its ends; beyond the path's own ends there is no step.
        before = np.zeros((count + 1, count))
        after = np.zeros((count, count + 1))
        before[1:], after[:, :-1] = path, path
        steps = np.concatenate([[0.0], np.diagonal(path, 1), [0.0]])
        gain = steps[starts] + steps[ends + 1] - before[starts, ends] - after[starts, ends + 1]
        best = int(np.argmax(gain))
        if gain[best] <= SMALLEST_GAIN:
            break
        first, last = starts[best], ends[best] + 1
        order[first:last] = order[first:last][::-1].copy()
    return order
