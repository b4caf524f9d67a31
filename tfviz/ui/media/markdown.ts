// A little markdown as DOM nodes: everything from the text becomes text nodes, so no markup in it can run.

/** Headings, lists, tables, code, bold, italics and http links; all else is shown as it stands. */
export function markdown(text: string): HTMLElement {
  const root = document.createElement("div");
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (/^\s*```/.test(line)) {
      const code: string[] = [];
      for (i++; i < lines.length && !/^\s*```/.test(lines[i]!); i++) code.push(lines[i]!);
      i++;
      add(root, "pre", code.join("\n"));
    } else if (heading) {
      inline(add(root, "h" + Math.min(6, heading[1]!.length + 2)), heading[2]!);
      i++;
    } else if (/^\s*([-*+]|\d+\.)\s+/.test(line)) {
      const list = add(root, /^\s*\d/.test(line) ? "ol" : "ul");
      for (; i < lines.length && /^\s*([-*+]|\d+\.)\s+/.test(lines[i]!); i++) inline(add(list, "li"), lines[i]!.replace(/^\s*([-*+]|\d+\.)\s+/, ""));
    } else if (line.includes("|") && /^[\s|:-]+$/.test(lines[i + 1] ?? "") && (lines[i + 1] ?? "").includes("-")) {
      const table = add(root, "table");
      for (let row = 0; i < lines.length && lines[i]!.includes("|"); i++, row++) {
        if (row === 1) continue;
        const tr = add(table, "tr");
        for (const cell of lines[i]!.trim().replace(/^\||\|$/g, "").split("|")) inline(add(tr, row ? "td" : "th"), cell.trim());
      }
    } else if (!line.trim()) {
      i++;
    } else {
      const words: string[] = [];
      for (; i < lines.length && lines[i]!.trim() && !/^(#|\s*```|\s*([-*+]|\d+\.)\s)/.test(lines[i]!); i++) words.push(lines[i]!);
      if (!words.length) words.push(lines[i++]!);
      inline(add(root, "p"), words.join(" "));
    }
  }
  return root;
}

function add(parent: HTMLElement, tag: string, text = ""): HTMLElement {
  const el = document.createElement(tag);
  el.textContent = text;
  parent.append(el);
  return el;
}

function inline(el: HTMLElement, text: string): void {
  const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g;
  let at = 0;
  for (const m of text.matchAll(pattern)) {
    el.append(text.slice(at, m.index));
    if (m[1] !== undefined) add(el, "code", m[1]);
    else if (m[2] ?? m[3]) add(el, "strong", m[2] ?? m[3]);
    else if (m[4] !== undefined) add(el, "em", m[4]);
    else {
      const link = add(el, "a", m[5]) as HTMLAnchorElement;
      link.href = m[6]!;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
    }
    at = m.index + m[0].length;
  }
  el.append(text.slice(at));
}
