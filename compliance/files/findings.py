"""The problems of one data file: collected while it is read, told all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from compliance.errors import ImportDataError, Problem
from compliance.files.cells import Fault, visible
from compliance.files.workbooks import letters

MOST_PROBLEMS = 1_000
LONGEST_VALUE = 80
# Faults of a column that its name does not tell from others: they say which column it is.
COUNTED = frozenset({"reading.blank_header", "reading.duplicate_column"})


class Findings:
    """The first thousand problems whole, the rest counted."""

    def __init__(self, file: str, sheet: str | None = None) -> None:
        self.file, self.sheet = file, sheet
        # The header's cells, once they are known: what a column is called in a workbook follows from where it stands.
        self.header: Sequence[str] = ()
        self.problems: list[Problem] = []
        self.more = 0

    def __bool__(self) -> bool:
        return bool(self.problems)

    def add(self, fault: Fault, line: int | None, column: str | None = None, subject: str | None = None, value: str | None = None) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            self.more += 1
            return
        cell = self._cell(fault, line, column) if self.sheet is not None else None
        self.problems.append(Problem(fault.key, fault.args, self.file, line, _shown(column), _shown(subject), _shown(value), self.sheet, cell, fault.options))

    def reconsider(self, key: str, better: Callable[[str], Fault | None]) -> None:
        """Says it better of the problems of one kind, by the text that is at fault, once the whole file is known."""
        for place, problem in enumerate(self.problems):
            if problem.key == key and problem.value and (fault := better(problem.value)) is not None:
                self.problems[place] = replace(problem, key=fault.key, args=fault.args, options=fault.options)

    def _cell(self, fault: Fault, line: int | None, column: str | None) -> str | None:
        if fault.key in COUNTED:
            return f"{letters(int(str(fault.args['position'])) - 1)}{line}"
        return f"{letters(self.header.index(column))}{line}" if line is not None and column in self.header else None

    def error(self) -> ImportDataError:
        placed = sorted(self.problems, key=lambda problem: problem.line or 0)
        rest = [Problem("reading.more", {"count": self.more}, file=self.file, sheet=self.sheet)] if self.more else []
        return ImportDataError([*placed, *rest])


def _shown(text: str | None) -> str | None:
    return visible(text)[:LONGEST_VALUE] if text else None
