"""Versions: which standard judges now, which there were, what each changed; and a changed one taken over, after a look at what it would turn."""

from compliance.drawing import version_marks
from compliance.questions import import_queries, queries
from compliance.screen import versioning
from compliance.screen.shell import open_page

page = open_page("versions", needs_data=False)
versions = page.ask(import_queries.definition_versions)
then = {version: page.href("overview", as_of=day.isoformat(), period=None) for version, day in version_marks.last_days(versions).items()}
page.show(
    version_marks.opening(page.words, page.standard, queries.records(versions)[0]),
    version_marks.listed(page.words, versions, then),
)
versioning.compare(page, versions)
versioning.hand_in(page)
