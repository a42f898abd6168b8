"""The frame of every page: connection, language, period, menu, banner, footer. With the pages, the only importer of streamlit.

The address bar is the only memory of what is shown (`lang`, `period`, `area`): every control writes there and reads from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import duckdb
import pandas as pd
import streamlit as st

from compliance import __version__, area_marks, downloads, grid, marks, palette, periods, phrases, queries, reading, sample, texts
from compliance.definitions import Language, Standard
from compliance.errors import ComplianceError, DefinitionError, Problem
from compliance.explaining import SourceLine, Sources
from compliance.markup import Html, el, style
from compliance.queries import Area, DomainMatrix
from compliance.serving import Office, Opened, Settings
from compliance.texts import Words

# page → its script and its address
SCRIPTS = {"overview": "dashboard.py", "community": "pages/community.py"}
ADDRESSES = {"overview": "./", "community": "community"}
ICON = "🏘️"
# A language's own name is the same in every language.
LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
HTML_LANGUAGES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
ROWS_A_SCREEN, MOST_ROWS = 200, 300
WIDEST_CONTROL = 420
CSS = style(palette.css() + Path(__file__).with_name("shell.css").read_text(encoding="utf-8"))
SCRIPT = """<script>
{ const told = document.getElementById("frame-facts");
  document.documentElement.lang = told.dataset.language;
  const until = performance.now() + 15000; // the page's body comes after this script
  const seek = () => {
    const goal = document.getElementById(told.dataset.goal);
    if (goal) goal.scrollIntoView({ block: "start" });
    else if (performance.now() < until) setTimeout(seek, 100);
  };
  if (told.dataset.goal) seek(); }
</script>"""


@dataclass(frozen=True)
class Page:
    """What a page works with. level: the lowest level that is judged, the one a leader looks at."""

    name: str
    opened: Opened
    words: Words
    period: int
    level: str

    @property
    def standard(self) -> Standard:
        return self.opened.standard

    @property
    def period_label(self) -> str:
        return periods.label(self.period, self.standard.frequency)

    @property
    def period_title(self) -> str:
        return phrases.period(self.words, self.standard, self.period)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.opened.store.cursor()

    def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        """The answer of a function of queries.py, kept for everyone until the data changes. Never edit it."""
        values = tuple(_key(arg) for arg in args if not isinstance(arg, Standard))
        key = (question.__name__, self.opened.serial, self.opened.store.data_version, values)

        def answer() -> Any:
            with self.cursor() as cursor:
                return question(cursor, *args)

        return _kept(key, answer)

    # -- moving about -------------------------------------------------------------------------------------------

    def parameters(self, **more: str) -> dict[str, str]:
        """The address of this view, for links that keep language and period."""
        return {"lang": self.words.language, "period": self.period_label, **more}

    def href(self, name: str, **more: str) -> str:
        return f"{ADDRESSES[name]}?{urlencode(self.parameters(**more))}"

    def go(self, name: str, **more: str) -> NoReturn:
        st.switch_page(SCRIPTS[name], query_params=self.parameters(**more))

    def area(self) -> Area:
        """The area that the address names, with a control to choose another; ends the run while none is chosen."""
        areas: dict[str, Area] = {area.id: area for level in self.standard.judged_levels for area in self.ask(queries.areas_of, level)}
        asked = st.query_params.get("area")
        if asked is not None and asked not in areas:
            self.notice("community.unknown_area", area=asked)
            asked = None
        names = {id_: _area_label(self, area) for id_, area in areas.items()}
        _choice("area", list(areas), asked, self.words("community.choose_label"), names.__getitem__, self.words("community.choose_hint"))
        if asked is None:
            self.empty("community.choose")
            st.stop()
        return areas[asked]

    def goal(self) -> str | None:
        """The domain that the address asks to be scrolled to."""
        asked = st.query_params.get("domain")
        return asked if asked in self.standard.domain_by_id else None

    # -- showing ------------------------------------------------------------------------------------------------

    def show(self, *html: Html) -> None:
        st.html(marks.blocks(*html))

    def notice(self, key: str, **values: object) -> None:
        st.html(el("p", self.words(key, **values), class_="notice", role="status"))

    def empty(self, key: str, **values: object) -> None:
        """Says why there is nothing to see."""
        st.html(el("p", self.words(key, **values), class_="empty"))

    def table(self, frame: pd.DataFrame, key: str) -> None:
        """A sortable table and its download: the same figures."""
        st.dataframe(frame, hide_index=True, key=f"table {key}")
        self.download(frame, key)

    def download(self, frame: pd.DataFrame, key: str) -> None:
        name = f"{key}-{self.period_label}.csv"
        st.download_button(
            self.words("app.download"), lambda: downloads.csv_bytes(frame), name, "text/csv", key=f"download {key}", on_click="ignore", type="tertiary"
        )

    def area_list(self, areas: pd.DataFrame, key: str) -> None:
        """A folded table of areas that leads to each of them, and its download; very many are left to the download."""
        ids, name = areas.iloc[:, 0], areas.columns[1]
        body = marks.table(areas.head(MOST_ROWS), lambda row: self.href("community", area=str(row[areas.columns[0]])), name)
        cut = el("p", self.words("overview.list_cut", shown=MOST_ROWS, total=len(areas)), class_="note") if len(areas) > MOST_ROWS else None
        self.show(marks.folded(self.words("overview.list", n=len(ids)), body, *([cut] if cut else [])))
        self.download(areas, key)

    def raw_record(self, sources: Sources) -> None:
        """A line of an original file as it was written, once it is asked for."""
        lines = {line.number: line for line in sources.lines}

        def title(number: int) -> str:
            return f"{number} · {area_marks.source_words(self.words, lines[number])}"

        chosen = st.selectbox(self.words("community.raw"), list(lines), None, title, key="raw", placeholder=self.words("community.raw_hint"))
        record = self.original_row(lines[chosen]) if chosen is not None else None
        if record is not None:
            self.show(area_marks.raw_record(self.words, self.standard, *record))

    def heatmap(self, matrix: DomainMatrix, key: str) -> None:
        """Areas × domains; a cell or a row opens the page of its area. More areas than a screen bears are shown in parts."""
        rows = _screenful(self, matrix, key)
        shown = grid.RateMatrix(
            tuple(grid.Row(matrix.area_ids[row], matrix.names[row], matrix.parents[row]) for row in rows),
            tuple(grid.Column(domain.id, self.words.title(domain.title), _domain_hint(self, domain, matrix)) for domain in matrix.domains),
            matrix.counts[rows],
        )
        opened = grid.grid(shown, _grid_words(self), key=key)
        if opened is not None and opened[0]:
            self.go("community", area=opened[0], **({"domain": opened[1]} if opened[1] else {}))

    def original_row(self, source: SourceLine) -> tuple[list[str], list[str]] | None:
        """Header and cells of the line a figure was read from; says so where the original is gone."""
        try:
            content = self.opened.store.archive.original(source.sha256)
        except ComplianceError as error:
            st.html(marks.problems(self.words, error.problems))
            return None
        return reading.header_row(content, source.encoding), reading.raw_row(content, source.encoding, source.line)


def open_page(name: str, *, needs_data: bool = True) -> Page:
    """Set the page up; ends the run with an explanation where there is nothing to work with."""
    language, asked = _language()
    words = texts.words(language)
    st.set_page_config(page_title=marks.DOT.join((words(f"app.page.{name}"), words("app.title"))), page_icon=ICON, layout="wide", menu_items={})
    st.html(CSS)
    opened = _open(words)
    level = opened.standard.judged_levels[0]
    page = Page(name, opened, words, 0, level)
    ordinals = page.ask(queries.all_periods)
    labels = {periods.label(ordinal, opened.standard.frequency): ordinal for ordinal in reversed(ordinals)}
    wanted = st.query_params.get("period")
    shown = wanted if wanted in labels else next(iter(labels), "")
    page = Page(name, opened, words, labels.get(shown, 0), level)
    _sidebar(page, labels)
    _frame(page)
    if asked is not None:
        page.notice("app.unknown_language", asked=asked, shown=LANGUAGE_NAMES[language])
    if wanted is not None and wanted not in labels and shown:
        page.notice("app.unknown_period", asked=wanted, shown=shown)
    if needs_data and not labels:
        page.empty("app.no_data")
        st.stop()
    return page


def plain(text: str) -> str:
    """A text from data, to be read as it is where Streamlit would take it for markdown (labels, headings)."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+\-.!|~$<>&:^=])", r"\\\1", text)
    # :name: would still become an emoji after unescaping; an invisible joiner between keeps the letters apart.
    return re.sub(r":(?=[\w+\\-]+:)", ":\u2060", escaped)


@st.cache_resource(show_spinner=False)
def _office() -> Office:
    return Office()


@st.cache_resource(show_spinner=False, max_entries=1_000)
def _kept(key: tuple[object, ...], _answer: Callable[[], Any]) -> Any:  # noqa: ARG001 (the cache looks at the key)
    return _answer()


def _key(arg: object) -> object:
    """What tells an argument from another: indicators by their codes."""
    return tuple(getattr(part, "code", part) for part in arg) if isinstance(arg, Sequence) and not isinstance(arg, str) else arg


def _language() -> tuple[Language, str | None]:
    """The language to speak, and what the address asked for in vain."""
    asked = st.query_params.get("lang")
    for language in texts.LANGUAGES:
        if language == asked:
            return language, None
    return texts.guess_language(st.context.locale), asked


def _open(words: Words) -> Opened:
    try:
        opened = _office().open(Settings.from_environment())
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
    words = page.words
    with st.sidebar:
        st.html(el("p", words.title(page.standard.title), class_="brand"))
        for name, script in SCRIPTS.items():
            title = (
                words("app.menu.community", level=words.title(page.standard.level_by_id[page.level].title))
                if name == "community"
                else words(f"app.menu.{name}")
            )
            st.page_link(script, label=plain(title), query_params=page.parameters() if labels else {"lang": words.language}, width="stretch")
        if labels:
            _choice("period", list(labels), page.period_label, words("app.period"), lambda label: phrases.period(words, page.standard, labels[label]))
        _choice("lang", list(texts.LANGUAGES), words.language, words("app.language"), lambda language: LANGUAGE_NAMES[language])


def _choice(parameter: str, options: list[Any], current: Any, label: str, title: Callable[[Any], str], hint: str | None = None) -> None:
    """A control over a parameter of the address. Its key holds the current value, so that it never remembers anything but the address."""
    key = f"{parameter} {current}"

    def remember() -> None:
        st.query_params[parameter] = st.session_state[key]

    st.selectbox(
        label, options, options.index(current) if current is not None else None, title, key=key, on_change=remember, placeholder=hint, width=WIDEST_CONTROL
    )


def _frame(page: Page) -> None:
    """Banner, footer and what the browser must know. The footer is written here and moved to the end by its style."""
    words = page.words
    if page.ask(queries.has_imports_by, sample.WHO):
        steps = [(words(f"app.own_data_{step}"), command) for step, command in OWN_DATA_STEPS]
        st.html(marks.banner(words("app.fictional"), words("app.fictional_note"), words("app.own_data"), steps))
    newest = page.ask(queries.newest_import)
    with st.container(key="foot"):
        as_of = words("app.data_as_of", when=f"{newest:%Y-%m-%d %H:%M}") if newest else ""
        st.html(marks.footer(words.title(page.standard.title), as_of, words("app.version", version=__version__)))
        facts = el("i", id="frame-facts", hidden=True, data_language=HTML_LANGUAGES[words.language], data_goal=page.goal() or "")
        st.html(facts + SCRIPT, unsafe_allow_javascript=True)


OWN_DATA_STEPS = (
    ("stop", ""),
    ("template", "python -m compliance template --level community -o community.csv"),
    ("import", "COMPLIANCE_DB=data/own.duckdb python -m compliance import areas.csv community.csv"),
    ("start", "COMPLIANCE_DB=data/own.duckdb COMPLIANCE_SAMPLE=no streamlit run dashboard.py"),
)


def _area_label(page: Page, area: Area) -> str:
    level = page.words.title(page.standard.level_by_id[area.level].title)
    return f"{area.parent_name}{marks.DOT}{area.name}" if area.parent_name else page.words("community.option_top", n=area.name, l=level)


def _screenful(page: Page, matrix: DomainMatrix, key: str) -> list[int]:
    """The rows to show: all of them, or one parent's, two hundred at a time."""
    rows = list(range(len(matrix.area_ids)))
    if len(rows) <= MOST_ROWS:
        return rows
    parents = [parent for parent in dict.fromkeys(matrix.parents) if parent]
    left, right = st.columns(2)
    if parents:
        parent = left.selectbox(page.words("overview.parent"), parents, None, key=f"parent {key}", placeholder=page.words("overview.all_parents"))
        rows = [row for row in rows if parent is None or matrix.parents[row] == parent]
    starts = list(range(0, len(rows), ROWS_A_SCREEN))

    def title(start: int) -> str:
        return page.words("overview.screenful", first=start + 1, last=min(start + ROWS_A_SCREEN, len(rows)), total=len(rows))

    start = right.selectbox(page.words("overview.part"), starts, key=f"part {key}", format_func=title)
    return rows[start : start + ROWS_A_SCREEN]


def _domain_hint(page: Page, domain: Any, matrix: DomainMatrix) -> str:
    """What a column stands for, on hover."""
    count = int(matrix.counts[:1, matrix.domains.index(domain)].sum())
    badge = page.words.title(domain.badge) if domain.badge else ""
    return page.words("overview.domain_hint_badge", badge=badge, n=count) if badge else page.words("overview.domain_hint", n=count)


def _grid_words(page: Page) -> dict[str, str]:
    """The heatmap fills in its own figures, so its words keep their places open."""
    places = {name: f"{{{name}}}" for name in ("percent", "met", "judged", "no_data", "not_applicable", "value")}
    level = page.words.title(page.standard.level_by_id[page.level].title)
    return {"corner": level} | {word: page.words(f"grid.{word}", level=level, **places) for word in grid.WORDS if word != "corner"}
