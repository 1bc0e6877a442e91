/** Reads well-known text: points, lines and areas in longitude and latitude. */

export type Place =
  | { kind: "point"; at: [number, number] }
  | { kind: "lines"; lines: [number, number][][] }
  | { kind: "areas"; areas: [number, number][][] };

const GEOMETRY = /^(?:<[^>]*>)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*Z?\s*(\(.*\))\s*$/is;

/** Return the places of *text*, as latitude and longitude. */
export function placesOf(text: string): Place[] {
  const found = GEOMETRY.exec(text);
  if (!found) return [];
  if (found[2]?.toUpperCase() === "POLYGON") return areasOf(found[3] ?? "");
  const runs = runsOf(found[3] ?? "");
  if (found[2]?.toUpperCase() === "POINT") return runs.flat().map((at): Place => ({ kind: "point", at }));
  return runs.length ? [{ kind: "lines", lines: runs }] : [];
}

/** Return each area of *text*: its outer ring, and those of its holes. */
function areasOf(text: string): Place[] {
  const areas = [...text.matchAll(/\(\s*(\([^()]*\)(?:\s*,\s*\([^()]*\))*)\s*\)/g)];
  return areas.flatMap((each): Place[] => {
    const rings = runsOf(each[1] ?? "");
    return rings.length ? [{ kind: "areas", areas: rings }] : [];
  });
}

function runsOf(text: string): [number, number][][] {
  return [...text.matchAll(/[^()]+/g)].map((each) => pairsOf(each[0])).filter((run) => run.length);
}

function pairsOf(text: string): [number, number][] {
  return text.split(",").flatMap((each) => {
    const [longitude, latitude] = each.trim().split(/\s+/).map(Number);
    const isPlace = Number.isFinite(longitude) && Number.isFinite(latitude) && Math.abs(latitude ?? 91) <= 90;
    return isPlace ? [[latitude ?? 0, longitude ?? 0] as [number, number]] : [];
  });
}
