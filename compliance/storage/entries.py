"""One figure, one exemption or one parameter entered by hand: an import of one row like any other, with its reason (ADR 8).

The row is written as the CSV file that a clerk would have sent, so that it is checked, traced, undone and rebuilt the same way. The same row may be
entered twice: a figure can be put right, overlaid by a wrong file, and put right again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from compliance.access import User, require
from compliance.errors import ImportDataError, Problem
from compliance.files.reading import Source
from compliance.storage.importer import Inspect, Outcome, Remarks, import_sources
from compliance.storage.store import Store

# What the file is called in every language: names of files are data.
CORRECTION, EXEMPTION, PARAMETER = "更正", "豁免", "参数"


def correct(
    store: Store,
    area: str,
    period: str,
    metric: str,
    value: str,
    *,
    user: User,
    why: str,
    note: str = "",
    dry_run: bool = False,
    seen_version: int | None = None,
    inspect: Inspect | None = None,
) -> Outcome:
    """Put one figure right. area: id or full name; period: as in files; metric: id; value: as a clerk writes it, in the metric's unit.
    inspect: as import_sources.

    Raises ImportDataError where a file with this row would be refused, when no reason is given, and for a blank: it would change nothing.
    AccessDenied as an import.
    """
    if not value.strip():
        raise ImportDataError([Problem("entry.blank", subject=area, column=metric)])
    row = {"area_id": area, "period": period, metric: value}
    return _enter(store, f"{CORRECTION}-{area}-{period}-{metric}.csv", row, user, Remarks(why, note, by_hand=True), dry_run, seen_version, inspect)


def exempt(
    store: Store,
    area: str,
    indicator: str,
    first: str,
    last: str,
    *,
    user: User,
    why: str,
    note: str = "",
    said: str = "",
    dry_run: bool = False,
    seen_version: int | None = None,
) -> Outcome:
    """Exempt an area from an indicator, from a period to another, both included; last "": open ended. Raises as `correct`.

    An exemption is ended by entering it again, with the same beginning and an end: the newest word on area, indicator and beginning holds.
    said: the reason that the exemption goes on giving, where `why` is only why it is entered again.
    """
    row = {"area_id": area, "indicator": indicator, "from": first, "to": last, "reason": said or why}
    return _enter(store, f"{EXEMPTION}-{area}-{indicator}-{first}.csv", row, user, Remarks(why, note, by_hand=True), dry_run, seen_version)


def set_parameter(
    store: Store, period: str, parameter: str, value: str, *, user: User, why: str, note: str = "", dry_run: bool = False, seen_version: int | None = None
) -> Outcome:
    """Enter a figure that comes from outside. Raises as `correct`."""
    if not value.strip():
        raise ImportDataError([Problem("entry.blank", column=parameter)])
    row = {"period": period, parameter: value}
    return _enter(store, f"{PARAMETER}-{period}-{parameter}.csv", row, user, Remarks(why, note, by_hand=True), dry_run, seen_version)


def _enter(
    store: Store, name: str, row: Mapping[str, str], user: User, remarks: Remarks, dry_run: bool, seen_version: int | None, inspect: Inspect | None = None
) -> Outcome:  # fmt: skip
    require(user, "correct")
    if not remarks.reason.strip():
        raise ImportDataError([Problem("entry.reason")])
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([row.keys(), row.values()])
    return import_sources(
        store, [Source(name, text.getvalue().encode())], user=user, remarks=remarks, dry_run=dry_run, seen_version=seen_version, inspect=inspect
    )  # fmt: skip
