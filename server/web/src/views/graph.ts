/** A network of things: Cytoscape.js draws it, a list beside it says the same. */

import cytoscape from "cytoscape";

import { button, colour, filled, isOfTheWeb, make, onThemeChange } from "../page/dom";
import { saveButton } from "../page/downloads";

export interface Node {
  id: string;
  label: string;
  kind?: string;
  address?: string;
}

export interface Edge {
  source: string;
  target: string;
  label?: string;
  address?: string;
}

export interface Network {
  nodes: Node[];
  edges: Edge[];
}

export interface NetworkWords {
  network: string;
  network_shown: string;
  zoom_in: string;
  zoom_out: string;
  fit: string;
  twin: string;
  as_png?: string;
}

const LONGEST_LABEL = 40;
const STEP = 1.3;
const PAN = 60;

/** Draw *network* in *host*, with a list of it. */
export function drawNetwork(host: HTMLElement, network: Network, words: NetworkWords, hasTwin = true): void {
  const place = make("div", { class: "picture network", tabindex: 0, role: "img" });
  const counts = { nodes: network.nodes.length, edges: network.edges.length };
  const told = filled(words.network_shown, counts);
  place.setAttribute("aria-label", `${words.network}: ${told}`);
  host.append(make("p", { role: "status" }, told), place);
  withoutInlineStyle();
  const drawing = cytoscape({
    container: place,
    elements: elementsOf(network),
    style: look(),
    layout: layoutOf(network),
    maxZoom: 4,
    minZoom: 0.1,
  });
  onThemeChange(() => drawing.style(look()));
  drawing.on("tap", "node", (event: cytoscape.EventObject) => highlight(drawing, event.target.id() as string));
  drawing.on("dbltap", "node", (event: cytoscape.EventObject) => {
    const address = event.target.data("address") as string;
    if (isOfTheWeb(address)) location.assign(address);
  });
  place.addEventListener("keydown", (event) => move(drawing, event));
  const zoom = (by: number) => drawing.zoom({ level: drawing.zoom() * by, renderedPosition: { x: place.clientWidth / 2, y: place.clientHeight / 2 } });
  const buttons = [
    button(words.zoom_in, () => zoom(STEP)),
    button(words.zoom_out, () => zoom(1 / STEP)),
    button(words.fit, () => drawing.fit(undefined, 30)),
  ];
  if (words.as_png) buttons.push(saveButton(words.as_png, "network.png", () => pictureOf(drawing)));
  host.append(make("p", { class: "choosing" }, ...buttons));
  if (hasTwin) host.append(twin(network, words, (id) => highlight(drawing, id)));
}

/** Return a picture of the whole network, whatever part of it is seen. */
function pictureOf(drawing: cytoscape.Core): Blob {
  return drawing.png({ output: "blob", full: true, scale: 2, bg: colour("ground"), maxWidth: 8000, maxHeight: 8000 });
}

/** Cytoscape puts an inline style sheet into the page unless an element of this name is there. */
function withoutInlineStyle(): void {
  const id = "__________cytoscape_stylesheet";
  if (!document.getElementById(id)) document.head.append(make("meta", { id, name: "network-styles", content: "none" }));
}

function elementsOf({ nodes, edges }: Network): cytoscape.ElementDefinition[] {
  const degrees = new Map<string, number>();
  for (const { source, target } of edges) {
    for (const end of [source, target]) degrees.set(end, (degrees.get(end) ?? 0) + 1);
  }
  const known = new Set(nodes.map((each) => each.id));
  return [
    ...nodes.map((each) => ({
      data: { ...each, label: cut(each.label), size: 14 + 5 * Math.sqrt(degrees.get(each.id) ?? 0) },
    })),
    ...edges
      .filter((each) => known.has(each.source) && known.has(each.target))
      .map((each, at) => ({ data: { ...each, label: cut(each.label ?? ""), id: `_edge-${at}` } })),
  ];
}

function layoutOf({ nodes }: Network): cytoscape.LayoutOptions {
  const isLarge = nodes.length > 400;
  if (isLarge) return { name: "concentric", concentric: (node) => node.degree(), levelWidth: () => 2, minNodeSpacing: 6 };
  return { name: "cose", animate: false, nodeRepulsion: () => 40_000, nodeOverlap: 30, idealEdgeLength: () => 90, nodeDimensionsIncludeLabels: true, gravity: 0.4, numIter: 2000, padding: 30, randomize: true };
}

function look(): cytoscape.StylesheetJson {
  return [
    {
      selector: "node",
      style: {
        "background-color": colour("accent"),
        label: "data(label)",
        color: colour("text"),
        width: "data(size)",
        height: "data(size)",
        "font-size": 11,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-wrap": "wrap",
        "text-max-width": "110px",
        "text-outline-color": colour("ground"),
        "text-outline-width": 2,
        "min-zoomed-font-size": 7,
      },
    },
    {
      selector: "edge",
      style: { width: 1.4, "line-color": colour("edge"), "curve-style": "straight", opacity: 0.65, "target-arrow-color": colour("edge") },
    },
    { selector: ".near", style: { "line-color": colour("focus"), opacity: 1, "border-color": colour("focus"), "border-width": 3 } },
    { selector: ".far", style: { opacity: 0.15 } },
  ];
}

/** Show what *id* is connected with; all again when it is asked for twice. */
function highlight(drawing: cytoscape.Core, id: string): void {
  const node = drawing.getElementById(id);
  const wasThere = node.hasClass("near");
  drawing.elements().removeClass("near far");
  if (wasThere || node.empty()) return;
  const near = node.closedNeighborhood();
  drawing.elements().not(near).addClass("far");
  near.addClass("near");
}

function move(drawing: cytoscape.Core, event: KeyboardEvent): void {
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [PAN, 0],
    ArrowRight: [-PAN, 0],
    ArrowUp: [0, PAN],
    ArrowDown: [0, -PAN],
  };
  const way = ways[event.key];
  if (way) drawing.panBy({ x: way[0], y: way[1] });
  else if (event.key === "+") drawing.zoom(drawing.zoom() * STEP);
  else if (event.key === "-") drawing.zoom(drawing.zoom() / STEP);
  else return;
  event.preventDefault();
}

function twin({ nodes, edges }: Network, words: NetworkWords, chosen: (id: string) => void): HTMLElement {
  const labels = new Map(nodes.map((each) => [each.id, each]));
  const list = make("ul", { class: "plain" });
  for (const node of nodes.slice(0, 500)) {
    const near = edges.flatMap((each) => {
      if (each.source === node.id) return [labels.get(each.target)];
      return each.target === node.id ? [labels.get(each.source)] : [];
    });
    const item = make("li", {}, named(node));
    item.addEventListener("focusin", () => chosen(node.id));
    const names = near.flatMap((each) => (each ? [each.label] : []));
    if (names.length) item.append(`: ${names.slice(0, 12).join(", ")}${names.length > 12 ? " …" : ""}`);
    list.append(item);
  }
  return make("details", {}, make("summary", {}, words.twin), list);
}

function named(node: Node): HTMLElement {
  const text = make("bdi", {}, node.label);
  return node.address && isOfTheWeb(node.address) ? make("a", { href: node.address }, text) : text;
}

function cut(text: string): string {
  return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL)}…` : text;
}
