// The dashboard: the view of curves, and below it cards of histograms, pictures, sounds and texts with one step cursor.
import type { Cleanup, Model, RenderContext } from "../protocol";
import { formatNumber } from "../scalars/axes";
import { CanvasPainter } from "../scalars/painter";
import { type Theme, THEMES } from "../scalars/picture";
import { asView, CURSOR, renderCurves } from "../scalars/view";
import { addStyle } from "../style";
import { drawHistograms, type Mode, MODES } from "./histogram";
import { markdown } from "./markdown";
import css from "./media.css";
import { type MediaMeta, nearestEntry, put, readMedia, type Track } from "./store";

const NAMES = { histogram: "Histograms", image: "Images", audio: "Sounds", text: "Texts" } as const;

export function renderBoard({ model, el }: RenderContext): Cleanup {
  addStyle(el, "media", css);
  const top = document.createElement("div");
  const box = document.createElement("div");
  el.append(top, box);
  const curves = renderCurves({ model, el: top });
  const view = new MediaView(model, box, top);
  return () => {
    view.dispose();
    curves();
    top.remove();
    box.remove();
  };
}

class MediaView {
  private tracks: Track[] = [];
  private cards = new Map<string, MediaCard>();
  private readonly stops: Cleanup[] = [];
  private mode: Mode = "ridges";
  private brightness = 1;
  private shape = "";

  constructor(
    private readonly model: Model,
    private readonly box: HTMLElement,
    private readonly curves: HTMLElement,
  ) {
    const load = (): void => this.load();
    const answer = (m: { type?: string; run: string; tag: string; index: number; step: number; wall: number }, buffers: DataView[]): void => {
      const track = m?.type === "media" && this.tracks.find((t) => t.run === m.run && t.tag === m.tag);
      if (!track || !buffers?.[0]) return;
      const view = asView(buffers[0]);
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
      put(track, { step: m.step, wall: m.wall, index: m.index, bytes });
      this.cards.get(key(track))?.show(track);
    };
    model.on("change:media", load);
    model.on("msg:custom", answer);
    const follow = (e: Event): void => {
      const step = (e as CustomEvent<number | null>).detail;
      for (const card of this.cards.values()) card.follow(step);
    };
    window.addEventListener(CURSOR, follow);
    const sized = new ResizeObserver(() => this.redraw());
    sized.observe(box);
    const themed = new MutationObserver(() => this.redraw());
    themed.observe(curves, { subtree: true, attributes: true, attributeFilter: ["class"] });
    this.stops.push(
      () => model.off("change:media", load),
      () => model.off("msg:custom", answer),
      () => window.removeEventListener(CURSOR, follow),
      () => sized.disconnect(),
      () => themed.disconnect(),
    );
    this.load();
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    for (const card of this.cards.values()) card.dispose();
  }

  private load(): void {
    this.tracks = readMedia(this.model.get("media") as MediaMeta, asView(this.model.get("blob")), this.tracks);
    const shape = this.tracks.map(key).join("\n");
    if (shape !== this.shape) {
      this.shape = shape;
      this.layout();
    }
    for (const track of this.tracks) this.cards.get(key(track))?.show(track);
  }

  private redraw(): void {
    this.box.classList.toggle("tfv-dark", this.dark());
    for (const card of this.cards.values()) card.draw();
  }

  private dark(): boolean {
    return this.curves.querySelector(".tfv-curves")?.classList.contains("tfv-dark") ?? false;
  }

  private layout(): void {
    this.box.className = this.tracks.length ? "tfv-curves tfv-m" : "";
    const parts: HTMLElement[] = [];
    const old = this.cards;
    this.cards = new Map();
    for (const kind of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
      const tracks = this.tracks.filter((t) => t.kind === kind);
      if (!tracks.length) continue;
      const head = document.createElement("div");
      head.className = "tfv-c-bar";
      const name = document.createElement("b");
      name.textContent = NAMES[kind];
      head.append(name, ...this.tools(kind));
      const grid = document.createElement("div");
      grid.className = `tfv-m-grid tfv-m-${kind}`;
      for (const track of tracks) {
        const card = old.get(key(track)) ?? new MediaCard(track, {
          mode: () => this.mode,
          theme: () => (this.dark() ? THEMES.dark : THEMES.light),
          ask: (index) => this.model.send?.({ type: "media?", run: track.run, tag: track.tag, index }),
        });
        old.delete(key(track));
        this.cards.set(key(track), card);
        grid.append(card.el);
      }
      parts.push(head, grid);
    }
    for (const card of old.values()) card.dispose();
    this.box.replaceChildren(...parts);
  }

  private tools(kind: keyof typeof NAMES): HTMLElement[] {
    const label = document.createElement("label");
    if (kind === "histogram") {
      const select = document.createElement("select");
      for (const mode of MODES) select.add(new Option(mode, mode, false, mode === this.mode));
      select.onchange = () => {
        this.mode = select.value as Mode;
        this.redraw();
      };
      label.append("Show as", select);
      return [label];
    }
    if (kind !== "image") return [];
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: "0.2", max: "3", step: "0.05", value: String(this.brightness) });
    range.oninput = () => {
      this.brightness = Number(range.value);
      this.box.style.setProperty("--tfv-bright", range.value);
    };
    label.append("Brightness", range);
    return [label];
  }
}

function key(track: Track): string {
  return `${track.kind} ${track.run} ${track.tag}`;
}

interface MediaHost {
  mode(): Mode;
  theme(): Theme;
  ask(index: number): void;
}

class MediaCard {
  readonly el = document.createElement("section");
  private readonly at = document.createElement("span");
  private readonly body = document.createElement("div");
  private readonly slider = document.createElement("input");
  private readonly more = document.createElement("button");
  private chosen = -1; // -1: the newest
  private cursor: number | null = null;
  private shown = "";
  private url = "";

  constructor(
    private track: Track,
    private readonly host: MediaHost,
  ) {
    this.el.className = "tfv-c-card";
    const head = document.createElement("div");
    head.className = "tfv-c-head";
    const name = document.createElement("b");
    name.textContent = track.tag;
    name.title = `${track.tag} (${track.run})`;
    const run = document.createElement("span");
    run.className = "tfv-m-run";
    run.textContent = track.run === "." ? "" : track.run;
    this.at.className = "tfv-c-values";
    head.append(name, run, this.at);
    this.body.className = "tfv-m-body";
    this.slider.type = "range";
    this.slider.min = "0";
    this.slider.setAttribute("aria-label", `step of ${track.tag}`);
    this.slider.oninput = () => {
      const at = Number(this.slider.value);
      this.chosen = at === this.track.entries.length - 1 ? -1 : at;
      this.draw();
    };
    this.more.onclick = () => {
      const here = new Set(this.track.entries.map((e) => e.index));
      for (let i = 0; i < this.track.n; i++) if (!here.has(i)) this.host.ask(i);
    };
    const foot = document.createElement("div");
    foot.className = "tfv-m-foot";
    foot.append(this.slider, this.more);
    this.el.append(head, this.body, foot);
  }

  dispose(): void {
    if (this.url) URL.revokeObjectURL(this.url);
  }

  show(track: Track): void {
    this.track = track;
    const n = track.entries.length;
    this.slider.max = String(Math.max(0, n - 1));
    this.slider.hidden = n < 2;
    this.more.hidden = n >= track.n;
    this.more.textContent = `${n} of ${track.n}`;
    this.more.title = "Ask the kernel for all";
    this.draw();
  }

  follow(step: number | null): void {
    this.cursor = step;
    this.draw();
  }

  draw(): void {
    const { entries } = this.track;
    if (!entries.length) {
      this.body.textContent = "too large to keep";
      return;
    }
    const last = entries.length - 1;
    const own = this.chosen < 0 ? last : Math.min(this.chosen, last);
    const at = this.cursor === null ? own : nearestEntry(entries, this.cursor);
    const entry = entries[at]!;
    this.slider.value = String(at);
    this.at.textContent = `step ${formatNumber(entry.step)}`;
    if (this.track.kind === "histogram") return this.histograms(at);
    const name = `${entry.index}/${entry.bytes.length}`;
    if (name === this.shown) return;
    this.shown = name;
    if (this.track.kind === "text") {
      this.body.replaceChildren(markdown(new TextDecoder().decode(entry.bytes)));
      return;
    }
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(new Blob([entry.bytes as BlobPart], { type: typeOf(entry.bytes) }));
    if (this.track.kind === "audio") {
      const audio = document.createElement("audio");
      audio.controls = true;
      audio.src = this.url;
      this.body.replaceChildren(audio);
      return;
    }
    let image = this.body.querySelector("img");
    if (!image) {
      image = document.createElement("img");
      image.alt = this.track.tag;
      image.title = "Click for the actual size";
      const found = image;
      image.onclick = () => found.classList.toggle("tfv-m-actual");
      this.body.replaceChildren(image);
    }
    image.src = this.url;
  }

  private histograms(at: number): void {
    let canvas = this.body.querySelector("canvas");
    if (!canvas) {
      canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `histograms of ${this.track.tag}`);
      this.body.replaceChildren(canvas);
    }
    const { clientWidth: width, clientHeight: height } = canvas;
    const ctx = canvas.getContext("2d");
    if (!ctx || width < 40 || height < 40) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const theme = this.host.theme();
    const colour = theme.colours[this.track.colour % theme.colours.length]!;
    drawHistograms(new CanvasPainter(ctx), this.track.entries, at, this.host.mode(), colour, theme, width, height);
  }
}

function typeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0x89) return "image/png";
  if (bytes[0] === 0xff) return "image/jpeg";
  if (bytes[0] === 0x47) return "image/gif";
  return bytes[0] === 0x52 ? "audio/wav" : "application/octet-stream";
}
