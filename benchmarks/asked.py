"""Every question that a page asks when it is opened, with the very arguments: nothing here has to be kept in step with the pages."""

from __future__ import annotations

import logging
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from compliance.screen import shell
from compliance.screen.page import Page
from compliance.settings import PROJECT
from compliance.storage.store import Store

SECONDS = 600
# Streamlit says of each thread of ours that it is no page run: it need not be one.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Asked:
    """A question as a page asked it first."""

    page: str
    question: Callable[..., Any]
    args: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...]
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.question.__module__.rpartition('.')[2]}.{self.question.__name__}"

    def timed(self, store: Store, repeat: int) -> Asked:
        """The median of some answers, each with a cursor of its own: seconds of the clock, and of the processor (all threads), which others do not disturb."""
        seconds, processor = [], []
        for _ in range(repeat):
            with store.cursor() as cursor:
                clock, used = time.perf_counter(), time.process_time()
                self.question(cursor, *self.args, **dict(self.named))
                seconds.append(time.perf_counter() - clock)
                processor.append(time.process_time() - used)
        return replace(self, seconds=statistics.median(seconds), processor=statistics.median(processor))


def views(areas: tuple[str, str], newest_import: int) -> dict[str, dict[str, str]]:
    """Page → the addresses' parameters: each page as the menu opens it, and again with something chosen where that asks more."""
    one, two = areas
    return {
        "overview": {},
        "overview short": {"short": "true"},
        "heatmap": {},
        "heatmap domain": {"view": "environment", "area": one, "indicator": "2.5"},
        "heatmap parents": {"rows": "community-subdistrict"},
        "trends": {},
        "community": {"area": one},
        "indicator": {},
        "gaps": {},
        "gaps department": {"owner": "城管办", "in": "S00003"},
        "compare": {},
        "compare two": {"areas": f"{one},{two}"},
        "definitions": {"indicator": "2.5"},
        "versions": {},
        "data": {},
        "history": {},
        "history one": {"import": str(newest_import)},
        "entries": {},
        "completeness": {},
        "templates": {"values": "1"},
        "system": {},
    }


def asked(database: Path, pages: Mapping[str, Mapping[str, str]]) -> list[Asked]:
    """Opens every page once, as a browser would; each question with the same arguments is there once, under the first page that asks it."""
    found: dict[object, Asked] = {}
    ask = Page.ask

    def listen(page: Page, question: Callable[..., Any], *args: Any, **named: Any) -> Any:
        key = question, repr(args), repr(named)
        found.setdefault(key, Asked(current, question, args, tuple(named.items())))
        return ask(page, question, *args, **named)

    own = {"COMPLIANCE_DB": str(database), "COMPLIANCE_INDICATORS": str(PROJECT / "indicators.yaml"), "COMPLIANCE_SAMPLE": "no"}
    with patch.dict(os.environ, own), patch.object(Page, "ask", listen):
        try:
            for current, parameters in pages.items():
                _open(current.split()[0], parameters)
        finally:
            shell._office().close()
    return list(found.values())


def _open(name: str, parameters: Mapping[str, str]) -> None:
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=SECONDS)
    app.query_params["lang"] = "zh"
    for key, value in parameters.items():
        app.query_params[key] = value
    if name != "overview":
        app.switch_page(f"pages/{name}.py")
    app.run()
    if app.exception:
        raise RuntimeError(f"{name} {dict(parameters)}: {app.exception[0].value}")
