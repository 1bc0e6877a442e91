/** The prefixes that the server knows, and how a query comes to declare them. */

import { home } from "../page/dom";
import { declaredIn } from "./context";

let known = new Map<string, string>();

/** Ask the server for the prefixes that it knows. */
export async function loadPrefixes(): Promise<void> {
  const answer = await fetch(`${home}sparql/complete?kind=prefix`);
  if (!answer.ok) return;
  const read = (await answer.json()) as { prefixes: Record<string, string> };
  known = new Map(Object.entries(read.prefixes));
}

/** Return the prefixes that the server knows. */
export function knownPrefixes(): Map<string, string> {
  return known;
}

/** Return the lines that *text* lacks to declare the prefixes *used*. */
export function missingLines(text: string, used: Iterable<string>): string {
  const declared = declaredIn(text);
  const lacking = [...new Set(used)].filter((each) => known.has(each) && !declared.has(each));
  return lacking.map((each) => `PREFIX ${each}: <${known.get(each)}>\n`).join("");
}

/** Return where in *text* more prefixes are declared: behind the comments at its head. */
export function placeOfPrefixes(text: string): number {
  return /^(?:[ \t]*#[^\n]*\n|[ \t]*\n)*/.exec(text)?.[0].length ?? 0;
}

/** Return the prefixes that are used in *text*. */
export function usedIn(text: string): string[] {
  const bare = text
    .replace(/<[^<>\s]*>/g, " ")
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, " ")
    .replace(/#[^\n]*/g, " ");
  return [...bare.matchAll(/([A-Za-z][\w-]*):(?=[\w])/g)].map((each) => each[1] ?? "");
}

/** Return *text* with all prefixes declared that it uses and the server knows. */
export function withPrefixes(text: string): string {
  const lines = missingLines(text, usedIn(text));
  const at = placeOfPrefixes(text);
  return text.slice(0, at) + lines + text.slice(at);
}

/** Return *iri* in its shortest written form. */
export function shortened(iri: string): string {
  let best = "";
  for (const [prefix, space] of known) {
    const isBetter = iri.startsWith(space) && space.length > (known.get(best)?.length ?? 0);
    if (isBetter && /^[\w-]*$/.test(iri.slice(space.length))) best = prefix;
  }
  return best ? `${best}:${iri.slice(known.get(best)?.length)}` : `<${iri}>`;
}
