"""One area's second half: what to mend, what changed, its place among the others and the verdicts above it, against the exported verdicts."""

from __future__ import annotations

import re

import numpy as np
import page_district
import pytest
from page_district import NOW, STANDARD, District, html_of, page_text, run, text_of

from compliance import standing, texts

BEFORE = page_district.PERIODS[-2]
AREA = "C0302"

pytestmark = pytest.mark.usefixtures("on_district", "release")


def part(area: str, mark: str, **address: str) -> str:
    return next(html for html in html_of(run("community", lang="zh", area=area, **address)) if mark in html)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("address", [{"area": AREA}, {"area": "C0202"}, {"area": "S02"}, {"area": "C0409", "period": "2026Q1"}])
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("community", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_what_to_mend_is_all_that_is_unmet_nearest_first(district: District) -> None:
    html = part(AREA, 'class="plain mend"')
    unmet = {code: district.attainments[a, p, code] for (a, p, code), status in district.statuses.items() if (a, p, status) == (AREA, NOW, "unmet")}
    shown = re.findall(r'href="#indicator-([\d.]+)"', html)
    assert sorted(shown) == sorted(unmet)
    assert [unmet[code] for code in shown] == sorted(unmet.values(), reverse=True)
    assert html.count('class="glyph near"') == sum(attainment >= 0.9 - 1e-6 for attainment in unmet.values())


@pytest.mark.parametrize("area", [AREA, "C0105", "C0202"])
def test_what_changed(district: District, area: str) -> None:
    kinds = {("met", "unmet"): "新未达标", ("unmet", "met"): "新达标", ("met", "no_data"): "现在缺数据", ("unmet", "no_data"): "现在缺数据"}
    expected: dict[str, int] = {}
    for code in (indicator.code for indicator in STANDARD.indicators_of("community")):
        kind = kinds.get((district.statuses[area, BEFORE, code], district.statuses[area, NOW, code]))
        if kind:
            expected[kind] = expected.get(kind, 0) + 1
    text = page_text(run("community", lang="zh", area=area))
    assert "与2026年第2季度相比" in text
    assert {kind: int(n) for kind, n in re.findall(r"(新未达标|新达标|现在缺数据) (\d+) \d", text)} == expected


def test_the_first_period_has_nothing_to_compare_with() -> None:
    assert texts.words("zh")("community.no_period_before") in page_text(run("community", lang="zh", area=AREA, period="2026Q1"))


def test_the_spread_is_that_of_all_areas(district: District) -> None:
    html = part(AREA, 'class="spine"')
    code = "2.5"
    values = [a for (area, p, c), a in district.attainments.items() if (p, c) == (NOW, code) and district.statuses[area, p, c] in ("met", "unmet")]
    low, middle, high = np.quantile(np.array(values, dtype=np.float32), [0.1, 0.5, 0.9])
    words = texts.words("zh")
    expected = f"全体中位 {words.percent(float(middle))}，中间八成 {words.percent(float(low))}–{words.percent(float(high))}（{len(values)} 个单位）"
    row = next(row for row in html.split("<a ") if "indicator-2.5&" in row or 'indicator-2.5"' in row)
    assert expected in row
    assert f"left:{100 * district.attainments[AREA, NOW, code]:.1f}%" in row
    assert html.count('class="spine-row"') == 69


def test_what_cannot_be_judged_has_no_dot(district: District) -> None:
    html = part("C0202", 'class="spine"')
    decided = [code for (a, p, code), status in district.statuses.items() if (a, p) == ("C0202", NOW) and status in ("met", "unmet")]
    assert len(re.findall(r'class="dot \w+" style', html)) == len(decided) < 69


def test_verdicts_above_are_shown_and_not_counted(district: District) -> None:
    html = text_of(part(AREA, "只作对照"))
    for domain in STANDARD.domains_of("subdistrict"):
        found = [district.statuses["S03", NOW, indicator.code] for indicator in domain.at("subdistrict")]
        assert f"{found.count('met')}/{found.count('met') + found.count('unmet')} · 缺{found.count('no_data')}" in html
    own = [status for (a, p, _), status in district.statuses.items() if (a, p) == (AREA, NOW)]
    assert f"{own.count('met')} 项达标，{own.count('unmet')} 项未达标" in page_text(run("community", lang="zh", area=AREA))


def test_a_badge_names_what_it_lacks(district: District) -> None:
    html = part(AREA, 'class="cards"')
    card = next(text_of(card) for card in html.split("<a ") if 'href="#environment"' in card)
    assert "2.5 建筑整洁与楼道亮灯" in card


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("met", "unmet", "lost"),
        ("unmet", "met", "gained"),
        ("met", "no_data", "dark"),
        ("no_data", "unmet", "light"),
        ("not_applicable", "unmet", None),
        ("met", "not_applicable", None),
        ("no_data", "no_data", None),
    ],
)
def test_kinds_of_change(was: str, now: str, kind: str | None) -> None:
    found = standing.changes(STANDARD, {"2.5": was}, {"2.5": now})
    assert [name for name, indicators in found.items() if indicators] == ([kind] if kind else [])
