"""Colours and signs of verdicts, in one place: the pages and the heatmap take them from here; a test holds the heatmap's own colours (grid.css) to the same.

In light the darker colour is the worse verdict, in dark the brighter one: severity survives grey print and colour blindness.
"""

from __future__ import annotations

GLYPHS = {"met": "●", "near": "▲", "unmet": "✕", "no-data": "∅", "not-applicable": "–", "earned": "★"}

# name → light, dark. What ends in -ink is text on the colour of that name; the rest of the pairs are read on the page's own background.
COLOURS = {
    "accent": ("#1f5fa8", "#7ab8f5"),
    "met": ("#b4d3ec", "#1c4568"),
    "met-ink": ("#0f3a63", "#d6e9fa"),
    "near": ("#f2b63c", "#b98222"),
    "near-ink": ("#2b1d00", "#150d00"),
    "unmet": ("#b2182b", "#ff8f80"),
    "unmet-ink": ("#fff", "#3a0306"),
    "step0": ("#a01a30", "#ff7a66"),
    "step0-ink": ("#fff", "#3a0306"),
    "step1": ("#dd6344", "#d8652f"),
    "step1-ink": ("#200600", "#200600"),
    "step2": ("#ec9a52", "#a35f22"),
    "step2-ink": ("#2b1500", "#fff"),
    "step3": ("#abcbe7", "#2f648f"),
    "step3-ink": ("#0c2f52", "#fff"),
    "step4": ("#dbeaf6", "#1c4060"),
    "step4-ink": ("#0c2f52", "#d6e9fa"),
}

# Used by the pages alone: words and marks on the page's background (contrast at least 4.5), lines and surfaces.
PAGE_COLOURS = {
    "met-text": ("#1f5fa8", "#7ab8f5"),
    "near-text": ("#8a5800", "#f2b63c"),
    "unmet-text": ("#b2182b", "#ff8f80"),
    "muted": ("#566273", "#a3afbe"),
    "line": ("#d9dfe7", "#323c49"),
    "surface": ("#f4f6f9", "#1b222c"),
    "paper": ("#ffffff", "#12171e"),
    "bar-met": ("#2f74b8", "#5b9ede"),
    "bar-unmet": ("#d36b6b", "#d9786c"),
    "bar-unknown": ("#c3cad3", "#4b5664"),
    "notice": ("#fff6df", "#33290f"),
    "notice-ink": ("#5a4000", "#f3d99a"),
}


def css() -> str:
    """Custom properties of the whole page. light-dark() follows the color-scheme that Streamlit sets with its theme."""
    pairs = {**COLOURS, **PAGE_COLOURS}
    colours = [f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items()]
    glyphs = [f'--sign-{name}: "{glyph}";' for name, glyph in GLYPHS.items()]
    return ":root {\n" + "\n".join(colours + glyphs) + "\n}\n"


def colours(*, dark: bool) -> dict[str, str]:
    """Name → colour of one theme, for what cannot read the page's style."""
    return {name: pair[dark] for name, pair in {**COLOURS, **PAGE_COLOURS}.items()}
