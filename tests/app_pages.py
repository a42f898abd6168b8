"""Pages of the app under AppTest: opened at an address, waited for, and read as a person reads them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import district
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from compliance.access import User
from compliance.screen import shell
from compliance.server.serving import Settings
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent

# An access list with one person a role: admin@example.org is an admin, and so on.
ACCESS = "".join(f'[[people]]\nid = "{role}@example.org"\nrole = "{role}"\n' for role in ("viewer", "editor", "admin"))
LONGEST_WAIT = 60  # s; a busy machine takes its time


class _Reader(HTMLParser):
    """What a person reads of some HTML: neither styles, nor what lists would offer once they are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in ("select", "style"):
            self.unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.unread[-1:] == [tag]:
            self.unread.pop()

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.parts.append(data)


@dataclass
class List:
    """One list of the sidebar. options: value → title; resets: value → parameters of the address that choosing it takes out."""

    label: str = ""
    value: str = ""
    options: dict[str, str] = field(default_factory=dict)
    resets: dict[str, list[str]] = field(default_factory=dict)


class _Lists(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, List] = {}
        self.label = ""
        self.current = List()
        self.option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "label":
            self.label = ""
        elif tag == "select" and (parameter := named.get("data-parameter")):
            self.current = self.found[parameter] = List(self.label.strip())
        elif tag == "option":
            self.option = named["value"] or ""
            self.current.resets[self.option] = (named["data-resets"] or "").split()
            if "selected" in named:
                self.current.value = self.option

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self.option = None

    def handle_data(self, data: str) -> None:
        self.label += data
        if self.option is not None:
            self.current.options[self.option] = data


def lists_of(app: AppTest) -> dict[str, List]:
    """Parameter of the address → the sidebar's list over it."""
    reader = _Lists()
    reader.feed("".join(html_of(app)))
    return reader.found


def choose(app: AppTest, parameter: str, value: str) -> None:
    """What the browser does when a value is chosen in a list of the sidebar (browser.js)."""
    for name in (parameter, *lists_of(app)[parameter].resets[value]):
        app.query_params.pop(name, None)
    if value:
        app.query_params[parameter] = value
    app.run()
    assert not app.exception


def html_of(app: AppTest) -> list[str]:
    """The blocks of HTML of a page, without its styles. Of the parts that its address can name, no two have one name."""
    found = [element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style>")]
    parts = re.findall(r' data-part="([^"]*)"', "".join(found))
    assert sorted(parts) == sorted(set(parts))
    return found


def text_of(html: str) -> str:
    """One text, its parts set apart by blanks."""
    reader = _Reader()
    reader.feed(html)
    return re.sub(r"\s+", " ", " ".join(reader.parts)).strip()


def page_text(app: AppTest) -> str:
    return " ".join(map(text_of, html_of(app)))


def settled(app: AppTest) -> str:
    """What the page says once the work it waits for is done; a browser would ask again by itself."""
    until = time.monotonic() + LONGEST_WAIT
    while app.get("progress") and time.monotonic() < until:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return page_text(app)


def use_small_district(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pages show the database whose path is returned, by the standard of `district`; the sample is not loaded into it."""
    (folder / "small.yaml").write_text(district.TEXT, encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_DB", str(folder / "d.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(folder / "small.yaml"))
    monkeypatch.setenv("COMPLIANCE_SAMPLE", "no")
    return folder / "d.duckdb"


@contextmanager
def loaded(folder: Path, definitions: str, files: Mapping[str, str]) -> Iterator[Path]:
    """A folder with a small standard and a database of these files, for `page_of`; closed again at the end. files: name → text."""
    (folder / "small.yaml").write_text(definitions, encoding="utf-8")
    with Store(folder / "small.duckdb", loader.parse(definitions)) as made:
        import_sources(made, [district.source(name, text) for name, text in files.items()], user=User("Ann", "admin"))
    yield folder
    shell._office().close()
    st.cache_resource.clear()


def page_of(monkeypatch: pytest.MonkeyPatch, folder: Path, page: str, **address: str) -> str:
    """What a page says of what is `loaded` there, in Chinese unless the address asks otherwise."""
    monkeypatch.setenv("COMPLIANCE_DB", str(folder / "small.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(folder / "small.yaml"))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in {"lang": "zh", **address}.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    return page_text(app)


def store() -> Store:
    """The store that pages work on."""
    return shell._office().open(Settings.from_environment()).store


def sign_in(app: AppTest, role: str) -> None:
    """Whoever has that role in ACCESS has just signed in."""
    app.secrets["auth"] = {"redirect_uri": "http://127.0.0.1/oauth2callback", "cookie_secret": "s" * 40}
    app.user = {"is_logged_in": True, "email": f"{role}@example.org", "iat": time.time()}
