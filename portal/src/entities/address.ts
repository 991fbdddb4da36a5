/**
 * References as addresses: `hx://default/model/delay@3` is shown at `/model/delay@3`, and what belongs to
 * another namespace at `/hx/team/model/delay@3`.
 */

import type { Kind } from "../api/types";
import { KINDS } from "./kinds";

const SCHEME = "hx://";
const PREFIX = "/hx/";
const DEFAULT_NAMESPACE = "default/";

export interface Ref {
  namespace: string;
  kind: Kind;
  name: string;
  selector: string | null;
}

export function pathOf(ref: string): string {
  const rest = ref.slice(SCHEME.length);
  return rest.startsWith(DEFAULT_NAMESPACE) ? `/${rest.slice(DEFAULT_NAMESPACE.length)}` : PREFIX + rest;
}

/** The reference that a path shows, or null when it shows something else. */
export function refOf(path: string): string | null {
  const rest = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : DEFAULT_NAMESPACE + path.slice(1);
  const ref = SCHEME + rest.replace(/\/$/, "").replace("%40", "@");
  const parts = parseRef(ref);
  return parts && parts.kind in KINDS ? ref : null;
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
