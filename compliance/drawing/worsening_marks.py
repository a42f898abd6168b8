"""What got worse, as HTML: who, what, by how much, and who must act; domains that sink; indicators that lose on balance. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compliance.answers import heat_goals, phrases
from compliance.answers.counts import Counts
from compliance.answers.trend_asking import MOST_MOVERS, Worse
from compliance.answers.trend_views import MOST_CODES, Span
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.drawing.trend_marks import mover_name, others
from compliance.questions.queries import records
from compliance.questions.trend_queries import Figure, Figures, Sinking
from compliance.standard.definitions import AnyOf, Criterion, Indicator, Is, Standard
from compliance.texts import Words

Href = Callable[..., str]
MOST_INDICATORS = 8


def lost(words: Words, standard: Standard, worse: Worse, href: Href) -> Html:
    """The areas where most verdicts are no longer met: which, by how much, whose task; how many there are in all."""
    found = worse.lost
    head = el(
        "h3",
        marks.glyph("unmet", words) if found.most else None,
        words("trends.regressed", verdicts=words.number(found.verdicts), areas=words.number(found.areas)),
    )
    if not found.most:
        return el("div", head, el("p", words("trends.regressed_none"), class_="note"))
    items = [
        el("li", el("div", mover_name(each, href)), el("div", named(words, standard, each.area_id, each.codes, worse.figures, href)))
        for each in found.most[:MOST_MOVERS]
    ]
    return el("div", head, el("ul", items, class_="movers"), others(words, standard, "regressed", found, len(items), href))


def named(words: Words, standard: Standard, area_id: str, codes: Sequence[str], figures: Figures, href: Href) -> Html:
    """Verdicts of one area, each with what it lacks and who must act, leading to its cell; of many the first few, and the area for the rest."""
    lines = []
    for code in codes[:MOST_CODES]:
        indicator = standard.indicator_by_code[code]
        to = href("heatmap", **heat_goals.cell(standard, area_id, code))
        label = phrases.short_name(words, indicator)
        owner = words.title(indicator.owner) if indicator.owner else ""
        says = phrases.DOT.join(part for part in (how_much(words, standard, indicator, figures.get((area_id, code), ())), owner) if part)
        lines.append(el("li", el("a", label, href=to), el("span", says, class_="under")))
    more = (
        el("li", el("a", words("trends.more_verdicts", n=len(codes) - MOST_CODES), href=href("community", area=area_id))) if len(codes) > MOST_CODES else None
    )
    return el("ul", lines, more, class_="owes")


def how_much(words: Words, standard: Standard, indicator: Indicator, figures: Sequence[Figure]) -> str:
    """92% → 88.6%, 还差 1.4 个百分点; of several open criteria how many they are."""
    if len(figures) != 1:
        return words("community.clauses_unmet", n=len(figures)) if figures else ""
    figure = figures[0]
    criterion = next(each for each in indicator.criteria if each.id == figure.criterion)
    if isinstance(criterion, AnyOf):
        return words("community.clauses_unmet", n=1)
    gap = phrases.gap(words, standard, criterion, figure.value, figure.gap or 0.0)
    return gap if isinstance(criterion.test, Is) or figure.before is None else words("trends.from_to", **_values(words, standard, criterion, figure), gap=gap)


def _values(words: Words, standard: Standard, criterion: Criterion, figure: Figure) -> dict[str, str]:
    unit = phrases.unit(standard, criterion.value)
    return {"was": phrases.amount(words, figure.before, unit, figure.threshold), "is": phrases.amount(words, figure.value, unit, figure.threshold)}


def sinking(words: Words, standard: Standard, level: str, worse: Worse, over: Span, href: Href) -> Html:
    """Domains of areas that lost verdicts two periods in a row."""
    found, total = worse.sinking, worse.sinking_all
    title = words.title(standard.level_by_id[level].title)
    head = el("h3", marks.glyph("unmet", words) if total else None, words("trends.sinking", level=title, n=words.number(total)))
    if not found:
        return el("div", head, el("p", words("trends.sinking_none"), class_="note"))
    labels = over.labels[over.shown - 2 : over.shown + 1]
    columns = el(
        "tr",
        el("th", title, scope="col"),
        [el("th", label, scope="col", class_="number") for label in labels],
        el("th", words("trends.column_fell"), scope="col"),
    )
    body = [_sinking_row(words, standard, each, worse.figures, href) for each in found]
    more = el("p", words("trends.more_rows", n=words.number(total - len(found))), class_="note") if total > len(found) else None
    return el("div", head, el("div", el("table", el("thead", columns), el("tbody", body), class_="plain sinking"), class_="scroll"), more)


def _sinking_row(words: Words, standard: Standard, each: Sinking, figures: Figures, href: Href) -> Html:
    where = [el("span", part, class_="under") for part in (each.parent, words.title(each.domain.title)) if part]
    name = el("th", el("a", each.name, href=href("community", area=each.area_id, to=each.domain.id)), where, scope="row")
    cells = [el("td", f"{met}/{judged}", class_="number") for met, judged in each.counts]
    return el("tr", name, cells, el("td", named(words, standard, each.area_id, each.codes, figures, href)))


def indicators(words: Words, standard: Standard, worse: Worse, href: Href) -> Html:
    """What turned, indicator by indicator, the most lost on balance first; ▼▼ marks those that fell the period before too."""
    counts = {row["indicator"]: Counts.of(row) for row in records(worse.tallies)}
    rows = sorted((row for row in records(worse.turned) if row["fixed"] or row["regressed"]), key=lambda row: row["fixed"] - row["regressed"])
    if not rows:
        return el("p", words("trends.nothing_turned"), class_="note")
    head = el("thead", el("tr", [el("th", words(key), scope="col", class_="number" if place else None) for place, key in enumerate(INDICATOR_COLUMNS)]))
    body = [
        _indicator_row(words, standard, row["indicator"], row["fixed"], row["regressed"], counts[row["indicator"]], row["indicator"] in worse.again, href)
        for row in rows
    ]
    losing = sum(row["regressed"] > row["fixed"] for row in rows)
    shown = min(losing, MOST_INDICATORS)
    title = el("h3", marks.glyph("unmet", words) if losing else None, words("trends.losing", n=words.number(losing)))

    def table(some: Sequence[Html]) -> Html:
        return el("div", el("table", head, el("tbody", some), class_="plain losing"), class_="scroll-x")

    first, rest = table(body[:shown]) if shown else None, body[shown:]
    more = marks.folded(words("trends.other_indicators", n=len(rest)), table(rest), part="indicators") if rest else None
    return el("div", title, first, more)


INDICATOR_COLUMNS = ("trends.column_indicator", "trends.column_regressed", "trends.column_fixed", "trends.column_net", "trends.column_unmet_now")


def _indicator_row(words: Words, standard: Standard, code: str, fixed: int, regressed: int, now: Counts, is_worse: bool, href: Href) -> Html:
    indicator = standard.indicator_by_code[code]
    owner = words.title(indicator.owner) if indicator.owner else ""
    under = phrases.DOT.join(part for part in (code, words.title(standard.domain_of[code].title), owner) if part)
    mark = el("span", " ▼▼", class_="verdict unmet", title=words("trends.worse_again")) if is_worse else None
    title = el(
        "th", el("a", words.title(indicator.title), href=href("indicator", indicator=code)), mark, el("span", under, class_="under"), scope="row", class_="wide"
    )
    net = fixed - regressed
    figures = (words.number(regressed), words.number(fixed), f"{'+' if net > 0 else '−' if net < 0 else ''}{abs(net)}", f"{now.unmet}/{now.judged}")
    return el("tr", title, [el("td", figure, class_="number") for figure in figures])
