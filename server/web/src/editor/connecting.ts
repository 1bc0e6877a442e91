/** How programs ask the same query. */

import { copyButton } from "../page/copying";
import { make } from "../page/dom";
import { endpoint, fileAddress } from "./asking";
import type { EditorWords } from "./words";

/** Return *query* as it is asked from a shell, from Python, from R and from a spreadsheet. */
export function connections(query: string, isGraph: boolean, words: EditorWords): HTMLElement {
  const type = isGraph ? "text/turtle" : "text/csv";
  const told = make("div");
  const add = (title: string, text: string, ...more: HTMLElement[]) => {
    const code = make("pre", { tabindex: 0 }, text);
    told.append(make("h4", {}, title), ...more, code, make("p", {}, copyButton(words.copy, words.copied, () => text)));
  };
  add("curl", curl(query, type));
  add("Python", python(query, isGraph));
  add("R", r(query, isGraph));
  if (!isGraph) add(words.spreadsheet, fileAddress(query, "csv"), make("p", {}, words.spreadsheet_help));
  return told;
}

function curl(query: string, type: string): string {
  const quoted = query.trim().replace(/'/g, `'\\''`);
  return `curl --header 'Accept: ${type}' --data-urlencode 'query=${quoted}' '${endpoint()}'`;
}

function python(query: string, isGraph: boolean): string {
  const text = JSON.stringify(query.trim()).replace(/\\n/g, '\\n"\n    "');
  const read = isGraph
    ? `import urllib.request\n\nrequest = urllib.request.Request(url, headers={"Accept": "text/turtle"})\nprint(urllib.request.urlopen(request).read().decode())`
    : `import pandas\n\nprint(pandas.read_csv(url))`;
  const address = isGraph ? `${endpoint()}?` : `${endpoint()}.csv?`;
  return `import urllib.parse\n\nquery = (\n    ${text}\n)\nurl = "${address}" + urllib.parse.urlencode({"query": query})\n\n${read}\n`;
}

function r(query: string, isGraph: boolean): string {
  const text = JSON.stringify(query.trim());
  const ending = isGraph ? "ttl" : "csv";
  const read = isGraph ? "cat(readLines(url), sep = \"\\n\")" : "answer <- read.csv(url)";
  return `query <- ${text}\nurl <- paste0("${endpoint()}.${ending}?query=", URLencode(query, reserved = TRUE))\n${read}\n`;
}
