"""Texts of handed-in files that are nearly right (a name, a word for "nothing", a day in place of its period), what each may have meant; rows that hold no data
(titles, totals, notes); and what the person who hands them in has chosen. Never chosen here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from compliance.errors import Problem
from compliance.files import reading
from compliance.files.reading import LONGEST_VALUE, LeftOut, Replacement, Source

# More than a person would tick: such a file is mended where it came from.
MOST_OFFERED = 400
Key = tuple[str, str, str]
BLANK = ("",)
# Faults that say of whole rows that they are no data: of everything above the line (an argument of theirs) on which the header begins, of one row each.
HEADER_BELOW = {"reading.header_elsewhere": "header_line", "reading.sep_line": "header_line", "reading.merged_header": "first"}
NO_DATA = frozenset({"reading.summary_row", "reading.footer", "reading.repeated_header"})


@dataclass(frozen=True)
class Mistaken:
    """One text in a column of one file (told by its bytes); said None: the header itself. lines: those that say it, as far as was told."""

    file: str
    sha256: str
    sheet: str | None
    column: str
    said: str | None
    options: tuple[str, ...]
    lines: tuple[int, ...]

    @property
    def key(self) -> Key:
        return self.sha256, self.column, self.said or ""

    def to_be(self, meant: str) -> Replacement:
        return Replacement(self.column, self.said, meant, self.sheet)


@dataclass(frozen=True)
class Needless:
    """Rows of one file (told by its bytes) that hold no data, found together. rows: line → its first text; joined: the two lines of a header that are to be one,
    the lower."""

    file: str
    sha256: str
    sheet: str | None
    rows: tuple[tuple[int, str], ...]
    joined: tuple[int, int] | None = None

    def left_out(self) -> Iterator[LeftOut]:
        yield from (LeftOut(line, self.sheet) for line, _ in self.rows)
        if self.joined is not None:
            yield LeftOut(self.joined[0], self.sheet, self.joined[1])


@dataclass
class Naming:
    """What was offered so far, and what was chosen of it: what is chosen is no problem any more, and can still be taken back."""

    offered: dict[Key, Mistaken] = field(default_factory=dict)
    chosen: dict[Key, str] = field(default_factory=dict)
    # What is found once some rows are left out is offered anew: nothing goes that was not in sight at the tick.
    needless: dict[Needless, bool] = field(default_factory=dict)
    # SHA-256 of a file as it came → what was chosen for it last, and what became of it.
    _made: dict[str, tuple[tuple[object, ...], Source]] = field(default_factory=dict)
    _heads: dict[tuple[str, str | None], Sequence[tuple[int, list[str]]]] = field(default_factory=dict)

    def offer(self, sources: Sequence[Source], problems: Sequence[Problem]) -> None:
        """Remembers what the problems of these files, as they are read now, say may have been meant."""
        for each in _mistaken(sources, problems):
            is_known = each.key in self.offered
            if is_known or (len(self.offered) < MOST_OFFERED and self._can_be(sources, each)):
                self.offered[each.key] = each
        for source, own in _by_source(sources, problems):
            self._offer_rows(source, own)

    def choose(self, together: Sequence[Mistaken], meant: str | None) -> None:
        """None: nothing of what is offered; the text stays as it is."""
        for each in together:
            self.chosen.pop(each.key, None)
            if meant is not None:
                self.chosen[each.key] = meant

    def of(self, sources: Sequence[Source]) -> list[list[Mistaken]]:
        """What is offered for these files, what is chosen together as one: a word for "nothing" is the same in every column."""
        wanted = {_as_it_came(source).sha256 for source in sources}
        found: dict[Key, list[Mistaken]] = {}
        for each in self.offered.values():
            if each.sha256 in wanted:
                found.setdefault((each.sha256, "", each.said or "") if each.options == BLANK else each.key, []).append(each)
        return list(found.values())

    def needless_of(self, sources: Sequence[Source]) -> list[Needless]:
        """The rows of these files that can be left out."""
        wanted = {_as_it_came(source).sha256 for source in sources}
        return [each for each in self.needless if each.sha256 in wanted]

    def put_right(self, sources: Sequence[Source]) -> list[Source]:
        """The files with what was chosen in them; as they came where nothing was."""
        return [self._put_right(source) for source in sources]

    def _put_right(self, source: Source) -> Source:
        sha256, chosen, left_out = source.sha256, self._chosen_for(source.sha256), self._left_out_of(source.sha256)
        if not chosen and not left_out:
            return source
        if self._made.get(sha256, ((), source))[0] != (chosen, left_out):
            self._made[sha256] = (chosen, left_out), reading.replaced(source, chosen, left_out) or source
        return self._made[sha256][1]

    def _chosen_for(self, sha256: str) -> tuple[Replacement, ...]:
        return tuple(self.offered[key].to_be(meant) for key, meant in self.chosen.items() if key[0] == sha256)

    def _left_out_of(self, sha256: str) -> tuple[LeftOut, ...]:
        chosen = [each for each, is_chosen in self.needless.items() if is_chosen and each.sha256 == sha256]
        return tuple(row for each in chosen for row in each.left_out())

    def _offer_rows(self, source: Source, problems: Sequence[Problem]) -> None:
        """Remembers the rows without data that these problems of one file tell of, as far as they are not offered yet."""
        sheet = next((problem.sheet for problem in problems), None)
        known = {row.line for each in self.needless if each.sha256 == source.sha256 for row in each.left_out()}
        rows = {problem.line: problem.value or "" for problem in problems if problem.key in NO_DATA and problem.line is not None}
        joined = None
        for problem in problems:
            if (name := HEADER_BELOW.get(problem.key)) is not None:
                header = int(str(problem.args[name]))
                above = [(line, row) for line, row in self._head(source, sheet) if line < header]
                rows |= {line: next(cell.strip() for cell in row if cell.strip()) for line, row in above}
                joined = (header, int(str(problem.args["second"]))) if name == "first" and header not in known else joined
        new = tuple((line, rows[line]) for line in sorted(rows) if line not in known)
        if new or joined:
            self.needless[Needless(source.name, source.sha256, sheet, new, joined)] = False

    def _head(self, source: Source, sheet: str | None) -> Sequence[tuple[int, list[str]]]:
        place = (source.sha256, sheet)
        if place not in self._heads:
            self._heads[place] = reading.head(source, sheet)
        return self._heads[place]

    def _can_be(self, sources: Sequence[Source], each: Mistaken) -> bool:
        """Whether the column is found where it would be replaced; a header may be chosen already under its new name."""
        source = next(_as_it_came(source) for source in sources if _as_it_came(source).sha256 == each.sha256)
        return reading.can_be_replaced(self._head(source, each.sheet), (*self._chosen_for(each.sha256), each.to_be(each.options[0])))


def _by_source(sources: Sequence[Source], problems: Sequence[Problem]) -> Iterator[tuple[Source, list[Problem]]]:
    """Every file as it came, with its problems. Of two files of one name a problem does not say whose it is."""
    times = Counter(source.name for source in sources)
    for source in sources:
        if times[source.name] == 1:
            yield _as_it_came(source), [problem for problem in problems if problem.file == source.name]


def _mistaken(sources: Sequence[Source], problems: Sequence[Problem]) -> Iterator[Mistaken]:
    found: dict[Key, Mistaken] = {}
    for source, own in _by_source(sources, problems):
        for problem in own:
            # A text that was cut short to be shown is not the whole of what stands there.
            if not problem.options or problem.column is None or len(problem.value or problem.column) >= LONGEST_VALUE:
                continue
            # Cells are compared without the blanks around them.
            said = problem.value.strip() if problem.value is not None else None
            lines = (problem.line,) if problem.line is not None else ()
            each = Mistaken(source.name, source.sha256, problem.sheet, problem.column, said, problem.options, lines)
            known = found.get(each.key, each)
            found[each.key] = replace(known, lines=tuple(dict.fromkeys((*known.lines, *lines))))
    yield from found.values()


def _as_it_came(source: Source) -> Source:
    return source.before or source
