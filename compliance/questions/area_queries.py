"""Questions about one area: how it stands, why, and where its figures come from. Readers only, as queries.py."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine import statuses
from compliance.engine.judging import Judgement
from compliance.engine.schema import ACTIVE, IS_ACTIVE, area_column, compliance_table, domain_column, indicator_column, quote, reported_table
from compliance.questions.queries import COUNTS, by_domain
from compliance.standard.definitions import Indicator, Standard
from compliance.standard.inputs import names_in

SOURCE_COLUMNS = ["metric", "period", "value", "was", "import_id", "line", "file_name", "who", "imported_at", "sha256", "encoding"]


def verdict_of_area(cursor: DuckDBPyConnection, standard: Standard, level: str, area_id: str, period: int) -> pd.DataFrame:
    """How does one area stand? A row a domain: domain, met, unmet, no_data, not_applicable, score; the last row (domain '') is the area itself."""
    domains = standard.domains_of(level)
    whats = (*COUNTS, "score")
    columns = [domain_column(domain, what) for domain in domains for what in whats] + [area_column(what) for what in whats]
    row = cursor.execute(
        f"SELECT {', '.join(columns)} FROM {compliance_table(level)} WHERE area_id = ? AND period = ?", [area_id, period]
    ).fetchone()  # fmt: skip
    if row is None:
        return pd.DataFrame(columns=["domain", *whats])
    return by_domain(row, [*(domain.id for domain in domains), ""], whats)


def criteria_of_area(cursor: DuckDBPyConnection, standard: Standard, level: str, area_id: str, period: int, codes: Sequence[str]) -> pd.DataFrame:
    """Why? A row a criterion of the given indicators: indicator, criterion, member, value, threshold, gap, attainment, status."""
    judgement = Judgement(standard, level, frozenset(codes))
    return cursor.execute(
        f"""
        SELECT indicator, criterion, member, value, threshold, gap, attainment, status
        FROM ({judgement.criteria_rows_sql("m.area_id = ? AND m.period = ?")})
        ORDER BY position
        """,
        [area_id, period],
    ).df()


def indicators_of_area(cursor: DuckDBPyConnection, standard: Standard, level: str, area_id: str, period: int) -> dict[str, str]:
    """Indicator code → status of one area."""
    indicators = standard.indicators_of(level)
    row = cursor.execute(
        f"SELECT exempt, {', '.join(map(indicator_column, indicators))} FROM {compliance_table(level)} WHERE area_id = ? AND period = ?",
        [area_id, period],
    ).fetchone()
    if row is None:
        return {}
    exempt = set(row[0] or ())
    return {i.code: statuses.of(verdict, is_exempt=i.code in exempt) for i, verdict in zip(indicators, row[1:], strict=True)}


def sources(cursor: DuckDBPyConnection, standard: Standard, level: str, area_id: str, period: int, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Where do the figures come from? A row a reported figure that the indicators look at:
    metric, period, value, was, import_id, line, file_name, who, imported_at, sha256, encoding; the newest effective report of each, oldest period first.
    was: the value before the report that changed it last, None where no report changed it."""
    reach = Judgement(standard, level, frozenset(i.code for i in indicators)).reach
    metrics = [name for name in names_in(indicators) if name in standard.metric_by_id]
    if not metrics:
        return pd.DataFrame(columns=SOURCE_COLUMNS)
    # Wide rows, taken apart here: a list of structs of a hundred metrics takes longer to plan than all the rest.
    rows = cursor.execute(
        f"""
        SELECT r.period, r.import_id, r.line, i.file_name, i.who, i.imported_at, i.sha256, i.encoding, {", ".join(f"r.{quote(name)}" for name in metrics)}
        FROM {reported_table(level)} AS r
        JOIN imports AS i ON i.id = r.import_id
        WHERE r.area_id = ? AND r.period BETWEEN ? AND ? AND i.{IS_ACTIVE}
        ORDER BY r.period, r.import_id
        """,
        [area_id, period - reach, period],
    ).fetchall()
    newest: dict[tuple[str, int], tuple[object, ...]] = {}
    for when, import_id, line, *origin in rows:
        facts, values = origin[: -len(metrics)], origin[-len(metrics) :]
        for name, value in zip(metrics, values, strict=True):
            if value is not None:
                before, was, *_ = newest.get((name, when), (value, None))
                newest[name, when] = (value, was if value == before else before, import_id, line, *facts)
    return pd.DataFrame([(*key, *newest[key]) for key in sorted(newest)], columns=SOURCE_COLUMNS)


def parameter_sources(cursor: DuckDBPyConnection, standard: Standard, period: int) -> pd.DataFrame:
    """Where do the outside figures of a period come from? The columns of `sources`, a row a parameter that has a value."""
    if not standard.parameters:
        return pd.DataFrame(columns=SOURCE_COLUMNS)
    structs = ", ".join(f"{{'metric': '{parameter.id}', 'value': r.{quote(parameter.id)}}}" for parameter in standard.parameters)
    return cursor.execute(
        f"""
        SELECT x.metric, x.period, x.value, nullif(x.was, x.value) AS was, x.import_id, x.line, i.file_name, i.who, i.imported_at, i.sha256, i.encoding
        FROM (
            SELECT f.metric, f.value, lag(f.value) OVER (PARTITION BY f.metric ORDER BY import_id) AS was, period, import_id, line
            FROM (SELECT unnest([{structs}]) AS f, period, import_id, line FROM reported_parameters AS r WHERE period = ?)
            WHERE f.value IS NOT NULL AND {ACTIVE}
            QUALIFY row_number() OVER (PARTITION BY f.metric ORDER BY import_id DESC) = 1
        ) AS x
        JOIN imports AS i ON i.id = x.import_id
        ORDER BY x.metric
        """,
        [period],
    ).df()


def exemptions_of_area(cursor: DuckDBPyConnection, area_id: str, period: int) -> pd.DataFrame:
    """Why is an indicator not applicable? indicator, from, to, reason, import_id, line."""
    return cursor.execute(
        """
        SELECT indicator, "from", "to", reason, import_id, line
        FROM exemptions
        WHERE area_id = ? AND "from" <= ? AND coalesce("to", ?) >= ?
        ORDER BY indicator, "from"
        """,
        [area_id, period, period, period],
    ).df()
