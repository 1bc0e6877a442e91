/** Asks the endpoint, and says what is wrong with a query. */

import { home } from "../page/dom";
import { answerFromJson, type Answer } from "./answer";
import { type AskedEndpoint, askedIn } from "./federation";
import { answerFromTriples } from "./ntriples";

const ENDPOINT = `${home}sparql`;
const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9";
const LONGEST_ADDRESS = 4000;

export interface Mistake {
  message: string;
  line?: number | null;
  column?: number | null;
}

/** A query that the server does not answer. */
export class Refused extends Error {
  constructor(readonly mistake: Mistake) {
    super(mistake.message);
  }
}

export interface Asked {
  answer: Answer;
  seconds: number;
  /** What the server sent. */
  text: string;
  /** Which other endpoints it asked. */
  endpoints: AskedEndpoint[];
}

/** Ask *query*; Refused when the server says why it gives no answer. */
export async function ask(query: string, signal: AbortSignal): Promise<Asked> {
  const begun = performance.now();
  const response = await fetchAnswer(query, signal);
  const text = await response.text();
  if (!response.ok) throw new Refused(mistakeOf(text, response));
  const isTable = (response.headers.get("content-type") ?? "").includes("sparql-results+json");
  const answer = isTable ? answerFromJson(text) : answerFromTriples(text);
  const endpoints = askedIn(response.headers.get("x-federation"));
  return { answer, seconds: (performance.now() - begun) / 1000, text, endpoints };
}

/** Return what is wrong with *query*, if anything is. */
export async function check(query: string, signal: AbortSignal): Promise<Mistake | undefined> {
  const headers = { "Content-Type": "application/sparql-query" };
  const response = await fetch(`${ENDPOINT}/check`, { method: "POST", body: query, headers, signal });
  if (!response.ok) return undefined;
  return ((await response.json()) as { mistake: Mistake | null }).mistake ?? undefined;
}

/** Return where a file with the answer to *query* is. */
export function fileAddress(query: string, ending: string): string {
  return `${ENDPOINT}.${ending}?query=${encodeURIComponent(query)}`;
}

/** Return where it is explained how *query* is answered: a page, in the language of this one. */
export function explanation(query: string): string {
  return `${location.pathname}?explain&query=${encodeURIComponent(query)}`;
}

/** Return where the endpoint is. */
export function endpoint(): string {
  return ENDPOINT;
}

function fetchAnswer(query: string, signal: AbortSignal): Promise<Response> {
  const body = new URLSearchParams({ query });
  const headers = { Accept: ACCEPT };
  if (body.toString().length < LONGEST_ADDRESS) {
    return fetch(`${ENDPOINT}?${body}`, { headers, signal });
  }
  return fetch(ENDPOINT, { method: "POST", body, headers, signal });
}

function mistakeOf(text: string, response: Response): Mistake {
  let message = `${response.status} ${response.statusText}`;
  try {
    message = (JSON.parse(text) as { detail?: string }).detail ?? message;
  } catch {
    // It was no problem document: a proxy has spoken.
  }
  const place = /^line (\d+), column (\d+)(?:: ([\s\S]*))?/.exec(message);
  if (!place) return { message };
  return { message: place[3] ?? message, line: Number(place[1]), column: Number(place[2]) };
}
