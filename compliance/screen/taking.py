"""What a page's reader takes away: tables as CSV and XLSX, charts as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance import logs
from compliance.answers import downloads
from compliance.answers.downloads import Sheet
from compliance.drawing import plotting
from compliance.drawing.markup import Html
from compliance.errors import ComplianceError
from compliance.screen import frame
from compliance.texts import Words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(words: Words, key: str, name: str, sheet: Callable[[], Sheet], notes: Sequence[str], title: str, *, only_csv: bool = False) -> None:
    """Two buttons; the files, called `name`, are made when they are asked for. notes: what stands below the rows of the workbook."""
    with st.container(horizontal=True, key=f"downloads {key}", gap="small"):
        st.download_button(
            words("app.download"),
            told(lambda: downloads.csv_bytes(sheet())),
            f"{name}.csv",
            "text/csv",
            key=f"download {key}",
            on_click="ignore",
            type="tertiary",
        )
        if only_csv:
            return
        st.download_button(
            words("app.download_xlsx"), told(lambda: downloads.xlsx_bytes(sheet(), notes, title)), f"{name}.xlsx", XLSX,
            key=f"download {key} xlsx", on_click="ignore", type="tertiary",
        )  # fmt: skip


def told(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file made after the click: why there is none is logged, and the button says to reload the page (texts, browser.*)."""

    def made() -> bytes:
        try:
            return make()
        except ComplianceError as error:
            logs.refused(error, work="a file to take away")
            raise

    return made


def files(key: str, offers: Iterable[tuple[str, Callable[[], bytes], str]]) -> None:
    """Buttons beside each other for files that are made when they are asked for: label, how to make it, name."""
    with st.container(horizontal=True, key=f"files {key}", gap="small"):
        for label, make, name in offers:
            st.download_button(label, told(make), name, XLSX if name.endswith(".xlsx") else "text/csv", key=f"file {name}", on_click="ignore")


def chart(words: Words, figure: plotting.Drawn, key: str, name: str, title: str) -> Sequence[Mapping[str, Any]]:
    """A Plotly figure with its two buttons; the points that were clicked in this run. title: what a screen reader says of it."""
    event: Any = st.plotly_chart(
        figure, key=f"chart {key}", on_select="rerun", selection_mode="points", alt=title or None, config=plotting.config(words, name)
    )  # fmt: skip
    st.html(pictures(words, f".st-key-chart-{key.replace(' ', '-')}", name))
    points: Sequence[Mapping[str, Any]] = event["selection"]["points"]
    return points


def pictures(words: Words, target: str, name: str) -> Html:
    """Two buttons that save a part of the page (a CSS selector) as it is drawn."""
    return frame.picture_buttons(words, target, name)
