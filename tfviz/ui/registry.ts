// The table of views: each folder registers its `render` under the model's `kind`; this file imports no view.
import type { Cleanup, Render, RenderContext } from "./protocol";

const VIEWS = new Map<string, Render>();

export function register(kind: string, render: Render): void {
  VIEWS.set(kind, render);
}

/** Draws the view that the model asks for; an unknown kind is said in words, never an empty cell. */
export async function render(context: RenderContext): Promise<Cleanup | void> {
  const kind = String(context.model.get("kind"));
  const view = VIEWS.get(kind);
  if (!view) {
    context.el.textContent = `tfviz: this bundle has no view called "${kind}" (it has: ${[...VIEWS.keys()].join(", ")})`;
    return;
  }
  return view(context);
}
