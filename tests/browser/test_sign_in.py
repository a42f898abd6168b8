"""Signing in, with a provider on this computer: who gets in, as what, to which page; and who does not."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import district
import pytest
from playwright.sync_api import Browser, Page, expect
from waiting import settled

from compliance.access import local_user
from compliance.storage.importer import import_source
from compliance.storage.store import Store

WAIT = 60_000
HOST = "127.0.0.1"
PEOPLE = [
    {"sub": "li", "email": "li@example.org", "email_verified": True},
    {"sub": "wang", "email": "wang@example.org"},
    {"sub": "zhao", "email": "zhao@example.org", "groups": ["everyone"]},
    {"sub": "stranger", "email": "stranger@example.org"},
    {"sub": "forger", "email": "li@example.org", "email_verified": False},
]
ACCESS = """
[roles]
claim = "groups"
viewer = ["everyone"]

[[people]]
id = "li@example.org"
role = "admin"

[[people]]
id = "wang@example.org"
role = "editor"
areas = ["S01"]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An OpenID provider that believes whoever says who they are."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for person in PEOPLE:
        command += ["--user-claims", json.dumps(person)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    urllib.request.urlopen(f"http://{HOST}:{port}/.well-known/openid-configuration", timeout=2).close()
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


@dataclass(frozen=True)
class Guarded:
    """The app with sign-in, its access list and its log."""

    address: str
    access: Path
    log: Path

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: str, serve: Callable[..., AbstractContextManager[str]]) -> Iterator[Guarded]:
    folder, port = tmp_path_factory.mktemp("guarded"), free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f"""
        [auth]
        redirect_uri = "http://{HOST}:{port}/oauth2callback"
        cookie_secret = "{"s" * 40}"
        client_id = "dashboard"
        client_secret = "not a secret"
        server_metadata_url = "{provider}/.well-known/openid-configuration"
        """,
        encoding="utf-8",
    )
    access, log = folder / "access.toml", folder / "log.jsonl"
    access.write_text(ACCESS, encoding="utf-8")
    (folder / "small.yaml").write_text(district.TEXT, encoding="utf-8")
    with Store(folder / "app.duckdb", district.STANDARD) as store:
        import_source(store, district.areas(), user=local_user())
        import_source(store, district.small_import(1), user=local_user())
    environment = {
        "COMPLIANCE_INDICATORS": str(folder / "small.yaml"),
        "COMPLIANCE_ACCESS": str(access),
        "COMPLIANCE_LOG": str(log),
        "AUTHLIB_INSECURE_TRANSPORT": "1",
    }
    # With sign-in the server may listen everywhere: here it does.
    with serve(folder, environment, f"--secrets.files={secrets}", "--server.address=0.0.0.0", port=port) as address:
        yield Guarded(address, access, log)


@pytest.fixture
def visit(chromium: Browser, guarded: Guarded) -> Iterator[Callable[[str], Page]]:
    """visit("/gaps"): a browser that nobody has signed in with yet."""
    contexts = []

    def visiting(address: str) -> Page:
        contexts.append(chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000}))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.goto(guarded.address + address)
        return page

    yield visiting
    for context in contexts:
        context.close()


def sign_in(page: Page, sub: str) -> None:
    expect(page.locator(".opening h1")).to_have_text(["请先登录"])
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name=sub, exact=True).click()


def test_a_stranger_sees_nothing_before_signing_in(visit: Callable[[str], Page]) -> None:
    page = visit("/gaps?lang=zh")
    expect(page.locator(".opening h1")).to_have_text(["请先登录"])
    assert page.locator("[data-testid=stSidebar] .brand").count() == 0
    assert "小标准" not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("sub", "role", "who"),
    [("li", "admin", "管理员"), ("wang", "editor", "填报员（负责：S01）"), ("zhao", "viewer", "只读用户")],
)
def test_each_comes_in_as_what_the_list_says(visit: Callable[[str], Page], guarded: Guarded, sub: str, role: str, who: str) -> None:
    """The log tells who came in, and no more about them."""
    page = visit("/?lang=zh")
    sign_in(page, sub)
    expect(page.get_by_text(f"{sub}@example.org · {who}", exact=True)).to_be_visible()
    came = [line for line in guarded.lines() if line["message"] == "came in"][-1]
    assert (came["user"], came["role"]) == (f"{sub}@example.org", role)
    assert came.keys() == {"at", "level", "logger", "message", "user", "role"}


def test_a_link_leads_to_its_page_after_signing_in(visit: Callable[[str], Page]) -> None:
    page = visit("/community?lang=en&area=C2&period=2025Q2")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="zhao", exact=True).click()
    expect(page.locator(".opening h1")).to_contain_text(["二社区"])
    assert re.search(r"/community\?lang=en&area=C2&period=2025Q2$", page.url)


@pytest.mark.parametrize(("sub", "why"), [("stranger", "stranger@example.org”登录，但名单上没有您"), ("forger", "没有核实“li@example.org”")])
def test_who_is_not_on_the_list_is_told_so_and_sees_nothing(visit: Callable[[str], Page], guarded: Guarded, sub: str, why: str) -> None:
    page = visit("/?lang=zh")
    sign_in(page, sub)
    expect(page.locator(".opening h1")).to_have_text(["不能打开"])
    expect(page.locator(".problems")).to_contain_text([why])
    assert page.locator("[role=grid]").count() == 0
    assert [line["why"] for line in guarded.lines() if line["message"] == "turned away"][-1] in ("access.unlisted", "access.unverified")


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(visit: Callable[[str], Page], guarded: Guarded) -> None:
    page = visit("/?lang=zh")
    sign_in(page, "wang")
    expect(page.get_by_text("wang@example.org · 填报员")).to_be_visible()
    guarded.access.write_text(ACCESS.replace('id = "wang@example.org"', 'id = "nobody@example.org"'), encoding="utf-8")
    try:
        page.get_by_role("link", name="趋势").click()
        expect(page.locator(".opening h1")).to_have_text(["不能打开"])
        guarded.access.write_text(ACCESS + "[broken", encoding="utf-8")
        page.reload()
        expect(page.locator(".problems")).to_contain_text(["人员名单现在不能使用"])
        assert "broken" not in page.locator("body").inner_text()
    finally:
        guarded.access.write_text(ACCESS, encoding="utf-8")
    page.reload()
    expect(page.get_by_text("wang@example.org · 填报员")).to_be_visible()


def test_no_cell_is_opened_for_who_was_removed(visit: Callable[[str], Page], guarded: Guarded) -> None:
    """A panel is made without the rest of the page."""
    page = visit("/heatmap?lang=zh&view=streets")
    sign_in(page, "wang")
    cells = page.locator("[role=grid] [role=gridcell]")
    expect(cells.first).to_be_visible()
    settled(page)
    cells.nth(0).click()
    expect(page.locator(".panel h2")).to_be_visible()
    settled(page)
    guarded.access.write_text(ACCESS.replace('id = "wang@example.org"', 'id = "nobody@example.org"'), encoding="utf-8")
    try:
        cells.nth(3).click()
        expect(page.locator(".problems")).to_contain_text(["名单上没有您"])
        expect(page.locator(".panel")).to_have_count(0)
    finally:
        guarded.access.write_text(ACCESS, encoding="utf-8")


def test_signing_out_closes_the_door(visit: Callable[[str], Page], guarded: Guarded) -> None:
    page = visit("/?lang=zh")
    sign_in(page, "li")
    expect(page.get_by_text("li@example.org · 管理员")).to_be_visible()
    settled(page)  # a click on a page that is still being built is lost
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile("end_session"))  # the provider asks whether to sign out there too
    page.goto(guarded.address + "/gaps?lang=zh")
    expect(page.locator(".opening h1")).to_have_text(["请先登录"])


def test_a_monitor_asks_without_signing_in_and_learns_nothing_of_the_data(guarded: Guarded) -> None:
    with urllib.request.urlopen(f"{guarded.address}/health", timeout=30) as answer:
        told = json.loads(answer.read())
    assert told["status"] in ("ok", "low_disk")
    assert set(told) == {"status", "version", "schema_version", "standard", "data_as_of", "free_disk_mb"}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_without_sign_in_what_a_proxy_passes_on_is_turned_away(chromium: Browser, server: str, header: str) -> None:
    context = chromium.new_context(locale="zh-CN", extra_http_headers={header: "10.0.0.9"})
    page = context.new_page()
    page.goto(server + "/?lang=zh")
    expect(page.locator(".opening h1")).to_have_text(["不能打开"])
    assert page.locator("[role=grid]").count() == 0
    context.close()


def test_without_sign_in_the_server_does_not_start_for_others(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={free_port()}", "--server.address=0.0.0.0"]
    environment = {**os.environ, "COMPLIANCE_DB": str(tmp_path / "d.duckdb")}
    done = subprocess.run(command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "没有启动：地址 0.0.0.0" in done.stderr
    assert not (tmp_path / "d.duckdb").exists()
