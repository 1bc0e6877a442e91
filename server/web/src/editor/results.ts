/** The answer: views as tabs, and what can be done with it. */

import { copyButton } from "../page/copying";
import { filled, make, newId } from "../page/dom";
import { saveButton } from "../page/downloads";
import type { Showing, View } from "../views/view";
import { markdownOf, showTable } from "../views/table";
import type { Asked } from "./asking";
import { explanation, fileAddress } from "./asking";
import type { AskedEndpoint } from "./federation";
import { type ViewName, viewsFor } from "./columns";
import { connections } from "./connecting";
import { geojsonOf, hasPlaces } from "./geojson";
import { learnNames } from "./names";
import type { EditorWords } from "./words";

const TABLE_FILES = ["csv", "tsv", "json", "xml"];
const GRAPH_FILES = ["ttl", "nt", "jsonld", "rdf", "trig", "nq"];
const NAMED_AT_ONCE = 3000;

/** How each view is loaded: most are not needed most of the time. */
const LOADERS: Record<ViewName, () => Promise<View>> = {
  table: () => Promise.resolve(showTable),
  map: async () => (await import("../views/map")).showMap,
  network: async () => (await import("../views/network")).showNetwork,
  chart: async () => (await import("../views/chart")).showChart,
  timeline: async () => (await import("../views/chart")).showTimeline,
  pivot: async () => (await import("../views/pivot")).showPivot,
  raw: async () => (await import("../views/raw")).showRaw,
};

/**
 * Show *asked*, the answer to *query*, in *host*; call *changed* when another view is chosen.
 *
 * A bare answer has nothing around it.
 */
export async function showAnswer(
  host: HTMLElement,
  query: string,
  asked: Asked,
  wished: ViewName | undefined,
  words: EditorWords,
  changed: (view: ViewName) => void,
  isBare = false,
): Promise<void> {
  const heading = make("h2", { id: "_answer", class: isBare ? "hidden" : undefined }, words.answer);
  const section = make("section", { id: "answer", "aria-labelledby": "_answer" }, heading);
  const { answer } = asked;
  if (answer.kind === "boolean") {
    const verdict = make("strong", {}, answer.value ? words.yes : words.no);
    section.append(make("p", { class: "verdict" }, verdict));
  } else if (answer.table.rows.length === 0) {
    section.append(make("p", {}, words.nothing));
  } else {
    await learnNames(answer.table.rows.slice(0, NAMED_AT_ONCE)).catch(() => undefined);
    const showing = { table: answer.table, text: asked.text, words };
    section.append(...new Tabs(showing, viewsFor(answer.table), wished, changed).elements);
  }
  if (asked.endpoints.length > 0) section.append(askedNote(query, asked.endpoints, words));
  if (!isBare) section.append(take(query, asked, words));
  host.replaceChildren(section);
}

/** Say from which other endpoints the answer comes, and what is missing from it. */
function askedNote(query: string, endpoints: AskedEndpoint[], words: EditorWords): HTMLElement {
  const list = make("ul", {});
  for (const each of endpoints) {
    const said = filled(words.asked_rows, { name: each.name, rows: each.rows });
    const missing = each.leftOut ? ` ${filled(words.left_out, { what: each.leftOut })}` : "";
    list.append(make("li", {}, make("bdi", {}, said + missing)));
  }
  const isWhole = endpoints.every((each) => !each.leftOut);
  const link = make("a", { href: explanation(query) }, words.explain);
  return make("div", { class: isWhole ? "notice" : "notice warning", id: "asked" }, list, make("p", {}, link));
}

class Tabs {
  readonly elements: HTMLElement[];
  private readonly panel: HTMLElement;
  private readonly tabs: Map<ViewName, HTMLButtonElement>;

  constructor(
    private readonly showing: Showing,
    views: ViewName[],
    wished: ViewName | undefined,
    private readonly changed: (view: ViewName) => void,
  ) {
    const id = newId("view");
    this.panel = make("div", { role: "tabpanel", id, tabindex: -1 });
    const list = make("div", { class: "views", role: "tablist", "aria-label": showing.words.view });
    this.tabs = new Map(views.map((view) => [view, this.tab(view, id)]));
    list.append(...this.tabs.values());
    list.addEventListener("keydown", (event) => this.press(event));
    this.elements = [list, this.panel];
    void this.choose(wished && this.tabs.has(wished) ? wished : "table", false);
  }

  private tab(view: ViewName, panel: string): HTMLButtonElement {
    const tab = make("button", { type: "button", role: "tab", id: newId("tab"), "aria-controls": panel });
    tab.textContent = this.showing.words[view];
    tab.dataset.view = view;
    tab.addEventListener("click", () => void this.choose(view));
    return tab;
  }

  private async choose(view: ViewName, isTold = true): Promise<void> {
    for (const [name, tab] of this.tabs) {
      const isChosen = name === view;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) this.panel.setAttribute("aria-labelledby", tab.id);
    }
    if (isTold) this.changed(view);
    const host = make("div");
    this.panel.replaceChildren(host);
    try {
      const show = await LOADERS[view]();
      if (host.isConnected || !isTold) await show(host, this.showing);
    } catch (error) {
      const told = filled(this.showing.words.draw_failed, { reason: String(error) });
      host.append(make("p", { class: "notice warning" }, told));
    }
  }

  private press(event: KeyboardEvent): void {
    const tabs = [...this.tabs];
    const at = tabs.findIndex(([, tab]) => tab === event.target);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const next = tabs.at((steps[event.key] ?? Number.NaN) % tabs.length);
    if (!(event.key in steps) || !next) return;
    event.preventDefault();
    next[1].focus();
    void this.choose(next[0]);
  }
}

/** Return files, the answer to copy, and how a program asks for it. */
function take(query: string, { answer }: Asked, words: EditorWords): HTMLElement {
  const isGraph = answer.kind === "table" && answer.table.isGraph;
  const files = make("ul", { class: "inline" });
  for (const ending of isGraph ? GRAPH_FILES : TABLE_FILES) {
    files.append(make("li", {}, make("a", { href: fileAddress(query, ending), download: `answer.${ending}` }, ending)));
  }
  const section = make("section", { class: "take" }, make("h3", {}, words.export), files);
  if (answer.kind === "table" && hasPlaces(answer.table)) {
    const content = () => new Blob([geojsonOf(answer.table)], { type: "application/geo+json" });
    section.append(make("p", {}, saveButton(words.as_geojson, "answer.geojson", content)));
  }
  if (answer.kind === "table") {
    section.append(make("p", {}, copyButton(words.copy_markdown, words.copied, () => markdownOf(answer.table))));
  }
  section.append(make("details", {}, make("summary", {}, words.connect), connections(query, isGraph, words)));
  return section;
}
