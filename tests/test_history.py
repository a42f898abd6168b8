"""Undo, redo, entries by hand and old databases: what the history brings back is what was there, cell by cell."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import district
import duckdb
import pytest
from district import METRICS, STANDARD, areas, content, figures, reported_tables, small_import, source, value, verdicts

from compliance.access import AccessDenied, User
from compliance.engine import schema
from compliance.errors import ComplianceError, ImportDataError
from compliance.storage import entries, recovery
from compliance.storage.importer import Remarks, import_source, import_sources
from compliance.storage.ledger import GENESIS, chain, parse_line
from compliance.storage.store import Store

ADMIN = User("Ann", "admin")
EDITOR = User("王芳", "editor")
Q1 = 2025 * 4


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5", "C2,100,40,89,11,0.5"), user=EDITOR)
        yield store


def keys(act: Callable[[], object], error: type[ComplianceError] = ImportDataError) -> list[str]:
    with pytest.raises(error) as refused:
        act()
    return [problem.key for problem in refused.value.problems]


def rebuilt(store: Store) -> dict[str, list[str]]:
    """What a rebuild from the originals makes of the store's history."""
    store.close()
    recovery.rebuild(store.path, STANDARD, user=ADMIN)
    with Store(store.path, STANDARD) as again:
        recovery.verify(again)
        return content(again)


# -- redo -----------------------------------------------------------------------------------------------------------

SEVERAL = {
    "metrics": figures("2025Q1", "C1,,,80,,", "C3,50,20,91,1,0.4"),
    "a new period": figures("2025Q3", "C1,100,60,95,3,0.5"),
    "parameters": source("city.csv", "period,city_rate\n2025Q1,0.6\n"),
    "exemptions": source("e.csv", "area_id,indicator,from,to,reason\nC2,2.1,2025Q1,,无楼道\n"),
    "areas": source("more.csv", "area_id,name,level,parent_id\nC9,九社区,community,S1\nC1,壹社区,community,S1\n"),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_undo_and_redo_restore_the_exact_content(store: Store, kind: str) -> None:
    before = verdicts(store)
    done = import_source(store, SEVERAL[kind], user=EDITOR).id or 0
    after = content(store)
    store.undo(done, user=EDITOR, why="wrong file")
    assert verdicts(store) == before
    store.redo(done, user=EDITOR, why="it was right")
    same = [table for table in after if table != "ledger"]
    assert {table: content(store)[table] for table in same} == {table: after[table] for table in same}
    recovery.verify(store)
    everything = content(store)
    assert rebuilt(store) == everything


def test_redo_puts_an_import_back_in_its_old_place(store: Store) -> None:
    """What was imported after it stays above it, as if it had never been undone."""
    import_source(store, figures("2025Q1", "C1,,,80,,"), user=EDITOR)
    import_source(store, figures("2025Q1", "C1,,,70,,"), user=EDITOR)
    store.undo(3, user=EDITOR)
    store.redo(3, user=EDITOR)
    assert value(store, "lighting_rate", "C1", Q1) == 70
    store.undo(4, user=EDITOR)
    assert value(store, "lighting_rate", "C1", Q1) == 80


def test_what_stands_in_the_way_of_a_redo(store: Store) -> None:
    assert keys(lambda: store.redo(99, user=ADMIN)) == ["undo.unknown"]
    assert keys(lambda: store.redo(2, user=ADMIN)) == ["redo.already"]
    store.undo(2, user=ADMIN)
    again = import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5", "C2,100,40,89,11,0.5"), user=EDITOR).id or 0
    assert keys(lambda: store.redo(2, user=ADMIN)) == ["import.repeated"]
    store.undo(again, user=ADMIN)
    store.undo(1, user=ADMIN)
    assert keys(lambda: store.redo(2, user=ADMIN)) == ["redo.areas_missing"]
    store.redo(1, user=ADMIN)
    # Meanwhile somebody reports that fewer live there than No. 2 says are served.
    import_source(store, source("h.csv", "area_id,period,households\nC1,2025Q1,50\n"), user=EDITOR)
    before = content(store)
    assert keys(lambda: store.redo(2, user=ADMIN)) == ["import.part_above_whole"]
    assert content(store) == before


def test_an_undo_that_leaves_a_part_above_its_whole_names_what_to_undo_first(store: Store) -> None:
    heads = "area_id,period,households,households_served\n"
    for name, row in (("1.csv", "C3,2025Q1,10,5"), ("2.csv", "C3,2025Q1,20,"), ("3.csv", "C3,2025Q1,,15")):
        import_source(store, source(name, f"{heads}{row}\n"), user=EDITOR)
    before = content(store)
    for dry_run in (True, False):
        with pytest.raises(ImportDataError) as refused:
            store.undo(4, user=ADMIN, dry_run=dry_run)
        (problem,) = refused.value.problems
        # 10 households of No. 3 would be left with 15 served of No. 5.
        assert (problem.key, problem.subject) == ("undo.part_above_whole", "C3")
        assert [problem.args[name] for name in ("name", "period", "part_value", "whole_value", "id")] == ["三社区", "2025Q1", "15", "10", 5]
    assert content(store) == before
    # The other way round: the part that would come back is too large for a whole that was reported since.
    import_source(store, source("6.csv", f"{heads}C3,2025Q1,,3\nC2,2025Q1,,7\n"), user=EDITOR)
    import_source(store, source("7.csv", f"{heads}C3,2025Q1,6,\n"), user=EDITOR)
    with pytest.raises(ImportDataError) as refused:
        store.undo(6, user=ADMIN)
    assert [(problem.subject, problem.args["part_value"], problem.args["whole_value"], problem.args["id"]) for problem in refused.value.problems] == [
        ("C3", "15", "6", 7)
    ]
    # Either way out that is named: undo that import first, or put a figure right.
    store.undo(7, user=ADMIN)
    store.undo(6, user=ADMIN)
    entries.correct(store, "C3", "2025Q1", "households", "16", user=EDITOR, why="x")
    store.undo(4, user=ADMIN)
    assert (value(store, "households", "C3", Q1), value(store, "households_served", "C3", Q1)) == (16, 15)
    everything = content(store)
    assert rebuilt(store) == everything


LIST = "area_id,name,level,parent_id\n"
DEMOTED = "S1,南街道,community,S2\n"
MOVED = "".join(f"C{number},{name},community,S2\n" for number, name in ((1, "一社区"), (2, "二社区"), (3, "三社区")))


def misplaced(act: Callable[[], object]) -> list[tuple[str | None, int | None]]:
    """The areas that an act would leave below a parent of a wrong level, and where the file says so."""
    with pytest.raises(ImportDataError) as refused:
        act()
    assert {problem.key for problem in refused.value.problems} == {"areas.parent_moved"}
    return [(problem.subject, problem.line) for problem in refused.value.problems]


def test_an_area_that_changes_its_level_leaves_none_below_it(store: Store) -> None:
    before = content(store)
    demote = source("d.csv", f"{LIST}S2,北街道,subdistrict,\n{DEMOTED}")
    for dry_run in (True, False):
        assert misplaced(lambda dry_run=dry_run: import_source(store, demote, user=ADMIN, dry_run=dry_run)) == [("C1", 3), ("C2", 3), ("C3", 3)]  # type: ignore[misc]
    assert content(store) == before
    import_source(store, source("both.csv", f"{LIST}S2,北街道,subdistrict,\n{DEMOTED}{MOVED}"), user=ADMIN)
    store.undo(3, user=ADMIN)
    store.redo(3, user=ADMIN)
    recovery.verify(store)


def test_undo_and_redo_leave_no_area_below_a_parent_of_a_wrong_level(store: Store) -> None:
    for name, rows in (("new.csv", "S2,北街道,subdistrict,\n"), ("moved.csv", MOVED), ("demoted.csv", DEMOTED)):
        import_source(store, source(name, LIST + rows), user=ADMIN)
    every = [("C1", None), ("C2", None), ("C3", None)]
    assert misplaced(lambda: store.undo(4, user=ADMIN)) == every
    store.undo(5, user=ADMIN)
    store.undo(4, user=ADMIN)
    assert misplaced(lambda: store.redo(5, user=ADMIN)) == every
    store.redo(4, user=ADMIN)
    store.redo(5, user=ADMIN)
    recovery.verify(store)


def test_who_may_redo(store: Store) -> None:
    store.undo(2, user=EDITOR)
    assert keys(lambda: store.redo(2, user=User("李四", "editor")), AccessDenied) == ["access.denied"]
    assert keys(lambda: store.redo(2, user=User("王芳", "viewer")), AccessDenied) == ["access.denied"]
    assert keys(lambda: store.redo(2, user=User("王芳", "editor", frozenset({"C1"}))), AccessDenied) == ["access.other_area"]
    store.redo(2, user=EDITOR)
    # What an admin took back, an editor does not bring in again.
    store.undo(2, user=ADMIN)
    assert keys(lambda: store.redo(2, user=EDITOR), AccessDenied) == ["access.denied"]
    store.redo(2, user=ADMIN)


# -- why, and what it turned ----------------------------------------------------------------------------------------


def facts(store: Store, import_id: int, columns: str) -> tuple[object, ...]:
    with store.cursor() as cursor:
        return tuple(cursor.execute(f"SELECT {columns} FROM imports WHERE id = ?", [import_id]).fetchall()[0])


FLIPS = "flips_met, flips_unmet, flips_no_data, flips_not_applicable"


def test_what_is_ones_own_is_told_however_the_name_was_written(store: Store) -> None:
    """The ledger keeps names as they were; the access list gives them folded."""
    then, now, another = (User(name, "editor") for name in ("Wang@Example.org", "wang@example.org", "wan@example.org"))
    number = import_source(store, figures("2025Q3", "C1,100,60,95,3,0.5"), user=then).id or 0
    assert keys(lambda: store.undo(number, user=another), AccessDenied) == ["access.denied"]
    store.undo(number, user=now)
    assert value(store, "lighting_rate", "C1", Q1 + 2) is None
    assert keys(lambda: store.redo(number, user=another), AccessDenied) == ["access.denied"]
    store.redo(number, user=now)
    assert value(store, "lighting_rate", "C1", Q1 + 2) == 95


def test_an_import_says_why_and_what_it_turned(store: Store) -> None:
    # C1 and C2 of no. 2: lit 95 met, 89 not; complaints of one quarter of four: 11 exceed 10, 3 tell nothing; half of 100: 60 met, 40 not.
    assert facts(store, 2, FLIPS) == (2, 3, 0, 0)
    files = [figures("2025Q1", "C1,,,80,,"), source("city.csv", "period,city_rate\n2025Q1,0.6\n")]
    import_sources(store, files, user=EDITOR, remarks=Remarks("late", "by telephone"))
    # Lit no longer met (1 unmet); 0.5 of 0.6 petitions: C1 and C2 met. Together: neither file alone is to blame.
    for import_id in (3, 4):
        assert facts(store, import_id, f"reason, note, batch, {FLIPS}") == ("late", "by telephone", 3, 2, 1, 0, 0)
    assert json.loads(store.archive.path.read_text(encoding="utf-8").splitlines()[-1])["reason"] == "late"
    before = content(store)
    assert rebuilt(store) == before


def test_a_dry_run_lists_cells_and_statuses(store: Store) -> None:
    outcome = import_sources(store, [figures("2025Q1", "C2,100,60,90,,", "C1,,,80,,")], user=EDITOR, dry_run=True)
    changes = [(item.area_id, item.period, item.metric, item.old, item.new, item.line) for item in outcome.imports[0].changes]
    assert changes == [
        ("C2", "2025Q1", "households_served", 40, 60, 2),
        ("C2", "2025Q1", "lighting_rate", 89, 90, 2),
        ("C1", "2025Q1", "lighting_rate", 95, 80, 3),
    ]
    flipped = [(item.area_id, item.period, item.indicator, item.before, item.after) for item in outcome.flipped]
    assert flipped == [
        ("C1", "2025Q1", "2.1", "met", "unmet"),
        ("C2", "2025Q1", "2.1", "unmet", "met"),
        ("C2", "2025Q1", "2.3", "unmet", "met"),
    ]
    new = import_sources(store, [figures("2025Q2", "C1,100,,,,")], user=EDITOR, dry_run=True).imports[0].changes
    assert [(item.metric, item.old, item.new) for item in new] == [("households", None, 100)]


def test_lists_of_a_dry_run_end_at_a_thousand(tmp_path: Path) -> None:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        rows = "".join(f"K{number},社区{number},community,S1\n" for number in range(600))
        import_source(store, source("areas.csv", "area_id,name,level,parent_id\nS1,南街道,subdistrict,\n" + rows), user=ADMIN)
        file = source(
            "m.csv", "area_id,period,households,lighting_rate,complaints\n" + "".join(f"K{number},2025Q1,9,{number % 100},11\n" for number in range(600))
        )
        outcome = import_sources(store, [file], user=ADMIN, dry_run=True)
        # Lit: 10 of each 100 reach 90; 11 complaints are too many for all.
        assert (outcome.flips.met, outcome.flips.unmet, outcome.flips.total) == (60, 540 + 600, 1200)
        assert len(outcome.flipped) == 1000 and {item.after for item in outcome.flipped} == {"unmet"}
        assert outcome.imports[0].cells is not None and outcome.imports[0].cells.new == 1800
        assert len(outcome.imports[0].changes) == 1000


# -- by hand --------------------------------------------------------------------------------------------------------


def test_a_correction_is_an_import_of_one_cell(store: Store) -> None:
    done = entries.correct(store, "C2", "2025Q1", "lighting_rate", "91%", user=EDITOR, why="抄错了", note="电话核实").imports[0]
    assert (done.kind, done.accepted, done.file_name) == ("metrics", 1, "更正-C2-2025Q1-lighting_rate.csv")
    assert value(store, "lighting_rate", "C2", Q1) == 91
    assert facts(store, done.id or 0, f"who, reason, note, entered, {FLIPS}") == ("王芳", "抄错了", "电话核实", True, 1, 0, 0, 0)
    store.undo(done.id or 0, user=EDITOR)
    assert value(store, "lighting_rate", "C2", Q1) == 89
    before = content(store)
    assert rebuilt(store) == before


def test_the_same_figure_may_be_entered_again(store: Store) -> None:
    for why in ("第一次", "文件又写错了"):
        entries.correct(store, "C2", "2025Q1", "lighting_rate", "91", user=EDITOR, why=why)
        assert value(store, "lighting_rate", "C2", Q1) == 91
        import_source(store, figures("2025Q1", f"C2,,,{len(why)},,"), user=EDITOR)
    entries.correct(store, "C2", "2025Q1", "lighting_rate", "91", user=EDITOR, why="第三次")
    store.undo(3, user=EDITOR)
    store.redo(3, user=EDITOR)
    assert value(store, "lighting_rate", "C2", Q1) == 91
    before = content(store)
    assert rebuilt(store) == before


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda store: entries.correct(store, "C2", "2025Q1", "lighting_rate", " ", user=EDITOR, why="x"), ["entry.blank"]),
        (lambda store: entries.correct(store, "C2", "2025Q1", "lighting_rate", "91", user=EDITOR, why=" "), ["entry.reason"]),
        (lambda store: entries.correct(store, "C2", "2025Q1", "lighting_rate", "191", user=EDITOR, why="x"), ["reading.out_of_range"]),
        (lambda store: entries.correct(store, "C2", "2025Q1", "households_served", "101", user=EDITOR, why="x"), ["import.part_above_whole"]),
        (lambda store: entries.set_parameter(store, "2025Q1", "city_rate", "", user=EDITOR, why="x"), ["entry.blank"]),
        (lambda store: entries.exempt(store, "C2", "2.1", "2025Q2", "2025Q1", user=EDITOR, why="x"), ["reading.ends_before_start"]),
    ],
)
def test_what_cannot_be_entered(store: Store, act: Callable[[Store], object], expected: list[str]) -> None:
    before = content(store)
    assert keys(lambda: act(store)) == expected
    assert content(store) == before


def test_entries_ask_who(store: Store) -> None:
    bound = User("李四", "editor", frozenset({"C1"}))
    assert entries.correct(store, "C1", "2025Q1", "lighting_rate", "91", user=bound, why="x", dry_run=True).flips.total == 0
    assert keys(lambda: entries.correct(store, "C2", "2025Q1", "lighting_rate", "91", user=bound, why="x"), AccessDenied) == ["access.other_area"]
    assert keys(lambda: entries.set_parameter(store, "2025Q1", "city_rate", "1", user=bound, why="x"), AccessDenied) == ["access.bound"]
    assert keys(lambda: entries.exempt(store, "C2", "2.1", "2025Q1", "", user=User("x", "viewer"), why="x"), AccessDenied) == ["access.denied"]


def exempt_in(store: Store, area: str) -> list[int]:
    with store.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT period FROM exempt_indicators WHERE area_id = ? ORDER BY period", [area]).fetchall()]


def test_an_exemption_is_ended_by_entering_it_again_with_an_end(store: Store) -> None:
    import_source(store, small_import(1), user=EDITOR)
    import_source(store, small_import(2), user=EDITOR)
    entries.exempt(store, "C2", "2.1", "2025Q1", "", user=EDITOR, why="无楼道")
    assert exempt_in(store, "C2") == [Q1, Q1 + 1, Q1 + 2]
    ended = entries.exempt(store, "C2", "2.1", "2025Q1", "2025Q2", user=EDITOR, why="楼道已建成").imports[0].id or 0
    assert exempt_in(store, "C2") == [Q1, Q1 + 1]
    store.undo(ended, user=EDITOR)
    assert exempt_in(store, "C2") == [Q1, Q1 + 1, Q1 + 2]
    recovery.verify(store)


# -- a database of the first schema ---------------------------------------------------------------------------------

FIRST_SCHEMA = """
CREATE TABLE old.store_facts (name VARCHAR, value VARCHAR);
CREATE TABLE old.definitions (version INTEGER, sha256 VARCHAR, source VARCHAR, since TIMESTAMP);
CREATE TABLE old.imports (
    id INTEGER, kind VARCHAR, level VARCHAR, file_name VARCHAR, sha256 VARCHAR, encoding VARCHAR,
    rows_in INTEGER, accepted INTEGER, blank INTEGER, ignored VARCHAR,
    who VARCHAR, imported_at TIMESTAMP, program VARCHAR, definitions_version INTEGER,
    status VARCHAR, revoked_at TIMESTAMP, revoked_by VARCHAR, revoked_why VARCHAR);
CREATE TABLE old.ledger (seq INTEGER, entry VARCHAR, previous_hash VARCHAR, hash VARCHAR);
"""
LATER_FACTS = ("reason", "note", "entered", "batch", "flips")


def written_by_the_first_schema(path: Path) -> Path:
    """Some imports and an undo, then every table as version 1 of the schema had it, and a ledger that says what version 1 said."""
    with Store(path, STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        for number in (1, 2, 3):
            import_source(store, small_import(number), user=EDITOR)
        store.undo(3, user=EDITOR, why="wrong file")
        lines = [parse_line(line) for line in store.archive.path.read_text(encoding="utf-8").splitlines()]
    previous, old_lines = GENESIS, []
    for entry in lines:
        kept = {name: fact for name, fact in entry.facts.items() if name not in LATER_FACTS and not (name == "why" and entry.facts["event"] == "definitions")}
        old_lines.append(chain(entry.seq, kept, previous))
        previous = old_lines[-1].hash
    store.archive.path.write_text("".join(entry.line() + "\n" for entry in old_lines), encoding="utf-8")
    older = path.with_name("older.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS new (READ_ONLY); ATTACH '{older}' AS old")
        connection.execute(FIRST_SCHEMA)
        known = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'").fetchall()}
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'new'").fetchall():
            if table in known - {"ledger"}:
                columns = ", ".join(row[0] for row in connection.execute(f"DESCRIBE old.{table}").fetchall())
                connection.execute(f"INSERT INTO old.{table} SELECT {columns} FROM new.{table}")
            elif table != "ledger":
                connection.execute(f'CREATE TABLE old."{table}" AS FROM new."{table}"')
        connection.executemany("INSERT INTO old.ledger VALUES (?, ?, ?, ?)", [[e.seq, e.line(), e.previous, e.hash] for e in old_lines])
        connection.execute("UPDATE old.store_facts SET value = '1' WHERE name = 'schema_version'")
    older.replace(path)
    return path


def test_a_database_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = written_by_the_first_schema(tmp_path / "d.duckdb")
    with duckdb.connect(str(path)) as connection:
        tables = reported_tables(STANDARD) + district.derived_tables(STANDARD)
        rows = {table: sorted(map(repr, connection.execute(f"FROM {table}").fetchall())) for table in tables}
        imports = connection.execute("FROM imports ORDER BY id").fetchall()
    with Store(path, STANDARD) as store:
        with store.cursor() as cursor:
            assert {table: sorted(map(repr, cursor.execute(f"FROM {table}").fetchall())) for table in tables} == rows
            found = cursor.execute("FROM imports ORDER BY id").fetchall()
            assert [row[:18] for row in found] == imports
            assert {row[18:] for row in found} == {("", "", False, None, None, None, None, None)}
            assert cursor.execute("SELECT value FROM store_facts WHERE name = 'schema_version'").fetchall() == [("2",)]
        recovery.verify(store)
        store.redo(3, user=EDITOR)
        store.undo(3, user=EDITOR)
        before = content(store)
    backups = list(tmp_path.glob("d.duckdb.backup-v1-*"))
    assert len(backups) == 1
    with duckdb.connect(str(backups[0]), read_only=True) as connection:
        assert connection.execute("FROM imports ORDER BY id").fetchall() == imports
    assert rebuilt(store) == before
    with Store(path, STANDARD):
        assert list(tmp_path.glob("d.duckdb.backup-v1-*")) == backups, "once is enough"


def test_migrations_lead_to_the_newest_schema() -> None:
    assert sorted(schema.MIGRATIONS) == list(range(2, schema.SCHEMA_VERSION + 1))


# -- five hundred operations by four people at once -----------------------------------------------------------------

OPERATIONS, PEOPLE = 500, ("王芳", "李四", "赵五", "Ann")
PERIODS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")


class Clerk:
    """Does one random thing after another, through the one store that all share."""

    def __init__(self, store: Store, name: str, done: Counter[str]) -> None:
        self.store, self.user, self.done = store, User(name, "admin"), done
        self.chance = random.Random(name)
        self.unexpected: list[BaseException] = []

    def work(self, operations: int) -> None:
        acts = [self.file, self.file, self.undo, self.redo, self.correction, self.exemption, self.parameter]
        for number in range(operations):
            act = self.chance.choice(acts)
            try:
                act(number)
                self.done[act.__name__] += 1
            except ImportDataError as error:
                # A colleague was quicker, or a part would exceed its whole: refused whole, and nothing is lost.
                self.done[error.problems[0].key] += 1
            except BaseException as error:
                self.unexpected.append(error)
                raise

    def ids(self, status: str) -> list[int]:
        with self.store.cursor() as cursor:
            return [row[0] for row in cursor.execute("SELECT id FROM imports WHERE status = ? AND id > 1 ORDER BY id", [status]).fetchall()]

    def file(self, number: int) -> None:
        rows = [
            f"C{area},{period},{self.chance.choice(('', '100'))},{self.chance.randint(0, 110)},{self.chance.randint(0, 100)},{self.chance.choice(('', '4'))},0.5\n"
            for area in self.chance.sample((1, 2, 3), 2)
            for period in self.chance.sample(PERIODS, 2)
        ]
        import_source(self.store, source(f"{self.user.name}{number}.csv", METRICS + "".join(rows)), user=self.user)

    def undo(self, number: int) -> None:
        if chosen := self.ids("active"):
            self.store.undo(self.chance.choice(chosen), user=self.user, why=f"{number}")

    def redo(self, number: int) -> None:
        if chosen := self.ids("revoked"):
            self.store.redo(self.chance.choice(chosen), user=self.user, why=f"{number}")

    def correction(self, number: int) -> None:
        area, period, figure = self.chance.choice(("C1", "C2", "C3")), self.chance.choice(PERIODS), self.chance.choice(("50", "90", "95"))
        entries.correct(self.store, area, period, "lighting_rate", figure, user=self.user, why=f"{number}")

    def exemption(self, number: int) -> None:
        first, last = sorted(self.chance.choices(PERIODS, k=2))
        entries.exempt(self.store, self.chance.choice(("C1", "C2")), "2.1", first, self.chance.choice((last, "")), user=self.user, why=f"{number}")

    def parameter(self, number: int) -> None:
        entries.set_parameter(self.store, self.chance.choice(PERIODS), "city_rate", self.chance.choice(("0.4", "0.6")), user=self.user, why=f"{number}")


def test_five_hundred_operations_by_four_people_at_once_are_rebuilt_cell_by_cell(tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        clerks = [Clerk(store, name, done) for name in PEOPLE]
        threads = [threading.Thread(target=clerk.work, args=(OPERATIONS // len(clerks),)) for clerk in clerks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [clerk.unexpected for clerk in clerks] == [[]] * len(clerks)
        assert done.total() == OPERATIONS
        assert all(done[act] > 20 for act in ("file", "undo", "redo", "correction", "exemption", "parameter")), done
        recovery.verify(store)
        before = content(store)
    assert {json.loads(line)["who"] for line in store.archive.path.read_text(encoding="utf-8").splitlines()} >= set(PEOPLE)
    assert rebuilt(store) == before
