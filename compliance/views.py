"""Rows of queries → the few numbers and sentences that the overview says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from compliance.definitions import Domain, Level, Standard
from compliance.queries import Coverage, DomainMatrix
from compliance.texts import Words

MET, UNMET, NO_DATA, NOT_APPLICABLE = range(4)


@dataclass(frozen=True)
class Counts:
    """Verdicts counted: the parts that every rate is shown with."""

    met: int
    unmet: int
    no_data: int
    not_applicable: int

    @property
    def judged(self) -> int:
        return self.met + self.unmet

    @property
    def rate(self) -> float | None:
        """Met of judged; None when nothing could be judged, which is not 0 %."""
        return self.met / self.judged if self.judged else None

    @property
    def is_earned(self) -> bool:
        return self.met > 0 and self.unmet == 0 and self.no_data == 0

    @classmethod
    def of(cls, row: dict[str, Any]) -> Counts:
        return cls(*(int(row[name]) for name in ("met", "unmet", "no_data", "not_applicable")))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame one by one; pandas does not know that our columns have names."""
    return cast(list[dict[str, Any]], frame.to_dict("records"))


def parts(words: Words, counts: Counts) -> str:
    """62/71 · 缺18 · 不适用14"""
    return words("app.parts", met=counts.met, judged=counts.judged, no_data=counts.no_data, not_applicable=counts.not_applicable)


def badge_domains(standard: Standard, level: str) -> tuple[Domain, ...]:
    return tuple(domain for domain in standard.domains_of(level) if domain.badge is not None)


def counts_of_domains(rows: pd.DataFrame) -> dict[str, Counts]:
    """Domain id → counts, from rows with a column `domain`; "" stands for all of them together."""
    return {str(row["domain"]): Counts.of(row) for row in records(rows)}


def earned_per_area(matrix: DomainMatrix) -> np.ndarray:
    """How many badges each area of the matrix holds."""
    has_badge = np.array([domain.badge is not None for domain in matrix.domains], dtype=bool)
    counts = matrix.counts
    earned = (counts[:, :, MET] > 0) & (counts[:, :, UNMET] == 0) & (counts[:, :, NO_DATA] == 0)
    held: np.ndarray = (earned & has_badge).sum(axis=1)
    return held


def headline(words: Words, level: Level, coverage: Coverage, matrix: DomainMatrix) -> str:
    """What a leader should take away in one sentence."""
    badges = sum(domain.badge is not None for domain in matrix.domains)
    if badges:
        held = earned_per_area(matrix)
        values = {"all": int((held == badges).sum()), "some": int((held > 0).sum())}
        return words("overview.headline", areas=coverage.areas, level=words.title(level.title), badges=badges, **values)
    met, unmet = (int(matrix.counts[:, :, what].sum()) for what in (MET, UNMET))
    rate = words.percent(met / (met + unmet) if met + unmet else None)
    return words("overview.headline_rate", areas=coverage.areas, level=words.title(level.title), rate=rate, met=met, judged=met + unmet)


def coverage_sentence(words: Words, level: Level, coverage: Coverage) -> str:
    """How much of it all is known."""
    lacking = coverage.areas - coverage.complete
    key = "overview.coverage" if lacking else "overview.coverage_complete"
    return words(key, level=words.title(level.title), judged=coverage.judged, areas=coverage.areas, lacking=lacking)


def missed_table(words: Words, standard: Standard, missed: pd.DataFrame) -> pd.DataFrame:
    """The most missed indicators, ready to read and to download: one row an indicator, headed in words."""
    indicators = [standard.indicator_by_code[code] for code in missed["indicator"]]
    return pd.DataFrame(
        {
            words("overview.column_code"): [indicator.code for indicator in indicators],
            words("overview.column_indicator"): [words.title(indicator.title) for indicator in indicators],
            words("overview.column_domain"): [words.title(standard.domain_of[indicator.code].title) for indicator in indicators],
            words("overview.column_owner"): [words.title(indicator.owner) if indicator.owner else "" for indicator in indicators],
            words("overview.column_unmet"): list(missed["unmet"]),
            words("overview.column_judged"): list(missed["met"] + missed["unmet"]),
            words("overview.column_no_data"): list(missed["no_data"]),
            words("overview.column_not_applicable"): list(missed["not_applicable"]),
        }
    )


def areas_table(words: Words, rows: pd.DataFrame) -> pd.DataFrame:
    """All areas with their counts, the lowest rate first: those who need help stand on top."""
    judged = rows["met"] + rows["unmet"]
    ordered = rows.assign(rate=(rows["met"] / judged.where(judged > 0)), judged=judged).sort_values(["rate", "area_id"], kind="stable", na_position="last")
    parent = {words("overview.column_parent"): ordered["parent"]} if ordered["parent"].any() else {}
    return pd.DataFrame(
        {
            words("overview.column_area_id"): ordered["area_id"],
            words("overview.column_area"): ordered["name"],
            **parent,
            words("overview.column_rate"): [words.percent(rate) for rate in ordered["rate"]],
            words("overview.column_met"): ordered["met"],
            words("overview.column_judged"): ordered["judged"],
            words("overview.column_no_data"): ordered["no_data"],
            words("overview.column_not_applicable"): ordered["not_applicable"],
        }
    ).reset_index(drop=True)


def levels_below(standard: Standard, level: str) -> tuple[Level, ...]:
    """The judged levels whose areas belong to areas of this one."""
    return tuple(each for each in standard.levels if each.parent == level and each.id in standard.judged_levels)
