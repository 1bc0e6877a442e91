/** Reads what the header `X-Federation` says of other endpoints: a list of structured fields (RFC 9651). */

export interface AskedEndpoint {
  name: string;
  status: string;
  rows: number;
  leftOut: string;
}

const ITEM = /%?"((?:[^"\\]|\\.)*)"((?:;[a-z-]+(?:=(?:%?"(?:[^"\\]|\\.)*"|[^;,"]*))?)*)/g;
const PARAMETER = /;([a-z-]+)(?:=(?:(%?)"((?:[^"\\]|\\.)*)"|([^;,"]*)))?/g;

/** Return what *header* says of each endpoint; nothing when there is none. */
export function askedIn(header: string | null): AskedEndpoint[] {
  return [...(header ?? "").matchAll(ITEM)].map((item) => {
    const isDisplayed = item[0].startsWith("%");
    const parameters = new Map<string, string>();
    for (const [, key, display, quoted, token] of (item[2] ?? "").matchAll(PARAMETER)) {
      if (key) parameters.set(key, quoted === undefined ? (token ?? "") : text(quoted, display === "%"));
    }
    return {
      name: text(item[1] ?? "", isDisplayed),
      status: parameters.get("status") ?? "",
      rows: Number(parameters.get("rows") ?? 0),
      leftOut: parameters.get("left-out") ?? "",
    };
  });
}

function text(quoted: string, isDisplayed: boolean): string {
  if (!isDisplayed) return quoted.replace(/\\(.)/g, "$1");
  try {
    return decodeURIComponent(quoted);
  } catch {
    return quoted;
  }
}
