"""Figures that deserve a second look before they land, as HTML: why, where, and what is to be ticked. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from compliance import periods
from compliance.answers import phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.questions.doubt_queries import Told
from compliance.questions.doubts import KINDS, OF_PERIODS, Doubt, Kind
from compliance.standard.definitions import Standard
from compliance.texts import Words

# More than these of one kind are told figure by figure, each folded: a column in the wrong unit is one mistake, not a hundred.
MOST_ABREAST = 12
NUMBERS = frozenset({"before", "now"})


def numbers(told: Sequence[Told]) -> dict[Kind, int]:
    """How many doubts there are of each kind that has any."""
    found = {kind: sum(each.numbers[kind] for each in told) for kind in KINDS}
    return {kind: number for kind, number in found.items() if number}


def of_file(told: Sequence[Told], file: str) -> int:
    """How many doubts there are about one file."""
    return sum(sum(each.numbers.values()) for each in told if each.file == file)


def ticks(words: Words, told: Sequence[Told]) -> dict[str, str]:
    """What is to be ticked, by kind of doubt."""
    return {kind: words(f"upload.tick_{kind}", n=words.number(number)) for kind, number in numbers(told).items()}


def doubted(words: Words, standard: Standard, told: Sequence[Told], names: Mapping[str, str], *, is_entered: bool = False) -> Html | None:
    """The doubts of each kind with why they are such. names: area → its name; is_entered: one figure, not a file."""
    kinds = numbers(told)
    if not kinds:
        return None
    title = marks.section(words("upload.doubts"), words("upload.doubts_entered" if is_entered else "upload.doubts_note"))
    body = [_kind(words, standard, told, kind, number, names, is_entered) for kind, number in kinds.items()]
    return el("div", title, *body, class_="refused")


def _kind(words: Words, standard: Standard, told: Sequence[Told], kind: Kind, number: int, names: Mapping[str, str], is_entered: bool) -> Html:
    summary = _summary(words, number, words(f"upload.doubt_{kind}"))
    shown = [doubt for each in told for doubt in each.shown if doubt.kind == kind]
    if kind in OF_PERIODS:
        return el("details", summary, _periods(words, standard, shown, number, is_entered), class_="folded fault", open=True)
    if number <= MOST_ABREAST or kind == "full":
        return el("details", summary, _table(words, standard, shown, number, names, is_entered), class_="folded fault", open=True)
    counts: Counter[str] = sum((each.by_metric[kind] for each in told), Counter())
    groups = []
    for metric, of_metric in counts.most_common():
        own = [doubt for doubt in shown if doubt.metric == metric]
        inside = _table(words, standard, own, of_metric, names, is_entered)
        groups.append(el("details", _summary(words, of_metric, words.title(standard.metric_by_id[metric].title)), inside, class_="folded fault"))
    return el("details", summary, el("div", groups, class_="grouped"), class_="folded fault", open=True)


def _summary(words: Words, number: int, text: str) -> Html:
    return el("summary", el("span", words("upload.times", n=words.number(number)), class_="times"), el("span", text))


def _table(words: Words, standard: Standard, shown: Sequence[Doubt], number: int, names: Mapping[str, str], is_entered: bool) -> list[Html]:
    columns = ("area", "period", "metric", "before", "now") if is_entered else ("place", "area", "period", "metric", "before", "now")
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col", class_="number" if name in NUMBERS else None) for name in columns))
    rows = [el("tr", *list(_doubt(words, standard, doubt, names))[is_entered:]) for doubt in shown]
    return _listed(words, head, rows, number)


def _listed(words: Words, head: Html, rows: Sequence[Html], number: int) -> list[Html]:
    table = el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")
    rest = el("p", words("upload.doubts_more", n=words.number(number - len(rows))), class_="note") if number > len(rows) else None
    return [each for each in (table if rows else None, rest) if each is not None]


def _periods(words: Words, standard: Standard, shown: Sequence[Doubt], number: int, is_entered: bool) -> list[Html]:
    columns = ("period",) if is_entered else ("place", "period", "rows")
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col") for name in columns))
    rows = []
    for doubt in shown:
        place = el("td", words("upload.file_line", file=doubt.file, line=doubt.line))
        period = el("td", periods.label(doubt.period, standard.frequency))
        cells = (period,) if is_entered else (place, period, el("td", words.number(doubt.number)))
        rows.append(el("tr", *cells))
    return _listed(words, head, rows, number)


def _doubt(words: Words, standard: Standard, doubt: Doubt, names: Mapping[str, str]) -> Iterator[Html]:
    metric = standard.metric_by_id[doubt.metric] if doubt.metric else None
    yield el("td", words("upload.file_line", file=doubt.file, line=doubt.line))
    yield el("td", names.get(doubt.area_id, doubt.area_id))
    yield el("td", periods.label(doubt.period, standard.frequency))
    yield el("td", words.title(metric.title) if metric else words("upload.all_surveys", n=doubt.number))
    unit = metric.unit if metric else "percent"
    yield el("td", phrases.amount(words, doubt.before, unit), class_="number")
    yield el("td", phrases.amount(words, doubt.now, unit), class_="number")
