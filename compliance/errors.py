"""What can go wrong and who must act: one error family, made of problems that can be said in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from types import MappingProxyType


@dataclass(frozen=True)
class Problem:
    """One fault: what (a key of texts.yaml under `problem.` with its arguments) and where.

    line counts from 1 in the file as an editor shows it; column is the header of a CSV column; subject is the id of a definition or area.
    In a workbook sheet is the sheet's name, line the row and cell the place, such as D5. options: texts that could stand there instead of the value.
    """

    key: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    file: str | None = None
    line: int | None = None
    column: str | None = None
    subject: str | None = None
    value: str | None = None
    sheet: str | None = None
    cell: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Word:
    """A word of texts.yaml that stands among a problem's arguments."""

    key: str


class ComplianceError(Exception):
    """The base of every error that a reader can act upon. `problems` is never empty and holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.file or ''}:{p.line or ''} {p.subject or p.column or ''} {p.key} {dict(p.args)}" for p in problems[:5]))


class DefinitionError(ComplianceError):
    """Mend indicators.yaml."""


class ImportDataError(ComplianceError):
    """Mend the data file."""


class StoreError(ComplianceError):
    """The database cannot be used as it stands: locked, damaged, too new, no space."""


def equally_close(word: str, known: Sequence[str], most: int) -> tuple[str, ...]:
    """The known words that are nearest to this one, if they are no more than `most`: of many that are equally near, none was meant more than another."""
    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), list(by_folded), n=most + 1, cutoff=0.6)
    matcher = SequenceMatcher(b=word.casefold())

    def likeness(match: str) -> float:
        matcher.set_seq1(match)
        return matcher.ratio()

    nearest = [by_folded[match] for match in matches if likeness(match) == likeness(matches[0])]
    return tuple(sorted(nearest)) if len(nearest) <= most else ()


def closest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was most likely meant, or None."""
    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None
