"""Speed as ratios against floors measured in the same run: python benchmarks/run.py [--areas 7000] [--periods 12] [--repeat 5] [--large]

A floor is what DuckDB itself needs for the bare minimum of the same work; absolute times are those of this machine and this minute.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb

from benchmarks import asked, data, rivals
from compliance.access import local_user
from compliance.engine import deriving
from compliance.files.reading import Source
from compliance.questions import area_queries, queries
from compliance.settings import PROJECT
from compliance.standard import loader
from compliance.storage.importer import import_source, import_sources
from compliance.storage.store import Store


@dataclass(frozen=True)
class Row:
    what: str
    seconds: float
    floor: str
    floor_seconds: float
    bound: float

    def text(self) -> str:
        ratio = self.seconds / self.floor_seconds
        verdict = "ok" if ratio <= self.bound else "MISSED"
        return f"{self.what:<58} {self.seconds * 1000:>9.1f} {self.floor_seconds * 1000:>9.1f} {ratio:>7.2f} {self.bound:>7.2f}  {verdict:<7} {self.floor}"


def median(repeat: int, work: Callable[[], object], after: Callable[[], object] = lambda: None) -> float:
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
        after()
    return statistics.median(times)


class Bench:
    def __init__(self, folder: Path, areas: int, quarters: int, repeat: int) -> None:
        self.standard = loader.load(PROJECT / "indicators.yaml")
        self.folder, self.areas, self.quarters, self.repeat = folder, areas, quarters, repeat
        self.level = self.standard.judged_levels[0]
        self.files = [data.write_quarter(self.standard, folder, areas, quarter) for quarter in range(quarters)]
        self.store = Store(folder / "bench.duckdb", self.standard)
        setup = [data.write_areas(self.standard, folder, areas), data.write_parameters(self.standard, folder, quarters)]
        import_sources(self.store, [Source.from_path(path) for path in [*setup, *self.files[:-1]]], user=local_user())

    def import_rows(self) -> list[Row]:
        """The newest quarter into a database that holds the others: tried, imported, and tried once more with other figures throughout."""
        source = Source.from_path(self.files[-1])
        plain = duckdb.connect(str(self.folder / "plain.duckdb"))
        floors, tries, times = [], [], []
        for _ in range(self.repeat):
            start = time.perf_counter()
            plain.execute(f"CREATE OR REPLACE TABLE quarter AS SELECT * FROM read_csv('{self.files[-1]}')")
            floors.append(time.perf_counter() - start)
            start = time.perf_counter()
            import_source(self.store, source, user=local_user(), dry_run=True)
            tries.append(time.perf_counter() - start)
            start = time.perf_counter()
            imported = import_source(self.store, source, user=local_user())
            times.append(time.perf_counter() - start)
            self.store.undo(imported.id or 0, user=local_user())
        import_source(self.store, source, user=local_user())
        plain.close()
        labels = [data.label(self.standard, quarter) for quarter in (self.quarters - 2, self.quarters - 1)]
        other = Source("other.csv", self.files[-2].read_text(encoding="utf-8").replace(*labels).encode())
        again = median(self.repeat, lambda: import_source(self.store, other, user=local_user(), dry_run=True))
        floor = ("read_csv into a table", statistics.median(floors))
        return [
            Row("import one quarter, durable and judged", statistics.median(times), *floor, 4),
            Row("try it: validate, tell what would change", statistics.median(tries), *floor, 3),
            Row("try other figures over it: all that would turn", again, *floor, 3),
        ]

    def judge_row(self) -> Row:
        cursor = self.store.cursor()
        floors, times = [], []
        for _ in range(self.repeat):
            start = time.perf_counter()
            cursor.execute(f'CREATE OR REPLACE TABLE copied AS SELECT * FROM "metrics_{self.level}"')
            floors.append(time.perf_counter() - start)
            start = time.perf_counter()
            deriving.judge_level(cursor, self.standard, self.level)
            times.append(time.perf_counter() - start)
        cursor.execute("DROP TABLE copied")
        return Row("judge everything from scratch", statistics.median(times), "CREATE TABLE AS SELECT * of the metrics", statistics.median(floors), 1.5)

    def page_queries(self) -> dict[str, float]:
        """Median seconds of each query behind a page, newest quarter."""
        standard, level = self.standard, self.level
        period = queries.all_periods(self.store.cursor())[-1]
        area_id = data.area_ids(self.areas)[self.areas // 2]
        questions: dict[str, Callable[[duckdb.DuckDBPyConnection], object]] = {
            "all_periods": queries.all_periods,
            "coverage": lambda c: queries.coverage(c, level, period),
            "badges": lambda c: queries.badges(c, standard, level, period),
            "compliance_by_domain": lambda c: queries.compliance_by_domain(c, standard, level, period),
            "most_missed": lambda c: queries.most_missed(c, standard, level, period),
            "domain_matrix": lambda c: queries.domain_matrix(c, standard, level, period),
            "verdict_of_area": lambda c: area_queries.verdict_of_area(c, standard, level, area_id, period),
            "indicators_of_area": lambda c: area_queries.indicators_of_area(c, standard, level, area_id, period),
        }
        for domain in standard.domains_of(level):
            members = domain.at(level)
            codes = [indicator.code for indicator in members]
            questions[f"criteria_of_area {domain.id}"] = lambda c, codes=codes: area_queries.criteria_of_area(c, standard, level, area_id, period, codes)
            questions[f"sources {domain.id}"] = lambda c, members=members: area_queries.sources(c, standard, level, area_id, period, members)
        return {name: median(self.repeat, lambda ask=ask: ask(self.store.cursor())) for name, ask in questions.items()}

    def asked_queries(self) -> list[tuple[str, asked.Asked]]:
        """Every question that a page asks when it is opened: its slowest call, seconds of the clock and of the processor, and who asked it."""
        ids = data.area_ids(self.areas)
        self.store.close()
        found = asked.asked(self.folder / "bench.duckdb", asked.views((ids[self.areas // 2], ids[0]), self.quarters + 2))
        self.store = Store(self.folder / "bench.duckdb", self.standard)
        slowest: dict[str, asked.Asked] = {}
        for each in (question.timed(self.store, self.repeat) for question in found):
            if each.name not in slowest or slowest[each.name].seconds < each.seconds:
                slowest[each.name] = each
        return sorted(slowest.items(), key=lambda item: -item[1].seconds)

    def rival_rows(self) -> list[str]:
        files = self.files[-4:]
        own = median(self.repeat, lambda: deriving.judge_level(self.store.cursor(), self.standard, self.level))
        lines = [f"{'this system: judge all quarters again, stored':<58} {own * 1000:>9.1f}"]
        for name, work in (("Polars: 4 CSV files → verdicts of one quarter, parquet", rivals.polars_verdicts), ("pandas: the same", rivals.pandas_verdicts)):
            seconds = median(self.repeat, lambda work=work: work(self.standard, files, self.folder / "rival.parquet"))
            lines.append(f"{name:<58} {seconds * 1000:>9.1f}")
        return lines


def peak_memory_of(work: Callable[[], object]) -> float:
    """The most resident memory in MB while work runs."""
    peak, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            peak = max(peak, pages * 4096 / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return peak


def print_queries(title: str, times: dict[str, float], bound: float) -> None:
    print(f"\n{title} (each ≤ {bound * 1000:.0f} ms)")
    for name, seconds in times.items():
        print(f"  {name:<40} {seconds * 1000:>8.1f} ms  {'ok' if seconds <= bound else 'MISSED'}")


def print_asked(found: list[tuple[str, asked.Asked]], bound: float) -> None:
    print(f"\nevery question that a page asks, its slowest call, cold (each ≤ {bound * 1000:.0f} ms)")
    print(f"  {'question':<46} {'ms':>8} {'CPU ms':>8}  {'':<7} asked by")
    for name, each in found:
        verdict = "ok" if each.seconds <= bound else "MISSED"
        print(f"  {name:<46} {each.seconds * 1000:>8.1f} {each.processor * 1000:>8.1f}  {verdict:<7} {each.page}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=7_000)
    parser.add_argument("--periods", type=int, default=12)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="also 100,000 areas × 4 periods: page queries and peak memory")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.areas, options.periods, options.repeat)
        rows = [*bench.import_rows(), bench.judge_row()]
        print(f"{options.areas:,} areas × {options.periods} periods × {len(bench.standard.metrics_of(bench.level))} metrics, median of {options.repeat}\n")
        print(f"{'what':<58} {'ms':>9} {'floor ms':>9} {'ratio':>7} {'bound':>7}")
        for row in rows:
            print(row.text())
        print_asked(bench.asked_queries(), 0.050)
        small = bench.page_queries()
        print("\nthe short way, for comparison (ms)")
        print("\n".join(bench.rival_rows()))
        bench.store.close()
    if options.large:
        _large(small)


def _large(small: dict[str, float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), 100_000, 4, 3)
        source = Source.from_path(bench.files[-1])
        peak = peak_memory_of(lambda: import_source(bench.store, source, user=local_user()))
        print(f"\n100,000 areas × 4 periods: import of one quarter peaks at {peak:,.0f} MB (bound 2,000)")
        print("  page queries against the smaller database (each ≤ 100 ms: twice the bound)")
        for name, seconds in bench.page_queries().items():
            ratio = seconds / small[name]
            print(f"  {name:<40} {seconds * 1000:>8.1f} ms {ratio:>6.2f}  {'ok' if seconds <= 0.1 else 'MISSED'}")
        bench.store.close()


if __name__ == "__main__":
    main()
