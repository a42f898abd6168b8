"""What a dry run tells: how many cells and statuses an import would change. Reads inside the transaction that is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance import deriving
from compliance.definitions import Indicator, Standard
from compliance.reading import Reading
from compliance.schema import compliance_table, indicator_column, metrics_table, quote


@dataclass(frozen=True)
class CellChanges:
    """Cells of one file against the effective values before it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Flips:
    """Indicator statuses that an import changes, by what they become."""

    met: int = 0
    unmet: int = 0
    no_data: int = 0
    not_applicable: int = 0


def changed_cells(cursor: DuckDBPyConnection, read: Reading) -> CellChanges:
    new, changed, same = [], [], []
    for name in map(quote, read.columns):
        new.append(f"count(*) FILTER (n.{name} IS NOT NULL AND m.{name} IS NULL)")
        changed.append(f"count(*) FILTER (n.{name} <> m.{name})")
        same.append(f"count(*) FILTER (n.{name} = m.{name})")
    cursor.register("incoming", read.table)
    # fetchall, not fetchone: a result that is not read to its end keeps `incoming` in use.
    rows = cursor.execute(
        f"""
        SELECT {" + ".join(new)}, {" + ".join(changed)}, {" + ".join(same)}
        FROM incoming AS n
        LEFT JOIN {metrics_table(read.level or "")} AS m ON m.area_id = n.area_id AND m.period = n.period
        """
    ).fetchall()
    cursor.unregister("incoming")
    return CellChanges(*rows[0])


def _before_table(level: str) -> str:
    return quote(f"before_{level}")


def keep_statuses(cursor: DuckDBPyConnection, standard: Standard) -> frozenset[str]:
    """Statuses as they stand, to compare with after the dry run. Returns the indicators that occur in any exemption."""
    for level in standard.judged_levels:
        columns = ", ".join(indicator_column(indicator) for indicator in standard.indicators_of(level))
        cursor.execute(f"CREATE TEMP TABLE {_before_table(level)} AS SELECT area_id, period, exempt, {columns} FROM {compliance_table(level)}")
    return deriving.exempt_codes_of(cursor)


def flips(cursor: DuckDBPyConnection, standard: Standard, exempt_before: frozenset[str]) -> Flips:
    """A row that is new counts as without data before."""
    exempt_codes = exempt_before | deriving.exempt_codes_of(cursor)
    total = Flips()
    for level in standard.judged_levels:
        became = zip(*(_became_sql(indicator, indicator.code in exempt_codes) for indicator in standard.indicators_of(level)), strict=True)
        counts = ", ".join(" + ".join(f"count(*) FILTER ({condition})" for condition in conditions) for conditions in became)
        row = cursor.execute(
            f"""
            SELECT {counts}
            FROM {compliance_table(level)} AS c
            LEFT JOIN {_before_table(level)} AS b ON b.area_id = c.area_id AND b.period = c.period
            """
        ).fetchall()[0]
        total = Flips(total.met + row[0], total.unmet + row[1], total.no_data + row[2], total.not_applicable + row[3])
    return total


def _became_sql(indicator: Indicator, can_be_exempt: bool) -> tuple[str, str, str, str]:
    """When the row c is met, unmet, without data, not applicable, and its earlier state b was not."""
    name, code = indicator_column(indicator), indicator.code.replace("'", "''")
    now_exempt, was_exempt = (f"coalesce(list_contains({row}.exempt, '{code}'), false)" if can_be_exempt else "false" for row in "cb")
    return (
        f"c.{name} AND b.{name} IS DISTINCT FROM true",
        f"NOT c.{name} AND b.{name} IS DISTINCT FROM false",
        f"c.{name} IS NULL AND NOT {now_exempt} AND (b.{name} IS NOT NULL OR {was_exempt})",
        f"{now_exempt} AND NOT {was_exempt}",
    )
