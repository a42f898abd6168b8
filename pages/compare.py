"""Compare: how do two to six areas differ, from each other and from their peers? Or two to six groups of areas, counted together?"""

from functools import partial

import streamlit as st

from compliance.answers import compare_asking, compare_groups, comparing
from compliance.drawing import compare_charts, compare_marks, marks
from compliance.screen import compare_controls, group_section
from compliance.screen.shell import open_page

page = open_page("compare", compare_controls.HEEDS)
words, standard, period = page.words, page.standard, page.period

head = st.container()
left, right = st.columns(2)
with left:
    what = compare_controls.what(page)
if isinstance(what, compare_groups.Way):
    group_section.show(page, head, what)
    st.stop()
page, chosen = compare_controls.choose(page, what)
level, members, areas = chosen.level, chosen.members, chosen.areas
if not areas:
    with head:
        example = compare_marks.choose(words, compare_controls.verdicts(page), compare_controls.way_titles(page), page.href)
        page.show(marks.opening(page.notes, words("compare.title")), example)
    st.stop()

size, sizes = compare_asking.sizes(page.ask, standard, level.id, period)
with right:
    kinds = comparing.peer_kinds(areas, has_sizes=bool(sizes))
    kind = page.pick("peers", kinds, words("compare.peers"), compare_marks.peer_title(words, standard, level), row=True)
group = comparing.peers(kind, areas, members, sizes)
found = compare_asking.comparison(page.ask, standard, level.id, period, areas, group, page.in_force(level.id).domain)
with head:
    peers = compare_marks.peers_words(words, standard, level, kind, areas, size, comparing.count(group, members))
    page.show(compare_marks.opening(words, page.notes, found, peers), compare_marks.cards(words, areas, found.counts, sizes, size, page.href))

page.show(marks.section(words("compare.by_domain"), words("compare.by_domain_note")))
page.chart(compare_charts.dots(words, page.colours, areas, found.counts, found.standings), "compare", title=words("compare.by_domain"))
page.download(partial(compare_marks.rate_sheet, words, areas, found.counts, found.standings), "compare-domains")

page.show(marks.section(words("compare.differences"), words("compare.differences_note")))
page.show(compare_marks.differences(words, standard, areas, found.lines, page.href))
page.download(partial(compare_marks.sheet, words, standard, areas, found.lines), "compare-indicators")
