"""Speed in a real browser as ratios against Streamlit itself, in one run: python benchmarks/pages.py [--areas 96 7000] [--periods 8] [--repeat 5]

The floors are a trivial page, a typical one (4 metrics, 2 Plotly charts, a table of 100 rows) and an empty rerun, each served and measured like ours. A machine is
never equally busy for long, so every round measures the floors several times between our pages, in another order each time, and a ratio is taken within its round;
the table gives the median of the rounds and, in brackets, the lowest and the highest. 96 areas are the sample; any other number is made up.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, BrowserContext, Error, Page, WebSocket, sync_playwright

from benchmarks import data
from compliance.access import local_user
from compliance.files.reading import Source
from compliance.settings import PROJECT
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
SAMPLE_AREAS, WAIT = 96, 60_000
LOADS_A_ROUND, CANDIDATES_A_FLOOR = 2, 4
LOAD_RATIO, SWITCH_RATIO, CLICK_RATIO, CLICK_SECONDS, PAGE_KB = 1.5, 1.2, 2.0, 0.5, 400

TRIVIAL = """import streamlit as st
st.title("Trivial")
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.button("Again")
st.html(f'<p id="runs">{st.session_state.runs}</p>')
"""
BARE = """import streamlit as st
st.title("Bare")
with st.sidebar:
    st.page_link("bare.py", label="Bare")
    st.page_link("pages/typical.py", label="Typical")
"""
TYPICAL = """import pandas as pd
import plotly.express as px
import streamlit as st
st.title("Typical")
with st.sidebar:
    st.page_link("bare.py", label="Bare")
    st.page_link("pages/typical.py", label="Typical")
table = pd.DataFrame({"area": [f"Area {n}" for n in range(100)], **{f"figure {c}": [(n * c) % 17 for n in range(100)] for c in range(1, 8)}})
for number, column in enumerate(st.columns(4), 1):
    column.metric(f"figure {number}", int(table[f"figure {number}"].sum()), number)
left, right = st.columns(2)
left.plotly_chart(px.bar(table.head(20), x="area", y="figure 1"))
right.plotly_chart(px.line(table.head(20), x="area", y="figure 2"))
st.dataframe(table)
"""

# What must be there, as selector → how many at least, before a page counts as shown; its run has ended, too.
TITLE, CHART, GRID = ".opening h1", ".js-plotly-plot .main-svg", "[role=grid] [role=gridcell]"
NEEDS: dict[str, dict[str, int]] = {
    "trivial": {"h1": 1, "#runs": 1},
    "bare": {"h1": 1},
    "typical": {"h1": 1, "[data-testid=stMetric]": 4, ".js-plotly-plot": 2, CHART: 2, "[data-testid=stDataFrame] canvas": 1},
    "overview": {TITLE: 1, GRID: 1},
    "heatmap": {TITLE: 1, GRID: 1},
    "trends": {TITLE: 1, ".panels .plot": 2},
    "community": {TITLE: 1, ".areas": 1},
    "indicator": {TITLE: 1, CHART: 1, GRID: 1},
    "gaps": {TITLE: 1, CHART: 1},
    "compare": {TITLE: 1},
    "definitions": {TITLE: 1, "details": 1},
    "one community": {TITLE: 1, ".findings": 1},
    "two compared": {TITLE: 1, CHART: 1},
    "panel": {".panel h2": 1},
}
MENU = {
    "heatmap": "heatmap",
    "trends": "trends",
    "community": "community",
    "indicator": "indicator",
    "gaps": "gaps",
    "compare": "compare",
    "definitions": "definitions",
}

# Runs in the page: seconds are counted there, so that the way through Playwright is not.
WATCH = """
window.bench = {
  count(selector, root = document) {
    let found = root.querySelectorAll(selector).length;
    for (const element of root.querySelectorAll("div")) if (element.shadowRoot) found += this.count(selector, element.shadowRoot);
    return found;
  },
  first(selector, root = document) {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const element of root.querySelectorAll("div")) {
      const deeper = element.shadowRoot && this.first(selector, element.shadowRoot);
      if (deeper) return deeper;
    }
    return null;
  },
  title() { return document.querySelector("[data-testid=stMain] h1")?.textContent ?? ""; },
  idle() { return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"; },
  shown(needs) { return Object.entries(needs).every(([selector, least]) => this.count(selector) >= least); },
  async until(condition) {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 8));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now();
  },
  load(needs) { return this.until(() => this.idle() && this.shown(needs)); },
  async press(target, needs) {
    const before = this.title(), start = performance.now();
    target.click();
    return (await this.until(() => this.title() !== before && this.idle() && this.shown(needs))) - start;
  },
  async open(target, needs) {
    const start = performance.now();
    target.click();
    return (await this.until(() => this.shown(needs))) - start;
  },
  async again(target) {
    const count = () => document.getElementById("runs").textContent;
    const before = count(), start = performance.now();
    target.click();
    return (await this.until(() => count() !== before)) - start;
  },
};
"""


@dataclass
class Tab:
    """A page of the browser that weighs what goes over its websocket."""

    page: Page
    weight: int = 0

    @classmethod
    def of(cls, context: BrowserContext) -> Tab:
        tab = cls(context.new_page())
        tab.page.set_default_timeout(WAIT)
        tab.page.add_init_script(WATCH)
        tab.page.on("websocket", tab._listen)
        return tab

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._weigh)
        socket.on("framesent", self._weigh)

    def _weigh(self, frame: str | bytes) -> None:
        self.weight += len(frame.encode() if isinstance(frame, str) else frame)

    def load(self, address: str, what: str) -> float:
        self.page.goto(address, wait_until="commit")
        return self._timed("needs => bench.load(needs)", NEEDS[what])

    def press(self, target: str, what: str) -> float:
        """A click that leads to another page; target: a selector."""
        return self._timed("([target, needs]) => bench.press(bench.first(target), needs)", [target, NEEDS[what]])

    def open(self, target: str, what: str) -> float:
        return self._timed("([target, needs]) => bench.open(bench.first(target), needs)", [target, NEEDS[what]])

    def again(self) -> float:
        return self._timed("() => bench.again(document.querySelector('[data-testid=stButton] button'))", None)

    def settle(self) -> None:
        """Whatever still goes on after a page is shown must not weigh on the next measurement."""
        self.page.wait_for_timeout(300)

    def _timed(self, script: str, argument: object) -> float:
        limited = f"async argument => Promise.race([({script})(argument), new Promise((_, no) => setTimeout(() => no(new Error('never shown')), {WAIT}))])"
        try:
            return float(self.page.evaluate(limited, argument)) / 1000
        except Error as error:
            raise RuntimeError(f"{self.page.url}: {argument} not shown") from error


@dataclass
class Measured:
    """Seconds of every round and bytes of every repetition, by what was done."""

    rounds: list[defaultdict[str, list[float]]] = field(default_factory=list)
    bytes: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def median(self, what: str) -> float:
        return statistics.median(seconds for each in self.rounds for seconds in each[what])

    def ratios(self, what: str, floor: str) -> list[float]:
        """One a round, in ascending order."""
        return sorted(statistics.median(each[what]) / statistics.median(each[floor]) for each in self.rounds)


class Bench:
    """floors: the addresses of the trivial and the typical page; ours: that of the dashboard; area and its neighbour are any two of its areas."""

    def __init__(self, chromium: Browser, trivial: str, typical: str, ours: str, areas: tuple[str, str]) -> None:
        self.chromium, self.trivial, self.typical, self.ours, self.areas = chromium, trivial, typical, ours, areas
        self.measured = Measured()

    def warm_up(self) -> None:
        """What a server does only once in its life is not measured."""
        with self._context() as context:
            tab = Tab.of(context)
            tab.load(self.trivial, "trivial")
            tab.load(f"{self.typical}/typical", "typical")
            tab.load(f"{self.ours}/?lang=zh", "overview")
            for name in MENU:
                tab.load(f"{self.ours}/{name}?lang=zh", name)

    def round(self) -> None:
        self.measured.rounds.append(defaultdict(list))
        order = random.Random(len(self.measured.rounds))
        loads = [("trivial", self.trivial), ("overview", f"{self.ours}/?lang=zh")] * LOADS_A_ROUND
        for what, address in order.sample(loads, len(loads)):
            self._loads(what, address)
        with self._context() as context:
            Tab.of(context).load(f"{self.typical}/typical", "typical")
            Tab.of(context).load(f"{self.ours}/?lang=zh", "overview")
            floors, ours = self._floors(context), self._ours(context)
            for place, measure in enumerate(order.sample(ours, len(ours))):
                if place % CANDIDATES_A_FLOOR == 0:
                    for floor in floors:
                        floor()
                measure()

    def _floors(self, context: BrowserContext) -> list[Callable[[], None]]:
        return [
            partial(self._switch, context, "typical", self.typical, "bare", "a[href*=typical]", "typical"),
            partial(self._weighed, context, "typical by address", f"{self.typical}/typical", "typical"),
            partial(self._empty_rerun, context),
        ]

    def _ours(self, context: BrowserContext) -> list[Callable[[], None]]:
        area, other = self.areas
        home, panel = f"{self.ours}/?lang=zh", f"{self.ours}/heatmap?lang=zh&area={area}&indicator=2.5"
        switches = [partial(self._switch, context, name, home, "overview", f".menu a[href*='{path}']", name) for name, path in MENU.items()]
        return [
            *switches,
            partial(self._switch, context, "one community", panel, "panel", ".panel .links a[href*='community']", "one community"),
            partial(self._weighed, context, "two compared", f"{self.ours}/compare?lang=zh&areas={area},{other}", "two compared"),
            partial(self._click, context),
            partial(self._click, context),
        ]

    def _loads(self, what: str, address: str) -> None:
        with self._context() as context:
            for way in ("cold", "warm"):
                self._weighed(context, f"{what} {way}", address, what)

    def _weighed(self, context: BrowserContext, name: str, address: str, what: str) -> None:
        tab = Tab.of(context)
        self._note(tab, name, tab.load(address, what), 0)

    def _switch(self, context: BrowserContext, name: str, start: str, start_what: str, target: str, what: str) -> None:
        tab = Tab.of(context)
        tab.load(start, start_what)
        tab.settle()
        before = tab.weight
        self._note(tab, name, tab.press(target, what), before)

    def _empty_rerun(self, context: BrowserContext) -> None:
        tab = Tab.of(context)
        tab.load(self.trivial, "trivial")
        tab.settle()
        before = tab.weight
        self._note(tab, "empty rerun", tab.again(), before)

    def _click(self, context: BrowserContext) -> None:
        tab = Tab.of(context)
        tab.load(f"{self.ours}/heatmap?lang=zh&view=environment", "heatmap")
        tab.settle()
        before = tab.weight
        self._note(tab, "click to panel", tab.open("[role=grid] .unmet[role=gridcell]", "panel"), before)

    def _note(self, tab: Tab, name: str, seconds: float, before: int) -> None:
        tab.settle()
        self.measured.rounds[-1][name].append(seconds)
        self.measured.bytes[name].append(tab.weight - before)
        tab.page.close()

    @contextmanager
    def _context(self) -> Iterator[BrowserContext]:
        context = self.chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        yield context
        context.close()

    # -- telling ------------------------------------------------------------------------------------------------

    def table(self) -> Iterator[str]:
        yield f"{'what':<34} {'ms':>7} {'floor ms':>9} {'ratio':>6} {'lowest–highest':>16} {'bound':>6}  {'':<7} {'kB':>6} {'≤ kB':>5}"
        for way in ("cold", "warm"):
            yield self._line(f"overview {way}", f"trivial {way}", LOAD_RATIO)
        for name in (*MENU, "one community"):
            yield self._line(name, "typical", SWITCH_RATIO)
        yield self._line("two compared", "typical by address", SWITCH_RATIO)
        yield self._line("click to panel", "empty rerun", CLICK_RATIO, CLICK_SECONDS)
        yield f"{'typical page, for comparison':<34} {self.measured.median('typical') * 1000:>7.0f} {'':<50} {self._kb('typical'):>6.0f}"

    def _line(self, name: str, floor: str, bound: float, most: float | None = None) -> str:
        seconds, floor_seconds = self.measured.median(name), self.measured.median(floor)
        ratios, kb = self.measured.ratios(name, floor), self._kb(name)
        ratio, spread = statistics.median(ratios), f"({ratios[0]:.2f}–{ratios[-1]:.2f})"
        verdict = "ok" if ratio <= bound and (most is None or seconds <= most) else "MISSED"
        limit = "" if most is None else f"  ≤ {most * 1000:.0f} ms: {'ok' if seconds <= most else 'MISSED'}"
        weight = "ok" if kb <= PAGE_KB else "MISSED"
        return f"{name:<34} {seconds * 1000:>7.0f} {floor_seconds * 1000:>9.0f} {ratio:>6.2f} {spread:>16} {bound:>6.2f}  {verdict:<7} {kb:>6.0f} {PAGE_KB:>5}  {weight:<7}{limit}"

    def _kb(self, name: str) -> float:
        return max(self.measured.bytes[name]) / 1000


@contextmanager
def served(script: str, cwd: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A Streamlit server of its own on a free port; gives its address."""
    with started(script, cwd, environment) as (address, _):
        yield address


@contextmanager
def started(script: str, cwd: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The same; gives its address and the id of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    with subprocess.Popen(command, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address, process.pid
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT / 1000
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server of {address} did not start")


def write_floor(folder: Path, scripts: Mapping[str, str]) -> Path:
    """A Streamlit project with our settings and nothing of ours else."""
    shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit")
    for name, script in scripts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(script, encoding="utf-8")
    return folder


def make_database(folder: Path, areas: int, quarters: int) -> Path:
    standard = loader.load(PROJECT / "indicators.yaml")
    files = [data.write_areas(standard, folder, areas), data.write_parameters(standard, folder, quarters)]
    files += [data.write_quarter(standard, folder, areas, quarter) for quarter in range(quarters)]
    store = Store(folder / "bench.duckdb", standard)
    try:
        import_sources(store, [Source.from_path(path) for path in files], user=local_user())
    finally:
        store.close()
    return folder / "bench.duckdb"


def measure(chromium: Browser, areas: int, quarters: int, repeat: int) -> Bench:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        is_sample = areas == SAMPLE_AREAS
        database = folder / "sample.duckdb" if is_sample else make_database(folder, areas, quarters)
        # An empty database gets the sample when the server starts.
        own = {"COMPLIANCE_DB": str(database), "COMPLIANCE_INDICATORS": str(PROJECT / "indicators.yaml"), "COMPLIANCE_SAMPLE": "yes" if is_sample else "no"}
        (folder / "trivial").mkdir()
        (folder / "typical").mkdir()
        trivial = stack.enter_context(served("trivial.py", write_floor(folder / "trivial", {"trivial.py": TRIVIAL}), {}))
        typical = stack.enter_context(served("bare.py", write_floor(folder / "typical", {"bare.py": BARE, "pages/typical.py": TYPICAL}), {}))
        ours = stack.enter_context(served("dashboard.py", PROJECT, own))
        ids = ("C0302", "C0301") if is_sample else (data.area_ids(areas)[areas // 2], data.area_ids(areas)[0])
        bench = Bench(chromium, trivial, typical, ours, ids)
        bench.warm_up()
        for _ in range(repeat):
            bench.round()
        return bench


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, nargs="+", default=[SAMPLE_AREAS])
    parser.add_argument("--periods", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        for areas in options.areas:
            bench = measure(chromium, areas, options.periods, options.repeat)
            print(f"\n{areas:,} areas, rounds: {options.repeat}; medians, and the heaviest page of all\n")
            print("\n".join(bench.table()), flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
