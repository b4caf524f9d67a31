// Histograms, pictures, sounds and texts as they came: a table and a blob; pure. Twin of tfviz/media_wire.py.

export type Kind = "histogram" | "image" | "audio" | "text";

export interface TrackMeta {
  kind: Kind;
  tag: string;
  run: string;
  colour: number;
  entries: [step: number, wall: number, index: number, offset: number, size: number][];
  n: number;
}

export interface MediaMeta {
  version: number;
  tracks: TrackMeta[];
}

export interface Entry {
  step: number;
  wall: number;
  index: number;
  bytes: Uint8Array;
}

export interface Track {
  kind: Kind;
  tag: string;
  run: string;
  colour: number;
  n: number;
  entries: Entry[];
}

/** Reads table and blob; entries that were asked for before are kept. */
export function readMedia(meta: MediaMeta, blob: DataView, before: Track[] = []): Track[] {
  if (!meta.tracks) return [];
  if (meta.version !== 1) throw new Error(`media of version ${meta.version} want a newer tfviz`);
  return meta.tracks.map(({ kind, tag, run, colour, n, entries }) => {
    const track: Track = { kind, tag, run, colour, n, entries: [] };
    for (const [step, wall, index, offset, size] of entries) {
      put(track, { step, wall, index, bytes: new Uint8Array(blob.buffer, blob.byteOffset + offset, size).slice() });
    }
    const old = before.find((t) => t.run === run && t.tag === tag);
    for (const entry of old?.entries ?? []) put(track, entry);
    return track;
  });
}

/** Puts an entry at its place; the same index again is the same entry. */
export function put(track: Track, entry: Entry): void {
  let at = track.entries.length;
  while (at > 0 && track.entries[at - 1]!.index > entry.index) at--;
  if (track.entries[at - 1]?.index !== entry.index) track.entries.splice(at, 0, entry);
}

/** The entry nearest to a step, the newer of two. */
export function nearestEntry(entries: Entry[], step: number): number {
  let best = entries.length - 1;
  for (let i = entries.length - 1; i >= 0; i--) {
    if (Math.abs(entries[i]!.step - step) < Math.abs(entries[best]!.step - step)) best = i;
  }
  return best;
}

export interface Histogram {
  edges: Float64Array;
  counts: Float64Array;
}

export function readHistogram(bytes: Uint8Array): Histogram {
  const numbers = new Float64Array(bytes.slice().buffer);
  const bins = (numbers.length - 1) >> 1;
  return { edges: numbers.subarray(0, bins + 1), counts: numbers.subarray(bins + 1) };
}

/** Counts below x, the counts of a bin spread evenly over it. */
export function below({ edges, counts }: Histogram, x: number): number {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    const [a, b] = [edges[k]!, edges[k + 1]!];
    if (x >= b) sum += counts[k]!;
    else return sum + (x > a ? (counts[k]! * (x - a)) / (b - a) : 0);
  }
  return sum;
}

/** Counts in `bins` even bins of [low, high]; their sum stays. */
export function rebin(h: Histogram, low: number, high: number, bins: number): Float64Array {
  const out = new Float64Array(bins);
  let before = 0;
  for (let i = 0; i < bins; i++) {
    const edge = i === bins - 1 ? Infinity : low + ((high - low) * (i + 1)) / bins;
    const now = below(h, edge);
    out[i] = now - before;
    before = now;
  }
  return out;
}

/** The value below which the part `p` of the counts lies. */
export function percentile(h: Histogram, p: number): number {
  const total = h.counts.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let k = 0; k < h.counts.length; k++) {
    const count = h.counts[k]!;
    if (count > 0 && sum + count >= p * total) {
      const part = (p * total - sum) / count;
      return h.edges[k]! + part * (h.edges[k + 1]! - h.edges[k]!);
    }
    sum += count;
  }
  return h.edges[h.edges.length - 1]!;
}
