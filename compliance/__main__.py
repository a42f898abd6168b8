"""The commands (DESIGN §6): python -m compliance check | import | imports | undo | redo | export | template | backup | restore | verify | rebuild."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from types import TracebackType

from compliance import logs, periods, texts
from compliance.access import User, local_user
from compliance.answers import import_words, templates
from compliance.answers.template_workbook import xlsx_template
from compliance.answers.templates import Template
from compliance.arguments import parser
from compliance.errors import ComplianceError, Problem, StoreError
from compliance.files.reading import Source
from compliance.questions import exports, queries, template_queries
from compliance.server.identity import AccessList
from compliance.settings import access_path, log_path
from compliance.standard import loader
from compliance.standard.definitions import Language, Metric, Standard
from compliance.storage import backup as backups
from compliance.storage import recovery, targets
from compliance.storage.importer import Outcome, Remarks, import_sources
from compliance.storage.store import Store
from compliance.texts import Words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 with every problem on standard error, 2 for a wrong call, 130 when interrupted."""
    options = parser().parse_args(arguments)
    words = texts.words(options.lang or _language())
    try:
        code = COMMANDS[options.command](options, words)
        sys.stdout.flush()  # now, so that a reader who has gone is noticed here
        return code
    except ComplianceError as error:
        logs.refused(error, command=options.command, user=options.user or local_user().name)
        for problem in error.problems:
            print(words.problem(problem), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and str(error) != "Query interrupted":  # so DuckDB says it while it computes
            raise
        return 130  # what was under way is rolled back
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`); what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def run() -> int:
    """main as a program of its own: with its log, and with an apology for what nobody expected."""
    sys.excepthook = _apologize
    # A file name in another encoding than the terminal's must not keep the rest from being said.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        logs.start_for_command(log_path())
    except OSError as error:
        print(texts.words(_language()).problem(Problem("file.unreadable", {"name": str(log_path()), "reason": error.strerror})), file=sys.stderr)
        return 1
    return main()


def _apologize(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A mistake of ours: the traceback goes to the log, its number to whoever gave the command."""
    if not issubclass(kind, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    number = logs.incident(error, command=" ".join(sys.argv[1:2]))
    print(texts.words(_language())("cli.incident", number=number, log=str(log_path() or "stderr")), file=sys.stderr)


def _language() -> Language:
    chosen = os.environ.get("COMPLIANCE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return texts.guess_language(chosen)


def _check(options: argparse.Namespace, words: Words) -> int:
    standard = loader.load(options.file or options.indicators)
    levels = {level.id: len(standard.metrics_of(level.id)) for level in standard.levels}
    print(
        words(
            "cli.checked", title=words.title(standard.title), pillars=len(standard.pillars), domains=len(standard.domains),
            indicators=len(standard.indicators), criteria=standard.criterion_count, metrics=len(standard.metrics),
            parameters=len(standard.parameters),
        )
    )  # fmt: skip
    for level in standard.levels:
        line = words("cli.checked_level", level=words.title(level.title), indicators=len(standard.indicators_of(level.id)), metrics=levels[level.id])
        print(line)
    return 0


def _user(options: argparse.Namespace) -> User:
    """Whoever runs the command, an admin; or the person of the access list for whom it is run, who may there what he may on the pages."""
    return local_user() if options.user is None else AccessList.read(access_path()).person(options.user)


def _open(options: argparse.Namespace) -> Store:
    return Store(options.db, loader.load(options.indicators), user=_user(options))


def _import(options: argparse.Namespace, words: Words) -> int:
    missing = [Problem("file.missing", {"name": str(path)}) for path in options.files if not path.is_file()]
    if missing:
        raise ComplianceError(missing)
    with _open(options) as store:
        outcome = import_sources(
            store, [Source.from_path(path) for path in options.files], user=_user(options), ignore_columns=options.ignore_column, dry_run=options.dry_run,
            remarks=Remarks(reason=options.why)
        )  # fmt: skip
    for imported in outcome.imports:
        print("\n".join(import_words.lines(words, store.standard, imported)))
    _print_flips(outcome, words)
    return 0


def _print_flips(outcome: Outcome, words: Words) -> None:
    flips = outcome.flips
    if outcome.imports and outcome.imports[0].id is None:
        print(words("cli.would_flip", met=flips.met, unmet=flips.unmet, no_data=flips.no_data, not_applicable=flips.not_applicable))


def _imports(options: argparse.Namespace, words: Words) -> int:
    with _open(options) as store:
        rows = queries.imports(store.cursor())
    if rows.empty:
        print(words("cli.no_imports"))
    for row in rows.itertuples():
        line = words(
            "cli.import_row", id=row.id, kind=words(f"kind.{row.kind}"), name=row.file_name, rows=row.accepted, encoding=row.encoding,
            who=row.who, when=f"{row.imported_at:%Y-%m-%d %H:%M}", sha=str(row.sha256)[:12],
        )  # fmt: skip
        if row.status == "revoked":
            line += words("cli.import_revoked", who=row.revoked_by, when=f"{row.revoked_at:%Y-%m-%d %H:%M}", why=row.revoked_why or "—")
        print(line)
    return 0


def _undo_or_redo(options: argparse.Namespace, words: Words) -> int:
    is_undo = options.command == "undo"
    with _open(options) as store:
        (store.undo if is_undo else store.redo)(options.id, user=_user(options), why=options.why)
    print(words("cli.undone" if is_undo else "cli.redone", id=options.id))
    return 0


def _level(name: str, known: Collection[str]) -> str:
    if name not in known:
        raise ComplianceError([Problem("command.level", {"level": name, "known": ", ".join(known)})])
    return name


def _judged(standard: Standard, level: str) -> str:
    if level in standard.level_by_id and level not in standard.judged_levels:
        raise ComplianceError([Problem("command.level_unjudged", {"level": level, "known": ", ".join(standard.judged_levels)})])
    return _level(level, standard.judged_levels)


def _period(standard: Standard, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return periods.parse(text, standard.frequency)
    except periods.PeriodError as error:
        example = periods.label(periods.current(standard.frequency, date.today()), standard.frequency)
        raise ComplianceError([Problem("command.period", {"period": text, "example": example})]) from error


def _refuse_output(options: argparse.Namespace) -> None:
    if options.output is not None:
        targets.refuse(options.output, options.db, options.indicators, access_path())


def _export(options: argparse.Namespace, words: Words) -> int:
    _refuse_output(options)
    with _open(options) as store:
        standard = store.standard
        levels = (_judged(standard, options.level),) if options.level else standard.judged_levels
        period = _period(standard, options.period)
        rows = 0
        with exports.output(options.output) as out:
            for position, level in enumerate(levels):
                rows += exports.export(store.cursor(), standard, options.what, level, period, out, header=position == 0)
    if options.output is not None:
        print(words("cli.exported", rows=rows, name=str(options.output)))
    return 0


def _template(options: argparse.Namespace, words: Words) -> int:
    _refuse_output(options)
    with _open(options) as store:
        standard = store.standard
        level = _level(options.level, standard.level_by_id)
        metrics = _template_metrics(standard, level, options.domain, options.owner)
        cursor = store.cursor()
        known = queries.all_periods(cursor)
        period = _period(standard, options.period) or (known[-1] if known else periods.current(standard.frequency, date.today()))
        areas = tuple(queries.areas_of(cursor, level))
        values = template_queries.values(cursor, level, period, [metric.id for metric in metrics]) if options.values else {}
        is_workbook = options.output is not None and options.output.suffix.lower() == ".xlsx"
        titles = texts.words(options.titles or words.language) if options.titles or is_workbook else None
        template = Template(standard, level, period, metrics, areas, titles, values)
        content = xlsx_template(template, titles) if is_workbook and titles else templates.csv_template(template)
    with exports.output(options.output) as out:
        out.write(content)
    if options.output is not None:
        print(words("cli.template", name=str(options.output), areas=len(areas)))
    return 0


def _template_metrics(standard: Standard, level: str, domain: str | None, owner: str | None) -> tuple[Metric, ...]:
    if domain is not None and domain not in standard.domain_by_id:
        raise ComplianceError([Problem("command.domain", {"domain": domain, "known": ", ".join(standard.domain_by_id)})])
    owners = {each.owner.in_language(language): each.owner.zh for each in standard.indicators if each.owner for language in texts.LANGUAGES}
    if owner is not None and owner not in owners:
        raise ComplianceError([Problem("command.owner", {"owner": owner, "known": ", ".join(sorted(set(owners.values())))})])
    metrics = templates.metrics_for(standard, level, domain, None if owner is None else owners[owner])
    if not metrics:
        raise ComplianceError([Problem("command.no_metrics", {"level": level})])
    return metrics


def _verify(options: argparse.Namespace, words: Words) -> int:
    with _open(options) as store:
        checked = recovery.verify(store)
    print(words("cli.verified", events=checked.events, originals=checked.originals, rows=checked.rows))
    return 0


def _backup(options: argparse.Namespace, words: Words) -> int:
    with _open(options) as store:
        target = options.output or store.path.with_name(backups.file_name(store.path, datetime.now()))
        manifest = backups.make(store, target, _user(options))
    print(words("cli.backed_up", name=str(target), events=manifest.events, megabytes=words.number(round(target.stat().st_size / 1e6, 1))))
    return 0


def _restore(options: argparse.Namespace, words: Words) -> int:
    restored = backups.restore(options.file, options.db, _user(options))
    manifest = restored.manifest
    aside = str(restored.aside) if restored.aside else "—"
    print(words("cli.restored", when=manifest.made_at.replace("T", " "), who=manifest.made_by, events=manifest.events, aside=aside))
    now = options.indicators.read_text(encoding="utf-8", errors="replace") if options.indicators.is_file() else None
    if now != restored.definitions:
        kept = options.indicators if now is None else options.indicators.with_name(options.indicators.name + ".from-backup")
        try:
            kept.write_text(restored.definitions, encoding="utf-8")
        except OSError as error:
            raise StoreError([Problem("backup.definitions_not_written", {"file": str(kept), "reason": error.strerror})]) from error
        print(words("cli.restored_definitions", name=str(kept)))
    return 0


def _rebuild(options: argparse.Namespace, words: Words) -> int:
    aside, imports = recovery.rebuild(options.db, loader.load(options.indicators), user=_user(options))
    print(words("cli.rebuilt", imports=imports, aside=str(aside) if aside else "—"))
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, Words], int]] = {
    "check": _check, "import": _import, "imports": _imports, "undo": _undo_or_redo, "redo": _undo_or_redo, "export": _export,
    "template": _template, "backup": _backup, "restore": _restore, "verify": _verify, "rebuild": _rebuild,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(run())
