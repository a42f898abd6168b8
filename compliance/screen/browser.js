// What a page cannot say in HTML: its language, Streamlit's own English words in the reader's language, where to scroll to, and charts as files.

const ATTRIBUTES = ["aria-label", "title", "placeholder"];
const OURS = ".stHtml, svg"; // words of our own are in the right language already, and data may say anything
// A page that is opened again may load this file again: what listens is installed once, and all of it looks here.
const shared = (window.complianceFrame ??= { exact: new Map(), patterns: [], pages: [], goal: "", told: "", installed: false });

// pairs: [what Streamlit says, what is to be read]; {n} stands for whatever it fills in.
function learn(pairs) {
  shared.exact = new Map(pairs.filter(([said]) => !said.includes("{n}")));
  shared.patterns = pairs.filter(([said]) => said.includes("{n}")).map(([said, read]) => {
    const [head, tail] = said.split("{n}");
    return { head, tail, read };
  });
}

function inOurWords(text) {
  const said = text.trim();
  if (!said || said.length > 200) return null;
  const exact = shared.exact.get(said);
  if (exact) return text.replace(said, exact);
  for (const { head, tail, read } of shared.patterns)
    if (said.length > head.length + tail.length && said.startsWith(head) && said.endsWith(tail))
      return text.replace(said, read.replace("{n}", said.slice(head.length, said.length - tail.length)));
  return null;
}

function translate(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const read = node.parentElement?.closest(OURS) ? null : inOurWords(node.nodeValue);
    if (read !== null) node.nodeValue = read;
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || node.closest(OURS)) return;
  for (const name of ATTRIBUTES) {
    const read = node.hasAttribute(name) ? inOurWords(node.getAttribute(name)) : null;
    if (read !== null) node.setAttribute(name, read);
  }
  for (const child of node.childNodes) translate(child);
}

function retranslate(records) {
  for (const { type, target, addedNodes, attributeName } of records) {
    if (type === "childList") addedNodes.forEach(translate);
    else if (type === "characterData") translate(target);
    else {
      const read = target.closest(OURS) ? null : inOurWords(target.getAttribute(attributeName) ?? "");
      if (read !== null) target.setAttribute(attributeName, read); // what was translated is no word of Streamlit's any more: no loop
    }
  }
}

// -- charts as files --------------------------------------------------------------------------------------------------

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Plotly is not reachable from here, but its own camera button is: it draws in the format that the chart's settings name at that moment.
function savePlot(plot, format) {
  const settings = plot._context;
  const camera = plot.querySelector(".modebar-btn");
  const usual = settings.toImageButtonOptions;
  settings.toImageButtonOptions = { ...usual, format, scale: format === "svg" ? 1 : usual.scale };
  camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  settings.toImageButtonOptions = usual;
}

async function savePicture(target, format, name) {
  const { svg, width, height } = drawing(target);
  const blob = new Blob([svg], { type: "image/svg+xml" });
  if (format === "svg") return save(blob, `${name}.svg`);
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.min(2, 8000 / width, 8000 / height);
  [canvas.width, canvas.height] = [width * scale, height * scale];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  canvas.toBlob((picture) => save(picture, `${name}.png`), "image/png");
}

function take(button) {
  const { picture, format, name } = button.dataset;
  const target = document.querySelector(picture);
  const drawn = target?.querySelector("details > .spine");
  if (drawn && !drawn.checkVisibility()) reveal(drawn);
  const plot = target?.querySelector(".js-plotly-plot");
  if (plot) savePlot(plot, format);
  else if (target) savePicture(target, format, name);
}

// -- the address ------------------------------------------------------------------------------------------------------

// st.switch_page leaves two entries in the history: the new parameters at the old page, then the new page. The first would make Back a dead end.
function mendHistory() {
  const push = history.pushState.bind(history);
  let newest = {};
  history.pushState = (state, title, url) => {
    const goal = new URL(url ?? "", location.href);
    const isSecondHalf = newest.href === location.href && performance.now() - newest.at < 3000
      && goal.search === location.search && goal.pathname !== location.pathname;
    if (isSecondHalf) history.replaceState(state, title, url);
    else push(state, title, url);
    newest = { href: location.href, at: performance.now() };
  };
}

// A link that is written as HTML is opened as Back opens a page: the address first, then Streamlit is told that it changed. It runs the page in the
// session that is there, where the browser would load the whole app again. Whatever is not plainly such a link is left to the browser.
function openLink(event) {
  const link = event.target.closest?.(".stHtml a[href]");
  if (!link || link.target || link.download || event.defaultPrevented) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const goal = goalOf(link);
  const path = goal.pathname.split("/");
  const isOurs = goal.origin === location.origin && shared.pages.includes(path.pop()) && path.join("/") === location.pathname.replace(/\/[^/]*$/, "");
  const isPlaceHere = goal.hash && goal.pathname === location.pathname && goal.search === location.search;
  if (isPlaceHere) reveal(document.getElementById(placeOf(goal)));
  if (!isOurs || isPlaceHere || !isConnected()) return;
  event.preventDefault();
  if (event.detail > 1) return; // the second half of a double click, on whatever lies there by then
  visit(goal);
  startAt(shared.goal);
  const same = ({ pathname }) => pathname === link.pathname;
  if (link.closest(".menu")) keepFocus(() => [...document.querySelectorAll(".menu a[aria-current=page]")].find(same));
}

const isConnected = () => document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState === "CONNECTED";

function visit(goal) {
  const change = goal.href === location.href ? "replaceState" : "pushState";
  History.prototype[change].call(history, {}, "", goal); // not our own, which mends what st.switch_page does
  shared.goal = placeOf(goal);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// One of the sidebar's lists: what is chosen is another address of this view, as it is by now.
function choose({ target }) {
  if (!target.matches?.(".choices select")) return;
  const goal = new URL(location.href);
  const [{ dataset, value }] = target.selectedOptions;
  for (const name of [target.dataset.parameter, ...dataset.resets.split(" ")]) goal.searchParams.delete(name);
  if (value) goal.searchParams.set(target.dataset.parameter, value);
  if (!isConnected()) return location.assign(goal);
  visit(goal);
  keepFocus(() => [...document.querySelectorAll(".choices select")].find((each) => each !== target && each.dataset.parameter === target.dataset.parameter));
}

// Another language of this very view, or the view with some parameters set: the page may have written more into the address since it wrote the link.
function goalOf(link) {
  const { language, sets } = link.dataset;
  if (!language && !sets) return new URL(link.href);
  const here = new URL(location.href);
  if (language) here.searchParams.set("lang", language);
  if (sets) here.hash = new URL(link.href).hash;
  for (const [name, value] of new URLSearchParams(sets)) here.searchParams.set(name, value);
  return here;
}

// Menu and lists are written anew with the page; whoever goes through them by keyboard goes on from where they were. find: what stands there instead, once it does.
function keepFocus(find) {
  const once = new MutationObserver(() => {
    const same = find();
    if (!same) return;
    once.disconnect();
    if (!document.activeElement || document.activeElement === document.body) same.focus({ preventScroll: true });
  });
  once.observe(document.querySelector("[data-testid=stSidebar]"), { subtree: true, childList: true });
  setTimeout(() => once.disconnect(), 15_000);
}

const placeOf = ({ hash }) => decodeURIComponent(hash.slice(1));

// Where the browser would begin, but only when there is something new to see.
function startAt(id) {
  const main = document.querySelector("[data-testid=stMain]");
  const once = new MutationObserver(() => {
    once.disconnect();
    main.scrollTop = 0;
    if (id) scrollTo(id);
  });
  once.observe(main, { subtree: true, childList: true });
}

// navigator.clipboard is there on secure addresses only; in an office network the older way works, and at worst the address is shown to be copied by hand.
async function copyLink(button) {
  const shown = document.getElementById("copied-link");
  const address = new URL(location.href);
  for (const [name, value] of new URLSearchParams(button.dataset.parameters)) if (!address.searchParams.has(name)) address.searchParams.set(name, value);
  const copyTheOldWay = () => {
    shown.hidden = false; shown.value = address.href; shown.select();
    shown.hidden = document.execCommand("copy");
    return shown.hidden;
  };
  let done = false;
  try { await navigator.clipboard.writeText(address.href); done = true; } catch { done = copyTheOldWay(); }
  document.getElementById("copied-only-here").hidden = !/^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
  button.textContent = done ? button.dataset.done : button.dataset.byHand;
  setTimeout(() => { button.textContent = button.dataset.name; }, 2500);
}

// What a reader unfolds in a page's HTML stands in the address (`open`): those parts that are not as the page has them. No run is needed for it.
const partsNamed = () => (new URLSearchParams(location.search).get("open") ?? "").split(",").filter(Boolean);

function nameParts(names) {
  const here = new URL(location.href);
  here.searchParams.delete("open");
  if (names.length) here.searchParams.set("open", names.join(","));
  History.prototype.replaceState.call(history, history.state, "", here);
}

// A click by keyboard is a click, too; what it does to the part comes after this.
function noteUnfolding({ target, defaultPrevented }) {
  const part = target.closest?.("summary")?.closest("details[data-part]");
  if (!part || defaultPrevented || target.closest("summary a, summary button")) return;
  noteTurn(part);
}

function noteTurn(part) {
  const name = encodeURIComponent(part.dataset.part);
  const others = partsNamed().filter((each) => each !== name);
  const isTurned = part.toggleAttribute("data-turned");
  nameParts(isTurned ? [...others, name] : others);
}

// Whoever is led to a place finds it unfolded, and all that it stands in.
function reveal(place) {
  unfold();
  for (let part = place?.closest("details"); part; part = part.parentElement.closest("details")) {
    if (part.open) continue;
    part.open = true;
    if (part.dataset.part) noteTurn(part);
  }
}

// The address on one side, the parts that stand on the page on the other: a page that is made anew has them as they come.
function unfold() {
  const names = new Set(partsNamed());
  if (!names.size && !document.querySelector("details[data-turned]")) return;
  for (const part of document.querySelectorAll("details[data-part]")) {
    const isNamed = names.has(encodeURIComponent(part.dataset.part));
    if (isNamed === part.hasAttribute("data-turned")) continue;
    part.toggleAttribute("data-turned", isNamed);
    part.open = !part.open;
  }
}

// -- at every change ----------------------------------------------------------------------------------------------------

const isRunning = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";

// The place may come later than this, and what follows it later still: the page's body is written after the frame. Whoever scrolls meanwhile is let be.
function scrollTo(id, isRead = false) {
  const until = performance.now() + 15_000;
  let isLetBe = false;
  const letBe = () => { isLetBe = true; };
  for (const act of ["wheel", "touchmove", "keydown", "pointerdown"]) document.addEventListener(act, letBe, { once: true, passive: true });
  const seek = () => {
    if (isLetBe || performance.now() > until) return;
    const goal = document.getElementById(id);
    reveal(goal);
    goal?.scrollIntoView({ block: "start" });
    if (isRead) goal?.focus({ preventScroll: true });
    if (!goal || isRunning()) setTimeout(seek, 100);
  };
  seek();
}

// What was just done is said where it concerns, which may be far from the button that was pressed. Each word is brought into view, and read out, once.
function attend() {
  const said = document.querySelector("[data-told]");
  if (!said || said.id === shared.told) return;
  shared.told = said.id;
  scrollTo(said.id, true);
}

// On a phone the menu lies over the page, and Streamlit leaves it there when a page was chosen.
function closeMenu() {
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}

// Plotly draws in pixels and in the colours of its theme; what is marked here the paper's style (shell.css) scales to the sheet and turns light.
function prepareCharts() {
  const isDark = getComputedStyle(document.querySelector(".stApp")).colorScheme === "dark";
  for (const chart of document.querySelectorAll(".stPlotlyChart")) chart.classList.toggle("drawn-by-night", isDark);
  for (const drawing of document.querySelectorAll(".stPlotlyChart .main-svg")) {
    const [width, height] = ["width", "height"].map((side) => drawing.getAttribute(side));
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("preserveAspectRatio", "xMinYMin");
    drawing.style.setProperty("--drawn-width", `${width}px`);
    drawing.style.setProperty("--drawn-height", `${height}px`);
  }
}

function install() {
  if (shared.installed) return;
  shared.installed = true;
  mendHistory();
  document.addEventListener("click", openLink);
  document.addEventListener("change", choose);
  document.addEventListener("click", noteUnfolding);
  addEventListener("beforeprint", prepareCharts);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button[data-picture], #copy-link");
    if (button) (button.id === "copy-link" ? copyLink : take)(button);
    if (target.closest?.(".menu a") && matchMedia("(max-width: 768px)").matches) closeMenu();
  });
  const what = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES };
  new MutationObserver((records) => { retranslate(records); attend(); unfold(); }).observe(document.body, what);
}

export default function ({ data }) {
  install();
  document.documentElement.lang = data.language;
  learn(data.pairs);
  shared.pages = data.pages;
  translate(document.body);
  unfold();
  const goal = data.goal || placeOf(location); // the browser looked for the heading before there was one
  if (goal && goal !== shared.goal) scrollTo(goal);
  shared.goal = goal;
}
