"""The app as people meet it: one server and one Chromium a session, and tabs that notice what must not happen."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

PROJECT = Path(__file__).parents[2]
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
WAIT = 60_000
Serve = Callable[..., AbstractContextManager[str]]
KeepTab = Callable[[str], AbstractContextManager["Tab"]]
# On a page's own address Streamlit first asks for its server below that address, then at the root: the first answer is a 404 by design.
PROBES = tuple(f"/{script.stem}/_stcore/{probe}" for script in (PROJECT / "pages").glob("*.py") for probe in ("health", "host-config"))


@dataclass
class Tab:
    """A page of the browser with everything it complained about and everyone it spoke to."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Tab:
        tab = cls(page)
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("console", lambda message: tab._hear(message.type, message.text, message.location["url"]))
        page.on("request", lambda request: tab._watch(request.url))
        page.on("websocket", lambda socket: tab._watch(socket.url))
        return tab

    def _hear(self, kind: str, text: str, url: str) -> None:
        if kind == "error" and urlsplit(url).path not in PROBES:
            self.complaints.append(f"{text} ({url})")

    def _watch(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.strangers.append(url)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], address: str, folder: Path, environment: dict[str, str], health: str = "/_stcore/health") -> Iterator[str]:
    """A server of our own, until it is no longer needed; gives its address. It may not have lost an exception."""
    log = folder / "log.txt"
    with log.open("wb") as out, subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            _wait_for(address + health, process, log)
            yield address
        finally:
            process.terminate()
    log_text = log.read_text(encoding="utf-8")
    assert "Traceback" not in log_text, log_text[-3000:]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """serve(folder, environment, *flags): the app on a free port, or on the one that the flags name."""

    def serving(folder: Path, environment: Mapping[str, str], *flags: str, port: int = 0) -> AbstractContextManager[str]:
        at = port or free_port()
        command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={at}", *flags]
        own = {"COMPLIANCE_DB": str(folder / "app.duckdb"), "COMPLIANCE_INDICATORS": str(PROJECT / "indicators.yaml")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
        return running(command, f"http://127.0.0.1:{at}", folder, {**kept, **own, **environment})

    return serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[str]:
    """The app on a free port with a database that does not exist yet; gives its address."""
    with serve(tmp_path_factory.mktemp("app"), {}) as address:
        yield address


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + WAIT / 1000
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def open_anywhere(chromium: Browser) -> Iterator[Callable[..., Tab]]:
    """open_anywhere("http://…", width=390): a tab at an address. At the end no tab may have complained or spoken to a stranger."""
    tabs: list[Tab] = []

    def open_(address: str, *, width: int = 1440, height: int = 900, locale: str = "zh-CN", theme: str = "light") -> Tab:
        context = chromium.new_context(viewport=ViewportSize(width=width, height=height), locale=locale, color_scheme=theme)  # type: ignore[arg-type]
        tabs.append(Tab.of(context.new_page()))
        tabs[-1].page.goto(address)
        return tabs[-1]

    yield open_
    for tab in tabs:
        tab.page.context.close()
    assert [complaint for tab in tabs for complaint in tab.complaints] == []
    assert [stranger for tab in tabs for stranger in tab.strangers] == []


@pytest.fixture
def open_tab(open_anywhere: Callable[..., Tab], server: str) -> Callable[..., Tab]:
    """open_tab("/?lang=zh", width=390): a tab at an address of the app."""
    return lambda address, **look: open_anywhere(server + address, **look)


@pytest.fixture(scope="session")
def keep_tab(chromium: Browser) -> KeepTab:
    """keep_tab(address): one tab that visits page after page of a server (`page.goto("/gaps?lang=en")`)."""

    @contextmanager
    def keeping(address: str) -> Iterator[Tab]:
        context = chromium.new_context(base_url=address, locale="zh-CN")
        yield Tab.of(context.new_page())
        context.close()

    return keeping


@pytest.fixture(scope="module")
def kept_tab(keep_tab: KeepTab, server: str) -> Iterator[Tab]:
    """One tab of the app for a whole test file."""
    with keep_tab(server) as tab:
        yield tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first screen's tests come before the other browser tests: the server's database is new only once."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[place] for place in places), key=lambda item: item.path.stem != "test_first_screen")
    for place, item in zip(places, ordered, strict=True):
        items[place] = item
