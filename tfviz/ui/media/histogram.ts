// A course of histograms as ridges, overlaid lines, a heat map or percentile bands; draws through a Painter, no DOM.
import { formatTick, linearTicks } from "../scalars/axes";
import type { Painter } from "../scalars/painter";
import type { Theme } from "../scalars/picture";
import { type Entry, type Histogram, percentile, readHistogram, rebin } from "./store";

export const MODES = ["ridges", "overlay", "heat map", "bands"] as const;
export type Mode = (typeof MODES)[number];

const BINS = 72;
const MOST = 60; // histograms in one picture
// The percentiles of TensorBoard's distributions: one, two and three standard deviations of a normal one, and the ends.
const BANDS = [0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1];

const CACHE = new WeakMap<Uint8Array, Histogram>();

export function histogramOf(entry: Entry): Histogram {
  let found = CACHE.get(entry.bytes);
  if (!found) CACHE.set(entry.bytes, (found = readHistogram(entry.bytes)));
  return found;
}

/** At most MOST of the entries, evenly, the last among them. */
export function thinned(entries: Entry[]): Entry[] {
  if (entries.length <= MOST) return entries;
  const last = entries.length - 1;
  return Array.from({ length: MOST }, (_, i) => entries[Math.round((i * last) / (MOST - 1))]!);
}

export function drawHistograms(
  p: Painter,
  all: Entry[],
  chosen: number,
  mode: Mode,
  colour: string,
  theme: Theme,
  width: number,
  height: number,
): void {
  const entries = thinned(all);
  const near = all[chosen];
  const list = entries.map(histogramOf);
  let low = Math.min(...list.map((h) => h.edges[0]!));
  let high = Math.max(...list.map((h) => h.edges[h.edges.length - 1]!));
  if (!(low < high)) [low, high] = [low - 0.5, high + 0.5];
  if (mode === "bands" || mode === "heat map") over(p, entries, list, near, mode, colour, theme, [low, high], width, height);
  else stacked(p, entries, list, near, mode, colour, theme, [low, high], width, height);
}

function stacked(
  p: Painter,
  entries: Entry[],
  list: Histogram[],
  near: Entry | undefined,
  mode: Mode,
  colour: string,
  theme: Theme,
  [low, high]: [number, number],
  width: number,
  height: number,
): void {
  const [left, right, top, bottom] = [10, width - 40, 10, height - 22];
  const rows = list.map((h) => rebin(h, low, high, BINS));
  const peak = Math.max(...rows.map((r) => Math.max(...r))) || 1;
  const ridges = mode === "ridges" && rows.length > 1;
  const shift = ridges ? ((bottom - top) * 0.62) / (rows.length - 1) : 0;
  const tall = ridges ? (bottom - top) * 0.38 : bottom - top;
  const x = (i: number): number => left + ((right - left) * i) / BINS;
  for (const tick of linearTicks(low, high, 6)) {
    const at = left + ((tick - low) / (high - low)) * (right - left);
    p.line([at, top, at, bottom], 2, { colour: theme.grid });
    p.text(at, bottom + 12, formatTick(tick), theme.muted, "center");
  }
  rows.forEach((row, r) => {
    const base = bottom - shift * (rows.length - 1 - r);
    const points: number[] = [x(0), base];
    row.forEach((count, i) => {
      const y = base - (tall * count) / peak;
      points.push(x(i), y, x(i + 1), y);
    });
    points.push(x(BINS), base);
    const here = entries[r] === near;
    if (ridges) p.area(points, points.length / 2, colour, 0.3 + (0.6 * (r + 1)) / rows.length);
    const line = ridges ? theme.paper : colour;
    p.line(points, points.length / 2, { colour: here ? theme.ink : line, width: here ? 1.5 : 0.8, alpha: here || ridges ? 1 : 0.25 + (0.5 * r) / rows.length });
    if (ridges && (r === 0 || r === rows.length - 1 || here)) p.text(right + 4, base - 3, formatTick(entries[r]!.step), here ? theme.ink : theme.muted, "left");
  });
}

function over(
  p: Painter,
  entries: Entry[],
  list: Histogram[],
  near: Entry | undefined,
  mode: Mode,
  colour: string,
  theme: Theme,
  [low, high]: [number, number],
  width: number,
  height: number,
): void {
  const [left, right, top, bottom] = [46, width - 10, 8, height - 22];
  const steps = entries.map((e) => e.step);
  const first = steps[0]!;
  const last = steps[steps.length - 1]!;
  const span = last - first || 1;
  const x = (step: number): number => left + ((step - first) / span) * (right - left);
  const y = (v: number): number => bottom - ((v - low) / (high - low)) * (bottom - top);
  for (const tick of linearTicks(low, high, 5)) {
    p.line([left, y(tick), right, y(tick)], 2, { colour: theme.grid });
    p.text(left - 6, y(tick), formatTick(tick), theme.muted, "right");
  }
  for (const tick of linearTicks(first, last, Math.max(2, Math.floor(width / 80)))) p.text(x(tick), bottom + 12, formatTick(tick), theme.muted, "center");
  if (mode === "bands") {
    const rows = list.map((h) => BANDS.map((q) => y(percentile(h, q))));
    for (let k = 0; k < 4; k++) {
      const points: number[] = [];
      rows.forEach((row, i) => points.push(x(steps[i]!), row[k]!));
      for (let i = rows.length - 1; i >= 0; i--) points.push(x(steps[i]!), rows[i]![BANDS.length - 1 - k]!);
      p.area(points, points.length / 2, colour, 0.2);
    }
    const middle = rows.flatMap((row, i) => [x(steps[i]!), row[4]!]);
    p.line(middle, rows.length, { colour, width: 1.6 });
  } else {
    const bins = Math.max(8, Math.floor((bottom - top) / 5));
    list.forEach((h, i) => {
      const row = rebin(h, low, high, bins);
      const peak = Math.max(...row) || 1;
      const a = i ? (x(steps[i]!) + x(steps[i - 1]!)) / 2 : left;
      const b = i + 1 < steps.length ? (x(steps[i]!) + x(steps[i + 1]!)) / 2 : right;
      row.forEach((count, k) => {
        if (!count) return;
        const [y0, y1] = [bottom - ((k + 1) / bins) * (bottom - top), bottom - (k / bins) * (bottom - top)];
        p.area([a, y0, b, y0, b, y1, a, y1], 4, colour, 0.08 + 0.9 * Math.sqrt(count / peak));
      });
    });
  }
  if (near) p.line([x(near.step), top, x(near.step), bottom], 2, { colour: theme.ink, dash: [3, 3], alpha: 0.7 });
}
