/** What scripts of all pages say, in the language of the page: `messages/LANGUAGE/scripts.toml`. */

import { dataOf } from "./dom";

export type SiteWords = Record<
  | "copy" | "copied" | "suggestions" | "suggested" | "live_map" | "live_network" | "drawing" | "map"
  | "zoom_in" | "zoom_out" | "fit" | "network" | "network_shown" | "twin",
  string
>;

/** Return the words, which are in the page. */
export function siteWords(): SiteWords | undefined {
  return dataOf<SiteWords>("_words");
}
