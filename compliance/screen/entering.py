"""The page of exemptions and outside figures: the lists, and the forms by which they are entered and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from compliance import periods
from compliance.access import User
from compliance.answers import phrases
from compliance.drawing import entry_marks, marks
from compliance.drawing.markup import Html, el
from compliance.questions import doubt_queries, entry_queries, queries
from compliance.screen import acting, offering
from compliance.screen.controls import plain
from compliance.screen.page import Page
from compliance.storage import entries
from compliance.storage.importer import Outcome
from compliance.storage.store import Store

LONGEST_VALUE = 40
# How many periods after the newest may be named: an exemption is often granted ahead.
AHEAD = 8


def title(page: Page) -> str:
    return page.words("enter.title" if page.standard.parameters else "enter.title_exemptions")


def lead(page: Page) -> str:
    return page.words("enter.lead" if page.standard.parameters else "enter.lead_exemptions")


def view(page: Page) -> str:
    """Which of the two the reader wants to see; a standard may have no figures from outside."""
    found = ("exemptions", "parameters") if page.standard.parameters else ("exemptions",)
    if len(found) == 1:
        return found[0]
    return page.pick("view", found, page.words("enter.view"), lambda name: page.words(f"enter.view_{name}"), row=True, resets=("part", "end", "of", "since"))


# -- exemptions ----------------------------------------------------------------------------------------------------------


def exemptions(page: Page) -> None:
    """Every exemption that counts, so many at a time."""
    words, standard = page.words, page.standard
    kept = None
    if page.filters.parent is not None:
        kept = frozenset((page.filters.parent, *(area for level in standard.judged_levels for area in page.kept_areas(level) or ())))
    rows = page.ask(entry_queries.exemptions, kept)
    page.show(marks.section(words("enter.exemptions", n=words.number(len(rows))), words("enter.exemptions_note")))
    if rows.empty:
        page.empty("enter.no_exemptions")
    else:
        shown = queries.records(rows.iloc[page.screenful(len(rows))])
        end = _way_to_end(page) if page.user.may("correct") else None
        page.show(entry_marks.exemption_list(words, standard, shown, page.period, page.href, end))
        page.download(lambda: entry_marks.exemption_sheet(words, standard, rows), "exemptions")


def _way_to_end(page: Page) -> Callable[[str, str, str], str | None]:
    return lambda area, indicator, first: page.href("entries", end=area, of=indicator, since=first) if acting.speaks_for(page, area) else None


def add_exemption(page: Page) -> None:
    """The form for a new exemption; for ending one, where the address names it (`end`, `of`, `since`)."""
    words, standard = page.words, page.standard
    if not page.user.may("correct"):
        return
    asked = (page.parameter("end"), page.parameter("of"), page.parameter("since"))
    rows = queries.records(page.ask(entry_queries.exemptions))
    ending = next((row for row in rows if (row["area_id"], row["indicator"], periods.label(int(row["from"]), standard.frequency)) == asked), None)
    if ending is not None and acting.speaks_for(page, str(ending["area_id"])):
        _end_form(page, ending)
        return
    levels = {level: words.title(standard.level_by_id[level].title) for level in standard.judged_levels}
    page.show(marks.section(words("enter.add_exemption")))
    level = page.pick("level", list(levels), words("template.level"), levels.__getitem__, row=True) if len(levels) > 1 else next(iter(levels))
    names = {
        area.id: offering.label(words, standard, area)
        for area in page.offered([area for area in page.ask(queries.areas_of, level) if acting.speaks_for(page, area.id)], [])
    }
    codes = {indicator.code: phrases.short_name(words, indicator) for indicator in standard.indicators_of(level)}
    labels = _labels(page)
    key = f"exempt {level}"
    with st.form(f"form {key}"):
        area = _list(page, "enter.column_area", names, f"area {key}")
        code = _list(page, "enter.column_indicator", codes, f"indicator {key}")
        first, last = st.columns(2)
        with first:
            begin = _list(page, "enter.column_first", labels, f"from {key}", page.period_label)
        with last:
            end = _list(page, "enter.column_last", labels, f"to {key}", hint="history.open_ended")
        why, is_sent = acting.reason(page, key), acting.sent(page)

    def act(store: Store, user: User, dry_run: bool, version: int) -> Outcome:
        return entries.exempt(store, area, code, begin, end, user=user, why=why.strip(), dry_run=dry_run, seen_version=version)

    _consider(page, key, acting.Asked(act, why.strip()) if is_sent else None, "enter.exempted", "enter.confirm_exemption")


def _end_form(page: Page, row: Mapping[str, object]) -> None:
    words = page.words
    area, code, begin = str(row["area_id"]), str(row["indicator"]), periods.label(int(str(row["from"])), page.standard.frequency)
    name = phrases.short_name(words, page.standard.indicator_by_code[code]) if code in page.standard.indicator_by_code else code
    page.show(marks.section(words("enter.end_exemption", area=row["name"], indicator=name), words("enter.end_note", since=begin, reason=row["reason"])))
    page.link("entries", words("enter.end_leave"))
    key = f"end {area} {code} {begin}"
    with st.form(f"form {key}"):
        labels = {label: title for label, title in _labels(page).items() if periods.parse(label, page.standard.frequency) >= int(str(row["from"]))}
        end = _list(page, "enter.column_end", labels, f"to {key}", page.period_label)
        why, is_sent = acting.reason(page, key), acting.sent(page)
    said = str(row["reason"])

    def act(store: Store, user: User, dry_run: bool, version: int) -> Outcome:
        return entries.exempt(store, area, code, begin, end, user=user, why=why.strip(), said=said, dry_run=dry_run, seen_version=version)

    _consider(page, key, acting.Asked(act, why.strip()) if is_sent else None, "enter.ended", "enter.confirm_end", ("end", "of", "since"))


# -- parameters ----------------------------------------------------------------------------------------------------------


def parameters(page: Page) -> None:
    """Every figure from outside that counts, and the form for another."""
    words, standard = page.words, page.standard
    page.show(marks.section(words("enter.parameters"), words("enter.parameters_note")))
    if page.user.may("correct") and page.user.areas is None:
        _parameter_form(page)
    rows = page.ask(entry_queries.parameters, standard)
    if rows.empty:
        page.empty("enter.no_parameters")
    else:
        page.show(entry_marks.parameter_list(words, standard, rows, page.href))
        page.download(lambda: entry_marks.parameter_sheet(words, standard, rows), "parameters")


def _parameter_form(page: Page) -> None:
    words, titles = page.words, {parameter.id: page.words.title(parameter.title) for parameter in page.standard.parameters}
    labels, key = _labels(page), "parameter"
    with st.form(f"form {key}"):
        page.show(el("p", words("enter.add_parameter"), class_="form-title"))
        name = _list(page, "enter.column_parameter", titles, f"name {key}", page.parameter("parameter"))
        first, second = st.columns(2)
        with first:
            label = _list(page, "enter.column_period", labels, f"period {key}", page.parameter("at") or page.period_label)
        with second:
            value = st.text_input(plain(words("correct.value")), key=f"value {key}", max_chars=LONGEST_VALUE)
        why, is_sent = acting.reason(page, key), acting.sent(page)

    def act(store: Store, user: User, dry_run: bool, version: int) -> Outcome:
        return entries.set_parameter(store, label, name, value, user=user, why=why.strip(), dry_run=dry_run, seen_version=version)

    _consider(page, key, acting.Asked(act, why.strip()) if is_sent else None, "enter.parameter_set", "enter.confirm_parameter", ("parameter", "at"))


# -- shared --------------------------------------------------------------------------------------------------------------


def _consider(page: Page, key: str, asked: acting.Asked[Outcome] | None, done: str, label: str, clears: Sequence[str] = ()) -> None:
    names = page.ask(doubt_queries.area_names)

    def show(outcome: Outcome) -> Sequence[Html | None]:
        return entry_marks.turned_by_area(page.words, outcome, names)

    acting.consider(page, key, asked, show, lambda outcome: acting.done(page, acting.number_of(outcome), done), page.words(label), clears)


def _labels(page: Page) -> dict[str, str]:
    """Periods that may be named, newest first, and what they are called."""
    words, standard = page.words, page.standard
    known = page.ask(queries.all_periods)
    ahead = [max(known, default=0) + step for step in range(AHEAD, 0, -1)] if known else []
    return {periods.label(ordinal, standard.frequency): phrases.period(words, standard, ordinal) for ordinal in (*ahead, *sorted(known, reverse=True))}


def _list(page: Page, label: str, titles: Mapping[str, str], key: str, chosen: str | None = None, hint: str = "enter.choose") -> str:
    """A list of a form: the id of what is chosen, "" while nothing is."""
    options = list(titles)
    place = options.index(chosen) if chosen is not None and chosen in titles else None
    return st.selectbox(plain(page.words(label)), options, place, titles.__getitem__, key=f"{key} {page.words.language}", placeholder=page.words(hint)) or ""
