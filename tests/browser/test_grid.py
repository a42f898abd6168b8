"""The grid in a real Chromium, without Streamlit: its default export is called with stubs inside a shadow root."""

import json
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from compliance.answers.gridding import WORDS, Column, RateMatrix, Row, StatusMatrix, payload
from compliance.screen import grid

THEMES = {"light": ("#31333f", "#ffffff", "#d6d6d9"), "dark": ("#fafafa", "#0e1117", "#41444c")}
TEXTS = {word: f"word {word}" for word in WORDS} | {
    "rate": "{percent}% compliant",
    "parts": "{met}/{judged} · 缺{no_data} · 不适用{not_applicable}",
    "value": "value {value}",
    "lacking": "缺{no_data}",
}
HARNESS = """
<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<body style="margin:16px"><div style="height:40px"></div><div id="host"></div><div style="height:1500px"></div>
"""
MOUNT = """async ([html, css, js]) => {
  window.root = document.querySelector("#host").attachShadow({mode: "open"});
  root.innerHTML = html + "<style>" + css + "</style>";
  const url = URL.createObjectURL(new Blob([js], {type: "text/javascript"}));
  const render = (await import(url)).default;
  window.opened = [];
  window.setTriggerValue = (name, value) => opened.push([name, ...value]);
  window.run = (data) => render({data, parentElement: root, setTriggerValue});
}"""


class Harness:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.mounted = False

    def show(self, matrix, selected=None, *, theme="light", words=TEXTS, height=None, is_chosen_in=True):
        if not self.mounted:
            self.page.set_content(HARNESS)
            self.page.evaluate(MOUNT, [grid.HTML, grid._asset(".css"), grid._asset(".js")])
            self.mounted = True
        ink, paper, line = THEMES[theme]
        self.page.evaluate(
            """([theme, ink, paper, line]) => {
              const style = document.documentElement.style;
              style.colorScheme = theme; document.body.style.background = paper;
              style.setProperty("--st-text-color", ink); style.setProperty("--st-background-color", paper);
              style.setProperty("--st-border-color", line); style.setProperty("--st-font", "sans-serif");
            }""",
            [theme, ink, paper, line],
        )
        data = {**payload(matrix, words), "name": "matrix", "height": height}
        if is_chosen_in:
            self.select(selected)
        self.page.evaluate("data => { window.cleanup = run(data) }", data)

    def select(self, selected):
        """What Streamlit does when only the choice has changed: it runs the choice's script, not the grid's."""
        self.page.evaluate(
            "([js, data]) => import(URL.createObjectURL(new Blob([js], {type: 'text/javascript'}))).then(each => each.default({data, setTriggerValue}))",
            [grid.CHOICE, {"name": "matrix", "selected": selected}],
        )

    def cell(self, row, column):
        return self.page.locator(f".grid > div:nth-child({row + 1}) > div:nth-child({column + 1})")

    def opened(self):
        return [tuple(each[1:]) for each in self.page.evaluate("opened")]

    def place(self):
        """The (row, column) that has the keyboard."""
        return tuple(
            self.page.evaluate(
                """() => {
                  const cell = root.activeElement;
                  const index = (node) => [...node.parentNode.children].indexOf(node);
                  return cell ? [index(cell.parentNode), index(cell)] : [];
                }"""
            )
        )

    def tip(self):
        return self.page.locator(".tip")


@pytest.fixture
def harness(chromium, request):
    options = {"viewport": {"width": 1440, "height": 900}, **getattr(request, "param", {})}
    context = chromium.new_context(**options)
    page = context.new_page()
    problems, requests = [], []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on("request", lambda sent: requests.append(sent.url))
    yield Harness(page)
    context.close()
    assert problems == []
    assert [url for url in requests if not url.startswith("blob:")] == []


PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


def rows(count):
    return tuple(Row(f"r{k}", f"阳光第{k}社区", "城东街道") for k in range(count))


def columns(count, label="指标{}"):
    return tuple(Column(f"c{k}", label.format(k), f"definition {k}\n≥ 90%") for k in range(count))


def statuses(row_count, column_count):
    return np.random.default_rng(5).integers(0, 5, (row_count, column_count), np.uint8)


def status_grid(row_count=30, column_count=20, details=None):
    return StatusMatrix(rows(row_count), columns(column_count), statuses(row_count, column_count), details)


def rate_grid(*cells):
    """One row whose cells have these counts."""
    return RateMatrix(rows(1), columns(len(cells)), np.array([cells], np.uint16))


def before(locator):
    return locator.evaluate("cell => getComputedStyle(cell, '::before').content.replaceAll('\"', '')")


def test_every_status_has_its_own_colour_and_glyph(harness):
    harness.show(StatusMatrix(rows(1), columns(5), np.arange(5, dtype=np.uint8).reshape(1, 5)))
    cells = [harness.cell(1, c) for c in range(1, 6)]
    assert [before(cell) for cell in cells] == ["✓", "▲", "✕", "?", "–"]
    looks = {cell.evaluate("cell => getComputedStyle(cell).background") for cell in cells}
    assert len(looks) == 5


@pytest.mark.parametrize(
    ("counts", "text", "classes"),
    [
        ((71, 0, 0, 14), "100", "rate step4 earned"),
        ((71, 0, 1, 0), "100", "rate step4 incomplete"),
        ((62, 9, 17, 14), "87", "rate step3 incomplete"),
        ((4, 0, 1, 0), "100", "rate step4 incomplete"),  # a fifth may be missing
        ((62, 9, 18, 14), "62/71\n缺18", "unsure"),
        ((0, 1, 8, 0), "0/1\n缺8", "unsure"),  # not 0 %
        ((1, 0, 8, 0), "1/1\n缺8", "unsure"),  # nor 100 %
        ((1200, 1800, 900, 0), "40%\n缺23%", "unsure"),
        ((0, 9, 0, 0), "0", "rate step0"),
        ((1, 3, 0, 0), "25", "rate step1"),
        ((1, 1, 0, 0), "50", "rate step2"),
        ((745, 255, 0, 0), "75", "rate step3"),  # the colour belongs to the number that is read
        ((744, 256, 0, 0), "74", "rate step2"),
        ((9, 1, 0, 0), "90", "rate step4"),
        ((199, 1, 0, 0), "99", "rate step4"),
        ((1, 299, 0, 0), "1", "rate step0"),
        ((0, 0, 5, 2), "", "no_data"),
        ((0, 0, 0, 5), "", "not_applicable"),
        ((0, 0, 0, 0), "", "not_applicable"),
    ],
)
def test_a_rate_cell_says_its_percentage_or_why_not(harness, counts, text, classes):
    harness.show(rate_grid(counts))
    assert "\n".join(harness.cell(1, 1).inner_text().split()) == text
    assert harness.cell(1, 1).get_attribute("class") == classes


def test_averages_are_of_summed_counts(harness):
    counts = np.array([[(1, 0, 0, 0), (10, 30, 1, 0)], [(0, 1, 0, 0), (0, 0, 2, 3)]], np.uint16)
    harness.show(RateMatrix(rows(2), columns(2), counts))
    texts = [["".join(harness.cell(r, c).inner_text().split()) for c in (1, 2, 3)] for r in (1, 2, 3)]
    assert texts == [["100", "25", "27"], ["0", "", "0/1缺2"], ["50", "25", "26"]]
    assert [harness.cell(2, 3).get_attribute("class"), harness.cell(3, 3).get_attribute("class")] == ["unsure average", "rate step1 incomplete average"]
    assert "earned" not in harness.cell(1, 3).get_attribute("class")
    harness.show(StatusMatrix(rows(2), columns(2), np.array([[0, 1], [3, 4]], np.uint8)))
    assert ["".join(harness.cell(row, 3).inner_text().split()) for row in (1, 2, 3)] == ["50", "", "1/2缺1"]
    assert "no_data" in harness.cell(2, 3).get_attribute("class")


def test_hover_and_focus_explain(harness):
    harness.show(rate_grid((62, 9, 17, 14), (71, 0, 0, 0), (0, 1, 8, 0)))
    harness.cell(1, 3).hover()
    assert harness.tip().inner_text().splitlines()[2:4] == ["0/1 · 缺8 · 不适用0", "word unsure"]
    harness.cell(1, 1).hover()
    lines = [
        "阳光第0社区 · 指标0",
        "城东街道",
        "87% compliant",
        "62/71 · 缺17 · 不适用14",
        "definition 0",
        "≥ 90%",
        "word open",
    ]
    assert harness.tip().inner_text().splitlines() == lines
    assert harness.cell(1, 1).get_attribute("aria-label").splitlines() == lines
    assert harness.page.locator(".pointed").all_inner_texts() == ["指标0", "阳光第0社区"]
    assert harness.cell(1, 2).get_attribute("aria-label") is None  # labels are made when needed
    harness.cell(1, 2).focus()
    assert "word earned" in harness.tip().inner_text()
    harness.page.keyboard.press("Escape")
    expect(harness.tip()).to_be_hidden()
    harness.cell(0, 2).hover()
    assert harness.tip().inner_text().splitlines() == ["指标1", "definition 1", "≥ 90%", "word open"]
    assert harness.page.locator(".pointed").all_inner_texts() == ["指标1"]
    harness.cell(2, 4).hover()
    assert harness.tip().inner_text().splitlines() == [
        "word average · word average",
        "93% compliant",
        "133/143 · 缺25 · 不适用14",
    ]
    harness.page.mouse.move(5, 5)
    harness.cell(0, 0).focus()
    assert harness.tip().inner_text() == "word corner"


def test_details_are_shown_exactly(harness):
    details = np.array([[89.9999, 1234567, np.nan, -0.5]], np.float32)
    harness.show(StatusMatrix(rows(1), columns(4), np.array([[1, 0, 3, 2]], np.uint8), details))
    said = []
    for column in range(1, 5):
        harness.cell(1, column).hover()
        said.append(harness.tip().locator(".verdict").inner_text().splitlines())
    assert said == [
        ["word near", "value 89.9999"],
        ["word met", "value 1,234,567"],
        ["word no_data"],
        ["word unmet", "value -0.5"],
    ]


@pytest.mark.parametrize("place", [(1, 1), (1, 104), (40, 1), (41, 104)])
def test_the_tooltip_stays_inside_the_window(harness, place):
    long = tuple(Column(f"c{k}", f"label {k}", "a long definition " * 30) for k in range(103))
    harness.show(StatusMatrix(rows(40), long, statuses(40, 103)))
    harness.cell(*place).focus()
    box = harness.tip().bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1440
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900


def test_keys_move_without_a_rerun(harness):
    harness.show(status_grid(30, 20))
    assert harness.page.locator(".grid [tabindex='0']").count() == 1
    harness.page.keyboard.press("Tab")
    walk = [
        ("ArrowRight", (1, 2)), ("ArrowDown", (2, 2)), ("ArrowLeft", (2, 1)), ("ArrowLeft", (2, 0)),
        ("ArrowLeft", (2, 0)), ("ArrowUp", (1, 0)), ("ArrowUp", (0, 0)), ("ArrowUp", (0, 0)),
        ("End", (0, 21)), ("ArrowRight", (0, 21)), ("Home", (0, 0)),
        ("Control+End", (31, 21)), ("ArrowDown", (31, 21)), ("Control+Home", (0, 0)),
    ]  # fmt: skip
    assert harness.place() == (1, 1)
    for key, place in walk:
        harness.page.keyboard.press(key)
        assert harness.place() == place, key
    harness.page.keyboard.press("PageDown")
    down = harness.place()[0]
    assert 5 < down < 31
    harness.page.keyboard.press("PageUp")
    assert harness.place() == (0, 0)
    assert harness.page.locator(".grid [tabindex='0']").count() == 1
    assert harness.opened() == []


def test_a_focused_cell_is_never_under_the_sticky_edges(harness):
    harness.show(status_grid(200, 103), height=400)
    harness.cell(100, 50).focus()
    for key in ["ArrowUp"] * 15 + ["ArrowLeft"] * 40 + ["PageDown"] * 3 + ["PageUp"] * 4 + ["ArrowRight"] * 60:
        harness.page.keyboard.press(key)
        on_top = harness.page.evaluate(
            """() => { const cell = root.activeElement, box = cell.getBoundingClientRect();
            return root.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === cell }"""
        )
        assert on_top, (key, harness.place())


def test_enter_space_and_click_open(harness):
    harness.show(status_grid(3, 3))
    harness.cell(1, 1).focus()
    harness.page.keyboard.press("Enter")
    harness.page.keyboard.press("ArrowRight")
    harness.page.keyboard.press("Space")
    harness.cell(3, 3).click()
    harness.cell(2, 0).click()
    harness.cell(0, 2).click()
    harness.cell(2, 4).click()
    harness.cell(4, 3).click()
    harness.cell(0, 0).click()
    harness.cell(4, 4).click()
    assert harness.opened() == [
        ("r0", "c0"),
        ("r0", "c1"),
        ("r2", "c2"),
        ("r1", ""),
        ("", "c1"),
        ("r1", ""),
        ("", "c2"),
    ]


@pytest.mark.parametrize("harness", [PHONE], indirect=True)
def test_a_first_tap_explains_and_a_second_opens(harness):
    harness.show(status_grid(5, 20))
    harness.cell(2, 2).tap()
    assert harness.opened() == []
    assert "word tap_again" in harness.tip().inner_text()
    box = harness.tip().bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    harness.cell(3, 3).tap()
    assert harness.opened() == []
    harness.cell(3, 3).tap()
    assert harness.opened() == [("r2", "c2")]
    harness.page.touchscreen.tap(10, 700)
    expect(harness.tip()).to_be_hidden()
    harness.cell(3, 3).tap()
    assert harness.opened() == [("r2", "c2")]


@pytest.mark.parametrize("harness", [PHONE], indirect=True)
@pytest.mark.parametrize("column_count", [14, 103])
def test_a_phone_scrolls_the_grid_and_not_the_page(harness, column_count):
    harness.show(status_grid(20, column_count))
    assert harness.page.evaluate("document.documentElement.scrollWidth") == 390
    assert harness.page.evaluate("(() => { const box = root.querySelector('.box'); return box.scrollWidth > box.clientWidth })()")
    assert harness.cell(1, 0).bounding_box()["width"] <= 110


def test_header_and_first_column_stay(harness):
    harness.show(status_grid(100, 103))
    before_scroll = harness.cell(0, 0).bounding_box()
    harness.page.evaluate("root.querySelector('.box').scrollTo(900, 900)")
    assert harness.cell(0, 0).bounding_box() == before_scroll
    assert harness.cell(40, 0).bounding_box()["x"] == before_scroll["x"]
    assert harness.cell(0, 40).bounding_box()["y"] == before_scroll["y"]


NASTY = """<script>alert(1)</script><img src=x onerror=alert(2)>"'`&amp;{met}"""


def test_names_are_text(harness):
    nasty = (Row(NASTY, NASTY, NASTY),)
    harness.show(
        StatusMatrix(nasty, (Column(NASTY, NASTY, NASTY),), np.zeros((1, 1), np.uint8)),
        (NASTY, NASTY),
        words={word: f"{NASTY}{word}" for word in WORDS},
    )
    assert harness.cell(1, 0).inner_text() == NASTY
    assert harness.cell(0, 1).inner_text() == NASTY
    harness.cell(1, 1).click()
    assert harness.tip().locator(".hint").inner_text() == NASTY
    assert harness.opened() == [(NASTY, NASTY)]
    assert harness.page.evaluate("root.querySelectorAll('script, img').length") == 0


def test_the_same_sig_rebuilds_nothing_and_keeps_the_keyboard(harness):
    harness.show(status_grid())
    harness.cell(5, 5).focus()
    harness.page.evaluate("window.first = root.querySelector('.grid').firstChild")
    harness.show(status_grid(), ("r1", "c1"))
    assert harness.page.evaluate("first === root.querySelector('.grid').firstChild")
    assert harness.place() == (5, 5)
    harness.page.keyboard.press("Enter")
    assert harness.opened() == [("r4", "c4")]


def test_a_rebuild_finds_the_keyboards_cell_again(harness):
    harness.show(status_grid(30, 20))
    harness.cell(5, 5).focus()
    matrix = status_grid(30, 20)
    harness.show(StatusMatrix(matrix.rows[2:], matrix.columns[1:], matrix.statuses[2:, 1:]))
    assert harness.place() == (3, 4)
    harness.show(StatusMatrix(matrix.rows[:2], matrix.columns[:1], matrix.statuses[:2, :1]))
    assert harness.place() == (2, 1)  # r4 and c4 are gone: the nearest place
    for key, place in [("End", (2, 21)), ("Home", (2, 0)), ("Control+Home", (0, 0)), ("Control+End", (31, 21))]:
        harness.show(StatusMatrix(matrix.rows[:4], matrix.columns[:5], matrix.statuses[:4, :5]))
        harness.cell(2, 1).focus()
        harness.page.keyboard.press(key)
        harness.show(matrix)
        assert harness.place() == place  # a header stays a header, an average an average


def test_a_rebuild_does_not_steal_the_keyboard(harness):
    harness.show(status_grid(30, 20))
    harness.show(status_grid(20, 20))
    assert harness.place() == ()


def test_the_selected_cell_is_marked_and_brought_into_view(harness):
    harness.show(status_grid(200, 103), ("r150", "c90"))
    selected = harness.page.locator("[aria-selected=true]")
    assert selected.count() == 1
    inner, outer = selected.bounding_box(), harness.page.locator(".box").bounding_box()
    assert outer["x"] + 172 < inner["x"] < outer["x"] + outer["width"] - 52
    assert outer["y"] + 60 < inner["y"] < outer["y"] + outer["height"] - 28
    assert harness.page.evaluate("scrollY") == 0  # only the box moves
    assert selected.get_attribute("tabindex") == "0"
    harness.show(status_grid(200, 103), ("r150", ""))
    assert harness.page.locator(".side[aria-selected=true]").inner_text() == "阳光第150社区"
    harness.show(status_grid(200, 103), ("gone", "c90"))
    assert selected.count() == 0


def test_the_selection_moves_without_new_data(harness):
    harness.show(status_grid(200, 103), ("r150", "c90"))
    harness.page.evaluate("() => { window.kept = root.querySelector('[aria-selected=true]') }")
    harness.select(("r3", "c4"))
    assert harness.cell(4, 5).get_attribute("aria-selected") == "true"
    assert harness.page.evaluate("kept.isConnected && !kept.hasAttribute('aria-selected')")  # nothing was built again
    harness.select(None)
    assert harness.page.locator("[aria-selected=true]").count() == 0


def test_without_a_choice_the_grid_itself_says_what_was_opened(harness):
    harness.show(status_grid(), is_chosen_in=False)
    harness.cell(2, 3).click()
    assert harness.opened() == [("r1", "c2")]
    harness.select(None)
    harness.cell(3, 3).click()
    assert harness.opened() == [("r1", "c2"), ("r2", "c2")]


def test_a_rerun_leaves_the_scroll_alone(harness):
    harness.show(status_grid(200, 103), ("r150", "c90"))
    harness.page.evaluate("root.querySelector('.box').scrollTo(0, 0)")
    harness.show(status_grid(200, 103), ("r150", "c90"))
    assert harness.page.evaluate("root.querySelector('.box').scrollTop") == 0


def test_cleanup_removes_the_listeners_and_a_late_one_does_not(harness):
    harness.show(status_grid())
    harness.page.evaluate("window.old = cleanup")
    harness.show(status_grid(), ("r1", "c1"))
    harness.page.evaluate("old()")  # of a superseded run
    harness.cell(1, 1).click()
    assert len(harness.opened()) == 1
    harness.page.evaluate("cleanup()")
    harness.cell(2, 2).click()
    harness.cell(3, 3).hover()
    assert len(harness.opened()) == 1
    expect(harness.tip()).to_be_hidden()
    harness.show(status_grid())  # mounted again
    harness.cell(2, 2).click()
    assert len(harness.opened()) == 2


def test_roles_and_counts(harness):
    harness.show(status_grid(30, 20))
    table = harness.page.locator("[role=grid]")
    assert [table.get_attribute(name) for name in ("aria-rowcount", "aria-colcount", "aria-label")] == [
        "32",
        "22",
        "word grid",
    ]
    roles = {"row": 32, "columnheader": 22, "rowheader": 31, "gridcell": 31 * 21}
    assert {role: harness.page.locator(f".grid [role={role}]").count() for role in roles} == roles
    assert harness.page.locator(".legend").get_attribute("aria-label") == "word legend"


@pytest.mark.parametrize(
    ("matrix", "entries"),
    [
        (status_grid(2, 2), ["met", "near", "unmet", "no_data", "not_applicable", *[None] * 5, "incomplete", "unsure"]),
        (rate_grid((1, 1, 1, 1)), [*[None] * 5, "earned", "incomplete", "unsure", "no_data", "not_applicable"]),
    ],
)
def test_the_legend_names_every_look(harness, matrix, entries):
    harness.show(matrix)
    texts = harness.page.locator(".legend li").all_inner_texts()
    steps = iter(["0–24%", "25–49%", "50–74%", "75–89%", "90–100%"])
    assert [text.strip() for text in texts] == [f"word {entry}" if entry else next(steps) for entry in entries]


@pytest.mark.parametrize(
    ("count", "label", "mode"),
    [(14, "指标{}", "horizontal-tb"), (15, "指标{}", "vertical-rl"), (15, "Rate {}", "vertical-rl")],
)
def test_labels_stand_upright_when_there_are_many(harness, count, label, mode):
    harness.show(StatusMatrix(rows(2), columns(count, label), statuses(2, count)))
    style = "span => [getComputedStyle(span).writingMode, getComputedStyle(span).transform !== 'none']"
    assert harness.cell(0, 3).locator("span").evaluate(style) == [mode, label.startswith("Rate")]


CONTRAST = """() => {
  const parse = (text) => {
    const parts = text.match(/-?[\\d.]+/g).map(Number).slice(0, 3);
    return text.startsWith("color(") ? parts : parts.map((part) => part / 255);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.createElement("div");
  root.querySelector(".frame").append(probe);
  const found = {};
  const steps = ["step0", "step1", "step2", "step3", "step4"];
  for (const look of ["met", "near", "unmet", "not_applicable", "no_data", ...steps]) {
    probe.className = look;
    for (const ground of look === "no_data" ? ["var(--hatch)", "var(--gap)"] : [""]) {
      probe.style.backgroundColor = ground;
      const style = getComputedStyle(probe);
      const [ink, paper] = [light(parse(style.color)), light(parse(style.backgroundColor))];
      found[look + ground] = [(Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05), paper];
    }
  }
  probe.remove();
  return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_and_the_scale_survives_grey_print(harness, theme):
    harness.show(status_grid(2, 2), theme=theme)
    found = harness.page.evaluate(CONTRAST)
    assert {look: round(ratio, 2) for look, (ratio, _) in found.items() if ratio < 4.5} == {}
    scale = [found[f"step{k}"][1] for k in range(5)]
    severity = [found[look][1] for look in ("unmet", "near", "met")]
    assert scale == sorted(scale, reverse=theme == "dark")
    assert severity == sorted(severity, reverse=theme == "dark")
    worst_first = scale if theme == "light" else scale[::-1]
    assert min((b + 0.05) / (a + 0.05) for a, b in pairwise(worst_first)) > 1.25


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("column_count", [14, 103])
def test_print_clips_nothing_and_is_light(harness, theme, column_count):
    harness.show(status_grid(60, column_count), theme=theme)
    harness.page.set_viewport_size({"width": 1040, "height": 720})  # A4 landscape
    harness.page.emulate_media(media="print")
    box = harness.page.locator(".box")
    assert box.evaluate("box => box.scrollHeight === box.clientHeight && box.scrollWidth <= box.clientWidth")
    assert box.evaluate("box => box.clientHeight") > 60 * 15
    assert harness.cell(61, column_count + 1).bounding_box()["x"] < 1040
    assert harness.cell(1, 0).evaluate("cell => [getComputedStyle(cell).color, getComputedStyle(cell).backgroundColor]") == [
        "rgb(17, 17, 17)",
        "rgb(255, 255, 255)",
    ]
    assert harness.cell(1, 1).evaluate("cell => getComputedStyle(cell).printColorAdjust") == "exact"


def test_on_paper_every_cell_stands_in_its_row(harness):
    harness.show(rate_grid((5, 0, 0, 0), (1, 4, 0, 0), (1, 1, 8, 0), (0, 0, 2, 0)))
    harness.page.emulate_media(media="print")
    for row in (0, 1, 2):
        tops = harness.page.locator(f".grid > div:nth-child({row + 1}) > div").evaluate_all("cells => cells.map((cell) => cell.getBoundingClientRect().top)")
        assert len(tops) == 6
        assert len(set(tops)) == 1, row


@pytest.mark.parametrize("harness", [{"reduced_motion": "reduce"}], indirect=True)
def test_reduced_motion_is_respected(harness):
    harness.show(status_grid())
    assert harness.tip().evaluate("tip => getComputedStyle(tip).animationName") == "none"


def test_an_empty_matrix_shows_its_frame(harness):
    harness.show(StatusMatrix((), (), np.empty((0, 0), np.uint8)))
    assert harness.cell(0, 0).inner_text() == "word corner"
    harness.page.keyboard.press("Tab")
    harness.page.keyboard.press("Enter")
    assert harness.opened() == []


def test_500_by_103_are_built_in_time(harness):
    details = np.round(np.random.default_rng(2).random((500, 103)) * 100, 1).astype(np.float32)
    data = [json.dumps({**payload(status_grid(500, 103 - k, details[:, k:]), TEXTS), "height": None}) for k in range(5)]
    harness.show(status_grid(2, 2))
    times = harness.page.evaluate(
        """data => data.map((text) => {
          const next = JSON.parse(text), start = performance.now();
          run(next);
          return performance.now() - start;
        })""",
        data,
    )
    assert min(times) < 150, times  # a busy machine slows some of them, not all
