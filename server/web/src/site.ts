/** What every page has: suggestions for names, and buttons that copy. */

import { offerCopies } from "./page/copying";
import { home } from "./page/dom";
import { offerSuggestions } from "./page/suggestions";
import { siteWords } from "./page/words";

const search = document.querySelector<HTMLFormElement>("form.search");
const words = siteWords();
if (search && words) {
  const address = new URL(`${search.action}/suggest.json`);
  for (const input of document.querySelectorAll<HTMLInputElement>("input[name=q]")) {
    if (input.form?.action !== search.action) continue;
    input.parentElement?.classList.add("suggesting");
    offerSuggestions(input, address, words);
  }
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) {
    // It takes names, and what stands behind the address of the site: `cluster/minalogic`.
    const path = /^(?:fr\/|de\/)?([a-z-]+\/[^/?#]+)/;
    const take = (each: string) => (input.value = path.exec(each.replace(home, ""))?.[1] ?? input.value);
    input.parentElement?.classList.add("suggesting");
    offerSuggestions(input, new URL(address), words, take);
  }
}
if (words) {
  const texts = document.querySelectorAll<HTMLElement>(".tools pre, .tools .citation");
  offerCopies(texts, words.copy, words.copied);
}
