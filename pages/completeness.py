"""Completeness: which figures are missing, of which area, from which department, since when; and the lists that remind."""

from functools import partial

import streamlit as st

from compliance.answers import completeness
from compliance.drawing import completeness_marks, marks, template_choices
from compliance.questions import completeness_queries, owed_queries, queries
from compliance.screen import narrowing
from compliance.screen.shell import open_page

page = open_page("completeness", ("parent",))
words, standard, period = page.words, page.standard, page.period

opening = st.container()
levels = template_choices.levels(words, standard)
level = (
    page.pick("level", list(levels), words("template.level"), levels.__getitem__, row=True, resets=("owner", "part")) if len(levels) > 1 else next(iter(levels))
)
page = narrowing.of(page, level)
areas = page.kept_areas(level)
accounts = completeness.accounts(standard, level, page.ask(completeness_queries.completeness, standard, level, period, areas))
owners = completeness.owner_titles(words, accounts)
owner = page.pick("owner", list(owners), words("missing.owner"), owners.__getitem__, resets=("part",)) if owners else ""
metrics = completeness.metrics_of(standard, level, owner or None)

lacking = page.ask(completeness_queries.gaps_of_areas, standard, level, period, metrics, areas)
with opening:
    silent = page.ask(owed_queries.silent, level, period, areas)
    shown = [each for each in accounts if not owner or each.owner == owner]
    newest, at = page.ask(queries.newest_import), standard.level_by_id[level]
    page.show(completeness_marks.opening(words, page.notes[1:], shown, at, len(lacking), silent, newest, page.href))

left, right = st.columns([1.4, 1], gap="large")
if owners:
    with left:
        page.show(marks.section(words("missing.by_owner")))
        page.show(completeness_marks.departments(words, accounts, owner, partial(page.href, "completeness", level=level)))
with right if owners else left:
    page.show(marks.section(words("missing.by_area", level=levels[level])))
    page.show(completeness_marks.areas(words, lacking, len(metrics), page.href))

whose = words("missing.list_title", owner=owners.get(owner, "")) if owners else words("missing.list_title_all")
page.show(marks.section(whose, words("missing.list_note" if owners else "missing.list_note_all")))
with st.spinner(words("gaps.working")):
    rows = page.ask(completeness_queries.missing_figures, standard, level, period, metrics, areas)
if not rows:
    page.empty("missing.none")
    st.stop()
part = completeness.reminder(words, standard, level, [rows[place] for place in page.screenful(len(rows))])
page.show(marks.table(part, lambda row: page.href("community", area=row[words("missing.column_area_id")]), words("missing.column_area")))
page.download(lambda: completeness.sheet(words, standard, level, rows), "missing", name=template_choices.reminder_name(words, owners[owner] if owner else ""))
page.link("templates", words("missing.to_template"), level=level, part_of=f"owner:{owner}" if owner else None, **{"for": page.period_label, "values": "1"})
