/** The map of a page, as one that can be zoomed, beside the drawing that is there without scripts. */

import { dataOf, home, isOfTheWeb, localised, make, onceSeen } from "./page/dom";
import type { Ground } from "./views/ground";

interface Feature {
  geometry: { type: string; coordinates: unknown };
  properties: { label: string; address?: string; clusters?: number; partnerships?: number };
}

interface MapWords {
  zoom_in: string;
  zoom_out: string;
}

const container = document.getElementById("map-view");
const words = dataOf<MapWords>("map-words");
if (container && words) onceSeen(container, (host) => draw(host, words));

async function draw(host: HTMLElement, words: MapWords): Promise<void> {
  const address = container?.dataset.places ?? `${home}map.geojson`;
  const [{ Ground }, answer] = await Promise.all([import("./views/ground"), fetch(address)]);
  if (!answer.ok) return;
  const { features } = (await answer.json()) as { features: Feature[] };
  host.classList.add("picture", "map");
  const ground = new Ground(host, words);
  for (const feature of features) put(ground, feature);
  ground.fit();
}

function put(ground: Ground, { geometry, properties }: Feature): void {
  if (geometry.type === "LineString") {
    const ends = (geometry.coordinates as [number, number][]).map(turned);
    ground.connect([ends], 1 + Math.min(properties.partnerships ?? 1, 6) / 2);
  } else if (geometry.type === "Point") {
    const at = turned(geometry.coordinates as [number, number]);
    const size = 12 + 4 * Math.sqrt(properties.clusters ?? 0);
    ground.mark([{ at, size, title: properties.label, told: () => description(properties) }]);
  }
}

/** Return latitude and longitude of what GeoJSON has the other way round. */
function turned([longitude, latitude]: [number, number]): [number, number] {
  return [latitude, longitude];
}

function description({ label, address }: Feature["properties"]): HTMLElement {
  const text = make("bdi", {}, label);
  const isLink = address !== undefined && isOfTheWeb(address);
  return make("p", {}, isLink ? make("a", { href: localised(address) }, text) : text);
}
