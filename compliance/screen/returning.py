"""The way back after sign-in: Streamlit returns everyone to its first page; a reader who came by a link wants what the link shows."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"
COOKIE, SECONDS = "compliance_goal", 600
LONGEST = 2_000


def goal_of(referer: str, host: str) -> str | None:
    """Path and query of the page of this very server that led here; None where it is none, or one that would lead elsewhere."""
    parts = urlsplit(referer)
    if parts.scheme not in ("http", "https") or parts.netloc != host:
        return None
    goal = parts.path + (f"?{parts.query}" if parts.query else "")
    return goal if is_own_path(goal) else None


def is_own_path(goal: str) -> bool:
    """Whether an address can only be one of this server: //elsewhere and /\\elsewhere are not."""
    return goal.startswith("/") and not goal.startswith(("//", "/\\")) and len(goal) <= LONGEST and goal.isprintable() and "\\" not in goal


class ReturnAfterSignIn:
    """ASGI middleware: notes the page that a reader came from when signing in starts, and sends there instead of home when it has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "") if scope["type"] == "http" else ""
        starts, ends = path.endswith(LOGIN), path.endswith(CALLBACK)
        if not (starts or ends):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        base = path.removesuffix(LOGIN if starts else CALLBACK)
        goal = goal_of(headers.get("referer", ""), headers.get("host", "")) if starts else _kept(headers)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and goal is not None:
                answer = MutableHeaders(scope=message)
                if starts:
                    answer.append("set-cookie", _cookie(quote(goal, safe="/"), base, SECONDS))
                elif answer.get("location") == f"{base}/":
                    answer["location"] = goal
                    answer.append("set-cookie", _cookie("", base, 0))
            await send(message)

        await self.app(scope, receive, send_on)


def _cookie(value: str, base: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Path={base}/; HttpOnly; SameSite=Lax; Max-Age={seconds}"


def _kept(headers: Headers) -> str | None:
    """The goal that the browser was told to keep; it may have been tampered with, so it is checked again."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    goal = unquote(morsel.value) if morsel is not None else ""
    return goal if is_own_path(goal) else None
