"""Where the heatmap leads, and how a cell of it is called in an address. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from compliance.answers.heat_views import DOMAINS, Down
from compliance.questions.queries import Area
from compliance.standard.definitions import Indicator, Standard


@dataclass(frozen=True)
class Goal:
    page: str
    parameters: dict[str, str | None]


def goal(opened: tuple[str, str] | None, down: Down, view: str, *, transposed: bool) -> Goal | None:
    """Where what was opened leads, as far as it leads away: a cell of single verdicts stays and is told about beside the grid."""
    if opened is None:
        return None
    area, column = opened[::-1] if transposed else opened
    if down.upper is not None:
        # One step down: the areas of this one, in the domain that was opened.
        deeper = {"view": column if view == DOMAINS and column else None if view == DOMAINS else view}
        return Goal("heatmap", {"rows": down.level, **deeper, **({"in": area} if area else {})})
    if not column:
        return Goal("community", {"area": area})
    if not area and view != DOMAINS:
        return Goal("indicator", {"indicator": column})
    return None


def place(standard: Standard, code: str) -> dict[str, str]:
    """Where an indicator stands in the heatmap, for an address: rows and view are named, so that they stay when the indicator leaves it."""
    return {"view": standard.domain_of[code].id, "rows": standard.indicator_by_code[code].level, "indicator": code}


def cell(standard: Standard, area: str, code: str) -> dict[str, str]:
    """The same for one cell, which opens the panel beside it."""
    own = place(standard, code)
    return {"view": own["view"], "rows": own["rows"], "area": area, "indicator": code}


def of_rows(href: Callable[..., str], id_: str, down: Down, view: str) -> Callable[[Mapping[str, str]], str]:
    """Row of the matrix as a table → where the name in it leads: to its area, or one step down to the areas of it. id_: the column with the area's id."""
    if down.upper is None:
        return lambda row: href("community", area=row[id_])
    return lambda row: href("heatmap", rows=down.level, view=view, **{"in": row[id_]})


def links(standard: Standard, area: Area, indicator: Indicator) -> dict[str, dict[str, str]]:
    """Page → parameters: everything behind one cell."""
    domain = standard.domain_of[indicator.code].id
    return {
        "community": {"area": area.id, "to": domain},
        "indicator": {"indicator": indicator.code},
        "definitions": {"indicator": indicator.code},
    }
