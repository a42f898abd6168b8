"""The first screen of one area as HTML: how it stands in a sentence, how fresh its figures are, and what stands between it and each badge. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pandas as pd

from compliance import periods
from compliance.answers import explaining, owing, phrases, standing, views
from compliance.answers.counts import Counts, total
from compliance.answers.explaining import Finding, Sources
from compliance.drawing import area_marks, marks
from compliance.drawing.area_marks import anchor
from compliance.drawing.markup import Html, el
from compliance.questions.queries import Area, records
from compliance.standard.definitions import Domain, Indicator, Level, Standard
from compliance.texts import Words

MOST_NAMED, MOST_FIGURES = 3, 2
MOST_OWED = 5
# So few abreast that each thing in the way has its gap beside it; a standard of many domains gets narrower cards.
ABREAST, FEW_DOMAINS = 3, 6
Href = Callable[..., str]


def opening(words: Words, standard: Standard, area: Area, period: str, counts: Mapping[str, Counts], found: Sequence[Finding]) -> Html:
    """How this area stands as a whole, in one sentence with its rate and what the rate is of."""
    level = words.title(standard.level_by_id[area.level].title)
    where = (*([area.parent_name] if area.parent_name else []), level, period)
    whole = counts[""]
    badged = [domain for domain in standard.domains_of(area.level) if domain.badge is not None]
    held = sum(counts[domain.id].is_earned for domain in badged)
    if not whole.judged:
        key = "community.headline_none" if whole.no_data else "community.headline_exempt"
        return marks.opening(where, words(key, area=area.name, n=whole.no_data or whole.not_applicable))
    badges = words("community.headline_badges", held=held, badges=len(badged)) if badged else ""
    key = "community.headline_unsure" if whole.is_unsure else "community.headline"
    title = words(key, area=area.name, judged=whole.judged, met=whole.met, rate=words.percent(whole.rate), badges=badges)
    near = sum(finding.status == "near" for finding in found)
    values = {"unmet": whole.unmet, "near": near, "no_data": whole.no_data, "not_applicable": whole.not_applicable}
    little = words("community.too_little", share=words.percent(whole.missing_share)) if whole.is_unsure else ""
    return marks.opening(where, title, words("community.summary", **values), little, views.own_level_only(words, standard, area.level))


def at_a_glance(words: Words, changed: Mapping[str, Sequence[Indicator]], before: str) -> Html:
    """What changed since the period before, in a line that leads to it."""
    if not before:
        return el("p", words("community.no_period_before"), class_="note")
    kinds = [words(f"community.change_{kind}", n=len(indicators)) for kind, indicators in changed.items() if indicators]
    says = phrases.DOT.join(kinds) if kinds else words("community.nothing_changed")
    return el("p", words("community.changes_since", p=before), words("location.colon"), el("a", says, href="#changes") if kinds else says, class_="glance")


def freshness(words: Words, standard: Standard, period: int, last: int | None, sources: Sources, href: Href) -> Html:
    """As of when the figures are; said aloud where nothing was reported for the period."""
    if last is None:
        return el("p", words("community.never_reported"), class_="notice")
    if last < period:
        link = el("a", words("community.go_to_period", p=phrases.period(words, standard, last)), href=href(period=periods.label(last, standard.frequency)))
        return el("p", words("community.silent", p=phrases.period(words, standard, period), last=phrases.period(words, standard, last)), link, class_="notice")
    newest: datetime | None = max((line.imported_at for line in sources.lines), default=None)
    return el("p", words("community.as_of", p=phrases.period(words, standard, last), when=f"{newest:%Y-%m-%d %H:%M}"), class_="note") if newest else el("p")


# -- badges -------------------------------------------------------------------------------------------------------------


def badges(
    words: Words, standard: Standard, domains: Sequence[Domain], counts: Mapping[str, Counts], found: Mapping[str, Sequence[Finding]], period: int
) -> Html:
    """One card a domain: badge earned, not earned, or not to be told, and what stands in the way; each thing leads to where it is explained."""
    most = ABREAST if len(domains) <= FEW_DOMAINS else marks.MOST_CARDS_ABREAST
    return marks.cards([_badge(words, standard, domain, counts[domain.id], found[domain.id], period) for domain in domains], most)


def _badge(words: Words, standard: Standard, domain: Domain, counts: Counts, found: Sequence[Finding], period: int) -> Html:
    return el(
        "div",
        el("p", el("a", words.title(domain.title), href=f"#{domain.id}"), class_="card-title"),
        el("p", area_marks.verdict(words, domain, counts), class_="card-verdict"),
        _in_the_way(words, standard, found, period, domain.id),
        marks.counts_bar(words, counts),
        el("p", counts.rate_parts(words), class_="card-note"),
        class_="card badge-card",
    )  # fmt: skip


def _in_the_way(words: Words, standard: Standard, found: Sequence[Finding], period: int, place: str) -> Html | None:
    """What is missing for the badge: the indicators that are not met, nearest first, then those that nobody can tell and who owes what for them. place: where all of them stand."""
    missing = (*standing.to_mend(found), *standing.undecided(found))
    if not missing:
        return None
    named = [el("li", _way(words, standard, finding, period)) for finding in missing[:MOST_NAMED]]
    more = len(missing) - len(named)
    return el("ul", named, el("li", el("a", words("community.more_missing", n=more), href=f"#{place}")) if more else None, class_="ways")


def _way(words: Words, standard: Standard, finding: Finding, period: int) -> list[Html | str]:
    link = el("a", phrases.short_name(words, finding.indicator), href=f"#{anchor(finding.indicator)}")
    is_owed = finding.status == "no_data"
    says = owing.why(words, standard, finding.owed, period, MOST_FIGURES) if is_owed else explaining.unmet_words(words, standard, finding)
    owner = words.title(finding.indicator.owner) if finding.indicator.owner else ""
    return [marks.glyph(finding.status, words), link, el("span", phrases.DOT.join(part for part in (says, owner) if part), class_="under")]


# -- what is owed -------------------------------------------------------------------------------------------------------


def owed(words: Words, standard: Standard, found: Sequence[Finding], period: int) -> Html | None:
    """The data that are missing, department by department."""
    missing = standing.undecided(found)
    if not missing:
        return None
    by_owner: dict[str, list[Finding]] = {}
    for finding in missing:
        by_owner.setdefault(words.title(finding.indicator.owner) if finding.indicator.owner else "", []).append(finding)
    rows = [
        el(
            "tr",
            el("th", owner, scope="row") if any(by_owner) else None,
            el("td", _owed_list(words, owner, [_owed_item(words, standard, each, period) for each in each_of])),
        )
        for owner, each_of in by_owner.items()
    ]
    head = marks.section(words("community.owed", n=len(missing)), words("community.owed_note"), "owed")
    return marks.blocks(head, el("table", el("tbody", rows), class_="plain owed"))


def _owed_list(words: Words, owner: str, items: Sequence[Html]) -> Html:
    """What one department owes; of much the first few, the rest folded."""
    first, rest = items[:MOST_OWED], items[MOST_OWED:]
    folded = marks.folded(words("community.more_missing", n=len(rest)), el("ul", rest, class_="owes"), part=f"owed {owner}".strip()) if rest else None
    return marks.blocks(el("ul", first, class_="owes"), folded)


def _owed_item(words: Words, standard: Standard, finding: Finding, period: int) -> Html:
    return el(
        "li",
        el("a", phrases.short_name(words, finding.indicator), href=f"#{anchor(finding.indicator)}"),
        el("span", owing.why(words, standard, finding.owed, period), class_="under"),
    )


def below(words: Words, area: Area, level: Level, rows: pd.DataFrame) -> Html:
    """Heads the areas that belong to this one, with what their verdicts come to together. rows: one an area, with its counts."""
    title, counts = words.title(level.title), total(map(Counts.of, records(rows)))
    rate = words("community.rate_parts", rate=words.percent(counts.comparable), parts=counts.parts(words))
    together = words("community.below_note", n=len(rows), level=title, rate=rate) if len(rows) else ""
    return marks.section(words("community.below", level=title, area=area.name), together)
