/** What a view of an answer is. */

import type { Table } from "../editor/answer";
import type { EditorWords } from "../editor/words";

export interface Showing {
  table: Table;
  /** What the server sent. */
  text: string;
  words: EditorWords;
}

/** Shows an answer in an element that is empty. */
export type View = (host: HTMLElement, showing: Showing) => void | Promise<void>;
