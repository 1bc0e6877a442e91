/** The map of the site, as one that can be zoomed: the clusters that the page tells of. */

import { filled, home, isOfTheWeb, language, make } from "./page/dom";
import { offerSwap } from "./page/swapping";
import { siteWords, type SiteWords } from "./page/words";

interface Feature {
  geometry: { type: string; coordinates: unknown } | null;
  properties: { thing: string; name?: string; kinds?: string[] };
}

const THINGS = "https://w3id.org/metapole/id/";
const MOST_TOLD = 40;

const figure = document.querySelector<HTMLElement>("[data-map]");
const words = siteWords();
if (figure && words) {
  const address = figure.dataset.places ?? `${home}data/places.geojson`;
  offerSwap(figure, { live: words.live_map, drawing: words.drawing }, (host) => draw(host, address, words));
}

async function draw(host: HTMLElement, address: string, words: SiteWords): Promise<void> {
  const [{ Ground }, answer] = await Promise.all([import("./views/ground"), fetch(address)]);
  if (!answer.ok) return;
  const { features } = (await answer.json()) as { features: Feature[] };
  const place = make("div", { class: "picture map", role: "region", "aria-label": words.map });
  host.append(place);
  const ground = new Ground(place, words);
  for (const { at, things } of grouped(features.filter(isWanted)).values()) {
    const title = things.map(nameOf).slice(0, MOST_TOLD).join(", ");
    const size = 12 + 4 * Math.sqrt(things.length);
    ground.mark([{ at, title, size, told: () => description(things) }]);
  }
  ground.fit();
}

/** Tell whether a thing is a cluster and, where the page shows some of them, one of those. */
function isWanted({ geometry, properties }: Feature): boolean {
  const isCluster = properties.kinds?.includes("Cluster") ?? false;
  if (!geometry || !isCluster) return false;
  return location.search === "" || document.querySelector(`main a[href="${CSS.escape(pageOf(properties.thing))}"]`) !== null;
}

function grouped(features: Feature[]): Map<string, { at: [number, number]; things: Feature[] }> {
  const found = new Map<string, { at: [number, number]; things: Feature[] }>();
  for (const feature of features) {
    for (const [longitude, latitude] of positionsOf(feature)) {
      const group = found.get(`${latitude} ${longitude}`);
      if (group) group.things.push(feature);
      else found.set(`${latitude} ${longitude}`, { at: [latitude, longitude], things: [feature] });
    }
  }
  return found;
}

function positionsOf({ geometry }: Feature): [number, number][] {
  if (geometry?.type === "Point") return [geometry.coordinates as [number, number]];
  return geometry?.type === "MultiPoint" ? (geometry.coordinates as [number, number][]) : [];
}

function nameOf({ properties }: Feature): string {
  return properties.name ?? properties.thing;
}

function pageOf(thing: string): string {
  const prefix = language === "en" ? home : `${home}${language}/`;
  return thing.startsWith(THINGS) ? prefix + thing.slice(THINGS.length) : thing;
}

function description(things: Feature[]): HTMLElement {
  const told = make("div");
  for (const each of things.slice(0, MOST_TOLD)) {
    const name = make("bdi", {}, nameOf(each));
    const href = pageOf(each.properties.thing);
    told.append(make("p", {}, isOfTheWeb(href) ? make("a", { href }, name) : name));
  }
  if (things.length > MOST_TOLD) told.append(make("p", {}, filled("+ {number}", { number: things.length - MOST_TOLD })));
  return told;
}
