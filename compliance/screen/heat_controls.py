"""The row of choices above the heatmap: what stands down and across, in which order, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from compliance.answers import heat_views
from compliance.answers.heat_views import SORTS, STATUS_FILTERS, Down
from compliance.screen import narrowing
from compliance.screen.page import Page
from compliance.standard.definitions import Standard
from compliance.texts import Words


@dataclass(frozen=True)
class Chosen:
    """down: what stands in the rows; view: the domain whose indicators stand across, or all domains; turned: rows and columns change places.
    implied: rows and view as far as only the indicator in the address says them; once it leaves, they are to be written there."""

    down: Down
    view: str
    sort: str
    status: str
    owner: str
    turned: bool
    as_table: bool
    implied: Mapping[str, str]

    def said(self, words: Words, standard: Standard) -> tuple[str, ...]:
        """What the choices leave of all there is, for whoever opens the table later."""
        view = () if self.view == heat_views.DOMAINS else (heat_views.view_titles(words, standard, self.down.level)[self.view],)
        owner = (heat_views.owner_titles(words, standard, self.down.level)[self.owner],) if self.owner else ()
        return (self.down.title(words, standard), *view, *owner, *((words(f"heatmap.status_{self.status}"),) if self.status else ()))


def choose(page: Page, code: str | None) -> tuple[Page, Chosen]:
    """Draws the controls. code: the indicator that the address names, if any; its rows and its domain stand first.
    The page that comes back is narrowed to what is shown: a filter by domain chooses the view where nothing else does."""
    words, standard, downs = page.words, page.standard, Down.options(page.standard)
    with st.container(horizontal=True, key="heat-controls"):
        options = heat_views.leading(list(downs), heat_views.rows_of(standard, code))
        down = downs[_rows(page, options, lambda name: downs[name].title(words, standard))]
        views = heat_views.view_titles(words, standard, down.level)
        options = heat_views.leading(list(views), heat_views.view_of(standard, code), page.filters.domain)
        view = page.pick("view", options, words("heatmap.view"), views.__getitem__, resets=heat_views.VOID_BY_VIEW, keeps=_implied(page, code, rows=down.name))
        sort = page.pick("sort", SORTS, words("heatmap.sort"), lambda name: words(f"heatmap.sort_{name}"), resets=("part",))
        status = page.pick("status", STATUS_FILTERS, words("heatmap.status"), lambda name: words(f"heatmap.status_{name or 'all'}"), resets=("part",))
        owners = heat_views.owner_titles(words, standard, down.level)
        owner = page.pick("owner", list(owners), words("heatmap.owner"), owners.__getitem__, resets=("part",)) if owners else ""
        as_table = _switch(page, "table", words("heatmap.show"), {"": words("heatmap.show_grid"), "1": words("heatmap.show_table")})
        ways = {"": words("heatmap.transpose_no"), "1": words("heatmap.transpose_1")}
        turned = not as_table and _switch(page, "transpose", words("heatmap.transpose"), ways)  # a table always has its areas in rows
    heeds = (*page.heeds, "domain") if view == page.filters.domain else page.heeds
    return narrowing.of(page, down.level, heeds=heeds), Chosen(
        down, view, sort, status, owner, turned, as_table, _implied(page, code, rows=down.name, view=view)
    )


def _rows(page: Page, options: Sequence[str], title: Callable[[str], str]) -> str:
    """What stands down the side; of a single way there is nothing to choose, unless the address asks for another."""
    if len(options) == 1 and page.parameter("rows") in (None, *options):
        return options[0]
    return page.pick("rows", options, page.words("heatmap.rows"), title, resets=heat_views.VOID_BY_ROWS)


def _implied(page: Page, code: str | None, **shown: str) -> dict[str, str]:
    return {} if code is None else {name: value for name, value in shown.items() if page.parameter(name) != value}


def _switch(page: Page, parameter: str, label: str, titles: Mapping[str, str]) -> bool:
    return page.pick(parameter, list(titles), label, titles.__getitem__) == "1"
