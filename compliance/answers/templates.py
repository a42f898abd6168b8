"""Files to fill in: which areas, which columns, and what is reported already; as CSV; template_workbook.py makes workbooks of the same. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from compliance import periods
from compliance.files.reading import KEYS_OF, FileKind
from compliance.questions.queries import Area
from compliance.spreadsheets import harmless
from compliance.standard.definitions import Metric, Standard
from compliance.standard.inputs import names_in
from compliance.texts import Words

# area id → the figures reported for the template's metrics, None where nothing is
Values = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Template:
    """One row an area, one column a metric. titles: the language of heads such as `楼道亮灯率 (stairwell_lighting_rate)` and of areas such as
    `阳光社区 (C0101)`; None: ids alone. values: what the cells hold already."""

    standard: Standard
    level: str
    period: int
    metrics: tuple[Metric, ...]
    areas: tuple[Area, ...]
    titles: Words | None = None
    values: Values = field(default_factory=dict)

    @property
    def period_label(self) -> str:
        return periods.label(self.period, self.standard.frequency)

    def heads(self) -> list[str]:
        if self.titles is None:
            return ["area_id", "period", *(metric.id for metric in self.metrics)]
        keys = [f"{self.titles(f'template.key_{key}')} ({key})" for key in ("area_id", "period")]
        return [*keys, *(f"{self.titles.title(metric.title)} ({metric.id})" for metric in self.metrics)]

    def area_cell(self, area: Area) -> str:
        return area.id if self.titles is None else f"{area.name} ({area.id})"

    def figures(self, area: Area) -> Sequence[float | None]:
        return self.values.get(area.id) or (None,) * len(self.metrics)


def metrics_for(standard: Standard, level: str, domain: str | None = None, owner: str | None = None) -> tuple[Metric, ...]:
    """What a level reports: all of it, or what the indicators of a domain or of a department (its Chinese name, as written in the standard) look at."""
    if domain is None and owner is None:
        return standard.metrics_of(level)
    indicators = [each for each in standard.indicators_of(level) if owner is None or (each.owner is not None and each.owner.zh == owner)]
    wanted = set(names_in([each for each in indicators if domain is None or standard.domain_of[each.code].id == domain]))
    return tuple(metric for metric in standard.metrics_of(level) if metric.id in wanted)


def csv_template(template: Template) -> bytes:
    """UTF-8, with a BOM (for WPS and Excel) when the columns are headed by titles."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if template.titles else "\n")
    writer.writerow(template.heads())
    for area in template.areas:
        cells = [_cell(metric, figure, template.titles) for metric, figure in zip(template.metrics, template.figures(area), strict=True)]
        writer.writerow([harmless(template.area_cell(area)), template.period_label, *cells])
    return out.getvalue().encode("utf-8-sig" if template.titles else "utf-8")


def _cell(metric: Metric, figure: float | None, titles: Words | None) -> str:
    """The figure in full, so that it comes back as the same; yes and no in words."""
    if figure is None:
        return ""
    if metric.unit == "yes_no" and titles is not None:
        return titles("app.yes" if figure else "app.no")
    return repr(figure).removesuffix(".0") + ("%" if is_small_share(metric, figure) else "")


def is_small_share(metric: Metric, figure: float) -> bool:
    """Whether the figure needs its sign: in a column of percentages a bare 0.88 may have meant 88, so an import refuses it; 0.88% says what it is."""
    return metric.unit == "percent" and 0 < abs(figure) <= 1


def areas_file(standard: Standard, areas: Iterable[Area], attributes: Mapping[str, Mapping[str, str]], titles: Words | None = None) -> bytes:
    """The list of areas as a file to go on with, attributes (by area) and all; only its header where none is known yet."""
    known = {attribute.id: attribute.title for attribute in standard.attributes}
    named = [*known, *sorted({name for each in attributes.values() for name in each}.difference(known))]
    heads = [*_heads("areas", titles), *(f"{titles.title(known[name])} ({name})" if titles and name in known else name for name in named)]
    levels = {level.id: titles.title(level.title) if titles else level.id for level in standard.levels}
    rows = [(area.id, area.name, levels[area.level], area.parent_id or "", *(attributes.get(area.id, {}).get(name, "") for name in named)) for area in areas]
    return _plain([harmless(name) for name in heads], [[harmless(cell) for cell in row] for row in rows])


def parameters_file(standard: Standard, period: int, titles: Words | None = None) -> bytes:
    """The outside figures of a period, blank."""
    heads = (f"{titles.title(each.title)} ({each.id})" if titles else each.id for each in standard.parameters)
    return _plain([*_heads("parameters", titles), *heads], [(periods.label(period, standard.frequency), *("" for _ in standard.parameters))])


def exemptions_file(titles: Words | None = None) -> bytes:
    return _plain(_heads("exemptions", titles), [])


def _heads(kind: FileKind, titles: Words | None) -> list[str]:
    """The columns that a kind of file calls by names of its own, as `考核期 (period)` or, without titles, by these alone."""
    return [f"{titles(f'template.key_{key}')} ({key})" if titles else key for key in KEYS_OF[kind]]


def _plain(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode("utf-8-sig")
