"""Questions about indicators across areas: who passes, by how much, what is left to do. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from duckdb import DuckDBPyConnection

from compliance.engine.deriving import exempt_codes_of
from compliance.engine.judging import Judgement
from compliance.standard.definitions import Indicator, Standard


@dataclass(frozen=True)
class StatusMatrix:
    """areas × indicators: codes[row, column] = 0 met, 1 unmet but near, 2 unmet, 3 no data, 4 not applicable; attainments NaN where unknown."""

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    codes: np.ndarray
    attainments: np.ndarray


def status_matrix(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, codes: Sequence[str]) -> StatusMatrix:
    """Who misses which of these indicators, and who nearly meets them? Ordered by parent, then area."""
    judgement = Judgement(standard, level, frozenset(codes))
    steps = judgement.indicators_sql(exempt_codes_of(cursor), "m.period = ?")
    columns = ", ".join(f"{judgement.shown_code_sql(indicator)}, {judgement.attainment_of_sql(indicator)}" for indicator in judgement.indicators)
    rows = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, ''), {columns}
        FROM ({steps}) AS v
        JOIN areas AS a ON a.area_id = v.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        ORDER BY a.parent_id, a.area_id
        """,
        [period],
    ).fetchnumpy()
    arrays = list(rows.values())
    ids, names, parents = (tuple(array.tolist()) for array in arrays[:3])
    shape = (len(ids), len(judgement.indicators))
    statuses, attainments = np.full(shape, 3, dtype=np.uint8), np.full(shape, np.nan, dtype=np.float32)
    for column in range(shape[1]):
        statuses[:, column] = arrays[3 + 2 * column]
        attainments[:, column] = np.ma.filled(np.ma.asarray(arrays[4 + 2 * column]).astype(np.float32), np.nan)
    return StatusMatrix(ids, names, parents, judgement.indicators, statuses, attainments)
