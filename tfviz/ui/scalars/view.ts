// The view of curves: a bar, a grid of cards, and the wire to the kernel; every gesture works without the kernel.
import type { Cleanup, Model, RenderContext } from "../protocol";
import { addStyle } from "../style";
import { Card, dot, type Host } from "./card";
import { Controls } from "./control";
import css from "./curves.css";
import { download, toCsv, toJson, toPng, toSvg } from "./files";
import { type Settings, type Theme, THEMES, type XMode } from "./picture";
import { type Line, type Meta, type PointsMessage, Store } from "./store";

/** The curves of one model: they outlive a view that a notebook detaches and draws again. */
class Feed {
  readonly store = new Store();
  readonly views = new Set<() => void>();
  private asked = 0;

  constructor(private readonly model: Model) {
    this.load();
    model.on("change:meta", () => this.load());
    model.on("msg:custom", (message: PointsMessage, buffers: DataView[]) => {
      if (message?.type !== "points" || !buffers?.[0]) return;
      if (message.answer) this.asked = 0;
      this.store.points(message, asView(buffers[0]));
      this.changed();
    });
  }

  private load(): void {
    const meta = this.model.get("meta") as Partial<Meta>;
    if (!meta.version) return this.store.clear(); // closed: the manager may keep the model, not the points
    this.store.load(meta as Meta, asView(this.model.get("snapshot")));
    this.changed();
  }

  private changed(): void {
    for (const view of this.views) view();
    const have = this.store.wanted();
    // One question at a time; a busy kernel answers when the cell ends, a dead one never.
    if (!have || !this.model.send || Date.now() - this.asked < 5000) return;
    this.asked = Date.now();
    try {
      this.model.send({ type: "resync", have });
    } catch {
      this.asked = Infinity; // a saved page without a kernel: what is here is all there is
    }
  }
}

export function asView(bytes: unknown): DataView {
  if (bytes instanceof DataView) return bytes;
  if (bytes instanceof ArrayBuffer) return new DataView(bytes);
  if (ArrayBuffer.isView(bytes)) return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new DataView(new ArrayBuffer(0));
}

const FEEDS = new WeakMap<object, Feed>();

// One cursor for all views of the page: histograms, images and the graph listen to the same event.
export const CURSOR = "tfv-cursor";

export function renderCurves({ model, el }: RenderContext): Cleanup {
  addStyle(el, "curves", css);
  let feed = FEEDS.get(model);
  if (!feed) FEEDS.set(model, (feed = new Feed(model)));
  const view = new CurvesView(feed.store, el, model);
  const changed = (): void => view.changed();
  feed.views.add(changed);
  const shown = hideStatic(String(model.get("ident") ?? ""));
  return () => {
    feed.views.delete(changed);
    view.dispose();
    shown();
  };
}

/** Hides the static picture of this view while the view lives; a rule, so that a picture drawn later is hidden too. */
export function hideStatic(ident: string): Cleanup {
  if (!/^tfviz-static-[\w-]+$/.test(ident)) return () => undefined;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" id="${ident}`;
  const encoded = btoa(head.slice(0, head.length - (head.length % 3)));
  const picture = `:is(svg#${ident}, img[src*="${ident}"], img[src^="data:image/svg+xml;base64,${encoded}"])`;
  const style = document.createElement("style");
  style.textContent = `${picture}, .jp-OutputArea-child:has(> .jp-OutputArea-output ${picture}) { display: none !important; }`;
  document.head.append(style);
  return () => style.remove();
}

class CurvesView implements Host {
  settings: Settings = { smoothing: 0, logY: false, outliers: true, x: "step" };
  cursor: { step: number | null } = { step: null };
  private readonly root = document.createElement("div");
  private readonly bar = document.createElement("div");
  private readonly title = document.createElement("b");
  private readonly runsBox = document.createElement("div");
  private readonly body = document.createElement("div");
  private readonly cards = new Map<string, Card>();
  private readonly hidden = new Set<string>(); // labels of runs
  private readonly closed = new Set<string>(); // groups
  private readonly pinned = new Set<string>();
  private filter: RegExp | null = null;
  private shape = "";
  private frame = 0;
  private readonly watchers: Cleanup[] = [];
  private readonly controls: Controls;
  private readonly seen: IntersectionObserver;
  private readonly sized: ResizeObserver;

  constructor(
    private readonly store: Store,
    el: HTMLElement,
    model: Model,
  ) {
    const { smoothing = 0, log_y = false, x = "step" } = store.meta.options;
    Object.assign(this.settings, { smoothing, logY: log_y, x });
    this.root.className = "tfv-curves";
    this.bar.className = "tfv-c-bar";
    this.runsBox.className = "tfv-c-runs";
    this.controls = new Controls(model);
    this.watchers.push(this.controls.stop);
    this.root.append(this.bar, this.controls.sliders, this.runsBox, this.body);
    el.append(this.root);
    this.fillBar();
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        for (const card of this.cards.values()) if (card.el === target) card.visible = isIntersecting;
      }
      this.redraw();
    });
    this.sized = new ResizeObserver(() => this.redraw());
    this.sized.observe(this.root);
    this.watchTheme();
    const follow = (e: Event): void => {
      this.cursor.step = (e as CustomEvent<number | null>).detail;
      this.redraw();
    };
    window.addEventListener(CURSOR, follow);
    this.watchers.push(() => window.removeEventListener(CURSOR, follow));
    this.changed();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.seen.disconnect();
    this.sized.disconnect();
    for (const stop of this.watchers) stop();
    this.root.remove();
  }

  meta(): Meta {
    return this.store.meta;
  }

  theme(): Theme {
    return this.root.classList.contains("tfv-dark") ? THEMES.dark : THEMES.light;
  }

  lines(title: string): Line[] {
    const runs = this.store.meta.runs;
    const card = this.store.cards().find((c) => c.title === title);
    return (card?.lines ?? []).filter((line) => this.runShown(runs[line.meta.run]?.label ?? ""));
  }

  private runShown(label: string): boolean {
    return !this.hidden.has(label) && (!this.filter || this.filter.test(label));
  }

  moveCursor(step: number | null): void {
    window.dispatchEvent(new CustomEvent(CURSOR, { detail: step }));
    this.cursor.step = step;
    this.redraw();
  }

  togglePin(title: string): void {
    if (!this.pinned.delete(title)) this.pinned.add(title);
    this.shape = "";
    this.changed();
  }

  /** New points or names came: lay out where names changed, draw in the next frame. */
  changed(): void {
    const cards = this.store.cards();
    const { control = false, sliders = [] } = this.store.meta.options;
    this.controls.update(control, sliders);
    const shape = JSON.stringify([cards.map((c) => c.title), this.store.meta.runs.map((r) => r.label), [...this.pinned]]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.layout(cards.map((c) => c.title));
    }
    this.redraw();
  }

  private redraw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      for (const card of this.cards.values()) {
        card.invalidate();
        card.draw();
      }
    });
  }

  private layout(titles: string[]): void {
    this.title.textContent = this.store.meta.title;
    this.fillRuns();
    const groups = new Map<string, string[]>();
    for (const title of titles) {
      const group = this.pinned.has(title) ? "pinned" : title.includes("/") ? title.slice(0, title.indexOf("/")) : "";
      groups.set(group, [...(groups.get(group) ?? []), title]);
    }
    const named = groups.size > 1 || this.pinned.size > 0;
    const order = [...groups.keys()].sort((a, b) => Number(b === "pinned") - Number(a === "pinned"));
    const parts: HTMLElement[] = [];
    for (const group of order) {
      const grid = document.createElement("div");
      grid.className = titles.length === 1 ? "tfv-c-grid tfv-c-one" : "tfv-c-grid";
      for (const title of groups.get(group)!) {
        let card = this.cards.get(title);
        if (!card) {
          this.cards.set(title, (card = new Card(title, this)));
          this.seen.observe(card.el);
        }
        card.pinned = this.pinned.has(title);
        grid.append(card.el);
      }
      if (named && group) parts.push(this.groupHead(group, groups.get(group)!.length, grid));
      parts.push(grid);
    }
    for (const [title, card] of this.cards) {
      if (!titles.includes(title)) {
        this.seen.unobserve(card.el);
        this.cards.delete(title);
      }
    }
    if (!titles.length) {
      const empty = document.createElement("div");
      empty.className = "tfv-c-empty";
      empty.textContent = "nothing logged yet";
      parts.push(empty);
    }
    this.body.replaceChildren(...parts);
  }

  private groupHead(group: string, count: number, grid: HTMLElement): HTMLElement {
    const head = document.createElement("div");
    head.className = "tfv-c-group";
    head.tabIndex = 0;
    head.setAttribute("role", "button");
    const show = (): void => {
      const open = !this.closed.has(group);
      grid.hidden = !open;
      grid.style.display = open ? "" : "none";
      head.textContent = `${open ? "▾" : "▸"} ${group} (${count})`;
      head.setAttribute("aria-expanded", String(open));
    };
    const toggle = (): void => {
      if (!this.closed.delete(group)) this.closed.add(group);
      show();
      this.redraw();
    };
    head.onclick = toggle;
    head.onkeydown = (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      toggle();
    };
    show();
    return head;
  }

  // -- the bar

  private fillBar(): void {
    const { settings } = this;
    const label = (text: string, input: HTMLElement, title: string): HTMLLabelElement => {
      const el = document.createElement("label");
      el.title = title;
      el.append(text, input);
      return el;
    };
    const smooth = document.createElement("input");
    Object.assign(smooth, { type: "range", min: "0", max: "0.999", step: "0.001", value: String(settings.smoothing) });
    smooth.setAttribute("aria-label", "smoothing");
    smooth.oninput = () => {
      settings.smoothing = Number(smooth.value);
      this.redraw();
    };
    const x = document.createElement("select");
    for (const [value, text] of [["step", "step"], ["relative", "relative"], ["wall", "clock"]] as const) {
      x.add(new Option(text, value, false, value === settings.x));
    }
    x.setAttribute("aria-label", "horizontal axis");
    x.onchange = () => {
      settings.x = x.value as XMode;
      for (const card of this.cards.values()) card.zoom = {};
      this.redraw();
    };
    const check = (checked: boolean, change: (on: boolean) => void): HTMLInputElement => {
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = checked;
      box.onchange = () => {
        change(box.checked);
        this.redraw();
      };
      return box;
    };
    const log = check(settings.logY, (on) => (settings.logY = on));
    const calm = check(!settings.outliers, (on) => (settings.outliers = !on));
    const reset = document.createElement("button");
    reset.textContent = "Reset zoom";
    reset.title = "Drag to zoom, shift+drag to pan, alt+wheel to zoom, double click to reset";
    reset.onclick = () => {
      for (const card of this.cards.values()) card.reset();
    };
    const save = document.createElement("select");
    save.setAttribute("aria-label", "save as");
    for (const text of ["Save…", "CSV", "JSON", "SVG", "PNG"]) save.add(new Option(text));
    save.onchange = () => {
      void this.save(save.value);
      save.selectedIndex = 0;
    };
    const end = document.createElement("span");
    end.className = "tfv-c-end";
    end.append(this.controls.buttons, reset, save);
    this.bar.append(
      this.title,
      label("Smooth", smooth, "Moving average; the raw curve stays, faint"),
      label("X", x, "What runs to the right"),
      label("Log", log, "Logarithmic vertical axis"),
      label("Ignore outliers", calm, "Vertical axis from the 5th to the 95th percentile"),
      end,
    );
  }

  private async save(kind: string): Promise<void> {
    const name = (this.store.meta.title || "curves").replace(/[^\w.-]+/g, "_");
    const cards = [...this.cards.values()];
    if (kind === "CSV") download(`${name}.csv`, toCsv(this.store));
    else if (kind === "JSON") download(`${name}.json`, toJson(this.store));
    else if (kind === "SVG") download(`${name}.svg`, toSvg(cards, this.theme()));
    else if (kind === "PNG") {
      const blob = await toPng(cards, this.theme());
      if (blob) download(`${name}.png`, blob);
    }
    this.redraw();
  }

  /** One box a run, and a filter where there are several. */
  private fillRuns(): void {
    const { runs, by_run } = this.store.meta;
    if (runs.length < 2) {
      this.runsBox.replaceChildren();
      return;
    }
    const filter = document.createElement("input");
    Object.assign(filter, { type: "search", placeholder: "filter runs (regex)" });
    filter.oninput = () => {
      try {
        this.filter = filter.value ? new RegExp(filter.value) : null;
        filter.setCustomValidity("");
      } catch {
        filter.setCustomValidity("not a regular expression");
      }
      this.redraw();
    };
    const { colours } = this.theme();
    const boxes = runs.map((run, i) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = !this.hidden.has(run.label);
      box.onchange = () => {
        if (box.checked) this.hidden.delete(run.label);
        else this.hidden.add(run.label);
        this.redraw();
      };
      label.append(box);
      if (by_run) label.append(dot(colours[run.colour % colours.length]!));
      label.append(by_run || i < runs.length - 1 ? run.label : `${run.label} (now)`);
      return label;
    });
    this.runsBox.replaceChildren(...(runs.length > 3 ? [filter] : []), ...boxes.reverse());
  }

  // -- light and dark

  private watchTheme(): void {
    const media = window.matchMedia?.("(prefers-color-scheme: dark)");
    const update = (): void => {
      this.root.classList.toggle("tfv-dark", isDark(this.root, media?.matches ?? false));
      this.fillRuns();
      this.redraw();
    };
    const observer = new MutationObserver(update);
    observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind", "class", "style"] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
    media?.addEventListener?.("change", update);
    this.watchers.push(() => observer.disconnect());
    this.watchers.push(() => media?.removeEventListener?.("change", update));
    update();
  }
}

/** The theme of the host: JupyterLab and VS Code say it; elsewhere the page's background or the system decides. */
function isDark(el: HTMLElement, system: boolean): boolean {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  if (vscodeThemeKind) return vscodeThemeKind.includes("dark");
  for (let at: HTMLElement | null = el.parentElement; at; at = at.parentElement) {
    const [r, g, b, a] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (r !== undefined && (a ?? 1) > 0.5) return 0.3 * r + 0.59 * g! + 0.11 * b! < 128;
  }
  return system;
}
