"""How one area stands, as HTML: what to mend, what changed, its place among the others, and those above it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.answers import explaining, phrases, standing
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.answers.explaining import Finding
from compliance.answers.standing import Band
from compliance.answers.work_lists import Since
from compliance.drawing import area_marks, marks
from compliance.drawing.markup import Html, el
from compliance.questions.queries import Area
from compliance.standard.definitions import Domain, Indicator, Standard
from compliance.texts import Words

MOST_TO_MEND = 8
DECIDED = ("met", "near", "unmet")


def contents(words: Words, domains: Sequence[Domain]) -> Html:
    """What the page of an area holds."""
    return marks.contents(
        words, (*((key, words(f"contents.{key}")) for key in ("mend", "changes", "spine")), *((each.id, words.title(each.title)) for each in domains))
    )


def to_mend(words: Words, standard: Standard, every: Sequence[Finding], since: Since, area: Area, period: int) -> Html:
    """The indicators that are not met, nearest first: how far, since when, who. More than a few are folded. every: the findings of all indicators."""
    found = standing.to_mend(every)
    head = marks.section(words("community.to_mend", n=len(found)), words("community.to_mend_note"), "mend")
    if not found:
        return marks.blocks(head, el("p", words(_nothing_to_mend(every)), class_="empty"))
    rows = [_mend_row(words, standard, finding, since.get((area.id, finding.indicator.code)), period) for finding in found]
    rest = rows[MOST_TO_MEND:]
    folded = marks.folded(words("community.more_to_mend", n=len(rest)), el("table", el("tbody", rest), class_="plain mend"), part="mend") if rest else None
    columns = el("thead", el("tr", *(el("th", words(f"community.column_{key}"), scope="col", class_=look) for key, look in MEND_COLUMNS)))
    return marks.blocks(head, el("table", columns, el("tbody", rows[:MOST_TO_MEND]), class_="plain mend"), folded)


def _nothing_to_mend(every: Sequence[Finding]) -> str:
    """Why there is nothing: all is met, or nothing can be told, which is not the same."""
    statuses = {finding.status for finding in every}
    if "met" in statuses:
        return "community.nothing_to_mend"
    return "community.nothing_judged" if "no_data" in statuses else "community.nothing_applies"


MEND_COLUMNS = (("indicator", ""), ("gap", "gap"), ("attained", "attained"))


def _mend_row(words: Words, standard: Standard, finding: Finding, since: tuple[int, bool] | None, period: int) -> Html:
    indicator = finding.indicator
    owner = words.title(indicator.owner) if indicator.owner else ""
    when = phrases.since(words, standard, *since, period) if since else ""
    return el(
        "tr",
        el("td", marks.glyph(finding.status, words), _link(words, indicator), el("span", phrases.DOT.join(part for part in (owner, when) if part), class_="under")),
        el("td", explaining.unmet_words(words, standard, finding), class_=f"gap {finding.status}"),
        el("td", words.percent(finding.attainment), marks.stack(_shares(finding.attainment or 0.0), words("community.attained", p=words.percent(finding.attainment))), class_="attained"),
    )  # fmt: skip


def _shares(attainment: float) -> tuple[tuple[str, int], tuple[str, int]]:
    done = round(1000 * attainment)
    return ("met", done), ("rest", 1000 - done)


def _link(words: Words, indicator: Indicator) -> Html:
    """Leads to the indicator further down the page and unfolds it there."""
    return el("a", phrases.short_name(words, indicator), href=f"#{area_marks.anchor(indicator)}")


def changes(words: Words, found: Mapping[str, Sequence[Indicator]], before: str) -> Html:
    """What changed since the period before; before: that period's name, "" where there is none."""
    head = marks.section(words("community.changes"), words("community.changes_since", p=before) if before else "", "changes")
    if not before:
        return marks.blocks(head, el("p", words("community.no_period_before"), class_="note"))
    if not any(found.values()):
        return marks.blocks(head, el("p", words("community.nothing_changed"), class_="note"))
    groups = [
        el("div", el("p", el("b", words(f"community.change_{kind}", n=len(indicators)))), el("ul", [el("li", _link(words, each)) for each in indicators]), class_=f"turn {kind}")
        for kind, indicators in found.items()
        if indicators
    ]  # fmt: skip
    return marks.blocks(head, *groups)


def above(words: Words, standard: Standard, level: str, area: Area, counts: Mapping[str, Counts], href: str) -> Html:
    """The verdicts of the area that this one belongs to, beside it and not counted against it."""
    lines = [
        el(
            "tr",
            el("td", words.title(domain.title)),
            el("td", area_marks.verdict(words, domain, counts[domain.id])),
            el("td", counts[domain.id].parts(words), class_="number note"),
        )
        for domain in standard.domains_of(level)
        if domain.id in counts
    ]
    title = words("community.above", level=words.title(standard.level_by_id[level].title), area=area.parent_name or "")
    link = el("p", el("a", words("community.above_open", area=area.parent_name or ""), href=href), class_="note")
    return marks.blocks(marks.section(title, words("community.above_note")), el("table", el("tbody", lines), class_="plain"), link)


# -- among the others ---------------------------------------------------------------------------------------------------


def spine(words: Words, standard: Standard, area: Area, found: Mapping[str, Sequence[Finding]], bands: Mapping[str, Band]) -> Html:
    """Every indicator's way to its limit, against the spread of all areas of the level."""
    level = words.title(standard.level_by_id[area.level].title)
    blocks = [_spine_block(words, domain, found[domain.id], bands) for domain in standard.domains_of(area.level)]
    key = el(
        "p",
        el("span", el("i", class_="dot met"), words("app.status.met")), el("span", el("i", class_="dot near"), words("app.status.near")),
        el("span", el("i", class_="dot unmet"), words("app.status.unmet")), el("span", el("i", class_="band"), words("community.spine_band", level=level)),
        el("span", el("i", class_="middle"), words("community.spine_middle", level=level)), el("span", el("i", class_="end"), words("community.spine_limit")),
        class_="spine-key", aria_hidden="true",
    )  # fmt: skip
    head = marks.section(words("community.spine"), words("community.spine_note", level=level), "spine")
    # Folded on a phone only: it is as long as the whole rest of the page there.
    summary = el("summary", words("community.spine_open", n=sum(map(len, found.values()))))
    return marks.blocks(head, el("details", summary, key, el("div", blocks, class_="spine"), class_="spine-fold", data_part="spine"))


def _spine_block(words: Words, domain: Domain, found: Sequence[Finding], bands: Mapping[str, Band]) -> Html:
    return el(
        "div", el("h3", words.title(domain.title)), [_spine_row(words, finding, bands[finding.indicator.code]) for finding in found], class_="spine-block"
    )


def _spine_row(words: Words, finding: Finding, band: Band) -> Html:
    is_decided = finding.status in DECIDED and finding.attainment is not None
    track: list[Html] = []
    if band.low is not None and band.high is not None and band.middle is not None:
        track.append(el("i", class_="band", style=f"left:{100 * band.low:.1f}%;width:{100 * (band.high - band.low):.1f}%"))
        track.append(el("i", class_="middle", style=f"left:{100 * band.middle:.1f}%"))
    if is_decided:
        track.append(el("i", class_=f"dot {finding.status}", style=f"left:{100 * (finding.attainment or 0.0):.1f}%"))
    return el(
        "a",
        el("span", None if finding.status == "met" else marks.glyph(finding.status, words), phrases.short_name(words, finding.indicator), class_=f"spine-name {finding.status}"),
        el("span", track, class_="track"),
        href=f"#{area_marks.anchor(finding.indicator)}", title=_spine_words(words, finding, band), class_="spine-row",
    )  # fmt: skip


def _spine_words(words: Words, finding: Finding, band: Band) -> str:
    own = words("community.attained", p=words.percent(finding.attainment)) if finding.status in DECIDED else words(f"app.status.{finding.status}")
    return words(
        "community.spine_words", name=phrases.short_name(words, finding.indicator), own=own, n=band.areas,
        low=words.percent(band.low), middle=words.percent(band.middle), high=words.percent(band.high),
    )  # fmt: skip


def spine_sheet(words: Words, standard: Standard, found: Sequence[Finding], bands: Mapping[str, Band]) -> Sheet:
    names = ("code", "indicator", "domain", "status", "attained", "low", "middle", "high", "areas", "owner")
    rows: list[tuple[object, ...]] = []
    for finding in found:
        indicator, band = finding.indicator, bands[finding.indicator.code]
        rows.append((
            indicator.code, words.title(indicator.title), words.title(standard.domain_of[indicator.code].title), words(f"app.status.{finding.status}"),
            words.percent(finding.attainment if finding.status in DECIDED else None), *map(words.percent, (band.low, band.middle, band.high)), band.areas,
            words.title(indicator.owner) if indicator.owner else "",
        ))  # fmt: skip
    looks = [tuple(finding.status if name == "status" else None for name in names) for finding in found]
    return Sheet(tuple(words(f"community.spine_column_{name}") for name in names), rows, looks)
