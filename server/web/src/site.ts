/** What every page has: suggestions for the search, and buttons that copy. */

import { offerCopies } from "./page/copying";
import { dataOf } from "./page/dom";
import { offerSuggestions, type SuggestionWords } from "./page/suggestions";

interface Words extends SuggestionWords {
  copy: string;
  copied: string;
}

const words = dataOf<Words>("_words");
if (words) {
  for (const input of document.querySelectorAll<HTMLInputElement>("form.search input[name=q]")) {
    offerSuggestions(input, words);
  }
  const texts = document.querySelectorAll<HTMLElement>(".tools pre, .tools .citation");
  offerCopies(texts, words.copy, words.copied);
}
