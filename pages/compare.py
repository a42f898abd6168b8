"""Compare: how do two to six areas differ, from each other and from their peers?"""

from functools import partial

import streamlit as st

from compliance.answers import compare_asking, comparing
from compliance.drawing import compare_charts, compare_marks, marks
from compliance.questions import queries
from compliance.screen.shell import open_page

page = open_page("compare", ("parent", "domain", "kind"))
words, standard, period = page.words, page.standard, page.period

judged = [standard.level_by_id[each] for each in standard.judged_levels]
every = [area for each in standard.judged_levels for area in page.ask(queries.areas_of, each)]
asked = comparing.asked(page.parameter("areas"), every)
head = st.container()
left, right = st.columns(2)
with left:
    level = standard.level_by_id[comparing.level(standard, asked, page.parameter("level"))]
    if judged[1:]:
        page.choice("level", standard.judged_levels, level.id, words("compare.level"), compare_marks.level_title(words, standard), row=True, resets=("areas",))
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
    kept = {each.id: page.kept_areas(each.id) if each.parent else None for each in judged}  # a filter by parent leaves all the parents to be compared
    levels = [(each, page.ask(queries.verdicts_of_areas, each.id, period, None, kept[each.id])) for each in judged]
    with head:
        page.show(marks.opening(page.notes, words("compare.title")), compare_marks.choose(words, levels, page.href))
    st.stop()

size, sizes = compare_asking.sizes(page.ask, standard, level.id, period)
with right:
    kinds = comparing.peer_kinds(asked.areas, has_sizes=bool(sizes))
    kind = page.pick("peers", kinds, words("compare.peers"), compare_marks.peer_title(words, standard, level), row=True)
group = comparing.peers(kind, asked.areas, members, sizes)
found = compare_asking.comparison(page.ask, standard, level.id, period, asked.areas, group, page.filters.domain)
with head:
    peers = compare_marks.peers_words(words, level, kind, asked.areas, size, comparing.count(group, members))
    page.show(compare_marks.opening(words, page.notes, found, peers), compare_marks.cards(words, asked.areas, found.counts, sizes, size, page.href))

page.show(marks.section(words("compare.by_domain"), words("compare.by_domain_note")))
page.chart(compare_charts.dots(words, page.colours, asked.areas, found.counts, found.standings), "compare", title=words("compare.by_domain"))
page.download(partial(compare_marks.rate_sheet, words, asked.areas, found.counts, found.standings), "compare-domains")

page.show(marks.section(words("compare.differences"), words("compare.differences_note")))
page.show(compare_marks.differences(words, standard, asked.areas, found.lines, page.href))
page.download(partial(compare_marks.sheet, words, standard, asked.areas, found.lines), "compare-indicators")
