"""Keeps the derived tables true after every change of the reports: effective values, then verdicts.

Every function works on a cursor inside the caller's transaction.
"""

from __future__ import annotations

import hashlib

from duckdb import DuckDBPyConnection

from compliance.engine import derive_sql
from compliance.engine.flipping import Watch
from compliance.engine.judging import Judgement
from compliance.engine.schema import compliance_table, metrics_table, reported_table
from compliance.standard.definitions import Standard


def derive_everything(cursor: DuckDBPyConnection, standard: Standard, watch: Watch | None = None) -> None:
    """All derived tables from the active reports."""
    if watch:
        for judged in standard.judged_levels:
            watch.before(cursor, judged, everything=True)
    cursor.execute(derive_sql.AREAS_SQL)
    cursor.execute(derive_sql.EXEMPTIONS_SQL)
    cursor.execute(derive_sql.parameters_sql(standard))
    cursor.execute(derive_sql.periods_sql(standard))
    cursor.execute(derive_sql.EXEMPT_INDICATORS_SQL)
    for level in standard.levels:
        cursor.execute(derive_sql.all_metrics_sql(standard, level.id))
    judge_everything(cursor, standard)
    if watch:
        for judged in standard.judged_levels:
            watch.after(cursor, judged, everything=True)


def fingerprint(standard: Standard) -> str:
    """A hash of the SQL that derives: a program whose SQL differs derives an older database again at its next start."""
    texts = [derive_sql.AREAS_SQL, derive_sql.EXEMPTIONS_SQL, derive_sql.EXEMPT_INDICATORS_SQL]
    texts += [derive_sql.parameters_sql(standard), derive_sql.periods_sql(standard)]
    texts += [derive_sql.all_metrics_sql(standard, level.id) for level in standard.levels]
    texts += [derive_sql.all_compliance_sql(standard, level, frozenset()) for level in standard.judged_levels]
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def judge_everything(cursor: DuckDBPyConnection, standard: Standard) -> None:
    """All verdicts of all levels from the effective values."""
    for level in standard.judged_levels:
        judge_level(cursor, standard, level)


def judge_level(cursor: DuckDBPyConnection, standard: Standard, level: str) -> None:
    cursor.execute(derive_sql.all_compliance_sql(standard, level, exempt_codes_of(cursor)))


def overlay_report(cursor: DuckDBPyConnection, standard: Standard, level: str, reported: tuple[str, ...], import_id: int, watch: Watch | None = None) -> None:
    """The newest metrics report becomes effective, and what it reaches is judged."""
    cursor.execute(derive_sql.scope_sql(f"SELECT area_id, period FROM {reported_table(level)} WHERE import_id = ? AND filled > 0"), [import_id])
    found = cursor.execute("SELECT DISTINCT period, period IN (FROM periods) FROM scope ORDER BY period").fetchall()
    new = [period for period, is_known in found if not is_known]
    # A file about new periods only, the commonest by far: there is nothing yet to lay it over.
    is_fresh = len(new) == len(found)
    if new:
        _add_periods(cursor, standard, level, new, watch, with_own=not is_fresh)
    if is_fresh:
        cursor.execute(derive_sql.fresh_metrics_sql(level, reported), [new, level, import_id])
    else:
        cursor.execute(derive_sql.overlaid_metrics_sql(standard, level, reported), [import_id])
        cursor.execute(derive_sql.delete_scope_sql(metrics_table(level)))
        cursor.execute(f"INSERT INTO {metrics_table(level)} BY NAME SELECT * FROM overlaid ORDER BY period, area_id")
        cursor.execute("DROP TABLE overlaid")
    if new:
        # Areas that this file does not name are judged in the new periods too: nothing may vanish from a denominator.
        cursor.execute("INSERT INTO scope SELECT area_id, unnest(?) FROM areas WHERE level = ?", [new, level])
        cursor.execute(derive_sql.scope_sql("SELECT DISTINCT area_id, period FROM scope"))
    judge_scope(cursor, standard, level, watch=watch)


def derive_reports_again(cursor: DuckDBPyConnection, standard: Standard, level: str, import_id: int, watch: Watch | None = None) -> None:
    """After a metrics import was revoked or restored: its areas and periods from every active report."""
    periods_before = _periods(cursor)
    cursor.execute(derive_sql.periods_sql(standard))
    if _periods(cursor) != periods_before:
        # A whole period came or went: every area of every level gains or loses a row.
        derive_everything(cursor, standard, watch)
        return
    # An area may have moved to another level since: then it has no row here.
    cursor.execute(
        derive_sql.scope_sql(f"""
        SELECT area_id, period FROM {reported_table(level)}
        WHERE import_id = ? AND filled > 0 AND area_id IN (SELECT area_id FROM areas WHERE level = ?)"""),
        [import_id, level],
    )
    cursor.execute(derive_sql.delete_scope_sql(metrics_table(level)))
    cursor.execute(derive_sql.scoped_metrics_sql(standard, level))
    judge_scope(cursor, standard, level, watch=watch)


def derive_areas(cursor: DuckDBPyConnection) -> None:
    """The areas alone, from their active reports."""
    cursor.execute(derive_sql.AREAS_SQL)


def derive_again(cursor: DuckDBPyConnection, standard: Standard, kind: str, level: str, import_id: int, watch: Watch | None = None) -> None:
    """After an import of that kind was revoked or restored."""
    match kind:
        case "areas":
            derive_areas_again(cursor, standard, watch)
        case "metrics":
            derive_reports_again(cursor, standard, level, import_id, watch)
        case "parameters":
            derive_parameters_again(cursor, standard, watch)
        case _:
            derive_exemptions_again(cursor, standard, watch)


def derive_areas_again(cursor: DuckDBPyConnection, standard: Standard, watch: Watch | None = None) -> None:
    """After a change of the areas: rows of new areas appear, rows of vanished ones go."""
    cursor.execute(derive_sql.AREAS_SQL)
    for level in standard.levels:
        table = metrics_table(level.id)
        gone = f"area_id NOT IN (SELECT area_id FROM areas WHERE level = '{level.id}')"
        cursor.execute(f"DELETE FROM {table} WHERE {gone}")
        cursor.execute(
            derive_sql.scope_sql(f"""
            SELECT a.area_id, p.period FROM areas AS a CROSS JOIN periods AS p
            WHERE a.level = '{level.id}' AND a.area_id NOT IN (SELECT area_id FROM {table})""")
        )
        cursor.execute(derive_sql.scoped_metrics_sql(standard, level.id))
        if level.id in standard.judged_levels:
            cursor.execute(f"DELETE FROM {compliance_table(level.id)} WHERE {gone}")
            judge_scope(cursor, standard, level.id, watch=watch)


def derive_parameters_again(cursor: DuckDBPyConnection, standard: Standard, watch: Watch | None = None) -> None:
    """After a change of the parameters: every area in the periods whose figures differ."""
    cursor.execute("CREATE OR REPLACE TEMP TABLE parameters_before AS SELECT * FROM parameters")
    cursor.execute(derive_sql.parameters_sql(standard))
    for level in standard.judged_levels:
        cursor.execute(
            derive_sql.scope_sql(f"""
            SELECT area_id, period FROM {metrics_table(level)}
            WHERE period IN (SELECT period FROM (
                (FROM parameters EXCEPT FROM parameters_before) UNION ALL (FROM parameters_before EXCEPT FROM parameters)))""")
        )
        judge_scope(cursor, standard, level, widen=False, watch=watch)
    cursor.execute("DROP TABLE parameters_before")


def derive_exemptions_again(cursor: DuckDBPyConnection, standard: Standard, watch: Watch | None = None) -> None:
    """After a change of the exemptions: the areas and periods whose exempt indicators differ."""
    cursor.execute("CREATE OR REPLACE TEMP TABLE exempt_before AS SELECT * FROM exempt_indicators")
    cursor.execute(derive_sql.EXEMPTIONS_SQL)
    cursor.execute(derive_sql.EXEMPT_INDICATORS_SQL)
    for level in standard.judged_levels:
        cursor.execute(
            derive_sql.scope_sql(f"""
            SELECT DISTINCT d.area_id, d.period FROM (
                (FROM exempt_indicators EXCEPT FROM exempt_before) UNION ALL (FROM exempt_before EXCEPT FROM exempt_indicators)) AS d
            JOIN areas AS a ON a.area_id = d.area_id AND a.level = '{level}'""")
        )
        judge_scope(cursor, standard, level, widen=False, watch=watch)
    cursor.execute("DROP TABLE exempt_before")


def judge_scope(cursor: DuckDBPyConnection, standard: Standard, level: str, *, widen: bool = True, watch: Watch | None = None) -> None:
    """Judge the scope's rows again, and the later ones whose windows reach them."""
    row = cursor.execute("SELECT count(*) FROM scope").fetchone()
    if level not in standard.judged_levels or row == (0,):
        return
    reach = Judgement(standard, level).reach
    if widen and reach:
        cursor.execute(derive_sql.widen_scope_sql(level, reach))
    if watch:
        watch.before(cursor, level)
    cursor.execute(derive_sql.delete_scope_sql(compliance_table(level)))
    cursor.execute(derive_sql.judge_scope_sql(standard, level, exempt_codes_of(cursor)))
    if watch:
        watch.after(cursor, level)


def _add_periods(cursor: DuckDBPyConnection, standard: Standard, level: str, new: list[int], watch: Watch | None, *, with_own: bool) -> None:
    """Periods reported for the first time: every area of every level gets a row, and open exemptions reach them. `level` itself is judged by the caller.

    with_own: whether the rows of `level` are made here, to be laid over by the caller.
    """
    cursor.execute("INSERT INTO periods SELECT unnest(?)", [new])
    cursor.execute(derive_sql.EXEMPT_INDICATORS_SQL)
    rows = "SELECT area_id, unnest(?) AS period FROM areas WHERE level = ? ORDER BY period, area_id"
    for other in standard.levels:
        if other.id != level or with_own:
            cursor.execute(f"INSERT INTO {metrics_table(other.id)} BY NAME {rows}", [new, other.id])
    cursor.execute("ALTER TABLE scope RENAME TO asked_scope")
    for other in standard.levels:
        if other.id != level:
            cursor.execute(derive_sql.scope_sql(rows), [new, other.id])
            judge_scope(cursor, standard, other.id, watch=watch)
    cursor.execute("DROP TABLE IF EXISTS scope")
    cursor.execute("ALTER TABLE asked_scope RENAME TO scope")


def exempt_codes_of(cursor: DuckDBPyConnection) -> frozenset[str]:
    return frozenset(row[0] for row in cursor.execute("SELECT DISTINCT indicator FROM exemptions ORDER BY indicator").fetchall())


def _periods(cursor: DuckDBPyConnection) -> list[int]:
    return [row[0] for row in cursor.execute("SELECT period FROM periods ORDER BY period").fetchall()]
