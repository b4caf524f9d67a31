// Ticks and number texts of an axis; pure. Twin of tfviz/axes.py, tested on the same fixture.

function powerOfTen(p: number): number {
  return p >= 0 ? 10 ** p : 1 / 10 ** -p;
}

/** Round numbers (1, 2 or 5 times a power of ten apart) inside [low, high], at most `most` of them. */
export function linearTicks(low: number, high: number, most: number): number[] {
  if (!Number.isFinite(low)) return [];
  if (!Number.isFinite(high) || high <= low || most < 1) return [low];
  const power = Math.floor(Math.log10((high - low) / most));
  for (const factor of [1, 2, 5, 10, 20, 50]) {
    // Ten to a negative power isn't exact; dividing by ten to the positive power is.
    const at = (i: number): number => (power >= 0 ? i * factor * 10 ** power : (i * factor) / 10 ** -power);
    const step = at(1);
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    if (last - first + 1 <= most) return Array.from({ length: last - first + 1 }, (_, i) => at(first + i));
  }
  return [low];
}

/** Powers of ten inside [low, high] (with 2s and 5s where there are few), for positive ends. */
export function logTicks(low: number, high: number, most: number): number[] {
  if (!(0 < low && low < high) || !Number.isFinite(high)) return [];
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const decades = last - first + 1;
  const ticks: number[] = [];
  if (decades >= 2) {
    const stride = Math.max(1, Math.ceil(decades / Math.max(1, most)));
    for (let p = first; p <= last; p++) if (p % stride === 0) ticks.push(powerOfTen(p));
    return ticks;
  }
  for (let p = first - 1; p <= last + 1; p++) {
    for (const m of [1, 2, 5]) {
      const t = m * powerOfTen(p);
      if (low <= t && t <= high) ticks.push(t);
    }
  }
  return ticks.length >= 2 && ticks.length <= most ? ticks : linearTicks(low, high, most);
}

/** The range of an axis: a little air around the data, never empty. */
export function paddedRange(low: number, high: number, log: boolean): [number, number] {
  if (log) {
    if (low === high) return [low / 2, high * 2];
    const air = (high / low) ** 0.04;
    return [low / air, high * air];
  }
  const air = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.05;
  return [low - air, high + air];
}

function strip(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function scientific(value: number): string {
  const [mantissa, exponent] = value.toExponential(4).split("e") as [string, string];
  return `${strip(mantissa)}e${Number(exponent)}`;
}

/** A tick's text, short: 0.2, 25k, 1.5M, 1e-5. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e9 || size < 1e-3) return scientific(value);
  if (size >= 1e6) return strip((value / 1e6).toFixed(4)) + "M";
  if (size >= 1e4) return strip((value / 1e3).toFixed(4)) + "k";
  return strip(value.toFixed(6));
}

/** A value's text with four to five telling digits: 0.0123, 2.303, 1.2346e-5, nan. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return scientific(value);
  if (Number.isInteger(value)) return String(value);
  return strip(value.toFixed(Math.max(0, 4 - Math.floor(Math.log10(size)))));
}

/** Seconds since the start as 12.5s, 3:05, 2:10:00. */
export function formatSpan(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 60) return `${strip(seconds.toFixed(s < 1 ? 3 : 1))}s`;
  const whole = Math.round(s);
  const two = (n: number): string => String(n).padStart(2, "0");
  const [h, m, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return (seconds < 0 ? "-" : "") + (h ? `${h}:${two(m)}:${two(rest)}` : `${m}:${two(rest)}`);
}

/** Seconds since the epoch as the clock on the wall, with the day where the axis is longer than one. */
export function formatClock(seconds: number, span: number): string {
  const d = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(d.getHours())}:${two(d.getMinutes())}`;
  if (span > 86400) return `${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock}`;
  return span < 600 ? `${clock}:${two(d.getSeconds())}` : clock;
}

/** Ticks at round times: seconds, minutes, hours or days apart. */
export function timeTicks(low: number, high: number, most: number): number[] {
  for (const step of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400]) {
    if ((high - low) / step <= most && high - low >= 2) {
      const first = Math.ceil(low / step);
      return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
    }
  }
  return linearTicks(low, high, most);
}
