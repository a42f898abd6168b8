"""When a page of the app may be looked at: shared by the browser tests."""

from __future__ import annotations

from playwright.sync_api import Page

# The footer is sent first, so it alone does not say that the page is whole. Loading or stale parts are Streamlit's marks; the last line: clicks are heard.
SETTLED = """() => document.querySelector(".foot") && document.querySelector("h1")
  && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
  && window.complianceFrame?.installed"""


def settled(page: Page) -> None:
    """The page is all there, nothing of the one before it is left, and it listens."""
    page.wait_for_function(SETTLED)
