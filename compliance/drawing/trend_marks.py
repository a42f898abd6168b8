"""Better or worse, as HTML: the sentence, the rates as a table, who moved, what cannot be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from compliance import periods
from compliance.answers import heat_goals, phrases
from compliance.answers.counts import Counts, risen, total
from compliance.answers.trend_views import Series, Span, decided, drawn
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.drawing.trend_charts import MOST_PANELS
from compliance.engine.judging import LARGEST_UNKNOWN_SHARE
from compliance.questions.queries import records
from compliance.questions.trend_queries import Mover, Moves, Turns, Way
from compliance.standard.definitions import Standard
from compliance.texts import Words

Href = Callable[..., str]
MOST_MOVERS, MOST_CODES, MOST_LISTED = 8, 3, 100


# -- what is looked at ------------------------------------------------------------------------------------------------


def span(standard: Standard, ordinals: Sequence[int], period: int) -> Span:
    """From the first period to the last, those without any report too: a hole must look like one."""
    every = tuple(range(min(ordinals), max(ordinals) + 1))
    return Span(every, tuple(periods.label(each, standard.frequency) for each in every), every.index(period))


def of_domains(words: Words, standard: Standard, level: str, domain: str | None, rows: pd.DataFrame, over: Span, turns: Turns | None) -> tuple[Series, ...]:
    """A series a domain, in the standard's order; a point leads to the domain's heatmap. turns: those of the period shown."""
    counts, shifts = _by(rows, "domain"), turns.of_domains() if turns else {}
    return tuple(
        Series(each.id, words.title(each.title), _along(counts.get(each.id, {}), over), ("heatmap", {"view": each.id, "rows": level}), shifts.get(each.id))
        for each in standard.domains_of(level)
        if domain in (None, each.id)
    )


def of_parents(standard: Standard, level: str, domain: str | None, rows: pd.DataFrame, over: Span, turns: Turns | None) -> tuple[Series, ...]:
    """A series a place that areas belong to, by id; a point leads to its page, or to its areas alone where it is not judged itself."""
    counts, shifts = _by(rows, "parent_id"), turns.of_parents(domain) if turns else {}
    names = {str(row["parent_id"]): str(row["parent"]) for row in records(rows)}
    page, parameter = ("community", "area") if standard.level_by_id[level].parent in standard.judged_levels else ("trends", "in")
    return tuple(Series(id_, names[id_], _along(each, over), (page, {parameter: id_}), shifts.get(id_)) for id_, each in sorted(counts.items()))


def all_together(words: Words, series: Sequence[Series]) -> Series:
    """The sum of some series, as a line to hold each against."""
    sums = []
    for column in zip(*(each.counts for each in series), strict=True):
        known = [counts for counts in column if counts is not None]
        sums.append(total(known) if known else None)
    return Series("", words("trends.all"), tuple(sums), ("trends", {}))


def parent_title(words: Words, standard: Standard, level: str) -> str:
    parent = standard.level_by_id[level].parent
    return words.title(standard.level_by_id[parent].title) if parent else ""


def most_moved(series: Sequence[Series]) -> tuple[Series, ...]:
    """As many as a screen bears: all, or those that moved most, in their own order."""
    if len(series) <= MOST_PANELS:
        return tuple(series)
    chosen = {each.id for each in sorted(series, key=lambda each: -abs(risen(each.shift) or 0))[:MOST_PANELS]}
    return tuple(each for each in series if each.id in chosen)


def _by(rows: pd.DataFrame, name: str) -> dict[str, dict[int, Counts]]:
    found: dict[str, dict[int, Counts]] = {}
    for row in records(rows):
        found.setdefault(str(row[name]), {})[int(row["period"])] = Counts.of(row)
    return found


def _along(counts: Mapping[int, Counts], over: Span) -> tuple[Counts | None, ...]:
    return tuple(counts.get(ordinal) for ordinal in over.ordinals)


# -- what is said -----------------------------------------------------------------------------------------------------


def opening(words: Words, standard: Standard, where: Sequence[str], before: int | None, turned: pd.DataFrame | None) -> Html:
    """Better or worse since the period before, in one sentence; only verdicts known both times are compared."""
    if before is None or turned is None:
        return marks.opening(where, words("trends.no_before"))
    fixed, regressed, lost, compared = (int(turned[name].sum()) for name in ("fixed", "regressed", "lost", "compared"))
    if not compared:
        return marks.opening(where, words("trends.headline_untold", before=phrases.period(words, standard, before)), _lost_note(words, lost))
    key = "better" if fixed > regressed else "worse" if regressed > fixed else "even"
    title = words(f"trends.headline_{key}", before=phrases.period(words, standard, before), fixed=words.number(fixed), regressed=words.number(regressed))
    basis = words("trends.basis", compared=words.number(compared))
    return marks.opening(where, title, basis, _lost_note(words, lost))


def _lost_note(words: Words, lost: int) -> Html | str:
    return el("span", words("trends.lost_note", lost=words.number(lost)), " ", el("a", words("trends.lost_link"), href="#untold")) if lost else ""


@dataclass(frozen=True)
class Drawing:
    """A group of panels: what it is called, how it is read, the series drawn and all of them, and the line to hold them against."""

    key: str
    title: str
    note: str
    column: str
    shown: tuple[Series, ...]
    series: tuple[Series, ...]
    reference: Series | None = None


def drawings(words: Words, standard: Standard, level: str, over: Span, domains: tuple[Series, ...], places: tuple[Series, ...]) -> tuple[Drawing, ...]:
    """By domain, and, where there are several, by the places that the areas belong to."""
    title, parent = words.title(standard.level_by_id[level].title), parent_title(words, standard, level)
    has_lines = len(over.ordinals) > 1
    note = chart_note(words, len(domains), len(domains), has_reference=False) if has_lines else ""
    first = Drawing("trends", words("trends.by_domain", level=title), note, words("trends.column_domain"), domains, domains)
    if not places[1:]:
        return (first,)
    shown = most_moved(places)
    note = chart_note(words, len(shown), len(places), has_reference=True) if has_lines else ""
    return first, Drawing("places", words("trends.by_parent", level=title, parent=parent), note, parent, shown, places, all_together(words, places))


def chart_note(words: Words, shown: int, total: int, *, has_reference: bool) -> str:
    """How to read the panels."""
    parts = [words("trends.how_to_read", share=words.percent(1 - LARGEST_UNKNOWN_SHARE))]
    parts += [words("trends.reference")] if has_reference else []
    parts += [words("trends.panels_cut", shown=shown, total=total)] if shown < total else []
    return "".join(parts) if words.language == "zh" else " ".join(parts)


def table(words: Words, drawn: Drawing, over: Span, href: Href) -> Html:
    """The figures of the panels, folded: a row a series, a column a period."""
    head = el("tr", el("th", drawn.column, scope="col"), *(el("th", label, scope="col", class_="number") for label in over.labels))
    rows = [
        el(
            "tr", el("th", el("a", each.title, href=href(each.goal[0], **each.goal[1])), scope="row"),
            *(_cell(words, counts) for counts in each.counts),
        )
        for each in drawn.series
    ]  # fmt: skip
    whole = el("table", el("thead", head), el("tbody", rows), class_="plain")
    return marks.folded(words("trends.table"), el("div", whole, class_="scroll"), part=f"table-{drawn.key}")


def _cell(words: Words, counts: Counts | None) -> Html:
    if counts is None:
        return el("td", marks.glyph("no_data", words), class_="number")
    if counts.not_applicable and decided(counts) is None:
        return el("td", marks.glyph("not_applicable", words), class_="number")
    rate = drawn(counts)
    first: Html | str = words.percent(rate) if rate is not None else marks.glyph("no_data", words)
    under = counts.met_of_judged if rate is not None else words("trends.decided", share=words.percent(decided(counts)))
    return el("td", first, el("span", under, class_="under"), class_="number")


# -- who moved --------------------------------------------------------------------------------------------------------


def moves(words: Words, standard: Standard, way: Way, turns: Turns, domain: str | None, href: Href) -> Html:
    """The areas where most verdicts (of a domain) turned one way, each with what turned; how many there are in all."""
    title = marks.section(words(f"trends.{way}_title"), words(f"trends.{way}_how"), "untold" if way == "lost" else None)
    found = turns.moves(way, domain, MOST_LISTED)
    head = el("h3", marks.glyph(WAY_GLYPHS[way], words), words(f"trends.{way}", verdicts=words.number(found.verdicts), areas=words.number(found.areas)))
    items = [_mover(words, standard, each, href) for each in found.most[:MOST_MOVERS]]
    more = others(words, standard, way, found, len(items), href)
    return el("div", title, head, el("ul", items, class_="movers") if items else el("p", words(f"trends.{way}_none"), class_="note"), more, class_="moves")


def others(words: Words, standard: Standard, way: str, found: Moves, shown: int, href: Href) -> Html | None:
    """Those that are not shown at length, folded: each with the codes of what turned. Of very many the first, and how many are in the download alone."""
    rest = found.most[shown:]
    if found.areas <= shown:
        return None
    items = [el("li", el("div", mover_name(each, href)), el("div", _codes(words, standard, each.codes))) for each in rest]
    cut = found.areas - shown - len(rest)
    more = el("p", words("trends.more_areas", n=cut), class_="note") if cut else None
    return marks.folded(words("trends.other_areas", n=found.areas - shown), el("ul", items, class_="movers"), more, part=f"areas-{way}")


def _codes(words: Words, standard: Standard, codes: Sequence[str]) -> str:
    if all(phrases.has_short_code(standard.indicator_by_code[code]) for code in codes):
        return words("app.list").join(codes)
    return words("overview.domain_hint", n=len(codes))


WAY_GLYPHS = {"fixed": "met", "regressed": "unmet", "lost": "no_data"}


def _mover(words: Words, standard: Standard, mover: Mover, href: Href) -> Html:
    return el("li", el("div", mover_name(mover, href)), el("div", codes_of(words, standard, mover.area_id, mover.codes, href)))


def mover_name(mover: Mover, href: Href) -> list[Html]:
    """An area that leads to its page, and what it belongs to."""
    name = el("a", mover.name, href=href("community", area=mover.area_id), class_="area")
    return [name, el("span", mover.parent, class_="under")] if mover.parent else [name]


def codes_of(words: Words, standard: Standard, area_id: str, codes: Sequence[str], href: Href) -> list[Html | str]:
    """What turned, each leading to its cell; of many the first few and how many more."""
    parts: list[Html | str] = []
    for code in codes[:MOST_CODES]:
        indicator = standard.indicator_by_code[code]
        to = href("heatmap", **heat_goals.cell(standard, area_id, code))
        parts += [words("app.list")] if parts else []
        label = phrases.short_name(words, indicator)
        parts.append(el("a", label, href=to))
    return [*parts, words("trends.more_codes", n=len(codes))] if len(codes) > MOST_CODES else parts


# -- what cannot be told ----------------------------------------------------------------------------------------------


def untold(words: Words, standard: Standard, period: int, series: Sequence[Series], over: Span, turned: pd.DataFrame) -> Html:
    """Series without enough data now, and domain by domain how many verdicts were known before and are not now."""
    items = [
        el("li", words("trends.untold_series", title=each.title, share=words.percent(decided(each.counts[over.shown]))))
        for each in series
        if drawn(each.counts[over.shown]) is None
    ]
    lost: dict[str, int] = {}
    for row in records(turned):
        if row["lost"]:
            domain = standard.domain_of[row["indicator"]]
            lost[words.title(domain.title)] = lost.get(words.title(domain.title), 0) + int(row["lost"])
    items += [el("li", words("trends.lost_in_domain", domain=title, n=words.number(number))) for title, number in lost.items()]
    said = words("trends.untold_when", period=phrases.period(words, standard, period))
    return el("div", el("h3", marks.glyph("no_data", words), said), el("ul", items) if items else el("p", words("trends.untold_none"), class_="note"))
