"""What a page works with: the questions it may ask, the links it may give, the ways it may show rows. One object, made by shell.open_page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextvars import ContextVar
from dataclasses import dataclass, field, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any, NoReturn

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from compliance import periods, routes
from compliance.access import User
from compliance.answers import matrices, palette, phrases
from compliance.answers.downloads import Sheet
from compliance.answers.explaining import SourceLine
from compliance.drawing import marks, plotting
from compliance.drawing.markup import Html, el
from compliance.errors import ImportDataError, Problem
from compliance.questions import filter_queries, queries, version_queries
from compliance.questions.filters import PARAMETERS, Filters, kind_options
from compliance.questions.queries import Area, DomainMatrix
from compliance.screen import controls, grid, taking
from compliance.screen.controls import plain
from compliance.server import originals, sample
from compliance.server.serving import Opened, Overtaken
from compliance.standard.definitions import Standard
from compliance.texts import Words


@dataclass(frozen=True)
class Page:
    """level: the lowest level that is judged, the one a leader looks at. filters: what the address narrows every view down to; heeds: which of them this one;
    shown: the levels whose areas it is of (none: of no areas; narrowing.of says so), which not every filter can hold for; told: where that is said.
    void: parameters of the address that cannot hold; the next choice takes them out. user: who is reading; every write takes it."""

    name: str
    opened: Opened
    words: Words
    period: int
    level: str
    filters: Filters = field(default_factory=Filters)
    heeds: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    told: tuple[DeltaGenerator, DeltaGenerator] | None = None
    user: User = field(kw_only=True)

    @property
    def standard(self) -> Standard:
        return self.opened.standard

    @property
    def level_words(self) -> str:
        """What one of the areas is called."""
        return self.words.title(self.standard.level_by_id[self.level].title)

    @property
    def period_label(self) -> str:
        return periods.label(self.period, self.standard.frequency)

    @property
    def period_title(self) -> str:
        return self.title_of(self.period)

    def title_of(self, period: int | None) -> str:
        """What a period is called; nothing for none."""
        return "" if period is None else phrases.period(self.words, self.standard, period)

    @property
    def colours(self) -> Mapping[str, str]:
        """The palette of the theme in use, for charts: page.colours["bar-met"]."""
        return palette.colours(dark=st.context.theme.type == "dark")

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self, question: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """The answer of a function of a queries module, kept for everyone until the data changes. Never edit it."""
        values = [_key(arg) for arg in (*args, *named.items()) if not isinstance(arg, Standard)]
        # As text: looking into every object costs Streamlit a millisecond a question.
        key = repr((question.__module__, question.__name__, self.opened.version, values))

        try:
            answer = _kept(key, lambda: self.opened.answer(question, *args, **named))
        except Overtaken:
            if _made_of.get() is not None:
                raise _moved() from None
            # The page begins anew with the standard that is in use now.
            st.rerun()
            raise
        if _made_of.get() not in (None, self.opened.version):
            raise _moved()
        return answer

    def in_force(self, level: str | None = None) -> Filters:
        """The filters that this page heeds and that can hold for areas of a level (None: of any). Questions, notes and the filter line all go by these."""
        heeded = self.filters.only(self.heeds)
        return heeded if level is None else heeded.at(self.standard, level)

    def kept_areas(self, level: str | None = None) -> frozenset[str] | None:
        """The areas of a level (the lowest) that the filters parent and kind keep; None when none of them is in force there."""
        at = level or self.level
        holds = self.in_force(at)
        if holds.parent is None and holds.kind is None:
            return None
        return frozenset(self.ask(filter_queries.areas_kept, at, holds.parent, holds.kind))

    @property
    def period_before(self) -> int | None:
        """The period directly before, where anything was reported for it."""
        return self.period - 1 if self.period - 1 in self.ask(queries.all_periods) else None

    def then_and_now(self, question: Callable[..., Any], level: str) -> tuple[Any, Any]:
        """The answer of question(cursor, standard, level, period, areas) for this period, and for the one before (None where there is none)."""
        before = self.period_before
        areas = self.kept_areas(level)
        now = self.ask(question, self.standard, level, self.period, areas)
        return now, None if before is None else self.ask(question, self.standard, level, before, areas)

    # -- the address --------------------------------------------------------------------------------------------

    def parameter(self, name: str) -> str | None:
        """What the address says about one parameter."""
        return st.query_params.get(name)

    def parameters(self, /, **more: str | None) -> dict[str, str]:
        """The address of a view, for links: language, period and filters stay; None leaves one out."""
        own: dict[str, str | None] = {
            **({"period": self.period_label} if self.period else {}),
            **self.filters.parameters(),
            **({"as_of": self.opened.day.isoformat()} if self.opened.day else {}),
            **more,
        }
        return {name: value for name, value in {"lang": self.words.language, **own}.items() if value is not None}

    def href(self, name: str, /, **more: str | None) -> str:
        return routes.address(name, self.parameters(**more))

    def here(self, **changes: str | None) -> str:
        """The address of this very view with other parameters."""
        return self.href(self.name, **{**st.query_params.to_dict(), **changes})

    def link(self, name: str, label: str, **more: str | None) -> None:
        """A link to a page that does not reload the browser's."""
        st.page_link(routes.SCRIPTS[name], label=plain(label), query_params=self.parameters(**more))

    def go(self, name: str, **more: str | None) -> NoReturn:
        st.switch_page(routes.SCRIPTS[name], query_params=self.parameters(**more))

    def set(self, **parameters: str | None) -> NoReturn:
        """Writes parameters into the address (None takes one out) and shows what it says now."""
        for name, value in parameters.items():
            if value is None:
                st.query_params.pop(name, None)
            else:
                st.query_params[name] = value
        st.rerun()

    def choice(
        self, parameter: str, options: Sequence[Any], current: Any, label: str, title: Callable[[Any], str], hint: str | None = None, *, row: bool = False,
        resets: Sequence[str] = (), keeps: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """A control bound to a parameter of the address. row: buttons beside each other, for a few short options."""
        controls.choice(parameter, options, current, label, title, hint, row=row, resets=(*resets, *self.void), keeps=keeps, language=self.words.language)

    def pick(
        self, parameter: str, options: Sequence[str], label: str, title: Callable[[str], str], *, row: bool = False, resets: Sequence[str] = (),
        keeps: Mapping[str, str] | None = None, usual: str | None = None,
    ) -> str:  # fmt: skip
        """What the address chooses of some options, else the usual one (the first); says so where it asks for another. Draws the control."""
        usual = options[0] if usual is None else usual
        asked = self.parameter(parameter)
        if asked is not None and asked not in options:
            self.notice("app.unknown_option", asked=asked, label=label, shown=title(usual))
        current = asked if asked in options else usual
        self.choice(parameter, options, current, label, title, row=row, resets=resets, keeps=keeps)
        return str(current)

    def offered(self, areas: Sequence[Area], chosen: Sequence[Area]) -> list[Area]:
        """The areas that a list of them offers; with the controls that narrow very many down."""
        return controls.offered(self.words, self.standard, areas, chosen, self.pick)

    # -- saying -------------------------------------------------------------------------------------------------

    def show(self, *html: Html | None) -> None:
        st.html(marks.blocks(*html))

    def notice(self, key: str, **values: object) -> None:
        st.html(el("p", self.words(key, **values), class_="notice", role="status"))

    def empty(self, key: str, **values: object) -> None:
        """Says why there is nothing to see."""
        st.html(el("p", self.words(key, **values), class_="empty"))

    # -- tables -------------------------------------------------------------------------------------------------

    def download(
        self, table: pd.DataFrame | Callable[[], Sheet | pd.DataFrame], key: str,
        looks: Mapping[str, Sequence[str | None]] | None = None, limits: Mapping[str, str] | None = None, *, of: Sequence[str] = (), name: str = "",
        only_csv: bool = False,
    ) -> None:  # fmt: skip
        """CSV and XLSX of a table, made when they are asked for; what is not on the page, too, is put together only then, unless the data have moved since:
        what the file is called, and what stands below its rows, was said when the page was made.

        looks: the palette's name of each cell's colour, by column; limits: a row under the header; of: what narrows it down besides the filters, in words; name: what
        the file is called, if not by its key."""
        newest, moment = self.ask(queries.newest_import), self.opened.version
        made_up = (self.words("app.fictional_file"),) if self.ask(queries.has_imports_by, sample.WHO) else ()
        as_of = (self.words("app.data_as_of", when=f"{newest:%Y-%m-%d %H:%M}"),) if newest else ()
        notes = (*made_up, *self.provenance, *of, *as_of)
        name = self.marked(phrases.file_name(self.words, (name or key, *of), self.period_label if self.period else "", self.version, newest))

        def sheet() -> Sheet:
            token = _made_of.set(moment)
            try:
                made = table() if callable(table) else table
            finally:
                _made_of.reset(token)
            return made if isinstance(made, Sheet) else Sheet.of(made, looks, limits)

        taking.table(self.words, key, name, sheet, notes, self.words(f"app.page.{self.name}", level=self.level_words), only_csv=only_csv)

    def files(self, key: str, *offers: tuple[str, Callable[[], bytes], str]) -> None:
        """Buttons beside each other for files that are made when they are asked for: label, how to make it, name."""
        taking.files(key, offers)

    def marked(self, name: str) -> str:
        """What a file to take away is called: a table that a program reads, or a picture, can say nowhere else that its figures are made up."""
        return f"{name}-{self.words('app.fictional_name')}" if self.ask(queries.has_imports_by, sample.WHO) else name

    @property
    def version(self) -> int:
        """Of the standard that gave the verdicts shown."""
        return int(self.ask(version_queries.version_in_use))

    @property
    def provenance(self) -> tuple[str, ...]:
        """What a table or a print is of, and by which version of the standard."""
        return (self.notes[0], *phrases.judged_by(self.words, self.version, self.opened.day), *self.notes[1:])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a table is of, for whoever opens it later: standard, period, filters."""
        return (self.words.title(self.standard.title), *([self.period_title] if self.period else []), *self.filter_words(self.in_force(*self.shown[:1])))

    def filter_words(self, filters: Filters) -> tuple[str, ...]:
        """What these filters keep, in words."""
        options = self.filter_options()
        return tuple(options[name][value] for name in PARAMETERS if (value := filters.value(name)) is not None)

    def filter_options(self) -> dict[str, dict[str, str]]:
        """Filter → address value → its title."""
        parent = self.standard.level_by_id[self.level].parent
        parents: Iterable[Area] = self.ask(queries.areas_of, parent) if parent else ()
        kinds = self.ask(filter_queries.kinds_of, self.level)
        titles = {attribute.id: self.words.title(attribute.title) for attribute in self.standard.attributes}
        domains = {domain.id: self.words.title(domain.title) for level in self.standard.judged_levels for domain in self.standard.domains_of(level)}
        return {"parent": {area.id: area.name for area in parents}, "domain": domains, "kind": kind_options(kinds, titles)}

    def original_row(self, source: SourceLine) -> originals.Row:
        """Header and cells of the line a figure was read from. Raises a ComplianceError where the original is gone."""
        return originals.row(self.opened.store.archive, source.sha256, source.encoding, source.line)

    # -- matrices and charts ------------------------------------------------------------------------------------

    def heatmap(self, matrix: DomainMatrix, key: str) -> None:
        """Areas × domains. A cell or a row opens the page of its area. More areas than a screen bears are shown in parts."""
        rows = self.screenful(len(matrix.area_ids))
        words = matrices.grid_words(self.words, self.standard.level_by_id[self.level], len(rows), len(matrix.area_ids))
        names = self.ask(queries.names_of_areas, tuple(matrix.area_ids[row] for row in rows))
        opened = grid.grid(matrices.rates(self.words, matrix, rows, names), words, key=key)
        self.download(lambda: matrices.rate_sheet(self.words, matrix, self.ask(queries.names_of_areas, matrix.area_ids)), key)
        if opened is not None and opened[0]:
            self.go("community", area=opened[0], **({"to": opened[1]} if opened[1] else {}))

    def screenful(self, total: int, holding: int | None = None) -> list[int]:
        """Which of many rows to show: all of them, or the two hundred that the address (`part`) asks for, else those around the row `holding`."""
        return controls.screenful(self.words, total, self.pick, holding or 0)

    def chart(
        self, figure: Mapping[str, Any] | None, key: str, *, height: int | None = None, title: str = "", empty: str = "",
        open: Callable[[Mapping[str, Any]], tuple[str, Mapping[str, str]] | None] | None = None,
    ) -> None:  # fmt: skip
        """A Plotly figure {data, layout}. A click on a point whose customdata is [page, {parameters}] goes there; `open` says it otherwise.

        title: what a screen reader says of it; empty: the text that stands where there is nothing to draw (None)."""
        if figure is None:
            self.empty(empty)
            return
        sized = plotting.Drawn(plotting.sized(figure, self.colours, height))
        for point in taking.chart(self.words, sized, key, self.marked(f"{key}-{self.period_label}"), title):
            goal = open(point) if open else plotting.goal_of(point)
            if goal is not None:
                self.go(goal[0], **goal[1])

    def pictures(self, target: str, key: str) -> Html:
        """Buttons that save a part of the page (a CSS selector) as a picture."""
        return taking.pictures(self.words, target, self.marked(f"{key}-{self.period_label}"))


# While a file to take away is made, after the click: the version of the data that its page is of.
_made_of: ContextVar[tuple[object, ...] | None] = ContextVar("made of", default=None)


def _moved() -> ImportDataError:
    return ImportDataError([Problem("import.data_moved")])


@st.cache_resource(show_spinner=False, max_entries=1_000)
def _kept(key: str, _answer: Callable[[], Any]) -> Any:  # noqa: ARG001 (the cache looks at the key)
    return _answer()


def _key(arg: object) -> object:
    """What tells an argument from another once it is written out: indicators by their codes."""
    match arg:
        case None | str() | int() | float() | date():
            return arg
        case Set():
            return sorted(arg)
        case Sequence():
            return [getattr(part, "code", part) for part in arg]
        case _ if is_dataclass(arg):
            return arg
    raise TypeError(f"{type(arg).__name__}: cannot be told from another in words")
