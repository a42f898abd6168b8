"""Questions about time: better or worse, since when, what changed. Readers only, as queries.py."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.schema import compliance_table, domain_column, indicator_column
from compliance.questions.queries import COUNTS, Areas, among
from compliance.standard.definitions import Standard


def rates_over_time(cursor: DuckDBPyConnection, standard: Standard, level: str, areas: Areas = None) -> pd.DataFrame:
    """How did each domain move? period, domain, met, unmet, no_data, not_applicable; oldest period first, domains in the standard's order."""
    condition, bound = among(areas, "c.area_id")
    domains = standard.domains_of(level)
    sums = ", ".join(f"sum(c.{domain_column(domain, what)})" for domain in domains for what in COUNTS)
    rows = cursor.execute(
        f"""
        SELECT c.period, {sums}
        FROM {compliance_table(level)} AS c
        WHERE {condition}
        GROUP BY c.period
        ORDER BY c.period
        """,
        bound,
    ).fetchall()
    long = [(row[0], domain.id, *row[1 + 4 * place : 5 + 4 * place]) for row in rows for place, domain in enumerate(domains)]
    return pd.DataFrame(long, columns=["period", "domain", *COUNTS])


def rates_by_parent_over_time(cursor: DuckDBPyConnection, standard: Standard, level: str, domain: str | None = None, areas: Areas = None) -> pd.DataFrame:
    """How did each subdistrict's communities move? period, parent_id, parent, met, unmet, no_data, not_applicable."""
    condition, bound = among(areas, "c.area_id")
    domains = [each for each in standard.domains_of(level) if domain in (None, each.id)]
    sums = ", ".join(f"sum({' + '.join(f'c.{domain_column(each, what)}' for each in domains)}) AS {what}" for what in COUNTS)
    return cursor.execute(
        f"""
        SELECT c.period, p.area_id AS parent_id, p.name AS parent, {sums}
        FROM {compliance_table(level)} AS c
        JOIN areas AS a ON a.area_id = c.area_id
        JOIN areas AS p ON p.area_id = a.parent_id
        WHERE {condition}
        GROUP BY c.period, p.area_id, p.name
        ORDER BY c.period, p.area_id
        """,
        bound,
    ).df()


def flips(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """What changed since the period before? A row a decided status that flipped: area_id, name, parent, indicator, was_met, is_met; regressions first."""
    condition, bound = among(areas, "c.area_id")
    codes = [indicator.code for indicator in standard.indicators_of(level)]
    now = ", ".join(f"c.{indicator_column(indicator)}" for indicator in standard.indicators_of(level))
    before = ", ".join(f"b.{indicator_column(indicator)}" for indicator in standard.indicators_of(level))
    rows = cursor.execute(
        f"""
        SELECT f.area_id, a.name, coalesce(p.name, '') AS parent, f.position, f.was_met, f.is_met
        FROM (
            SELECT c.area_id, unnest(range({len(codes)})) AS position, unnest([{before}]) AS was_met, unnest([{now}]) AS is_met
            FROM {compliance_table(level)} AS c
            JOIN {compliance_table(level)} AS b ON b.area_id = c.area_id AND b.period = c.period - 1
            WHERE c.period = ? AND {condition}
        ) AS f
        JOIN areas AS a ON a.area_id = f.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE f.was_met <> f.is_met
        ORDER BY f.is_met, a.parent_id, f.area_id, f.position
        """,
        [period, *bound],
    ).df()
    rows.insert(3, "indicator", [codes[position] for position in rows.pop("position")])
    return rows
