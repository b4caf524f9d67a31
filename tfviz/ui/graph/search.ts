// The search language, the same as tfviz/find.py: words are regular expressions on names, or fields such as `op:Conv`. Pure.
import type { Graph } from "./model";
import { OP, VARIABLE_KIND } from "./model";

type Test = (leaf: number) => boolean;

/** Finds all leaves that match every word; throws an Error in words for a bad expression. */
export function search(graph: Graph, query: string): number[] {
  const words = query.split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const names = allNames(graph);
  const tests = words.map((word) => test(graph, names, word));
  const found: number[] = [];
  for (let t = 1; t < graph.size; t++) {
    const kind = graph.columns.kind[t];
    if ((kind === OP || kind === VARIABLE_KIND) && graph.isLeaf(t) && tests.every((f) => f(t))) found.push(t);
  }
  return found;
}

const NAMES = new WeakMap<Graph, string[]>();

/** Full names of all tree nodes, made in one pass and kept: a search per key press must not climb 50,000 paths. */
export function allNames(graph: Graph): string[] {
  let names = NAMES.get(graph);
  if (!names) {
    names = new Array<string>(graph.size).fill("");
    const base = new Array<string>(graph.size).fill(""); // the name that children continue
    for (let t = 1; t < graph.size; t++) {
      const p = graph.columns.parent[t];
      const kind = graph.columns.kind[t];
      const own = (graph.columns.flags[t] & 256) !== 0;
      const label = graph.label(t);
      names[t] = own ? base[p] : base[p] ? `${base[p]}/${label}` : label;
      base[t] = kind === 2 || kind === 3 ? base[p] : names[t];
    }
    NAMES.set(graph, names);
  }
  return names;
}

const glob = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "i");

function regex(word: string): RegExp {
  try {
    return new RegExp(word, "i");
  } catch {
    throw new Error(`"${word}" is no regular expression`);
  }
}

function test(graph: Graph, names: string[], word: string): Test {
  const colon = word.indexOf(":");
  const field = word.slice(0, colon), value = word.slice(colon + 1);
  if (colon < 1 || !value || !["op", "shape", "scope", "name"].includes(field)) {
    const pattern = regex(word);
    return (t) => pattern.test(names[t]);
  }
  if (field === "scope") {
    const prefix = value.replace(/[/*]+$/, "") + "/";
    const pattern = glob(value.replace(/\/$/, ""));
    return (t) => names[t].startsWith(prefix) || pattern.test(names[t].slice(0, Math.max(0, names[t].lastIndexOf("/"))));
  }
  if (field === "shape") {
    const wanted = value.replace(/x|\*/g, "×").replace(/None/g, "?");
    const made = new Set<number>();
    const { src, shape, strings } = graph.columns;
    for (let e = 0; e < src.length; e++) if (strings[shape[e]] === wanted) made.add(src[e]);
    return (t) => made.has(t) || graph.sub(t) === wanted; // nothing may read what the last op makes
  }
  const pattern = value.includes("*") ? glob(value) : regex(value);
  return field === "op" ? (t) => pattern.test(graph.type(t)) : (t) => pattern.test(names[t]);
}
