// The graph view in a cell: gestures, keyboard, state in the model, redraw when something changed. All gestures work without the
// kernel; what Python sets (opened, selected, colours) arrives through traits and what the reader does goes back the same way.
import type { Cleanup, Model, RenderContext } from "../protocol";
import { hideStatic } from "../scalars/view";
import { addStyle } from "../style";
import { LayoutClient } from "./client";
import type { Box, Direction, Edge, Picture } from "./compose";
import { type Camera, edgeAt, type Look, paint } from "./draw";
import css from "./graph.css";
import { Graph, linkLabel, VARIABLE_KIND } from "./model";
import { type Details, fillCard, fillTree, make, makeBar, paintMap, savePng } from "./panel";
import { allNames, search } from "./search";
import { structureHashes } from "./structure";
import { DARK, LIGHT, pageIsDark, structureColor, watchTheme } from "./theme";
import { decode } from "./wire";

const TURNS: Direction[] = ["up", "down", "right"];
const MIN_ZOOM = 0.04, MAX_ZOOM = 4, GLIDE = 220;
let views = 0;

export function renderGraph({ model, el }: RenderContext): Cleanup {
  const view = new GraphView(model, el);
  return () => view.close();
}

class GraphView {
  private readonly id = `tfv-${++views}`;
  private readonly root = make("div", { class: "tfv-graph", tabindex: "0", role: "group", "aria-label": "Dataflow graph" });
  private readonly canvas = make("canvas", { class: "tfv-page", "aria-hidden": "true" });
  private readonly card = make("div", { class: "tfv-card", hidden: true, role: "region", "aria-label": "Details" });
  private readonly map = make("canvas", { class: "tfv-map", "aria-hidden": "true" });
  private readonly tip = make("div", { class: "tfv-tip", hidden: true });
  private readonly note = make("div", { class: "tfv-say", hidden: true, role: "status" });
  private readonly tree = make("div", { class: "tfv-tree", role: "tree", id: `${this.id}-tree`, "aria-label": "Scopes and operations" });
  private readonly bar = makeBar({
    query: (text) => this.query(text), step: (back) => this.step(back), fit: () => this.fit(true),
    zoom: (factor) => this.zoom(factor), foldAll: () => this.setOpened([]), turn: () => this.turn(),
    control: (on) => { this.look.control = on; this.redraw(); }, mode: (name) => this.colourBy(name), png: () => { if (this.picture) savePng(this.picture, this.look); },
  });
  private graph!: Graph;
  private client!: LayoutClient;
  private picture: Picture | null = null;
  private readonly boxes = new Map<number, Box>();
  private order: Box[] = [];
  private camera: Camera = { x: 0, y: 0, k: 1 };
  private look: Look = {
    theme: LIGHT, selected: new Set(), hits: new Set(), hover: -1, focus: -1, lit: null, color: () => null, control: true,
  };
  private hits: number[] = [];
  private at = -1;
  private opened: number[];
  private direction: Direction;
  private frame = 0;
  private visible = true;
  private ticket = 0;
  private glide: { from: Map<number, [number, number, number, number]>; start: number } | null = null;
  private touched = false;
  private readonly stops: (() => void)[] = [];
  private readonly known = new Map<number, Details>();

  constructor(private readonly model: Model, private readonly el: HTMLElement) {
    addStyle(el, "graph", css);
    const legend = make("div", { class: "tfv-legend" });
    for (const [mark, text] of [["tfv-d", "data"], ["tfv-k", "control"], ["tfv-r", "state"]]) legend.append(make("i", { class: mark }), text);
    legend.append(make("b", { style: "margin-left:12px;font-weight:400" }, String(model.get("title") ?? "")));
    this.root.append(this.canvas, this.bar.root, this.card, this.map, legend, this.tip, this.note, this.tree);
    this.root.setAttribute("aria-owns", `${this.id}-tree`);
    el.append(this.root);
    this.opened = (model.get("opened") as number[]) ?? [];
    this.direction = (model.get("direction") as Direction) ?? "up";
    try {
      this.load();
    } catch (error) {
      this.root.textContent = `tfviz: ${error instanceof Error ? error.message : error}`;
      return;
    }
    this.listen();
    this.stops.push(hideStatic(String(model.get("ident") ?? "")));
    this.retheme();
    void this.relayout(null);
  }

  private load(): void {
    const data = this.model.get("graph") as DataView;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.graph = new Graph(decode(bytes));
    this.client?.stop();
    this.client = new LayoutClient(this.graph, bytes, bundleUrl());
    this.look.selected = new Set((this.model.get("selected") as number[]) ?? []);
    this.known.clear();
    for (const [item, details] of Object.entries((this.model.get("details") as Record<string, Details>) ?? {})) {
      this.known.set(Number(item), details);
    }
    this.recolour();
    this.root.setAttribute("aria-label", `Dataflow graph of ${this.graph.count[0]} operations`);
  }

  private listen(): void {
    const on = (name: string, handler: (...args: any[]) => void): void => {
      this.model.on(name, handler);
      this.stops.push(() => this.model.off(name, handler));
    };
    on("change:opened", () => {
      const opened = this.model.get("opened") as number[];
      if (opened.join() !== this.opened.join()) this.setOpened(opened, null, false);
    });
    on("change:selected", () => {
      const items = this.model.get("selected") as number[];
      if (items.join() !== [...this.look.selected].join()) this.select(items, false, true);
    });
    on("change:colors", () => { this.recolour(); this.redraw(); });
    on("change:direction", () => {
      this.direction = this.model.get("direction") as Direction;
      this.touched = false;
      void this.relayout(null);
    });
    on("change:theme", () => this.retheme());
    on("change:graph", () => { this.load(); void this.relayout(null); });
    on("msg:custom", (message: { type?: string; item?: number; details?: Details }) => {
      if (message?.type !== "info" || message.item === undefined || !message.details) return;
      this.known.set(message.item, message.details);
      if (this.look.selected.has(message.item)) this.showCard(message.item);
    });
    this.stops.push(watchTheme(() => this.retheme()));
    const size = new ResizeObserver(() => { if (!this.touched) this.fit(false); this.redraw(); });
    size.observe(this.root);
    const sight = new IntersectionObserver((entries) => {
      this.visible = entries.some((entry) => entry.isIntersecting);
      if (this.visible) this.redraw();
    });
    sight.observe(this.root);
    this.stops.push(() => size.disconnect(), () => sight.disconnect());
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => { if (!event.buttons) this.hover(event); });
    this.canvas.addEventListener("pointerleave", () => this.setHover(-1));
    this.canvas.addEventListener("dblclick", (event) => {
      const box = this.boxAt(event);
      if (box && this.graph.isScope(box.item)) this.toggle(box.item, event);
    });
    this.map.addEventListener("pointerdown", (event) => {
      this.map.setPointerCapture(event.pointerId);
      this.mapTo(event);
    });
    this.map.addEventListener("pointermove", (event) => { if (event.buttons) this.mapTo(event); });
  }

  // ---- layout -----------------------------------------------------------------------------------------------------

  /** Lays out again and glides there; `anchor` keeps one box under one point of the screen. */
  private async relayout(anchor: { item: number; x: number; y: number; fx: number; fy: number } | null): Promise<void> {
    const ticket = ++this.ticket;
    let picture: Picture;
    try {
      picture = await this.client.layout(this.opened, this.direction);
    } catch (error) {
      if (ticket === this.ticket) this.say(error instanceof Error ? error.message : String(error));
      return;
    }
    if (ticket !== this.ticket) return; // a newer question was asked meanwhile
    const from = new Map<number, [number, number, number, number]>();
    const before = anchor ? this.boxes.get(anchor.item) : undefined;
    const old = { ...this.camera };
    const first = !this.picture;
    this.picture = picture;
    const now = picture.boxes.find((box) => box.item === anchor?.item);
    if (anchor && now && before) {
      this.camera.x = now.x + anchor.fx * now.w - anchor.x / this.camera.k;
      this.camera.y = now.y + anchor.fy * now.h - anchor.y / this.camera.k;
    }
    for (const box of this.boxes.values()) {
      from.set(box.item, [box.x - old.x + this.camera.x, box.y - old.y + this.camera.y, box.w, box.h]);
    }
    this.boxes.clear();
    for (const box of picture.boxes) this.boxes.set(box.item, box);
    this.order = fillTree(this.tree, this.graph, picture, this.id);
    this.map.hidden = picture.boxes.length < 12;
    if (first) {
      const height = Math.min(640, Math.max(300, picture.height + 60));
      this.root.style.height = `${height}px`;
    }
    if (!this.touched && !anchor) this.fit(false);
    if (!first && anchor && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.glide = { from, start: performance.now() };
    }
    this.redraw();
  }

  private setOpened(opened: number[], anchor: Parameters<GraphView["relayout"]>[0] = null, tell = true): Promise<void> {
    this.opened = [...new Set(opened)].sort((a, b) => a - b);
    if (tell) {
      this.model.set("opened", this.opened);
      this.model.save_changes();
    }
    if (!anchor) this.touched = false;
    return this.relayout(anchor);
  }

  private toggle(item: number, event: MouseEvent | null): void {
    const box = this.boxes.get(item);
    if (!box) return;
    const opened = box.open ? this.opened.filter((t) => t !== item) : [...this.opened, item];
    const [x, y] = event ? this.local(event) : this.toScreen(box.x + box.w / 2, box.y + 12);
    const page = this.toPage(x, y);
    // An open box is held by its title, wherever it was pressed: the title is what folds back to the pressed place.
    const fx = (page[0] - box.x) / box.w, fy = (page[1] - box.y) / box.h;
    void this.setOpened(opened, { item, x, y, fx: clamp(fx, 0, 1), fy: clamp(fy, 0, 1) });
  }

  private turn(): void {
    this.direction = TURNS[(TURNS.indexOf(this.direction) + 1) % TURNS.length];
    this.model.set("direction", this.direction);
    this.model.save_changes();
    this.touched = false;
    void this.relayout(null);
  }

  // ---- camera -----------------------------------------------------------------------------------------------------

  private get width(): number { return this.root.clientWidth; }
  private get height(): number { return this.root.clientHeight; }

  private fit(whole: boolean): void {
    if (!this.picture || !this.width || !this.height) return;
    const top = 40;
    const room = this.height - top - 8;
    const all = Math.min(this.width / this.picture.width, room / this.picture.height);
    const k = whole ? clamp(all, MIN_ZOOM, 1.4) : clamp(Math.max(all, Math.min(0.62, this.width / this.picture.width)), MIN_ZOOM, 1);
    this.camera.k = k;
    this.camera.x = this.picture.width / 2 - this.width / 2 / k;
    const tall = this.picture.height * k > room + 1;
    if (!tall) this.camera.y = this.picture.height / 2 - (top + room / 2) / k;
    else this.camera.y = this.direction === "up" ? this.picture.height - (this.height - 6) / k : -top / k;
    if (this.direction === "right" && this.picture.width * k > this.width) this.camera.x = 0;
    if (whole) this.touched = true;
    this.redraw();
  }

  private zoom(factor: number, x = this.width / 2, y = this.height / 2): void {
    const k = clamp(this.camera.k * factor, MIN_ZOOM, MAX_ZOOM);
    const [px, py] = this.toPage(x, y);
    this.camera = { x: px - x / k, y: py - y / k, k };
    this.touched = true;
    this.redraw();
  }

  private wheel(event: WheelEvent): void {
    if (this.card.contains(event.target as Node)) return;
    const zooming = event.ctrlKey || event.metaKey;
    // A reader who scrolls the notebook past a view must not get caught in it: plain wheels move a focused view only.
    if (!zooming && !this.root.contains(document.activeElement)) return;
    event.preventDefault();
    if (zooming) {
      const [x, y] = this.local(event);
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.004)), x, y);
      return;
    }
    const unit = event.deltaMode ? 16 : 1;
    this.camera.x += ((event.shiftKey ? event.deltaY : event.deltaX) * unit) / this.camera.k;
    this.camera.y += ((event.shiftKey ? 0 : event.deltaY) * unit) / this.camera.k;
    this.touched = true;
    this.redraw();
  }

  private center(item: number): void {
    const box = this.boxes.get(item);
    if (!box) return;
    if (this.camera.k < 0.45) this.camera.k = 0.8;
    const free = this.card.hidden || this.width < 560 ? this.width : this.width - 290; // the card must not cover it
    this.camera.x = box.x + box.w / 2 - free / 2 / this.camera.k;
    this.camera.y = box.y + Math.min(box.h, 80) / 2 - this.height / 2 / this.camera.k;
    this.touched = true;
    this.redraw();
  }

  private toPage(x: number, y: number): [number, number] { return [x / this.camera.k + this.camera.x, y / this.camera.k + this.camera.y]; }
  private toScreen(x: number, y: number): [number, number] { return [(x - this.camera.x) * this.camera.k, (y - this.camera.y) * this.camera.k]; }

  private local(event: MouseEvent): [number, number] {
    const rect = this.canvas.getBoundingClientRect();
    return [event.clientX - rect.left, event.clientY - rect.top];
  }

  private mapTo(event: PointerEvent): void {
    if (!this.picture) return;
    const rect = this.map.getBoundingClientRect();
    const scale = Math.min((130 - 8) / this.picture.width, (90 - 8) / this.picture.height);
    const x = (event.clientX - rect.left - (130 - this.picture.width * scale) / 2) / scale;
    const y = (event.clientY - rect.top - (90 - this.picture.height * scale) / 2) / scale;
    this.camera.x = x - this.width / 2 / this.camera.k;
    this.camera.y = y - this.height / 2 / this.camera.k;
    this.touched = true;
    this.redraw();
  }

  // ---- pointer ----------------------------------------------------------------------------------------------------

  private boxAt(event: MouseEvent): Box | null {
    if (!this.picture) return null;
    const [x, y] = this.toPage(...this.local(event));
    const slack = 3 / this.camera.k;
    for (let k = this.picture.boxes.length - 1; k >= 0; k--) {
      const box = this.picture.boxes[k];
      if (x >= box.x - slack && x <= box.x + box.w + slack && y >= box.y - slack && y <= box.y + box.h + slack) return box;
    }
    return null;
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const [x0, y0] = this.local(event);
    const from = { ...this.camera };
    let moved = false;
    this.canvas.setPointerCapture(event.pointerId);
    const move = (e: PointerEvent): void => {
      const [x, y] = this.local(e);
      if (!moved && Math.hypot(x - x0, y - y0) < 4) return;
      moved = true;
      this.canvas.classList.add("tfv-drag");
      this.camera.x = from.x - (x - x0) / this.camera.k;
      this.camera.y = from.y - (y - y0) / this.camera.k;
      this.touched = true;
      this.redraw();
    };
    const up = (e: PointerEvent): void => {
      this.canvas.removeEventListener("pointermove", move);
      this.canvas.classList.remove("tfv-drag");
      if (!moved && e.type === "pointerup") this.click(e);
    };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up, { once: true });
    this.canvas.addEventListener("pointercancel", up, { once: true });
  }

  private click(event: PointerEvent): void {
    const box = this.boxAt(event);
    const [x, y] = this.toPage(...this.local(event));
    const corner = box && x > box.x + box.w - 26 && y < box.y + 22;
    if (box && corner && this.graph.isScope(box.item) && box.kind !== "variable" && box.kind !== "op") {
      this.toggle(box.item, event);
      return;
    }
    const target = box && (!box.open || y < box.y + 24) ? box.item : -1;
    if (event.shiftKey && target >= 0 && this.look.selected.size) this.path([...this.look.selected][0], target);
    else this.select(target < 0 ? [] : [target], true, false);
  }

  private hover(event: PointerEvent): void {
    const box = this.boxAt(event);
    this.canvas.classList.toggle("tfv-over", !!box && !box.open);
    this.setHover(box && !box.open ? box.item : -1);
    const [x, y] = this.local(event);
    const ctx = this.canvas.getContext("2d");
    const edge = (!box || box.open) && ctx && this.picture
      ? edgeAt(ctx, this.picture, ...this.toPage(x, y), 5 / this.camera.k) : null;
    this.tip.hidden = !edge;
    if (edge) {
      this.tip.textContent = this.describe(edge);
      this.tip.style.left = `${Math.min(x + 12, this.width - 200)}px`;
      this.tip.style.top = `${y + 14}px`;
    }
  }

  private describe({ link }: Edge): string {
    const { src, dst } = this.graph.columns;
    const names = allNames(this.graph);
    const parts = [[link.data, "data"], [link.ref, "state"], [link.control, "control"]]
      .filter(([n]) => n).map(([n, word]) => `${n} ${word}`);
    const more = link.data + link.ref + link.control > 1 ? " and others" : "";
    return `${names[src[link.example]]} → ${names[dst[link.example]]}${more} · ${parts.join(" + ")} ${linkLabel(link)}`;
  }

  private setHover(item: number): void {
    if (item < 0) this.tip.hidden = true;
    if (item === this.look.hover) return;
    this.look.hover = item;
    this.redraw();
  }

  // ---- selection, search, trace -------------------------------------------------------------------------------------

  private select(items: number[], tell: boolean, move: boolean): void {
    this.look.selected = new Set(items);
    this.look.lit = null;
    if (tell) {
      this.model.set("selected", items);
      this.model.save_changes();
    }
    if (items.length) this.showCard(items[0]);
    else this.card.hidden = true;
    if (move && items.length) void this.reveal(items[0]);
    this.redraw();
  }

  /** Opens the scopes around an item and brings it into the middle. */
  private async reveal(item: number): Promise<void> {
    const missing = this.graph.ancestors(item).filter((t) => t > 0 && !this.opened.includes(t));
    if (missing.length) {
      const anchor = this.picture?.boxes[0];
      await this.setOpened([...this.opened, ...missing], anchor ? { item: anchor.item, x: 0, y: 0, fx: 0, fy: 0 } : null);
    }
    this.center(this.shown(item));
  }

  /** The box that stands for an item: itself, what it annotates, or its nearest visible scope. */
  private shown(item: number): number {
    if (this.boxes.has(item)) return item;
    const owner = this.picture?.boxes.find((b) => [...b.tagsIn, ...b.tagsOut].some((t) => t.item === item));
    return owner?.item ?? this.graph.ancestors(item).find((t) => this.boxes.has(t)) ?? -1;
  }

  private showCard(item: number): void {
    const op = this.graph.columns.op[item];
    const details = this.known.get(item) ?? null;
    if (!details && op >= 0) this.model.send?.({ type: "info?", item });
    fillCard(this.card, this.graph, item, this.boxes.get(item)?.open ?? false, details, {
      jump: (other) => this.select([other], true, true),
      toggle: (scope) => { this.toggle(scope, null); this.card.hidden = true; },
      trace: (from, forward) => {
        const mask = this.graph.trace(from, forward);
        this.light(mask);
      },
      close: () => this.select([], true, false),
    });
  }

  /** Keeps bright what holds a marked leaf; the rest fades. */
  private light(mask: Uint8Array): void {
    const sums = new Uint32Array(mask.length + 1);
    for (let t = 0; t < mask.length; t++) sums[t + 1] = sums[t] + mask[t];
    this.look.lit = (item) => item < 0 || sums[this.graph.end[item]] > sums[item];
    this.redraw();
  }

  /** Lights all ways between two items, whichever runs first. */
  private path(a: number, b: number): void {
    for (const [from, to] of [[a, b], [b, a]]) {
      const forward = this.graph.trace(from, true), back = this.graph.trace(to, false);
      const both = forward.map((v, t) => v & back[t]);
      if (both.some((v) => v)) {
        this.look.selected = new Set([a, b]);
        this.light(both);
        return;
      }
    }
    this.say("no path joins these two");
  }

  private query(text: string): void {
    try {
      this.hits = search(this.graph, text);
    } catch (error) {
      this.bar.hits.textContent = error instanceof Error ? error.message : "";
      return;
    }
    this.at = -1;
    this.bar.hits.textContent = text.trim() ? `${this.hits.length.toLocaleString("en")} found` : "";
    this.look.hits = new Set(this.hits.map((t) => this.shown(t)));
    this.redraw();
  }

  private step(back: boolean): void {
    if (!this.hits.length) return;
    this.at = (this.at + (back ? -1 : 1) + this.hits.length) % this.hits.length;
    this.bar.hits.textContent = `${this.at + 1} of ${this.hits.length.toLocaleString("en")}`;
    this.select([this.hits[this.at]], true, false);
    void this.reveal(this.hits[this.at]).then(() => {
      this.look.hits = new Set(this.hits.map((t) => this.shown(t)));
      this.redraw();
    });
  }

  private colourBy(name: string): void {
    const dark = this.look.theme === DARK;
    const hashes = name === "structure" ? structureHashes(this.graph) : null;
    const own = (this.model.get("colors") as Record<string, string>) ?? {};
    this.look.color = (box) => {
      if (box.item in own) return own[box.item];
      if (hashes && box.kind !== "op" && this.graph.columns.kind[box.item] !== VARIABLE_KIND) return structureColor(hashes[box.item], dark);
      return null;
    };
    this.redraw();
  }

  private recolour(): void { this.colourBy(this.bar.mode.value); }

  // ---- keyboard ---------------------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    if (event.target !== this.root || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.order.findIndex((box) => box.item === this.look.focus);
    const box = this.order[at];
    const handled: Record<string, () => void> = {
      ArrowDown: () => this.setFocus(at + 1), ArrowUp: () => this.setFocus(at < 0 ? this.order.length - 1 : at - 1),
      Home: () => this.setFocus(0), End: () => this.setFocus(this.order.length - 1),
      ArrowRight: () => { if (box && !box.open && this.graph.isScope(box.item)) this.toggle(box.item, null); else this.setFocus(at + 1); },
      ArrowLeft: () => {
        if (!box) return;
        if (box.open) this.toggle(box.item, null);
        else this.setFocus(this.order.findIndex((b) => b.item === box.home));
      },
      Enter: () => { if (box) this.select([box.item], true, false); },
      " ": () => { if (box) this.select([box.item], true, false); },
      Escape: () => this.select([], true, false),
      "/": () => this.bar.input.focus(),
      "+": () => this.zoom(1.3), "=": () => this.zoom(1.3), "-": () => this.zoom(1 / 1.3), "0": () => this.fit(true),
    };
    const act = handled[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // notebook shortcuts must not fire as well
    act();
  }

  private setFocus(index: number): void {
    const box = this.order[clamp(index, 0, this.order.length - 1)];
    if (!box) return;
    this.look.focus = box.item;
    this.tree.querySelector('[aria-selected="true"]')?.removeAttribute("aria-selected");
    document.getElementById(`${this.id}-${box.item}`)?.setAttribute("aria-selected", "true");
    this.root.setAttribute("aria-activedescendant", `${this.id}-${box.item}`);
    const [x, y] = this.toScreen(box.x + box.w / 2, box.y + 12);
    if (x < 40 || y < 50 || x > this.width - 40 || y > this.height - 30) this.center(box.item);
    this.redraw();
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------

  private retheme(): void {
    const wish = String(this.model.get("theme") ?? "auto");
    const dark = wish === "dark" || (wish !== "light" && pageIsDark());
    this.root.classList.toggle("tfv-dark", dark);
    this.look.theme = dark ? DARK : LIGHT;
    this.recolour();
  }

  private redraw(): void {
    if (this.frame || !this.visible) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  private paint(): void {
    const { width, height } = this;
    if (!this.picture || !width || !height) return; // detached or folded away: an observer redraws when it is back
    const ratio = Math.min(devicePixelRatio || 1, 3);
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const ctx = this.canvas.getContext("2d");
    if (!ctx) return;
    const share = this.glide ? clamp((performance.now() - this.glide.start) / GLIDE, 0, 1) : 1;
    if (this.glide && share < 1) {
      const t = 1 - (1 - share) ** 3;
      const mix = (a: number, b: number): number => a + (b - a) * t;
      const boxes = this.picture.boxes.map((box): Box => {
        const was = this.glide!.from.get(box.item);
        return was ? { ...box, x: mix(was[0], box.x), y: mix(was[1], box.y), w: mix(was[2], box.w), h: mix(was[3], box.h) } : box;
      });
      paint(ctx, { ...this.picture, boxes }, this.camera, this.look, width, height, ratio, t * t);
      this.redraw();
    } else {
      this.glide = null;
      paint(ctx, this.picture, this.camera, this.look, width, height, ratio);
    }
    if (!this.map.hidden) {
      const { x, y, k } = this.camera;
      paintMap(this.map, this.picture, { x, y, w: width / k, h: height / k }, this.look.theme, ratio);
    }
  }

  private say(text: string): void {
    this.note.textContent = text;
    this.note.hidden = false;
    setTimeout(() => { this.note.hidden = true; }, 4000);
  }

  close(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.frame);
    this.client?.stop();
    this.el.replaceChildren();
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** This bundle's own address, for the worker; null where the host gives none that a worker may load. */
function bundleUrl(): string | null {
  const url = import.meta.url;
  return url && !url.startsWith("file:") ? url : null;
}
