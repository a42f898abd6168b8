"""YAML text → plain nodes that remember their line, with YAML's surprises refused (REALITY §2).

No aliases, anchors, tags or second documents; duplicate keys are seen; a scalar keeps the text it was written with, so that the reader of a
field decides what it may be (PyYAML would turn `no` into False, `012` into 10 and `1:30` into 90).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from compliance.errors import Problem

MAX_BYTES, MAX_DEPTH = 1_000_000, 30
TOO_LARGE = Problem("yaml.too_large", {"limit": f"{MAX_BYTES:,}"})

# Control, zero-width, bidirectional and surrogate characters: unseen, they make two equal names differ.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Scalar:
    text: str
    line: int
    quoted: bool
    tag: str
    """What YAML takes an unquoted scalar for: str, int, float, bool, null, timestamp."""


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Mapping:
    fields: dict[str, Node]
    line: int
    key_lines: dict[str, int]


Node = Scalar | Sequence | Mapping


def read(text: str, problems: list[Problem]) -> Node | None:
    """The tree of a YAML text; None with problems added when it cannot be read as one."""
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        problems.append(TOO_LARGE)
        return None
    # Looked for before any parser runs: libyaml lets some of these pass, and gives no line for the others.
    if found := list(_unprintable(text)):
        problems.extend(found)
        return None
    try:
        found = list(_forbidden(text))
        root = None if found else yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax(error, text))
        return None
    problems.extend(found)
    if root is None:
        if not found:
            problems.append(Problem("yaml.empty", {}, line=1))
        return None
    return _convert(root, problems)


def _unprintable(text: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if found := UNPRINTABLE.search(line):
            yield Problem("yaml.character", {"character": f"U+{ord(found[0]):04X}"}, line=number)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Problem:
    # An unclosed bracket or quote is noticed far below; the mark of its context is where it was opened.
    opened = error.context_mark if str(error.context).startswith(("while parsing a flow", "while scanning a quoted")) else None
    mark = opened or error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    if mark and mark.line < len(lines) and re.match(r" *\t", lines[mark.line]):
        return Problem("yaml.tab", {}, line=line)
    return Problem("yaml.syntax", {"detail": error.problem or str(error.context)}, line=line)


def _forbidden(text: str) -> Iterator[Problem]:
    """What YAML can do and a definitions file may not. Stops at the first node that is too deep, before anything recurses into it."""
    documents = depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield Problem("yaml.nested", {"limit": MAX_DEPTH}, line=line)
            return
        if isinstance(event, yaml.AliasEvent):
            yield Problem("yaml.alias", {"name": event.anchor}, line=line)
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            yield Problem("yaml.anchor", {"name": event.anchor}, line=line)
        if tag := getattr(event, "tag", None):
            yield Problem("yaml.tag", {"name": str(tag).replace("tag:yaml.org,2002:", "!!")}, line=line)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                yield Problem("yaml.documents", {}, line=line)


def _convert(node: yaml.Node, problems: list[Problem]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Scalar(str(node.value), line, node.style in ("'", '"', "|", ">"), node.tag.rsplit(":", 1)[-1])
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_convert(item, problems) for item in node.value), line)
    fields: dict[str, Node] = {}
    key_lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, key_line = str(key_node.value), key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("yaml.key", {}, line=key_line))
        elif key in fields:
            problems.append(Problem("yaml.duplicate_key", {"key": key, "first": key_lines[key]}, line=key_line))
        else:
            fields[key], key_lines[key] = _convert(value_node, problems), key_line
    return Mapping(fields, line, key_lines)
