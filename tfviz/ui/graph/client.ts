// Asks for layouts: small graphs at once, large ones in a worker with a deadline, and on the main thread where workers are
// forbidden. The worker is this same bundle started again (see index.ts), so nothing is shipped twice.
import { compose, type Direction, type Picture } from "./compose";
import type { Graph } from "./model";

const SMALL = 4000; // edges that the main thread lays out within a frame or three
const DEADLINE = 8000;

export interface Request { id: number; graph?: ArrayBuffer; opened: number[]; direction: Direction }
export interface Reply { id: number; picture?: Picture; error?: string }

export class LayoutClient {
  private worker: Worker | null = null;
  private next = 1;
  private readonly waiting = new Map<number, { done: (p: Picture) => void; fail: (e: Error) => void; timer: number }>();
  private sent = false;
  private works = true; // until a worker dies before its first answer: a page may forbid them
  private answered = false;

  constructor(private readonly graph: Graph, private readonly bytes: Uint8Array, private readonly bundle: string | null,
    private readonly small = SMALL) {}

  /** Lays out; rejects in words when the deadline passes (the caller keeps the old picture). */
  async layout(opened: number[], direction: Direction): Promise<Picture> {
    if (this.graph.columns.src.length <= this.small || !this.works || !this.start()) return compose(this.graph, opened, direction);
    try {
      return await this.ask(opened, direction);
    } catch (error) {
      if (this.works) throw error;
      return compose(this.graph, opened, direction);
    }
  }

  private ask(opened: number[], direction: Direction): Promise<Picture> {
    const id = this.next++;
    const request: Request = { id, opened, direction };
    if (!this.sent) request.graph = this.bytes.slice().buffer;
    this.sent = true;
    return new Promise<Picture>((done, fail) => {
      const timer = window.setTimeout(() => {
        this.stop(new Error("the layout took too long: open fewer scopes at a time"));
      }, DEADLINE);
      this.waiting.set(id, { done, fail, timer });
      this.worker!.postMessage(request, request.graph ? [request.graph] : []);
    });
  }

  private start(): boolean {
    if (this.worker) return true;
    if (!this.bundle || typeof Worker === "undefined") return false;
    try {
      this.worker = new Worker(this.bundle, { type: "module" });
    } catch {
      return false; // a page whose policy forbids workers
    }
    this.sent = false;
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.answered = true;
      const entry = this.waiting.get(data.id);
      if (!entry) return;
      this.waiting.delete(data.id);
      clearTimeout(entry.timer);
      if (data.picture) entry.done(data.picture);
      else entry.fail(new Error(data.error ?? "the layout failed"));
    };
    this.worker.onerror = () => {
      this.works = this.answered;
      this.stop(new Error("the layout worker stopped"));
    };
    return true;
  }

  /** Ends the worker; whoever waits is told why. The next layout starts a fresh one. */
  stop(reason = new Error("the view was closed")): void {
    this.worker?.terminate();
    this.worker = null;
    for (const { fail, timer } of this.waiting.values()) {
      clearTimeout(timer);
      fail(reason);
    }
    this.waiting.clear();
  }
}
