// Puts a view's style sheet into the document (or shadow root) that holds it, once; every class must start with `tfv-`.

export function addStyle(el: HTMLElement, id: string, css: string): void {
  const root = el.getRootNode();
  const home: ParentNode & Node = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector(`style[data-tfv="${id}"]`)) return;
  const style = document.createElement("style");
  style.dataset.tfv = id;
  style.textContent = css;
  home.appendChild(style);
}
