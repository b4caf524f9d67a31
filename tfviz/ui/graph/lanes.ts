// Lanes of one scope: connected parts packed side by side, the gutter between forward and backward, helpers stacked aside.
// Abstract coordinates as in layered.ts. Twin of tfviz/layout_lanes.py.
import { type Arrow, type Cell, type Placed, type Point } from "./layered";

const TRACK = 5;

export interface Lane {
  width: number;
  length: number;
  cells: Point[];
  routes: Map<number, Point[]>;
  place: Map<number, Point>;
  bandEnd: number[];
  over: Map<number, number>;
}

export function pack(
  cells: Cell[], arrows: [number, Arrow][], solve: (cells: Cell[], arrows: Arrow[]) => Placed, whole: boolean, gap: number,
): Lane {
  const groups = whole && cells.length ? [cells.map((_, i) => i)] : parts(cells.length, arrows);
  const home = new Int32Array(cells.length);
  groups.forEach((group, g) => group.forEach((item) => { home[item] = g; }));
  const byGroup: [number, Arrow][][] = groups.map(() => []);
  for (const entry of arrows) byGroup[home[entry[1].src]].push(entry);
  const solved = groups.map((group, g) => {
    const local = new Map(group.map((item, k) => [item, k]));
    const inner = byGroup[g].map(([, a]) => ({ ...a, src: local.get(a.src)!, dst: local.get(a.dst)! }));
    return { group, part: solve(group.map((i) => cells[i]), inner), links: byGroup[g].map(([i]) => i) };
  });
  const bulk = (n: number): number => (n > 2 ? n : 0);
  solved.sort((x, y) => bulk(y.group.length) - bulk(x.group.length) || x.group[0] - y.group[0]);
  let tallest = 0, area = 0;
  for (const { part } of solved) {
    tallest = Math.max(tallest, part.length);
    area += (part.width + gap) * (part.length + gap);
  }
  const limit = Math.max(tallest, solved.length > 6 ? Math.sqrt(area * 0.6) : 0);
  const placed: Point[] = cells.map(() => [0, 0]);
  const bandEnd: number[] = cells.map(() => 0);
  const routes = new Map<number, Point[]>();
  let x = 0, y = 0, column = 0;
  for (const { group, part, links } of solved) {
    if (y && y + part.length > limit + 0.01) {
      x += column + gap;
      y = 0;
      column = 0;
    }
    group.forEach((item, k) => {
      placed[item] = [part.o[k] + x, part.r[k] + y];
      bandEnd[item] = part.bands[part.at[k]][1] + y;
    });
    links.forEach((link, k) => routes.set(link, part.routes[k].map(([o, r]): Point => [o + x, r + y])));
    y += part.length + gap;
    column = Math.max(column, part.width);
  }
  return { width: x + column, length: solved.length ? limit : 0, cells: placed, routes, place: new Map(), bandEnd, over: new Map() };
}

function parts(count: number, arrows: [number, Arrow][]): number[][] {
  const near: number[][] = Array.from({ length: count }, () => []);
  for (const [, a] of arrows) {
    near[a.src].push(a.dst);
    near[a.dst].push(a.src);
  }
  const seen = new Uint8Array(count);
  const found: number[][] = [];
  for (let root = 0; root < count; root++) {
    if (seen[root]) continue;
    seen[root] = 1;
    const part = [root];
    for (let k = 0; k < part.length; k++) {
      for (const other of near[part[k]]) {
        if (!seen[other]) {
          seen[other] = 1;
          part.push(other);
        }
      }
    }
    found.push(part.sort((a, b) => a - b));
  }
  return found;
}

export type Sized = [item: number, lo: number, hi: number, size: number];

/** Stacks helpers in columns from `start` on, beginning at the far end of the flow. */
export function stackAside(sizes: Sized[], start: number, length: number, gap: number): [Map<number, Point>, number, number] {
  const placed = new Map<number, Point>();
  const limit = Math.max(length, 150);
  let o = start, r = 18, column = 0, low = 0;
  for (const [item, lo, hi, size] of sizes) {
    if (r > 18 && r + size > limit) {
      o += column + gap;
      r = 18;
      column = 0;
    }
    placed.set(item, [o + lo, length - r - size / 2]);
    low = Math.min(low, length - r - size);
    r += size + gap;
    column = Math.max(column, lo + hi);
  }
  let top = 0;
  for (const [item, , , size] of sizes) {
    const at = placed.get(item)!;
    at[1] -= low;
    top = Math.max(top, at[1] + size / 2);
  }
  return [placed, o + column, top];
}

type Reach = [lo: number, hi: number, size: number];

/** Routes links between two lanes at right angles: sideways out of the box, along the gutter, sideways in. */
export function crossRoutes(
  lane: Lane, other: Lane, reach: Map<number, Reach>, ends: [link: number, src: number, dst: number][],
): { routes: Map<number, Point[]>; gutter: number; high: number } {
  const routes = new Map<number, Point[]>();
  if (!ends.length) return { routes, gutter: 40, high: 0 };
  const where = (item: number): [Point, boolean] => {
    const left = lane.place.get(item);
    return left ? [left, true] : [other.place.get(item)!, false];
  };
  const stubs = new Map<number, number[]>(); // item * 2 + leaving -> ends
  ends.forEach(([, src, dst], k) => {
    for (const key of [src * 2 + 1, dst * 2]) {
      const list = stubs.get(key);
      if (list) list.push(k);
      else stubs.set(key, [k]);
    }
  });
  const exits = new Map<number, [Point[], number]>();
  const height = new Map<number, number>(); // end * 2 + leaving -> r
  for (const [key, users] of stubs) {
    const item = key >> 1, leaving = key & 1;
    const [[o, r], left] = where(item);
    const size = reach.get(item)!;
    if (!leaving) {
      users.sort((x, y) => where(ends[x][1])[0][1] - where(ends[y][1])[0][1] || ends[x][1] - ends[y][1]);
    }
    const step = !leaving && users.length > 1 ? Math.min(9, (size[2] * 0.8) / (users.length - 1)) : 0;
    users.forEach((k, n) => height.set(k * 2 + leaving, r + (n - (users.length - 1) / 2) * step));
    exits.set(key, wayOut(item, o, r, size, left, left ? lane : other, reach));
  }
  const sorted = ends.map((_, k) => k).sort((x, y) =>
    where(ends[x][1])[0][1] - where(ends[y][1])[0][1] || ends[x][1] - ends[y][1] || where(ends[x][2])[0][1] - where(ends[y][2])[0][1]);
  const tracks = new Map<number, number>();
  for (const k of sorted) if (!tracks.has(ends[k][1])) tracks.set(ends[k][1], tracks.size);
  const gutter = 36 + TRACK * tracks.size;
  let high = 0;
  ends.forEach(([link, src, dst], k) => {
    const track = lane.width + 16 + TRACK * tracks.get(src)!;
    const points: Point[] = [];
    for (const [item, leaving] of [[src, 1], [dst, 0]]) {
      const [stub, over] = exits.get(item * 2 + leaving)!;
      let part = stub, level = over;
      if (part.length === 1) {
        level = height.get(k * 2 + leaving)!;
        part = [[part[0][0], level]];
      }
      const shift = where(item)[1] ? 0 : lane.width + gutter;
      const moved: Point[] = [...part.map(([o, r]): Point => [o + shift, r]), [track, level]];
      points.push(...(leaving ? moved : moved.reverse()));
    }
    for (const [, r] of points) high = Math.max(high, r);
    routes.set(link, clean(points));
  });
  return { routes, gutter, high };
}

function wayOut(
  item: number, o: number, r: number, size: Reach, left: boolean, lane: Lane, reach: Map<number, Reach>,
): [Point[], number] {
  const [lo, hi, length] = size;
  const toward = left ? 1 : -1;
  for (const [near, [oo, rr]] of lane.place) {
    if (near !== item && (oo - o) * toward > 0 && Math.abs(rr - r) < (reach.get(near)![2] + length) / 2 + 2) {
      const level = (lane.over.get(item) ?? r + length / 2) + 9;
      const out = o + toward * Math.min(lo, hi) * 0.6;
      return [[[out, r + length / 2], [out, level]], level];
    }
  }
  return [[[o + (left ? hi : -lo), r]], r];
}

function clean(points: Point[]): Point[] {
  const out: Point[] = [];
  const same = (a: number, b: number): boolean => Math.abs(a - b) < 0.05;
  for (const point of points) {
    const last = out[out.length - 1];
    if (last && same(last[0], point[0]) && same(last[1], point[1])) continue;
    const before = out[out.length - 2];
    if (before && ((same(before[0], last[0]) && same(last[0], point[0])) || (same(before[1], last[1]) && same(last[1], point[1])))) {
      out.pop();
    }
    out.push(point);
  }
  return out;
}
