"""Where figures come from, as HTML: beside a value its file and line, below an indicator the imports, and of opened files what is written there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compliance import periods
from compliance.answers import origins, phrases
from compliance.answers.explaining import Figure, Finding, SourceLine
from compliance.answers.origins import Written
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Standard
from compliance.texts import Words

Href = Callable[..., str]
# What is asked about first: the figures of criteria that are open.
OPEN = ("unmet", "near", "no_data")


def source_words(words: Words, source: SourceLine) -> str:
    """The line, and the import that brought it."""
    return words("community.source", file=source.file_name, line=source.line, id=source.import_id, who=source.who, when=_when(source))


def _when(source: SourceLine) -> str:
    return f"{source.imported_at:%Y-%m-%d %H:%M}"


def beside(words: Words, standard: Standard, figures: Sequence[Figure]) -> list[Html]:
    """The lines that a value was read from, each once, newest first; with their periods where there are several, and what was reported there before."""
    known = [figure for figure in figures if figure.source is not None]
    of_several = len({figure.period for figure in known}) > 1
    return [_line(words, standard, [figure for figure in known if figure.source == line], shows_period=of_several) for line in origins.lines_of(known)]


def _line(words: Words, standard: Standard, figures: Sequence[Figure], *, shows_period: bool) -> Html:
    source = figures[0].source
    label = el("i", periods.label(figures[0].period, standard.frequency)) if shows_period else None
    said = words("panel.line", file=source.file_name, line=source.line) if source else ""
    return el("span", label, said, [el("em", was) for figure in figures if (was := _was(words, standard, figure))], class_="line")


def _was(words: Words, standard: Standard, figure: Figure) -> str:
    """What stood here before a later report changed it."""
    return "" if figure.was is None else words("origin.was", value=phrases.amount(words, figure.was, _unit(standard, figure)))


def _unit(standard: Standard, figure: Figure) -> str:
    return (standard.metric_by_id.get(figure.name) or standard.parameter_by_id[figure.name]).unit


def below(words: Words, standard: Standard, finding: Finding, written: Written | None, href: Href) -> Html | None:
    """Who imported what and when, of all lines of an indicator; what is written there, or the way to it. href: this view with other parameters."""
    lines = origins.lines_of(finding.figures)
    if not lines:
        return None
    imports = {line.import_id: line for line in lines}.values()
    told = [el("li", _import(words, line, href)) for line in imports]
    code = finding.indicator.code
    place = f"written-{code}"
    if written is None:
        # browser.js sets the parameter in the address as it is by then: what is unfolded stays so.
        see = el("a", words("origin.see"), href=f"{href('community', raw=code)}#{place}", data_sets=f"raw={code}")
        return el("div", el("ul", told), el("p", see), class_="origins")
    table = figures_table(words, standard, finding, written)
    return el("div", el("ul", told), el("h4", words("panel.figures"), id=place), table, raw_lines(words, finding, written), class_="origins")


def _import(words: Words, source: SourceLine, href: Href) -> list[Html | str]:
    number = el("a", words("origin.import", id=source.import_id), href=href("history", area=None, **{"import": str(source.import_id)}))
    return [source.file_name, phrases.DOT, number, phrases.DOT, source.who, phrases.DOT, _when(source)]


# -- what is written ----------------------------------------------------------------------------------------------------

FIGURE_COLUMNS = ("panel.column_figure", "panel.column_value", "panel.column_raw", "panel.column_line")


def figures_table(words: Words, standard: Standard, finding: Finding, written: Written) -> Html:
    """Every number behind a verdict: what it is, how it was written, and in which file and line."""
    clauses = sorted(finding.clauses, key=lambda clause: clause.status not in OPEN)
    figures = {(figure.name, figure.period): figure for clause in clauses for figure in clause.figures}
    if not figures:
        return el("p", words("panel.no_figures"), class_="note")
    head = el("tr", [el("th", words(key), scope="col") for key in FIGURE_COLUMNS])
    rows = [_figure_row(words, standard, figure, written) for figure in figures.values()]
    return el("table", el("thead", head), el("tbody", rows), class_="plain numbers")


def _figure_row(words: Words, standard: Standard, figure: Figure, written: Written) -> Html:
    label = periods.label(figure.period, standard.frequency)
    name = el("th", phrases.name_title(words, standard, figure.name), el("span", label, class_="under"), scope="row")
    if figure.source is None:
        return el("tr", name, el("td", words("panel.not_reported"), colspan="3", class_="missing"))
    raw = written.line(figure.source)
    text = raw.cell(figure.name) if raw else None
    was = _was(words, standard, figure)
    return el(
        "tr",
        name,
        el("td", phrases.amount(words, figure.value, _unit(standard, figure)), el("span", was, class_="under") if was else None, class_="number"),
        el("td", el("code", text if text is not None else "—"), class_="raw"),
        el("td", words("panel.line", file=figure.source.file_name, line=figure.source.line), class_="line"),
    )


def raw_lines(words: Words, finding: Finding, written: Written) -> list[Html | None]:
    """The whole lines of the files, for whoever wants to see them with their own eyes."""
    return [_raw_line(words, written, line) for line in origins.lines_of(finding.figures)]


def _raw_line(words: Words, written: Written, line: SourceLine) -> Html | None:
    raw = written.line(line)
    if raw is None:
        return None
    title = words("panel.raw_line", file=line.file_name, line=line.line)
    said = el("p", source_words(words, line), class_="note")
    place = f"line-{line.import_id}-{line.line}"
    return el("details", el("summary", title), said, el("pre", ",".join(raw.cells)), class_="folded raw-line", data_part=place)


def raw_record(words: Words, standard: Standard, header: Sequence[str], cells: Sequence[str]) -> Html:
    """A line of a file as it was written, column by column."""
    pairs = zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False)
    rows = [el("tr", el("th", _meaning(words, standard, name), scope="row"), el("td", name), el("td", cell, class_="raw")) for name, cell in pairs]
    head = el("tr", *(el("th", words(key), scope="col") for key in ("community.raw_meaning", "community.raw_header", "community.raw_cell")))
    return el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll tall")


def _meaning(words: Words, standard: Standard, header: str) -> str:
    known = standard.metric_by_id.get(header) or standard.parameter_by_id.get(header)
    return words.title(known.title) if known else header
