"""One area: what to mend, what changed, where it is among the others, and for every indicator value, limit, gap and where the number came from."""

from functools import partial

import streamlit as st

from compliance.answers import standing, views
from compliance.answers.area_asking import Asked
from compliance.drawing import area_cards, area_marks, marks, standing_marks
from compliance.questions import queries
from compliance.screen import choosing, correcting, unfolding
from compliance.screen.shell import open_page

page = open_page("community")
words, standard, period = page.words, page.standard, page.period

area = choosing.area(page)
asked = Asked(page.ask, standard, area, period)
domains, counts, sources = standard.domains_of(area.level), asked.counts(), asked.sources(standard.indicators_of(area.level))
found = asked.by_domain(sources)
every = standing.all_findings(found)
changed, period_before = asked.changed(page.period_before), page.title_of(page.period_before)
page.show(area_cards.opening(words, standard, area, page.period_title, counts, every), standing_marks.contents(words, domains))
mend = correcting.way(page, area)
correcting.figure(page, area, sources)
page.show(
    area_cards.at_a_glance(words, changed, period_before),
    area_cards.freshness(words, standard, period, asked.last_report(), sources, partial(page.href, "community", area=area.id)),
)
with st.container(key="standing"):
    page.show(area_cards.badges(words, standard, domains, counts, found, period))
    left, right = st.columns([1.45, 1], gap="large")
with left:
    page.show(standing_marks.to_mend(words, standard, every, asked.since(), area, period), area_cards.owed(words, standard, every, period))
with right:
    page.show(standing_marks.changes(words, changed, period_before))
    level = views.judged_parent(standard, area)
    if level is not None:
        page.show(standing_marks.above(words, standard, level, area, asked.counts_above(level), page.href("community", area=area.parent_id)))

bands = asked.bands()
page.show(standing_marks.spine(words, standard, area, found, bands))
page.show(page.pictures(".stHtml:has(.spine)", f"standing-of-{area.id}"), marks.on_paper(words("app.folded_indicators")))
page.download(partial(standing_marks.spine_sheet, words, standard, every, bands), f"standing-of-{area.id}")

href = partial(page.href, area=area.id)
telling = area_marks.Telling(words, standard, period, href, area_marks.opened(every), mend, unfolding.written(page, every))
for domain in domains:
    page.show(area_marks.domain_head(words, domain, counts[domain.id]), area_marks.domain_findings(telling, domain, found[domain.id]))

for below in views.levels_below(standard, area.level):
    rows = page.ask(queries.verdicts_of_areas, below.id, period, area.id)
    page.show(area_cards.below(words, area, below, rows))
    unfolding.listed(page, views.areas_table(words, rows), f"areas-of-{area.id}")

unfolding.raw_record(page, sources)
