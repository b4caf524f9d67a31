// The graph's model and layout in TypeScript: equal to Python's on the shared fixture, bounded on hostile input.
import { describe, expect, it, vi } from "vitest";
import fixture from "../tfviz/fixtures/graph.json";
import { LayoutClient } from "../../tfviz/ui/graph/client";
import { compose, type Direction, type Picture } from "../../tfviz/ui/graph/compose";
import { edgeWidth } from "../../tfviz/ui/graph/draw";
import { arrow, cell, layered } from "../../tfviz/ui/graph/layered";
import { Graph, linkLabel } from "../../tfviz/ui/graph/model";
import { allNames, search } from "../../tfviz/ui/graph/search";
import { structureHashes } from "../../tfviz/ui/graph/structure";
import { shorten, textWidth } from "../../tfviz/ui/graph/textsize";
import { decode } from "../../tfviz/ui/graph/wire";

type Case = {
  wire: string; names: string[]; leaves: number[]; found: Record<string, number[]>;
  pictures: { opened: number[]; direction: string; size: number[]; boxes: (number | string)[][]; edges: (number | string)[][]; labels: [string, number, number][] }[];
};
const cases = fixture.graphs as unknown as Record<string, Case>;
const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const load = (name: string): Graph => new Graph(decode(bytes(cases[name].wire)));

/** Every invariant of a picture: children inside, siblings apart, edges end on the rims of their boxes. */
function check(picture: Picture): void {
  const boxes = new Map(picture.boxes.map((b) => [b.item, b]));
  const groups = new Map<number, typeof picture.boxes>();
  for (const box of picture.boxes) {
    const outer = boxes.get(box.home) ?? { x: 0, y: 0, w: picture.width, h: picture.height };
    expect(box.x).toBeGreaterThanOrEqual(outer.x - 0.2);
    expect(box.y).toBeGreaterThanOrEqual(outer.y - 0.2);
    expect(box.x + box.w).toBeLessThanOrEqual(outer.x + outer.w + 0.2);
    expect(box.y + box.h).toBeLessThanOrEqual(outer.y + outer.h + 0.2);
    groups.set(box.home, [...(groups.get(box.home) ?? []), box]);
  }
  for (const group of groups.values()) {
    group.forEach((a, i) => group.slice(i + 1).forEach((b) => {
      const apart = a.x + a.w <= b.x + 0.2 || b.x + b.w <= a.x + 0.2 || a.y + a.h <= b.y + 0.2 || b.y + b.h <= a.y + 0.2;
      expect(apart, `${a.label} overlaps ${b.label}`).toBe(true);
    }));
  }
  for (const { link, points } of picture.edges) {
    for (const [item, [x, y]] of [[link.src, points[0]], [link.dst, points[points.length - 1]]] as const) {
      const box = boxes.get(item >= 0 ? item : link.home)!;
      const rim = Math.min(Math.abs(x - box.x), Math.abs(x - box.x - box.w), Math.abs(y - box.y), Math.abs(y - box.y - box.h));
      expect(rim).toBeLessThanOrEqual(0.3);
    }
  }
}

describe("the wire", () => {
  it("gives back Python's names", () => {
    for (const [name, { names, leaves }] of Object.entries(cases)) {
      const all = allNames(load(name));
      expect(leaves.map((leaf) => all[leaf])).toEqual(names);
    }
  });
  it("says what is wrong with bytes that are not ours", () => {
    const good = bytes(cases["flat"].wire);
    expect(() => decode(new Uint8Array(0))).toThrow("empty");
    expect(() => decode(good.slice(0, good.length - 60))).toThrow(/ends inside column/);
    const other = String.fromCharCode(...good).replace('"version":1', '"version":9');
    expect(() => decode(Uint8Array.from(other, (c) => c.charCodeAt(0)))).toThrow(/got 9: run the cell again/);
  });
});

describe("the layout equals Python's", () => {
  for (const [name, { pictures }] of Object.entries(cases)) {
    pictures.forEach((want, k) => it(`${name} ${k} ${want.direction}`, () => {
      const picture = compose(load(name), want.opened, want.direction as Direction);
      check(picture);
      const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1.01);
      near(picture.width, want.size[0]);
      near(picture.height, want.size[1]);
      const boxes = picture.boxes.slice().sort((a, b) => a.item - b.item);
      expect(boxes.map((b) => [b.item, b.label, b.sub])).toEqual(want.boxes.map((b) => [b[0], b[5], b[6]]));
      boxes.forEach((b, i) => [b.x, b.y, b.w, b.h].forEach((v, n) => near(v, want.boxes[i][n + 1] as number)));
      const edges = picture.edges.map(({ link, points, label }) => [link.src, link.dst, link.data, link.control, link.ref, points.length, label].join());
      expect(edges.sort()).toEqual(want.edges.map((e) => e.join()).sort());
      const labels = picture.edges.filter((e) => e.labelAt).map((e) => ({ label: e.label, at: e.labelAt! }));
      expect(labels.length).toBe(want.labels.length);
      for (const [label, x, y] of want.labels) {
        expect(labels.some((l) => l.label === label && Math.abs(l.at[0] - x) <= 1.01 && Math.abs(l.at[1] - y) <= 1.01)).toBe(true);
      }
    }));
  }
  it("is the same every time", () => {
    const opened = cases["mlp"].pictures[0].opened;
    expect(compose(load("mlp"), opened, "up")).toEqual(compose(load("mlp"), opened, "up"));
  });
});

describe("search equals Python's", () => {
  for (const [name, { found }] of Object.entries(cases)) {
    it(name, () => {
      for (const [query, want] of Object.entries(found)) expect(search(load(name), query), query).toEqual(want);
    });
  }
  it("says what is wrong with an expression", () => expect(() => search(load("flat"), "(")).toThrow("no regular expression"));
});

describe("the model", () => {
  it("traces what an op needs and what it feeds", () => {
    const graph = load("mlp");
    const names = allNames(graph);
    const at = (name: string): number => names.findIndex((n, t) => n === name && graph.isLeaf(t));
    const named = (mask: Uint8Array): string[] => names.filter((n, t) => mask[t] && graph.isLeaf(t) && n);
    const back = named(graph.trace(at("hidden/MatMul"), false));
    expect(back).toContain("x");
    expect(back).toContain("hidden/weights/read");
    expect(back).not.toContain("loss/Mean");
    expect(named(graph.trace(at("loss/Mean"), true))).toContain("loss_1");
  });
  it("hashes equal blocks alike and different ones apart", () => {
    const graph = load("deep");
    const hashes = structureHashes(graph);
    const names = allNames(graph);
    const of = (name: string): number => hashes[names.indexOf(name)];
    expect(of("net/block_0")).toBe(of("net/block_1"));
    expect(of("net/block_0/layer_0")).not.toBe(of("net/block_0"));
  });
  it("labels bundles", () => {
    const link = { data: 2, ref: 0, shapes: ["?×7"], control: 0 } as Parameters<typeof linkLabel>[0];
    expect(linkLabel(link)).toBe("2 × (?×7)");
    expect(linkLabel({ ...link, data: 1, shapes: ["any shape"] })).toBe("");
    expect(linkLabel({ ...link, shapes: ["?×7", "3"] })).toBe("2 tensors");
  });
});

describe("layered", () => {
  it("keeps ranks and distances on random graphs with cycles", () => {
    let s = 11;
    const next = (n: number): number => ((s = (s * 1664525 + 1013904223) % 4294967296) % n + n) % n;
    for (let round = 0; round < 60; round++) {
      const n = 1 + next(15);
      const cells = Array.from({ length: n }, () => cell(10 + next(30), 10 + next(30), 10 + next(20)));
      const arrows = Array.from({ length: next(30) }, () => arrow(next(n), next(n), 1 + next(3)));
      const placed = layered(cells, arrows);
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) {
          if (a === b || placed.at[a] !== placed.at[b] || placed.o[a] > placed.o[b]) continue;
          expect(placed.o[b] - cells[b].lo - placed.o[a] - cells[a].hi).toBeGreaterThanOrEqual(17.7);
        }
      }
    }
  });
  it("lays out a flat training scope of 1,000 boxes in time", () => {
    const n = 1000;
    const arrows = [];
    for (let i = 0; i + 1 < n / 2; i++) arrows.push(arrow(i, i + 1), arrow(n - 2 - i, n - 1 - i), arrow(i, n - 1 - i));
    const start = performance.now();
    layered(Array.from({ length: n }, () => cell(30, 30, 25)), arrows);
    expect(performance.now() - start).toBeLessThan(2500);
  });
});

describe("texts and widths", () => {
  it("are those of Python", () => {
    expect(shorten("gradients_of_everything", 12)).toBe("gradie…thing");
    expect(shorten("x".repeat(100_000), 9)).toBe("xxxx…xxxx");
    expect(shorten("a\nb", 9)).toBe("a b");
    expect(textWidth("iii", 10)).toBeLessThan(textWidth("WWW", 10));
    expect([0, 100, 4000, 130_000, 4e6, 1e12].map(edgeWidth)).toEqual([1, 1, 2, 3, 4, 5]);
  });
});

class DeadWorker {
  onerror: (() => void) | null = null;
  onmessage = null;
  postMessage(): void { queueMicrotask(() => this.onerror?.()); }
  terminate(): void {}
}

describe("the layout client", () => {
  it("falls back to the page's own thread when the worker dies at once", async () => {
    const data = bytes(cases["cnn"].wire);
    const graph = new Graph(decode(data));
    vi.stubGlobal("Worker", DeadWorker);
    const client = new LayoutClient(graph, data, "blob:here", 0);
    expect((await client.layout([], "up")).boxes.length).toBe(7);
    vi.unstubAllGlobals();
  });
  it("works where a page forbids workers", async () => {
    const data = bytes(cases["cnn"].wire);
    const client = new LayoutClient(new Graph(decode(data)), data, null);
    expect((await client.layout([], "up")).boxes.length).toBe(7);
  });
});
