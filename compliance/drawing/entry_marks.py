"""What is entered by hand, as HTML: a figure put right, exemptions, parameters; what each would turn. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from compliance import periods
from compliance.answers import history_views, phrases
from compliance.answers.explaining import Figure
from compliance.drawing import history_marks, marks, origin_marks, upload_marks
from compliance.drawing.markup import Html, el
from compliance.engine.flipping import Flipped
from compliance.questions import queries
from compliance.questions.queries import Area
from compliance.standard.definitions import Metric, Standard
from compliance.storage.importer import Outcome
from compliance.texts import Words

Href = Callable[..., str]
MOST_LISTED = 12


# -- a figure put right ------------------------------------------------------------------------------------------------


def correction(words: Words, area: Area, metric: Metric, label: str, known: Figure, leave: str, href: Href) -> Html:
    """Which figure is to be put right, what it is now, and where that comes from."""
    now = phrases.exact(words, known.value, metric.unit) if known.value is not None else words("correct.no_value")
    source = [el("a", origin_marks.source_words(words, known.source), href=href("history", **{"import": str(known.source.import_id)}))] if known.source else []
    title = words("correct.title", area=area.name, figure=words.title(metric.title), period=label)
    note = el("p", words("correct.now", value=now), " ", source, class_="note")
    return el("div", marks.section(title), note, el("p", el("a", words("correct.leave"), href=leave), class_="note"))


def corrected(words: Words, standard: Standard, metric: Metric, outcome: Outcome) -> list[Html | None]:
    """The figure old and new, and every status that would turn."""
    changes = outcome.imports[0].changes
    if not changes:
        return [el("p", words("correct.same"), class_="notice")]
    old, new = (phrases.exact(words, value, metric.unit) for value in (changes[0].old, changes[0].new))
    return [el("p", el("strong", words("correct.change", old=old, new=new)), class_="changed-figure"), turned(words, standard, outcome)]


def turned(words: Words, standard: Standard, outcome: Outcome) -> Html:
    """Which statuses would turn, one by one."""
    if not outcome.flipped:
        return el("p", words("enter.no_flips"), class_="note")
    rows = [el("li", _turned(words, standard, flip)) for flip in outcome.flipped[:MOST_LISTED]]
    rest = outcome.flips.total - len(rows)
    title = el("p", words("history.flips_would", flips=history_views.flips_words(words, outcome.flips)))
    return el("div", title, el("ul", rows, class_="problems"), el("p", words("enter.more_flips", n=words.number(rest)), class_="note") if rest > 0 else None)


def _turned(words: Words, standard: Standard, flip: Flipped) -> str:
    before, after = (words(f"app.status.{status}") for status in (flip.before, flip.after))
    name = phrases.short_name(words, standard.indicator_by_code[flip.indicator])
    return words("enter.flip", indicator=name, period=flip.period, before=before, after=after)


# -- exemptions and parameters -----------------------------------------------------------------------------------------


def turned_by_area(words: Words, outcome: Outcome, names: Mapping[str, str]) -> Sequence[Html | None]:
    """Which statuses would turn, area by area."""
    said = el("p", words("history.flips_would", flips=history_views.flips_words(words, outcome.flips)))
    return [said, upload_marks.flipped(words, outcome, names)]


def exemption_list(words: Words, standard: Standard, rows: Sequence[Mapping[str, Any]], period: int, href: Href, end: Callable[[str, str, str], str | None] | None) -> Html:  # fmt: skip
    """A row an exemption. end(area, indicator, from) leads to the form that ends it; None: for who may not."""
    names = ("area", "indicator", "from", "reason", "who")
    head = el("tr", *(el("th", words(f"enter.column_{name}"), scope="col") for name in names))
    return el("table", el("thead", head), el("tbody", [_exemption(words, standard, row, period, href, end) for row in rows]), class_="plain entries")


def _exemption(
    words: Words, standard: Standard, row: Mapping[str, Any], period: int, href: Href, end: Callable[[str, str, str], str | None] | None
) -> Html:  # fmt: skip
    first, last = periods.label(int(row["from"]), standard.frequency), _end(words, standard, row["to"])
    indicator = standard.indicator_by_code.get(row["indicator"])
    is_over = not pd.isna(row["to"]) and int(row["to"]) < period
    href_end = end(row["area_id"], row["indicator"], first) if end is not None and not is_over and indicator else None
    way = el("a", words("enter.end"), href=href_end) if href_end else None
    return el(
        "tr",
        el("td", el("a", row["name"], href=href("community", area=row["area_id"])), el("span", row["parent"], class_="under") if row["parent"] else None),
        el("td", phrases.short_name(words, indicator) if indicator else row["indicator"]),
        el("td", words("enter.from_to", first=first, last=last), el("span", words(f"enter.{_state(row, period)}"), class_="under")),
        el("td", row["reason"], el("span", way, class_="under") if way else None),
        el("td", row["who"], el("span", f"{row['imported_at']:%Y-%m-%d} ", history_marks.link(words, int(row["import_id"]), href), class_="under")),
        class_="over" if is_over else None,
    )


def _state(row: Mapping[str, Any], period: int) -> str:
    if int(row["from"]) > period:
        return "not_yet"
    return "over" if not pd.isna(row["to"]) and int(row["to"]) < period else "in_force"


def _end(words: Words, standard: Standard, last: float | None) -> str:
    return words("history.open_ended") if last is None or pd.isna(last) else periods.label(int(last), standard.frequency)


def exemption_sheet(words: Words, standard: Standard, rows: pd.DataFrame) -> pd.DataFrame:
    """All of them to take away."""
    names = ("area_id", "area", "parent", "indicator", "first", "last", "reason", "who", "when", "import")
    table = [
        (
            row["area_id"], row["name"], row["parent"], row["indicator"], periods.label(int(row["from"]), standard.frequency), _end(words, standard, row["to"]),
            row["reason"], row["who"], f"{row['imported_at']:%Y-%m-%d %H:%M}", int(row["import_id"]),
        )
        for row in queries.records(rows)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=[words(f"enter.column_{name}") for name in names])


def parameter_list(words: Words, standard: Standard, rows: pd.DataFrame, href: Href) -> Html:
    """A row a figure from outside."""
    names = ("period", "parameter", "value", "reason", "who")
    head = el("tr", *(el("th", words(f"enter.column_{name}"), scope="col", class_="number" if name == "value" else None) for name in names))
    body = [
        el(
            "tr",
            el("td", periods.label(int(row["period"]), standard.frequency), class_="code"),
            el("td", phrases.name_title(words, standard, row["parameter"])),
            el("td", phrases.amount(words, float(row["value"]), standard.parameter_by_id[row["parameter"]].unit), class_="number"),
            el("td", row["why"]),
            el("td", row["who"], el("span", f"{row['imported_at']:%Y-%m-%d} ", history_marks.link(words, int(row["import_id"]), href), class_="under")),
        )
        for row in queries.records(rows)
    ]
    return el("div", el("table", el("thead", head), el("tbody", body), class_="plain entries"), class_="scroll")


def parameter_sheet(words: Words, standard: Standard, rows: pd.DataFrame) -> pd.DataFrame:
    """All of them to take away."""
    names = ("period", "parameter", "value", "reason", "who", "when", "import")
    table = [
        (
            periods.label(int(row["period"]), standard.frequency), phrases.name_title(words, standard, row["parameter"]), float(row["value"]), row["why"],
            row["who"], f"{row['imported_at']:%Y-%m-%d %H:%M}", int(row["import_id"]),
        )
        for row in queries.records(rows)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=[words(f"enter.column_{name}") for name in names])
