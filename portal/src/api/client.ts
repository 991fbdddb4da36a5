/** Reads from the API of the server that this page came from. */

const ROOT = "/api/v1/";

export type Params = Record<string, string | number | boolean | null | undefined>;

/** What the server said when it could not answer (RFC 9457), or what kept it from being asked. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
  readonly code: string;

  constructor(status: number, title: string, detail: string, hint = "", code = "") {
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.hint = hint;
    this.code = code;
  }
}

/** The address of one operation, its empty parameters left out. */
export function addressOf(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value != null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${ROOT}${path}?${text}` : `${ROOT}${path}`;
}

function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  if (response.headers.get("content-type")?.includes("json")) {
    const body = JSON.parse(text) as Record<string, unknown>;
    return new Problem(response.status, textOf(body, "title"), textOf(body, "detail"), textOf(body, "hint"), textOf(body, "code"));
  }
  return new Problem(response.status, `The server answered ${response.status}`, text.slice(0, 300));
}

async function answer(path: string, params: Params, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(addressOf(path, params), signal ? { signal } : {});
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "The server can't be reached", "Hendrix does not answer at this address.", "Is it up? Start it with: hendrix up", "unreachable");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Read one record. Throws a `Problem`. */
export async function read<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const response = await answer(path, params, signal);
  return (await response.json()) as T;
}

/** Read a stream of records up to where it stands now; empty lines are signs of life. Throws a `Problem`. */
export async function readLines<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T[]> {
  const response = await answer(path, params, signal);
  const lines = (await response.text()).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => JSON.parse(line) as T);
}

/** Read bytes, such as the points of a series. Throws a `Problem`. */
export async function readBytes(path: string, params: Params = {}, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await answer(path, params, signal);
  return response.arrayBuffer();
}
