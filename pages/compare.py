"""Compare: how do two to six areas differ, from each other and from their peers?"""

from functools import partial

import streamlit as st

from compliance import compare_charts, compare_marks, compare_queries, comparing, explaining, marks, queries
from compliance.shell import open_page

page = open_page("compare", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

every = [area for each in standard.judged_levels for area in page.ask(queries.areas_of, each)]
asked = comparing.asked(page.parameter("areas"), every)
head = st.container()
left, right = st.columns(2)
with left:
    id_ = comparing.level(standard, asked, page.parameter("level"))
    level = standard.level_by_id[id_]
    if standard.judged_levels[1:]:
        page.choice(
            "level",
            standard.judged_levels,
            id_,
            words("compare.level"),
            lambda each: words.title(standard.level_by_id[each].title),
            row=True,
            resets=("areas",),
        )
for complaint in compare_marks.complaints(words, level, asked):
    page.notice("compare.vain", said=complaint)
members = page.ask(queries.areas_of, level.id)
kept = page.kept_areas(level.id) if level.parent else None
with st.container(horizontal=True, key="choose-areas"):
    names = compare_marks.labels(page.offered([area for area in members if kept is None or area.id in kept], asked.areas), asked.areas)
label = words("compare.choose_label", level=words.title(level.title), most=comparing.MOST)
picked = st.multiselect(
    label, list(names), list(asked.ids), names.__getitem__, key=f"areas {asked.ids}", max_selections=comparing.MOST, placeholder=words("compare.hint")
)
if tuple(picked) != asked.ids:
    page.set(areas=comparing.SEPARATOR.join(picked) or None, level=level.id)
if not asked.areas:
    levels = [
        (
            standard.level_by_id[each],
            page.ask(queries.verdicts_of_areas, each, period, None, page.kept_areas(each) if standard.level_by_id[each].parent else None),
        )
        for each in standard.judged_levels
    ]
    with head:
        page.show(marks.opening(page.notes, words("compare.title")), compare_marks.choose(words, levels, page.href))
    st.stop()

size = compare_queries.size_metric(standard, level.id)
sizes = page.ask(compare_queries.sizes, level.id, period, size.id) if size else {}
with right:
    kind = page.pick(
        "peers", comparing.peer_kinds(asked.areas, has_sizes=bool(sizes)), words("compare.peers"), compare_marks.peer_title(words, standard, level), row=True
    )
group = comparing.peers(kind, asked.areas, members, sizes)
matrix = page.ask(queries.domain_matrix, standard, level.id, period)
shown = comparing.domains(standard, level.id, page.filters.domain)
standings = comparing.standings(matrix, group, shown)
counts = comparing.counts_of(matrix, asked.ids, shown)

statuses = page.ask(compare_queries.statuses, standard, level.id, period, asked.ids)
tallies = page.ask(queries.compliance_by_indicator, standard, level.id, period, group)
lines: list[comparing.Line] = []
for domain in shown:
    found = comparing.differing(domain.at(level.id), asked.ids, statuses)
    if found:
        criteria = page.ask(compare_queries.criteria, standard, level.id, period, asked.ids, explaining.codes(found))
        lines += comparing.lines(found, asked.ids, statuses, criteria, tallies)
with head:
    both = comparing.alike(shown, level.id, asked.ids, statuses)
    peers = compare_marks.peers_words(words, level, kind, asked.areas, size, comparing.count(group, members))
    page.show(
        compare_marks.opening(words, page.notes, asked.areas, lines, both, peers), compare_marks.cards(words, asked.areas, counts, sizes, size, page.href)
    )

page.show(marks.section(words("compare.by_domain"), words("compare.by_domain_note")))
page.chart(compare_charts.dots(words, page.colours, asked.areas, counts, standings), "compare", title=words("compare.by_domain"))
page.download(partial(compare_marks.rate_sheet, words, asked.areas, counts, standings), "compare-domains")

page.show(
    marks.section(words("compare.differences"), words("compare.differences_note")), compare_marks.differences(words, standard, asked.areas, lines, page.href)
)
page.download(partial(compare_marks.sheet, words, standard, asked.areas, lines), "compare-indicators")
