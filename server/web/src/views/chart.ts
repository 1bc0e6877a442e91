/** Charts and timelines of an answer, by Observable Plot. */

import * as Plot from "@observablehq/plot";

import { dateOf, numberOf, type Table, type Term } from "../editor/answer";
import { type Kind, kindsOf } from "../editor/columns";
import { shown } from "../editor/names";
import { filled, language, make } from "../page/dom";
import { choice } from "./choices";
import { pictureButtons } from "./picture";
import type { Showing } from "./view";

type Datum = Record<string, string | number | Date | null>;

const MOST_BARS = 60;
const MOST_TIMES = 300;
const LONGEST = 34;

/** Show numbers as bars, lines or dots, whose columns can be chosen. */
export function showChart(host: HTMLElement, { table, words }: Showing): void {
  const kinds = kindsOf(table);
  const numbers = columnsOf(kinds, "number");
  const across = columnsOf(kinds, "date", "text", "thing", "number");
  const state = {
    y: numbers.at(-1) ?? 0,
    x: across.find((at) => at !== numbers.at(-1)) ?? 0,
    colour: -1,
    kind: "",
  };
  state.kind = kinds[state.x] === "date" ? "lines" : kinds[state.x] === "number" ? "dots" : "bars";
  const place = make("div", { class: "picture chart" });
  const draw = () => place.replaceChildren(chartOf(table, kinds, state, words));
  const names = (columns: number[]) => columns.map((at): [string, string] => [String(at), table.columns[at] ?? ""]);
  const choose = (name: "x" | "y" | "colour") => (value: string) => {
    state[name] = Number(value);
    draw();
  };
  const types = (["bars", "lines", "dots"] as const).map((each): [string, string] => [each, words[each]]);
  host.append(
    make(
      "div",
      { class: "choosing" },
      choice(words.kind_of_chart, types, state.kind, (value) => ((state.kind = value), draw())),
      choice(words.x_axis, names(across), String(state.x), choose("x")),
      choice(words.y_axis, names(numbers), String(state.y), choose("y")),
      choice(words.colour, [["-1", "–"], ...names(columnsOf(kinds, "text", "thing"))], "-1", choose("colour")),
    ),
    place,
    pictureButtons(place, words),
  );
  draw();
}

interface Chosen {
  x: number;
  y: number;
  colour: number;
  kind: string;
}

function chartOf(table: Table, kinds: Kind[], { x, y, colour, kind }: Chosen, words: Showing["words"]): Element {
  const isTime = kinds[x] === "date";
  const isNumber = kinds[x] === "number";
  const data = table.rows.flatMap((row): Datum[] => {
    const value = numberOf(row[y]);
    const at = isTime ? dateOf(row[x]) : isNumber ? numberOf(row[x]) : short(row[x]);
    if (value === undefined || at === undefined) return [];
    return [{ x: at, y: value, colour: colour < 0 ? "" : short(row[colour]), title: row.map(short).join("\n") }];
  });
  const [xName, yName] = [table.columns[x] ?? "", table.columns[y] ?? ""];
  const tone = colour < 0 ? "var(--accent)" : "colour";
  const common = {
    ariaLabel: filled(words.chart_of, { value: yName, label: xName }),
    color: { legend: colour >= 0, scheme: "Observable10" as const },
  };
  if (kind === "bars" && !isTime && !isNumber) {
    const bars = data.slice(0, MOST_BARS);
    const names = new Set(bars.map((each) => each.x));
    return plotted({
      ...common,
      marginLeft: 250,
      marginBottom: 45,
      height: Math.max(names.size * 24 + 75, 155),
      x: { label: yName, grid: true, tickFormat: numberText },
      y: { label: null },
      marks: [Plot.barX(bars, { x: "y", y: "x", fill: tone, title: "title", sort: { y: "x", reverse: true } }), Plot.ruleX([0])],
    });
  }
  const marks = {
    bars: () => [Plot.ruleX(data, { x: "x", y: "y", stroke: tone, strokeWidth: 4, title: "title" }), Plot.ruleY([0])],
    lines: () => [
      Plot.lineY(data, { x: "x", y: "y", stroke: tone, ...(colour < 0 ? {} : { z: "colour" }), sort: "x" }),
      Plot.dot(data, { x: "x", y: "y", fill: tone, title: "title" }),
    ],
    dots: () => [Plot.dot(data, { x: "x", y: "y", fill: tone, r: 4, title: "title" })],
  };
  return plotted({
    ...common,
    marginLeft: 80,
    marginBottom: isTime || isNumber ? 40 : 120,
    height: 420,
    x: { label: xName, ...(isTime || isNumber ? {} : { tickRotate: -40 }) },
    y: { label: yName, grid: true, tickFormat: numberText },
    marks: (marks[kind as keyof typeof marks] ?? marks.dots)(),
  });
}

/** Show when things began and ended, or when they were. */
export function showTimeline(host: HTMLElement, { table, words }: Showing): void {
  const kinds = kindsOf(table);
  const [from, to] = columnsOf(kinds, "date");
  const label = columnsOf(kinds, "thing", "text")[0];
  const data = table.rows.flatMap((row): Datum[] => {
    const dates = [from, to].map((at) => (at === undefined ? undefined : dateOf(row[at])));
    const begin = dates[0] ?? dates[1];
    if (!begin) return [];
    return [{ from: begin, to: dates[1] ?? begin, label: label === undefined ? "" : short(row[label]), title: row.map(short).join("\n") }];
  });
  const shownData = data.slice(0, MOST_TIMES);
  if (data.length > MOST_TIMES) host.append(make("p", {}, filled(words.too_many, { number: MOST_TIMES })));
  const names = new Set(shownData.map((each) => each.label));
  const chart = plotted({
    ariaLabel: words.timeline,
    marginLeft: 250,
    height: Math.max(names.size * 20 + 60, 120),
    x: { type: "utc", grid: true, label: null },
    y: { label: null },
    marks: [
      Plot.ruleY(shownData, { x1: "from", x2: "to", y: "label", stroke: "var(--accent)", strokeWidth: 5, title: "title", sort: { y: "x1" } }),
      Plot.dot(shownData, { x: "from", y: "label", fill: "var(--accent)", r: 4, title: "title" }),
    ],
  });
  const place = make("div", { class: "picture chart" }, chart);
  host.append(place, pictureButtons(place, words));
}

/** Return a plot without the inline styles that the policy of the site forbids. */
function plotted(options: Plot.PlotOptions): Element {
  const plot = Plot.plot({ width: 900, className: "plot", style: { background: "transparent", overflow: "visible", fontSize: "12px" }, ...options });
  for (const style of plot.querySelectorAll("style")) style.remove();
  for (const part of plot.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
  plot.setAttribute("role", "img");
  return plot;
}

function columnsOf(kinds: Kind[], ...wanted: Kind[]): number[] {
  return kinds.flatMap((kind, at) => (wanted.includes(kind) ? [at] : []));
}

function short(term: Term | undefined): string {
  const text = shown(term);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function numberText(value: number): string {
  return value.toLocaleString(language, { notation: Math.abs(value) >= 1e6 ? "compact" : "standard" });
}
