// Two painters for one picture: a canvas for the screen and an SVG text for export; each takes the same few calls.

export interface Stroke {
  colour: string;
  width?: number;
  alpha?: number;
  dash?: number[];
}

export interface Painter {
  /** Draws a line; NaN lifts the pen. */
  line(points: ArrayLike<number>, count: number, stroke: Stroke): void;
  /** Fills the polygon of the points. */
  area(points: ArrayLike<number>, count: number, colour: string, alpha: number): void;
  text(x: number, y: number, text: string, colour: string, align: "left" | "center" | "right", bold?: boolean): void;
  dot(x: number, y: number, radius: number, colour: string): void;
  fill(x: number, y: number, width: number, height: number, colour: string): void;
  /** All that `draw` paints is cut off outside the box. */
  clip(x: number, y: number, width: number, height: number, draw: () => void): void;
}

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,sans-serif';

export class CanvasPainter implements Painter {
  constructor(private readonly ctx: CanvasRenderingContext2D) {}

  line(points: ArrayLike<number>, count: number, { colour, width = 1, alpha = 1, dash = [] }: Stroke): void {
    const { ctx } = this;
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.lineJoin = count > 1000 ? "bevel" : "round"; // round joins of a dense line cost most and can't be seen
    ctx.lineCap = "round";
    ctx.setLineDash(dash);
    ctx.beginPath();
    let up = true;
    for (let i = 0; i < 2 * count; i += 2) {
      const x = points[i]!;
      const y = points[i + 1]!;
      if (!(Number.isFinite(x) && Number.isFinite(y))) up = true;
      else if (up) {
        ctx.moveTo(x, y);
        if (!Number.isFinite(points[i + 2]!) || !Number.isFinite(points[i + 3]!)) ctx.lineTo(x + 0.01, y);
        up = false;
      } else ctx.lineTo(x, y);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  area(points: ArrayLike<number>, count: number, colour: string, alpha: number): void {
    const { ctx } = this;
    ctx.globalAlpha = alpha;
    ctx.fillStyle = colour;
    ctx.beginPath();
    for (let i = 0; i < 2 * count; i += 2) ctx.lineTo(points[i]!, points[i + 1]!);
    ctx.closePath();
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  text(x: number, y: number, text: string, colour: string, align: CanvasTextAlign, bold = false): void {
    this.ctx.fillStyle = colour;
    this.ctx.font = `${bold ? "600 " : ""}11px ${FONT}`;
    this.ctx.textAlign = align;
    this.ctx.textBaseline = "middle";
    this.ctx.fillText(text, x, y);
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.ctx.fillStyle = colour;
    this.ctx.beginPath();
    this.ctx.arc(x, y, radius, 0, 7);
    this.ctx.fill();
  }

  fill(x: number, y: number, width: number, height: number, colour: string): void {
    this.ctx.fillStyle = colour;
    this.ctx.fillRect(x, y, width, height);
  }

  clip(x: number, y: number, width: number, height: number, draw: () => void): void {
    this.ctx.save();
    this.ctx.beginPath();
    this.ctx.rect(x, y, width, height);
    this.ctx.clip();
    draw();
    this.ctx.restore();
  }
}

const round = (v: number): string => String(Math.round(v * 10) / 10);

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Collects the picture as SVG elements in `parts`. */
export class SvgPainter implements Painter {
  readonly parts: string[] = [];
  private clips = 0;

  constructor(private readonly ident: string) {}

  line(points: ArrayLike<number>, count: number, { colour, width = 1, alpha = 1, dash = [] }: Stroke): void {
    let d = "";
    let up = true;
    for (let i = 0; i < 2 * count; i += 2) {
      const x = points[i]!;
      const y = points[i + 1]!;
      if (!(Number.isFinite(x) && Number.isFinite(y))) up = true;
      else {
        d += `${up ? "M" : "L"}${round(x)} ${round(y)}`;
        if (up && !Number.isFinite(points[i + 2]! + points[i + 3]!)) d += "h0";
        up = false;
      }
    }
    if (!d) return;
    const more = (alpha < 1 ? ` stroke-opacity="${alpha}"` : "") + (dash.length ? ` stroke-dasharray="${dash}"` : "");
    const cap = 'stroke-linejoin="round" stroke-linecap="round"';
    this.parts.push(`<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" ${cap}${more}/>`);
  }

  area(points: ArrayLike<number>, count: number, colour: string, alpha: number): void {
    let list = "";
    for (let i = 0; i < 2 * count; i += 2) list += `${round(points[i]!)},${round(points[i + 1]!)} `;
    this.parts.push(`<polygon points="${list.trim()}" fill="${colour}" fill-opacity="${alpha}"/>`);
  }

  text(x: number, y: number, text: string, colour: string, align: "left" | "center" | "right", bold = false): void {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    const weight = bold ? ' font-weight="600"' : "";
    this.parts.push(
      `<text x="${round(x)}" y="${round(y)}" dy=".35em" fill="${colour}" text-anchor="${anchor}"${weight}>${escapeXml(text)}</text>`,
    );
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${colour}"/>`);
  }

  fill(x: number, y: number, width: number, height: number, colour: string): void {
    const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
    this.parts.push(`<rect ${box} fill="${colour}"/>`);
  }

  clip(x: number, y: number, width: number, height: number, draw: () => void): void {
    const id = `${this.ident}-${this.clips++}`;
    const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
    this.parts.push(`<clipPath id="${id}"><rect ${box}/></clipPath><g clip-path="url(#${id})">`);
    draw();
    this.parts.push("</g>");
  }

  toString(width: number, height: number): string {
    const head = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg ${head} font-family='${FONT}' font-size="11">${this.parts.join("")}</svg>`;
  }
}
