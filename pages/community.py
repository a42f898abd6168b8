"""One area: what to mend, what changed, where it is among the others, and for every indicator value, limit, gap and where the number came from."""

from functools import partial

import streamlit as st

from compliance.answers import explaining, phrases, standing, views
from compliance.answers.counts import of_domains
from compliance.drawing import area_cards, area_marks, marks, standing_marks
from compliance.questions import gap_queries, owed_queries, queries
from compliance.questions.filters import Filters
from compliance.screen import correcting, unfolding
from compliance.screen.shell import open_page

page = open_page("community")
words, standard, period = page.words, page.standard, page.period

area = page.area()
domains = standard.domains_of(area.level)
counts = of_domains(page.ask(queries.verdict_of_area, standard, area.level, area.id, period))
figures = page.ask(queries.sources, standard, area.level, area.id, period, standard.indicators_of(area.level))
sources = explaining.Sources.of(figures, page.ask(queries.parameter_sources, standard, period))
statuses = page.ask(queries.indicators_of_area, standard, area.level, area.id, period)
reasons = explaining.reasons(page.ask(queries.exemptions_of_area, area.id, period))
found = {}
for domain in domains:
    criteria = page.ask(queries.criteria_of_area, standard, area.level, area.id, period, explaining.codes(domain.at(area.level)))
    found[domain.id] = explaining.findings(standard, domain.at(area.level), statuses, criteria, sources, reasons, period)
every = standing.all_findings(found)
before = page.ask(queries.indicators_of_area, standard, area.level, area.id, period - 1)
changed, period_before = standing.changes(standard, before, statuses), phrases.period(words, standard, period - 1) if before else ""
last = page.ask(owed_queries.last_report, area.level, area.id, period)
page.show(area_cards.opening(words, standard, area, page.period_title, counts, every))
mend = correcting.way(page, area)
correcting.figure(page, area, sources)
page.show(
    area_cards.at_a_glance(words, changed, period_before),
    area_cards.freshness(words, standard, period, last, sources, partial(page.href, "community", area=area.id)),
    area_cards.badges(words, standard, domains, counts, found, period),
)

left, right = st.columns([1.45, 1], gap="large")
with left:
    since = page.ask(gap_queries.unmet_since, standard, area.level, period, tuple(statuses), Filters(parent=area.id))
    page.show(standing_marks.to_mend(words, standard, every, since, area, period), area_cards.owed(words, standard, every, period))
with right:
    page.show(standing_marks.changes(words, changed, period_before))
    level = views.judged_parent(standard, area)
    if level is not None:
        verdicts = of_domains(page.ask(queries.verdict_of_area, standard, level, area.parent_id, period))
        page.show(standing_marks.above(words, standard, level, area, verdicts, page.href("community", area=area.parent_id)))

bands = standing.bands(page.ask(gap_queries.spread, standard, area.level, period))
page.show(standing_marks.spine(words, standard, area, found, bands))
page.show(page.pictures(".stHtml:has(> .spine)", f"standing-of-{area.id}"))
page.download(partial(standing_marks.spine_sheet, words, standard, every, bands), f"standing-of-{area.id}")

for domain in domains:
    page.show(area_marks.domain_head(words, domain, counts[domain.id]), area_marks.domain_findings(words, standard, found[domain.id], period, mend))

for below in views.levels_below(standard, area.level):
    rows = page.ask(queries.verdicts_of_areas, below.id, period, area.id)
    page.show(marks.section(words("community.below", level=words.title(below.title), area=area.name)))
    unfolding.listed(page, views.areas_table(words, rows), f"areas-of-{area.id}")

page.show(marks.section(words("community.sources"), words("community.sources_note")), area_marks.source_list(words, sources))
unfolding.raw_record(page, sources)
