"""Exemptions and outside figures: which count, from whom and why; entered and ended by hand."""

from compliance.drawing import marks
from compliance.screen import acting, entering
from compliance.screen.shell import open_page

page = open_page("entries", ("parent",))
words, standard = page.words, page.standard
acting.told(page)
page.show(marks.opening((words.title(standard.title),), entering.title(page), entering.lead(page)))

if entering.view(page) == "parameters":
    entering.parameters(page)
else:
    entering.add_exemption(page)
    entering.exemptions(page)
