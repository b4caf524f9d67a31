// What travels between Python and the browser, and the names of the parts of a view; no DOM, no drawing here.
// Twin of tfviz/protocol.py: a change here is a change there, and both are tested on the same fixture.

/** The part of an anywidget model that our views use (so that tests can pass a plain object). */
export interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, handler: (...args: any[]) => void): void;
  off(event: string, handler?: (...args: any[]) => void): void;
  send?(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

export interface RenderContext {
  model: Model;
  el: HTMLElement;
}

export type Cleanup = () => void;
export type Render = (context: RenderContext) => Cleanup | void | Promise<Cleanup | void>;

/** The version of the wire that this bundle understands. */
export const WIRE_VERSION = 1;
