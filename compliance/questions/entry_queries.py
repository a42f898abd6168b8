"""Questions about what is entered by hand: which exemptions and which outside figures count now. Readers only, as queries.py."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.engine.schema import ACTIVE, quote
from compliance.questions.queries import Areas, among
from compliance.standard.definitions import Standard

PARAMETER_COLUMNS = ["period", "parameter", "value", "import_id", "who", "imported_at", "why"]


def exemptions(cursor: DuckDBPyConnection, areas: Areas = None) -> pd.DataFrame:
    """Which exemptions are there, past ones too? area_id, name, parent, level, indicator, from, to (NULL: open ended), reason, import_id, who, imported_at.

    Those that begin last first.
    """
    condition, bound = among(areas, "e.area_id")
    return cursor.execute(
        f"""
        SELECT
            e.area_id, a.name, coalesce(p.name, '') AS parent, a.level, e.indicator, e."from", e."to", e.reason,
            e.import_id, coalesce(i.who, '') AS who, i.imported_at
        FROM exemptions AS e
        JOIN areas AS a ON a.area_id = e.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        JOIN imports AS i ON i.id = e.import_id
        WHERE {condition}
        ORDER BY e."from" DESC, e.area_id, e.indicator
        """,
        bound,
    ).df()


def parameters(cursor: DuckDBPyConnection, standard: Standard) -> pd.DataFrame:
    """Which outside figures are there? PARAMETER_COLUMNS, a row a figure that counts; newest period first, parameters in the standard's order."""
    if not standard.parameters:
        return pd.DataFrame(columns=PARAMETER_COLUMNS)
    ids = [parameter.id for parameter in standard.parameters]
    rows = cursor.execute(
        f"""
        SELECT x.period, x.place, x.value, x.import_id, coalesce(i.who, '') AS who, i.imported_at, coalesce(i.reason, '') AS why
        FROM (
            SELECT period, place, value, import_id
            FROM (
                SELECT period, import_id, unnest(range({len(ids)})) AS place, unnest([{", ".join(map(quote, ids))}]) AS value
                FROM reported_parameters
                WHERE {ACTIVE}
            )
            WHERE value IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY period, place ORDER BY import_id DESC) = 1
        ) AS x
        JOIN imports AS i ON i.id = x.import_id
        ORDER BY x.period DESC, x.place
        """
    ).df()
    return rows.assign(parameter=[ids[place] for place in rows["place"]])[PARAMETER_COLUMNS]
