/** An answer in a frame, in the view that the address or the query asks for. */

import { dataOf } from "./page/dom";
import { viewOfAddress } from "./editor/addressing";
import { ask } from "./editor/asking";
import { viewIn } from "./editor/columns";
import { loadPrefixes } from "./editor/prefixes";
import { showAnswer } from "./editor/results";
import type { EditorWords } from "./editor/words";

const query = new URL(location.href).searchParams.get("query");
const results = document.getElementById("results");
const words = dataOf<EditorWords>("editor-words");
const view = viewOfAddress() ?? viewIn(query ?? "");
// A table is there already.
if (query && results && words && view && view !== "table") void show(query, results, words);

async function show(query: string, host: HTMLElement, words: EditorWords): Promise<void> {
  await loadPrefixes().catch(() => undefined);
  const asked = await ask(query, new AbortController().signal);
  await showAnswer(host, query, asked, view, words, () => undefined, true);
}
