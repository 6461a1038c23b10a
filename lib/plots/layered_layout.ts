/** A box to be placed, and the boxes that lead to it (by their places in the list, before it). */
export interface Box {
  readonly width: number;
  readonly height: number;
  readonly from: readonly number[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The middle of each box. */
  readonly centers: readonly { readonly x: number; readonly y: number }[];
  /** The way of each arrow, from the bottom of a box to the top of another: x and y in turn. */
  readonly arrows: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

/** A box, or a place in a row that a longer arrow passes through. */
interface Item {
  readonly width: number;
  readonly row: number;
  readonly above: Item[];
  readonly below: Item[];
  x: number;
}

const kGapX = 28;
const kGapY = 36;
const kPassage = 8;
const kSweeps = 8;

/**
 * Places boxes in rows so that all arrows point down (K. Sugiyama, S. Tagawa, M. Toda: Methods for
 * Visual Understanding of Hierarchical System Structures, 1981): rows by the longest way from the
 * top, an order in each row by the mean place of neighbours, then boxes as near to those as others let
 * them.
 */
export function layeredLayout(boxes: readonly Box[]): Layout {
  const rowOf = rowsOf(boxes);
  const rows: Item[][] = Array.from({ length: Math.max(...rowOf) + 1 }, () => []);
  const add = (width: number, row: number): Item => {
    const item: Item = { width, row, above: [], below: [], x: 0 };
    (rows[row] as Item[]).push(item);
    return item;
  };
  const items = boxes.map(({ width }, i) => add(width, rowOf[i] as number));
  const ways = boxes.flatMap(({ from }, i) =>
    [...new Set(from)].map((source) => connect(items[source] as Item, items[i] as Item, add)),
  );
  arrange(rows);
  const heights = rows.map((_, row) =>
    Math.max(...boxes.filter((_, i) => rowOf[i] === row).map(({ height }) => height)),
  );
  const tops = heights.map((_, row) =>
    heights.slice(0, row).reduce((sum, height) => sum + height + kGapY, 0),
  );
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2));
  const right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2));
  const middle = (row: number) => (tops[row] as number) + (heights[row] as number) / 2;
  return {
    width: right - left,
    height: (tops.at(-1) as number) + (heights.at(-1) as number),
    centers: items.map(({ x, row }) => ({ x: x - left, y: middle(row) })),
    arrows: ways.map((way) =>
      way.flatMap((item, i) => {
        const x = item.x - left;
        const box = boxes[items.indexOf(item)];
        const half = (box?.height ?? (heights[item.row] as number)) / 2;
        const ends = [
          { x, y: middle(item.row) - half },
          { x, y: middle(item.row) + half },
        ];
        return i === 0 ? ends.slice(1) : i === way.length - 1 ? ends.slice(0, 1) : ends;
      }),
    ),
  };
}

/** One below the lowest that leads there; what nothing leads to stands right above its first use. */
function rowsOf(boxes: readonly Box[]): number[] {
  const rows: number[] = [];
  boxes.forEach(({ from }, i) => {
    rows[i] = Math.max(-1, ...from.map((source) => rows[source] as number)) + 1;
  });
  boxes.forEach(({ from }, i) => {
    const uses = rows.filter((_, user) => boxes[user]?.from.includes(i));
    if (from.length === 0 && uses.length > 0) rows[i] = Math.min(...uses) - 1;
  });
  return rows;
}

/** The items on the way from one box to another, with a passage in each row between. */
function connect(from: Item, to: Item, add: (width: number, row: number) => Item): Item[] {
  const way = [from];
  for (let row = from.row + 1; row < to.row; row++) way.push(add(kPassage, row));
  way.push(to);
  way.slice(1).forEach((item, i) => {
    const before = way[i] as Item;
    before.below.push(item);
    item.above.push(before);
  });
  return way;
}

/** Sets the order and the places in each row. */
function arrange(rows: Item[][]): void {
  for (const row of rows) spread(row, () => 0);
  for (let sweep = 0; sweep < kSweeps; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const row of isDown ? rows : rows.toReversed()) {
      const wanted = new Map(
        row.map((item) => [item, meanX(isDown ? item.above : item.below) ?? item.x]),
      );
      row.sort((a, b) => (wanted.get(a) as number) - (wanted.get(b) as number));
      spread(row, (item) => wanted.get(item) as number);
    }
  }
}

function meanX(items: readonly Item[]): number | undefined {
  if (items.length === 0) return undefined;
  return items.reduce((sum, { x }) => sum + x, 0) / items.length;
}

/** Places a row's items in their order, without overlap, as near to where they want to be as that lets. */
function spread(row: readonly Item[], wanted: (item: Item) => number): void {
  let free = Number.NEGATIVE_INFINITY;
  for (const item of row) {
    item.x = Math.max(wanted(item), free + item.width / 2);
    free = item.x + item.width / 2 + kGapX;
  }
  // Pushed to the right only: half of that goes back to the left.
  const pushed = row.reduce((sum, item) => sum + item.x - wanted(item), 0) / (row.length || 1);
  for (const item of row) item.x -= pushed;
}
