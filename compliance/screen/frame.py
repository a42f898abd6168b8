"""What frames every page, as HTML: style, banner, footer, and the few things the browser must be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlencode

from compliance import __version__
from compliance.answers import palette, phrases
from compliance.drawing import marks, markup
from compliance.drawing.markup import Html, el, style
from compliance.standard.definitions import Language, Standard
from compliance.texts import Words

# A language's own name is the same in every language.
LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
HTML_LANGUAGES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
# One stylesheet for all pages: the first thing that a page sends, the same on each, so that nothing is drawn without its style, not even
# what is left of one page while the next is built. The browser keeps it.
SHEETS = (Path(__file__).with_name("shell.css"), *sorted(Path(markup.__file__).parent.glob("*.css")))
CSS = style(palette.css() + "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS))
OWN_DATA_STEPS = (
    ("stop", ""),
    ("template", "python -m compliance template --level community -o community.csv"),
    ("import", "COMPLIANCE_DB=data/own.duckdb python -m compliance import areas.csv community.csv"),
    ("start", "COMPLIANCE_DB=data/own.duckdb COMPLIANCE_SAMPLE=no streamlit run dashboard.py"),
)


@dataclass(frozen=True)
class Choice:
    """A list over a parameter of the address. options: value → title, "" takes the parameter out; voids: value → other parameters that it makes void."""

    parameter: str
    label: str
    options: Mapping[str, str]
    current: str
    voids: Mapping[str, Sequence[str]] = field(default_factory=dict)


def banner(words: Words) -> Html:
    """That the data is made up, and how to start with one's own."""
    steps = [(words(f"app.own_data_{step}"), command) for step, command in OWN_DATA_STEPS]
    return marks.banner(words("app.fictional"), words("app.fictional_note"), words("app.own_data"), steps)


def footer(words: Words, standard: Standard, version: int, newest: datetime | None) -> Html:
    """What is judged by, in which version, as of when, and by which program."""
    as_of = words("app.data_as_of", when=f"{newest:%Y-%m-%d %H:%M}") if newest else ""
    return marks.footer(words.title(standard.title), words("app.standard_version", n=version), as_of, words("app.version", version=__version__))


def languages(words: Words, addresses: Mapping[Language, str]) -> Html:
    """One line at the top: the language in use, and a link to this view in each other one. addresses: language → where it leads.

    browser.js takes the rest from the address as it is by then: a cell may have been opened since."""
    said = [
        el("strong", LANGUAGE_NAMES[each], aria_current="true")
        if each == words.language
        else el("a", LANGUAGE_NAMES[each], href=address, hreflang=HTML_LANGUAGES[each], lang=HTML_LANGUAGES[each], data_language=each)
        for each, address in addresses.items()
    ]
    return el("nav", *said, class_="languages", aria_label=words("app.language"))


def menu(words: Words, groups: Mapping[str, Sequence[tuple[str, str, str]]], current: str) -> Html:
    """The pages in groups: heading → page, label, address. One piece of HTML: as elements of Streamlit's, each label is Markdown to be read."""
    parts = [
        (
            el("p", heading, class_="menu-group"),
            el("ul", [el("li", el("a", label, href=address, aria_current="page" if name == current else None)) for name, label, address in there]),
        )
        for heading, there in groups.items()
    ]
    return el("nav", *parts, class_="menu", aria_label=words("app.menu_name"))


def choices(lists: Iterable[Choice], resets: Sequence[str]) -> Html:
    """The sidebar's lists; browser.js opens what is chosen as it opens a link. resets: parameters that any choice takes out of the address.

    The browser's own lists: three of Streamlit's take a browser as long as all the rest of the sidebar together, and a phone shows these in its own way."""
    return el("div", [_choice(each, resets) for each in lists], class_="choices")


def _choice(choice: Choice, resets: Sequence[str]) -> Html:
    options = [
        el("option", title, value=value, selected=value == choice.current, data_resets=" ".join((*resets, *choice.voids.get(value, ()))))
        for value, title in choice.options.items()
    ]
    return el("label", el("span", choice.label), el("select", options, data_parameter=choice.parameter))


def copy_link(words: Words, parameters: Mapping[str, str]) -> Html:
    """A button for the address of this very view; what the address leaves to the defaults of the day is put in. An address that leads to this computer
    only is of no use to anybody else: browser.js says so as soon as it is copied."""
    name = words("app.copy_link")
    button = el(
        "button", name, id="copy-link", type="button", class_="copy-link", data_name=name, data_done=words("app.copy_done"),
        data_by_hand=words("app.copy_by_hand"), data_parameters=urlencode(parameters),
    )  # fmt: skip
    by_hand = el("input", id="copied-link", class_="copied-link", readonly=True, hidden=True, aria_label=words("app.copy_link"))
    only_here = el("p", words("app.copy_only_here"), id="copied-only-here", class_="notice copied-link", role="status", hidden=True)
    return marks.blocks(button, by_hand, only_here)


def picture_buttons(words: Words, target: str, name: str) -> Html:
    """Two buttons that save what stands in an element (a CSS selector) as a file of that name; browser.js listens to them."""
    buttons = [
        el(
            "button",
            format_.upper(),
            type="button",
            class_="take",
            data_picture=target,
            data_format=format_,
            data_name=name,
            aria_label=words(f"chart.picture_{format_}"),
        )
        for format_ in ("png", "svg")
    ]
    return el("p", words("chart.picture"), buttons, class_="takes")


def filter_line(words: Words, held: Sequence[str], notes: Sequence[str], clear: str) -> Html:
    """What the view is narrowed down to, with the way out; notes: which filters narrow nothing here."""
    by = words("app.filtered", by=phrases.DOT.join(held)) if held else None
    said = el("span", *notes, class_="note") if notes else None
    way_out = el("a", words("app.filter_clear"), href=clear)
    return el("p", *((by, way_out, said) if held else (said, way_out)), class_="filter-line")


def print_style(words: Words, notes: Sequence[str], newest: datetime | None = None) -> Html:
    """What stands at the foot of each printed sheet: what it is of, as of when, printed when."""
    as_of = [words("app.data_as_of", when=f"{newest:%Y-%m-%d %H:%M}")] if newest else []
    said = _css_text(phrases.DOT.join((*notes, *as_of, words("app.printed", when=f"{date.today():%Y-%m-%d}"))))
    sheet = words("app.sheet", page='" counter(page) "', pages='" counter(pages) "')
    return style(
        f':root {{ --folded: "{_css_text(words("app.folded"))}"; }} @page {{ @bottom-left {{ content: "{said}"; }} @bottom-right {{ content: "{sheet}"; }} }}'
    )


def _css_text(text: str) -> str:
    """A text inside a CSS string: whatever is not a letter, a digit or a blank is written as its number."""
    return "".join(letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in text)
