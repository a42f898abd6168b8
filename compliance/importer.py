"""Data files → checked rows → reports, effective values and verdicts, in one transaction. The only writer of reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from duckdb import DuckDBPyConnection

from compliance import __version__, deriving, periods, preview, reading
from compliance.access import User, require
from compliance.definitions import Metric, Standard
from compliance.errors import ImportDataError, Problem
from compliance.landing import Job, Landed, Progress, land_all, sayable
from compliance.ledger import Entry
from compliance.preview import CellChanges, Flips
from compliance.reading import Limits, Source
from compliance.schema import metrics_table, quote, reported_table
from compliance.store import Store, now


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


def import_source(store: Store, source: Source, *, user: User, **options: object) -> Imported:
    """Import one file whole or not at all; options as of import_sources."""
    return import_sources(store, [source], user=user, **options).imports[0]  # type: ignore[arg-type]


def import_sources(
    store: Store,
    sources: Sequence[Source],
    *,
    user: User,
    ignore_columns: Collection[str] = (),
    limits: Limits = reading.COMMAND_LIMITS,
    dry_run: bool = False,
    progress: Progress | None = None,
    seen_version: int | None = None,
    inspect: Callable[[DuckDBPyConnection, Sequence[Landed]], None] | None = None,
) -> Outcome:
    """Import files together: all of them or, when any has a problem, none. Files that name areas go first.

    Raises ImportDataError with every problem of every file, AccessDenied when the user may not do it or is bound to other areas. A dry run checks
    everything, says what would change and leaves nothing behind.
    seen_version: the data version that the user saw the changes against; refused when the data have moved since. inspect: looks at what has landed
    while a dry run's transaction is still open.
    """
    require(user, "import")
    if not sources:
        return Outcome(())
    tell = progress or (lambda _share, _name: None)
    # A dry run writes as much before it takes everything back.
    store.check_free_space(sum(len(source.content) for source in sources))
    sources = [replace(source, name=sayable(source.name)) for source in sources]
    with store.writing(dry_run=dry_run) as cursor:
        if seen_version not in (None, store.data_version):
            raise ImportDataError([Problem("import.data_moved")])
        exempt_before = preview.keep_statuses(cursor, store.standard) if dry_run else frozenset()
        job = Job(cursor, store.standard, user, ignore_columns, limits, dry_run)
        landed = land_all(job, sources, tell)
        tell(0.7, landed[-1].source.name)
        _derive(cursor, store.standard, landed)
        _refuse_parts_above_wholes(cursor, store.standard, landed)
        flips = preview.flips(cursor, store.standard, exempt_before) if dry_run else None
        if inspect is not None:
            inspect(cursor, landed)
        if not dry_run:
            _enter_all(cursor, store, landed, user.name)
    tell(1.0, landed[-1].source.name)
    return Outcome(tuple(_report(store.standard, item, dry_run) for item in landed), flips)


# -- deriving what the reports touch ------------------------------------------------------------------------------


def _derive(cursor: DuckDBPyConnection, standard: Standard, landed: list[Landed]) -> None:
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


def _refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, landed: list[Landed]) -> None:
    """A part may not exceed its whole, also when only one of them is in the file: checked on the effective values of the rows touched."""
    problems: list[Problem] = []
    for item in landed:
        if item.read.kind == "metrics":
            for part in standard.metrics_of(item.read.level or ""):
                if part.part_of is not None and not {part.id, part.part_of}.isdisjoint(item.read.columns):
                    problems += _part_problems(cursor, item, part, standard.metric_by_id[part.part_of])
    if problems:
        raise ImportDataError(sorted(problems, key=lambda problem: problem.line or 0))


def _part_problems(cursor: DuckDBPyConnection, item: Landed, part: Metric, whole: Metric) -> Iterator[Problem]:
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
        landed = land_all(Job(cursor, store.standard, None, ignored), [source], lambda _share, _name: None)
        landed = [replace(item, import_id=_renumber(cursor, item, int(str(facts["import_id"])))) for item in landed]
        _derive(cursor, store.standard, landed)
        _enter_all(cursor, store, landed, str(facts["who"]), entry)


def _renumber(cursor: DuckDBPyConnection, item: Landed, import_id: int) -> int:
    """Numbers can have holes; the ledger knows the right one."""
    if import_id != item.import_id:
        table = {"areas": "reported_areas", "parameters": "reported_parameters", "exemptions": "reported_exemptions"}.get(item.read.kind)
        cursor.execute(f"UPDATE {table or reported_table(item.read.level or '')} SET import_id = ? WHERE import_id = ?", [import_id, item.import_id])
        cursor.execute("UPDATE imports SET id = ? WHERE id = ?", [import_id, item.import_id])
    return import_id


def _enter_all(cursor: DuckDBPyConnection, store: Store, landed: list[Landed], who: str, entry: Entry | None = None) -> None:
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


def _report(standard: Standard, item: Landed, dry_run: bool) -> Imported:
    read, names = item.read, item.read.table.column_names
    areas = len(read.table.column("area_id").unique()) if "area_id" in names else 0
    ordinals = sorted(read.table.column("period").unique().to_pylist()) if "period" in names else []
    labels = tuple(periods.label(ordinal, standard.frequency) for ordinal in ordinals)
    return Imported(
        None if dry_run else item.import_id, read.kind, read.level, item.source.name, item.sha256, read.encoding,
        read.rows_in, read.accepted, read.blank, read.ignored, areas, labels, item.cells,
    )  # fmt: skip
