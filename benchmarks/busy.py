"""How others fare while one person hands in a million rows: python benchmarks/busy.py [--areas 10000] [--periods 100] [--small]

One tab hands the file in on the data page; another, with a session of its own, loads pages by their address before, meanwhile (while the file is checked,
and while it is imported) and afterwards. The table gives seconds until a page is shown: the median, the longest, and the median against the quiet one.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import data
from benchmarks.pages import FLAGS, Tab, make_database, started
from compliance.settings import PROJECT
from compliance.standard import loader

QUIET_ROUNDS, LONGEST, BOUND = 4, 1_800, 3.0
METRIC = "sewage_spots"
SHOWN = {"overview": "overview", "heatmap": "heatmap", "community": "one community"}
PHASES = ("quiet", "checking", "importing", "afterwards")


def write_rows(path: Path, areas: int, periods: int) -> Path:
    """One figure for every area in the periods before those that the database holds."""
    standard = loader.load(PROJECT / "indicators.yaml")
    with path.open("w", encoding="utf-8") as file:
        file.write(f"area_id,period,{METRIC}\n")
        for number in range(-periods, 0):
            label = data.label(standard, number)
            file.writelines(f"{area},{label},{(place + number) % 7}\n" for place, area in enumerate(data.area_ids(areas)))
    return path


class Office:
    """One clerk and one visitor of the same server."""

    def __init__(self, chromium: Browser, address: str, areas: int) -> None:
        self.address = address
        self.clerk, self.visitor = (Tab.of(chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")) for _ in range(2))
        # Another community each time, so that no answer is at hand already.
        self.areas = itertools.cycle(data.area_ids(areas)[7::13])
        self.seconds: dict[tuple[str, str], list[float]] = {}

    def visit(self, phase: str) -> None:
        addresses = {"overview": "/", "heatmap": "/heatmap", "community": f"/community?area={next(self.areas)}"}
        for name, path in addresses.items():
            seconds = self.visitor.load(f"{self.address}{path}{'&' if '?' in path else '?'}lang=zh", SHOWN[name])
            self.seconds.setdefault((phase, name), []).append(seconds)
            self.visitor.page.wait_for_timeout(200)

    def visit_until(self, phase: str, is_over: Callable[[], bool]) -> float:
        """Visits until the clerk's page says that it is over; seconds that it took."""
        start = time.perf_counter()
        while not is_over():
            if time.perf_counter() - start > LONGEST:
                raise RuntimeError(f"{phase} takes longer than {LONGEST} s")
            self.visit(phase)
        return time.perf_counter() - start

    def hand_in(self, file: Path) -> Iterator[tuple[str, float]]:
        page: Page = self.clerk.page
        page.goto(f"{self.address}/data?lang=zh")
        page.locator("input[type=file]").set_input_files(file)
        confirm, refused, done = page.get_by_role("button", name="确认导入"), page.locator(".refused"), page.get_by_text("已导入 1 个文件")
        yield "checking", self.visit_until("checking", lambda: confirm.is_visible() or refused.is_visible())
        if refused.is_visible():
            raise RuntimeError(refused.inner_text())
        for tick in page.get_by_test_id("stCheckbox").all():
            tick.locator("label").click()
            page.wait_for_timeout(1_000)
        confirm.click()
        yield "importing", self.visit_until("importing", done.is_visible)

    def table(self) -> Iterator[str]:
        yield f"{'page':<12} {'':<12} {'loads':>6} {'median s':>9} {'longest s':>10} {'ratio':>6}"
        for name in SHOWN:
            quiet = statistics.median(self.seconds["quiet", name])
            for phase in PHASES:
                times = self.seconds.get((phase, name), [])
                if times:
                    middle = statistics.median(times)
                    verdict = "ok" if middle <= BOUND * quiet else "MISSED"
                    yield f"{name:<12} {phase:<12} {len(times):>6} {middle:>9.2f} {max(times):>10.2f} {middle / quiet:>6.2f}  {verdict}"


def most_memory(process_id: int) -> float:
    """The most resident memory in MB that a process has had."""
    line = next(line for line in Path(f"/proc/{process_id}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=10_000)
    parser.add_argument("--periods", type=int, default=100)
    parser.add_argument("--small", action="store_true", help="500 areas × 40 periods")
    options = parser.parse_args()
    areas, periods = (500, 40) if options.small else (options.areas, options.periods)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        file = write_rows(folder / "rows.csv", areas, periods)
        own = {"COMPLIANCE_DB": str(make_database(folder, areas, 2)), "COMPLIANCE_INDICATORS": str(PROJECT / "indicators.yaml"), "COMPLIANCE_SAMPLE": "no"}
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        with started("dashboard.py", PROJECT, own) as (address, process_id):
            office = Office(chromium, address, areas)
            office.visit("warming up")
            before = most_memory(process_id)
            for _ in range(QUIET_ROUNDS):
                office.visit("quiet")
            print(f"{areas * periods:,} rows, {file.stat().st_size / 1024**2:.1f} MB, {areas:,} areas", flush=True)
            for phase, seconds in office.hand_in(file):
                print(f"{phase}: {seconds:.0f} s, the server's memory so far at most {most_memory(process_id):,.0f} MB (before: {before:,.0f})", flush=True)
            for _ in range(QUIET_ROUNDS):
                office.visit("afterwards")
        chromium.close()
    print("\n".join(office.table()))


if __name__ == "__main__":
    main()
