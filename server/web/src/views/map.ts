/** An answer on a map: rows with a place, or with latitude and longitude. */

import { isPlace, numberOf, type Row, type Table, type Term } from "../editor/answer";
import { coordinatesIn } from "../editor/columns";
import { linkTo, shown } from "../editor/names";
import { filled, make } from "../page/dom";
import { Ground } from "./ground";
import type { Showing } from "./view";
import { placesOf } from "./wkt";

const MOST = 2000;

/** Show the rows that have a place, and say how many have none. */
export function showMap(host: HTMLElement, { table, words }: Showing): void {
  const told = make("p", { role: "status" });
  const place = make("div", { class: "picture map", role: "region", "aria-label": words.map });
  host.append(told, place);
  const ground = new Ground(place, words);
  let [drawn, without] = [0, 0];
  for (const row of table.rows.slice(0, MOST)) {
    const count = draw(ground, table, row);
    drawn += count;
    if (!count) without += 1;
  }
  ground.fit();
  const parts = [filled(words.places_shown, { number: drawn })];
  if (without) parts.push(filled(words.without_place, { number: without }));
  if (table.rows.length > MOST) parts.push(filled(words.too_many, { number: MOST }));
  told.textContent = parts.join(" · ");
}

/** Draw the places of *row*; return how many it has. */
function draw(ground: Ground, table: Table, row: Row): number {
  const tell = () => description(table, row);
  const title = row.filter((term) => term && !isPlace(term)).map(shown)[0] ?? "";
  const pair = coordinatesIn(table);
  const [latitude, longitude] = (pair ?? []).map((at) => numberOf(row[at]));
  if (latitude !== undefined && longitude !== undefined) {
    ground.mark([{ at: [latitude, longitude], title, told: tell }]);
    return 1;
  }
  const places = row.filter(isPlace).flatMap((term) => placesOf((term as Term & { value: string }).value));
  for (const each of places) {
    if (each.kind === "point") ground.mark([{ at: each.at, title, told: tell }]);
    else if (each.kind === "lines") ground.connect(each.lines);
    else ground.fill(each.areas, tell);
  }
  const points = places.filter((each) => each.kind === "point");
  if (points.length === 2) ground.connect([points.map((each) => each.at as [number, number])]);
  return places.length;
}

function description(table: Table, row: Row): HTMLElement {
  const told = make("div");
  row.forEach((term, at) => {
    if (!term || isPlace(term)) return;
    const value = term.type === "uri" ? linkTo(term.value, false) : make("bdi", {}, shown(term));
    told.append(make("p", {}, make("small", {}, `${table.columns[at]}: `), value));
  });
  return told;
}
