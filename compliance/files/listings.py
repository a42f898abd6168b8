"""Rows of areas and of exemptions → typed columns, with every fault of every cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache

import pyarrow as pa

from compliance.errors import closest
from compliance.files import cells
from compliance.files.cells import Fault
from compliance.files.directory import AreaFinder
from compliance.files.findings import Findings
from compliance.files.headers import Layout
from compliance.files.number_formats import shown
from compliance.files.rows import Row
from compliance.standard.definitions import Indicator, Standard, Title
from compliance.standard.spelling import folded

LONGEST_AREA_ID = 64
OPEN_ENDED = frozenset({"长期", "至今", "永久", "一直", "present", "open"})


class AreaRows:
    """Areas: id, name, level, parent, attributes. A parent may stand further down, so parents are checked at the end."""

    def __init__(self, layout: Layout, standard: Standard, finder: AreaFinder, findings: Findings) -> None:
        self.layout, self.standard, self.findings = layout, standard, findings
        self.directory = finder.directory
        self.rows: list[tuple[Row, str, str]] = []
        self.parents: list[str | None] = []
        self._line_of: dict[str, int] = {}
        self._levels = {folded(word): level.id for level in standard.levels for word in (level.title.zh, level.title.en, level.id)}

    def take(self, row: Row) -> None:
        area = row.key("area_id", self._new_id)
        if area is not None and (first := self._line_of.setdefault(folded(area), row.line)) != row.line:
            row.fault("area_id", Fault("reading.duplicate_area", {"first": first}))
        row.key("name", str)
        level = row.key("level", self._level)
        self.rows.append((row, area or "", level or ""))

    def _new_id(self, text: str) -> str | Fault:
        if len(text) > LONGEST_AREA_ID:
            return Fault("reading.long_area_id", {"limit": LONGEST_AREA_ID})
        alike = self.directory.ids_by_folded_id.get(folded(text), (text,))
        return text if text in alike else Fault("reading.area_id_alike", {"known": alike[0]})

    def _level(self, text: str) -> str | Fault:
        if (found := self._levels.get(folded(text))) is not None:
            return found
        titles = [level.title for level in self.standard.levels]
        known = Title("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))
        return Fault("reading.unknown_level", {"known": known})

    def finish(self) -> None:
        """Parents, against the areas known before and those of this file."""
        level_of = {area: level for _, area, level in self.rows if area and level}
        ids_by_name = defaultdict(list)
        for row, area, level in self.rows:
            if area and level and row.text("name"):
                ids_by_name[row.text("name")].append(area)
        finder = AreaFinder(self.directory.with_areas(level_of, ids_by_name), self.standard)
        for row, _, level in self.rows:
            self.parents.append(self._parent(row, level, finder) if level else None)

    def _parent(self, row: Row, level: str, finder: AreaFinder) -> str | None:
        parent_level, text = self.standard.level_by_id[level].parent, row.text("parent_id")
        if parent_level is None:
            if text:
                row.fault("parent_id", Fault("reading.parent_unwanted", {"level": finder.level_title(level)}))
            return None
        if not text or cells.missing_word(text):
            titles = {"level": finder.level_title(level), "parent_level": finder.level_title(parent_level)}
            row.fault("parent_id", Fault("reading.parent_missing", titles))
            return None
        found = finder.find(text, parent_level)
        if isinstance(found, Fault):
            row.fault("parent_id", found)
            return None
        return found

    def table(self) -> pa.Table:
        columns = {
            "line": pa.array([row.line for row, _, _ in self.rows], pa.int32()),
            "area_id": pa.array([area for _, area, _ in self.rows], pa.string()),
            "name": pa.array([row.text("name") for row, _, _ in self.rows], pa.string()),
            "level": pa.array([level for _, _, level in self.rows], pa.string()),
            "parent_id": pa.array(self.parents, pa.string()),
        }
        for column in self.layout.values:
            columns[column.id] = pa.array([row.cells[column.position].strip() or None for row, _, _ in self.rows], pa.string())
        return pa.table(columns)


class ExemptionRows:
    """Exemptions: area, indicator, from, to (blank: open ended), reason; others: the codes that a spreadsheet would have made the same text of."""

    def __init__(self, layout: Layout, standard: Standard, finder: AreaFinder, findings: Findings) -> None:
        self.layout, self.standard, self.finder, self.findings = layout, standard, finder, findings
        self.rows: list[tuple[int, str, str, int, int | None, str, tuple[str, ...]]] = []
        self._period: Callable[[str], int | Fault] = cache(lambda text: cells.period(text, standard.frequency))
        self._named = _indicators_named(standard)
        self._others: Callable[[str], tuple[str, ...]] = cache(lambda text: _others(text, standard))
        self._line_of: dict[tuple[str, str, int], int] = {}

    def take(self, row: Row) -> None:
        indicator = row.key("indicator", self._indicator)
        area = row.key("area_id", lambda text: self._area(text, indicator))
        start, end = row.key("from", self._period), self._end(row)
        reason = row.key("reason", lambda text: Fault("reading.blank_key") if cells.missing_word(text) else text)
        if start is not None and end is not None and start > end:
            row.fault("to", Fault("reading.ends_before_start"))
        if area is None or indicator is None or start is None or reason is None:
            return
        first = self._line_of.setdefault((area, indicator.code, start), row.line)
        if first != row.line:
            row.fault("indicator", Fault("reading.duplicate_exemption", {"first": first}))
        self.rows.append((row.line, area, indicator.code, start, end, reason, self._others(row.text("indicator"))))

    def _indicator(self, text: str) -> Indicator | Fault:
        if (exact := self.standard.indicator_by_code.get(text)) is not None:
            return exact
        found = self._named.get(folded(text), {})
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            return Fault("reading.ambiguous_indicator", {"codes": ", ".join(found)}, tuple(found))
        if others := self._others(text):
            return Fault("reading.unknown_indicator", {"meant": " / ".join(others)}, others)
        meant = closest(text, [*self.standard.indicator_by_code, *(item.title.zh for item in self.standard.indicators)])
        return Fault("reading.unknown_indicator", {"meant": meant}, (meant,)) if meant else Fault("reading.strange_indicator")

    def _area(self, text: str, indicator: Indicator | None) -> str | Fault:
        found = self.finder.find(text, indicator.level if indicator else None)
        if isinstance(found, Fault) and found.key == "reading.area_of_other_level" and indicator:
            return Fault("reading.indicator_of_other_level", {**found.args, "indicator": indicator.code})
        if isinstance(found, Fault) and found.key == "reading.ambiguous_area" and indicator is None:
            return ""  # the indicator, already at fault, would have told which
        return found

    def _end(self, row: Row) -> int | None:
        text = row.text("to")
        if not text:
            return None
        if folded(text) in OPEN_ENDED:
            row.fault("to", Fault("reading.open_end", options=("",)))
            return None
        return row.key("to", lambda text: Fault("reading.open_end", options=("",)) if cells.missing_word(text) else self._period(text))

    def finish(self) -> None:
        """Rows are judged one by one."""

    def table(self) -> pa.Table:
        names = ("line", "area_id", "indicator", "from", "to", "reason", "others")
        types = (pa.int32(), pa.string(), pa.string(), pa.int32(), pa.int32(), pa.string(), pa.list_(pa.string()))
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(names)
        return pa.table({name: pa.array(values, kind) for name, kind, values in zip(names, types, columns, strict=True)})


def _indicators_named(standard: Standard) -> dict[str, dict[str, Indicator]]:
    """Folded name → the indicators that it may mean, by code: a title alone or with the code, `2.10 台账齐全` or `台账齐全 (2.10)`."""
    found: defaultdict[str, dict[str, Indicator]] = defaultdict(dict)
    for item in standard.indicators:
        for title in filter(None, (item.title.zh, item.title.en)):
            for name in (title, f"{item.code} {title}", f"{title} ({item.code})"):
                found[folded(name)][item.code] = item
    return dict(found)


def _others(text: str, standard: Standard) -> tuple[str, ...]:
    """The codes of which a spreadsheet that takes them for numbers makes this text: 2.10 becomes 2.1."""
    return tuple(code for code in standard.indicator_by_code if code != text and shown(code) == text)
