// The curves of one view in the browser: kept state (meta, snapshot) and numbered deltas put together; pure, no DOM.
// Twin of tfviz/curve_wire.py. Nothing is lost: what a message lacks is asked for again (`wanted`).
import { Column, Smoothed } from "./column";

export interface SeriesMeta {
  id: number;
  run: number;
  name: string;
  card: string;
  label: string;
  colour: number;
  n: number;
  kept: number;
}

export interface SliderMeta {
  name: string;
  low: number;
  high: number;
  value: number | null; // null until the kernel has asked the variable
  log: boolean;
}

export interface Meta {
  version: number;
  title: string;
  by_run: boolean;
  runs: { label: string; started: number; colour: number }[];
  series: SeriesMeta[];
  options: { smoothing?: number; log_y?: boolean; x?: string; control?: boolean; sliders?: SliderMeta[] };
}

export interface PointsMessage {
  type: "points";
  seq: number;
  answer?: boolean; // to a resync
  series: { id: number; from: number; count: number }[];
}

/** Three columns of one length, and where the steps fall (a training begun again). */
export class Columns {
  readonly step = new Column();
  readonly value = new Column();
  readonly wall = new Column();
  readonly cuts: number[] = [0];
  private smoothed: Smoothed | null = null;

  get length(): number {
    return this.step.length;
  }

  append(step: Float64Array, value: Float64Array, wall: Float64Array): void {
    for (let i = 0; i < step.length; i++) {
      const at = this.length + i;
      const before = i ? step[i - 1]! : at ? this.step.at(at - 1) : -Infinity;
      if (step[i]! < before) this.cuts.push(at);
    }
    this.step.append(step);
    this.value.append(value);
    this.wall.append(wall);
  }

  /** The values, smoothed; kept and grown for the weight that was asked for last. */
  smooth(weight: number): Column {
    if (weight <= 0) return this.value;
    if (this.smoothed?.weight !== weight) this.smoothed = new Smoothed(weight);
    return this.smoothed.follow(this.value);
  }
}

/** One curve: exact points from `start` on, and a coarse picture of what came before while that is missing. */
export class Line {
  exact = new Columns();
  start = 0;
  coarse: Columns | null = null;
  private prefix = new Columns(); // exact points from 0 on, on their way to `start`

  constructor(public meta: SeriesMeta) {}

  /** How many points exist, as far as is known here. */
  get known(): number {
    return Math.max(this.meta.n, this.start + this.exact.length);
  }

  /** From where the kernel must be asked, or -1 when nothing is missing. */
  get missing(): number {
    if (this.start > 0) return this.prefix.length;
    return this.exact.length < this.meta.n ? this.exact.length : -1;
  }

  /** What to draw, oldest first: the coarse picture only for what isn't known exactly. */
  shown(): Columns[] {
    if (this.coarse && (this.start > 0 || this.exact.length < this.coarse.length || this.missing >= 0)) {
      if (!this.exact.length || this.start === 0) return [this.coarse];
      return [this.coarse, this.exact];
    }
    return [this.exact];
  }

  take(from: number, step: Float64Array, value: Float64Array, wall: Float64Array): void {
    if (this.start === 0 && this.exact.length === 0 && from > 0) this.start = from;
    const end = this.start + this.exact.length;
    if (from + step.length > end && from <= end && from >= this.start) {
      const skip = end - from;
      this.exact.append(step.subarray(skip), value.subarray(skip), wall.subarray(skip));
    } else if (from < this.start && from <= this.prefix.length) {
      const skip = this.prefix.length - from;
      if (skip >= step.length) return;
      this.prefix.append(step.subarray(skip), value.subarray(skip), wall.subarray(skip));
      if (this.prefix.length >= this.start) this.join();
    } else if (from > end) {
      this.meta = { ...this.meta, n: Math.max(this.meta.n, from + step.length) }; // a gap: ask
    }
    if (this.start === 0 && this.exact.length >= this.meta.n) this.coarse = null;
  }

  private join(): void {
    const skip = this.prefix.length - this.start;
    const cut = (c: Column): Float64Array => c.data.subarray(Math.min(skip, c.length), c.length);
    this.prefix.append(cut(this.exact.step), cut(this.exact.value), cut(this.exact.wall));
    this.exact = this.prefix;
    this.prefix = new Columns();
    this.start = 0;
  }
}

export class Store {
  meta: Meta = { version: 1, title: "", by_run: false, runs: [], series: [], options: {} };
  readonly lines = new Map<number, Line>();
  private shown: { title: string; lines: Line[] }[] | null = null;

  /** The saved state: all points of short curves, the extremes per pixel of long ones. */
  load(meta: Meta, snapshot: DataView): void {
    if (meta.version !== 1) throw new Error(`curves of version ${meta.version} want a newer tfviz`);
    this.meta = meta;
    this.shown = null;
    const numbers = float64(snapshot);
    let at = 0;
    const alive = new Set<number>();
    for (const entry of meta.series) {
      alive.add(entry.id);
      const part = (k: number): Float64Array => numbers.subarray(at + k * entry.kept, at + (k + 1) * entry.kept);
      let line = this.lines.get(entry.id);
      if (!line) this.lines.set(entry.id, (line = new Line(entry)));
      line.meta = { ...entry, n: Math.max(entry.n, line.known) };
      if (entry.kept === entry.n) {
        if (entry.n) line.take(0, part(0), part(1), part(2));
      } else if (line.missing >= 0) {
        line.coarse = new Columns();
        line.coarse.append(part(0), part(1), part(2));
      }
      at += 3 * entry.kept;
    }
    for (const id of [...this.lines.keys()]) if (!alive.has(id)) this.lines.delete(id);
  }

  clear(): void {
    this.lines.clear();
    this.shown = [];
  }

  points(message: PointsMessage, buffer: DataView): void {
    const numbers = float64(buffer);
    let at = 0;
    for (const { id, from, count } of message.series) {
      const part = (k: number): Float64Array => numbers.subarray(at + k * count, at + (k + 1) * count);
      this.lines.get(id)?.take(from, part(0), part(1), part(2));
      at += 3 * count;
    }
  }

  /** What a resync must ask for, or null when every point is here. */
  wanted(): Record<string, number> | null {
    const have: Record<string, number> = {};
    let any = false;
    for (const line of this.lines.values()) {
      any ||= line.missing >= 0;
      have[line.meta.id] = line.missing >= 0 ? line.missing : line.known;
    }
    return any ? have : null;
  }

  /** Titles of the charts in the order of the series, with their lines, the oldest run first. */
  cards(): { title: string; lines: Line[] }[] {
    return (this.shown ??= this.sorted());
  }

  private sorted(): { title: string; lines: Line[] }[] {
    const cards = new Map<string, Line[]>();
    for (const entry of [...this.meta.series].reverse()) if (!cards.has(entry.card)) cards.set(entry.card, []);
    const newest = this.meta.runs.length - 1;
    const order = [...new Set(this.meta.series.filter((s) => s.run === newest).map((s) => s.card))];
    for (const line of this.lines.values()) cards.get(line.meta.card)?.push(line);
    const titles = [...order, ...[...cards.keys()].filter((t) => !order.includes(t)).reverse()];
    return titles.map((title) => ({ title, lines: cards.get(title)!.sort((a, b) => a.meta.run - b.meta.run) }));
  }
}

/** Little-endian float64 of a buffer that may stand at any byte offset. */
export function float64(view: DataView): Float64Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return new Float64Array(bytes.slice().buffer, 0, view.byteLength >> 3);
}
