"""Where figures were read: the lines of files behind a finding, and what is written there. Knows no database and no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from compliance.answers.explaining import Figure, Finding, SourceLine
from compliance.errors import ComplianceError, Problem
from compliance.files import reading
from compliance.standard.definitions import Standard

Original = Callable[[SourceLine], tuple[Sequence[str], Sequence[str]]]  # header and cells of a line; a ComplianceError where the file is gone


@dataclass(frozen=True)
class RawLine:
    """header and cells of the file as written, and which column holds which metric."""

    header: tuple[str, ...]
    cells: tuple[str, ...]
    places: Mapping[str, int]

    def cell(self, name: str) -> str | None:
        """What stands in the file for a metric or parameter."""
        place = self.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else None


@dataclass(frozen=True)
class Written:
    """The lines of one finding as they are in their files, by import and line. gone: why some cannot be shown."""

    code: str
    lines: Mapping[tuple[int, int], RawLine]
    gone: tuple[Problem, ...] = ()

    def line(self, source: SourceLine) -> RawLine | None:
        return self.lines.get((source.import_id, source.line))


def written(original: Original, standard: Standard, finding: Finding) -> Written:
    """Opens the files that the figures of a finding were read from. To find a line in a large workbook takes seconds: only for what is asked for."""
    lines: dict[tuple[int, int], RawLine] = {}
    gone: dict[str, Problem] = {}
    for source in lines_of(finding.figures):
        try:
            header, cells = original(source)
        except ComplianceError as error:
            gone |= dict.fromkeys([source.sha256], error.problems[0])
        else:
            lines[source.import_id, source.line] = RawLine(tuple(header), tuple(cells), reading.positions(header, standard))
    return Written(finding.indicator.code, lines, tuple(gone.values()))


def lines_of(figures: Sequence[Figure]) -> tuple[SourceLine, ...]:
    """Every line that these figures were read from, each once; the newest first, as the value is of its period."""
    lines = [figure.source for figure in reversed(figures) if figure.source is not None]
    return tuple({(line.import_id, line.line): line for line in lines}.values())
