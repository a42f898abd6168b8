"""Taking a changed standard over, what differs between two versions, and the database as it stood on a day."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from district import STANDARD, TEXT, areas, content, figures, statuses, value
from january import ADMIN, STRICTER, on_days, rates

from compliance.access import AccessDenied, User
from compliance.engine.flipping import Flips
from compliance.errors import DefinitionError, StoreError
from compliance.questions import import_queries, overlay_queries
from compliance.questions.overlay_queries import Spoken
from compliance.standard import changes, loader
from compliance.standard.definitions import Title
from compliance.storage import past, recovery
from compliance.storage.importer import import_source
from compliance.storage.store import Store
from compliance.storage.taking_over import take_over

Q1 = 2025 * 4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "indicators.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=ADMIN)
        import_source(store, rates(), user=ADMIN)
        yield store


# -- what differs ---------------------------------------------------------------------------------------------------


def rows(text: str) -> list[tuple[object, ...]]:
    return [(row.kind, row.what, row.id, row.field, row.old, row.new, row.can_turn) for row in changes.between(STANDARD, loader.parse(text))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("value: lighting_rate, at_least: 90", "value: lighting_rate, at_least: 95", [("changed", "criterion", "2.1 / lit", "limit", "at_least: 90", "at_least: 95", True)]),
        ("at_most: 10, every: year", "at_most: 10, every: half_year", [("changed", "criterion", "2.2 / few", "every", "year", "half_year", True)]),
        (
            "value: 100 * households_served / households",
            "value: 200 * households_served / households",
            [("changed", "criterion", "2.3 / half", "value", "100 × households_served ÷ households", "200 × households_served ÷ households", True)],
        ),
        ("text: 亮灯率90%以上", "text: 亮灯率达到90%", [("changed", "indicator", "2.1", "text", "亮灯率90%以上", "亮灯率达到90%", False)]),
        ("            text: 亮灯率90%以上", "            weight: 2\n            text: 亮灯率90%以上", [("changed", "indicator", "2.1", "weight", 1.0, 2.0, True)]),
        (
            "            text: 亮灯率90%以上", "            owner: {zh: 城管办, en: Office}\n            text: 亮灯率90%以上",
            [("changed", "indicator", "2.1", "owner", None, Title("城管办", "Office"), False)],
        ),
        ("parameters:\n", "attributes:\n  - {id: kind, title: {zh: 类型, en: Kind}}\nparameters:\n", [("added", "attribute", "kind", "", None, Title("类型", "Kind"), False)]),
        ("range: [0, 100]", "range: [0, 101]", [("changed", "metric", "lighting_rate", "high", 100.0, 101.0, False)]),
        (
            "{id: there, value: body_set_up, is: yes}", "{id: set_up, value: body_set_up, is: yes}",
            [("removed", "criterion", "1.1 / there", "", "there", None, True), ("added", "criterion", "1.1 / set_up", "", None, "set_up", True)],
        ),
    ],
)  # fmt: skip
def test_what_differs(old: str, new: str, expected: list[tuple[object, ...]]) -> None:
    assert not old or old in TEXT
    assert rows(TEXT.replace(old, new)) == expected


# -- taking over ----------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_turn_and_changes_nothing(store: Store, file: Path) -> None:
    before = content(store)
    tried = take_over(store, loader.parse(STRICTER), file, user=ADMIN, dry_run=True)
    # 95 still reaches it, 92 no longer does, 80 never did.
    assert (tried.version, tried.flips, dict(tried.by_indicator)) == (None, Flips(unmet=1), {"2.1": Flips(unmet=1)})
    assert tried.by_area == {"C2": Flips(unmet=1)}
    assert [(item.area_id, item.period, item.before, item.after) for item in tried.flipped] == [("C2", "2025Q1", "met", "unmet")]
    assert content(store) == before
    assert file.read_text(encoding="utf-8") == TEXT and store.standard is STANDARD


def test_taking_over_judges_again_and_writes_the_file(store: Store, file: Path) -> None:
    done = take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="市里新标准")
    assert (done.version, done.flips) == (2, Flips(unmet=1))
    assert statuses(store)["C2", Q1][0] is False
    assert file.read_text(encoding="utf-8") == STRICTER
    assert sorted(path.name for path in file.parent.glob("indicators*")) == ["indicators.yaml"]
    import_source(store, figures("2025Q2", "C1,100,60,95,3,0.5"), user=ADMIN)
    with store.cursor() as cursor:
        versions = import_queries.definition_versions(cursor)
        assert versions[["version", "who", "why", "imports"]].values.tolist() == [[2, "Ann", "市里新标准", 1], [1, versions["who"][1], "", 2]]
        assert import_queries.definition_source(cursor, 1) == TEXT
    assert store.archive.original(hashlib.sha256(TEXT.encode()).hexdigest()).decode() == TEXT
    recovery.verify(store)
    everything = content(store)
    store.close()
    # The next start reads the new file and has nothing to do.
    with Store(store.path, loader.load(file)) as again:
        assert content(again) == everything
    recovery.rebuild(store.path, loader.load(file), user=ADMIN)
    with Store(store.path, loader.load(file)) as again:
        assert content(again) == everything


@pytest.mark.parametrize(
    ("text", "why", "expected"),
    [
        (TEXT, "x", ["takeover.same"]),
        (STRICTER, " ", ["entry.reason"]),
        (STRICTER.replace("id: small", "id: other"), "x", ["takeover.other_standard"]),
        (
            "standard:\n  id: small\n  title: {zh: 小, en: S}\n  period: year\n  levels:\n    - {id: community, title: {zh: 社区, en: C}}\npillars:\n  - id: p\n"
            "    title: {zh: 一, en: P}\n    domains:\n      - id: d\n        title: {zh: 一, en: D}\n        indicators:\n          - code: '1'\n"
            "            level: community\n            title: {zh: 一, en: I}\n            text: 一\n            criteria: [{id: c, value: m, at_least: 1}]\n"
            "metrics:\n  - {id: m, title: {zh: 一, en: M}, level: community, unit: count, kind: stock}\n",
            "x",
            ["takeover.other_period", "takeover.level_gone"],
        ),
    ],
)
def test_what_is_not_taken_over(store: Store, file: Path, text: str, why: str, expected: list[str]) -> None:
    before = content(store)
    with pytest.raises(DefinitionError) as refused:
        take_over(store, loader.parse(text), file, user=ADMIN, why=why)
    assert [problem.key for problem in refused.value.problems] == expected
    assert content(store) == before


def test_only_an_admin_takes_over(store: Store, file: Path) -> None:
    with pytest.raises(AccessDenied):
        take_over(store, loader.parse(STRICTER), file, user=User("x", "editor"), why="x", dry_run=True)


def test_where_the_file_cannot_be_written_nothing_changes(store: Store, file: Path) -> None:
    before = content(store)
    file.with_name("indicators.yaml.new").mkdir()
    with pytest.raises(StoreError) as refused:
        take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    assert refused.value.problems[0].key == "takeover.read_only"
    assert content(store) == before and file.read_text(encoding="utf-8") == TEXT


def test_a_file_that_can_be_written_but_not_replaced(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that is mounted by itself into a container."""

    def busy(_self: Path, _target: Path) -> Path:
        raise OSError(errno.EBUSY, "Device or resource busy")

    before = content(store)
    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(StoreError) as refused:
        take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    assert refused.value.problems[0].key == "takeover.read_only"
    assert content(store) == before and sorted(path.name for path in file.parent.glob("indicators*")) == ["indicators.yaml"]


def test_when_the_database_fails_the_old_file_is_put_back(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(cursor: object) -> None:
        raise KeyboardInterrupt

    before = content(store)
    monkeypatch.setattr(store, "_commit", fail)
    with pytest.raises(KeyboardInterrupt):
        take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    assert content(store) == before and file.read_text(encoding="utf-8") == TEXT


def test_when_only_the_history_beside_the_database_fails_everything_goes_by_the_new_standard(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_line: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    stricter = loader.parse(STRICTER)
    with monkeypatch.context() as patched:
        patched.setattr(store.archive, "append", full)
        with pytest.raises(StoreError) as told:
            take_over(store, stricter, file, user=ADMIN, why="x")
    assert [problem.key for problem in told.value.problems] == ["store.ledger_not_written"]
    assert store.standard is stricter and file.read_text(encoding="utf-8") == STRICTER
    assert statuses(store)["C2", Q1][0] is False  # 92 of 95
    assert sorted(path.name for path in file.parent.glob("indicators*")) == ["indicators.yaml"]
    import_source(store, figures("2025Q2", "C1,100,60,95,3,0.5"), user=ADMIN)
    recovery.verify(store)
    store.close()
    with Store(store.path, loader.load(file)) as again:
        assert len(again.archive.entries()) == 5


def test_the_way_back_to_the_old_file_needs_no_space(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_cursor: object) -> None:
        def full(_self: Path, _content: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", full)
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(store, "_commit", fail)
    with pytest.raises(StoreError):
        take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    assert file.read_text(encoding="utf-8") == TEXT and store.standard is STANDARD
    assert sorted(path.name for path in file.parent.glob("indicators*")) == ["indicators.yaml"]


OTHERS = {
    "other_standard": STRICTER.replace("id: small", "id: other"),
    "other_period": STRICTER.replace("period: quarter", "period: month"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("act", ["open", "rebuild"])
def test_a_standard_that_does_not_fit_the_data_is_refused_at_the_start(store: Store, name: str, act: str) -> None:
    before, other = content(store), loader.parse(OTHERS[name])
    store.close()
    with pytest.raises(DefinitionError) as refused:
        if act == "open":
            Store(store.path, other).close()
        else:
            recovery.rebuild(store.path, other, user=ADMIN)
    assert [problem.key for problem in refused.value.problems] == [f"takeover.{name}"]
    with Store(store.path, STANDARD) as again:
        assert content(again) == before
    assert not list(store.path.parent.glob("d.duckdb.2*")), "nothing was moved aside"


def test_before_the_first_import_any_standard_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    for text in (TEXT, *OTHERS.values()):
        with Store(path, loader.parse(text)) as store:
            assert store.standard.source == text
    with Store(path, loader.parse(OTHERS["other_period"])) as store:
        import_source(store, areas(), user=ADMIN)
    with pytest.raises(DefinitionError):
        Store(path, STANDARD)


def test_a_version_that_a_stricter_program_would_refuse_still_tells_what_fits(store: Store) -> None:
    lax = TEXT.replace("unit: percent, kind: stock, range", "unit: parsec, kind: stock, range")
    assert lax != TEXT
    with store.cursor() as cursor:
        cursor.execute("UPDATE definitions SET source = ?", [lax])
    store.close()
    with pytest.raises(DefinitionError) as refused:
        Store(store.path, loader.parse(OTHERS["other_standard"]))
    assert [problem.key for problem in refused.value.problems] == ["takeover.other_standard"]
    with Store(store.path, loader.parse(STRICTER)) as again:
        assert statuses(again)["C2", Q1][0] is False


def test_an_indicator_that_is_new_or_gone_turns_nothing(store: Store, file: Path) -> None:
    renamed = TEXT.replace('code: "2.1"', 'code: "2.9"')
    tried = take_over(store, loader.parse(renamed), file, user=ADMIN, why="renumbered")
    assert tried.flips == Flips()
    assert [(row.kind, row.what, row.id) for row in tried.changes][:2] == [("removed", "indicator", "2.1"), ("removed", "criterion", "2.1 / lit")]
    recovery.verify(store)


# -- as it was ------------------------------------------------------------------------------------------------------


def at_day(store: Store, day: int) -> past.Past:
    return past.as_of(store.path, datetime(2026, 1, day, 23, 59))


def test_the_database_as_it_was_on_a_day(store: Store, file: Path) -> None:
    import_source(store, figures("2025Q1", "C1,,,50,,"), user=ADMIN)
    take_over(store, loader.parse(STRICTER), file, user=ADMIN, why="x")
    store.undo(3, user=ADMIN)
    store.close()
    on_days(store)
    for day, rate, verdict, version, events in ((3, 95, True, 1, 3), (4, 50, False, 1, 4), (5, 50, False, 2, 5), (6, 95, True, 2, 6), (30, 95, True, 2, 6)):
        with at_day(store, day) as then, then.cursor() as cursor:
            assert (then.version, then.events) == (version, events)
            assert cursor.execute("SELECT lighting_rate FROM metrics_community WHERE area_id = 'C1'").fetchall() == [(rate,)]
            assert cursor.execute("SELECT \"indicator 2.1\" FROM compliance_community WHERE area_id = 'C1'").fetchall() == [(verdict,)]
            # 92 was enough for C2 under the first version only.
            assert cursor.execute("SELECT \"indicator 2.1\" FROM compliance_community WHERE area_id = 'C2'").fetchall() == [(version == 1,)]
    assert len(list(past.folder_of(store.path).glob("*"))) == 4, "the last two days are the same"
    past.forget(store.path)
    assert not past.folder_of(store.path).exists()
    with pytest.raises(StoreError) as refused:
        past.as_of(store.path, datetime(2025, 12, 31))
    assert refused.value.problems[0].key == "past.nothing"


def test_only_the_newest_pasts_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "MOST_KEPT", 2)
    store.close()
    on_days(store)
    first = at_day(store, 1)
    for day in (2, 3):
        at_day(store, day).close()
    assert len(list(past.folder_of(store.path).glob("*"))) == 2 and not first.path.exists()
    with first, first.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM imports").fetchall() == [(0,)]


def test_the_past_is_read_only_and_beside_an_open_store(store: Store) -> None:
    told: list[float] = []
    with past.as_of(store.path, datetime(2100, 1, 1), told.append) as then:
        assert told == sorted(told) and told[-1] == 1
        import_source(store, figures("2025Q1", "C1,,,10,,"), user=ADMIN)
        with then.cursor() as cursor:
            assert cursor.execute("SELECT lighting_rate FROM metrics_community WHERE area_id = 'C1'").fetchall() == [(95,)]
            with pytest.raises(duckdb.InvalidInputException):
                cursor.execute("DELETE FROM imports")
    assert value(store, "lighting_rate", "C1", Q1) == 10
    recovery.verify(store)
    lines = [json.loads(line)["event"] for line in store.archive.path.read_text(encoding="utf-8").splitlines()]
    assert lines == ["definitions", "import", "import", "import"]


# -- what an import says ----------------------------------------------------------------------------------------------


def test_an_import_cell_by_cell_and_what_was_done_with_it(store: Store) -> None:
    import_source(store, figures("2025Q1", "C1,,,50,,"), user=ADMIN)
    store.undo(2, user=ADMIN, why="wrong quarter")
    store.redo(2, user=User("王芳", "admin"), why="right after all")
    with store.cursor() as cursor:
        cells = overlay_queries.cells(cursor, store.standard, 2, limit=5, offset=5)
        assert cells[["line", "area_id", "period", "metric", "value"]].values.tolist() == [
            [3, "C2", Q1, "households", 100], [3, "C2", Q1, "households_served", 40], [3, "C2", Q1, "lighting_rate", 92],
            [3, "C2", Q1, "complaints", 11], [3, "C2", Q1, "petition_rate", 0.5],
        ]  # fmt: skip
        assert cells["above_id"].isna().all() and cells["below_id"].isna().all()
        assert overlay_queries.cells(cursor, store.standard, 1).empty
        assert overlay_queries.rows_of_areas(cursor, 1)["area_id"].tolist() == ["S1", "C1", "C2", "C3"]
        assert overlay_queries.rows_of_areas(cursor, 2).empty
        events = import_queries.import_events(cursor, 2)
        assert events[["event", "who", "why"]].values.tolist() == [["import", "Ann", ""], ["undo", "Ann", "wrong quarter"], ["redo", "王芳", "right after all"]]
        first, second = (overlay_queries.cells(cursor, store.standard, number) for number in (2, 3))
        hidden = first[first["above_id"].notna()]
        assert hidden[["area_id", "metric", "value", "above_id", "above"]].values.tolist() == [["C1", "lighting_rate", 95, 3, 50]]
        assert second[["area_id", "metric", "value", "below_id", "below"]].values.tolist() == [["C1", "lighting_rate", 50, 2, 95]]
        assert overlay_queries.spoken(cursor, store.standard, 2) == Spoken(len(first), ((3, 1),), 0, len(first) - 1, 0)
        assert overlay_queries.spoken(cursor, store.standard, 3) == Spoken(1, (), 1, 0, 0)
        assert import_queries.history(cursor)["id"].tolist() == [3, 2, 1] and import_queries.import_count(cursor) == 3
        assert import_queries.history(cursor, limit=1, offset=1)["id"].tolist() == [2]
        fact = import_queries.import_facts(cursor, 3).iloc[0]
        assert (fact["who"], fact["flips_met"], fact["flips_unmet"], fact["definitions_version"]) == ("Ann", 0, 1, 1)
