"""Questions about what changed: which verdicts turned, who moved, where it goes down. Readers only, as queries.py.

Only verdicts that were decided both times are compared: a department that stops reporting makes nobody better or worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from duckdb import DuckDBPyConnection

from compliance.definitions import Domain, Indicator, Standard
from compliance.deriving import exempt_codes_of
from compliance.queries import Areas, among
from compliance.schema import compliance_table, domain_column, indicator_column

Way = Literal["fixed", "regressed", "lost"]
TURNS = ("compared", "fixed", "regressed", "lost")


@dataclass(frozen=True)
class Mover:
    """An area and the indicators whose verdict turned."""

    area_id: str
    name: str
    parent: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """Verdicts that turned one way: how many, in how many areas, and the areas with most of them."""

    verdicts: int
    areas: int
    most: tuple[Mover, ...]


@dataclass(frozen=True)
class Sinking:
    """A domain of an area that lost verdicts two periods in a row: met and judged in the three periods, oldest first, and what it lost last."""

    area_id: str
    name: str
    parent: str
    domain: Domain
    counts: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]


def turned(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, areas: Areas = None) -> pd.DataFrame:
    """What turned since the period before? A row an indicator: indicator, compared, fixed, regressed, lost (areas; lost: decided before, without data now)."""
    condition, bound = among(areas, "c.area_id")
    indicators = standard.indicators_of(level)
    exempt = exempt_codes_of(cursor)
    columns = [f"coalesce(count_if({test}), 0)" for each in indicators for test in (_compared(each), *(_turned(each, way, exempt) for way in TURNS[1:]))]
    row = cursor.execute(f"SELECT {', '.join(columns)} FROM {_two_periods(level)} WHERE {condition}", [period - 1, period, *bound]).fetchone() or ()
    rows = [(each.code, *row[4 * place : 4 * place + 4]) for place, each in enumerate(indicators)]
    return pd.DataFrame(rows, columns=["indicator", *TURNS])


def movers(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str | None, areas: Areas, way: Way, most: int | None) -> Moves:
    """In which areas did verdicts turn that way? Those with the most of them (None: every one); how many there are in all."""
    condition, bound = among(areas, "c.area_id")
    indicators = [each for each in standard.indicators_of(level) if domain in (None, standard.domain_of[each.code].id)]
    exempt = exempt_codes_of(cursor)
    flags = [f"({_turned(each, way, exempt)})" for each in indicators]
    rows = cursor.execute(
        f"""
        SELECT t.area_id, a.name, coalesce(p.name, ''), t.flags, sum(t.turned) OVER (), count(*) OVER ()
        FROM (
            SELECT c.area_id, {" + ".join(f"coalesce({flag}::UTINYINT, 0)::USMALLINT" for flag in flags)} AS turned, [{", ".join(flags)}] AS flags
            FROM {_two_periods(level)}
            WHERE {condition}
        ) AS t
        JOIN areas AS a ON a.area_id = t.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE t.turned > 0
        ORDER BY t.turned DESC, a.parent_id, t.area_id
        LIMIT ?
        """,
        [period - 1, period, *bound, most],
    ).fetchall()
    found = tuple(Mover(row[0], row[1], row[2], tuple(each.code for each, flag in zip(indicators, row[3], strict=True) if flag)) for row in rows)
    return Moves(int(rows[0][4]), int(rows[0][5]), found) if rows else Moves(0, 0, ())


def sinking(cursor: DuckDBPyConnection, standard: Standard, level: str, period: int, domain: str | None, areas: Areas, most: int) -> tuple[int, list[Sinking]]:
    """Which domains of which areas lost more verdicts than they won, now and the period before? How many there are, and those with the most unmet."""
    condition, bound = among(areas, "c.area_id")
    domains = [each for each in standard.domains_of(level) if domain in (None, each.id)]
    nets = ", ".join(f"[{_net(each, level, 'b', 'c')}, {_net(each, level, 'd', 'b')}]" for each in domains)
    parts = ", ".join(f"[{', '.join(f'{alias}.{domain_column(each, what)}' for alias in 'dbc' for what in ('met', 'unmet'))}]" for each in domains)
    lost = ", ".join(f"[{', '.join(f'b.{indicator_column(i)} AND NOT c.{indicator_column(i)}' for i in each.at(level))}]" for each in domains)
    rows = cursor.execute(
        f"""
        SELECT s.area_id, a.name, coalesce(p.name, ''), s.place, s.parts, s.lost, count(*) OVER ()
        FROM (
            SELECT c.area_id, unnest(range({len(domains)})) AS place, unnest([{nets}]) AS nets, unnest([{parts}]) AS parts, unnest([{lost}]) AS lost
            FROM {_two_periods(level)}
            JOIN {compliance_table(level)} AS d ON d.area_id = c.area_id AND d.period = ?
            WHERE {condition}
        ) AS s
        JOIN areas AS a ON a.area_id = s.area_id
        LEFT JOIN areas AS p ON p.area_id = a.parent_id
        WHERE s.nets[1] < 0 AND s.nets[2] < 0
        ORDER BY s.nets[1] + s.nets[2], s.parts[6] DESC, a.parent_id, s.area_id, s.place
        LIMIT ?
        """,
        [period - 1, period, period - 2, *bound, most],
    ).fetchall()
    return (int(rows[0][6]) if rows else 0), [_sinking(level, domains[row[3]], row) for row in rows]


def _sinking(level: str, domain: Domain, row: tuple[object, ...]) -> Sinking:
    parts, lost = row[4], row[5]
    if not isinstance(parts, list) or not isinstance(lost, list):
        raise TypeError(row)
    counts = tuple((met, met + unmet) for met, unmet in zip(parts[::2], parts[1::2], strict=True))
    codes = tuple(each.code for each, flag in zip(domain.at(level), lost, strict=True) if flag)
    return Sinking(str(row[0]), str(row[1]), str(row[2]), domain, counts, codes)


def _two_periods(level: str) -> str:
    """b: the period before, c: the period; both are bound."""
    table = compliance_table(level)
    return f"(SELECT * FROM {table} WHERE period = ?) AS b JOIN (SELECT * FROM {table} WHERE period = ?) AS c ON c.area_id = b.area_id"


def _compared(indicator: Indicator) -> str:
    column = indicator_column(indicator)
    return f"b.{column} IS NOT NULL AND c.{column} IS NOT NULL"


def _turned(indicator: Indicator, way: str, exempt: frozenset[str]) -> str:
    column = indicator_column(indicator)
    match way:
        case "fixed":
            return f"c.{column} AND NOT b.{column}"
        case "regressed":
            return f"b.{column} AND NOT c.{column}"
        case _:
            unless = " AND list_contains(c.exempt, '" + indicator.code.replace("'", "''") + "') IS NOT TRUE" if indicator.code in exempt else ""
            return f"b.{column} IS NOT NULL AND c.{column} IS NULL{unless}"


def _net(domain: Domain, level: str, before: str, now: str) -> str:
    """How many verdicts of a domain were won minus lost between two periods; what was not decided in both counts nothing."""
    columns = [indicator_column(each) for each in domain.at(level)]
    return " + ".join(f"coalesce({now}.{column}::TINYINT - {before}.{column}::TINYINT, 0)::SMALLINT" for column in columns)
