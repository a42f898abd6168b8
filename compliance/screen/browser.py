"""What the browser must be told beside the page: the language, Streamlit's own words, where to scroll to. One component that shows nothing.

It also carries out what a page's HTML only offers: charts as files, the copied link, links to other pages.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from compliance import routes, texts
from compliance.screen import frame
from compliance.texts import Words

# What is said better than Streamlit says it, in every language: what the folded sidebar holds; that a file could not be made, and what to do.
SAID_BETTER = {"Expand sidebar": "app.open_sidebar", "Failed to generate file for download": "app.not_made"}


def tell(words: Words, goal: str | None) -> None:
    """goal: the heading to scroll to."""
    english = [(title.en, title.zh) for title in texts.group("browser.*")]
    better = [(each, words(key)) for said, key in SAID_BETTER.items() for each in (said, *_in_other_languages(words, key))]
    pairs = [*(english if words.language == "zh" else [(zh, en) for en, zh in english]), *better]
    _component(data={"language": frame.HTML_LANGUAGES[words.language], "pairs": pairs, "pages": routes.LAST_PARTS, "goal": goal or ""}, key="browser")


def _in_other_languages(words: Words, key: str) -> list[str]:
    """What stands there after the language was changed."""
    return [texts.words(each)(key) for each in texts.LANGUAGES if each != words.language]


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_component = st.components.v2.component("compliance_browser", html="<i hidden></i>", js=_asset("pictures.js") + _asset("browser.js"))
