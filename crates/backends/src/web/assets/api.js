// What the page asks its own server: the Prometheus API, Jaeger's API, and the dashboards.

/** The server has refused, or has answered what is no answer: the text says why. */
export class Refused extends Error {}

/** Nobody has answered. */
export class Unreachable extends Error {}

/**
 * Says `lost` when the server stops to answer, with the time of the first question that had none, in
 * milliseconds, and `back` when it answers again.
 */
export const connection = new EventTarget();
let lost = false;

/** Longer than any answer takes, in milliseconds: a server that hangs is one that is gone. */
const MAX_WAIT = 15_000;

function note(reachable, asked) {
  if (reachable === !lost) return;
  lost = !reachable;
  connection.dispatchEvent(new CustomEvent(lost ? "lost" : "back", { detail: asked }));
}

/** The JSON at the path. Every refusal is an error with the text of the server. */
export async function get(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const asked = Date.now();
  let response, text;
  try {
    response = await fetch(query ? `${path}?${query}` : path, {
      signal: AbortSignal.timeout(MAX_WAIT),
    });
    text = await response.text();
  } catch {
    note(false, asked);
    throw new Unreachable("the server does not answer");
  }
  note(true, asked);
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // The status alone then says what happened.
  }
  if (response.ok && body) return body;
  if (response.ok) throw new Refused(`The answer of ${path} is no JSON.`);
  throw new Refused(
    body?.error ?? body?.errors?.[0]?.msg ?? `${response.status} ${response.statusText}`,
  );
}

/** The `data` of an answer of the Prometheus API. */
export async function prometheus(path, parameters) {
  const { data } = await get(`/api/v1/${path}`, parameters);
  if (!data) throw new Refused(`The answer of /api/v1/${path} has no data.`);
  return data;
}

/** The `data` of an answer of Jaeger's API. */
export async function jaeger(path, parameters) {
  const { data } = await get(`/jaeger/api/${path}`, parameters);
  return data ?? [];
}
