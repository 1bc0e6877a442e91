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
  const runs = [...(found[3] ?? "").matchAll(/[^()]+/g)].map((each) => pairsOf(each[0])).filter((run) => run.length);
  if (found[2]?.toUpperCase() === "POINT") return runs.flat().map((at): Place => ({ kind: "point", at }));
  if (!runs.length) return [];
  return [found[2]?.toUpperCase() === "POLYGON" ? { kind: "areas", areas: runs } : { kind: "lines", lines: runs }];
}

function pairsOf(text: string): [number, number][] {
  return text.split(",").flatMap((each) => {
    const [longitude, latitude] = each.trim().split(/\s+/).map(Number);
    const isPlace = Number.isFinite(longitude) && Number.isFinite(latitude) && Math.abs(latitude ?? 91) <= 90;
    return isPlace ? [[latitude ?? 0, longitude ?? 0] as [number, number]] : [];
  });
}
