// One scope's layered layout: boxes and arrows in, positions and routes out; pure numbers, deterministic, no recursion.
// Coordinates are abstract: `r` runs along the flow (rank by rank), `o` across it. Twin of tfviz/layout_layered.py, which
// explains the stages (Sugiyama, Tagawa, Toda 1981); the same cases are tested on both sides.

export interface Cell {
  lo: number; // reach before the axis along o
  hi: number; // reach after it
  size: number; // size along r
  pin: number; // -1 entry port, 1 exit port
  half: number; // own half width without annotations, 0 = from lo and hi
  body: number; // own size along r without annotations, 0 = size
}

export interface Arrow {
  src: number;
  dst: number;
  weight: number;
  srcOff: number;
  dstOff: number;
  srcSpread: boolean;
  dstSpread: boolean;
}

export type Point = [number, number];

export interface Placed {
  o: number[];
  r: number[];
  routes: Point[][];
  width: number;
  length: number;
  at: number[];
  bands: Point[];
}

type Near = [other: number, pull: number, offset: number][];

const MAX_DUMMIES = 4000;
const SWEEPS = 8;
const PLACINGS = 10;
const DUMMY = 5;

export const cell = (lo: number, hi: number, size: number, pin = 0, half = 0, body = 0): Cell =>
  ({ lo, hi, size, pin, half, body });

export const arrow = (src: number, dst: number, weight = 1): Arrow =>
  ({ src, dst, weight, srcOff: 0, dstOff: 0, srcSpread: true, dstSpread: true });

const round1 = (value: number): number => Math.round(value * 10) / 10;

export function layered(cells: Cell[], arrows: Arrow[], gapO = 18, gapR = 34): Placed {
  const count = cells.length;
  if (!count) return { o: [], r: [], routes: arrows.map(() => []), width: 0, length: 0, at: [], bands: [] };
  const flip = backEdges(count, arrows);
  const rank = ranks(cells, arrows, flip);
  const nodes = cells.slice();
  const at = rank.slice();
  const chains = dummies(nodes, at, arrows, flip, rank);
  const layers: number[][] = Array.from({ length: Math.max(...at) + 1 }, () => []);
  const above: Near[] = nodes.map(() => []);
  const below: Near[] = nodes.map(() => []);
  arrows.forEach((a, i) => {
    const chain = chains[i];
    const [startOff, endOff] = flip[i] ? [a.dstOff, a.srcOff] : [a.srcOff, a.dstOff];
    for (let k = 0; k + 1 < chain.length; k++) {
      const first = k === 0, last = k === chain.length - 2;
      const factor = first && last ? 1 : first || last ? 2 : a.weight > 1 ? 6 : 3;
      const off = (first ? startOff : 0) - (last ? endOff : 0);
      below[chain[k + 1]].push([chain[k], a.weight * factor, off]);
      above[chain[k]].push([chain[k + 1], a.weight * factor, -off]);
    }
  });
  for (const item of firstOrder(count, nodes.length, at, above, below)) layers[at[item]].push(item);
  order(layers, nodes.length, above, below);
  const o = place(layers, nodes, above, below, gapO);
  const bands: Point[] = [];
  let length = 0;
  layers.forEach((layer, index) => {
    let depth = 0;
    for (const item of layer) depth = Math.max(depth, nodes[item].size);
    bands.push([length, length + depth]);
    length += depth;
    if (index + 1 < layers.length) {
      const rim = layer.some((i) => nodes[i].pin) || layers[index + 1].some((i) => nodes[i].pin);
      let lean = 0;
      for (const i of layer) for (const [t, , off] of above[i]) lean = Math.max(lean, Math.abs(o[i] - o[t] - off));
      length += rim ? gapR * (lean < 10 ? 0.45 : 0.75) : gapR * (lean < 400 ? 1 : 1.4);
    }
  });
  let left = Infinity, right = -Infinity;
  nodes.forEach((node, i) => {
    left = Math.min(left, o[i] - node.lo);
    right = Math.max(right, o[i] + node.hi);
  });
  for (let i = 0; i < o.length; i++) o[i] = round1(o[i] - left);
  const r = nodes.map((_, i) => (bands[at[i]][0] + bands[at[i]][1]) / 2);
  cells.forEach((c, i) => {
    if (c.pin) r[i] = c.pin < 0 ? bands[at[i]][0] : bands[at[i]][1];
  });
  const routes = route(cells, arrows, flip, chains, o, r, at, bands);
  return { o: o.slice(0, count), r: r.slice(0, count), routes, width: right - left, length, at: at.slice(0, count), bands };
}

function backEdges(count: number, arrows: Arrow[]): boolean[] {
  const out: [number, number][][] = Array.from({ length: count }, () => []);
  const entered = new Uint32Array(count);
  arrows.forEach((a, i) => {
    if (a.src !== a.dst) {
      out[a.src].push([a.dst, i]);
      entered[a.dst]++;
    }
  });
  const flip = arrows.map(() => false);
  const state = new Uint8Array(count);
  const next = new Uint32Array(count);
  for (let pass = 0; pass < 2; pass++) {
    for (let root = 0; root < count; root++) {
      if (state[root] || (pass === 0 && entered[root])) continue;
      state[root] = 1;
      const stack = [root];
      while (stack.length) {
        const item = stack[stack.length - 1];
        if (next[item] >= out[item].length) {
          state[item] = 2;
          stack.pop();
          continue;
        }
        const [target, index] = out[item][next[item]++];
        if (state[target] === 1) flip[index] = true;
        else if (!state[target]) {
          state[target] = 1;
          stack.push(target);
        }
      }
    }
  }
  return flip;
}

function ranks(cells: Cell[], arrows: Arrow[], flip: boolean[]): number[] {
  const count = cells.length;
  const out: [number, number][][] = Array.from({ length: count }, () => []);
  const into: [number, number][][] = Array.from({ length: count }, () => []);
  arrows.forEach((e, i) => {
    const [a, b] = flip[i] ? [e.dst, e.src] : [e.src, e.dst];
    if (a === b) return;
    out[a].push([b, e.weight]);
    into[b].push([a, e.weight]);
  });
  const waiting = into.map((edges) => edges.length);
  const sorted: number[] = [];
  for (let i = 0; i < count; i++) if (!waiting[i]) sorted.push(i);
  let rank = new Array<number>(count).fill(0);
  for (let k = 0; k < sorted.length; k++) {
    const item = sorted[k];
    for (const [target] of out[item]) {
      rank[target] = Math.max(rank[target], rank[item] + 1);
      if (!--waiting[target]) sorted.push(target);
    }
  }
  const sum = (edges: [number, number][]): number => edges.reduce((total, [, w]) => total + w, 0);
  for (let turn = 0; turn < 4; turn++) {
    let moved = false;
    for (let k = sorted.length - 1; k >= 0; k--) {
      const item = sorted[k];
      const pullOut = sum(out[item]), pullIn = sum(into[item]);
      let best: number;
      if (out[item].length && pullOut > pullIn) best = Math.min(...out[item].map(([t]) => rank[t])) - 1;
      else if (into[item].length && pullIn > pullOut) best = Math.max(...into[item].map(([s]) => rank[s])) + 1;
      else continue;
      moved ||= best !== rank[item];
      rank[item] = best;
    }
    if (!moved) break;
  }
  let low = Infinity;
  for (const value of rank) low = Math.min(low, value);
  rank = rank.map((value) => value - low);
  const first = cells.some((c) => c.pin < 0) ? 1 : 0;
  rank = rank.map((value) => value + first);
  if (first && cells.every((c, i) => c.pin < 0 || rank[i] > first)) {
    rank = rank.map((value, i) => (cells[i].pin >= 0 ? value - 1 : value));
  }
  let last = -1;
  cells.forEach((c, i) => {
    if (!c.pin) last = Math.max(last, rank[i]);
  });
  if (last < 0) last = first;
  return cells.map((c, i) => (c.pin < 0 ? 0 : c.pin > 0 ? last + 1 : rank[i]));
}

function dummies(nodes: Cell[], at: number[], arrows: Arrow[], flip: boolean[], rank: number[]): number[][] {
  const chains: number[][] = arrows.map(() => []);
  const spans = arrows
    .map((a, i): [number, number] => [Math.abs(rank[a.src] - rank[a.dst]), i])
    .filter(([, i]) => arrows[i].src !== arrows[i].dst)
    .sort((x, y) => x[0] - y[0] || x[1] - y[1]);
  let budget = MAX_DUMMIES;
  for (const [span, index] of spans) {
    const e = arrows[index];
    const [a, b] = flip[index] ? [e.dst, e.src] : [e.src, e.dst];
    if (rank[a] >= rank[b] || span - 1 > budget) continue;
    budget -= span - 1;
    const chain = [a];
    for (let level = rank[a] + 1; level < rank[b]; level++) {
      chain.push(nodes.length);
      nodes.push(cell(DUMMY, DUMMY, 0));
      at.push(level);
    }
    chain.push(b);
    chains[index] = chain;
  }
  return chains;
}

function firstOrder(count: number, total: number, at: number[], above: Near[], below: Near[]): number[] {
  const seen = new Uint8Array(total);
  const result: number[] = [];
  const roots = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => Number(above[a].length > 0) - Number(above[b].length > 0) || at[b] - at[a] || a - b,
  );
  for (const root of roots) {
    const stack = [root];
    while (stack.length) {
      const item = stack.pop()!;
      if (seen[item]) continue;
      seen[item] = 1;
      result.push(item);
      const near = below[item].slice().sort((x, y) => x[1] - y[1] || y[0] - x[0]);
      for (const [other] of near) if (!seen[other]) stack.push(other);
    }
  }
  return result;
}

function order(layers: number[][], total: number, above: Near[], below: Near[]): void {
  const position = new Int32Array(total);
  const number = (layer: number[]): void => layer.forEach((item, k) => { position[item] = k; });
  layers.forEach(number);
  let best = layers.map((layer) => layer.slice());
  let bestCross = crossings(layers, above, position);
  const sweeps = total < 3000 ? SWEEPS : 2;
  const key = new Float64Array(total);
  for (let sweep = 0; sweep < sweeps && bestCross; sweep++) {
    const down = sweep % 2 === 0;
    const near = down ? below : above;
    for (let step = 0; step < layers.length; step++) {
      const layer = layers[down ? step : layers.length - 1 - step];
      let any = false;
      for (const item of layer) {
        let weight = 0, sum = 0;
        for (const [other, pull] of near[item]) {
          weight += pull;
          sum += position[other] * pull;
        }
        key[item] = weight ? sum / weight : -1;
        any ||= key[item] >= 0;
      }
      if (any) sortFixed(layer, key);
      number(layer);
    }
    transpose(layers, above, below, position);
    const crossed = crossings(layers, above, position);
    if (crossed < bestCross) {
      best = layers.map((layer) => layer.slice());
      bestCross = crossed;
    }
  }
  layers.forEach((_, i) => { layers[i] = best[i]; });
}

function sortFixed(layer: number[], key: Float64Array): void {
  const movable = layer.filter((item) => key[item] >= 0).sort((a, b) => key[a] - key[b]);
  let k = 0;
  for (let i = 0; i < layer.length; i++) if (key[layer[i]] >= 0) layer[i] = movable[k++];
}

function transpose(layers: number[][], above: Near[], below: Near[], position: Int32Array): void {
  for (const layer of layers) {
    if (layer.length > 60) continue;
    for (let k = 0; k + 1 < layer.length; k++) {
      const a = layer[k], b = layer[k + 1];
      const now = cost(a, b, above, position) + cost(a, b, below, position);
      if (now > cost(b, a, above, position) + cost(b, a, below, position)) {
        layer[k] = b;
        layer[k + 1] = a;
        position[a] = k + 1;
        position[b] = k;
      }
    }
  }
}

function cost(a: number, b: number, near: Near[], position: Int32Array): number {
  let crossed = 0;
  for (const [x] of near[a]) {
    for (const [y] of near[b]) if (position[x] > position[y]) crossed++;
  }
  return crossed;
}

function crossings(layers: number[][], above: Near[], position: Int32Array): number {
  let total = 0;
  for (let index = 0; index + 1 < layers.length; index++) {
    const size = layers[index + 1].length;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const item of layers[index]) {
      const ends = above[item].map(([t]) => position[t]).sort((a, b) => a - b);
      for (const end of ends) {
        let smaller = 0;
        for (let at = end + 1; at > 0; at -= at & -at) smaller += tree[at];
        total += seen - smaller;
      }
      for (const end of ends) {
        for (let at = end + 1; at <= size; at += at & -at) tree[at]++;
        seen++;
      }
    }
  }
  return total;
}

function place(layers: number[][], nodes: Cell[], above: Near[], below: Near[], gap: number): number[] {
  const o = new Array<number>(nodes.length).fill(0);
  for (const layer of layers) {
    let cursor = 0;
    for (const item of layer) {
      o[item] = cursor + nodes[item].lo;
      cursor = o[item] + nodes[item].hi + gap;
    }
    for (const item of layer) o[item] -= (cursor - gap) / 2;
  }
  const placings = nodes.length < 2000 ? PLACINGS : 4;
  for (let turn = 0; turn < placings; turn++) {
    const down = turn % 2 === 0;
    for (let step = 0; step < layers.length; step++) {
      const layer = layers[down ? step : layers.length - 1 - step];
      const wanted: number[] = [], weights: number[] = [];
      for (const item of layer) {
        let total = 0, pulled = 0;
        for (const [x, pull, off] of (down ? below : above)[item]) {
          total += pull;
          pulled += (o[x] + off) * pull;
        }
        if (turn >= placings >> 1) {
          for (const [x, pull, off] of (down ? above : below)[item]) {
            total += 0.5 * pull;
            pulled += 0.5 * (o[x] + off) * pull;
          }
        }
        wanted.push(total ? pulled / total : o[item]);
        weights.push(total || 0.05);
      }
      settle(layer, nodes, wanted, weights, gap, o);
    }
  }
  straighten(layers, nodes, below, gap, o);
  return o;
}

function straighten(layers: number[][], nodes: Cell[], below: Near[], gap: number, o: number[]): void {
  for (const layer of layers.slice(1)) {
    layer.forEach((item, k) => {
      if (!below[item].length) return;
      let main = below[item][0];
      for (const link of below[item]) if (link[1] > main[1] || (link[1] === main[1] && link[0] < main[0])) main = link;
      const want = o[main[0]] + main[2];
      const away = Math.abs(want - o[item]);
      if (!(away > 0 && away < 14)) return;
      const before = layer[k - 1], after = layer[k + 1];
      const low = k ? o[before] + nodes[before].hi + gap + nodes[item].lo : want;
      const high = k + 1 < layer.length ? o[after] - nodes[after].lo - gap - nodes[item].hi : want;
      if (low <= high) o[item] = Math.min(Math.max(want, low), high);
    });
  }
}

function settle(layer: number[], nodes: Cell[], wanted: number[], weights: number[], gap: number, o: number[]): void {
  let shift = 0;
  const offsets: number[] = [];
  const blocks: [value: number, weight: number, size: number][] = [];
  layer.forEach((item, k) => {
    if (k) shift += nodes[layer[k - 1]].hi + gap + nodes[item].lo;
    offsets.push(shift);
    blocks.push([wanted[k] - shift, weights[k], 1]);
    while (blocks.length > 1 && blocks[blocks.length - 2][0] > blocks[blocks.length - 1][0]) {
      const [value, weight, size] = blocks.pop()!;
      const low = blocks[blocks.length - 1];
      low[0] = (low[0] * low[1] + value * weight) / (low[1] + weight);
      low[1] += weight;
      low[2] += size;
    }
  });
  let k = 0;
  for (const [value, , size] of blocks) {
    for (let n = 0; n < size; n++, k++) o[layer[k]] = value + offsets[k];
  }
}

function route(
  cells: Cell[], arrows: Arrow[], flip: boolean[], chains: number[][], o: number[], r: number[], at: number[], bands: Point[],
): Point[][] {
  const ends = new Map<number, [number, number][]>(); // key: cell * 2 + (1 when leaving)
  const add = (item: number, leaving: number, other: number, index: number): void => {
    const key = item * 2 + leaving;
    const list = ends.get(key);
    if (list) list.push([o[other], index]);
    else ends.set(key, [[o[other], index]]);
  };
  arrows.forEach((a, i) => {
    const chain = chains[i];
    if (!chain.length) return;
    const [low, high] = flip[i] ? [a.dstSpread, a.srcSpread] : [a.srcSpread, a.dstSpread];
    if (low) add(chain[0], 1, chain[1], i);
    if (high) add(chain[chain.length - 1], 0, chain[chain.length - 2], i);
  });
  const moved = new Map<number, number>(); // key: arrow * 2 + leaving
  for (const [key, found] of ends) {
    const item = key >> 1;
    found.sort((x, y) => x[0] - y[0] || x[1] - y[1]);
    if (found.length < 2 || cells[item].pin) continue;
    const room = (cells[item].half || Math.min(cells[item].lo, cells[item].hi)) * 1.2;
    const step = Math.min(12, room / (found.length - 1));
    const straight = found.flatMap(([other], k) => (Math.abs(other - o[item]) < 1 ? [k] : []));
    const pivot = straight.length !== 1 || found.length > 4 ? (found.length - 1) / 2 : straight[0];
    found.forEach(([, index], k) => {
      moved.set(index * 2 + (key & 1), Math.max(-room / 2, Math.min(room / 2, (k - pivot) * step)));
    });
  }
  return arrows.map((e, i) => {
    const chain = chains[i];
    if (!chain.length) return [];
    const a = chain[0], b = chain[chain.length - 1];
    const [startOff, endOff] = flip[i] ? [e.dstOff, e.srcOff] : [e.srcOff, e.dstOff];
    const start = round1(o[a] + startOff + (moved.get(i * 2 + 1) ?? 0));
    const end = round1(o[b] + endOff + (moved.get(i * 2) ?? 0));
    const halfA = (cells[a].body || cells[a].size) / 2, halfB = (cells[b].body || cells[b].size) / 2;
    const points: Point[] = [[start, cells[a].pin ? r[a] : r[a] + halfA], [start, bands[at[a]][1]]];
    for (const item of chain.slice(1, -1)) points.push([o[item], bands[at[item]][0]], [o[item], bands[at[item]][1]]);
    points.push([end, bands[at[b]][0]], [end, cells[b].pin ? r[b] : r[b] - halfB]);
    const clean = points.filter((p, k) => !k || p[0] !== points[k - 1][0] || p[1] !== points[k - 1][1]);
    return flip[i] ? clean.reverse() : clean;
  });
}
