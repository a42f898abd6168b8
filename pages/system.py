"""System: how the server is, and backups. For admins."""

from compliance.drawing import running_marks
from compliance.screen import running
from compliance.screen.shell import open_page

page = open_page("system", needs_data=False)
page.show(running_marks.opening(page.words, page.user))
if page.user.may("backup"):
    running.state(page)
    running.backups(page)
else:
    page.empty("system.admins_only")
