"""When a page of the app may be looked at: shared by the browser tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

# The footer is sent first, so it alone does not say that the page is whole. Loading or stale parts are Streamlit's marks; the last line: clicks are heard.
SETTLED = """() => document.querySelector(".foot") && document.querySelector("h1")
  && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
  && window.complianceFrame?.installed"""
# Charts, the grid and whatever scrolls by itself follow a change of the window or of the page some frames later.
STILL = """element => new Promise((done) => {
  let last = "", same = 0;
  const look = () => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const now = [x, y, width, height, element.scrollTop, element.scrollHeight, element.scrollWidth].join();
    same = now === last ? same + 1 : 0;
    last = now;
    if (same < 15) requestAnimationFrame(look);
    else done();
  };
  look();
})"""


def settled(page: Page) -> None:
    """The page is all there, nothing of the one before it is left, and it listens.

    A click takes a moment to reach the server: look for something that only its page has, then call this, then read what stands there.
    """
    page.wait_for_function(SETTLED)


def still(place: Locator) -> None:
    """An element no longer moves, grows or scrolls."""
    place.evaluate(STILL)


def at_rest(page: Page) -> None:
    """Settled, and its layout no longer changes."""
    settled(page)
    still(page.locator("[data-testid=stMain]"))
