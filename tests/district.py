"""A small district for the tests of store, importer and commands: two levels, six indicators, figures one can work out by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from compliance.engine import schema
from compliance.files.reading import Source
from compliance.standard import loader
from compliance.standard.definitions import Standard
from compliance.storage.store import Store

PROJECT = Path(__file__).parent.parent

TEXT = """
standard:
  id: small
  title: {zh: 小标准, en: Small standard}
  period: quarter
  levels:
    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}
    - {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}
pillars:
  - id: living
    title: {zh: 居住, en: Living}
    domains:
      - id: streets
        title: {zh: 环境, en: Streets}
        badge: {zh: 干净社区, en: Clean community}
        indicators:
          - code: "2.1"
            level: community
            title: {zh: 亮灯, en: Lit stairs}
            text: 亮灯率90%以上
            criteria:
              - {id: lit, value: lighting_rate, at_least: 90}
          - code: "2.2"
            level: community
            title: {zh: 投诉, en: Complaints}
            text: 全年投诉10件以下
            criteria:
              - {id: few, value: complaints, at_most: 10, every: year}
      - id: care
        title: {zh: 服务, en: Care}
        indicators:
          - code: "2.3"
            level: community
            title: {zh: 覆盖, en: Reach}
            text: 覆盖50%以上的户
            criteria:
              - {id: half, value: 100 * households_served / households, at_least: 50}
          - code: "2.4"
            level: community
            title: {zh: 上访, en: Petitions}
            text: 低于全市平均
            criteria:
              - {id: below_city, value: petition_rate, at_most: city_rate}
      - id: office
        title: {zh: 机构, en: Office}
        indicators:
          - code: "1.1"
            level: subdistrict
            title: {zh: 机构, en: Body}
            text: 有机构
            criteria:
              - {id: there, value: body_set_up, is: yes}
          - code: "1.2"
            level: subdistrict
            title: {zh: 会议, en: Meetings}
            text: 半年2次以上
            criteria:
              - {id: twice, value: meetings, at_least: 2, every: half_year}
metrics:
  - {id: households, title: {zh: 户数, en: Households}, level: community, unit: households, kind: stock}
  - {id: households_served, title: {zh: 服务户数, en: Households served}, level: community, unit: households, kind: stock, part_of: households}
  - {id: lighting_rate, title: {zh: 楼道亮灯率, en: Stairwell lighting rate}, level: community, unit: percent, kind: stock, range: [0, 100]}
  - {id: complaints, title: {zh: 投诉数, en: Number of complaints}, level: community, unit: count, kind: flow}
  - {id: petition_rate, title: {zh: 上访率, en: Petition rate}, level: community, unit: permille, kind: stock}
  - {id: body_set_up, title: {zh: 机构建立, en: Body set up}, level: subdistrict, unit: yes_no, kind: stock}
  - {id: meetings, title: {zh: 会议次数, en: Number of meetings}, level: subdistrict, unit: count, kind: flow}
parameters:
  - {id: city_rate, title: {zh: 全市上访率, en: City petition rate}, unit: permille}
"""
STANDARD = loader.parse(TEXT)

AREAS = """area_id,name,level,parent_id
S1,南街道,subdistrict,
C1,一社区,community,S1
C2,二社区,community,S1
C3,三社区,community,S1
"""
METRICS = "area_id,period,households,households_served,lighting_rate,complaints,petition_rate\n"


def source(name: str, text: str, encoding: str = "utf-8") -> Source:
    return Source(name, text.encode(encoding))


def areas() -> Source:
    return source("areas.csv", AREAS)


def figures(period: str, *rows: str) -> Source:
    """A metrics file of communities; a row is `C1,100,60,95,3,0.5`."""
    return source(f"metrics_{period}.csv", METRICS + "".join("{0},{2},{1}\n".format(*row.split(",", 1), period) for row in rows))


def small_import(number: int) -> Source:
    """A file of three rows that differs from every other number's."""
    return source(f"n{number}.csv", METRICS + "".join(f"C{area},2025Q{number % 4 + 1},{1000 + number},{number},95,1,0.5\n" for area in (1, 2, 3)))


def changed(standard_text: str, old: str, new: str) -> Standard:
    assert old in standard_text
    return loader.parse(standard_text.replace(old, new))


def derived_tables(standard: Standard) -> list[str]:
    return [
        "areas", "parameters", "periods", "exemptions", "exempt_indicators",
        *(schema.metrics_table(level.id) for level in standard.levels), *(schema.compliance_table(level) for level in standard.judged_levels),
    ]  # fmt: skip


def reported_tables(standard: Standard) -> list[str]:
    return ["reported_areas", "reported_parameters", "reported_exemptions", *(schema.reported_table(level.id) for level in standard.levels)]


def content(store: Store, tables: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Every row of the tables (default: all of them), as text, sorted; columns in the order of their names."""
    if tables is None:
        tables = ["imports", "ledger", "definitions", "store_facts", *reported_tables(store.standard), *derived_tables(store.standard)]
    with store.cursor() as cursor:
        return {table: sorted(map(repr, cursor.execute(f"SELECT {_columns(cursor, table)} FROM {table}").fetchall())) for table in tables}


def _columns(cursor: DuckDBPyConnection, table: str) -> str:
    return ", ".join(sorted(schema.quote(row[0]) for row in cursor.execute(f"DESCRIBE {table}").fetchall()))


def verdicts(store: Store) -> dict[str, list[str]]:
    return content(store, derived_tables(store.standard))


def statuses(store: Store, level: str = "community") -> dict[tuple[str, int], tuple[bool | None, ...]]:
    """(area, period) → the verdict of each indicator."""
    columns = ", ".join(schema.indicator_column(indicator) for indicator in store.standard.indicators_of(level))
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT area_id, period, {columns} FROM {schema.compliance_table(level)}").fetchall()
    return {row[:2]: row[2:] for row in rows}


def value(store: Store, metric: str, area: str, period: int) -> float | None:
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT {metric} FROM metrics_community WHERE area_id = ? AND period = ?", [area, period]).fetchall()
    return rows[0][0] if rows else None


def crash_image(store: Store, folder: Path) -> Path:
    """The files as a crash at this moment would leave them; returns the copy of the database."""
    folder.mkdir(exist_ok=True)
    for suffix in ("", ".wal"):
        file = store.path.with_name(store.path.name + suffix)
        if file.exists():
            shutil.copy(file, folder / file.name)
    shutil.copytree(store.archive.folder, folder / store.archive.folder.name)
    return folder / store.path.name


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another Python process with the package and this module at hand."""
    prelude = f"import sys; sys.path[:0] = [{str(PROJECT)!r}, {str(PROJECT / 'tests')!r}]\n"
    command = [sys.executable, "-c", prelude + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
