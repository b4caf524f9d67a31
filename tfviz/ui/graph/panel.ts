// The thin DOM layer around the canvas: tool bar, info card, tooltip, legend, minimap and the tree for screen readers.
// Every text from the graph goes in as textContent; nothing here is parsed as HTML.
import type { Box, Picture } from "./compose";
import type { Graph } from "./model";
import { allNames } from "./search";
import { type Look, paint } from "./draw";
import type { Theme } from "./theme";

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** Makes an element: attributes, listeners (functions) and children; strings become text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export interface BarActions {
  query(text: string): void;
  step(back: boolean): void;
  fit(): void;
  zoom(factor: number): void;
  foldAll(): void;
  turn(): void;
  control(on: boolean): void;
  mode(name: string): void;
  png(): void;
}

export interface Bar { root: HTMLElement; input: HTMLInputElement; hits: HTMLElement; mode: HTMLSelectElement }

export function makeBar(actions: BarActions): Bar {
  const input = make("input", {
    type: "search", placeholder: "search: name, op:Conv, scope:net/*", "aria-label": "Search operations",
    input: () => actions.query(input.value),
    keydown: (event) => {
      const key = event as KeyboardEvent;
      if (key.key === "Enter") actions.step(key.shiftKey);
      if (key.key === "Escape") {
        input.value = "";
        actions.query("");
      }
      key.stopPropagation();
    },
  });
  const hits = make("span", { class: "tfv-hits", role: "status" });
  const button = (text: string, title: string, click: () => void): HTMLButtonElement =>
    make("button", { type: "button", title, "aria-label": title, click }, text);
  const control = make("button", {
    type: "button", title: "Show or hide control edges", "aria-pressed": "true",
    click: () => {
      const on = control.getAttribute("aria-pressed") !== "true";
      control.setAttribute("aria-pressed", String(on));
      actions.control(on);
    },
  }, "┄ control");
  const mode = make("select", { "aria-label": "Colour by", title: "Colour by", change: () => actions.mode(mode.value) });
  for (const [value, text] of [["kind", "colour: kind"], ["structure", "colour: structure"]]) {
    mode.append(make("option", { value }, text));
  }
  const root = make(
    "div", { class: "tfv-bar" }, input, hits, make("span", { class: "tfv-space" }), control, mode,
    button("fold all", "Fold all scopes", actions.foldAll), button("⟳", "Turn: upward, downward, rightward", actions.turn),
    button("−", "Zoom out", () => actions.zoom(1 / 1.3)), button("+", "Zoom in", () => actions.zoom(1.3)),
    button("fit", "Fit the graph into the view", actions.fit), button("PNG", "Save as a picture", actions.png),
  );
  return { root, input, hits, mode };
}

export interface Details {
  name?: string; type?: string; device?: string; outputs?: string[]; attrs?: Record<string, string>;
  source?: Record<string, string>;
}

export interface CardActions {
  jump(item: number): void;
  toggle(item: number): void;
  trace(item: number, forward: boolean): void;
  close(): void;
}

/** Fills the info card for a box: what it is, where it was made, its neighbours (links that jump), and what can be done. */
export function fillCard(card: HTMLElement, graph: Graph, item: number, open: boolean, details: Details | null, act: CardActions): void {
  card.replaceChildren();
  const names = allNames(graph);
  const scope = graph.isScope(item);
  const count = graph.count[item];
  card.append(
    make("button", { type: "button", class: "tfv-close", "aria-label": "Close", click: act.close }, "×"),
    make("h4", {}, names[item] || graph.label(item)),
    make("div", { class: "tfv-kind" }, graph.type(item) || `scope of ${count.toLocaleString("en")} operation${count === 1 ? "" : "s"}`),
  );
  const section = (title: string, ...body: (Node | string)[]): void => {
    card.append(make("h5", {}, title), ...body);
  };
  if (details?.outputs?.length) section("makes", make("div", {}, details.outputs.join(", ")));
  else if (graph.sub(item)) section("shape", make("div", {}, graph.sub(item)));
  if (graph.value(item)) section("value", make("div", {}, graph.value(item)));
  if (details?.source?.["line"]) {
    const { file = "", line, code = "", cell } = details.source;
    section(cell ? `made in cell ${cell}, line ${line}` : `made at ${file.split("/").pop()}:${line}`, make("code", {}, code));
  }
  for (const [title, forward] of [["inputs", false], ["outputs", true]] as const) {
    const near = outside(graph, item, forward);
    if (!near.size) continue;
    const list = make("ul");
    for (const [other, text] of [...near].slice(0, 12)) {
      list.append(make("li", {}, make("a", { click: () => act.jump(other), tabindex: "0", role: "link" }, names[other]), make("span", {}, text)));
    }
    if (near.size > 12) list.append(make("li", {}, make("span", {}, `and ${near.size - 12} more`)));
    section(title, list);
  }
  const attrs = Object.entries(details?.attrs ?? {});
  if (attrs.length) {
    const list = make("ul");
    for (const [name, value] of attrs.slice(0, 16)) list.append(make("li", {}, name, make("span", {}, value.slice(0, 60))));
    section("attributes", list);
  }
  if (details?.device) section("device", make("div", {}, details.device));
  const row = make("div", { class: "tfv-row" });
  if (scope) row.append(make("button", { type: "button", click: () => act.toggle(item) }, open ? "fold" : "unfold"));
  row.append(
    make("button", { type: "button", click: () => act.trace(item, false) }, "trace inputs"),
    make("button", { type: "button", click: () => act.trace(item, true) }, "trace outputs"),
  );
  card.append(row);
  card.hidden = false;
}

/** Leaves outside the subtree that feed it (or that it feeds), with the shape or "control" written beside. */
function outside(graph: Graph, item: number, forward: boolean): Map<number, string> {
  const { src, dst, edge, shape, strings } = graph.columns;
  const from = forward ? src : dst, to = forward ? dst : src;
  const end = graph.end[item];
  const found = new Map<number, string>();
  for (let e = 0; e < from.length; e++) {
    if (from[e] < item || from[e] >= end || (to[e] >= item && to[e] < end)) continue;
    const text = edge[e] === 1 ? "control" : edge[e] === 2 ? "state" : strings[shape[e]];
    if (!found.has(to[e]) || text !== "control") found.set(to[e], text);
  }
  return found;
}

/** Writes the visible boxes as an ARIA tree, in the order of the scopes. */
export function fillTree(tree: HTMLElement, graph: Graph, picture: Picture, id: string): Box[] {
  const order = picture.boxes.slice().sort((a, b) => a.item - b.item);
  const shown = order.slice(0, 1000);
  tree.replaceChildren(...shown.map((box) => make("div", {
    role: "treeitem", id: `${id}-${box.item}`, "aria-level": String(box.depth + 1),
    ...(graph.isScope(box.item) ? { "aria-expanded": String(box.open) } : {}),
  }, `${box.label}, ${graph.type(box.item) || "scope"}${box.sub ? `, ${box.sub}` : ""}`)));
  return order;
}

const SPECKS = new WeakMap<Picture, { theme: Theme; page: HTMLCanvasElement }>();

/** Paints the minimap: every box as a speck (painted once per picture), the view as a rectangle. */
export function paintMap(
  canvas: HTMLCanvasElement, picture: Picture, view: { x: number; y: number; w: number; h: number }, theme: Theme, ratio: number,
): void {
  const width = 130 * ratio, height = 90 * ratio;
  const scale = ratio * Math.min((130 - 8) / picture.width, (90 - 8) / picture.height);
  const left = (width - picture.width * scale) / 2, top = (height - picture.height * scale) / 2;
  let known = SPECKS.get(picture);
  if (!known || known.theme !== theme || known.page.width !== Math.round(width)) {
    known = { theme, page: make("canvas", { width: String(Math.round(width)), height: String(Math.round(height)) }) };
    SPECKS.set(picture, known);
    const ctx = known.page.getContext("2d");
    if (!ctx) return;
    ctx.setTransform(scale, 0, 0, scale, left, top);
    for (const box of picture.boxes) {
      ctx.fillStyle = box.open ? theme.open[(box.depth + 1) % 2] : box.style === "gradients" ? theme.gradRim
        : theme.families[box.style]?.[1] ?? theme.foldRim;
      ctx.fillRect(box.x, box.y, Math.max(box.w, 1 / scale), Math.max(box.h, 1 / scale));
    }
  }
  canvas.width = known.page.width;
  canvas.height = known.page.height;
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  ctx.drawImage(known.page, 0, 0);
  ctx.setTransform(scale, 0, 0, scale, left, top);
  ctx.strokeStyle = theme.pick;
  ctx.lineWidth = (1.5 * ratio) / scale;
  ctx.strokeRect(view.x, view.y, view.w, view.h);
}

/** Saves the whole picture as a PNG file, at twice its size where that stays below 8,000 pixels. */
export function savePng(picture: Picture, look: Look): void {
  const page = document.createElement("canvas");
  const scale = Math.min(2, 8000 / Math.max(picture.width, picture.height));
  page.width = picture.width * scale;
  page.height = picture.height * scale;
  const ctx = page.getContext("2d");
  if (!ctx) return;
  paint(ctx, picture, { x: 0, y: 0, k: 1 }, { ...look, hover: -1, focus: -1 }, picture.width, picture.height, scale);
  page.toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    make("a", { href: url, download: "graph.png" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}
