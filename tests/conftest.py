"""Shared by several test files: databases, and pages on them. What lives longer than a test is only read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import district as small
import harbours
import oracle
import page_district
import pytest
import streamlit as st

from compliance.access import local_user
from compliance.screen import shell
from compliance.server import sample
from compliance.standard import loader
from compliance.storage.importer import import_source
from compliance.storage.ledger import Archive
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole sample as the first start loads it, in a file of its own, for pages. Read only."""
    path = tmp_path_factory.mktemp("pages") / "sample.duckdb"
    with Store(path, loader.load(PROJECT / "indicators.yaml")) as store:
        sample.load(store, lambda _share, _name: None)
    return path


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory, sample_database: Path) -> Iterator[Store]:
    """The same, open: a copy, since pages open the other. Read only."""
    path = tmp_path_factory.mktemp("sample") / sample_database.name
    shutil.copy(sample_database, path)
    shutil.copytree(Archive.beside(sample_database).folder, Archive.beside(path).folder)
    with Store(path, loader.load(PROJECT / "indicators.yaml")) as store:
        yield store


@pytest.fixture(scope="session")
def recomputed() -> oracle.Verdicts:
    """The sample's last five quarters judged in plain Python: the windows of the newest two reach no further back."""
    metrics = [path for period in ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3") for path in sorted(SAMPLE.glob(f"metrics_*_{period}.csv"))]
    return oracle.judge(oracle.load(PROJECT / "indicators.yaml"), [SAMPLE / "areas.csv"], metrics, [SAMPLE / "parameters.csv"], [SAMPLE / "exemptions.csv"])


@pytest.fixture(scope="session")
def ports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A database of another standard, and the file of that standard (harbours.py). Read only."""
    return harbours.build(tmp_path_factory.mktemp("harbours"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's own database is."""
    return tmp_path / "d.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The small district of district.py with its areas, and no figures yet."""
    with Store(path, small.STANDARD) as store:
        import_source(store, small.areas(), user=local_user())
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
