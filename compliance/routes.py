"""Where the pages are: script, address and place in the menu. The one place where a page is registered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from compliance.access import Act
from compliance.settings import PROJECT

# page → its script
SCRIPTS = {
    "overview": "dashboard.py",
    "heatmap": "pages/heatmap.py",
    "trends": "pages/trends.py",
    "community": "pages/community.py",
    "indicator": "pages/indicator.py",
    "gaps": "pages/gaps.py",
    "compare": "pages/compare.py",
    "definitions": "pages/definitions.py",
    "versions": "pages/versions.py",
    "templates": "pages/templates.py",
    "data": "pages/data.py",
    "history": "pages/history.py",
    "entries": "pages/entries.py",
    "completeness": "pages/completeness.py",
    "system": "pages/system.py",
}
# What a reader is after → the pages for it (words: app.group.…, app.menu.…, app.page.…)
MENU = {
    "results": ("overview", "heatmap", "trends"),
    "causes": ("community", "indicator", "gaps", "compare"),
    "standard": ("definitions", "versions"),
    "data": ("data", "entries", "history", "completeness", "templates"),
    "system": ("system",),
}
# Pages that only read, and can show a day of the past (looking_back.py).
LOOKING_BACK = frozenset({"overview", "heatmap", "trends", "community", "indicator", "gaps", "compare", "definitions", "completeness"})
# Pages for those who may do something (access.Act); in nobody else's menu. Each page asks again.
NEEDED: Mapping[str, Act] = {"system": "backup"}


def address(name: str, parameters: Mapping[str, str]) -> str:
    """The address of a page relative to any other page's."""
    return f"{_last_part(name) or './'}?{urlencode(parameters)}"


def _last_part(name: str) -> str:
    return "" if name == "overview" else Path(SCRIPTS[name]).stem


def is_there(name: str) -> bool:
    return (PROJECT / SCRIPTS[name]).exists()


# The last part of every page's address: which links are to a page.
LAST_PARTS = [_last_part(name) for name in SCRIPTS]
