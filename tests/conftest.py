"""Shared by several test files: the sample district, imported once a session. Tests that use it must only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance import loader
from compliance.importer import import_sources
from compliance.reading import Source
from compliance.store import Store

PROJECT = Path(__file__).parent.parent
SAMPLE = PROJECT / "data" / "sample"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The standard of indicators.yaml with every file of data/sample. Read only."""
    with Store(tmp_path_factory.mktemp("sample") / "sample.duckdb", loader.load(PROJECT / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(path) for path in sorted(SAMPLE.glob("*.csv"))])
        yield store
