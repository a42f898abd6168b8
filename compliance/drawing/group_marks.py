"""Groups of areas beside each other, as HTML and to take away: the sentence, a card a group, the indicators on which they differ most. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compliance.answers import matrices, phrases
from compliance.answers.compare_groups import BY_PARENT, Compared, Group, Line, Way, extremes, leads
from compliance.answers.comparing import LETTERS, MOST
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.drawing import compare_marks, marks
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Level, Standard
from compliance.texts import Words

Href = Callable[..., str]
MOST_LINES = 15


def way_title(words: Words, standard: Standard, level: Level, way: str) -> str:
    """What is compared: 小区类型; 按街道合计."""
    if way == BY_PARENT and level.parent:
        return words("compare.by_parent", parent=words.title(standard.level_by_id[level.parent].title))
    attribute = Way(way, {}).attribute or ""
    title = standard.attribute_by_id.get(attribute)
    return words.title(title.title) if title else attribute


def complaints(words: Words, way: Way, unknown: Sequence[str], cut: Sequence[str]) -> list[str]:
    said = [words("compare.unknown_group", group=id_) for id_ in unknown]
    return said + [words("compare.too_many", most=MOST, left=words("app.list").join(way.options[id_][1] for id_ in cut))] * bool(cut)


def opening(words: Words, where: Sequence[str], level: Level, found: Compared) -> Html:
    """Which group stands best and which worst, by how much and where; that each is counted as one."""
    ends = extremes(found.groups, found.counts)
    if ends is None:
        title = words("compare.groups_headline", names=words("app.list").join(group.name for group in found.groups))
    else:
        numbers = {"n": len(found.groups), "points": _points(words, ends[2])}
        title = words("compare.groups_verdict", best=ends[0].name, worst=ends[1].name, **numbers) + _leads(words, found, *ends[:2])
    summary = [("differ", len(found.lines)), ("same", found.alike), ("unsure", found.unsure)]
    said = "".join(words(f"compare.groups_{key}", n=n) for key, n in summary if n)
    return marks.opening(where, title, words("compare.groups_how", level=words.title(level.title)), said)


def _leads(words: Words, found: Compared, best: Group, worst: Group) -> str:
    """In which domains the one is furthest ahead of the other or behind it, where there are several."""
    named = [
        words("compare.group_ahead" if by > 0 else "compare.group_behind", domain=words.title(domain.title), points=_points(words, abs(by)))
        for domain, by in leads(found, best, worst)
    ]
    return words("compare.groups_mostly", domains=words("app.list").join(named)) if named and found.standings[1:] else ""


def _points(words: Words, share: float) -> str:
    return words.number(round(100 * share, 1))


def cards(words: Words, level: Level, found: Compared, href: Href) -> Html:
    """One card a group; each leads to its areas in the heatmap."""
    return marks.cards(
        [
            compare_marks.card(words, LETTERS[place], group.name, found.counts[group.id, ""], _size(words, level, group), href("heatmap", rows=level.id, **group.parameters))
            for place, group in enumerate(found.groups)
        ]
    )  # fmt: skip


def _size(words: Words, level: Level, group: Group) -> str:
    return words("compare.group_size", n=len(group.areas), level=words.title(level.title))


def goal(level: Level, groups: Sequence[Group]) -> Callable[[str, str], tuple[str, Mapping[str, str]]]:
    """Where a dot leads: to the group's areas in that domain."""
    own = {group.id: group.parameters for group in groups}
    return lambda id_, domain: ("heatmap", {"rows": level.id, "view": domain, **own[id_]})


def differences(words: Words, standard: Standard, level: Level, found: Compared, href: Href) -> Html:
    """The indicators whose rates lie furthest apart; the others folded below."""
    if not found.lines:
        return el("p", words("compare.groups_alike"), class_="empty")
    first, rest = found.lines[:MOST_LINES], found.lines[MOST_LINES:]
    more = marks.folded(words("compare.groups_more", n=len(rest)), _table(words, standard, level, found.groups, rest, href), part="more") if rest else None
    return el("div", _table(words, standard, level, found.groups, first, href), more)


def _table(words: Words, standard: Standard, level: Level, groups: Sequence[Group], lines: Sequence[Line], href: Href) -> Html:
    heads = [(group.name, href("heatmap", rows=level.id, **group.parameters)) for group in groups]
    everybody = words("compare.kind_all", level=words.title(level.title))
    return compare_marks.table(
        words, heads, (words("compare.column_apart"), everybody), [_row(words, standard, groups, line, everybody, href) for line in lines]
    )


def _row(words: Words, standard: Standard, groups: Sequence[Group], line: Line, everybody: str, href: Href) -> Html:
    title = el("a", words.title(line.indicator.title), href=href("indicator", indicator=line.indicator.code))
    head = el("th", title, el("span", compare_marks.under(words, standard, line.indicator), class_="under"), scope="row", class_="wide")
    cells = [_cell(words, group, counts, line, href) for group, counts in zip(groups, line.cells, strict=True)]
    apart = el("td", _points(words, line.apart), class_="number", data_label=words("compare.column_apart"))
    return el("tr", head, cells, apart, el("td", _parts(words, line.everybody), class_="number", data_label=everybody))


def _cell(words: Words, group: Group, counts: Counts, line: Line, href: Href) -> Html:
    body = el("a", matrices.rate_words(words, counts), href=href("indicator", indicator=line.indicator.code, **group.parameters))
    return el("td", body, el("span", _parts(words, counts), class_="under") if counts.comparable is not None else None, data_label=group.name)


def _parts(words: Words, counts: Counts) -> str:
    missing = [words("passing.lacking", n=counts.no_data)] if counts.no_data else []
    return phrases.DOT.join((counts.met_of_judged, *missing))


def domain_sheet(words: Words, level: Level, found: Compared) -> Sheet:
    """The figures of the cards and the dot plot: a line a group and domain, first all domains together."""
    names = [words("compare.column_group"), words("compare.column_areas", level=words.title(level.title)), words("compare.column_domain")]
    names += [words(f"compare.column_{name}") for name in ("rate", "met", "judged", "no_data", "not_applicable")]
    rows: list[tuple[object, ...]] = []
    for group in found.groups:
        for id_, title in (("", words("compare.all_domains")), *((each.domain.id, words.title(each.domain.title)) for each in found.standings)):
            own = found.counts[group.id, id_]
            rows.append((group.name, len(group.areas), title, matrices.rate_words(words, own), own.met, own.judged, own.no_data, own.not_applicable))
    return Sheet(tuple(names), rows)


def indicator_sheet(words: Words, standard: Standard, level: Level, found: Compared) -> Sheet:
    """The indicators that differ, most first: of each group and of all areas the rate and what it is made of."""
    names = [words(f"compare.column_{name}") for name in ("code", "indicator", "domain", "owner")] + [words("compare.column_apart")]
    for name in (*(group.name for group in found.groups), words("compare.kind_all", level=words.title(level.title))):
        names += [words("compare.column_of", name=name, what=words(f"compare.column_{what}")) for what in ("rate", "met", "judged", "no_data")]
    rows: list[tuple[object, ...]] = []
    for line in found.lines:
        figures: list[object] = []
        for counts in (*line.cells, line.everybody):
            figures += [matrices.rate_words(words, counts), counts.met, counts.judged, counts.no_data]
        rows.append((*compare_marks.about(words, standard, line.indicator), round(100 * line.apart, 1), *figures))
    return Sheet(tuple(names), rows)
