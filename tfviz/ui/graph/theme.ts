// Colours of the graph view; the same as tfviz/svg_style.py, which says where they are from. Also: is the page dark?

export interface Theme {
  bg: string; ink: string; muted: string; open: [string, string]; rim: string; fold: string; foldRim: string; grad: string;
  gradOpen: string; gradRim: string; data: string; control: string; ref: string; pick: string; hit: string;
  families: Record<string, [fill: string, rim: string]>;
}

const FAMILIES: Record<string, [[string, string], [string, string]]> = {
  variable: [["#fff1d9", "#d8932a"], ["#3a2f1b", "#e0a64a"]],
  input: [["#dcf3e8", "#1f9a74"], ["#17352b", "#45c39a"]],
  constant: [["#f2f3f5", "#9aa3ae"], ["#2a2f36", "#77818d"]],
  summary: [["#e3f1f4", "#4a9aab"], ["#1a3238", "#5fb6c9"]],
  update: [["#fde6d6", "#cf6a24"], ["#3b261a", "#ee8a4a"]],
  control: [["#eceef0", "#7c8794"], ["#2c3138", "#8b96a3"]],
  random: [["#fbf3c4", "#b3930f"], ["#353115", "#d3b53c"]],
  loss: [["#fbe1e5", "#cc4760"], ["#3d1f26", "#ef7b90"]],
  layer: [["#dfebfb", "#3a7bd0"], ["#1b2c45", "#6ea6f0"]],
  activation: [["#e8e3fa", "#7659cc"], ["#2a2346", "#a48df2"]],
  shape: [["#f5f6f8", "#aab3be"], ["#262b32", "#6c7683"]],
  io: [["#e9ece0", "#8a9455"], ["#2b2f1e", "#adb873"]],
  math: [["#f2f4f7", "#8793a1"], ["#272d35", "#8a96a5"]],
};

const pickSide = (side: 0 | 1): Record<string, [string, string]> =>
  Object.fromEntries(Object.entries(FAMILIES).map(([name, themes]) => [name, themes[side]]));

export const LIGHT: Theme = {
  bg: "#ffffff", ink: "#1d2733", muted: "#66717e", open: ["#f7f8fa", "#eef1f5"], rim: "#cdd5de", fold: "#e6ecf4",
  foldRim: "#8aa0ba", grad: "#f3eaf7", gradOpen: "#faf5fc", gradRim: "#b184cb", data: "#8b97a5", control: "#8b97a5",
  ref: "#e08a1e", pick: "#0b63d6", hit: "#f5c518", families: pickSide(0),
};
export const DARK: Theme = {
  bg: "#15191f", ink: "#e6ebf1", muted: "#97a3b1", open: ["#1b2027", "#222830"], rim: "#3a434e", fold: "#28313d",
  foldRim: "#61748b", grad: "#2f2338", gradOpen: "#211b27", gradRim: "#8f62ab", data: "#7c8998", control: "#8793a1",
  ref: "#f0a33f", pick: "#6fb1ff", hit: "#d9a90b", families: pickSide(1),
};

/** Tells whether the page around us is dark: JupyterLab, VS Code and Colab say so, elsewhere the background or the system. */
export function pageIsDark(): boolean {
  const { body, documentElement } = document;
  const lab = body.dataset["jpThemeLight"];
  if (lab) return lab === "false";
  if (body.classList.contains("vscode-dark") || body.classList.contains("vscode-high-contrast")) return true;
  if (body.classList.contains("vscode-light")) return false;
  const colab = documentElement.getAttribute("theme");
  if (colab) return colab === "dark";
  const parts = getComputedStyle(body).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
  if (parts.length >= 3 && parts[3] !== 0) return 0.3 * parts[0] + 0.6 * parts[1] + 0.1 * parts[2] < 110;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Calls back whenever the page may have changed its theme; returns the way to stop. */
export function watchTheme(changed: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(changed);
  for (const node of [document.body, document.documentElement]) {
    observer.observe(node, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "theme", "style"] });
  }
  media.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", changed);
  };
}

/** Eight calm hues for structures: equal blocks get equal colours, chosen by their hash alone. */
export function structureColor(hash: number, dark: boolean): string {
  const hue = (hash % 24) * 15;
  return dark ? `hsl(${hue} 34% 24%)` : `hsl(${hue} 62% 90%)`;
}
