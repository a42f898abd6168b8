"""indicators.yaml against its source: nothing left out, no figure lost, no cadence forgotten, nothing measurable turned into a vague yes or no.

Read with PyYAML, not with the loader under test. The source table lies beside the repository where it is developed; elsewhere a hash of the texts stands in.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
SEED = PROJECT.parent / "shared" / "seed" / "000_0f53ba2caa6ee4c1.txt"
# SHA-256 of "code text" lines, in order: the source's own words do not change.
TEXTS_SHA256 = "3789fbf2dc528314c6f74c0ebb31d65f1f80acc4313151798e195203121e4bd9"
DOMAIN_SIZES = [[3, 6, 5], [9, 12, 11, 13, 14, 10], [3, 4, 4], [3, 6]]
PILLAR_SIZES = [sum(sizes) for sizes in DOMAIN_SIZES]
BADGES = ["干净社区", "规范社区", "服务社区", "安全社区", "健康社区", "文化社区"]
LIMITS = ("at_least", "at_most", "between", "is")

DOCUMENT: dict[str, Any] = yaml.safe_load((PROJECT / "indicators.yaml").read_text(encoding="utf-8"))
DOMAINS: list[dict[str, Any]] = [domain for pillar in DOCUMENT["pillars"] for domain in pillar["domains"]]
INDICATORS: dict[str, dict[str, Any]] = {indicator["code"]: indicator for domain in DOMAINS for indicator in domain["indicators"]}
METRICS: dict[str, dict[str, Any]] = {metric["id"]: metric for metric in DOCUMENT["metrics"]}
PARAMETERS = {parameter["id"] for parameter in DOCUMENT["parameters"]}


def criteria(code: str) -> Iterator[dict[str, Any]]:
    """Every criterion with a value of its own, members of groups included."""
    for criterion in INDICATORS[code]["criteria"]:
        yield from criterion.get("any_of", [criterion])


def formulas(criterion: dict[str, Any]) -> list[str]:
    """The value and the limits, as text."""
    limits = [criterion[key] for key in ("at_least", "at_most", "between") if key in criterion]
    return [str(criterion["value"]), *(str(part) for limit in limits for part in (limit if isinstance(limit, list) else [limit]))]


def names(criterion: dict[str, Any]) -> set[str]:
    return {word for text in formulas(criterion) for word in re.findall(r"[a-z][a-z0-9_]*", text)} - {"min", "max", "previous"}


# -- the tree ---------------------------------------------------------------------------------------------------------


def test_four_pillars_14_domains_103_indicators() -> None:
    assert [[len(domain["indicators"]) for domain in pillar["domains"]] for pillar in DOCUMENT["pillars"]] == DOMAIN_SIZES
    assert PILLAR_SIZES == [14, 69, 11, 9] and len(DOMAINS) == 14 and len(INDICATORS) == 103
    assert list(INDICATORS) == [f"{pillar}.{number}" for pillar, size in enumerate(PILLAR_SIZES, start=1) for number in range(1, size + 1)]


def test_pillar_2_judges_communities_the_others_subdistricts() -> None:
    assert {code for code, indicator in INDICATORS.items() if indicator["level"] == "community"} == {code for code in INDICATORS if code.startswith("2.")}
    assert Counter(indicator["level"] for indicator in INDICATORS.values()) == {"community": 69, "subdistrict": 34}


def test_six_badges_on_the_six_domains_of_pillar_2() -> None:
    assert [domain["badge"]["zh"] for domain in DOCUMENT["pillars"][1]["domains"]] == BADGES
    assert sum("badge" in domain for domain in DOMAINS) == 6


def test_every_indicator_says_who_must_act() -> None:
    for code, indicator in INDICATORS.items():
        assert indicator["owner"]["zh"] and indicator["owner"]["en"], code
        assert indicator["title"]["zh"] and indicator["title"]["en"] and indicator["text"] and indicator["criteria"], code


# -- the source's words -----------------------------------------------------------------------------------------------


def seed_texts() -> dict[str, str]:
    """The table flattened to text: every clause is one line that begins with its number; a 1 begins the next pillar."""
    found: dict[str, str] = {}
    pillar = 0
    for line in SEED.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"(?:\| )?(\d+)\.(\D.*|\d+%.*|.+)", line.strip()):
            pillar += match[1] == "1"
            found[f"{pillar}.{match[1]}"] = match[2].strip()
    return found


@pytest.mark.skipif(not SEED.is_file(), reason="needs ../shared/seed")
def test_texts_are_the_source_word_for_word() -> None:
    source = seed_texts()
    assert len(source) == 103
    assert {code: indicator["text"] for code, indicator in INDICATORS.items()} == source


def test_texts_are_unchanged() -> None:
    lines = "\n".join(f"{code} {indicator['text']}" for code, indicator in INDICATORS.items())
    assert hashlib.sha256(lines.encode()).hexdigest() == TEXTS_SHA256


# -- no figure lost, no cadence forgotten -----------------------------------------------------------------------------

# Figures that are no limit, and why.
NO_LIMIT = {
    ("2.28", "80"): "the age of those who are served",
    ("2.32", "65"): "the age of those who are served",
    ("2.50", "60"): "the age of those who are vaccinated and examined",
    ("2.50", "65"): "the age of those who are examined",
    ("2.40", "50"): "50 to 100 homes a manager: 100 is the end that suffices, 50 the fuller one",
    ("2.40", "5"): "3 to 5 per 1000: 3 is the end that suffices, 5 the fuller one",
}  # fmt: skip


def test_every_figure_of_a_text_is_a_limit() -> None:
    lost = set()
    for code, indicator in INDICATORS.items():
        known = {float(figure) for criterion in criteria(code) for text in formulas(criterion) for figure in re.findall(r"(?<![a-z_\d.])\d+(?:\.\d+)?", text)}
        lost |= {(code, figure) for figure in re.findall(r"\d+(?:\.\d+)?", indicator["text"]) if float(figure) not in known}
    assert lost == NO_LIMIT.keys()


CADENCES = {"每季度": "quarter", "每半年": "half_year", "每年": "year", "年内": "year", "全年": "year"}
# Cadences that are no count over a window, and why.
NO_WINDOW = {("2.64", "year"): "全年免费开放: open and free all year round is a state, not a number of times"}


def test_every_cadence_of_a_text_is_a_window() -> None:
    forgotten = set()
    for code, indicator in INDICATORS.items():
        windows = {criterion.get("every") for criterion in criteria(code)}
        forgotten |= {(code, every) for word, every in CADENCES.items() if word in indicator["text"] and every not in windows}
    assert forgotten == NO_WINDOW.keys()


def test_windows_look_at_flows_or_at_figures_of_a_year() -> None:
    """A stock is not added up: where it stands under `every: year`, it says itself that it looks back over four quarters (the least-served site or person)."""
    for code in INDICATORS:
        for criterion in criteria(code):
            if "every" in criterion:
                looks = [METRICS[name] for name in names(criterion) & METRICS.keys()]
                assert any(metric["kind"] == "flow" or "近四个季度" in metric["title"]["zh"] for metric in looks), (code, criterion["id"])


# Every percentage, count and ratio of the text is measured, not looked at: code → key, limit, window.
MEASURED: dict[str, list[tuple[str, object, str | None]]] = {
    "2.1": [("between", [3, 9], None)],
    "2.5": [("at_least", 90, None)],
    "2.7": [("at_least", 30, None)],
    "2.13": [("at_least", 98, None)],
    "2.15": [("at_least", 1, "quarter"), ("at_least", 1, "half_year")],
    "2.20": [("at_least", 1, None)],
    "2.21": [("at_least", 350, None)],
    "2.27": [("at_least", 2, None), ("at_least", 1, "half_year")],
    "2.29": [("at_least", 10, None)],
    "2.31": [("at_least", 2, "year"), ("at_least", 2, "year")],
    "2.32": [("at_least", 4, "year"), ("at_least", 4, "year")],
    "2.34": [("at_most", 1.5, "year")],
    "2.38": [("at_least", 100, None), ("at_least", 95, None), ("at_least", 70, None), ("at_most", "city_petition_rate", None), ("at_most", "city_group_petition_rate", None)],
    "2.40": [("at_least", "max(1, rental_households / 100)", None), ("at_least", "max(1, 3 * floating_population / 1000)", None)],
    "2.43": [("at_most", "national_accident_rate_limit", "year")],
    "2.45": [("at_least", 80, None), ("at_least", 90, None)],
    "2.51": [("at_least", 150, "year")],
    "2.59": [("at_least", 2, "year"), ("at_least", "previous(fp_awareness_rate)", None)],
    "2.62": [("at_least", 4, None), ("at_least", 90, None), ("at_least", 90, None)],
    "2.63": [("at_least", 80, None)],
    "2.64": [("at_least", 56, None)],
    "2.66": [("between", [1, 2], None), ("at_least", 10, None), ("at_least", 10, "year")],
    "2.67": [("at_least", 3000, None), ("at_least", 50, None)],
    "2.68": [("at_least", 2, None), ("at_least", 24, "year"), ("at_least", 1, None), ("at_least", 12, "year"), ("at_least", 10, "year")],
    "3.6": [("at_least", "public_institution_pay", None)],
    "3.11": [("at_least", "subdistrict_households / 500", None)],
    "4.2": [("at_least", 80, None)],
    "4.3": [("at_least", 95, None)],
    "4.4": [("at_least", 85, None)],
    "4.5": [("at_least", 98, None)],
    "4.6": [("at_least", 85, None), ("at_least", "20 * party_members_serving", "year"), ("at_least", 85, None), ("at_least", "20 * students_serving", "year")],
    "4.9": [("at_least", 80, None), ("at_least", 80, None)],
}  # fmt: skip


@pytest.mark.parametrize("code", MEASURED)
def test_what_can_be_measured_is(code: str) -> None:
    found = [(key, criterion[key], criterion.get("every")) for criterion in criteria(code) for key in ("at_least", "at_most", "between") if key in criterion]
    missing = Counter(map(repr, MEASURED[code])) - Counter(map(repr, found))
    assert not missing


def test_alternatives_are_alternatives() -> None:
    """或 in 2.40 lets either ratio suffice, and a market or a greengrocer will do in 2.30; nothing else is optional."""
    groups = {code: [len(criterion["any_of"]) for criterion in indicator["criteria"] if "any_of" in criterion] for code, indicator in INDICATORS.items()}
    assert {code: sizes for code, sizes in groups.items() if sizes} == {"2.30": [2], "2.40": [2]}


def test_ratios_are_computed_from_counts() -> None:
    values = {(code, criterion["id"]): str(criterion["value"]) for code in INDICATORS for criterion in criteria(code)}
    assert values["2.29", "registration_rate"] == "100 * registered_volunteers / population"
    assert values["2.34", "preventable_crime_rate"] == "1000 * preventable_crimes / population"
    assert values["2.38", "petitions"] == "1000 * skip_level_petitions / population"
    assert values["2.43", "accident_rate"] == "1000 * safety_accidents / population"


# -- metrics and parameters -------------------------------------------------------------------------------------------


def test_every_metric_and_parameter_is_used_and_every_name_is_known() -> None:
    used = {name for code in INDICATORS for criterion in criteria(code) for name in names(criterion)}
    assert used == METRICS.keys() | PARAMETERS
    assert (len(METRICS), len(PARAMETERS)) == (len(DOCUMENT["metrics"]), len(DOCUMENT["parameters"]))


def test_every_metric_is_described() -> None:
    for name, metric in METRICS.items():
        assert metric["title"]["zh"] and metric["title"]["en"], name
        low, high = metric["range"]
        assert metric["unit"] and metric["kind"] in ("stock", "flow") and 0 <= low < high, name
        if metric["unit"] == "percent":
            assert [low, high] == [0, 100], name
        if metric["unit"] == "yes_no":
            assert [low, high] == [0, 1] and metric["kind"] == "stock", name
    for language in ("zh", "en"):
        titles = Counter(metric["title"][language] for metric in METRICS.values())
        assert max(titles.values()) == 1
        # A title is a CSV header.
        assert not [title for title in titles if re.search('[,"\n]', title)]


def test_yes_no_criteria_ask_what_was_seen_and_only_those() -> None:
    """`is` looks at one yes_no metric; no other test does."""
    for code in INDICATORS:
        for criterion in criteria(code):
            assert sum(key in criterion for key in LIMITS) == 1, (code, criterion["id"])
            looks = {METRICS[name]["unit"] for name in names(criterion) & METRICS.keys()}
            assert ("is" in criterion) == ("yes_no" in looks), (code, criterion["id"])
            if "is" in criterion:
                assert criterion["is"] is True and looks == {"yes_no"} and criterion["value"] in METRICS, (code, criterion["id"])
