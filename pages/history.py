"""History: every import with who, when and why; one of them cell by cell; taking it back and making it count again."""

import streamlit as st

from compliance.drawing import history_marks
from compliance.questions import import_queries
from compliance.questions.import_queries import Wanted
from compliance.screen import acting, undoing
from compliance.screen.shell import open_page

page = open_page("history", needs_data=False)
words, standard = page.words, page.standard
acting.told(page)

each = undoing.chosen(page)
if each is not None:
    batch, before = page.ask(import_queries.batch_of, each.id), page.ask(import_queries.handed_in, each.id)
    page.show(history_marks.import_opening(words, each, page.href), history_marks.facts(words, standard, each, batch, before, page.href))
    undoing.original(page, each)
    undoing.offer(page, each)
    undoing.contents(page, each)
    page.show(history_marks.events(words, page.ask(import_queries.import_events, each.id)))
    st.stop()

total, undone = page.ask(import_queries.import_count), page.ask(import_queries.import_count, Wanted(undone=True))
page.show(history_marks.opening(words, standard, total, undone))
undoing.listing(page, undoing.wanted(page))
