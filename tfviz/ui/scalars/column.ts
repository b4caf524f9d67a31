// A growing column of float64 with a pyramid of minima and maxima, so that any stretch's extremes cost O(log n); pure.

const FAN = 16; // points (or blocks) under one block of the next level

/** Append-only numbers; a NaN is never a minimum or maximum. */
export class Column {
  data: Float64Array = new Float64Array(256);
  length = 0;
  private low: Float64Array[] = [];
  private high: Float64Array[] = [];

  append(values: ArrayLike<number>): void {
    const total = this.length + values.length;
    if (total > this.data.length) this.data = grown(this.data, total);
    this.data.set(values, this.length);
    const from = this.length;
    this.length = total;
    this.raise(from);
  }

  at(i: number): number {
    return this.data[i]!;
  }

  /** Least and greatest of [from, to), [Infinity, -Infinity] where there is no number. */
  extremes(from: number, to: number): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    let a = from;
    let b = to;
    let lows: Float64Array = this.data;
    let highs: Float64Array = this.data;
    for (let level = 0; ; level++) {
      const up = level < this.low.length && b - a > 2 * FAN;
      const aEnd = up ? Math.ceil(a / FAN) * FAN : b;
      const bStart = up ? Math.floor(b / FAN) * FAN : b;
      for (let i = a; i < aEnd; i++) {
        if (lows[i]! < low) low = lows[i]!;
        if (highs[i]! > high) high = highs[i]!;
      }
      for (let i = bStart; i < b; i++) {
        if (lows[i]! < low) low = lows[i]!;
        if (highs[i]! > high) high = highs[i]!;
      }
      if (!up) return [low, high];
      a = aEnd / FAN;
      b = bStart / FAN;
      lows = this.low[level]!;
      highs = this.high[level]!;
    }
  }

  /** Brings the pyramid up to date from point `from` on; the last block of a level may be partly filled. */
  private raise(from: number): void {
    let lows = this.data;
    let highs = this.data;
    let count = this.length;
    let first = from;
    for (let level = 0; count > FAN; level++) {
      const blocks = Math.ceil(count / FAN);
      if (level === this.low.length) {
        this.low.push(new Float64Array(16));
        this.high.push(new Float64Array(16));
        first = 0;
      }
      if (this.low[level]!.length < blocks) {
        this.low[level] = grown(this.low[level]!, blocks);
        this.high[level] = grown(this.high[level]!, blocks);
      }
      first = Math.floor(first / FAN);
      for (let block = first; block < blocks; block++) {
        let low = Infinity;
        let high = -Infinity;
        const end = Math.min(count, (block + 1) * FAN);
        for (let i = block * FAN; i < end; i++) {
          if (lows[i]! < low) low = lows[i]!;
          if (highs[i]! > high) high = highs[i]!;
        }
        this.low[level]![block] = low;
        this.high[level]![block] = high;
      }
      lows = this.low[level]!;
      highs = this.high[level]!;
      count = blocks;
    }
  }
}

function grown(old: Float64Array, least: number): Float64Array {
  const bigger = new Float64Array(Math.max(least, old.length * 2));
  bigger.set(old);
  return bigger;
}

/** The first index in [from, to) whose value is at least `x`, in a stretch that doesn't fall. */
export function lowerBound(data: ArrayLike<number>, x: number, from: number, to: number): number {
  let [a, b] = [from, to];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (data[middle]! < x) a = middle + 1;
    else b = middle;
  }
  return a;
}

/** Debiased exponential moving average, grown with its source: s = w s + (1-w) v, shown as s / (1 - w**k). */
export class Smoothed {
  readonly out = new Column();
  private state = 0;
  private left = 1; // w**k

  constructor(readonly weight: number) {}

  /** Takes in what `source` has beyond the last call. */
  follow(source: Column): Column {
    const fresh = new Float64Array(source.length - this.out.length);
    const from = this.out.length;
    for (let i = 0; i < fresh.length; i++) {
      const v = source.at(from + i);
      if (Number.isFinite(v)) {
        this.state = this.weight * this.state + (1 - this.weight) * v;
        this.left *= this.weight;
        fresh[i] = this.state / (1 - this.left);
      } else {
        fresh[i] = v;
      }
    }
    this.out.append(fresh);
    return this.out;
  }
}

/** Calls `put` with the points that decide the picture: first, min, max and last of each pixel column of [low, high].
 *  A line through them covers the pixels of the line through all points (M4; Jugel et al., VLDB 2014). */
export function envelope(
  x: ArrayLike<number>,
  y: Column,
  from: number,
  to: number,
  low: number,
  high: number,
  buckets: number,
  put: (x: number, y: number) => void,
): void {
  const begin = Math.max(from, lowerBound(x, low, from, to) - 1);
  let end = lowerBound(x, high, from, to);
  while (end < to && x[end]! <= high) end++;
  end = Math.min(to, end + 1);
  if (end - begin <= 4 * buckets || !(high > low)) {
    for (let i = begin; i < end; i++) put(x[i]!, y.at(i));
    return;
  }
  let i = begin;
  for (let bucket = 1; bucket <= buckets && i < end; bucket++) {
    const edge = low + ((high - low) * bucket) / buckets;
    const next = bucket === buckets ? end : lowerBound(x, edge, i, end);
    if (next <= i) continue;
    put(x[i]!, y.at(i));
    if (next - i > 2) {
      const [least, most] = y.extremes(i, next);
      const middle = x[(i + next) >> 1]!;
      if (least <= most) {
        put(middle, least);
        put(middle, most);
      }
    }
    if (next - i > 1) put(x[next - 1]!, y.at(next - 1));
    i = next;
  }
}
