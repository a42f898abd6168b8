"""The problems of one data file: collected while it is read, told all at once."""

from __future__ import annotations

from compliance.cells import Fault, visible
from compliance.errors import ImportDataError, Problem

MOST_PROBLEMS = 1_000
LONGEST_VALUE = 80


class Findings:
    """The first thousand problems whole, the rest counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.more = 0

    def __bool__(self) -> bool:
        return bool(self.problems)

    def add(self, fault: Fault, line: int | None, column: str | None = None, subject: str | None = None, value: str | None = None) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            self.more += 1
            return
        self.problems.append(Problem(fault.key, fault.args, self.file, line, _shown(column), _shown(subject), _shown(value)))

    def error(self) -> ImportDataError:
        placed = sorted(self.problems, key=lambda problem: problem.line or 0)
        rest = [Problem("reading.more", {"count": self.more}, file=self.file)] if self.more else []
        return ImportDataError([*placed, *rest])


def _shown(text: str | None) -> str | None:
    return visible(text)[:LONGEST_VALUE] if text else None
