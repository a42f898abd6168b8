"""The SDSN report on the 50 US states as a standard of ours: `python tests/sdg.py FOLDER` writes indicators.yaml, areas.csv and metrics.csv there.

Source: ../shared/real/sdg_usa_2018 (published values, colours and the weakest value that was still green). Every indicator is one criterion against that
limit. 21 of the 103 indicators have no limit, because no state was green: they cannot be judged by a limit and are left out.

Try it:  python tests/sdg.py /tmp/sdg && cd /tmp/sdg
         python -m compliance import --db sdg.duckdb --indicators indicators.yaml areas.csv metrics.csv
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "shared" / "real" / "sdg_usa_2018"
PERIOD = "2018"
# Pillars as the UN groups the goals, without partnership (goal 17); goal 14 is not in the report.
PILLARS = {
    "people": ("人", "People", (1, 2, 3, 4, 5)),
    "planet": ("地球", "Planet", (6, 12, 13, 15)),
    "prosperity": ("繁荣", "Prosperity", (7, 8, 9, 10, 11)),
    "peace": ("和平", "Peace", (16,)),
}
GOALS = {
    1: ("无贫穷", "No poverty"),
    2: ("零饥饿", "Zero hunger"),
    3: ("良好健康与福祉", "Good health and well-being"),
    4: ("优质教育", "Quality education"),
    5: ("性别平等", "Gender equality"),
    6: ("清洁饮水和卫生设施", "Clean water and sanitation"),
    7: ("经济适用的清洁能源", "Affordable and clean energy"),
    8: ("体面工作和经济增长", "Decent work and economic growth"),
    9: ("产业、创新和基础设施", "Industry, innovation and infrastructure"),
    10: ("减少不平等", "Reduced inequalities"),
    11: ("可持续城市和社区", "Sustainable cities and communities"),
    12: ("负责任消费和生产", "Responsible consumption and production"),
    13: ("气候行动", "Climate action"),
    15: ("陆地生物", "Life on land"),
    16: ("和平、正义与强大机构", "Peace, justice and strong institutions"),
}


@dataclass(frozen=True)
class Goal:
    """A domain: its number and its rows of indicators.csv."""

    number: int
    indicators: tuple[dict[str, str], ...]


def rows_of(name: str) -> list[dict[str, str]]:
    with (SOURCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def judged() -> list[dict[str, str]]:
    """The indicators that have a limit."""
    return [row for row in rows_of("indicators.csv") if row["green_limit"]]


def goals() -> dict[int, Goal]:
    indicators = judged()
    return {number: Goal(number, tuple(row for row in indicators if row["goal"] == f"sdg{number}")) for number in GOALS}


def quoted(text: str) -> str:
    """A YAML string; the source has stray and non-breaking blanks."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def title(zh: str, en: str) -> str:
    return f"{{zh: {quoted(zh)}, en: {quoted(en)}}}"


def indicators_yaml() -> str:
    found = goals()
    lines = ["standard:", "  id: sdg-usa-2018", f"  title: {title('美国各州可持续发展报告 2018', 'Sustainable Development Report of the United States 2018')}"]
    lines += ["  period: year", "  levels:", f"    - {{id: state, title: {title('州', 'State')}}}", "pillars:"]
    for pillar, (zh, en, numbers) in PILLARS.items():
        lines += [f"  - id: {pillar}", f"    title: {title(zh, en)}", "    domains:"]
        for number in numbers:
            lines += [f"      - id: sdg{number}", f"        title: {title(*GOALS[number])}", "        indicators:"]
            lines += [line for row in found[number].indicators for line in indicator_lines(row)]
    lines.append("metrics:")
    lines += [f"  - {{id: {row['indicator']}, title: {title(row['name'], row['name'])}, level: state, unit: other, kind: stock}}" for row in judged()]
    return "\n".join(lines) + "\n"


def indicator_lines(row: dict[str, str]) -> list[str]:
    test = "at_least" if row["direction"] == "ascending" else "at_most"
    return [
        f"          - code: {quoted(row['indicator'])}",
        "            level: state",
        f"            title: {title(row['name'], row['name'])}",
        f"            text: {quoted(row['name'])}",
        f"            criteria: [{{id: green, value: {row['indicator']}, {test}: {row['green_limit']}}}]",
    ]


def write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def write_all(folder: Path) -> None:
    """The three files; figures as the source prints them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "indicators.yaml").write_text(indicators_yaml(), encoding="utf-8")
    states, codes = rows_of("values.csv"), [row["indicator"] for row in judged()]
    write(folder / "areas.csv", ["area_id", "name", "level", "parent_id"], ([row["state"], row["name"], "state", ""] for row in states))
    write(folder / "metrics.csv", ["area_id", "period", *codes], ([row["state"], row["period"], *(row[code] for code in codes)] for row in states))


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
