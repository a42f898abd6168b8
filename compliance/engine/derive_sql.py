"""Reports → effective values → verdicts: the SQL that keeps the derived tables true (DESIGN §5). Pure text.

`scope` is a temporary table (area_id, period) that names the rows to derive again.
"""

from __future__ import annotations

from compliance.engine.judging import Judgement
from compliance.engine.schema import ACTIVE, compliance_table, metrics_table, quote, reported_table
from compliance.standard.definitions import Standard

# The newest list that names an area says what it is called and where it belongs. Of each attribute the newest value holds: a list without its column, or with a
# blank cell, leaves it as it was.
AREAS_SQL = f"""
CREATE OR REPLACE TABLE areas AS
WITH
    told AS (SELECT import_id, area_id, name, level, parent_id, attributes FROM reported_areas WHERE {ACTIVE}),
    cells AS (SELECT area_id, import_id, unnest(map_entries(attributes)) AS cell FROM told),
    newest AS (SELECT area_id, cell.key AS key, arg_max(cell.value, import_id) AS value FROM cells WHERE cell.value IS NOT NULL GROUP BY ALL),
    kept AS (SELECT area_id, map_from_entries(list({{'key': key, 'value': value}} ORDER BY key)) AS attributes FROM newest GROUP BY area_id)
SELECT t.area_id, t.name, t.level, t.parent_id, coalesce(k.attributes, CAST(MAP {{}} AS MAP(VARCHAR, VARCHAR))) AS attributes
FROM told AS t
LEFT JOIN kept AS k ON k.area_id = t.area_id
QUALIFY row_number() OVER (PARTITION BY t.area_id ORDER BY t.import_id DESC) = 1
ORDER BY t.area_id
"""

# The newest word on an area, an indicator and a beginning: an exemption is ended by giving it an end.
EXEMPTIONS_SQL = f"""
CREATE OR REPLACE TABLE exemptions AS
SELECT import_id, line, area_id, indicator, "from", "to", reason
FROM reported_exemptions
WHERE {ACTIVE}
QUALIFY row_number() OVER (PARTITION BY area_id, indicator, "from" ORDER BY import_id DESC) = 1
ORDER BY area_id, indicator, "from"
"""

EXEMPT_INDICATORS_SQL = """
CREATE OR REPLACE TABLE exempt_indicators AS
SELECT e.area_id, p.period, list(DISTINCT e.indicator ORDER BY e.indicator) AS exempt
FROM exemptions AS e
JOIN periods AS p ON p.period >= e."from" AND p.period <= coalesce(e."to", p.period)
GROUP BY e.area_id, p.period
ORDER BY p.period, e.area_id
"""


def parameters_sql(standard: Standard) -> str:
    """The newest active value of each parameter and period."""
    columns = "".join(f", {newest_sql(parameter.id)}" for parameter in standard.parameters)
    return f"CREATE OR REPLACE TABLE parameters AS SELECT period{columns} FROM reported_parameters WHERE {ACTIVE} GROUP BY period ORDER BY period"


def periods_sql(standard: Standard) -> str:
    """Periods for which any area of any level has an effective report (ADR 3.1)."""
    reports = " UNION ".join(f"SELECT period FROM {reported_table(level.id)} WHERE filled > 0 AND {ACTIVE}" for level in standard.levels)
    return f"CREATE OR REPLACE TABLE periods AS SELECT DISTINCT period FROM ({reports}) ORDER BY period"


def newest_sql(column: str) -> str:
    # arg_max skips NULL, so a blank cell changes nothing.
    return f"arg_max({quote(column)}, import_id) AS {quote(column)}"


def all_metrics_sql(standard: Standard, level: str) -> str:
    """The metrics table of a level from every active report: one row an area and period, reported or not."""
    columns = [metric.id for metric in standard.metrics_of(level)]
    newest = "".join(f", {newest_sql(column)}" for column in columns)
    chosen = "".join(f", r.{quote(column)}" for column in columns)
    return f"""
    CREATE OR REPLACE TABLE {metrics_table(level)} AS
    SELECT a.area_id, p.period{chosen}
    FROM (SELECT area_id FROM areas WHERE level = '{level}') AS a
    CROSS JOIN periods AS p
    LEFT JOIN (SELECT area_id, period{newest} FROM {reported_table(level)} WHERE {ACTIVE} GROUP BY area_id, period) AS r
        ON r.area_id = a.area_id AND r.period = p.period
    ORDER BY p.period, a.area_id
    """


def all_compliance_sql(standard: Standard, level: str, exempt_codes: frozenset[str]) -> str:
    return f"CREATE OR REPLACE TABLE {compliance_table(level)} AS {Judgement(standard, level).judge_sql(exempt_codes)}"


def scope_sql(rows: str) -> str:
    """Make `scope` anew, of the rows of a query."""
    return f"CREATE OR REPLACE TEMP TABLE scope AS {rows}"


def in_scope_sql(alias: str = "") -> str:
    """A condition that keeps the scope's rows. alias: of the table that they are of, with its dot."""
    return f"({alias}area_id, {alias}period) IN (SELECT area_id, period FROM scope)"


def scoped_metrics_sql(standard: Standard, level: str) -> str:
    """INSERT of the scope's rows from every active report (the old rows must be gone)."""
    columns = [metric.id for metric in standard.metrics_of(level)]
    newest = "".join(f", {newest_sql(column)}" for column in columns)
    chosen = "".join(f", r.{quote(column)}" for column in columns)
    return f"""
    INSERT INTO {metrics_table(level)} BY NAME
    SELECT s.area_id, s.period{chosen}
    FROM scope AS s
    LEFT JOIN (
        SELECT area_id, period{newest} FROM {reported_table(level)}
        WHERE {ACTIVE} AND {in_scope_sql()} GROUP BY area_id, period
    ) AS r ON r.area_id = s.area_id AND r.period = s.period
    ORDER BY s.period, s.area_id
    """


def overlaid_metrics_sql(standard: Standard, level: str, reported: tuple[str, ...]) -> str:
    """The scope's rows with a new report (its import id is bound) laid over them: the newest report wins wherever it is not blank."""
    columns = ["s.area_id", "s.period"]
    for metric in standard.metrics_of(level):
        name = quote(metric.id)
        columns.append(f"coalesce(n.{name}, m.{name}) AS {name}" if metric.id in reported else f"m.{name}")
    return f"""
    CREATE OR REPLACE TEMP TABLE overlaid AS
    SELECT {", ".join(columns)}
    FROM scope AS s
    LEFT JOIN {metrics_table(level)} AS m ON m.area_id = s.area_id AND m.period = s.period
    LEFT JOIN {reported_table(level)} AS n ON n.area_id = s.area_id AND n.period = s.period AND n.import_id = ?
    """


def fresh_metrics_sql(level: str, reported: tuple[str, ...]) -> str:
    """INSERT of the rows of new periods (bound, with the level) from the one report about them (its import id is bound), blank for areas that it leaves out."""
    return f"""
    INSERT INTO {metrics_table(level)} BY NAME
    SELECT a.area_id, a.period{"".join(f", n.{quote(column)}" for column in reported)}
    FROM (SELECT area_id, unnest(?) AS period FROM areas WHERE level = ?) AS a
    LEFT JOIN {reported_table(level)} AS n ON n.area_id = a.area_id AND n.period = a.period AND n.import_id = ?
    ORDER BY a.period, a.area_id
    """


def delete_scope_sql(table: str) -> str:
    return f"DELETE FROM {table} WHERE {in_scope_sql()}"


def widen_scope_sql(level: str, reach: int) -> str:
    """Add the later periods whose windows reach the scope's periods, where such rows exist."""
    return scope_sql(f"""
    SELECT DISTINCT m.area_id, m.period
    FROM {metrics_table(level)} AS m
    JOIN scope AS s ON s.area_id = m.area_id AND m.period >= s.period AND m.period <= s.period + {reach}
    """)


def judge_scope_sql(standard: Standard, level: str, exempt_codes: frozenset[str]) -> str:
    return f"INSERT INTO {compliance_table(level)} BY NAME {Judgement(standard, level).judge_sql(exempt_codes, in_scope_sql('m.'))}"
