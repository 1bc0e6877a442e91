/** What scripts of all pages say, in the language of the page: `messages/LANGUAGE/scripts.toml`. */

import { dataOf } from "./dom";

export type SiteWords = Record<"copy" | "copied" | "suggestions" | "suggested", string>;

/** Return the words, which are in the page. */
export function siteWords(): SiteWords | undefined {
  return dataOf<SiteWords>("_words");
}
