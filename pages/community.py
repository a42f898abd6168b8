"""One area: which of its domains are met, and for every indicator value, limit, gap and where the number came from."""

from compliance import area_marks, explaining, marks, queries, views
from compliance.shell import open_page

page = open_page("community")
words, standard, period = page.words, page.standard, page.period

area = page.area()
domains = standard.domains_of(area.level)
counts = views.counts_of_domains(page.ask(queries.verdict_of_area, standard, area.level, area.id, period))
page.show(area_marks.opening(words, standard, area, page.period_title, counts), area_marks.verdict_cards(words, domains, counts))

figures = page.ask(queries.sources, standard, area.level, area.id, period, standard.indicators_of(area.level))
sources = explaining.Sources.of(figures, page.ask(queries.parameter_sources, standard, period))
statuses = page.ask(queries.indicators_of_area, standard, area.level, area.id, period)
reasons = explaining.reasons(page.ask(queries.exemptions_of_area, area.id, period))
for domain in domains:
    indicators = domain.at(area.level)
    criteria = page.ask(queries.criteria_of_area, standard, area.level, area.id, period, explaining.codes(indicators))
    findings = explaining.findings(standard, indicators, statuses, criteria, sources, reasons, period)
    page.show(area_marks.domain_head(words, domain, counts[domain.id]), area_marks.domain_findings(words, standard, findings, period))

for level in views.levels_below(standard, area.level):
    rows = page.ask(queries.verdicts_of_areas, level.id, period, area.id)
    page.show(marks.section(words("community.below", level=words.title(level.title), area=area.name)))
    page.area_list(views.areas_table(words, rows), f"areas-of-{area.id}")

page.show(marks.section(words("community.sources"), words("community.sources_note")), area_marks.source_list(words, sources))
page.raw_record(sources)
