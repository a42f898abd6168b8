"""The fictional sample district: `python data/sample/generate.py` rewrites every CSV file beside it, byte for byte the same.

How it works: every (area, domain) has a latent quality that drifts upward. Every criterion has a difficulty. Quality minus difficulty plus
the area's own strengths is a *margin*; its sign says whether the criterion is to pass, its size how far the reported figure lies from the
limit. The figures themselves are found from the definitions: which way is good, where the limit lies, how long the window is. Nothing here
knows what a metric means except the short tables at the top.
"""

from __future__ import annotations

import csv
import itertools
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from compliance.standard import formula, loader  # noqa: E402
from compliance.standard.definitions import AnyOf, AtLeast, AtMost, Between, Criterion, Is, Metric, Standard  # noqa: E402
from compliance.standard.formula import Expression  # noqa: E402

SEED = "six-type sample 1"
PERIODS = ("2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
LAST = len(PERIODS) - 1

# ---------------------------------------------------------------- the district: names that no real place bears

SUBDISTRICTS = ("萤火", "纸鸢", "听雪", "拾光", "蝉鸣", "风铃", "橘灯", "麦浪")
SIZES = (12, 9, 15, 18, 7, 13, 10, 12)
FIRST, SECOND = "月星云雾露霜虹岚雪雨风霞", "笺笛笠砚弦簪瓷盏"
ESTATES = {"老旧小区": (30, 1978, 1998), "商品房": (30, 2001, 2021), "单位大院": (12, 1962, 1992), "回迁安置": (14, 2006, 2020), "混合": (14, 1985, 2012)}
RENTED_SHARE = {"老旧小区": 0.18, "商品房": 0.12, "单位大院": 0.05, "回迁安置": 0.26, "混合": 0.2}

# ---------------------------------------------------------------- what shapes the verdicts

# The share of communities that hold the domain's badge in the last quarter, before blanks.
BADGE_SHARE = {"environment": 0.25, "management": 0.146, "service": 0.146, "safety": 0.29, "health": 0.23, "culture": 0.20}
SUBDISTRICT_MET = 0.84  # share of (subdistrict, indicator) pairs met in the last quarter
AHEAD, BEHIND = "S06", "S07"  # the subdistrict that leads, and the one that trails
ESTATE_EFFECT = {
    "老旧小区": {"environment": -0.6, "service": -0.2, "management": -0.3, "culture": -0.1},
    "商品房": {"environment": 0.35, "management": 0.1, "culture": -0.15, "safety": 0.1},
    "单位大院": {"safety": 0.35, "health": 0.25, "culture": 0.2, "management": 0.1},
    "回迁安置": {"environment": -0.25, "safety": -0.35, "management": -0.2},
    "混合": {},
}
SEASON = {"environment": {1: 0.06, 3: -0.08}, "safety": {1: -0.08}, "culture": {3: 0.05}}
# Criteria that most communities miss: the share that passes in the last quarter.
HARD = {
    "2.3/no_disorderly_parking": 0.42,
    "2.5/no_stairwell_clutter": 0.40,
    "2.9/satisfaction": 0.5,
    "2.17/participation": 0.38,
    "2.18/agreements": 0.36,
    "2.21/floor_area": 0.24,
    "2.25/canteen": 0.38,
    "2.25/day_care_centre": 0.30,
    "2.25/counselling_room": 0.26,
    "2.29/registration_rate": 0.36,
    "2.51/closed_sites": 0.45,
    "2.62/participation": 0.38,
    "2.65/brand": 0.36,
}
# Criteria that are easier than chance made them, or (below zero) harder: margin on top.
NUDGE = {
    "1.1/coordinating_body": 1.0,
    "2.1/set_up": 0.3,
    "2.3/no_neglected_corners": -1.0,
    "2.3/no_litter": -0.3,
    "2.22/station_set_up": 1.0,
    "2.64/library": 1.5,
    "3.7/no_withholding": 1.2,
    "3.7/no_diversion": 1.2,
}
STICKY_SLACK = 0.35  # a yes stays a yes until quality falls by this much: documents do not come and go
STICKY_UNITS = ("m2", "yuan")
GROWING = ("library_books",)  # never less than before while the verdict is the same
STICKY_METRICS = ("election_turnout_rate", "election_petitions", "election_incidents")

# ---------------------------------------------------------------- sense between metrics

# A thing that is not there has no members, rules or use.
NEEDS = {
    "public_health_committee_members": "public_health_committee_set_up",
    "public_health_committee_composition": "public_health_committee_set_up",
    "public_health_committee_rules": "public_health_committee_set_up",
    "public_health_committee_procedures": "public_health_committee_set_up",
    "municipal_review_covers_services": "municipal_service_review",
    "environmental_talks_local": "environmental_talks",
    "service_windows_open": "service_station_set_up",
    "care_day_and_full": "care_centre",
    "care_emotional_support": "counselling_room",
    "fire_group_roster_complete": "fire_group_founding_document",
    "fire_group_work_records": "fire_group_founding_document",
    "evacuation_signs_in_place": "evacuation_routes_marked_out",
    "family_doctor_service_records": "family_doctor_consent",
    "fitness_association_members_complete": "fitness_association_founded",
    "fitness_association_activity_records": "fitness_association_founded",
    "library_books": "community_library_seen",
    "library_periodicals": "community_library_seen",
    "e_reading_room_to_standard": "community_library_seen",
    "culture_organiser_training_days": "culture_organisers",
    "culture_fund_disclosure": "culture_fund_documents",
    "coordinating_office_seen": "coordinating_body_seen",
    "coordinating_staff_seen": "coordinating_body_seen",
    "implementation_records_seen": "implementation_scheme_seen",
}
CAPPED_BY = {"benefit_funds_received": "benefit_funds_due"}  # beyond the part_of of the definitions
MONTHLY = "_leanest_month"  # a month's least; its total is at least three times as much
TWINS = {"2.68/arts_yearly": "2.68/arts_monthly", "2.68/lectures_yearly": "2.68/lectures_monthly", "4.6/party_hours": "4.6/party_share"}
# How far figures lie apart, as a share of the limit per unit of margin: below the limit and above it.
SPREAD = {"premises_area": (0.42, 1.1), "library_books": (0.5, 0.6)}
ROUND_TO = {"premises_area": 5, "library_books": 10, "community_worker_pay": 100, "benefit_funds_received": 100}

PARAMETERS = {
    "public_institution_pay": (126400, 131200, 131200, 131200, 131200, 135800, 135800, 135800),
    "city_petition_rate": (0.52, 0.51, 0.53, 0.5, 0.48, 0.47, 0.48, 0.46),
    "city_group_petition_rate": (0.14, 0.13, 0.14, 0.13, 0.12, 0.12, 0.12, 0.11),
    "national_accident_rate_limit": (0.6, 0.6, 0.6, 0.6, 0.6, 0.55, 0.55, 0.55),
}

# ---------------------------------------------------------------- stories


@dataclass(frozen=True)
class Story:
    """From quarter `since` on the whole domain is met, but for `fails` (criterion → margin): missed in the last quarter, or all along and less and less."""

    area: str
    domain: str
    since: int
    fails: Mapping[str, float]
    all_along: bool = False


STORIES = (
    Story(
        "C0105",
        "environment",
        2,
        {"2.3/no_litter": -1.2, "2.3/no_unlicensed_stalls": -0.8, "2.5/no_illegal_structures": -0.9, "2.6/no_noise_nuisance": -1.1, "2.9/satisfaction": -0.5},
    ),
    Story("C0808", "safety", 0, {"2.34/preventable_crime_rate": -1.0, "2.35/coverage": -0.3, "2.45/public_order": -0.4, "2.38/settled": -0.3}),
    Story("C0302", "environment", 0, {"2.5/stairwell_lighting": -0.096}, all_along=True),
)
FIXED_ESTATE = {"C0409": ("单位大院", 1986), "C0604": ("单位大院", 1974), "C0313": ("商品房", 2020), "C0801": ("商品房", 2019)}
NO_RENTING, NO_PUBLIC_SITES, NO_ELDERLY_USERS = ("C0409",), ("C0313",), ("C0801",)
EXEMPTIONS = (
    ("C0409", "2.40", "2024Q4", "", "单位大院统一管理，辖区内无出租房屋和流动人口"),
    ("C0604", "2.14", "2024Q4", "", "单位自管住房，未成立业主大会，也无物业服务企业"),
    ("C0204", "2.51", "2024Q4", "", "辖区内无学校，驻区单位均无体育设施"),
    ("C0503", "2.51", "2025Q2", "", "唯一的学校已迁出，辖区内再无可开放的体育设施"),
    ("C0313", "2.63", "2024Q4", "", "新建小区，辖区内尚无教育、文化、体育等公共资源"),
    ("C0801", "2.32", "2024Q4", "", "新建小区，无65岁以上小帮手电子服务器持有人"),
    ("C0410", "2.21", "2025Q1", "2025Q4", "办公用房拆除重建，期间临时过渡办公"),
    ("C0311", "2.7", "2025Q2", "2026Q1", "小区绿地整体改造施工，尚未移交"),
    ("C0706", "2.48", "2025Q2", "2025Q3", "社区卫生服务站迁建，暂停转诊业务"),
    ("S05", "4.5", "2024Q4", "2025Q4", "换届选举经批准推迟，本期无选举活动"),
)
# Departments that did not report for a whole subdistrict: (subdistrict, owner, first and last quarter).
SILENT = (("S02", "派出所", 6, 7), ("S03", "计生办", 2, 2), ("S05", "流管办", 4, 5), ("S02", "群团办", 1, 1))
BLANK_SHARE = 0.02

# ---------------------------------------------------------------- chance: a stream for each thing, so that a new metric moves nothing else


def stream(*key: object) -> random.Random:
    return random.Random("/".join(map(str, (SEED, *key))))


def normal(deviation: float, *key: object) -> float:
    return stream(*key).gauss(0, deviation)


# ---------------------------------------------------------------- areas and the figures that others are measured against


@dataclass
class Area:
    """cells: what is reported, a dictionary for each quarter."""

    id: str
    name: str
    level: str
    parent: str
    estate: str = ""
    built: int = 0
    children: list[Area] = field(default_factory=list)
    cells: list[dict[str, float]] = field(default_factory=lambda: [{} for _ in PERIODS])

    def set_all(self, metric: str, figures: Callable[[int], float]) -> None:
        for t in range(len(PERIODS)):
            self.cells[t][metric] = figures(t)


def build_areas() -> list[Area]:
    """Subdistricts first, each followed by its communities; every figure of `set_…_bases` filled in."""
    names = [f"{first}{second}社区" for second in SECOND for first in FIRST]
    areas = []
    for number, (title, size) in enumerate(zip(SUBDISTRICTS, SIZES, strict=True), 1):
        subdistrict = Area(f"S{number:02d}", f"{title}街道", "subdistrict", "")
        for position in range(1, size + 1):
            subdistrict.children.append(build_community(f"C{number:02d}{position:02d}", names.pop(0), subdistrict.id))
        set_subdistrict_bases(subdistrict)
        areas += [subdistrict, *subdistrict.children]
    return areas


def build_community(area_id: str, name: str, parent: str) -> Area:
    dice = stream("estate", area_id)
    estate = dice.choices(list(ESTATES), [weight for weight, _, _ in ESTATES.values()])[0]
    estate, built = FIXED_ESTATE.get(area_id, (estate, dice.randint(*ESTATES[estate][1:])))
    area = Area(area_id, name, "community", parent, estate, built)
    set_community_bases(area)
    return area


def set_community_bases(area: Area) -> None:
    dice = stream("size", area.id)
    start = min(13200, max(830, dice.lognormvariate(math.log(4000), 0.62)))
    growth = dice.uniform(0.004, 0.012) if area.built >= 2015 else dice.uniform(-0.003, 0.003)
    people = [round(start * (1 + growth) ** t + dice.uniform(-0.001, 0.001) * start) for t in range(len(PERIODS))]
    per_household = dice.uniform(2.45, 2.78)
    rented = 0 if area.id in NO_RENTING else RENTED_SHARE[area.estate] * dice.uniform(0.7, 1.3)
    sites = 0 if area.id in NO_PUBLIC_SITES else max(3, round(start / 700 + dice.uniform(0, 7)))
    local = max(4, round(start / 350 * dice.uniform(0.6, 1.6)))
    newcomers = dice.uniform(1.7, 2.2)
    area.set_all("population", lambda t: people[t])
    area.set_all("households", lambda t: round(people[t] / per_household))
    area.set_all("rental_households", lambda t: round(people[t] / per_household * rented * (1 + 0.01 * math.sin(t + start))))
    area.set_all("floating_population", lambda t: round(area.cells[t]["rental_households"] * newcomers))
    area.set_all("local_organisations", lambda t: local + (t >= 3))
    area.set_all("public_resources", lambda t: sites + (t >= 5 and sites > 8))


def set_subdistrict_bases(area: Area) -> None:
    """A subdistrict's totals fit the sums of its communities."""
    dice = stream("size", area.id)
    a_party, a_student, spare = dice.uniform(0.055, 0.085), dice.uniform(0.09, 0.13), dice.randint(20, 60)
    fund = dice.randrange(70000, 90000, 1000) * len(area.children)

    def total(metric: str, t: int) -> float:
        return sum(child.cells[t][metric] for child in area.children)

    area.set_all("community_count", lambda _t: len(area.children))
    area.set_all("subdistrict_households", lambda t: total("households", t))
    area.set_all("based_units", lambda t: total("local_organisations", t))
    area.set_all("subdistrict_organisations", lambda t: total("local_organisations", t) + spare + 2 * len(area.children))
    area.set_all("subdistrict_party_members", lambda t: round(total("population", t) * a_party))
    area.set_all("subdistrict_students", lambda t: round(total("population", t) * a_student))
    area.set_all("benefit_funds_due", lambda t: fund * int(PERIODS[t][-1]))


BASES = frozenset((
    "population", "households", "rental_households", "floating_population", "local_organisations", "public_resources",
    "community_count", "subdistrict_households", "based_units", "subdistrict_organisations", "subdistrict_party_members",
    "subdistrict_students", "benefit_funds_due",
))  # fmt: skip

# ---------------------------------------------------------------- clauses: what must be decided, and the metric that carries it


@dataclass(frozen=True)
class Clause:
    """One reported metric and the criterion it answers; alternatives of an any_of on one metric count as one clause."""

    key: str  # 2.5/stairwell_lighting: shared by the alternatives of a group
    indicator: str
    domain: str
    level: str
    owner: str
    metric: Metric
    tests: tuple[Criterion, ...]
    position: int = 0  # among the alternatives of a group: the first is enough
    follows_previous: bool = False


def build_clauses(standard: Standard) -> list[Clause]:
    """In an order in which every limit and every part is known before it is needed."""
    clauses = []
    for domain in standard.domains:
        for indicator in domain.indicators:
            owner = indicator.owner.zh if indicator.owner else ""
            for criterion in indicator.criteria:
                members = criterion.members if isinstance(criterion, AnyOf) else (criterion,)
                carried: dict[str, list[Criterion]] = defaultdict(list)
                for member in members:
                    carried[carrier(member)].append(member)
                for position, (name, tests) in enumerate(carried.items()):
                    key = f"{indicator.code}/{criterion.id}"
                    follows = any(formula.previous_names(limit) for test in tests for limit in limits(test))
                    metric = standard.metric_by_id[name]
                    clauses.append(Clause(key, indicator.code, domain.id, indicator.level, owner, metric, tuple(tests), position, follows))
    return in_order(clauses)


def carrier(criterion: Criterion) -> str:
    """The metric that the generator sets to make the criterion pass or fail."""
    [name, *others] = [name for name in formula.names(criterion.value) if name not in BASES]
    if others:
        raise ValueError(f"{criterion.id}: one of {others} must be a base figure with a generator of its own")
    return name


def limits(criterion: Criterion) -> tuple[Expression, ...]:
    match criterion.test:
        case AtLeast(limit) | AtMost(limit):
            return (limit,)
        case Between(low, high):
            return (low, high)
        case _:
            return ()


def in_order(clauses: list[Clause]) -> list[Clause]:
    carried = {clause.metric.id for clause in clauses}
    if len(carried) != len(clauses):
        raise ValueError("two criteria are carried by one metric")
    parts = defaultdict(set)
    for clause in clauses:
        if clause.metric.part_of in carried:
            parts[clause.metric.part_of].add(clause.metric.id)
    needed = {
        clause.metric.id: parts[clause.metric.id] | {name for test in clause.tests for limit in limits(test) for name in formula.names(limit)} & carried
        for clause in clauses
    }
    done: set[str] = set()
    ordered: list[Clause] = []
    while len(ordered) < len(clauses):
        ready = [clause for clause in clauses if clause.metric.id not in done and needed[clause.metric.id] <= done]
        if not ready:
            raise ValueError("the definitions go round in a circle")
        ordered += ready
        done |= {clause.metric.id for clause in ready}
    return ordered


# ---------------------------------------------------------------- quality and margins


def quality(area: Area, domain: str) -> list[float]:
    """How good the area is in the domain, quarter by quarter: 0 is the average of the last quarter, 1 a good area."""
    subdistrict = area.parent or area.id
    base = normal(0.36 if area.parent else 0.12, "area", area.id) + normal(0.43 if area.parent else 0.2, "area domain", area.id, domain)
    base += normal(0.15, "subdistrict", subdistrict) + normal(0.1, "subdistrict domain", subdistrict, domain)
    base += {AHEAD: 0.65, BEHIND: -0.3}.get(subdistrict, 0) * (1 if area.parent else 0.6)
    base += 0.7 * ESTATE_EFFECT.get(area.estate, {}).get(domain, 0)
    if area.level == "community":
        base -= 0.12 * math.log2(area.cells[0]["population"] / 4000) * (domain in ("environment", "safety"))
    dice = stream("path", area.id, domain)
    drift = max(0.0, dice.gauss(0.075, 0.03))
    setback = dice.randint(3, LAST) if dice.random() < 0.07 else None
    noise, path = 0.0, []
    for t, period in enumerate(PERIODS):
        noise = 0.5 * noise + dice.gauss(0, 0.06)
        fallen = dice.uniform(0.5, 1.1) * 0.75 ** (t - setback) if setback is not None and t >= setback else 0
        path.append(base + drift * (t - LAST) + noise + SEASON.get(domain, {}).get(int(period[-1]), 0) - fallen)
    return path


Margins = dict[tuple[str, str], list[float]]  # (area, clause key) → a margin for each quarter


def raw_margins(areas: Iterable[Area], clauses: list[Clause]) -> Margins:
    margins: Margins = {}
    of_domain: dict[tuple[str, str], list[float]] = {}
    for clause in clauses:
        for area in (area for area in areas if area.level == clause.level):
            path = of_domain.setdefault((area.id, clause.domain), quality(area, clause.domain))
            margins.setdefault((area.id, clause.key), margin_path(area, clause, path))
    for key, model in TWINS.items():
        for area in (area for area in areas if (area.id, key) in margins):
            margins[area.id, key] = [margin + 0.02 for margin in margins[area.id, model]]
    return margins


def margin_path(area: Area, clause: Clause, path: list[float]) -> list[float]:
    dice = stream("noise", area.id, clause.key)
    if clause.follows_previous:  # a rate that must not fall: chance matters more than quality
        return [1.9 + 0.6 * value + dice.gauss(0, 1.0) for value in path]
    strength = normal(0.35, "strength", area.id, clause.indicator) + normal(0.7, "strength", area.id, clause.key)
    strength += normal(0.2, "owner", area.parent or area.id, clause.owner)
    difficulty = normal(0.3, "difficulty", clause.indicator) + normal(0.2, "difficulty", clause.key)
    if clause.key in HARD:
        strength, difficulty = 0.4 * strength, 0.0
    if clause.metric.unit == "m2":  # rooms change more slowly than habits
        path = [path[LAST] + 0.4 * (value - path[LAST]) for value in path]
    strength += NUDGE.get(clause.key, 0)
    wobble = 0.05 if is_sticky(clause.metric) else 0.12
    return [value + strength - difficulty + dice.gauss(0, wobble) for value in path]


def is_sticky(metric: Metric) -> bool:
    return metric.is_yes_no or metric.unit in STICKY_UNITS or metric.id in STICKY_METRICS


def settle(margins: list[float], sticky: bool) -> list[float]:
    """Margins whose signs are the verdicts: a sticky yes outlives a small dip."""
    settled, held = [], False
    for margin in margins:
        held = margin > (-STICKY_SLACK if held and sticky else 0)
        settled.append(margin if (margin > 0) == held else 0.05)
    return settled


def calibrate(areas: list[Area], clauses: list[Clause], margins: Margins) -> Margins:
    """Shift each hard criterion to its own share, then each domain until the wanted share of badges (or indicators) is met."""
    communities, subdistricts = ([area for area in areas if area.level == level] for level in ("community", "subdistrict"))
    by_domain: dict[str, dict[str, bool]] = defaultdict(dict)
    for clause in clauses:
        by_domain[clause.domain][clause.key] = is_sticky(clause.metric)
        if clause.key in HARD:
            last = sorted((margins[area.id, clause.key][LAST] for area in communities), reverse=True)
            shift_all(margins, communities, [clause.key], -last[round(HARD[clause.key] * len(last))])
    fixed = HARD.keys() | {clause.key for clause in clauses if clause.follows_previous}
    for domain, share in BADGE_SHARE.items():
        shift = badge_shift(communities, by_domain[domain], fixed, margins, round(share * len(communities)))
        shift_all(margins, communities, by_domain[domain].keys() - fixed, shift)
    rest = [domain for domain in by_domain if domain not in BADGE_SHARE]
    calibrate_subdistricts(subdistricts, [clause for clause in clauses if clause.domain in rest], margins)
    return margins


def badge_shift(communities: list[Area], sticky: Mapping[str, bool], fixed: Collection[str], margins: Margins, wanted: int) -> float:
    """The shift of a domain's criteria (those not fixed) with which as many communities as wanted meet them all in the last quarter."""

    def is_met(area: Area, shift: float) -> bool:
        moved = ((key, 0 if key in fixed else shift) for key in sticky)
        return all(settle([margin + step for margin in margins[area.id, key]], sticky[key])[LAST] > 0 for key, step in moved)

    return bisect(lambda shift: sum(is_met(area, shift) for area in communities) >= wanted)


def calibrate_subdistricts(subdistricts: list[Area], clauses: list[Clause], margins: Margins) -> None:
    of_indicator: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        of_indicator[clause.indicator].append(clause)
    pairs = [(area, group) for area in subdistricts for group in of_indicator.values()]

    def share_met(shift: float) -> float:
        return sum(all(margins[area.id, clause.key][LAST] + shift > 0 for clause in group) for area, group in pairs) / len(pairs)

    shift_all(margins, subdistricts, [clause.key for clause in clauses], bisect(lambda shift: share_met(shift) >= SUBDISTRICT_MET))


def shift_all(margins: Margins, areas: Iterable[Area], keys: Iterable[str], shift: float) -> None:
    for key in dict.fromkeys(keys):
        for area in areas:
            margins[area.id, key] = [margin + shift for margin in margins[area.id, key]]


def bisect(is_enough: Callable[[float], bool], low: float = -2.0, high: float = 8.0) -> float:
    """The smallest shift that is enough."""
    if not is_enough(high):
        raise ValueError("no shift is enough")
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def tell_stories(margins: Margins, clauses: list[Clause]) -> None:
    for story in STORIES:
        keys = dict.fromkeys(clause.key for clause in clauses if clause.domain == story.domain)
        for key in keys:
            path = margins[story.area, key]
            path[story.since :] = [max(margin, 0.2 + normal(0.05, "story", story.area, key)) for margin in path[story.since :]]
        for key, margin in story.fails.items():
            for t in range(story.since if story.all_along else LAST, LAST + 1):
                margins[story.area, key][t] = margin * (1 + 0.5 * (LAST - t))


# ---------------------------------------------------------------- figures


class Reporter:
    """Turns margins into the figures of one area."""

    def __init__(self, area: Area, margins: Margins, parts: Mapping[str, list[str]]) -> None:
        self.area, self.margins, self.parts = area, margins, parts

    def report(self, clause: Clause) -> None:
        """Fill in one metric for all quarters."""
        path = settle(self.margins[self.area.id, clause.key], is_sticky(clause.metric))
        if clause.position:
            path = self.alternative(clause, path)
        history: list[float] = []  # the quarters of the window before the first one, then those reported
        before: tuple[float, float] | None = None  # threshold and margin of the quarter before
        for t, margin in enumerate(path):
            if clause.follows_previous:
                figure = self.next_rate(clause, margin, history)
            else:
                low, high = self.thresholds(clause, t)
                figure = self.figure(clause, t, margin, low, high)
                if before is not None and before[0] == low and (before[1] > 0) == (margin > 0):
                    figure = self.held(clause, figure, history[-1])
                before = (low, margin)
                if clause.metric.kind == "flow" and clause.tests[0].window > 1:
                    figure = self.share_of_window(clause, figure, history)
            figure = self.fit(clause.metric, t, figure)
            history.append(figure)
            self.area.cells[t][clause.metric.id] = figure

    def held(self, clause: Clause, figure: float, before: float) -> float:
        """The figure when the verdict stays: rooms, documents and posts stay too, and a library only grows."""
        if clause.metric.id in GROWING:
            return max(figure, before)
        return before if is_sticky(clause.metric) or isinstance(clause.tests[0].test, Between) else figure

    def alternative(self, clause: Clause, path: list[float]) -> list[float]:
        """The second member of an any_of: there or not, as long as the first carries the group."""
        also = stream("alternative", self.area.id, clause.metric.id).random() < 0.6
        return [margin if also or margin < 0 else -0.3 for margin in path]

    def thresholds(self, clause: Clause, t: int) -> tuple[float, float]:
        """The limit in the carrier's own unit (the formula is linear in it); of alternatives the easiest. Two for `between`."""
        cells = {**{name: figures[t] for name, figures in PARAMETERS.items()}, **self.area.cells[t]}
        found = [[self.solve(test.value, limit, clause.metric.id, cells) for limit in limits(test)] or [1.0] for test in clause.tests]
        easiest = min(found)
        return easiest[0], easiest[-1]

    def solve(self, value: Expression, limit: Expression, name: str, cells: Mapping[str, float]) -> float:
        none, one = (worth(value, {**cells, name: figure}) for figure in (0.0, 1.0))
        return (worth(limit, cells) - none) / (one - none) if one != none else 0.0

    def figure(self, clause: Clause, t: int, margin: float, low: float, high: float) -> float:
        dice = stream("figure", self.area.id, clause.metric.id, t if not is_sticky(clause.metric) else "")
        match clause.tests[0].test:
            case Is(yes):
                return float((margin > 0) == yes)
            case Between():
                return between(margin, low, high, dice)
            case AtLeast():
                return self.at_least(clause.metric, t, margin, low)
            case AtMost():
                return self.at_most(clause.metric, t, margin, low, dice)

    def at_least(self, metric: Metric, t: int, margin: float, limit: float) -> float:
        step = 0.1 if metric.unit == "percent" else ROUND_TO.get(metric.id, 1)
        cap = self.cap(metric, t)
        if metric.unit == "percent" or cap is not None:
            figure = share_figure(margin, limit, metric.largest if cap is None else cap)
        elif metric.unit == "yuan":
            figure = limit * (1 + min(0.08, 0.02 * margin) if margin > 0 else 1 + max(-0.25, 0.05 * margin))
        else:
            figure = limit + margin * max(0.7, SPREAD.get(metric.id, (0.2, 0.2))[margin > 0] * limit)
            figure = max(figure, 0.35 * limit if limit >= 50 else 0)
        lowest_pass = step * math.ceil(limit / step - 1e-9)
        if margin > 0:
            return max(lowest_pass, step * math.floor(figure / step))
        return max(0.0, min(lowest_pass - step, step * math.floor(figure / step)))

    def at_most(self, metric: Metric, t: int, margin: float, limit: float, dice: random.Random) -> float:
        highest_pass = math.floor(limit + 1e-9)
        if margin > 0:
            return math.floor(highest_pass * math.exp(-0.6 * margin) + dice.random() * 0.5)
        scale = max(1.0, metric.largest / 400, 0.3 * limit)
        if metric.unit == "people":
            scale = min(metric.largest / 250, 0.02 * self.area.cells[t]["population"])
        return highest_pass + 1 + math.floor(scale * -margin * dice.uniform(0.4, 1.4))

    def cap(self, metric: Metric, t: int) -> float | None:
        whole = CAPPED_BY.get(metric.id) or (metric.part_of if metric.part_of in BASES else None)
        return None if whole is None else self.area.cells[t][whole]

    def next_rate(self, clause: Clause, margin: float, history: list[float]) -> float:
        """A rate judged against the quarter before: mostly the same or a little more, sometimes less."""
        dice = stream("rate", self.area.id, clause.metric.id, len(history))
        if not history:
            return round(dice.uniform(74, 92), 1)
        step = dice.choice((0, 0, 0.1, 0.2, 0.3, 0.5)) if margin > 0 else -dice.choice((0.1, 0.2, 0.4, 0.7, 1.2))
        return min(99.0, history[-1] + step)

    def share_of_window(self, clause: Clause, total: float, history: list[float]) -> float:
        """What this quarter must add so that the window's sum is `total`; invents the quarters before the first one."""
        length = clause.tests[0].window
        if not history:
            dice = stream("window", self.area.id, clause.metric.id)
            start, uneven = dice.random(), 0.1 if total > 200 else 0
            marks = [math.floor(total * k / length + start) for k in range(length + 1)]
            parts = [(after - before) * (1 + dice.uniform(-uneven, uneven)) // 1 for before, after in itertools.pairwise(marks)]
            history.extend(parts[:-1])
        return max(0.0, total - sum(history[-(length - 1) :]))

    def fit(self, metric: Metric, t: int, figure: float) -> float:
        """Within the range, within its whole, and not less than its parts."""
        cells = self.area.cells[t]
        for part in self.parts.get(metric.id, ()):
            figure = max(figure, cells.get(part, 0) * (3 if part.endswith(MONTHLY) else 1))
        cap = self.cap(metric, t)
        figure = min(figure, metric.largest if cap is None else cap)
        return round(max(figure, metric.smallest), 1)


def share_figure(margin: float, limit: float, cap: float) -> float:
    """A share that approaches its cap the better the area is, and falls away below the limit."""
    if margin > 0:
        return limit + (min(cap, 1.5 * limit) - limit) * 0.9 * (1 - math.exp(-margin / 1.2)) if limit < cap else cap
    return limit * (1 - (0.25 if limit >= 0.5 * cap else 0.55) * (1 - math.exp(margin / 1.5)))


def between(margin: float, low: float, high: float, dice: random.Random) -> float:
    if margin > 0:
        return dice.randint(round(low), round(high))
    return low - 1 if dice.random() < 0.75 else high + dice.randint(1, 2)


def worth(node: Expression, cells: Mapping[str, float]) -> float:
    """The number a formula stands for."""
    match node:
        case formula.Number(value):
            return value
        case formula.Name(name) | formula.Previous(name):
            return cells[name]
        case formula.Negated(operand):
            return -worth(operand, cells)
        case formula.Extreme(function, arguments):
            return (min if function == "min" else max)(worth(part, cells) for part in arguments)
        case formula.Binary(operator, left, right):
            a, b = worth(left, cells), worth(right, cells)
            return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[operator]
    raise TypeError(node)


def keep_sense(area: Area) -> None:
    """What is not there has no members, rules or use."""
    for cells in area.cells:
        for metric, thing in NEEDS.items():
            if cells.get(thing) == 0 and metric in cells:
                cells[metric] = 0


# ---------------------------------------------------------------- blanks


def metrics_by_owner(clauses: list[Clause]) -> dict[str, dict[str, list[str]]]:
    """level → owner → the metrics it reports. Base figures such as population come from the register and are always there."""
    owned: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for clause in clauses:
        owned[clause.level][clause.owner].append(clause.metric.id)
    return owned


def leave_blanks(areas: list[Area], clauses: list[Clause]) -> None:
    owned = metrics_by_owner(clauses)
    for subdistrict, owner, first, last in SILENT:
        for area in areas:
            if area.parent == subdistrict:
                blank(area, owned["community"][owner], range(first, last + 1))
    kept = {story.area for story in STORIES}
    for level, by_owner in owned.items():
        own = [area for area in areas if area.level == level and area.id not in kept]
        dice = stream("blanks", level)
        for _ in range(1000):
            if blank_share(areas, level, by_owner) >= BLANK_SHARE:
                break
            names, first = by_owner[dice.choice(sorted(by_owner))], dice.randrange(len(PERIODS))
            blank(dice.choice(own), names, range(first, min(first + dice.choice((1, 1, 2)), len(PERIODS))))


def blank_share(areas: list[Area], level: str, by_owner: Mapping[str, list[str]]) -> float:
    of_level = [area for area in areas if area.level == level]
    bases = {name for name in of_level[0].cells[0] if name in BASES}
    whole = (sum(map(len, by_owner.values())) + len(bases)) * len(of_level) * len(PERIODS)
    return 1 - sum(len(cells) for area in of_level for cells in area.cells) / whole


def blank(area: Area, metrics: Iterable[str], quarters: Iterable[int]) -> None:
    names = list(metrics)
    for t in quarters:
        for name in names:
            area.cells[t].pop(name, None)


def leave_exempt_blank(areas: list[Area], clauses: list[Clause]) -> None:
    """Where an indicator does not apply nobody reports its figures."""
    by_id = {area.id: area for area in areas}
    for area_id, code, first, last, _ in EXEMPTIONS:
        quarters = range(PERIODS.index(first), PERIODS.index(last or PERIODS[LAST]) + 1)
        blank(by_id[area_id], [clause.metric.id for clause in clauses if clause.indicator == code], quarters)


# ---------------------------------------------------------------- files


def written(figure: float | None) -> str:
    """90, not 90.0; 88.6, not 88.60000000000001; blank where nothing was reported."""
    return "" if figure is None else f"{round(figure, 2):.10g}"


def write(name: str, rows: Iterable[Iterable[object]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONE).writerows(rows)


def write_all(standard: Standard, areas: list[Area]) -> None:
    write(
        "areas.csv",
        [("area_id", "name", "level", "parent_id", "estate_type", "built"), *((a.id, a.name, a.level, a.parent, a.estate, a.built or "") for a in areas)],
    )
    write("exemptions.csv", [("area_id", "indicator", "from", "to", "reason"), *EXEMPTIONS])
    names = [parameter.id for parameter in standard.parameters]
    write("parameters.csv", [("period", *names), *((period, *(written(PARAMETERS[name][t]) for name in names)) for t, period in enumerate(PERIODS))])
    for level in ("community", "subdistrict"):
        columns = [metric.id for metric in standard.metrics_of(level)]
        for t, period in enumerate(PERIODS):
            rows = ((area.id, period, *(written(area.cells[t].get(name)) for name in columns)) for area in areas if area.level == level)
            write(f"metrics_{level}_{period}.csv", [("area_id", "period", *columns), *rows])


def check_tables(standard: Standard, clauses: list[Clause]) -> None:
    """A renamed criterion or metric must not quietly lose its place in the tables at the top."""
    keys = {clause.key for clause in clauses}
    told = {key for story in STORIES for key in story.fails}
    unknown = ({*HARD, *NUDGE, *TWINS, *TWINS.values(), *told} - keys) | ({*NEEDS, *NEEDS.values(), *SPREAD, *ROUND_TO} - standard.metric_by_id.keys())
    missing = standard.metric_by_id.keys() - BASES - {clause.metric.id for clause in clauses}
    if unknown or missing:
        raise ValueError(f"not in the definitions: {sorted(unknown)}; not generated: {sorted(missing)}")


def main() -> None:
    standard = loader.load(ROOT / "indicators.yaml")
    clauses = build_clauses(standard)
    check_tables(standard, clauses)
    parts: dict[str, list[str]] = defaultdict(list)
    for clause in clauses:
        if clause.metric.part_of and clause.metric.part_of not in BASES:
            parts[clause.metric.part_of].append(clause.metric.id)
    areas = build_areas()
    margins = calibrate(areas, clauses, raw_margins(areas, clauses))
    tell_stories(margins, clauses)
    for area in areas:
        reporter = Reporter(area, margins, parts)
        for clause in clauses:
            if clause.level == area.level:
                reporter.report(clause)
        keep_sense(area)
    leave_exempt_blank(areas, clauses)
    leave_blanks(areas, clauses)
    write_all(standard, areas)


if __name__ == "__main__":
    main()
