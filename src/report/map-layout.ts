import type { MapGroup, MapLink, MapModel, MapNode } from "./map-model.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedGroup extends Box {
  readonly group: MapGroup;
  readonly nodes: readonly (Box & { readonly node: MapNode })[];
}

/** A link as a curve in the drawing's coordinates. */
export interface PlacedLink {
  readonly link: MapLink;
  /** The `d` of an SVG path between the boxes of the groups, or of the services when they share a box. */
  readonly curve: string;
  /** From the edge of a group's box to the service in it; empty where the curve itself ends there. */
  readonly stubs: string;
  /** Both ends are in one box. */
  readonly inside: boolean;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly outside: Box | undefined;
  readonly groups: readonly PlacedGroup[];
  readonly links: readonly PlacedLink[];
}

const nodeSize = { width: 156, height: 40 } as const;
const gap = 8;
const padding = 12;
const headHeight = 40;
const emptyHead = 34;
const overviewWidth = 216;
const columnGap = 76;
const subColumnGap = 28;
const rowGap = 18;
const margin = 16;
const outsideWidth = 92;

/**
 * Lays a map out from left to right: outside, what is published, what stands behind that, and so on; last what no way
 * leads to. The same model gives the same layout. `overview` draws boxes without their services.
 */
export function layOut(model: MapModel, options: { readonly overview: boolean }): MapLayout {
  const near = nearestOf(model);
  const sized = model.groups.map((group) => ({
    group,
    ...sizeOf(group, options.overview),
    rank: near.get(group.id) ?? last,
  }));
  const ranks = [...new Set(sized.map(({ rank }) => rank))].sort((a, b) => a - b);
  const area = sized.reduce((sum, { width, height }) => sum + (width + subColumnGap) * (height + rowGap), 0);
  const tallest = Math.max(360, Math.sqrt(area) * 0.95, ...sized.map(({ height }) => height));
  const hasOutside = model.links.some((link) => link.from === "outside" || link.to === "outside");
  let x = margin + (hasOutside ? outsideWidth + columnGap : 0);
  const placed: PlacedGroup[] = [];
  for (const rank of ranks) {
    const pulls = pullsOf(model, indexOf(placed, undefined, options.overview));
    const members = inOrder(
      sized.filter((each) => each.rank === rank),
      pulls,
    );
    const { groups, width } = stack(members, x, tallest, options.overview);
    placed.push(...groups);
    x += width + columnGap;
  }
  const bottom = Math.max(180, ...placed.map((group) => group.y + group.height));
  const centred = centreColumns(placed, bottom);
  const height = bottom + margin;
  const outside = hasOutside ? { x: margin, y: height / 2 - 70, width: outsideWidth, height: 140 } : undefined;
  // Bows between boxes of the last column need room beside it.
  const width = Math.max(x - columnGap, margin + outsideWidth) + margin + 24;
  return {
    width,
    height,
    outside,
    groups: centred,
    links: route(model, indexOf(centred, outside, options.overview), centred),
  };
}

function sizeOf(group: MapGroup, overview: boolean): { width: number; height: number; columns: number } {
  if (overview || group.nodes.length === 0) {
    return overview
      ? { width: overviewWidth, height: 62, columns: 1 }
      : { width: nodeSize.width + 2 * padding, height: emptyHead, columns: 1 };
  }
  const count = group.nodes.length;
  const columns = count <= 5 ? 1 : count <= 16 ? 2 : count <= 36 ? 3 : Math.ceil(Math.sqrt(count / 2.2));
  const rows = Math.ceil(count / columns);
  return {
    width: columns * nodeSize.width + (columns - 1) * gap + 2 * padding,
    height: headHeight + rows * (nodeSize.height + gap) - gap + padding,
    columns,
  };
}

/** The rank of what nothing leads to. */
const last = 9;

/** For each group how many steps from outside its nearest service is; of one without services, the nearest that leads there. */
function nearestOf(model: MapModel): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  const nearest = new Map<string, number>();
  for (const { id, nodes } of model.groups) {
    let least = last;
    for (const node of nodes) {
      const own = Math.min(node.depth ?? last, 4);
      steps.set(node.id, own);
      least = Math.min(least, own);
    }
    steps.set(id, least);
    nearest.set(id, least);
  }
  const empty = new Set(model.groups.filter(({ nodes }) => nodes.length === 0).map(({ id }) => id));
  for (const { from, to } of model.links) {
    const own = steps.get(from);
    if (empty.has(to) && own !== undefined) nearest.set(to, Math.min(nearest.get(to) ?? last, own + 0.5));
  }
  return nearest;
}

/** Near those that they are linked with, then larger first, then by name. */
function inOrder<T extends { readonly group: MapGroup }>(
  members: readonly T[],
  pulls: ReadonlyMap<string, number>,
): T[] {
  const pullOf = ({ group }: T) => pulls.get(group.id) ?? Number.MAX_SAFE_INTEGER;
  return [...members].sort(
    (a, b) =>
      pullOf(a) - pullOf(b) ||
      b.group.nodes.length - a.group.nodes.length ||
      (a.group.name < b.group.name ? -1 : a.group.name > b.group.name ? 1 : 0),
  );
}

/** For each group the mean height of what it is linked with among those that have a place. */
function pullsOf(model: MapModel, index: ReadonlyMap<string, Box>): ReadonlyMap<string, number> {
  const groupOf = new Map<string, string>();
  for (const group of model.groups)
    for (const id of [group.id, ...group.nodes.map((node) => node.id)]) groupOf.set(id, group.id);
  const heights = new Map<string, { sum: number; count: number }>();
  const add = (id: string, other: string) => {
    const group = groupOf.get(id);
    const box = index.get(other);
    if (group === undefined || box === undefined || other === "outside") return;
    const entry = heights.get(group) ?? { sum: 0, count: 0 };
    heights.set(group, { sum: entry.sum + box.y + box.height / 2, count: entry.count + 1 });
  };
  for (const { from, to } of model.links) {
    add(from, to);
    add(to, from);
  }
  return new Map([...heights].map(([id, { sum, count }]) => [id, sum / count]));
}

/** The boxes of everything that has an id. In the overview a service is where its group is. */
function indexOf(
  placed: readonly PlacedGroup[],
  outside: Box | undefined,
  overview: boolean,
): ReadonlyMap<string, Box> {
  const index = new Map<string, Box>();
  if (outside !== undefined) index.set("outside", outside);
  for (const group of placed) {
    index.set(group.group.id, group);
    if (overview) for (const node of group.group.nodes) index.set(node.id, group);
    else for (const node of group.nodes) index.set(node.node.id, node);
  }
  return index;
}

type Sized = { readonly group: MapGroup; readonly width: number; readonly height: number; readonly columns: number };

/** Stacks boxes from the top, in as many sub-columns as keep the drawing from growing too tall. */
function stack(
  members: readonly Sized[],
  left: number,
  tallest: number,
  overview: boolean,
): { groups: readonly PlacedGroup[]; width: number } {
  const groups: PlacedGroup[] = [];
  let x = left;
  let y = margin;
  let widest = 0;
  for (const { group, width, height, columns } of members) {
    if (y > margin && y + height > tallest + margin) {
      x += widest + subColumnGap;
      y = margin;
      widest = 0;
    }
    groups.push({ group, x, y, width, height, nodes: overview ? [] : nodesAt(group, x, y, columns) });
    widest = Math.max(widest, width);
    y += height + rowGap;
  }
  return { groups, width: x + widest - left };
}

function nodesAt(group: MapGroup, x: number, y: number, columns: number): PlacedGroup["nodes"] {
  return group.nodes.map((node, index) => ({
    node,
    x: x + padding + (index % columns) * (nodeSize.width + gap),
    y: y + headHeight + Math.floor(index / columns) * (nodeSize.height + gap),
    ...nodeSize,
  }));
}

function centreColumns(placed: readonly PlacedGroup[], bottom: number): readonly PlacedGroup[] {
  const ends = new Map<number, number>();
  for (const { x, y, height } of placed) ends.set(x, Math.max(ends.get(x) ?? 0, y + height));
  return placed.map((group) => {
    const shift = Math.round((bottom - (ends.get(group.x) ?? bottom)) / 2);
    return { ...group, y: group.y + shift, nodes: group.nodes.map((node) => ({ ...node, y: node.y + shift })) };
  });
}

function route(
  model: MapModel,
  index: ReadonlyMap<string, Box>,
  placed: readonly PlacedGroup[],
): readonly PlacedLink[] {
  const around = new Map<string, Box>();
  for (const group of placed) for (const { node } of group.nodes) around.set(node.id, group);
  const drawn = new Set<string>();
  return model.links.flatMap((link): PlacedLink[] => {
    const from = index.get(link.from);
    const to = index.get(link.to);
    if (from === undefined || to === undefined || from === to) return [];
    const curves = curvesBetween(
      { inner: from, outer: around.get(link.from) ?? from },
      { inner: to, outer: around.get(link.to) ?? to },
    );
    const key = `${link.kind} ${curves.curve} ${curves.stubs}`;
    if (drawn.has(key)) return [];
    drawn.add(key);
    return [{ link, ...curves }];
  });
}

/** A service and the box that it stands in; the same box twice for what stands by itself. */
interface End {
  readonly inner: Box;
  readonly outer: Box;
}

function curvesBetween(from: End, to: End): Pick<PlacedLink, "curve" | "stubs" | "inside"> {
  const [left, right] = from.outer.x <= to.outer.x ? [from, to] : [to, from];
  // One above another: a bow at the right side, which no box of the same column hides.
  if (right.outer.x < left.outer.x + left.outer.width) {
    const inside = left.outer === right.outer;
    const y1 = round(left.inner.y + left.inner.height / 2);
    const y2 = round(right.inner.y + right.inner.height / 2);
    const x1 = round(rightOf(left.inner));
    const x2 = round(rightOf(right.inner));
    const bow = round(Math.max(rightOf(left.outer), rightOf(right.outer)) + (inside ? -4 : 30));
    return { curve: `M${x1} ${y1}C${bow} ${y1} ${bow} ${y2} ${x2} ${y2}`, stubs: "", inside: true };
  }
  const exit = exitOf(left);
  const entry = entryOf(right);
  const x1 = round(rightOf(left.outer));
  const x2 = round(right.outer.x);
  const bend = round(Math.max(24, (x2 - x1) / 2));
  return {
    curve: `M${x1} ${exit.y}C${x1 + bend} ${exit.y} ${x2 - bend} ${entry.y} ${x2} ${entry.y}`,
    stubs: exit.stub + entry.stub,
    inside: false,
  };
}

/** From a box's left edge to a service: straight where nothing stands between, else above its row. */
function entryOf({ inner, outer }: End): { readonly y: number; readonly stub: string } {
  const y = round(inner.y + inner.height / 2);
  if (inner === outer) return { y, stub: "" };
  const x = round(outer.x);
  if (inner.x - outer.x <= padding + 1) return { y, stub: `M${x} ${y}H${round(inner.x)}` };
  const above = round(inner.y - gap / 2);
  return { y: above, stub: `M${x} ${above}H${round(inner.x + 16)}V${round(inner.y)}` };
}

/** From a service to its box's right edge, in the same way. */
function exitOf({ inner, outer }: End): { readonly y: number; readonly stub: string } {
  const y = round(inner.y + inner.height / 2);
  if (inner === outer) return { y, stub: "" };
  const x = round(rightOf(outer));
  if (rightOf(outer) - rightOf(inner) <= padding + 1) return { y, stub: `M${round(rightOf(inner))} ${y}H${x}` };
  const above = round(inner.y - gap / 2);
  return { y: above, stub: `M${round(rightOf(inner) - 16)} ${round(inner.y)}V${above}H${x}` };
}

function rightOf(box: Box): number {
  return box.x + box.width;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
