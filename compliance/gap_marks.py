"""What is left to do as HTML: sentence, departments × domains, places, the work list, what must be reported first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from compliance import marks, periods, phrases
from compliance.definitions import AnyOf, Indicator, Standard, Title
from compliance.downloads import Sheet
from compliance.grid import RATE_BANDS
from compliance.markup import Html, el
from compliance.texts import Words
from compliance.views import records
from compliance.work_lists import Clause, Scope, Tally, Task, total

Href = Callable[..., str]
MOST_PLACES = 12


def opening(words: Words, scope: Scope, where: Sequence[str], areas: int, tallies: Mapping[str, Tally]) -> Html:
    """What is left in one sentence, how much of it is near, and what nobody has reported."""
    whole = total(tallies[code] for code in scope.codes)
    level = words.title(scope.standard.level_by_id[scope.level].title)
    key = "gaps.headline" if whole.unmet else "gaps.headline_none"
    near = words("gaps.near_note", near=words.number(whole.near)) if whole.near else ""
    missing = words("gaps.no_data_note", no_data=words.number(whole.no_data)) if whole.no_data else words("gaps.no_data_none")
    title = words(key, areas=words.number(areas), level=level, unmet=words.number(whole.unmet), judged=words.number(whole.judged))
    return marks.opening((*where, *([words.title(scope.owners[scope.owner])] if scope.owner else [])), title, near, missing)


def bars_title(words: Words, scope: Scope) -> Html:
    domain = scope.standard.domain_by_id.get(scope.filters.domain or "")
    return marks.section(words("gaps.by_indicator", domain=words.title(domain.title)) if domain else words("gaps.by_domain"))


def owner_title(words: Words, scope: Scope) -> Callable[[str], str]:
    return lambda owner: words.title(scope.owners[owner]) if owner else words("gaps.all_owners")


def hurdle_words(words: Words, scope: Scope, areas: int) -> dict[str, str]:
    """What the sentence about too long a list speaks of."""
    level = scope.standard.level_by_id[scope.level]
    parent = scope.standard.level_by_id.get(level.parent or "")
    return {"areas": words.number(areas), "level": words.title(level.title), "parent": words.title(parent.title) if parent else ""}


# -- who must act -----------------------------------------------------------------------------------------------------


def departments(words: Words, scope: Scope, tallies: Mapping[str, Tally], href: Href) -> Html:
    """Departments × domains: how much is open in each cell, coloured as the compliance rate is; each leads to its work list."""
    cells = _by_department(scope, tallies)
    titles = [words("overview.column_owner"), *(words.title(domain.title) for domain in scope.domains), words("gaps.column_all"), words("gaps.part_no_data")]
    head = el("tr", *(el("th", title, scope="col", class_="number" if place else None) for place, title in enumerate(titles)))
    rows = []
    for name, title in _busiest_first(scope, cells):
        whole = total(cells[name, domain.id] for domain in scope.domains)
        own = [_cell(words, cells[name, domain.id], href(owner=name, domain=domain.id)) for domain in scope.domains]
        link = el("a", words.title(title), href=href(owner=name), aria_current="true" if name == scope.owner else None)
        rows.append(el("tr", el("th", link, scope="row"), own, _cell(words, whole, href(owner=name)), el("td", words.number(whole.no_data), class_="number")))
    columns = [total(cells[name, domain.id] for name in scope.owners) for domain in scope.domains]
    sums = [_cell(words, tally, href(domain=domain.id)) for tally, domain in zip(columns, scope.domains, strict=True)]
    whole = total(columns)
    foot = el("tr", el("th", words("gaps.column_all"), scope="row"), sums, _cell(words, whole, ""), el("td", words.number(whole.no_data), class_="number"))
    table = el("div", el("table", el("thead", head), el("tbody", rows), el("tfoot", foot), class_="plain heat"), class_="scroll")
    return marks.blocks(marks.section(words("gaps.departments"), words("gaps.departments_note")), table)


def _by_department(scope: Scope, tallies: Mapping[str, Tally]) -> dict[tuple[str, str], Tally]:
    cells = {(name, domain.id): Tally() for name in scope.owners for domain in scope.domains}
    for domain in scope.domains:
        for indicator in domain.at(scope.level):
            if indicator.owner is not None:
                cells[indicator.owner.zh, domain.id] += tallies[indicator.code]
    return cells


def _busiest_first(scope: Scope, cells: Mapping[tuple[str, str], Tally]) -> list[tuple[str, Title]]:
    return sorted(scope.owners.items(), key=lambda pair: -total(cells[pair[0], domain.id] for domain in scope.domains).unmet)


def department_sheet(words: Words, scope: Scope, tallies: Mapping[str, Tally]) -> Sheet:
    """A line a department and domain: the figures behind each cell."""
    cells = _by_department(scope, tallies)
    names = ("owner", "domain", "unmet", "near", "judged", "no_data", "not_applicable")
    rows = [
        (words.title(title), words.title(domain.title), tally.unmet, tally.near, tally.judged, tally.no_data, tally.not_applicable)
        for name, title in _busiest_first(scope, cells)
        for domain in scope.domains
        if (tally := cells[name, domain.id]) != Tally()
    ]
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), rows)


def _cell(words: Words, tally: Tally, address: str) -> Html:
    """Open items out of those judged; nothing to judge is a blank, nothing known a sign."""
    if not tally.judged:
        return el("td", marks.glyph("no_data", words) if tally.no_data else None, class_="number")
    step = sum(100 * tally.met / tally.judged >= band for band in RATE_BANDS)
    says = words("gaps.tally", unmet=tally.unmet, near=tally.near, judged=tally.judged, no_data=tally.no_data)
    inside: list[Html | str] = [el("b", words.number(tally.unmet)), el("small", f"/{words.number(tally.judged)}")]
    body = el("a", inside, href=address) if address and tally.unmet else el("span", inside)
    return el("td", body, class_=f"number step{step}", title=says)


# -- where --------------------------------------------------------------------------------------------------------------


def places(words: Words, scope: Scope, rows: pd.DataFrame, href: Href) -> Html:
    """Areas, or the places that they belong to (rows with a column `areas`): how much of what could be judged is open. The most open first; the rest is folded."""
    found = sorted(records(rows), key=lambda row: (-_share(Tally.of(row)), row["area_id"]))
    level = scope.standard.level_by_id[scope.level]
    of_parents = "areas" in rows.columns
    title = words.title((scope.standard.level_by_id[level.parent] if of_parents and level.parent else level).title)
    names = (title, words("overview.column_unmet_of_judged"), words("gaps.part_no_data"))
    head = el("thead", el("tr", *(el("th", name, scope="col", class_=look) for name, look in zip(names, ("title", "share", "number"), strict=True))))
    links = [
        href("gaps", **{"in": row["area_id"]}, level=scope.level, owner=scope.owner or None) if of_parents else href("community", area=row["area_id"])
        for row in found
    ]
    body = [_place(words, row, link) for row, link in zip(found, links, strict=True)]
    first, rest = body[:MOST_PLACES], body[MOST_PLACES:]
    folded = marks.folded(words("gaps.more_places", n=len(rest)), el("table", el("tbody", rest), class_="plain missed")) if rest else None
    return marks.blocks(marks.section(words("gaps.places", level=title)), el("table", head, el("tbody", first), class_="plain missed"), folded)


def place_sheet(words: Words, rows: pd.DataFrame) -> Sheet:
    names = ("area_id", "area", "parent", "unmet", "judged", "no_data", "not_applicable")
    cells = [
        (row["area_id"], row["name"], row["parent"], row["unmet"], row["unmet"] + row["met"], row["no_data"], row["not_applicable"]) for row in records(rows)
    ]  # fmt: skip
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), cells)


def _share(tally: Tally) -> float:
    return tally.unmet / tally.judged if tally.judged else 0.0


def _place(words: Words, row: Mapping[str, Any], address: str) -> Html:
    tally = Tally.of(row)
    bar = marks.stack((("unmet", tally.unmet), ("rest", tally.met)), f"{tally.unmet}/{tally.judged}")
    figures = el("span", el("strong", words.number(tally.unmet)), f"/{words.number(tally.judged)}", class_="figures")
    return el(
        "tr",
        el("td", el("a", row["name"], href=address), class_="title"),
        el("td", figures, bar, class_="share"),
        el("td", words.number(tally.no_data), class_="number"),
    )


# -- the work list ------------------------------------------------------------------------------------------------------


def work_title(words: Words, scope: Scope, tasks: Sequence[Task]) -> Html:
    domain = scope.standard.domain_by_id.get(scope.filters.domain or "")
    who = marks.DOT.join(words.title(title) for title in (scope.owners.get(scope.owner), domain and domain.title) if title) or words("gaps.all_owners")
    return marks.section(words("gaps.work", who=who, n=words.number(len(tasks))), words("gaps.work_note"))


def work_list(words: Words, standard: Standard, tasks: Sequence[Task], period: int, href: Href, *, shows_owner: bool) -> Html:
    """One row a task: for whom, what, how far, since when, who. The tasks of one area and indicator that follow each other are set as one block."""
    columns = ("area", "indicator", "task", "value", "limit", "gap", "since", *(["owner"] if shows_owner else []))
    head = el("tr", *(el("th", words(f"gaps.column_{name}"), scope="col", class_=name) for name in columns))
    blocks = [list(block) for _, block in groupby(tasks, key=lambda task: (task.area_id, task.indicator.code))]
    bodies = [el("tbody", _block(words, standard, block, period, href, shows_owner=shows_owner)) for block in blocks]
    return el("div", el("table", el("thead", head), bodies, class_="plain work"), class_="scroll long")


def _block(words: Words, standard: Standard, tasks: Sequence[Task], period: int, href: Href, *, shows_owner: bool) -> list[Html]:
    first = tasks[0]
    indicator, high = first.indicator, str(len(tasks))
    status = "near" if first.is_near else "unmet"
    title = words.title(indicator.title)
    name = el("a", title if indicator.code == title else f"{indicator.code} {title}", href=href("indicator", indicator=indicator.code))
    parent = el("span", first.parent, class_="under") if first.parent else None
    before = (
        el("td", el("a", first.area, href=href("community", area=first.area_id)), parent, class_="area", rowspan=high),
        el("td", marks.glyph(status, words), name, class_="indicator", rowspan=high),
    )
    since = el("td", since_words(words, standard, first.since, first.is_known, period), class_="since", rowspan=high)
    owner = el("td", words.title(indicator.owner) if indicator.owner else None, class_="owner", rowspan=high) if shows_owner else None
    return [
        el("tr", before if task is first else None, _figures(words, standard, task, href, status), (since, owner) if task is first else None) for task in tasks
    ]


def _figures(words: Words, standard: Standard, task: Task, href: Href, status: str) -> tuple[Html, ...]:
    """What the criterion asks for, what there is, and what is still to go: that leads to how it was judged."""
    address = href("heatmap", view=standard.domain_of[task.indicator.code].id, area=task.area_id, indicator=task.indicator.code)
    return (
        el("td", phrases.clause_title(words, standard, task.clause.criterion), class_="task"),
        el("td", value_words(words, standard, task.clause), class_="value"),
        el("td", limit_words(words, standard, task.clause), class_="limit"),
        el("td", el("a", gap_words(words, standard, task), href=address), class_=f"gap {status}"),
    )


def value_words(words: Words, standard: Standard, clause: Clause) -> str:
    if isinstance(clause.criterion, AnyOf):
        return ""
    return phrases.amount(words, clause.value, phrases.unit(standard, clause.criterion.value), clause.threshold)


def limit_words(words: Words, standard: Standard, clause: Clause) -> str:
    return "" if isinstance(clause.criterion, AnyOf) else phrases.limit(words, standard, clause.criterion, clause.threshold)


def gap_words(words: Words, standard: Standard, task: Task) -> str:
    """How far it is to the limit; of a group each way to meet it."""
    clause = task.clause
    if not isinstance(clause.criterion, AnyOf):
        return phrases.gap(words, standard, clause.criterion, clause.value, clause.gap or 0.0)
    ways = [
        phrases.clause_title(words, standard, way.criterion) + words("location.colon") + phrases.gap(words, standard, way.criterion, way.value, way.gap or 0.0)
        for way in task.ways
        if not isinstance(way.criterion, AnyOf)
    ]
    return words("gaps.or").join(ways)


def since_words(words: Words, standard: Standard, since: int, is_known: bool, period: int) -> str:
    return words("gaps.since" if is_known else "gaps.since_at_least", p=periods.label(since, standard.frequency), n=period - since + 1)


def work_sheet(words: Words, standard: Standard, tasks: Sequence[Task], period: int) -> Sheet:
    """The work list to take away: figures as numbers, and beside them in words."""
    names = ("area_id", "area", "parent", "code", "indicator", "task", "value", "limit", "gap_number", "gap", "status", "since", "periods", "owner")
    rows = [_cells(words, standard, task, period) for task in tasks]
    places = {"gap_number", "status"}
    looks = [tuple(("near" if task.is_near else "unmet") if name in places else None for name in names) for task in tasks]
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), rows, looks)


def _cells(words: Words, standard: Standard, task: Task, period: int) -> tuple[object, ...]:
    indicator, clause = task.indicator, task.clause
    since = periods.label(task.since, standard.frequency)
    return (
        task.area_id, task.area, task.parent, indicator.code, words.title(indicator.title), phrases.clause_title(words, standard, clause.criterion),
        clause.value, limit_words(words, standard, clause), clause.gap, gap_words(words, standard, task), words(f"app.status.{'near' if task.is_near else 'unmet'}"),
        since if task.is_known else words("gaps.at_least", p=since), period - task.since + 1, words.title(indicator.owner) if indicator.owner else "",
    )  # fmt: skip


# -- report first -------------------------------------------------------------------------------------------------------


def report_first(words: Words, standard: Standard, rows: pd.DataFrame, href: Href) -> Html:
    """What cannot be told, area by area."""
    lines = []
    for area_id, group in groupby(records(rows), key=lambda row: row["area_id"]):
        found = list(group)
        indicators: list[Indicator] = [standard.indicator_by_code[row["indicator"]] for row in found]
        links = [el("a", f"{each.code} {words.title(each.title)}", href=href("indicator", indicator=each.code)) for each in indicators]
        area = el("td", el("a", found[0]["name"], href=href("community", area=area_id)), el("span", found[0]["parent"], class_="under"), class_="area")
        lines.append(el("tr", area, el("td", str(len(found)), class_="number"), el("td", _listed(words, links))))
    head = el("tr", *(el("th", words(key), scope="col", class_=look) for key, look in REPORT_COLUMNS))
    table = el("div", el("table", el("thead", head), el("tbody", lines), class_="plain"), class_="scroll")
    return marks.blocks(marks.section(words("gaps.report_first", n=words.number(len(rows))), words("gaps.report_first_note")), table)


REPORT_COLUMNS = (("gaps.column_area", "area"), ("gaps.part_no_data", "number"), ("gaps.column_indicator", "title"))


def _listed(words: Words, links: Sequence[Html]) -> list[Html | str]:
    """Links one after the other, parted as the language does."""
    return [piece for place, link in enumerate(links) for piece in ((words("app.list"), link) if place else (link,))]


def report_sheet(words: Words, standard: Standard, rows: pd.DataFrame) -> Sheet:
    names = ("area_id", "area", "parent", "code", "indicator", "owner")
    found = [(row, standard.indicator_by_code[row["indicator"]]) for row in records(rows)]
    cells = [
        (row["area_id"], row["name"], row["parent"], i.code, words.title(i.title), words.title(i.owner) if i.owner else "") for row, i in found
    ]  # fmt: skip
    return Sheet(tuple(words(f"gaps.column_{name}") for name in names), cells)
