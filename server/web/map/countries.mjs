// Makes the map that all pictures stand on: the countries of the world, with simple outlines, and
// simpler ones where the map of Europe does not reach.
//
//     npm install --ignore-scripts && npm run make
//
// From Natural Earth (public domain, naturalearthdata.com), as world-atlas 2.0.2 packs its version
// 4.1.0 at 1:50 million. Borders are those of Natural Earth, which draws who holds an area.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoArea, geoAzimuthalEqualArea, geoEquirectangular } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import countries from "i18n-iso-countries";
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
const flat = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(0);
const COARSER = 60; // how much less detail there is beyond the frame
const DETAIL = Number(process.argv[2] ?? 6e-6); // the smallest corner that is kept, in steradians
const SMALLEST = 4e-7; // the smallest island, in steradians: about 16 square kilometres
const TARGET = new URL("../../../graph/publishing/pictures/countries.json", import.meta.url);

const find = createRequire(import.meta.url).resolve;
const read = (name) => JSON.parse(readFileSync(find(name)));
const topology = read("world-atlas/countries-50m.json");
const weighed = presimplify(topology, sphericalTriangleArea);
for (const arc of weighed.arcs) {
  for (const point of arc) {
    if (Number.isFinite(point[2]) && !isOnMap([point[0], point[1]])) point[2] /= COARSER;
  }
}
const codeOf = (id) => countries.numericToAlpha3(id) ?? "";
const polygonsOf = ({ geometry: { type, coordinates } }) =>
  type === "Polygon" ? [coordinates] : coordinates;
// Longitude and latitude on a plane, so that what crosses 180° is cut there.
const cut = (shape) => {
  const { geometry } = geoProject(shape, flat);
  const upright = (ring) => ring.map(([x, y]) => [x, -y]);
  return polygonsOf({ geometry }).map((rings) => rings.map(upright));
};
const rounded = (number) => Math.round(number * 100) / 100;

function largest(polygons) {
  const area = (polygon) => geoArea({ type: "Polygon", coordinates: polygon });
  return polygons.reduce((best, each) => (area(each) > area(best) ? each : best));
}

function middle(shape) {
  const [longitude, latitude] = polylabel(largest(polygonsOf(shape)), 0.05);
  return [rounded(longitude), rounded(latitude)];
}

function isOnMap(position) {
  const [x, y] = projection(position);
  return x > -MARGIN && x < WIDTH + MARGIN && y > -MARGIN && y < HEIGHT + MARGIN;
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
  const size = Math.min(area, 4 * Math.PI - area);
  return size >= (ring.some(isOnMap) ? SMALLEST : SMALLEST * COARSER);
}

const shapes = (topology) => feature(topology, topology.objects.countries).features;
const features = shapes(simplify(weighed, DETAIL))
  .map((shape) => ({
    type: "Feature",
    properties: { code: codeOf(shape.id), name: shape.properties.name },
    geometry: {
      type: "MultiPolygon",
      coordinates: cut(shape).map(ringsOf).filter((rings) => rings.length),
    },
  }))
  .filter((each) => each.geometry.coordinates.length)
  .sort((one, other) => one.properties.name.localeCompare(other.properties.name, "en"));
// Some have several shapes; the middle is that of the largest, which comes last.
const middles = Object.fromEntries(
  shapes(topology)
    .filter((shape) => codeOf(shape.id))
    .sort((one, other) => geoArea(one) - geoArea(other))
    .map((shape) => [codeOf(shape.id), middle(shape)]),
);

const head = {
  type: "FeatureCollection",
  source: "Natural Earth 4.1.0, 1:50 million, by world-atlas 2.0.2; outlines simplified",
  license: "public domain",
  note: "Borders are those of Natural Earth, which draws who holds an area, not who claims it.",
  countries: Object.fromEntries(Object.entries(middles).sort()),
};
const lines = features.map((each) => JSON.stringify(each)).join(",\n");
const text = `${JSON.stringify(head).slice(0, -1)},"features":[\n${lines}\n]}\n`;
writeFileSync(TARGET, text);
console.log(`${features.length} countries, ${text.length} characters`);
