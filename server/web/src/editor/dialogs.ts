/** Dialogs to choose a query from: the questions, and what was run before. */

import { button, home, language, make, newId } from "../page/dom";
import { folded } from "./folding";
import { titleIn } from "./columns";
import { forget, runs } from "./remembering";
import type { EditorWords } from "./words";

interface Choice {
  title: string;
  language?: string | undefined;
  query: string;
}

type Chosen = (query: string) => void;

/** Open the questions, of which one can be chosen. */
export async function openExamples(words: EditorWords, chosen: Chosen): Promise<void> {
  const choices = await questions().catch(() => []);
  const list = make("ul");
  const filter = make("input", { type: "search", "aria-label": words.search_examples, placeholder: words.search_examples });
  const dialog = opened(words.examples, words, filter, list);
  const draw = () => {
    const wanted = folded(filter.value);
    const fitting = choices.filter((each) => folded(each.title).includes(wanted));
    list.replaceChildren(...fitting.map((each) => item(each, dialog, chosen)));
  };
  filter.addEventListener("input", draw);
  draw();
}

/** Open what was run before; it can be run again, and forgotten. */
export function openHistory(words: EditorWords, chosen: Chosen): void {
  const list = make("ul");
  const dialog = opened(words.history, words, list);
  const draw = () => {
    const found = runs();
    const items = found.map((each) => {
      const day = new Date(each.at).toLocaleString(language);
      const title = [titleIn(each.query), day, each.rows.toLocaleString(language)].filter(Boolean).join(" · ");
      const one = item({ title, query: each.query }, dialog, chosen);
      one.append(make("pre", {}, each.query));
      return one;
    });
    list.replaceChildren(...(items.length ? items : [make("li", {}, words.history_empty)]));
  };
  dialog.querySelector(".ends")?.prepend(
    button(words.clear, () => {
      forget();
      draw();
    }),
  );
  draw();
}

function item(choice: Choice, dialog: HTMLDialogElement, chosen: Chosen): HTMLLIElement {
  const take = button("", () => {
    dialog.close();
    chosen(choice.query);
  });
  take.append(make("bdi", { lang: choice.language }, choice.title));
  return make("li", {}, take);
}

function opened(title: string, words: EditorWords, ...content: HTMLElement[]): HTMLDialogElement {
  const id = newId("dialog");
  const close = button(words.close, () => dialog.close());
  const ends = make("p", { class: "ends" }, close);
  const dialog = make("dialog", { "aria-labelledby": id }, make("h2", { id }, title), ...content, ends);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

let asked: Promise<Choice[]> | undefined;

/** Return the questions of the graph with their queries, in the language of the page if they have it. */
function questions(): Promise<Choice[]> {
  asked ??= fetch(`${home}data/questions`, { headers: { Accept: "application/ld+json" } })
    .then((answer) => answer.json())
    .then(choicesIn);
  return asked;
}

type Values = { "@value"?: string; "@language"?: string }[];

/** Read expanded JSON-LD, as the engine writes it. */
function choicesIn(read: unknown): Choice[] {
  const things = Array.isArray(read) ? read : ((read as { "@graph"?: unknown[] })["@graph"] ?? []);
  return (things as Record<string, unknown>[]).flatMap((thing): Choice[] => {
    const query = valuesOf(thing, "select")[0]?.["@value"];
    const texts = valuesOf(thing, "comment");
    const text = texts.find((each) => each["@language"] === language) ?? texts.find((each) => each["@language"] === "en");
    return query && text?.["@value"] ? [{ title: text["@value"], language: text["@language"], query }] : [];
  });
}

function valuesOf(thing: Record<string, unknown>, name: string): Values {
  const key = Object.keys(thing).find((each) => new RegExp(`(^|[#/:])${name}$`).test(each));
  const value = key ? thing[key] : [];
  const values = Array.isArray(value) ? value : [value];
  return values.map((each) => (typeof each === "string" ? { "@value": each } : (each as Values[number])));
}
