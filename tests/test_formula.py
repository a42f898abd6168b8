"""Formulas: what is refused, what is read, and what DuckDB makes of it. Expected values are worked by hand."""

import json

import duckdb
import pytest

from compliance.standard import formula
from compliance.standard.formula import Binary, Expression, Extreme, FormulaError, Name, Negated, Number, Previous

HOSTILE = [
    # other queries and tables
    "select 1", "(select 1)", "a + (select max(x) from metrics_community)", "exists(select 1)", "a in (select 1)", "1 union select 2", "a union all select b",
    "with x as (select 1) select * from x", "from metrics_community", "table metrics_community", "values (1)", "(values (1))", "lateral a", "metrics.a",
    "main.metrics_community.a", "a.b.c.d", "*", "a.*", "count(*)", "columns(a)", "columns('.*')", "unnest(a)", "any(select 1)", "array(select 1)",
    # files, network, extensions, settings
    "read_csv('/etc/passwd')", "read_csv(a)", "read_text(a)", "read_parquet(a)", "read_blob(a)", "glob(a)", "'/etc/passwd'", "getenv('HOME')", "getenv(HOME)",
    "current_setting('access_mode')", "current_setting(a)", "duckdb_settings()", "duckdb_secrets()", "sqlite_scan(a, b)", "postgres_query(a, b)", "load_aws_credentials()",
    "install httpfs", "load httpfs", "attach a", "copy a to b", "export database a", "import database a", "pragma version", "set threads to 1", "reset threads",
    "call pragma_version()", "query(a)", "query_table(a)", "pragma_database_list()", "which_secret(a, b)", "system(a)", "shell(a)", "eval(a)", "exec(a)", "__import__(a)",
    # statements
    "1; drop table metrics", "1;", "; 1", "drop table a", "delete from a", "insert into a values (1)", "update a set b = 1", "create table a (b int)", "alter table a add b int",
    "truncate a", "rollback", "localtime", "explain a", "describe a", "show tables", "use a", "prepare a as select 1", "execute a", "grant a to b",
    # comments and quoting
    "a -- b", "a /* b */", "a # b", "// a", "a */ b", '"a"', "`a`", "[a]", "{a}", "'a'", "''", "$$a$$", "$1", "?", ":a", "@a", "a\\b", "E'a'", "x'41'", "b'1'",
    # casts, types, other operators
    "a::int", "cast(a as int)", "try_cast(a as int)", "convert(a, int)", "date '2020-01-01'", "interval 1 day", "interval a day", "timestamp a", "a ^ 2", "a ** 2", "a % 2", "a // 2", "a div 2",
    "a mod 2", "a & b", "a | b", "~a", "a << 1", "a || b", "a = b", "a == b", "a <> b", "a < b", "a >= b", "a and b", "a or b", "not a", "a is null", "a is not null", "a in (1, 2)",
    "a between 1 and 2", "a like b", "a collate nocase", "a at time zone b", "case when a then b else c end", "case a when 1 then 2 end", "if(a, b, c)", "iff(a, b, c)", "a ? b : c",
    "a -> b", "x -> x + 1", "lambda x: x", "a := 1", "a => b", "a !", "a !b", "abs a", "(a, b)", "row(a, b)", "struct_pack(a)", "list_value(a, b)", "map(a, b)", "()", "a()", "a(b)",
    # functions
    "random()", "rand()", "now()", "current_date", "current_timestamp", "current_user", "session_user", "today()", "uuid()", "nextval(a)", "version()", "current_schema()",
    "abs(a)", "round(a)", "floor(a)", "sqrt(a)", "exp(a)", "ln(a)", "pow(a, 2)", "coalesce(a, 0)", "ifnull(a, 0)", "nullif(a, 0)", "least(a, b)", "greatest(a, b)", "isfinite(a)", "chr(65)",
    "sum(a)", "avg(a)", "count(a)", "median(a)", "any_value(a)", "first(a)", "list(a)", "string_agg(a, b)", "quantile_cont(a, 1)", "repeat(a, 9)", "range(9)", "generate_series(1, 9)", "sleep(9)",
    "max(a) over ()", "max(a, b) over ()", "max(a, b) over (order by a)", "lag(a)", "lead(a) over ()", "row_number() over ()", "max(a, b) filter (where a)", "max(distinct a, b)", "max(distinct a)",
    "max(all a, b)", "max(a order by b, c)", "max(a, b order by c)", "max(a, b limit 1)", "max(a ignore nulls, b)", "max(a, b) within group (order by a)", "max(*)", "max()", "min(a)", "max(a,)", "max(a, b,)",
    "max(,a)", "max(a b)", "main.max(a, b)", "previous()", "previous(a, b)", "previous(a,)", "previous(1)", "previous(a + 1)", "previous((select 1))", "previous(previous(a))", "previous(max(a, b))",
    "previous(distinct a)", "previous(all a)", "previous(a) over ()", "main.previous(a)", "previous a", "previous(*)", "previous(a.b)",
    # numbers
    "1e400", "1e5", "1E-5", "1e", "0x1F", "0X1f", "0b101", "0o17", "1_000", "1,000", "012", "00", "007.5", "1.2.3", "1.", ".", "1:30", "1/2/2025,", "nan", "inf", "infinity", "-inf", "null", "true", "false",
    "1234567890123456", "1234567890123456.5", "99999999999999999999999999999999999", "1d", "1f", "1L", "1 000", "90%", "1.5‰", "½", "²", "+-", "1 2", "a 1", "1 a", "2a", "a$",
    # characters that deceive
    "１００", "a＋b", "（a）", "a，b", "а", "metricѕ", "a\u200b", "a\u200d+b", "\ufeffa", "a\u00a0+ b", "a\u2009+ b", "a\u3000+ b", "a\u202eb", "a\u00ad", "a\x00", "a\x07", "a\t+ b", "a\r+ b", "a\x0b+ b", "a\x0c+ b",
    "a\u2028+ b", "a\x85+ b", "é", "e\u0301", "ａ", "数据项", "a − b", "a × b", "a ÷ b", "a – b", "a∕b", "\ud800", "🙂", "“a”",
    # shape
    "", " ", "\n", "+", "-", "/", ",", "a +", "* a", "a b", "a b c", "a as b", "a, b", "(a", "a)", ")a(", "a) + (b", "((a)", "a + + * b", "distinct a", "a limit 1", "a order by b", "a group by b", "a where b", "a from b",
    "a+" * 100_000 + "a", "(" * 200 + "a" + ")" * 200, "(" * 26 + "a" + ")" * 26, "-" * 400 + "a", "- " * 240 + "a", "a+" * 240 + "a", "min(a," * 60 + "a" + ")" * 60, "max(" * 4 + "a" + ", 1)" * 4, "a" * 501, " " * 500 + "a",
]  # fmt: skip


# Statements elsewhere, here only words: written as quoted columns, and the loader refuses what no metric is called.
BARE_WORDS = ["begin", "commit", "checkpoint", "vacuum", "rowid", "interval"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_a_hostile_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        formula.parse(text)


@pytest.mark.parametrize("text", BARE_WORDS)
def test_a_bare_word_is_a_name_and_nothing_more(text: str) -> None:
    assert formula.parse(text) == Name(text)
    assert formula.render_sql(Name(text), column) == f'"{text}"'


def test_the_list_of_hostile_formulas_is_long_and_has_no_repeats() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) >= 100


a, b = Name("a"), Name("b")
TREES: list[tuple[str, Expression]] = [
    ("a", a),
    (" a\n", a),
    ("(a)", a),
    ("90", Number(90)),
    (".5", Number(0.5)),
    ("-a", Negated(a)),
    ("a - b - 1", Binary("-", Binary("-", a, b), Number(1))),
    ("a - (b - 1)", Binary("-", a, Binary("-", b, Number(1)))),
    ("a / b * 100", Binary("*", Binary("/", a, b), Number(100))),
    ("a + b * 2", Binary("+", a, Binary("*", b, Number(2)))),
    ("MAX(a, b, 1)", Extreme("max", (a, b, Number(1)))),
    ("Previous(a) + a", Binary("+", Previous("a"), a)),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_an_honest_formula_is_read_as_arithmetic(text: str, tree: Expression) -> None:
    assert formula.parse(text) == tree


# a = 12, b = 5, big = 1e300, zero = 0, unknown = NULL; before: a = 10 in the period before. None: "cannot tell".
FIGURES = {"a": 12.0, "b": 5.0, "big": 1e300, "tiny": 1e-300, "zero": 0.0, "unknown": None, "before": 10.0}
VALUES: list[tuple[str, float | None]] = [
    ("a", 12.0),
    ("unknown", None),
    ("7", 7.0),
    ("a + b", 17.0),
    ("a - b - 2", 5.0),
    ("a - (b - 2)", 9.0),
    ("a + b * 2", 22.0),
    ("(a + b) * 2", 34.0),
    ("-a + b", -7.0),
    ("-(a + b)", -17.0),
    ("a - -b", 17.0),
    ("a * b / 6", 10.0),
    ("a / b", 2.4),
    ("100 * a / 480", 2.5),
    ("a / 4 / 3", 1.0),
    ("a / (6 / 2)", 4.0),
    ("1 / 3", 1 / 3),
    ("0.1 + 0.2", 0.30000000000000004),
    ("min(a, b)", 5.0),
    ("max(a, b)", 12.0),
    ("min(a, b, 3)", 3.0),
    ("max(a - 10, b - 4, zero)", 2.0),
    ("min(max(a, 15), 14) + 1", 15.0),
    ("previous(a)", 10.0),
    ("100 * (a - previous(a)) / previous(a)", 20.0),
    # unknown in, unknown out
    ("a + unknown", None),
    ("zero * unknown", None),
    ("min(a, unknown)", None),
    ("max(unknown, a)", None),
    ("max(a, b, unknown)", None),
    ("min(a, 1 + unknown)", None),
    # a zero denominator cannot tell
    ("a / zero", None),
    ("zero / zero", None),
    ("-a / zero", None),
    ("a / (b - 5)", None),
    ("a / -zero", None),
    ("a + b / zero", None),
    ("max(a, b / zero)", None),
    ("min(a / zero, 5)", None),
    ("zero / a", 0.0),
    # what is too large is not known
    ("big * big", None),
    ("-big * big", None),
    ("big * big - big * big", None),
    ("a / tiny / tiny", None),
    ("min(big * big, 5)", None),
    ("max(5, -big * big)", None),
    ("tiny * tiny", 0.0),
]


def column(node: Name | Previous) -> str:
    return '"before"' if isinstance(node, Previous) else f'"{node.id}"'


def duckdb_value(text: str) -> float | None:
    columns = ", ".join(f'?::DOUBLE AS "{name}"' for name in FIGURES)
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {formula.render_sql(formula.parse(text), column)} AS v FROM (SELECT {columns})", list(FIGURES.values())).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_duckdb_computes_the_value(text: str, expected: float | None) -> None:
    assert duckdb_value(text) == expected


def test_the_sql_of_a_formula_is_written_from_the_tree() -> None:
    assert formula.render_sql(formula.parse("100 * a / b"), column) == (
        'CASE WHEN isfinite(((100.0e0 * "a") / nullif("b", 0))) THEN ((100.0e0 * "a") / nullif("b", 0)) END'
    )


def test_the_largest_formula_allowed_is_computed_in_no_time() -> None:
    text = "max(min(max(" + "+".join(["a"] * 37) + ", b), a), " + "+".join(["b"] * 20) + ")"
    assert duckdb_value(text) == 100.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 * a / b", "100 × 甲 ÷ 乙"),
        ("a - (b - 1)", "甲 − (乙 − 1)"),
        ("a - b - 1", "甲 − 乙 − 1"),
        ("(a + b) * 2", "(甲 + 乙) × 2"),
        ("-(a + b)", "−(甲 + 乙)"),
        ("1234567 * a", "1234567 × 甲"),
        ("min(a, previous(b))", "min(甲, 上期乙)"),
    ],
)
def test_a_formula_can_be_read_by_a_person(text: str, expected: str) -> None:
    assert formula.readable(formula.parse(text), {"a": "甲", "b": "乙"}.__getitem__, "上期{name}") == expected


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "，", "\x07"])
def test_a_refused_character_is_shown_by_its_code(character: str) -> None:
    with pytest.raises(FormulaError) as caught:
        formula.parse(f"a {character} b")
    shown = json.dumps(caught.value.args_of_text, ensure_ascii=False)
    assert f"U+{ord(character):04X}" in shown
    assert all(part.isprintable() for part in shown)


def test_names_are_listed_once_in_order() -> None:
    tree = formula.parse("b + a * b - previous(a) - max(previous(c), d)")
    assert (formula.names(tree), formula.previous_names(tree)) == (("b", "a", "d"), ("a", "c"))
