/** Reads N-Triples, the form in which the editor asks for graphs. */

import type { Answer, Row, Term } from "./answer";

const TERM =
  /\s*(?:<([^>]*)>|_:([^\s]+)|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9-]+)*)|\^\^<([^>]*)>)?)/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g;
const LETTERS: Record<string, string> = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

/** Return the triples of *text* as a table. */
export function answerFromTriples(text: string): Answer {
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    const row = rowOf(line);
    if (row) rows.push(row);
  }
  const columns = ["subject", "predicate", "object"];
  return { kind: "table", table: { columns, rows, isGraph: true } };
}

function rowOf(line: string): Row | undefined {
  const row: Row = [];
  let at = 0;
  while (row.length < 3) {
    TERM.lastIndex = at;
    const found = TERM.exec(line);
    if (!found) return undefined;
    at = TERM.lastIndex;
    row.push(termOf(found));
  }
  return row;
}

function termOf(found: RegExpExecArray): Term {
  const [, iri, blank, text, tag, datatype] = found;
  if (iri !== undefined) return { type: "uri", value: unescaped(iri) };
  if (blank !== undefined) return { type: "bnode", value: blank };
  const term: Term = { type: "literal", value: unescaped(text ?? "") };
  if (tag) term["xml:lang"] = tag;
  if (datatype) term.datatype = datatype;
  return term;
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, four?: string, eight?: string, letter?: string) => {
    if (letter !== undefined) return LETTERS[letter] ?? letter;
    return String.fromCodePoint(Number.parseInt(four ?? eight ?? "0", 16));
  });
}
