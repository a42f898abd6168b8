"""What every Plotly chart shares: its bar of buttons, its language, and where a click on a point leads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plotly.basedatatypes import BaseFigure

from compliance import routes
from compliance.texts import Words

# Plotly's own words, as far as they can appear with the camera as the only button.
PLOTLY_WORDS = {
    "Download plot": "chart.picture_svg",
    "Download plot as a PNG": "chart.picture_png",
    "Image download succeeded": "chart.picture_taken",
    "Preparing image - this may take a few seconds": "chart.picture_taking",
    "Sorry, there was a problem downloading your image!": "chart.picture_failed",
}
FORMATS = {"zh": {"decimal": ".", "thousands": ",", "date": "%Y-%m-%d"}, "en": {"decimal": ".", "thousands": ",", "date": "%Y-%m-%d"}}


def escaped(text: str) -> str:
    """Plotly takes a label for a little HTML: what comes from data must not be any."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(title: str, most: int) -> str:
    """A label of at most so many characters."""
    return title if len(title) <= most else title[: most - 1] + "…"


class Drawn(BaseFigure):  # type: ignore[misc]  # Plotly has no types
    """A figure {data, layout} that Streamlit sends as it is.

    A plain dict it would have Plotly check at every run, property by property, which takes longer than to make it. Here the tests do, once."""

    def __init__(self, figure: Mapping[str, Any]) -> None:
        self._figure = dict(figure)

    def to_dict(self) -> dict[str, Any]:
        return self._figure


def config(words: Words, file_name: str) -> dict[str, Any]:
    """Only the camera in the bar; its picture is made in the browser, without a network."""
    own = {"dictionary": {english: words(key) for english, key in PLOTLY_WORDS.items()}, "format": FORMATS[words.language]}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_name},
        "locale": f"own-{words.language}",
        "locales": {f"own-{words.language}": own},
    }


def sized(figure: Mapping[str, Any], colours: Mapping[str, str], height: int | None) -> dict[str, Any]:
    """The figure on paper of its theme's own colour, so that a picture of it or a print can be read anywhere. height: in pixels.

    What stands beside the marks and names no colour gets one of the palette: Streamlit's own is too faint by day (contrast 3.7)."""
    layout, ink = figure.get("layout", {}), colours["muted"]
    axes = {name: _inked(part, ink) for name, part in layout.items() if name.startswith(("xaxis", "yaxis"))}
    notes = {"annotations": [{**each, "font": {"color": ink, **each.get("font", {})}} for each in layout.get("annotations", ())]}
    return {**figure, "layout": {**layout, **axes, **notes, "paper_bgcolor": colours["paper"], **({"height": height} if height else {})}}


def _inked(axis: Mapping[str, Any], ink: str) -> dict[str, Any]:
    title = axis.get("title", {})
    titled = {"title": {**title, "font": {"color": ink, **title.get("font", {})}}} if title else {}
    return {**axis, "tickfont": {"color": ink, **axis.get("tickfont", {})}, **titled}


def goal_of(point: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
    """The page and parameters that a point's customdata names; nothing else leads anywhere: the browser may send anything."""
    match point.get("customdata"):
        case [str(name), {**parameters}] if name in routes.SCRIPTS and routes.is_there(name):
            return name, {str(key): str(value) for key, value in parameters.items()}
        case _:
            return None
