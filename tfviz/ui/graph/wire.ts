// Reads the bytes of tfviz/protocol.py: a header with texts and a list of columns, then the columns. No DOM.
import { WIRE_VERSION } from "../protocol";

export const KINDS = ["root", "scope", "series", "part", "op", "variable"] as const;
export const STYLES = [
  "variable", "input", "constant", "summary", "update", "control", "random", "loss", "layer", "activation", "shape", "io",
  "math", "scope", "gradients",
] as const;
export const VARIABLE = 1, GRADIENTS = 2, HELPER = 4, CONSTANT = 8, SUMMARY = 16, NOOP = 32, ASIDE = 64, PLACEHOLDER = 128,
  OWN = 256, FED = 512;
export const DATA = 0, CONTROL = 1, REF = 2;

/** A graph as columns: tree nodes (a node before its children) and edges between leaves. */
export interface Columns {
  strings: string[];
  parent: Int32Array;
  label: Int32Array;
  kind: Uint8Array;
  style: Uint8Array;
  flags: Uint16Array;
  sub: Int32Array;
  value: Int32Array;
  type: Int32Array;
  op: Int32Array;
  src: Int32Array;
  dst: Int32Array;
  edge: Uint8Array;
  bytes: Float32Array;
  shape: Int32Array;
}

const ARRAYS = { i4: Int32Array, u1: Uint8Array, u2: Uint16Array, f4: Float32Array } as const;
const NAMES = ["parent", "label", "kind", "style", "flags", "sub", "value", "type", "op", "src", "dst", "edge", "bytes", "shape"];

/** Decodes the wire; throws an Error in words for another version, a missing column or bytes that end too early. */
export function decode(data: ArrayBuffer | DataView | Uint8Array): Columns {
  const view = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = view.slice(); // columns need an aligned buffer of their own
  if (bytes.length < 4) throw new Error("the graph wire is empty");
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  if (header.version !== WIRE_VERSION) {
    throw new Error(`this page reads version ${WIRE_VERSION} of the graph wire, got ${header.version}: run the cell again`);
  }
  const found: Record<string, unknown> = { strings: header.strings };
  let at = 4 + size;
  for (const [name, kind, count] of header.columns as [string, keyof typeof ARRAYS, number][]) {
    const type = ARRAYS[kind];
    const length = count * type.BYTES_PER_ELEMENT;
    if (at + length > bytes.length) throw new Error(`the graph wire ends inside column "${name}"`);
    found[name] = new type(bytes.buffer, at, count);
    at += length + ((8 - (length % 8)) % 8);
  }
  for (const name of NAMES) if (!(name in found)) throw new Error(`the graph wire has no column "${name}"`);
  return found as unknown as Columns;
}
