/** What a request to a deployment looks like, by what its version takes. */

import type { Entity, Json } from "../api/types";

const isRecord = (value: Json | undefined): value is Record<string, Json> => value != null && typeof value === "object" && !Array.isArray(value);
const recordsOf = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isRecord) : []);

function exampleOf(type: Json | undefined): Json {
  // Types of MLflow's signatures, and Arrow's of the keys.
  const name = typeof type === "string" ? type : "";
  if (name.includes("string") || name === "any") return "...";
  if (name.startsWith("bool")) return false;
  if (name.startsWith("date") || name.startsWith("timestamp")) return "2013-12-15T11:00:00Z";
  return 0;
}

/** One row: entity keys where the server looks features up by itself, else the columns of the signature. */
export function exampleRow(version: Entity | undefined): Record<string, Json> {
  const facts = version?.facts ?? {};
  const signature = isRecord(facts.signature) ? recordsOf(facts.signature.inputs) : [];
  const lookup = isRecord(facts.features) ? facts.features : {};
  const lookedUp = new Set(recordsOf(lookup.inputs).flatMap((input) => (input.feature ? [input.column] : [])));
  const row: Record<string, Json> = {};
  for (const view of recordsOf(lookup.views)) {
    for (const [key, type] of Object.entries(isRecord(view.keys) ? view.keys : {})) row[key] = exampleOf(type);
  }
  for (const column of signature) {
    if (typeof column.name === "string" && !lookedUp.has(column.name)) row[column.name] ??= exampleOf(column.type);
  }
  return row;
}

export function curlOf(url: string, row: Record<string, Json>): string {
  return `curl -s ${url}/invocations \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify({ dataframe_records: [row] })}'`;
}

function pythonOf(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return JSON.stringify(value);
}

export function pythonRequest(name: string, row: Record<string, Json>): string {
  const items = Object.entries(row).map(([key, value]) => `${JSON.stringify(key)}: ${pythonOf(value)}`);
  return `import hendrix as hx\n\nhx.deployment("${name}").predict([{${items.join(", ")}}])`;
}
