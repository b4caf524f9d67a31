// Paints a picture on a 2-D canvas: only what is in sight, only as much detail as the zoom can show. No DOM but the context.
import type { Box, Edge, Picture } from "./compose";
import type { Point } from "./layered";
import type { Theme } from "./theme";
import { shorten } from "./textsize";

export interface Camera { x: number; y: number; k: number } // screen = (page - (x, y)) * k

export interface Look {
  theme: Theme;
  selected: ReadonlySet<number>;
  hits: ReadonlySet<number>;
  hover: number; // item under the pointer, -1 for none
  focus: number; // item with the keyboard's focus, -1 for none
  lit: ((item: number) => boolean) | null; // what a trace keeps bright; null = everything
  color: (box: Box) => string | null;
  control: boolean; // draw control edges
}

type Kind = "d" | "r" | "k"; // data, state, control
interface Drawn { lines: [Kind, Path2D][]; heads: [Point, number, number, number, Kind][] }
const STRANDS = [[], [0], [-2.5, 2.5], [-4, 0, 4]]; // by how many kinds a bundle holds: where each kind's line runs
const FONT = 'Inter, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif';
const PATHS = new WeakMap<Edge, Drawn>();

export function edgeWidth(bytes: number): number {
  let width = 1;
  for (let limit = 128; width < 5 && bytes > limit; limit *= 32) width++;
  return width;
}

export function smoothPath(path: Path2D, points: Point[], across: boolean): void {
  path.moveTo(points[0][0], points[0][1]);
  for (let k = 1; k < points.length; k++) {
    const [x0, y0] = points[k - 1], [x1, y1] = points[k];
    if (across ? Math.abs(x1 - x0) < 0.6 : Math.abs(y1 - y0) < 0.6) path.lineTo(x1, y1);
    else if (across) path.bezierCurveTo(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, x1, y1);
    else path.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
  }
}

function angularPath(path: Path2D, points: Point[]): void {
  path.moveTo(points[0][0], points[0][1]);
  for (let k = 1; k + 1 < points.length; k++) {
    const before = Math.hypot(points[k][0] - points[k - 1][0], points[k][1] - points[k - 1][1]);
    const after = Math.hypot(points[k][0] - points[k + 1][0], points[k][1] - points[k + 1][1]);
    path.arcTo(points[k][0], points[k][1], points[k + 1][0], points[k + 1][1], Math.min(6, before / 2, after / 2));
  }
  path.lineTo(points[points.length - 1][0], points[points.length - 1][1]);
}

/** Moves a route aside, so that the kinds of a mixed bundle run side by side; its ends stay on their rims. */
function shifted(points: Point[], by: number, across: boolean, angular: boolean): Point[] {
  const moved = points.map(([x, y]): Point => [x + by, y + by]);
  const last = points.length - 1;
  for (const [end, near] of [[0, 1], [last, last - 1]]) {
    const [x, y] = points[end], [nx, ny] = points[near];
    const upright = angular ? Math.abs(ny - y) > Math.abs(nx - x) : across;
    moved[end] = upright ? [x + by, y] : [x, y + by];
  }
  return moved;
}

function prepare(edge: Edge, across: boolean): Drawn {
  const known = PATHS.get(edge);
  if (known) return known;
  const { link } = edge;
  const drawn: Drawn = { lines: [], heads: [] };
  const trace = (points: Point[]): Path2D => {
    const path = new Path2D();
    if (edge.angular) angularPath(path, points);
    else smoothPath(path, points, across);
    return path;
  };
  const head = (tip: Point, before: Point, size: number, kind: Kind): void => {
    const dx = tip[0] - before[0], dy = tip[1] - before[1];
    const upright = edge.angular ? Math.abs(dy) > Math.abs(dx) : across;
    drawn.heads.push([tip, upright ? 0 : Math.sign(dx) || 1, upright ? Math.sign(dy) || 1 : 0, size, kind]);
  };
  const kinds = ([["d", link.data], ["r", link.ref], ["k", link.control]] as [Kind, number][]).filter(([, count]) => count);
  kinds.forEach(([kind], at) => {
    const by = STRANDS[kinds.length][at];
    const points = by ? shifted(edge.points, by, across, edge.angular) : edge.points;
    const n = points.length;
    drawn.lines.push([kind, trace(points)]);
    const size = kind === "k" ? 2.6 : 2.6 + (kind === "d" ? edgeWidth(link.bytes) : 2) * 0.5;
    if (kind === "r") { // written by the target: the head stands at the variable
      if (link.src >= 0 && !link.srcPort) head(points[0], points[1], size, kind);
    } else if (link.dst >= 0 && !link.dstPort) head(points[n - 1], points[n - 2], size, kind);
  });
  PATHS.set(edge, drawn);
  return drawn;
}

/** Finds the edge whose line runs under a page point. */
export function edgeAt(ctx: CanvasRenderingContext2D, picture: Picture, x: number, y: number, reach: number): Edge | null {
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.lineWidth = reach * 2;
  const found = picture.edges.find((edge) => {
    return prepare(edge, picture.direction !== "right").lines.some(([, line]) => ctx.isPointInStroke(line, x, y));
  });
  ctx.restore();
  return found ?? null;
}

/** Paints everything in sight; `width` and `height` are the canvas in CSS pixels, `ratio` its device pixels per CSS pixel. */
export function paint(
  ctx: CanvasRenderingContext2D, picture: Picture, camera: Camera, look: Look, width: number, height: number, ratio: number,
  edgeAlpha = 1,
): void {
  const { theme } = look;
  const { k } = camera;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = theme.bg;
  ctx.fillRect(0, 0, width, height);
  ctx.setTransform(ratio * k, 0, 0, ratio * k, -camera.x * k * ratio, -camera.y * k * ratio);
  const left = camera.x, top = camera.y, right = left + width / k, bottom = top + height / k;
  const seen = (b: Box): boolean => b.x < right + 90 && b.x + b.w > left - 160 && b.y < bottom + 20 && b.y + b.h > top - 20;
  ctx.textBaseline = "alphabetic";
  const shown = picture.boxes.filter(seen);
  for (const box of shown) if (box.open) openBox(ctx, box, look, k);
  ctx.globalAlpha = edgeAlpha;
  edges(ctx, picture, look, left, top, right, bottom, edgeAlpha);
  ctx.globalAlpha = 1;
  if (k > 0.32) {
    ctx.fillStyle = theme.muted;
    text(ctx, 9.5, false);
    for (const [x, y, words] of picture.asides) ctx.fillText(words, x, y);
  }
  for (const box of shown) if (!box.open) closedBox(ctx, box, look, k, picture.direction !== "right");
  if (k > 0.42) labels(ctx, picture, look, left, top, right, bottom);
}

function text(ctx: CanvasRenderingContext2D, size: number, bold: boolean, italic = false): void {
  ctx.font = `${italic ? "italic " : ""}${bold ? 600 : 400} ${size}px ${FONT}`;
}

function roundRect(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, Math.min(r, h / 2, w / 2));
}

function marks(ctx: CanvasRenderingContext2D, box: Box, look: Look, radius: number): void {
  const { theme } = look;
  if (look.hits.has(box.item)) {
    ctx.strokeStyle = theme.hit;
    ctx.lineWidth = 4;
    ctx.stroke();
  }
  if (look.selected.has(box.item) || look.hover === box.item) {
    ctx.strokeStyle = theme.pick;
    ctx.lineWidth = look.selected.has(box.item) ? 2.6 : 1.6;
    ctx.stroke();
  }
  if (look.focus === box.item) {
    roundRect(ctx, box.x - 4, box.y - 4, box.w + 8, box.h + 8, radius + 4);
    ctx.strokeStyle = theme.pick;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([2, 2]);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

function openBox(ctx: CanvasRenderingContext2D, box: Box, look: Look, k: number): void {
  const { theme } = look;
  const gradients = box.style === "gradients";
  roundRect(ctx, box.x, box.y, box.w, box.h, 9);
  ctx.fillStyle = gradients ? theme.gradOpen : theme.open[box.depth % 2];
  ctx.fill();
  ctx.strokeStyle = gradients ? theme.gradRim : theme.rim;
  ctx.lineWidth = 1;
  ctx.stroke();
  marks(ctx, box, look, 9);
  if (k < 0.22) return;
  ctx.fillStyle = theme.ink;
  ctx.textAlign = "left";
  text(ctx, 12, true);
  ctx.fillText(box.label, box.x + 12, box.y + 17);
  if (k < 0.42) return;
  ctx.fillStyle = theme.muted;
  ctx.textAlign = "right";
  text(ctx, 9.5, false);
  ctx.fillText(box.sub, box.x + box.w - 24, box.y + 17);
  ctx.textAlign = "left";
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(box.x + box.w - 18, box.y + 13.5);
  ctx.lineTo(box.x + box.w - 11, box.y + 13.5);
  ctx.stroke();
}

function closedBox(ctx: CanvasRenderingContext2D, box: Box, look: Look, k: number, across: boolean): void {
  const { theme } = look;
  const folded = box.kind === "scope" || box.kind === "series" || box.kind === "part";
  const [fill, rim] = box.style === "gradients" ? [theme.grad, theme.gradRim]
    : box.style === "scope" ? [theme.fold, theme.foldRim] : theme.families[box.style] ?? theme.families["math"];
  const dim = look.lit !== null && !look.lit(box.item);
  if (dim) ctx.globalAlpha = 0.18;
  const radius = folded ? 9 : box.kind === "variable" ? 3 : box.h / 2;
  ctx.lineWidth = 1;
  ctx.strokeStyle = rim;
  ctx.fillStyle = look.color(box) ?? fill;
  if (box.kind === "series" && k > 0.2) {
    for (const by of [6, 3]) {
      roundRect(ctx, box.x + by, box.y - by, box.w, box.h, radius);
      ctx.fill();
      ctx.stroke();
    }
  }
  if (k < 0.12) {
    ctx.fillRect(box.x, box.y, box.w, box.h);
    if (look.hits.has(box.item) || look.selected.has(box.item)) {
      ctx.fillStyle = theme.hit;
      ctx.fillRect(box.x, box.y, box.w, box.h);
    }
    ctx.globalAlpha = 1;
    return;
  }
  roundRect(ctx, box.x, box.y, box.w, box.h, radius);
  ctx.fill();
  ctx.stroke();
  marks(ctx, box, look, radius);
  if (box.kind === "variable") {
    ctx.strokeStyle = rim;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(box.x + 4, box.y);
    ctx.lineTo(box.x + 4, box.y + box.h);
    ctx.stroke();
  }
  if (k > 0.26) {
    const cx = box.x + box.w / 2, cy = box.y + box.h / 2;
    const painted = look.color(box) !== null;
    ctx.textAlign = "center";
    ctx.fillStyle = painted ? inkOn(ctx) : theme.ink;
    text(ctx, folded ? 12 : 11, folded);
    ctx.fillText(box.label, cx, box.sub ? cy - 2 : cy + 4);
    if (box.sub && k > 0.42) {
      if (!painted) ctx.fillStyle = theme.muted;
      text(ctx, 9.5, false);
      ctx.fillText(box.sub, cx, cy + 11);
    }
    if (folded && k > 0.42) {
      ctx.strokeStyle = theme.muted;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(box.x + box.w - 13, box.y + 9);
      ctx.lineTo(box.x + box.w - 7, box.y + 9);
      ctx.moveTo(box.x + box.w - 10, box.y + 6);
      ctx.lineTo(box.x + box.w - 10, box.y + 12);
      ctx.stroke();
    }
    if (k > 0.42) (across ? tags : tagsBelow)(ctx, box, look);
    ctx.textAlign = "left";
  }
  ctx.globalAlpha = 1;
}

/** Black or white text for the fill just used: canvas has normalised it to #rrggbb. */
function inkOn(ctx: CanvasRenderingContext2D): string {
  const fill = String(ctx.fillStyle);
  if (!fill.startsWith("#")) return "#1d2733";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(fill.slice(i, i + 2), 16));
  return 0.3 * r + 0.6 * g + 0.1 * b < 120 ? "#ffffff" : "#1d2733";
}

function tags(ctx: CanvasRenderingContext2D, box: Box, look: Look): void {
  const { theme } = look;
  const rows = box.tagsIn.length + (box.more ? 1 : 0);
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  for (let n = 0; n < rows; n++) {
    const tag = box.tagsIn[n];
    const y = box.y + box.h / 2 + (n - (rows - 1) / 2) * 13;
    ctx.fillStyle = theme.muted;
    text(ctx, 9, false, tag?.kind === "portal");
    ctx.fillText(tag ? shorten(tag.text, 22) : `+${box.more} more`, box.x - 15, y + 3);
    ctx.beginPath();
    ctx.arc(box.x - 10, y, 2, 0, 7);
    ctx.fill();
    ctx.beginPath();
    ctx.moveTo(box.x - 9, y);
    ctx.lineTo(box.x, Math.min(Math.max(y, box.y + 4), box.y + box.h - 4));
    ctx.stroke();
  }
  ctx.textAlign = "left";
  box.tagsOut.forEach((tag, n) => {
    const y = box.y + box.h / 2 + (n - (box.tagsOut.length - 1) / 2) * 13, x = box.x + box.w;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + 6, y);
    ctx.stroke();
    ctx.fillStyle = theme.muted;
    for (const [dx, h] of [[7, 3], [10, 7], [13, 5]]) ctx.fillRect(x + dx, y + 4 - h, 2, h);
    text(ctx, 9, false);
    ctx.fillText(shorten(tag.text, 22), x + 18, y + 3);
  });
}

/** Where the flow runs to the right, a box's sides belong to its edges: its annotations stand below it. */
function tagsBelow(ctx: CanvasRenderingContext2D, box: Box, look: Look): void {
  const rows = [...box.tagsIn.map((t) => t.text), ...(box.more ? [`+${box.more} more`] : []), ...box.tagsOut.map((t) => t.text)];
  ctx.fillStyle = look.theme.muted;
  ctx.textAlign = "center";
  text(ctx, 9, false);
  rows.forEach((words, n) => ctx.fillText(shorten(words, 22), box.x + box.w / 2, box.y + box.h + 10 + n * 13));
}

function edges(
  ctx: CanvasRenderingContext2D, picture: Picture, look: Look, left: number, top: number, right: number, bottom: number, alpha: number,
): void {
  const { theme } = look;
  const across = picture.direction !== "right";
  const colours = { d: theme.data, k: theme.control, r: theme.ref };
  const near = new Set([...look.selected, look.hover]);
  for (const edge of picture.edges) {
    if (!inSight(edge, left, top, right, bottom)) continue;
    const { link } = edge;
    if (!look.control && !link.data && !link.ref) continue;
    const drawn = prepare(edge, across);
    const active = (link.src >= 0 && near.has(link.src)) || (link.dst >= 0 && near.has(link.dst));
    const dim = look.lit !== null && !((link.src < 0 || look.lit(link.src)) && (link.dst < 0 || look.lit(link.dst)));
    ctx.globalAlpha = alpha * (dim ? 0.12 : 1);
    for (const [kind, line] of drawn.lines) {
      if (kind === "k" && !look.control) continue;
      ctx.strokeStyle = active ? theme.pick : colours[kind];
      ctx.lineWidth = kind === "k" ? 1.2 : 0.55 + (kind === "d" ? edgeWidth(link.bytes) : 2) * 0.65;
      if (kind === "k") ctx.setLineDash([4, 3]);
      ctx.stroke(line);
      if (kind === "k") ctx.setLineDash([]);
    }
    for (const [tip, dx, dy, size, kind] of drawn.heads) {
      if (kind === "k" && !look.control) continue;
      const long = size * 2.1;
      ctx.fillStyle = active ? theme.pick : colours[kind];
      ctx.beginPath();
      ctx.moveTo(tip[0], tip[1]);
      ctx.lineTo(tip[0] - dx * long - dy * size, tip[1] - dy * long + dx * size);
      ctx.lineTo(tip[0] - dx * long + dy * size, tip[1] - dy * long - dx * size);
      ctx.fill();
    }
  }
}

const BOUNDS = new WeakMap<Edge, [number, number, number, number]>();

function inSight(edge: Edge, left: number, top: number, right: number, bottom: number): boolean {
  let bounds = BOUNDS.get(edge);
  if (!bounds) {
    bounds = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of edge.points) {
      bounds = [Math.min(bounds[0], x), Math.min(bounds[1], y), Math.max(bounds[2], x), Math.max(bounds[3], y)];
    }
    BOUNDS.set(edge, bounds);
  }
  return bounds[0] < right + 9 && bounds[2] > left - 9 && bounds[1] < bottom + 9 && bounds[3] > top - 9;
}

function labels(
  ctx: CanvasRenderingContext2D, picture: Picture, look: Look, left: number, top: number, right: number, bottom: number,
): void {
  text(ctx, 9, false);
  ctx.textAlign = "left";
  ctx.lineJoin = "round";
  for (const { label, labelAt, link } of picture.edges) {
    if (!labelAt) continue;
    const [x, y] = labelAt;
    if (x > right || x < left - 120 || y < top - 12 || y > bottom + 12) continue;
    if (look.lit && !(look.lit(link.src) && look.lit(link.dst))) continue;
    const words = link.control ? `${label} + ${link.control} control` : label;
    ctx.strokeStyle = look.theme.bg;
    ctx.lineWidth = 3;
    ctx.strokeText(words, x, y);
    ctx.fillStyle = look.theme.muted;
    ctx.fillText(words, x, y);
  }
}
