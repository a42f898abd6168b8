"""Data files → checked rows → reports, effective values and verdicts, in one transaction. The only writer of reports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from compliance import __version__, derive_sql, deriving, periods, preview, reading
from compliance.definitions import Metric, Standard
from compliance.errors import ImportDataError, Problem
from compliance.ledger import Entry
from compliance.preview import CellChanges, Flips
from compliance.reading import Directory, Limits, Reading, Source
from compliance.schema import metrics_table, quote, reported_table
from compliance.store import Store, current_user, now

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the file at work."""


@dataclass(frozen=True)
class Imported:
    """One import, done or (id None) tried. periods are canonical labels; cells only after a dry run of metrics."""

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
    cells: CellChanges | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of some files. flips only after a dry run."""

    imports: tuple[Imported, ...]
    flips: Flips | None = None


@dataclass(frozen=True)
class _Landed:
    source: Source
    sha256: str
    read: Reading
    import_id: int
    cells: CellChanges | None


def import_source(store: Store, source: Source, **options: object) -> Imported:
    """Import one file whole or not at all; options as of import_sources."""
    return import_sources(store, [source], **options).imports[0]  # type: ignore[arg-type]


def import_sources(
    store: Store,
    sources: Sequence[Source],
    *,
    who: str | None = None,
    ignore_columns: Collection[str] = (),
    limits: Limits = reading.COMMAND_LIMITS,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Import files together: all of them or, when any has a problem, none. Files that name areas go first.

    Raises ImportDataError with every problem of every file. A dry run checks everything, says what would change and leaves nothing behind.
    """
    if not sources:
        return Outcome(())
    tell = progress or (lambda _share, _name: None)
    # A dry run writes as much before it takes everything back.
    store.check_free_space(sum(len(source.content) for source in sources))
    sources = [replace(source, name=_sayable(source.name)) for source in sources]
    with store.writing(dry_run=dry_run) as cursor:
        exempt_before = preview.keep_statuses(cursor, store.standard) if dry_run else frozenset()
        landed = _land_all(cursor, store.standard, sources, ignore_columns, limits, dry_run, tell)
        tell(0.7, landed[-1].source.name)
        _derive(cursor, store.standard, landed)
        _refuse_parts_above_wholes(cursor, store.standard, landed)
        flips = preview.flips(cursor, store.standard, exempt_before) if dry_run else None
        if not dry_run:
            _enter_all(cursor, store, landed, who or current_user())
    tell(1.0, landed[-1].source.name)
    return Outcome(tuple(_report(store.standard, item, dry_run) for item in landed), flips)


def _sayable(name: str) -> str:
    """A file name in another encoding than the system's comes with lone surrogates, which nothing can store or print."""
    return name.encode(errors="replace").decode()


def directory(cursor: DuckDBPyConnection) -> Directory:
    """The areas that are known now."""
    rows = cursor.execute("SELECT area_id, name, level FROM areas ORDER BY area_id").fetchall()
    by_name: dict[str, tuple[str, ...]] = {}
    for area_id, name, _ in rows:
        by_name[name] = (*by_name.get(name, ()), area_id)
    return Directory({area_id: level for area_id, _, level in rows}, by_name)


# -- landing: bytes → reports -------------------------------------------------------------------------------------


def _land_all(
    cursor: DuckDBPyConnection,
    standard: Standard,
    sources: Sequence[Source],
    ignore_columns: Collection[str],
    limits: Limits,
    dry_run: bool,
    tell: Progress,
) -> list[_Landed]:
    landed: list[_Landed] = []
    waiting = sorted(sources, key=_areas_first)
    while waiting:
        refused: list[tuple[Source, ImportDataError]] = []
        known = _areas_known(landed)
        for source in waiting:
            tell(0.7 * len(landed) / len(sources), source.name)
            try:
                landed.append(_land(cursor, standard, source, ignore_columns, limits, dry_run))
            except ImportDataError as error:
                refused.append((source, error))
        if refused and _areas_known(landed) == known:
            raise ImportDataError([problem for _, error in refused for problem in error.problems])
        # Files may name areas that one after them brings in: another try, as long as there are new ones.
        waiting = [source for source, _ in refused]
    return landed


def _areas_known(landed: list[_Landed]) -> int:
    return sum(item.read.accepted for item in landed if item.read.kind == "areas")


def _areas_first(source: Source) -> int:
    """Areas before what reports on them. A guess from the first line, in any encoding: a wrong one costs a second try."""
    start = bytes(source.content[:4000])
    words = (word for encoding in ("utf-8-sig", "gb18030", "utf-16") for word in re.split(r"[\s,\"()（）]+", _first_line(start, encoding)))
    return 0 if {"level", "层级"} & set(words) else 1


def _first_line(start: bytes, encoding: str) -> str:
    return next(iter(start.decode(encoding, "replace").lower().splitlines()), "")


def _land(cursor: DuckDBPyConnection, standard: Standard, source: Source, ignore_columns: Collection[str], limits: Limits, dry_run: bool) -> _Landed:
    sha256 = hashlib.sha256(source.content).hexdigest()
    _refuse_repeated(cursor, source, sha256)
    read = reading.read(source, standard, directory(cursor), ignore_columns=ignore_columns, limits=limits)
    import_id = _enter(cursor, source, sha256, read)
    cells = preview.changed_cells(cursor, read) if dry_run and read.kind == "metrics" else None
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
            _insert(cursor, "reported_exemptions", read.table, import_id)
    return _Landed(source, sha256, read, import_id, cells)


def _refuse_repeated(cursor: DuckDBPyConnection, source: Source, sha256: str) -> None:
    row = cursor.execute("SELECT id, file_name, imported_at FROM imports WHERE sha256 = ? AND status = 'active'", [sha256]).fetchone()
    if row is not None:
        when = f"{row[2]:%Y-%m-%d %H:%M}" if row[2] else "—"
        raise ImportDataError([Problem("import.repeated", {"id": row[0], "name": row[1], "when": when}, file=source.name)])


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


# -- deriving what the reports touch ------------------------------------------------------------------------------


def _derive(cursor: DuckDBPyConnection, standard: Standard, landed: list[_Landed]) -> None:
    if len(landed) > 1:
        deriving.derive_everything(cursor, standard)
        return
    only = landed[0]
    match only.read.kind:
        case "areas":
            deriving.derive_areas_again(cursor, standard)
        case "metrics":
            deriving.overlay_report(cursor, standard, only.read.level or "", only.read.columns, only.import_id)
        case "parameters":
            deriving.derive_parameters_again(cursor, standard)
        case "exemptions":
            deriving.derive_exemptions_again(cursor, standard)


def _refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, landed: list[_Landed]) -> None:
    """A part may not exceed its whole, also when only one of them is in the file: checked on the effective values of the rows touched."""
    problems: list[Problem] = []
    for item in landed:
        if item.read.kind == "metrics":
            for part in standard.metrics_of(item.read.level or ""):
                if part.part_of is not None and not {part.id, part.part_of}.isdisjoint(item.read.columns):
                    problems += _part_problems(cursor, item, part, standard.metric_by_id[part.part_of])
    if problems:
        raise ImportDataError(sorted(problems, key=lambda problem: problem.line or 0))


def _part_problems(cursor: DuckDBPyConnection, item: _Landed, part: Metric, whole: Metric) -> Iterator[Problem]:
    small, large = quote(part.id), quote(whole.id)
    rows = cursor.execute(
        f"""
        SELECT r.line, m.area_id, m.{small}, m.{large}
        FROM {metrics_table(part.level)} AS m
        JOIN {reported_table(part.level)} AS r ON r.area_id = m.area_id AND r.period = m.period AND r.import_id = ?
        WHERE m.{small} > m.{large}
        ORDER BY r.line
        """,
        [item.import_id],
    ).fetchall()
    column = part if part.id in item.read.columns else whole
    for line, area_id, small_value, large_value in rows:
        # All digits: 1,000,001 against 1,000,000 would otherwise both read 1e+06.
        args = {"part": part.title, "part_value": f"{small_value:.15g}", "whole": whole.title, "whole_value": f"{large_value:.15g}"}
        yield Problem("import.part_above_whole", args, file=item.source.name, line=line, column=column.id, subject=area_id)


# -- the history --------------------------------------------------------------------------------------------------


def replay(store: Store, source: Source, entry: Entry) -> None:
    """Bring an import of the past in again, with its number, author and time, when the database is rebuilt."""
    facts = entry.facts
    ignored = facts["ignored"] if isinstance(facts["ignored"], list) else []
    with store.writing() as cursor:
        landed = _land_all(cursor, store.standard, [source], ignored, reading.COMMAND_LIMITS, False, lambda _share, _name: None)
        landed = [replace(item, import_id=_renumber(cursor, item, int(str(facts["import_id"])))) for item in landed]
        _derive(cursor, store.standard, landed)
        _enter_all(cursor, store, landed, str(facts["who"]), entry)


def _renumber(cursor: DuckDBPyConnection, item: _Landed, import_id: int) -> int:
    """Numbers can have holes; the ledger knows the right one."""
    if import_id != item.import_id:
        table = {"areas": "reported_areas", "parameters": "reported_parameters", "exemptions": "reported_exemptions"}.get(item.read.kind)
        cursor.execute(f"UPDATE {table or reported_table(item.read.level or '')} SET import_id = ? WHERE import_id = ?", [import_id, item.import_id])
        cursor.execute("UPDATE imports SET id = ? WHERE id = ?", [import_id, item.import_id])
    return import_id


def _enter_all(cursor: DuckDBPyConnection, store: Store, landed: list[_Landed], who: str, entry: Entry | None = None) -> None:
    """Originals first (they are on disk before the commit), then who and when, then the ledger."""
    version = cursor.execute("SELECT max(version) FROM definitions").fetchall()[0][0]
    facts: Mapping[str, object] = {"at": now().isoformat(), "program": __version__, "definitions": version} if entry is None else entry.facts
    for item in landed:
        store.archive.keep(item.source.content, item.sha256)
        cursor.execute(
            "UPDATE imports SET who = ?, imported_at = ?, program = ?, definitions_version = ? WHERE id = ?",
            [who, datetime.fromisoformat(str(facts["at"])), facts["program"], facts["definitions"], item.import_id],
        )
        store.record(
            cursor,
            {
                "event": "import", "import_id": item.import_id, "file": item.source.name, "sha256": item.sha256, "kind": item.read.kind,
                "ignored": list(item.read.ignored), "who": who, **facts,
            },
            replayed=entry,
        )  # fmt: skip


def _report(standard: Standard, item: _Landed, dry_run: bool) -> Imported:
    read, names = item.read, item.read.table.column_names
    areas = len(read.table.column("area_id").unique()) if "area_id" in names else 0
    ordinals = sorted(read.table.column("period").unique().to_pylist()) if "period" in names else []
    labels = tuple(periods.label(ordinal, standard.frequency) for ordinal in ordinals)
    return Imported(
        None if dry_run else item.import_id, read.kind, read.level, item.source.name, item.sha256, read.encoding,
        read.rows_in, read.accepted, read.blank, read.ignored, areas, labels, item.cells,
    )  # fmt: skip
