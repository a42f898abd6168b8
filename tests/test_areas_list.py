"""The list of areas goes out, is added to and comes back: what it does not say stays as it was, and what it would change is told before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_pages import use_small_district
from district import AREAS, TEXT, source
from page_district import run
from test_page_data import hand_in

from compliance.access import local_user
from compliance.answers import templates
from compliance.errors import ImportDataError
from compliance.files import reading
from compliance.files.reading import Source
from compliance.questions import filter_queries, queries, template_queries
from compliance.screen import shell
from compliance.standard import loader
from compliance.storage import recovery
from compliance.storage.importer import Imported, import_source
from compliance.storage.preview import AreaChange, AreaChanges
from compliance.storage.store import Store

SORTED = TEXT + "attributes:\n  - {id: kind, title: {zh: 小区类型, en: Estate type}}\n"
STANDARD = loader.parse(SORTED)
FULL = "area_id,name,level,parent_id,小区类型,电话\nS1,南街道,subdistrict,,,\nC1,一社区,community,S1,老旧小区,1234\nC2,二社区,community,S1,商品房,+86-10-5678\n"
KNOWN = {"S1": {}, "C1": {"kind": "老旧小区", "电话": "1234"}, "C2": {"kind": "商品房", "电话": "+86-10-5678"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, source("areas.csv", FULL), user=local_user())
        yield store


def attributes(store: Store) -> dict[str, dict[str, str]]:
    return template_queries.attributes(store.cursor())


def handed_out(store: Store) -> str:
    areas = [area for level in STANDARD.levels for area in queries.areas_of(store.cursor(), level.id)]
    return templates.areas_file(STANDARD, areas, attributes(store)).decode("utf-8-sig")


def import_text(store: Store, text: str, *, dry_run: bool = False) -> Imported:
    return import_source(store, Source("list.csv", text.encode("utf-8-sig")), user=local_user(), dry_run=dry_run)


def test_the_list_that_is_handed_out_says_all_that_is_known(store: Store) -> None:
    assert attributes(store) == KNOWN
    assert handed_out(store).splitlines() == [
        "area_id,name,level,parent_id,kind,电话",
        "S1,南街道,subdistrict,,,",
        "C1,一社区,community,S1,老旧小区,1234",
        "C2,二社区,community,S1,商品房,'+86-10-5678",
    ]


@pytest.mark.parametrize(
    "text",
    [
        AREAS,  # four columns: the list as it was handed out once
        "area_id,name,level,parent_id,小区类型\nC1,一社区,community,S1,\nC2,二社区,community,S1,\nC3,三社区,community,S1,\n",
    ],
)
def test_what_a_list_leaves_out_or_blank_stays_as_it_was_also_after_undo_and_rebuild(store: Store, text: str) -> None:
    done = import_text(store, text)
    assert attributes(store) == {**KNOWN, "C3": {}}
    assert filter_queries.kinds_of(store.cursor(), "community")["kind"] == ("商品房", "老旧小区")
    store.undo(done.id or 0, user=local_user())
    assert attributes(store) == KNOWN
    import_text(store, text)
    path = store.path
    store.close()
    recovery.rebuild(path, STANDARD, user=local_user())
    with Store(path, STANDARD) as again:
        assert attributes(again) == {**KNOWN, "C3": {}}


def test_the_newest_value_of_each_attribute_holds_and_the_one_before_comes_back(store: Store) -> None:
    changed = import_text(store, "area_id,name,level,parent_id,kind\nC1,一社区,community,S1,单位大院\n")
    import_text(store, "area_id,name,level,parent_id,电话\nC1,一社区,community,S1,9999\n")
    assert attributes(store)["C1"] == {"kind": "单位大院", "电话": "9999"}
    store.undo(changed.id or 0, user=local_user())
    assert attributes(store)["C1"] == {"kind": "老旧小区", "电话": "9999"}


def test_a_dry_run_tells_which_areas_would_change(store: Store) -> None:
    text = "area_id,name,level,parent_id,kind,电话\nC1,一号社区,community,S1,单位大院,\nC2,二社区,community,S1,商品房,\nC3,三社区,community,S1,商品房,1\n"
    told = import_text(store, text, dry_run=True).changed_areas
    assert told == AreaChanges(1, 1, 1, (AreaChange("C1", "name", "一社区", "一号社区", 2), AreaChange("C1", "kind", "老旧小区", "单位大院", 2)))
    assert attributes(store) == KNOWN and import_text(store, text).changed_areas is None


def test_the_page_tells_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use_small_district(tmp_path, monkeypatch)
    (tmp_path / "small.yaml").write_text(SORTED, encoding="utf-8")
    with Store(path, STANDARD) as small:
        import_source(small, source("areas.csv", FULL), user=local_user())
    try:
        moved = "area_id,name,level,parent_id,kind\nS2,北街道,subdistrict,,\nC1,一社区,community,S2,单位大院\n".encode()
        said = hand_in(run("data", lang="zh"), ("名册.csv", moved))
        assert "新增的单位 1 改动的单位 1 没有变的单位 0" in said
        assert "一社区 上级单位 南街道 S2 名册.csv 第 3 行" in said and "一社区 小区类型 老旧小区 单位大院" in said
    finally:
        shell._office().close()


# -- what a spreadsheet would run goes out behind an apostrophe, and comes back without -----------------------------------------

ODD = 'area_id,name,level,parent_id,kind,-电话\n=S1,南街道,subdistrict,,,\n-C1,@社区,community,=S1,\'=x,+86-10-1234\n+1-C,"-a,b",community,=S1,,-12\n'
ODD_KNOWN = {"=S1": {}, "-C1": {"kind": "=x", "-电话": "+86-10-1234"}, "+1-C": {"-电话": "-12"}}


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "odd.duckdb", STANDARD) as store:
        import_source(store, source("areas.csv", ODD), user=local_user())
        yield store


def test_the_list_comes_back_as_nothing_new(odd: Store) -> None:
    assert attributes(odd) == ODD_KNOWN
    text = handed_out(odd)
    assert "'=S1" in text and "'+86-10-1234" in text and ",-12" in text and "'-电话" in text
    told = import_text(odd, text, dry_run=True).changed_areas
    assert told == AreaChanges(0, 0, 3, ())
    import_text(odd, text)
    assert attributes(odd) == ODD_KNOWN


def test_a_template_and_a_file_given_back_come_back_too(odd: Store) -> None:
    areas = tuple(queries.areas_of(odd.cursor(), "community"))
    template = templates.Template(STANDARD, "community", 8100, STANDARD.metrics_of("community")[:1], areas)
    text = templates.csv_template(template).decode()
    assert text == "area_id,period,households\n'+1-C,2025Q1,\n'-C1,2025Q1,\n"
    faulty = Source("f.csv", text.replace("2025Q1,\n", "2025Q1,'-\n", 1).replace("'-C1,2025Q1,", "'-C1,2025Q1,'-5x").encode())
    with pytest.raises(ImportDataError) as caught:
        import_source(odd, faulty, user=local_user())
    # A dash is a word for nothing, with or without the apostrophe; what was refused is named as it is meant.
    assert [(problem.key, problem.value) for problem in caught.value.problems] == [("reading.missing_word", "-"), ("reading.unit_in_cell", "-5x")]
    back = reading.faults_csv(faulty, caught.value.problems, lambda problem: problem.key).decode("utf-8-sig")
    assert back.splitlines()[1:] == ["'+1-C,2025Q1,'-,reading.missing_word", "'-C1,2025Q1,'-5x,reading.unit_in_cell"]
    put_right = reading.replaced(faulty, [reading.Replacement("households", "-", "")])
    assert put_right is not None and put_right.content == faulty.content.replace(b",'-\n", b",\n")
    done = import_source(odd, Source("g.csv", back.replace("'-,reading.missing_word", "7,").replace("'-5x", "5").encode()), user=local_user())
    assert done.first_areas == ("+1-C", "-C1")


def test_the_reason_of_an_exemption_keeps_no_apostrophe(odd: Store) -> None:
    import_source(odd, source("e.csv", "area_id,indicator,from,to,reason\n'-C1,2.1,2025Q1,,'=在建\n+1-C,2.1,2025Q1,,''x\n"), user=local_user())
    found = odd.cursor().execute("SELECT area_id, reason FROM exemptions ORDER BY area_id").fetchall()
    assert found == [("+1-C", "''x"), ("-C1", "=在建")]
