"""What stands in a file beside what was reported in the periods before it, for the rules of doubts.py. Asked inside a dry run, before it is taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np
from duckdb import DuckDBPyConnection

from compliance import periods
from compliance.engine.schema import ACTIVE, metrics_table, quote, reported_table
from compliance.questions import doubts
from compliance.questions.doubts import FROZEN_PERIODS, Doubt, Figures, Rows
from compliance.standard.definitions import Metric, Standard

# Figures held at once: a file of twenty megabytes has a few millions, times four periods.
MOST_FIGURES = 2_000_000
# The rest of a column that is wrong throughout looks alike.
MOST_OF_A_METRIC = 20


@dataclass(frozen=True)
class Told:
    """The first doubts of each kind about one file (of one metric no more than MOST_OF_A_METRIC), and how many there are, also by metric."""

    file: str
    shown: tuple[Doubt, ...]
    numbers: dict[doubts.Kind, int]
    by_metric: dict[doubts.Kind, Counter[str]]


@dataclass(frozen=True)
class Then:
    """What periods are held against: those that others than this batch have reported, and the one that today lies in."""

    known: frozenset[int]
    current: int


def then(cursor: DuckDBPyConnection, standard: Standard, batch: Sequence[int], today: date) -> Then:
    """batch: the numbers of the imports that are made together."""
    others = f"{ACTIVE} AND NOT list_contains(?, import_id)"
    reports = " UNION ".join(f"SELECT period FROM {reported_table(level.id)} WHERE filled > 0 AND {others}" for level in standard.levels)
    rows = cursor.execute(f"SELECT period FROM ({reports}) ORDER BY period", [list(batch)] * len(standard.levels)).fetchall()
    return Then(frozenset(row[0] for row in rows), periods.current(standard.frequency, today))


def doubts_of(
    cursor: DuckDBPyConnection, standard: Standard, file: str, level: str, columns: Sequence[str], import_id: int, most: int, against: Then
) -> Told:  # fmt: skip
    """The doubts about an import of metrics, at most so many of each kind."""
    found: dict[doubts.Kind, list[Doubt]] = {kind: [] for kind in doubts.KINDS}
    numbers = dict.fromkeys(doubts.KINDS, 0)
    by_metric: dict[doubts.Kind, Counter[str]] = {kind: Counter() for kind in doubts.KINDS}
    metrics = [standard.metric_by_id[name] for name in columns]
    of_periods = _of_periods(cursor, standard, file, level, import_id, against)
    for doubt in chain(of_periods, _all(cursor, file, level, metrics, import_id)):
        numbers[doubt.kind] += 1
        if doubt.metric is not None:
            by_metric[doubt.kind][doubt.metric] += 1
        if len(found[doubt.kind]) < most and by_metric[doubt.kind][doubt.metric or ""] <= MOST_OF_A_METRIC:
            found[doubt.kind].append(doubt)
    return Told(file, tuple(chain.from_iterable(found.values())), numbers, by_metric)


def area_names(cursor: DuckDBPyConnection) -> dict[str, str]:
    """Area → its name."""
    return dict(cursor.execute("SELECT area_id, name FROM areas ORDER BY area_id").fetchall())


def _of_periods(cursor: DuckDBPyConnection, standard: Standard, file: str, level: str, import_id: int, against: Then) -> Iterator[Doubt]:
    rows = cursor.execute(
        f"""
        SELECT period, min(line), arg_min(area_id, line), count(*)
        FROM {reported_table(level)}
        WHERE import_id = ? AND filled > 0
        GROUP BY period
        ORDER BY period
        """,
        [import_id],
    ).fetchall()
    for period, line, area_id, number in rows:
        if (kind := doubts.of_period(period, against.known, against.current, standard.frequency)) is not None:
            yield Doubt(kind, file, line, area_id, period, None, None, None, number)


def _all(cursor: DuckDBPyConnection, file: str, level: str, metrics: Sequence[Metric], import_id: int) -> Iterator[Doubt]:
    keys = cursor.execute(f"SELECT line, area_id, period FROM {reported_table(level)} WHERE import_id = ? ORDER BY line", [import_id]).fetchnumpy()
    lines, area_ids, ordinals = list(map(int, keys["line"])), list(map(str, keys["area_id"])), list(map(int, keys["period"]))
    numeric = [metric for metric in metrics if metric.unit != "yes_no"]
    step = max(1, MOST_FIGURES // max(1, len(lines) * FROZEN_PERIODS))
    for start in range(0, len(numeric), step):
        some = numeric[start : start + step]
        rows = Rows(file, lines, area_ids, ordinals, _figures(cursor, level, [metric.id for metric in some], import_id))
        yield from chain.from_iterable(chain(doubts.jumps(rows, metric), doubts.frozen(rows, metric)) for metric in some)
    # An area's surveys are looked at together; there are few of them.
    surveys = [metric for metric in numeric if doubts.is_survey(metric)]
    if surveys:
        yield from doubts.full(Rows(file, lines, area_ids, ordinals, _figures(cursor, level, [metric.id for metric in surveys], import_id)), surveys)


def _figures(cursor: DuckDBPyConnection, level: str, names: Sequence[str], import_id: int) -> dict[str, tuple[Figures, ...]]:
    """What the file says, and the values of the three periods before, as they would be after it."""
    found: list[dict[str, Figures]] = []
    for back in range(FROZEN_PERIODS):
        # The file's own cells first: a blank one says nothing, although its effective value may.
        row = "r" if back == 0 else "m"
        columns = ", ".join(f"CAST({row}.{quote(name)} AS DOUBLE) AS {quote(name)}" for name in names)
        join = f"LEFT JOIN {metrics_table(level)} AS m ON m.area_id = r.area_id AND m.period = r.period - {back}"
        answer = cursor.execute(f"SELECT {columns} FROM {reported_table(level)} AS r {join if back else ''} WHERE r.import_id = ? ORDER BY r.line", [import_id])
        found.append({name: np.ma.filled(column, np.nan) for name, column in answer.fetchnumpy().items()})
    return {name: tuple(period[name] for period in found) for name in names}
