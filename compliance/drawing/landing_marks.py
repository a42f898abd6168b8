"""The data page before the first file and after an import: where to begin, what is there now, and where it can be seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compliance.answers import heat_goals, phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.engine.flipping import Flipped
from compliance.standard.definitions import Standard
from compliance.storage.importer import Imported, Outcome
from compliance.texts import Words

Href = Callable[..., str]
PERIODS_NAMED, AREAS_LISTED, CODES_LISTED = 8, 20, 8


def done(words: Words, outcome: Outcome, names: Mapping[str, str], href: Href) -> Html:
    """Each file with the way to it in the history and to the areas that it speaks of. names: area → its name."""
    rows = [el("li", _file(words, each, href), _areas(words, each, names, href)) for each in outcome.imports]
    title = marks.section(words("upload.done", n=len(rows)), words("upload.done_note"))
    place = f"told-import-{outcome.imports[0].id}"
    return el("div", title, el("ul", rows, class_="problems"), role="status", id=place, tabindex="-1", data_told=True)


def _file(words: Words, each: Imported, href: Href) -> Html:
    rows, areas = words.number(each.accepted), words.number(each.areas)
    said = words("upload.done_file", id=each.id, name=each.file_name, kind=words(f"kind.{each.kind}"), rows=rows, areas=areas)
    named = el("span", phrases.DOT.join(each.periods[:PERIODS_NAMED]), class_="code")
    return el("span", el("a", said, href=href("history", **{"import": str(each.id)})), " ", named)


def _areas(words: Words, each: Imported, names: Mapping[str, str], href: Href) -> Html | None:
    """The first few by name, all of them in the heatmap."""
    known = [area_id for area_id in each.first_areas if area_id in names]
    if not known:
        return None
    period = {"period": max(each.periods)} if each.periods else {}
    rows = {"rows": each.level} if each.level else {}
    links = [el("span", el("a", names[area_id], href=href("community", area=area_id, **period)), " ") for area_id in known]
    everything = el("a", words("upload.done_all", n=words.number(each.areas)), href=href("heatmap", **rows, **period)) if each.areas > len(known) else None
    return el("span", words("upload.done_areas"), links, everything, class_="under")


def turned(words: Words, standard: Standard, flipped: Sequence[Flipped], names: Mapping[str, str], href: Href) -> Html | None:
    """The statuses that turned, by area, those that are lost first; each leads to its cell."""
    if not flipped:
        return None
    by_area: dict[str, list[Flipped]] = {}
    for flip in flipped:
        by_area.setdefault(flip.area_id, []).append(flip)
    names_of = ("area", "to_unmet", "to_met", "to_other")
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col") for name in names_of))
    rows = [
        el(
            "tr", el("td", el("a", names.get(area_id, area_id), href=href("community", area=area_id, period=flips[0].period))),
            *(el("td", _cells(words, standard, [flip for flip in flips if flip.after in became], href))
              for became in (("unmet",), ("met",), ("no_data", "not_applicable"))),
        )
        for area_id, flips in list(by_area.items())[:AREAS_LISTED]
    ]  # fmt: skip
    rest = el("p", words("upload.listing_more", n=words.number(len(by_area) - len(rows))), class_="note") if len(by_area) > len(rows) else None
    title = marks.section(words("upload.done_turned", areas=words.number(len(by_area))), words("upload.done_turned_note"))
    return el("div", title, el("div", el("table", el("thead", head), el("tbody", rows), class_="plain turning"), class_="scroll"), rest)


def _cells(words: Words, standard: Standard, flips: Sequence[Flipped], href: Href) -> list[Html]:
    """Links to the heatmap's panel, which says why; of many the first few."""
    links = []
    for flip in flips[:CODES_LISTED]:
        indicator = standard.indicator_by_code[flip.indicator]
        goal = {**heat_goals.cell(standard, flip.area_id, flip.indicator), "period": flip.period}
        label = words("upload.turned", code=phrases.short_name(words, indicator), before=words(f"app.status.{flip.before}"), period=flip.period)
        name = flip.indicator if phrases.has_short_code(indicator) else words.title(indicator.title)
        links.append(el("a", name, href=href("heatmap", **goal), title=label, class_="turned"))
    rest = el("span", words("upload.done_more", n=words.number(len(flips) - len(links)))) if len(flips) > len(links) else None
    return [*links, *([rest] if rest else [])]


def newest_period(outcome: Outcome) -> str | None:
    """The label of the newest period that was reported on."""
    return max((label for each in outcome.imports for label in each.periods), default=None)


def first_steps(words: Words, level: str, parent: str, has_areas: bool) -> Html:
    """What to do while there is nothing: the areas first, since all else speaks of them."""
    steps = [
        el(
            "li",
            words("upload.step_areas_of", level=level, parent=parent) if parent else words("upload.step_areas", level=level),
            el("span", words("upload.step_done"), class_="code") if has_areas else None,
        ),
        el("li", words("upload.step_metrics")),
        el("li", words("upload.step_check")),
    ]
    return el("div", marks.section(words("upload.first")), el("ol", steps, class_="problems"))
