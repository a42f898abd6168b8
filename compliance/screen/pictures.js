// Marks that are HTML as a drawing: boxes, hatching, signs and words as the browser has laid them out, so that it opens in any program.

const DRAWN = "drawn"; // a class that lays a scrolling part out in full while it is drawn
const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const painted = new Map();

// Any colour of CSS as [#rrggbb, opacity]; null where nothing would be seen.
function paint(colour) {
  if (!painted.has(colour)) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = "#000";
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    painted.set(colour, a ? [`#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`, a / 255] : null);
  }
  return painted.get(colour);
}

const safe = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[^\t\n\r\u0020-\uFFFF]/g, "");
const round = (number) => Math.round(number * 100) / 100;
const filled = ([colour, opacity]) => `fill="${colour}"${opacity < 1 ? ` fill-opacity="${round(opacity)}"` : ""}`;
const COLOUR = /(?:rgba?|color|oklch|oklab|hsl)\([^()]*\)|#[0-9a-f]+|transparent/g;
// A corner of clip-path: polygon(…), as it is computed: in percent, down also with a shift in pixels.
const CORNER = /([\d.]+)% (?:calc\()?([\d.]+)%(?: ([+-] [\d.]+)px\))?/g;

function drawing(target) {
  const parts = [];
  const patterns = new Map();
  const framed = [...everything(target)].filter((each) => each.matches(".frame, .scroll, .scroll-x, .box"));
  framed.forEach((each) => each.classList.add(DRAWN));
  const origin = target.getBoundingClientRect();
  const bounds = { right: 0, bottom: 0 };
  const at = (rect) => ({ x: round(rect.left - origin.left), y: round(rect.top - origin.top), width: round(rect.width), height: round(rect.height) });
  const grow = ({ x, y, width, height }) => {
    bounds.right = Math.max(bounds.right, x + width);
    bounds.bottom = Math.max(bounds.bottom, y + height);
  };
  const rectangle = ({ x, y, width, height }, look) => {
    if (width > 0 && height > 0) parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" ${look}/>`);
  };

  function words(text, rect, style) {
    const ink = paint(style.color);
    if (!ink || !text.trim()) return;
    const { x, y, width, height } = at(rect);
    brush.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = brush.measureText(text);
    const font = `font-family="${safe(style.fontFamily)}" font-size="${parseFloat(style.fontSize)}" font-weight="${style.fontWeight}"`;
    parts.push(`<text x="${x}" y="${round(y + (height - up - down) / 2 + up)}" textLength="${width}" lengthAdjust="spacingAndGlyphs" ${font} ${filled(ink)}>${safe(text)}</text>`);
    grow({ x, y, width, height });
  }

  // A text node line by line, as far as its box shows it.
  function lines(node, style, room) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
    if (!rects.length) return;
    if (rects.length === 1 && rects[0].right <= room + 1) return words(node.nodeValue.replace(/\s+/g, " ").trim(), rects[0], style);
    let line = null;
    const end = () => line && words(line.text.trim() + (line.cut ? "…" : ""), line.rect, style);
    for (let place = 0; place < node.length; place++) {
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const rect = range.getBoundingClientRect();
      if (!rect.width) continue;
      if (!line || Math.abs(rect.top - line.rect.top) > rect.height / 2) {
        end();
        line = { text: "", cut: false, rect: new DOMRect(rect.left, rect.top, 0, rect.height) };
      }
      if (rect.right > room + 1) line.cut = true;
      else [line.text, line.rect.width] = [line.text + node.nodeValue[place], rect.right - line.rect.left];
    }
    end();
  }

  function hatching(image) {
    const [stripe, ground] = (image.match(COLOUR) ?? []).filter((_, place) => place % 2 === 0).map(paint);
    const steps = [...image.matchAll(/([\d.]+)px/g)].map(([, number]) => Number(number));
    const [wide, period] = [steps[1] ?? 2, steps.at(-1) ?? 4];
    const key = `${stripe}/${ground}/${period}`;
    if (!patterns.has(key)) {
      const back = ground ? `<rect width="${period}" height="${period}" ${filled(ground)}/>` : "";
      const front = stripe ? `<rect width="${wide}" height="${period}" ${filled(stripe)}/>` : "";
      patterns.set(key, `<pattern id="hatch${patterns.size}" width="${period}" height="${period}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${back}${front}</pattern>`);
    }
    return `fill="url(#hatch${[...patterns.keys()].indexOf(key)})"`;
  }

  function surface(element, style) {
    const rect = element.getBoundingClientRect();
    const box = at(rect);
    grow(box);
    const image = style.backgroundImage;
    const isCut = style.clipPath.startsWith("polygon");
    const ground = paint(isCut && image !== "none" ? image.match(COLOUR)[0] : style.backgroundColor);
    const [width, height] = [element.offsetWidth, element.offsetHeight];
    const turned = style.transform !== "none" || isCut;
    const radius = Math.min(parseFloat(style.borderRadius) || 0, style.borderRadius.endsWith("%") ? Infinity : width / 2);
    const corner = style.borderRadius.endsWith("%") ? width / 2 : radius;
    if (ground && turned) {
      const middle = `translate(${round(box.x + box.width / 2)} ${round(box.y + box.height / 2)})`;
      const matrix = style.transform === "none" ? "" : style.transform.replace(/[\d.e-]+, [\d.e-]+\)$/, "0, 0)");
      const points = isCut ? [...style.clipPath.matchAll(CORNER)].map(([, x, y, shift]) => [x / 100 - 0.5, y / 100 - 0.5, Number((shift ?? "0").replace(" ", ""))]) : [];
      const corners = points.length ? points : [[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]];
      parts.push(`<polygon transform="${middle} ${matrix}" points="${corners.map(([x, y, shift]) => `${round(x * width)},${round(y * height + shift)}`).join(" ")}" ${filled(ground)}/>`);
    } else if (ground) rectangle(box, `${filled(ground)}${corner ? ` rx="${round(corner)}"` : ""}`);
    if (image.startsWith("repeating-linear-gradient") && !isCut) rectangle(box, hatching(image));
    else if (image.startsWith("linear-gradient(225deg")) {
      const mark = paint(image.match(COLOUR)[0]);
      if (mark) parts.push(`<polygon points="${box.x + box.width - 6.5},${box.y} ${box.x + box.width},${box.y} ${box.x + box.width},${box.y + 6.5}" ${filled(mark)}/>`);
    } else if (image.startsWith("linear-gradient") && style.backgroundSize.endsWith("1px")) {
      const line = paint(image.match(COLOUR)[0]);
      if (line) rectangle({ ...box, y: box.y + box.height / 2 - 0.5, height: 1 }, filled(line));
    }
    const sides = { Top: [box.x, box.y, box.width, 0], Bottom: [box.x, box.y + box.height, box.width, 0], Left: [box.x, box.y, 0, box.height], Right: [box.x + box.width, box.y, 0, box.height] };
    for (const [side, [x, y, across, along]] of Object.entries(sides)) {
      const thick = style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]);
      const ink = thick && paint(style[`border${side}Color`]);
      if (!ink) continue;
      const [left, top] = [side === "Right" ? x - thick : x, side === "Bottom" ? y - thick : y];
      rectangle({ x: left, y: top, width: across || thick, height: along || thick }, filled(ink));
    }
  }

  // The browser tells no place of a sign before or after a text: it stands in the middle of an empty box, else directly beside the text, or at the far end.
  function sign(element, which) {
    const style = getComputedStyle(element, which);
    const text = /^"(.*)"$/.exec(style.content)?.[1];
    if (!text) return;
    const [rect, around] = [element.getBoundingClientRect(), getComputedStyle(element)];
    brush.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const width = brush.measureText(text).width;
    const range = document.createRange();
    range.selectNodeContents(element);
    const inside = element.textContent.trim() && !element.querySelector(".unseen") ? range.getBoundingClientRect() : null;
    const left = style.float === "right" ? rect.right - width - parseFloat(around.paddingRight)
      : !inside ? rect.left + (rect.width - width) / 2
      : which === "::after" ? inside.right + 1 : inside.left - width - 2;
    words(text, new DOMRect(left, rect.top, width, rect.height), style);
  }

  function draw(element, room) {
    const style = getComputedStyle(element);
    if (style.display === "none" || style.visibility === "hidden" || element.matches(".unseen, button, .tip, style, script")) return;
    surface(element, style);
    sign(element, "::before");
    sign(element, "::after");
    const own = style.textOverflow === "ellipsis" ? Math.min(room, element.getBoundingClientRect().right) : room;
    for (const child of (element.shadowRoot ?? element).childNodes) {
      if (child.nodeType === Node.TEXT_NODE) lines(child, style, own);
      else if (child.nodeType === Node.ELEMENT_NODE) draw(child, own);
    }
  }

  draw(target, Infinity);
  framed.forEach((each) => each.classList.remove(DRAWN));
  const [width, height] = [Math.ceil(bounds.right) + 16, Math.ceil(bounds.bottom) + 16];
  const paper = filled(paint(getComputedStyle(document.querySelector(".stApp")).backgroundColor) ?? ["#ffffff", 1]);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="-8 -8 ${width} ${height}">`;
  const ground = `<rect x="-8" y="-8" width="${width}" height="${height}" ${paper}/>`;
  return { svg: `${head}<defs>${[...patterns.values()].join("")}</defs>${ground}${parts.join("")}</svg>`, width, height };
}

// An element and all below it, through shadow roots.
function* everything(element) {
  yield element;
  for (const child of (element.shadowRoot ?? element).children) yield* everything(child);
}
