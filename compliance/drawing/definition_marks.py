"""The standard as HTML: indicators with the source's words, their criteria and limits, the figures they need, an example worked out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compliance.answers import clause_words, phrases, worked_example
from compliance.answers.counts import Counts
from compliance.answers.explaining import Finding
from compliance.answers.palette import GLYPHS
from compliance.answers.worked_example import Step
from compliance.drawing import marks
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.engine.near_misses import NEAR
from compliance.engine.statuses import STATUSES
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Standard, names_of
from compliance.texts import Words

# With so few finds their details say more than a list of titles.
MOST_UNFOLDED = 3
Address = Callable[[str], str]


def opening(words: Words, standard: Standard) -> Html:
    """What the standard consists of."""
    parts = {"pillars": len(standard.pillars), "domains": len(standard.domains), "indicators": len(standard.indicators), "criteria": standard.criterion_count}
    return marks.opening((words("app.page.definitions"),), words.title(standard.title), words("required.parts", metrics=len(standard.metrics), **parts))


def statuses(words: Words) -> Html:
    """How an indicator comes by its status."""
    near = words.percent(NEAR)
    said = [(glyph(each, words), words(f"app.status.{each}"), words(f"required.statuses_{each}", near=near)) for each in STATUSES]
    rows = [el("tr", el("td", sign), el("th", title, scope="row"), el("td", meaning)) for sign, title, meaning in said]
    return marks.folded(words("required.statuses"), el("table", el("tbody", rows), class_="plain statuses"), part="statuses")


def note(text: str) -> Html:
    return el("p", text, class_="note")


def found(words: Words, query: str, number: int) -> Html:
    return el("p", words("required.found", query=query, n=number), class_="note", role="status")


def hits(words: Words, standard: Standard, codes: Sequence[str], address: Address) -> Html:
    """What a search found, the best first."""
    indicators = [standard.indicator_by_code[code] for code in codes]
    is_open = len(codes) <= MOST_UNFOLDED
    listed = [_folded(words, standard, each, address, with_domain=True, is_open=is_open) for each in indicators]
    return el("div", listed, class_=_list_class(indicators)) if listed else el("p", words("required.none"), class_="empty")


def whole(words: Words, standard: Standard, domain_id: str | None, address: Address) -> Html:
    """Pillar by pillar, domain by domain; or one domain only."""
    parts = [marks.on_paper(words("app.folded_indicators"))]
    for pillar in standard.pillars:
        shown = [domain for domain in pillar.domains if domain_id in (None, domain.id)]
        if shown:
            parts.append(marks.section(words.title(pillar.title)))
            parts += [_domain(words, standard, domain, address) for domain in shown]
    return el("div", parts)


def opened(words: Words, standard: Standard, indicator: Indicator) -> Html:
    """The one indicator that the address names, in full."""
    head = el("h2", el("span", indicator.code, class_="code"), " ", words.title(indicator.title))
    where = el("p", words.title(standard.domain_of[indicator.code].title), class_="note")
    return el("div", head, where, body(words, standard, indicator, "figures"), class_="card defined")


def _list_class(indicators: Sequence[Indicator]) -> str:
    return "findings defined" if all(map(phrases.has_short_code, indicators)) else "findings defined long-codes"


def _domain(words: Words, standard: Standard, domain: Domain, address: Address) -> Html:
    badge = el("span", el("span", GLYPHS["earned"], class_="star", aria_hidden="true"), words.title(domain.badge), class_="note") if domain.badge else None
    number = el("span", words("overview.domain_hint", n=len(domain.indicators)), class_="note")
    head = el("div", el("h3", words.title(domain.title), id=domain.id), badge, number, class_="domain-head")
    listed = [_folded(words, standard, each, address) for each in domain.indicators]
    return el("div", head, el("div", listed, class_=_list_class(domain.indicators)))


def _folded(words: Words, standard: Standard, indicator: Indicator, address: Address, *, with_domain: bool = False, is_open: bool = False) -> Html:
    """One indicator; what it asks for stands beside its title."""
    beside = words.title(standard.domain_of[indicator.code].title) if with_domain else words("required.criteria", n=sum(1 for _ in indicator.leaves()))
    summary = el(
        "summary",
        el("span", indicator.code, class_="code"),
        el("span", words.title(indicator.title), class_="title"),
        el("span", words.title(indicator.owner) if indicator.owner else None, class_="owner"),
        el("span", beside, class_="result"),
    )
    try_it = el("p", el("a", words("required.work_out"), href=address(indicator.code)), class_="note")
    inside = body(words, standard, indicator, f"figures-{indicator.code}")
    return el("details", summary, el("div", inside, try_it, class_="finding-body"), class_="finding", open=is_open, data_part=indicator.code)


def body(words: Words, standard: Standard, indicator: Indicator, part: str) -> list[Html | None]:
    """The source's words, what they were read as, and the figures that are needed, folded under that name in the address."""
    return [*source_words(words, standard, indicator), criteria_table(words, standard, indicator), figures_table(words, standard, indicator, part)]


def source_words(words: Words, standard: Standard, indicator: Indicator) -> list[Html | None]:
    level = words.title(standard.level_by_id[indicator.level].title)
    facts = [words("required.judges", level=level)]
    if indicator.owner:
        facts.append(words("required.owner", owner=words.title(indicator.owner)))
    if indicator.weight != 1:
        facts.append(words("required.weight", weight=words.number(indicator.weight)))
    return [
        el("blockquote", indicator.text) if indicator.text not in (indicator.title.zh, indicator.title.en) else None,
        el("p", phrases.DOT.join(facts), class_="note"),
        el("p", words("required.note", note=words.title(indicator.note)), class_="note") if indicator.note else None,
    ]


def criteria_table(
    words: Words, standard: Standard, indicator: Indicator, counts: Mapping[str, Counts] | None = None, address: Address | None = None, chosen: str = ""
) -> Html:
    """Each criterion with formula, limit and window; with counts also how many areas pass it, with an address a link to look at it."""
    keys = ["community.column_clause", "required.column_requirement", "required.column_window", *(["passing.column_areas"] if counts else [])]
    head = el("tr", *(el("th", words(key), scope="col") for key in keys))
    rows = []
    for criterion, member in indicator.parts():
        link = address(criterion.id) if address and not isinstance(criterion, AnyOf) else None
        tally = el("td", marks.counts_bar(words, counts[criterion.id]), el("span", _tally(words, counts[criterion.id]), class_="under")) if counts else None
        css = " ".join(name for name, holds in (("member", member), ("chosen", criterion.id == chosen)) if holds)
        rows.append(el("tr", *_criterion(words, standard, criterion, link), tally, class_=css or None))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain criteria"), class_="scroll-x")


def _criterion(words: Words, standard: Standard, criterion: Criterion | AnyOf, link: str | None) -> list[Html]:
    title = phrases.clause_title(words, standard, criterion)
    named = el("a", title, href=link) if link else title
    if isinstance(criterion, AnyOf):
        note = el("span", words.title(criterion.note), class_="under") if criterion.note else None
        return [el("th", named, note, scope="row", class_="clause"), el("td", words("community.any_of")), el("td")]
    written = phrases.expression(words, standard, criterion.value)
    under = [el("span", words("required.formula", formula=written), class_="under")] if written != title else []
    if criterion.note:
        under.append(el("span", words.title(criterion.note), class_="under"))
    limit = clause_words.requirement(words, standard, criterion)
    return [el("th", named, under, scope="row", class_="clause"), el("td", limit), el("td", clause_words.window(words, standard, criterion), class_="window")]


def _tally(words: Words, counts: Counts) -> str:
    return words("passing.tally", met=counts.met, judged=counts.judged, no_data=counts.no_data)


def figures_table(words: Words, standard: Standard, indicator: Indicator, part: str) -> Html:
    """What must be reported: unit, kind and sane range of each figure."""
    names = tuple(dict.fromkeys(name for criterion, _ in indicator.leaves() for name in names_of(criterion)))
    metrics, parameters = clause_words.used_figures(standard, names)
    keys = ("required.column_figure", "required.column_unit", "required.column_kind", "required.column_range")
    rows = []
    for metric in metrics:
        of_whole = words("required.part_of", whole=phrases.name_title(words, standard, metric.part_of)) if metric.part_of else None
        under = el("span", el("code", metric.id), f"{phrases.DOT}{of_whole}" if of_whole else None, class_="under")
        cells = (clause_words.unit_name(words, metric.unit), clause_words.kind_name(words, metric), clause_words.sane_range(words, metric))
        rows.append(el("tr", el("th", words.title(metric.title), under, scope="row", class_="clause"), *(el("td", cell) for cell in cells)))
    for parameter in parameters:
        name = el("th", words.title(parameter.title), el("span", el("code", parameter.id), class_="under"), scope="row", class_="clause")
        cells = (clause_words.unit_name(words, parameter.unit), words("required.kind_parameter"), "")
        rows.append(el("tr", name, *(el("td", cell) for cell in cells)))
    table = el("table", el("thead", el("tr", *(el("th", words(key), scope="col") for key in keys))), el("tbody", rows), class_="plain criteria")
    return marks.folded(words("required.figures", n=len(rows)), el("div", table, class_="scroll-x"), part=part)


def example(words: Words, standard: Standard, finding: Finding, area_name: str, area_link: str, period: str) -> Html:
    """An indicator worked out on the figures of one area."""
    title = words("required.example", code=finding.indicator.code, title=words.title(finding.indicator.title))
    whose = el("p", el("a", area_name, href=area_link), f"{phrases.DOT}{period}", class_="note")
    listed = [_step(words, step) for step in worked_example.steps(words, standard, finding)]
    verdict = el("span", glyph(finding.status, words), words(f"app.status.{finding.status}"), class_=f"verdict {finding.status}")
    end = el("p", finding.reason or worked_example.tally(words, finding), " → ", verdict, class_="conclusion")
    return el("section", el("h2", title), whose, el("ol", listed, class_="steps"), end, class_="example card")


def _step(words: Words, step: Step) -> Html:
    lines: list[Html] = []
    if step.formula:
        lines.append(el("span", words("required.formula", formula=step.formula), class_="under"))
        lines.append(el("span", words("required.put_in", figures=step.figures, value=step.value), class_="under figures"))
    elif step.value:
        lines.append(el("span", words("required.reported", value=step.value), class_="under figures"))
    if step.limit:
        lines.append(el("span", words("required.put_in_limit", figures=step.limit), class_="under figures"))
    status = el("b", glyph(step.status, words), words(f"app.status.{step.status}"), class_=f"verdict {step.status}")
    result = el("span", step.requirement, f"{phrases.DOT}{step.gap}" if step.gap else None, " → ", status, class_="under figures")
    return el("li", el("span", step.title, class_="title"), lines, result, class_="member" if step.is_member else None)
