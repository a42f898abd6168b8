"""A few areas beside each other, as HTML: the sentence, a card an area, the indicators on which they differ. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from compliance.answers import comparing, heat_goals, matrices, phrases, views
from compliance.answers.compare_asking import Comparison
from compliance.answers.comparing import FEWEST, LETTERS, MOST, SEPARATOR, Asked, Cell, Line, Standing
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions.queries import Area, records
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Level, Metric, Standard, limits_of
from compliance.standard.formula import Number
from compliance.texts import Words

Href = Callable[..., str]
CountsOf = Mapping[tuple[str, str], Counts]


# -- choosing ---------------------------------------------------------------------------------------------------------


def labels(offered: Iterable[Area], chosen: Iterable[Area]) -> dict[str, str]:
    """Area → how it is called in the list to choose from: those chosen already, and those that are offered."""
    return {area.id: phrases.DOT.join(part for part in (area.parent_name, area.name) if part) for area in (*chosen, *offered)}


def complaints(words: Words, level: Level, asked: Asked) -> list[str]:
    """What the address asks for in vain, in words."""
    title = words.title(level.title)
    said = [words("compare.unknown", area=id_) for id_ in asked.unknown]
    said += [words("compare.other_level", area=area.name, level=title) for area in asked.strangers]
    return said + [words("compare.too_many", most=MOST, left=words("app.list").join(area.name for area in asked.cut))] * bool(asked.cut)


def choose(words: Words, levels: Sequence[tuple[Level, pd.DataFrame]], ways: Mapping[str, str], href: Href) -> Html:
    """How to begin: choose some, or start from an example (of each level the lowest, the middling and the highest rate), or from groups (way → its title)."""
    items = []
    for level, rows in levels:
        ids = _example(rows)
        if len(ids) >= FEWEST:
            items.append(
                el("li", el("a", words("compare.example", level=words.title(level.title), n=len(ids)), href=href("compare", areas=SEPARATOR.join(ids))))
            )
    items += [el("li", el("a", words("compare.title_groups", way=title), href=href("compare", level=way))) for way, title in ways.items()]
    steps = el("p", words("compare.choose", fewest=FEWEST, most=MOST))
    return el("div", steps, [el("p", words("compare.examples")), el("ul", items)] if items else None, class_="empty")


def _example(rows: pd.DataFrame) -> list[str]:
    rated = sorted((rate, str(row["area_id"])) for row in records(rows) if (rate := Counts.of(row).comparable) is not None)
    return list(dict.fromkeys(rated[place][1] for place in (0, len(rated) // 2, -1))) if rated else []


# -- what is said -----------------------------------------------------------------------------------------------------


def opening(words: Words, where: Sequence[str], found: Comparison, peers: str) -> Html:
    """Who meets more than whom and where, with every area's own count; on how many they differ."""
    names = words("app.list").join(area.name for area in found.areas)
    if len(found.areas) < FEWEST:
        return marks.opening(where, names, words("compare.one_more"), peers)
    verdicts = sum(line.is_verdict for line in found.lines)
    numbers = {"n": verdicts, "other": len(found.lines) - verdicts, "met": found.both[0], "unmet": found.both[1]}
    own = [
        words("compare.own", letter=letter, area=area.name, parts=_short_parts(words, found.counts[area.id, ""]))
        for letter, area in zip(LETTERS, found.areas, strict=False)
    ]
    return marks.opening(where, _headline(words, found, names), words("compare.list_own").join(own), words("compare.summary", **numbers), peers)


def _headline(words: Words, found: Comparison, names: str) -> str:
    decided = comparing.verdict(found.areas, found.counts, [standing.domain for standing in found.standings])
    if decided is None:
        return words("compare.headline", names=names, n=sum(line.is_verdict for line in found.lines))
    domains = words("app.list").join(words("compare.lead", domain=words.title(domain.title), n=n) for domain, n in decided.domains)
    return words("compare.verdict", best=decided.best.name, worst=decided.worst.name, n=decided.more, domains=domains)


def _short_parts(words: Words, counts: Counts) -> str:
    """62/71 · 缺18."""
    missing = [words("passing.lacking", n=counts.no_data)] if counts.no_data else []
    return phrases.DOT.join((counts.met_of_judged, *missing))


def peers_words(words: Words, standard: Standard, level: Level, kind: str, areas: Sequence[Area], size: Metric | None, total: int) -> str:
    """Who the peers are, and that areas below are another matter."""
    title = words.title(level.title)
    if kind == "parent":
        names = words("app.list").join(dict.fromkeys(area.parent_name for area in areas if area.parent_name))
        said = words("compare.peers_parent", names=names, n=total, level=title)
    elif kind == "size" and size is not None:
        said = words("compare.peers_size", metric=words.title(size.title), n=total, level=title)
    else:
        said = words("compare.peers_all", n=total, level=title)
    return f"{said} {views.own_level_only(words, standard, level.id)}".rstrip()


def peer_title(words: Words, standard: Standard, level: Level) -> Callable[[str], str]:
    parent = words.title(standard.level_by_id[level.parent].title) if level.parent else ""
    return lambda kind: words(f"compare.kind_{kind}", parent=parent, level=words.title(level.title))


def cards(words: Words, areas: Sequence[Area], counts: CountsOf, sizes: Mapping[str, float], size: Metric | None, href: Href) -> Html:
    """One card an area, with its letter; each leads to its page."""
    return marks.cards([_card(words, LETTERS[place], area, counts[area.id, ""], sizes.get(area.id), size, href) for place, area in enumerate(areas)])


def _card(words: Words, letter: str, area: Area, counts: Counts, figure: float | None, size: Metric | None, href: Href) -> Html:
    about = [area.parent_name] if area.parent_name else []
    if size is not None:
        about.append(words("compare.size", metric=words.title(size.title), n=phrases.amount(words, figure, size.unit)))
    return card(words, letter, area.name, counts, phrases.DOT.join(about), href("community", area=area.id))


def _pieces(text: str) -> list[str]:
    """What a narrow card may part: 62/71 · | 缺18 · | 不适用14."""
    *first, last = text.split(phrases.DOT)
    return [*(f"{piece}{phrases.DOT}".rstrip() for piece in first), last]


def card(words: Words, letter: str, name: str, counts: Counts, about: str, to: str) -> Html:
    return el(
        "a",
        el("p", el("span", letter, class_="letter"), name, class_="card-title"),
        el("p", el("strong", words.percent(counts.comparable)), class_="card-figure", title=words("overview.unsure_hint") if counts.is_unsure else None),
        marks.unbroken(_pieces(counts.parts(words))),
        el("p", about, class_="card-note"),
        marks.counts_bar(words, counts),
        class_="card",
        href=to,
    )


# -- where they differ ------------------------------------------------------------------------------------------------


def differences(words: Words, standard: Standard, areas: Sequence[Area], lines: Sequence[Line], href: Href) -> Html:
    """Indicators on which one area meets what another does not; those that differ only in what is known are folded below."""
    verdicts = [line for line in lines if line.is_verdict]
    others = [line for line in lines if not line.is_verdict]
    first = _table(words, standard, areas, verdicts, href) if verdicts else el("p", words("compare.none_differ"), class_="note")
    rest = marks.folded(words("compare.others", n=len(others)), _table(words, standard, areas, others, href), part="others") if others else None
    return el("div", first, rest)


def _table(words: Words, standard: Standard, areas: Sequence[Area], lines: Sequence[Line], href: Href) -> Html:
    heads = [(area.name, href("community", area=area.id)) for area in areas]
    return table(words, heads, (words("compare.column_peers"),), [_row(words, standard, areas, line, href) for line in lines])


def table(words: Words, heads: Sequence[tuple[str, str]], figures: Sequence[str], rows: Sequence[Html]) -> Html:
    """heads: name and address of each that is compared; figures: headings of the columns of numbers after them."""
    names = [el("th", el("span", LETTERS[place], class_="letter"), el("a", name, href=to), scope="col") for place, (name, to) in enumerate(heads)]
    numbers = [el("th", title, scope="col", class_="number") for title in figures]
    head = el("tr", el("th", words("compare.column_indicator"), scope="col"), names, numbers)
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain compared"), class_="scroll-x")


def under(words: Words, standard: Standard, indicator: Indicator) -> str:
    """Code, domain and department."""
    owner = words.title(indicator.owner) if indicator.owner else ""
    return phrases.DOT.join(part for part in (indicator.code, words.title(standard.domain_of[indicator.code].title), owner) if part)


def _row(words: Words, standard: Standard, areas: Sequence[Area], line: Line, href: Href) -> Html:
    indicator = line.indicator
    # An untitled group is called "one of these suffices" already.
    ways = words("community.any_of") if line.criterion.title else ""
    asks = ways if isinstance(line.criterion, AnyOf) else phrases.limit(words, standard, line.criterion, None)
    clause = f"{phrases.clause_title(words, standard, line.criterion)} {asks}".strip()
    # The page of the indicator is about criteria with figures; of a group it chooses the member itself.
    chosen = None if isinstance(line.criterion, AnyOf) else line.criterion.id
    title = el("a", words.title(indicator.title), href=href("indicator", indicator=indicator.code, criterion=chosen))
    head = el("th", title, el("span", under(words, standard, indicator), class_="under"), el("span", clause, class_="under clause"), scope="row", class_="wide")
    cells = [_cell(words, standard, area, line, cell, href) for area, cell in zip(areas, line.cells, strict=True)]
    return el("tr", head, cells, el("td", _peers(words, line.peers), class_="number", data_label=words("compare.column_peers")))


def _cell(words: Words, standard: Standard, area: Area, line: Line, cell: Cell, href: Href) -> Html:
    to = href("heatmap", **heat_goals.cell(standard, area.id, line.indicator.code))
    said = [_value(words, standard, line.criterion, cell)] if cell.status != "not_applicable" else [words("app.status.not_applicable")]
    body = el("a", marks.glyph(cell.status, words), said, href=to)
    notes = []
    criterion = cell.member or line.criterion
    if cell.gap and not isinstance(criterion, AnyOf):
        notes.append(phrases.gap(words, standard, criterion, cell.value, cell.gap))
    if cell.others_unmet:
        notes.append(words("compare.others_unmet", n=cell.others_unmet))
    return el("td", body, [el("span", note, class_="under") for note in notes], data_label=area.name)


def _limit(words: Words, standard: Standard, criterion: Criterion | AnyOf) -> str:
    """What a criterion asks for; of a group each way to meet it."""
    if isinstance(criterion, AnyOf):
        ways = (f"{phrases.clause_title(words, standard, each)} {phrases.limit(words, standard, each, None)}" for each in criterion.members)
        return words("gaps.or").join(ways)
    return phrases.limit(words, standard, criterion, None)


def _value(words: Words, standard: Standard, criterion: Criterion | AnyOf, cell: Cell) -> str:
    """The figure, of a group with what it is of; with its own limit where that differs from area to area."""
    shown = cell.member or criterion
    if cell.value is None or isinstance(shown, AnyOf):
        return words("app.status.no_data") if cell.status == "no_data" else words("compare.value_unknown")
    unit = phrases.unit(standard, shown.value)
    value = phrases.amount(words, cell.value, unit, cell.threshold)
    if cell.threshold is not None and any(not isinstance(limit, Number) for limit in limits_of(shown.test)):
        value = words("compare.of_limit", value=value, limit=phrases.amount(words, cell.threshold, unit))
    return f"{phrases.clause_title(words, standard, shown)} {value}" if cell.member else value


def _peers(words: Words, counts: Counts) -> Html:
    missing = el("span", words("compare.peers_missing", n=counts.no_data), class_="under") if counts.no_data else None
    return el("span", counts.met_of_judged, missing)


def sheet(words: Words, standard: Standard, areas: Sequence[Area], lines: Sequence[Line]) -> Sheet:
    """The differing indicators, a line each: status and figure of every area, and how many peers meet it."""
    names = [words(f"compare.column_{name}") for name in ("code", "indicator", "domain", "owner", "criterion", "limit")]
    for area in areas:
        names += [words("compare.column_status_of", area=area.name), words("compare.column_value_of", area=area.name)]
    names += [words("compare.column_peers_met"), words("compare.column_peers_judged")]
    rows, looks = [], []
    for line in lines:
        figures: list[object] = []
        colours: list[str | None] = []
        for cell in line.cells:
            figures += [words(f"app.status.{cell.status}"), _value(words, standard, line.criterion, cell) if cell.member else cell.value]
            colours += [cell.status, None]
        rows.append((*_about(words, standard, line), *figures, line.peers.met, line.peers.judged))
        looks.append((*[None] * 6, *colours, None, None))
    return Sheet(tuple(names), rows, looks)


def _about(words: Words, standard: Standard, line: Line) -> tuple[str, ...]:
    return *about(words, standard, line.indicator), phrases.clause_title(words, standard, line.criterion), _limit(words, standard, line.criterion)


def about(words: Words, standard: Standard, indicator: Indicator) -> tuple[str, str, str, str]:
    """Code, title, domain and department, for a line of a table to take away."""
    owner = words.title(indicator.owner) if indicator.owner else ""
    return indicator.code, words.title(indicator.title), words.title(standard.domain_of[indicator.code].title), owner


def rate_sheet(words: Words, areas: Sequence[Area], counts: CountsOf, standings: Sequence[Standing]) -> Sheet:
    """The figures of the dot plot: a line an area and domain."""
    names = ("area_id", "area", "domain", "rate", "met", "judged", "no_data", "not_applicable", "median", "peers_known")
    rows: list[tuple[object, ...]] = []
    for area in areas:
        for each in standings:
            own = counts[area.id, each.domain.id]
            figures = (matrices.rate_words(words, own), own.met, own.judged, own.no_data, own.not_applicable, words.percent(each.median), each.known)
            rows.append((area.id, area.name, words.title(each.domain.title), *figures))
    return Sheet(tuple(words(f"compare.column_{name}") for name in names), rows)
