"""A small standard that shares nothing with ours: one level, years, no badges, no owners, no parents; names that would be markup or formulas."""

from __future__ import annotations

from pathlib import Path

from compliance.access import User
from compliance.files.reading import Source
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

TEXT = """
standard:
  id: harbours
  title: {zh: 港口标准, en: Harbour Standard}
  period: year
  levels:
    - {id: harbour, title: {zh: 港口, en: Harbour}}
pillars:
  - id: all
    title: {zh: 总, en: All}
    domains:
      - id: safety
        title: {zh: 安全, en: Safety}
        indicators:
          - code: S-1
            level: harbour
            title: {zh: 灯塔, en: Lights}
            text: Lights work.
            criteria:
              - {id: lights, value: lights, at_least: 90}
          - code: S-2
            level: harbour
            title: {zh: 事故率, en: Accidents a ship}
            text: Few accidents.
            criteria:
              - {id: rate, value: accidents / ships, between: [0, 2]}
metrics:
  - {id: lights, title: {zh: 灯塔完好率, en: Lights in order}, level: harbour, unit: percent, kind: stock}
  - {id: accidents, title: {zh: 事故数, en: Accidents}, level: harbour, unit: count, kind: flow}
  - {id: ships, title: {zh: 船只数, en: Ships}, level: harbour, unit: count, kind: stock}
"""
AREAS = "area_id,name,level\nH1,<b>North</b> *port* :smile:,harbour\nH2,=South(),harbour\nH3,East,harbour\n"
METRICS = "area_id,period,lights,accidents,ships\nH1,2025,89.9999,3,2\nH2,2025,95,0,0\nH3,2025,,5,1\n"


def build(folder: Path) -> tuple[Path, Path]:
    """The database and the file of the standard."""
    indicators = folder / "indicators.yaml"
    indicators.write_text(TEXT, encoding="utf-8")
    with Store(folder / "harbours.duckdb", loader.load(indicators)) as store:
        files = [Source("areas.csv", AREAS.encode()), Source("harbours.csv", METRICS.encode())]
        import_sources(store, files, user=User("Ann <ann@example.org>", "admin"))
    return folder / "harbours.duckdb", indicators
