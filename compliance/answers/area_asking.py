"""What is asked about one area: how it stands on its indicators, why, and what changed. Knows no database and no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compliance.answers import counts, explaining, standing
from compliance.answers.counts import Counts
from compliance.answers.explaining import Finding, Sources
from compliance.answers.standing import Band
from compliance.questions import area_queries, gap_queries, owed_queries, passing_queries, queries
from compliance.questions.queries import Area
from compliance.standard.definitions import Indicator, Standard

Ask = Callable[..., Any]  # Page.ask: a question and its arguments → the answer


@dataclass(frozen=True)
class Asked:
    """One area in a period."""

    ask: Ask
    standard: Standard
    area: Area
    period: int

    def statuses(self, period: int) -> Mapping[str, str]:
        found: Mapping[str, str] = self.ask(area_queries.indicators_of_area, self.standard, self.area.level, self.area.id, period)
        return found

    def sources(self, indicators: Sequence[Indicator]) -> Sources:
        """Where the figures come from that these indicators look at."""
        own = self.ask(area_queries.sources, self.standard, self.area.level, self.area.id, self.period, tuple(indicators))
        return Sources.of(own, self.ask(area_queries.parameter_sources, self.standard, self.period))

    def findings(self, indicators: Sequence[Indicator], sources: Sources, criteria: pd.DataFrame | None = None) -> tuple[Finding, ...]:
        """How the area stands on these indicators and why. criteria: their rows where they are known already."""
        if criteria is None:
            criteria = self.ask(area_queries.criteria_of_area, self.standard, self.area.level, self.area.id, self.period, explaining.codes(indicators))
        reasons = explaining.reasons(self.ask(area_queries.exemptions_of_area, self.area.id, self.period))
        return explaining.findings(self.standard, indicators, self.statuses(self.period), criteria, sources, reasons, self.period)

    def by_domain(self, sources: Sources) -> dict[str, tuple[Finding, ...]]:
        """Domain → its findings, asked for domain by domain: one statement about all criteria takes longer than all of these."""
        level = self.area.level
        return {domain.id: self.findings(domain.at(level), sources) for domain in self.standard.domains_of(level)}

    def counts(self) -> dict[str, Counts]:
        """Domain → its verdicts counted, "" for all of them."""
        return counts.of_domains(self.ask(area_queries.verdict_of_area, self.standard, self.area.level, self.area.id, self.period))

    def counts_above(self, level: str) -> dict[str, Counts]:
        """The same of the area that this one belongs to."""
        return counts.of_domains(self.ask(area_queries.verdict_of_area, self.standard, level, self.area.parent_id, self.period))

    def changed(self, before: int | None) -> dict[str, tuple[Indicator, ...]]:
        """What is not as it was in the period before; nothing where there is none."""
        return standing.changes(self.standard, {} if before is None else self.statuses(before), self.statuses(self.period))

    def since(self) -> dict[tuple[str, str], tuple[int, bool]]:
        """Since when what is unmet has been so, from gap_queries.unmet_since."""
        codes = explaining.codes(self.standard.indicators_of(self.area.level))
        found: dict[tuple[str, str], tuple[int, bool]] = self.ask(
            gap_queries.unmet_since, self.standard, self.area.level, self.period, codes, frozenset({self.area.id})
        )
        return found

    def bands(self) -> dict[str, Band]:
        """Where the others of its level stand."""
        return standing.bands(self.ask(gap_queries.spread, self.standard, self.area.level, self.period))

    def last_report(self) -> int | None:
        last: int | None = self.ask(owed_queries.last_report, self.area.level, self.area.id, self.period)
        return last


def example(ask: Ask, standard: Standard, indicator: Indicator, period: int) -> tuple[Area, Finding] | None:
    """An area on whose figures the indicator can be explained; None where there is none."""
    telling = ask(passing_queries.telling_area, standard, indicator.level, period, indicator.code)
    if telling is None:
        return None
    asked = Asked(ask, standard, ask(queries.area, telling), period)
    return asked.area, asked.findings((indicator,), asked.sources((indicator,)))[0]
