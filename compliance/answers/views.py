"""Rows of queries → the few numbers and sentences that the overview says. Pure."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from compliance.answers import counts, phrases
from compliance.answers.counts import Counts, risen
from compliance.questions.queries import COUNTS, Area, Coverage, DomainMatrix, records
from compliance.questions.verdicts import Shift
from compliance.standard.definitions import Domain, Level, Standard
from compliance.texts import UNKNOWN, Words

# Places in the last axis of a DomainMatrix.
MET, UNMET, NO_DATA = (COUNTS.index(name) for name in ("met", "unmet", "no_data"))


def common_problems(missed: pd.DataFrame) -> int:
    """How many indicators are missed by more than half."""
    return sum(Counts.of(row).is_common for row in records(missed))


def badge_domains(standard: Standard, level: str) -> tuple[Domain, ...]:
    return tuple(domain for domain in standard.domains_of(level) if domain.badge is not None)


def earned_per_area(matrix: DomainMatrix) -> np.ndarray:
    """How many badges each area of the matrix holds."""
    has_badge = np.array([domain.badge is not None for domain in matrix.domains], dtype=bool)
    cells = matrix.counts
    earned = (cells[:, :, MET] > 0) & (cells[:, :, UNMET] == 0) & (cells[:, :, NO_DATA] == 0)
    held: np.ndarray = (earned & has_badge).sum(axis=1)
    return held


def one_short(matrix: DomainMatrix) -> dict[str, int]:
    """Domain → how many areas lack a single indicator of it, with everything known."""
    is_short = (matrix.counts[:, :, UNMET] == 1) & (matrix.counts[:, :, NO_DATA] == 0)
    return {domain.id: int(n) for domain, n in zip(matrix.domains, is_short.sum(axis=0), strict=True)}


def headline(words: Words, level: Level, coverage: Coverage, matrix: DomainMatrix, whole: Counts) -> str:
    """What a leader should take away in one sentence; where too little is known, that it is so. whole: all verdicts of the level."""
    about = {"areas": coverage.areas, "level": words.title(level.title)}
    badges = sum(domain.badge is not None for domain in matrix.domains)
    if whole.is_unsure:
        return words("overview.headline_unsure", reported=coverage.reported, missing=words.percent(whole.missing_share), **about)
    if badges:
        held = earned_per_area(matrix)
        named = words.title(next(domain.badge for domain in matrix.domains if domain.badge is not None))
        values = {"all": int((held == badges).sum()), "some": int((held > 0).sum())}
        return words("overview.headline" if badges > 1 else "overview.headline_one", badges=badges, badge=named, **about, **values)
    return words("overview.headline_rate", rate=words.percent(whole.rate, in_column=True), met=whole.met, judged=whole.judged, **about)


def rate_sentence(words: Words, standard: Standard, level: Level, whole: Counts, shift: Shift | None) -> str:
    """How much of everything is met, unless the headline says so, and whether that is better than before."""
    parts = {"level": words.title(level.title), "rate": words.percent(whole.rate, in_column=True), "met": whole.met, "judged": whole.judged}
    if whole.is_unsure:
        return words("overview.rate_unsure", **parts)
    points = risen(shift)
    if badge_domains(standard, level.id):
        return words("overview.rate_sentence", **parts, change=words(no_change(shift)) if points is None else _change(words, points))
    if points is None:
        return words("overview.rate_not_compared") if shift is not None else ""
    return words("overview.rate_change", change=_change(words, points))


def no_change(shift: Shift | None) -> str:
    """Why nothing is said of a change, as the key of its text."""
    return "overview.change_untold" if shift is None else "overview.change_unsure"


def _change(words: Words, risen: float) -> str:
    points = round(100 * risen, 1)
    key = "up" if points > 0 else "down" if points < 0 else "same"
    return words(f"overview.change_points_{key}", n=words.number(abs(points)))


def weakest_sentence(words: Words, standard: Standard, level: Level, now: pd.DataFrame, missed: pd.DataFrame) -> str:
    """Where most is missed: the domain with the lowest rate, the indicator that most areas miss, and how many are everybody's problem.

    Of what too little is known nothing is said."""
    rated = [(rate, id_, each) for id_, each in counts.of_domains(now).items() if (rate := each.comparable) is not None]
    told = [(row["indicator"], each) for row in records(missed) if not (each := Counts.of(row)).is_unsure]
    if not rated or not told or counts.total(counts.of_domains(now).values()).is_unsure:
        return ""
    rate, domain, of_domain = min(rated, key=lambda each: each[0])
    code, worst = told[0]
    unrated = [words.title(standard.domain_by_id[id_].title) for id_, each in counts.of_domains(now).items() if each.is_unsure]
    about = {"level": words.title(level.title)}
    said = words(
        "overview.weakest", weakest=words("overview.weakest_of" if standard.judged_levels[1:] else "overview.weakest_alone", **about),
        domain=words.title(standard.domain_by_id[domain].title), rate=words.percent(rate, in_column=True), parts=of_domain.met_of_judged,
        left_out=words("overview.weakest_left_out", domains=words("app.list").join(unrated)) if unrated else "",
        indicator=words.title(standard.indicator_by_code[code].title), unmet=worst.unmet, judged=worst.judged, **about,
    )  # fmt: skip
    common = common_problems(missed)
    return said + (words("overview.weakest_common", n=common, **about) if common else "")


def freshness(
    words: Words, standard: Standard, level: Level, period: int, newest: int, imported: datetime | None, coverage: Coverage, whole: Counts
) -> str:  # fmt: skip
    """As of when the data are, and how much of it all is known: 数据截至 2026年第3季度，最近导入 …；3.2% 的判定缺数据."""
    when = {"newest": phrases.period(words, standard, newest), "when": f"{imported:%Y-%m-%d %H:%M}" if imported else UNKNOWN}
    as_of = words("overview.as_of", **when) if period == newest else words("overview.as_of_other", period=phrases.period(words, standard, period), **when)
    known = words("overview.coverage", level=words.title(level.title), reported=coverage.reported, areas=coverage.areas)
    if not whole.no_data:
        return as_of + known + words("overview.coverage_complete")
    lacking = {"lacking": coverage.areas - coverage.complete, "missing": words.percent(whole.missing_share), "level": words.title(level.title)}
    exempt = words("overview.coverage_exempt", n=whole.not_applicable) if whole.not_applicable else ""
    return as_of + known + words("overview.coverage_lacking", n=whole.no_data, verdicts=whole.judged + whole.no_data, exempt=exempt, **lacking)


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
    """All areas with their counts, the lowest rate first: those who need help stand on top, those of whom too little is known follow without a rate."""
    judged = rows["met"] + rows["unmet"]
    is_rated = (judged > 0) & ~counts.lacks_too_much(rows["no_data"], judged)
    rated = rows.assign(rate=(rows["met"] / judged.where(judged > 0)).where(is_rated), judged=judged, is_unsure=(judged > 0) & ~is_rated)
    ordered = rated.sort_values(["rate", "is_unsure", "area_id"], ascending=[True, False, True], kind="stable", na_position="last")
    parent = {words("overview.column_parent"): ordered["parent"]} if ordered["parent"].any() else {}
    # Thousands of areas share some hundred rates.
    said = {rate: words.percent(rate) for rate in ordered["rate"].unique()}
    return pd.DataFrame(
        {
            words("overview.column_area_id"): ordered["area_id"],
            words("overview.column_area"): ordered["name"],
            **parent,
            words("overview.column_rate"): ordered["rate"].map(said).mask(ordered["is_unsure"], words("heatmap.cell_unsure")),
            words("overview.column_met"): ordered["met"],
            words("overview.column_judged"): ordered["judged"],
            words("overview.column_no_data"): ordered["no_data"],
            words("overview.column_not_applicable"): ordered["not_applicable"],
        }
    ).reset_index(drop=True)


def levels_below(standard: Standard, level: str) -> tuple[Level, ...]:
    """The judged levels whose areas belong to areas of this one."""
    return tuple(each for each in standard.levels if each.parent == level and each.id in standard.judged_levels)


def own_level_only(words: Words, standard: Standard, level: str) -> str:
    """That the areas below are judged apart, so that nobody takes one rate for the other; "" where there are none."""
    below = levels_below(standard, level)
    titles = words("app.list").join(words.title(each.title) for each in below)
    return words("app.own_level_only", level=words.title(standard.level_by_id[level].title), below=titles) if below else ""


def judged_parent(standard: Standard, area: Area) -> str | None:
    """The level of the area that this one belongs to, if that is judged too."""
    parent = standard.level_by_id[area.level].parent
    return parent if area.parent_id is not None and parent in standard.judged_levels else None
