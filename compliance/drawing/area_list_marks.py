"""The areas to choose from as HTML: a table for each area that others belong to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compliance.answers import area_lists
from compliance.answers.area_lists import Group, Standing, Standings
from compliance.answers.palette import GLYPHS
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions.queries import Area
from compliance.texts import Words

Href = Callable[[str], str]  # area → its page


def lists(words: Words, groups: Sequence[Group], found: Standings, level: str, href: Href) -> Html:
    """level: what areas are called that belong to none."""
    return el("div", [_list(words, group, found, level, href) for group in groups], class_="area-lists")


def _list(words: Words, group: Group, found: Standings, level: str, href: Href) -> Html:
    above = found.get(group.id or "")
    name = el("a", group.name, href=href(group.id)) if group.id is not None and above is not None else group.name or level
    note = words("area_list.own", parts=above.counts.rate_parts(words)) if above is not None else None
    shown = [column for column in COLUMNS if column != "badges" or any(found[area.id].badges for area in group.areas if area.id in found)]
    head = el("tr", [el("th", words(f"area_list.{column}"), scope="col", class_=column) for column in shown])
    rows = [_row(words, area, found.get(area.id), shown, href) for area in group.areas]
    table = el("table", el("thead", head), el("tbody", rows), class_="plain areas")
    return el("section", el("h2", name), el("p", note, class_="note") if note else None, table)


COLUMNS = ("area", "rate", "unmet", "badges")


def _row(words: Words, area: Area, standing: Standing | None, shown: Sequence[str], href: Href) -> Html:
    name = el("th", el("a", area.name, href=href(area.id)), scope="row", class_="area")
    if standing is None:
        return el("tr", name, el("td", words("area_list.not_judged"), colspan=str(len(shown) - 1), class_="note"))
    counts = standing.counts
    rate = el("td", el("b", area_lists.rate_beside_parts(words, counts)), el("span", counts.parts(words), class_="parts"), class_="rate")
    unmet = el("td", marks.glyph("unmet", words) if counts.unmet else None, str(counts.unmet), class_="unmet")
    if "badges" not in shown:
        return el("tr", name, rate, unmet)
    return el("tr", name, rate, unmet, el("td", f"{GLYPHS['earned']} {standing.held}/{standing.badges}", class_="badges"))
