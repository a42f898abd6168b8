"""Words on screen: texts.yaml in Chinese and English. A missing key, or a missing value for one, raises KeyError: there is no fallback."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import get_args

import yaml

from compliance.errors import Problem, Word
from compliance.standard.definitions import Language, Title

LANGUAGES: tuple[Language, ...] = get_args(Language)
FILE = Path(__file__).with_name("texts.yaml")
UNKNOWN = "—"
# Below this a figure is the noise of arithmetic: 0.1 + 0.2 − 0.3 is 0, not 0.00000000000000005551.
NOISE = 1e-9
# What English needs and Chinese does not: {n:verdict/verdicts} is one or many by n; {level:one} and {level:many} are what an area and what areas of a
# level are called within a sentence, and {level:n} is the one or the other by n.
_FORM = re.compile(r"\{(\w+):([a-z][^{}]*)\}")

# Chinese sets Latin words apart by a blank: “California 未达标”.
_BESIDE_CHINESE = re.compile(r"(?P<before>[\u4e00-\u9fff]?)\{(?P<name>\w+)\}(?=(?P<after>[\u4e00-\u9fff]?))")


@dataclass(frozen=True)
class Words:
    """The words of one language: words("gaps.failing"), words("gaps.of", met=62, judged=71)."""

    language: Language

    def __call__(self, key: str, /, **values: object) -> str:
        text = _texts()[key].in_language(self.language)
        if self.language == "en":
            text = _FORM.sub(lambda form: _formed(values, form[1], form[2]), text)
        elif any(isinstance(value, str) and (_is_latin(value[:1]) or _is_latin(value[-1:])) for value in values.values()):
            text = _BESIDE_CHINESE.sub(lambda place: _set_apart(place, values), text)
        return text.format(**values)

    def title(self, title: Title) -> str:
        return title.in_language(self.language)

    def message(self, problem: Problem) -> str:
        """What is wrong and what to do, without the place."""
        return self(f"problem.{problem.key}", **{name: self._said(arg) for name, arg in problem.args.items()})

    def _said(self, arg: object) -> object:
        match arg:
            case Title():
                return self.title(arg)
            case Word(key):
                return self(key)
            case _:
                return arg

    def problem(self, problem: Problem) -> str:
        """Place and message in one line, of the place only what is known."""
        place = " · ".join(part for part in (self._spot(problem), problem.subject) if part)
        return (place and place + self("location.colon")) + self.message(problem)

    def _spot(self, problem: Problem) -> str:
        parts = []
        if problem.sheet is not None:
            parts.append(self("location.sheet", sheet=problem.sheet))
        if problem.cell is not None:
            parts.append(self("location.cell", cell=problem.cell))
        elif problem.line is not None:
            parts.append(self("location.line", line=problem.line))
        if problem.column is not None:
            parts.append(self("location.column", column=problem.column))
        if problem.value is not None:
            parts.append(self("location.value", value=problem.value))
        inside = self("location.comma").join(parts)
        return self("location.after_file").join(part for part in (problem.file, inside) if part)

    def number(self, figure: float | None) -> str:
        """A figure to be read: 1,234.5; from 1 up at most four decimals, below 1 at most four digits that count."""
        if figure is None or not math.isfinite(figure):
            return UNKNOWN
        if abs(figure) < NOISE:
            return "0"
        decimals = 4 if abs(figure) >= 1 else 3 - math.floor(math.log10(abs(figure)))
        text = f"{figure:,.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def percent(self, fraction: float | None, *, in_column: bool = False) -> str:
        """0.886 → 88.6%; in a column 0.64 → 64.0%, so that the figures stand under each other. What is not quite all never reads 100%, and what is not quite nothing never 0%."""
        if fraction is None or not math.isfinite(fraction):
            return UNKNOWN
        rounded = round(100 * fraction, 1)
        if rounded == 100 and fraction < 1 - NOISE:
            rounded = 99.9
        if rounded == 0 and fraction > NOISE:
            rounded = 0.1
        return f"{rounded:.1f}%" if in_column else f"{self.number(rounded)}%"


def several(noun: str) -> str:
    """The plural of an English noun, as it stands within a sentence: Community → communities."""
    if re.search("[^aeiou]y$", noun):
        return within_sentence(f"{noun[:-1]}ies")
    ending = "es" if re.search("(ss|x|z|ch|sh)$", noun) else "" if noun.endswith("s") else "s"
    return within_sentence(f"{noun}{ending}")


def within_sentence(noun: str) -> str:
    """Without its capital, unless that is part of a name: US states."""
    return noun if noun[:2].isupper() else f"{noun[:1].lower()}{noun[1:]}"


def _formed(values: Mapping[str, object], name: str, form: str) -> str:
    one, slash, many = form.partition("/")
    if slash:
        return one if str(values[name]) == "1" else many
    noun = str(values[name])
    is_one = form == "one" or (form != "many" and str(values[form]) == "1")
    # What it is called may hold braces, and the text is yet to be filled in.
    return (within_sentence(noun) if is_one else several(noun)).replace("{", "{{").replace("}", "}}")


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _set_apart(place: re.Match[str], values: Mapping[str, object]) -> str:
    said = str(values[place["name"]])
    before = " " if place["before"] and _is_latin(said[:1]) else ""
    after = " " if place["after"] and _is_latin(said[-1:]) else ""
    return f"{place['before']}{before}{{{place['name']}}}{after}"


def words(language: Language) -> Words:
    if language not in LANGUAGES:
        raise KeyError(language)
    return Words(language)


def keys() -> frozenset[str]:
    return frozenset(_texts())


def group(pattern: str) -> list[Title]:
    """The texts whose keys fit a pattern ("browser.*"), as they stand."""
    return [title for key, title in _texts().items() if fnmatchcase(key, pattern)]


def guess_language(locale: str | None) -> Language:
    """The language for a browser's or system's locale: Chinese for zh, zh-CN, zh_TW …, else English."""
    return "zh" if (locale or "").strip().lower().startswith("zh") else "en"


@cache
def _texts() -> Mapping[str, Title]:
    return load(FILE.read_text(encoding="utf-8"))


def load(source: str) -> Mapping[str, Title]:
    """The texts of a YAML source; ValueError or TypeError where it is not `key: {zh: …, en: …}` throughout."""
    return {key: Title(**dict(_pairs(node, key))) for key, node in _pairs_of(yaml.compose(source, Loader=yaml.CSafeLoader), "texts")}


def _pairs(node: yaml.Node, key: str) -> Iterator[tuple[str, str]]:
    # An unquoted comma ends a text: what follows it would be a key of its own, and the words would be cut without a word.
    found = {language: text.value for language, text in _pairs_of(node, key) if isinstance(text, yaml.ScalarNode)}
    if set(found) != set(LANGUAGES) or not all(found.values()):
        raise ValueError(f"{key}: one text for each of {LANGUAGES} is needed")
    yield from found.items()


def _pairs_of(node: yaml.Node | None, where: str) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise TypeError(f"{where}: a mapping is needed")
    seen = set()
    for key_node, value_node in node.value:
        # PyYAML keeps the last of two equal keys and says nothing.
        if key_node.value in seen:
            raise ValueError(f"{where}: '{key_node.value}' twice, again on line {key_node.start_mark.line + 1}")
        seen.add(key_node.value)
        yield key_node.value, value_node
