"""Data: hand files in, see what is wrong with them or what they would change, and import them."""

import streamlit as st

from compliance.drawing import doubt_marks, listing_marks, marks, upload_marks
from compliance.questions import doubt_queries, queries
from compliance.screen import drop
from compliance.screen.shell import open_page
from compliance.server import uploading

page = open_page("data", needs_data=False)
words, standard, store = page.words, page.standard, page.opened.store
desk = drop.desk()
drop.begin(page, desk)
page.show(marks.opening((words.title(standard.title),), words("upload.title"), words("upload.lead")))
if page.ask(queries.newest_import) is None:
    drop.first_steps(page)
elif desk.importing is None:
    page.link("templates", words("upload.get_form"))
if not page.user.may("import"):
    page.notice("upload.readers_only", role=words(f"role.{page.user.role}"))
    st.stop()

if desk.importing is not None:
    work = drop.follow(desk.importing, words, "upload.importing")
    if work.result is not None:
        drop.done(page, desk, work.result)
        st.stop()
    page.show(marks.section(words("upload.not_done")), marks.problems(words, work.problems, page.href))
    desk.again()

sources = desk.naming.put_right(drop.files(words, desk))
problems = uploading.refused_together(sources)
if problems:
    page.show(upload_marks.refused(words, problems, 1, page.href))
if problems or not sources:
    st.stop()

work = drop.follow(desk.check(store, page.user, sources), words, "upload.checking")
desk.offer_to_ignore(work.problems)
desk.naming.offer(sources, work.problems)
for source in sources:
    drop.handed_in(page, source, work, is_open=len(sources) == 1)
drop.ignore(words, desk)
drop.names(page, desk, sources)
if work.result is None:
    page.show(upload_marks.refused(words, work.problems, len(sources), page.href))
    st.stop()

checked = work.result
names = page.ask(doubt_queries.area_names)
page.show(
    upload_marks.changes(words, checked.outcome),
    upload_marks.flipped(words, checked.outcome, names),
    upload_marks.changed_cells(words, standard, checked.outcome, names),
    listing_marks.changed_areas(words, standard, checked.outcome, names),
    listing_marks.exempted(words, standard, checked.outcome, names),
    doubt_marks.doubted(words, standard, checked.told, names),
)
drop.confirm(page, desk, sources, checked, doubt_marks.ticks(words, checked.told) | listing_marks.ticks(words, checked.outcome))
