"""What surrounds the pages: health, log lines with incident numbers, and the way back after sign-in."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import district
import httpx
import pytest
from app_pages import html_of
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from compliance import logs, texts
from compliance.errors import Problem, StoreError
from compliance.screen import returning
from compliance.screen.returning import ReturnAfterSignIn
from compliance.server import health
from compliance.server.serving import Opened
from compliance.server.uploading import Work
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
HOST = "dash.example.org"
HOME = f"https://{HOST}"


# -- the way back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("referer", "goal"),
    [
        (f"{HOME}/community?lang=zh&area=C0302", "/community?lang=zh&area=C0302"),
        (f"{HOME}/", "/"),
        (f"http://{HOST}/gaps", "/gaps"),
        (f"{HOME}/base/gaps?x=%E6%9C%88", "/base/gaps?x=%E6%9C%88"),
        ("", None),
        ("https://elsewhere.example.org/gaps", None),
        (f"https://{HOST}.evil.org/gaps", None),
        (f"https://user@{HOST}/gaps", None),
        (f"{HOME}//elsewhere.example.org", None),
        (f"{HOME}/\\elsewhere.example.org", None),
        (f"{HOME}/a?b=\x00", None),
        (f"{HOME}/" + "x" * 3000, None),
        ("javascript:alert(1)", None),
    ],
)
def test_only_pages_of_this_server_are_gone_back_to(referer: str, goal: str | None) -> None:
    assert returning.goal_of(referer, HOST) == goal


def provider_app(base: str = "") -> httpx.AsyncClient:
    """Streamlit's three answers, without a provider."""

    async def login(_request: Request) -> Response:
        return RedirectResponse("https://provider.example.org/authorize", 302)

    async def callback(request: Request) -> Response:
        return RedirectResponse(request.query_params.get("to", f"{base}/"), 302)

    async def page(_request: Request) -> Response:
        return PlainTextResponse("page")

    routes = [Route(f"{base}/auth/login", login), Route(f"{base}/oauth2callback", callback), Route(f"{base}/gaps", page)]
    app = Starlette(routes=routes, middleware=[Middleware(ReturnAfterSignIn)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME, follow_redirects=False)


@pytest.mark.parametrize("base", ["", "/board"])
def test_who_came_by_a_link_returns_to_it_once(base: str) -> None:
    async def visit() -> None:
        async with provider_app(base) as client:
            asked = await client.get(f"{base}/auth/login", headers={"Referer": f"{HOME}{base}/gaps?in=S01&lang=zh"})
            assert asked.headers["location"] == "https://provider.example.org/authorize"
            assert f"Path={base}/; HttpOnly; SameSite=Lax" in asked.headers["set-cookie"]
            assert (await client.get(f"{base}/oauth2callback")).headers["location"] == f"{base}/gaps?in=S01&lang=zh"
            assert (await client.get(f"{base}/oauth2callback")).headers["location"] == f"{base}/"
            assert (await client.get(f"{base}/gaps")).headers.get("set-cookie") is None

    asyncio.run(visit())


@pytest.mark.parametrize("kept", ["//elsewhere.example.org", "https://elsewhere.example.org", "/%5Celsewhere", "%2F%2Felsewhere", "", '"'])
def test_a_forged_goal_is_not_followed(kept: str) -> None:
    async def visit() -> str:
        async with provider_app() as client:
            return (await client.get("/oauth2callback", headers={"Cookie": f"{returning.COOKIE}={kept}"})).headers["location"]

    assert asyncio.run(visit()) == "/"


def test_other_redirects_of_the_provider_stay() -> None:
    async def visit() -> str:
        async with provider_app() as client:
            await client.get("/auth/login", headers={"Referer": f"{HOME}/gaps"})
            return (await client.get("/oauth2callback?to=/elsewhere")).headers["location"]

    assert asyncio.run(visit()) == "/elsewhere"


# -- the log ------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "dashboard.jsonl"
    kept = {name: (logging.getLogger(name).handlers, logging.getLogger(name).filters[:]) for name in ["compliance", *logging.Logger.manager.loggerDict]}
    logs.start(path)
    yield path
    for handler in logs.OURS.handlers:
        handler.close()
    for name, (handlers, filters) in kept.items():
        logging.getLogger(name).handlers, logging.getLogger(name).filters = handlers, filters


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ours(path: Path) -> list[dict[str, object]]:
    """Without what Streamlit remarks about being tested."""
    return [line for line in lines(path) if line["logger"] == "compliance"]


def test_an_incident_is_found_by_its_number(log: Path) -> None:
    def fail() -> None:
        raise RuntimeError("月笺 <b>\n第二行")

    try:
        fail()
    except RuntimeError as error:
        number = logs.incident(error, page="/gaps")
        other = logs.incident(error)
    first, second = lines(log)
    assert (first["incident"], second["incident"]) == (number, other)
    assert number != other and len(number) == 9
    assert (first["level"], first["message"], first["page"]) == ("error", "RuntimeError: 月笺 <b>\n第二行", "/gaps")
    assert "in fail" in str(first["traceback"])


def test_events_are_lines_with_their_facts(log: Path) -> None:
    logs.tell("came in", user="王", role="editor")
    logs.warn("turned away", address=Path("/x"))
    assert [{name: line[name] for name in line if name != "at"} for line in lines(log)] == [
        {"level": "info", "logger": "compliance", "message": "came in", "user": "王", "role": "editor"},
        {"level": "warning", "logger": "compliance", "message": "turned away", "address": "/x"},
    ]


def test_streamlit_speaks_in_lines_too_but_tells_no_mishap_twice(log: Path) -> None:
    streamlit = logging.getLogger("streamlit.error_util")
    streamlit.error("Uncaught app execution", exc_info=ValueError("x"))
    streamlit.error("something else")
    assert [line["message"] for line in lines(log)] == ["something else"]


def test_the_log_is_turned_over_by_size(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.OURS.handlers[0], "maxBytes", 500)
    for number in range(50):
        logs.tell("x" * 100, number=number)
    files = sorted(path.name for path in log.parent.iterdir())
    assert files == ["dashboard.jsonl", *(f"dashboard.jsonl.{number}" for number in range(1, 6))]
    assert max(path.stat().st_size for path in log.parent.iterdir()) <= 500
    assert lines(log)[-1]["number"] == 49


@pytest.mark.parametrize("language", ["zh", "en"])
def test_work_in_the_background_that_breaks_off_has_a_number(log: Path, language: texts.Language) -> None:
    def fail(_tell: object) -> None:
        raise KeyError("C0101")

    work: Work[None] = Work(fail, "check of files")
    assert work.wait(60)
    (line,) = ours(log)
    assert (line["work"], "in fail" in str(line["traceback"])) == ("check of files", True)
    (problem,) = work.problems
    said = texts.words(language).problem(problem)
    assert str(line["incident"]) in said and "C0101" not in said


def test_work_that_is_refused_is_in_the_log_by_kinds_of_problems(log: Path) -> None:
    def refuse(_tell: object) -> None:
        raise StoreError([Problem("store.not_saved", {"detail": "月笺"}), Problem("store.not_saved", {"detail": "x"})])

    assert Work(refuse, "import of files").wait(60)
    assert [(line["message"], line["why"], line["problems"], line["work"]) for line in ours(log)] == [("refused", ["store.not_saved"], 2, "import of files")]


# -- mishaps on the page --------------------------------------------------------------------------------------------


def failing(kind: str) -> None:
    """A page's script, of which an exception escapes; the server then asks front.explain."""
    from compliance.access import User, require
    from compliance.errors import ComplianceError
    from compliance.screen import front

    try:
        if kind == "bug":
            raise KeyError("<b>C0101</b>")
        require(User("<i>Ann</i>", "viewer"), "import")
    except (KeyError, ComplianceError) as error:
        assert front.explain(error)


@pytest.mark.parametrize(("language", "apology"), [("zh", "出了意外，这一页没能显示完整"), ("en", "Something went wrong")])
def test_a_reader_is_given_the_number_and_nothing_else(log: Path, language: str, apology: str) -> None:
    app = AppTest.from_function(failing, args=("bug",))
    app.query_params["lang"] = language
    app.run()
    shown = " ".join(html_of(app))
    (line,) = ours(log)
    assert apology in shown and str(line["incident"]) in shown
    assert "C0101" not in shown and "KeyError" not in shown
    assert "C0101" in str(line["message"]) and "in failing" in str(line["traceback"])


def test_what_a_reader_can_act_upon_is_no_incident(log: Path) -> None:
    app = AppTest.from_function(failing, args=("refusal",))
    app.query_params["lang"] = "zh"
    app.run()
    shown = " ".join(html_of(app))
    assert "没有完成" in shown and "&lt;i&gt;Ann" in shown and "需要填报员权限" in shown
    assert [(line["message"], line["why"], line.get("incident")) for line in ours(log)] == [("refused", ["access.denied"], None)]


# -- health -------------------------------------------------------------------------------------------------------


def test_health_of_an_open_store(tmp_path: Path) -> None:
    with Store(tmp_path / "d.duckdb", district.STANDARD) as store:
        facts = health.facts(lambda: Opened(store, store.standard, 1, None))
    assert facts["status"] in ("ok", "low_disk")  # whatever this disk has
    assert (facts["standard"], facts["data_as_of"]) == (district.STANDARD.id, None)


def test_health_tells_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SMALLEST_FREE_SPACE", 10**18)
    with Store(tmp_path / "d.duckdb", district.STANDARD) as store:
        assert health.facts(lambda: Opened(store, store.standard, 1, None))["status"] == "low_disk"


def test_health_of_what_cannot_be_opened() -> None:
    def opening() -> Opened:
        raise StoreError([Problem("store.ledger_broken", {"file": "ledger.jsonl", "line": 3})])

    facts = health.facts(opening)
    assert facts["status"] == "down"
    assert "line 3 of the history ledger.jsonl" in str(facts["problems"])


# -- before the first reader --------------------------------------------------------------------------------------

SETTLED = """
import gc, sys
from compliance.server import settling
settling.settle()
print(gc.get_freeze_count(), len(gc.get_objects()), "compliance.screen.shell" in sys.modules)
"""


def test_a_server_that_has_settled_looks_for_garbage_among_few_and_ends_without_complaint() -> None:
    ended = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True, cwd=PROJECT)
    frozen, looked_at, is_loaded = ended.stdout.split()
    assert int(frozen) > 100_000
    assert int(looked_at) < 5_000
    assert is_loaded == "True"
    assert ended.stderr == ""
