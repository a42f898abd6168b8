"""What is left to do as HTML: sentence, departments × domains, places. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from compliance.answers import matrices
from compliance.answers.downloads import Sheet
from compliance.answers.work_lists import Scope, Tally, total
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.engine.judging import LARGEST_UNKNOWN_SHARE
from compliance.engine.near_misses import NEAR
from compliance.questions.queries import records
from compliance.texts import UNKNOWN, Words

Href = Callable[..., str]
MOST_PLACES = 12


def opening(words: Words, scope: Scope, where: Sequence[str], areas: pd.DataFrame, tallies: Mapping[str, Tally], criteria: int, silent: int) -> Html:
    """What is left in one sentence, out of how much, how much of it is near, and what nobody has reported. criteria: those not met; silent: areas without a report."""
    whole = total(tallies[code] for code in scope.codes)
    values = {
        "areas": words.number(len(areas)), "level": words.title(scope.standard.level_by_id[scope.level].title), "unmet": words.number(whole.unmet),
        "judged": words.number(whole.judged), "criteria": words.number(criteria), "hit": words.number(int((areas["unmet"] > 0).sum())),
    }  # fmt: skip
    who = words.title(scope.owners[scope.owner]) if scope.owner else ""
    key = "gaps.headline" if whole.unmet else "gaps.headline_none"
    title = words("gaps.headline_owner", owner=who, **values) if who else words(key, **values)
    rated = whole.counts
    basis = words(
        "gaps.basis_unsure" if rated.is_unsure else "gaps.basis",
        rate=words.percent(rated.rate), missing=words.percent(rated.missing_share), met=words.number(whole.met), indicators=len(scope.codes), **values,
    )  # fmt: skip
    near = words("gaps.near_note", near=words.number(whole.near), p=words.percent(NEAR)) if whole.near else ""
    missing: Html | str = words("gaps.no_data_note", no_data=words.number(whole.no_data)) if whole.no_data else words("gaps.no_data_none")
    if who and whole.no_data and scope.hurdle(len(areas)) is None:
        missing = el("span", missing, " ", el("a", words("gaps.owed_link"), href="#owed"))
    exempt = words("gaps.exempt_note", n=words.number(whole.not_applicable)) if whole.not_applicable else ""
    nothing = words("gaps.silent", n=words.number(silent), level=values["level"]) if silent else ""
    return marks.opening(where, title, basis, near, missing, exempt, nothing)


def bars_title(words: Words, scope: Scope) -> Html:
    domain = scope.standard.domain_by_id.get(scope.filters.domain or "")
    whose = words.title(domain.title) if domain else words.title(scope.owners[scope.owner]) if scope.owner else ""
    return marks.section(words("gaps.by_indicator", whose=whose) if whose else words("gaps.by_domain"))


def owner_title(words: Words, scope: Scope) -> Callable[[str], str]:
    return lambda owner: words.title(scope.owners[owner]) if owner else words("gaps.all_owners")


def said(words: Words, scope: Scope) -> tuple[str, ...]:
    """Whose gaps these are, besides the filters: the level, and the department if one was chosen."""
    return (words.title(scope.standard.level_by_id[scope.level].title), *((words.title(scope.owners[scope.owner]),) if scope.owner else ()))


def hurdle_words(words: Words, scope: Scope, areas: int, criteria: int) -> dict[str, str]:
    """What the sentence about too long a list speaks of."""
    level = scope.standard.level_by_id[scope.level]
    parent = scope.standard.level_by_id.get(level.parent or "")
    return {
        "areas": words.number(areas),
        "level": words.title(level.title),
        "parent": words.title(parent.title) if parent else "",
        "criteria": words.number(criteria),
    }


# -- who must act -----------------------------------------------------------------------------------------------------


def departments(words: Words, scope: Scope, tallies: Mapping[str, Tally], href: Href) -> Html:
    """Departments × domains: how much is open in each cell, coloured as the compliance rate is; each leads to its work list."""
    cells = _by_department(scope, tallies)
    titles = [words("overview.column_owner"), *(words.title(domain.title) for domain in scope.domains), words("gaps.column_all"), words("gaps.part_no_data")]
    head = el("tr", *(el("th", title, scope="col", class_="number" if place else None) for place, title in enumerate(titles)))
    rows = []
    for name, title in _busiest_first(words, scope, cells):
        whole = total(cells[name, domain.id] for domain in scope.domains)
        own = [_cell(words, cells[name, domain.id], words.title(domain.title), href(owner=name, domain=domain.id) if name else "") for domain in scope.domains]
        link = el("a", title, href=href(owner=name), aria_current="true" if name == scope.owner else None) if name else title
        rows.append(
            el(
                "tr",
                el("th", link, scope="row"),
                own,
                _cell(words, whole, words("gaps.column_all"), href(owner=name) if name else ""),
                _lacking(words, whole),
            )
        )
    columns = [total(tallies[each.code] for each in domain.at(scope.level)) for domain in scope.domains]
    sums = [_cell(words, tally, words.title(domain.title), href(domain=domain.id)) for tally, domain in zip(columns, scope.domains, strict=True)]
    whole = total(columns)
    foot = el("tr", el("th", words("gaps.column_all"), scope="row"), sums, _cell(words, whole, words("gaps.column_all"), ""), _lacking(words, whole))
    table = el("div", el("table", el("thead", head), el("tbody", rows), el("tfoot", foot), class_="plain heat"), class_="scroll")
    return marks.blocks(marks.section(words("gaps.departments"), words("gaps.departments_note")), _key(words), table)


def _key(words: Words) -> Html:
    """What the colours of the cells mean."""
    chips = [el("span", said, class_=look) for look, said in matrices.rate_looks()]
    unsure = el("span", words("gaps.rate_key_unsure", share=words.percent(LARGEST_UNKNOWN_SHARE)), class_="no_data")
    return el("p", words("gaps.rate_key"), chips, unsure, class_="heat-key")


def _by_department(scope: Scope, tallies: Mapping[str, Tally]) -> dict[tuple[str, str], Tally]:
    """(department, domain) → what is left; "" stands for the indicators that name no department, so that all together are what the headline counts."""
    cells = {(name, domain.id): Tally() for name in (*scope.owners, "") for domain in scope.domains}
    for domain in scope.domains:
        for indicator in domain.at(scope.level):
            cells[indicator.owner.zh if indicator.owner else "", domain.id] += tallies[indicator.code]
    return cells


def _busiest_first(words: Words, scope: Scope, cells: Mapping[tuple[str, str], Tally]) -> list[tuple[str, str]]:
    """Departments with their titles; what names none comes last, where there is such."""
    ordered = sorted(scope.owners.items(), key=lambda pair: -total(cells[pair[0], domain.id] for domain in scope.domains).unmet)
    nobody = [("", words("missing.nobody"))] if any(each.owner is None for each in scope.of_all_owners) else []
    return [(name, words.title(title)) for name, title in ordered] + nobody


def department_sheet(words: Words, scope: Scope, tallies: Mapping[str, Tally]) -> Sheet:
    """A line a department and domain: the figures behind each cell."""
    cells = _by_department(scope, tallies)
    names = ("owner", "domain", "unmet", "near", "judged", "no_data", "not_applicable")
    rows = [
        (title, words.title(domain.title), tally.unmet, tally.near, tally.judged, tally.no_data, tally.not_applicable)
        for name, title in _busiest_first(words, scope, cells)
        for domain in scope.domains
        if (tally := cells[name, domain.id]) != Tally()
    ]
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), rows)


def _lacking(words: Words, tally: Tally) -> Html:
    return el("td", words.number(tally.no_data), class_="number", data_label=words("gaps.part_no_data"))


def _cell(words: Words, tally: Tally, label: str, address: str) -> Html:
    """Open items out of those judged, coloured as a rate in the heatmap is; nothing to judge is a blank, nothing known a sign. label: its column, for a phone."""
    if not tally.judged:
        return el("td", marks.glyph("no_data", words) if tally.no_data else None, class_="number", data_label=label)
    says = words("gaps.tally", unmet=tally.unmet, near=tally.near, judged=tally.judged, no_data=tally.no_data)
    inside: list[Html | str] = [el("b", words.number(tally.unmet)), el("small", f"/{words.number(tally.judged)}")]
    body = el("a", inside, href=address) if address and tally.unmet else el("span", inside)
    return el("td", body, class_=f"number {matrices.rate_look(tally.counts)}", title=says, data_label=label)


# -- where --------------------------------------------------------------------------------------------------------------


def places(words: Words, scope: Scope, rows: pd.DataFrame, href: Href) -> Html:
    """Areas, or the places that they belong to (rows with a column `areas`): how much of what could be judged is open. The most open first, behind them
    those of which too little is known for a rate; the rest is folded."""
    found = sorted(records(rows), key=lambda row: (*_openness(Tally.of(row)), row["area_id"]))
    level = scope.standard.level_by_id[scope.level]
    of_parents = "areas" in rows.columns
    title = words.title((scope.standard.level_by_id[level.parent] if of_parents and level.parent else level).title)
    names = (title, words("gaps.column_unmet_share"), words("overview.column_unmet_of_judged"), words("gaps.part_no_data"))
    head = el("thead", el("tr", *(el("th", name, scope="col", class_=look) for name, look in zip(names, ("title", "number", "share", "number"), strict=True))))
    links = [
        href("gaps", **{"in": row["area_id"]}, level=scope.level, owner=scope.owner or None) if of_parents else href("community", area=row["area_id"])
        for row in found
    ]
    body = [_place(words, row, link) for row, link in zip(found, links, strict=True)]
    first, rest = body[:MOST_PLACES], body[MOST_PLACES:]
    folded = marks.folded(words("gaps.more_places", n=len(rest)), el("table", el("tbody", rest), class_="plain missed"), part="places") if rest else None
    return marks.blocks(marks.section(words("gaps.places", level=title)), el("table", head, el("tbody", first), class_="plain missed"), folded)


def place_sheet(words: Words, rows: pd.DataFrame) -> Sheet:
    """As `places` shows them: areas, each with what it belongs to; or these, each with how many are its own."""
    told = "areas" if "areas" in rows.columns else "parent"
    names = ("area_id", "area", told, "unmet", "judged", "no_data", "not_applicable")
    cells = [
        (row["area_id"], row["name"], row[told], row["unmet"], row["unmet"] + row["met"], row["no_data"], row["not_applicable"]) for row in records(rows)
    ]  # fmt: skip
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), cells)


def _openness(tally: Tally) -> tuple[bool, float]:
    rate = tally.counts.comparable
    return (True, 0.0) if rate is None else (False, rate)


def _place(words: Words, row: Mapping[str, Any], address: str) -> Html:
    tally = Tally.of(row)
    bar = marks.stack((("unmet", tally.unmet), ("rest", tally.met)), f"{tally.unmet}/{tally.judged}")
    figures = el("span", el("strong", words.number(tally.unmet)), f"/{words.number(tally.judged)}", class_="figures")
    met = tally.counts.comparable
    rate = el(
        "span",
        UNKNOWN if met is None else words.percent(1 - met, in_column=True),
        class_="figures",
        title=words("overview.unsure_hint") if tally.counts.is_unsure else None,
    )
    return el(
        "tr",
        el("td", el("a", row["name"], href=address), class_="title"),
        el("td", rate, class_="number"),
        el("td", figures, bar, class_="share"),
        el("td", words.number(tally.no_data), class_="number"),
    )
