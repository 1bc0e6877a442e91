/**
 * The text field of the editor: CodeMirror in a shadow tree, where its styles are constructed sheets;
 * in the page itself they would be inline styles, which the policy of the site forbids.
 */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";

import { adoptStyles, make } from "../page/dom";
import type { Mistake } from "./asking";
import { completionSource } from "./completion";
import { missingLines, placeOfPrefixes } from "./prefixes";
import type { EditorWords } from "./words";

export interface Field {
  element: HTMLElement;
  text(): string;
  setText(text: string): void;
  focus(): void;
  /** Show *mistake* under its line; nothing is wrong without one. */
  show(mistake: Mistake | undefined): void;
}

export interface Wishes {
  words: EditorWords;
  run(): void;
  changed(text: string): void;
  announce(text: string): void;
}

const LOOK = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--ground)", fontSize: "0.92rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", maxHeight: "60vh", minHeight: "11rem" },
  ".cm-content": { caretColor: "var(--text)", padding: "0.6rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--raised) 60%, transparent)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--tint) !important" },
  ".cm-matchingBracket": { backgroundColor: "var(--mark)", color: "inherit" },
  ".cm-tooltip": { backgroundColor: "var(--ground)", color: "var(--text)", border: "1px solid var(--edge)", borderRadius: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--sans)", maxHeight: "18em", maxWidth: "min(44rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.5rem", lineHeight: "1.5" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionLabel": { fontFamily: "var(--mono)", fontSize: "0.88rem" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--soft)", marginLeft: "1rem" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".mistake-mark": { textDecoration: "underline wavy var(--focus)", textUnderlineOffset: "3px" },
  ".mistake": { padding: "0.25rem 0.75rem", borderLeft: "4px solid var(--focus)", backgroundColor: "var(--mark)", fontFamily: "var(--sans)", whiteSpace: "pre-wrap" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--visited)" },
  { tag: [tags.string, tags.literal, tags.number, tags.bool], color: "var(--focus)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.function(tags.name), tags.standard(tags.name)], color: "var(--accent)" },
]);

const setMistake = StateEffect.define<Mistake | undefined>();
const mistakes = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let now = transaction.docChanged ? shown.map(transaction.changes) : shown;
    for (const effect of transaction.effects) {
      if (effect.is(setMistake)) now = decorationsOf(effect.value, transaction.state);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Explanation extends WidgetType {
  constructor(private readonly message: string) {
    super();
  }

  override eq(other: Explanation): boolean {
    return other.message === this.message;
  }

  override toDOM(): HTMLElement {
    return make("div", { class: "mistake" }, this.message);
  }
}

function decorationsOf(mistake: Mistake | undefined, state: EditorState): DecorationSet {
  if (!mistake) return Decoration.none;
  const line = state.doc.line(Math.min(Math.max(mistake.line ?? state.doc.lines, 1), state.doc.lines));
  const widget = Decoration.widget({ widget: new Explanation(mistake.message), block: true, side: 1 });
  const from = Math.min(line.from + Math.max((mistake.column ?? 1) - 1, 0), line.to);
  const word = /^[^\s{}();,.]+|^./.exec(state.sliceDoc(from, line.to))?.[0] ?? "";
  const marks = mistake.line && word ? [Decoration.mark({ class: "mistake-mark" }).range(from, from + word.length)] : [];
  return Decoration.set([...marks, widget.range(line.to)], true);
}

/** Put an editor in the place of *textarea*, which is hidden. */
export function mount(textarea: HTMLTextAreaElement, wishes: Wishes): Field {
  const host = make("div", { class: "editor" });
  const root = host.attachShadow({ mode: "open" });
  adoptStyles(":host { display: block } * { box-sizing: border-box }", root);
  textarea.after(host);
  const view = new EditorView({ root, parent: root, state: stateOf(textarea.value, wishes) });
  textarea.hidden = true;
  textarea.required = false;
  return {
    element: host,
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    focus: () => view.focus(),
    show: (mistake) => view.dispatch({ effects: setMistake.of(mistake) }),
  };
}

function stateOf(text: string, wishes: Wishes): EditorState {
  const leaving = {
    key: "Escape",
    run: (view: EditorView) => {
      if (completionStatus(view.state) === "active") return false; // it closes the list first
      view.setTabFocusMode(true);
      wishes.announce(wishes.words.tab_leaves);
      return false;
    },
  };
  const running = { key: "Mod-Enter", preventDefault: true, run: () => (wishes.run(), true) };
  return EditorState.create({
    doc: text,
    extensions: [
      Prec.highest(keymap.of([running, leaving])),
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      autocompletion({ override: [completionSource(wishes.words)], icons: false, maxRenderedOptions: 60 }),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap]),
      sparql(),
      syntaxHighlighting(COLOURS),
      LOOK,
      mistakes,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": `${wishes.words.query}. ${wishes.words.editor_help}`,
        "aria-multiline": "true",
        dir: "ltr",
      }),
      EditorView.domEventHandlers({
        focus: (_, view) => {
          view.setTabFocusMode(false);
          return false;
        },
      }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        declare(update.view, update.state, update.transactions.some((each) => each.isUserEvent("input.type")));
        wishes.changed(update.state.doc.toString());
      }),
    ],
  });
}

/** Declare a prefix whose colon was just written. */
function declare(view: EditorView, state: EditorState, isTyped: boolean): void {
  const at = state.selection.main.head;
  const line = state.doc.lineAt(at);
  const before = state.sliceDoc(line.from, at);
  const prefix = /(?:^|[\s({^/|!])([A-Za-z][\w-]*):$/.exec(before)?.[1];
  if (!isTyped || !prefix || /^\s*PREFIX\b/i.test(before) || /["'#]/.test(before)) return;
  const text = state.doc.toString();
  const insert = missingLines(text, [prefix]);
  const place = placeOfPrefixes(text);
  if (insert && place <= line.from) {
    // After this update: an editor is not changed while it tells of a change.
    queueMicrotask(() => view.dispatch({ changes: { from: place, insert } }));
  }
}
