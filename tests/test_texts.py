"""Words on screen: every key used exists, none is unused, both languages say the same; figures read as people write them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from compliance import texts
from compliance.errors import Problem
from compliance.standard.definitions import Title

ROOT = Path(__file__).parents[1]
SOURCES = [*sorted((ROOT / "compliance").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py")), ROOT / "dashboard.py"]

# Calls whose first argument names a text → what stands before it in texts.yaml. Anything new that takes a key goes here.
CALLS = {
    "words": "",
    "_words": "",
    "empty": "",
    "Problem": "problem.",
    "Fault": "problem.",
    "FormulaError": "problem.",
    "fault": "problem.",
    "_fault": "problem.",
    "_repeated": "problem.",
}
# Calls of an object that is a Words itself, as in self("location.colon").
SELF_CALLS = {"texts.py"}
FILE_ENDINGS = {".csv", ".json", ".toml", ".xlsx", ".yaml"}
# Faults that wait for their place are pairs of key and arguments: `yield "formula.flow_factor", {…}`.
FAULT_PAIR = "problem."


def literal_keys(node: ast.expr) -> Iterator[str]:
    """The keys that an argument may be; `*` stands for the parts of an f-string that are not literal."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from literal_keys(node.body)
            yield from literal_keys(node.orelse)
        case ast.JoinedStr():
            yield "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "*" for part in node.values)


def called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def used_in(path: Path) -> Iterator[str]:
    """Keys of texts.yaml that a source names in a place where a key is expected."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = called_name(node)
            prefix = "" if name == "self" and path.name in SELF_CALLS else CALLS.get(name)
            if prefix is not None:
                yield from (prefix + key for key in literal_keys(node.args[0]) if "." in key)
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and isinstance(node.value.elts[1], ast.Dict):
            yield from (FAULT_PAIR + key for key in literal_keys(node.value.elts[0]))


def strings_in(path: Path) -> Iterator[str]:
    """Every literal string of a source: a key may also travel through a variable."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from literal_keys(node)


def as_pattern(key: str) -> re.Pattern[str]:
    return re.compile(".+".join(re.escape(part) for part in key.split("*")))


ALL = texts.load(texts.FILE.read_text(encoding="utf-8"))
KEYS = sorted(texts.keys())
EXISTING_SOURCES = [path for path in SOURCES if path.exists()]


def looks_like_a_problem(path: Path) -> Iterator[str]:
    """Literals such as "reading.unit_in_cell" in a table: their first part is one that problems have."""
    families = {key.split(".")[1] for key in KEYS if key.startswith("problem.")}
    for text in strings_in(path):
        if re.fullmatch(r"[a-z]+\.[a-z0-9_]+", text) and text.split(".")[0] in families and Path(text).suffix not in FILE_ENDINGS:
            yield "problem." + text


@pytest.mark.parametrize("path", EXISTING_SOURCES, ids=lambda path: path.name)
def test_every_text_that_is_used_exists(path: Path) -> None:
    used = {*used_in(path), *looks_like_a_problem(path)}
    missing = sorted(key for key in used if not any(as_pattern(key).fullmatch(known) for known in KEYS))
    assert missing == []


def test_the_search_sees_every_kind_of_use() -> None:
    used = {key for path in EXISTING_SOURCES for key in used_in(path)}
    assert used >= {
        "location.line",  # self("…")
        "problem.yaml.empty",  # Problem("…")
        "problem.formula.syntax",  # FormulaError("…")
        "problem.fields.pair",  # self.fault("…")
        "problem.criterion.any_of_one",  # fields.fault("…")
        "problem.formula.flow_factor",  # yield "…", {…}
        "problem.definitions.duplicate_metric",  # _repeated("…")
    }


def test_no_text_is_unused() -> None:
    strings = {text for path in EXISTING_SOURCES for text in strings_in(path)}
    said = {text for text in strings if re.fullmatch(r"[a-z_*]+(\.[a-z0-9_*]+)+", text)}
    # A key with something behind it: f"{key}_title".
    endings = {text[1:] for text in strings if re.fullmatch(r"\*(_[a-z*]+)+", text)}
    said |= {key + ending for key in said if "*" not in key for ending in endings}
    # `*.*`, as of an f-string of a parent and a level, would take every text for used.
    patterns = [as_pattern(text) for text in said if "*" in text and "*" not in text.split(".")[0]]
    unused = [
        key
        for key in KEYS
        for name in [key.removeprefix("problem.")]
        if not {key, name} & said and not any(p.fullmatch(name) or p.fullmatch(key) for p in patterns)
    ]
    assert unused == []


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_say_the_same(key: str) -> None:
    title = ALL[key]
    assert placeholders(title.zh) == placeholders(title.en)
    assert all(name.isidentifier() for name in placeholders(title.zh))
    assert title.zh.strip("“”：，") != "" or key.startswith("location.")
    if re.search(r"[A-Za-z]{3}", re.sub(r"\{\w+\}", "", title.en)):
        assert re.search(r"[\u4e00-\u9fff]", title.zh), "the Chinese text holds no Chinese"
    assert not re.search(r"[\u4e00-\u9fff]", title.en), "the English text holds Chinese"


def test_keys_stand_in_order_within_their_group() -> None:
    groups: list[list[str]] = [[]]
    for line in texts.FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and groups[-1]:
            groups.append([])
        elif found := re.match(r"([a-z0-9_.]+): \{zh: .*, en: .*\}$", line):
            groups[-1].append(found[1])
        else:
            assert line == "" or line.startswith("#"), line
    assert [group for group in groups if group != sorted(group)] == []
    assert sum(map(len, groups)) == len(KEYS)


def test_a_missing_key_or_value_fails_at_once() -> None:
    words = texts.words("zh")
    with pytest.raises(KeyError):
        words("gaps.no_such_key")
    with pytest.raises(KeyError):
        words("location.line")
    with pytest.raises(KeyError):
        words.message(Problem("no_such.problem"))
    with pytest.raises(KeyError):
        texts.words("fr")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [
        "a: {zh: 一, en: one}\nb: {zh: 二, en: two}\na: {zh: 三, en: three}\n",
        "a: {zh: 一, en: one, zh: 二}\n",
        "a: {zh: 一}\n",
        "a: {zh: 一, en: ''}\n",
        "a: {zh: 一, en: one, fr: un}\n",
        "a: {zh: 一, en: [one]}\n",
        "a: one\n",
        "- a\n",
        "",
    ],
)
def test_a_bad_texts_file_is_refused(source: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        texts.load(source)


def test_a_texts_file_is_read() -> None:
    assert texts.load("gaps.failing: {zh: 未达标社区, en: Failing communities}\n") == {"gaps.failing": Title("未达标社区", "Failing communities")}


KEY = Problem("yaml.duplicate_key", {"key": "id", "first": 3})
PLACES = [
    ({"file": "indicators.yaml", "line": 12, "subject": "2.5 / lit"}, "indicators.yaml 第 12 行 · 2.5 / lit：", "indicators.yaml, line 12 · 2.5 / lit: "),
    (
        {"file": "file.csv", "line": 3, "column": "楼道亮灯率", "value": "abc", "subject": "C001"},
        "file.csv 第 3 行，“楼道亮灯率”列，内容“abc” · C001：",
        "file.csv, line 3, column “楼道亮灯率”, value “abc” · C001: ",
    ),
    ({"file": "file.csv"}, "file.csv：", "file.csv: "),
    ({"line": 3}, "第 3 行：", "line 3: "),
    ({"column": "户数"}, "“户数”列：", "column “户数”: "),
    ({"subject": "C001"}, "C001：", "C001: "),
    ({"file": "file.csv", "value": ""}, "file.csv 内容“”：", "file.csv, value “”: "),
    ({}, "", ""),
]


@pytest.mark.parametrize(("place", "zh", "en"), PLACES)
def test_a_problem_says_where_it_is(place: dict[str, object], zh: str, en: str) -> None:
    problem = Problem(KEY.key, KEY.args, **place)  # type: ignore[arg-type]
    assert texts.words("zh").problem(problem) == zh + "“id”在第 3 行已经写过：请保留一处"
    assert texts.words("en").problem(problem) == en + "'id' is already given on line 3: keep one of the two"
    assert texts.words("en").message(problem) == "'id' is already given on line 3: keep one of the two"


def test_braces_in_a_value_are_only_text() -> None:
    problem = Problem("fields.missing", {"key": "{zh} {0} {key.__class__}"}, value="{line}")
    assert texts.words("en").problem(problem) == "value “{line}”: '{zh} {0} {key.__class__}' is missing: add it"


def test_a_title_is_given_in_the_language() -> None:
    title = Title("户数", "Homes")
    assert (texts.words("zh").title(title), texts.words("en").title(title)) == ("户数", "Homes")


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (1200, "1,200"),
        (1234567, "1,234,567"),
        (-1234.5, "-1,234.5"),
        (88.60, "88.6"),
        (0.5, "0.5"),
        (0.1 + 0.2, "0.3"),
        (0.1 + 0.2 - 0.3, "0"),
        (2 / 3, "0.6667"),
        (200 / 3, "66.6667"),
        (12.00004, "12"),
        (0.00012345, "0.0001234"),
        (-0.00005, "-0.00005"),
        (99999.99999, "100,000"),
        (0.99999, "1"),
        (1e15, "1,000,000,000,000,000"),
        (np.float64(1.25), "1.25"),
        (None, "—"),
        (float("nan"), "—"),
        (float("inf"), "—"),
    ],
)
def test_a_number_is_written_to_be_read(figure: float | None, expected: str) -> None:
    assert texts.words("zh").number(figure) == texts.words("en").number(figure) == expected


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (0, "0%"),
        (1, "100%"),
        (1 - 1e-12, "100%"),
        (62 / 71, "87.3%"),
        (0.5, "50%"),
        (0.9996, "99.9%"),
        (0.99949, "99.9%"),
        (0.0004, "0.1%"),
        (1.2, "120%"),
        (-0.05, "-5%"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_a_percentage_never_rounds_to_all_or_nothing(fraction: float | None, expected: str) -> None:
    assert texts.words("zh").percent(fraction) == texts.words("en").percent(fraction) == expected


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh", "zh"), ("zh-CN", "zh"), ("zh_TW.UTF-8", "zh"), ("ZH-hans", "zh"), (" zh-HK", "zh"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_language_is_guessed_from_the_locale(locale: str | None, language: str) -> None:
    assert texts.guess_language(locale) == language


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("Community", "communities"),
        ("Subdistrict", "subdistricts"),
        ("US state", "US states"),
        ("Bay", "bays"),
        ("Premises", "premises"),
        ("communities", "communities"),
        ("Branch", "branches"),
        ("Mailbox", "mailboxes"),
        ("Class", "classes"),
        ("{x}", "{x}s"),
    ],
)
def test_several_areas_are_named_in_english_as_people_say(noun: str, expected: str) -> None:
    assert texts.several(noun) == expected


@pytest.mark.parametrize(
    ("n", "level", "expected"),
    [
        (1, "City", "1 city × 1 indicator: 1 judged, 0 met, 0%."),
        (2, "City", "2 cities × 1 indicator: 1 judged, 0 met, 0%."),
        (0, "City", "0 cities × 1 indicator: 1 judged, 0 met, 0%."),
        ("1", "US state", "1 US state × 1 indicator: 1 judged, 0 met, 0%."),
        ("1,001", "{areas}", "1,001 {areas}s × 1 indicator: 1 judged, 0 met, 0%."),
    ],
)
def test_english_tells_one_from_many(n: object, level: str, expected: str) -> None:
    said = {"areas": n, "level": level, "indicators": 1, "judged": 1, "met": 0, "rate": "0%"}
    assert texts.words("en")("gaps.basis", **said) == expected
    assert texts.words("zh")("gaps.basis", **{**said, "level": "城市"}) == f"{n} 个城市 × 1 项指标：已判定 1 项次，达标 0 项次，达标率 0%。"


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("California", "California 未达标：x。"),
        ("阳光社区", "阳光社区未达标：x。"),
        ("阳光A社区", "阳光A社区未达标：x。"),
        ("Depot三", "Depot三未达标：x。"),
        ("三Depot", "三Depot 未达标：x。"),
        ("2026Q3", "2026Q3未达标：x。"),
        ("", "未达标：x。"),
    ],
)
def test_chinese_sets_latin_words_apart(area: str, expected: str) -> None:
    assert texts.words("zh")("panel.unmet", area=area, what="x") == expected


def forms(text: str) -> list[tuple[str, str]]:
    """(name, form) of each placeholder that has a form."""
    return [(field, form) for _, field, form, _ in Formatter().parse(text) if field is not None and form and form != ","]


@pytest.mark.parametrize("key", [key for key in KEYS if forms(ALL[key].zh) or forms(ALL[key].en)])
def test_forms_of_words_are_english_and_name_what_they_go_by(key: str) -> None:
    assert forms(ALL[key].zh) == []
    for _, form in forms(ALL[key].en):
        assert re.fullmatch(r"[a-z ]+/[a-z ]+", form) or form in {"one", "many", *placeholders(ALL[key].en)}
