"""Templates: files to fill in, with the areas, units and allowed ranges in them."""

import streamlit as st

from compliance.answers import template_workbook, templates
from compliance.drawing import marks, template_choices
from compliance.questions import queries, template_queries
from compliance.screen import narrowing
from compliance.screen.shell import open_page

page = open_page("templates", ("parent",), needs_data=False)
words, standard = page.words, page.standard
page.show(marks.opening((words.title(standard.title),), words("template.title"), words("template.lead")))

levels = template_choices.levels(words, standard)
with st.container(horizontal=True, key="template-controls"):
    level = page.pick("level", list(levels), words("template.level"), levels.__getitem__, resets=("part_of",))
    parts = template_choices.parts(words, standard, level)
    part = page.pick("part_of", list(parts), words("template.part"), lambda name: parts[name].title)
    periods = template_choices.periods(words, standard, page.ask(queries.all_periods), page.parameter("for"))
    period = page.pick("for", list(periods), words("template.for"), lambda name: periods[name].title)
    filled = page.pick("values", ("", "1"), words("template.values"), lambda name: words(f"template.values_{'yes' if name else 'no'}")) == "1"

page = narrowing.of(page, level)
wanted, ordinal = parts[part], periods[period].ordinal
metrics = templates.metrics_for(standard, level, wanted.domain, wanted.owner)
kept = page.kept_areas(level)
areas = tuple(area for area in page.ask(queries.areas_of, level) if kept is None or area.id in kept)
if areas:
    values = page.ask(template_queries.values, level, ordinal, tuple(metric.id for metric in metrics)) if filled else {}
    template = templates.Template(standard, level, ordinal, metrics, areas, words, values)
    page.show(template_choices.summary(words, template))
    name = page.marked(template_choices.file_name(words, template, wanted))
    page.files(
        "template",
        (words("template.take_xlsx"), lambda: template_workbook.xlsx_template(template, words), f"{name}.xlsx"),
        (words("template.take_csv"), lambda: templates.csv_template(template), f"{name}.csv"),
    )
else:
    page.empty("template.no_areas")

page.show(marks.section(words("template.others"), words("template.others_note")))
known = [area for each in standard.levels for area in page.ask(queries.areas_of, each.id)]
offers = [(words("template.take_areas"), lambda: templates.areas_file(standard, known, page.ask(template_queries.attributes), words), page.marked("areas"))]
if standard.parameters:
    offers.append((words("template.take_parameters"), lambda: templates.parameters_file(standard, ordinal, words), f"parameters-{period}"))
offers.append((words("template.take_exemptions"), lambda: templates.exemptions_file(words), "exemptions"))
page.files("others", *((label, make, f"{name}.csv") for label, make, name in offers))
