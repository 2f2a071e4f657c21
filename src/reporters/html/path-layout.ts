import type { Hop } from "../../model/picture.ts";

/** A box of the picture; lengths in SVG user units. */
export interface Box {
  readonly hop: Hop;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A line that ends at a hop. */
export interface Edge {
  readonly to: Hop;
  /** The `d` of an SVG path. */
  readonly line: string;
}

/** Where everything of the picture stands. */
export interface Layout {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
}

const columns = 5;
const box = { width: 196, height: 92, gap: 36, rowGap: 44 } as const;
const leaf = { height: 56, gap: 12 } as const;
/** Room for outlines and arrow heads at the rim. */
const rim = 6;

/** Places hops that lead one to the next in rows, read like text, and those at the end of the way in a stack beside the
 * last of them. */
export function layOut(hops: readonly Hop[]): Layout {
  const leading = new Set(hops.flatMap(({ after }) => after));
  const ends = hops.filter(({ id }) => !leading.has(id));
  const chain = ends.length === 1 ? [...hops] : hops.filter(({ id }) => leading.has(id));
  const leaves = ends.length === 1 ? [] : ends;
  const rows: Hop[][] = [];
  for (let start = 0; start < chain.length; start += columns) rows.push(chain.slice(start, start + columns));
  // Leaves need two columns to be read.
  if (leaves.length > 0 && (rows.length === 0 || (rows.at(-1)?.length ?? 0) > columns - 2)) rows.push([]);

  const boxes: Box[] = [];
  const edges: Edge[] = [];
  let y = rim;
  let before: Box | undefined;
  rows.forEach((row, index) => {
    const last = index === rows.length - 1;
    const stack = last ? leaves : [];
    const stackHeight = Math.max(0, stack.length * (leaf.height + leaf.gap) - leaf.gap);
    const height = Math.max(row.length === 0 ? 0 : box.height, stackHeight);
    const top = y + (height - box.height) / 2;
    row.forEach((hop, column) => {
      const placed = { hop, x: columnAt(column), y: top, width: box.width, height: box.height };
      if (before !== undefined)
        edges.push({ to: hop, line: column === 0 ? downTo(before, placed) : across(before, placed) });
      boxes.push(placed);
      before = placed;
    });
    const x = columnAt(row.length);
    stack.forEach((hop, place) => {
      const placed = {
        hop,
        x,
        y: y + (height - stackHeight) / 2 + place * (leaf.height + leaf.gap),
        width: columnAt(columns) - box.gap - x,
        height: leaf.height,
      };
      if (before !== undefined && hop.after.includes(before.hop.id))
        edges.push({ to: hop, line: row.length === 0 ? downTo(before, placed) : across(before, placed) });
      boxes.push(placed);
    });
    y += height + box.rowGap;
  });
  return { boxes, edges, width: columnAt(columns) - box.gap + rim, height: y - box.rowGap + rim };
}

function columnAt(column: number): number {
  return rim + column * (box.width + box.gap);
}

/** From the right side of a box to the left side of another. */
function across(from: Box, to: Box): string {
  const x = from.x + from.width;
  return `M${x} ${middle(from)}H${x + box.gap / 2}V${middle(to)}H${to.x - 3}`;
}

/** From the bottom of the last box of a row to the top of the first box of the next. */
function downTo(from: Box, to: Box): string {
  const bottom = from.y + from.height;
  return `M${from.x + from.width / 2} ${bottom}V${bottom + box.rowGap / 2}H${to.x + box.width / 2}V${to.y - 3}`;
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}
