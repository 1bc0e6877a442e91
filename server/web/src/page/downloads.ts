/** Files that are made in the browser, of what is there already. */

import { button } from "./dom";

/** Have the browser save *content* as the file *name*. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it, or is about to.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Return a button that saves what *content* returns as the file *name*. */
export function saveButton(label: string, name: string, content: () => Blob | Promise<Blob>): HTMLButtonElement {
  return button(label, () => void Promise.resolve(content()).then((made) => save(made, name)), { "data-file": name });
}
