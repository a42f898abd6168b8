"""Names of tables and columns, and the SQL that creates them. Pure text.

Rows are wide: one per area and period (DESIGN §5). Column names say what they are: `criterion 2.5 stairwell_lighting`, `indicator 2.5`,
`domain environment met`, `area score`; they are unique because ids hold no blanks.
"""

from __future__ import annotations

from compliance.standard.definitions import Domain, Indicator, Standard

SCHEMA_VERSION = 2

LEDGER_SQL = """
CREATE TABLE IF NOT EXISTS store_facts (name VARCHAR, value VARCHAR);
CREATE TABLE IF NOT EXISTS definitions (version INTEGER, sha256 VARCHAR, source VARCHAR, since TIMESTAMP, who VARCHAR, why VARCHAR);
CREATE TABLE IF NOT EXISTS imports (
    id INTEGER, kind VARCHAR, level VARCHAR, file_name VARCHAR, sha256 VARCHAR, encoding VARCHAR,
    rows_in INTEGER, accepted INTEGER, blank INTEGER, ignored VARCHAR,
    who VARCHAR, imported_at TIMESTAMP, program VARCHAR, definitions_version INTEGER,
    status VARCHAR, revoked_at TIMESTAMP, revoked_by VARCHAR, revoked_why VARCHAR,
    reason VARCHAR, note VARCHAR, entered BOOLEAN, batch INTEGER, flips_met INTEGER, flips_unmet INTEGER, flips_no_data INTEGER, flips_not_applicable INTEGER);
CREATE TABLE IF NOT EXISTS ledger (seq INTEGER, entry VARCHAR, previous_hash VARCHAR, hash VARCHAR);
CREATE TABLE IF NOT EXISTS reported_areas (
    import_id INTEGER, line INTEGER, area_id VARCHAR, name VARCHAR, level VARCHAR, parent_id VARCHAR, attributes MAP(VARCHAR, VARCHAR));
CREATE TABLE IF NOT EXISTS reported_exemptions (
    import_id INTEGER, line INTEGER, area_id VARCHAR, indicator VARCHAR, "from" INTEGER, "to" INTEGER, reason VARCHAR);
CREATE TABLE IF NOT EXISTS reported_parameters (import_id INTEGER, line INTEGER, period INTEGER);
CREATE TABLE IF NOT EXISTS areas (area_id VARCHAR, name VARCHAR, level VARCHAR, parent_id VARCHAR, attributes MAP(VARCHAR, VARCHAR));
CREATE TABLE IF NOT EXISTS exemptions (
    import_id INTEGER, line INTEGER, area_id VARCHAR, indicator VARCHAR, "from" INTEGER, "to" INTEGER, reason VARCHAR);
CREATE TABLE IF NOT EXISTS exempt_indicators (area_id VARCHAR, period INTEGER, exempt VARCHAR[]);
CREATE TABLE IF NOT EXISTS periods (period INTEGER);
"""

IS_ACTIVE = "status = 'active'"
"""Of an import: it counts."""
ACTIVE = f"import_id IN (SELECT id FROM imports WHERE {IS_ACTIVE})"
"""Of what an import brought: it counts."""

MIGRATIONS: dict[int, tuple[str, ...]] = {
    # version → what makes it of the one before. Forward only: what was published is never changed, more is added below.
    2: (
        "ALTER TABLE imports ADD COLUMN reason VARCHAR DEFAULT ''",
        "ALTER TABLE imports ADD COLUMN note VARCHAR DEFAULT ''",
        "ALTER TABLE imports ADD COLUMN entered BOOLEAN DEFAULT false",
        *(f"ALTER TABLE imports ADD COLUMN {name} INTEGER" for name in ("batch", "flips_met", "flips_unmet", "flips_no_data", "flips_not_applicable")),
        """
        CREATE OR REPLACE TABLE definitions AS
        SELECT d.version, d.sha256, d.source, d.since, json_extract_string(l.entry, '$.who') AS who, '' AS why
        FROM definitions AS d
        LEFT JOIN ledger AS l
            ON json_extract_string(l.entry, '$.event') = 'definitions' AND CAST(json_extract_string(l.entry, '$.version') AS INTEGER) = d.version
        ORDER BY d.version
        """,
    ),
}


def quote(identifier: str) -> str:
    """The one place where a name becomes SQL. Names come from definitions only, never from data."""
    return '"' + identifier.replace('"', '""') + '"'


def reported_table(level: str) -> str:
    return quote(f"reported_{level}")


def metrics_table(level: str) -> str:
    return quote(f"metrics_{level}")


def compliance_table(level: str) -> str:
    return quote(f"compliance_{level}")


def criterion_column(indicator: Indicator, criterion_id: str) -> str:
    return quote(f"criterion {indicator.code} {criterion_id}")


def indicator_column(indicator: Indicator) -> str:
    return quote(f"indicator {indicator.code}")


def domain_column(domain: Domain, what: str) -> str:
    return quote(f"domain {domain.id} {what}")


def area_column(what: str) -> str:
    return quote(f"area {what}")


def reported_level_sql(level: str) -> str:
    """Append-only; `filled` is how many cells of the row are not blank. Metric columns are added by `missing_columns_sql`."""
    return f"CREATE TABLE IF NOT EXISTS {reported_table(level)} (import_id INTEGER, line INTEGER, area_id VARCHAR, period INTEGER, filled INTEGER)"


def add_column_sql(table: str, column: str) -> str:
    return f"ALTER TABLE {table} ADD COLUMN {quote(column)} DOUBLE"


def reported_columns(standard: Standard) -> dict[str, tuple[str, ...]]:
    """Reported table → the columns the standard needs in it."""
    tables = {f"reported_{level.id}": tuple(metric.id for metric in standard.metrics_of(level.id)) for level in standard.levels}
    return {**tables, "reported_parameters": tuple(parameter.id for parameter in standard.parameters)}
