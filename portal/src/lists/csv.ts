/** Rows as a file for a spreadsheet (RFC 4180). */

import type { Json } from "../api/types";
import { plainText } from "../entities/values";

function field(value: Json | undefined): string {
  const text = value == null ? "" : plainText(value);
  // A leading sign would be run as a formula by spreadsheets.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(header: readonly string[], rows: readonly (readonly (Json | undefined)[])[]): string {
  return [header, ...rows].map((row) => row.map(field).join(",")).join("\r\n");
}

/** Hand a text to the browser as a download. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
