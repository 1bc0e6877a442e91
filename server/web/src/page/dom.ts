/** Makes elements without any markup in strings: what data says is always text. */

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string;

/** Return a new element; an attribute that is false or undefined is left out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/** Return a button that does *action*. */
export function button(text: string, action: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", action);
  return made;
}

/** Tell whether a link may lead to *address*. */
export function isOfTheWeb(address: string): boolean {
  return /^https?:\/\//.test(address);
}

/** Read the JSON that the page has in the element *id*. */
export function dataOf<Data>(id: string): Data | undefined {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as Data) : undefined;
}

/** Where the server is: scripts are in a folder of its first page. */
export const home = new URL("../", import.meta.url).href;

/** The language of the page. */
export const language = document.documentElement.lang || "en";

/** Return *text* with `{name}` put in from *values*. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    if (value === undefined) return all;
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}

/** Return an id that nothing else has. */
let last = 0;
export function newId(stem: string): string {
  last += 1;
  return `_${stem}-${last}`;
}

/** Use the rules of *text* in the whole page; a constructed sheet needs no inline style. */
export function adoptStyles(text: string, root: Document | ShadowRoot = document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/** Return the value of the colour *name* of the style sheet. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Call *action* when the reader turns dark mode on or off. */
export function onThemeChange(action: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", action);
}

/** Return the address of a page of ours in the language of this page. */
export function localised(address: string): string {
  const path = address.startsWith(home) ? address.slice(home.length) : "";
  const isPage = path !== "" && !/^(id|def|static|fr|de|data)\b/.test(path) && !/\.[^/]*$/.test(path);
  return isPage && language !== "en" ? `${home}${language}/${path}` : address;
}

/** Draw in *host* when it comes near to what is seen: what it takes is not small. */
export function onceSeen(host: HTMLElement, draw: (host: HTMLElement) => void | Promise<void>): void {
  const mark = make("span", { class: "hidden" }); // what is empty is not shown, and never seen
  host.append(mark);
  const watching = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    watching.disconnect();
    mark.remove();
    void draw(host);
  }, { rootMargin: "300px" });
  watching.observe(host);
}
