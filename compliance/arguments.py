"""What the commands are asked: their names, options and defaults (DESIGN §6)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from compliance import texts
from compliance.questions import exports
from compliance.settings import database_path, indicators_path, sayable


def parser() -> argparse.ArgumentParser:
    """Of all commands; `command` names the one that is asked for."""
    common = _common(is_behind=True)
    whole = argparse.ArgumentParser(prog="python -m compliance", description="Compliance of areas with a standard.", parents=[_common(is_behind=False)])
    commands = whole.add_subparsers(required=True, metavar="COMMAND", dest="command")

    check = commands.add_parser("check", parents=[common], help="validate definitions")
    check.add_argument("file", nargs="?", type=Path)

    imports = commands.add_parser("import", parents=[common], help="import CSV files: areas, metrics, parameters or exemptions")
    imports.add_argument("files", nargs="+", type=Path, metavar="FILE")
    imports.add_argument("--why", type=sayable, default="", help="the reason, kept with the import")
    imports.add_argument("--dry-run", action="store_true", help="check and tell what would change, store nothing")
    imports.add_argument("--ignore-column", type=sayable, action="append", default=[], metavar="NAME", help="a column to leave out")

    commands.add_parser("imports", parents=[common], help="list what was imported")

    for name, told in (("undo", "take one import back"), ("redo", "make an undone import count again")):
        taking = commands.add_parser(name, parents=[common], help=told)
        taking.add_argument("id", type=int)
        taking.add_argument("--why", type=sayable, default="")

    export = commands.add_parser("export", parents=[common], help="verdicts as CSV")
    export.add_argument("what", choices=list(exports.EXPORTS))
    export.add_argument("--level", type=sayable, help="default: every judged level")
    export.add_argument("--period", type=sayable, help="default: every period")
    export.add_argument("-o", "--output", type=Path, help="default: standard output")

    template = commands.add_parser("template", parents=[common], help="a file to fill in: CSV, or a workbook when the output is named .xlsx")
    template.add_argument("--level", type=sayable, required=True)
    template.add_argument("--domain", type=sayable)
    template.add_argument("--owner", type=sayable, help="only what this department (as named in the definitions) answers for")
    template.add_argument("--period", type=sayable, help="default: the newest reported, else the current one")
    template.add_argument("--values", action="store_true", help="with what is reported already")
    template.add_argument("--titles", choices=texts.LANGUAGES, help="head the columns with titles beside the ids; a workbook always has them")
    template.add_argument("-o", "--output", type=Path, help="default: standard output")

    backup = commands.add_parser("backup", parents=[common], help="one file with database, originals, history and standard")
    backup.add_argument("-o", "--output", type=Path, help="default: beside the database, named after the time")

    restore = commands.add_parser("restore", parents=[common], help="put a backup in place of the database, which is moved aside")
    restore.add_argument("file", type=Path)

    commands.add_parser("verify", parents=[common], help="check history, originals and derived tables against each other")

    commands.add_parser("rebuild", parents=[common], help="make the database again from the original files")
    return whole


def _common(*, is_behind: bool) -> argparse.ArgumentParser:
    """What every command may be told, before its name or behind it: behind it, what is not said leaves what was said before."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS if is_behind else None)
    common.add_argument("--db", type=Path, help="database file (COMPLIANCE_DB)")
    common.add_argument("--indicators", type=Path, help="definitions (COMPLIANCE_INDICATORS)")
    common.add_argument("--user", metavar="NAME", type=sayable, help="for whom: a person of the access list (COMPLIANCE_USER)")
    common.add_argument("--lang", choices=texts.LANGUAGES, help="language of messages (COMPLIANCE_LANG, else the system's)")
    if not is_behind:
        common.set_defaults(db=database_path(), indicators=indicators_path(), user=os.environ.get("COMPLIANCE_USER") or None)
    return common
