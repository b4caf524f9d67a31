// Curves as files for download: CSV and JSON with every point that is here, one SVG or PNG of all cards.
import type { Card } from "./card";
import { CanvasPainter, type Painter, SvgPainter } from "./painter";
import { type Theme, THEMES } from "./picture";
import type { Store } from "./store";

export function toCsv(store: Store): string {
  const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const rows = ["run,name,step,value,wall"];
  for (const line of store.lines.values()) {
    const run = store.meta.runs[line.meta.run]?.label ?? "";
    for (const c of line.shown()) {
      for (let i = 0; i < c.length; i++) {
        rows.push([quote(run), quote(line.meta.name), c.step.at(i), c.value.at(i), c.wall.at(i)].join(","));
      }
    }
  }
  return rows.join("\n") + "\n";
}

export function toJson(store: Store): string {
  const runs = store.meta.runs.map((run, index) => {
    const series: Record<string, unknown> = {};
    for (const line of store.lines.values()) {
      if (line.meta.run !== index) continue;
      const column = (name: "step" | "value" | "wall"): number[] =>
        line.shown().flatMap((c) => Array.from(c[name].data.subarray(0, c.length)));
      series[line.meta.name] = { step: column("step"), value: column("value"), wall: column("wall") };
    }
    return { label: run.label, started: run.started, series };
  });
  return JSON.stringify({ version: 1, title: store.meta.title, runs }); // NaN and infinity become null
}

const WIDTH = 420;
const HEIGHT = 250;
const HEAD = 26;

function sheet(cards: Card[]): { width: number; height: number; columns: number } {
  const columns = Math.min(2, cards.length) || 1;
  return { columns, width: columns * WIDTH, height: Math.ceil(cards.length / columns) * (HEIGHT + HEAD) };
}

/** Draws each card through `at`, which shifts a painter to the card's place. */
function paintSheet(cards: Card[], painter: Painter, theme: Theme, at: (x: number, y: number, draw: () => void) => void): void {
  const { width, height, columns } = sheet(cards);
  painter.fill(0, 0, width, height, theme.paper);
  cards.forEach((card, i) => {
    at((i % columns) * WIDTH, Math.floor(i / columns) * (HEIGHT + HEAD) + HEAD, () => {
      painter.text(14, -10, card.title, theme.ink, "left", true);
      card.paint(painter, WIDTH, HEIGHT, theme);
      card.invalidate();
    });
  });
}

export function toSvg(cards: Card[], theme = THEMES.light): string {
  const painter = new SvgPainter("tfv-sheet");
  paintSheet(cards, painter, theme, (x, y, draw) => {
    painter.parts.push(`<g transform="translate(${x} ${y})">`);
    draw();
    painter.parts.push("</g>");
  });
  const { width, height } = sheet(cards);
  return painter.toString(width, height);
}

export function toPng(cards: Card[], theme = THEMES.light): Promise<Blob | null> {
  const { width, height } = sheet(cards);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const ctx = canvas.getContext("2d")!;
  paintSheet(cards, new CanvasPainter(ctx), theme, (x, y, draw) => {
    ctx.setTransform(2, 0, 0, 2, 2 * x, 2 * y);
    draw();
    ctx.setTransform(2, 0, 0, 2, 0, 0);
  });
  return new Promise((done) => canvas.toBlob(done));
}

export function download(name: string, content: Blob | string): void {
  const blob = typeof content === "string" ? new Blob([content], { type: "text/plain" }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
