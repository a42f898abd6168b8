"""Overview: who meets the standard, what changed, what is missed most, and how much of it is known. Also what `streamlit run` serves."""

from functools import partial

import streamlit as st

from compliance.answers import counts, views
from compliance.drawing import marks, overview_marks
from compliance.questions import queries, trend_queries
from compliance.screen import front, narrowing, unfolding
from compliance.screen.shell import open_page

MOST_MISSED, MOST_MOVERS = 10, 6

if __name__ != "__main__":
    # The server imports this file to find `app`, and runs it as the first page later.
    app = st.App("dashboard.py", **front.served())
else:
    page = open_page("overview", ("parent", "kind"))
    page = narrowing.of(page, *page.standard.judged_levels)
    words, standard, period, before = page.words, page.standard, page.period, page.period_before
    level, areas = standard.level_by_id[page.level], page.kept_areas()

    matrix = page.ask(queries.domain_matrix, standard, page.level, period, areas)
    coverage = page.ask(queries.coverage, page.level, period, areas)
    missed = page.ask(queries.most_missed, standard, page.level, period, areas)
    rates = {each: page.then_and_now(queries.compliance_by_domain, each) for each in standard.judged_levels}
    whole, whole_before = (counts.whole(rows) for rows in rates[page.level])
    shifts = {each: page.ask(trend_queries.turns, standard, each, period, page.kept_areas(each)) if before is not None else None for each in rates}
    turns = shifts[page.level]
    known = views.freshness(words, standard, level, period, page.ask(queries.all_periods)[-1], page.ask(queries.newest_import), coverage, whole)
    badged = bool(views.badge_domains(standard, page.level))
    held = page.ask(queries.badges, standard, page.level, period, areas)
    badges = overview_marks.badge_cards(words, standard, level, matrix, held, turns, page.href) if badged else None
    page.show(
        marks.opening(page.notes, views.headline(words, level, coverage, matrix, whole), overview_marks.known(words, known, coverage, page.href)),
        overview_marks.sentences(
            overview_marks.rate_sentence(words, standard, level, whole, whole_before, turns, period, page.href),
            overview_marks.worse_sentence(words, level, turns, page.href),
            views.weakest_sentence(words, standard, level, rates[page.level][0], missed),
        ),
        badges,
    )

    by_level = overview_marks.rates(words, standard, {each: now for each, (now, _) in rates.items()}, shifts, page.href)
    most = overview_marks.missed_list(words, standard, level, missed, MOST_MISSED, whole, page.href)
    page.show(overview_marks.halves(by_level, most, uneven=True))
    page.download(partial(views.missed_table, words, standard, missed), "missed")

    if turns is not None:
        moves = {key: turns.moves(way, None, MOST_MOVERS) for key, way in (("overview.lost", "regressed"), ("overview.won", "fixed"))}
        page.show(overview_marks.halves(*(overview_marks.moved(words, standard, level, each, key, page.href) for key, each in moves.items())))

    if badged:
        unfolding.one_short(page, level, areas)

    page.show(overview_marks.matrix_head(words, level, page.href), page.pictures(".st-key-heatmap", "heatmap"))
    page.heatmap(matrix, "heatmap")
    listed = page.ask(queries.verdicts_of_areas, page.level, period, None, areas)
    unfolding.areas(page, partial(views.areas_table, words, listed), len(listed), "areas")
