"""The page of one area as HTML: its domains' verdicts, and every indicator with value, limit, gap and source. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compliance import periods
from compliance.answers import explaining, owing, phrases
from compliance.answers.counts import Counts
from compliance.answers.explaining import Clause, Figure, Finding, SourceLine, Sources
from compliance.answers.palette import GLYPHS
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.standard import inputs
from compliance.standard.definitions import AnyOf, Criterion, Domain, Indicator, Standard
from compliance.texts import Words

# A figure → the way to put it right, for those who may; nothing for the others.
Mend = Callable[[Figure], Html | None]
FOLDED = ("met", "not_applicable")
# Where nearly everything needs action, the summaries say more than a page of open tables.
MOST_OPENED = 7


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


def no_mend(_: Figure) -> None:
    return None


def domain_findings(words: Words, standard: Standard, findings: Sequence[Finding], period: int, mend: Mend = no_mend) -> Html:
    """Every indicator of a domain, one after the other; what needs no action is folded."""
    needing = [finding for finding in findings if finding.status not in FOLDED]
    opened = needing if len(needing) <= MOST_OPENED else []
    shown = [_finding(words, standard, finding, period, mend, is_open=finding in opened) for finding in findings]
    return el("div", shown, class_="findings" if all(phrases.has_short_code(finding.indicator) for finding in findings) else "findings long-codes")


def anchor(indicator: Indicator) -> str:
    """Where an indicator stands on its area's page: a link to it unfolds it."""
    return f"indicator-{indicator.code}"


def _finding(words: Words, standard: Standard, finding: Finding, period: int, mend: Mend, *, is_open: bool) -> Html:
    indicator = finding.indicator
    beside = finding.reason or explaining.unmet_words(words, standard, finding)
    summary = el(
        "summary",
        glyph(finding.status, words),
        el("span", indicator.code, class_="code"),
        el("span", words.title(indicator.title), class_="title"),
        el("span", words.title(indicator.owner) if indicator.owner else None, class_="owner"),
        el("span", el("b", words(f"app.status.{finding.status}")), f"{phrases.DOT}{beside}" if beside else None, class_="result"),
    )
    body = el(
        "div",
        el("blockquote", indicator.text) if indicator.text not in (indicator.title.zh, indicator.title.en) else None,
        el("p", words.title(indicator.note), class_="note") if indicator.note else None,
        el("p", words("community.exempt", reason=finding.reason), class_="note") if finding.reason else None,
        _clauses(words, standard, finding.clauses, period, mend),
        class_="finding-body",
        id=anchor(indicator),
    )
    return el("details", summary, body, class_=f"finding {finding.status}", open=is_open, data_part=indicator.code)


CLAUSE_COLUMNS = (
    ("community.column_clause", "clause"),
    ("community.column_value", "number"),
    ("community.column_limit", "number"),
    ("community.column_gap", "gap"),
    ("community.column_status", "status"),
)


def _clauses(words: Words, standard: Standard, clauses: Sequence[Clause], period: int, mend: Mend) -> Html:
    head = el("tr", *(el("th", words(key), scope="col", class_=name) for key, name in CLAUSE_COLUMNS))
    rows = [_clause(words, standard, clause, period, mend) for clause in clauses]
    return el("table", el("thead", head), el("tbody", rows), class_="plain clauses")


def _clause(words: Words, standard: Standard, clause: Clause, period: int, mend: Mend) -> Html:
    criterion = clause.criterion
    title = phrases.clause_title(words, standard, criterion)
    status = el("td", glyph(clause.status, words), words(f"app.status.{clause.status}"), class_="status")
    if isinstance(criterion, AnyOf):
        return el("tr", el("th", title, scope="row", class_="clause"), el("td"), el("td"), el("td"), status, class_="group")
    unit = phrases.unit(standard, criterion.value)
    source = clause.figures[0].source if phrases.is_plain(criterion) else None
    gap = phrases.gap(words, standard, criterion, clause.value, clause.gap) if clause.gap is not None and clause.status in ("unmet", "near") else None
    return el(
        "tr",
        el("th", title, _workings(words, standard, criterion, clause, title, period, mend), scope="row", class_="clause"),
        el(
            "td",
            _labelled(words, "community.column_value"),
            phrases.amount(words, clause.value, unit, clause.threshold),
            _mark(words, source),
            mend(clause.figures[0]) if source is not None else None,
            class_="number",
        ),
        el("td", _labelled(words, "community.column_limit"), phrases.limit(words, standard, criterion, clause.threshold), class_="number"),
        el("td", gap, class_="gap"),
        status,
        class_="member" if clause.member else None,
    )


def _labelled(words: Words, key: str) -> Html:
    """The column's name again, for narrow screens where the header is not shown."""
    return el("span", words(key), class_="label")


def _workings(words: Words, standard: Standard, criterion: Criterion, clause: Clause, title: str, period: int, mend: Mend) -> list[Html]:
    """Under a clause's title: how its value is computed, the figures it is computed from, and what is missing."""
    lines: list[Html] = []
    formula_text = phrases.expression(words, standard, criterion.value)
    is_sum = inputs.is_summed(standard, criterion)
    if is_sum:
        lines.append(el("span", words("community.summed", n=criterion.window, formula=formula_text), class_="under"))
    elif formula_text != title and not phrases.is_name(criterion):
        lines.append(el("span", formula_text, class_="under"))
    if not phrases.is_plain(criterion):
        lines.append(el("span", _figures(words, standard, clause, is_sum and phrases.is_name(criterion), period, mend), class_="under figures"))
    if clause.status == "no_data":
        ways = [way for figure in clause.missing if (way := mend(figure)) is not None]
        lines.append(el("span", owing.why(words, standard, clause.owed, period), *ways, class_="under missing"))
    if criterion.note:
        lines.append(el("span", words.title(criterion.note), class_="under"))
    return lines


def _figures(words: Words, standard: Standard, clause: Clause, is_named: bool, period: int, mend: Mend) -> list[Html]:
    """The reported figures behind a value, metric by metric; is_named: the line above names the only metric already."""
    by_name: dict[str, list[Figure]] = {}
    for figure in clause.figures:
        if figure.value is not None:
            by_name.setdefault(figure.name, []).append(figure)
    return [
        el("span", None if is_named else f"{phrases.name_title(words, standard, name)} ", _values(words, standard, each, period, mend))
        for name, each in by_name.items()
    ]


def _values(words: Words, standard: Standard, figures: Sequence[Figure], period: int, mend: Mend) -> list[Html]:
    """The figures of one metric; their periods are told unless there is only the one that the page is about."""
    metric = standard.metric_by_id.get(figures[0].name) or standard.parameter_by_id[figures[0].name]
    shows_period = len(figures) > 1 or figures[0].period != period
    values = []
    for figure in figures:
        when = el("i", periods.label(figure.period, standard.frequency)) if shows_period else None
        values.append(el("span", when, phrases.amount(words, figure.value, metric.unit), _mark(words, figure.source), mend(figure), class_="figure"))
    return values


def _mark(words: Words, source: SourceLine | None) -> Html | None:
    """A small number that says on hover, and leads to, the line of the file that a figure was read from."""
    if source is None:
        return None
    return el("a", str(source.number), class_="mark", href=f"#source-{source.number}", title=source_words(words, source))


def source_words(words: Words, source: SourceLine) -> str:
    return words("community.source", file=source.file_name, line=source.line, id=source.import_id, who=source.who, when=f"{source.imported_at:%Y-%m-%d %H:%M}")


def source_list(words: Words, sources: Sources) -> Html:
    return el("ol", [el("li", source_words(words, source), id=f"source-{source.number}") for source in sources.lines], class_="sources")


def raw_record(words: Words, standard: Standard, header: Sequence[str], cells: Sequence[str]) -> Html:
    """A line of a file as it was written, column by column."""
    pairs = zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False)
    rows = [el("tr", el("th", _meaning(words, standard, name), scope="row"), el("td", name), el("td", cell, class_="raw")) for name, cell in pairs]
    head = el("tr", *(el("th", words(key), scope="col") for key in ("community.raw_meaning", "community.raw_header", "community.raw_cell")))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll tall")


def _meaning(words: Words, standard: Standard, header: str) -> str:
    known = standard.metric_by_id.get(header) or standard.parameter_by_id.get(header)
    return words.title(known.title) if known else header
