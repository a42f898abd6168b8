// The heatmap in the browser. `grid.py` says what `data` holds; every word on screen comes from `data.words`.
// Row 0 is the header and row n + 1 the averages; column 0 is the header and column m + 1 the averages.

const STATUSES = ["met", "near", "unmet", "no_data", "not_applicable"];
const WRAP_AT_MOST = 14; // with more columns the labels stand upright, however wide the page
const NOTES_ASIDE = 900; // px of room from which a row's note stands beside its name (grid.css)
const LONGEST_COUNT = 1000; // from here on shares stand in a cell, counts would not fit
const FOLLOWED = 3000; // ms for which the chosen cell is kept in sight while the page around it is still being built
const EDGE = 8; // px between the tooltip and the window's edge
const CJK = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/;
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 12 });

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
// In widths of a Chinese letter; others take about half of one.
const breadth = (text) => [...text].reduce((sum, letter) => sum + (CJK.test(letter) ? 1 : 0.55), 0);
const clamp = (value, low, high) => Math.max(low, Math.min(value, high));

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text; // names come from uploaded files: never innerHTML
  return made;
}

// Reads number `row` of field `field` as `_packed` in grid.py wrote it: fields one after the other, most significant bit first.
function unpacker({ bits, bytes }, rows) {
  const text = atob(bytes);
  const octets = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) octets[k] = text.charCodeAt(k);
  const starts = [0];
  for (const width of bits) starts.push(starts.at(-1) + width * rows);
  return (field, row) => {
    let value = 0;
    const start = starts[field] + row * bits[field];
    for (let k = start; k < start + bits[field]; k++) value = value * 2 + ((octets[k >> 3] >> (7 - (k & 7))) & 1);
    return value;
  };
}

const markup = (look, text = "") => `<div class="${look}" role="gridcell" tabindex="-1">${text}</div>`;
const STATUS_MARKUP = STATUSES.map((status) => markup(status));

function percent(met, judged) {
  if (met === judged) return 100;
  return clamp(Math.round((100 * met) / judged), met ? 1 : 0, 99); // 199 of 200 must not read 100 %, nor 1 of 300 read 0 %
}

// What the matrix says: `cellMarkup` of a place for the eye, `verdict` in sentences.
function readMatrix({ kind, cells, details, notes, totals, rows, columns, words, bands, most_missing }) {
  const [n, m] = [rows.id.length, columns.id.length];
  const cell = unpacker(cells, n);
  const detail = details && unpacker(details, n);
  const noteOf = new Map(); // place of a cell → what else to say of it
  for (let k = 0; k < (notes?.places.length ?? 0); k += 3) noteOf.set(notes.places[k] * m + notes.places[k + 1], notes.texts[notes.places[k + 2]]);
  const totalAt = (r, c) => (r > n ? (c > m ? totals.all : totals.columns[c - 1]) : c > m ? totals.rows[r - 1] : null);
  const tallyAt = (r, c) => totalAt(r, c) ?? [0, 1, 2, 3].map((k) => cell(4 * (c - 1) + k, r - 1));
  const isStatus = (r, c) => kind === "status" && r <= n && c <= m;
  const isEarned = (r, c, [met, unmet, missing]) => !totalAt(r, c) && met > 0 && !unmet && !missing;
  const isUnsure = ([met, unmet, missing]) => missing > most_missing * (met + unmet + missing); // 0 of 1 with 8 unknown is not 0 %

  function cellMarkup(r, c) {
    if (isStatus(r, c)) return STATUS_MARKUP[cell(c - 1, r - 1)];
    const tally = tallyAt(r, c);
    const [met, unmet, missing] = tally;
    const place = c > m ? " average" : "";
    if (met + unmet === 0) return markup((missing ? "no_data" : "not_applicable") + place); // no verdict is not 0 %
    const shown = percent(met, met + unmet);
    if (isUnsure(tally)) return markup(`unsure${place}`, unsureMarkup(tally));
    const mark = missing ? " incomplete" : isEarned(r, c, tally) ? " earned" : "";
    return markup(`rate step${bands.filter((band) => shown >= band).length}${mark}${place}`, shown);
  }

  function unsureMarkup([met, unmet, missing]) {
    const judged = met + unmet;
    const isLong = Math.max(judged, missing) >= LONGEST_COUNT;
    const share = isLong ? `${percent(met, judged)}%` : `${met}/${judged}`;
    const lacking = isLong ? `${percent(missing, judged + missing)}%` : missing;
    return `<span>${share}</span><span>${escaped(fill(words.lacking, { no_data: lacking }))}</span>`;
  }

  function verdict(r, c) {
    if (isStatus(r, c)) {
      const said = [words[STATUSES[cell(c - 1, r - 1)]], noteOf.get((r - 1) * m + c - 1)].filter(Boolean);
      const raw = detail ? detail(c - 1, r - 1) : 0; // 0 is "no value", 1 the column's lowest
      if (!raw) return said;
      const value = (details.low[c - 1] + raw - 1) / 10 ** details.decimals[c - 1];
      return [...said, fill(words.value, { value: number.format(value) })];
    }
    const tally = tallyAt(r, c);
    const [met, unmet, no_data, not_applicable] = tally;
    const judged = met + unmet;
    const rate = judged ? fill(words.rate, { percent: percent(met, judged) }) : words[no_data ? "no_data" : "not_applicable"];
    const parts = fill(words.parts, { met, judged, no_data, not_applicable });
    if (judged && isUnsure(tally)) return [parts, words.unsure];
    return isEarned(r, c, tally) ? [rate, parts, words.earned] : [rate, parts];
  }
  return { n, m, cellMarkup, verdict };
}

function legend({ kind, words, bands }) {
  const entry = (look, text) => {
    const item = element("li", "");
    item.append(element("span", `swatch ${look}`), element("span", "", text));
    return item;
  };
  const named = (names) => names.map((name) => entry(name, words[name]));
  const steps = [0, ...bands].map((low, k) => entry(`step${k}`, `${low}–${(bands[k] ?? 101) - 1}%`));
  const partly = [entry("step3 incomplete", words.incomplete), entry("unsure", words.unsure)];
  if (kind === "status") return [...named(STATUSES), ...steps, ...partly]; // the averages are rates
  return [...steps, entry("step4 earned", words.earned), ...partly, ...named(["no_data", "not_applicable"])];
}

function build(grid, { rows, columns, words }, { n, m, cellMarkup }) {
  // One string is the fastest way to 50,000 cells. It holds our own class names and digits only; labels are set below as text.
  const head = '<div class="head" role="columnheader" tabindex="-1"><span></span></div>';
  const side = '<div class="side" role="rowheader" tabindex="-1"></div>';
  let html = `<div class="header" role="row" aria-rowindex="1">${head.repeat(m + 2)}</div>`;
  for (let r = 1; r <= n + 1; r++) {
    html += `<div${r > n ? ' class="averages"' : ""} role="row" aria-rowindex="${r + 1}">${side}`;
    for (let c = 1; c <= m + 1; c++) html += cellMarkup(r, c);
    html += "</div>";
  }
  grid.innerHTML = html;
  const heads = grid.firstChild.children;
  [words.corner, ...columns.label, words.average].forEach((label, c) => {
    heads[c].firstChild.textContent = label;
    heads[c].classList.toggle("cjk", CJK.test(label));
  });
  heads[0].classList.add("side");
  heads[m + 1].classList.add("average");
  [...rows.label, words.average].forEach((label, i) => (grid.children[i + 1].firstChild.textContent = label));
  if (rows.note.length) {
    const noted = [words.noted, ...rows.note, ""];
    noted.forEach((note, i) => {
      const side = grid.children[i].firstChild;
      side.replaceChildren(element("span", "name", side.textContent), element("span", "note", note));
    });
  }
  rows.group.forEach((group, i) => {
    if (!group) return;
    grid.children[i + 1].classList.add("group");
    grid.children[i + 1].firstChild.dataset.group = group;
  });
  grid.setAttribute("aria-label", words.grid);
  grid.setAttribute("aria-rowcount", n + 2);
  grid.setAttribute("aria-colcount", m + 2);
}

// Where the labels have to stand upright for all columns to be seen, and where nothing is left to scroll sideways: cells that stick to an edge are layers
// of their own, which cost most of the time that the matrix takes when it is laid out anew. Widths as in grid.css, rather too wide than too narrow.
function widths({ rows }, m, word, [row, note], upright) {
  const named = clamp(row * 13 + 30, 120, 260);
  const beside = rows.note.length ? clamp(row * 13 + 44, 84, 230) + clamp(note * 12 + 14, 84, 190) : named;
  const above = rows.note.length ? 190 : named;
  const [edge, finger] = [88, 32]; // averages, borders and scrollbar; a cell for a finger
  const [narrow, wide] = [above, beside].map((side) => side + m * clamp(word * 6.6 + 8, 52, 96) + edge);
  const isTight = m > WRAP_AT_MOST ? "(width >= 0px)" : `(width < ${Math.min(narrow, NOTES_ASIDE)}px) or ((width >= ${NOTES_ASIDE}px) and (width < ${wide}px))`;
  const isAllSeen = `(width >= ${beside + m * finger + edge}px)`;
  return `@media screen { @container ${isAllSeen} { .room .grid > div > .side, .room .grid > div > .average { position: static; } } } @container ${isTight} { ${upright} }`;
}

// The place along one axis that has the id that `place` had: a header or an average stays one, of an id that is gone the nearest.
function samePlace(place, before, now) {
  if (place > before.length) return now.length + 1;
  return now.indexOf(before[place - 1]) + 1 || Math.min(place, now.length);
}

function mount(frame) {
  const [box, grid, key] = [".box", ".grid", ".legend"].map((name) => frame.querySelector(name));
  const [tip, style, upright] = [".tip", "style.widths", "template.upright"].map((name) => frame.closest(".room").parentNode.querySelector(name)); // outside: what is laid out in a container would be placed by it
  let data, matrix, emit, listening;
  let stop, selected, explained, armed, told; // cells: tab stop, selected, in the tooltip, in the tooltip when a finger came down, opened last
  let heights = null; // of the head and of a row
  let followed = 0; // until when the selected cell is kept in sight
  let byTouch = false;
  let isStill = false; // the mouse has not moved since something opened or closed: what comes to lie under it was not pointed at
  let pointed = []; // the headers of the explained cell

  const at = (r, c) => grid.children[r]?.children[c];
  const placeOf = (cell) => [cell.parentNode.getAttribute("aria-rowindex") - 1, [...cell.parentNode.children].indexOf(cell)];
  const cellOf = (node) => node?.closest?.(".grid > div > div");
  const focused = () => cellOf(grid.getRootNode().activeElement);
  const idsOf = (cell) => {
    const [r, c] = placeOf(cell);
    return [data.rows.id[r - 1] ?? "", data.columns.id[c - 1] ?? ""]; // "" for a header and for an average
  };
  const find = ([row, column]) => {
    const [r, c] = [data.rows.id.indexOf(row) + 1, data.columns.id.indexOf(column) + 1];
    return (row && !r) || (column && !c) || !(r || c) ? null : at(r, c);
  };

  function update(next, trigger) {
    emit = trigger;
    listen();
    frame.classList.toggle("dark", getComputedStyle(frame).colorScheme === "dark");
    frame.style.setProperty("--height", next.height ? `${next.height}px` : "");
    const changed = data?.sig !== next.sig;
    const chosen = changed || String(data.selected) !== String(next.selected);
    const held = changed && data && focused(); // the keyboard's cell, to be found again after a rebuild
    const [row, column] = held ? placeOf(held) : [1, 1];
    const old = data ?? next;
    data = next;
    if (changed) {
      hide();
      matrix = readMatrix(data);
      build(grid, data, matrix);
      heights = null;
      const longest = Math.max(0, ...data.columns.label.flatMap((label) => label.match(/\w+/g) ?? []).map((word) => word.length));
      frame.style.setProperty("--columns", matrix.m);
      frame.style.setProperty("--longest-word", longest);
      frame.classList.toggle("noted", data.rows.note.length > 0);
      const row = Math.max(0, ...data.rows.label.map((label, i) => breadth(label) + breadth(data.rows.group[i] ?? "")));
      const note = Math.max(0, ...data.rows.note.map(breadth));
      frame.style.setProperty("--longest-row", row);
      frame.style.setProperty("--longest-note", note);
      style.textContent = widths(data, matrix.m, longest, [row, note], upright.content.textContent);
      key.replaceChildren(...legend(data));
      key.setAttribute("aria-label", data.words.legend);
    }
    selected?.removeAttribute("aria-selected");
    selected = data.selected && find(data.selected);
    selected?.setAttribute("aria-selected", "true");
    if (selected && chosen) follow();
    if (held) {
      focus(at(samePlace(row, old.rows.id, data.rows.id), samePlace(column, old.columns.id, data.columns.id)));
      if (isStill) hide(); // what was opened is shown; nobody pointed at what now stands in its place
    } else if (changed) (stop = selected ?? at(1, 1)).tabIndex = 0;
  }

  // Centres a cell that is out of sight; one that is only cut off moves as far as it must. Scrolls the box only: scrollIntoView would move the whole page at every mount.
  function reveal(cell) {
    const [inner, outer] = [cell.getBoundingClientRect(), box.getBoundingClientRect()];
    const [head, side] = [grid.firstChild.offsetHeight, at(0, 0).offsetWidth];
    const [foot, end] = [grid.lastChild.offsetHeight, grid.lastChild.lastChild.offsetWidth];
    const [above, below] = [outer.top + head - inner.top, inner.bottom - (outer.bottom - foot)];
    if (Math.max(above, below) > 2 * inner.height) box.scrollTop += inner.top - outer.top - (box.clientHeight + head - foot) / 2;
    else if (above > 0) box.scrollTop -= above;
    else if (below > 0) box.scrollTop += below;
    if (inner.left < outer.left + side || inner.right > outer.right - end) box.scrollLeft += inner.left - outer.left - (box.clientWidth + side - end) / 2;
  }

  // The page is built in parts, and each may move the cell or lie over it. Once the reader scrolls or types, where they look is up to them.
  function follow() {
    followed = performance.now() + FOLLOWED;
    keepInSight();
  }

  function keepInSight() {
    fit();
    const cell = selected ?? told;
    if (!cell?.isConnected || performance.now() > followed) return;
    reveal(cell);
    if (idsOf(cell).every(Boolean)) cell.scrollIntoView({ block: "nearest", inline: "nearest" }); // of a whole row the page shows what it likes
  }

  // With less room rows are higher (grid.css), and the head may be: the cell that is looked at stays where it is.
  function fit() {
    const now = [grid.firstChild.offsetHeight, grid.lastChild.offsetHeight];
    const anchor = selected ?? told ?? stop;
    if (heights && anchor?.isConnected) {
      const above = placeOf(anchor)[0];
      if (above) box.scrollTop += now[0] - heights[0] + (above - 1) * (now[1] - heights[1]);
    }
    heights = now;
  }

  function explain(cell) {
    if (explained === cell) return;
    hide();
    explained = cell;
    const { rows, columns, words } = data;
    const [r, c] = placeOf(cell);
    const row = r > matrix.n ? words.average : rows.label[r - 1];
    const column = c > matrix.m ? words.average : columns.label[c - 1];
    const lines = [
      ["title", r && c ? `${row} · ${column}` : (row ?? column ?? words.corner)],
      ["note", rows.hints[rows.hint[r - 1]]],
      ["note", rows.note[r - 1]],
      ["verdict", r && c ? matrix.verdict(r, c).join("\n") : ""],
      ["hint", columns.hints[columns.hint[c - 1]]],
      ["note", idsOf(cell).some(Boolean) ? words[byTouch ? "tap_again" : "open"] : ""],
    ].filter(([, text]) => text);
    tip.replaceChildren(...lines.map(([name, text]) => element("div", name, text)));
    cell.setAttribute("aria-label", lines.map(([, text]) => text).join("\n"));
    cell.setAttribute("aria-colindex", c + 1);
    pointed = [at(0, c), at(r, 0)].filter((header) => header !== at(0, 0));
    pointed.forEach((header) => header.classList.add("pointed"));
    tip.hidden = false;
    settle();
  }

  function settle() {
    if (!explained) return;
    const [cell, outer] = [explained.getBoundingClientRect(), box.getBoundingClientRect()];
    if (cell.bottom < outer.top || cell.top > outer.bottom || cell.right < outer.left || cell.left > outer.right) return hide();
    const fits = cell.bottom + tip.offsetHeight + 6 <= innerHeight - EDGE;
    tip.style.top = `${Math.max(EDGE, fits ? cell.bottom + 6 : cell.top - tip.offsetHeight - 6)}px`;
    tip.style.left = `${clamp(cell.left, EDGE, document.documentElement.clientWidth - tip.offsetWidth - EDGE)}px`;
  }

  function hide() {
    tip.hidden = true;
    explained = null;
    pointed.forEach((header) => header.classList.remove("pointed"));
  }

  function focus(cell) {
    if (cell !== told) told = null;
    if (stop) stop.tabIndex = -1;
    stop = cell;
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    if (!told) explain(cell);
  }

  function go(r, c) {
    const cell = at(clamp(r, 0, matrix.n + 1), clamp(c, 0, matrix.m + 1));
    box.style.scrollPaddingTop = `${grid.firstChild.offsetHeight}px`; // or the cell could stop under the sticky header
    cell.scrollIntoView({ block: "nearest", inline: "nearest" }); // focus() alone would leave it half under the averages
    focus(cell);
  }

  function open(cell) {
    if (!idsOf(cell).some(Boolean)) return;
    emit(idsOf(cell)); // first: while the server works there is time for the rest
    told = cell;
    isStill = true;
    hide(); // what opens says more, and the tooltip would lie over it
    setTimeout(follow);
  }

  function escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return; // an open list closes first
    hide();
    isStill = true;
    told = null;
    if (data.selected?.every(Boolean)) emit(["", ""]); // the page may close what it told about the selected cell
  }

  // The panel's way out is a link, for where there is no grid; here only what is beside the grid need run again.
  function close(event) {
    if (!event.target.closest?.(".panel .close") || event.ctrlKey || event.metaKey || event.shiftKey || !data.selected?.every(Boolean)) return;
    event.preventDefault();
    escape({ key: "Escape" });
    told = stop; // what had the focus goes away; the cell takes it, and explains nothing anew
    stop?.focus({ preventScroll: true });
  }

  function click(event) {
    const cell = cellOf(event.target);
    if (!cell) return;
    if (!byTouch || armed === cell) open(cell); // a finger cannot hover: its first tap explains, the second opens
    focus(cell);
  }

  function press(event) {
    const cell = cellOf(event.target);
    if (!cell || event.altKey || event.metaKey) return;
    byTouch = false;
    const [r, c] = placeOf(cell);
    const [bottom, end] = [matrix.n + 1, matrix.m + 1];
    const page = Math.max(1, Math.floor((box.clientHeight - grid.firstChild.offsetHeight) / grid.lastChild.offsetHeight) - 2);
    const goals = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      PageUp: [r - page, c], PageDown: [r + page, c],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? bottom : r, end],
    };
    const goal = goals[event.key];
    if (goal) go(...goal);
    else if (event.key === "Enter" || event.key === " ") open(cell);
    else return;
    event.preventDefault();
  }

  function listen() {
    if (listening) return;
    listening = new AbortController();
    const on = (target, type, act, options) => target.addEventListener(type, act, { ...options, signal: listening.signal });
    const explainTarget = ({ target }) => ![undefined, null, told].includes(cellOf(target)) && explain(cellOf(target));
    const leaveAlone = () => (followed = 0);
    on(grid, "click", click);
    on(grid, "keydown", press);
    on(grid, "focusin", explainTarget);
    on(grid, "focusout", hide);
    on(grid, "mouseover", (event) => isStill || explainTarget(event));
    on(grid, "mousemove", (event) => {
      if (!isStill || !(event.movementX || event.movementY)) return;
      isStill = false;
      explainTarget(event);
    });
    on(grid, "mouseleave", () => (focused() && focused() !== told ? explain(focused()) : hide()));
    on(document, "pointerdown", (event) => {
      byTouch = event.pointerType === "touch";
      armed = explained;
      if (!event.composedPath().includes(grid)) hide();
    }, { capture: true });
    on(document, "scroll", settle, { capture: true, passive: true }); // capture: the page and the box both scroll
    on(document, "keydown", escape);
    on(document, "click", close, { capture: true });
    on(window, "resize", settle);
    ["wheel", "touchmove", "keydown"].forEach((type) => on(document, type, leaveAlone, { capture: true, passive: true }));
    const resized = new ResizeObserver(keepInSight);
    [box, document.body, ...surroundings()].forEach((each) => resized.observe(each));
    listening.signal.addEventListener("abort", () => resized.disconnect());
  }

  // Whatever holds the grid, up through shadow roots to the page: where a panel opens or closes, one of these changes its size.
  function surroundings() {
    const found = [];
    for (let node = frame.getRootNode().host; node && node !== document.body; node = node.parentElement ?? node.getRootNode().host) found.push(node);
    return found;
  }

  function leave() {
    hide();
    listening?.abort();
    listening = null;
  }
  return { update, leave };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const mounted = (frame.mounted ??= mount(frame)); // this function runs again at every change of data or theme
  const choice = () => window.gridChoices?.[data.name]; // see CHOICE in grid.py
  const emit = (place) => (choice()?.open ?? ((own) => setTriggerValue("opened", own)))(place);
  const update = () => mounted.update({ ...data, selected: choice()?.selected }, emit);
  update();
  document.addEventListener("grid-choice", update);
  const run = (frame.run = {});
  return () => {
    document.removeEventListener("grid-choice", update);
    // Streamlit may call the cleanup of a superseded run after a newer one has started: only the newest may end it.
    if (frame.run === run) mounted.leave();
  };
}
