// Who calls whom, from the traces: services from left to right, an arrow for each pair.

import { jaeger } from "../api.js";
import { ofService } from "../color.js";
import { h, s } from "../dom.js";
import { format } from "../format.js";

export async function ask(_panel, view) {
  const { end, seconds } = view.window;
  const edges = await jaeger("dependencies", {
    endTs: Math.round((end + 60) * 1000),
    lookback: (seconds + 60) * 1000,
  });
  if (edges.length > 0) return { edges };
  return {
    edges,
    problems: [
      { kind: "empty", text: "No trace in this window has a call from one service to another." },
    ],
  };
}

export function draw(_panel, { edges }, view, _state, size) {
  if (!edges?.length) return null;
  const layers = layersOf(edges);
  const places = placesOf(layers, size);
  const calls = new Map();
  for (const { child, callCount } of edges) calls.set(child, (calls.get(child) ?? 0) + callCount);
  const arrow = s(
    "marker",
    {
      id: "arrow",
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: "auto",
    },
    s("path", { d: "M0 0L8 4L0 8Z" }),
  );
  const svg = s(
    "svg",
    {
      class: "graph",
      width: size.width,
      height: size.height,
      role: "img",
      "aria-label": edges
        .map(({ parent, child, callCount }) => `${parent} calls ${child} ${callCount} times`)
        .join(", "),
    },
    s("defs", {}, arrow),
    edges.map((edge) => edgeOf(edge, places, radiusOf(size))),
    [...places].map(([name, place]) => nodeOf(name, place, calls.get(name), radiusOf(size), view)),
  );
  return h("div", { class: "chart" }, svg);
}

/** A service stands to the right of all that call it; a circle of calls does not go on for ever. */
function layersOf(edges) {
  const names = [...new Set(edges.flatMap(({ parent, child }) => [parent, child]))].sort();
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    for (const { parent, child } of edges) {
      const deeper = depth.get(parent) + 1;
      if (parent !== child && deeper > depth.get(child) && deeper < names.length)
        depth.set(child, deeper);
    }
  }
  const layers = [];
  for (const name of names) (layers[depth.get(name)] ??= []).push(name);
  return layers.filter(Boolean);
}

function placesOf(layers, { width, height }) {
  return new Map(
    layers.flatMap((names, column) =>
      names.map((name, row) => [
        name,
        {
          x: (width * (column + 0.5)) / layers.length,
          y: (height * (row + 0.5)) / names.length - 10,
        },
      ]),
    ),
  );
}

function radiusOf({ width, height }) {
  return Math.max(Math.min(width / 13, height / 5, 44), 14);
}

function edgeOf({ parent, child, callCount }, places, radius) {
  const [from, to] = [places.get(parent), places.get(child)];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const inset = (radius + 6) / length;
  const count = format(callCount, "short");
  return s(
    "g",
    { class: "edge" },
    s("line", {
      x1: from.x + dx * inset,
      y1: from.y + dy * inset,
      x2: to.x - dx * inset,
      y2: to.y - dy * inset,
      "marker-end": "url(#arrow)",
    }),
    s(
      "text",
      { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 8, "text-anchor": "middle" },
      length - 2 * radius > 84 ? `${count} calls` : count,
    ),
  );
}

function nodeOf(name, { x, y }, calls, radius, view) {
  return s(
    "a",
    {
      class: "node",
      href: `${view.site.jaeger}/search?lookback=15m&service=${encodeURIComponent(name)}`,
      target: "_blank",
      "aria-label": `Traces of ${name} in Jaeger`,
      "data-key": name,
    },
    s("circle", { cx: x, cy: y, r: radius, style: { stroke: ofService(name) ?? "var(--accent)" } }),
    s(
      "text",
      { class: "calls", x, y: y + 4, "text-anchor": "middle" },
      calls ? format(calls, "short") : "root",
    ),
    s("text", { class: "name", x, y: y + radius + 18, "text-anchor": "middle" }, name),
  );
}
