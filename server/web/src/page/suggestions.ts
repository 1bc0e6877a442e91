/** Suggestions under a search field: a combobox with a list (ARIA Authoring Practices). */

import { filled, isOfTheWeb, localised, make, newId } from "./dom";

interface Suggestion {
  label: string;
  language?: string | null;
  kind?: string | { label: string };
  address: string;
}

export interface SuggestionWords {
  suggestions: string;
  suggested: string;
}

const PATIENCE_MS = 150;
const SHORTEST = 2;

/**
 * Offer suggestions from *address* for what is written in *input*, and call *chosen* with the address
 * of one; the form works as before without any.
 */
export function offerSuggestions(
  input: HTMLInputElement,
  address: URL,
  words: SuggestionWords,
  chosen: (address: string) => void = (each) => location.assign(localised(each)),
): void {
  new Suggestions(input, address, words, chosen);
}

class Suggestions {
  private readonly list: HTMLUListElement;
  private readonly status = make("span", { class: "hidden", role: "status" });
  private found: Suggestion[] = [];
  private chosen = -1;
  private asking: AbortController | undefined;
  private timer = 0;

  constructor(
    private readonly input: HTMLInputElement,
    private readonly address: URL,
    private readonly words: SuggestionWords,
    private readonly chosenOne: (address: string) => void,
  ) {
    const id = newId("suggestions");
    this.list = make("ul", {
      class: "suggestions",
      role: "listbox",
      id,
      hidden: true,
      "aria-label": words.suggestions,
    });
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
    })) {
      input.setAttribute(name, value);
    }
    input.after(this.list, this.status);
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => this.click(event));
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PATIENCE_MS);
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const asked = this.input.value.trim();
    if (asked.length < SHORTEST) return this.close();
    this.asking = new AbortController();
    this.address.searchParams.set("q", asked);
    try {
      const answer = await fetch(this.address, { signal: this.asking.signal });
      this.show(answer.ok ? ((await answer.json()) as Suggestion[]) : []);
    } catch {
      // Nobody waits for it any more, or there is no network: the form still works.
    }
  }

  private show(found: Suggestion[]): void {
    this.found = found.filter((each) => isOfTheWeb(each.address));
    this.chosen = -1;
    this.list.replaceChildren(...this.found.map((each, number) => this.option(each, number)));
    this.setOpen(this.found.length > 0);
    this.status.textContent = filled(this.words.suggested, { number: this.found.length });
  }

  private option(each: Suggestion, number: number): HTMLLIElement {
    const label = make("bdi", { lang: each.language ?? undefined }, each.label);
    const kind = typeof each.kind === "string" ? each.kind : (each.kind?.label ?? "");
    const id = `${this.list.id}-${number}`;
    const told = kind ? [" ", make("small", {}, kind)] : [];
    return make("li", { role: "option", id, "aria-selected": "false" }, label, ...told);
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && this.chosen >= 0) {
      event.preventDefault();
      this.go(this.chosen);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.list.hidden) return;
      event.preventDefault();
      this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    }
  }

  /** Choose one; the field itself stands between the last and the first. */
  private choose(number: number): void {
    const size = this.found.length;
    this.chosen = number >= size ? -1 : number < -1 ? size - 1 : number;
    [...this.list.children].forEach((each, at) => {
      each.setAttribute("aria-selected", String(at === this.chosen));
      if (at === this.chosen) each.scrollIntoView({ block: "nearest" });
    });
    if (this.chosen < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.chosen}`);
  }

  private click(event: MouseEvent): void {
    event.preventDefault(); // the field keeps the focus, so that the list stays
    const option = (event.target as Element).closest("li");
    if (option) this.go([...this.list.children].indexOf(option));
  }

  private go(number: number): void {
    const suggestion = this.found[number];
    if (!suggestion) return;
    this.close();
    this.chosenOne(suggestion.address);
  }

  private close(): void {
    this.asking?.abort();
    clearTimeout(this.timer);
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.setOpen(false);
  }

  private setOpen(isOpen: boolean): void {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
  }
}
