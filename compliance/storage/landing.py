"""Data files → reports in the database, inside the importer's transaction: read, checked against what is imported already and against who brings them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from compliance.access import AccessDenied, User
from compliance.engine import derive_sql
from compliance.engine.schema import quote, reported_table
from compliance.errors import ImportDataError
from compliance.files import reading
from compliance.files.reading import Directory, Limits, Reading, Source
from compliance.standard.definitions import Standard
from compliance.storage import bounds, preview
from compliance.storage.preview import AreaChanges, CellChange, CellChanges
from compliance.storage.revoking import refuse_repeated

# How far an import is once its files are read: of a million rows, reading takes the smaller part.
SHARE_READ = 0.4

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the file at work."""


@dataclass(frozen=True)
class Job:
    """What holds for all files of one import. user None: a replay of what was allowed when it happened; entered: by hand, not by a clerk's file."""

    cursor: DuckDBPyConnection
    standard: Standard
    user: User | None
    ignore_columns: Collection[str] = ()
    limits: Limits = reading.COMMAND_LIMITS
    dry_run: bool = False
    entered: bool = False


@dataclass(frozen=True)
class Landed:
    """One file whose reports are in, with the number of its import; cells only in a dry run of metrics, areas in one of areas."""

    source: Source
    sha256: str
    read: Reading
    import_id: int
    cells: CellChanges | None
    changes: tuple[CellChange, ...]
    areas: AreaChanges | None = None


def directory(cursor: DuckDBPyConnection) -> Directory:
    """The areas that are known now."""
    rows = cursor.execute("SELECT area_id, name, level FROM areas ORDER BY area_id").fetchall()
    by_name: dict[str, tuple[str, ...]] = {}
    for area_id, name, _ in rows:
        by_name[name] = (*by_name.get(name, ()), area_id)
    return Directory({area_id: level for area_id, _, level in rows}, by_name)


def land_all(job: Job, sources: Sequence[Source], tell: Progress) -> list[Landed]:
    """All files, those that name areas first. Raises ImportDataError with every problem of every file; AccessDenied when all of them are that the person
    is bound to other areas."""
    landed: list[Landed] = []
    waiting = sorted(sources, key=_areas_first)
    while waiting:
        refused: list[tuple[Source, ImportDataError | AccessDenied]] = []
        known = _areas_known(landed)
        for source in waiting:
            tell(SHARE_READ * len(landed) / len(sources), source.name)
            try:
                landed.append(_land(job, source))
            except (ImportDataError, AccessDenied) as error:
                refused.append((source, error))
        if refused and _areas_known(landed) == known:
            kind = AccessDenied if all(isinstance(error, AccessDenied) for _, error in refused) else ImportDataError
            raise kind([problem for _, error in refused for problem in error.problems])
        # Files may name areas that one after them brings in: another try, as long as there are new ones.
        waiting = [source for source, _ in refused]
    return landed


def _areas_known(landed: list[Landed]) -> int:
    return sum(item.read.accepted for item in landed if item.read.kind == "areas")


def _areas_first(source: Source) -> int:
    """Areas before what reports on them. A guess from the first line, in any encoding: a wrong one costs a second try."""
    start = bytes(source.content[:4000])
    words = (word for encoding in ("utf-8-sig", "gb18030", "utf-16") for word in re.split(r"[\s,\"()（）]+", _first_line(start, encoding)))
    return 0 if {"level", "层级"} & set(words) else 1


def _first_line(start: bytes, encoding: str) -> str:
    return next(iter(start.decode(encoding, "replace").lower().splitlines()), "")


def _land(job: Job, source: Source) -> Landed:
    cursor, sha256 = job.cursor, hashlib.sha256(source.content).hexdigest()
    # The same figure may be entered by hand a second time, when another one has come in between; what is replayed was allowed when it happened.
    if job.user is not None and not job.entered:
        refuse_repeated(cursor, sha256, source.name)
    read = reading.read(source, job.standard, directory(cursor), ignore_columns=job.ignore_columns, limits=job.limits)
    if job.user is not None:
        bounds.require_areas(cursor, job.user, read.kind, partial(_areas_named, read), source.name)
    import_id = _enter(cursor, source, sha256, read)
    is_previewed = job.dry_run and read.kind == "metrics"
    cells, changes = preview.changed_cells(cursor, read, job.standard.frequency) if is_previewed else (None, ())
    areas = preview.changed_areas(cursor, read) if job.dry_run and read.kind == "areas" else None
    match read.kind:
        case "areas":
            _insert_areas(cursor, read, import_id)
            # The files that follow may report on these areas.
            cursor.execute(derive_sql.AREAS_SQL)
        case "metrics":
            _insert(cursor, reported_table(read.level or ""), _with_filled(read), import_id)
        case "parameters":
            _insert(cursor, "reported_parameters", read.table, import_id)
        case "exemptions":
            _insert(cursor, "reported_exemptions", read.table.drop_columns(["others"]), import_id)
    return Landed(source, sha256, read, import_id, cells, changes, areas)


def _areas_named(read: Reading) -> list[tuple[str, int | None]]:
    return list(zip(read.table.column("area_id").to_pylist(), read.table.column("line").to_pylist(), strict=True))


def _enter(cursor: DuckDBPyConnection, source: Source, sha256: str, read: Reading) -> int:
    """The import's row: it must be active before anything is derived from its reports."""
    row = cursor.execute(
        """
        INSERT INTO imports (id, kind, level, file_name, sha256, encoding, rows_in, accepted, blank, ignored, status)
        SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active' FROM imports
        RETURNING id
        """,
        [read.kind, read.level, source.name, sha256, read.encoding, read.rows_in, read.accepted, read.blank, ", ".join(read.ignored)],
    ).fetchone()
    return int(row[0]) if row else 0


def _with_filled(read: Reading) -> pa.Table:
    """The rows with how many of their cells are not blank."""
    filled = np.zeros(read.table.num_rows, dtype=np.int32)
    for name in read.columns:
        filled += read.table.column(name).is_valid().to_numpy()
    return read.table.append_column("filled", pa.array(filled))


def _insert(cursor: DuckDBPyConnection, table: str, rows: pa.Table, import_id: int) -> None:
    cursor.register("incoming", rows)
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT CAST(? AS INTEGER) AS import_id, * FROM incoming", [import_id])
    cursor.unregister("incoming")


def _insert_areas(cursor: DuckDBPyConnection, read: Reading, import_id: int) -> None:
    names = "[" + ", ".join("?" for _ in read.columns) + "]"
    values = "[" + ", ".join(quote(name) for name in read.columns) + "]"
    attributes = f"map({names}, {values})" if read.columns else "MAP {}"
    cursor.register("incoming", read.table)
    cursor.execute(
        f"""INSERT INTO reported_areas BY NAME
        SELECT CAST(? AS INTEGER) AS import_id, line, area_id, name, level, parent_id, CAST({attributes} AS MAP(VARCHAR, VARCHAR)) AS attributes
        FROM incoming""",
        [import_id, *read.columns],
    )
    cursor.unregister("incoming")
