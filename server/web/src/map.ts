/** The map of the site: places of clusters, with what is told of each. */

import { dataOf, home, isOfTheWeb, make } from "./page/dom";
import { Ground } from "./views/ground";

interface Feature {
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

const container = document.getElementById("map-view");
if (container) {
  void draw(container, dataOf<{ zoom_in: string; zoom_out: string }>("map-words"));
}

async function draw(host: HTMLElement, words: { zoom_in: string; zoom_out: string } | undefined): Promise<void> {
  const address = host.dataset.places ?? `${home}data/places.geojson`;
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) return;
  const { features } = (await answer.json()) as { features: Feature[] };
  host.classList.add("picture", "map");
  const ground = new Ground(host, words ?? { zoom_in: "+", zoom_out: "−" });
  for (const feature of features) put(ground, feature);
  ground.fit();
}

function put(ground: Ground, { geometry, properties }: Feature): void {
  const told = () => description(properties);
  if (geometry?.type === "Point") {
    const [longitude, latitude] = geometry.coordinates as [number, number];
    ground.mark([{ at: [latitude, longitude], title: nameIn(properties), told }]);
  } else if (geometry?.type === "LineString") {
    ground.connect([(geometry.coordinates as [number, number][]).map(([longitude, latitude]) => [latitude, longitude])]);
  }
}

function nameIn(properties: Record<string, unknown>): string {
  return String(properties.label ?? properties.name ?? properties.title ?? "");
}

function description(properties: Record<string, unknown>): HTMLElement {
  const address = String(properties.address ?? properties.page ?? properties.iri ?? "");
  const name = make("bdi", {}, nameIn(properties));
  const title = isOfTheWeb(address) ? make("a", { href: address }, name) : name;
  const told = make("div", {}, make("p", {}, title));
  const kind = properties.kind ?? properties.type;
  if (kind) told.append(make("p", {}, make("small", {}, String(kind))));
  return told;
}
