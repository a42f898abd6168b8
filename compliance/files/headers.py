"""A header row → what kind of file it is and what each column holds, or what is wrong with the header."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from compliance.errors import closest
from compliance.files.cells import Fault
from compliance.standard.definitions import Metric, Parameter, Standard, Title
from compliance.standard.spelling import KEY_SPELLINGS, RESERVED_ATTRIBUTES, folded

FileKind = Literal["areas", "metrics", "parameters", "exemptions"]

# In a list of areas, where 单位编号 names the column of ids, these mean the name.
NAME_SPELLINGS = frozenset({"社区名称", "街道名称", "单位名称"})
KEYS_OF: dict[FileKind, tuple[str, ...]] = {
    "areas": ("area_id", "name", "level", "parent_id"),
    "metrics": ("area_id", "period"),
    "parameters": ("period",),
    "exemptions": ("area_id", "indicator", "from", "to", "reason"),
}
OPTIONAL_KEYS = frozenset({"to", "parent_id"})
# Columns that we added to a refused file ourselves: they are left out when it comes back.
REASONS_HEADER, MEANT_HEADER = "问题 / Problems", "是不是 / Did you mean"

_COUNTED = "个 件 次 起 项 场 所 处 名 支 套 家 条 份 例 只 张 台 辆 座 栋 幢 块 片 册 本 部 宗 批 期 类 种 人 户 count number".split()
UNIT_SPELLINGS: dict[str, tuple[str, ...]] = {
    "percent": ("%", "百分比", "百分数", "percent"),
    "permille": ("‰", "千分比", "permille"),
    "count": tuple(_COUNTED),
    "people": ("人", "名", "位", "人次", "people", "persons"),
    "households": ("户", "households"),
    "m2": ("平方米", "平米", "㎡", "m2", "m²", "sqm"),
    "km2": ("平方公里", "平方千米", "km2", "km²"),
    "hours": ("小时", "hours", "h"),
    "days": ("天", "日", "days"),
    "minutes": ("分钟", "minutes", "min"),
    "months": ("月", "个月", "months"),
    "years": ("年", "years"),
    "times": ("次", "次数", "times"),
    "yuan": ("元", "人民币元", "yuan", "CNY", "RMB"),
    "usd": ("美元", "USD", "US$"),
    "yes_no": ("是/否", "有/无", "1/0", "是否", "yes/no"),
    "points": ("分", "points"),
}
_BRACKETED = re.compile(r"(?P<outer>.+?)\s*[(\[【](?P<inner>[^()\[\]【】]+)[)\]】]", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One column of the file: where it stands, its header as written, and what it is called in the table."""

    position: int
    header: str
    id: str
    item: Metric | Parameter | None = None


class HeaderFault(NamedTuple):
    column: str
    fault: Fault


@dataclass(frozen=True)
class Layout:
    """What the columns hold, as far as it can be told. Rows can be read when it is usable, even if some columns are faulty."""

    kind: FileKind | None
    level: str | None
    width: int
    keys: Mapping[str, Column]
    values: tuple[Column, ...]
    ignored: tuple[str, ...]
    faults: tuple[HeaderFault, ...]
    is_usable: bool
    cells: tuple[str, ...] = ()
    skipped: frozenset[int] = frozenset()

    @property
    def known_columns(self) -> int:
        return len(self.keys) + len(self.values)


@dataclass
class _Names:
    """Everything that a header cell can be called, folded."""

    ids: dict[str, Metric | Parameter] = field(default_factory=dict)
    titles: defaultdict[str, dict[str, Metric | Parameter]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, item: Metric | Parameter) -> None:
        self.ids[folded(item.id)] = item
        for title in (item.title.zh, item.title.en):
            if title:
                self.titles[folded(title)][item.id] = item

    def find(self, word: str) -> Metric | Parameter | Fault | None:
        if (item := self.ids.get(word)) is not None:
            return item
        items = list(self.titles.get(word, {}).values())
        return Fault("reading.ambiguous_column", {"ids": ", ".join(item.id for item in items)}) if len(items) > 1 else next(iter(items), None)

    def spellings(self) -> Iterable[str]:
        for item in self.ids.values():
            yield from (item.id, item.title.zh, item.title.en)


class Headers:
    """Reads header rows against one standard."""

    def __init__(self, standard: Standard, ignore: Collection[str]) -> None:
        self.standard = standard
        self._ignore = {folded(name) for name in ignore}
        self._metrics, self._parameters = _Names(), _Names()
        for metric in standard.metrics:
            self._metrics.add(metric)
        for parameter in standard.parameters:
            self._parameters.add(parameter)
        self._keys = {folded(word): key for key, words in KEY_SPELLINGS.items() for word in words}
        for level in standard.levels:
            for title in (level.title.zh, level.title.en):
                self._keys.setdefault(folded(title), "area_id")
        self._attributes: defaultdict[str, list[str]] = defaultdict(list)
        for attribute in standard.attributes:
            for word in {folded(attribute.id), folded(attribute.title.zh), folded(attribute.title.en)}:
                self._attributes[word].append(attribute.id)
        self._suggests, self._suggestions_left = True, 50

    def read(self, cells: Sequence[str], suggest: bool = True) -> Layout:
        """What the cells say if they are the header; without suggestions where that is only being tried."""
        self._suggests = suggest
        width = next((end for end in range(len(cells), 0, -1) if cells[end - 1].strip()), 0)
        written = tuple(cell.strip() for cell in cells[:width])
        ignored = [position for position, cell in enumerate(written) if folded(cell) in self._ignore or _is_note(cell)]
        wanted = {position: cell for position, cell in enumerate(written) if position not in ignored}
        kind = self._kind(wanted.values())
        draft = Layout(kind, None, width, {}, (), tuple(written[position] for position in ignored), (), False, written, frozenset(ignored))
        if kind is None:
            return draft
        keys, values, faults = self._columns(kind, wanted)
        draft = replace(draft, keys=keys, values=values)
        if kind == "metrics":
            level, level_faults = self._level(values)
            draft, faults = replace(draft, level=level), [*faults, *level_faults]
        missing = [*_missing(kind, draft)]
        return replace(draft, faults=(*faults, *missing), is_usable=not missing)

    def key(self, header: str) -> str | None:
        """The key column that a header names, also as `考核期 (period)`."""
        word = folded(header)
        if word in self._keys:
            return self._keys[word]
        if found := _BRACKETED.fullmatch(word):
            outer, inner = self._keys.get(found["outer"]), self._keys.get(found["inner"])
            return outer if outer == inner else None
        return None

    def _kind(self, headers: Iterable[str]) -> FileKind | None:
        words = [(header, self.key(header)) for header in headers]
        keys = {key for _, key in words if key}
        has_metrics = any(isinstance(self._value(self._metrics, header), Metric) for header, _ in words)
        has_parameters = any(isinstance(self._value(self._parameters, header), Parameter) for header, _ in words)
        reports = has_metrics and {"area_id", "period"} <= keys
        if not reports and keys & {"indicator", "reason"}:
            return "exemptions"
        if ("level" in keys and not reports) or {"name", "parent_id"} <= keys or ({"area_id", "name"} <= keys and not has_metrics and "period" not in keys):
            return "areas"
        if "area_id" in keys and ("period" in keys or has_metrics):
            return "metrics"
        if has_parameters:
            return "parameters"
        if has_metrics:
            return "metrics"
        return "parameters" if "period" in keys else None

    def _columns(self, kind: FileKind, wanted: Mapping[int, str]) -> tuple[dict[str, Column], tuple[Column, ...], list[HeaderFault]]:
        keys: dict[str, Column] = {}
        values: dict[str, Column] = {}
        faults = []
        has_exact = {word for word in map(folded, wanted.values()) if word in KEYS_OF[kind]}
        for position, header in wanted.items():
            found = self._column(kind, position, header, keys, has_exact)
            if isinstance(found, Fault):
                faults.append(HeaderFault(header, found))
                continue
            taken = keys if found.id in KEYS_OF[kind] and found.item is None else values
            slot = found.id if found.item is not None or taken is keys else folded(found.id)
            if slot in taken:
                earlier = taken[slot]
                args = {"first": earlier.header, "first_position": earlier.position + 1, "position": position + 1}
                faults.append(HeaderFault(header, Fault("reading.duplicate_column", args)))
            else:
                taken[slot] = found
        return keys, tuple(values.values()), faults

    def _column(self, kind: FileKind, position: int, header: str, keys: Mapping[str, Column], has_exact: Collection[str]) -> Column | Fault:
        if not header:
            return Fault("reading.blank_header", {"position": position + 1})
        key = self.key(header)
        names = {"metrics": self._metrics, "parameters": self._parameters}.get(kind)
        item = self._value(names, header) if names else None
        is_synonym = key in has_exact and folded(header) != key
        if kind == "areas" and _means_name(header, key, keys):
            return Column(position, header, "name")
        if key is not None and key in KEYS_OF[kind] and not (is_synonym and item is not None):
            return Column(position, header, key)
        if isinstance(item, Fault):
            return item
        if item is not None:
            return Column(position, header, item.id, item)
        if kind == "areas" and key is None:
            named = self._attribute(header)
            return named if isinstance(named, Fault) else Column(position, header, named)
        return self._unknown(kind, header, key)

    def _attribute(self, header: str) -> str | Fault:
        """What an attribute of areas is called in the table: its id where the header is that or a title, alone or as `title (id)`; else the header as it stands."""
        word = folded(header)
        bracketed = _BRACKETED.fullmatch(word)
        for spelling in (word, bracketed["inner"], bracketed["outer"]) if bracketed else (word,):
            ids = self._attributes.get(spelling, [])
            exact = [id_ for id_ in ids if folded(id_) == spelling] or ids
            if len(exact) > 1:
                return Fault("reading.ambiguous_column", {"ids": ", ".join(exact)})
            if exact:
                header = exact[0]
                break
        return Fault("reading.reserved_attribute") if folded(header) in RESERVED_ATTRIBUTES else header

    def _level(self, columns: Sequence[Column]) -> tuple[str | None, list[HeaderFault]]:
        """The level that a file of metrics is about: that of all its metrics."""
        found = [(column, column.item.level) for column in columns if isinstance(column.item, Metric)]
        for column, level in found[1:]:
            first, first_level = found[0]
            if level != first_level:
                args = {"first": first.header, "first_level": self._title(first_level), "level": self._title(level)}
                return None, [HeaderFault(column.header, Fault("reading.two_levels", args))]
        return (found[0][1] if found else None), []

    def _title(self, level: str) -> Title:
        return self.standard.level_by_id[level].title

    def _value(self, names: _Names, header: str) -> Metric | Parameter | Fault | None:
        """A metric or parameter named by id or title, alone or as `title (id)`, `id (title)`, `title(unit)`."""
        word = folded(header)
        if (whole := names.find(word)) is not None:
            return whole
        bracketed = _BRACKETED.fullmatch(unicodedata.normalize("NFKC", header).strip())
        if bracketed is None:
            return None
        outer, inner = names.find(folded(bracketed["outer"])), names.find(folded(bracketed["inner"]))
        if isinstance(inner, Metric | Parameter):
            if outer is None or outer is inner or (isinstance(outer, Fault) and inner.id in str(outer.args["ids"])):
                return inner
            return Fault("reading.ambiguous_column", {"ids": f"{outer.id if not isinstance(outer, Fault) else outer.args['ids']}, {inner.id}"})
        if outer is None or isinstance(outer, Fault):
            return outer
        expected = UNIT_SPELLINGS.get(outer.unit, ())
        if folded(bracketed["inner"]) in map(folded, expected):
            return outer
        return Fault("reading.header_unit", {"bracket": bracketed["inner"], "expected": _unit_title(outer.unit)})

    def _unknown(self, kind: FileKind, header: str, key: str | None) -> Fault:
        if key is not None:
            return Fault("reading.key_column_here")
        if kind == "metrics" and isinstance(self._value(self._parameters, header), Parameter):
            return Fault("reading.parameter_here")
        if kind != "metrics" and isinstance(self._value(self._metrics, header), Metric):
            return Fault("reading.metric_here")
        names = self._metrics if kind == "metrics" else self._parameters if kind == "parameters" else _Names()
        meant = self._closest(header, [*(word for key in KEYS_OF[kind] for word in KEY_SPELLINGS[key]), *names.spellings()])
        return Fault("reading.unknown_column", {"meant": meant}, (meant,)) if meant else Fault("reading.strange_column")

    def _closest(self, header: str, spellings: Sequence[str]) -> str | None:
        # Looking for the nearest of a thousand names takes milliseconds: enough for typing errors, too slow for a thousand strange columns.
        if not self._suggests or self._suggestions_left == 0:
            return None
        self._suggestions_left -= 1
        bracketed = _BRACKETED.fullmatch(unicodedata.normalize("NFKC", header))
        return closest(bracketed["outer"] if bracketed else header, spellings)


def _missing(kind: FileKind, layout: Layout) -> Iterable[HeaderFault]:
    for key in KEYS_OF[kind]:
        if key not in layout.keys and key not in OPTIONAL_KEYS:
            chinese = next(word for word in KEY_SPELLINGS[key] if not word.isascii())
            yield HeaderFault("", Fault("reading.missing_column", {"name": Title(chinese, key)}))
    if kind == "metrics" and not layout.values:
        yield HeaderFault("", Fault("reading.no_metric_columns"))
    if kind == "parameters" and not layout.values:
        yield HeaderFault("", Fault("reading.no_parameter_columns"))


def _is_note(header: str) -> bool:
    return folded(header).startswith((folded(REASONS_HEADER), folded(MEANT_HEADER)))


def _unit_title(unit: str) -> Title:
    spellings = UNIT_SPELLINGS.get(unit, (unit,))
    return Title(spellings[0], next((word for word in spellings if word.isascii()), spellings[0]))


def _means_name(header: str, key: str | None, keys: Mapping[str, Column]) -> bool:
    return key == "area_id" and folded(header) in NAME_SPELLINGS and "area_id" in keys and "name" not in keys
