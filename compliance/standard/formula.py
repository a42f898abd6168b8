"""Formula text → a small checked tree → SQL.

Only arithmetic over names passes: `+ - * /`, parentheses, plain numbers, min, max and previous(name). sqlglot parses, an
allow-list rebuilds, and SQL is written from our own tree: nothing of the text is ever echoed (REALITY §2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MAX_LENGTH, MAX_NODES, MAX_DEPTH, MAX_DIGITS, MAX_MINMAX_DEPTH = 500, 120, 25, 15, 3
ALLOWED_CHARACTERS = re.compile(r"[A-Za-z0-9_+\-*/()., \n]*")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# 012 is ten to some readers and twelve to others; 1e5, 0x1F and 1_000 are for programmers.
NUMBER = re.compile(r"(0|[1-9]\d*)(\.\d+)?|\.\d+", re.ASCII)
NO_NUMBERS = frozenset({"nan", "inf", "infinity"})
NUMBER_LIKE = re.compile(r"(?<![A-Za-z0-9_.])[0-9.][A-Za-z0-9_.]*")


class FormulaError(ValueError):
    """A formula that is refused. key and args name a text under `problem.`."""

    def __init__(self, key: str, **args: object) -> None:
        self.key, self.args_of_text = key, args
        super().__init__(f"{key} {args}")


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Name:
    """A metric or a parameter."""

    id: str


@dataclass(frozen=True)
class Previous:
    """The value of a metric in the period before."""

    id: str


@dataclass(frozen=True)
class Negated:
    operand: Expression


@dataclass(frozen=True)
class Binary:
    operator: str  # one of + - * /
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Extreme:
    """min or max of two or more; unknown when any argument is."""

    function: str  # min or max
    arguments: tuple[Expression, ...]


Expression = Number | Name | Previous | Negated | Binary | Extreme

UNREADABLE = Name("?")
"""Stands in for a formula that was refused, so that the checks after it do not complain about what nobody wrote."""

_BINARY: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}


def parse(text: str) -> Expression:
    """Formula text → tree; raises FormulaError for anything that is not plain arithmetic."""
    check_text(text)
    try:
        # Read as a condition, not as a statement: SET, COPY and the like have no grammar here.
        parsed = sqlglot.parse_one(text, into=exp.Condition)
    except (SqlglotError, RecursionError) as error:
        raise FormulaError("formula.syntax", formula=_short(text)) from error
    tree = _rebuild(parsed, text, 1)
    # sqlglot drops what it thinks idle: max(all a, b) and max(a, b,) come back as max(a, b). What was not read is refused.
    if WORD.findall(text.lower()) != [word.lower() for word in _words(tree)] or text.count(",") != _commas(tree):
        raise FormulaError("formula.syntax", formula=_short(text))
    if sum(1 for _ in walk(tree)) > MAX_NODES:
        raise FormulaError("formula.too_many_parts", formula=_short(text), limit=MAX_NODES)
    if _extreme_depth(tree) > MAX_MINMAX_DEPTH:
        raise FormulaError("formula.nested_extremes", formula=_short(text), limit=MAX_MINMAX_DEPTH)
    return tree


def check_text(text: str) -> None:
    """The cheap checks that come before any parser sees the text."""
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula.too_long", formula=_short(text), limit=MAX_LENGTH)
    if not text.strip():
        raise FormulaError("formula.empty")
    allowed = ALLOWED_CHARACTERS.match(text)
    if allowed is None or allowed.end() != len(text):
        raise FormulaError("formula.character", formula=_short(text), character=visible(text[allowed.end() if allowed else 0]))
    for forbidden in ("--", "/*", "//", "**"):
        if forbidden in text:
            raise FormulaError("formula.character", formula=_short(text), character=forbidden)
    for number in NUMBER_LIKE.findall(text):
        if whole_digits(number) > MAX_DIGITS:
            raise FormulaError("formula.digits", formula=_short(text), limit=MAX_DIGITS)
        if not NUMBER.fullmatch(number):
            raise FormulaError("formula.number", formula=_short(text), number=number)
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise FormulaError("formula.nested", formula=_short(text), limit=MAX_DEPTH)


def whole_digits(number: str) -> int:
    """How many digits a number has before its point. Beyond 2 ** 53 whole numbers would silently be rounded; digits after the point only get finer
    (published limits such as 93.31999969482422 have seventeen)."""
    return sum(character.isdigit() for character in re.split("[.eE]", number)[0])


def visible(character: str) -> str:
    """A character as it can be shown in a message: also one that has no look of its own or the look of another."""
    code = f"U+{ord(character):04X}"
    return character if character.isascii() and character.isprintable() else f"{character} ({code})" if character.isprintable() else code


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:60])
    return shown if len(text) <= 60 else shown + "…"


def _rebuild(node: exp.Expr, text: str, depth: int) -> Expression:
    # Chains such as a + b + … lean to one side, so depth is bounded by the node limit here and by parentheses in check_text.
    if depth > MAX_NODES:
        raise FormulaError("formula.too_many_parts", formula=_short(text), limit=MAX_NODES)
    match node:
        case exp.Paren():
            return _rebuild(node.this, text, depth + 1)
        case exp.Literal() if node.is_string is False and NUMBER.fullmatch(str(node.this)):
            return Number(float(node.this))
        case exp.Column(name=word) if word.lower() in NO_NUMBERS:
            raise FormulaError("formula.number", formula=_short(text), number=word)
        case exp.Column() if isinstance(node.this, exp.Identifier) and not node.args.get("table") and not node.this.args.get("quoted"):
            return Name(str(node.this.this))
        case exp.Neg():
            return Negated(_rebuild(node.this, text, depth + 1))
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return Binary(_BINARY[type(node)], _rebuild(node.this, text, depth + 1), _rebuild(node.expression, text, depth + 1))
        case exp.Least() | exp.Greatest():
            raise FormulaError("formula.function", formula=_short(text), function=node.key)
        case exp.Min() | exp.Max():
            return _extreme(node, text, depth)
        case exp.Anonymous() if str(node.this).lower() == "previous":
            return _previous(node, text)
        case exp.Func():
            name = node.this if isinstance(node, exp.Anonymous) else node.sql_name()
            raise FormulaError("formula.function", formula=_short(text), function=str(name).lower())
        case _:
            raise FormulaError("formula.not_arithmetic", formula=_short(text))


def _extreme(node: exp.Min | exp.Max, text: str, depth: int) -> Extreme:
    arguments = [node.this, *node.expressions]
    if len(arguments) < 2 or any(argument is None or isinstance(argument, exp.Distinct) for argument in arguments):
        raise FormulaError("formula.extreme_arguments", formula=_short(text), function=node.key)
    return Extreme(node.key, tuple(_rebuild(argument, text, depth + 1) for argument in arguments))


def _previous(node: exp.Anonymous, text: str) -> Previous:
    if len(node.expressions) != 1:
        raise FormulaError("formula.previous", formula=_short(text))
    match _rebuild(node.expressions[0], text, 1):
        case Name(id=metric):
            return Previous(metric)
        case _:
            raise FormulaError("formula.previous", formula=_short(text))


def children(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Negated(operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Extreme(_, arguments):
            return arguments
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    yield node
    for child in children(node):
        yield from walk(child)


def _words(node: Expression) -> Iterator[str]:
    """The words of a formula as they stand in its text, from left to right."""
    match node:
        case Name(id=name):
            yield name
        case Previous(id=name):
            yield from ("previous", name)
        case Extreme(function, _):
            yield function
    for child in children(node):
        yield from _words(child)


def _commas(node: Expression) -> int:
    return sum(len(part.arguments) - 1 for part in walk(node) if isinstance(part, Extreme))


def _extreme_depth(node: Expression) -> int:
    return isinstance(node, Extreme) + max((_extreme_depth(child) for child in children(node)), default=0)


def names(node: Expression) -> tuple[str, ...]:
    """Names used at the period itself, each once, in order of appearance."""
    return tuple(dict.fromkeys(part.id for part in walk(node) if isinstance(part, Name)))


def previous_names(node: Expression) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.id for part in walk(node) if isinstance(part, Previous)))


def is_plain(node: Expression) -> bool:
    """Whether the formula is one name or one number: such a value is finite because the import saw to it."""
    return isinstance(node, Name | Previous | Number)


def render_sql(node: Expression, column: Callable[[Name | Previous], str]) -> str:
    """The SQL of a formula; `column` gives the quoted SQL of a name. The result is NULL or a finite DOUBLE."""
    text = _sql(node, column)
    # The arguments of an extreme are finite or the whole is NULL.
    if is_plain(node) or isinstance(node, Extreme):
        return text
    # Multiplying large values can overflow to infinity, and infinity passes every "at least".
    return f"CASE WHEN isfinite({text}) THEN {text} END"


def _sql(node: Expression, column: Callable[[Name | Previous], str]) -> str:
    match node:
        case Number(value):
            return sql_number(value)
        case Name() | Previous():
            return column(node)
        case Negated(operand):
            return f"(-{_sql(operand, column)})"
        case Binary("/", left, right):
            if constant(right):
                return f"({_sql(left, column)} / {_sql(right, column)})"
            # DuckDB answers x / 0 with infinity, and infinity passes every "at least": a zero denominator means "cannot tell".
            return f"({_sql(left, column)} / nullif({_sql(right, column)}, 0))"
        case Binary(operator, left, right):
            return f"({_sql(left, column)} {operator} {_sql(right, column)})"
        case Extreme(function, arguments):
            parts = [_sql(argument, column) for argument in arguments]
            # DuckDB's least and greatest skip NULL, and min(infinity, 5) is 5: an unknown argument must make the result unknown.
            unsure = [(part, argument) for part, argument in zip(parts, arguments, strict=True) if constant(argument) is None]
            known = " AND ".join(f"{part} IS NOT NULL" if is_plain(argument) else f"isfinite({part})" for part, argument in unsure) or "true"
            return f"CASE WHEN {known} THEN {'least' if function == 'min' else 'greatest'}({', '.join(parts)}) END"
    raise TypeError(node)


def sql_number(value: float) -> str:
    """A number as a DOUBLE literal that reads back to the same bits (a bare 0.1 would be a DECIMAL)."""
    text = repr(value)
    return text if "e" in text else f"{text}e0"


def plain_number(value: float) -> str:
    """A number as one would write it into the YAML: 90, 1.5, 1234567 (never 1.23457e+06)."""
    return f"{value:.15g}"


def readable(node: Expression, title: Callable[[str], str], previous: str) -> str:
    """The formula as a person would write it: titles for names, × and ÷ for * and /; `previous` is a pattern such as "上期{name}"."""
    return _readable(node, title, previous, 0)


def _readable(node: Expression, title: Callable[[str], str], previous: str, outer: int) -> str:
    match node:
        case Number(value):
            return plain_number(value)
        case Name(id=name):
            return title(name)
        case Previous(id=name):
            return previous.format(name=title(name))
        case Negated(operand):
            return f"−{_readable(operand, title, previous, 3)}"
        case Binary(operator, left, right):
            level = _PRECEDENCE[operator]
            sign = {"+": "+", "-": "−", "*": "×", "/": "÷"}[operator]
            text = f"{_readable(left, title, previous, level)} {sign} {_readable(right, title, previous, level + 1)}"
            return f"({text})" if level < outer else text
        case Extreme(function, arguments):
            return f"{function}({', '.join(_readable(argument, title, previous, 0) for argument in arguments)})"
    raise TypeError(node)


def constant(node: Expression) -> float | None:
    """The number a limit is, where it is one."""
    match node:
        case Number(value):
            return value
        case Negated(Number(value)):
            return -value
        case _:
            return None
