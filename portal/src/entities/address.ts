/** References as addresses: `hx://default/model/delay@3` is shown at `/hx/default/model/delay@3`. */

import type { Kind } from "../api/types";

const SCHEME = "hx://";
const PREFIX = "/hx/";

export interface Ref {
  namespace: string;
  kind: Kind;
  name: string;
  selector: string | null;
}

export function pathOf(ref: string): string {
  return PREFIX + ref.slice(SCHEME.length);
}

/** The reference that a path shows, or null when it shows something else. */
export function refOf(path: string): string | null {
  if (!path.startsWith(PREFIX)) return null;
  const ref = SCHEME + path.slice(PREFIX.length).replace(/\/$/, "").replace("%40", "@");
  return parseRef(ref) ? ref : null;
}

export function parseRef(ref: string): Ref | null {
  const parts = ref.startsWith(SCHEME) ? ref.slice(SCHEME.length).split("/") : [];
  const [namespace, kind, rest] = parts;
  if (parts.length !== 3 || !namespace || !kind || !rest) return null;
  const [name = "", selector] = rest.split("@");
  try {
    return { namespace: decodeURIComponent(namespace), kind: kind as Kind, name: decodeURIComponent(name), selector: selector ?? null };
  } catch {
    // A stray percent sign: not a reference that we ever wrote.
    return null;
  }
}
