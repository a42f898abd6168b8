"""The layers point down, and each habit of the code stays where it belongs. Read from the sources, not from what happens to be imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
MODULES = [path for path in sorted((PROJECT / "compliance").rglob("*.py")) if path.stem != "__init__"]
PACKAGE = {path.stem: path for path in MODULES}
HOME = {path.stem: path.parent.name for path in MODULES}
SCREENS = {path.relative_to(PROJECT).as_posix(): path for path in [*sorted((PROJECT / "pages").glob("*.py")), PROJECT / "dashboard.py"] if path.exists()}
SOURCES = {**{path.relative_to(PROJECT).as_posix(): path for path in MODULES}, **SCREENS}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}

# From the bottom up: the packages, and the modules that stand beside them. Each imports of its own line and of the lines before it.
FLOORS = (
    {"errors", "periods", "access", "settings", "logs", "spreadsheets"},
    {"standard"},
    {"texts", "routes"},
    {"engine"},
    {"files"},
    {"storage"},
    {"questions"},
    {"answers"},
    {"server"},
    {"drawing"},
    {"screen"},
    {"__main__", "arguments"},
)
# The same within packages whose parts build on each other; what is not named here may be anywhere in its package.
LAYERS = (
    {"errors"},
    {"access"},
    {"formula", "periods"},
    {"definitions", "spelling"},
    {"checks", "fields", "inputs", "yaml_nodes"},
    {"loader"},
    {"schema"},
    {"criteria_sql", "near_misses"},
    {"judging"},
    {"derive_sql"},
    {"flipping"},
    {"deriving"},
    {"wholes"},
    {"parents"},
    {"bounds"},
    {"revoking", "versions"},
    {"store", "connecting", "ledger", "locking", "swapping"},
    {"preview"},
    {"landing"},
    {"importer"},
    {"entries"},
    {"recovery"},
    {"past"},
    {"backup"},
)


def within(package: str) -> set[str]:
    return {name for name, home in HOME.items() if home == package}


READING = within("files")
# The readers, one module a family of questions; what narrows a question and what makes a figure doubtful ask nothing themselves.
QUERIES = within("questions") - {"filters", "doubts", "exports"}
SQL_MODULES = {
    *("schema", "criteria_sql", "judging", "derive_sql", "deriving", "flipping", "wholes"),
    *("parents", "bounds", "revoking", "versions", "store", "connecting", "importer", "landing", "preview", "recovery", "backup"),
    *("exports", *QUERIES),
}
# The frame around pages; whatever is elsewhere runs without a screen.
FRAME = within("screen")
WRITERS = {"flipping", "deriving", "derive_sql", "revoking", "versions", "schema", "store", "landing", "importer", "preview", "recovery"}

LONGEST_FUNCTION = 40
LONGEST_MODULE = 330
LONG_FUNCTIONS: dict[str, str] = {
    # name → why it may be longer
    "compliance/arguments.py:parser": "one statement an argument: splitting it would hide which command takes what",
}


def imported(tree: ast.AST) -> set[str]:
    """Modules that a source imports anywhere, those of our package as `compliance.x`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0) if module.removeprefix("compliance.") in {"compliance", *HOME.values()}:
                found |= {f"{module}.{alias.name}" for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.ImportFrom():
                found.add("a relative import")
    return found


def own(tree: ast.AST) -> set[str]:
    """The modules of our package that a source imports."""
    return {name.rpartition(".")[2] for name in imported(tree) if name.startswith("compliance.")} & PACKAGE.keys()


def of_package(name: str) -> ast.Module:
    return TREES[PACKAGE[name].relative_to(PROJECT).as_posix()]


def strings(tree: ast.AST) -> Iterator[str]:
    """Literal text that is no docstring; what an f-string fills in is a *."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | pieces:
            yield node.value


SQL = re.compile(
    r"\b(SELECT\b.+|INSERT\s+INTO\b|DELETE\s+FROM\b|UPDATE\s+\w+\s+SET\b|CREATE\s+(OR\s+REPLACE\s+)?(TEMP\s+)?TABLE\b|ALTER\s+TABLE\b|DROP\s+TABLE\b|"
    r"(LEFT\s+)?JOIN\s+\S+\s+(AS|ON)\b|PRAGMA\s|COPY\s+\S+\s+(TO|FROM)\b|ATTACH\s)",
    re.DOTALL,
)
WRITING_SQL = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s|ALTER\s+TABLE|DROP\s)\b")


def test_the_search_sees_what_it_looks_for() -> None:
    tree = ast.parse(
        '"""SELECT in a docstring"""\nfrom compliance import errors\nimport streamlit.components as c\nx = f"SELECT {a} FROM b"\ny = "INSERT INTO t"'
    )
    assert imported(tree) == {"compliance.errors", "streamlit.components"}
    assert [text for text in strings(tree) if SQL.search(text)] == ["SELECT * FROM b", "INSERT INTO t"]
    assert not any(SQL.search(text) for text in ("please select one", "UPDATE", "create a table"))
    assert len(PACKAGE) > 30


def floor_of(name: str) -> int:
    return next(height for height, floor in enumerate(FLOORS) if {name, HOME[name]} & floor)


@pytest.mark.parametrize("name", sorted(PACKAGE))
def test_packages_build_on_those_below(name: str) -> None:
    assert {other for other in own(of_package(name)) if floor_of(other) > floor_of(name)} == set()


def test_no_two_modules_share_a_name() -> None:
    assert len(PACKAGE) == len(MODULES)


@pytest.mark.parametrize("height", range(len(LAYERS)))
def test_layers_point_down(height: int) -> None:
    above = set().union(*LAYERS[height + 1 :]) if height + 1 < len(LAYERS) else set()
    for name in sorted(LAYERS[height]):
        assert own(of_package(name)) & above == set(), name


def test_every_layer_is_there() -> None:
    assert set().union(*LAYERS) | READING | SQL_MODULES <= PACKAGE.keys()


def test_errors_imports_nothing_of_ours() -> None:
    assert own(of_package("errors")) == set()


def test_no_cycle() -> None:
    TopologicalSorter({name: own(of_package(name)) for name in PACKAGE}).prepare()


def test_nobody_imports_the_commands_or_the_screens() -> None:
    assert [
        name for name, tree in TREES.items() if {"compliance.__main__", "dashboard"} & imported(tree) or any(m.startswith("pages") for m in imported(tree))
    ] == []
    assert [name for name, tree in TREES.items() if "a relative import" in imported(tree)] == []


@pytest.mark.parametrize("name", sorted(READING))
def test_reading_knows_neither_database_nor_screen(name: str) -> None:
    tree = of_package(name)
    assert {module.split(".")[0] for module in imported(tree)} & {"duckdb", "streamlit", "plotly"} == set()
    assert own(tree) <= READING | {"errors", "definitions", "periods", "formula", "spelling", "spreadsheets"}
    assert [text for text in strings(tree) if SQL.search(text)] == []


def test_reading_has_one_door() -> None:
    """Only importing, recovery and what shows originals look into files, and through reading alone."""
    inside = READING - {"reading"}
    assert {name: own(tree) & inside for name, tree in TREES.items() if Path(name).stem not in READING and own(tree) & inside} == {}


@pytest.mark.parametrize("name", sorted({*QUERIES, "exports"}))
def test_readers_only_read(name: str) -> None:
    tree = of_package(name)
    assert [text for text in strings(tree) if WRITING_SQL.search(text)] == []
    assert own(tree) & {"store", "importer", "recovery", "ledger"} == set()
    assert "writing" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_streamlit_is_imported_by_the_frame_the_grid_and_pages_only() -> None:
    users = {name for name, tree in TREES.items() if any(module.split(".")[0] == "streamlit" for module in imported(tree))}
    assert users <= {*SCREENS, *(f"compliance/screen/{name}.py" for name in FRAME)}
    assert {name for name in PACKAGE if own(of_package(name)) & FRAME} <= FRAME, "what runs without a screen must not need the frame"


def test_sql_stands_only_where_it_belongs() -> None:
    found = {name: [text[:60] for text in strings(tree) if SQL.search(text)] for name, tree in TREES.items()}
    assert {name: texts for name, texts in found.items() if texts and Path(name).stem not in SQL_MODULES} == {}
    writers = {Path(name).stem for name, tree in TREES.items() if any(WRITING_SQL.search(text) for text in strings(tree))}
    assert writers <= WRITERS


def test_only_the_store_opens_databases() -> None:
    """Everybody else gets a cursor; the type is all they import of duckdb."""
    openers = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "connect" and isinstance(node.value, ast.Name) and node.value.id == "duckdb"
    }
    assert openers == {"compliance/storage/connecting.py"}
    assert {name for name, tree in TREES.items() if "compliance.storage.connecting" in imported(tree)} == {
        "compliance/storage/past.py",
        "compliance/storage/store.py",
    }


def test_print_belongs_to_the_commands() -> None:
    printers = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printers <= {"compliance/__main__.py"}


def handlers(tree: ast.AST) -> Iterator[ast.ExceptHandler]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


def raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_no_error_is_swallowed_wholesale() -> None:
    wholesale = [
        f"{name}:{handler.lineno}"
        for name, tree in TREES.items()
        for handler in handlers(tree)
        if handler.type is None
        or (isinstance(handler.type, ast.Name) and handler.type.id == "Exception")
        or (isinstance(handler.type, ast.Name) and handler.type.id == "BaseException" and not raises(handler))
    ]
    assert wholesale == []
    suppressed = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suppress"
        for argument in node.args
        if isinstance(argument, ast.Name) and argument.id in ("Exception", "BaseException")
    ]
    assert suppressed == []


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the def to the last, without the docstring."""
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_functions_are_short() -> None:
    functions = {
        f"{name}:{node.name}": node for name, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: length(node) for name, node in functions.items() if length(node) > LONGEST_FUNCTION}
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}
    assert [name for name in LONG_FUNCTIONS if name not in long] == [], "an exception that is no longer needed"


def test_modules_are_short() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in SOURCES.items()}
    assert {name: number for name, number in lines.items() if number > LONGEST_MODULE} == {}


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_pages_are_thin(name: str) -> None:
    """A page asks, charts and shows: no SQL, no database, no try, no state of its own."""
    tree = TREES[name]
    assert "duckdb" not in imported(tree)
    assert not any(isinstance(node, ast.Try) for node in ast.walk(tree))
    assert "session_state" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert own(tree) & {"store", "importer", "recovery", "ledger", "deriving", "schema", "judging"} == set()


# What a session has just handed in or entered: no address brings it back.
OF_THE_MOMENT = {"compliance/drawing/doubt_marks.py", "compliance/drawing/file_marks.py", "compliance/drawing/upload_marks.py"}


def test_what_is_unfolded_has_a_name_in_the_address() -> None:
    folds = {
        (name, node.lineno): {keyword.arg for keyword in node.keywords}
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and [ast.unparse(each) for each in (node.func, *node.args[:1])] == ["el", "'details'"]
    }
    assert [place for place, named in folds.items() if "data_part" not in named and place[0] not in OF_THE_MOMENT] == []
    assert {name for name, _ in folds} >= OF_THE_MOMENT, "an exception that is no longer needed"
