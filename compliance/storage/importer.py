"""Data files → checked rows → reports, effective values and verdicts, in one transaction. The only writer of reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from duckdb import DuckDBPyConnection

from compliance import __version__, periods
from compliance.access import User, require
from compliance.engine import deriving, wholes
from compliance.engine.flipping import NO_FLIPS, Flipped, Flips, Watch
from compliance.engine.schema import reported_table
from compliance.files import reading
from compliance.files.reading import Limits, Source
from compliance.settings import sayable
from compliance.standard.definitions import Standard
from compliance.storage import parents, preview
from compliance.storage.landing import SHARE_READ, Job, Landed, Progress, land_all
from compliance.storage.ledger import Entry
from compliance.storage.preview import AreaChanges, CellChange, CellChanges, Exempted
from compliance.storage.store import Store, now

# How far an import is once the verdicts are there; what is left is to look at it, or to commit it.
SHARE_JUDGED = 0.9


@dataclass(frozen=True)
class Imported:
    """One import, done or (id None) tried. areas: how many, with the first ids; periods are canonical labels; cells and the first thousand changes only after a dry
    run of metrics; hidden: rows and columns of the sheet that nobody sees who opens it; exempted: what a list of exemptions says;
    changed_areas: only after a dry run of areas.
    """

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
    first_areas: tuple[str, ...]
    periods: tuple[str, ...]
    cells: CellChanges | None = None
    changes: tuple[CellChange, ...] = ()
    hidden: tuple[int, int] = (0, 0)
    exempted: tuple[Exempted, ...] = ()
    changed_areas: AreaChanges | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of some files together. flipped: the first thousand statuses that turned, worst first; only after a dry run. begun: statuses that hold from the
    start in a new period, without a report on them."""

    imports: tuple[Imported, ...]
    flips: Flips = NO_FLIPS
    flipped: tuple[Flipped, ...] = ()
    begun: Flips = NO_FLIPS


@dataclass(frozen=True)
class Remarks:
    """Why an import was made, and what else its author says; by_hand: entered figure by figure (entries.py), not as a file."""

    reason: str = ""
    note: str = ""
    by_hand: bool = False


NO_REMARKS = Remarks()
Inspect = Callable[[DuckDBPyConnection, Sequence[Landed]], None]
AREAS_NAMED = 6


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
    remarks: Remarks = NO_REMARKS,
    progress: Progress | None = None,
    seen_version: int | None = None,
    inspect: Inspect | None = None,
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
        store.refuse_moved(seen_version)
        job = Job(cursor, store.standard, user, ignore_columns, limits, dry_run, remarks.by_hand)
        landed = land_all(job, sources, tell)
        tell(SHARE_READ, landed[-1].source.name)
        _refuse_misplaced_areas(cursor, store.standard, landed)
        watch = Watch(store.standard, listing=dry_run)
        _derive(cursor, store.standard, landed, watch)
        tell(SHARE_JUDGED, landed[-1].source.name)
        _refuse_parts_above_wholes(cursor, store.standard, landed)
        if inspect is not None:
            inspect(cursor, landed)
        if not dry_run:
            _enter_all(cursor, store, landed, _facts(cursor, user, remarks, landed, watch.flips))
    tell(1.0, landed[-1].source.name)
    return Outcome(tuple(_report(store.standard, item, dry_run) for item in landed), watch.flips, watch.flipped, watch.begun)


# -- deriving what the reports touch ------------------------------------------------------------------------------


def _derive(cursor: DuckDBPyConnection, standard: Standard, landed: list[Landed], watch: Watch) -> None:
    if len(landed) > 1:
        deriving.derive_everything(cursor, standard, watch)
        return
    only = landed[0]
    match only.read.kind:
        case "areas":
            deriving.derive_areas_again(cursor, standard, watch)
        case "metrics":
            deriving.overlay_report(cursor, standard, only.read.level or "", only.read.columns, only.import_id, watch)
        case "parameters":
            deriving.derive_parameters_again(cursor, standard, watch)
        case "exemptions":
            deriving.derive_exemptions_again(cursor, standard, watch)


def _refuse_misplaced_areas(cursor: DuckDBPyConnection, standard: Standard, landed: list[Landed]) -> None:
    if files := {item.import_id: item.source.name for item in landed if item.read.kind == "areas"}:
        parents.refuse_misplaced(cursor, standard, files)


def _refuse_parts_above_wholes(cursor: DuckDBPyConnection, standard: Standard, landed: list[Landed]) -> None:
    reports = [
        wholes.Report(item.import_id, item.read.level or "", dict(zip(item.read.columns, item.read.headers, strict=True)), item.source.name)
        for item in landed
        if item.read.kind == "metrics"
    ]
    wholes.refuse_parts_above_wholes(cursor, standard, reports)


# -- the history --------------------------------------------------------------------------------------------------


def replay(store: Store, standard: Standard, source: Source, entry: Entry) -> None:
    """Bring an import of the past in again, with its number, author and time, when the database is rebuilt. Derives nothing but the areas.

    standard: the version by which the file was read then.
    """
    facts = entry.facts
    ignored = facts["ignored"] if isinstance(facts["ignored"], list) else []
    with store.writing() as cursor:
        landed = land_all(Job(cursor, standard, None, ignored), [source], lambda _share, _name: None)
        landed = [replace(item, import_id=_renumber(cursor, item, int(str(facts["import_id"])))) for item in landed]
        _note(cursor, landed[0].import_id, facts)
        store.record(cursor, facts, replayed=entry)


def _renumber(cursor: DuckDBPyConnection, item: Landed, import_id: int) -> int:
    """Numbers can have holes; the ledger knows the right one."""
    if import_id != item.import_id:
        table = {"areas": "reported_areas", "parameters": "reported_parameters", "exemptions": "reported_exemptions"}.get(item.read.kind)
        cursor.execute(f"UPDATE {table or reported_table(item.read.level or '')} SET import_id = ? WHERE import_id = ?", [import_id, item.import_id])
        cursor.execute("UPDATE imports SET id = ? WHERE id = ?", [import_id, item.import_id])
    return import_id


def _facts(cursor: DuckDBPyConnection, user: User, remarks: Remarks, landed: list[Landed], flips: Flips) -> dict[str, object]:
    """What the ledger says of every file of this import."""
    return {
        "who": user.name, "at": now().isoformat(), "program": __version__,
        "definitions": cursor.execute("SELECT max(version) FROM definitions").fetchall()[0][0],
        "reason": remarks.reason, "note": remarks.note, "entered": remarks.by_hand,
        "batch": min(item.import_id for item in landed), "flips": flips.as_list(),
    }  # fmt: skip


def _enter_all(cursor: DuckDBPyConnection, store: Store, landed: list[Landed], facts: Mapping[str, object]) -> None:
    """Originals first (they are on disk before the commit), then who and when, then the ledger."""
    for item in landed:
        store.archive.keep(item.source.content, item.sha256)
        if item.source.before is not None:
            store.archive.keep(item.source.before.content, item.source.before.sha256)
        _note(cursor, item.import_id, facts)
        store.record(
            cursor,
            {
                "event": "import", "import_id": item.import_id, "file": item.source.name, "sha256": item.sha256, "kind": item.read.kind,
                "ignored": list(item.read.ignored), **_handed_in(item.source), **facts,
            },
        )  # fmt: skip


def _handed_in(source: Source) -> dict[str, object]:
    """Of a file in which texts were replaced or rows left out: what it was before, and which were."""
    if source.before is None:
        return {}
    left_out = {"left_out": list(source.left_out)} if source.left_out else {}
    replaced = [list(each) for each in source.replaced]
    return {"handed_in": {"file": sayable(source.before.name), "sha256": source.before.sha256, "replaced": replaced, **left_out}}


def _note(cursor: DuckDBPyConnection, import_id: int, facts: Mapping[str, object]) -> None:
    """What the ledger says of an import, beside it. Programs of schema 1 said less."""
    flips = facts.get("flips")
    cursor.execute(
        """
        UPDATE imports
        SET who = ?, imported_at = ?, program = ?, definitions_version = ?, reason = ?, note = ?, entered = ?, batch = ?,
            flips_met = ?, flips_unmet = ?, flips_no_data = ?, flips_not_applicable = ?
        WHERE id = ?
        """,
        [
            facts["who"], datetime.fromisoformat(str(facts["at"])), facts["program"], facts["definitions"],
            facts.get("reason", ""), facts.get("note", ""), facts.get("entered", False), facts.get("batch"),
            *(flips if isinstance(flips, list) else [None] * 4), import_id,
        ],
    )  # fmt: skip


def _report(standard: Standard, item: Landed, dry_run: bool) -> Imported:
    read, names = item.read, item.read.table.column_names
    areas = read.table.column("area_id").unique().to_pylist() if "area_id" in names else []
    ordinals = sorted(read.table.column("period").unique().to_pylist()) if "period" in names else []
    labels = tuple(periods.label(ordinal, standard.frequency) for ordinal in ordinals)
    return Imported(
        None if dry_run else item.import_id, read.kind, read.level, item.source.name, item.sha256, read.encoding,
        read.rows_in, read.accepted, read.blank, read.ignored, len(areas), tuple(areas[:AREAS_NAMED]), labels, item.cells, item.changes, read.hidden,
        preview.exempted(read, standard.frequency) if read.kind == "exemptions" else (), item.areas,
    )  # fmt: skip
