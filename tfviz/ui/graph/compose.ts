// The whole picture's geometry: each open scope laid out by itself, from the inside out, then set on the page. Runs in the
// worker; its result is plain data. Twin of tfviz/layout.py. Contents of unchanged scopes are kept between calls.
import { type Arrow, arrow, type Cell, cell, layered, type Point } from "./layered";
import { crossRoutes, type Lane, pack, type Sized, stackAside } from "./lanes";
import { type Graph, isVariable, type Link, linkLabel, type Tag, Visible } from "./model";
import { shorten, textWidth } from "./textsize";
import { FED, KINDS, STYLES } from "./wire";

export type Direction = "up" | "down" | "right";
const TITLE = 24, PAD = 14, TAG_H = 13, MAX_TAGS = 4, MARGIN = 16, LABEL_LINE = 11;

export interface Box {
  item: number; kind: string; style: string; label: string; sub: string; open: boolean;
  w: number; h: number; x: number; y: number; depth: number; home: number;
  tagsIn: Tag[]; tagsOut: Tag[]; more: number;
}

export interface Edge { link: Link; points: Point[]; label: string; labelAt: Point | null; angular: boolean }

export interface Picture {
  boxes: Box[]; // outer boxes first
  edges: Edge[];
  asides: [x: number, y: number, text: string][];
  width: number;
  height: number;
  direction: Direction;
}

interface Content {
  width: number; length: number; place: Map<number, Point>; routes: Map<number, Point[]>;
  angular: Set<number>; ports: Map<number, number>;
}

export function compose(graph: Graph, opened: Iterable<number>, direction: Direction): Picture {
  return new Composer(new Visible(graph, opened), direction).run();
}

class Composer {
  private readonly graph: Graph;
  private readonly across: boolean;
  private readonly boxes = new Map<number, Box>();
  private readonly contents = new Map<number, Content>();
  private readonly linksAt = new Map<number, number[]>();
  private readonly labelRoom = new Map<number, number>();
  private readonly crossing = new Map<number, number>();

  constructor(private readonly visible: Visible, private readonly direction: Direction) {
    this.graph = visible.graph;
    this.across = direction !== "right";
    for (const home of visible.containers) this.linksAt.set(home, []);
    visible.links.forEach((link, i) => {
      this.linksAt.get(link.home)!.push(i);
      if (link.src >= 0 && link.outer < 0 && !link.cross && !isVariable(this.graph, link.src)) {
        const room = textWidth(linkLabel(link), 9) + 12;
        this.labelRoom.set(link.src, Math.max(this.labelRoom.get(link.src) ?? 0, room));
      }
      if (link.cross) this.crossing.set(link.dst, (this.crossing.get(link.dst) ?? 0) + 1);
    });
  }

  run(): Picture {
    const { visible } = this;
    const flipped = new Map([[0, false]]);
    for (const home of visible.containers) {
      for (const child of visible.items.get(home)!) {
        if (visible.open.has(child)) flipped.set(child, flipped.get(home)! || visible.side.get(home)!.has(child));
      }
    }
    for (const home of visible.containers.slice().reverse()) {
      for (const child of [...visible.items.get(home)!, ...visible.aux.get(home)!]) {
        if (!visible.open.has(child)) this.boxes.set(child, this.closedBox(child, home));
      }
      this.contents.set(home, this.layOut(home));
      if (home) this.boxes.set(home, this.openBox(home));
    }
    return this.page(flipped);
  }

  private countText(item: number): string {
    const count = this.graph.count[item];
    return `${count.toLocaleString("en")} op${count === 1 ? "" : "s"}`;
  }

  private closedBox(item: number, home: number): Box {
    const { graph } = this;
    const kind = KINDS[graph.columns.kind[item]], style = STYLES[graph.columns.style[item]];
    const label = shorten(graph.label(item), 26);
    let sub = "";
    if (kind === "variable") sub = graph.sub(item);
    else if (kind === "op") {
      const plain = label.replace(/^\(|\)$/g, "").replace(/_\d+$/, "");
      sub = plain.endsWith(graph.type(item)) ? "" : shorten(graph.type(item), 26);
      if (graph.is(item, FED)) sub = `fed ${graph.sub(item)}`;
    } else {
      sub = this.countText(item);
      const members = graph.children[item].length;
      if (kind === "series") sub = graph.count[item] === members ? `× ${members}` : `× ${members} · ${sub}`;
    }
    const folded = kind !== "op" && kind !== "variable";
    const w = Math.max(textWidth(label, folded ? 12 : 11, folded), textWidth(sub, 9.5)) + (folded ? 34 : 20);
    let h = folded ? 38 : sub ? 34 : 25;
    const crossing = this.crossing.get(item) ?? 0;
    if (crossing > 2 && this.across) h = Math.max(h, 16 + 8 * crossing);
    const tags = this.visible.tags.get(item) ?? [];
    const into = tags.filter((t) => t.kind !== "summary"), out = tags.filter((t) => t.kind === "summary");
    return {
      item, kind, style, label, sub, open: false, w: Math.round(Math.max(w, 46)), h, x: 0, y: 0, depth: 0, home,
      tagsIn: into.slice(0, MAX_TAGS), tagsOut: out.slice(0, MAX_TAGS), more: Math.max(0, into.length - MAX_TAGS),
    };
  }

  private openBox(item: number): Box {
    const { graph } = this;
    const content = this.contents.get(item)!;
    const [w, h] = this.across ? [content.width, content.length] : [content.length, content.width];
    const label = shorten(graph.label(item), 40), sub = this.countText(item);
    const least = textWidth(label, 12, true) + textWidth(sub, 9.5) + 44;
    return {
      item, kind: KINDS[graph.columns.kind[item]], style: STYLES[graph.columns.style[item]], label, sub, open: true,
      w: Math.max(w + 2 * PAD, least), h: h + TITLE + 2 * PAD, x: 0, y: 0, depth: 0, home: graph.columns.parent[item],
      tagsIn: [], tagsOut: [], more: 0,
    };
  }

  private cellOf(item: number): Cell {
    const box = this.boxes.get(item)!;
    const room = this.labelRoom.get(item) ?? 0;
    const widest = (tags: Tag[]): number => tags.reduce((w, t) => Math.max(w, textWidth(shorten(t.text, 22), 9) + 18), 0);
    const left = widest(box.tagsIn), right = widest(box.tagsOut);
    const more = box.more ? 1 : 0;
    const tall = Math.max(box.tagsIn.length + more, box.tagsOut.length) * TAG_H;
    if (this.across) {
      return cell(box.w / 2 + left, Math.max(box.w / 2 + right, room), Math.max(box.h, tall), 0, box.w / 2, box.h);
    }
    const below = (box.tagsIn.length + box.tagsOut.length + more) * TAG_H;
    return cell(box.h / 2, box.h / 2 + below, Math.max(box.w, left, right), 0, box.h / 2, box.w);
  }

  private layOut(home: number): Content {
    const { visible } = this;
    const content: Content = {
      width: 0, length: 0, place: new Map(), routes: new Map(), angular: new Set(), ports: new Map(),
    };
    const side = visible.side.get(home)!, items = visible.items.get(home)!;
    const links = this.linksAt.get(home)!;
    const here = links.filter((i) => !visible.links[i].cross);
    const inSide = new Set(here.filter((i) => side.has(visible.links[i].src) || side.has(visible.links[i].dst)));
    const lane = this.lane(items.filter((c) => !side.has(c)), here.filter((i) => !inSide.has(i)), content);
    const other = side.size ? this.lane(items.filter((c) => side.has(c)), [...inSide], content) : null;
    let length = Math.max(lane.length, other?.length ?? 0);
    const base = other ? length - lane.length : 0;
    for (const [item, [o, r]] of lane.place) content.place.set(item, [o, r + base]);
    for (const [i, route] of lane.routes) content.routes.set(i, route.map(([o, r]): Point => [o, r + base]));
    let width = lane.width;
    if (other) {
      lane.place = new Map([...lane.place].map(([item, [o, r]]) => [item, [o, r + base]]));
      lane.over = new Map([...lane.over].map(([item, r]) => [item, r + base]));
      [width, length] = this.beside(lane, other, links.filter((i) => visible.links[i].cross), content, length);
    }
    const aux = visible.aux.get(home)!;
    if (aux.length) {
      const sizes = aux.map((c): Sized => {
        const { lo, hi, size } = this.cellOf(c);
        return [c, lo, hi, size];
      });
      const tall = sizes.reduce((sum, [, , , size]) => sum + size + 14, 18);
      const below = other !== null && length - other.length > tall + 60;
      const start = below ? width - other!.width : width + (width ? 30 : 0);
      const [placed, end, top] = stackAside(sizes, start, below ? length - other!.length - 60 : length, 14);
      width = Math.max(width, end);
      length = Math.max(length, top);
      for (const [item, at] of placed) content.place.set(item, at);
    }
    content.width = width;
    content.length = length;
    return content;
  }

  private lane(items: number[], links: number[], content: Content): Lane {
    const { visible } = this;
    const index = new Map(items.map((item, k) => [item, k]));
    const cells = items.map((item) => this.cellOf(item));
    const arrows: [number, Arrow][] = [];
    const ports = new Map<string, [outer: number, cell: number]>();
    for (const i of links) {
      const link = visible.links[i];
      const ends = [[link.src, false], [link.dst, true]].map(([item, leaving]) => {
        if ((item as number) >= 0) return index.get(item as number)!;
        const key = `${link.outer},${leaving}`;
        if (!ports.has(key)) {
          ports.set(key, [link.outer, cells.length]);
          cells.push(cell(4, 4, 0, leaving ? 1 : -1));
        }
        return ports.get(key)![1];
      });
      const weight = isVariable(this.graph, link.src) ? 1 : link.data ? 3 : link.ref ? 1.2 : 0.5;
      const a = arrow(ends[0], ends[1], weight);
      if (link.srcPort && link.src >= 0) {
        a.srcOff = this.contents.get(link.src)!.ports.get(i) ?? 0;
        a.srcSpread = false;
      }
      if (link.dstPort && link.dst >= 0) {
        a.dstOff = this.contents.get(link.dst)!.ports.get(i) ?? 0;
        a.dstSpread = false;
      }
      arrows.push([i, a]);
    }
    const [gapO, gapR] = this.across ? [20, 38] : [16, 64];
    const lane = pack(cells, arrows, (c, a) => layered(c, a, gapO, gapR), ports.size > 0, gapO * 1.6);
    for (const [outer, at] of ports.values()) {
      content.ports.set(outer, lane.cells[at][0] - lane.width / 2 + (this.across ? 0 : TITLE / 2));
    }
    for (const [item, k] of index) {
      lane.place.set(item, lane.cells[k]);
      lane.over.set(item, lane.bandEnd[k]);
    }
    return lane;
  }

  private beside(lane: Lane, other: Lane, crosses: number[], content: Content, length: number): [number, number] {
    const { visible } = this;
    const reach = new Map([...lane.place.keys(), ...other.place.keys()].map((c): [number, [number, number, number]] => {
      const box = this.boxes.get(c)!;
      return [c, this.across ? [box.w / 2, box.w / 2, box.h] : [box.h / 2, box.h / 2, box.w]];
    }));
    const turn = ([o, r]: Point): Point => [o, length - r];
    const turned: Lane = {
      ...other, over: new Map(),
      routes: new Map([...other.routes].map(([i, route]) => [i, route.map(turn)])),
      place: new Map([...other.place].map(([c, at]) => [c, turn(at)])),
    };
    const ends = crosses.map((i): [number, number, number] => [i, visible.links[i].src, visible.links[i].dst]);
    const { routes, gutter, high } = crossRoutes(lane, turned, reach, ends);
    const offset = lane.width + gutter;
    for (const [c, [o, r]] of turned.place) content.place.set(c, [o + offset, r]);
    for (const [i, route] of turned.routes) content.routes.set(i, route.map(([o, r]): Point => [o + offset, r]));
    for (const [i, route] of routes) {
      content.routes.set(i, route);
      content.angular.add(i);
    }
    return [offset + other.width, Math.max(length, high)];
  }

  private page(flipped: Map<number, boolean>): Picture {
    const { visible, across } = this;
    const root = this.contents.get(0)!;
    const [w, h] = across ? [root.width, root.length] : [root.length, root.width];
    const picture: Picture = {
      boxes: [], edges: [], asides: [], width: w + 2 * MARGIN, height: h + 2 * MARGIN, direction: this.direction,
    };
    for (const home of visible.containers) {
      const content = this.contents.get(home)!;
      const outer = home ? this.boxes.get(home)! : null;
      const top = outer ? outer.y + TITLE + PAD : MARGIN;
      const room = outer ? outer.w - 2 * PAD : w;
      const left = (outer ? outer.x + PAD : MARGIN) + (room - (across ? content.width : content.length)) / 2;
      const turned = flipped.get(home)!;
      const up = (this.direction === "up") !== turned;
      const point = ([o, r]: Point): Point =>
        across ? [left + o, top + (up ? content.length - r : r)] : [left + (turned ? content.length - r : r), top + o];
      for (const [item, at] of content.place) {
        const box = this.boxes.get(item)!;
        const [x, y] = point(at);
        box.x = Math.round((x - box.w / 2) * 10) / 10;
        box.y = Math.round((y - box.h / 2) * 10) / 10;
        box.depth = outer ? outer.depth + 1 : 0;
        picture.boxes.push(box);
      }
      for (const [i, route] of content.routes) {
        if (!route.length) continue;
        const link = visible.links[i], angular = content.angular.has(i);
        picture.edges.push({ link, points: this.toRim(route.map(point), link, outer, angular), label: "", labelAt: null, angular });
      }
      const aux = visible.aux.get(home)!.map((c) => this.boxes.get(c)!);
      if (aux.length) picture.asides.push([Math.min(...aux.map((b) => b.x)), Math.min(...aux.map((b) => b.y)) - 7, "set aside"]);
    }
    this.labels(picture);
    return picture;
  }

  private toRim(points: Point[], link: Link, outer: Box | null, angular: boolean): Point[] {
    if (angular || !outer || (link.src >= 0 && link.dst >= 0)) return points;
    const start = link.src < 0;
    let [x, y] = points[start ? 0 : points.length - 1];
    if (this.across) y = Math.abs(y - outer.y) < Math.abs(y - outer.y - outer.h) ? outer.y : outer.y + outer.h;
    else x = Math.abs(x - outer.x) < Math.abs(x - outer.x - outer.w) ? outer.x : outer.x + outer.w;
    return start ? [[x, y], ...points] : [...points, [x, y]];
  }

  private labels(picture: Picture): void {
    const groups = new Map<number, Edge[]>();
    for (const edge of picture.edges) {
      const { link } = edge;
      if (link.outer >= 0 || edge.angular || !linkLabel(link) || (isVariable(this.graph, link.src) && link.data === 1)) continue;
      groups.set(link.src, [...(groups.get(link.src) ?? []), edge]);
    }
    for (const edges of groups.values()) {
      const alone = new Set(edges.map((e) => linkLabel(e.link))).size === 1;
      edges.sort((a, b) => a.points[0][0] - b.points[0][0]);
      const last = edges.length - 1;
      (alone ? edges.slice(-1) : edges).forEach((edge, k) => {
        const side = alone || k === last ? 1 : k === 0 ? -1 : 0;
        edge.label = linkLabel(edge.link);
        const [[x0, y0], [x1, y1]] = edge.points;
        const up = edge.points[edge.points.length - 1][1] < y0;
        if (!this.across) edge.labelAt = x1 > x0 ? [x0 + 8, y0 - 5] : [x0 - 8 - textWidth(edge.label, 9), y0 - 5];
        else if (side) edge.labelAt = [side > 0 ? x0 + 6 : x0 - 6 - textWidth(edge.label, 9), y0 + (up ? -11 : 17)];
        else edge.labelAt = [(x0 + x1) / 2 + 6, (y0 + y1) / 2 + 3];
      });
    }
    this.partLabels(picture.edges.filter((edge) => edge.labelAt));
  }

  /** Moves a label that would cover another along its edge, away from the source; first those of straight edges, which stay
   * beside their line. */
  private partLabels(edges: Edge[]): void {
    const placed: [left: number, right: number, baseline: number][] = [];
    const straight = ({ points: [[x0, y0], [x1, y1]] }: Edge): number => Number(Math.abs(this.across ? x1 - x0 : y1 - y0) < 0.6);
    const order = (a: Edge, b: Edge): number =>
      straight(a) - straight(b) || a.labelAt![0] - b.labelAt![0] || a.labelAt![1] - b.labelAt![1] || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
    for (const edge of edges.sort(order)) {
      const [x, y] = edge.labelAt!;
      const words = edge.link.control ? `${edge.label} + ${edge.link.control} control` : edge.label;
      const end = x + textWidth(words, 9);
      const step = this.across && edge.points[edge.points.length - 1][1] > edge.points[0][1] ? LABEL_LINE / 2 : -LABEL_LINE / 2;
      const free = [0, step, 2 * step, 3 * step].find((move) =>
        placed.every(([a, b, at]) => a > end || b < x || Math.abs(at - y - move) >= LABEL_LINE - 1));
      if (free) edge.labelAt = [x, y + free];
      placed.push([x, end, edge.labelAt![1]]);
    }
  }
}
