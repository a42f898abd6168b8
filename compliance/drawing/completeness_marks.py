"""The completeness page as HTML. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from compliance.answers.completeness import Account
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions.completeness_queries import AreaGaps
from compliance.standard.definitions import Level
from compliance.texts import Words

MOST_AREAS = 20

Href = Callable[..., str]


def opening(
    words: Words, where: Sequence[str], accounts: Sequence[Account], level: Level, lacking: int, silent: int, newest: datetime | None, href: Href
) -> Html:  # fmt: skip
    """How much is missing, of how much, in how many areas, and how fresh it all is. Verdicts that lack data are counted elsewhere: the way there."""
    owed, missing = sum(each.owed for each in accounts), sum(each.missing for each in accounts)
    values = {"owed": words.number(owed), "missing": words.number(missing), "share": words.percent((owed - missing) / owed if owed else None)}
    title = words("missing.headline" if missing else "missing.headline_none", **values)
    nobody = words("missing.silent", n=words.number(silent), level=words.title(level.title)) if silent else ""
    fresh = words("app.data_as_of", when=f"{newest:%Y-%m-%d %H:%M}") if newest else ""
    said = words("missing.areas", n=lacking, level=words.title(level.title))
    where_else = el("span", said, el("a", words("missing.areas_more"), href=href("overview")), words("passing.stop")) if lacking else ""
    return marks.opening(where, title, words("missing.basis", **values), where_else, nobody, fresh)


def departments(words: Words, accounts: Sequence[Account], chosen: str | None, href: Href) -> Html:
    """What each department owes; each leads to its reminder list."""
    keys = ("column_owner", "column_metrics", "column_owed", "column_missing", "column_share")
    head = el("tr", *(el("th", words(f"missing.{key}"), scope="col", class_="number" if place else None) for place, key in enumerate(keys)))
    rows = []
    for each in accounts:
        name = words.title(each.title) if each.title else words("missing.nobody")
        link = el("a", name, href=href(owner=each.owner), aria_current="true" if each.owner == chosen else None) if each.title else name
        figures = (words.number(len(each.metrics)), words.number(each.owed), words.number(each.missing))
        share = words.percent((each.owed - each.missing) / each.owed if each.owed else None)
        rows.append(el("tr", el("th", link, scope="row"), *(el("td", figure, class_="number") for figure in (*figures, share))))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")


def areas(words: Words, found: Sequence[AreaGaps], metrics: int, href: Href) -> Html:
    """The areas that lack most, with how much they should have reported."""
    items = []
    for each in found[:MOST_AREAS]:
        where = el("span", each.parent, class_="under") if each.parent else None
        amount = words("missing.of", missing=words.number(each.missing), owed=words.number(metrics))
        items.append(el("tr", el("th", el("a", each.name, href=href("community", area=each.area_id)), where, scope="row"), el("td", amount, class_="number")))
    more = el("p", words("missing.more_areas", n=words.number(len(found) - MOST_AREAS)), class_="note") if len(found) > MOST_AREAS else None
    return marks.blocks(el("table", el("tbody", items), class_="plain"), more)
