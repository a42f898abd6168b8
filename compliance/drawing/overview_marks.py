"""The overview as HTML: three sentences, badges, rates of pillars and domains, what moved, what is missed most. Pure.

`Href` gives the address of a page: href("community", area="C0101").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from compliance import periods, routes
from compliance.answers import phrases, views
from compliance.answers.counts import Counts, of_domains, risen, total
from compliance.answers.palette import GLYPHS
from compliance.drawing import marks
from compliance.drawing.markup import Child, Html, el
from compliance.engine.statuses import MET, NO_DATA
from compliance.questions import queries
from compliance.questions.queries import Coverage, DomainMatrix
from compliance.questions.trend_queries import Mover, Moves, Turns
from compliance.questions.verdicts import Shift
from compliance.standard.definitions import Domain, Indicator, Level, Standard
from compliance.texts import UNKNOWN, Words

Href = Callable[..., str]
UP, DOWN, SAME = "▲", "▼", "="
MOST_NAMED = 3


def sentences(*said: str | Html) -> Html:
    """What a leader should know, in plain sentences."""
    return el("ul", [el("li", each) for each in said if each], class_="sentences")


def known(words: Words, said: str, coverage: Coverage, href: Href) -> Html:
    """How fresh and how complete it all is; where verdicts lack data, the way to the figures that do, which are counted otherwise."""
    if coverage.complete == coverage.areas:
        return el("span", said)
    return el("span", said, el("a", words("overview.coverage_more"), href=href("completeness"), title=words("overview.coverage_more_hint")))


def rate_sentence(
    words: Words, standard: Standard, level: Level, whole: Counts, before: Counts | None, turns: Turns | None, period: int, href: Href
) -> Html | str:
    """How much is met and whether that is better than before; where it cannot be told yet, the way to the period before, if that can."""
    said = views.rate_sentence(words, standard, level, whole, turns.whole if turns else None)
    if not whole.is_unsure or before is None or before.comparable is None:
        return said
    to = href("overview", period=periods.label(period - 1, standard.frequency))
    return el("span", said, el("a", words("community.go_to_period", p=phrases.period(words, standard, period - 1)), href=to))


def worse_sentence(words: Words, level: Level, turns: Turns | None, href: Href) -> Html | str:
    """What got worse since the period before, of how much that can be told, with the way to all of it; "" where there is no period before."""
    if turns is None:
        return ""
    lost, compared = turns.moves("regressed", None, 0), turns.compared
    if not compared:
        return words("overview.worse_untold")
    if not lost.verdicts:
        return words("overview.worse_none", level=words.title(level.title), compared=compared)
    said = words("overview.worse", n=lost.verdicts, areas=lost.areas, compared=compared, level=words.title(level.title))
    if not routes.is_there("trends"):
        return said
    return el("span", said, el("a", words("overview.worse_more"), href=f"{href('trends')}#worsening"))


# -- badges -----------------------------------------------------------------------------------------------------


def badge_cards(
    words: Words, standard: Standard, level: Level, matrix: DomainMatrix, badges: pd.DataFrame, turns: Turns | None, href: Href
) -> Html:  # fmt: skip
    """One card a badge: how many areas hold it, how many do not, how many cannot be told, how that changed, and how many lack a single indicator."""
    rows = {row["domain"]: row for row in queries.records(badges)}
    shifts = turns.of_badges() if turns else {}
    short = views.one_short(matrix)
    domains = views.badge_domains(standard, level.id)
    return marks.cards([_badge_card(words, domain, _held(rows[domain.id]), shifts.get(domain.id), short[domain.id], href) for domain in domains])


def _held(row: Mapping[str, Any]) -> Counts:
    """Areas by badge: held, not held, cannot be told, does not apply."""
    return Counts(*(int(row[name]) for name in ("earned", "not_earned", "undetermined", "not_applicable")))


def _badge_card(words: Words, domain: Domain, held: Counts, shift: Shift | None, short: int, href: Href) -> Html:
    rest = [words("overview.badge_not_earned", n=held.unmet), words("overview.badge_undetermined", n=held.no_data)]
    if held.not_applicable:
        rest.append(words("overview.badge_not_applicable", n=held.not_applicable))
    label = phrases.DOT.join((words("overview.badge_earned", n=held.met), *rest))
    title = [el("span", GLYPHS["earned"], class_="star", aria_hidden="true"), words.title(domain.badge or domain.title)]
    nearest = words("overview.badge_short" if short else "overview.badge_short_none", n=short)
    return el(
        "div",
        el("p", el("a", title, href=href("heatmap", view=domain.id, sort="best")), class_="card-title"),
        el("p", el("strong", str(held.met)), f"/ {held.judged + held.no_data}", class_="card-figure", title=label),
        marks.stack((("met", held.met), ("unmet", held.unmet), ("no_data", held.no_data)), label),
        marks.unbroken(rest),
        el("p", words("overview.than_before"), " ", _badge_change(words, shift), class_="card-change"),
        el("p", el("a", nearest, href=href("heatmap", view=domain.id, sort="best", status="unmet")) if short else nearest, class_="card-short"),
        class_="card",
    )


def _badge_change(words: Words, shift: Shift | None) -> Html:
    """Who won or lost it among those judged both times, and who is in or out for want of data alone: together they make up the difference."""
    if shift is None or risen(shift) is None:
        return el("span", UNKNOWN, class_="change same", title=words(views.no_change(shift)))
    counted = (
        ("won", "up", shift.won),
        ("lost", "down", shift.lost),
        ("dark", "same", shift.turned(MET, NO_DATA)),
        ("light", "same", shift.turned(NO_DATA, MET)),
    )
    said = [el("span", words(f"overview.badge_{name}", n=n), class_=f"change {look}") for name, look, n in counted if n]
    return el("span", said or words("overview.badge_even"))


# -- rates ------------------------------------------------------------------------------------------------------


def rates(words: Words, standard: Standard, rows: Mapping[str, pd.DataFrame], turns: Mapping[str, Turns | None], href: Href) -> Html:
    """Level after level a line a domain, under its pillar: its rate, its parts, and whether what was judged both times got better. All bars are equally long."""
    lines = []
    for level, now in rows.items():
        counts, turned = of_domains(now), turns[level]
        shifts = turned.of_domains() if turned else {}
        lines.append(el("h2", words("overview.rates", level=words.title(standard.level_by_id[level].title))))
        for pillar in standard.pillars:
            domains = [domain for domain in pillar.domains if domain.id in counts]
            if domains:
                whole, shift = total(counts[each.id] for each in domains), sum((shifts[each.id] for each in domains), Shift()) if shifts else None
                lines.append(_rate_row(words, words.title(pillar.title), whole, shift, class_="rate-row pillar"))
            for each in domains:
                to = _domain_address(standard, level, each, href)
                lines.append(_rate_row(words, words.title(each.title), counts[each.id], shifts.get(each.id), to))
    return el("div", lines, class_="rates section")


def _domain_address(standard: Standard, level: str, domain: Domain, href: Href) -> str:
    """The heatmap of the domain; of a level above the lowest it must be asked for."""
    return href("heatmap", view=domain.id, **({} if level == standard.judged_levels[0] else {"rows": level}))


def _rate_row(words: Words, title: str, counts: Counts, shift: Shift | None, href: str | None = None, class_: str = "rate-row") -> Html:
    unsure = words("overview.unsure_hint") if counts.is_unsure else None
    return el(
        "div",
        el("span", el("a", title, href=href) if href else title, class_="rate-title"),
        el("span", words.percent(counts.comparable, in_column=True), class_="rate-figure", title=unsure),
        marks.counts_bar(words, counts),
        el("span", counts.parts(words), class_="rate-parts"),
        el("span", change(words, shift), class_="rate-change"),
        class_=class_,
    )


def change(words: Words, shift: Shift | None) -> Html:
    """How many points better or worse than the period before, as a sign, a figure and, on hover, a sentence with what was compared; or why nothing is said."""
    rise = risen(shift)
    if shift is None or rise is None:
        return el("span", UNKNOWN, class_="change same", title=words(views.no_change(shift)))
    figure = round(100 * rise, 1)
    sign, look = (UP, "up") if figure > 0 else (DOWN, "down") if figure < 0 else (SAME, "same")
    says = words(f"overview.change_points_{look}", n=words.number(abs(figure)))
    basis = words("overview.change_basis", compared=shift.compared, won=shift.won, lost=shift.lost)
    return el(
        "span",
        el("span", sign, aria_hidden="true"),
        el("span", f" {abs(figure):.1f}", aria_hidden="true") if figure else None,
        el("span", says, class_="unseen"),
        class_=f"change {look}",
        title=says + basis,
    )


# -- what moved -------------------------------------------------------------------------------------------------


def halves(*parts: Child, uneven: bool = False) -> Html:
    """Beside each other where there is room. uneven: the first is the wider one."""
    return el("div", [el("div", part) for part in parts], class_="halves uneven" if uneven else "halves")


def moved(words: Words, standard: Standard, level: Level, moves: Moves, key: str, href: Href) -> Html:
    """Verdicts that turned one way: how many, and the areas with most of them. key: overview.lost or overview.won."""
    head = marks.section(words(f"{key}_title", n=moves.verdicts), words("overview.moved_note", areas=moves.areas, level=words.title(level.title)))
    if not moves.most:
        return el("div", head, el("p", words("overview.moved_none"), class_="note"))
    rows = [_mover(words, standard, mover, href) for mover in moves.most]
    said = words("overview.moved_more", n=moves.areas - len(rows))
    more = el("p", el("a", said, href=href("trends")) if routes.is_there("trends") else said, class_="note") if moves.areas > len(rows) else None
    return el("div", head, el("table", el("tbody", rows), class_="plain moved"), more)


def _mover(words: Words, standard: Standard, mover: Mover, href: Href) -> Html:
    indicators = [standard.indicator_by_code[code] for code in mover.codes]
    named = [
        el("a", phrases.short_name(words, each), href=href("community", area=mover.area_id, to=standard.domain_of[each.code].id))
        for each in indicators[:MOST_NAMED]
    ]
    rest = words("overview.moved_rest", n=len(indicators)) if len(indicators) > MOST_NAMED else None
    return el(
        "tr",
        el(
            "th",
            el("a", mover.name, href=href("community", area=mover.area_id)),
            el("span", mover.parent, class_="under") if mover.parent else None,
            scope="row",
        ),
        el("td", [part for each in named for part in (each, words("app.list"))][:-1], rest),
        el("td", str(len(indicators)), class_="number"),
    )


# -- what is missed most ----------------------------------------------------------------------------------------


MISSED_COLUMNS = (
    ("overview.column_code", "code"),
    ("overview.column_indicator", "title"),
    ("overview.column_owner", "owner"),
    ("overview.column_unmet_of_judged", "share"),
)


def missed_list(words: Words, standard: Standard, level: Level, missed: pd.DataFrame, most: int, whole: Counts, href: Href) -> Html:
    """The indicators that are missed most, with the share of areas that miss them. whole: all verdicts of the level. Columns that would only get in the way are left out."""
    rows = queries.records(missed.head(most))
    indicators = [standard.indicator_by_code[row["indicator"]] for row in rows]
    shown = {"code": all(map(phrases.has_short_code, indicators)), "title": True, "owner": any(each.owner for each in indicators), "share": True}
    head = el("tr", *(el("th", words(key), scope="col", class_=name) for key, name in MISSED_COLUMNS if shown[name]))
    body = [_missed_row(words, standard, indicator, Counts.of(row), shown, href) for indicator, row in zip(indicators, rows, strict=True)]
    table = el("table", el("thead", head), el("tbody", body), class_="plain missed")
    return marks.blocks(_missed_head(words, level, views.common_problems(missed), len(rows), whole), table)


def _missed_row(words: Words, standard: Standard, indicator: Indicator, counts: Counts, shown: Mapping[str, bool], href: Href) -> Html:
    bar = marks.stack((("unmet", counts.unmet), ("rest", counts.met)), f"{counts.unmet}/{counts.judged}")
    domain = words.title(standard.domain_of[indicator.code].title)
    under = domain if shown["code"] else f"{indicator.code}{phrases.DOT}{domain}"
    flag = el("span", words("overview.common"), class_="flag", title=words("overview.common_hint")) if counts.is_common else None
    title = el("a", words.title(indicator.title), href=href("indicator", indicator=indicator.code))
    owner = words.title(indicator.owner) if indicator.owner else ""
    cells = {
        "code": el("td", indicator.code, class_="code"),
        "title": el("td", title, el("span", under, flag, class_="under"), el("span", owner, class_="under narrow") if owner else None, class_="title"),
        "owner": el("td", owner, class_="owner"),
        "share": el("td", el("span", el("strong", str(counts.unmet)), f"/{counts.judged}", class_="figures"), bar, class_="share"),
    }
    return el("tr", *(cell for name, cell in cells.items() if shown[name]))


def _missed_head(words: Words, level: Level, common: int, shown: int, whole: Counts) -> Html:
    """How many of them are everybody's problem rather than one area's; that it is early to say, where too little is known."""
    title = words("overview.missed", n=shown)
    if whole.is_unsure:
        return marks.section(title, words("overview.missed_unsure"))
    return marks.section(title, words("overview.common_note", n=common, level=words.title(level.title)) if common else "")


def matrix_head(words: Words, level: Level, href: Href) -> Html:
    """Above the matrix, which stands as the areas are listed: the way to those with the lowest rates."""
    note = el("p", words("overview.heatmap_note"), " ", el("a", words("overview.lowest_first"), href=href("heatmap", sort="rate")), class_="note on-screen")
    return el("div", el("h2", words("overview.heatmap", level=words.title(level.title))), note, class_="section")
