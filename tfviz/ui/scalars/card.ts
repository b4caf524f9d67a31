// One chart on the page: canvas, zoom, pan, hover; reads the store through its host and keeps no data of its own.
import { formatNumber, formatSpan } from "./axes";
import { CanvasPainter, type Painter } from "./painter";
import { drawCard, formatX, type Hit, pointsAt, type Range, rangeOf, Scale, type Settings, type Theme } from "./picture";
import type { Line, Meta } from "./store";

export interface Host {
  meta(): Meta;
  settings: Settings;
  theme(): Theme;
  lines(title: string): Line[];
  cursor: { step: number | null };
  moveCursor(step: number | null): void;
  togglePin(title: string): void;
}

export class Card {
  readonly el = document.createElement("section");
  readonly canvas = document.createElement("canvas");
  zoom: Partial<Range> = {};
  private readonly heading = document.createElement("b");
  private readonly values = document.createElement("span");
  private readonly pin = document.createElement("button");
  private readonly plot = document.createElement("div");
  private readonly tip = document.createElement("div");
  private scale: Scale | null = null;
  private mouse: [number, number] | null = null;
  private drag: { x: number; y: number; pan: boolean; range: Range } | null = null;
  private dirty = true;
  visible = false;

  constructor(
    readonly title: string,
    private readonly host: Host,
  ) {
    this.el.className = "tfv-c-card";
    const head = document.createElement("div");
    head.className = "tfv-c-head";
    this.heading.textContent = title;
    this.heading.title = title;
    this.values.className = "tfv-c-values";
    this.pin.className = "tfv-c-pin";
    this.pin.textContent = "⚲";
    this.pin.title = "Pin to the top";
    this.pin.setAttribute("aria-pressed", "false");
    this.pin.onclick = () => this.host.togglePin(title);
    head.append(this.heading, this.pin, this.values);
    this.plot.className = "tfv-c-plot";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.tip.className = "tfv-c-tip";
    this.tip.hidden = true;
    this.plot.append(this.canvas, this.tip);
    this.el.append(head, this.plot);
    this.listen();
  }

  set pinned(on: boolean) {
    this.pin.setAttribute("aria-pressed", String(on));
  }

  invalidate(): void {
    this.dirty = true;
  }

  /** Draws when something changed and the card can be seen. */
  draw(): void {
    if (!this.dirty || !this.visible) return;
    const width = this.plot.clientWidth;
    const height = this.plot.clientHeight;
    if (width < 40 || height < 40) return; // hidden: a ResizeObserver calls again
    this.dirty = false;
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const ctx = this.canvas.getContext("2d");
    if (!ctx) return;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    const painter = new CanvasPainter(ctx);
    this.paint(painter, width, height);
    this.head();
    if (this.scale) this.overlay(painter, this.scale);
    else this.tip.hidden = true;
  }

  /** The chart alone, onto any painter. */
  paint(painter: Painter, width: number, height: number, theme = this.host.theme()): void {
    const lines = this.host.lines(this.title);
    const { settings } = this.host;
    const meta = this.host.meta();
    const range = rangeOf(lines, meta, settings, this.zoom);
    this.scale = range && new Scale(range, settings.logY, width, height);
    if (this.scale) drawCard(painter, lines, meta, settings, this.scale, theme);
    else painter.text(width / 2, height / 2, "no point yet", theme.muted, "center");
  }

  private newest(): Line[] {
    const meta = this.host.meta();
    return this.host.lines(this.title).filter((l) => meta.by_run || l.meta.run === meta.runs.length - 1);
  }

  private head(): void {
    const lines = this.newest();
    const crowded = lines.length > 3;
    const shown = lines.map((line) => {
      const last = line.exact.length ? line.exact : line.coarse;
      const text = last?.length ? formatNumber(last.value.at(last.length - 1)) : "–";
      return { line, text: lines.length > 1 ? `${line.meta.label} ${text}` : text };
    });
    const { colours } = this.host.theme();
    this.values.replaceChildren(
      ...(crowded ? [] : shown).map(({ line, text }) => {
        const span = document.createElement("span");
        if (lines.length > 1) span.append(dot(colours[line.meta.colour % colours.length]!));
        span.append(text);
        return span;
      }),
    );
    this.canvas.setAttribute("aria-label", `${this.title}: ${shown.map((s) => s.text).join(", ")}`);
  }

  // -- pointer and keys

  private listen(): void {
    const { canvas } = this;
    const at = (e: MouseEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    canvas.addEventListener("pointermove", (e) => {
      this.mouse = at(e);
      if (this.drag?.pan && this.scale) this.pan(this.mouse);
      const hit = this.scale && pointsAt(this.host.lines(this.title), this.host.meta(), this.host.settings, this.scale.x(this.mouse[0]))[0];
      this.host.moveCursor(hit ? hit.step : null);
      this.invalidate();
    });
    canvas.addEventListener("pointerleave", () => {
      this.mouse = null;
      this.host.moveCursor(null);
      this.invalidate();
    });
    canvas.addEventListener("pointerdown", (e) => {
      if (e.button !== 0 || !this.scale) return;
      const [x, y] = at(e);
      this.drag = { x, y, pan: e.shiftKey, range: this.scale.range };
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener("pointerup", (e) => {
      const { drag, scale } = this;
      this.drag = null;
      if (!drag || drag.pan || !scale) return;
      const [x, y] = at(e);
      const wide = Math.abs(x - drag.x) > 6;
      const high = Math.abs(y - drag.y) > 40;
      if (wide) this.zoom = { ...this.zoom, x: sorted(scale.x(drag.x), scale.x(x)) };
      if (high) this.zoom = { ...this.zoom, y: sorted(scale.y(drag.y), scale.y(y)) };
      this.invalidate();
      this.host.moveCursor(null);
    });
    canvas.addEventListener("pointercancel", () => (this.drag = null));
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener(
      "wheel",
      (e) => {
        if (!(e.ctrlKey || e.altKey || e.metaKey) || !this.scale) return; // a plain wheel scrolls the notebook
        e.preventDefault();
        this.scaleBy(Math.exp(e.deltaY * 0.002), at(e)[0]);
      },
      { passive: false },
    );
    canvas.addEventListener("keydown", (e) => {
      const middle = this.canvas.clientWidth / 2;
      if (e.key === "+" || e.key === "=") this.scaleBy(0.7, middle);
      else if (e.key === "-") this.scaleBy(1 / 0.7, middle);
      else if (e.key === "0" || e.key === "Escape") this.reset();
      else if (e.key === "ArrowLeft" || e.key === "ArrowRight") this.shift(e.key === "ArrowLeft" ? -0.2 : 0.2);
      else return;
      e.preventDefault();
      e.stopPropagation();
      this.host.moveCursor(null);
    });
  }

  reset(): void {
    this.zoom = {};
    this.invalidate();
    this.host.moveCursor(null);
  }

  private scaleBy(factor: number, px: number): void {
    if (!this.scale) return;
    const [low, high] = this.scale.range.x;
    const at = this.scale.x(px);
    this.zoom = { ...this.zoom, x: [at - (at - low) * factor, at + (high - at) * factor] };
    this.invalidate();
    this.host.moveCursor(this.host.cursor.step);
  }

  private shift(part: number): void {
    if (!this.scale) return;
    const [low, high] = this.scale.range.x;
    const by = (high - low) * part;
    this.zoom = { ...this.zoom, x: [low + by, high + by] };
    this.invalidate();
  }

  private pan([x, y]: [number, number]): void {
    const { drag, scale } = this;
    if (!drag || !scale) return;
    const start = new Scale(drag.range, scale.logY, scale.width, scale.height);
    const move = (range: [number, number], from: number, to: number): [number, number] => [range[0] + from - to, range[1] + from - to];
    const log = (v: number): number => (scale.logY ? Math.log10(v) : v);
    const back = (v: number): number => (scale.logY ? 10 ** v : v);
    const [yLow, yHigh] = drag.range.y.map(log) as [number, number];
    const yRange = move([yLow, yHigh], log(start.y(drag.y)), log(start.y(y))).map(back) as [number, number];
    this.zoom = { x: move(drag.range.x, start.x(drag.x), start.x(x)), y: yRange };
  }

  // -- what follows the pointer

  private overlay(painter: CanvasPainter, scale: Scale): void {
    const theme = this.host.theme();
    const { settings } = this.host;
    const lines = this.host.lines(this.title);
    const { drag, mouse } = this;
    if (drag && !drag.pan && mouse && Math.abs(mouse[0] - drag.x) > 6) {
      const [a, b] = sorted(drag.x, mouse[0]);
      painter.fill(a, 0, b - a, scale.bottom, theme.axis + "55");
    }
    const own = mouse !== null;
    let x = own ? scale.x(mouse[0]) : null;
    let hits: Hit[] = [];
    if (own) hits = pointsAt(lines, this.host.meta(), settings, x!);
    else if (this.host.cursor.step !== null) {
      // The cursor of another card: a step, wherever that stands on this axis.
      hits = pointsAt(this.newest(), this.host.meta(), { ...settings, x: "step" }, this.host.cursor.step);
      const first = hits[0];
      if (first && settings.x === "step") x = this.host.cursor.step;
      else if (first) x = first.wall - (settings.x === "relative" ? (this.host.meta().runs[first.line.meta.run]?.started ?? 0) : 0);
    }
    if (x === null || !hits.length || scale.px(x) < 0) {
      this.tip.hidden = true;
      return;
    }
    const px = own ? scale.px(hits[0]!.x) : scale.px(x);
    painter.line([px, 0, px, scale.bottom], 2, { colour: theme.muted, dash: [3, 3], alpha: 0.8 });
    for (const hit of hits) {
      const y = scale.py(hit.smoothed);
      const hx = own || settings.x === "step" ? scale.px(hit.x) : px;
      if (Number.isFinite(y)) painter.dot(hx, y, 3, theme.colours[hit.line.meta.colour % theme.colours.length]!);
    }
    if (own) this.table(hits, scale, mouse, theme);
    else this.tip.hidden = true;
  }

  private table(hits: Hit[], scale: Scale, [mx, my]: [number, number], theme: Theme): void {
    const { settings } = this.host;
    const meta = this.host.meta();
    const smooth = settings.smoothing > 0;
    const near = [...hits].sort((a, b) => Math.abs(scale.py(a.smoothed) - my) - Math.abs(scale.py(b.smoothed) - my))[0];
    const table = document.createElement("table");
    const row = (cells: (string | Node)[], tag: "td" | "th"): HTMLTableRowElement => {
      const tr = document.createElement("tr");
      for (const cell of cells) {
        const td = document.createElement(tag);
        td.append(cell);
        tr.append(td);
      }
      return tr;
    };
    table.append(row(["", ...(smooth ? ["smoothed"] : []), "value", "step", "time"], "th"));
    for (const hit of hits.slice(0, 12)) {
      const name = document.createElement("span");
      const label = meta.by_run || meta.runs.length === 1 ? hit.line.meta.label : `${hit.line.meta.label} · ${meta.runs[hit.line.meta.run]?.label}`;
      name.append(dot(theme.colours[hit.line.meta.colour % theme.colours.length]!), label);
      const started = meta.runs[hit.line.meta.run]?.started ?? 0;
      const time = settings.x === "wall" ? formatX(hit.wall, "wall", 0) : formatSpan(hit.wall - started);
      const tr = row([name, ...(smooth ? [formatNumber(hit.smoothed)] : []), formatNumber(hit.value), formatNumber(hit.step), time], "td");
      if (hit === near && hits.length > 1) tr.className = "tfv-c-near";
      table.append(tr);
    }
    if (hits.length > 12) table.append(row([`… ${hits.length - 12} more`], "td"));
    this.tip.replaceChildren(table);
    this.tip.hidden = false;
    const left = mx > scale.width / 2 ? mx - this.tip.offsetWidth - 16 : mx + 16;
    this.tip.style.left = `${Math.max(-4, left)}px`;
    this.tip.style.top = `${Math.min(my + 12, scale.height - 20)}px`;
  }
}

export function dot(colour: string): HTMLElement {
  const el = document.createElement("i");
  el.className = "tfv-c-dot";
  el.style.background = colour;
  return el;
}

function sorted(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}
