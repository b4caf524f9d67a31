// Buttons and sliders that act on the loop in the kernel; they say so where a busy kernel can't be reached.
import type { Cleanup, Model } from "../protocol";
import { formatNumber } from "./axes";
import type { SliderMeta } from "./store";

const PATIENCE = 1500; // milliseconds until a question to a busy kernel counts as unheard

/** Where a slider's handle stands, 0 to 1, for a value; and back. */
export function toPart({ low, high, log }: SliderMeta, value: number): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

export function fromPart({ low, high, log }: SliderMeta, part: number): number {
  return log ? low * (high / low) ** part : low + (high - low) * part;
}

export class Controls {
  readonly buttons = document.createElement("span");
  readonly sliders = document.createElement("div");
  private readonly pause = document.createElement("button");
  private readonly note = document.createElement("span");
  private paused = false;
  private waiting = 0;
  private names = "";
  readonly stop: Cleanup;

  constructor(private readonly model: Model) {
    this.buttons.className = "tfv-c-end";
    this.sliders.className = "tfv-c-bar";
    this.note.setAttribute("role", "status");
    this.pause.onclick = () => this.send(this.paused ? "run" : "pause");
    const button = (text: string, title: string, action: string): HTMLButtonElement => {
      const el = document.createElement("button");
      el.textContent = text;
      el.title = title;
      el.setAttribute("aria-label", title);
      el.onclick = () => this.send(action);
      return el;
    };
    this.buttons.append(this.note, this.pause, button("▶❚", "One more run, then pause", "step"), button("■", "Stop the loop; the session stays", "stop"));
    const heard = (m: { type?: string; state?: string }): void => {
      if (m?.type !== "control") return;
      clearTimeout(this.waiting);
      this.note.textContent = m.state === "busy" ? "this front end can't reach a busy kernel" : "";
      this.show(m.state === "paused");
    };
    model.on("msg:custom", heard);
    this.stop = () => {
      clearTimeout(this.waiting);
      model.off("msg:custom", heard);
    };
    this.show(false);
  }

  update(control: boolean, sliders: SliderMeta[]): void {
    this.buttons.hidden = !control || !this.model.send;
    const names = JSON.stringify(sliders.map((s) => [s.name, s.low, s.high, s.log, s.value === null]));
    if (names === this.names) return;
    this.names = names;
    this.sliders.replaceChildren(...sliders.map((s) => this.slider(s)));
  }

  private show(paused: boolean): void {
    this.paused = paused;
    this.pause.textContent = paused ? "▶" : "❚❚";
    this.pause.title = paused ? "Go on" : "Pause after this run";
    this.pause.setAttribute("aria-label", this.pause.title);
  }

  private send(action: string, more: object = {}): void {
    try {
      this.model.send?.({ type: "control", action, ...more });
    } catch {
      this.note.textContent = "no kernel";
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => (this.note.textContent = "the kernel is busy"), PATIENCE);
  }

  private slider(s: SliderMeta): HTMLElement {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const value = document.createElement("output");
    Object.assign(input, { type: "range", min: "0", max: "1", step: "0.001", value: String(toPart(s, s.value ?? s.low)) });
    value.textContent = s.value === null ? "–" : formatNumber(s.value);
    input.setAttribute("aria-label", s.name);
    input.oninput = () => {
      const now = fromPart(s, Number(input.value));
      value.textContent = formatNumber(Number(now.toPrecision(3)));
      this.send("set", { name: s.name, value: now });
    };
    label.append(s.name, input, value);
    return label;
  }
}
