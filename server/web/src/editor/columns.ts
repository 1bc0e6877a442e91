/** What kind of values the columns of an answer have, and which views they allow. */

import { dateOf, isPlace, numberOf, type Table } from "./answer";

export type Kind = "thing" | "number" | "date" | "place" | "text" | "empty";

export const VIEWS = ["table", "map", "network", "chart", "timeline", "pivot", "raw"] as const;
export type ViewName = (typeof VIEWS)[number];

const SAMPLE = 200;
const DIRECTIVE = /^[ \t]*#[ \t]*defaultView:[ \t]*([A-Za-z]+)/im;
/** The views of the Wikidata Query Service, and ours that show the same. */
const WIKIDATA: Record<string, ViewName> = {
  table: "table",
  map: "map",
  graph: "network",
  graphbuilder: "network",
  network: "network",
  linechart: "chart",
  barchart: "chart",
  areachart: "chart",
  scatterchart: "chart",
  bubblechart: "chart",
  chart: "chart",
  timeline: "timeline",
  dimensions: "pivot",
  pivot: "pivot",
  raw: "raw",
};

/** Return the kind of each column of *table*: that of all its values, else text. */
export function kindsOf(table: Table): Kind[] {
  return table.columns.map((_, at) => {
    const kinds = new Set<Kind>();
    for (const row of table.rows.slice(0, SAMPLE)) {
      const term = row[at];
      if (!term) continue;
      if (term.type === "uri") kinds.add("thing");
      else if (isPlace(term)) kinds.add("place");
      else if (term.type === "literal" && /#gYear$/.test(term.datatype ?? "")) kinds.add("date");
      else if (numberOf(term) !== undefined) kinds.add("number");
      else if (dateOf(term)) kinds.add("date");
      else kinds.add("text");
    }
    if (kinds.size === 0) return "empty";
    return kinds.size === 1 ? ([...kinds][0] ?? "text") : "text";
  });
}

/** Return the pair of columns that are latitude and longitude, if there is one. */
export function coordinatesIn(table: Table): [number, number] | undefined {
  const at = (pattern: RegExp) => table.columns.findIndex((name) => pattern.test(name));
  const [latitude, longitude] = [at(/^lat(itude)?$/i), at(/^(lon|lng|long|longitude)$/i)];
  return latitude >= 0 && longitude >= 0 ? [latitude, longitude] : undefined;
}

/** Return the views that *table* allows, the likeliest first behind the table itself. */
export function viewsFor(table: Table): ViewName[] {
  const kinds = kindsOf(table);
  const many = (...wanted: Kind[]) => kinds.filter((kind) => wanted.includes(kind)).length;
  const views: ViewName[] = ["table"];
  if (many("place") || coordinatesIn(table)) views.push("map");
  if (table.isGraph || many("thing") >= 2) views.push("network");
  if (many("number") && many("thing", "text", "date", "number") >= 2) views.push("chart");
  if (many("date")) views.push("timeline");
  if (!table.isGraph && many("thing", "text", "date") >= 2) views.push("pivot");
  return [...views, "raw"];
}

/** Return the view that a comment of *query* asks for, as the Wikidata Query Service reads it. */
export function viewIn(query: string): ViewName | undefined {
  const name = DIRECTIVE.exec(query)?.[1]?.toLowerCase();
  return name ? WIKIDATA[name] : undefined;
}

/** Return the title that a comment of *query* gives it. */
export function titleIn(query: string): string {
  return /^[ \t]*#[ \t]*title:[ \t]*(\S.*?)[ \t]*$/im.exec(query)?.[1]?.slice(0, 200) ?? "";
}
