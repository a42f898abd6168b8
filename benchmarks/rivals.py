"""The same verdicts the short way: pandas and Polars from CSV files to stored verdicts, in memory, without history, undo or provenance.

Criteria, indicators and domain counts of one quarter; windows look at the three quarters before, read from their CSV files as well.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Indicator, Is, Standard, limits_of
from compliance.standard.formula import Binary, Expression, Extreme, Name, Negated, Number, Previous


def polars_verdicts(standard: Standard, files: list[Path], target: Path) -> None:
    """The last of the files is judged; the others are the quarters before, newest last."""
    frames = [pl.read_csv(path, infer_schema_length=0).with_columns(pl.exclude("area_id", "period").cast(pl.Float64, strict=False)) for path in files]
    columns = _Columns(
        standard,
        dict(zip(frames[-1].columns, frames[-1].get_columns(), strict=True)),
        [dict(zip(f.columns, f.get_columns(), strict=True)) for f in frames],
    )
    level = standard.judged_levels[0]
    verdicts: dict[str, pl.Series] = {"area_id": frames[-1]["area_id"]}
    for indicator in standard.indicators_of(level):
        verdicts[indicator.code] = _indicator(columns, indicator)
    table = pl.DataFrame(verdicts)
    counts = []
    for domain in standard.domains_of(level):
        codes = [indicator.code for indicator in domain.at(level)]
        counts.append(pl.sum_horizontal(pl.col(code).fill_null(False).cast(pl.UInt8) for code in codes).alias(f"{domain.id} met"))
        counts.append(pl.sum_horizontal(pl.col(code).is_null().cast(pl.UInt8) for code in codes).alias(f"{domain.id} no_data"))
    table.with_columns(counts).write_parquet(target)


def pandas_verdicts(standard: Standard, files: list[Path], target: Path) -> None:
    """As above, with nullable columns, so that unknown stays unknown."""
    frames = [pd.read_csv(path, dtype_backend="numpy_nullable").convert_dtypes(convert_integer=False) for path in files]
    columns = _Columns(standard, {str(name): frames[-1][name] for name in frames[-1]}, [{str(name): frame[name] for name in frame} for frame in frames])
    level = standard.judged_levels[0]
    verdicts = {indicator.code: _indicator(columns, indicator) for indicator in standard.indicators_of(level)}
    table = pd.DataFrame({"area_id": frames[-1]["area_id"], **verdicts})
    for domain in standard.domains_of(level):
        part = table[[indicator.code for indicator in domain.at(level)]]
        table[f"{domain.id} met"] = part.fillna(False).sum(axis=1).astype("uint8")
        table[f"{domain.id} no_data"] = part.isna().sum(axis=1).astype("uint8")
    table.to_parquet(target)


class _Columns:
    """Columns by name, whatever library they are of: both overload arithmetic, comparison, & and |."""

    def __init__(self, standard: Standard, now: dict, history: list[dict]) -> None:
        self.standard, self.now, self.history = standard, now, history

    def value(self, node: Expression, window: int):
        match node:
            case Number(value):
                return value
            case Previous(id=name):
                return self.history[-2][name]
            case Name(id=name) if name in self.standard.parameter_by_id:
                return 1.0
            case Name(id=name):
                metric = self.standard.metric_by_id[name]
                total = self.now[name]
                if window > 1 and metric.kind == "flow":
                    for frame in self.history[-window:-1]:
                        total = total + frame[name]
                return total
            case Negated(operand):
                return -self.value(operand, window)
            case Binary(operator, left, right):
                a, b = self.value(left, window), self.value(right, window)
                return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[operator]()
            case Extreme(function, (Number(number), other)) | Extreme(function, (other, Number(number))):
                column = self.value(other, window)
                return column.clip(number, None) if function == "max" else column.clip(None, number)
            case Extreme():
                raise NotImplementedError("min and max of two columns do not occur in the standard that is measured")


def _indicator(columns: _Columns, indicator: Indicator):
    verdict = None
    for criterion in indicator.criteria:
        one = _group(columns, criterion) if isinstance(criterion, AnyOf) else _criterion(columns, criterion)
        verdict = one if verdict is None else verdict & one
    return verdict


def _group(columns: _Columns, group: AnyOf):
    verdict = None
    for member in group.members:
        one = _criterion(columns, member)
        verdict = one if verdict is None else verdict | one
    return verdict


def _criterion(columns: _Columns, criterion: Criterion):
    value = columns.value(criterion.value, criterion.window)
    limits = [columns.value(limit, 1) for limit in limits_of(criterion.test)]
    match criterion.test:
        case AtLeast():
            return value >= limits[0]
        case AtMost():
            return value <= limits[0]
        case Between():
            return (value >= limits[0]) & (value <= limits[1])
        case Is(yes):
            return value == (1 if yes else 0)
