/** What is chosen in a view. */

import { make } from "../page/dom";

/** Return a labelled list of *options* (value and name), of which *chosen* is the first choice. */
export function choice(
  label: string,
  options: [string, string][],
  chosen: string,
  changed: (value: string) => void,
): HTMLLabelElement {
  const list = make("select");
  for (const [value, name] of options) {
    list.append(make("option", { value, selected: value === chosen }, name));
  }
  list.addEventListener("change", () => changed(list.value));
  return make("label", {}, label, list);
}
