"""What the trends page gives to take away: rates, turned verdicts, verdicts that are known no more. Pure; long lists are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import overload

import pandas as pd

from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.answers.trend_views import Series, Span, decided, drawn
from compliance.questions.queries import records
from compliance.questions.trend_queries import Moves
from compliance.standard.definitions import Standard
from compliance.texts import Words

Row = tuple[object, ...]


class Later(Sequence[Row]):
    """Rows that nobody makes before they are read: ten thousand lines belong to no page that is only looked at."""

    def __init__(self, make: Callable[[], Iterable[Row]]) -> None:
        self._make = make

    @cached_property
    def _rows(self) -> list[Row]:
        return list(self._make())

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)


def rates(words: Words, title: str, series: Sequence[Series], over: Span) -> Sheet:
    """A line a series and period, with all that its rate is made of."""
    names = ("period", "rate", "met", "judged", "no_data", "not_applicable", "decided")
    rows: list[tuple[object, ...]] = []
    for each in series:
        for label, counts in zip(over.labels, each.counts, strict=True):
            if counts is None:
                rows.append((each.id, each.title, label, words("app.status.no_data"), *[None] * 5))
            else:
                rate = drawn(counts)
                said = words.percent(rate) if rate is not None else words("trends.too_little")
                rows.append(
                    (each.id, each.title, label, said, counts.met, counts.judged, counts.no_data, counts.not_applicable, words.percent(decided(counts)))
                )
    return Sheet((words("overview.column_area_id"), title, *(words(f"trends.column_{name}") for name in names)), rows)


def turned(words: Words, standard: Standard, found: pd.DataFrame, tallies: pd.DataFrame, worse: Sequence[str]) -> Sheet:
    """Every indicator with what turned, to take away."""
    counts = {row["indicator"]: Counts.of(row) for row in records(tallies)}
    names = ("code", "indicator", "domain", "owner", "compared", "regressed", "fixed", "lost", "unmet_now", "judged", "no_data", "again")
    rows = []
    for row in records(found):
        indicator, now = standard.indicator_by_code[row["indicator"]], counts[row["indicator"]]
        owner = words.title(indicator.owner) if indicator.owner else ""
        titles = (indicator.code, words.title(indicator.title), words.title(standard.domain_of[indicator.code].title), owner)
        again = words("app.yes") if indicator.code in worse else ""
        rows.append((*titles, row["compared"], row["regressed"], row["fixed"], row["lost"], now.unmet, now.judged, now.no_data, again))
    return Sheet(tuple(words(f"trends.column_{name}") for name in names), rows)


def flips(words: Words, standard: Standard, ask: Callable[[], pd.DataFrame], domain: str | None) -> Sheet:
    """Every verdict that turned, a line each. ask: gives the rows of history_queries.flips."""
    names = ("overview.column_area_id", "overview.column_area", "overview.column_parent", "trends.column_code", "trends.column_indicator")

    def rows() -> Iterable[Row]:
        said = {True: words("app.status.met"), False: words("app.status.unmet")}
        for row in records(ask()):
            indicator = standard.indicator_by_code[row["indicator"]]
            if domain in (None, standard.domain_of[indicator.code].id):
                yield row["area_id"], row["name"], row["parent"], indicator.code, words.title(indicator.title), said[row["was_met"]], said[row["is_met"]]

    return Sheet((*(words(name) for name in names), words("trends.column_was"), words("trends.column_is")), Later(rows))


def lost(words: Words, standard: Standard, ask: Callable[[], Moves]) -> Sheet:
    """Every verdict that was known and is not now, a line each: who must report what."""
    names = (
        "overview.column_area_id",
        "overview.column_area",
        "overview.column_parent",
        "trends.column_code",
        "trends.column_indicator",
        "trends.column_owner",
    )

    def rows() -> Iterable[Row]:
        for mover in ask().most:
            for code in mover.codes:
                indicator = standard.indicator_by_code[code]
                owner = words.title(indicator.owner) if indicator.owner else ""
                yield mover.area_id, mover.name, mover.parent, code, words.title(indicator.title), owner

    return Sheet(tuple(words(name) for name in names), Later(rows))
