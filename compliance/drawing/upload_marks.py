"""The data page's marks: what was handed in, what is wrong with it or what it would change, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from compliance.answers import phrases
from compliance.drawing import marks
from compliance.drawing.markup import Html, el
from compliance.engine.flipping import Flipped, Flips
from compliance.errors import Problem
from compliance.server.naming import Mistaken, Needless
from compliance.standard.definitions import Standard
from compliance.storage.importer import Outcome
from compliance.texts import Words

Href = Callable[..., str]
ROWS_A_GROUP, OPEN_GROUPS, SHORT_GROUP, ROWS_SHOWN, LINES_NAMED = 30, 3, 5, 200, 5
ROWS_NAMED, LONGEST_ROW_TEXT = 12, 24
NUMBERS = frozenset({"old", "new"})


# -- refused ---------------------------------------------------------------------------------------------------------


def refused(words: Words, problems: Sequence[Problem], files: int, href: Href) -> Html:
    """Every problem, those of one kind together: the kind says what to do, the rows say where. href: the address of a page."""
    hidden = sum(int(str(problem.args["count"])) for problem in problems if problem.key == "reading.more")
    told = [problem for problem in problems if problem.key != "reading.more"]
    title = marks.section(words("upload.refused", n=words.number(len(told) + hidden)), words("upload.refused_note"))
    groups = sorted(_groups(told), key=lambda group: (_rank(group[0]), -len(group)))
    body = [_group(words, group, place < OPEN_GROUPS or len(group) <= SHORT_GROUP, files > 1, href) for place, group in enumerate(groups)]
    rest = el("p", words("upload.refused_more", n=words.number(hidden)), class_="note") if hidden else None
    return el("div", title, *body, rest, class_="refused")


def mistaken(words: Words, together: Sequence[Mistaken], meant: str | None = None) -> str:
    """A text that is nearly right, where it stands, and what it would be put right to; None: one of several."""
    each, lines = together[0], [line for each in together for line in each.lines]
    named = words("app.list").join(map(str, dict.fromkeys(sorted(lines)[:LINES_NAMED])))
    where = words("upload.lines_more", lines=named, n=words.number(len(lines))) if len(lines) > LINES_NAMED else words("upload.lines", lines=named)
    kind = "columns" if len(together) > 1 else "header" if each.said is None else "cell"
    said = words(f"upload.name_{kind}", column=each.column, said=each.said, n=words.number(len(together)))
    told = words("upload.name_one_of", said=said) if meant is None else replaced(words, said, meant)
    return told + words("upload.name_where", file=each.file, lines=where)


def needless(words: Words, each: Needless) -> str:
    """Rows that hold no data, each by its line and what it says."""
    shown = ((line, text if len(text) <= LONGEST_ROW_TEXT else f"{text[:LONGEST_ROW_TEXT]}…") for line, text in each.rows[:ROWS_NAMED])
    told = [words("upload.row_says", line=line, text=text) for line, text in shown]
    more = words("upload.rows_more", n=len(each.rows) - ROWS_NAMED) if len(each.rows) > ROWS_NAMED else ""
    out = words("upload.leave_out", n=len(each.rows), rows=words("app.list").join(told) + more) if each.rows else None
    one = words("upload.join_header", first=each.joined[0], second=each.joined[1]) if each.joined else None
    return words("upload.needless", what=words("upload.needless_and").join(filter(None, (out, one))), file=each.file)


def replaced(words: Words, said: str, meant: str) -> str:
    """What becomes of a text."""
    return words("upload.name_to_be", said=said, meant=meant) if meant else words("upload.name_blank", said=said)


def _groups(problems: Sequence[Problem]) -> Iterator[list[Problem]]:
    ordered = sorted(enumerate(problems), key=lambda item: (item[1].key, item[0]))
    for _, group in groupby(ordered, key=lambda item: item[1].key):
        yield [problem for _, problem in group]


def _rank(problem: Problem) -> int:
    """What concerns the file first, then its header, then cells: mending the former often mends the latter."""
    return 0 if problem.line is None else 1 if problem.line == 1 else 2


def _group(words: Words, group: Sequence[Problem], is_open: bool, with_file: bool, href: Href) -> Html:
    messages = {words.message(problem) for problem in group}
    has_one = len(messages) == 1
    kind = words.message(group[0]) if has_one else words("upload.and_alike", message=words.message(group[0]))
    shown = group[:ROWS_A_GROUP]
    wanted = {
        "file": with_file,
        "place": True,
        "column": any(problem.column for problem in shown),
        "subject": any(problem.subject for problem in shown),
        "value": any(problem.value for problem in shown),
        "message": not has_one,
    }
    names = [name for name, is_wanted in wanted.items() if is_wanted]
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col") for name in names))
    rows = [el("tr", *(el("td", _told(words, problem, name)) for name in names)) for problem in shown]
    rest = el("p", words("upload.group_more", n=words.number(len(group) - len(shown))), class_="note") if len(group) > len(shown) else None
    is_whole = not any(problem.line or problem.column for problem in shown) and not with_file and has_one
    table = None if is_whole else el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll")
    summary = el("summary", el("span", words("upload.times", n=words.number(len(group))), class_="times"), el("span", kind))
    ways = [el("p", way, class_="note") for problem in shown if (way := marks.imports_named(words, problem, href)) is not None]
    roster = el("p", el("a", words("upload.see_roster"), href=href("templates")), class_="note") if group[0].key == "reading.strange_area" else None
    return el("details", summary, table, rest, ways, roster, class_="folded fault", open=is_open)


def _told(words: Words, problem: Problem, name: str) -> str:
    match name:
        case "place":
            line = words("location.line", line=problem.line) if problem.line is not None else ""
            return problem.cell or line
        case "message":
            return words.message(problem)
        case _:
            return str(getattr(problem, name) or "")


# -- accepted --------------------------------------------------------------------------------------------------------


def changes(words: Words, outcome: Outcome) -> Html:
    """How many cells and areas would be new, other, or as they are, and how many statuses would turn."""
    cells = [imported.cells for imported in outcome.imports if imported.cells is not None]
    figures = [
        ("new", sum(each.new for each in cells)),
        ("changed", sum(each.changed for each in cells)),
        ("unchanged", sum(each.unchanged for each in cells)),
    ]
    facts = [_fact(words, f"upload.cells_{name}", number) for name, number in figures] if cells else []
    areas = [each.changed_areas for each in outcome.imports if each.changed_areas is not None]
    listed = [("new", sum(each.new for each in areas)), ("changed", sum(each.changed for each in areas)), ("unchanged", sum(each.unchanged for each in areas))]
    facts += [_fact(words, f"upload.areas_{name}", number) for name, number in listed] if areas else []
    flips = outcome.flips
    turned = [("met", flips.met), ("unmet", flips.unmet), ("no_data", flips.no_data), ("not_applicable", flips.not_applicable)]
    facts += [_fact(words, f"upload.become_{name}", number) for name, number in turned if number or name in ("met", "unmet")]
    return el("div", marks.section(words("upload.changes"), words("upload.changes_note")), el("dl", facts, class_="facts"), _begun(words, outcome.begun))


def _begun(words: Words, begun: Flips) -> Html | None:
    """What a new period brings along, apart from what the files turn."""
    counts = {"met": begun.met, "unmet": begun.unmet, "not_applicable": begun.not_applicable}
    said = words("app.list").join(words(f"upload.begun_{status}", n=words.number(number)) for status, number in counts.items() if number)
    return el("p", words("upload.begun", statuses=said), class_="note") if said else None


def changed_cells(words: Words, standard: Standard, outcome: Outcome, names: Mapping[str, str]) -> Html | None:
    """Figures that would be replaced, old and new; new ones are counted only. names: area → its name."""
    found = [(each.file_name, change) for each in outcome.imports for change in each.changes if change.old is not None]
    if not found:
        return None
    total = sum(each.cells.changed for each in outcome.imports if each.cells is not None)
    rows = [
        el("tr", el("td", names.get(change.area_id, change.area_id), class_="whole"), el("td", change.period),
           el("td", words.title(standard.metric_by_id[change.metric].title)),
           el("td", phrases.amount(words, change.old, standard.metric_by_id[change.metric].unit), class_="number"),
           el("td", phrases.amount(words, change.new, standard.metric_by_id[change.metric].unit), class_="number"),
           el("td", words("upload.file_line", file=name, line=change.line), class_="code"))
        for name, change in found[:ROWS_SHOWN]
    ]  # fmt: skip
    return _listing(words, words("upload.changed_list", n=words.number(total)), ("area", "period", "metric", "old", "new", "place"), rows, total)


def flipped(words: Words, outcome: Outcome, names: Mapping[str, str]) -> Html | None:
    """Statuses that would turn, by area, those that are lost first."""
    if not outcome.flipped:
        return None
    by_area: dict[str, list[Flipped]] = {}
    for flip in outcome.flipped:
        by_area.setdefault(flip.area_id, []).append(flip)
    rows = [
        el("tr", el("td", names.get(area_id, area_id), class_="whole"), el("td", _turns(words, flips, "unmet")), el("td", _turns(words, flips, "met")),
           el("td", _turns(words, flips, "no_data", "not_applicable")))
        for area_id, flips in list(by_area.items())[:ROWS_SHOWN]
    ]  # fmt: skip
    title = words("upload.flipped_list", n=words.number(outcome.flips.total), areas=words.number(len(by_area)))
    return _listing(words, title, ("area", "to_unmet", "to_met", "to_other"), rows, len(by_area))


def _turns(words: Words, flips: Sequence[Flipped], *became: str) -> Html:
    """The indicators that turn so, each with what it was where that is not what one would think."""
    pieces = []
    for flip in flips:
        if flip.after in became:
            label = words("upload.turned", code=flip.indicator, before=words(f"app.status.{flip.before}"), period=flip.period)
            pieces.append(el("span", flip.indicator, title=label, class_="turned"))
    return el("span", pieces)


def _listing(words: Words, title: str, names: Sequence[str], rows: Sequence[Html], total: int) -> Html:
    head = el("tr", *(el("th", words(f"upload.column_{name}"), scope="col", class_="number" if name in NUMBERS else None) for name in names))
    rest = el("p", words("upload.listing_more", n=words.number(total - len(rows))), class_="note") if total > len(rows) else None
    return marks.folded(title, el("div", el("table", el("thead", head), el("tbody", rows), class_="plain"), class_="scroll"), rest, part=None)


def _fact(words: Words, key: str, number: int) -> Html:
    return el("div", el("dt", words(key)), el("dd", words.number(number)))


def describe(words: Words) -> Callable[[Problem], str]:
    """A problem as one cell of the file that is given back: which column, and what to do."""

    def told(problem: Problem) -> str:
        column = words("location.column", column=problem.column) + words("location.colon") if problem.column else ""
        return column + words.message(problem)

    return told
