"""The page of templates: what can be asked for, and that the files hold it."""

from __future__ import annotations

import pytest
from app_pages import page_text
from page_district import STANDARD, run

from compliance import texts
from compliance.drawing import template_choices

pytestmark = pytest.mark.usefixtures("on_district", "release")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_offers_the_next_period_for_every_area(language: str) -> None:
    app = run("templates", lang=language)
    metrics = len(STANDARD.metrics_of("community"))
    said = {"zh": f"96 个社区 × {metrics} 个数据项", "en": f"96 communities × {metrics} metrics"}[language]
    assert said in page_text(app)
    chosen = next(box for box in app.selectbox if box.key.startswith("for "))
    assert chosen.options[0] == {"zh": "2026年第4季度", "en": "2026 Q4"}[language]


def test_a_period_long_ago_is_offered_to_who_asks_for_it() -> None:
    """Completeness leads to the form of the period it tells of, however old: twelve quarters, of which eight are listed."""
    first, newest = 2023 * 4, 2025 * 4 + 3
    reported = list(range(first, newest + 1))
    choices = template_choices.periods(texts.words("en"), STANDARD, reported)
    assert list(choices) == ["2026Q1", "2025Q4", "2025Q3", "2025Q2", "2025Q1", "2024Q4", "2024Q3", "2024Q2", "2024Q1"]
    assert template_choices.periods(texts.words("en"), STANDARD, reported, "2024Q2") == choices
    assert list(template_choices.periods(texts.words("en"), STANDARD, reported, "2023Q2")) == [*choices, "2023Q2"]
    assert template_choices.periods(texts.words("en"), STANDARD, reported, "2022Q4") == choices, "of which nothing is known"


def test_filters_and_departments_narrow_it_down() -> None:
    app = run("templates", lang="zh", **{"in": "S07", "part_of": "domain:environment", "for": "2026Q3", "values": "1"})
    text = page_text(app)
    assert "10 个社区" in text and "格已有数值" in text
    level = run("templates", lang="zh", level="subdistrict")
    assert "8 个街道" in page_text(level)


def test_a_wrong_part_is_said() -> None:
    assert "domain:police" in page_text(run("templates", lang="zh", part_of="domain:police"))
