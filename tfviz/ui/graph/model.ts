// The scope tree over typed arrays, and what of it is on the page: open scopes, lifted edges, lanes, annotations. Pure: no DOM,
// no coordinates. Twin of tfviz/snapshot.py and tfviz/layout_visible.py, which explain each rule.
import {
  ASIDE, type Columns, CONSTANT, CONTROL, DATA, GRADIENTS, HELPER, NOOP, OWN, PLACEHOLDER, REF, SUMMARY, VARIABLE,
} from "./wire";
import { shorten } from "./textsize";

const MAX_PORTS = 10;
export const OP = 4, VARIABLE_KIND = 5, SERIES = 2;

export interface Tag { text: string; kind: "const" | "summary" | "portal"; item: number }

export interface Link {
  home: number; src: number; dst: number; outer: number;
  cross: boolean; data: number; control: number; ref: number; bytes: number;
  shapes: string[]; example: number; srcPort: boolean; dstPort: boolean;
}

export class Graph {
  readonly children: Int32Array[];
  readonly end: Int32Array; // subtree of t = [t, end[t])
  readonly count: Int32Array; // ops at or below
  readonly size: number;
  private out: Int32Array[] | null = null;
  private into: Int32Array[] | null = null;

  constructor(readonly columns: Columns) {
    const { parent, op, kind } = columns;
    const n = (this.size = parent.length);
    this.end = new Int32Array(n);
    this.count = new Int32Array(n);
    const many = new Int32Array(n);
    for (let t = n - 1; t >= 0; t--) {
      this.end[t] = Math.max(this.end[t], t + 1);
      if (op[t] >= 0 && (kind[t] === OP || (kind[t] === VARIABLE_KIND && this.end[t] === t + 1))) this.count[t] += 1;
      const p = parent[t];
      if (p < 0) continue;
      this.end[p] = Math.max(this.end[p], this.end[t]);
      this.count[p] += this.count[t];
      many[p]++;
    }
    this.children = Array.from(many, (m) => new Int32Array(m));
    const at = new Int32Array(n);
    for (let t = 1; t < n; t++) this.children[parent[t]][at[parent[t]]++] = t;
  }

  label(t: number): string { return this.columns.strings[this.columns.label[t]]; }
  sub(t: number): string { return this.columns.strings[this.columns.sub[t]]; }
  type(t: number): string { return this.columns.strings[this.columns.type[t]]; }
  value(t: number): string { return this.columns.strings[this.columns.value[t]]; }
  is(t: number, flag: number): boolean { return (this.columns.flags[t] & flag) !== 0; }
  isScope(t: number): boolean { return this.children[t].length > 0 || this.columns.kind[t] < OP; }
  isLeaf(t: number): boolean { return this.end[t] === t + 1 && this.columns.op[t] >= 0; }

  /** The full name: scopes joined by slashes; series and parts are ours, so they do not count in an op's name. */
  path(t: number): string {
    const parts: string[] = [];
    for (let at = t; at > 0; at = this.columns.parent[at]) {
      const kind = this.columns.kind[at];
      if (this.is(at, OWN) && at === t) continue;
      if (at !== t && (kind === SERIES || kind === 3)) continue;
      parts.push(this.label(at));
    }
    return parts.reverse().join("/");
  }

  ancestors(t: number): number[] {
    const chain: number[] = [];
    for (let at = this.columns.parent[t]; at >= 0; at = this.columns.parent[at]) chain.push(at);
    return chain;
  }

  /** Neighbours of a leaf by all kinds of edges; built at the first question. */
  neighbours(t: number, forward: boolean): Int32Array {
    if (!this.out) {
      this.out = csr(this.size, this.columns.src, this.columns.dst);
      this.into = csr(this.size, this.columns.dst, this.columns.src);
    }
    return (forward ? this.out : this.into!)[t] ?? EMPTY;
  }

  /** All leaves that the given subtree needs (backward) or feeds (forward), itself included. */
  trace(t: number, forward: boolean): Uint8Array {
    const seen = new Uint8Array(this.size);
    const stack: number[] = [];
    for (let leaf = t; leaf < this.end[t]; leaf++) {
      seen[leaf] = 1;
      stack.push(leaf);
    }
    while (stack.length) {
      for (const near of this.neighbours(stack.pop()!, forward)) {
        if (!seen[near]) {
          seen[near] = 1;
          stack.push(near);
        }
      }
    }
    return seen;
  }
}

const EMPTY = new Int32Array(0);

function csr(size: number, from: Int32Array, to: Int32Array): Int32Array[] {
  const start = new Int32Array(size + 1);
  for (const a of from) start[a + 1]++;
  for (let i = 0; i < size; i++) start[i + 1] += start[i];
  const fill = start.slice(), flat = new Int32Array(to.length);
  for (let e = 0; e < from.length; e++) flat[fill[from[e]]++] = to[e];
  const lists: Int32Array[] = [];
  for (let i = 0; i < size; i++) lists.push(start[i] === start[i + 1] ? EMPTY : flat.subarray(start[i], start[i + 1]));
  return lists;
}

interface Bundle { src: number; dst: number; counts: [number, number, number]; bytes: number; shapes: string[]; example: number }

export class Visible {
  readonly open = new Set<number>([0]);
  readonly containers = [0];
  readonly tags = new Map<number, Tag[]>();
  readonly hidden = new Set<number>();
  readonly links: Link[] = [];
  readonly aux = new Map<number, number[]>();
  readonly side = new Map<number, Set<number>>();
  readonly items = new Map<number, number[]>();
  readonly rep: Int32Array;

  constructor(readonly graph: Graph, opened: Iterable<number>) {
    const wanted = new Set(opened);
    for (let k = 0; k < this.containers.length; k++) {
      for (const child of graph.children[this.containers[k]]) {
        if (wanted.has(child) && graph.children[child].length) {
          this.open.add(child);
          this.containers.push(child);
        }
      }
    }
    this.rep = this.representatives();
    let bundles = this.bundles();
    this.annotate(bundles);
    bundles = bundles.filter((b) => !this.hidden.has(b.src) && !this.hidden.has(b.dst));
    this.lanes(bundles);
    this.lift(bundles);
    for (const home of this.containers) {
      const aside = new Set(this.aux.get(home));
      this.items.set(home, Array.from(graph.children[home]).filter((c) => !this.hidden.has(c) && !aside.has(c)));
    }
  }

  private representatives(): Int32Array {
    const rep = new Int32Array(this.graph.size);
    for (const home of this.containers) {
      for (const child of this.graph.children[home]) {
        if (!this.open.has(child)) rep.fill(child, child, this.graph.end[child]);
      }
    }
    return rep;
  }

  private bundles(): Bundle[] {
    const { src, dst, edge, bytes, shape, strings } = this.graph.columns;
    const n = this.graph.size;
    const found = new Map<number, Bundle>();
    for (let e = 0; e < src.length; e++) {
      const a = this.rep[src[e]], b = this.rep[dst[e]];
      if (a === b) continue;
      const key = a * n + b;
      let bundle = found.get(key);
      if (!bundle) found.set(key, (bundle = { src: a, dst: b, counts: [0, 0, 0], bytes: 0, shapes: [], example: e }));
      bundle.counts[edge[e]]++;
      bundle.bytes += bytes[e];
      if (edge[e] !== CONTROL && bundle.shapes.length < 3) {
        const text = strings[shape[e]];
        if (!bundle.shapes.includes(text)) bundle.shapes.push(text);
      }
    }
    return [...found.values()].sort((x, y) => x.src - y.src || x.dst - y.dst);
  }

  private annotate(bundles: Bundle[]): void {
    const { graph } = this;
    const into = new Map<number, number[]>(), out = new Map<number, number[]>();
    for (const { src, dst, counts } of bundles) {
      if (!counts[DATA] && !counts[REF]) continue;
      push(out, src, dst);
      push(into, dst, src);
    }
    this.tuckInitialisers(bundles, into);
    const summaries = new Set<number>();
    for (const [dst, sources] of into) {
      if (!graph.is(dst, SUMMARY)) continue;
      const producers = sources.filter((s) => !graph.is(s, CONSTANT));
      if (producers.length !== 1) continue;
      summaries.add(dst);
      this.hidden.add(dst);
      this.tag(producers[0], { text: graph.label(dst), kind: "summary", item: dst });
    }
    for (const [item, targets] of out) {
      if (!graph.is(item, CONSTANT)) continue;
      this.hidden.add(item);
      for (const target of targets) {
        if (!summaries.has(target)) this.tag(target, { text: graph.value(item), kind: "const", item });
      }
    }
  }

  /** Writes what only initialises variables (`truncated_normal`) beside the variable, as it does not flow. */
  private tuckInitialisers(bundles: Bundle[], into: Map<number, number[]>): void {
    const { graph } = this;
    const others = new Set(bundles.filter(({ dst }) => !graph.is(dst, VARIABLE)).map(({ src }) => src));
    for (const { src, dst } of bundles) {
      if (others.has(src) || graph.is(src, VARIABLE) || graph.is(src, CONSTANT)) continue;
      if (into.get(src)?.some((item) => !graph.is(item, CONSTANT))) continue;
      this.hidden.add(src);
      this.tag(dst, { text: shorten(graph.label(src), 22), kind: "portal", item: src });
    }
  }

  private tag(item: number, tag: Tag): void {
    const tags = this.tags.get(item) ?? [];
    if (!tags.some((t) => t.item === tag.item && t.kind === tag.kind)) tags.push(tag);
    this.tags.set(item, tags);
  }

  private lanes(bundles: Bundle[]): void {
    const { graph } = this;
    const after = new Map<number, Set<number>>(), before = new Map<number, Set<number>>();
    const data = new Set<number>();
    const commands = new Map<number, number>();
    for (const { src, dst, counts } of bundles) {
      commands.set(dst, (commands.get(dst) ?? 0) + counts[CONTROL]);
      const [, a, b] = this.meet(src, dst);
      (after.get(a) ?? after.set(a, new Set()).get(a)!).add(b);
      (before.get(b) ?? before.set(b, new Set()).get(b)!).add(a);
      if (counts[DATA] || counts[REF]) data.add(a).add(b);
    }
    for (const home of this.containers) {
      const children = Array.from(graph.children[home]).filter((c) => !this.hidden.has(c));
      let aux = children.filter((c) => this.helper(c, children.length, after, before, data, commands));
      if (aux.length === children.length) aux = [];
      this.aux.set(home, aux);
      const gone = new Set(aux);
      this.side.set(home, backward(graph, children.filter((c) => !gone.has(c)), after, before, gone));
    }
  }

  private helper(
    item: number, crowd: number, after: Map<number, Set<number>>, before: Map<number, Set<number>>, data: Set<number>,
    commands: Map<number, number>,
  ): boolean {
    const { graph } = this;
    if (!graph.isLeaf(item) && graph.columns.kind[item] !== VARIABLE_KIND) return graph.is(item, HELPER) && !this.open.has(item);
    if (graph.columns.kind[item] === VARIABLE_KIND && !graph.isLeaf(item)) return false;
    if (graph.is(item, ASIDE)) return true;
    const outs = after.get(item)?.size ?? 0, ins = before.get(item)?.size ?? 0;
    if (graph.is(item, NOOP) && !data.has(item) && !outs && (commands.get(item) ?? 0) >= 4) {
      return !graph.label(item).startsWith("(");
    }
    return crowd >= 15 && outs + ins >= Math.max(8, 0.4 * crowd);
  }

  private meet(src: number, dst: number): [home: number, a: number, b: number] {
    const { parent } = this.graph.columns;
    const { end } = this.graph;
    let a = src, home = parent[src];
    while (!(home <= dst && dst < end[home])) {
      a = home;
      home = parent[home];
    }
    let b = dst;
    while (parent[b] !== home) b = parent[b];
    return [home, a, b];
  }

  private way(item: number, top: number): number[] {
    const way = [item];
    while (way[way.length - 1] !== top) way.push(this.graph.columns.parent[way[way.length - 1]]);
    return way.reverse();
  }

  private lift(bundles: Bundle[]): void {
    const aside = new Set([...this.aux.values()].flat());
    const known = new Map<string, number>();
    const ports = new Map<number, Set<number>>();
    for (const bundle of bundles) {
      const { src, dst, counts } = bundle;
      const [home, a, b] = this.meet(src, dst);
      const wayA = this.way(src, a), wayB = this.way(dst, b);
      if ([...wayA, ...wayB].some((item) => aside.has(item))) {
        if (counts[DATA] && wayA.some((item) => aside.has(item))) this.portal(dst, src);
        continue;
      }
      const link = this.link(known, home, a, b, -1, bundle);
      const side = this.side.get(home)!;
      this.links[link].cross = side.has(a) !== side.has(b);
      if (this.links[link].cross) {
        if (wayB.length > 1 && counts[DATA]) this.portal(dst, src);
        continue;
      }
      for (const leaving of [true, false]) {
        const way = leaving ? wayA : wayB;
        let outer = link;
        for (let k = 0; k + 1 < way.length; k++) {
          const scope = way[k], child = way[k + 1];
          const key = scope * 2 + Number(leaving);
          const used = ports.get(key) ?? ports.set(key, new Set()).get(key)!;
          if (this.side.get(scope)!.has(child) || (!used.has(outer) && used.size >= MAX_PORTS)) {
            if (!leaving && counts[DATA]) this.portal(dst, src);
            break;
          }
          used.add(outer);
          if (leaving) this.links[outer].srcPort = true;
          else this.links[outer].dstPort = true;
          outer = this.link(known, scope, leaving ? child : -1, leaving ? -1 : child, outer, bundle);
        }
      }
    }
  }

  private link(known: Map<string, number>, home: number, src: number, dst: number, outer: number, from: Bundle): number {
    const key = `${home},${src},${dst},${outer}`;
    let index = known.get(key);
    if (index === undefined) {
      known.set(key, (index = this.links.length));
      this.links.push({
        home, src, dst, outer, cross: false, data: 0, control: 0, ref: 0, bytes: 0, shapes: [], example: from.example,
        srcPort: false, dstPort: false,
      });
    }
    const link = this.links[index];
    link.data += from.counts[DATA];
    link.control += from.counts[CONTROL];
    link.ref += from.counts[REF];
    link.bytes += from.bytes;
    for (const shape of from.shapes) if (link.shapes.length < 3 && !link.shapes.includes(shape)) link.shapes.push(shape);
    return index;
  }

  private portal(item: number, source: number): void {
    this.tag(item, { text: shorten(this.graph.path(source), 22), kind: "portal", item: source });
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The gradients among siblings, what hangs on them (the optimiser), and what serves only these. */
export function backward(
  graph: Graph, children: number[], after: Map<number, Set<number>>, before: Map<number, Set<number>>, gone: Set<number>,
): Set<number> {
  const stack = children.filter((c) => graph.is(c, GRADIENTS) || graph.children[c].subarray(0, 50).some((g) => graph.is(g, GRADIENTS)));
  const side = new Set(stack);
  while (stack.length) {
    for (const target of after.get(stack.pop()!) ?? []) {
      if (!side.has(target) && !gone.has(target)) {
        side.add(target);
        stack.push(target);
      }
    }
  }
  if (!side.size) return side;
  for (const child of children.slice().reverse()) {
    const targets = [...(after.get(child) ?? [])].filter((t) => !gone.has(t));
    if (side.has(child) || !targets.length || !targets.every((t) => side.has(t))) continue;
    const outside = [...(before.get(child) ?? [])].some((s) => !gone.has(s) && !side.has(s));
    if (!outside && !graph.is(child, PLACEHOLDER)) side.add(child);
  }
  return side.size < children.length ? side : new Set();
}

/** What flows over a link: one shape, or how many tensors of which shape. */
export function linkLabel(link: Link): string {
  const tensors = link.data + link.ref;
  if (!tensors) return "";
  let shape = link.shapes.length === 1 ? link.shapes[0] : "";
  if (shape === "any shape") shape = "";
  if (tensors === 1) return shape;
  return shape ? `${tensors} × (${shape})` : `${tensors} tensors`;
}

export const isVariable = (graph: Graph, t: number): boolean => t >= 0 && graph.is(t, VARIABLE);
