/** Where in a query the cursor stands: what could come next, and about what. */

export interface Context {
  slot: "class" | "predicate" | "object" | "other";
  /** What is written of the next word, and where it begins. */
  word: string;
  from: number;
  /** The IRIs of the classes that the subject is known to be of. */
  classes: string[];
  /** The property whose value the subject is, if it is known. */
  of: string;
  /** The property of the pattern, if the object is wanted. */
  property: string;
}

const TOKEN =
  /#[^\n]*|<[^<>"{}|^`\\\s]*>|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[?$]\w+|[\w\u00C0-\uFFFF.-]*:[\w\u00C0-\uFFFF%.-]*|@[\w-]+|[A-Za-z_]\w*|[0-9.]+|\^\^|&&|\|\||[{}()[\].;,/|^*+?!=<>-]/gu;
const DECLARED = /\bPREFIX\s+([\w\u00C0-\uFFFF.-]*):\s*<([^>]*)>/giu;
const WORD = /(?:[\w\u00C0-\uFFFF.-]*:)?[\w\u00C0-\uFFFF-]*$/u;
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const ENDS = new Set([".", "{", "}", "FILTER", "OPTIONAL", "UNION", "GRAPH", "MINUS", "BIND", "VALUES", "SERVICE"]);
const PATH = new Set(["/", "|", "^", "(", ")", "*", "+", "?", "!"]);

interface Pattern {
  subject: string;
  predicate: string;
  object: string;
}

/** Return the prefixes that *text* declares. */
export function declaredIn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, prefix, space] of text.matchAll(DECLARED)) found.set(prefix ?? "", space ?? "");
  return found;
}

/** Return what the cursor at *at* in *text* is in the middle of. */
export function contextAt(text: string, at: number, known: Map<string, string>): Context {
  const before = text.slice(0, at);
  const word = WORD.exec(before)?.[0] ?? "";
  const from = at - word.length;
  const iri = expander(new Map([...known, ...declaredIn(text)]));
  const state = stateAfter(tokensOf(text.slice(0, from)));
  const rest = text.slice(at).replace(/^[\w:-]*/u, " ");
  const patterns = patternsOf(tokensOf(`${text.slice(0, from)} ${rest}`));
  const about = (subject: string) => ({
    classes: patterns
      .filter((each) => each.subject === subject && iri(each.predicate) === TYPE)
      .map((each) => iri(each.object))
      .filter((each) => each !== ""),
    of: iri(patterns.find((each) => each.object === subject && /^[?$]/.test(subject))?.predicate ?? ""),
  });
  const nothing = { word, from, classes: [], of: "", property: "" };
  if (!state.isInside || /^[?$<"']/.test(word)) return { ...nothing, slot: "other" };
  if (state.subject && !state.predicate) {
    const isPath = state.path !== "";
    return { ...nothing, ...(isPath ? {} : about(state.subject)), slot: "predicate" };
  }
  if (state.predicate) {
    const property = iri(state.predicate);
    if (property === TYPE) return { ...nothing, slot: "class" };
    return { ...nothing, classes: about(state.subject).classes, property, slot: "object" };
  }
  return { ...nothing, slot: "other" };
}

function tokensOf(text: string): string[] {
  return (text.match(TOKEN) ?? []).filter((each) => !each.startsWith("#"));
}

/** Return how IRIs are read: `a`, `<...>` and names with a prefix; "" for all else. */
function expander(prefixes: Map<string, string>): (token: string) => string {
  return (token) => {
    if (token === "a") return TYPE;
    if (token.startsWith("<")) return token.slice(1, -1);
    const [, prefix, local] = /^([^:]*):(.*)$/.exec(token) ?? [];
    const space = prefix === undefined ? undefined : prefixes.get(prefix);
    return space === undefined || local === undefined ? "" : space + local;
  };
}

class State {
  isInside = false;
  subject = "";
  predicate = "";
  path = "";
  depth = 0;

  constructor(private readonly found: (pattern: Pattern) => void = () => undefined) {}

  /** Go on by one token. */
  take(token: string): void {
    const word = token.toUpperCase();
    if (token === "{") this.depth += 1;
    if (token === "}") this.depth -= 1;
    this.isInside = this.depth > 0;
    const isKeyword = /^[A-Z]+$/.test(word) && token !== "a";
    if (ENDS.has(token) || ENDS.has(word) || (isKeyword && this.isInside)) return this.begin();
    if (!this.isInside) return;
    if (token === ";") {
      this.predicate = this.path = "";
    } else if (token === ",") {
      return;
    } else if (!this.subject) {
      if (!PATH.has(token)) this.subject = token;
    } else if (!this.predicate) {
      this.takeOfPath(token);
    } else if (PATH.has(token)) {
      this.path += this.predicate + token; // it was only a step of a path
      this.predicate = "";
    } else {
      this.found({ subject: this.subject, predicate: this.path ? "" : this.predicate, object: token });
    }
  }

  private takeOfPath(token: string): void {
    if (PATH.has(token)) this.path += token;
    else this.predicate = token;
  }

  private begin(): void {
    this.subject = this.predicate = this.path = "";
  }
}

function stateAfter(tokens: string[]): State {
  const state = new State();
  for (const token of tokens) state.take(token);
  return state;
}

function patternsOf(tokens: string[]): Pattern[] {
  const found: Pattern[] = [];
  const state = new State((pattern) => found.push(pattern));
  for (const token of tokens) state.take(token);
  return found;
}
