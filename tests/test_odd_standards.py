"""Every page stands on standards that nobody would write (odd.py): in both languages it shows what it should, and nothing of ours shines through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import odd
import pytest
import streamlit as st
from app_pages import html_of, page_text
from page_district import PROJECT
from streamlit.testing.v1 import AppTest

from compliance import routes, texts
from compliance.access import User
from compliance.files.reading import Source
from compliance.screen import shell
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

SPRINKLERS = "A.1.c/2 <x>"
# page → addresses at which it shows something
THREE = {
    "overview": [{}, {"in": "N1"}, {"kind": "roof:flat"}],
    "heatmap": [{"view": "everything", "area": "d1", "indicator": "A.1.b"}, {"rows": "region"}, {"transpose": "1", "show": "table"}],
    "trends": [{}, {"level": "city"}, {"level": "region"}],
    "community": [{"area": "d1"}, {"area": "d4"}, {"area": "N1"}, {"area": "N"}],
    "indicator": [{"indicator": SPRINKLERS}, {"indicator": "A.3"}],
    "gaps": [{"domain": "everything"}, {"level": "region"}],
    "compare": [{"areas": "d1,d2,d4"}, {"areas": "N1,S1", "level": "city"}],
    "definitions": [{"indicator": SPRINKLERS}],
    "completeness": [{}, {"level": "region"}],
    "templates": [{"level": "city"}],
    "entries": [{}, {"view": "parameters"}],
    "data": [{}],
    "history": [{}, {"import": "4"}],
    "versions": [{}],
    "system": [{}],
}
MANY = {
    "overview": [{}],
    "heatmap": [{}, {"view": "d7", "area": "X", "indicator": "7"}],
    "trends": [{}],
    "community": [{"area": "X"}],
    "gaps": [{}],
    "compare": [{"areas": "X"}],
    "definitions": [{}],
    "entries": [{}],
    "completeness": [{}],
}
# Verbs that may follow a 1.
VERBS = {"does", "has", "is", "lacks", "misses", "was"}
OURS = {"zh": r"社区|街道|“型”", "en": r"ommunit|ubdistrict"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("odd")
    for name, text, files in (("three", odd.THREE, odd.THREE_FILES), ("many", odd.many(), odd.MANY_FILES)):
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
        with Store(made / f"{name}.duckdb", loader.load(made / f"{name}.yaml")) as store:
            import_sources(store, [Source(file, content.encode()) for file, content in files.items()], user=User("Ann", "admin"))
    return made


@pytest.fixture(autouse=True, scope="module")
def release() -> Iterator[None]:
    yield
    shell._office().close()
    st.cache_resource.clear()


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, page: str, **address: str) -> AppTest:
    monkeypatch.setenv("COMPLIANCE_DB", str(folder / f"{name}.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(folder / f"{name}.yaml"))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    for parameter, value in address.items():
        app.query_params[parameter] = value
    if page != "overview":
        app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def test_no_page_is_forgotten() -> None:
    assert THREE.keys() == routes.SCRIPTS.keys()


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    ("name", "page", "address"),
    [(name, page, address) for name, pages in (("three", THREE), ("many", MANY)) for page, addresses in pages.items() for address in addresses],
)
def test_every_page_stands(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, page: str, address: dict[str, str], language: str) -> None:
    app = run(monkeypatch, folder, name, page, lang=language, **address)
    drawn, text = " ".join(html_of(app)), page_text(app)
    assert "<x>" not in drawn and "<b>Sund" not in drawn and "<b>depot" not in drawn, "what data say is text"
    assert not re.search(r"\{\w+(:[^}]*)?\}|\b(nan|NaT|None(?!\.))\b", text)
    assert not re.search(OURS[language], text)
    if language == "en":
        assert [said for said in re.findall(r"(?<![\w.,/–-])1 [a-z]+s\b(?!\.).{0,20}", text) if said.split()[1] not in VERBS] == []


FACTS = {
    # d1 meets 1 of 3 judged, d2 2 of 2, d3 1 of 1, d4 0 of 2; three verdicts lack data, of eleven: more than a fifth.
    "the rate": ("three", "overview", {}, "Too little data to conclude anything yet: 4 of 4 depots have reported, 27.3% of the verdicts lack data"),
    "between": (
        "three",
        "heatmap",
        {"view": "everything", "area": "d1", "indicator": "A.1.b"},
        "Depot One does not meet this: Temperature 1.9, limit 2–8, 0.1 to go.",
    ),
    "above both": ("three", "heatmap", {"view": "everything", "area": "d2", "indicator": "A.1.b", "period": "2025-11"}, "8.0001, limit 2–8, 0.0001 over."),
    # 1,000 m² need 20 extinguishers, and there are none.
    "any of": ("three", "gaps", {"domain": "everything"}, "Sprinklers: not in place yet; or Extinguishers: 20 extinguishers to go"),
    "is no": ("three", "community", {"area": "d2", "period": "2025-11"}, "should be no"),
    "exempt": ("three", "heatmap", {"view": "everything", "area": "d4", "indicator": "第三项"}, "It is a *zoo* <b>depot</b>."),
    # Half of 41 is 20.5, with a cap of 20: 79.5 of the 80 from the baseline of 100.
    "near the cap": ("three", "community", {"area": "N"}, "99.4%"),
    "the middle level": ("three", "community", {"area": "N1"}, "Nordstadt: 0 of 1 judged indicator met (0%)"),
    "the parts of one": ("three", "community", {"area": "N1"}, "In Nordstadt: depots"),
    "months": ("three", "indicator", {"indicator": "A.3"}, "2025-12"),
    "no sum": ("three", "definitions", {"indicator": "A.2"}, "Staff − previous Staff at least 0 people this period"),
    # Of 40, the 20 even ones were never reported; half of the verdicts lack data.
    "one ship": ("many", "overview", {}, "Too little data to conclude anything yet: 1 of 1 ship has reported, 50% of the verdicts lack data"),
    "forty domains": ("many", "definitions", {}, "4 pillars, 40 domains, 40 indicators and 40 criteria, using 40 metrics."),
    "twenty figures": ("many", "completeness", {}, "20 figures are missing"),
    "no parameters": ("many", "entries", {}, "Who is exempt from what, why and until when. Each"),
    "a single period": ("many", "trends", {}, "No previous period to compare with"),
}


@pytest.mark.parametrize(("name", "page", "address", "said"), FACTS.values(), ids=FACTS)
def test_what_it_says(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, page: str, address: dict[str, str], said: str) -> None:
    assert said in page_text(run(monkeypatch, folder, name, page, lang="en", **address))


def test_a_single_period_draws_no_lines(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    drawn = " ".join(html_of(run(monkeypatch, folder, "many", "trends", lang="zh")))
    assert 'class="panels bare"' in drawn and 'class="plot"' not in drawn and "线是达标率" not in drawn
    assert "第1个领域" in drawn


def test_latin_names_stand_apart_in_chinese(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    assert "Depot One 未达标：温度 1.9" in page_text(run(monkeypatch, folder, "three", "heatmap", lang="zh", view="everything", area="d1", indicator="A.1.b"))
