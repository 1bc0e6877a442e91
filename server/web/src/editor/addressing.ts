/** The address of the page is the state of the editor: query and view. */

import type { ViewName } from "./columns";

/** Return the view that the address asks for. */
export function viewOfAddress(): ViewName | undefined {
  return (new URL(location.href).searchParams.get("view") as ViewName | null) ?? undefined;
}

/** Have the address name *query* and *view*. */
export function addressIs(query: string, view: ViewName | undefined): void {
  const before = location.search;
  const address = new URL(location.href);
  address.searchParams.set("query", query);
  if (view && view !== "table") address.searchParams.set("view", view);
  else address.searchParams.delete("view");
  address.hash = "";
  if (address.href === location.href) return;
  history.replaceState(null, "", address);
  retell(before, address.search, query);
}

/** Have what the page says of itself, below, be about the query that was run last. */
function retell(before: string, now: string, query: string): void {
  const tools = document.querySelector<HTMLElement>(".tools");
  if (!tools) return;
  const part = tools.querySelector("a[data-tool=query]")?.closest("section");
  const text = part?.querySelector("pre");
  if (text) text.textContent = query;
  const path = location.pathname;
  for (const link of tools.querySelectorAll("a")) {
    const address = new URL(link.href);
    const isOurs = address.origin === location.origin && address.pathname.includes("/sparql");
    if (isOurs) address.search = now;
    if (isOurs) link.href = address.href;
  }
  const walk = document.createTreeWalker(tools, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode as Text;
    const said = node.data;
    if (before && said.includes(before)) node.data = said.replaceAll(before, now);
    else if (!before) node.data = said.replaceAll(new RegExp(`(${path})(?=["\\s]|$)`, "g"), `$1${now}`);
  }
}
