"""Commands run for a person of the access list: each role × each command, what the refusals say, and what the ledger and the log keep of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import calling
import district
import pytest
from calling import Ran
from district import PROJECT, STANDARD, TEXT, content, figures, small_import

from compliance import arguments, logs
from compliance.access import ROLES, Role, User, local_user
from compliance.storage import backup
from compliance.storage.importer import import_source
from compliance.storage.store import Store

ACCESS = """
[roles]
claim = "groups"
admin = ["everybody"]

[[people]]
id = "viewer@example.org"
role = "viewer"

[[people]]
id = "Editor@example.org"
role = "editor"

[[people]]
id = "admin@example.org"
role = "admin"

[[people]]
id = "south@example.org"
role = "editor"
areas = ["S1"]

[[people]]
id = "admin-south@example.org"
role = "admin"
areas = ["S1"]
"""
NORTH = "area_id,name,level,parent_id\nS2,北街道,subdistrict,\nN1,北社区,community,S2\n"
STRICTER = TEXT.replace("at_least: 90", "at_least: 95")


@dataclass(frozen=True)
class Place:
    """A folder with a database d.duckdb (imports: 1, 2 and 4 are the admin's, 3 the editor's; 4 is undone), its backup, and files to import."""

    path: Path
    capture: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        return self.path / "d.duckdb"

    def call(self, *arguments: object, user: str | None = None) -> Ran:
        return calling.call(self.capture, *arguments, *(["--user", user] if user else []))

    def state(self) -> object:
        """Everything that a command may change: the content of the database, and which files there are."""
        with Store(self.database, STANDARD) as store:
            held = content(store)
        return held, sorted(file.name for file in self.path.rglob("*") if not file.name.endswith((".lock", ".jsonl")))

    def who(self) -> list[object]:
        """Who did what the history tells of."""
        lines = (self.path / "d.duckdb.originals" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["who"] for line in lines]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    admin, editor = User("admin@example.org", "admin"), User("Editor@example.org", "editor")
    (folder / "small.yaml").write_text(TEXT, encoding="utf-8")
    (folder / "stricter.yaml").write_text(STRICTER, encoding="utf-8")
    (folder / "access.toml").write_text(ACCESS, encoding="utf-8")
    with Store(folder / "d.duckdb", STANDARD) as store:
        import_source(store, district.areas(), user=admin)
        import_source(store, district.source("north.csv", NORTH), user=admin)
        import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5"), user=editor)
        import_source(store, small_import(1), user=admin)
        store.undo(4, user=admin)
        backup.make(store, folder / "b.zip", admin)
    for name, source in {"south.csv": figures("2025Q2", "C1,100,60,95,3,0.5"), "first.csv": district.areas()}.items():
        (folder / name).write_bytes(bytes(source.content))
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    for name in [name for name in os.environ if name.startswith(("COMPLIANCE_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    for name, value in {"DB": "d.duckdb", "INDICATORS": "small.yaml", "ACCESS": "access.toml"}.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", str(tmp_path / value))
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, capsys)


# Every command that opens a database, as it is called; who may; whether it changes anything then.
COMMANDS: dict[str, tuple[list[str], set[Role], bool]] = {
    "import": (["import", "south.csv"], {"editor", "admin"}, True),
    "import --dry-run": (["import", "south.csv", "--dry-run"], {"editor", "admin"}, False),
    "undo one's own": (["undo", "3"], {"editor", "admin"}, True),
    "undo another's": (["undo", "2"], {"admin"}, True),
    "redo another's": (["redo", "4"], {"admin"}, True),
    "backup": (["backup", "-o", "new.zip"], {"admin"}, True),
    "restore": (["restore", "b.zip"], {"admin"}, True),
    "rebuild": (["rebuild"], {"admin"}, True),
    "verify": (["verify"], {"viewer", "editor", "admin"}, False),
    "verify by another standard": (["verify", "--indicators", "stricter.yaml"], {"admin"}, True),
    "imports by another standard": (["imports", "--indicators", "stricter.yaml"], {"admin"}, True),
    "imports": (["imports"], {"viewer", "editor", "admin"}, False),
    "export": (["export", "areas", "-o", os.devnull], {"viewer", "editor", "admin"}, False),
    "template": (["template", "--level", "community", "-o", os.devnull], {"viewer", "editor", "admin"}, False),
    "import into a new database": (["import", "first.csv", "--db", "new.duckdb"], {"admin"}, True),
}
# What a refusal asks for where that is not the lowest role that the table allows: what is an editor's own is another's for a viewer, and the first thing
# that he lacks is said.
NEEDED = {("viewer", "undo one's own"): "an admin", ("viewer", "redo another's"): "an editor"}


def test_the_table_knows_every_command() -> None:
    usage = arguments.parser().format_help()
    named = usage[usage.index("COMMAND\n") :]
    commands = {line.split()[0] for line in named.splitlines() if line.startswith("    ") and line[4] != " "}
    assert {arguments[0] for arguments, _, _ in COMMANDS.values()} == commands - {"check"}  # which opens no database


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_and_each_command(place: Place, role: Role, name: str) -> None:
    arguments, allowed, changes = COMMANDS[name]
    before = place.state()
    done = place.call(*arguments, user=f"{role}@example.org")
    if role in allowed:
        assert (done.code, done.err) == (0, "")
        with Store(place.database, STANDARD):  # judged again by the standard in use, if another one was taken over
            pass
        assert (place.state() != before) == changes
        return
    assert (done.code, done.out) == (1, "")
    said = {"viewer": "is a viewer", "editor": "is an editor"}[role]
    needed = "this takes " + NEEDED.get((role, name), "an editor" if "editor" in allowed else "an admin")
    assert done.err.count("\n") == 1
    assert f"'{role}@example.org' {said}" in done.err and needed in done.err
    assert place.state() == before


def test_without_a_name_the_systems_user_is_admin_and_with_one_the_history_says_whose_act_it_was(place: Place) -> None:
    before = len(place.who())
    assert place.call("import", "south.csv", user="EDITOR@example.org").code == 0
    assert place.call("undo", 5).code == 0
    assert place.call("redo", 5, user="admin@example.org").code == 0
    assert place.who()[before:] == ["editor@example.org", local_user().name, "admin@example.org"]


def test_the_environment_may_name_the_person(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_USER", "viewer@example.org")
    assert place.call("import", "south.csv").code == 1
    assert place.call("import", "south.csv", user="admin@example.org").code == 0, "what is said with the command counts"
    monkeypatch.setenv("COMPLIANCE_USER", "")
    assert place.call("undo", 5).code == 0


@pytest.mark.parametrize("command", [["import", "south.csv"], ["imports"], ["restore", "b.zip"], ["rebuild"]])
def test_who_is_not_listed_by_name_is_refused(place: Place, command: list[str]) -> None:
    before = place.state()
    for name in ("stranger@example.org", "everybody"):
        done = place.call(*command, "--lang", "zh", user=name)
        assert (done.code, done.out) == (1, "")
        assert done.err == f"名单上没有“{name}”：用 --user 只能代名单里逐个列出的人操作，请核对姓名，或请管理员加入名单\n"
    assert place.state() == before


def test_a_list_that_cannot_be_used_lets_nobody_act(place: Place) -> None:
    list_ = place.path / "access.toml"
    list_.write_text('[[people]]\nid = "a"\nrole = "root"\n', encoding="utf-8")
    done = place.call("import", "south.csv", user="a")
    assert (done.code, "people 1 role" in done.err, str(list_) in done.err) == (1, True, True)
    list_.write_bytes("[[people]]\nid = '王'".encode("gbk"))
    assert "no valid TOML" in place.call("import", "south.csv", user="a").err
    list_.unlink()
    assert f"{list_} cannot be opened" in place.call("import", "south.csv", user="a").err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["import", "south.csv"], None),
        (["undo", "3"], "'south@example.org' is an editor and may not undo other people's imports"),
        (["import", "north_q.csv"], "'北社区' is not among the areas that 'south@example.org' answers for"),
        (["import", "east.csv"], "areas concern every area"),
    ],
)
def test_who_is_bound_to_areas_is_so_at_the_commands(place: Place, command: list[str], said: str | None) -> None:
    (place.path / "north_q.csv").write_bytes(bytes(figures("2025Q2", "N1,1,1,95,3,0.5").content))
    (place.path / "east.csv").write_text("area_id,name,level,parent_id\nC9,东社区,community,S1\n", encoding="utf-8")
    done = place.call(*command, user="south@example.org")
    assert (done.code, done.err == "") == (1 if said else 0, said is None)
    assert (said or "") in done.err


@pytest.mark.parametrize(
    "command", [["restore", "b.zip"], ["rebuild"], ["verify", "--indicators", "stricter.yaml"], ["import", "first.csv", "--db", "new.duckdb"]]
)
def test_an_admin_of_some_areas_does_nothing_that_concerns_all(place: Place, command: list[str]) -> None:
    before = place.state()
    done = place.call(*command, user="admin-south@example.org")
    assert (done.code, done.out) == (1, "")
    assert "'admin-south@example.org' is an admin for some areas only and may not" in done.err
    assert place.state() == before


def test_a_version_of_the_standard_says_who_took_it_over(place: Place) -> None:
    assert place.call("verify", "--indicators", "stricter.yaml", user="admin@example.org").code == 0
    assert place.who()[-1] == "admin@example.org"
    with Store(place.database, STANDARD, user=User("Bo", "admin")):
        pass
    assert place.who()[-1] == "Bo"


# -- the log ------------------------------------------------------------------------------------------------------


def run(place: Place, *arguments: str, before: str = "", **environment: str) -> Ran:
    """The command as a process of its own; before: what is done to the program first."""
    code = f"import sys, runpy; sys.path.insert(0, {str(PROJECT)!r})\n{before}\nrunpy.run_module('compliance', run_name='__main__', alter_sys=True)"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=place.path, env={**os.environ, "COMPLIANCE_LANG": "en", **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def told(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_is_done_and_refused_at_the_commands_is_in_the_log(place: Place) -> None:
    log = place.path / "logs" / "dashboard.jsonl"
    log.parent.mkdir()
    log.write_text('{"message": "from the server"}\n', encoding="utf-8")
    commands = (
        ["import", "south.csv", "--user", "editor@example.org"], ["undo", "2", "--user", "editor@example.org", "--why", "x"], ["undo", "5", "--why", "录错了"], ["redo", "5"],
        ["backup", "-o", "c.zip"], ["restore", "b.zip"], ["rebuild"], ["verify", "--indicators", "stricter.yaml"], ["import", "nowhere.csv"],
    )  # fmt: skip
    codes = [run(place, *command, COMPLIANCE_LOG=str(log)).code for command in commands]
    assert codes == [0, 1, 0, 0, 0, 0, 0, 0, 1]
    lines, me = told(log), local_user().name
    assert [(line["message"], line.get("who") or line.get("user")) for line in lines] == [
        ("from the server", None), ("import", "editor@example.org"), ("refused", "editor@example.org"), ("undo", me), ("redo", me),
        ("backup made", me), ("backup restored", me), ("database rebuilt", me), ("definitions", me), ("refused", me),
    ]  # fmt: skip
    assert (lines[1]["import_id"], lines[1]["file"]) == (5, "south.csv")
    assert (lines[2]["command"], lines[2]["why"]) == ("undo", ["access.denied"])
    assert (lines[3]["import_id"], lines[3]["why"]) == (5, "录错了")
    assert lines[9]["why"] == ["file.missing"]


def test_without_a_log_the_output_is_as_ever(place: Place) -> None:
    assert run(place, "import", "south.csv").err == ""
    assert run(place, "undo", "77").err.splitlines() == [place.call("undo", 77, "--lang", "en").err.strip()]


def test_a_mistake_of_ours_has_a_number_at_the_commands(place: Place) -> None:
    log = place.path / "log.jsonl"
    break_it = "import compliance.questions.queries as q\ndef imports(cursor): return {}['月笺社区']\nq.imports = imports"
    done = run(place, "imports", before=break_it, COMPLIANCE_LOG=str(log))
    (line,) = told(log)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"Something went wrong in the program, and it did not finish. What was saved is safe; if it happens again, tell the developers the number {line['incident']}: "
        f"it stands in the log beside the cause ({log}).\n"
    )
    assert (line["command"], "月笺社区" in str(line["message"]), "in imports" in str(line["traceback"])) == ("imports", True, True)
    bare = run(place, "imports", before=break_it)
    first, second = bare.err.splitlines()
    assert str(json.loads(first)["incident"]) in second and "(stderr)" in second


def test_a_log_that_cannot_be_written_is_said_before_anything_is_done(place: Place) -> None:
    before = place.state()
    done = run(place, "undo", "3", COMPLIANCE_LOG=str(place.path / "d.duckdb" / "log"))
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "cannot be opened" in done.err
    assert place.state() == before


def test_the_standard_of_a_backup_that_cannot_be_written_is_said(place: Place) -> None:
    (place.path / "small.yaml").write_text(STRICTER, encoding="utf-8")
    (place.path / "small.yaml.from-backup").mkdir()
    done = place.call("restore", "b.zip", "--lang", "en")
    assert done.code == 1
    assert "the data are restored, but the standard in the backup could not be written" in done.err


def test_what_a_repeated_history_tells_is_not_told_again(place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.OURS, "propagate", True)
    with caplog.at_level("INFO", "compliance"):
        assert place.call("rebuild").code == 0
        assert [record.getMessage() for record in caplog.records] == ["database rebuilt"]
        caplog.clear()
        assert place.call("import", "south.csv", "--dry-run").code == 0
        assert caplog.records == []
