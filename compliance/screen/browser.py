"""What the browser must be told beside the page: the language, Streamlit's own words, where to scroll to. One component that shows nothing.

It also carries out what a page's HTML only offers: charts as files, the copied link, links to other pages.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from compliance import routes, texts
from compliance.screen import frame
from compliance.texts import Words

# What a button says of a file that could not be made: nothing of why, nor of what to do.
NOT_MADE = "Failed to generate file for download"


def tell(words: Words, goal: str | None) -> None:
    """goal: the heading to scroll to."""
    english = [(title.en, title.zh) for title in texts.group("browser.*")]
    pairs = [*(english if words.language == "zh" else [(zh, en) for en, zh in english]), (NOT_MADE, words("app.not_made"))]
    _component(data={"language": frame.HTML_LANGUAGES[words.language], "pairs": pairs, "pages": routes.LAST_PARTS, "goal": goal or ""}, key="browser")


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_component = st.components.v2.component("compliance_browser", html="<i hidden></i>", js=_asset("pictures.js") + _asset("browser.js"))
