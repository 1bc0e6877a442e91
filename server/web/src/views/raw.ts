/** What the server sent, as it is. */

import { make } from "../page/dom";
import type { Showing } from "./view";

const MOST = 200_000;

/** Show the text of the answer. */
export function showRaw(host: HTMLElement, { text }: Showing): void {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  host.append(make("pre", { class: "raw", tabindex: 0 }, cut));
}
