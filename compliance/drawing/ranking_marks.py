"""The ranking on the indicator page, as HTML and to take away: who is how far from it, on which criteria, and since when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compliance.answers import clause_words, heat_goals, phrases
from compliance.drawing import marks
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.engine.statuses import MET, NEARLY, NO_DATA, NOT_APPLICABLE, STATUSES, UNMET
from compliance.questions.passing_queries import Standings
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Standard
from compliance.texts import Words

# What is to be done first stands first: near misses, then the others by how far they are, then what must be reported.
ORDER = {NEARLY: 0, UNMET: 1, NO_DATA: 2, MET: 3, NOT_APPLICABLE: 4}
MOST_MISSED = 3
Href = Callable[..., str]
Since = Mapping[str, tuple[int, bool]]
"""Area → the period since which it has missed the indicator, and whether it is known to begin there."""
COLUMNS = (
    ("overview.column_area", "title"),
    ("community.column_status", "status"),
    ("community.column_value", "number"),
    ("community.column_limit", "number limit"),
    ("community.column_gap", "gap"),
    ("passing.column_missed", "missed-clauses"),
    ("passing.column_since", "number since"),
)


@dataclass(frozen=True)
class Ranked:
    """One indicator seen through one of its criteria. is_chosen: whether the reader asked for that criterion; the rows then go by it, else by the indicator."""

    standard: Standard
    indicator: Indicator
    criterion: Criterion
    standings: Standings
    since: Since
    is_chosen: bool

    @property
    def statuses(self) -> np.ndarray:
        return self.standings.clause_statuses if self.is_chosen else self.standings.statuses

    @property
    def rows(self) -> list[int]:
        return order(self.standings, by_clause=self.is_chosen)


def order(standings: Standings, *, by_clause: bool = False) -> list[int]:
    """Rows by what is to be done: near misses first, the smallest distance first. by_clause: by the criterion in view alone."""
    short = np.where(np.isfinite(standings.attainments), -standings.attainments.round(6), 1.0)
    gaps = np.where(np.isfinite(standings.gaps), standings.gaps, np.inf)
    first = np.array([ORDER[int(status)] for status in (standings.clause_statuses if by_clause else standings.statuses)], dtype=int)
    return [int(row) for row in np.lexsort((short, gaps, first) if by_clause else (gaps, short, first))]


def missed(indicator: Indicator, standings: Standings, row: int) -> list[Criterion | AnyOf]:
    """The criteria that an area does not meet; a group counts as one."""
    return [criterion for criterion, status in zip(indicator.criteria, standings.parts[row], strict=True) if status == UNMET]


def holds(part: Criterion | AnyOf, criterion: Criterion) -> bool:
    """Whether a criterion is this part of its indicator, or a member of it."""
    return criterion in part.members if isinstance(part, AnyOf) else part == criterion


def head(words: Words, ranked: Ranked, href: Href) -> Html:
    """What the rows go by; from a criterion that was chosen the way back to the indicator."""
    title = phrases.clause_title(words, ranked.standard, ranked.criterion)
    kind = "clause" if ranked.is_chosen else "whole"
    back = el("p", el("a", words("passing.to_whole"), href=href("indicator", indicator=ranked.indicator.code)), class_="note") if ranked.is_chosen else None
    return el("div", marks.section(words(f"passing.ranking_{kind}", title=title), words(f"passing.ranking_note_{kind}", title=title), "ranking"), back)


def ranking(words: Words, ranked: Ranked, rows: Sequence[int], period: int, href: Href) -> Html:
    """Who is how far from it and since when; whoever has nothing to do is folded. A name leads to its area, its status to the cell that says why."""
    needing = [row for row in rows if ORDER[int(ranked.statuses[row])] < ORDER[MET]]
    done = [row for row in rows if ORDER[int(ranked.statuses[row])] >= ORDER[MET]]

    def table(some: Sequence[int]) -> Html:
        top = el("tr", *(el("th", words(key), scope="col", class_=name) for key, name in _columns(ranked)))
        body = [_row(words, ranked, row, period, href) for row in some]
        return el("div", el("table", el("thead", top), el("tbody", body), class_="plain ranking"), class_="scroll")

    is_open = any(ORDER[int(status)] < ORDER[MET] for status in np.unique(ranked.statuses))
    first = table(needing) if needing else el("p", words("passing.all_done_here" if is_open else "passing.all_done"), class_="empty")
    return el("div", first, marks.folded(words("passing.done", n=len(done)), table(done), part="done") if done else None)


def _columns(ranked: Ranked) -> tuple[tuple[str, str], ...]:
    """Heading and class of each; where there is one criterion only, none that says which is missed."""
    return COLUMNS if ranked.indicator.criteria[1:] else tuple(column for column in COLUMNS if column[0] != "passing.column_missed")


def _row(words: Words, ranked: Ranked, row: int, period: int, href: Href) -> Html:
    standings, standard, criterion = ranked.standings, ranked.standard, ranked.criterion
    unit = phrases.unit(standard, criterion.value)
    area_id, parent = standings.area_ids[row], standings.parents[row]
    since = ranked.since.get(area_id)
    said = {
        "community.column_value": phrases.amount(words, float(standings.values[row]), unit, float(standings.thresholds[row])),
        "community.column_limit": clause_words.limit_of_area(words, standard, criterion, float(standings.thresholds[row])),
        "community.column_gap": _short(words, ranked, row),
        "passing.column_missed": _missed(words, ranked, row, href),
        "passing.column_since": phrases.since(words, standard, *since, period) if since else None,
    }
    clause = STATUSES[standings.clause_statuses[row]]
    labelled = [el("td", said[key], class_=f"{look} {clause}" if look == "gap" else look, data_label=words(key)) for key, look in _columns(ranked)[2:]]
    beside = el("span", parent, class_="under") if parent else None
    name = el("th", el("a", standings.names[row], href=href("community", area=area_id)), beside, scope="row", class_="title")
    return el("tr", name, _status(words, ranked, row, href), labelled)


def _status(words: Words, ranked: Ranked, row: int, href: Href) -> Html:
    """The status that the rows go by; that of the whole indicator beside it where it is another."""
    status, whole = STATUSES[ranked.statuses[row]], STATUSES[ranked.standings.statuses[row]]
    why = el(
        "a", words(f"app.status.{status}"), href=href("heatmap", **heat_goals.cell(ranked.standard, ranked.standings.area_ids[row], ranked.indicator.code))
    )
    beside = el("span", words("passing.whole"), glyph(whole, words), words(f"app.status.{whole}"), class_="under") if whole != status else None
    return el("td", glyph(status, words), why, beside, class_=f"status {status}")


def _short(words: Words, ranked: Ranked, row: int) -> str:
    """What is to go on the criterion in view; where it is met, and the row is about an indicator that is not, that it is this one that is."""
    standings, criterion = ranked.standings, ranked.criterion
    gap, clause = float(standings.gaps[row]), int(standings.clause_statuses[row])
    if gap > 0:
        return phrases.gap(words, ranked.standard, criterion, float(standings.values[row]), gap)
    if clause == MET and ORDER[int(ranked.statuses[row])] < ORDER[MET]:
        return words("passing.this_met")
    return words(f"app.status.{STATUSES[clause]}")


def _missed(words: Words, ranked: Ranked, row: int, href: Href) -> Html | None:
    """Which criteria are missed, each leading to who misses it; of how many data are lacking."""
    found = missed(ranked.indicator, ranked.standings, row)
    names = [_named(words, ranked, part, href) for part in found[:MOST_MISSED]]
    listed: list[Html | str] = [piece for each in names for piece in (each, words("app.list"))][:-1]
    if len(found) > MOST_MISSED:
        listed.append(words("passing.clauses_in_all", n=len(found)))
    unknown = int((ranked.standings.parts[row] == NO_DATA).sum())
    lacking = el("span", words("passing.lacking", n=unknown), class_="under") if unknown else None
    return el("span", listed, lacking) if listed or lacking else None


def _named(words: Words, ranked: Ranked, part: Criterion | AnyOf, href: Href) -> Html:
    # The page is about criteria with figures: of a group it shows the first way to meet it.
    goal = part.members[0] if isinstance(part, AnyOf) else part
    title = phrases.clause_title(words, ranked.standard, part)
    return el("a", title, href=href("indicator", indicator=ranked.indicator.code, criterion=goal.id)) if goal != ranked.criterion else el("span", title)


def sheet(words: Words, ranked: Ranked) -> pd.DataFrame:
    """The same to take away, figures as figures; of thousands of areas, so column by column."""
    standings, taken = ranked.standings, np.asarray(ranked.rows, dtype=int)
    said = np.array([words(f"app.status.{status}") for status in STATUSES], dtype=object)
    starts = {start: phrases.beginning(words, ranked.standard, *start) for start in set(ranked.since.values())}
    ids, names, parents = (np.array(texts, dtype=object)[taken] for texts in (standings.area_ids, standings.names, standings.parents))
    return pd.DataFrame(
        {
            words("overview.column_area_id"): ids,
            words("overview.column_area"): names,
            words("overview.column_parent"): parents,
            words("passing.column_status"): said[standings.statuses[taken]],
            words("passing.column_clause_status"): said[standings.clause_statuses[taken]],
            phrases.clause_title(words, ranked.standard, ranked.criterion): standings.values[taken],
            words("community.column_limit"): standings.thresholds[taken],
            words("community.column_gap"): standings.gaps[taken],
            words("passing.column_attainment"): (100 * standings.attainments[taken]).round(1),
            words("passing.column_missed"): _titles_of_missed(words, ranked)[taken],
            words("passing.column_unmet_clauses"): standings.unmet[taken],
            words("passing.column_unknown_clauses"): standings.unknown[taken],
            words("passing.column_of_clauses"): len(ranked.indicator.criteria),
            words("passing.column_since"): [starts[ranked.since[id_]] if id_ in ranked.since else "" for id_ in ids],
        }
    )


def _titles_of_missed(words: Words, ranked: Ranked) -> np.ndarray:
    """Which criteria each area misses, in words: put together once for each combination there is."""
    titles = [phrases.clause_title(words, ranked.standard, criterion) for criterion in ranked.indicator.criteria]
    kinds, of = np.unique(ranked.standings.parts == UNMET, axis=0, return_inverse=True)
    said = [words("app.list").join(title for title, is_missed in zip(titles, kind, strict=True) if is_missed) for kind in kinds]
    return np.array(said, dtype=object)[of.reshape(-1)]


def looks(words: Words, ranked: Ranked) -> dict[str, list[str | None]]:
    """The colours of the statuses, for a workbook."""
    columns = {"passing.column_status": ranked.standings.statuses, "passing.column_clause_status": ranked.standings.clause_statuses}
    return {words(key): [STATUSES[statuses[row]] for row in ranked.rows] for key, statuses in columns.items()}
