/** What a query finds: a table of terms, or yes or no. */

export type Term =
  | { type: "uri"; value: string }
  | { type: "bnode"; value: string }
  | { type: "literal"; value: string; "xml:lang"?: string; datatype?: string }
  | { type: "triple"; value: { subject: Term; predicate: Term; object: Term } };

export type Row = (Term | undefined)[];

export interface Table {
  columns: string[];
  rows: Row[];
  /** It is the triples of a graph. */
  isGraph: boolean;
}

export type Answer = { kind: "boolean"; value: boolean } | { kind: "table"; table: Table };

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  ["integer", "decimal", "double", "float", "int", "long", "short", "nonNegativeInteger", "gYear"].map(
    (name) => XSD + name,
  ),
);
const DATES = new Set(["date", "dateTime", "gYear", "gYearMonth"].map((name) => XSD + name));
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";

/** Read the SPARQL Results JSON *text*. */
export function answerFromJson(text: string): Answer {
  const read = JSON.parse(text) as {
    head: { vars?: string[] };
    boolean?: boolean;
    results?: { bindings: Record<string, Term>[] };
  };
  if (read.boolean !== undefined) return { kind: "boolean", value: read.boolean };
  const columns = read.head.vars ?? [];
  const rows = (read.results?.bindings ?? []).map((each) => columns.map((name) => each[name]));
  return { kind: "table", table: { columns, rows, isGraph: false } };
}

/** Return how *term* is written out, with nothing left away. */
export function written(term: Term | undefined): string {
  if (!term) return "";
  if (term.type === "triple") {
    const { subject, predicate, object } = term.value;
    return `<< ${written(subject)} ${written(predicate)} ${written(object)} >>`;
  }
  return term.type === "bnode" ? `_:${term.value}` : term.value;
}

/** Return the number that *term* is, if it is one. */
export function numberOf(term: Term | undefined): number | undefined {
  if (term?.type !== "literal" || !term.datatype || !NUMBERS.has(term.datatype)) return undefined;
  const number = Number(term.value);
  return Number.isFinite(number) ? number : undefined;
}

/** Return the day that *term* is, if it is one. */
export function dateOf(term: Term | undefined): Date | undefined {
  if (term?.type !== "literal" || !term.datatype || !DATES.has(term.datatype)) return undefined;
  const day = new Date(/^-?\d{4,}$/.test(term.value) ? `${term.value}-01-01` : term.value);
  return Number.isNaN(day.valueOf()) ? undefined : day;
}

/** Tell whether *term* is a place written as well-known text. */
export function isPlace(term: Term | undefined): boolean {
  return term?.type === "literal" && (term.datatype === WKT || /^POINT\s*\(/i.test(term.value));
}
