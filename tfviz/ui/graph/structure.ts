// Canonical hashes of subtrees: equal blocks get equal numbers whatever their names' digits, in one pass over the tree. Pure.
import type { Graph } from "./model";

/** Returns a hash per tree node from the op types below it, independent of order and of numbers in names. */
export function structureHashes(graph: Graph): Uint32Array {
  const hashes = new Uint32Array(graph.size);
  for (let t = graph.size - 1; t >= 0; t--) {
    let sum = graph.isLeaf(t) ? text(graph.type(t)) : 0x9e3779b9;
    for (const child of graph.children[t]) sum = (sum + mix(hashes[child] ^ 0x85ebca6b)) >>> 0; // a sum does not know order
    hashes[t] = mix(sum);
  }
  return hashes;
}

function text(value: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
