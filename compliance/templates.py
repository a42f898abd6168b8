"""Files to fill in: the areas and columns of a level, cells left blank."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from compliance import periods
from compliance.definitions import Language, Metric, Standard
from compliance.queries import names_in


def csv_template(
    standard: Standard, level: str, domain: str | None, period: int, area_ids: Sequence[str], titles: Language | None
) -> bytes:  # fmt: skip
    """A metrics file with one row an area; UTF-8, with a BOM (for WPS and Excel) when the columns are headed by titles.

    titles: heads such as `楼道亮灯率 (stairwell_lighting_rate)`; None: ids alone.
    """
    metrics = _metrics(standard, level, domain)
    heads = [metric.id if titles is None else f"{metric.title.in_language(titles)} ({metric.id})" for metric in metrics]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if titles else "\n")
    writer.writerow(["area_id", "period", *heads])
    label = periods.label(period, standard.frequency)
    writer.writerows([area_id, label, *([""] * len(metrics))] for area_id in area_ids)
    return out.getvalue().encode("utf-8-sig" if titles else "utf-8")


def _metrics(standard: Standard, level: str, domain: str | None) -> list[Metric]:
    if domain is None:
        return list(standard.metrics_of(level))
    wanted = set(names_in(standard.domain_by_id[domain].at(level)))
    return [metric for metric in standard.metrics_of(level) if metric.id in wanted]
