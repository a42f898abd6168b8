"""The work list of the gaps page: every task one by one, what is owed, and both to take away; or why it is not listed yet."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from compliance.answers import work_asking, work_lists
from compliance.answers.work_lists import Scope
from compliance.drawing import gap_marks, work_marks
from compliance.questions import owed_queries
from compliance.screen.page import Page


def show(page: Page, scope: Scope, areas: Any, counts: tuple[int, int]) -> None:
    """areas: the rows of open_by_area; counts: open criteria, and areas that reported nothing."""
    words, standard, period = page.words, page.standard, page.period
    asked = (standard, scope.level, period, scope.codes, page.kept_areas(scope.level))
    hurdle, name = scope.hurdle(len(areas)), partial(work_marks.file_name, words, scope, place=page.filter_words(scope.filters.only(("parent",))))
    all_tasks, all_owed = partial(work_asking.tasks, page.ask, *asked), partial(page.ask, owed_queries.owed, *asked)
    if hurdle is not None:
        page.empty(hurdle, **gap_marks.hurdle_words(words, scope, len(areas), counts[0]))
        if scope.owner:
            for what, sheet in work_marks.later(words, standard, period, all_tasks, all_owed).items():
                page.download(sheet, what, name=name(what), only_csv=True)
        return
    with st.spinner(words("gaps.working")):
        tasks, owed = all_tasks(), all_owed()
    if not tasks:
        page.empty(work_lists.nothing_to_do(areas))
    else:
        page.show(work_marks.title(words, scope, len(tasks)))
        sort = page.pick("sort", work_lists.SORTS, words("gaps.sort"), lambda each: words(f"gaps.sort_{each}"), row=True, resets=("part",))
        tasks = work_lists.ordered(tasks, standard, sort)
        part = [tasks[place] for place in page.screenful(len(tasks))]
        page.show(work_marks.work_list(words, scope, part, period, page.href, heads=work_marks.heads(standard, tasks, sort)))
        page.download(partial(work_marks.sheet, words, standard, tasks, period), "work", name=name("work"))
    if owed:
        page.show(work_marks.owed(words, standard, owed, period, page.href))
        page.download(partial(work_marks.owed_sheet, words, standard, owed, period), "owed", name=name("owed"))
