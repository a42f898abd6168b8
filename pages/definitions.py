"""Definitions: what exactly is required? The whole standard, to be searched and read, each indicator worked out on real figures."""

from functools import partial

import streamlit as st

from compliance.answers import area_asking, definition_tables, searching
from compliance.drawing import definition_marks, marks
from compliance.screen import narrowing
from compliance.screen.shell import open_page

page = narrowing.of(open_page("definitions", ("domain",), needs_data=False))
words, standard, period = page.words, page.standard, page.period

page.show(definition_marks.opening(words, standard), definition_marks.statuses(words))
page.link("versions", words("required.versions", n=page.version))
query = st.text_input(words("required.search"), key="q", bind="query-params", placeholder=words("required.search_hint"), max_chars=100)
opened = page.parameter("indicator")
if opened is not None and opened not in standard.indicator_by_code:
    page.notice("required.unknown", code=opened)
    opened = None

if opened is not None:
    indicator = standard.indicator_by_code[opened]
    page.show(definition_marks.opened(words, standard, indicator))
    page.link("indicator", words("required.to_indicator"), indicator=opened)
    example = area_asking.example(page.ask, standard, indicator, period)
    if example is not None:
        area, finding = example
        page.show(definition_marks.example(words, standard, finding, area.name, page.href("community", area=area.id), page.period_title))
    else:
        page.empty("required.no_example")

if query.strip():
    codes = searching.find(searching.index(standard), query)
    page.show(
        definition_marks.found(words, query, len(codes)),
        definition_marks.hits(words, standard, codes, lambda code: page.href("definitions", indicator=code, q=query)),
    )
else:
    domain = page.filters.domain
    page.show(definition_marks.whole(words, standard, domain, lambda code: page.href("definitions", indicator=code)))

with st.container(key="takes"):
    page.show(marks.section(words("required.take"), words("required.take_criteria")))
    page.download(partial(definition_tables.criteria, words, standard), "standard")
    page.show(definition_marks.note(words("required.take_figures")))
    page.download(partial(definition_tables.figures, words, standard), "figures")
