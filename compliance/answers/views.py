"""Rows of queries → the few numbers and sentences that the overview says. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from compliance.answers import phrases
from compliance.engine.judging import LARGEST_UNKNOWN_SHARE
from compliance.questions.queries import Area, Coverage, DomainMatrix, records
from compliance.standard.definitions import Domain, Level, Standard
from compliance.texts import UNKNOWN, Words

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
    def met_of_judged(self) -> str:
        """4,503/6,433: the two numbers behind a rate."""
        return f"{self.met:,}/{self.judged:,}"

    @property
    def rate(self) -> float | None:
        """Met of judged; None when nothing could be judged, which is not 0 %."""
        return self.met / self.judged if self.judged else None

    @property
    def is_unsure(self) -> bool:
        """Whether so much data is missing that a rate would mislead: 0 of 1 with 8 unknown is not 0 % (DESIGN §4.4)."""
        return self.no_data > LARGEST_UNKNOWN_SHARE * (self.judged + self.no_data)

    @property
    def is_earned(self) -> bool:
        return self.met > 0 and self.unmet == 0 and self.no_data == 0

    @classmethod
    def of(cls, row: dict[str, Any]) -> Counts:
        return cls(*(int(row[name]) for name in ("met", "unmet", "no_data", "not_applicable")))


def total(each: Iterable[Counts]) -> Counts:
    """Several counts as one: their sums, since a domain of 30 indicators weighs more than one of 3."""
    listed = list(each)
    return Counts(*(sum(getattr(counts, name) for counts in listed) for name in ("met", "unmet", "no_data", "not_applicable")))


def is_common(counts: Counts) -> bool:
    """Missed by more than half of all that could be judged: a problem of policy rather than of one area."""
    return 2 * counts.unmet > counts.judged


def common_problems(missed: pd.DataFrame) -> int:
    """How many indicators are missed by more than half."""
    return sum(is_common(Counts.of(row)) for row in records(missed))


def parts(words: Words, counts: Counts) -> str:
    """62/71 · 缺18 · 不适用14"""
    figures = {name: f"{getattr(counts, name):,}" for name in ("met", "judged", "no_data", "not_applicable")}
    return words("app.parts", **figures)


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


def one_short(matrix: DomainMatrix) -> dict[str, int]:
    """Domain → how many areas lack a single indicator of it, with everything known."""
    is_short = (matrix.counts[:, :, UNMET] == 1) & (matrix.counts[:, :, NO_DATA] == 0)
    return {domain.id: int(n) for domain, n in zip(matrix.domains, is_short.sum(axis=0), strict=True)}


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


def rate_sentence(words: Words, standard: Standard, level: Level, now: pd.DataFrame, before: pd.DataFrame | None) -> str:
    """How much of everything is met, unless the headline says so, and whether that is better than before."""
    counts = total(counts_of_domains(now).values())
    earlier = total(counts_of_domains(before).values()) if before is not None else None
    parts = {"level": words.title(level.title), "rate": words.percent(counts.rate), "met": counts.met, "judged": counts.judged}
    change = _change_words(words, counts, earlier)
    if badge_domains(standard, level.id):
        return words("overview.rate_sentence", **parts, change=change)
    return words("overview.rate_change", change=change) if earlier is not None else ""


def _change_words(words: Words, counts: Counts, earlier: Counts | None) -> str:
    if earlier is None or earlier.rate is None or counts.rate is None:
        return words("overview.change_untold")
    points = round(100 * (counts.rate - earlier.rate), 1)
    key = "up" if points > 0 else "down" if points < 0 else "same"
    return words(f"overview.change_points_{key}", n=words.number(abs(points)))


def weakest_sentence(words: Words, standard: Standard, level: Level, now: pd.DataFrame, missed: pd.DataFrame) -> str:
    """Where most is missed: the domain with the lowest rate, the indicator that most areas miss, and how many are everybody's problem."""
    judged = {id_: counts for id_, counts in counts_of_domains(now).items() if counts.judged}
    if not judged or missed.empty:
        return ""
    domain, counts = min(judged.items(), key=lambda item: item[1].rate or 0)
    worst = Counts.of(records(missed)[0])
    said = words(
        "overview.weakest", level=words.title(level.title), domain=words.title(standard.domain_by_id[domain].title), rate=words.percent(counts.rate),
        indicator=words.title(standard.indicator_by_code[missed["indicator"].iloc[0]].title), unmet=worst.unmet, judged=worst.judged,
    )  # fmt: skip
    common = common_problems(missed)
    return said + (words("overview.weakest_common", n=common, level=words.title(level.title)) if common else "")


def freshness(words: Words, standard: Standard, level: Level, newest: int, imported: datetime | None, coverage: Coverage, now: pd.DataFrame) -> str:
    """As of when the data are, and how much of it all is known: 数据截至 2026年第3季度，最近导入 …；3.2% 的判定缺数据."""
    counts = total(counts_of_domains(now).values())
    verdicts = counts.judged + counts.no_data
    as_of = words("overview.as_of", period=phrases.period(words, standard, newest), when=f"{imported:%Y-%m-%d %H:%M}" if imported else UNKNOWN)
    known = words("overview.coverage", level=words.title(level.title), judged=coverage.judged, areas=coverage.areas)
    if not counts.no_data:
        return as_of + known + words("overview.coverage_complete")
    lacking = {"lacking": coverage.areas - coverage.complete, "missing": words.percent(counts.no_data / verdicts), "level": words.title(level.title)}
    return as_of + known + words("overview.coverage_lacking", n=counts.no_data, verdicts=verdicts, **lacking)


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
    # Thousands of areas share some hundred rates.
    said = {rate: words.percent(rate) for rate in ordered["rate"].unique()}
    return pd.DataFrame(
        {
            words("overview.column_area_id"): ordered["area_id"],
            words("overview.column_area"): ordered["name"],
            **parent,
            words("overview.column_rate"): ordered["rate"].map(said),
            words("overview.column_met"): ordered["met"],
            words("overview.column_judged"): ordered["judged"],
            words("overview.column_no_data"): ordered["no_data"],
            words("overview.column_not_applicable"): ordered["not_applicable"],
        }
    ).reset_index(drop=True)


def levels_below(standard: Standard, level: str) -> tuple[Level, ...]:
    """The judged levels whose areas belong to areas of this one."""
    return tuple(each for each in standard.levels if each.parent == level and each.id in standard.judged_levels)


def judged_parent(standard: Standard, area: Area) -> str | None:
    """The level of the area that this one belongs to, if that is judged too."""
    parent = standard.level_by_id[area.level].parent
    return parent if area.parent_id is not None and parent in standard.judged_levels else None
