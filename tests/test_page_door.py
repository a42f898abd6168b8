"""Who may, is asked at the moment of the deed: a person whose access is taken away between a preview and its confirmation changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app_pages import ACCESS, page_text, settled, sign_in, store
from district import METRICS, TEXT
from page_district import PROJECT
from streamlit.testing.v1 import AppTest
from test_page_entries import fill, fill_parameter
from test_page_history import ask, database

from compliance.access import User

__all__ = ["database"]
pytestmark = pytest.mark.usefixtures("release")
STRICTER = TEXT.replace("at_least: 90", "at_least: 95")


@pytest.fixture
def access(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The access list, over a small district with four imports."""
    path = database.with_name("access.toml")
    path.write_text(ACCESS, encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_ACCESS", str(path))
    monkeypatch.delenv("COMPLIANCE_BACKUP_DIR", raising=False)
    yield path


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for name, value in {"lang": "zh", **address}.items():
        app.query_params[name] = value
    sign_in(app, "admin")
    app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def importing() -> tuple[AppTest, str]:
    app = opened("data")
    app.file_uploader[0].set_value([("q2.csv", f"{METRICS}C1,2025Q2,100,60,96,3,0.5\n".encode(), "text/csv")])
    app.run()
    settled(app)
    return app, "confirm 0"


def correcting() -> tuple[AppTest, str]:
    app = opened("community", area="C1", period="2025Q1", correct="lighting_rate")
    fill(app, "核对过台账", {"value": "93"})
    return app, "confirm correct C1 lighting_rate 2025Q1"


def exempting() -> tuple[AppTest, str]:
    app = opened("entries", level="community")
    fill(app, "危房腾空", {}, {"area": "南街道 · 一社区", "indicator": "2.1", "from": "2025年第1季度"})
    return app, "confirm exempt community"


def setting_a_parameter() -> tuple[AppTest, str]:
    app = opened("entries", view="parameters", parameter="city_rate", at="2025Q1")
    fill_parameter(app, "0.6", "市信访局通报")
    return app, "confirm parameter"


def undoing() -> tuple[AppTest, str]:
    app = opened("history", **{"import": "3"})
    ask(app, "填错了行")
    return app, "confirm undo 3"


def redoing() -> tuple[AppTest, str]:
    store().undo(3, user=User("Ann", "admin"))
    app = opened("history", **{"import": "3"})
    ask(app, "原来没错")
    return app, "confirm redo 3"


def taking_over() -> tuple[AppTest, str]:
    app = opened("versions")
    app.file_uploader[0].upload("new.yaml", STRICTER.encode(), "application/yaml").run()
    settled(app)
    app.text_input(key="why 0").set_value("更严")
    return app, "take over 0"


def backing_up() -> tuple[AppTest, str]:
    return opened("system"), "back up"


WAYS = (importing, correcting, exempting, setting_a_parameter, undoing, redoing, taking_over, backing_up)
REMOVED, DEMOTED, SIGNED_OUT = "removed", "demoted", "signed out"
SAID = {REMOVED: "名单上没有您", SIGNED_OUT: "请先登录"}


def settle_works() -> None:
    """Whatever was begun has ended."""
    for thread in threading.enumerate():
        if thread.name in ("a change", "import of files", "taking a standard over"):
            thread.join(60)


def deeds_done(folder: Path) -> tuple[object, ...]:
    """All that any way to write leaves behind."""
    return [entry.facts for entry in store().archive.entries()], (folder / "small.yaml").read_text(encoding="utf-8"), list(folder.glob("backups/*"))


@pytest.mark.parametrize(("way", "lost"), [*((way, lost) for way in WAYS for lost in (REMOVED, DEMOTED)), (importing, SIGNED_OUT)])
def test_who_lost_access_after_the_preview_changes_nothing(access: Path, way: Callable[[], tuple[AppTest, str]], lost: str) -> None:
    app, button = way()
    before = deeds_done(access.parent)
    listed = access.read_text(encoding="utf-8")
    if lost == SIGNED_OUT:
        app.user = {"is_logged_in": False}
    else:
        gone = "someone.else@example.org" if lost == REMOVED else "admin@example.org"
        access.write_text(listed.replace("admin@example.org", gone).replace('"admin"', '"viewer"'), encoding="utf-8")
    app.button(key=button).click().run()
    settle_works()
    assert not app.exception
    assert SAID.get(lost, "") in page_text(app)
    assert deeds_done(access.parent) == before
    # Nor does the press lie in wait until the person may again.
    access.write_text(listed, encoding="utf-8")
    sign_in(app, "admin")
    app.run()
    settled(app)
    settle_works()
    assert deeds_done(access.parent) == before


@pytest.mark.parametrize("way", (importing, correcting, taking_over))
def test_definitions_that_changed_on_disk_after_the_preview_ask_for_another_look(access: Path, way: Callable[[], tuple[AppTest, str]]) -> None:
    """The store of the preview is closed by then; the next press goes to the one that is open."""
    app, button = way()
    imports = len(store().archive.entries())
    (access.parent / "small.yaml").write_text(TEXT.replace("at_most: 10", "at_most: 9"), encoding="utf-8")
    app.button(key=button).click().run()
    said = settled(app)
    assert "您看预览的时候" in said
    assert [entry.facts["event"] for entry in store().archive.entries()][imports:] == ["definitions"]
    app.button(key=button).click().run()
    settled(app)
    settle_works()
    assert len(store().archive.entries()) == imports + 2


def test_who_is_bound_to_areas_reads_their_names(access: Path) -> None:
    access.write_text(ACCESS.replace('id = "editor@example.org"', 'id = "editor@example.org"\nareas = ["C1", "C9"]'), encoding="utf-8")
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = "zh"
    sign_in(app, "editor")
    app.run()
    # Nobody has imported C9 yet.
    assert "editor@example.org · 填报员（负责：一社区、C9）" in page_text(app)
