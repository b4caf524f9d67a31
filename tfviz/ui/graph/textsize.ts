// How wide a text will be, without a font, so that layouts are the same everywhere (and in the worker). Twin of textsize.py.

const GROUPS: [number, string][] = [
  [0.2, "ijl|'"], [0.285, " !,./:;I[]\\ft"], [0.34, '()-`{}r"'], [0.5, "cksvxyzJ*^"], [0.556, "0123456789abdeghnopqu?_#$L"],
  [0.59, "+<=>~FTZ"], [0.667, "ABEKPSVXY&"], [0.722, "CDHNRUwG"], [0.83, "OQMm"], [0.96, "W@%"],
];
const WIDTH = new Float64Array(128).fill(0.6);
for (const [width, chars] of GROUPS) for (const char of chars) WIDTH[char.charCodeAt(0)] = width;

export function textWidth(text: string, size: number, bold = false): number {
  let total = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    total += code < 128 ? WIDTH[code] : code > 0x2e00 ? 1 : 0.6;
  }
  return total * size * 1.09 * (bold ? 1.06 : 1);
}

/** Cuts the middle out of a long name, since both ends tell names apart; control characters become blanks. */
export function shorten(text: string, limit: number): string {
  const clean = (text.length > 4 * limit ? text.slice(0, 2 * limit) + text.slice(-2 * limit) : text)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ");
  const chars = [...clean];
  if (chars.length <= limit) return clean;
  const tail = (limit - 1) >> 1;
  return chars.slice(0, limit - 1 - tail).join("") + "…" + chars.slice(-tail).join("");
}
