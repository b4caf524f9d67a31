// One card's picture: ranges, axes and lines from the exact columns; draws through a Painter, knows no DOM.
import { formatClock, formatNumber, formatSpan, formatTick, linearTicks, logTicks, paddedRange, timeTicks } from "./axes";
import { type Column, envelope, lowerBound } from "./column";
import type { Painter } from "./painter";
import type { Columns, Line, Meta } from "./store";

export type XMode = "step" | "relative" | "wall";

export interface Settings {
  smoothing: number;
  logY: boolean;
  outliers: boolean; // true: all values are shown; false: the axis spans the 5th to 95th percentile
  x: XMode;
}

export interface Range {
  x: [number, number];
  y: [number, number];
}

export interface Theme {
  ink: string;
  muted: string;
  grid: string;
  axis: string;
  paper: string;
  colours: readonly string[];
}

// Eight colours that stay apart for colour-blind readers; the same as in tfviz/curve_model.py.
const LIGHT = ["#2563eb", "#d9580b", "#0b8a5a", "#b83280", "#7a4fd0", "#0e7f96", "#8a6d1d", "#5b6470"];
const DARK = ["#7fb0ff", "#ffa45c", "#5cd6a0", "#ff8cc6", "#bda2ff", "#5fd4e8", "#e2c15a", "#b4bcc8"];
export const THEMES: { light: Theme; dark: Theme } = {
  light: { ink: "#1f2430", muted: "#5b6470", grid: "#e6e8ec", axis: "#b9bfc8", paper: "#ffffff", colours: LIGHT },
  dark: { ink: "#e8eaee", muted: "#a3abb8", grid: "#2b2f37", axis: "#565d69", paper: "#16181d", colours: DARK },
};

export const MARGIN = { left: 50, right: 12, top: 8, bottom: 24 };

/** A stretch of one line in which x doesn't fall, with x as the mode wants it. */
interface Stretch {
  x: Float64Array;
  shift: number; // taken off each x
  y: Column;
  raw: Column;
  from: number;
  to: number;
}

function stretches(line: Line, meta: Meta, s: Settings): Stretch[] {
  const out: Stretch[] = [];
  for (const columns of line.shown()) {
    const y = columns.smooth(s.smoothing);
    const x = (s.x === "step" ? columns.step : columns.wall).data;
    const shift = s.x === "relative" ? startOf(line, meta) : 0;
    const cuts = s.x === "step" ? columns.cuts : [0];
    cuts.forEach((from, i) => {
      const to = cuts[i + 1] ?? columns.length;
      if (to > from) out.push({ x, shift, y, raw: columns.value, from, to });
    });
  }
  return out;
}

function startOf(line: Line, meta: Meta): number {
  return meta.runs[line.meta.run]?.started ?? 0;
}

/** Everything there is, with air; or what `zoom` asks for where it does. */
export function rangeOf(lines: Line[], meta: Meta, s: Settings, zoom: Partial<Range>): Range | null {
  const all = lines.flatMap((line) => stretches(line, meta, s));
  let [xLow, xHigh] = [Infinity, -Infinity];
  for (const p of all) {
    xLow = Math.min(xLow, p.x[p.from]! - p.shift);
    xHigh = Math.max(xHigh, p.x[p.to - 1]! - p.shift);
  }
  if (!all.length || !(xLow <= xHigh)) return null;
  if (xLow === xHigh) [xLow, xHigh] = [xLow - 0.5, xHigh + 0.5];
  const x = zoom.x ?? [xLow, xHigh];
  if (zoom.y) return { x, y: zoom.y };
  let [yLow, yHigh] = [Infinity, -Infinity];
  const take = (low: number, high: number): void => {
    yLow = Math.min(yLow, low);
    yHigh = Math.max(yHigh, high);
  };
  for (const p of all) {
    const a = lowerBound(p.x, x[0] + p.shift, p.from, p.to);
    const b = Math.min(p.to, lowerBound(p.x, x[1] + p.shift, p.from, p.to) + 1);
    const columns = s.smoothing > 0 ? [p.y, p.raw] : [p.raw];
    for (const column of columns) {
      if (s.outliers && !s.logY) take(...finiteExtremes(column, a, b));
      else take(...sampledRange(column, a, b, s));
    }
  }
  if (!(yLow <= yHigh)) [yLow, yHigh] = s.logY ? [0.1, 1] : [0, 1];
  return { x, y: paddedRange(yLow, yHigh, s.logY) };
}

function finiteExtremes(column: Column, a: number, b: number): [number, number] {
  const [low, high] = column.extremes(a, b);
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : sampledRange(column, a, b, null);
}

/** Extremes of the finite (for a log axis: positive) values; percentiles 5 and 95 where outliers are left out. */
function sampledRange(column: Column, a: number, b: number, s: Settings | null): [number, number] {
  const found: number[] = [];
  const stride = s && !s.outliers ? Math.max(1, Math.floor((b - a) / 2000)) : 1;
  let [low, high] = [Infinity, -Infinity];
  for (let i = a; i < b; i += stride) {
    const v = column.at(i);
    if (!Number.isFinite(v) || (s?.logY && v <= 0)) continue;
    if (s && !s.outliers) found.push(v);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (found.length < 20) return [low, high];
  found.sort((p, q) => p - q);
  return [found[Math.floor(found.length * 0.05)]!, found[Math.ceil(found.length * 0.95) - 1]!];
}

/** Places of the picture: from data to pixels and back. */
export class Scale {
  constructor(
    readonly range: Range,
    readonly logY: boolean,
    readonly width: number,
    readonly height: number,
  ) {}

  get right(): number {
    return this.width - MARGIN.right;
  }

  get bottom(): number {
    return this.height - MARGIN.bottom;
  }

  private t(y: number): number {
    return this.logY ? Math.log10(y) : y;
  }

  px(x: number): number {
    const [low, high] = this.range.x;
    return MARGIN.left + ((x - low) / (high - low)) * (this.right - MARGIN.left);
  }

  py(y: number): number {
    const [low, high] = this.range.y;
    if (this.logY && y <= 0) return NaN;
    return this.bottom - ((this.t(y) - this.t(low)) / (this.t(high) - this.t(low))) * (this.bottom - MARGIN.top);
  }

  x(px: number): number {
    const [low, high] = this.range.x;
    return low + ((px - MARGIN.left) / (this.right - MARGIN.left)) * (high - low);
  }

  y(py: number): number {
    const [low, high] = this.range.y;
    const part = (this.bottom - py) / (this.bottom - MARGIN.top);
    const t = this.t(low) + part * (this.t(high) - this.t(low));
    return this.logY ? 10 ** t : t;
  }
}

/** How x is written in the table and under the axis. */
export function formatX(x: number, mode: XMode, span = 0): string {
  if (mode === "relative") return formatSpan(x);
  return mode === "wall" ? formatClock(x, span) : formatNumber(x);
}

let scratch = new Float64Array(8192);

export function drawCard(p: Painter, lines: Line[], meta: Meta, s: Settings, scale: Scale, theme: Theme): void {
  const { range, right, bottom } = scale;
  const [xLow, xHigh] = range.x;
  for (const tick of (s.logY ? logTicks : linearTicks)(range.y[0], range.y[1], Math.max(3, Math.floor(scale.height / 30)))) {
    const y = scale.py(tick);
    p.line([MARGIN.left, y, right, y], 2, { colour: theme.grid });
    p.text(MARGIN.left - 6, y, formatTick(tick), theme.muted, "right");
  }
  p.line([MARGIN.left, bottom, right, bottom], 2, { colour: theme.axis });
  const most = Math.max(2, Math.floor((right - MARGIN.left) / 70));
  for (const tick of (s.x === "step" ? linearTicks : timeTicks)(xLow, xHigh, most)) {
    const x = scale.px(tick);
    p.line([x, bottom, x, bottom + 4], 2, { colour: theme.axis });
    p.text(x, bottom + 13, s.x === "step" ? formatTick(tick) : formatX(tick, s.x, xHigh - xLow), theme.muted, "center");
  }
  const newest = meta.runs.length - 1;
  p.clip(MARGIN.left, 0, right - MARGIN.left, bottom + 1, () => {
    for (const line of lines) {
      const old = !meta.by_run && line.meta.run < newest;
      const colour = theme.colours[line.meta.colour % theme.colours.length]!;
      for (const part of stretches(line, meta, s)) {
        if (s.smoothing > 0 && !old) {
          p.line(scratch, trace(part, part.raw, scale), { colour, alpha: 0.25 });
        }
        p.line(scratch, trace(part, part.y, scale), { colour, width: old ? 1.1 : 1.7, alpha: old ? 0.3 : 1 });
      }
    }
  });
}

/** Writes the pixels of a stretch into `scratch`, and returns how many points they are. */
function trace(part: Stretch, y: Column, scale: Scale): number {
  const buckets = Math.max(1, Math.round(scale.right - MARGIN.left));
  const [low, high] = scale.range.x;
  if (scratch.length < 8 * buckets + 16) scratch = new Float64Array(16 * buckets + 16);
  let n = 0;
  envelope(part.x, y, part.from, part.to, low + part.shift, high + part.shift, buckets, (vx, vy) => {
    scratch[n++] = scale.px(vx - part.shift);
    scratch[n++] = scale.py(vy);
  });
  scratch[n] = scratch[n + 1] = NaN;
  return n / 2;
}

export interface Hit {
  line: Line;
  x: number;
  step: number;
  value: number;
  smoothed: number;
  wall: number;
}

/** The point of each line nearest to `x`, the newest run first. */
export function pointsAt(lines: Line[], meta: Meta, s: Settings, x: number): Hit[] {
  const hits: Hit[] = [];
  for (const line of [...lines].reverse()) {
    let best: Hit | null = null;
    for (const columns of line.shown()) {
      const smooth = columns.smooth(s.smoothing);
      const shift = s.x === "relative" ? startOf(line, meta) : 0;
      const i = nearest(columns, s, x + shift);
      if (i < 0) continue;
      const at = (s.x === "step" ? columns.step : columns.wall).at(i) - shift;
      if (best && Math.abs(best.x - x) <= Math.abs(at - x)) continue;
      best = { line, x: at, step: columns.step.at(i), value: columns.value.at(i), smoothed: smooth.at(i), wall: columns.wall.at(i) };
    }
    if (best) hits.push(best);
  }
  return hits;
}

/** The newest stretch that holds x, and in it the nearest point. */
function nearest(columns: Columns, s: Settings, x: number): number {
  const data = (s.x === "step" ? columns.step : columns.wall).data;
  const cuts = s.x === "step" ? columns.cuts : [0];
  let best = -1;
  for (let k = cuts.length - 1; k >= 0; k--) {
    const from = cuts[k]!;
    const to = cuts[k + 1] ?? columns.length;
    if (to <= from) continue;
    let i = lowerBound(data, x, from, to);
    if (i === to || (i > from && x - data[i - 1]! < data[i]! - x)) i--;
    if (best < 0 || Math.abs(data[i]! - x) < Math.abs(data[best]! - x)) best = i;
  }
  return best;
}
