// The models of the curve view against slow, obvious versions and against the fixture that Python made.
import { describe, expect, it } from "vitest";
import fixture from "../tfviz/fixtures/curves.json";
import { formatClock, formatNumber, formatSpan, formatTick, linearTicks, logTicks, timeTicks } from "../../tfviz/ui/scalars/axes";
import { fromPart, toPart } from "../../tfviz/ui/scalars/control";
import { Column, envelope, lowerBound, Smoothed } from "../../tfviz/ui/scalars/column";
import { float64, type Meta, type PointsMessage, Store } from "../../tfviz/ui/scalars/store";

function random(seed: number): () => number {
  let s = seed;
  return () => ((s = (s * 1664525 + 1013904223) % 4294967296) / 4294967296);
}

const view = (numbers: ArrayLike<number>): DataView => new DataView(Float64Array.from(numbers).buffer);

describe("axes are those of Python", () => {
  it("ticks", () => {
    for (const { low, high, most, want } of fixture.linear_ticks) expect(linearTicks(low, high, most)).toEqual(want);
    for (const { low, high, most, want } of fixture.log_ticks) expect(logTicks(low, high, most)).toEqual(want);
  });
  it("texts", () => {
    for (const [value, want] of fixture.format_tick) expect(formatTick(value as number)).toBe(want);
    for (const [value, want] of fixture.format_number) expect(formatNumber(value as number)).toBe(want);
    expect([0.25, 12.5, 185, 7800].map(formatSpan)).toEqual(["0.25s", "12.5s", "3:05", "2:10:00"]);
    expect(formatClock(0, 10)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(timeTicks(0, 100, 6)).toEqual([0, 30, 60, 90]);
  });
});

describe("Column", () => {
  it("finds the extremes of any stretch, appended in any pieces", () => {
    const next = random(7);
    const column = new Column();
    const all: number[] = [];
    for (let round = 0; round < 60; round++) {
      const piece = Array.from({ length: Math.floor(next() * 300) }, () => (next() < 0.05 ? NaN : next() * 100 - 50));
      all.push(...piece);
      column.append(piece);
      for (let k = 0; k < 5; k++) {
        const a = Math.floor(next() * all.length);
        const b = a + Math.floor(next() * (all.length - a));
        const numbers = all.slice(a, b).filter((v) => !Number.isNaN(v));
        expect(column.extremes(a, b)).toEqual([Math.min(...numbers), Math.max(...numbers)]);
      }
    }
    expect(Array.from(column.data.subarray(0, column.length))).toEqual(all);
  });

  it("smooths as Python does, in pieces too", () => {
    for (const { weight, value, want } of fixture.ema) {
      const source = new Column();
      const smoothed = new Smoothed(weight);
      const numbers = value.map((v) => v ?? NaN);
      source.append(numbers.slice(0, 13));
      smoothed.follow(source);
      source.append(numbers.slice(13));
      const out = smoothed.follow(source);
      want.forEach((v, i) => (v === null ? expect(out.at(i)).toBeNaN() : expect(out.at(i)).toBeCloseTo(v, 9)));
    }
  });

  it("finds places by halving", () => {
    expect([0, 1, 1.5, 9].map((x) => lowerBound([1, 1, 2, 5], x, 0, 4))).toEqual([0, 0, 2, 4]);
  });
});

describe("envelope", () => {
  it("keeps the extremes of every pixel column", () => {
    const next = random(3);
    const x = Float64Array.from({ length: 5000 }, (_, i) => i);
    const y = new Column();
    y.append(Array.from(x, () => next() ** 8));
    const kept: [number, number][] = [];
    envelope(x, y, 0, 5000, 0, 4999, 50, (a, b) => kept.push([a, b]));
    expect(kept.length).toBeLessThanOrEqual(200);
    for (let bucket = 0; bucket < 50; bucket++) {
      const inside = (v: number): boolean => v >= (4999 * bucket) / 50 && (v < (4999 * (bucket + 1)) / 50 || bucket === 49);
      const all = Array.from(x).filter(inside).map((i) => y.at(i));
      const got = kept.filter(([a]) => inside(a)).map(([, b]) => b);
      expect([Math.min(...got), Math.max(...got)]).toEqual([Math.min(...all), Math.max(...all)]);
    }
  });

  it("is every point when zoomed in, with a neighbour on either side", () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => i);
    const y = new Column();
    y.append(x);
    const kept: number[] = [];
    envelope(x, y, 0, 100, 9.5, 13.5, 20, (a) => kept.push(a));
    expect(kept).toEqual([9, 10, 11, 12, 13, 14]);
  });

  it("draws a million points from a few thousand numbers", () => {
    const n = 1_000_000;
    const x = Float64Array.from({ length: n }, (_, i) => i);
    const y = new Column();
    y.append(Float64Array.from(x, (i) => Math.sin(i / 1e4)));
    let count = 0;
    const begin = performance.now();
    for (let k = 0; k < 10; k++) envelope(x, y, 0, n, 0, n - 1, 600, () => count++);
    const each = (performance.now() - begin) / 10;
    expect(count / 10).toBeLessThanOrEqual(2400);
    expect(each).toBeLessThan(20);
  });
});

describe("Store", () => {
  const meta = (series: Partial<Meta["series"][0]>[], runs = 1): Meta => ({
    version: 1,
    title: "",
    by_run: false,
    runs: Array.from({ length: runs }, (_, i) => ({ label: `run ${i + 1}`, started: 0, colour: i })),
    series: series.map((s, i) => ({ id: i, run: 0, name: "loss", card: "loss", label: "loss", colour: 0, n: 0, kept: 0, ...s })),
    options: {},
  });
  const points = (id: number, from: number, values: number[]): [PointsMessage, DataView] =>
    [{ type: "points", seq: 1, series: [{ id, from, count: values.length }] }, view([...values.map((_, i) => from + i), ...values, ...values])];
  const values = (store: Store, id = 0): number[] => {
    const { exact } = store.lines.get(id)!;
    return Array.from(exact.value.data.subarray(0, exact.length));
  };

  it("reads what Python wrote", () => {
    const store = new Store();
    store.load(fixture.meta as Meta, view(fixture.snapshot));
    expect(store.cards().map((c) => [c.title, c.lines.map((l) => [l.meta.label, l.meta.run, l.exact.length])])).toEqual([
      ["loss", [["loss", 0, 12], ["val", 0, 2], ["loss", 1, 12], ["val", 1, 2]]],
      ["accuracy", [["accuracy", 0, 3], ["accuracy", 1, 3]]],
    ]);
    expect(store.wanted()).toBeNull();
  });

  it("takes each point once, whatever arrives twice", () => {
    const store = new Store();
    store.load(meta([{ n: 2, kept: 2 }]), view([0, 1, 5, 6, 0, 0]));
    store.points(...points(0, 0, [5, 6, 7]));
    store.points(...points(0, 2, [7, 8]));
    store.points(...points(0, 1, [6]));
    expect(values(store)).toEqual([5, 6, 7, 8]);
    expect(store.wanted()).toBeNull();
  });

  it("asks for what was dropped and goes on", () => {
    const store = new Store();
    store.load(meta([{}]), view([]));
    store.points(...points(0, 0, [1, 2]));
    store.points(...points(0, 4, [5]));
    expect(store.wanted()).toEqual({ 0: 2 });
    store.points(...points(0, 2, [3, 4, 5]));
    expect(values(store)).toEqual([1, 2, 3, 4, 5]);
    expect(store.wanted()).toBeNull();
  });

  it("opened late: the coarse picture first, new points at once, the beginning when the kernel answers", () => {
    const store = new Store();
    store.load(meta([{ n: 1000, kept: 3 }]), view([0, 500, 999, 9, 8, 7, 0, 0, 0]));
    expect(store.lines.get(0)!.shown().map((c) => c.length)).toEqual([3]);
    store.points(...points(0, 1000, [1, 2]));
    expect(store.lines.get(0)!.shown().map((c) => c.length)).toEqual([3, 2]);
    expect(store.wanted()).toEqual({ 0: 0 });
    store.points(...points(0, 0, Array.from({ length: 600 }, (_, i) => i)));
    expect(store.wanted()).toEqual({ 0: 600 });
    store.points(...points(0, 600, Array.from({ length: 402 }, (_, i) => i)));
    expect(store.lines.get(0)!.shown().map((c) => c.length)).toEqual([1002]);
    expect(store.wanted()).toBeNull();
  });

  it("keeps the exact points when a coarser state is saved later", () => {
    const store = new Store();
    store.load(meta([{}]), view([]));
    store.points(...points(0, 0, [1, 2, 3, 4]));
    store.load(meta([{ n: 4, kept: 2 }]), view([0, 3, 1, 4, 0, 0]));
    expect(values(store)).toEqual([1, 2, 3, 4]);
    expect(store.wanted()).toBeNull();
  });

  it("forgets runs that the kernel dropped and refuses a newer wire", () => {
    const store = new Store();
    store.load(meta([{}, {}]), view([]));
    store.load(meta([{ id: 1 }]), view([]));
    expect([...store.lines.keys()]).toEqual([1]);
    expect(() => store.load({ ...meta([]), version: 2 }, view([]))).toThrow(/newer/);
  });

  it("knows where a training began again", () => {
    const store = new Store();
    store.load(meta([{ n: 5, kept: 5 }]), view([0, 1, 2, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]));
    expect(store.lines.get(0)!.exact.cuts).toEqual([0, 3]);
  });

  it("reads numbers at any byte offset", () => {
    const bytes = new Uint8Array(19);
    bytes.set(new Uint8Array(Float64Array.of(1.5, -2).buffer), 3);
    expect(Array.from(float64(new DataView(bytes.buffer, 3, 16)))).toEqual([1.5, -2]);
  });
});

describe("sliders", () => {
  it("move evenly or by factors", () => {
    const plain = { name: "r", low: 2, high: 6, value: 2, log: false };
    const log = { ...plain, low: 0.001, high: 10, log: true };
    expect(fromPart(plain, 0.25)).toBe(3);
    expect(fromPart(log, 0.5)).toBeCloseTo(0.1);
    for (const s of [plain, log]) for (const p of [0, 0.3, 1]) expect(toPart(s, fromPart(s, p))).toBeCloseTo(p);
  });
});
