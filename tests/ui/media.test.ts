// The models of the dashboard's histograms, pictures and texts.
import { describe, expect, it } from "vitest";
import { drawHistograms, MODES, thinned } from "../../tfviz/ui/media/histogram";
import { markdown } from "../../tfviz/ui/media/markdown";
import { below, type Entry, nearestEntry, percentile, put, readHistogram, readMedia, rebin } from "../../tfviz/ui/media/store";
import { SvgPainter } from "../../tfviz/ui/scalars/painter";
import { THEMES } from "../../tfviz/ui/scalars/picture";

const bytes = (...numbers: number[]): Uint8Array => new Uint8Array(Float64Array.from(numbers).buffer);
const entry = (index: number, step: number, data = bytes(0, 1, 1)): Entry => ({ step, wall: 0, index, bytes: data });

describe("histograms", () => {
  const h = readHistogram(bytes(0, 2, 3, 7, 4, 1, 5));
  it("are edges and counts", () => {
    expect([Array.from(h.edges), Array.from(h.counts)]).toEqual([[0, 2, 3, 7], [4, 1, 5]]);
  });
  it("spread a bin evenly and keep the sum", () => {
    expect([-1, 1, 2.5, 9].map((x) => below(h, x))).toEqual([0, 2, 4.5, 10]);
    expect(Array.from(rebin(h, 0, 7, 7)).map((v) => Number(v.toFixed(9)))).toEqual([2, 2, 1, 1.25, 1.25, 1.25, 1.25]);
    expect(rebin(h, -3, 4, 5).reduce((a, b) => a + b)).toBe(10);
  });
  it("have percentiles", () => {
    expect([0, 0.2, 0.5, 1].map((p) => percentile(h, p))).toEqual([0, 1, 3, 7]);
  });
  it("of one value alone are drawn too, in every mode", () => {
    for (const mode of MODES) {
      for (const list of [[entry(0, 5, bytes(2, 2, 9))], [entry(0, 0), entry(1, 10, bytes(-1, 0, 3, 4, 4))]]) {
        const painter = new SvgPainter("x");
        drawHistograms(painter, list, list.length - 1, mode, "#123456", THEMES.light, 300, 190);
        expect(painter.toString(300, 190)).not.toMatch(/NaN|Infinity/);
        expect(painter.parts.length).toBeGreaterThan(1);
      }
    }
  });
  it("are thinned with the first and the last among them", () => {
    const list = thinned(Array.from({ length: 500 }, (_, i) => entry(i, i)));
    expect([list.length, list[0]!.step, list.at(-1)!.step]).toEqual([60, 0, 499]);
  });
});

describe("tracks", () => {
  it("read the blob and keep what was asked for before", () => {
    const blob = new DataView(Uint8Array.of(9, 1, 2, 3, 4).buffer, 1);
    const meta = (entries: [number, number, number, number, number][]) =>
      ({ version: 1, tracks: [{ kind: "text" as const, tag: "t", run: "r", colour: 0, n: 9, entries }] });
    const first = readMedia(meta([[0, 0, 0, 0, 2], [80, 0, 8, 2, 2]]), blob);
    expect(first[0]!.entries.map((e) => Array.from(e.bytes))).toEqual([[1, 2], [3, 4]]);
    put(first[0]!, entry(4, 40));
    const second = readMedia(meta([[0, 0, 0, 0, 2], [80, 0, 8, 2, 2]]), blob, first);
    expect(second[0]!.entries.map((e) => e.index)).toEqual([0, 4, 8]);
    expect(readMedia({} as never, blob)).toEqual([]);
    expect(() => readMedia({ version: 2, tracks: [] }, blob)).toThrow(/newer/);
  });
  it("find the nearest step", () => {
    const list = [entry(0, 0), entry(1, 10), entry(2, 50)];
    expect([-5, 4, 5, 29, 31, 99].map((s) => nearestEntry(list, s))).toEqual([0, 0, 1, 1, 2, 2]);
  });
});

describe("markdown", () => {
  it("knows the common forms", () => {
    const el = markdown("# Head\n\nsome **bold** *it* `x<y`\nmore\n\n- a\n- b\n\n| p | q |\n|---|---|\n| 1 | 2 |\n\n```\n<raw>\n```");
    expect(el.innerHTML).toBe(
      "<h3>Head</h3><p>some <strong>bold</strong> <em>it</em> <code>x&lt;y</code> more</p><ul><li>a</li><li>b</li></ul>" +
        "<table><tr><th>p</th><th>q</th></tr><tr><td>1</td><td>2</td></tr></table><pre>&lt;raw&gt;</pre>",
    );
  });
  it("lets no markup through", () => {
    const el = markdown("<img src=x onerror=alert(1)> [x](javascript:alert(1)) [ok](https://a.b/c) <script>1</script>");
    expect([el.querySelectorAll("img,script").length, el.querySelectorAll("a").length]).toEqual([0, 1]);
  });
  it("ends on any text", () => {
    for (const text of ["", "|", "|\n", "```", "#", "- ", "a|b\n---", "\n\n\n", "1. x\n#\n|"]) markdown(text);
  });
});
