// Log lines out of the trace store, each with a link to its trace: the latest, or those of the trace in the address.

import { jaeger } from "../api.js";
import { ofService } from "../color.js";
import { h } from "../dom.js";
import { clock } from "../format.js";
import { traceAddress } from "../links.js";

export async function ask(panel, { trace }) {
  if (trace) return ofTrace(trace);
  const lines = await jaeger("logs", { limit: panel.targets?.[0]?.maxLines ?? 100 });
  if (lines.length > 0) return { lines };
  return { lines, problems: [{ kind: "empty", text: "No log line has arrived yet." }] };
}

async function ofTrace(traceID) {
  const found = await jaeger(`traces/${encodeURIComponent(traceID)}/logs`);
  const lines = found.map((line) => ({ ...line, traceID }));
  if (lines.length > 0) return { lines, traceID };
  return { lines, problems: [{ kind: "empty", text: `No log line of trace ${traceID} is here.` }] };
}

export function draw(_panel, { lines, traceID }, view) {
  if (!lines?.length) return null;
  const all = traceID && h("li", {}, `Of trace ${traceID.slice(0, 7)} alone. `, h("a", { href: "?" }, "Show all"));
  return h(
    "ol",
    { class: "lines", "data-scroll": "", tabindex: 0, "data-key": "lines" },
    all,
    lines.map((line) => item(line, view)),
  );
}

function item(line, view) {
  const fields = line.fields.map(({ key, value }) => `${key}=${value}`).join(" ");
  return h(
    "li",
    { class: line.severity.toLowerCase() },
    h("time", {}, clock(line.timestamp / 1e6)),
    h("span", { class: "level" }, line.severity),
    h(
      "span",
      { class: "service", style: { color: ofService(line.serviceName) ?? "var(--muted)" } },
      line.serviceName,
    ),
    h(
      "a",
      {
        href: traceAddress(line.traceID, view),
        target: "_blank",
        title: `Trace ${line.traceID} in Jaeger`,
        "data-key": `${line.timestamp} ${line.traceID} ${line.spanID}`,
      },
      line.traceID.slice(0, 7),
    ),
    h("span", { class: "said" }, line.body, " ", h("small", {}, fields)),
  );
}
