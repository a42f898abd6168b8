"""The standard in a database: its newest version, whether another one fits what is there, and room for what it has reported."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from compliance.engine import deriving, schema
from compliance.errors import DefinitionError, Problem
from compliance.standard import loader
from compliance.standard.definitions import Standard


@dataclass(frozen=True)
class Version:
    """A version of the standard in the history; source is its text."""

    sha256: str
    source: str


def newest(cursor: DuckDBPyConnection) -> Version | None:
    """None in a database that was made this moment."""
    row = cursor.execute("SELECT sha256, source FROM definitions ORDER BY version DESC LIMIT 1").fetchone()
    return None if row is None else Version(*row)


def unfit(old: Standard, new: Standard) -> list[Problem]:
    """Why data that were reported for one standard cannot be judged by the other; empty when they can."""
    problems = []
    if new.id != old.id:
        problems.append(Problem("takeover.other_standard", {"new": new.id, "old": old.id}))
    if new.frequency != old.frequency:
        # Periods are stored as numbers that mean quarters, months or years.
        problems.append(Problem("takeover.other_period"))
    return problems + [Problem("takeover.level_gone", {"level": level.title}) for level in old.levels if level.id not in new.level_by_id]


def refuse_unfit(cursor: DuckDBPyConnection, source: str, new: Standard) -> None:
    """Raises DefinitionError when the new one does not fit what was imported under the version with this text. Before the first import any standard does."""
    if cursor.execute("SELECT count(*) FROM imports").fetchall() == [(0,)]:
        return
    # A stricter program must still tell what an older one accepted.
    old = loader.legible(source)
    if old is not None and (problems := unfit(old, new)):
        raise DefinitionError(problems)


def derive(cursor: DuckDBPyConnection, standard: Standard) -> None:
    """Fit the tables to the standard and derive everything."""
    fit(cursor, standard)
    deriving.derive_everything(cursor, standard)
    cursor.execute("DELETE FROM store_facts WHERE name = 'derived_by'")
    cursor.execute("INSERT INTO store_facts VALUES ('derived_by', ?)", [deriving.fingerprint(standard)])


def is_derived_by(cursor: DuckDBPyConnection, standard: Standard) -> bool:
    """Whether the derived tables are those that this program makes by this standard."""
    row = cursor.execute("SELECT value FROM store_facts WHERE name = 'derived_by'").fetchone()
    return row == (deriving.fingerprint(standard),)


def fit(cursor: DuckDBPyConnection, standard: Standard) -> None:
    """Make room for what the standard has reported; columns of earlier versions stay."""
    for level in standard.levels:
        cursor.execute(schema.reported_level_sql(level.id))
    known = set(cursor.execute("SELECT table_name, lower(column_name) FROM information_schema.columns").fetchall())
    for table, columns in schema.reported_columns(standard).items():
        for column in columns:
            if (table, column.lower()) not in known:
                cursor.execute(schema.add_column_sql(schema.quote(table), column))
