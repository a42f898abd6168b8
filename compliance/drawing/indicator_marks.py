"""One indicator across areas as HTML: how many pass, which criterion they fail, who is how far from it and since when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from compliance import periods
from compliance.answers import clause_words, heat_goals, phrases
from compliance.answers.counts import Counts, risen
from compliance.answers.gridding import Column, Row, StatusMatrix
from compliance.answers.palette import STATUSES
from compliance.drawing import definition_marks, indicator_charts, marks
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, UNMET
from compliance.questions.passing_queries import ABSENT, History, Standings
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Is, Standard
from compliance.texts import Words

# What is to be done first stands first: near misses, then the others by how far they are, then what must be reported.
ORDER = {NEARLY: 0, UNMET: 1, NO_DATA: 2, MET: 3, NOT_APPLICABLE: 4}
MOST_PERIODS, MOST_NEAREST = 12, 3
Href = Callable[..., str]
Since = Mapping[str, tuple[int, bool]]
"""Area → the period since which it has been unmet, and whether it is known to begin there."""


def counts(statuses: np.ndarray) -> Counts:
    tally = np.bincount(statuses, minlength=5)
    return Counts(int(tally[MET]), int(tally[NEARLY] + tally[UNMET]), int(tally[NO_DATA]), int(tally[NOT_APPLICABLE]))


def opening(
    words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, period: str, standings: Standings, before: Counts | None, href: Href
) -> Html:  # fmt: skip
    """How many pass it, who answers for it, who is nearest; then what is missing, and whether it got better."""
    domain = standard.domain_of[indicator.code]
    pillar = next(pillar for pillar in standard.pillars if domain in pillar.domains)
    level = standard.level_by_id[indicator.level]
    now = counts(standings.statuses)
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
        el("span", _who(words, indicator, now.unmet), _nearest(words, standard, indicator, criterion, standings, href)),
        f"{rest}{change(words, now, before)}",
    )  # fmt: skip
    return el("div", head, marks.counts_bar(words, now), class_="passing")


def _who(words: Words, indicator: Indicator, unmet: int) -> str:
    owner = words("passing.owner", owner=words.title(indicator.owner)) if indicator.owner else ""
    return owner + (words("passing.unmet", n=unmet) if unmet else "")


def _nearest(words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, standings: Standings, href: Href) -> Html | None:
    """Those who have the least to do, each with what that is and a link to why; the near misses where there are any."""
    missed = [row for row in order(standings) if standings.statuses[row] in (NEARLY, UNMET)]
    near = [row for row in missed if standings.statuses[row] == NEARLY]
    named = [
        el("span", el("a", standings.names[row], href=href("heatmap", **heat_goals.cell(standard, standings.area_ids[row], indicator.code))), words("passing.to_go", gap=_to_go(words, standard, indicator, criterion, standings, row)))
        for row in (near or missed)[:MOST_NEAREST]
    ]  # fmt: skip
    if not named:
        return None
    said = words("passing.near" if near else "passing.nearest", n=len(near), level=words.title(standard.level_by_id[indicator.level].title))
    listed = [part for each in named for part in (each, words("app.list"))][:-1]
    return el("span", said, listed, words("passing.stop"))


def _to_go(words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, standings: Standings, row: int) -> str:
    """The gap where the criterion in view is all that is missed, else how many criteria are."""
    gap = float(standings.gaps[row])
    if standings.unmet[row] == 1 and standings.missed[row] and gap > 0:
        return phrases.gap(words, standard, criterion, float(standings.values[row]), gap)
    return words("passing.clauses_open", n=int(standings.unmet[row]), total=len(indicator.criteria))


def change(words: Words, now: Counts, before: Counts | None) -> str:
    """Better or worse than the period before, or that it cannot be told."""
    if before is None:
        return ""
    rise = risen(now, before)
    if rise is None:
        return words("passing.change_unknown")
    key = "better" if rise > 0 else "worse" if rise < 0 else "none"
    return words(f"passing.change_{key}", rate=words.percent(before.rate), met=before.met, judged=before.judged)


def definition(words: Words, standard: Standard, indicator: Indicator, clauses: pd.DataFrame, address: Callable[[str], str], chosen: str) -> Html:
    """The definition card: the source's words, each criterion with its limit, and how many areas pass it."""
    tallies = {str(row["criterion"]): Counts.of(row) for row in clauses.to_dict("records")}  # type: ignore[arg-type]
    table = definition_marks.criteria_table(words, standard, indicator, tallies, address, chosen)
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


def before(history: History, period: int | None) -> Counts | None:
    """How many passed in the period before (None: there is none)."""
    if period not in history.periods:
        return None
    codes = history.codes[:, history.periods.index(period)]
    return counts(codes[codes != ABSENT])


def nothing_drawn(standings: Standings) -> str:
    """Why there is no picture, as the key of its text."""
    return "passing.all_exempt" if len(standings.statuses) and (standings.statuses == NOT_APPLICABLE).all() else "passing.no_figures"


def spread_head(words: Words, title: str, figure: Mapping[str, object] | None) -> Html:
    note = words(f"passing.spread_{indicator_charts.picture_kind(figure)}") if figure else ""
    return marks.section(words("passing.spread", title=title), note)


def beside(words: Words, criterion: Criterion, standings: Standings) -> Html:
    """What the picture cannot show: of whom there is no figure."""
    tally = counts(standings.clause_statuses)
    near = int((standings.clause_statuses == NEARLY).sum())
    rows = (("met", tally.met), ("near", near), ("unmet", tally.unmet - near), ("no_data", tally.no_data), ("not_applicable", tally.not_applicable))
    lines = [el("li", glyph(status, words), words(f"app.status.{status}"), el("strong", f"{number:,}"), class_=status) for status, number in rows]
    left_out = tally.no_data + tally.not_applicable
    note = el("p", words("passing.left_out", n=left_out), class_="note") if left_out and not isinstance(criterion.test, Is) else None
    return el("div", el("ul", lines, class_="tally"), note)


def order(standings: Standings) -> list[int]:
    """Rows by what is to be done: near misses first, the smallest distance first."""
    short = np.where(np.isfinite(standings.attainments), -standings.attainments.round(6), 1.0)
    gaps = np.where(np.isfinite(standings.gaps), standings.gaps, np.inf)
    first = np.array([ORDER[int(status)] for status in standings.statuses], dtype=int)
    return [int(row) for row in np.lexsort((gaps, short, first))]


RANKING_COLUMNS = (
    ("overview.column_area", "title"),
    ("community.column_status", "status"),
    ("community.column_value", "number"),
    ("community.column_limit", "number limit"),
    ("community.column_gap", "gap"),
    ("passing.column_clauses", "number"),
    ("passing.column_since", "number"),
)


def ranking(
    words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, standings: Standings, rows: Sequence[int],
    failing_since: Since, period: int, href: Href,
) -> Html:  # fmt: skip
    """Who is how far from it and since when; whoever has nothing to do is folded. A name leads to its area, its status to the cell that says why."""
    needing = [row for row in rows if ORDER[int(standings.statuses[row])] < ORDER[MET]]
    done = [row for row in rows if ORDER[int(standings.statuses[row])] >= ORDER[MET]]

    def table(some: Sequence[int]) -> Html:
        head = el("tr", *(el("th", words(key), scope="col", class_=name) for key, name in RANKING_COLUMNS))
        body = [_ranked(words, standard, indicator, criterion, standings, row, failing_since, period, href) for row in some]
        return el("div", el("table", el("thead", head), el("tbody", body), class_="plain ranking"), class_="scroll")

    is_open = any(ORDER[int(status)] < ORDER[MET] for status in np.unique(standings.statuses))
    first = table(needing) if needing else el("p", words("passing.all_done_here" if is_open else "passing.all_done"), class_="empty")
    return el("div", first, marks.folded(words("passing.done", n=len(done)), table(done), part="done") if done else None)


def _ranked(
    words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, standings: Standings, row: int,
    failing_since: Since, period: int, href: Href,
) -> Html:  # fmt: skip
    unit = phrases.unit(standard, criterion.value)
    value, threshold, gap = (float(column[row]) for column in (standings.values, standings.thresholds, standings.gaps))
    status, clause = STATUSES[standings.statuses[row]], STATUSES[standings.clause_statuses[row]]
    area_id, parent = standings.area_ids[row], standings.parents[row]
    since = failing_since.get(area_id)
    beside = el("span", parent, class_="under") if parent else None
    why = el("a", words(f"app.status.{status}"), href=href("heatmap", **heat_goals.cell(standard, area_id, indicator.code)))
    short = phrases.gap(words, standard, criterion, value, gap) if gap > 0 else words(f"app.status.{clause}")
    cells = (
        phrases.amount(words, value, unit, threshold),
        clause_words.limit_of_area(words, standard, criterion, threshold),
        short,
        clauses_open(words, indicator, int(standings.unmet[row]), int(standings.unknown[row])),
        phrases.since(words, standard, *since, period) if since else None,
    )
    name = el("th", el("a", standings.names[row], href=href("community", area=area_id)), beside, scope="row", class_="title")
    looks_of = [f"{look} {clause}" if look == "gap" else look for _, look in RANKING_COLUMNS[2:]]
    labelled = [el("td", cell, class_=look, data_label=words(key)) for cell, look, (key, _) in zip(cells, looks_of, RANKING_COLUMNS[2:], strict=True)]
    return el("tr", name, el("td", glyph(status, words), why, class_=f"status {status}"), labelled)


def clauses_open(words: Words, indicator: Indicator, unmet: int, unknown: int) -> str:
    """2/9 · 缺1: how many of the criteria are not met, and of how many it is not known."""
    said = f"{unmet}/{len(indicator.criteria)}"
    return phrases.DOT.join((said, words("passing.lacking", n=unknown))) if unknown else said


def ranking_sheet(
    words: Words, standard: Standard, indicator: Indicator, criterion: Criterion, standings: Standings, rows: Sequence[int], failing_since: Since
) -> pd.DataFrame:
    """The same to take away, figures as figures; of thousands of areas, so column by column."""
    taken = np.asarray(rows, dtype=int)
    said = np.array([words(f"app.status.{status}") for status in STATUSES], dtype=object)
    starts = {start: phrases.beginning(words, standard, *start) for start in set(failing_since.values())}
    ids, names, parents = (np.array(texts, dtype=object)[taken] for texts in (standings.area_ids, standings.names, standings.parents))
    return pd.DataFrame(
        {
            words("overview.column_area_id"): ids,
            words("overview.column_area"): names,
            words("overview.column_parent"): parents,
            words("community.column_status"): said[standings.statuses[taken]],
            phrases.clause_title(words, standard, criterion): standings.values[taken],
            words("community.column_limit"): standings.thresholds[taken],
            words("community.column_gap"): standings.gaps[taken],
            words("passing.column_attainment"): (100 * standings.attainments[taken]).round(1),
            words("passing.column_unmet_clauses"): standings.unmet[taken],
            words("passing.column_unknown_clauses"): standings.unknown[taken],
            words("passing.column_of_clauses"): len(indicator.criteria),
            words("passing.column_since"): [starts[failing_since[id_]] if id_ in failing_since else "" for id_ in ids],
        }
    )


def looks(words: Words, standings: Standings, rows: Sequence[int]) -> dict[str, list[str | None]]:
    """The colours of the statuses, for a workbook."""
    return {words("community.column_status"): [STATUSES[standings.statuses[row]] for row in rows]}


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
