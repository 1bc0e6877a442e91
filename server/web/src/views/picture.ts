/** A chart as a file: an SVG that needs no style sheet, and a PNG of it. */

import { colour, make } from "../page/dom";
import { saveButton } from "../page/downloads";
import type { EditorWords } from "../editor/words";

const SVG = "http://www.w3.org/2000/svg";
const SCALE = 2;
const LEGEND = 26;
const SWATCH = 12;
/** What a style sheet may say of a shape or of letters. */
const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "font-variant", "text-anchor",
];

interface Size {
  width: number;
  height: number;
}

/** Return buttons that save the chart in *place* as it is then, as SVG and as PNG. */
export function pictureButtons(place: Element, words: EditorWords): HTMLElement {
  const text = () => svgOf(place);
  return make(
    "p",
    { class: "choosing" },
    saveButton(words.as_svg, "chart.svg", () => new Blob([text().text], { type: "image/svg+xml" })),
    saveButton(words.as_png, "chart.png", () => pngOf(text())),
  );
}

/** Return the chart in *place* with all that its style sheet says written into it. */
function svgOf(place: Element): { text: string; size: Size } {
  const charts = place.querySelectorAll("svg");
  const chart = [...charts].find((each) => !each.closest(".plot-swatches"));
  if (!chart) throw new Error("there is no chart");
  const box = chart.viewBox.baseVal;
  const legend = legendOf(place);
  const top = legend ? LEGEND : 0;
  const size = { width: box.width, height: box.height + top };
  const copy = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: "img" })) {
    copy.setAttribute(name, String(value));
  }
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("aria-label", chart.getAttribute("aria-label") ?? "");
  const ground = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: size.width, height: size.height, fill: colour("ground") })) {
    ground.setAttribute(name, String(value));
  }
  const moved = document.createElementNS(SVG, "g");
  moved.setAttribute("transform", `translate(0,${top})`);
  moved.setAttribute("color", getComputedStyle(chart).color);
  moved.append(...[...chart.children].map(dressed));
  copy.append(ground, ...(legend ? [legend] : []), moved);
  return { text: new XMLSerializer().serializeToString(copy), size };
}

/** Return a copy of *part* that says itself how it looks. */
function dressed(part: Element): Element {
  const copy = part.cloneNode(true) as Element;
  const ours = [part, ...part.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((each, at) => {
    const original = ours[at];
    if (!original) return;
    const looks = getComputedStyle(original);
    for (const name of LOOKS) each.setAttribute(name, looks.getPropertyValue(name));
    each.removeAttribute("class");
  });
  return copy;
}

/** Return what the colours stand for, which on the page is no part of the drawing. */
function legendOf(place: Element): Element | undefined {
  const swatches = [...place.querySelectorAll(".plot-swatch")];
  if (!swatches.length) return undefined;
  const legend = document.createElementNS(SVG, "g");
  let x = 10;
  for (const each of swatches) {
    const mark = document.createElementNS(SVG, "rect");
    const fill = each.querySelector("svg")?.getAttribute("fill") ?? "";
    for (const [name, value] of Object.entries({ x, y: 8, width: SWATCH, height: SWATCH, fill })) {
      mark.setAttribute(name, String(value));
    }
    const label = document.createElementNS(SVG, "text");
    const { fontFamily } = getComputedStyle(each);
    for (const [name, value] of Object.entries({ x: x + SWATCH + 5, y: 18, "font-size": 12, "font-family": fontFamily, fill: colour("text") })) {
      label.setAttribute(name, String(value));
    }
    label.textContent = each.textContent;
    legend.append(mark, label);
    x += SWATCH + 18 + (each.textContent?.length ?? 0) * 7;
  }
  return legend;
}

/** Return a picture of the drawing *text*. */
async function pngOf({ text, size }: { text: string; size: Size }): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", { width: size.width * SCALE, height: size.height * SCALE });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no pictures");
  pen.scale(SCALE, SCALE);
  pen.drawImage(image, 0, 0, size.width, size.height);
  return new Promise((done, failed) => {
    canvas.toBlob((made) => (made ? done(made) : failed(new Error("the picture is too large"))), "image/png");
  });
}
