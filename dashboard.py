"""Overview: who meets the standard, which badges are held, where, and what is missed most."""

import streamlit as st

from compliance import marks, queries, views
from compliance.shell import open_page

page = open_page("overview")
words, standard, period = page.words, page.standard, page.period

matrix = page.ask(queries.domain_matrix, standard, page.level, period)
coverage = page.ask(queries.coverage, page.level, period)
level = standard.level_by_id[page.level]
page.show(
    marks.opening(
        (words.title(standard.title), page.period_title), views.headline(words, level, coverage, matrix), views.coverage_sentence(words, level, coverage)
    )
)
if views.badge_domains(standard, page.level):
    page.show(marks.badge_cards(words, standard, page.level, page.ask(queries.badges, standard, page.level, period)))

left, right = st.columns([1.15, 1], gap="large")
with left:
    rates = [(each, page.ask(queries.compliance_by_domain, standard, each, period)) for each in standard.judged_levels]
    page.show(marks.domain_rates(words, standard, rates))
with right:
    missed = page.ask(queries.most_missed, standard, page.level, period)
    page.show(marks.section(words("overview.missed")), marks.missed_list(words, standard, missed))
    page.download(views.missed_table(words, standard, missed), "missed")

page.show(marks.section(words("overview.heatmap", level=words.title(level.title)), words("overview.heatmap_note")))
page.heatmap(matrix, "heatmap")
areas = views.areas_table(words, page.ask(queries.verdicts_of_areas, page.level, period))
page.area_list(areas, "areas")
