import { describe, expect, it } from 'vitest';
import '../../lib/runtime/evaluate.js';
import { setSeed } from '../../lib/core/random.js';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import type { Value } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import { fillModes } from '../../lib/ops/warp_images.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { warped } from '../support/warp_reference.js';

/** Turned, slanted and moved, also beyond the edges: [n, 6]. */
function transforms(n: number, reach: number): Tensor {
  const random = floats([n, 6], { seed: 11 });
  const data = random.data.map((value, i) => {
    const part = i % 6;
    if (part === 2 || part === 5) return value * reach;
    return (part === 0 || part === 4 ? 0.8 : 0) + value * 0.3;
  });
  return tensor(data, [n, 6]);
}

const { of } = Real;
// A place is off by its own rounding times the slope between pixels.
const magnitude = 2 * 2 * 30;

describe('warpImages', () => {
  it.each(fillModes)(
    'is its reference, with its gradient by the images, fill mode %s',
    (fillMode) => {
      for (const [shape, interpolation] of [
        [[3, 5, 4, 1], 'bilinear'],
        [[2, 4, 5, 3], 'bilinear'],
        [[2, 3, 4, 2], 'bilinear'],
        [[2, 1, 5, 1], 'bilinear'],
        [[2, 4, 4, 1], 'nearest'],
      ] as const) {
        const maps = transforms(shape[0], 4);
        const options = { fillMode, fillValue: 1.5, interpolation };
        checkOp({
          inputs: [floats(shape)],
          op: (x: Value) => ops.warpImages(x, maps, options),
          reference: (x) => warped(x, of(maps), undefined, options),
          magnitude,
        });
      }
    },
  );

  it.each(fillModes)('moves places by displacements, fill mode %s', (fillMode) => {
    const [maps, moves] = [transforms(2, 2), floats([2, 2, 4, 5], { low: -3, high: 3, seed: 5 })];
    checkOp({
      inputs: [floats([2, 4, 5, 1])],
      op: (x: Value) => ops.warpImages(x, maps, { fillMode, displacements: moves }),
      reference: (x) => warped(x, of(maps), of(moves), { fillMode }),
      magnitude,
    });
  });

  it('shares the rows of large images out to threads', () => {
    const maps = transforms(2, 5);
    checkOp({
      inputs: [integers([2, 70, 65, 1], 0, 256, 'uint8')],
      op: (x: Value) => ops.warpImages(x, maps),
      reference: (x) => warped(x, of(maps)),
      magnitude: 255 * 2 * 100,
    });
  });

  it('takes one transform for all images, and numbers of other kinds', () => {
    const x = integers([3, 4, 5, 1], -20, 20);
    checkOp({
      inputs: [x],
      op: (value: Value) => ops.warpImages(value, [0, 1, 0, 1, 0, 0]),
      reference: (value) => warped(value, of(tensor([0, 1, 0, 1, 0, 0]))),
      length: 0,
    });
  });

  it('keeps bytes, rounded', () => {
    const [x, maps] = [integers([2, 9, 8, 1], 0, 256, 'uint8'), transforms(2, 3)];
    const options = { fillMode: 'constant', fillValue: 300 } as const;
    const bytes = ops.warpImages(x, maps, { ...options, dtype: 'uint8' });
    expect(bytes.dtype).toBe('uint8');
    const exact = warped(of(x), of(maps), undefined, options);
    bytes.data.forEach((value, i) => {
      const wanted = Math.min(255, exact.data[i] as number);
      expect(Math.abs(value - wanted)).toBeLessThan(0.5 + 2 ** -10);
    });
    expect(new Set(bytes.data).size).toBeGreaterThan(20);
  });

  it('moves whole pixels exactly', () => {
    const x = tensor([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
    const rows = (map: number[], fillMode: ops.FillMode) =>
      ops.warpImages(x, map, { fillMode }).reshape([2, 3]).toArray();
    expect(rows([1, 0, 0, 0, 1, 0], 'constant')).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(rows([-1, 0, 2, 0, 1, 0], 'constant')).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(rows([1, 0, -2, 0, 1, 0], 'constant')).toEqual([
      [0, 0, 1],
      [0, 0, 4],
    ]);
    expect(rows([1, 0, -2, 0, 1, 0], 'nearest')).toEqual([
      [1, 1, 1],
      [4, 4, 4],
    ]);
    expect(rows([1, 0, -2, 0, 1, 0], 'reflect')).toEqual([
      [2, 1, 1],
      [5, 4, 4],
    ]);
    expect(rows([1, 0, -2, 0, 1, 0], 'wrap')).toEqual([
      [2, 3, 1],
      [5, 6, 4],
    ]);
    expect(rows([1, 0, 0, 0, 1, 1], 'wrap')).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
  });

  it('shows places that are none, and reads nothing there', () => {
    const x = floats([1, 3, 3, 1]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const fillMode of fillModes) {
        const { data } = ops.warpImages(x, [1, 0, bad, 0, 1, 0], { fillMode });
        expect([...data].every(Number.isNaN)).toBe(true);
      }
    }
    const far = ops.warpImages(x, [1, 0, 3e38, 0, 1, 0], { fillMode: 'constant', fillValue: 7 });
    expect(new Set(far.data)).toEqual(new Set([7]));
    const held = ops.warpImages(x, [1, 0, -3e38, 0, 1, 0], { fillMode: 'nearest' });
    expect([...held.data]).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6].map((i) => x.data[i]));
    const bytes = ops.warpImages(
      integers([1, 3, 3, 1], 1, 255, 'uint8'),
      [1, 0, Number.NaN, 0, 1, 0],
      {
        dtype: 'uint8',
      },
    );
    expect(new Set(bytes.data)).toEqual(new Set([0]));
  });

  it.each([
    [
      () => ops.warpImages(floats([3, 3]), [1, 0, 0, 0, 1, 0]),
      /images must be \[n, rows, .*got \[3, 3\]/,
    ],
    [
      () => ops.warpImages(floats([2, 3, 3, 1]), floats([3, 6])),
      /transforms must be \[2, 6\] or \[6\].*\[3, 6\]/,
    ],
    [
      () =>
        ops.warpImages(floats([2, 3, 3, 1]), floats([6]), { displacements: floats([2, 3, 3, 2]) }),
      /displacements must be \[2, 2, 3, 3\], but got/,
    ],
    [
      () => ops.warpImages(floats([1, 3, 3, 1]), floats([6]), { fillMode: 'mirror' as never }),
      /Unknown fillMode 'mirror'/,
    ],
    [
      () => ops.warpImages(floats([1, 3, 3, 1]), floats([6]), { dtype: 'uint8' }),
      /only images of bytes can stay bytes, but x is float32/,
    ],
    [
      () => ops.warpImages(floats([1, 3, 3, 1]), floats([6]), { fill: 1 } as never),
      /'fill'.*fillMode/,
    ],
  ])('refuses %s', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('augment', () => {
  /** An image with one bright pixel, off the centre. */
  const spot = () => {
    const x = new Float32Array(7 * 7);
    x[3 * 7 + 5] = 1; // row 3, column 5
    return tensor(x, [1, 7, 7, 1]);
  };
  const brightest = ({ data }: Tensor) => {
    const at = data.indexOf(Math.max(...data));
    return [Math.floor(at / 7), at % 7];
  };

  it.each([
    ['turns counter-clockwise', { rotation: [90, 90] }, [1, 3]],
    [
      'moves down and right',
      { translation: { rows: [2 / 7, 2 / 7], columns: [1 / 7, 1 / 7] } },
      [5, 6],
    ],
    ['zooms out with positive factors', { zoom: [1, 1] }, [3, 4]],
    ['zooms in with negative ones', { zoom: [-1 / 3, -1 / 3] }, [3, 6]],
  ] as const)('%s', (_, options, place) => {
    const y = ops.augment(spot(), { fillMode: 'constant', ...options });
    expect(brightest(y)).toEqual(place);
  });

  it('slants rows against each other', () => {
    const x = tensor(
      Float32Array.from({ length: 49 }, (_, i) => Number(i % 7 === 3)),
      [1, 7, 7, 1],
    );
    const y = ops.augment(x, { shear: [1 / 3, 1 / 3], fillMode: 'constant' });
    const place = (row: number) => y.data.subarray(7 * row, 7 * row + 7).indexOf(1);
    // The source of row r is 1/3 column further right for each row below the centre.
    expect([place(0), place(3), place(6)]).toEqual([4, 3, 2]);
  });

  it('mirrors about half of the images, as a whole', () => {
    const x = tensor(
      Float32Array.from({ length: 400 * 2 * 3 }, (_, i) => i % 6),
      [400, 2, 3, 1],
    );
    const seen = (options: ops.AugmentOptions) => {
      const counts = new Map<string, number>();
      const { data } = ops.augment(x, { ...options, seed: 3 });
      for (let i = 0; i < 400; i++) {
        const image = String(data.subarray(6 * i, 6 * i + 6));
        counts.set(image, (counts.get(image) ?? 0) + 1);
      }
      return counts;
    };
    const across = seen({ horizontalFlip: true });
    expect([...across.keys()].toSorted()).toEqual(['0,1,2,3,4,5', '2,1,0,5,4,3']);
    const both = seen({ horizontalFlip: true, verticalFlip: true });
    expect([...both.keys()].toSorted()).toEqual([
      ...['0,1,2,3,4,5', '2,1,0,5,4,3', '3,4,5,0,1,2', '5,4,3,2,1,0'],
    ]);
    // Five standard deviations of 400 throws.
    for (const count of across.values()) expect(Math.abs(count - 200)).toBeLessThan(50);
    for (const count of both.values()) expect(Math.abs(count - 100)).toBeLessThan(44);
  });

  it('draws within its ranges, evenly', () => {
    // A ramp moved by s columns tells s.
    const x = tensor(
      Float32Array.from({ length: 2000 * 9 }, (_, i) => i % 9),
      [2000, 1, 9, 1],
    );
    const { data } = ops.augment(x, { translation: { columns: [-1 / 9, 3 / 9] }, seed: 1 });
    const moved = Array.from({ length: 2000 }, (_, i) => 4 - (data[9 * i + 4] as number));
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(-1 - 1e-5);
    expect(Math.max(...moved)).toBeLessThanOrEqual(3 + 1e-5);
    const mean = moved.reduce((sum, value) => sum + value, 0) / 2000;
    expect(Math.abs(mean - 1)).toBeLessThan((5 * (4 / Math.sqrt(12))) / Math.sqrt(2000));
  });

  it('distorts by smooth fields of the strength that alpha and sigma give', () => {
    // Ramps along columns and rows tell where each pixel comes from.
    const [n, side] = [60, 40];
    const ramp = (axis: 'row' | 'column') =>
      tensor(
        Float32Array.from({ length: n * side * side }, (_, i) =>
          axis === 'row' ? Math.floor(i / side) % side : i % side,
        ),
        [n, side, side, 1],
      );
    const options = { elastic: { alpha: 20, sigma: 3 }, seed: 5 };
    const moves = (['row', 'column'] as const).map((axis) => {
      const [x, y] = [ramp(axis).data, ops.augment(ramp(axis), options).data];
      return y.map((value, i) => value - (x[i] as number));
    });
    // Away from the edges: the deviation of a uniform number, times the root of the sum of squared weights.
    const wanted = (20 / Math.sqrt(3)) * (1 / (2 * Math.sqrt(Math.PI) * 3));
    for (const field of moves as Float32Array[]) {
      let [squares, steps, count] = [0, 0, 0];
      for (let image = 0; image < n; image++) {
        for (let r = 12; r < side - 12; r++) {
          for (let c = 12; c < side - 12; c++) {
            const at = (image * side + r) * side + c;
            squares += (field[at] as number) ** 2;
            steps += ((field[at + 1] as number) - (field[at] as number)) ** 2;
            count += 1;
          }
        }
      }
      const deviation = Math.sqrt(squares / count);
      // Fields are alike over 2 sigma, so that 60 images of 16 x 16 hold some 400 numbers.
      expect(Math.abs(deviation / wanted - 1)).toBeLessThan(5 / Math.sqrt(2 * 400));
      // Neighbours differ by 1 / (sqrt(2) sigma) of that.
      expect(Math.sqrt(steps / count) / deviation).toBeLessThan(1.2 / (Math.SQRT2 * 3));
    }
    expect(moves[0]).not.toEqual(moves[1]);
  });

  it('changes colours within the range of values', () => {
    const x = tensor([0.2, 0.4, 0.9, 0.1], [1, 2, 2, 1]);
    const near = (y: Tensor, wanted: number[]) =>
      wanted.forEach((value, i) => {
        expect(y.data[i]).toBeCloseTo(value, 6);
      });
    near(ops.augment(x, { brightness: [0.3, 0.3] }), [0.5, 0.7, 1, 0.4]);
    near(ops.augment(x, { contrast: [0.5, -0.5] }), [0.3, 0.4, 0.65, 0.25]);
    near(ops.augment(x, { brightness: [0.1, 0.1], valueRange: [-1, 3] }), [0.6, 0.8, 1.3, 0.5]);
    const bytes = tensor([10, 20, 200, 255], [1, 1, 4, 1], 'uint8');
    expect(ops.augment(bytes, { brightness: [0.2, 0.2] }).data).toEqual(
      Uint8Array.from([61, 71, 251, 255]),
    );
    const grey = tensor(new Float32Array(10000).fill(0.5), [1, 100, 100, 1]);
    const { data } = ops.augment(grey, { noise: 0.05, seed: 1 });
    const squares = [...data].reduce((sum, v) => sum + (v - 0.5) ** 2, 0);
    const deviation = Math.sqrt(squares / 10000);
    expect(Math.abs(deviation / 0.05 - 1)).toBeLessThan(5 * Math.sqrt(1 / 20000));
  });

  it('depends on the seed alone, and leaves images alone without options', () => {
    const x = floats([5, 9, 9, 1], { low: 0, high: 1 });
    const all: ops.AugmentOptions = {
      ...{ rotation: 20, translation: 0.1, shear: 0.1, zoom: 0.1, horizontalFlip: true },
      ...{ elastic: true, contrast: 0.2, brightness: 0.1, noise: 0.1 },
    };
    const draw = (seed?: number) =>
      ops.augment(x, { ...all, ...(seed === undefined ? {} : { seed }) });
    expect(draw(1).data).toEqual(draw(1).data);
    expect(draw(2).data).not.toEqual(draw(1).data);
    expect(draw().data).not.toEqual(draw().data);
    setSeed(4);
    const first = draw().data;
    setSeed(4);
    expect(draw().data).toEqual(first);
    expect(ops.augment(x, {}).data).toEqual(x.data);
  });

  it.each([
    [{ rotaton: 5 }, /Unknown augment option 'rotaton'. Did you mean 'rotation'/],
    [{ rotation: [5, 1] }, /augment: rotation must be a number r, for -r to r, or.*\[5,1\]/],
    [{ zoom: -1 }, /augment: zoom must be .* within \[-0.99, 100\], but got -1/],
    [{ translation: { x: 1 } }, /Unknown augment: translation option 'x'/],
    [{ contrast: 2 }, /augment: contrast must be a number c in \[0, 1\]/],
    [{ noise: -1 }, /augment: noise must be/],
    [{ elastic: { alpha: 5, sigma: 0 } }, /elastic: sigma must be/],
    [{ horizontalFlip: 1 }, /horizontalFlip must be true or false/],
    [{ fillMode: 'edge' }, /Unknown augment: fillMode 'edge'/],
    [{ valueRange: [1, 0] }, /valueRange must be \[lowest, highest\]/],
    [{ seed: 0.5 }, /seed must be a whole number/],
  ])('refuses %o', (options, message) => {
    expect(() => ops.augment(floats([1, 3, 3, 1]), options as never)).toThrow(message);
  });

  it('refuses what is no batch of images', () => {
    expect(() => ops.augment(floats([28, 28]))).toThrow(/augment: images must be \[n, rows/);
  });
});
