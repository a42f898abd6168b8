"""Links in a page's own HTML: they open their page in the session that is there, and stay links in everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from waiting import settled

OpenTab = Callable[..., Any]  # gives a Tab, see conftest.py
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
# Whether a click was taken from the browser; then the browser is kept from following the link, so that the page stays for the next click.
CLICK = """(link, {change, event}) => {
  const copy = link.parentElement.appendChild(link.cloneNode(true));
  const app = document.querySelector("[data-testid=stApp]");
  new Function("link", "app", change)(copy, app);
  let isTaken;
  addEventListener("click", (click) => { isTaken = click.defaultPrevented; click.preventDefault(); }, { once: true });
  copy.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...event }));
  copy.remove();
  app.dataset.testConnectionState = "CONNECTED";
  return isTaken;
}"""


def mark(page: Page) -> None:
    """Marks the window once its page stands: a page that is loaded anew has no mark."""
    settled(page)
    page.evaluate("window.mark = 'here'")


def visit(page: Page, address: str) -> None:
    page.goto(address)
    mark(page)


def is_same_window(page: Page) -> bool:
    return bool(page.evaluate("window.mark === 'here'"))


def link(page: Page, address: str) -> Locator:
    """The first link of a page's own HTML, beside the menu, whose address begins so."""
    return page.locator(f'[data-testid=stMain] .stHtml a[href^="{address}"]').first


def path_and_query(page: Page) -> str:
    return str(page.evaluate("location.pathname + location.search + location.hash"))


def test_what_is_unfolded_stands_in_the_address(open_tab: OpenTab) -> None:
    page = open_tab("/community?lang=zh&period=2026Q3&area=C0302").page
    settled(page)
    part = page.locator('details[data-part="2.5"]')
    was_open = bool(part.evaluate("part => part.open"))
    part.locator("summary").click()
    page.wait_for_function("new URLSearchParams(location.search).get('open') === '2.5'")
    page.get_by_role("link", name="总览", exact=True).click()
    page.wait_for_url(lambda address: "/community" not in address)
    settled(page)
    assert "open" not in path_and_query(page)
    page.go_back()
    page.wait_for_url("**/community?**open=2.5*")
    expect(part).to_have_js_property("open", not was_open)
    page.reload()
    settled(page)
    expect(part).to_have_js_property("open", not was_open)
    part.locator("summary").click()
    page.wait_for_function("!new URLSearchParams(location.search).has('open')")
    expect(part).to_have_js_property("open", was_open)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("/trends?lang=zh&period=2026Q3", "table-trends"),
        ("/heatmap?lang=zh&period=2026Q3&domain=environment&area=C0302&indicator=2.5", "2.5.stairwell_lighting"),
        ("/definitions?lang=zh&indicator=2.5", "figures"),
    ],
)
def test_a_copied_link_unfolds_what_was_unfolded(kept_tab: Any, address: str, part: str) -> None:
    page = kept_tab.page
    page.goto(address)
    settled(page)
    folded = page.locator(f'details[data-part="{part}"]')
    was_open = bool(folded.evaluate("part => part.open"))
    page.goto(f"{address}&open={part}")
    expect(folded).to_have_js_property("open", not was_open)
    settled(page)
    expect(folded).to_have_js_property("open", not was_open)


def test_a_link_opens_its_page_in_the_same_session_and_back_returns(open_tab: OpenTab) -> None:
    page = open_tab("/?lang=en&period=2026Q2").page
    mark(page)
    headline = page.locator("h1").inner_text()
    entries = page.evaluate("history.length")
    goal = link(page, "community?")
    name, address = goal.inner_text(), f"/{goal.get_attribute('href')}"
    assert address.startswith("/community?lang=en&period=2026Q2&area=")
    goal.click()
    assert path_and_query(page) == address
    expect(page.locator(".eyebrow")).to_contain_text(["Community · 2026 Q2"])
    expect(page.locator("h1")).to_contain_text([name])
    settled(page)
    assert path_and_query(page) == address
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page.locator("h1")).to_have_text([headline])
    settled(page)  # a step in the history that comes while the page is still being built is lost
    page.go_forward()
    expect(page.locator("h1")).to_contain_text([name])
    assert path_and_query(page) == address
    assert is_same_window(page)
    settled(page)
    page.reload()  # the same address, opened as one that was copied
    expect(page.locator("h1")).to_contain_text([name])


def test_a_link_to_the_same_page_with_other_parameters(kept_tab: Any) -> None:
    """It begins at its top, where it says what is shown; the keyboard opens it as the mouse does."""
    page = kept_tab.page
    visit(page, "/gaps?lang=zh")
    headline = page.locator("h1").inner_text()
    goal = link(page, "gaps?lang=zh&period=2026Q3&level=community&owner=")
    owner = goal.inner_text()
    goal.focus()
    assert page.evaluate(SCROLLED) > 100
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text([owner])
    settled(page)
    assert page.evaluate(SCROLLED) == 0
    page.go_back()
    expect(page.locator("h1")).to_have_text([headline])
    assert path_and_query(page) == "/gaps?lang=zh"
    assert is_same_window(page)


def test_the_menu_by_keyboard_goes_on_from_where_it_was(kept_tab: Any) -> None:
    page = kept_tab.page
    visit(page, "/?lang=zh&period=2026Q2")
    expect(page.locator(".menu a[aria-current=page]")).to_have_text(["总览"])
    page.locator(".menu a", has_text="标准全文").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu a[aria-current=page]")).to_have_text(["标准全文"])
    settled(page)
    expect(page.locator(".menu a", has_text="标准全文")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".menu a", has_text="标准的版本")).to_be_focused()
    assert path_and_query(page) == "/definitions?lang=zh&period=2026Q2"
    assert is_same_window(page)


def test_a_link_out_of_a_filter_empties_its_control(kept_tab: Any) -> None:
    page = kept_tab.page
    visit(page, "/?lang=zh&in=S02")
    expect(page.get_by_role("combobox", name="街道", exact=True)).to_have_value("S02")
    page.locator(".filter-line a").click()
    expect(page.get_by_role("combobox", name="街道", exact=True)).to_have_value("")
    assert "in=" not in page.url
    assert is_same_window(page)


def test_a_link_to_a_place_scrolls_there(kept_tab: Any) -> None:
    """On the page itself nothing is asked of the server; on another page the place is scrolled to once it is there."""
    page = kept_tab.page
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    visit(page, "/community?lang=zh&area=C0302")
    assert asked
    asked.clear()
    page.locator('.stHtml a[href="#safety"]').filter(visible=True).first.click()
    page.wait_for_function("Math.abs(document.getElementById('safety').getBoundingClientRect().top) < 200")
    assert path_and_query(page) == "/community?lang=zh&area=C0302#safety"
    assert asked == []
    visit(page, "/?lang=zh")
    page.set_viewport_size({"width": 1440, "height": 400})
    page.locator('.stHtml a[href$="#worsening"]').click()
    expect(page.locator("#worsening")).to_be_visible()
    settled(page)
    page.wait_for_function("Math.abs(document.getElementById('worsening').getBoundingClientRect().top) < 200")
    assert is_same_window(page)


def test_a_click_with_control_opens_another_tab(kept_tab: Any) -> None:
    page = kept_tab.page
    visit(page, "/?lang=zh")
    goal = link(page, "indicator?")
    with page.context.expect_page() as opening:
        goal.click(modifiers=["Control"])
    other = opening.value
    expect(other.locator("h1")).to_contain_text([goal.inner_text()])
    assert path_and_query(page) == "/?lang=zh"
    assert path_and_query(other) == f"/{goal.get_attribute('href')}"
    assert not is_same_window(other)
    other.close()


# What is done to a link or to the click → whether the page takes it from the browser
CLICKS = [
    ("a second click of a double click", "", {"detail": 2}, True),
    ("control", "", {"ctrlKey": True}, False),
    ("command", "", {"metaKey": True}, False),
    ("shift", "", {"shiftKey": True}, False),
    ("alt", "", {"altKey": True}, False),
    ("the middle button", "", {"button": 1}, False),
    ("a link to another tab", "link.target = '_blank'", {}, False),
    ("a file", "link.download = 'x.csv'", {}, False),
    ("a place of this page", "link.href = '#safety'", {}, False),
    ("no page of ours", "link.href = 'health'", {}, False),
    ("below a page", "link.href = 'media/gaps'", {}, False),
    ("another server", "link.href = 'http://127.0.0.1:9/gaps'", {}, False),
    ("no connection", "app.dataset.testConnectionState = 'DISCONNECTED'", {}, False),
    ("not HTML of ours", "document.body.append(link)", {}, False),
]


def test_everything_but_a_plain_click_on_a_page_is_left_to_the_browser(kept_tab: Any) -> None:
    page = kept_tab.page
    visit(page, "/?lang=zh")
    goal = link(page, "community?")
    taken = {name: goal.evaluate(CLICK, {"change": change, "event": event}) for name, change, event, _ in CLICKS}
    assert taken == {name: is_taken for name, _, _, is_taken in CLICKS}
    assert path_and_query(page) == "/?lang=zh"
    assert goal.evaluate(CLICK, {"change": "", "event": {}}) is True, "a plain click is taken, so that the rest means something"
    page.wait_for_url("**/community?**")
