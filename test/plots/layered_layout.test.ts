import { describe, expect, it } from 'vitest';
import { type Box, layeredLayout } from '../../lib/plots/layered_layout.js';

const box = (from: number[], width = 100): Box => ({ width, height: 40, from });

/** Boxes with some random boxes before as sources. */
function randomBoxes(count: number, seed: number): Box[] {
  let state = seed;
  const below = (limit: number) => {
    state = (state * 16807) % 2147483647;
    return state % limit;
  };
  return Array.from({ length: count }, (_, i) => {
    const from = Array.from({ length: i === 0 ? 0 : below(3) + 1 }, () => below(i));
    return box(from, 60 + below(100));
  });
}

describe('layeredLayout', () => {
  it('puts a chain in a column', () => {
    const { centers, arrows, width } = layeredLayout([box([]), box([0], 60), box([1])]);
    expect(centers.map(({ x }) => x)).toEqual([50, 50, 50]);
    expect(centers.map(({ y }) => y)).toEqual([20, 96, 172]);
    expect(arrows[0]).toEqual([
      { x: 50, y: 40 },
      { x: 50, y: 76 },
    ]);
    expect(width).toBe(100);
  });

  it('puts branches side by side, their sources and ends between', () => {
    const { centers } = layeredLayout([box([]), box([0]), box([0]), box([1, 2])]);
    const [top, left, right, bottom] = centers as { x: number; y: number }[];
    expect(left?.y).toBe(right?.y);
    expect(top?.x).toBeCloseTo(((left?.x ?? 0) + (right?.x ?? 0)) / 2, 6);
    expect(bottom?.x).toBeCloseTo(top?.x ?? 0, 6);
  });

  it('puts an input right above its first use', () => {
    const { centers } = layeredLayout([box([]), box([]), box([0]), box([2]), box([3, 1])]);
    expect(centers[1]?.y).toBe(centers[3]?.y);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'keeps boxes apart and arrows down and off them (%i)',
    (seed) => {
      const boxes = randomBoxes(24, seed);
      const { centers, arrows, width, height } = layeredLayout(boxes);
      boxes.forEach((a, i) => {
        const at = centers[i] as { x: number; y: number };
        expect(at.x - a.width / 2).toBeGreaterThanOrEqual(-1e-9);
        expect(at.x + a.width / 2).toBeLessThanOrEqual(width + 1e-9);
        expect(at.y + 20).toBeLessThanOrEqual(height + 1e-9);
        boxes.slice(0, i).forEach((b, j) => {
          const other = centers[j] as { x: number; y: number };
          const gap = Math.abs(at.x - other.x) - (a.width + b.width) / 2;
          expect(at.y !== other.y || gap > 27).toBe(true);
        });
        for (const source of a.from) {
          expect((centers[source] as { y: number }).y).toBeLessThan(at.y);
        }
      });
      const edges = boxes.flatMap(({ from }, to) =>
        [...new Set(from)].map((source) => [source, to]),
      );
      expect(arrows).toHaveLength(edges.length);
      arrows.forEach((way, i) => {
        const [source, to] = (edges[i] as number[]).map((end) => centers[end]);
        expect(way[0]).toEqual({ x: source?.x, y: (source?.y ?? 0) + 20 });
        expect(way.at(-1)).toEqual({ x: to?.x, y: (to?.y ?? 0) - 20 });
        way.slice(1).forEach((point, k) => {
          expect(point.y).toBeGreaterThan((way[k] as { y: number }).y);
        });
        // Inside, the way passes rows: there it must not cross a box.
        for (const { x, y } of way.slice(1, -1)) {
          boxes.forEach((b, j) => {
            const at = centers[j] as { x: number; y: number };
            const isBeside = Math.abs(x - at.x) > b.width / 2 || Math.abs(y - at.y) > 20 + 1e-9;
            expect(isBeside).toBe(true);
          });
        }
      });
    },
  );
});
