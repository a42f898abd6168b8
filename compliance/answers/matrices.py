"""Matrices of queries → what the grid draws and what a download holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.answers import gridding, phrases
from compliance.answers.counts import Counts
from compliance.answers.downloads import Sheet
from compliance.engine.judging import LARGEST_UNKNOWN_SHARE
from compliance.engine.near_misses import NEAR
from compliance.questions.queries import DomainMatrix
from compliance.standard.definitions import AnyOf, Domain, Indicator, Level, Standard
from compliance.texts import Words

# area id → its name and its parent's
Names = Mapping[str, tuple[str, str]]


def rates(words: Words, matrix: DomainMatrix, rows: Sequence[int], names: Names) -> gridding.RateMatrix:
    """Areas × domains: how much of each is met. rows: which areas."""
    return gridding.RateMatrix(
        tuple(gridding.Row(matrix.area_ids[row], *names[matrix.area_ids[row]]) for row in rows),
        tuple(gridding.Column(domain.id, words.title(domain.title), _domain_hint(words, domain, matrix)) for domain in matrix.domains),
        matrix.counts[list(rows)],
    )


def grid_words(words: Words, level: Level, shown: int, total: int, *, name: str = "grid.grid", value: str = "grid.value") -> dict[str, str]:
    """The browser fills in the figures, so the words keep their places open. shown, total: how many of how many areas stand in the grid;
    name, value: keys that say what it shows."""
    places = {each: f"{{{each}}}" for each in ("percent", "met", "judged", "no_data", "not_applicable", "value")}
    places["share"] = f"{100 * LARGEST_UNKNOWN_SHARE:g}"
    places["near"] = words.percent(NEAR)
    title = words.title(level.title)
    is_all = shown == total
    own = {
        "corner": words("grid.corner_all" if is_all else "grid.corner_part", level=title, shown=shown, total=total),
        "grid": words(name, level=title),
        "average": words("grid.average" if is_all else "grid.average_of_shown"),
        "value": words(value, **places),
    }
    return own | {word: words(f"grid.{word}", level=title, **places) for word in gridding.WORDS if word not in own}


def rate_sheet(words: Words, matrix: DomainMatrix, names: Names) -> Sheet:
    """The rates of the grid; what they are computed from stands beside each."""
    head = [words("overview.column_area_id"), words("overview.column_area"), words("overview.column_parent")]
    for domain in matrix.domains:
        title = words.title(domain.title)
        head += [title, *(words("sheet.of_domain", domain=title, what=words(key)) for key in ("overview.column_judged", "overview.column_no_data"))]
    rows, looks = [], []
    for place, area_id in enumerate(matrix.area_ids):
        cells: list[object] = [area_id, *names[area_id]]
        colours: list[str | None] = [None, None, None]
        for counts in (Counts(*map(int, each)) for each in matrix.counts[place]):
            cells += [rate_words(words, counts), counts.judged, counts.no_data]
            colours += [rate_look(counts), None, None]
        rows.append(tuple(cells))
        looks.append(tuple(colours))
    return Sheet(tuple(head), rows, looks)


def rate_words(words: Words, counts: Counts) -> str:
    """A rate; where too much is missing for one, what it would be made of: 0/1 · 缺8."""
    if counts.rate is None:
        return words("app.status.no_data" if counts.no_data else "app.status.not_applicable")
    if counts.is_unsure:
        return words("grid.unsure_parts", met=counts.met, judged=counts.judged, no_data=counts.no_data)
    return words.percent(counts.rate)


def rate_look(counts: Counts) -> str:
    """The colour of a rate, as in the grid."""
    if counts.rate is None:
        return "no_data" if counts.no_data else "not_applicable"
    if counts.is_unsure:
        return "no_data"
    return f"step{sum(round(100 * counts.rate) >= band for band in gridding.RATE_BANDS)}"


def rate_looks() -> list[tuple[str, str]]:
    """Each colour of a rate with the rates that it stands for: step1, 25–49%."""
    lows = (0, *gridding.RATE_BANDS)
    return [(f"step{step}", f"{low}–{high - 1}%") for step, (low, high) in enumerate(zip(lows, (*lows[1:], 101), strict=True))]


def limits(words: Words, standard: Standard, indicator: Indicator) -> str:
    """Every limit of an indicator in one line: 楼道亮灯率 ≥ 90%; …"""
    parts = []
    for criterion in indicator.criteria:
        members = criterion.members if isinstance(criterion, AnyOf) else (criterion,)
        said = [f"{phrases.clause_title(words, standard, each)} {phrases.limit(words, standard, each, None)}" for each in members]
        parts.append(words("sheet.or").join(said))
    return words("sheet.and").join(parts)


def _domain_hint(words: Words, domain: Domain, matrix: DomainMatrix) -> str:
    """What a column stands for, on hover."""
    count = int(matrix.counts[:1, matrix.domains.index(domain)].sum())
    badge = words.title(domain.badge) if domain.badge else ""
    return words("overview.domain_hint_badge", badge=badge, n=count) if badge else words("overview.domain_hint", n=count)
