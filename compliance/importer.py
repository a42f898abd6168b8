"""A data file → checked rows → reports, effective values and verdicts, in one transaction. The only writer of reports."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from compliance import __version__, deriving, periods, reading
from compliance.definitions import Metric, Standard
from compliance.errors import ImportDataError, Problem
from compliance.reading import Directory, Limits, Reading, Source
from compliance.schema import compliance_table, indicator_column, metrics_table, quote, reported_table
from compliance.store import Store, current_user, now

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Changes:
    """What an import does to effective values (cells) and to indicator statuses (flips)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    now_met: int = 0
    now_unmet: int = 0
    now_unknown: int = 0


@dataclass(frozen=True)
class Imported:
    """One import, done or (id None) tried. periods are canonical labels."""

    id: int | None
    kind: str
    level: str | None
    file_name: str
    sha256: str
    encoding: str
    rows_in: int
    accepted: int
    blank: int
    ignored: tuple[str, ...]
    areas: int
    periods: tuple[str, ...]
    changes: Changes | None = field(default=None)


def import_source(
    store: Store,
    source: Source,
    *,
    who: str | None = None,
    ignore_columns: Collection[str] = (),
    limits: Limits = reading.COMMAND_LIMITS,
    dry_run: bool = False,
) -> Imported:
    """Import one file whole or not at all; raises ImportDataError with every problem.

    A dry run checks everything, computes what would change and leaves nothing behind.
    """
    sha256 = hashlib.sha256(source.content).hexdigest()
    _refuse_repeated(store, source, sha256)
    read = reading.read(source, store.standard, directory(store), ignore_columns=ignore_columns, limits=limits)
    if not dry_run:
        store.check_free_space(len(source.content))
        store.archive.keep(bytes(source.content), sha256)
    with store.writing(dry_run=dry_run) as cursor:
        # Another session may have brought the same file in while this one was read.
        _refuse_repeated(store, source, sha256)
        import_id = _next_id(cursor)
        changes = _land(cursor, store.standard, source, read, import_id, dry_run)
        if not dry_run:
            _enter(cursor, store, source, sha256, read, import_id, who or current_user())
    return _report(store.standard, source, sha256, read, None if dry_run else import_id, changes)


def directory(store: Store) -> Directory:
    """The areas that are known now."""
    rows = store.cursor().execute("SELECT area_id, name, level FROM areas ORDER BY area_id").fetchall()
    by_name: dict[str, tuple[str, ...]] = {}
    for area_id, name, _ in rows:
        by_name[name] = (*by_name.get(name, ()), area_id)
    return Directory({area_id: level for area_id, _, level in rows}, by_name)


def _refuse_repeated(store: Store, source: Source, sha256: str) -> None:
    row = store.cursor().execute("SELECT id, file_name, at FROM imports WHERE sha256 = ? AND status = 'active'", [sha256]).fetchone()
    if row is not None:
        raise ImportDataError([Problem("import.repeated", {"id": row[0], "name": row[1], "at": f"{row[2]:%Y-%m-%d %H:%M}"}, file=source.name)])


def _next_id(cursor: DuckDBPyConnection) -> int:
    row = cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM imports").fetchone()
    return int(row[0]) if row else 1


def _land(cursor: DuckDBPyConnection, standard: Standard, source: Source, read: Reading, import_id: int, dry_run: bool) -> Changes | None:
    """Write the reports and derive what they touch."""
    _enter_row(cursor, read, import_id)
    match read.kind:
        case "areas":
            _insert_areas(cursor, read, import_id)
            deriving.derive_areas_again(cursor, standard)
        case "parameters":
            _insert(cursor, "reported_parameters", read.table, import_id)
            deriving.derive_parameters_again(cursor, standard)
        case "exemptions":
            _insert(cursor, "reported_exemptions", read.table, import_id)
            deriving.derive_exemptions_again(cursor, standard)
        case "metrics":
            return _land_metrics(cursor, standard, source, read, import_id, dry_run)
    return None


def _land_metrics(cursor: DuckDBPyConnection, standard: Standard, source: Source, read: Reading, import_id: int, dry_run: bool) -> Changes | None:
    level = read.level or ""
    staged = read.table.append_column("filled", pa.array(_filled(read), pa.int32()))
    cursor.register("staged", staged)
    try:
        _refuse_parts_above_wholes(cursor, standard, source, read)
        cells = _changed_cells(cursor, read) if dry_run else None
        before = _statuses_before(cursor, standard, read) if dry_run else None
        _insert(cursor, reported_table(level), None, import_id)
        deriving.overlay_report(cursor, standard, level, read.columns)
        if cells is None:
            return None
        return Changes(*cells, *(_flips(cursor, standard, read) if before else (0, 0, 0)))
    finally:
        cursor.unregister("staged")


def _filled(read: Reading) -> np.ndarray:
    """How many cells of each row are not blank."""
    count = np.zeros(read.table.num_rows, dtype=np.int32)
    for name in read.columns:
        count += read.table.column(name).is_valid().to_numpy()
    return count


def _insert(cursor: DuckDBPyConnection, table: str, rows: pa.Table | None, import_id: int) -> None:
    if rows is not None:
        cursor.register("staged", rows)
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT CAST(? AS INTEGER) AS import_id, * FROM staged ORDER BY line", [import_id])
    if rows is not None:
        cursor.unregister("staged")


def _insert_areas(cursor: DuckDBPyConnection, read: Reading, import_id: int) -> None:
    cursor.register("staged", read.table)
    names = "[" + ", ".join("?" for _ in read.columns) + "]"
    values = "[" + ", ".join(quote(name) for name in read.columns) + "]"
    attributes = f"map({names}, {values})" if read.columns else "MAP {}"
    cursor.execute(
        f"""INSERT INTO reported_areas BY NAME
        SELECT CAST(? AS INTEGER) AS import_id, line, area_id, name, level, parent_id, CAST({attributes} AS MAP(VARCHAR, VARCHAR)) AS attributes
        FROM staged ORDER BY line""",
        [import_id, *read.columns],
    )
    cursor.unregister("staged")


def _refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, source: Source, read: Reading) -> None:
    """A part may not exceed its whole, also when only one of them is in this file."""
    problems: list[Problem] = []
    for metric in standard.metrics_of(read.level or ""):
        if metric.part_of is not None and (metric.id in read.columns or metric.part_of in read.columns):
            problems += _part_problems(cursor, standard, source, read, metric, standard.metric_by_id[metric.part_of])
    if problems:
        raise ImportDataError(sorted(problems, key=lambda problem: problem.line or 0))


def _part_problems(
    cursor: DuckDBPyConnection, standard: Standard, source: Source, read: Reading, part: Metric, whole: Metric
) -> Iterable[Problem]:
    def effective(metric: Metric) -> str:
        return f"coalesce(n.{quote(metric.id)}, m.{quote(metric.id)})" if metric.id in read.columns else f"m.{quote(metric.id)}"

    rows = cursor.execute(
        f"""
        SELECT n.line, n.area_id, {effective(part)}, {effective(whole)}
        FROM staged AS n
        LEFT JOIN {metrics_table(part.level)} AS m ON m.area_id = n.area_id AND m.period = n.period
        WHERE {effective(part)} > {effective(whole)}
        ORDER BY n.line
        """
    ).fetchall()
    for line, area_id, small, large in rows:
        yield Problem(
            "import.part_above_whole",
            {"part": part.title, "part_value": f"{small:g}", "whole": whole.title, "whole_value": f"{large:g}"},
            file=source.name, line=line, column=part.id if part.id in read.columns else whole.id, subject=area_id,
        )  # fmt: skip


def _changed_cells(cursor: DuckDBPyConnection, read: Reading) -> tuple[int, int, int]:
    """Cells that are new, changed and unchanged against the effective values."""
    new, changed, same = [], [], []
    for name in map(quote, read.columns):
        new.append(f"count(*) FILTER (n.{name} IS NOT NULL AND m.{name} IS NULL)")
        changed.append(f"count(*) FILTER (n.{name} <> m.{name})")
        same.append(f"count(*) FILTER (n.{name} = m.{name})")
    row = cursor.execute(
        f"""
        SELECT {" + ".join(new)}, {" + ".join(changed)}, {" + ".join(same)}
        FROM staged AS n
        LEFT JOIN {metrics_table(read.level or "")} AS m ON m.area_id = n.area_id AND m.period = n.period
        """
    ).fetchone()
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


def _statuses_before(cursor: DuckDBPyConnection, standard: Standard, read: Reading) -> bool:
    """Keep the statuses as they stand, to compare with; False when this level is not judged."""
    if read.level not in standard.judged_levels:
        return False
    columns = ", ".join(indicator_column(indicator) for indicator in standard.indicators_of(read.level or ""))
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE statuses_before AS SELECT area_id, period, {columns} FROM {compliance_table(read.level or '')}")
    return True


def _flips(cursor: DuckDBPyConnection, standard: Standard, read: Reading) -> tuple[int, int, int]:
    """Indicator statuses that became met, unmet, unknown; a row that is new counts as unknown before."""
    level = read.level or ""
    names = [indicator_column(indicator) for indicator in standard.indicators_of(level)]
    became = {
        verdict: " + ".join(f"count(*) FILTER (c.{name} IS NOT DISTINCT FROM {verdict} AND b.{name} IS DISTINCT FROM {verdict})" for name in names)
        for verdict in ("true", "false", "NULL")
    }
    row = cursor.execute(
        f"""
        SELECT {became["true"]}, {became["false"]}, {became["NULL"]}
        FROM {compliance_table(level)} AS c
        LEFT JOIN statuses_before AS b ON b.area_id = c.area_id AND b.period = c.period
        """
    ).fetchone()
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


def _enter_row(cursor: DuckDBPyConnection, read: Reading, import_id: int) -> None:
    """The import's row must be active before anything is derived from its reports."""
    cursor.execute(
        """INSERT INTO imports (id, kind, level, encoding, rows_in, accepted, blank, ignored, status)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'active')""",
        [import_id, read.kind, read.level, read.encoding, read.rows_in, read.accepted, read.blank, ", ".join(read.ignored)],
    )


def _enter(cursor: DuckDBPyConnection, store: Store, source: Source, sha256: str, read: Reading, import_id: int, who: str) -> None:
    at = now()
    cursor.execute(
        """UPDATE imports SET file_name = ?, sha256 = ?, who = ?, at = ?, program = ?,
            definitions_version = (SELECT max(version) FROM definitions) WHERE id = ?""",
        [source.name, sha256, who, at, __version__, import_id],
    )
    store.record(
        cursor,
        {
            "event": "import", "import_id": import_id, "file": source.name, "sha256": sha256, "kind": read.kind,
            "ignored": list(read.ignored), "who": who, "at": at.isoformat(),
        },
    )  # fmt: skip


def _report(standard: Standard, source: Source, sha256: str, read: Reading, import_id: int | None, changes: Changes | None) -> Imported:
    names = read.table.column_names
    areas = read.table.column("area_id").unique() if "area_id" in names else []
    ordinals = sorted(read.table.column("period").unique().to_pylist()) if "period" in names else []
    labels = tuple(periods.label(ordinal, standard.frequency) for ordinal in ordinals)
    return Imported(
        import_id, read.kind, read.level, source.name, sha256, read.encoding, read.rows_in, read.accepted, read.blank, read.ignored,
        len(areas), labels, changes,
    )  # fmt: skip
