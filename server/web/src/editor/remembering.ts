/** The queries that were run, kept in this browser and nowhere else. */

export interface Run {
  query: string;
  at: string;
  rows: number;
}

const KEY = "metapole.queries";
const MOST = 50;

/** Return what was run, the last one first; nothing where the browser keeps nothing. */
export function runs(): Run[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(read) ? (read as Run[]).filter((each) => typeof each.query === "string") : [];
  } catch {
    return [];
  }
}

/** Keep that *query* was run and found so many *rows*. */
export function remember(query: string, rows: number): void {
  const others = runs().filter((each) => each.query !== query);
  const all = [{ query, rows, at: new Date().toISOString() }, ...others].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // It is full, or switched off: there is no history then.
  }
}

/** Forget all that was run. */
export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
}
