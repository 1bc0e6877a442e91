/** An answer as a network: the triples of a graph, or the things that stand in one row. */

import type { Row, Table, Term } from "../editor/answer";
import { addressOf, shown } from "../editor/names";
import { filled, make } from "../page/dom";
import { drawNetwork, type Edge, type Node } from "./graph";
import type { Showing } from "./view";

const MOST_EDGES = 1500;

/** Show what is connected with what. */
export function showNetwork(host: HTMLElement, { table, words }: Showing): void {
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  const add = (term: Term): string => {
    const id = `${term.type} ${String(term.value)}`;
    const address = term.type === "uri" ? addressOf(term.value) : "";
    if (!nodes.has(id)) nodes.set(id, { id, label: shown(term), address });
    return id;
  };
  for (const row of table.rows) {
    if (edges.length >= MOST_EDGES) break;
    for (const [one, other, label] of linksOf(table, row)) {
      edges.push({ source: add(one), target: add(other), label });
    }
  }
  if (edges.length >= MOST_EDGES) host.append(make("p", {}, filled(words.too_many, { number: MOST_EDGES })));
  drawNetwork(host, { nodes: [...nodes.values()], edges }, words);
}

/** Return the pairs that *row* connects: subject and object, or its first thing and the others. */
function linksOf(table: Table, row: Row): [Term, Term, string][] {
  if (table.isGraph) {
    const [subject, predicate, object] = row;
    if (!subject || !object || object.type === "literal") return [];
    return [[subject, object, shown(predicate)]];
  }
  const [first, ...others] = row.flatMap((term, at) => (term?.type === "uri" ? [{ term, at }] : []));
  if (!first) return [];
  return others.map(({ term, at }) => [first.term, term, table.columns[at] ?? ""]);
}
