"""An import or undo derives again only what it touched; the outcome must equal a derivation from scratch, whatever came before.

A seeded sequence of imports and undos: partial columns and areas, late corrections, periods out of order, areas that are added, renamed, moved to
another level or parent. After each step every derived table is compared with a fresh derivation; at the end also with the plain Python of
oracle.py, and with a database rebuilt from the original files.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import oracle
import pytest
from duckdb import DuckDBPyConnection

from compliance.access import local_user
from compliance.engine import deriving
from compliance.errors import ImportDataError
from compliance.files.reading import Source
from compliance.questions import exports
from compliance.standard import loader
from compliance.storage import recovery
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

YAML = """
standard:
  id: increment
  title: {zh: 增量, en: Increment}
  period: quarter
  levels:
    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}
    - {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}
    - {id: block, title: {zh: 楼院, en: Block}, parent: community}
pillars:
  - id: one
    title: {zh: 一, en: One}
    domains:
      - id: first
        title: {zh: 甲, en: First}
        indicators:
          - {code: "1.1", level: community, title: {zh: 年, en: Year}, text: 条文, criteria: [{id: year, value: visits, at_least: 120, every: year}]}
          - {code: "1.2", level: community, title: {zh: 半年, en: Half year}, text: 条文, weight: 2,
             criteria: [{id: half, value: 100 * visits / homes, at_most: 900, every: half_year}, {id: range, value: cases, between: [5, 170], every: half_year}]}
          - {code: "1.3", level: community, title: {zh: 比上期, en: Against before}, text: 条文, criteria: [{id: rising, value: rate, at_least: previous(rate)}]}
      - id: second
        title: {zh: 乙, en: Second}
        indicators:
          - {code: "2.1", level: community, title: {zh: 参数, en: Parameter}, text: 条文, criteria: [{id: average, value: rate, at_least: city_rate, baseline: 5}]}
          - {code: "2.2", level: community, title: {zh: 任一, en: Any}, text: 条文,
             criteria: [{any_of: [{id: homes, value: homes, at_least: 50}, {id: per_case, value: 'max(rate, city_limit)', at_most: 60}]}, {id: plan, value: plan, is: yes}]}
          - {code: "3.1", level: subdistrict, title: {zh: 会议, en: Meetings}, text: 条文, criteria: [{id: year, value: meetings, at_least: 90, every: half_year}]}
          - {code: "3.2", level: subdistrict, title: {zh: 经费, en: Funds}, text: 条文, criteria: [{id: funds, value: funds, at_least: 10 * city_rate}]}
metrics:
  - {id: visits, title: {zh: 走访, en: Visits}, level: community, unit: count, kind: flow}
  - {id: cases, title: {zh: 案件, en: Cases}, level: community, unit: count, kind: flow}
  - {id: homes, title: {zh: 户数, en: Homes}, level: community, unit: households, kind: stock}
  - {id: rate, title: {zh: 比率, en: Rate}, level: community, unit: other, kind: stock}
  - {id: plan, title: {zh: 预案, en: Plan}, level: community, unit: yes_no, kind: stock}
  - {id: meetings, title: {zh: 会次, en: Meetings held}, level: subdistrict, unit: count, kind: flow}
  - {id: funds, title: {zh: 经费额, en: Funds}, level: subdistrict, unit: yuan, kind: stock}
  - {id: lights, title: {zh: 灯, en: Lights}, level: block, unit: count, kind: stock}
parameters:
  - {id: city_rate, title: {zh: 全市, en: City rate}, unit: other}
  - {id: city_limit, title: {zh: 上限, en: City limit}, unit: other}
"""
STANDARD = loader.parse(YAML)
PERIODS = [f"{year}Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)]
STEPS, SEEDS = 65, (3,)
KINDS = {"metrics": 46, "undo": 18, "parameters": 8, "exemptions": 8, "areas": 12, "batch": 4}
DERIVED = ["areas", "periods", "parameters", "exemptions", "exempt_indicators"]
DERIVED += [f"metrics_{level.id}" for level in STANDARD.levels] + [f"compliance_{level}" for level in STANDARD.judged_levels]

Tables = dict[str, list[str]]


def contents(cursor: DuckDBPyConnection) -> Tables:
    """Every derived table: its columns, then its rows in a fixed order."""
    found = {}
    for table in DERIVED:
        rows = cursor.execute(f"FROM {table}").fetchall()
        names = [column[0] for column in cursor.description or ()]
        order = sorted(range(len(names)), key=lambda place: names[place])
        found[table] = [repr([names[place] for place in order]), *sorted(repr([row[place] for place in order]) for row in rows)]
    return found


def from_scratch(store: Store) -> Tables:
    with store.writing(dry_run=True) as cursor:
        deriving.derive_everything(cursor, store.standard)
        return contents(cursor)


@dataclass
class History:
    """Makes the files; remembers what is active."""

    store: Store
    chance: random.Random
    files: dict[int, Source] = field(default_factory=dict)  # active imports
    done: Counter[str] = field(default_factory=Counter)
    made: int = 0
    seen: dict[str, set[bool | None]] = field(default_factory=lambda: {indicator.code: set() for indicator in STANDARD.indicators})

    def areas(self) -> dict[str, str]:
        return dict(self.store.cursor().execute("SELECT area_id, level FROM areas ORDER BY area_id").fetchall())

    def step(self) -> None:
        kind = self.chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
        if kind == "undo":
            self.undo()
        elif kind == "batch":
            self.land([self.metrics_file(), self.parameters_file(), self.metrics_file()])
        else:
            self.land([getattr(self, f"{kind}_file")()])
        self.done[kind] += 1
        for indicator in STANDARD.indicators:
            verdicts = self.store.cursor().execute(f'SELECT DISTINCT "indicator {indicator.code}" FROM compliance_{indicator.level}').fetchall()
            self.seen[indicator.code].update(row[0] for row in verdicts)

    def land(self, sources: list[Source]) -> None:
        outcome = import_sources(self.store, sources, user=local_user())
        by_name = {source.name: source for source in sources}
        for imported in outcome.imports:
            assert imported.id is not None
            self.files[imported.id] = by_name[imported.file_name]

    def undo(self) -> None:
        later = list(self.files)[1:]  # the first file names the areas that everything else is about
        if not later:
            return
        chosen = self.chance.choice(later)
        try:
            self.store.undo(chosen, user=local_user())
        except ImportDataError as error:
            assert [problem.key for problem in error.problems] == ["undo.areas_in_use"]
            self.done["undo refused"] += 1
            return
        del self.files[chosen]

    def source(self, kind: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Source:
        self.made += 1
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        return Source(f"{self.made:03}_{kind}.csv", text.getvalue().encode())

    def some(self, items: Sequence[str]) -> list[str]:
        """One to all of them."""
        return sorted(self.chance.sample(items, self.chance.randint(1, len(items))))

    def metrics_file(self) -> Source:
        levels = self.areas()
        level = self.chance.choice(
            [level for level in ("community", "community", "community", "subdistrict", "subdistrict", "block") if level in levels.values()]
        )
        areas = self.some([area for area, at in levels.items() if at == level])
        columns = self.some([metric.id for metric in STANDARD.metrics_of(level)])
        rows = [(area, period, *(self.figure(column) for column in columns)) for period in self.some_periods() for area in areas]
        return self.source("metrics", ("area_id", "period", *columns), rows)

    def some_periods(self) -> list[str]:
        return self.chance.sample(PERIODS, self.chance.choice((1, 1, 1, 2, 4)))

    def figure(self, column: str) -> str:
        if self.chance.random() < 0.15:
            return ""
        if column == "plan":
            return self.chance.choice("01")
        return f"{self.chance.uniform(0, 900 if column == 'funds' else 90):.{self.chance.choice((0, 3))}f}"

    def parameters_file(self) -> Source:
        columns = self.some(["city_rate", "city_limit"])
        return self.source("parameters", ("period", *columns), [(period, *(self.figure(column) for column in columns)) for period in self.some_periods()])

    def exemptions_file(self) -> Source:
        rows = {}
        for area, level in self.areas().items():
            codes = [indicator.code for indicator in STANDARD.indicators_of(level)]
            if codes and self.chance.random() < 0.4:
                start, end = sorted(self.chance.choices(range(len(PERIODS)), k=2))
                code = self.chance.choice(codes)
                rows[area, code, PERIODS[start]] = (self.chance.choice((PERIODS[end], "")), f"无此设施{self.made}")
        if not rows:
            rows["C1", "1.1", PERIODS[self.made % len(PERIODS)]] = ("", f"无此设施{self.made}")
        return self.source("exemptions", ("area_id", "indicator", "from", "to", "reason"), [(*key, *cells) for key, cells in rows.items()])

    def areas_file(self) -> Source:
        """A new community or block, a new name, another parent, or another level and back."""
        levels = self.areas()
        match self.chance.choice(("new", "block", "renamed", "moved", "level")):
            case "new":
                row = (f"C{self.made}", f"新社区{self.made}", "community", self.chance.choice(("S1", "S2")))
            case "block":
                row = (f"B{self.made}", f"楼院{self.made}", "block", "C1")
            case "level" if levels.get("C5") == "community":
                row = ("C5", f"升格街道{self.made}", "subdistrict", "")
            case "level":
                row = ("C5", f"复归社区{self.made}", "community", "S2")
            case what:
                row = ("C2", f"更名社区{self.made}", "community", "S1" if what == "renamed" else "S2")
        return self.source("areas", ("area_id", "name", "level", "parent_id", "built"), [(*row, 1990 + self.made % 30)])


def begin(store: Store, seed: int) -> History:
    history = History(store, random.Random(seed))
    rows = [("S1", "南街道", "subdistrict", ""), ("S2", "北街道", "subdistrict", "")]
    rows += [(f"C{number}", f"社区{number}号", "community", f"S{1 + number % 2}") for number in range(1, 7)]
    history.land([history.source("areas", ("area_id", "name", "level", "parent_id"), rows)])
    return history


@pytest.fixture(scope="module", params=SEEDS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A whole history, checked step by step."""
    with Store(tmp_path_factory.mktemp("increment") / "i.duckdb", STANDARD) as store:
        history = begin(store, request.param)
        for number in range(STEPS):
            history.step()
            incremental = contents(store.cursor())
            scratch = from_scratch(store)
            different = [table for table in DERIVED if incremental[table] != scratch[table]]
            assert different == [], f"after step {number} of seed {request.param}, file {history.made}: {history.done}"
        yield history


def test_every_step_equals_a_derivation_from_scratch(run: History) -> None:
    """The comparison itself is in the fixture; here: that the sequence was what it should be."""
    assert run.done.total() - run.done["undo refused"] == STEPS
    assert all(run.done[kind] > 0 for kind in KINDS)
    rows = run.store.cursor().execute("SELECT count(*), count(DISTINCT period), count(DISTINCT area_id) FROM compliance_community").fetchone()
    assert rows is not None and rows[0] == rows[1] * rows[2] and rows[1] == len(PERIODS) and rows[2] >= 6
    assert {code for code, seen in run.seen.items() if seen != {True, False, None}} == set()


@pytest.mark.parametrize(("what", "keys"), [("criteria", 4), ("indicators", 3), ("domains", 3), ("areas", 2)])
def test_the_outcome_equals_the_plain_recomputation(run: History, tmp_path: Path, what: str, keys: int) -> None:
    (tmp_path / "indicators.yaml").write_text(YAML, encoding="utf-8")
    kinds: dict[str, list[Path]] = {"areas": [], "metrics": [], "parameters": [], "exemptions": []}
    for number, source in sorted(run.files.items()):
        path = tmp_path / f"{number:04}.csv"
        path.write_bytes(bytes(source.content))
        kinds[Path(source.name).stem.split("_")[1]].append(path)
    expected = getattr(oracle.judge(oracle.load(tmp_path / "indicators.yaml"), *kinds.values()), what)
    found = {}
    for level in STANDARD.judged_levels:
        out = io.BytesIO()
        exports.export(run.store.cursor(), STANDARD, what, level, None, out)
        for row in csv.reader(io.StringIO(out.getvalue().decode(), newline="")):
            found[tuple(row[:keys])] = row[keys:]
    # Blocks have no indicators: the recomputation counts them, the export leaves them out.
    wanted = {key: [_text(value) for value in verdict] for key, verdict in expected.items() if what != "areas" or verdict[0] != "block"}
    found = {key: row for key, row in found.items() if key[0] != "area_id"}
    assert found.keys() == wanted.keys()
    assert [(key, found[key], wanted[key]) for key in found if not _alike(found[key], wanted[key])] == []


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _alike(found: list[str], wanted: list[str]) -> bool:
    return all(a == b or (a and b and float(a) == pytest.approx(float(b), rel=1e-9, abs=1e-9)) for a, b in zip(found, wanted, strict=True))


def test_a_database_rebuilt_from_the_originals_is_the_same(run: History, tmp_path: Path) -> None:
    before = contents(run.store.cursor())
    listed = run.store.cursor().execute("SELECT id, kind, file_name, sha256, rows_in, accepted, blank, status FROM imports ORDER BY id").fetchall()
    assert recovery.verify(run.store).rows > 0
    run.store.close()
    aside, imports = recovery.rebuild(run.store.path, STANDARD, user=local_user())
    assert aside is not None and aside.exists() and imports == len(listed)
    with Store(run.store.path, STANDARD) as rebuilt:
        assert contents(rebuilt.cursor()) == before
        columns = "id, kind, file_name, sha256, rows_in, accepted, blank, status"
        assert rebuilt.cursor().execute(f"SELECT {columns} FROM imports ORDER BY id").fetchall() == listed
        recovery.verify(rebuilt)


def test_undo_of_reports_on_an_area_that_has_changed_its_level(tmp_path: Path) -> None:
    """The area's rows must not come back among the communities."""
    with Store(tmp_path / "l.duckdb", STANDARD) as store:
        history = begin(store, 0)
        for number in (1, 2):
            history.land([history.source("metrics", ("area_id", "period", "visits"), [("C4", "2025Q1", 10 * number), ("C5", "2025Q1", 20 * number)])])
        history.land([history.source("areas", ("area_id", "name", "level", "parent_id"), [("C5", "升格街道", "subdistrict", "")])])
        store.undo(3, user=local_user())
        assert contents(store.cursor()) == from_scratch(store)
        rows = store.cursor().execute("SELECT area_id, visits FROM metrics_community WHERE visits IS NOT NULL OR area_id = 'C5'").fetchall()
        assert rows == [("C4", 10)]
        store.undo(4, user=local_user())
        assert contents(store.cursor()) == from_scratch(store)
        rows = store.cursor().execute("SELECT area_id, visits FROM metrics_community WHERE visits IS NOT NULL ORDER BY area_id").fetchall()
        assert rows == [("C4", 10), ("C5", 20)]
