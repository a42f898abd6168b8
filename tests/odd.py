"""Two small standards that nobody would write, for tests that the pages stand on any: `python tests/odd.py FOLDER` writes the first with data, to look at.

Three: one domain, three levels that are all judged, months, long names, one name in both languages, codes such as `A.1.b`, every kind of test, no badges, no owners.
Many: one level, forty domains, years, a single area, half of it never reported.
"""

from __future__ import annotations

import sys
from pathlib import Path

LONG = "A deliberately long English title that goes on, and on, about nothing whatever, until no column of any table could ever hold it on a single line"

THREE = f"""
standard:
  id: odd-three
  title: {{zh: 一套名称很长而且什么都不像的三级月度标准（试行第二稿）, en: "{LONG}"}}
  period: month
  levels:
    - {{id: region, title: {{zh: 大区, en: Region}}}}
    - {{id: city, title: {{zh: 城市, en: City}}, parent: region}}
    - {{id: depot, title: {{zh: 仓库, en: Depot}}, parent: city}}
pillars:
  - id: everything
    title: {{zh: 全部, en: Everything}}
    domains:
      - id: everything
        title: {{zh: 全部, en: Everything}}
        indicators:
          - code: A.1.b
            level: depot
            title: {{zh: 温度在范围内, en: "{LONG}"}}
            text: Between 2 and 8 degrees, both included.
            criteria:
              - {{id: cold, value: temperature, between: [2, 8]}}
          - code: A.1.c/2 <x>
            level: depot
            title: Sprinklers or extinguishers
            text: "Sprinklers, or *two* extinguishers for every 100 m2."
            note: {{zh: 二者有其一即可, en: Either will do}}
            criteria:
              - id: fire
                title: {{zh: 灭火设施, en: Firefighting}}
                any_of:
                  - {{id: sprinklers, value: sprinklers, is: yes}}
                  - {{id: extinguishers, value: extinguishers, at_least: 2 * floor / 100}}
          - code: 第三项
            level: depot
            title: {{zh: 没有动物, en: No animals}}
            text: No animals.
            criteria:
              - {{id: animals, value: animals, is: no}}
              - {{id: bites, value: bites, at_most: 0, every: year}}
              - {{id: fewer, value: bites, at_most: previous(bites)}}
          - code: A.2
            level: city
            title: {{zh: 人手, en: Staff}}
            text: Enough staff.
            weight: 3
            criteria:
              - {{id: staff, value: staff - previous(staff), at_least: 0}}
          - code: A.3
            level: region
            title: {{zh: 费用不超过上限, en: Costs within the cap}}
            text: Costs.
            criteria:
              - {{id: costs, value: "max(costs / 2, 1)", at_most: cost_cap, baseline: 100}}
metrics:
  - {{id: temperature, title: {{zh: 温度, en: Temperature}}, level: depot, unit: other, kind: stock, range: [-40, 60]}}
  - {{id: sprinklers, title: {{zh: 喷淋, en: Sprinklers}}, level: depot, unit: yes_no, kind: stock}}
  - {{id: extinguishers, title: {{zh: 灭火器, en: Extinguishers}}, level: depot, unit: count, kind: stock, counter: {{zh: 具, en: extinguisher/extinguishers}}}}
  - {{id: floor, title: {{zh: 面积, en: Floor}}, level: depot, unit: m2, kind: stock}}
  - {{id: animals, title: {{zh: 动物, en: Animals}}, level: depot, unit: yes_no, kind: stock}}
  - {{id: bites, title: {{zh: 咬伤, en: Bites}}, level: depot, unit: count, kind: flow}}
  - {{id: staff, title: {{zh: 人数, en: Staff}}, level: city, unit: people, kind: stock}}
  - {{id: costs, title: {{zh: 费用, en: Costs}}, level: region, unit: usd, kind: stock}}
parameters:
  - {{id: cost_cap, title: {{zh: 费用上限, en: Cost cap}}, unit: usd}}
attributes:
  - {{id: roof, title: {{zh: 屋顶, en: Roof}}}}
"""

THREE_FILES = {
    "areas.csv": """area_id,name,level,parent_id,roof
N,North,region,,
S,The Very Far South and All of Its Several Islands,region,,
N1,Nordstadt,city,N,
N2,=Norton(),city,N,
S1,Süd & <b>Sund</b>,city,S,
d1,Depot One,depot,N1,flat
d2,Depot Two (formerly the Old Municipal Slaughterhouse and Ice Works),depot,N1,steep
d3,仓库三,depot,N2,flat
d4,*Depot* :smile:,depot,S1,steep
""",
    "depots.csv": """area_id,period,temperature,sprinklers,extinguishers,floor,animals,bites
d1,2025-11,2,yes,,,no,0
d2,2025-11,8.0001,no,1,100,yes,0
d3,2025-11,,no,2,100,no,0
d1,2025-12,1.9,no,2,100,no,1
d2,2025-12,8,yes,0,250,no,0
d3,2025-12,5,,,100,no,0
d4,2025-12,-40,no,0,1000,yes,3
""",
    "cities.csv": "area_id,period,staff\nN1,2025-11,10\nN1,2025-12,9\nN2,2025-12,4\nS1,2025-11,1\nS1,2025-12,1\n",
    "regions.csv": "area_id,period,costs\nN,2025-12,41\nS,2025-12,\n",
    "caps.csv": "period,cost_cap\n2025-12,20\n",
    "exemptions.csv": "area_id,indicator,from,to,reason\nd4,第三项,2025-12,,It is a *zoo* <b>depot</b>.\n",
}

DOMAINS = 40


def many() -> str:
    """Forty domains of one indicator each."""
    head = "standard:\n  id: odd-many\n  title: Forty\n  period: year\n  levels:\n    - {id: ship, title: {zh: 船, en: Ship}}\npillars:\n"
    body = [
        f"  - id: p{first}\n    title: {{zh: 第{first}组, en: Group {first}}}\n    domains:\n" + "".join(map(_domain, range(first, first + 10)))
        for first in range(1, DOMAINS, 10)
    ]
    metrics = [f"  - {{id: m{n}, title: {{zh: 数{n}, en: Figure {n}}}, level: ship, unit: points, kind: stock}}\n" for n in range(1, DOMAINS + 1)]
    return "".join([head, *body, "metrics:\n", *metrics])


def _domain(n: int) -> str:
    return (
        f"      - id: d{n}\n        title: {{zh: 第{n}个领域, en: The domain that is number {n} of all}}\n        indicators:\n"
        f'          - code: "{n}"\n            level: ship\n            title: {{zh: 第{n}项, en: Indicator {n}}}\n            text: At least {n}.\n'
        f"            criteria: [{{id: c, value: m{n}, at_least: {n}}}]\n"
    )


MANY_FILES = {
    "areas.csv": "area_id,name,level\nX,Xerxes,ship\n",
    "ships.csv": "area_id,period,"
    + ",".join(f"m{n}" for n in range(1, DOMAINS + 1))
    + "\nX,2024,"
    + ",".join("20" if n % 2 else "" for n in range(1, DOMAINS + 1))
    + "\n",
}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, standard, files in (("three", THREE, THREE_FILES), ("many", many(), MANY_FILES)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file, text in {"indicators.yaml": standard, **files}.items():
            (folder / name / file).write_text(text, encoding="utf-8")
