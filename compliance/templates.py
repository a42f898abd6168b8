"""Files to fill in: the areas and columns of a level, cells left blank."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from compliance import periods
from compliance.definitions import Language, Metric, Standard
from compliance.queries import names_in


def csv_template(
    standard: Standard, level: str, domain: str | None, period: int, area_ids: Sequence[str], titles: Language | None
) -> bytes:  # fmt: skip
    """A metrics file with one row an area; UTF-8, with a BOM (for WPS and Excel) when the columns are headed by titles.

    titles: heads such as `楼道亮灯率 (stairwell_lighting_rate)`; None: ids alone.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if titles else "\n")
    writer.writerows(_rows(standard, level, domain, period, area_ids, titles))
    return out.getvalue().encode("utf-8-sig" if titles else "utf-8")


def xlsx_template(
    standard: Standard, level: str, domain: str | None, period: int, area_ids: Sequence[str], titles: Language | None
) -> bytes:  # fmt: skip
    """The same as a workbook, to be saved as CSV when it is filled in. Ids and periods are text cells: 007 stays 007."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, text, head = book.add_worksheet(), book.add_format({"num_format": "@"}), book.add_format({"bold": True, "text_wrap": True})
        for position, row in enumerate(_rows(standard, level, domain, period, area_ids, titles)):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(position, column, cell, text if position else head)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 500, 14)
    return out.getvalue()


def _rows(standard: Standard, level: str, domain: str | None, period: int, area_ids: Sequence[str], titles: Language | None) -> list[list[str]]:
    metrics = _metrics(standard, level, domain)
    heads = [metric.id if titles is None else f"{metric.title.in_language(titles)} ({metric.id})" for metric in metrics]
    label = periods.label(period, standard.frequency)
    return [["area_id", "period", *heads], *([area_id, label, *([""] * len(metrics))] for area_id in area_ids)]


def _metrics(standard: Standard, level: str, domain: str | None) -> list[Metric]:
    if domain is None:
        return list(standard.metrics_of(level))
    wanted = set(names_in(standard.domain_by_id[domain].at(level)))
    return [metric for metric in standard.metrics_of(level) if metric.id in wanted]
