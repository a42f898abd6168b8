"""What templates are filled with. Readers only."""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from compliance.engine.schema import metrics_table, quote


def values(cursor: DuckDBPyConnection, level: str, period: int, metric_ids: Sequence[str]) -> dict[str, tuple[float | None, ...]]:
    """What is reported for a period? area id → its figures in the order of the metrics, None where nothing is."""
    columns = ", ".join(quote(name) for name in metric_ids)
    rows = cursor.execute(f"SELECT area_id, {columns} FROM {metrics_table(level)} WHERE period = ? ORDER BY area_id", [period]).fetchall()
    return {row[0]: row[1:] for row in rows}


def attributes(cursor: DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """What is known of each area beside its name and place? area id → attribute → its value."""
    return dict(cursor.execute("SELECT area_id, attributes FROM areas ORDER BY area_id").fetchall())
