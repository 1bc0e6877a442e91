/** The SPARQL editor: it takes the place of the form that works without it. */

import { copyButton } from "./page/copying";
import { button, dataOf, filled, make } from "./page/dom";
import { addressIs, viewOfAddress } from "./editor/addressing";
import { ask, type Asked, check, explanation, Refused } from "./editor/asking";
import { titleIn, type ViewName, viewIn } from "./editor/columns";
import { openExamples, openHistory } from "./editor/dialogs";
import { type Field, mount } from "./editor/mount";
import { loadPrefixes, withPrefixes } from "./editor/prefixes";
import { remember } from "./editor/remembering";
import { showAnswer } from "./editor/results";
import type { EditorWords } from "./editor/words";

const CHECKED_AFTER_MS = 900;

class Editor {
  private readonly field: Field;
  private readonly status = make("span", { class: "status", role: "status" });
  private readonly runButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private running: AbortController | undefined;
  private checking: AbortController | undefined;
  private timer = 0;
  private view: ViewName | undefined = viewOfAddress();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly textarea: HTMLTextAreaElement,
    private readonly results: HTMLElement,
    private readonly words: EditorWords,
  ) {
    this.field = mount(textarea, {
      words,
      run: () => void this.run(),
      changed: (text) => this.changed(text),
      announce: (text) => this.say(text),
    });
    this.field.element.after(make("p", { class: "hint" }, words.editor_help));
    this.runButton = make("button", { class: "main" }, words.run);
    this.stopButton = button(words.stop, () => this.running?.abort(), { hidden: true });
    this.putButtons();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.run();
    });
    form.querySelector("label[for=query]")?.addEventListener("click", () => this.field.focus());
  }

  /** Begin: run what the address asks for. */
  async begin(): Promise<void> {
    await loadPrefixes().catch(() => undefined);
    if (new URL(location.href).searchParams.get("query")?.trim()) await this.run(true);
  }

  private putButtons(): void {
    const { words } = this;
    const take = (query: string) => {
      this.field.setText(query);
      this.view = undefined;
      void this.run();
    };
    const buttons: HTMLElement[] = [
      this.runButton,
      this.stopButton,
      button(words.examples, () => void openExamples(words, take)),
      button(words.history, () => openHistory(words, take)),
      button(words.explain, () => location.assign(explanation(withPrefixes(this.field.text())))),
    ];
    if (navigator.clipboard) {
      buttons.push(copyButton(words.share, words.copied, () => this.sharedAddress()));
      buttons.push(copyButton(words.copy_query, words.copied, () => this.field.text()));
    }
    this.form.querySelector(".buttons")?.replaceChildren(...buttons, this.status);
  }

  private sharedAddress(): string {
    addressIs(this.field.text(), this.view);
    return location.href;
  }

  /** Ask what is written, unless that is being done; what was found before stays till then. */
  private async run(isFirst = false): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    const query = withPrefixes(this.field.text());
    if (query !== this.field.text()) this.field.setText(query);
    this.view = (isFirst ? this.view : undefined) ?? viewIn(query) ?? this.view;
    this.setRunning(true);
    this.say(this.words.running);
    try {
      const asked = await ask(query, running.signal);
      await this.show(query, asked);
    } catch (error) {
      if (this.running === running) this.tell(error);
    } finally {
      if (this.running === running) this.setRunning(false);
    }
  }

  private async show(query: string, asked: Asked): Promise<void> {
    const { words } = this;
    this.field.show(undefined);
    addressIs(query, this.view);
    const heading = document.querySelector("h1");
    if (heading) heading.textContent = titleIn(query) || words.title;
    await showAnswer(this.results, query, asked, this.view, words, (view) => {
      this.view = view;
      addressIs(query, view);
    });
    const number = asked.answer.kind === "table" ? asked.answer.table.rows.length : 1;
    const rows = number === 1 ? words.one_row : filled(words.rows, { number });
    this.say(filled(words.done, { rows, seconds: asked.seconds.toFixed(2) }));
    remember(query, number);
  }

  private tell(error: unknown): void {
    const { words } = this;
    if (error instanceof DOMException && error.name === "AbortError") return this.say(words.stopped);
    this.results.replaceChildren();
    if (error instanceof Refused) {
      this.field.show(error.mistake);
      const { line, column, message } = error.mistake;
      const place = line && column ? `${filled(words.place, { line, column })} ` : "";
      this.results.append(make("div", { class: "notice warning", role: "alert", id: "mistake" }, make("p", {}, place, make("bdi", {}, message))));
      this.say("");
    } else {
      this.say(filled(words.failed, { reason: String(error) }));
    }
  }

  private changed(text: string): void {
    this.textarea.value = text;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(text), CHECKED_AFTER_MS);
  }

  private async check(text: string): Promise<void> {
    this.checking?.abort();
    this.checking = new AbortController();
    try {
      const mistake = text.trim() ? await check(withPrefixes(text), this.checking.signal) : undefined;
      if (this.field.text() === text) this.field.show(mistake);
    } catch {
      // Another check has begun, or there is no network.
    }
  }

  private setRunning(isRunning: boolean): void {
    this.stopButton.hidden = !isRunning;
    this.results.setAttribute("aria-busy", String(isRunning));
  }

  private say(text: string): void {
    this.status.textContent = text;
  }
}

const form = document.querySelector<HTMLFormElement>("#ask");
const textarea = document.querySelector<HTMLTextAreaElement>("#query");
const results = document.querySelector<HTMLElement>("#results");
const words = dataOf<EditorWords>("editor-words");
if (form && textarea && results && words) void new Editor(form, textarea, results, words).begin();
