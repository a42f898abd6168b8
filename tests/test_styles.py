"""The stylesheets: each dresses what its module makes and nothing else, and no rule outlives what it dresses. Read from the sources."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from compliance.screen import frame

PROJECT = Path(__file__).parents[1]
SHEETS = {path.stem: path for path in frame.SHEETS}
OF_MODULES = sorted(set(SHEETS) - {"shell"})
# Streamlit's and Plotly's own classes.
FOREIGN = re.compile(r"(st(?!-key).*|modebar|bg|main-svg|js-plotly-plot|plot-container|svg-container)$")


def rules(css: str) -> Iterator[tuple[str, str]]:
    """(media query or "", selector list) of every rule."""
    text = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    media, place = "", 0
    for found in re.finditer(r"([^{}]*)([{}])", text):
        head, sign = found[1].strip(), found[2]
        if sign == "}":
            place -= 1
            media = media if place else ""
        else:
            place += 1
            if head.startswith("@"):
                media = head
            else:
                yield media, head


def selectors(name: str) -> list[str]:
    """Every single selector of a sheet; a comma within :is() parts none."""
    lists = [head for _, head in rules(SHEETS[name].read_text(encoding="utf-8"))]
    return [each.strip() for head in lists for each in re.split(r",(?![^()]*\))", head)]


def classes(selector: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", selector))


def plain(name: str) -> set[str]:
    """The classes that a sheet dresses wherever they stand."""
    return set().union(*(found for each in selectors(name) if len(found := classes(each) - {"stHtml"}) == 1))


@cache
def written() -> frozenset[str]:
    """Every word of a string in our Python and JavaScript."""
    words: set[str] = set()
    for path in (*(PROJECT / "compliance").rglob("*.py"), *(PROJECT / "pages").glob("*.py")):
        strings = [node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)]
        words |= {word for text in strings if isinstance(text, str) and len(text) < 200 for word in re.findall(r"[\w-]+", text)}
    for path in (PROJECT / "compliance" / "screen").glob("*.js"):
        words |= set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    return frozenset(words)


def is_written(name: str) -> bool:
    """A class of ours, or st-key-a-b for a key "a b"."""
    key = name.removeprefix("st-key-")
    return key in written() or (key != name and all(part in written() for part in key.split("-")))


def test_the_reader_of_stylesheets_sees_what_is_there() -> None:
    css = "/* .x {} */ .a, :is(.b, .c) i { top: 0; }\n@media print { .d { left: 0; } }\n@page { margin: 0; }\n.e {}"
    assert list(rules(css)) == [("", ".a, :is(.b, .c) i"), ("@media print", ".d"), ("", ".e")]
    assert classes(":is(.b, .c-d) i.e:not(.f)") == {"b", "c-d", "e", "f"}


@pytest.mark.parametrize("name", OF_MODULES)
def test_a_stylesheet_lies_beside_its_module_and_dresses_what_only_that_makes(name: str) -> None:
    """What one page looks like is not changed by another's style: a selector names a class that no other sheet dresses by itself."""
    assert SHEETS[name].with_suffix(".py").exists()
    of_others = set().union(*(plain(other) for other in SHEETS if other != name))
    assert [each for each in selectors(name) if not classes(each) - {"stHtml"} - of_others] == []


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_no_rule_outlives_what_it_dresses(name: str) -> None:
    used = sorted(set().union(*map(classes, selectors(name))))
    assert [one for one in used if not is_written(one) and not FOREIGN.match(one)] == []


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_selector_stands_once_on_screen_and_once_a_medium(name: str) -> None:
    """Two rules of one selector list: the reader finds the first, the browser heeds the second."""
    heads = Counter(rules(SHEETS[name].read_text(encoding="utf-8")))
    assert [head for head, times in heads.items() if times > 1] == []


def test_every_page_gets_every_stylesheet_in_its_first_piece() -> None:
    for path in SHEETS.values():
        assert path.read_text(encoding="utf-8") in frame.CSS
