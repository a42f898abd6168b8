"""Shared by several test files: the sample district, imported once a session, and pages on it. Tests that use it must only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import page_district
import pytest
import streamlit as st

from compliance.access import local_user
from compliance.files.reading import Source
from compliance.screen import shell
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The standard of indicators.yaml with every file of data/sample. Read only."""
    with Store(tmp_path_factory.mktemp("sample") / "sample.duckdb", loader.load(PROJECT / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(path) for path in sorted(SAMPLE.glob("*.csv"))], user=local_user())
        yield store


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> page_district.District:
    """The sample's last three quarters in a file of its own, for pages. Read only; whoever opens it must release it from the pages first."""
    return page_district.build(tmp_path_factory.mktemp("district") / "sample.duckdb")


@pytest.fixture
def on_district(monkeypatch: pytest.MonkeyPatch, district: page_district.District) -> None:
    """Pages show the district (page_district.run)."""
    monkeypatch.setenv("COMPLIANCE_DB", str(district.path))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(page_district.PROJECT / "indicators.yaml"))


@pytest.fixture(scope="module")
def release() -> Iterator[None]:
    """What pages hold open is closed after a file's tests."""
    yield
    shell._office().close()
    st.cache_resource.clear()
