/** The places of an answer as GeoJSON (RFC 7946): a feature for each row that has one. */

import { type Place, placesOf } from "../views/wkt";
import { isPlace, numberOf, type Row, type Table, type Term, written } from "./answer";
import { coordinatesIn, kindsOf } from "./columns";
import { shown } from "./names";

interface Geometry {
  type: string;
  coordinates?: unknown;
  geometries?: Geometry[];
}

/** Tell whether *table* has places. */
export function hasPlaces(table: Table): boolean {
  return kindsOf(table).includes("place") || coordinatesIn(table) !== undefined;
}

/** Return the rows of *table* that have a place, in the order of the answer. */
export function geojsonOf(table: Table): string {
  const features = table.rows.flatMap((row) => {
    const places = placesIn(table, row);
    return places.length ? [{ type: "Feature", geometry: geometryOf(places), properties: propertiesOf(table, row) }] : [];
  });
  return JSON.stringify({ type: "FeatureCollection", features });
}

/** Return where *row* is: what is written as well-known text, or its latitude and longitude. */
export function placesIn(table: Table, row: Row): Place[] {
  const pair = coordinatesIn(table);
  const [latitude, longitude] = (pair ?? []).map((at) => numberOf(row[at]));
  if (latitude !== undefined && longitude !== undefined) return [{ kind: "point", at: [latitude, longitude] }];
  return row.filter(isPlace).flatMap((term) => placesOf((term as Term & { value: string }).value));
}

function geometryOf(places: Place[]): Geometry {
  const all = places.flatMap(geometriesOf);
  const [only] = all;
  return all.length === 1 && only ? only : { type: "GeometryCollection", geometries: all };
}

function geometriesOf(place: Place): Geometry[] {
  if (place.kind === "point") return [{ type: "Point", coordinates: turned(place.at) }];
  if (place.kind === "lines") return place.lines.map((line) => ({ type: "LineString", coordinates: line.map(turned) }));
  return [{ type: "Polygon", coordinates: place.areas.map((ring) => ring.map(turned)) }];
}

/** GeoJSON has the longitude first. */
function turned([latitude, longitude]: [number, number]): [number, number] {
  return [longitude, latitude];
}

/** Return what *row* says beside its place; of a thing its IRI, and its name behind it. */
function propertiesOf(table: Table, row: Row): Record<string, string | number | boolean | null> {
  const said: Record<string, string | number | boolean | null> = {};
  row.forEach((term, at) => {
    const column = table.columns[at] ?? "";
    if (isPlace(term)) return;
    said[column] = numberOf(term) ?? (term ? written(term) : null);
    if (term?.type === "uri" && shown(term) !== term.value) said[`${column} name`] = shown(term);
  });
  return said;
}
