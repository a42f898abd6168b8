"""Typed reading of one mapping of indicators.yaml: each field is asked for by the type it must have, and every fault is collected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance.errors import Problem, closest
from compliance.standard import formula
from compliance.standard.definitions import Title
from compliance.standard.formula import Expression, FormulaError
from compliance.standard.yaml_nodes import UNPRINTABLE, Mapping, Node, Scalar, Sequence

NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d{1,2})?")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
# These name columns of our own tables and CSV files (rowid: DuckDB's own, of every table).
RESERVED = frozenset("area_id period line import_id filled rowid level name parent_id indicator reason previous min max exempt score".split())


class Fields:
    """A mapping and the fields it may have. Reading a field that is missing or of the wrong type adds a problem and gives a stand-in."""

    def __init__(self, node: Node, allowed: str, problems: list[Problem], subject: str = "", named_by: str = "", prefix: str = "") -> None:
        """subject: what the mapping belongs to; named_by: the key that names it, so that every problem can say which one it is."""
        self.problems, self.line, self._prefix = problems, node.line, prefix
        own = node.fields.get(named_by) if isinstance(node, Mapping) else None
        self.subject = " / ".join(part for part in (subject, own.text.strip() if isinstance(own, Scalar) else "") if part)
        self._fields: dict[str, Node] = {}
        self._lines: dict[str, int] = {}
        self._misspelt: set[str] = set()
        known = allowed.split()
        if not isinstance(node, Mapping):
            self.fault("fields.mapping", node.line, expected=", ".join(known))
            self.readable = False
            return
        self.readable = True
        self._fields, self._lines = node.fields, node.key_lines
        for key in node.fields:
            if key not in known:
                self._unknown_key(key, known)

    def _unknown_key(self, key: str, known: list[str]) -> None:
        meant = closest(key, [word for word in known if word not in self._fields])
        if meant is None:
            self.fault("fields.unknown_key_listed", self.line_of(key), key=self._prefix + key, known=", ".join(known))
        else:
            self.fault("fields.unknown_key", self.line_of(key), key=self._prefix + key, meant=self._prefix + meant)
            self._misspelt.add(meant)

    def fault(self, key: str, line: int | None = None, /, **args: object) -> None:
        self.problems.append(Problem(key, args, line=line or self.line, subject=self.subject or None))

    def gives(self, key: str) -> bool:
        """Whether the key is there, be it misspelt: then it need not be called missing as well."""
        return key in self._fields or key in self._misspelt

    def line_of(self, key: str) -> int:
        return self._lines.get(key, self.line)

    def _get(self, key: str, required: bool) -> Node | None:
        node = self._fields.get(key)
        if isinstance(node, Scalar) and node.tag == "null" and not node.quoted:
            self.fault("fields.blank", self.line_of(key), key=self._prefix + key)
            return None
        if node is None and required and self.readable and key not in self._misspelt:
            self.fault("fields.missing", key=self._prefix + key)
        return node

    def mapping(self, key: str, allowed: str) -> Fields | None:
        node = self._get(key, required=True)
        return None if node is None else Fields(node, allowed, self.problems, key)

    def text(self, key: str, required: bool = True, one_line: bool = False) -> str:
        node = self._get(key, required)
        if node is None:
            return ""
        name = self._prefix + key
        if not isinstance(node, Scalar):
            self.fault("fields.text", node.line, key=name)
            return ""
        if node.tag != "str" and not node.quoted:
            self.fault("fields.quote", node.line, key=name, value=node.text)
        elif not node.text.strip():
            self.fault("fields.blank", node.line, key=name)
        elif found := UNPRINTABLE.search(node.text):
            self.fault("fields.character", node.line, key=name, character=f"U+{ord(found[0]):04X}")
        elif one_line and node.text != " ".join(node.text.split()):
            self.fault("fields.spaces", node.line, key=name, value=" ".join(node.text.split()))
        return node.text

    def identifier(self, key: str = "id", required: bool = True, in_formulas: bool = False) -> str:
        word = self.text(key, required)
        if not word:
            return ""
        if not IDENTIFIER.fullmatch(word):
            self.fault("fields.identifier", self.line_of(key), key=key, value=word)
        elif in_formulas and (word.lower() in RESERVED or not _reads_as_name(word)):
            self.fault("fields.reserved", self.line_of(key), key=key, value=word)
        return word

    def title(self, key: str = "title", required: bool = True) -> Title | None:
        """`{zh: …, en: …}`, or one text that serves both languages."""
        node = self._get(key, required)
        if node is None:
            return None
        if isinstance(node, Scalar):
            both = self.text(key, one_line=key != "note")
            return Title(both, both) if both else None
        one_line = key != "note"
        inner = Fields(node, "zh en", self.problems, self.subject, prefix=f"{key}.")
        return Title(inner.text("zh", one_line=one_line), inner.text("en", one_line=one_line)) if inner.readable else None

    def number(self, key: str, required: bool = False) -> float | None:
        node = self._get(key, required)
        return None if node is None else self._number(node, key)

    def _number(self, node: Node, key: str) -> float | None:
        if isinstance(node, Scalar) and not node.quoted and NUMBER.fullmatch(node.text):
            if formula.whole_digits(node.text) > formula.MAX_DIGITS:
                self.fault("fields.digits", node.line, key=key, limit=formula.MAX_DIGITS)
                return None
            return float(node.text)
        self.fault("fields.number", node.line, key=key, value=node.text if isinstance(node, Scalar) else "…")
        return None

    def choice(self, key: str, allowed: tuple[str, ...], required: bool = True) -> str:
        node = self._get(key, required)
        if node is None:
            return ""
        word = node.text if isinstance(node, Scalar) else "…"
        if word not in allowed:
            meant = closest(word, allowed)
            if meant is None:
                self.fault("fields.choice_listed", node.line, key=key, value=word, known=" | ".join(allowed))
            else:
                self.fault("fields.choice", node.line, key=key, value=word, meant=meant)
            return ""
        return word

    def formula(self, key: str) -> Expression:
        node = self._get(key, required=True)
        return (None if node is None else self._formula(node, key)) or formula.UNREADABLE

    def _formula(self, node: Node, key: str) -> Expression | None:
        if not isinstance(node, Scalar):
            self.fault("fields.formula", node.line, key=key)
            return None
        if not node.quoted and node.tag in ("int", "float", "bool", "null", "timestamp"):
            number = self._number(node, key)
            return None if number is None else _number_expression(number)
        try:
            return formula.parse(node.text)
        except FormulaError as error:
            self.fault(error.key, node.line, **error.args_of_text)
            return None

    def numbers(self, key: str) -> tuple[float | None, float | None]:
        """A list of two numbers, where it is given."""
        pair = self._pair(key, required=False)
        return (self._number(pair[0], key), self._number(pair[1], key)) if pair else (None, None)

    def formulas(self, key: str) -> tuple[Expression, Expression]:
        """A list of two formulas."""
        pair = self._pair(key, required=True)
        if pair is None:
            return formula.UNREADABLE, formula.UNREADABLE
        return self._formula(pair[0], key) or formula.UNREADABLE, self._formula(pair[1], key) or formula.UNREADABLE

    def _pair(self, key: str, required: bool) -> tuple[Node, Node] | None:
        node = self._get(key, required)
        if node is None:
            return None
        if not isinstance(node, Sequence) or len(node.items) != 2:
            self.fault("fields.pair", node.line, key=key)
            return None
        return node.items[0], node.items[1]

    def items(self, key: str, required: bool = True) -> Iterator[Node]:
        node = self._get(key, required)
        if node is None:
            return
        if not isinstance(node, Sequence):
            self.fault("fields.list", node.line, key=key)
            return
        if not node.items and required:
            self.fault("fields.empty_list", node.line, key=key)
        yield from node.items


def _number_expression(number: float) -> Expression:
    return formula.Negated(formula.Number(-number)) if number < 0 else formula.Number(number)


def _reads_as_name(word: str) -> bool:
    """False for words that the formula parser takes for something else, alone or in company (case, current_date, interval …)."""
    name, one = formula.Name(word), formula.Number(1)
    in_company = formula.Binary("/", formula.Binary("-", name, one), formula.Extreme("max", (name, one)))
    try:
        return formula.parse(word) == name and formula.parse(f"({word} - 1) / max({word}, 1)") == in_company and formula.parse(f"({word})") == name
    except FormulaError:
        return False
