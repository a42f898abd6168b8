"""One figure put right on its area's page: the small form, what would turn, and the import of one cell that it becomes."""

from __future__ import annotations

import streamlit as st

from compliance import periods
from compliance.access import User
from compliance.answers.explaining import Figure, Sources
from compliance.drawing import area_marks, doubt_marks, entry_marks
from compliance.drawing.area_marks import Mend
from compliance.drawing.markup import Html, el
from compliance.questions import queries
from compliance.questions.queries import Area
from compliance.screen import acting
from compliance.screen.controls import plain
from compliance.screen.page import Page
from compliance.server.uploading import Checked, Doubting
from compliance.standard.definitions import Metric
from compliance.storage import entries
from compliance.storage.store import Store

LONGEST_VALUE = 40
YES_NO = ("1", "0")


def may(page: Page, area_id: str) -> bool:
    """Whether the reader may put figures of this area right; asked again where it is written."""
    return page.user.may("correct") and acting.speaks_for(page, area_id)


def way(page: Page, area: Area) -> Mend:
    """Figure → the way to put it right. Figures from outside are entered on a page of their own; those of a period that nobody has reported on yet come
    with its file."""
    if not may(page, area.id):
        return area_marks.no_mend
    words, standard = page.words, page.standard
    # Hundreds of links, which differ in their ends only.
    known = frozenset(page.ask(queries.all_periods))
    here, there = page.href("community", area=area.id), page.href("entries", view="parameters")

    def mend(figure: Figure) -> Html | None:
        is_metric = figure.name in standard.metric_by_id
        if figure.period not in known or (not is_metric and page.user.areas is not None):
            return None
        label = periods.label(figure.period, standard.frequency)
        href = f"{here}&correct={figure.name}" if is_metric else f"{there}&parameter={figure.name}"
        title = words("correct.link" if figure.value is not None else "correct.link_missing", period=label)
        return el("a", href=href if figure.period == page.period else f"{href}&at={label}", class_="amend", title=title)

    return mend


def figure(page: Page, area: Area, sources: Sources) -> None:
    """What was put right last; and the form for the figure that the address names (`correct`, `at`)."""
    acting.told(page)
    name = page.parameter("correct")
    if name is None:
        return
    metric = page.standard.metric_by_id.get(name)
    labels = {periods.label(ordinal, page.standard.frequency): ordinal for ordinal in page.ask(queries.all_periods)}
    label = page.parameter("at") or page.period_label
    if metric is None or metric.level != area.level or label not in labels:
        page.notice("correct.unknown", asked=name, period=label)
    elif not may(page, area.id):
        page.notice("correct.not_yours", area=area.name)
    else:
        with st.container(border=True, key="correct"):
            _form(page, area, metric, label, sources.figure(name, labels[label]))


def _form(page: Page, area: Area, metric: Metric, label: str, known: Figure) -> None:
    key = f"correct {area.id} {metric.id} {label}"
    leave = page.href("community", area=area.id)
    page.show(entry_marks.correction(page.words, area, metric, label, known, leave, page.href))
    with st.form(f"form {key}", border=False):
        value = _value(page, metric, key)
        why, is_sent = acting.reason(page, key), acting.sent(page)

    def act(store: Store, user: User, dry_run: bool, version: int) -> Checked:
        doubting = Doubting(store.standard)
        outcome = entries.correct(
            store, area.id, label, metric.id, value, user=user, why=why.strip(), dry_run=dry_run, seen_version=version, inspect=doubting if dry_run else None
        )  # fmt: skip
        # What changes nothing needs no second look.
        return Checked(outcome, tuple(doubting.told) if outcome.imports[0].changes else (), version)

    def show(tried: Checked) -> list[Html | None]:
        shown = entry_marks.corrected(page.words, page.standard, metric, tried.outcome)
        return [*shown, doubt_marks.doubted(page.words, page.standard, tried.told, {area.id: area.name}, is_entered=True)]

    acting.consider(
        page, key, acting.Asked(act, why.strip()) if is_sent else None, show,
        lambda done: acting.done(page, acting.number_of(done.outcome), "correct.done", figure=page.words.title(metric.title)),
        page.words("correct.confirm"), clears=("correct", "at"), doubts=lambda tried: doubt_marks.ticks(page.words, tried.told),
    )  # fmt: skip


def _value(page: Page, metric: Metric, key: str) -> str:
    label = plain(page.words("correct.value"))
    if metric.unit == "yes_no":
        return st.selectbox(label, YES_NO, None, lambda value: page.words("app.yes" if value == "1" else "app.no"), key=f"value {key}") or ""
    return st.text_input(label, key=f"value {key}", max_chars=LONGEST_VALUE)
