"""Who lacks a single indicator for a badge, as a list to read and a table to take away. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from compliance.answers import phrases
from compliance.answers.downloads import Sheet
from compliance.drawing.markup import Html, el
from compliance.questions.queries import figure_of, records
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Level, Standard
from compliance.texts import Words

Href = Callable[..., str]
MOST_LISTED = 200


@dataclass(frozen=True)
class Short:
    """An area, the badge it has not got, and the one indicator that it lacks for it; gap: in words; attainment: of that indicator."""

    area_id: str
    area: str
    parent: str
    domain: Domain
    indicator: Indicator
    gap: str
    attainment: float


def shorts(words: Words, standard: Standard, rows: pd.DataFrame) -> tuple[Short, ...]:
    """From the rows of badge_queries.one_short: one entry an area and badge, the gaps of its criteria together; who has least to do comes first."""
    found = []
    for (area_id, code), group in groupby(records(rows), key=lambda row: (row["area_id"], row["indicator"])):
        each, indicator = list(group), standard.indicator_by_code[code]
        gap = words("panel.semicolon").join(_gap(words, standard, indicator, row) for row in each)
        # The rows are the criteria that are not met; all others are.
        attainment = 1 - sum(1 - (figure_of(row["attainment"]) or 0.0) for row in each) / len(indicator.criteria)
        found.append(Short(area_id, each[0]["name"], each[0]["parent"], standard.domain_by_id[each[0]["domain"]], indicator, gap, attainment))
    return tuple(sorted(found, key=lambda short: (-round(short.attainment, 9), short.area)))


def _gap(words: Words, standard: Standard, indicator: Indicator, row: dict[str, Any]) -> str:
    """楼道亮灯率还差 1.4 个百分点."""
    criterion: Criterion | AnyOf = next(each for each in indicator.criteria if each.id == row["criterion"])
    title = phrases.clause_title(words, standard, criterion)
    if isinstance(criterion, AnyOf):
        return words("panel.none_of", title=title, n=len(criterion.members))
    value = None if pd.isna(row["value"]) else float(row["value"])
    return words("panel.shortfall_yes_no", title=title, gap=phrases.gap(words, standard, criterion, value, float(row["gap"])))


def listed(words: Words, level: Level, found: Sequence[Short], href: Href) -> Html:
    """Area, badge, indicator (leads to why), gap, department."""
    if not found:
        return el("p", words("badge.short_none", level=words.title(level.title)), class_="note")
    head = el("tr", [el("th", title, scope="col") for title in _titles(words, found)[1:]])
    rows = [_row(words, short, any(each.parent for each in found), href) for short in found[:MOST_LISTED]]
    cut = el("p", words("overview.list_cut", shown=MOST_LISTED, total=len(found)), class_="note") if len(found) > MOST_LISTED else None
    note = el("p", words("badge.short_note"), class_="note")
    return el("div", note, el("div", el("table", el("thead", head), el("tbody", rows), class_="plain short"), class_="scroll"), cut)


def _row(words: Words, short: Short, has_parents: bool, href: Href) -> Html:
    why = href("heatmap", rows=short.indicator.level, view=short.domain.id, area=short.area_id, indicator=short.indicator.code, sort="best", status="unmet")
    return el(
        "tr",
        el("th", el("a", short.area, href=href("community", area=short.area_id, to=short.domain.id)), scope="row"),
        el("td", short.parent) if has_parents else None,
        el("td", words.title(short.domain.badge or short.domain.title)),
        el("td", el("a", phrases.short_name(words, short.indicator), href=why)),
        el("td", short.gap, class_="gap"),
        el("td", words.percent(short.attainment), class_="number", data_label=words("community.column_attained")),
        el("td", words.title(short.indicator.owner) if short.indicator.owner else None),
    )


def sheet(words: Words, found: Sequence[Short]) -> Sheet:
    has_parents = any(each.parent for each in found)
    rows: list[tuple[object, ...]] = [
        (
            each.area_id, each.area, *((each.parent,) if has_parents else ()), words.title(each.domain.badge or each.domain.title),
            phrases.short_name(words, each.indicator), each.gap, words.percent(each.attainment), words.title(each.indicator.owner) if each.indicator.owner else "",
        )
        for each in found
    ]  # fmt: skip
    return Sheet(_titles(words, found), rows)


def _titles(words: Words, found: Sequence[Short]) -> tuple[str, ...]:
    parent = (words("overview.column_parent"),) if any(each.parent for each in found) else ()
    first = (words("overview.column_area_id"), words("overview.column_area"), *parent, words("badge.column_badge"))
    return (*first, words("overview.column_indicator"), words("badge.column_gap"), words("community.column_attained"), words("overview.column_owner"))
