"""Questions that several pages ask of the derived tables: one function a question → rows. The other modules of this package do it likewise.

Every function takes a cursor of its own and gives a DataFrame (or a small frozen value) in an order that does not change between calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine import statuses
from compliance.engine.deriving import exempt_codes_of
from compliance.engine.schema import ACTIVE, IS_ACTIVE, area_column, compliance_table, domain_column, indicator_column, reported_table
from compliance.standard.definitions import Domain, Standard

COUNTS = ("met", "unmet", "no_data", "not_applicable")

# The ids of the areas that a question is narrowed down to; None: no narrowing.
Areas = frozenset[str] | None


@dataclass(frozen=True)
class Coverage:
    """How much of a level is known in a period: areas in all, with any report for it, and without a gap in their data."""

    areas: int
    reported: int
    complete: int


@dataclass(frozen=True)
class DomainMatrix:
    """areas × domains: area_ids by row; counts[row, domain] = met, unmet, no_data, not_applicable. Names are asked for where they are shown."""

    area_ids: tuple[str, ...]
    domains: tuple[Domain, ...]
    counts: np.ndarray


@dataclass(frozen=True)
class Area:
    id: str
    name: str
    level: str
    parent_id: str | None
    parent_name: str | None


def among(areas: Areas, column: str = "area_id") -> tuple[str, list[object]]:
    """A condition that keeps some areas (None: all of them), and what it binds."""
    return ("true", []) if areas is None else (f"{column} IN (SELECT unnest(?))", [sorted(areas)])


def all_periods(cursor: DuckDBPyConnection) -> list[int]:
    """Which periods have any report? Ordinals, oldest first."""
    return [row[0] for row in cursor.execute("SELECT period FROM periods ORDER BY period").fetchall()]


def coverage(cursor: DuckDBPyConnection, level: str, period: int, areas: Areas = None) -> Coverage:
    """How many areas have reported, and how many everything?"""
    condition, bound = among(areas)
    row = cursor.execute(
        f"""
        SELECT
            count(*),
            count(*) FILTER (area_id IN (
                SELECT area_id FROM {reported_table(level)} WHERE period = ? AND {ACTIVE}
            )),
            count(*) FILTER ({area_column("no_data")} = 0)
        FROM {compliance_table(level)}
        WHERE period = ? AND {condition}
        """,
        [period, period, *bound],
    ).fetchone()
    return Coverage(*row) if row else Coverage(0, 0, 0)


def badges(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """Who holds which badge? A row a domain: domain, earned, not_earned, undetermined, not_applicable (areas)."""
    domains = standard.domains_of(level)
    columns = []
    for domain in domains:
        met, unmet, no_data = (domain_column(domain, what) for what in ("met", "unmet", "no_data"))
        columns += [
            f"count(*) FILTER ({unmet} = 0 AND {no_data} = 0 AND {met} > 0)",
            f"count(*) FILTER ({unmet} > 0)",
            f"count(*) FILTER ({unmet} = 0 AND {no_data} > 0)",
            f"count(*) FILTER ({unmet} = 0 AND {no_data} = 0 AND {met} = 0)",
        ]
    names = ("earned", "not_earned", "undetermined", "not_applicable")
    return _wide_row(cursor, level, period, areas, columns, [domain.id for domain in domains], names)


def compliance_by_domain(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """Which domains are met? A row a domain: domain, met, unmet, no_data, not_applicable (indicators of all areas together)."""
    domains = standard.domains_of(level)
    columns = [f"coalesce(sum({domain_column(domain, what)}), 0)" for domain in domains for what in COUNTS]
    return _wide_row(cursor, level, period, areas, columns, [domain.id for domain in domains], COUNTS)


def compliance_by_indicator(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """Which indicators are missed? A row an indicator: indicator, met, unmet, no_data, not_applicable (areas)."""
    condition, bound = among(areas)
    exempt_codes = exempt_codes_of(cursor)
    indicators = standard.indicators_of(level)
    columns = ["count(*)"]
    for indicator in indicators:
        columns += [f"coalesce(count_if({indicator_column(indicator)}), 0)", f"count({indicator_column(indicator)})"]
    columns += [f"coalesce(count_if({statuses.exempt_sql(indicator)}), 0)" for indicator in indicators if indicator.code in exempt_codes]
    row = cursor.execute(f"SELECT {', '.join(columns)} FROM {compliance_table(level)} WHERE period = ? AND {condition}", [period, *bound]).fetchone() or ()
    total, verdicts, exempt = row[0], row[1 : 1 + 2 * len(indicators)], iter(row[1 + 2 * len(indicators) :])
    rows = []
    for position, indicator in enumerate(indicators):
        met, judged = verdicts[2 * position : 2 * position + 2]
        not_applicable = next(exempt) if indicator.code in exempt_codes else 0
        rows.append((indicator.code, met, judged - met, total - judged - not_applicable, not_applicable))
    return pd.DataFrame(rows, columns=["indicator", *COUNTS])


def most_missed(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """Which indicators do most areas miss? The rows of compliance_by_indicator with any unmet, most areas first."""
    rows = compliance_by_indicator(cursor, standard, level, period, areas)
    missed = rows[rows["unmet"] > 0]
    share = missed["unmet"] / (missed["met"] + missed["unmet"])
    return missed.assign(share=share).sort_values(["unmet", "share"], ascending=False, kind="stable").drop(columns="share").reset_index(drop=True)


def domain_matrix(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> DomainMatrix:
    """Who misses how much of which domain? Ordered by parent, then area."""
    domains = standard.domains_of(level)
    columns = ", ".join(f"c.{domain_column(domain, what)}" for domain in domains for what in COUNTS)
    condition, bound = among(areas, "c.area_id")
    rows = cursor.execute(
        f"""
        SELECT a.area_id, {columns}
        FROM {compliance_table(level)} AS c
        JOIN areas AS a ON a.area_id = c.area_id
        WHERE c.period = ? AND {condition}
        ORDER BY a.parent_id, a.area_id
        """,
        [period, *bound],
    ).fetchnumpy()
    ids, *figures = rows.values()
    counts = np.stack([np.asarray(each, dtype=np.uint16) for each in figures], axis=1) if len(ids) else np.zeros((0, 4 * len(domains)), dtype=np.uint16)
    return DomainMatrix(tuple(map(str, ids)), domains, counts.reshape(len(ids), len(domains), 4))


def names_of_areas(cursor: DuckDBPyConnection, area_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What are these areas called? area id → its name and its parent's ("" where it has none)."""
    rows = cursor.execute(
        """
        SELECT a.area_id, a.name, coalesce(p.name, '')
        FROM areas AS a
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE a.area_id IN (SELECT unnest(?))
        ORDER BY a.area_id
        """,
        [list(area_ids)],
    ).fetchall()
    return {area_id: (name, parent) for area_id, name, parent in rows}


def area(cursor: DuckDBPyConnection, area_id: str) -> Area | None:
    """Which area is this?"""
    row = cursor.execute(
        """
        SELECT a.area_id, a.name, a.level, a.parent_id, p.name
        FROM areas AS a
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE a.area_id = ?
        """,
        [area_id],
    ).fetchone()
    return Area(*row) if row else None


def areas_of(cursor: DuckDBPyConnection, level: str) -> list[Area]:
    """Which areas are there? Ordered by parent, then id."""
    rows = cursor.execute(
        """
        SELECT a.area_id, a.name, a.level, a.parent_id, p.name
        FROM areas AS a
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE a.level = ?
        ORDER BY a.parent_id, a.area_id
        """,
        [level],
    ).fetchall()
    return [Area(*row) for row in rows]


def verdicts_of_areas(cursor: DuckDBPyConnection, level: str, period: int, parent_id: str | None = None, areas: Areas = None) -> pd.DataFrame:
    """How does every area of a level (under one parent) stand? area_id, name, parent, met, unmet, no_data, not_applicable, score; ordered by parent, then area."""
    whats = (*COUNTS, "score")
    condition, bound = among(areas, "a.area_id")
    return cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, '') AS parent, {", ".join(f"c.{area_column(what)} AS {what}" for what in whats)}
        FROM {compliance_table(level)} AS c
        JOIN areas AS a ON a.area_id = c.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE c.period = ? AND (? IS NULL OR a.parent_id = ?) AND {condition}
        ORDER BY a.parent_id, a.area_id
        """,
        [period, parent_id, parent_id, *bound],
    ).df()


def imports(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """What was imported? Newest first."""
    return cursor.execute(
        """
        SELECT id, kind, level, file_name, sha256, encoding, rows_in, accepted, blank, who, imported_at, status, revoked_at, revoked_by, revoked_why
        FROM imports
        ORDER BY id DESC
        """
    ).df()


def has_imports_by(cursor: DuckDBPyConnection, who: str) -> bool:
    """Does any figure on hand come from that person or program?"""
    row = cursor.execute(f"SELECT count(*) FROM imports WHERE who = ? AND {IS_ACTIVE}", [who]).fetchone()
    return row is not None and row[0] > 0


def newest_import(cursor: DuckDBPyConnection) -> datetime | None:
    """As of when is the data? The time of the last import that still counts."""
    row = cursor.execute(f"SELECT max(imported_at) FROM imports WHERE {IS_ACTIVE}").fetchone()
    return row[0] if row else None


def is_empty(cursor: DuckDBPyConnection) -> bool:
    """Has nothing ever been imported?"""
    row = cursor.execute("SELECT count(*) FROM imports").fetchone()
    return row is None or row[0] == 0


def _wide_row(
    cursor: DuckDBPyConnection, level: str, period: int, areas: Areas, columns: list[str], domains: list[str], names: tuple[str, ...]
) -> pd.DataFrame:
    """Aggregates of one period, asked for as one wide row, as one row a domain."""
    condition, bound = among(areas)
    row = cursor.execute(f"SELECT {', '.join(columns)} FROM {compliance_table(level)} WHERE period = ? AND {condition}", [period, *bound]).fetchone()
    return by_domain(row or (), domains, names)


def by_domain(row: tuple[object, ...], domains: list[str], names: tuple[str, ...]) -> pd.DataFrame:
    """One wide row, some figures a domain, as a row a domain: domain, *names."""
    width = len(names)
    rows = [(domain, *row[position * width : (position + 1) * width]) for position, domain in enumerate(domains)]
    return pd.DataFrame(rows, columns=["domain", *names])


def figure_of(cell: object) -> float | None:
    """A figure of a row, which has NaN or None where there is none."""
    return float(cell) if isinstance(cell, int | float) and cell == cell else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame one by one; pandas does not know that our columns have names."""
    return cast(list[dict[str, Any]], frame.to_dict("records"))
