/** An answer as a table: by name, sorted by any column, filtered, a part at a time. */

import { numberOf, type Row, type Table, type Term, written } from "../editor/answer";
import { folded } from "../editor/folding";
import { linkTo, nameOf, shown } from "../editor/names";
import { button, filled, language, make, newId } from "../page/dom";
import type { Showing } from "./view";

const PART = 200;

/** Show the table, with what sorts and filters it. */
export function showTable(host: HTMLElement, { table, words }: Showing): void {
  new SortedTable(host, table, words).draw();
}

class SortedTable {
  private sorted = -1;
  private isDescending = false;
  private wanted = "";
  private isShort = false;
  private size = PART;
  private readonly body = make("tbody");
  private readonly head = make("tr");
  private readonly told = make("output", { role: "status" });
  private readonly more: HTMLButtonElement;

  constructor(
    host: HTMLElement,
    private readonly table: Table,
    private readonly words: Showing["words"],
  ) {
    this.more = button(words.more_rows, () => {
      this.size += PART;
      this.draw();
    });
    const id = newId("rows");
    const grid = make("table", {}, make("caption", { class: "hidden", id }, words.table), make("thead", {}, this.head), this.body);
    const scroll = make("div", { class: "scroll", role: "region", tabindex: 0, "aria-labelledby": id }, grid);
    host.append(this.choices(), scroll, this.more);
    table.columns.forEach((name, at) => this.head.append(this.heading(name, at)));
  }

  private choices(): HTMLElement {
    const filter = make("input", { type: "search" });
    filter.addEventListener("input", () => {
      this.wanted = folded(filter.value.trim());
      this.draw();
    });
    const short = make("input", { type: "checkbox" });
    short.addEventListener("change", () => {
      this.isShort = short.checked;
      this.draw();
    });
    return make(
      "div",
      { class: "choosing" },
      make("label", {}, this.words.filter, filter),
      make("label", {}, short, this.words.short_names),
      this.told,
    );
  }

  private heading(name: string, at: number): HTMLElement {
    const sort = button(name, () => {
      this.isDescending = this.sorted === at && !this.isDescending;
      this.sorted = at;
      this.draw();
    });
    sort.title = filled(this.words.sort_by, { column: name });
    return make("th", { scope: "col" }, sort);
  }

  /** Draw the rows that are wanted, in their order. */
  draw(): void {
    const rows = this.ordered(this.table.rows.filter((row) => this.fits(row)));
    this.body.replaceChildren(...rows.slice(0, this.size).map((row) => this.row(row)));
    this.more.hidden = rows.length <= this.size;
    [...this.head.children].forEach((each, at) => {
      if (at !== this.sorted) each.removeAttribute("aria-sort");
      else each.setAttribute("aria-sort", this.isDescending ? "descending" : "ascending");
    });
    const numbers = { number: rows.length, all: this.table.rows.length };
    this.told.textContent = this.wanted ? filled(this.words.fitting, numbers) : "";
  }

  private fits(row: Row): boolean {
    return !this.wanted || row.some((term) => folded(`${shown(term)} ${written(term)}`).includes(this.wanted));
  }

  private ordered(rows: Row[]): Row[] {
    if (this.sorted < 0) return rows;
    const way = this.isDescending ? -1 : 1;
    return [...rows].sort((one, other) => way * compared(one[this.sorted], other[this.sorted]));
  }

  private row(row: Row): HTMLElement {
    return make("tr", {}, ...row.map((term) => this.cell(term)));
  }

  private cell(term: Term | undefined): HTMLElement {
    const number = numberOf(term) === undefined ? undefined : "number";
    const cell = make("td", { class: number });
    if (!term) return cell;
    if (term.type === "uri") cell.append(linkTo(term.value, this.isShort));
    else if (term.type === "literal") cell.append(literal(term.value, term["xml:lang"]));
    else cell.append(make("code", {}, written(term)));
    return cell;
  }
}

function literal(text: string, tag: string | undefined): HTMLElement {
  const lang = tag && tag !== language ? tag : undefined;
  return make("span", { lang }, make("bdi", {}, text));
}

const collator = new Intl.Collator(language, { numeric: true });

/** Compare two terms: nothing comes last, numbers by value, things by name. */
export function compared(one: Term | undefined, other: Term | undefined): number {
  if (!one || !other) return Number(!one) - Number(!other);
  const [number, another] = [numberOf(one), numberOf(other)];
  if (number !== undefined && another !== undefined) return number - another;
  return collator.compare(shown(one), shown(other));
}

/** Return *table* in Markdown. */
export function markdownOf(table: Table): string {
  const cell = (text: string) => text.replace(/\s+/g, " ").replace(/([|\\`*_<>[\]])/g, "\\$1");
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  const head = line(table.columns.map(cell)) + line(table.columns.map(() => "---"));
  return head + table.rows.map((row) => line(row.map((term) => textOf(term, cell)))).join("");
}

function textOf(term: Term | undefined, cell: (text: string) => string): string {
  if (term?.type !== "uri") return cell(written(term));
  return `[${cell(nameOf(term.value))}](<${term.value}>)`;
}
