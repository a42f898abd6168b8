"""The way into every page: connection, language, period, filters, menu, banner, footer.

The address bar is the only memory of what is shown (`lang`, `period`, `in`, `domain`, `kind`, and each page's own): every control writes there
and reads from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

import streamlit as st

from compliance import periods, routes, texts
from compliance.answers import phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.errors import ComplianceError, DefinitionError, Problem
from compliance.questions import queries
from compliance.questions.filters import PARAMETERS, Filters, only_attribute
from compliance.screen import browser, drop, entrance, frame, looking_back, narrowing
from compliance.screen.controls import plain
from compliance.screen.frame import Choice
from compliance.screen.page import Page
from compliance.server import sample
from compliance.server.serving import Office, Opened, Settings
from compliance.standard.definitions import Language, Standard
from compliance.texts import Words

__all__ = ["Page", "open_page", "plain"]

ICON = "🏘️"
SIDEBAR_WIDTH = 264


def open_page(name: str, filters: Sequence[str] = (), *, needs_data: bool = True) -> Page:
    """Set the page up; ends the run with an explanation where there is nothing to work with.

    filters: which of "parent", "domain" and "kind" the page heeds; the others are carried along for those that do.
    """
    language, asked = spoken_language()
    words = texts.words(language)
    st.set_page_config(page_title=words("app.title"), page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_WIDTH, menu_items={})
    st.html(frame.CSS)
    user = entrance.user(words)
    opened, unseen = looking_back.opened(words, name, _open(words), _office().shelf)
    # The past can only be read.
    reader = user if opened.then is None else replace(user, role="viewer")
    page = Page(name, opened, words, 0, opened.standard.judged_levels[0], user=reader)
    st.set_page_config(page_title=phrases.DOT.join((words(f"app.page.{name}", level=page.level_words), words("app.title"))))
    labels = {periods.label(ordinal, opened.standard.frequency): ordinal for ordinal in reversed(page.ask(queries.all_periods))}
    wanted = st.query_params.get("period")
    shown = wanted if wanted in labels else next(iter(labels), "")
    chosen, vanished = Filters.read(st.query_params.to_dict(), page.filter_options())
    indicator = st.query_params.get("indicator", "")
    fitting = chosen.for_indicator(_domain_of(opened.standard, indicator)) if "domain" in filters else chosen
    void = () if fitting == chosen else ("domain",)
    page = replace(page, period=labels.get(shown, 0), filters=fitting, heeds=tuple(filters), void=void, shown=(page.level,))
    _sidebar(page, labels)
    page = _frame(page)
    looking_back.banner(page, unseen)
    if asked is not None:
        page.notice("app.unknown_language", asked=asked, shown=frame.LANGUAGE_NAMES[language])
    if wanted is not None and wanted not in labels and shown:
        page.notice("app.unknown_period", asked=wanted, shown=shown)
    for value in vanished:
        page.notice("app.unknown_filter", asked=value)
    if page.void and chosen.domain is not None:
        page.notice("app.filter_of_another", code=indicator, domain=page.filter_options()["domain"][chosen.domain])
    if needs_data and not labels:
        drop.first_steps(page)
        st.stop()
    return page


@st.cache_resource(show_spinner=False)
def _office() -> Office:
    return Office()


def open_store() -> Opened:
    """The one open store of this process; raises DefinitionError or StoreError."""
    return _office().open(Settings.from_environment())


def spoken_language() -> tuple[Language, str | None]:
    """The language to speak, and what the address asked for in vain."""
    asked = st.query_params.get("lang")
    for language in texts.LANGUAGES:
        if language == asked:
            return language, None
    return texts.guess_language(st.context.locale), asked


def _domain_of(standard: Standard, code: str) -> str | None:
    return standard.domain_of[code].id if code in standard.domain_of else None


def _open(words: Words) -> Opened:
    try:
        opened = open_store()
    except ComplianceError as error:
        _refuse(words, "app.bad_definitions" if isinstance(error, DefinitionError) else "app.bad_store", error.problems)
    if opened.loading is not None and opened.loading.running:
        st.html(marks.opening((words.title(opened.standard.title),), words("app.loading"), words("app.loading_note")))
        _watch(opened, words)
        st.stop()
    if opened.loading is not None and opened.loading.problems:
        _refuse(words, "app.bad_sample", opened.loading.problems)
    return opened


def _refuse(words: Words, key: str, problems: Sequence[Problem]) -> NoReturn:
    st.html(marks.blocks(marks.opening((words("app.title"),), words(key), words(f"{key}_remedy")), marks.problems(words, problems)))
    st.stop()


@st.fragment(run_every=0.5)
def _watch(opened: Opened, words: Words) -> None:
    """Shows how far the load is, and moves on when it has ended. The load itself runs elsewhere."""
    loading = opened.loading
    if loading is None or not loading.running:
        st.rerun()
    progress = loading.progress
    st.progress(progress.share, words("app.loading_file", file=progress.file_name))


def _sidebar(page: Page, labels: dict[str, int]) -> None:
    """Language, standard, menu, period, filters."""
    words = page.words
    with st.sidebar:
        page.show(
            frame.languages(words, {each: page.here(lang=each) for each in texts.LANGUAGES}),
            el("p", words.title(page.standard.title), class_="brand"),
            _menu(page),
            frame.choices((_periods(page, labels), *_filters(page)), (*page.void, "part")) if labels else None,
            frame.copy_link(words, page.parameters()),
            entrance.who_line(words, page.user, page.ask(queries.names_of_areas, tuple(sorted(page.user.areas or ())))),
        )
        looking_back.choose(page)
        entrance.way_out(words)


def _menu(page: Page) -> Html:
    """The pages in groups, by what a reader is after."""
    words = page.words
    there = {group: [name for name in names if routes.is_there(name) and _may_open(page, name)] for group, names in routes.MENU.items()}
    groups = {words(f"app.group.{group}"): [(name, _menu_title(page, name), page.href(name)) for name in names] for group, names in there.items() if names}
    return frame.menu(words, groups, page.name)


def _menu_title(page: Page, name: str) -> str:
    if name == "entries" and not page.standard.parameters:
        return page.words("enter.title_exemptions")
    return page.words(f"app.menu.{name}", level=page.level_words)


def _may_open(page: Page, name: str) -> bool:
    return name not in routes.NEEDED or page.user.may(routes.NEEDED[name])


def _periods(page: Page, labels: Mapping[str, int]) -> Choice:
    titles = {label: phrases.period(page.words, page.standard, ordinal) for label, ordinal in labels.items()}
    return Choice("period", page.words("app.period"), titles, page.period_label)


def _filters(page: Page) -> Iterator[Choice]:
    """One list for each filter that the page heeds and that has anything to choose from; its first option filters nothing."""
    parent = page.standard.level_by_id[page.level].parent
    options = page.filter_options()
    kind = page.standard.attribute_by_id.get(only_attribute(options["kind"]) or "")
    labels = {
        "parent": page.words.title(page.standard.level_by_id[parent].title) if parent else "",
        "domain": page.words("app.filter_domain"),
        "kind": page.words.title(kind.title) if kind else page.words("app.filter_kind", level=page.level_words),
    }
    shown = _domain_of(page.standard, st.query_params.get("indicator", ""))
    unshown = {domain: ("indicator", "criterion") for domain in options["domain"] if shown not in (None, domain)}
    for name in page.heeds:
        if options[name]:
            titles = {"": page.words("app.filter_all"), **options[name]}
            yield Choice(PARAMETERS[name], labels[name], titles, page.filters.value(name) or "", unshown if name == "domain" else {})


def _frame(page: Page) -> Page:
    """Banner, footer, filters in use, and what the browser must know. The footer is written here and moved to the end by its style."""
    if page.ask(queries.has_imports_by, sample.WHO):
        st.html(frame.banner(page.words))
    page = narrowing.begin(page)
    browser.tell(page.words, page.parameter("to") if page.name == "community" else None)
    return page
