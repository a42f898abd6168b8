"""What the program tells whoever runs it: one JSON object a line, and a number for every mishap that a reader may quote. What writes tells of it here."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import traceback
from collections.abc import Mapping
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from compliance.errors import ComplianceError

LARGEST_FILE, OLD_FILES = 10_000_000, 5
OURS = logging.getLogger("compliance")
# Until somebody says where to, nothing is told.
OURS.addHandler(logging.NullHandler())
# What is told of an event; all of it stands in the history.
OF_EVENTS = ("version", "import_id", "file", "kind", "who", "why", "reason")
# Streamlit tells of an uncaught exception itself, before we are asked: once, with its number, is enough.
TOLD_TWICE = "Uncaught app execution"
# Characters that are told apart on the telephone.
NUMBER_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class JsonLines(logging.Formatter):
    """A record as one line: time, level, where, what, its facts, and the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def start(path: Path | None) -> None:
    """For a server: write to a file that is turned over by size, else to standard error; once a process. Raises OSError where the file cannot be written."""
    handler = _begin(_handler(path))
    # Streamlit and its server have a handler of their own on each logger: theirs are replaced, so that one reader understands the whole log.
    for name in [name for name in logging.Logger.manager.loggerDict if name.split(".")[0] in ("streamlit", "uvicorn", "websockets")]:
        logger = logging.getLogger(name)
        if logger.handlers:
            logger.handlers = [handler]
            logger.addFilter(_is_news)


def start_for_command(path: Path | None) -> None:
    """For a command: add to the server's file, which the server alone turns over; without one, tell on standard error of mistakes of ours only,
    since the command itself says there what was refused. Raises OSError where the file cannot be written."""
    if path is None:
        _begin(logging.StreamHandler(sys.stderr)).setLevel(logging.ERROR)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    _begin(logging.FileHandler(path, encoding="utf-8"))


def _begin(handler: logging.Handler) -> logging.Handler:
    handler.setFormatter(JsonLines())
    OURS.setLevel(logging.INFO)
    OURS.propagate = False
    OURS.handlers = [handler]
    return handler


def _handler(path: Path | None) -> logging.Handler:
    if path is None:
        return logging.StreamHandler(sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(path, maxBytes=LARGEST_FILE, backupCount=OLD_FILES, encoding="utf-8")


def _is_news(record: logging.LogRecord) -> bool:
    cause = record.exc_info[1].__cause__ if record.exc_info and record.exc_info[1] else None
    # A refusal is no mistake: it was told as one where it was made.
    return TOLD_TWICE not in record.getMessage() and not isinstance(cause, ComplianceError)


def tell(message: str, **facts: object) -> None:
    """An event worth knowing later. Facts hold no personal data beyond the name of a user."""
    OURS.info(message, extra={"facts": facts})


def tell_event(facts: Mapping[str, object]) -> None:
    """What the history has learnt (Store.record): an import, undo, redo, or a version of the standard."""
    tell(str(facts["event"]), **{name: facts[name] for name in OF_EVENTS if facts.get(name)})


def warn(message: str, **facts: object) -> None:
    """An event that someone should act upon."""
    OURS.warning(message, extra={"facts": facts})


def refused(error: ComplianceError, **facts: object) -> None:
    """What somebody wanted and was not given. Only what kinds of problems there were: their words may tell of the data."""
    OURS.warning("refused", extra={"facts": {"why": sorted({problem.key for problem in error.problems}), "problems": len(error.problems), **facts}})


class Watch:
    """A mistake of ours inside it goes no further than the log; number is then its number, else "". For threads, which have nobody above them to tell."""

    def __init__(self, **facts: object) -> None:
        self.number, self._facts = "", facts

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self.number = incident(error, **self._facts)
        return True


def incident(error: BaseException, **facts: object) -> str:
    """Writes the traceback of a mistake of ours; gives the number under which it is found, such as 7FK3-92QX."""
    letters = "".join(secrets.choice(NUMBER_LETTERS) for _ in range(8))
    number = f"{letters[:4]}-{letters[4:]}"
    OURS.error(f"{type(error).__name__}: {error}", exc_info=(type(error), error, error.__traceback__), extra={"facts": {"incident": number, **facts}})
    return number
