"""The page of one area as HTML: its domains' verdicts, and every indicator with value, limit, gap and source. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from compliance import periods
from compliance.answers import explaining, owing, phrases
from compliance.answers.counts import Counts
from compliance.answers.explaining import Clause, Figure, Finding
from compliance.answers.origins import Written
from compliance.answers.palette import GLYPHS
from compliance.drawing import origin_marks
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.standard import inputs
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Standard
from compliance.texts import Words

# A figure → the way to put it right, for those who may; nothing for the others.
Mend = Callable[[Figure], Html | None]
FOLDED = ("met", "not_applicable")
# Where much needs action, the summaries say more than a page of open tables.
MOST_OPENED = 7


def no_mend(_: Figure) -> None:
    return None


@dataclass(frozen=True)
class Telling:
    """How findings are told. href: an address of the area's page (and of others) with more parameters; opened: the indicators that are unfolded at first;
    written: of the indicator whose lines were asked for, what is written there."""

    words: Words
    standard: Standard
    period: int
    href: Callable[..., str]
    opened: frozenset[str]
    mend: Mend = no_mend
    written: Written | None = None


def opened(found: Iterable[Finding]) -> frozenset[str]:
    """The indicators of an area that are unfolded at first: those that need action, if they are few."""
    needing = frozenset(finding.indicator.code for finding in found if finding.status not in FOLDED)
    return needing if len(needing) <= MOST_OPENED else frozenset()


def verdict(words: Words, domain: Domain, counts: Counts) -> Html:
    """Whether the badge is held, or, where there is none, whether all is met."""
    if counts.is_earned:
        says = words("community.earned", badge=words.title(domain.badge)) if domain.badge else words("community.all_met")
        return el("span", el("span", GLYPHS["earned" if domain.badge else "met"], class_="star", aria_hidden="true"), says, class_="verdict met")
    if counts.unmet:
        says = words("community.not_earned", badge=words.title(domain.badge), n=counts.unmet) if domain.badge else words("community.some_unmet", n=counts.unmet)
        says += words("community.and_missing", n=counts.no_data) if domain.badge and counts.no_data else ""
        return el("span", glyph("unmet", words), says, class_="verdict unmet")
    if counts.no_data:
        says = (
            words("community.undetermined", badge=words.title(domain.badge), n=counts.no_data)
            if domain.badge
            else words("community.some_missing", n=counts.no_data)
        )
        return el("span", glyph("no_data", words), says, class_="verdict no_data")
    return el("span", glyph("not_applicable", words), words("community.nothing_applies"), class_="verdict not_applicable")


def domain_head(words: Words, domain: Domain, counts: Counts) -> Html:
    return el(
        "div",
        el("h2", words.title(domain.title), id=domain.id),
        verdict(words, domain, counts),
        el("span", counts.rate_parts(words), class_="note"),
        class_="domain-head",
    )


def domain_findings(telling: Telling, domain: Domain, found: Sequence[Finding]) -> Html:
    """The indicators of a domain: what needs action one after the other, and the rest folded away."""
    needing, rest = ([each for each in found if (each.status in FOLDED) is folded] for folded in (False, True))
    counted = (
        (words_of, sum(each.status == status for each in rest))
        for status, words_of in (("met", "community.rest_met"), ("not_applicable", "community.rest_exempt"))
    )
    title = phrases.DOT.join(telling.words(key, n=n) for key, n in counted if n)
    settled = el("details", el("summary", title), _findings(telling, rest), class_="folded settled", data_part=f"met-{domain.id}") if rest else None
    return el("div", _findings(telling, needing) if needing else None, settled)


def _findings(telling: Telling, found: Sequence[Finding]) -> Html:
    is_short = all(phrases.has_short_code(finding.indicator) for finding in found)
    return el("div", [_finding(telling, finding) for finding in found], class_="findings" if is_short else "findings long-codes")


def anchor(indicator: Indicator) -> str:
    """Where an indicator stands on its area's page: a link to it unfolds it."""
    return f"indicator-{indicator.code}"


def _finding(telling: Telling, finding: Finding) -> Html:
    words, indicator, code = telling.words, finding.indicator, finding.indicator.code
    beside = finding.reason or explaining.unmet_words(words, telling.standard, finding)
    summary = el(
        "summary",
        glyph(finding.status, words),
        el("span", code, class_="code"),
        el("span", words.title(indicator.title), class_="title"),
        el("span", words.title(indicator.owner) if indicator.owner else None, class_="owner"),
        el("span", el("b", words(f"app.status.{finding.status}")), f"{phrases.DOT}{beside}" if beside else None, class_="result"),
    )
    written = telling.written if telling.written is not None and telling.written.code == code else None
    body = el(
        "div",
        el("blockquote", indicator.text) if indicator.text not in (indicator.title.zh, indicator.title.en) else None,
        el("p", words.title(indicator.note), class_="note") if indicator.note else None,
        el("p", words("community.exempt", reason=finding.reason), class_="note") if finding.reason else None,
        _clauses(telling, finding.clauses),
        origin_marks.below(words, telling.standard, finding, written, telling.href),
        class_="finding-body",
        id=anchor(indicator),
    )
    return el("details", summary, body, class_=f"finding {finding.status}", open=code in telling.opened, data_part=code)


CLAUSE_COLUMNS = (
    ("community.column_clause", "clause"),
    ("community.column_value", "number"),
    ("community.column_limit", "number"),
    ("community.column_gap", "gap"),
    ("community.column_origin", "origin"),
    ("community.column_status", "status"),
)


def _clauses(telling: Telling, clauses: Sequence[Clause]) -> Html:
    head = el("tr", *(el("th", telling.words(key), scope="col", class_=name) for key, name in CLAUSE_COLUMNS))
    return el("table", el("thead", head), el("tbody", [_clause(telling, clause) for clause in clauses]), class_="plain clauses")


def _clause(telling: Telling, clause: Clause) -> Html:
    words, standard, criterion = telling.words, telling.standard, clause.criterion
    title = phrases.clause_title(words, standard, criterion)
    status = el("td", glyph(clause.status, words), words(f"app.status.{clause.status}"), class_="status")
    if isinstance(criterion, AnyOf):
        return el("tr", el("th", title, scope="row", class_="clause"), el("td"), el("td"), el("td"), el("td"), status, class_="group")
    unit = phrases.unit(standard, criterion.value)
    is_read = phrases.is_plain(criterion) and clause.figures[0].source is not None
    gap = phrases.gap(words, standard, criterion, clause.value, clause.gap) if clause.gap is not None and clause.status in ("unmet", "near") else None
    return el(
        "tr",
        el("th", title, _workings(telling, criterion, clause, title), scope="row", class_="clause"),
        el(
            "td",
            phrases.amount(words, clause.value, unit, clause.threshold),
            telling.mend(clause.figures[0]) if is_read else None,
            class_="number",
            data_label=words("community.column_value"),
        ),
        el("td", phrases.limit(words, standard, criterion, clause.threshold), class_="number", data_label=words("community.column_limit")),
        el("td", gap, class_="gap"),
        el("td", origin_marks.beside(words, standard, clause.figures), class_="origin"),
        status,
        class_="member" if clause.member else None,
    )


def _workings(telling: Telling, criterion: Criterion, clause: Clause, title: str) -> list[Html]:
    """Under a clause's title: how its value is computed, the figures it is computed from, and what is missing."""
    words, standard = telling.words, telling.standard
    lines: list[Html] = []
    formula_text = phrases.expression(words, standard, criterion.value)
    is_sum = inputs.is_summed(standard, criterion)
    if is_sum:
        lines.append(el("span", words("community.summed", n=criterion.window, formula=formula_text), class_="under"))
    elif formula_text != title and not phrases.is_name(criterion):
        lines.append(el("span", formula_text, class_="under"))
    if not phrases.is_plain(criterion):
        lines.append(el("span", _figures(telling, clause, is_sum and phrases.is_name(criterion)), class_="under figures"))
    if clause.status == "no_data":
        ways = [way for figure in clause.missing if (way := telling.mend(figure)) is not None]
        lines.append(el("span", owing.why(words, standard, clause.owed, telling.period), *ways, class_="under missing"))
    if criterion.note:
        lines.append(el("span", words.title(criterion.note), class_="under"))
    return lines


def _figures(telling: Telling, clause: Clause, is_named: bool) -> list[Html]:
    """The reported figures behind a value, metric by metric; is_named: the line above names the only metric already."""
    by_name: dict[str, list[Figure]] = {}
    for figure in clause.figures:
        if figure.value is not None:
            by_name.setdefault(figure.name, []).append(figure)
    return [
        el("span", None if is_named else f"{phrases.name_title(telling.words, telling.standard, name)} ", _values(telling, each))
        for name, each in by_name.items()
    ]


def _values(telling: Telling, figures: Sequence[Figure]) -> list[Html]:
    """The figures of one metric; their periods are told unless there is only the one that the page is about."""
    standard = telling.standard
    metric = standard.metric_by_id.get(figures[0].name) or standard.parameter_by_id[figures[0].name]
    shows_period = len(figures) > 1 or figures[0].period != telling.period
    values = []
    for figure in figures:
        when = el("i", periods.label(figure.period, standard.frequency)) if shows_period else None
        values.append(el("span", when, phrases.amount(telling.words, figure.value, metric.unit), telling.mend(figure), class_="figure"))
    return values
