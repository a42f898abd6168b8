"""The versions of the standard as marks: which is in use, which there were, what differs, what a change would turn. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from compliance.answers.change_words import Difference
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.engine.flipping import Flips
from compliance.questions.queries import records
from compliance.standard.definitions import Standard
from compliance.storage.taking_over import TakenOver
from compliance.texts import Words

ROWS_SHOWN, AREAS_SHOWN = 200, 20
BECAME = ("unmet", "no_data", "not_applicable", "met")


def opening(words: Words, standard: Standard, newest: Mapping[str, object]) -> Html:
    """Which version judges now, since when and why; newest: its row of import_queries.definition_versions."""
    since = words("versions.since", who=newest["who"] or words("versions.nobody"), **_time(newest))
    why = words("versions.because", why=newest["why"]) if newest["why"] else ""
    parts = {"pillars": len(standard.pillars), "domains": len(standard.domains), "indicators": len(standard.indicators), "criteria": standard.criterion_count}
    sound = words("versions.sound", metrics=len(standard.metrics), **parts)
    return marks.opening((words.title(standard.title),), words("versions.in_use", n=newest["version"]), since + why, sound)


def _time(row: Mapping[str, object]) -> dict[str, str]:
    return {"when": f"{row['since']:%Y-%m-%d %H:%M}"}


def last_days(versions: pd.DataFrame) -> dict[int, date]:
    """Version → the last day at whose end it was in use; none for the newest, and for one that was replaced on its first day."""
    since = {int(row["version"]): row["since"].date() for row in records(versions)}
    ends = {version: since[version + 1] - timedelta(days=1) for version in since if version + 1 in since}
    return {version: day for version, day in ends.items() if day >= since[version]}


def listed(words: Words, versions: pd.DataFrame, then: Mapping[int, str]) -> Html:
    """Every version, the newest first. then: version → the address of what was shown while it was in use, where there is such a day."""
    title = words("versions.all", n=len(versions))
    head = el("tr", *(el("th", words(f"versions.column_{key}"), scope="col") for key in ("version", "since", "why", "imports", "then")))
    rows = []
    for row in records(versions):
        address = then.get(row["version"])
        link = el("a", words("versions.look"), href=address) if address else words("versions.now") if row["version"] == versions["version"].max() else ""
        since = el("td", _time(row)["when"], el("span", row["who"], class_="under"))
        why = el("td", row["why"] or words("versions.no_reason"))
        rows.append(el("tr", el("td", str(row["version"])), since, why, el("td", words.number(float(row["imports"])), class_="number"), el("td", link)))
    return marks.blocks(
        marks.section(title, words("versions.all_note")),
        marks.scrolling(el("table", el("thead", head), el("tbody", rows), class_="plain"), title),
    )


def differing(words: Words, rows: Sequence[Difference], title: str, part: str) -> Html:
    """What differs: first what can turn verdicts, then the words, folded under that name in the address."""
    turning, wording = [row for row in rows if row.can_turn], [row for row in rows if not row.can_turn]
    head = marks.section(title, words("versions.summary", **_counted(rows), turning=len(turning), wording=len(wording)))
    if not rows:
        return marks.blocks(marks.section(title), el("p", words("versions.only_notes"), class_="empty"))
    folded = marks.folded(words("versions.wording", n=len(wording)), _table(words, wording), part=part, is_open=not turning) if wording else None
    return marks.blocks(head, _table(words, turning) if turning else el("p", words("versions.nothing_turns"), class_="note"), folded)


def _counted(rows: Sequence[Difference]) -> dict[str, int]:
    return {kind: sum(1 for row in rows if row.kind == kind) for kind in ("added", "removed", "changed")}


def _table(words: Words, rows: Sequence[Difference]) -> Html:
    head = el("tr", *(el("th", words(f"versions.column_{key}"), scope="col") for key in ("what", "title", "before", "after")))
    body = [_row(words, row) for row in rows[:ROWS_SHOWN]]
    more = el("p", words("upload.listing_more", n=len(rows) - ROWS_SHOWN), class_="note") if len(rows) > ROWS_SHOWN else None
    return el("div", el("div", el("table", el("thead", head), el("tbody", body), class_="plain differences"), class_="scroll"), more)


def _row(words: Words, row: Difference) -> Html:
    what = row.field or words(f"versions.kind_{row.kind}")
    named = [el("span", row.code, class_="code"), " ", row.title] if row.code != row.title else [row.title]
    before = el("del", row.before) if row.before else words("versions.nothing")
    after = el("ins", row.after) if row.after else words("versions.nothing")
    return el("tr", el("td", what, el("span", row.thing, class_="under")), el("td", named), el("td", before), el("td", after))


# -- what a changed standard would turn ------------------------------------------------------------------------------


def turned(words: Words, standard: Standard, tried: TakenOver, names: Mapping[str, str]) -> Html:
    """How many statuses would become what, by indicator and by area. names: area → its name."""
    total = tried.flips.total
    facts = [el("div", el("dt", words(f"upload.become_{name}")), el("dd", words.number(getattr(tried.flips, name)))) for name in BECAME]
    section = marks.section(words("versions.turned", n=total), words("versions.turned_note"))
    if not total:
        return marks.blocks(section, el("p", words("versions.turned_none"), class_="note"))
    titles = {code: words.title(indicator.title) for code, indicator in standard.indicator_by_code.items()}
    indicators = [(f"{code} {titles.get(code, '')}", flips) for code, flips in tried.by_indicator.items()]
    areas = sorted(tried.by_area.items(), key=lambda item: (-item[1].unmet, -item[1].total, item[0]))
    shown = [(names.get(area, area), flips) for area, flips in areas[:AREAS_SHOWN]]
    by_area = words("versions.by_area", n=len(areas), shown=len(shown)) if len(areas) > len(shown) else words("versions.by_area_all", n=len(areas))
    return marks.blocks(
        section,
        el("dl", facts, class_="facts"),
        marks.folded(words("versions.by_indicator", n=len(indicators)), _flips(words, "indicator", indicators), part=None, is_open=True),
        marks.folded(by_area, _flips(words, "area", shown), part=None, is_open=True),
    )


def _flips(words: Words, first: str, rows: Sequence[tuple[str, Flips]]) -> Html:
    became = [name for name in BECAME if any(getattr(flips, name) for _, flips in rows)]
    heads = [
        el("th", words(f"versions.column_{first}"), scope="col"),
        *(el("th", words(f"upload.become_{name}"), scope="col", class_="number") for name in became),
    ]
    body = [
        el("tr", el("td", title), *(el("td", words.number(count) if (count := getattr(flips, name)) else "", class_="number") for name in became))
        for title, flips in rows
    ]
    return el("div", el("table", el("thead", el("tr", *heads)), el("tbody", body), class_="plain turning"), class_="scroll")


def done(words: Words, taken: TakenOver) -> Html:
    said = words("versions.done_note", differences=len(taken.changes), turned=taken.flips.total)
    return marks.section(words("versions.done", n=taken.version), said)
