/** What the things of an answer are called; asked for many at once. */

import { home, isOfTheWeb, language, localised, make } from "../page/dom";
import { type Row, type Term, written } from "./answer";
import { shortened } from "./prefixes";

interface Name {
  label: string;
  language: string | null;
  address: string;
}

const AT_ONCE = 400;
const known = new Map<string, Name>();

/** Learn the names of all things in *rows*. */
export async function learnNames(rows: Row[]): Promise<void> {
  const iris = new Set<string>();
  for (const term of rows.flat()) {
    if (term?.type === "uri" && !known.has(term.value)) iris.add(term.value);
  }
  const waiting = [...iris];
  while (waiting.length) await learn(waiting.splice(0, AT_ONCE));
}

async function learn(iris: string[]): Promise<void> {
  const body = JSON.stringify(iris);
  const answer = await fetch(`${home}sparql/names?language=${language}`, { method: "POST", body });
  if (!answer.ok) return;
  const named = (await answer.json()) as Record<string, Name>;
  for (const [iri, name] of Object.entries(named)) known.set(iri, name);
}

/** Return what *iri* is called; its short form as long as nothing else is known. */
export function nameOf(iri: string): string {
  return known.get(iri)?.label ?? shortened(iri);
}

/** Return where the page about *iri* is, if it may be linked to. */
export function addressOf(iri: string): string {
  const address = known.get(iri)?.address ?? iri;
  if (!isOfTheWeb(address)) return "";
  return localised(address);
}

/** Return *term* as a person reads it. */
export function shown(term: Term | undefined): string {
  return term?.type === "uri" ? nameOf(term.value) : written(term);
}

/** Return *iri* as a link, by name or in its short form. */
export function linkTo(iri: string, isShort: boolean): HTMLElement {
  const name = known.get(iri);
  const text = make("bdi", {}, isShort ? shortened(iri) : nameOf(iri));
  const lang = !isShort && name?.language && name.language !== language ? name.language : undefined;
  const href = addressOf(iri);
  return href ? make("a", { href, lang, title: iri }, text) : make("span", { lang, title: iri }, text);
}
