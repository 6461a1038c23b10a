import { describe, expect, it } from 'vitest';
import {
  averagePooling1d,
  globalAveragePooling1d,
  globalMaxPooling1d,
  maxPooling1d,
} from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const mean = (xs: number[]) => total(xs) / xs.length;
const largest = (xs: number[]) => Math.max(...xs);

describe.each([
  ['maxPooling1d', maxPooling1d, largest],
  ['averagePooling1d', averagePooling1d, mean],
] as const)('%s', (_, factory, f) => {
  it.each([
    [{}, { size: 2, stride: 2, pad: 0, time: 3 }],
    [
      { poolSize: 3, strides: 2, padding: 'same' },
      { size: 3, stride: 2, pad: 1, time: 4 },
    ],
  ] as const)('with %o', (options, { size, stride, pad, time }) => {
    checkLayer({
      layer: factory(options),
      inputs: [floats([2, 7, 3])],
      reference: ([x]) =>
        Real.make([2, time, 3], (index) => {
          const [b, t, c] = index as [number, number, number];
          const places = Array.from({ length: size }, (__, i) => t * stride + i - pad);
          const inside = places.filter((at) => at >= 0 && at < 7);
          return f(inside.map((at) => (x as Real).at([b, at, c])));
        }),
      bad: [[[[null, 3]], /\[batch, time, channels\], of rank 3/]],
    });
  });

  it('refuses options that make no sense', () => {
    expect(() => factory({ poolSize: 0 })).toThrow(/poolSize must be a whole number of at least 1/);
    expect(() => factory({ padding: 'causal' as never })).toThrow(/Unknown padding 'causal'/);
  });
});

describe.each([
  ['globalMaxPooling1d', globalMaxPooling1d, largest],
  ['globalAveragePooling1d', globalAveragePooling1d, mean],
] as const)('%s', (_, factory, f) => {
  it.each([false, true])('keepdims %s', (keepdims) => {
    checkLayer({
      layer: factory({ keepdims }),
      inputs: [floats([2, 5, 3])],
      reference: ([x]) => alongAxes(x as Real, [1], f, keepdims),
      length: 8,
      bad: [[[[null, 3]], /of rank 3/]],
    });
  });
});
