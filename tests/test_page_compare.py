"""Compare: rates, peers and differing indicators against a count over the exported verdicts; what the address may ask for."""

from __future__ import annotations

import csv
import re
import statistics
from collections import Counter
from pathlib import Path

import page_district
import pytest
import sdg
from app_pages import html_of, page_text, text_of
from page_district import NAME, NOW, PARENT, SAMPLE, STANDARD, District, run

from compliance import texts
from compliance.access import User
from compliance.answers import comparing, palette
from compliance.answers.comparing import Standing
from compliance.answers.counts import Counts
from compliance.drawing import compare_charts
from compliance.files.reading import Source
from compliance.questions import compare_queries, queries
from compliance.questions.queries import Area
from compliance.screen import shell
from compliance.standard import loader
from compliance.storage.importer import import_sources
from compliance.storage.store import Store

THREE = ("C0105", "C0302", "C0808")
COMMUNITY = [indicator.code for indicator in STANDARD.indicators_of("community")]
ZH = texts.words("zh")

pytestmark = pytest.mark.usefixtures("on_district", "release")


def rate(district: District, area: str, domain: str) -> tuple[int, int]:
    tally = Counter(district.statuses[area, NOW, indicator.code] for indicator in STANDARD.domain_by_id[domain].at("community"))
    return tally["met"], tally["met"] + tally["unmet"]


def is_told(district: District, area: str, domain: str) -> bool:
    """Whether something could be judged, and no more than a fifth of what applies lacks data."""
    statuses = [district.statuses[area, NOW, indicator.code] for indicator in STANDARD.domain_by_id[domain].at("community")]
    applying = [status for status in statuses if status != "not_applicable"]
    return applying.count("no_data") < len(applying) and 5 * applying.count("no_data") <= len(applying)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        {},
        {"areas": "C0101"},
        {"areas": "C0105,C0202,C0409,C0808,C0701,C0601"},
        {"areas": "C0105,C0302", "peers": "size"},
        {"areas": "C0105,C0302", "peers": "all", "domain": "safety", "in": "S01"},
        {"areas": "S01,S07", "level": "subdistrict"},
        {"level": "subdistrict", "kind": "estate_type:老旧小区"},
    ],
)
def test_the_page_renders(language: str, address: dict[str, str]) -> None:
    text = page_text(run("compare", lang=language, **address))
    assert not re.search(r"\{\w+\}", text) and not re.search(r"\b(nan|None|NaT)\b", text)


def test_the_differing_indicators_are_those_of_the_export(district: District) -> None:
    found = {code: [district.statuses[area, NOW, code] for area in THREE] for code in COMMUNITY}
    differing = {code for code, each in found.items() if {"met", "unmet"} <= set(each)}
    other = sum(len(set(each)) > 1 for each in found.values()) - len(differing)
    app = run("compare", lang="zh", areas=",".join(THREE))
    text = page_text(app)
    assert f"结论不同 {len(differing)} 项；" in text
    met, unmet = (sum(set(each) == {status} for each in found.values()) for status in ("met", "unmet"))
    assert f"都达标 {met} 项，都未达标 {unmet} 项；另有 {other} 项" in text
    table = next(html for html in html_of(app) if "compared" in html).split("<details")[0]
    rows = {re.search(r"indicator=([\d.]+)", row).group(1): row for row in table.split("<tbody>")[1].split("<tr>")[1:]}  # type: ignore[union-attr]
    assert set(rows) == differing
    peers = [area for area in PARENT if PARENT[area] in {PARENT[each] for each in THREE}]
    for code, row in rows.items():
        shown = re.findall(r'class="glyph (\w+)"', row)
        assert ["unmet" if status == "near" else status for status in shown] == found[code]
        tally = Counter(district.statuses[area, NOW, code] for area in peers)
        assert f"{tally['met']}/{tally['met'] + tally['unmet']}" in text_of(row)


def test_subdistricts_are_compared_by_their_own_indicators_and_it_says_so() -> None:
    assert "只算街道本级的指标，不含所辖社区。" in page_text(run("compare", lang="zh", level="subdistrict", areas="S01,S02"))
    assert "本级" not in page_text(run("compare", lang="zh", areas=",".join(THREE)))


def test_the_title_says_who_meets_more_and_where(district: District) -> None:
    pair = ("C0101", "C0302")
    met = {area: Counter(STANDARD.domain_of[code].id for code in COMMUNITY if district.statuses[area, NOW, code] == "met") for area in pair}
    (worse, worst), (better, best) = sorted((sum(met[area].values()), area) for area in pair)
    assert better > worse
    leads = sorted(((met[best][domain] - met[worst][domain] for domain in met[best])), reverse=True)[:2]
    text = page_text(run("compare", lang="zh", areas=",".join(pair)))
    said = re.search(rf"{NAME[best]}比{NAME[worst]}多达标 (\d+) 项，主要差在(\w+)（(\d+) 项）、(\w+)（(\d+) 项）", text)
    assert said is not None
    assert [int(said[place]) for place in (1, 3, 5)] == [better - worse, *leads]
    named = {domain.title.zh: domain.id for domain in STANDARD.domains_of("community")}
    assert [met[best][named[said[place]]] - met[worst][named[said[place]]] for place in (2, 4)] == leads
    own = []
    for letter, area in zip("AB", pair, strict=True):
        tally = Counter(district.statuses[area, NOW, code] for code in COMMUNITY)
        own.append(f"{letter} {NAME[area]} {tally['met']}/{tally['met'] + tally['unmet']}" + (f" · 缺{tally['no_data']}" if tally["no_data"] else ""))
    assert "；".join(own) in text


def test_no_verdict_between_equals_or_on_too_little() -> None:
    one, two = STANDARD.domains_of("community")[:2]
    areas = [Area(id_, id_, "community", None, None) for id_ in "AB"]

    def of(a: tuple[int, ...], b: tuple[int, ...]) -> dict[tuple[str, str], Counts]:
        """Each: met in the first domain, met in the second, unmet and no data of both."""
        return {
            (id_, domain): Counts(met, unmet if domain == "" else 0, missing if domain == "" else 0, 0)
            for id_, (first, second, unmet, missing) in (("A", a), ("B", b))
            for domain, met in (("", first + second), (one.id, first), (two.id, second))
        }

    found = comparing.verdict(areas, of((2, 5, 3, 0), (4, 4, 2, 0)), [one, two])
    assert found is not None and (found.best.id, found.worst.id, found.more, found.domains) == ("B", "A", 1, ((one, 2),))
    assert comparing.verdict(areas, of((4, 4, 2, 0), (3, 5, 2, 0)), [one, two]) is None, "8 each"
    assert comparing.verdict(areas, of((4, 4, 0, 2), (3, 4, 3, 0)), [one, two]) is not None, "2 of 10 are missing, not more than a fifth"
    assert comparing.verdict(areas, of((4, 4, 0, 3), (3, 4, 3, 0)), [one, two]) is None, "3 of 11 are missing"


def test_a_gap_stands_in_the_cell() -> None:
    """README of the sample: 88.6 % of the stairwells of C0302 are lit, the limit is 90 %."""
    assert "88.6% 还差 1.4 个百分点" in page_text(run("compare", lang="zh", areas="C0302,C0101"))


def test_the_medians_are_those_of_the_export(district: District) -> None:
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        matrix = queries.domain_matrix(cursor, STANDARD, "community", page_district.ORDINAL)
    group = frozenset(area for area in PARENT if PARENT[area] in ("S02", "S06"))
    for standing in comparing.standings(matrix, group, matrix.domains):
        rates = [met / judged for met, judged in (rate(district, area, standing.domain.id) for area in group if is_told(district, area, standing.domain.id))]
        assert standing.known == len(rates)
        assert standing.median == pytest.approx(statistics.median(rates))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"areas": "C0101,X9,C0102"}, "There is no area X9; it was left out."),
        ({"areas": "C0101,S01"}, "萤火街道 is not among the communities and was left out."),
        ({"areas": ",".join(f"C010{n}" for n in range(1, 8))}, f"No more than 6 can be compared; left out: {NAME['C0107']}."),
        ({"areas": "C0101,C0102", "peers": "moon"}, "moon"),
        ({"areas": "X9"}, "There is no area X9; it was left out."),
        ({"areas": "C0101"}, "Choose one more to see on which indicators they differ"),
        ({}, "Choose 2 to 6 areas below"),
    ],
)
def test_what_the_address_asks_for_in_vain_is_said(address: dict[str, str], said: str) -> None:
    assert said in page_text(run("compare", lang="en", **address))


def test_an_example_leads_to_a_comparison() -> None:
    example = next(html for html in html_of(run("compare", lang="zh")) if "从例子开始" in html)
    ids = re.findall(r"areas=([\w%]+)", example)
    assert len(ids) == 2
    assert re.search(r"结论不同 \d+ 项", page_text(run("compare", lang="zh", areas=ids[0].replace("%2C", ","))))


def test_the_picker_writes_to_the_address() -> None:
    app = run("compare", lang="zh", areas="C0105,C0302")
    app.multiselect[0].select("C0808").run()
    assert not app.exception
    assert app.query_params["areas"] == "C0105,C0302,C0808"
    assert NAME["C0808"] in page_text(app)


# -- parts ------------------------------------------------------------------------------------------------------------


def test_size_is_what_most_figures_are_measured_by() -> None:
    metrics = [compare_queries.size_metric(STANDARD, level) for level in ("community", "subdistrict")]
    assert [metric.id for metric in metrics if metric] == ["population", "subdistrict_households"]


def test_peers_of_similar_size_are_of_the_same_third() -> None:
    areas = [Area(f"C{n}", f"C{n}", "community", None, None) for n in range(9)]
    sizes = {f"C{n}": 100.0 * n for n in range(9)}
    assert comparing.peers("size", areas[:1], areas, sizes) == {"C0", "C1", "C2"}
    assert comparing.peers("size", [areas[0], areas[8]], areas, sizes) == {"C0", "C1", "C2", "C6", "C7", "C8"}
    assert comparing.peers("size", areas[:1], areas, {}) == frozenset(), "nobody's size is known"
    assert comparing.peer_kinds(areas, has_sizes=False) == ("all",)


def test_the_sizes_are_those_reported(district: District) -> None:
    shell._office().close()  # it holds the database
    with Store(district.path, STANDARD) as store, store.cursor() as cursor:
        sizes = compare_queries.sizes(cursor, "community", page_district.ORDINAL, "population")
    with (SAMPLE / f"metrics_community_{NOW}.csv").open(encoding="utf-8", newline="") as file:
        assert sizes == {row["area_id"]: float(row["population"]) for row in csv.DictReader(file) if row["population"]}


def test_what_is_unknown_is_no_zero() -> None:
    """An area without a verdict stands left of 0, hollow and named; names are no markup."""
    domain = STANDARD.domains_of("community")[0]
    areas = [Area("A", "<i>A</i>", "community", None, None), Area("B", "B", "community", None, None)]
    counts = {("A", domain.id): Counts(0, 0, 3, 0), ("B", domain.id): Counts(0, 4, 0, 0)}
    figure = compare_charts.dots(ZH, palette.colours(dark=False), areas, counts, [Standing(domain, 0.2, 0.5, 0.7, 9)])
    unknown, known = (trace for trace in figure["data"] if trace["mode"] == "markers+text")
    assert unknown["x"][0] < 0 == known["x"][0]
    assert unknown["marker"]["symbol"] == ["circle-open"] and "缺数据" in unknown["text"][0]
    assert "<i>" not in unknown["hovertext"][0]
    nobody = compare_charts.dots(ZH, palette.colours(dark=True), areas, counts, [Standing(domain, None, None, None, 0)])
    assert nobody["layout"]["shapes"] == []


def test_another_standard_with_one_level(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sdg.write_all(tmp_path)
    with Store(tmp_path / "sdg.duckdb", loader.load(tmp_path / "indicators.yaml")) as store:
        import_sources(store, [Source.from_path(tmp_path / name) for name in ("areas.csv", "metrics.csv")], user=User("Ann", "admin"))
    monkeypatch.setenv("COMPLIANCE_DB", str(tmp_path / "sdg.duckdb"))
    monkeypatch.setenv("COMPLIANCE_INDICATORS", str(tmp_path / "indicators.yaml"))
    states = [row["area_id"] for row in csv.DictReader((tmp_path / "areas.csv").read_text(encoding="utf-8").splitlines())]
    text = page_text(run("compare", lang="en", areas=",".join(states[:3])))
    assert "Peers: all 50 states." in text
    assert "ommunit" not in text.replace("Sustainable cities and communities", "")
