"""From files to values and back: imports, dry runs, batches, undo, and where every figure came from. Expected figures are worked out by hand."""

from __future__ import annotations

import gc
import itertools
from pathlib import Path

import district
import pytest
from district import METRICS, STANDARD, TEXT, areas, changed, content, figures, small_import, source, statuses, value, verdicts

from compliance.access import User, local_user
from compliance.errors import ImportDataError, Problem
from compliance.files import reading
from compliance.files.reading import Source
from compliance.questions import area_queries, queries
from compliance.standard import loader
from compliance.storage.importer import CellChanges, Flips, import_source, import_sources
from compliance.storage.store import Store

Q1, Q2, Q3, Q4 = 8100, 8101, 8102, 8103
CITY = "period,city_rate\n2025Q1,0.6\n2025Q2,0.6\n"
FIRST = ("C1,100,60,95,3,0.5", "C2,100,40,89,4,0.7")
"""C1: 2.1 met, 2.2 cannot tell (a quarter of the year), 2.3 met (60 %), 2.4 met; C2: 2.1 unmet, 2.2 cannot tell, 2.3 unmet (40 %), 2.4 unmet."""


def problems(store: Store, *sources: Source) -> tuple[Problem, ...]:
    before = content(store)
    with pytest.raises(ImportDataError) as caught:
        import_sources(store, sources, user=local_user())
    assert content(store) == before
    return caught.value.problems


def undo_problem(store: Store, import_id: int) -> Problem:
    before = content(store)
    with pytest.raises(ImportDataError) as caught:
        store.undo(import_id, user=local_user())
    assert content(store) == before
    return caught.value.problems[0]


# -- import and undo ------------------------------------------------------------------------------------------------


def test_what_an_import_tells(store: Store) -> None:
    text = METRICS + "\nC1,2025Q1,100,60,95,3,0.5\n,,,,,,\nC2,2025Q2,,,,,\n"
    done = import_source(store, source("二季度.csv", text, "gb18030"), user=User("王芳", "admin"))
    assert (done.id, done.kind, done.level, done.file_name, done.encoding) == (2, "metrics", "community", "二季度.csv", "utf-8")
    assert (done.rows_in, done.accepted, done.blank, done.areas, done.periods, done.cells) == (4, 2, 2, 2, ("2025Q1", "2025Q2"), None)
    row = queries.imports(store.cursor()).iloc[0]
    assert (row["rows_in"], row["accepted"], row["blank"], row["who"], row["status"], row["sha256"]) == (4, 2, 2, "王芳", "active", done.sha256)


def test_import_and_undo_leave_the_values_of_before(store: Store) -> None:
    empty = verdicts(store)
    assert statuses(store) == {}
    first = import_source(store, figures("2025Q1", *FIRST), user=local_user())
    assert statuses(store) == {("C1", Q1): (True, None, True, None), ("C2", Q1): (False, None, False, None), ("C3", Q1): (None,) * 4}
    with_first = verdicts(store)
    second = import_source(store, figures("2025Q2", "C1,100,30,85,9,0.5"), user=local_user())
    # 3 + 9 complaints exceed 10 whatever the missing quarters bring.
    assert statuses(store)["C1", Q2] == (False, False, False, None)
    store.undo(second.id or 0, user=local_user(), why="wrong quarter")
    assert verdicts(store) == with_first
    store.undo(first.id or 0, user=local_user())
    assert verdicts(store) == empty
    history = queries.imports(store.cursor())
    assert list(history["status"]) == ["revoked", "revoked", "active"]
    assert list(history["revoked_why"].fillna("-")) == ["wrong quarter", "", "-"]


def test_a_period_that_an_undo_takes_away_is_gone_at_every_level(store: Store) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    before = verdicts(store)
    done = import_source(store, figures("2025Q3", *FIRST), user=local_user())
    assert {period for _, period in statuses(store, "subdistrict")} == {Q1, Q3}
    store.undo(done.id or 0, user=local_user())
    assert {period for _, period in [*statuses(store), *statuses(store, "subdistrict")]} == {Q1}
    assert verdicts(store) == before


def test_a_later_report_on_the_same_cells_stays_when_an_earlier_one_is_undone(store: Store) -> None:
    first = import_source(store, figures("2025Q1", *FIRST), user=local_user())
    later = import_source(store, figures("2025Q1", "C1,,,80,,", "C3,50,,,,"), user=local_user())
    store.undo(first.id or 0, user=local_user())
    assert [value(store, "lighting_rate", area, Q1) for area in ("C1", "C2", "C3")] == [80, None, None]
    assert value(store, "households", "C3", Q1) == 50
    assert statuses(store) == {("C1", Q1): (False, None, None, None), ("C2", Q1): (None,) * 4, ("C3", Q1): (None,) * 4}
    again = import_source(store, figures("2025Q1", *FIRST), user=local_user())
    # Imported anew it is the newest report: its cells count again.
    assert value(store, "lighting_rate", "C1", Q1) == 95
    store.undo(later.id or 0, user=local_user())
    assert value(store, "households", "C3", Q1) is None
    assert (first.id, later.id, again.id) == (2, 3, 4)


def test_the_same_bytes_are_imported_once_and_again_only_after_an_undo(store: Store) -> None:
    done = import_source(store, figures("2025Q1", *FIRST), user=local_user())
    (problem,) = problems(store, Source("another name.csv", figures("2025Q1", *FIRST).content))
    assert (problem.key, problem.file) == ("import.repeated", "another name.csv")
    assert (problem.args["id"], problem.args["name"]) == (2, "metrics_2025Q1.csv")
    store.undo(done.id or 0, user=local_user())
    assert import_source(store, figures("2025Q1", *FIRST), user=local_user()).id == 3
    (twice, _) = (small_import(1), small_import(1))
    assert [problem.key for problem in problems(store, twice, Source("copy.csv", twice.content))] == ["import.twice"]


@pytest.mark.parametrize(("import_id", "key"), [(9, "undo.unknown"), (0, "undo.unknown"), (2, "undo.already")])
def test_what_cannot_be_undone(store: Store, import_id: int, key: str) -> None:
    store.undo(import_source(store, small_import(1), user=local_user()).id or 0, user=local_user())
    problem = undo_problem(store, import_id)
    assert (problem.key, problem.args["id"]) == (key, import_id)


def test_areas_in_use_cannot_be_undone(store: Store) -> None:
    metrics = import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5"), user=local_user())
    exemption = import_source(store, source("e.csv", "area_id,indicator,from,to,reason\nC2,2.1,2025Q1,,无楼道\n"), user=local_user())
    children = import_source(store, source("c4.csv", "area_id,name,level,parent_id\nC4,四社区,community,S1\n"), user=local_user())
    problem = undo_problem(store, 1)
    assert (problem.key, problem.args["imports"]) == ("undo.areas_in_use", "2, 3, 4")
    for done in (metrics, exemption):
        store.undo(done.id or 0, user=local_user())
    assert undo_problem(store, 1).args["imports"] == "4"
    store.undo(children.id or 0, user=local_user())
    store.undo(1, user=local_user())
    assert content(store, ["areas"])["areas"] == []


def test_areas_named_twice_can_be_undone_once(store: Store) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    renamed = import_source(store, source("again.csv", district.AREAS.replace("一社区", "壹社区")), user=local_user())
    store.undo(1, user=local_user())
    assert [area.name for area in queries.areas_of(store.cursor(), "community")] == ["壹社区", "二社区", "三社区"]
    assert undo_problem(store, renamed.id or 0).key == "undo.areas_in_use"


def test_new_areas_get_a_row_in_every_period(store: Store) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    before = verdicts(store)
    done = import_source(store, source("more.csv", "area_id,name,level,parent_id\nS2,北街道,subdistrict,\nC9,九社区,community,S2\n"), user=local_user())
    assert statuses(store)["C9", Q1] == (None,) * 4
    assert statuses(store, "subdistrict")["S2", Q1] == (None, None)
    store.undo(done.id or 0, user=local_user())
    assert verdicts(store) == before


def test_parameters_and_exemptions_and_their_undo(store: Store) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    plain = verdicts(store)
    city = import_source(store, source("city.csv", CITY), user=local_user())
    assert [statuses(store)[area, Q1][3] for area in ("C1", "C2", "C3")] == [True, False, None]
    with_city = verdicts(store)
    higher = import_source(store, source("higher.csv", "period,city_rate\n2025Q1,0.8\n"), user=local_user())
    assert statuses(store)["C2", Q1][3] is True
    exempt = import_source(store, source("exempt.csv", "area_id,indicator,from,to,reason\nC2,2.1,2025Q1,2025Q2,无楼道\n"), user=local_user())
    assert area_queries.indicators_of_area(store.cursor(), STANDARD, "community", "C2", Q1)["2.1"] == "not_applicable"
    store.undo(higher.id or 0, user=local_user())
    assert statuses(store)["C2", Q1][3] is False
    assert area_queries.indicators_of_area(store.cursor(), STANDARD, "community", "C2", Q1)["2.1"] == "not_applicable"
    store.undo(exempt.id or 0, user=local_user())
    assert verdicts(store) == with_city
    store.undo(city.id or 0, user=local_user())
    assert verdicts(store) == plain


# -- blank cells and rows -------------------------------------------------------------------------------------------


def test_blank_cells_change_nothing_and_blank_rows_open_no_period(store: Store) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    before = verdicts(store)
    done = import_source(store, source("blank.csv", METRICS + "C1,2025Q1,,,,,\nC2,2025Q2,,,,,\nC3,2026Q1,,,,,\n"), user=local_user())
    assert (done.rows_in, done.accepted, done.blank) == (3, 3, 0)
    assert verdicts(store) == before
    with store.cursor() as cursor:
        assert cursor.execute("SELECT DISTINCT filled FROM reported_community WHERE import_id = 3").fetchall() == [(0,)]
    store.undo(3, user=local_user())
    assert verdicts(store) == before


def test_filled_counts_the_cells_of_each_row(store: Store) -> None:
    import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5", "C2,,,,0,", "C3,1,,2,,"), user=local_user())
    with store.cursor() as cursor:
        assert cursor.execute("SELECT area_id, filled FROM reported_community ORDER BY line").fetchall() == [("C1", 5), ("C2", 1), ("C3", 2)]


def test_areas_may_be_named_in_full(store: Store) -> None:
    done = import_source(store, source("names.csv", "社区名称,考核期,楼道亮灯率\n二社区,2025年一季度,88\n一社区,2025Q1,91\n"), user=local_user())
    assert done.areas == 2
    assert [value(store, "lighting_rate", area, Q1) for area in ("C1", "C2")] == [91, 88]


# -- dry runs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def reported(store: Store) -> Store:
    import_source(store, figures("2025Q1", *FIRST), user=local_user())
    import_source(store, source("city.csv", CITY), user=local_user())
    return store


@pytest.mark.parametrize(
    ("file", "cells", "flips"),
    [
        # C1 unchanged throughout. C2: 50 of 100 is half (2.3 met), 90 reaches the limit (2.1 met), 12 exceed 10 (2.2 unmet).
        # C3: 91 and 0.6 are met, its households alone tell nothing.
        (figures("2025Q1", "C1,100,60,95,3,0.5", "C2,,50,90,12,0.7", "C3,80,,91,,0.6"), CellChanges(new=3, changed=3, unchanged=6), Flips(met=4, unmet=1)),
        # Nobody lives there any more: 0 of 0 cannot be told.
        (figures("2025Q1", "C1,0,0,,,"), CellChanges(changed=2), Flips(no_data=1)),
        # A new quarter: rows of all areas are new, and count as without data before. 3 + 8 complaints exceed 10.
        (figures("2025Q2", "C1,10,9,20,8,0.1"), CellChanges(new=5), Flips(met=2, unmet=2)),
        (figures("2025Q1", *FIRST, "C3,,,,,"), CellChanges(unchanged=10), Flips()),
        (source("p.csv", "period,city_rate\n2025Q1,0.7\n"), None, Flips(met=1)),
        (source("p.csv", "period,city_rate\n2025Q1,0.4\n"), None, Flips(unmet=1)),
        # Of the three, one was met, one unmet, one without data.
        (
            source("e.csv", "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,一\nC2,2.1,2025Q1,,二\nC3,2.1,2025Q1,,三\nC1,2.1,2026Q1,,四\n"),
            None,
            Flips(not_applicable=3),
        ),
        (source("a.csv", "area_id,name,level,parent_id\nC4,四社区,community,S1\n"), None, Flips()),
        (source("s.csv", "area_id,period,body_set_up,meetings\nS1,2025Q1,是,1\n"), CellChanges(new=2), Flips(met=1)),
    ],
)
def test_a_dry_run_tells_what_would_change_and_changes_nothing(reported: Store, file: Source, cells: CellChanges | None, flips: Flips) -> None:
    before, files = content(reported), sorted(path.name for path in reported.archive.folder.iterdir())
    version = reported.data_version
    outcome = import_sources(reported, [file], user=local_user(), dry_run=True)
    assert (outcome.imports[0].id, outcome.imports[0].cells, outcome.flips) == (None, cells, flips)
    assert content(reported) == before
    assert sorted(path.name for path in reported.archive.folder.iterdir()) == files
    assert reported.data_version == version
    # What was told is what happens.
    was = {level: statuses(reported, level) for level in STANDARD.judged_levels}
    assert import_sources(reported, [file], user=local_user()).flips == flips
    now = {level: statuses(reported, level) for level in STANDARD.judged_levels}
    became = [
        new for level in now for key, row in now[level].items() for new, old in zip(row, was[level].get(key, itertools.repeat(None)), strict=False) if new is not old
    ]  # fmt: skip
    assert (became.count(True), became.count(False)) == (flips.met, flips.unmet)


def test_what_merely_begins_with_a_new_period_is_told_apart_from_what_a_file_turns(reported: Store) -> None:
    """C2 has 12 complaints of 10 a year already, and two exemptions stand: none of it is the new file's doing, nor what it says of an exempt indicator."""
    import_source(reported, figures("2025Q1", "C2,,,,12,"), user=local_user())
    standing = "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,一\nC2,2.1,2025Q1,,二\n"
    import_source(reported, source("e.csv", standing), user=local_user())
    outcome = import_sources(reported, [figures("2025Q2", "C1,10,9,20,,")], user=local_user(), dry_run=True)
    assert (outcome.flips, outcome.begun) == (Flips(met=1), Flips(unmet=1, not_applicable=2))
    assert [(flip.area_id, flip.indicator, flip.after) for flip in outcome.flipped] == [("C1", "2.3", "met")]
    # The next file of that period changes only what it changes.
    import_source(reported, figures("2025Q2", "C1,10,9,20,,"), user=local_user())
    outcome = import_sources(reported, [figures("2025Q2", "C3,10,1,95,,")], user=local_user(), dry_run=True)
    assert (outcome.flips, outcome.begun) == (Flips(met=1, unmet=1), Flips())


def test_what_was_seen_in_a_store_that_was_closed_since_is_not_what_is_there_now(tmp_path: Path) -> None:
    """The standard's file may have changed between: then the same database is opened anew."""
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, areas(), user=local_user())
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        seen = store.data_version
    with Store(tmp_path / "d.duckdb", STANDARD) as store, pytest.raises(ImportDataError) as caught:
        import_sources(store, [figures("2025Q1", "C1,10,5,95,0,")], user=local_user(), seen_version=seen)
    assert [problem.key for problem in caught.value.problems] == ["import.data_moved"]


def test_a_dry_run_of_several_files(store: Store) -> None:
    new = source("new.csv", "area_id,name,level,parent_id\nC4,四社区,community,S1\n")
    outcome = import_sources(store, [figures("2025Q1", "C4,10,5,95,0,"), new], user=local_user(), dry_run=True)
    assert [(item.file_name, item.cells) for item in outcome.imports] == [("new.csv", None), ("metrics_2025Q1.csv", CellChanges(new=4))]
    assert outcome.flips == Flips(met=2)


def test_a_dry_run_refuses_what_an_import_refuses(reported: Store) -> None:
    before = content(reported)
    with pytest.raises(ImportDataError) as caught:
        import_source(reported, figures("2025Q1", "C2,10,,,,"), user=local_user(), dry_run=True)
    assert caught.value.problems[0].key == "import.whole_below_part"
    assert content(reported) == before


# -- several files --------------------------------------------------------------------------------------------------


def test_problems_of_every_file_come_together_and_nothing_is_stored(store: Store) -> None:
    found = problems(
        store,
        figures("2025Q1", *FIRST),
        figures("2025Q2", "C9,1,1,1,1,1", "C1,1,1,101,1,1"),
        source("city.csv", "period,city_rate\n2025Q5,0.6\n"),
        source("broken.csv", "area_id,period,lighting\nC1,2025Q1,95\n"),
    )
    assert {(problem.file, problem.line) for problem in found} >= {("metrics_2025Q2.csv", 2), ("metrics_2025Q2.csv", 3), ("city.csv", 2)}
    assert {problem.file for problem in found} == {"metrics_2025Q2.csv", "city.csv", "broken.csv"}


WHOLE_DISTRICT = (
    source("zz_subdistricts.csv", "area_id,name,level,parent_id\nS7,东街道,subdistrict,\n"),
    # The word level is there only in UTF-16.
    Source("communities.csv", "area_id,name,level,parent_id\nC7,七社区,community,S7\nC8,八社区,community,东街道\n".encode("utf-16")),
    source("metrics.csv", METRICS + "七社区,2025Q1,100,60,95,3,0.5\nC8,2025Q1,100,60,95,3,0.7\n"),
    source("exemptions.csv", "area_id,indicator,from,to,reason\nC8,2.4,2025Q1,,流动人口\n"),
    source("city.csv", CITY),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 1, 0, 4, 3), (3, 2, 4, 1, 0), (1, 4, 0, 3, 2)])
def test_the_order_of_files_does_not_matter(tmp_path: Path, order: tuple[int, ...]) -> None:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        outcome = import_sources(store, [WHOLE_DISTRICT[position] for position in order], user=local_user())
        assert sorted(item.kind for item in outcome.imports) == ["areas", "areas", "exemptions", "metrics", "parameters"]
        assert statuses(store) == {("C7", Q1): (True, None, True, True), ("C8", Q1): (True, None, True, None)}
        assert content(store, ["areas"])["areas"][0].endswith("'七社区', 'S7')")
        # One by one, in an order that can be followed, comes to the same.
        together = verdicts(store)
    with Store(tmp_path / "one_by_one.duckdb", STANDARD) as store:
        for file in WHOLE_DISTRICT:
            import_source(store, file, user=local_user())
        one_by_one = verdicts(store)
    ignored = {"exemptions"}  # they tell the number of their import
    assert {table: rows for table, rows in one_by_one.items() if table not in ignored} == {
        table: rows for table, rows in together.items() if table not in ignored
    }


def test_a_column_whose_name_holds_the_word_level_makes_no_file_of_areas(tmp_path: Path) -> None:
    standard = loader.parse(district.TEXT.replace("complaints", "noise_level").replace("Number of noise_level", "Level of noise"))
    with Store(tmp_path / "d.duckdb", standard) as store:
        metrics = source("a.csv", METRICS.replace("complaints", "noise_level") + "C1,2025Q1,100,60,95,3,0.5\n")
        assert [item.kind for item in import_sources(store, [metrics, areas()], user=local_user()).imports] == ["areas", "metrics"]


def test_no_files_at_all(store: Store) -> None:
    before = content(store)
    assert import_sources(store, [], user=local_user()).imports == ()
    assert content(store) == before


def test_progress_goes_up_to_one(store: Store) -> None:
    seen: list[tuple[float, str]] = []
    import_sources(
        store, [small_import(1), small_import(2), source("city.csv", CITY)], user=local_user(), progress=lambda share, name: seen.append((share, name))
    )
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert {name for _, name in seen} == {"n1.csv", "n2.csv", "city.csv"}


def test_a_file_name_of_another_encoding_is_made_sayable(store: Store) -> None:
    """A name in GBK bytes, as unzipped on Linux, comes with surrogates that neither DuckDB nor UTF-8 can take."""
    name = "数据.csv".encode("gb18030").decode("utf-8", "surrogateescape")
    done = import_source(store, Source(name, small_import(1).content), user=local_user())
    assert done.file_name.encode().decode() == done.file_name
    assert done.file_name.endswith(".csv")


# -- parts and wholes -----------------------------------------------------------------------------------------------


def test_a_part_above_its_whole_is_refused_also_across_files(store: Store) -> None:
    import_source(store, figures("2025Q1", "C1,1000000,,,,", "C2,100,60,,,"), user=local_user())
    (problem,) = problems(store, source("served.csv", "area_id,period,households_served\nC2,2025Q1,90\nC1,2025Q1,1000001\n"))
    assert (problem.key, problem.file, problem.line, problem.column, problem.subject) == ("import.part_above_whole", "served.csv", 3, "households_served", "C1")
    assert (problem.args["part_value"], problem.args["whole_value"]) == ("1000001", "1000000")
    assert (problem.args["other_file"], problem.args["other_line"]) == ("metrics_2025Q1.csv", 2)
    (problem,) = problems(store, source("whole.csv", "area_id,period,households\nC1,2025Q1,1\nC2,2025Q1,59\n"))
    assert (problem.key, problem.file, problem.line, problem.column, problem.subject) == ("import.whole_below_part", "whole.csv", 3, "households", "C2")
    assert (problem.args["other_file"], problem.args["other_line"]) == ("metrics_2025Q1.csv", 3)
    (problem,) = problems(store, source("titled.csv", "单位,考核期,服务户数（户）\nC2,2025Q1,101\n"))
    assert (problem.column, problem.args["part_value"]) == ("服务户数（户）", "101")
    # Equal is allowed; another quarter is another matter.
    import_source(store, source("served.csv", "area_id,period,households_served\nC2,2025Q1,100\nC1,2025Q2,5000000\n"), user=local_user())
    # Two files of one batch.
    whole, part = source("whole.csv", "area_id,period,households\nC3,2025Q1,10\n"), source("part.csv", "area_id,period,households_served\nC3,2025Q1,11\n")
    found = {(problem.file, problem.line, problem.args["other_file"]) for problem in problems(store, whole, part)}
    assert found == {("whole.csv", 2, "part.csv"), ("part.csv", 2, "whole.csv")}
    assert {problem.file for problem in problems(store, part, whole)} == {"whole.csv", "part.csv"}


# -- where a figure came from ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_figure_leads_back_to_the_cell_as_written(store: Store, encoding: str) -> None:
    import_source(store, figures("2025Q1", *FIRST), user=User("early", "admin"))
    text = '单位名称,考核期,备注,楼道亮灯率,投诉数,户数\n\n三社区,2025Q1,,88,,\n一社区,2025年一季度,"说明,\n两行",９１.5％,,"1,200"\n'
    done = import_source(store, source("补报.csv", text, encoding), user=User("王芳", "admin"), ignore_columns=["备注"])
    indicators = [STANDARD.indicator_by_code[code] for code in ("2.1", "2.2", "2.3")]
    found = area_queries.sources(store.cursor(), STANDARD, "community", "C1", Q1, indicators).set_index("metric")
    assert found.loc["lighting_rate", ["value", "import_id", "line", "file_name", "who", "encoding"]].tolist() == [
        91.5,
        done.id,
        4,
        "补报.csv",
        "王芳",
        done.encoding,
    ]
    assert found.loc["lighting_rate", "was"] == 95 and found["was"].isna()["complaints"]
    assert found.loc["complaints", ["value", "import_id", "line", "file_name", "who"]].tolist() == [3, 2, 2, "metrics_2025Q1.csv", "early"]
    original = store.archive.original(found.loc["lighting_rate", "sha256"])
    assert original == text.encode(encoding)
    header, row = reading.header_row(original, done.encoding), reading.raw_row(original, done.encoding, 4)
    assert dict(zip(header, row, strict=True)) == {
        "单位名称": "一社区", "考核期": "2025年一季度", "备注": "说明,\n两行", "楼道亮灯率": "９１.5％", "投诉数": "", "户数": "1,200"
    }  # fmt: skip
    # After an undo the older report is the source again.
    store.undo(done.id or 0, user=local_user())
    found = area_queries.sources(store.cursor(), STANDARD, "community", "C1", Q1, indicators).set_index("metric")
    assert found.loc["lighting_rate", ["value", "import_id", "line"]].tolist() == [95, 2, 2]
    assert found["was"].isna().all()


# -- many imports ---------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_every_import(store: Store) -> None:
    def resident() -> int:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096

    for number in range(15):
        import_source(store, small_import(number), user=local_user())
    before = resident()
    for number in range(15, 45):
        import_source(store, small_import(number), user=local_user())
    # 30 imports; whatever is kept for each is far below a megabyte.
    assert resident() - before < 25_000_000


@pytest.mark.parametrize("value", ["complaints * city_rate", "complaints / city_rate", "100 * complaints / (city_rate + 1)"])
def test_a_parameter_that_scales_a_flow_is_never_negative(tmp_path: Path, value: str) -> None:
    """Of an incomplete year the sum is a lower bound only as long as a larger one makes a larger result."""
    standard = changed(TEXT, "{id: few, value: complaints, at_most: 10, every: year}", f"{{id: few, value: {value}, at_most: 10, every: year}}")
    with Store(tmp_path / "d.duckdb", standard) as store:
        import_source(store, areas(), user=local_user())
        with pytest.raises(ImportDataError) as refused:
            import_source(store, source("p.csv", "period,city_rate\n2025Q1,-0.5\n"), user=local_user())
        assert [(problem.key, problem.line, problem.column) for problem in refused.value.problems] == [("reading.negative", 2, "city_rate")]
        assert import_source(store, source("p.csv", "period,city_rate\n2025Q1,0\n"), user=local_user()).accepted == 1
    with Store(tmp_path / "other.duckdb", STANDARD) as store:
        # Where it is a limit only, it may be anything.
        assert import_source(store, source("p.csv", "period,city_rate\n2025Q1,-0.5\n"), user=local_user()).accepted == 1
