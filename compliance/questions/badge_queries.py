"""Questions about badges: who is closest to one, and what is missing. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.judging import Judgement
from compliance.engine.schema import compliance_table, domain_column, quote
from compliance.engine.statuses import NO_DATA, UNMET
from compliance.questions.queries import Areas, among
from compliance.standard.definitions import Standard

# What is missing is named up to here; beyond, the number alone says enough.
MOST_NAMED = 2
SHORT_COLUMNS = ("area_id", "name", "parent", "domain", "indicator", "criterion", "value", "threshold", "gap", "attainment")


def closest(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str, areas: Areas = None) -> pd.DataFrame:
    """Who is closest to meeting the whole domain? A row an area that does not, though something in it applies to it:
    area_id, name, parent, unmet, no_data, met, not_applicable (indicators), is_undetermined, unmet_codes, no_data_codes.

    First the areas that miss something, fewest unmet first, then fewest without data. After them the undetermined: nothing is known to be missed, so they may
    meet it all or not. The codes are tuples in the standard's order, empty where more than MOST_NAMED indicators are unmet or without data. Ties stand by
    parent, then area.
    """
    asked = standard.domain_by_id[domain]
    members = asked.at(level)
    judgement = Judgement(standard, level)
    condition, bound = among(areas, "c.area_id")
    counts = ", ".join(f"c.{domain_column(asked, what)} AS {what}" for what in ("unmet", "no_data", "met", "not_applicable"))
    statuses = ", ".join(f"{judgement.status_code_sql(indicator)} AS {quote(f'status {indicator.code}')}" for indicator in members)
    rows = cursor.execute(
        f"""
        SELECT a.area_id, a.name, coalesce(p.name, '') AS parent, c.* EXCLUDE (area_id)
        FROM (
            SELECT area_id, {counts}, unmet = 0 AS is_undetermined, {statuses}
            FROM {compliance_table(level)} AS c
            WHERE c.period = ? AND {condition}
        ) AS c
        JOIN areas AS a ON a.area_id = c.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE c.unmet + c.no_data > 0
        ORDER BY c.is_undetermined, c.unmet, c.no_data, a.parent_id, a.area_id
        """,
        [period, *bound],
    ).df()
    codes, columns = [indicator.code for indicator in members], [f"status {indicator.code}" for indicator in members]
    found, few = rows[columns].to_numpy(), (rows["unmet"] + rows["no_data"] <= MOST_NAMED).to_numpy()
    rows = rows.drop(columns=columns)
    for what, status in (("unmet_codes", UNMET), ("no_data_codes", NO_DATA)):
        rows[what] = _named(codes, (found == status) & few[:, None])
    return rows


def one_short(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """Who lacks a single indicator for a badge, with everything known, and how much of it? A row an unmet criterion of that indicator:
    area_id, name, parent, domain, indicator, criterion, value, threshold, gap, attainment; a group of which one suffices is one row, without figures.

    Domains in the standard's order, in each the areas by parent, then area.
    """
    found = [_short_in(cursor, standard, level, period, domain.id, areas) for domain in standard.domains_of(level) if domain.badge is not None]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*SHORT_COLUMNS])


def _short_in(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str, areas: Areas) -> pd.DataFrame:
    near = closest(cursor, standard, level, period, domain, areas)
    near = near[(near["unmet"] == 1) & (near["no_data"] == 0)]
    near = near.assign(domain=domain, indicator=[codes[0] for codes in near["unmet_codes"]])
    if near.empty:
        return near.reindex(columns=[*SHORT_COLUMNS])
    rows = Judgement(standard, level, frozenset(near["indicator"])).criteria_rows_sql("m.period = ? AND m.area_id IN (SELECT unnest(?))")
    criteria = cursor.execute(
        f"""
        SELECT area_id, indicator, criterion, value, threshold, gap, attainment
        FROM ({rows})
        WHERE status = 'unmet' AND NOT member
        ORDER BY area_id, position
        """,
        [period, list(near["area_id"])],
    ).df()
    return near.merge(criteria, on=["area_id", "indicator"], how="left", sort=False)[[*SHORT_COLUMNS]]


def _named(codes: Sequence[str], flags: np.ndarray) -> list[tuple[str, ...]]:
    """The codes of the columns where a row's flags are set."""
    found: list[tuple[str, ...]] = [()] * len(flags)
    for row, column in np.argwhere(flags).tolist():
        found[row] = (*found[row], codes[column])
    return found
