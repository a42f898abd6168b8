"""What the heatmap page can show, and rows of queries → the matrix that is shown: filtered, sorted, transposed, as grid, table or file. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compliance.answers import arranging, badge_views, matrices, owing, phrases
from compliance.answers.badge_views import Verdict
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.answers.gridding import Column, RateMatrix, Row
from compliance.answers.gridding import StatusMatrix as StatusGrid
from compliance.engine.statuses import STATUSES
from compliance.questions.heat_queries import Rates
from compliance.questions.indicator_queries import StatusMatrix
from compliance.standard.definitions import Indicator, Standard
from compliance.texts import Words

DOMAINS = "domains"
MOST_NAMED = 3
SORTS = ("name", "best", "rate", "gap", "similar")
STATUS_FILTERS = ("", "unmet", "no_data", "met")
# Code 1 (near) is unmet too: columns are met, unmet, no_data, not_applicable.
# Parameters of the address that another choice makes void.
VOID_BY_ROWS, VOID_BY_VIEW = ("view", "owner", "area", "indicator", "part"), ("indicator", "part")
ONE_HOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.uint32)


@dataclass(frozen=True)
class Down:
    """What stands down the side: areas of `level`, or (`upper`) the areas above them, each with all of its own together."""

    level: str
    upper: str | None = None

    @property
    def shown_level(self) -> str:
        return self.upper or self.level

    @property
    def name(self) -> str:
        """In the address."""
        return f"{self.upper}.{self.level}" if self.upper else self.level

    @classmethod
    def options(cls, standard: Standard) -> dict[str, Down]:
        """Every way to cut the standard, by its name in the address: judged levels from the bottom up, each with its sums a level above."""
        found: dict[str, Down] = {}
        for level in standard.judged_levels:
            found[level] = cls(level)
            parent = standard.level_by_id[level].parent
            if parent is not None:
                found[cls(level, parent).name] = cls(level, parent)
        return found

    def title(self, words: Words, standard: Standard) -> str:
        level = words.title(standard.level_by_id[self.level].title)
        if self.upper is None:
            return level
        return words("heatmap.rows_sum", upper=words.title(standard.level_by_id[self.upper].title), level=level)


def view_titles(words: Words, standard: Standard, level: str) -> dict[str, str]:
    return {DOMAINS: words("heatmap.view_domains")} | {domain.id: words.title(domain.title) for domain in standard.domains_of(level)}


def owner_titles(words: Words, standard: Standard, level: str) -> dict[str, str]:
    """Departments by their name in the address, which is the Chinese one in either language."""
    owners = {each.owner.zh: words.title(each.owner) for each in standard.indicators_of(level) if each.owner}
    return {"": words("heatmap.owner_all"), **owners} if owners else {}


def owned(indicators: Sequence[Indicator], owner: str) -> tuple[Indicator, ...]:
    return tuple(each for each in indicators if not owner or (each.owner is not None and each.owner.zh == owner))


def domain_groups(standard: Standard, level: str, owner: str) -> dict[str, tuple[str, ...]]:
    """Domain → the codes of its indicators that count; domains without any are left out."""
    groups = {domain.id: tuple(each.code for each in owned(domain.at(level), owner)) for domain in standard.domains_of(level)}
    return {domain: codes for domain, codes in groups.items() if codes}


def leading(options: Sequence[str], *preferred: str | None) -> list[str]:
    """The options with the first known of the preferred ones in front: what an address means that does not choose."""
    first = next((name for name in preferred if name in options), None)
    return list(options) if first is None else [first, *(name for name in options if name != first)]


def view_of(standard: Standard, code: str | None) -> str | None:
    return standard.domain_of[code].id if code in standard.domain_of else None


def rows_of(standard: Standard, code: str | None) -> str | None:
    return standard.indicator_by_code[code].level if code in standard.indicator_by_code else None


def owed_words(words: Words, standard: Standard, code: str, missing: owing.Figures, period: int) -> str:
    """Why a cell has no verdict, and who owes what is missing."""
    owner = owing.by_whom(words, standard.indicator_by_code[code]) if missing else ""
    return "\n".join(part for part in (owing.why(words, standard, missing, period, MOST_NAMED), owner.strip()) if part)


def grid_words(words: Words, standard: Standard, down: Down, view: str, *, shown: int, total: int, transposed: bool) -> dict[str, str]:
    """What the grid says of itself, which depends on what stands where."""
    level = standard.level_by_id[down.shown_level]
    is_status = view != DOMAINS and down.upper is None
    name = "grid.grid" if view == DOMAINS else "grid.statuses"
    said = matrices.grid_words(words, level, shown, total, name=name, value="grid.attainment")
    across = words("heatmap.corner_indicators" if view != DOMAINS else "heatmap.corner_domains")
    corner = words("heatmap.corner_turned", across=across, level=said["corner"]) if transposed else said["corner"]
    return {**said, "corner": corner, "open": words("heatmap.open_cell" if is_status else "heatmap.open_deeper")}


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class Matrix:
    """counts[row, column] = met, unmet, no_data, not_applicable; codes and attainments where each cell is a single verdict. limits: a note a column.
    verdict: what all cells of a row mean together, in words. notes: (row id, column id) → what else to say of a cell."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    columns: tuple[Column, ...]
    limits: tuple[str, ...]
    counts: NDArray[np.uint32]
    codes: NDArray[np.uint8] | None = None
    attainments: NDArray[np.float32] | None = None
    verdict: Verdict | None = None
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def wants(self) -> arranging.Wants:
        if self.codes is None or self.attainments is None:
            return arranging.wants_of_counts(self.counts)
        return arranging.wants_of_statuses(self.codes, self.attainments)

    def take(self, rows: Sequence[int] | NDArray[np.intp], columns: NDArray[np.intp] | None = None) -> Matrix:
        """Some rows, in that order; and columns likewise."""
        down, across = np.asarray(rows, dtype=np.intp), np.arange(len(self.columns)) if columns is None else columns
        cut = np.ix_(down, across)
        ids, names, parents = (tuple(texts[row] for row in down) for texts in (self.ids, self.names, self.parents))
        columns_kept, limits = tuple(self.columns[column] for column in across), tuple(self.limits[column] for column in across)
        codes = None if self.codes is None else self.codes[cut]
        attainments = None if self.attainments is None else self.attainments[cut]
        return Matrix(ids, names, parents, columns_kept, limits, self.counts[cut], codes, attainments, self.verdict, self.notes)

    def verdicts(self) -> tuple[str, ...]:
        """What each row means, in words; none at all where there is nothing to say."""
        if self.codes is None or self.verdict is None:
            return ()
        codes = [column.id for column in self.columns]
        return tuple(self.verdict(dict(zip(codes, row, strict=True))) for row in self.codes.tolist())

    def row_of(self, area: str | None) -> int | None:
        """Where an area stands, if it is there."""
        return self.ids.index(area) if area in self.ids else None

    def only(self, kept: Collection[str] | None) -> Matrix:
        return self if kept is None else self.take([row for row, id_ in enumerate(self.ids) if id_ in kept])

    def having(self, status: str) -> Matrix:
        """Rows with something unmet, with something unknown, or with everything met."""
        met, unmet, no_data, _ = self.counts.sum(axis=1).T
        chosen = {"unmet": unmet > 0, "no_data": no_data > 0, "met": (unmet == 0) & (no_data == 0) & (met > 0)}
        return self.take(np.flatnonzero(chosen[status])) if status else self

    def arranged(self, sort: str) -> Matrix:
        """Sorted as asked. Only similarity moves columns: otherwise they stand as the standard has them."""
        wants, totals = self.wants(), self.counts.sum(axis=1).astype(int)
        match sort:
            case "rate":
                return self.take(arranging.by_rate(totals))
            case "best":
                return self.take(arranging.by_rate(totals, best=True) if self.codes is None else arranging.by_closeness(totals, wants))
            case "gap":
                return self.take(arranging.by_gap(wants))
            case "similar":
                return self.take(arranging.by_similarity(wants), arranging.by_similarity(wants.T))
            case _:
                return self

    def grid(self, *, grouped: bool, transposed: bool) -> RateMatrix | StatusGrid:
        """What the grid draws. grouped: rows of one parent stand together. Transposed, areas stand across."""
        blank = ("",) * len(self.ids)
        notes, groups = self.verdicts() or blank, self.parents if grouped else blank
        rows = tuple(Row(*texts) for texts in zip(self.ids, self.names, self.parents, groups, notes, strict=True))
        columns, counts, codes, details = self.columns, self.counts, self.codes, self._details()
        if transposed:
            rows, columns = tuple(Row(each.id, each.label, each.hint) for each in columns), tuple(Column(each.id, each.label, _hint(each)) for each in rows)
            counts = counts.swapaxes(0, 1)
            codes, details = _turned(codes), _turned(details)
        on_hover = {(column, row): text for (row, column), text in self.notes.items()} if transposed else self.notes
        return RateMatrix(rows, columns, counts) if codes is None else StatusGrid(rows, columns, codes, details, on_hover)

    def _details(self) -> NDArray[np.float32] | None:
        """How much of the way is covered, for those who have not arrived."""
        if self.codes is None or self.attainments is None:
            return None
        unmet = (self.codes == 1) | (self.codes == 2)
        return np.where(unmet, np.round(100 * self.attainments, 1), np.nan).astype(np.float32)

    def _cells(self, words: Words) -> list[list[tuple[str, str, Counts]]]:
        """For each row and column: what a reader reads, the palette's name for it, and its counts."""
        said = [words(f"app.status.{status}") for status in STATUSES]
        rows = []
        for row, each in enumerate(self.counts):
            counts = [Counts(*map(int, cell)) for cell in each]
            if self.codes is None:
                rows.append([(matrices.rate_words(words, cell), matrices.rate_look(cell), cell) for cell in counts])
            else:
                rows.append([(said[code], STATUSES[code], cell) for code, cell in zip(self.codes[row], counts, strict=True)])
        return rows

    def table(self, words: Words) -> pd.DataFrame:
        """The same cells to be read on a page: first column the area's id, second its name."""
        data: dict[str, list[Any]] = {name: list(texts) for name, texts in self._heads(words).items()}
        cells = self._cells(words)
        for place, column in enumerate(self.columns):
            data[column.label] = [_with_parts(words, *each[place]) if self.codes is None else each[place][0] for each in cells]
        return pd.DataFrame(data)

    def sheet(self, words: Words) -> Sheet:
        """The same cells to be taken away, with their colours; beside a rate stands what it is computed from."""
        heads = self._heads(words)
        blank, parts = (None,) * len(heads), ("overview.column_judged", "overview.column_no_data") if self.codes is None else ()
        titles: list[str] = []
        for column in self.columns:
            titles += [column.label, *(words("sheet.of_domain", domain=column.label, what=words(key)) for key in parts)]
        rows: list[tuple[object, ...]] = []
        looks: list[tuple[str | None, ...]] = []
        for texts, cells in zip(zip(*heads.values(), strict=True), self._cells(words), strict=True):
            rows.append((*texts, *(value for said, _, counts in cells for value in ((said, counts.judged, counts.no_data) if parts else (said,)))))
            looks.append((*blank, *(look for _, name, _ in cells for look in ((name, None, None) if parts else (name,)))))
        under = (*("" for _ in heads), *self.limits) if any(self.limits) and not parts else None
        return Sheet((*heads, *titles), rows, looks, under)

    def _heads(self, words: Words) -> dict[str, tuple[str, ...]]:
        parent = {words("overview.column_parent"): self.parents} if any(self.parents) else {}
        verdict = {words("grid.noted"): self.verdicts()} if self.verdict else {}
        return {words("overview.column_area_id"): self.ids, words("overview.column_area"): self.names, **parent, **verdict}


def _hint(row: Row) -> str:
    """What a row says of itself, once it stands across."""
    return "\n".join(text for text in (row.hint, row.note) if text)


def _turned(array: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if array is None else array.swapaxes(0, 1)


def of_rates(rates: Rates, columns: Sequence[Column], limits: Sequence[str] = ()) -> Matrix:
    return Matrix(rates.ids, rates.names, rates.parents, tuple(columns), tuple(limits) or ("",) * len(columns), rates.counts)


def of_statuses(words: Words, standard: Standard, matrix: StatusMatrix) -> Matrix:
    columns, limits = indicator_columns(words, standard, matrix.indicators), [matrices.limits(words, standard, each) for each in matrix.indicators]
    domain = standard.domain_of[matrix.indicators[0].code] if matrix.indicators else None
    verdict = badge_views.verdict(words, domain, matrix.indicators, matrix.indicators[0].level) if domain else None
    return Matrix(matrix.area_ids, matrix.names, matrix.parents, columns, tuple(limits), ONE_HOT[matrix.codes], matrix.codes, matrix.attainments, verdict)


def domain_columns(words: Words, standard: Standard, groups: Mapping[str, tuple[str, ...]]) -> tuple[Column, ...]:
    titles = {domain: words.title(standard.domain_by_id[domain].title) for domain in groups}
    return tuple(Column(domain, titles[domain], words("overview.domain_hint", n=len(codes))) for domain, codes in groups.items())


def indicator_columns(words: Words, standard: Standard, indicators: Sequence[Indicator]) -> tuple[Column, ...]:
    """Headed by number and title; limits and the department on hover."""
    return tuple(_indicator_column(words, standard, each) for each in indicators)


def _indicator_column(words: Words, standard: Standard, indicator: Indicator) -> Column:
    hint = [f"{indicator.code} · {matrices.limits(words, standard, indicator)}"]
    if indicator.owner:
        hint.append(words("panel.owner", owner=words.title(indicator.owner)))
    return Column(indicator.code, phrases.short_name(words, indicator), "\n".join(hint))


def _with_parts(words: Words, said: str, _look: str, counts: Counts) -> str:
    """A rate with what it is made of, leaving out what there is none of: 25% · 1/4 · 缺8."""
    judged = [counts.met_of_judged] if counts.judged else []
    rest = [words(f"heatmap.cell_{what}", n=n) for what, n in (("no_data", counts.no_data), ("not_applicable", counts.not_applicable)) if n]
    return phrases.DOT.join((words("heatmap.cell_unsure") if judged and counts.is_unsure else said, *judged, *rest))


def shown(matrix: Matrix, rows: Sequence[int]) -> Matrix:
    """The part of a long matrix that fits a screen."""
    return matrix if len(rows) == len(matrix.ids) else matrix.take(rows)
