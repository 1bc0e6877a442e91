/** An answer counted or summed by two of its columns. */

import { numberOf, type Row, type Table } from "../editor/answer";
import { kindsOf } from "../editor/columns";
import { shown } from "../editor/names";
import { filled, language, make, newId } from "../page/dom";
import { choice } from "./choices";
import type { Showing } from "./view";

const MOST = 200;

type Measure = (rows: Row[]) => number;

/** Show the table, with what it is made by. */
export function showPivot(host: HTMLElement, { table, words }: Showing): void {
  const kinds = kindsOf(table);
  const groups = table.columns.map((_, at) => at).filter((at) => kinds[at] !== "number");
  const measures = measuresOf(table, words, kinds);
  const state = { rows: groups[0] ?? 0, columns: groups[1] ?? 0, measure: measures[0] };
  const place = make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": words.pivot });
  const draw = () => place.replaceChildren(grid(table, state.rows, state.columns, state.measure?.of, words));
  const names = groups.map((at): [string, string] => [String(at), table.columns[at] ?? ""]);
  host.append(
    make(
      "div",
      { class: "choosing" },
      choice(words.pivot_rows, names, String(state.rows), (value) => ((state.rows = Number(value)), draw())),
      choice(words.pivot_columns, names, String(state.columns), (value) => ((state.columns = Number(value)), draw())),
      choice(
        words.pivot_values,
        measures.map((each, at) => [String(at), each.name]),
        "0",
        (value) => ((state.measure = measures[Number(value)]), draw()),
      ),
    ),
    place,
  );
  draw();
}

function measuresOf(table: Table, words: Showing["words"], kinds: string[]): { name: string; of: Measure }[] {
  const found: { name: string; of: Measure }[] = [{ name: words.count, of: (rows) => rows.length }];
  table.columns.forEach((column, at) => {
    if (kinds[at] !== "number") return;
    const values = (rows: Row[]) => rows.map((row) => numberOf(row[at])).filter((each) => each !== undefined);
    const sum = (rows: Row[]) => values(rows).reduce((one, other) => one + other, 0);
    found.push({ name: filled(words.sum, { column }), of: sum });
    found.push({ name: filled(words.mean, { column }), of: (rows) => sum(rows) / (values(rows).length || 1) });
  });
  return found;
}

function grid(table: Table, down: number, across: number, measure: Measure | undefined, words: Showing["words"]): HTMLElement {
  const of: Measure = measure ?? ((rows) => rows.length);
  const byRow = grouped(table.rows, down);
  const columns = [...grouped(table.rows, across).keys()].slice(0, MOST);
  const id = newId("pivot");
  const number = (rows: Row[] | undefined) =>
    make("td", { class: "number" }, rows?.length ? of(rows).toLocaleString(language, { maximumFractionDigits: 2 }) : "");
  const head = make("tr", {}, make("th", { scope: "col" }, table.columns[down] ?? ""));
  for (const name of [...columns, words.total]) head.append(make("th", { scope: "col", class: "number" }, name));
  const lines = [...byRow].slice(0, MOST).map(([name, rows]) => {
    const cells = grouped(rows, across);
    const line = make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, name)));
    line.append(...columns.map((column) => number(cells.get(column))), number(rows));
    return line;
  });
  return make("table", { "aria-labelledby": id }, make("caption", { id, class: "hidden" }, words.pivot), make("thead", {}, head), make("tbody", {}, ...lines));
}

/** Return *rows* by what stands in a column, in the order of that. */
function grouped(rows: Row[], at: number): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const name = shown(row[at]);
    const group = found.get(name);
    if (group) group.push(row);
    else found.set(name, [row]);
  }
  return new Map([...found].sort(([one], [other]) => one.localeCompare(other, language, { numeric: true })));
}
