/** A drawing that can be swapped for one that moves. */

import { button, make } from "./dom";

/** Give *figure* a button that shows what *draw* draws in place of its drawing, and back. */
export function offerSwap(
  figure: HTMLElement,
  words: { live: string; drawing: string },
  draw: (host: HTMLElement) => void | Promise<void>,
): void {
  const drawing = figure.querySelector<HTMLElement>(".scroll");
  if (!drawing) return;
  const host = make("div", { hidden: true });
  let isDrawn = false;
  const swap = button(words.live, () => {
    host.hidden = !host.hidden;
    drawing.hidden = !host.hidden;
    swap.textContent = host.hidden ? words.live : words.drawing;
    if (!isDrawn) void draw(host);
    isDrawn = true;
  });
  drawing.before(make("p", { class: "swap" }, swap));
  drawing.after(host);
}
