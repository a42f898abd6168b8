"""What the server is besides its pages: whom it answers, /health, incident numbers, the way back after sign-in. `streamlit run` finds it in dashboard.py."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from compliance import logs, texts
from compliance.drawing import marks
from compliance.errors import ComplianceError, Problem
from compliance.screen import entrance, frame, shell
from compliance.screen.returning import ReturnAfterSignIn
from compliance.server import daily, health, identity, settling
from compliance.server.serving import Settings
from compliance.settings import log_path


def served() -> dict[str, Any]:
    """The arguments of st.App. Ends the program, saying why, where it would serve strangers without asking who they are."""
    try:
        logs.start(log_path())
    except OSError as error:
        _refuse(Problem("file.unreadable", {"name": str(log_path()), "reason": error.strerror}))
    try:
        daily.Keeping.from_environment()
    except ComplianceError as error:
        _refuse(*error.problems)
    address = st.get_option("server.address")
    if not identity.is_loopback(address) and not identity.is_configured(entrance.auth_section()):
        logs.warn("refused to start: others could reach it and there is no sign-in", address=address or "all")
        sys.exit("\n".join(texts.words(language)("door.refused_start", address=address or "0.0.0.0") for language in texts.LANGUAGES))  # noqa: S104
    logs.tell("started", address=address, port=st.get_option("server.port"), database=str(Settings.from_environment().database))
    return {"lifespan": _lifespan, "routes": [Route("/health", _health)], "middleware": [Middleware(ReturnAfterSignIn)], "on_script_error": explain}


def _refuse(*problems: Problem) -> NoReturn:
    sys.exit("\n".join(texts.words(language).problem(problem) for language in texts.LANGUAGES for problem in problems))


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[None]:
    settling.settle()
    keeping = daily.Keeping.from_environment()
    keeper = daily.Keeper(keeping, shell.open_store) if keeping else None
    yield
    if keeper is not None:
        keeper.stop()


async def _health(_request: Request) -> JSONResponse:
    facts = await run_in_threadpool(health.facts, shell.open_store)
    return JSONResponse(facts, status_code=503 if facts["status"] == health.DOWN else 200, headers={"Cache-Control": "no-store"})


def explain(error: Exception) -> bool:
    """Shows what a reader needs to know of an exception that no page expected, above what the page had shown. True: nothing more to show."""
    words = texts.words(shell.spoken_language()[0])
    st.html(frame.CSS)
    with st.container(key="mishap"):
        if isinstance(error, ComplianceError):
            logs.refused(error, page=st.context.url)
            st.html(marks.blocks(marks.opening((words("app.title"),), words("app.not_done")), marks.problems(words, error.problems)))
        else:
            number = logs.incident(error, page=st.context.url)
            st.html(marks.opening((words("app.title"),), words("app.incident"), words("app.incident_note", number=number)))
    return True
