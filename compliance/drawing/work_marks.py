"""The work list as HTML and as a file: one line a criterion that an area does not meet; and which figures are owed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from compliance.answers import clause_words, heat_goals, owing, phrases
from compliance.answers.downloads import Sheet
from compliance.answers.work_lists import Clause, Measure, Scope, Task, measure
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions.owed_queries import Owed
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Is, Standard
from compliance.standard.formula import Number
from compliance.texts import Words

Href = Callable[..., str]
UNSAFE = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))
MOST_OWED = 12


def file_name(words: Words, scope: Scope, what: str, place: Sequence[str] = ()) -> str:
    """A download's name tells whose list it is: 未达标清单-城管办-听雪街道."""
    owner = [words.title(scope.owners[scope.owner])] if scope.owner else []
    return "-".join((words(f"gaps.file_{what}"), *owner, *place)).translate(UNSAFE)


def title(words: Words, scope: Scope, n: int) -> Html:
    domain = scope.standard.domain_by_id.get(scope.filters.domain or "")
    who = phrases.DOT.join(words.title(each) for each in (scope.owners.get(scope.owner), domain and domain.title) if each) or words("gaps.all_owners")
    return marks.section(words("gaps.work", who=who, n=words.number(n)), words("gaps.work_note"))


# -- the list -----------------------------------------------------------------------------------------------------------


def work_list(words: Words, scope: Scope, tasks: Sequence[Task], period: int, href: Href, *, heads: Mapping[Measure, int]) -> Html:
    """One row a task: for whom, what, how far, since when, who. The tasks of one area and indicator that follow each other are set as one block.

    heads: how many tasks of each measure there are, where the list is parted by measure; else empty."""
    standard, shows_owner = scope.standard, bool(scope.owners) and not scope.owner
    columns = ("area", "indicator", "task", "value", "limit", "gap", "attained", "since", *(["owner"] if shows_owner else []))
    head = el("tr", *(el("th", words(f"gaps.column_{name}"), scope="col", class_=name) for name in columns))
    bodies: list[Html] = []
    for kind, group in groupby(tasks, key=lambda task: measure(standard, task) if heads else None):
        if kind is not None:
            says = _measure_words(words, kind, heads[kind])
            bodies.append(el("tbody", el("tr", el("th", says, scope="colgroup", colspan=str(len(columns)))), class_="measure"))
        blocks = [list(block) for _, block in groupby(group, key=lambda task: (task.area_id, task.indicator.code))]
        bodies += [el("tbody", _block(words, standard, block, period, href, shows_owner=shows_owner)) for block in blocks]
    return el("div", el("table", el("thead", head), bodies, class_="plain work"), class_="scroll long")


def heads(standard: Standard, tasks: Sequence[Task], sort: str) -> dict[Measure, int]:
    """How many tasks of each measure there are, for the order that holds gaps against each other."""
    return dict(Counter(measure(standard, task) for task in tasks)) if sort == "gap" else {}


def _measure_words(words: Words, kind: Measure, n: int) -> str:
    """What the n gaps of one measure are counted in; a yes that is missing is not counted in anything."""
    number = words.number(n)
    if kind.counter is not None:
        return words("gaps.measured", n=number, unit=words.title(kind.counter).partition("/")[2] or words.title(kind.counter))
    if not kind.unit:
        return words("gaps.measured_yes", n=number)
    is_share = kind.unit in phrases.SHARE_UNITS.values()
    return words("gaps.measured", n=number, unit=words(f"app.distance.{kind.unit}", n="").strip() if is_share else clause_words.unit_name(words, kind.unit))


def _block(words: Words, standard: Standard, tasks: Sequence[Task], period: int, href: Href, *, shows_owner: bool) -> list[Html]:
    first = tasks[0]
    indicator, high = first.indicator, str(len(tasks))
    status = "near" if first.is_near else "unmet"
    called = words.title(indicator.title)
    name = el("a", called if indicator.code == called else f"{indicator.code} {called}", href=href("indicator", indicator=indicator.code))
    parent = el("span", first.parent, class_="under") if first.parent else None
    before = (
        el("td", el("a", first.area, href=href("community", area=first.area_id)), parent, class_="area", rowspan=high),
        el("td", marks.glyph(status, words), name, class_="indicator", rowspan=high),
    )
    since = el("td", phrases.since(words, standard, first.since, first.is_known, period), class_="since", rowspan=high)
    owner = el("td", words.title(indicator.owner) if indicator.owner else None, class_="owner", rowspan=high) if shows_owner else None
    return [
        el("tr", before if task is first else None, _figures(words, standard, task, href, status), (since, owner) if task is first else None) for task in tasks
    ]


def _figures(words: Words, standard: Standard, task: Task, href: Href, status: str) -> tuple[Html, ...]:
    """What the criterion asks for, what there is, and what is still to go: that leads to how it was judged."""
    address = href("heatmap", **heat_goals.cell(standard, task.area_id, task.indicator.code))
    says = {"value": value_words(words, standard, task.clause), "limit": limit_words(words, standard, task.clause), "attained": words.percent(task.attainment)}
    cells = {name: el("td", said or None, class_=name, data_label=words(f"gaps.column_{name}")) for name, said in says.items()}
    return (
        el("td", phrases.clause_title(words, standard, task.clause.criterion), class_="task"),
        cells["value"],
        cells["limit"],
        el("td", el("a", gap_words(words, standard, task), href=address), class_=f"gap {status}"),
        cells["attained"],
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


# -- the list as a file -------------------------------------------------------------------------------------------------

COLUMNS = ("area_id", "area", "parent", "code", "indicator", "task", "value", "limit", "gap_number", "gap", "attained", "status", "since", "periods", "owner")


def sheet(words: Words, standard: Standard, tasks: Sequence[Task], period: int) -> Sheet:
    """The work list to take away: figures as numbers, and beside them in words."""
    places = {"gap_number", "status"}
    looks = {status: tuple(status if name in places else None for name in COLUMNS) for status in ("near", "unmet")}
    rows = list(_rows(words, standard, tasks, period))
    return Sheet(tuple(words(f"gaps.column_{name}") for name in COLUMNS), rows, [looks["near" if task.is_near else "unmet"] for task in tasks])


def _rows(words: Words, standard: Standard, tasks: Sequence[Task], period: int) -> Iterator[tuple[object, ...]]:
    """What is the same for all areas is put into words once: a city's list has tens of thousands of lines."""
    status = {is_near: words(f"app.status.{'near' if is_near else 'unmet'}") for is_near in (True, False)}
    facts: dict[tuple[str, str], tuple[str, str, str, str | None]] = {}
    starts: dict[tuple[int, bool], str] = {}
    for task in tasks:
        indicator, clause = task.indicator, task.clause
        key, start = (indicator.code, clause.criterion.id), (task.since, task.is_known)
        if key not in facts:
            owner = words.title(indicator.owner) if indicator.owner else ""
            limit = limit_words(words, standard, clause) if _is_fixed(clause) else None
            facts[key] = (words.title(indicator.title), phrases.clause_title(words, standard, clause.criterion), owner, limit)
        if start not in starts:
            starts[start] = phrases.beginning(words, standard, *start)
        called, asks, owner, limit = facts[key]
        yield (
            task.area_id, task.area, task.parent, indicator.code, called, asks, clause.value, limit_words(words, standard, clause) if limit is None else limit,
            clause.gap, gap_words(words, standard, task), words.percent(task.attainment), status[task.is_near], starts[start], period - task.since + 1, owner,
        )  # fmt: skip


def _is_fixed(clause: Clause) -> bool:
    """Whether the limit reads the same for every area."""
    criterion = clause.criterion
    if isinstance(criterion, AnyOf):
        return True
    match criterion.test:
        case Is() | AtLeast(Number()) | AtMost(Number()):
            return True
        case _:
            return False


# -- what is owed -------------------------------------------------------------------------------------------------------


def owed(words: Words, standard: Standard, found: Sequence[Owed], period: int, href: Href) -> Html:
    """Which figures are missing, area by area; the first few areas are open."""
    rows = []
    for area_id, group in groupby(found, key=lambda each: each.area_id):
        own = list(group)
        area = el(
            "td",
            el("a", own[0].name, href=href("community", area=area_id)),
            el("span", own[0].parent, class_="under") if own[0].parent else None,
            class_="area",
        )
        rows.append(
            el(
                "tr",
                area,
                el("td", str(len(own)), class_="number"),
                el("td", el("ul", [_owed_item(words, standard, each, period, href) for each in own], class_="owes")),
            )
        )
    head = el("thead", el("tr", *(el("th", words(key), scope="col", class_=look) for key, look in OWED_COLUMNS)))
    rest = rows[MOST_OWED:]
    folded = marks.folded(words("gaps.more_places", n=len(rest)), el("table", el("tbody", rest), class_="plain owed"), part="owed") if rest else None
    says = words("gaps.owed", n=words.number(len(found)), areas=words.number(len(rows)))
    return marks.blocks(marks.section(says, words("gaps.owed_note"), "owed"), el("table", head, el("tbody", rows[:MOST_OWED]), class_="plain owed"), folded)


OWED_COLUMNS = (("gaps.column_area", "area"), ("gaps.part_no_data", "number"), ("gaps.column_owed", "title"))


def _owed_item(words: Words, standard: Standard, each: Owed, period: int, href: Href) -> Html:
    indicator = standard.indicator_by_code[each.code]
    link = el("a", phrases.short_name(words, indicator), href=href("heatmap", **heat_goals.cell(standard, each.area_id, each.code)))
    return el("li", link, words("location.colon"), _figures_owed(words, standard, each, period))


def _figures_owed(words: Words, standard: Standard, each: Owed, period: int) -> str:
    return owing.figures(words, standard, each.figures, period) or owing.why(words, standard, (), period)


def owed_sheet(words: Words, standard: Standard, found: Sequence[Owed], period: int) -> Sheet:
    names = ("area_id", "area", "parent", "code", "indicator", "owed", "owner")
    rows: list[tuple[object, ...]] = []
    for each in found:
        i = standard.indicator_by_code[each.code]
        rows.append(
            (
                each.area_id,
                each.name,
                each.parent,
                i.code,
                words.title(i.title),
                _figures_owed(words, standard, each, period),
                words.title(i.owner) if i.owner else "",
            )
        )
    return Sheet(tuple(words(f"gaps.column_{each}") for each in names), rows)


def later(
    words: Words, standard: Standard, period: int, tasks: Callable[[], Sequence[Task]], owed: Callable[[], Sequence[Owed]]
) -> dict[str, Callable[[], Sheet]]:
    """Lists too long to be shown, as files that are put together once they are asked for."""
    return {"work": lambda: sheet(words, standard, tasks(), period), "owed": lambda: owed_sheet(words, standard, owed(), period)}
