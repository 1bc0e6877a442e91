/** Buttons that copy a text. */

import { button } from "./dom";

const SHOWN_MS = 2000;

/** Return a button that copies what *text* returns, and says so. */
export function copyButton(label: string, done: string, text: () => string): HTMLButtonElement {
  const made = button(label, () => {
    void navigator.clipboard.writeText(text()).then(() => {
      made.textContent = done;
      setTimeout(() => (made.textContent = label), SHOWN_MS);
    });
  });
  made.setAttribute("aria-live", "polite");
  return made;
}

/** Give each of *texts* a button that copies it; there is a clipboard in safe places only. */
export function offerCopies(texts: Iterable<HTMLElement>, label: string, done: string): void {
  if (!navigator.clipboard) return;
  for (const each of texts) {
    const text = () => (each.textContent ?? "").trim();
    each.after(copyButton(label, done, text));
  }
}
