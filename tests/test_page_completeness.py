"""The page of what was not reported: counts held against the files themselves."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass

import pytest
from app_pages import page_text
from page_district import NOW, ORDINAL, SAMPLE, STANDARD, District, run

from compliance.answers import completeness
from compliance.questions import completeness_queries
from compliance.questions.completeness_queries import AreaGaps, Completeness, Missing
from compliance.standard.inputs import names_in
from compliance.storage.store import Store

pytestmark = pytest.mark.usefixtures("on_district", "release")


def blanks(level: str, period: str) -> dict[tuple[str, str], bool]:
    """(area, metric) → whether the cell of the sample's file is blank."""
    rows = list(csv.DictReader((SAMPLE / f"metrics_{level}_{period}.csv").read_text(encoding="utf-8-sig").splitlines()))
    key, _, *names = rows[0]
    return {(row[key], name): row[name] == "" for row in rows for name in names}


def excused() -> set[tuple[str, str]]:
    """Area and indicator that the sample exempts now; no other indicator looks at the figures of these."""
    rows = list(csv.DictReader((SAMPLE / "exemptions.csv").read_text(encoding="utf-8-sig").splitlines()))
    return {(row["area_id"], row["indicator"]) for row in rows if row["from"] <= NOW and (not row["to"] or row["to"] >= NOW)}


@dataclass(frozen=True)
class Found:
    figures: tuple[Missing, ...]
    whole: Completeness
    areas: tuple[AreaGaps, ...]


@pytest.fixture(scope="module", autouse=True)
def found(district: District) -> dict[str, Found]:
    """What the questions answer, level by level, before the pages hold the database."""
    answers = {}
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        for level in STANDARD.judged_levels:
            names = [metric.id for metric in STANDARD.metrics_of(level)]
            answers[level] = Found(
                completeness_queries.missing_figures(cursor, STANDARD, level, ORDINAL, names),
                completeness_queries.completeness(cursor, STANDARD, level, ORDINAL),
                completeness_queries.gaps_of_areas(cursor, STANDARD, level, ORDINAL, names),
            )
    return answers


@pytest.mark.parametrize("level", ["community", "subdistrict"])
def test_missing_figures_are_the_blank_cells_of_the_files(found: dict[str, Found], level: str) -> None:
    exempt = excused()
    expected = set()
    looks_at = {i.code: set(names_in([i])) for i in STANDARD.indicators_of(level)}
    for (area, metric), blank in blanks(level, NOW).items():
        if blank and not all((area, code) in exempt for code, names in looks_at.items() if metric in names):
            expected.add((area, metric))
    answer = found[level]
    assert {(each.area_id, each.metric) for each in answer.figures} == expected
    assert len(answer.figures) == len(expected)
    # The sample leaves blanks at the communities only.
    assert (level == "community") == bool(expected)
    assert sum(answer.whole.missing.values()) == len(expected)
    assert {each.area_id: each.missing for each in answer.areas} == Counter(area for area, _ in expected)
    earlier = {period: blanks(level, period) for period in ("2026Q2", "2026Q1")}
    for each in answer.figures:
        periods = [period for period, cells in earlier.items() if not cells.get((each.area_id, each.metric), True)]
        assert each.last == ({"2026Q2": ORDINAL - 1, "2026Q1": ORDINAL - 2}[periods[0]] if periods else None)


def test_no_figure_is_owed_by_two_departments() -> None:
    found = Completeness(10, {metric.id: 1 for metric in STANDARD.metrics_of("community")}, {})
    accounts = completeness.accounts(STANDARD, "community", found)
    assert sum(each.owed for each in accounts) == 10 * len(STANDARD.metrics_of("community"))
    assert sum(each.missing for each in accounts) == len(STANDARD.metrics_of("community"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("level", ["community", "subdistrict"])
def test_the_page_says_how_much_is_missing(found: dict[str, Found], language: str, level: str) -> None:
    text = page_text(run("completeness", lang=language, level=level))
    missing = len(found[level].figures)
    some = {"zh": f"还缺 {missing} 个数据", "en": f"{missing} figures are missing"}
    none = {"zh": "数据已报齐", "en": "Every figure is there"}
    assert (some if missing else none)[language] in text
    lacking = len({each.area_id for each in found[level].figures})
    here = {"zh": f"涉及 {lacking} 个社区，只数本期应报的数", "en": f"In {lacking} communities, counting what is owed for this period"}
    assert (here[language] in text) == bool(missing)


def test_a_department_has_its_own_list() -> None:
    text = page_text(run("completeness", lang="zh", owner="民政科"))
    assert "催报单：民政科" in text
