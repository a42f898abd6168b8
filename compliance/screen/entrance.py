"""The door: who is reading, and as what. Nothing of the data is opened for anyone who may not come in."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from compliance import logs
from compliance.access import User, local_user
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.errors import Problem
from compliance.screen.controls import plain
from compliance.server import identity
from compliance.server.identity import AccessList, AccessListError, NotAllowedIn, SignInAgain
from compliance.settings import access_path
from compliance.texts import Words


def auth_section() -> Mapping[str, Any]:
    """The [auth] section of Streamlit's secrets, empty where there is none."""
    return st.secrets["auth"] if st.secrets.load_if_toml_exists() and "auth" in st.secrets else {}


def user(words: Words) -> User:
    """Who is reading; ends the run with the way in, or with the reason why there is none."""
    if not identity.is_configured(auth_section()):
        return _local_user(words)
    if not st.user.is_logged_in:
        _ask_to_sign_in(words)
    claims = st.user.to_dict()
    try:
        found = _access_list().user(claims, time.time())
    except SignInAgain as error:
        _ask_to_sign_in(words, error.problems)
    except NotAllowedIn as error:
        logs.warn("turned away", why=error.problems[0].key, **error.problems[0].args)
        _turn_away(words, error.problems)
    except AccessListError as error:
        # What is wrong with it is no business of whoever came along.
        logs.warn("the access list cannot be used", problems=[words.problem(problem) for problem in error.problems])
        _turn_away(words, [Problem("access.no_list")])
    _tell_once(found)
    return found


def who_line(words: Words, reader: User, names: Mapping[str, tuple[str, str]]) -> Html:
    """Who is reading, for which areas (names: id → name and parent's name); or that this is the one user of this computer."""
    if not identity.is_configured(auth_section()):
        return el("p", words("door.local", who=reader.name), class_="note")
    areas = [names[id_][0] if id_ in names else id_ for id_ in sorted(reader.areas or ())]
    bound = words("door.bound_to", areas=words("app.list").join(areas)) if areas else ""
    return el("p", words("door.signed_in", who=reader.name, role=words(f"role.{reader.role}")), bound, class_="note")


def way_out(words: Words) -> None:
    """Signing out, for who signed in."""
    if identity.is_configured(auth_section()):
        st.button(plain(words("door.sign_out")), key="sign out", type="tertiary", on_click=st.logout)


def _local_user(words: Words) -> User:
    address = st.get_option("server.address")
    if not identity.is_loopback(address) or not identity.is_from_here(st.context.headers):
        logs.warn("turned away: this reader is not at this computer, and there is no sign-in", address=address, host=st.context.headers.get("Host"))
        _turn_away(words, [Problem("access.not_here")])
    return local_user()


def _access_list() -> AccessList:
    path = access_path()
    try:
        stat = path.stat()
    except OSError as error:
        raise identity.unreadable(path, error) from error
    return _read_access_list(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1)
def _read_access_list(path: Path, _changed: int, _size: int) -> AccessList:
    return AccessList.read(path)


def _ask_to_sign_in(words: Words, why: Sequence[Problem] = ()) -> NoReturn:
    # The middleware keeps the address that this page was asked for (returning.py).
    st.html(marks.opening((words("app.title"),), words("door.sign_in_first"), words("door.sign_in_note"), *(words.message(problem) for problem in why)))
    st.button(plain(words("door.sign_in")), key="sign in", type="primary", on_click=st.login)
    st.stop()


def _turn_away(words: Words, problems: Sequence[Problem]) -> NoReturn:
    st.html(marks.blocks(marks.opening((words("app.title"),), words("door.turned_away")), marks.problems(words, problems)))
    if identity.is_configured(auth_section()):
        st.button(plain(words("door.sign_out")), key="sign out", on_click=st.logout)
    st.stop()


def _tell_once(found: User) -> None:
    """One line in the log a session."""
    if "is told of" not in st.session_state:
        st.session_state["is told of"] = True
        logs.tell("came in", user=found.name, role=found.role)
