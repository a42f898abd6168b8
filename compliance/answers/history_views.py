"""Rows of the history → what each import is and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from compliance import periods
from compliance.answers import phrases
from compliance.engine.flipping import Flips
from compliance.files.reading import header_row, positions, raw_row
from compliance.questions.queries import records
from compliance.standard.definitions import Standard
from compliance.texts import Words

KINDS = ("metrics", "areas", "parameters", "exemptions")


@dataclass(frozen=True)
class Undone:
    who: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Made:
    """One import. flips: of all files imported together, None where an older program did not count; batch: the first of these files."""

    id: int
    kind: str
    level: str
    file_name: str
    sha256: str
    encoding: str
    rows_in: int
    accepted: int
    blank: int
    ignored: str
    who: str
    at: datetime
    program: str
    version: int
    reason: str
    entered: bool
    batch: int
    flips: Flips | None
    undone: Undone | None
    is_redone: bool

    @property
    def state(self) -> str:
        return "undone" if self.undone else "redone" if self.is_redone else "counts"


def made(rows: pd.DataFrame) -> list[Made]:
    """From the rows of import_queries.history or import_facts."""
    return [_made({name: None if pd.isna(value) else value for name, value in row.items()}) for row in records(rows)]


def _made(row: Mapping[str, Any]) -> Made:
    flips = None if row["flips_met"] is None else Flips(*(int(row[f"flips_{name}"]) for name in ("met", "unmet", "no_data", "not_applicable")))
    undone = None if row["status"] == "active" else Undone(row["revoked_by"] or "", row["revoked_at"], row["revoked_why"] or "")
    return Made(
        int(row["id"]), row["kind"], row["level"] or "", row["file_name"], row["sha256"], row["encoding"], int(row["rows_in"]), int(row["accepted"]),
        int(row["blank"]), row["ignored"] or "", row["who"] or "", row["imported_at"], row["program"] or "", int(row["definitions_version"]),
        row["reason"] or "", bool(row["entered"]), int(row["batch"] or row["id"]), flips, undone, bool(row["is_redone"]),
    )  # fmt: skip


def flips_words(words: Words, flips: Flips | None) -> str:
    """Which statuses turned, in words; the two that are good or bad news first."""
    if flips is None:
        return words("history.flips_unknown")
    counts = {"met": flips.met, "unmet": flips.unmet, "no_data": flips.no_data, "not_applicable": flips.not_applicable}
    return words("app.list").join(words(f"history.flips_{name}", n=words.number(n)) for name, n in counts.items() if n) or words("history.flips_none")


def sheet(words: Words, rows: pd.DataFrame) -> pd.DataFrame:
    """The history to take away: every fact of every import."""
    table = [
        {
            "id": each.id, "when": f"{each.at:%Y-%m-%d %H:%M:%S}", "who": each.who, "file": each.file_name, "kind": words(f"kind.{each.kind}"), "rows": each.accepted,
            "flips": flips_words(words, each.flips), "reason": each.reason, "state": words(f"history.state_{each.state}"),
            "undone_by": each.undone.who if each.undone else "", "undone_at": f"{each.undone.at:%Y-%m-%d %H:%M:%S}" if each.undone else "",
            "undone_why": each.undone.why if each.undone else "", "encoding": each.encoding, "program": each.program, "version": each.version,
            "sha256": each.sha256,
        }
        for each in made(rows)
    ]  # fmt: skip
    names = list(table[0]) if table else []
    return pd.DataFrame([list(row.values()) for row in table], columns=[words(f"history.column_{name}") for name in names])


# -- cells ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CellSaid:
    """One cell of an import, in words. by: the newer import whose value counts instead; counts: the value that counts now, with or without this import."""

    line: int
    area_id: str
    area: str
    period: int
    metric: str
    raw: str
    value: str
    counts: str
    by: int | None
    without: str


def cells(
    words: Words, standard: Standard, rows: pd.DataFrame, names: Mapping[str, str], is_undone: bool, raws: Mapping[tuple[int, str], str]
) -> list[CellSaid]:  # fmt: skip
    """From the rows of overlay_queries. names: area → its name; raws: (line, metric) → as written."""
    nothing, found = words("history.nothing"), []
    for row in records(rows):
        unit = (standard.metric_by_id.get(row["metric"]) or standard.parameter_by_id[row["metric"]]).unit
        value, above, below = ("" if pd.isna(row[name]) else phrases.exact(words, float(row[name]), unit) for name in ("value", "above", "below"))
        counts = above or ((below or nothing) if is_undone else value)
        by = None if pd.isna(row["above_id"]) else int(row["above_id"])
        line, area, metric = int(row["line"]), row["area_id"], row["metric"]
        raw = raws.get((line, metric), "")
        found.append(CellSaid(line, area, names.get(area, area), int(row["period"]), metric, raw, value, counts, by, below or nothing))
    return found


def raws(content: bytes, encoding: str, standard: Standard, rows: pd.DataFrame) -> dict[tuple[int, str], str]:
    """(line, metric) → what stands in the file, for the lines of these rows."""
    places = positions(header_row(content, encoding), standard)
    lines = {int(line): raw_row(content, encoding, int(line)) for line in dict.fromkeys(rows["line"])}
    written = {}
    for row in records(rows):
        cells, place = lines[int(row["line"])], places.get(row["metric"])
        written[int(row["line"]), row["metric"]] = cells[place] if place is not None and place < len(cells) else ""
    return written


def state_of_cell(words: Words, said: CellSaid, is_undone: bool) -> str:
    """Whether a cell counts, and if not, what does."""
    if is_undone:
        return words("history.cell_undone")
    return words("history.cell_overlaid", id=said.by) if said.by is not None else words("history.cell_counts")


# -- rows of the other kinds ---------------------------------------------------------------------------------------------


def exemption_rows(words: Words, standard: Standard, rows: pd.DataFrame, is_undone: bool) -> pd.DataFrame:
    """From the rows of overlay_queries.rows_of_exemptions."""
    names = ("line", "area_id", "area", "indicator", "from", "to", "reason", "cell")
    table = [
        (
            row["line"], row["area_id"], row["name"], row["indicator"], periods.label(int(row["from"]), standard.frequency),
            words("history.open_ended") if pd.isna(row["to"]) else periods.label(int(row["to"]), standard.frequency), row["reason"],
            _row_state(words, row["above_id"], is_undone),
        )
        for row in records(rows)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=[words(f"history.column_{name}") for name in names])


def area_rows(words: Words, standard: Standard, rows: pd.DataFrame, is_undone: bool) -> pd.DataFrame:
    """From the rows of overlay_queries.rows_of_areas."""
    names = ("line", "area_id", "area", "level", "parent", "cell")
    table = [
        (row["line"], row["area_id"], row["name"], _level(words, standard, row["level"]), row["parent_id"], _row_state(words, row["above_id"], is_undone))
        for row in records(rows)
    ]
    return pd.DataFrame(table, columns=[words(f"history.column_{name}") for name in names])


def _level(words: Words, standard: Standard, level: str) -> str:
    return words.title(standard.level_by_id[level].title) if level in standard.level_by_id else level


def _row_state(words: Words, above: float | None, is_undone: bool) -> str:
    if is_undone:
        return words("history.cell_undone")
    return words("history.cell_counts") if above is None or pd.isna(above) else words("history.cell_overlaid", id=int(above))
