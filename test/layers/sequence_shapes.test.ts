import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import type { Value } from '../../lib/graph/ir.js';
import {
  cropping1d,
  cropping2d,
  get,
  input,
  lambda,
  permute,
  repeatVector,
  upSampling1d,
  upSampling2d,
} from '../../lib/layers/index.js';
import { model } from '../../lib/models/index.js';
import * as ops from '../../lib/ops/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

type Index = [number, number, number, number];

describe('permute', () => {
  it('puts the axes of a sample in another order', () => {
    checkLayer({
      layer: permute({ dims: [3, 1, 2] }),
      inputs: [floats([2, 3, 4, 5])],
      reference: ([x]) =>
        Real.make([2, 5, 3, 4], (index) => {
          const [b, i, j, k] = index as Index;
          return (x as Real).at([b, j, k, i]);
        }),
      length: 0,
      bad: [[[[null, 3]], /of rank 4/]],
    });
  });

  it('wants each axis once', () => {
    expect(() => permute({ dims: [0, 1] })).toThrow(/dims must hold the axes of a sample/);
    expect(() => permute({ dims: [1, 1] })).toThrow(/dims must hold the axes of a sample/);
    expect(() => permute({} as never)).toThrow(/but got undefined/);
  });
});

describe('repeatVector', () => {
  it('makes a sequence of a vector', () => {
    checkLayer({
      layer: repeatVector({ n: 3 }),
      inputs: [floats([2, 4])],
      reference: ([x]) =>
        Real.make([2, 3, 4], ([b, , i]) => (x as Real).at([b as number, i as number])),
      length: 1,
      bad: [[[[null, 3, 2]], /of rank 2/]],
    });
    expect(() => repeatVector({ n: 0 })).toThrow(/n must be a whole number of at least 1/);
  });
});

describe('cropping1d', () => {
  it.each([
    [1, [1, 1]],
    [
      [2, 0],
      [2, 0],
    ],
  ] as const)('by %j', (cropping, [first, last]) => {
    checkLayer({
      layer: cropping1d({ cropping }),
      inputs: [floats([2, 5, 3])],
      reference: ([x]) =>
        Real.make([2, 5 - first - last, 3], ([b, t, c]) =>
          (x as Real).at([b as number, (t as number) + first, c as number]),
        ),
      length: 0,
      bad: [
        [[[null, 2, 3]], /leaves nothing of an input of shape \[null, 2, 3\]/],
        [[[null, 2]], /of rank 3/],
      ],
    });
  });
});

describe('cropping2d', () => {
  it.each([
    [1, [1, 1, 1, 1]],
    [
      [2, 1],
      [2, 2, 1, 1],
    ],
    [
      [
        [0, 3],
        [1, 0],
      ],
      [0, 3, 1, 0],
    ],
  ] as const)('by %j', (cropping, [top, bottom, left, right]) => {
    checkLayer({
      layer: cropping2d({ cropping }),
      inputs: [floats([2, 6, 5, 2])],
      reference: ([x]) =>
        Real.make([2, 6 - top - bottom, 5 - left - right, 2], (index) => {
          const [b, i, j, c] = index as Index;
          return (x as Real).at([b, i + top, j + left, c]);
        }),
      length: 0,
      bad: [[[[null, 2, 1, 3]], /leaves nothing/]],
    });
  });

  it('refuses what is not a number of rows', () => {
    expect(() => cropping2d({ cropping: -1 })).toThrow(/cropping must be a whole number/);
    expect(() => cropping2d({ cropping: [1, 2, 3] as never })).toThrow(/cropping must be a number/);
  });
});

describe('upSampling2d', () => {
  it.each([2, [3, 1], [1, 2]] as const)('repeats %j times', (size) => {
    const [by, across] = [size].flat().length === 1 ? [2, 2] : (size as readonly number[]);
    checkLayer({
      layer: upSampling2d({ size }),
      inputs: [floats([2, 3, 2, 3])],
      reference: ([x]) =>
        Real.make([2, 3 * (by as number), 2 * (across as number), 3], (index) => {
          const [b, i, j, c] = index as Index;
          const place = [Math.floor(i / (by as number)), Math.floor(j / (across as number))];
          return (x as Real).at([b, ...place, c]);
        }),
      length: 1,
      bad: [[[[null, 3, 2]], /of rank 4/]],
    });
  });

  it.each([2, [3, 1], [2, 3]] as const)('interpolates %j times as many', (size) => {
    const [by, across] = [size].flat().length === 1 ? [2, 2] : (size as readonly number[]);
    const hat = (x: number, at: number) => Math.max(0, 1 - Math.abs(x - at));
    const place = (i: number, times: number, n: number) =>
      Math.min(Math.max((i + 0.5) / times - 0.5, 0), n - 1);
    checkLayer({
      layer: upSampling2d({ size, interpolation: 'bilinear' }),
      inputs: [floats([2, 3, 4, 2])],
      reference: ([x]) =>
        Real.make([2, 3 * (by as number), 4 * (across as number), 2], (index) => {
          const [b, i, j, c] = index as Index;
          const [row, column] = [place(i, by as number, 3), place(j, across as number, 4)];
          let sum = 0;
          for (let r = 0; r < 3; r++) {
            for (let k = 0; k < 4; k++) {
              sum += hat(row, r) * hat(column, k) * (x as Real).at([b, r, k, c]);
            }
          }
          return sum;
        }),
      length: 8,
      magnitude: 1,
    });
  });

  it('knows two ways', () => {
    expect(() => upSampling2d({ interpolation: 'bicubic' as never })).toThrow(/interpolation/);
    expect(() => ops.upSample2d(floats([1, 2, 2, 1]), { interpolation: 'cubic' as never })).toThrow(
      /must be 'nearest' or 'bilinear'/,
    );
  });
});

describe('upSampling1d', () => {
  it('repeats each step', () => {
    checkLayer({
      layer: upSampling1d({ size: 3 }),
      inputs: [floats([2, 4, 3])],
      reference: ([x]) =>
        Real.make([2, 12, 3], ([b, t, c]) =>
          (x as Real).at([b as number, Math.floor((t as number) / 3), c as number]),
        ),
      length: 1,
      bad: [[[[null, 3]], /of rank 3/]],
    });
  });
});

describe('lambda', () => {
  it('applies a function', async () => {
    const x = input({ shape: [3] });
    const y = lambda({ function: (v) => ops.add(ops.square(v), 1), name: 'shifted' }).apply(x);
    expect([y.shape, y.name]).toEqual([[null, 3], 'shifted']);
    const made = await model({ inputs: x, outputs: y }).predict(tensor([[1, 2, 3]]));
    expect((made as ReturnType<typeof tensor>).toArray()).toEqual([[2, 5, 10]]);
  });

  it('takes several inputs', () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [1] })];
    const gate = ([u, v]: Value[]) => ops.multiply(u as Value, v as Value);
    const y = lambda({ function: gate }).apply([a, b]);
    expect(y.shape).toEqual([null, 3]);
  });

  it('cannot come from a configuration', () => {
    const layer = lambda({ function: ops.square });
    expect(() => get({ class_name: 'Lambda', config: layer.getConfig() })).toThrow(
      /does not hold its function. Extend Layer/,
    );
    expect(() => lambda({} as never)).toThrow(/function must be a function written with ops/);
  });
});
