"""One indicator across areas as HTML: how many pass, which criterion they fail, who is how far from it and since when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from compliance import periods
from compliance.answers import heat_goals, phrases
from compliance.answers.counts import Counts, risen
from compliance.answers.gridding import Column, Row, StatusMatrix
from compliance.drawing import definition_marks, indicator_charts, marks, ranking_marks
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.drawing.ranking_marks import Ranked
from compliance.engine.near_misses import NEAR
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, UNMET
from compliance.questions.passing_queries import ABSENT, History, Standings
from compliance.questions.verdicts import Shift
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Is, Standard
from compliance.texts import Words

MOST_PERIODS, MOST_NEAREST = 12, 3
SAME = 1e-6
Href = Callable[..., str]


def counts(statuses: np.ndarray) -> Counts:
    tally = np.bincount(statuses, minlength=5)
    return Counts(int(tally[MET]), int(tally[NEARLY] + tally[UNMET]), int(tally[NO_DATA]), int(tally[NOT_APPLICABLE]))


def opening(words: Words, ranked: Ranked, period: str, shift: Shift | None, href: Href, *, is_unasked: bool = False) -> Html:
    """How many pass it, who answers for it, who is nearest; then what is missing, and whether it got better. is_unasked: say why it is this one."""
    standard, indicator = ranked.standard, ranked.indicator
    domain = standard.domain_of[indicator.code]
    pillar = next(pillar for pillar in standard.pillars if domain in pillar.domains)
    level = standard.level_by_id[indicator.level]
    now = counts(ranked.standings.statuses)
    parts = {"title": f"{indicator.code} {words.title(indicator.title)}", "met": now.met, "judged": now.judged, "level": words.title(level.title)}
    parts["n"] = now.not_applicable
    key = ("all" if not now.unmet else "some") if now.judged else ("exempt" if now.not_applicable and not now.no_data else "none")
    rest = words(
        "passing.rest_unsure" if now.is_unsure and now.judged else "passing.rest",
        rate=words.percent(now.rate),
        met=now.met,
        judged=now.judged,
        no_data=now.no_data,
        not_applicable=now.not_applicable,
    )
    head = marks.opening(
        (words.title(pillar.title), words.title(domain.title), period), words(f"passing.headline_{key}", **parts),
        el("span", _who(words, indicator, now.unmet), _nearest(words, ranked, href)),
        f"{rest}{change(words, shift)}",
        words("passing.unasked") if is_unasked else "",
    )  # fmt: skip
    return el("div", head, marks.counts_bar(words, now), class_="passing")


def _who(words: Words, indicator: Indicator, unmet: int) -> str:
    owner = words("passing.owner", owner=words.title(indicator.owner)) if indicator.owner else ""
    return owner + (words("passing.unmet", n=unmet) if unmet else "")


def _nearest(words: Words, ranked: Ranked, href: Href) -> Html | None:
    """Those who have the least to do, each with what that is and a link to why; the near misses where there are any. Of more who are alike, how many."""
    standings = ranked.standings
    missed = [row for row in ranking_marks.order(standings) if standings.statuses[row] in (NEARLY, UNMET)]
    near = [row for row in missed if standings.statuses[row] == NEARLY]
    if not missed:
        return None
    named = (near or missed)[:MOST_NEAREST]
    last = _to_go(words, ranked, named[-1])
    alike = [row for row in missed[MOST_NEAREST:] if _is_as_far(standings, row, named[-1]) and _to_go(words, ranked, row) == last]
    total = len(near) or len(named) + len(alike)

    def name(row: int) -> Html:
        cell = href("heatmap", **heat_goals.cell(ranked.standard, standings.area_ids[row], ranked.indicator.code))
        return el("span", el("a", standings.names[row], href=cell), words("passing.to_go", gap=_to_go(words, ranked, row)))

    key = "near" if near else "these" if len(missed) == len(named) else "nearest"
    said = words(f"passing.{key}", n=len(near), near=words.percent(NEAR))
    listed = [part for row in named for part in (name(row), words("app.list"))][:-1]
    return el("span", said, listed, words("passing.in_all", n=total) if total > len(named) else "", words("passing.stop"))


def _is_as_far(standings: Standings, row: int, other: int) -> bool:
    return abs(float(standings.attainments[row] - standings.attainments[other])) < SAME


def _to_go(words: Words, ranked: Ranked, row: int) -> str:
    """The gap where the criterion in view is all that is missed, else which one is, or how many are."""
    standings, standard = ranked.standings, ranked.standard
    missed = ranking_marks.missed(ranked.indicator, standings, row)
    if len(missed) != 1:
        return words("passing.clauses_open", n=len(missed), total=len(ranked.indicator.criteria))
    gap = float(standings.gaps[row])
    if gap > 0 and ranking_marks.holds(missed[0], ranked.criterion):
        return phrases.gap(words, standard, ranked.criterion, float(standings.values[row]), gap)
    return words("passing.clause_open", title=phrases.clause_title(words, standard, missed[0]))


def change(words: Words, shift: Shift | None) -> str:
    """Better or worse than the period before, of those judged both times, or that it cannot be told."""
    if shift is None:
        return ""
    rise = risen(shift)
    if rise is None:
        return words("passing.change_unknown")
    key = "better" if rise > 0 else "worse" if rise < 0 else "none"
    return words(f"passing.change_{key}", compared=shift.compared, won=shift.won, lost=shift.lost)


def definition(words: Words, ranked: Ranked, clauses: pd.DataFrame, href: Href) -> Html:
    """The definition card: the source's words, each criterion with its limit, how many areas pass it, and the way to who does not."""
    standard, indicator = ranked.standard, ranked.indicator
    tallies = {str(row["criterion"]): Counts.of(row) for row in clauses.to_dict("records")}  # type: ignore[arg-type]

    def address(criterion: str) -> str:
        return href("indicator", indicator=indicator.code, criterion=criterion)

    table = definition_marks.criteria_table(words, standard, indicator, tallies, address, ranked.criterion.id)
    return el("div", *definition_marks.source_words(words, standard, indicator), table, class_="card defined")


def decisive(indicator: Indicator, clauses: pd.DataFrame) -> str:
    """The criterion that most areas fail, the first where several are failed alike; of a group of which one suffices, the member that most areas meet."""
    unmet, met = (dict(zip(clauses["criterion"], clauses[what], strict=True)) for what in ("unmet", "met"))
    worst = max(indicator.criteria, key=lambda criterion: int(unmet.get(criterion.id, 0)))
    return max(worst.members, key=lambda member: int(met.get(member.id, 0))).id if isinstance(worst, AnyOf) else worst.id


def titles(words: Words, standard: Standard, domain: str | None) -> dict[str, str]:
    """Code → what the picker calls it; of one domain only where one is given."""
    shown = [each for each in standard.indicators if domain in (None, standard.domain_of[each.code].id)]
    return {each.code: f"{each.code} {words.title(each.title)}" for each in shown}


def clause_titles(words: Words, standard: Standard, indicator: Indicator, clauses: pd.DataFrame) -> dict[str, str]:
    """Criterion → what the picker calls it; the decisive one first."""
    first = decisive(indicator, clauses)
    leaves = sorted((criterion for criterion, _ in indicator.leaves()), key=lambda criterion: criterion.id != first)
    return {each.id: phrases.DOT.join((phrases.clause_title(words, standard, each), phrases.limit(words, standard, each, None))) for each in leaves}


def nothing_drawn(standings: Standings) -> str:
    """Why there is no picture, as the key of its text."""
    return "passing.all_exempt" if len(standings.statuses) and (standings.statuses == NOT_APPLICABLE).all() else "passing.no_figures"


def contents(words: Words) -> Html:
    """What the page of an indicator holds."""
    return marks.contents(words, [(key, words(f"contents.{key}")) for key in ("spread", "ranking", "over_time")])


def spread_head(words: Words, title: str, figure: Mapping[str, object] | None) -> Html:
    note = words(f"passing.spread_{indicator_charts.picture_kind(figure)}") if figure else ""
    return marks.section(words("passing.spread", title=title), note, "spread")


def beside(words: Words, criterion: Criterion, standings: Standings) -> Html:
    """What the picture cannot show: of whom there is no figure."""
    tally = counts(standings.clause_statuses)
    near = int((standings.clause_statuses == NEARLY).sum())
    rows = (("met", tally.met), ("near", near), ("unmet", tally.unmet - near), ("no_data", tally.no_data), ("not_applicable", tally.not_applicable))
    lines = [el("li", glyph(status, words), words(f"app.status.{status}"), el("strong", f"{number:,}"), class_=status) for status, number in rows]
    left_out = tally.no_data + tally.not_applicable
    note = el("p", words("passing.left_out", n=left_out), class_="note") if left_out and not isinstance(criterion.test, Is) else None
    return el("div", el("ul", lines, class_="tally"), note)


def place(standings: Standings, rows: Sequence[int], area: str | None) -> int | None:
    """Where an area stands in an order, if it does."""
    return next((place for place, row in enumerate(rows) if standings.area_ids[row] == area), None)


def ids(standings: Standings, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(standings.area_ids[row] for row in rows)


def over_time(words: Words, standard: Standard, standings: Standings, history: History, near: Collection[tuple[str, int]], rows: Sequence[int]) -> StatusMatrix:
    """Areas × periods, in the order of the ranking. near: (area, period) of the near misses. What was not judged at all counts as no data."""
    first = max(0, len(history.periods) - MOST_PERIODS)
    shown = history.periods[first:]
    place = {area: row for row, area in enumerate(history.area_ids)}
    picked = [row for row in rows if standings.area_ids[row] in place]
    codes = history.codes[[place[id_] for id_ in ids(standings, picked)], first:]
    is_near = np.array([[(id_, each) in near for each in shown] for id_ in ids(standings, picked)], dtype=bool).reshape(codes.shape)
    return StatusMatrix(
        tuple(Row(standings.area_ids[row], standings.names[row], standings.parents[row]) for row in picked),
        tuple(
            Column(periods.label(each, standard.frequency), periods.label(each, standard.frequency), phrases.period(words, standard, each)) for each in shown
        ),
        np.where(is_near, NEARLY, np.where(codes == ABSENT, NO_DATA, codes)).astype(np.uint8).reshape(len(picked), len(shown)),
    )
