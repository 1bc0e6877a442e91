/** An answer on a map: rows with a place, or with latitude and longitude. */

import { isPlace, type Row, type Table } from "../editor/answer";
import { placesIn } from "../editor/geojson";
import { linkTo, shown } from "../editor/names";
import { filled, make } from "../page/dom";
import { Ground } from "./ground";
import type { Showing } from "./view";

const MOST = 2000;
const MOST_TOLD = 30;

/** Show the rows that have a place, and say how many have none. */
export function showMap(host: HTMLElement, { table, words }: Showing): void {
  const told = make("p", { role: "status" });
  const place = make("div", { class: "picture map", role: "region", "aria-label": words.map });
  host.append(told, place);
  const ground = new Ground(place, words);
  const points = new Map<string, { at: [number, number]; rows: Row[] }>();
  let without = 0;
  for (const row of table.rows.slice(0, MOST)) {
    const places = placesIn(table, row);
    if (!places.length) without += 1;
    for (const each of places) {
      if (each.kind === "lines") ground.connect(each.lines);
      else if (each.kind === "areas") ground.fill(each.areas, () => description(table, [row]));
      else gather(points, each.at, row);
    }
    const ends = places.flatMap((each) => (each.kind === "point" ? [each.at] : []));
    if (ends.length === 2) ground.connect([ends]);
  }
  for (const { at, rows } of points.values()) {
    const title = rows.map((row) => nameOf(row)).slice(0, MOST_TOLD).join(", ");
    const size = 12 + 4 * Math.sqrt(rows.length);
    ground.mark([{ at, title, size, told: () => description(table, rows) }]);
  }
  ground.fit();
  const parts = [filled(words.places_shown, { number: points.size })];
  if (without) parts.push(filled(words.without_place, { number: without }));
  if (table.rows.length > MOST) parts.push(filled(words.too_many, { number: MOST }));
  told.textContent = parts.join(" · ");
}

function gather(points: Map<string, { at: [number, number]; rows: Row[] }>, at: [number, number], row: Row): void {
  const known = points.get(at.join());
  if (known) known.rows.push(row);
  else points.set(at.join(), { at, rows: [row] });
}

function nameOf(row: Row): string {
  return row.filter((term) => term && !isPlace(term)).map(shown)[0] ?? "";
}

function description(table: Table, rows: Row[]): HTMLElement {
  const told = make("div");
  for (const row of rows.slice(0, MOST_TOLD)) {
    const line = make("p");
    row.forEach((term, at) => {
      if (!term || isPlace(term)) return;
      const value = term.type === "uri" ? linkTo(term.value, false) : make("bdi", {}, shown(term));
      if (line.hasChildNodes()) line.append(" · ");
      value.title = `${table.columns[at]}: ${value.title}`;
      line.append(value);
    });
    told.append(line);
  }
  if (rows.length > MOST_TOLD) told.append(make("p", {}, "…"));
  return told;
}
