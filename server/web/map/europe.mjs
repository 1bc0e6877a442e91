// Makes the map that all pictures stand on: the countries of Europe, with simple outlines.
//
//     npm install --ignore-scripts && npm run make
//
// From Natural Earth (public domain, naturalearthdata.com), as world-atlas 2.0.2 packs its version
// 4.1.0 at 1:50 million. Borders are those of Natural Earth, which draws who holds an area.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoArea, geoAzimuthalEqualArea, geoDistance } from "d3-geo";
import countries from "i18n-iso-countries";
import clipping from "polygon-clipping";
import polylabel from "polylabel";
import { feature } from "topojson-client";
import { presimplify, simplify, sphericalTriangleArea } from "topojson-simplify";

// The projection of the map, and a frame that is a little larger than what it shows.
const projection = geoAzimuthalEqualArea()
  .rotate([-10, -52])
  .scale(1417.727169005791)
  .translate([470.1970155581676, 489.2498925912214])
  .precision(0);
const [WIDTH, HEIGHT, MARGIN] = [960, 860, 60];
const FAR = 1.4; // what is farther from the middle, in radians, is nowhere near the frame
const DETAIL = Number(process.argv[2] ?? 6e-6); // the smallest corner that is kept, in steradians
const SMALLEST = 4e-7; // the smallest island, in steradians: about 16 square kilometres
const TARGET = new URL("../../../graph/publishing/pictures/europe.json", import.meta.url);

const find = createRequire(import.meta.url).resolve;
const read = (name) => JSON.parse(readFileSync(find(name)));
const detailed = presimplify(read("world-atlas/countries-50m.json"), sphericalTriangleArea);
const codeOf = (id) => countries.numericToAlpha3(id) ?? "";
const polygonsOf = ({ geometry: { type, coordinates } }) =>
  type === "Polygon" ? [coordinates] : coordinates;
const rounded = (number) => Math.round(number * 100) / 100;

function largest(polygons) {
  const area = (polygon) => geoArea({ type: "Polygon", coordinates: polygon });
  return polygons.reduce((best, each) => (area(each) > area(best) ? each : best));
}

function middle(shape) {
  const [longitude, latitude] = polylabel(largest(polygonsOf(shape)), 0.05);
  return [rounded(longitude), rounded(latitude)];
}

// Cut as it is drawn: the lines of the frame are straight on the map, and not on a globe.
function inFrame(shape) {
  const [left, right, top, bottom] = [-MARGIN, WIDTH + MARGIN, -MARGIN, HEIGHT + MARGIN];
  const frame = [[[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]];
  const near = polygonsOf(shape)
    .filter(([outer]) => outer.some((position) => geoDistance(position, [10, 52]) < FAR))
    .map((rings) => rings.map((ring) => ring.map((position) => projection(position))));
  const cut = near.length ? clipping.intersection(near, frame) : [];
  return cut.map((rings) => rings.map((ring) => ring.map((at) => projection.invert(at))));
}

// A ring that is almost a line or a dot after rounding shows nothing.
function ringsOf(polygon) {
  const rings = polygon.map((ring) =>
    ring
      .map((position) => position.map(rounded))
      .filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]),
  );
  return rings.filter((ring, place) => ring.length > 3 && (place > 0 || isLarge(ring)));
}

function isLarge(ring) {
  const area = geoArea({ type: "Polygon", coordinates: [ring] });
  return Math.min(area, 4 * Math.PI - area) >= SMALLEST;
}

const shapes = (topology) => feature(topology, topology.objects.countries).features;
const features = shapes(simplify(detailed, DETAIL))
  .map((shape) => ({
    type: "Feature",
    properties: { code: codeOf(shape.id), name: shape.properties.name },
    geometry: {
      type: "MultiPolygon",
      coordinates: inFrame(shape).map(ringsOf).filter((rings) => rings.length),
    },
  }))
  .filter((each) => each.geometry.coordinates.length)
  .sort((one, other) => one.properties.name.localeCompare(other.properties.name, "en"));
const middles = Object.fromEntries(
  shapes(detailed)
    .filter((shape) => codeOf(shape.id))
    .map((shape) => [codeOf(shape.id), middle(shape)])
    .sort(([one], [other]) => (one < other ? -1 : 1)),
);

const head = {
  type: "FeatureCollection",
  source: "Natural Earth 4.1.0, 1:50 million, by world-atlas 2.0.2; outlines simplified",
  license: "public domain",
  note: "Borders are those of Natural Earth, which draws who holds an area, not who claims it.",
  countries: middles,
};
const lines = features.map((each) => JSON.stringify(each)).join(",\n");
const text = `${JSON.stringify(head).slice(0, -1)},"features":[\n${lines}\n]}\n`;
writeFileSync(TARGET, text);
console.log(`${features.length} countries, ${text.length} characters`);
