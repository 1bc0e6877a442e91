/** Completion from the live data: classes, properties and values, with label and count. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";

import { filled, home, language } from "../page/dom";
import { contextAt, type Context } from "./context";
import { folded } from "./folding";
import { knownPrefixes, missingLines, placeOfPrefixes } from "./prefixes";
import type { EditorWords } from "./words";

interface Suggestion {
  kind: "class" | "property" | "value";
  iri: string;
  insert: string;
  label: string;
  count: number;
  is_more: boolean;
  of: number;
  cardinality: string;
}

const KEYWORDS =
  "SELECT DISTINCT WHERE FILTER OPTIONAL UNION GRAPH MINUS BIND VALUES SERVICE ORDER BY GROUP HAVING LIMIT OFFSET ASK CONSTRUCT DESCRIBE PREFIX COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND REGEX CONTAINS STRSTARTS STRENDS LCASE UCASE EXISTS NOT IN AS COALESCE IF YEAR".split(
    " ",
  );
const remembered = new Map<string, Promise<Suggestion[]>>();

/** Return a source of completions that speaks with *words*. */
export function completionSource(
  words: EditorWords,
): (context: CompletionContext) => Promise<CompletionResult | null> {
  return async (context) => {
    const text = context.state.doc.toString();
    const found = contextAt(text, context.pos, knownPrefixes());
    if (!context.explicit && !isWorthAsking(found, text.slice(0, found.from))) return null;
    const options = [...(await suggestionsFor(found, words)), ...wordsFor(found, text)];
    if (context.aborted || options.length === 0) return null;
    return { from: found.from, options, filter: false };
  };
}

function isWorthAsking(context: Context, before: string): boolean {
  if (context.word.length > 0) return !/[?$]$/.test(before);
  return context.slot !== "other" && /\s$/.test(before) && context.slot !== "object";
}

async function suggestionsFor(context: Context, words: EditorWords): Promise<Completion[]> {
  const query = new URLSearchParams({ language });
  if (context.slot === "class") query.set("kind", "class");
  else if (context.slot === "predicate") query.set("kind", "property");
  else if (context.slot === "object" && context.property) query.set("kind", "value");
  else return [];
  for (const each of context.classes.slice(0, 1)) query.append("class", each);
  if (context.slot === "predicate" && context.of && !context.classes.length) query.set("of", context.of);
  if (context.property) query.set("property", context.property);
  const found = await asked(query.toString());
  const wanted = folded(context.word);
  return found
    .filter((each) => fits(each, wanted))
    .sort((one, other) => rank(one, wanted) - rank(other, wanted))
    .slice(0, 60)
    .map((each) => completionOf(each, words));
}

/** Ask the server once for what it was asked before. */
function asked(query: string): Promise<Suggestion[]> {
  let answer = remembered.get(query);
  if (!answer) {
    answer = fetch(`${home}sparql/complete?${query}`)
      .then((response) => (response.ok ? response.json() : { suggestions: [] }))
      .then((read: { suggestions: Suggestion[] }) => read.suggestions)
      .catch(() => {
        remembered.delete(query);
        return [];
      });
    remembered.set(query, answer);
  }
  return answer;
}

function fits(each: Suggestion, wanted: string): boolean {
  return folded(each.insert).includes(wanted) || folded(each.label).includes(wanted);
}

/** Order by where the word is found: at the beginning of the name, of the label, elsewhere. */
function rank(each: Suggestion, wanted: string): number {
  const name = folded(each.insert);
  if (name.startsWith(wanted) || name.split(":")[1]?.startsWith(wanted)) return 0;
  return folded(each.label).startsWith(wanted) ? 1 : 2;
}

function completionOf(each: Suggestion, words: EditorWords): Completion {
  const told = [each.label === each.insert ? "" : each.label, usesOf(each, words)];
  if (each.cardinality) told.push(filled(words.values_each, { cardinality: each.cardinality }));
  return {
    label: each.insert,
    detail: told.filter(Boolean).join(" · "),
    type: each.kind === "value" ? "constant" : each.kind,
    apply: (view, _, from, to) => insert(view, each.insert, from, to),
  };
}

function usesOf(each: Suggestion, words: EditorWords): string {
  if (each.of) return filled(words.in_sample, { number: each.count, all: each.of });
  return filled(each.is_more ? words.uses_more : words.uses, { number: each.count });
}

/** Put *text* in, and the line that declares its prefix. */
function insert(view: EditorView, text: string, from: number, to: number): void {
  const query = view.state.doc.toString();
  const prefix = /^([A-Za-z][\w-]*):/.exec(text)?.[1];
  const lines = prefix ? missingLines(query, [prefix]) : "";
  const at = Math.min(placeOfPrefixes(query), from);
  view.dispatch({
    changes: [
      { from: at, insert: lines },
      { from, to, insert: text },
    ],
    selection: { anchor: from + lines.length + text.length },
    userEvent: "input.complete",
    scrollIntoView: true,
  });
}

function wordsFor(context: Context, text: string): Completion[] {
  const wanted = context.word.toUpperCase();
  const isStart = text.slice(0, context.from).endsWith("?");
  const names = new Set([...text.matchAll(/[?$](\w+)/g)].map((each) => each[1] ?? ""));
  if (isStart) {
    return [...names]
      .filter((each) => each.startsWith(context.word) && each !== context.word)
      .map((label) => ({ label, type: "variable" }));
  }
  if (wanted === "" || wanted.includes(":")) return [];
  return KEYWORDS.filter((each) => each.startsWith(wanted)).map((label) => ({ label, type: "keyword" }));
}
