import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { failure } from '../models/small_data.js';
import { floats, integers } from '../support/check_op.js';

const { data } = luge;

describe('expandByShifts', () => {
  it.each([
    ['uint8', [3, 5, 4, 2], 1],
    ['float32', [2, 4, 5, 1], 2],
    ['uint8', [2, 4, 5], 1],
  ] as const)(
    'gives %s images %j moved by %i pixels in each direction',
    async (dtype, shape, pixels) => {
      const x = dtype === 'uint8' ? integers(shape, 0, 256, 'uint8') : floats(shape);
      const y = luge.tensor(Int32Array.from({ length: shape[0] }, (_, i) => i));
      const found = await data.expandByShifts({ x, y }, { pixels, fillValue: 9 });
      expect([found.x.dtype, found.x.shape]).toEqual([dtype, [5 * shape[0], ...shape.slice(1)]]);
      expect(found.y.toArray()).toEqual([...y.data].flatMap((label) => Array(5).fill(label)));
      // The same by maps: the image at (column - right, row - down).
      const moves = [
        [0, 0],
        [pixels, 0],
        [-pixels, 0],
        [0, pixels],
        [0, -pixels],
      ] as const;
      const images = x.reshape([...shape.slice(0, 3), shape[3] ?? 1]);
      moves.forEach(([down, right], copy) => {
        const options = { fillMode: 'constant', fillValue: 9 } as const;
        const wanted = luge.ops.warpImages(images, [1, 0, -right, 0, 1, -down], options);
        for (let i = 0; i < shape[0]; i++) {
          expect([...found.x.rows(5 * i + copy, 5 * i + copy + 1).data]).toEqual([
            ...wanted.rows(i, i + 1).data,
          ]);
        }
      });
    },
  );

  it('refuses what are no images, or too small ones', async () => {
    const [x, y] = [floats([2, 3, 3, 1]), [0, 1]];
    for (const [run, message] of [
      [() => data.expandByShifts({ x: floats([2, 9]), y }), /expected images .* but got \[2, 9\]/],
      [() => data.expandByShifts({ x, y }, { pixels: 3 }), /larger than the 3 pixels/],
      [() => data.expandByShifts({ x, y }, { pixels: 0 }), /pixels must be a whole number/],
      [() => data.expandByShifts({ x, y: [0] }), /as many samples/],
      [() => data.expandByShifts({ x, y }, { shifts: 1 } as never), /Unknown .*'shifts'/],
    ] as const) {
      expect((await failure(run)).message).toMatch(message);
    }
  });
});
