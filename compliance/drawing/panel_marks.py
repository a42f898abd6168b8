"""The panel of one cell as HTML: why it is red, in a sentence, criterion by criterion, down to the raw text of each number. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.answers import origins, owing, phrases
from compliance.answers.explaining import Clause
from compliance.answers.panel_views import Cell
from compliance.drawing import origin_marks, panel_charts
from compliance.drawing.marks import glyph
from compliance.drawing.markup import Html, el
from compliance.drawing.origin_marks import OPEN
from compliance.standard import inputs
from compliance.standard.definitions import AnyOf, Criterion
from compliance.texts import Words

# So many open criteria the sentence names; more would be a list, and that follows below.
MOST_NAMED = 2


def panel(words: Words, cell: Cell, closed: str, links: Sequence[tuple[str, str]]) -> Html:
    """Everything about one indicator of one area. closed: the address without it (beside a grid, grid.js closes without going there); links: words, address."""
    finding, indicator = cell.finding, cell.indicator
    clauses = sorted((clause for clause in finding.clauses if not clause.member), key=lambda clause: clause.status not in OPEN)
    return el(
        "section",
        el("a", "✕", href=closed, class_="close", title=words("panel.close"), aria_label=words("panel.close")),
        el("p", phrases.DOT.join(_where(words, cell)), class_="eyebrow"),
        el("h2", glyph(finding.status, words), sentence(words, cell), id="panel-verdict", class_=f"said {finding.status}"),
        panel_charts.strip(words, cell.standard, cell.whole),
        [_clause(words, cell, clause) for clause in clauses],
        el("h3", words("panel.figures")),
        origin_marks.figures_table(words, cell.standard, finding, cell.written),
        origin_marks.raw_lines(words, finding, cell.written),
        el("h3", words("panel.text")),
        el("blockquote", indicator.text),
        el("p", words.title(indicator.note), class_="note") if indicator.note else None,
        el("p", [el("a", label, href=address) for label, address in links], class_="links"),
        class_="panel",
        aria_labelledby="panel-verdict",
    )


def _where(words: Words, cell: Cell) -> list[str]:
    indicator = cell.indicator
    owner = [words("panel.owner", owner=words.title(indicator.owner))] if indicator.owner else []
    return [f"{indicator.code} {words.title(indicator.title)}", words.title(cell.standard.domain_of[indicator.code].title), *owner]


def sentence(words: Words, cell: Cell) -> str:
    """露笺社区未达标：楼道亮灯率 86.1%，标准 ≥ 90%，还差 3.9 个百分点。"""
    finding, area = cell.finding, cell.area.name
    match finding.status:
        case "met":
            return words("panel.met", area=area, n=sum(not clause.member for clause in finding.clauses))
        case "not_applicable":
            return words("panel.not_applicable", area=area, reason=finding.reason or words("app.status.not_applicable"))
        case "no_data":
            return words("panel.no_data", area=area) + _unknown(words, cell, "panel.missing")
        case _:
            open_ones = [clause for clause in finding.open_clauses if clause.status != "no_data"]
            said = words("panel.unmet", area=area, what=words("panel.semicolon").join(_shortened(words, [_shortfall(words, cell, each) for each in open_ones])))
            return said + _unknown(words, cell, "panel.also_missing")


def _shortened(words: Words, parts: list[str]) -> list[str]:
    return parts if len(parts) <= MOST_NAMED else [*parts[:MOST_NAMED], words("panel.more", n=len(parts) - MOST_NAMED)]


def _unknown(words: Words, cell: Cell, key: str) -> str:
    """What nobody reported and who owes it; and which criteria cannot be computed although all was reported."""
    finding, standard = cell.finding, cell.standard
    missing = owing.figures(words, standard, finding.owed, cell.period, MOST_NAMED)
    undefined = [phrases.clause_title(words, standard, clause.criterion) for clause in finding.undecided if not clause.owed]
    owed = words(key, figures=missing) + owing.by_whom(words, cell.indicator) if missing else ""
    return owed + (words("panel.undefined", what=words("app.list").join(_shortened(words, undefined))) if undefined else "")


def _shortfall(words: Words, cell: Cell, clause: Clause) -> str:
    """One criterion: what there is, what should be, what is missing. Of a group, that none of its members holds."""
    standard, criterion = cell.standard, clause.criterion
    title = phrases.clause_title(words, standard, criterion)
    if isinstance(criterion, AnyOf):
        return words("panel.none_of", title=title, n=len(criterion.members))
    gap = phrases.gap(words, standard, criterion, clause.value, clause.gap) if clause.gap is not None else ""
    if phrases.unit(standard, criterion.value) == "yes_no":
        return words("panel.shortfall_yes_no", title=title, gap=gap)
    value = phrases.amount(words, clause.value, phrases.unit(standard, criterion.value), clause.threshold)
    return words("panel.shortfall", title=title, value=value, limit=phrases.limit(words, standard, criterion, clause.threshold), gap=gap)


def _clause(words: Words, cell: Cell, clause: Clause, *, is_settled: bool = False) -> Html:
    """One criterion; what is met is folded, since nobody must act on it. is_settled: a member of a group that another one meets."""
    criterion = clause.criterion
    title = phrases.clause_title(words, cell.standard, criterion)
    head = [glyph(clause.status, words), el("span", title, class_="title"), el("span", _brief(words, cell, clause, is_settled=is_settled), class_="brief")]
    if isinstance(criterion, AnyOf):
        members = [each for each in cell.finding.clauses if each.member and each.criterion in criterion.members]
        body = [_clause(words, cell, each, is_settled=clause.status == "met") for each in members]
        return el("div", el("div", head, class_="clause-head"), el("div", body, class_="members"), class_=f"clause {clause.status}")
    inside = el("div", _figures_of_clause(words, cell, criterion, clause), panel_charts.trend(words, cell.standard, criterion, cell.moments[criterion.id]))
    look = "settled" if is_settled else clause.status
    part, is_open = f"{cell.indicator.code}.{criterion.id}", clause.status in OPEN and not is_settled
    return el("details", el("summary", head, class_="clause-head"), inside, class_=f"clause {look}", open=is_open, data_part=part)


def _brief(words: Words, cell: Cell, clause: Clause, *, is_settled: bool) -> str:
    """Beside a criterion's title: its gap where it is unmet and anything is to be done about it, else its value."""
    if isinstance(clause.criterion, AnyOf) or clause.status in ("no_data", "not_applicable"):
        return words(f"app.status.{clause.status}")
    if clause.status in ("unmet", "near") and clause.gap is not None and not is_settled:
        return phrases.gap(words, cell.standard, clause.criterion, clause.value, clause.gap)
    return phrases.amount(words, clause.value, phrases.unit(cell.standard, clause.criterion.value), clause.threshold)


def _figures_of_clause(words: Words, cell: Cell, criterion: Criterion, clause: Clause) -> list[Html]:
    """Value, limit and gap beside each other, and under them how the value is computed."""
    standard = cell.standard
    value = phrases.amount(words, clause.value, phrases.unit(standard, criterion.value), clause.threshold)
    pairs = [("community.column_value", value), ("community.column_limit", phrases.limit(words, standard, criterion, clause.threshold))]
    if clause.status in ("unmet", "near") and clause.gap is not None:
        pairs.append(("community.column_gap", phrases.gap(words, standard, criterion, clause.value, clause.gap)))
    said = [el("dl", [el("div", el("dt", words(key)), el("dd", text)) for key, text in pairs], class_="figures3"), *_origin(words, clause)]
    formula = phrases.expression(words, standard, criterion.value)
    if inputs.is_summed(standard, criterion):
        said.append(el("p", words("community.summed", n=criterion.window, formula=formula), class_="note"))
    elif not phrases.is_name(criterion):
        said.append(el("p", formula, class_="note"))
    if clause.status == "no_data":
        said.append(el("p", owing.why(words, standard, clause.owed, cell.period), class_="note missing"))
    return [*said, *([el("p", words.title(criterion.note), class_="note")] if criterion.note else [])]


def _origin(words: Words, clause: Clause) -> list[Html]:
    """In one line where the value comes from; the table below says it figure by figure."""
    lines = origins.lines_of(clause.figures)
    if clause.value is None or not lines:
        return []
    first = words("panel.line", file=lines[0].file_name, line=lines[0].line)
    more = [words("panel.more", n=len(lines) - 1)] if lines[1:] else []
    return [el("p", words("panel.origin", lines=words("app.list").join((first, *more))), class_="note origin")]
