import { describe, expect, it } from 'vitest';
import {
  averagePooling2d,
  globalAveragePooling2d,
  globalMaxPooling2d,
  l2Pooling2d,
  maxPooling2d,
} from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, type Real, total } from '../support/op_reference.js';
import { overWindows, type Steps } from './images.js';

const mean = (xs: number[]) => total(xs) / xs.length;
const largest = (xs: number[]) => Math.max(...xs);
const rootMeanSquare = (xs: number[]) => Math.sqrt(mean(xs.map((x) => x * x)));

const kinds = [
  ['maxPooling2d', maxPooling2d, largest],
  ['averagePooling2d', averagePooling2d, mean],
  ['l2Pooling2d', l2Pooling2d, rootMeanSquare],
] as const;

function pool(
  x: Real,
  size: readonly [number, number],
  steps: Steps,
  f: (xs: number[]) => number,
): Real {
  return overWindows(x, size, steps, x.shape[3] as number, (places, image, channel) =>
    f(places.map(({ row, column }) => x.at([image, row, column, channel]))),
  );
}

describe.each(kinds)('%s', (_, factory, f) => {
  const bad = [[[null, 12]], /of rank 4, but got \[null, 12\]/] as const;

  it('has windows of 2 x 2 by default', () => {
    checkLayer({
      layer: factory(),
      inputs: [floats([2, 5, 4, 3])],
      reference: ([x]) =>
        pool(x as Real, [2, 2], { pads: [0, 0], strides: [2, 2], out: [2, 2] }, f),
      length: 8,
      bad: [bad],
    });
  });

  it('has windows that overlap, and padding', () => {
    checkLayer({
      layer: factory({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
      inputs: [floats([1, 5, 4, 2])],
      reference: ([x]) =>
        pool(x as Real, [3, 2], { pads: [1, 0], strides: [2, 1], out: [3, 4] }, f),
      length: 10,
    });
  });

  it('refuses options that make no sense', () => {
    expect(() => factory({ poolSize: 0 })).toThrow(/poolSize must be a whole number of at least 1/);
    expect(() => factory({ poolsizes: 2 } as never)).toThrow("Did you mean 'poolSize'?");
  });
});

describe.each([
  ['globalAveragePooling2d', globalAveragePooling2d, mean],
  ['globalMaxPooling2d', globalMaxPooling2d, largest],
] as const)('%s', (_, factory, f) => {
  it.each([false, true])('with keepdims %s', (keepdims) => {
    checkLayer({
      layer: factory({ keepdims }),
      inputs: [floats([2, 3, 4, 3])],
      reference: ([x]) => alongAxes(x as Real, [1, 2], f, keepdims),
      length: 14,
      bad: [[[[null, 12]], /of rank 4/]],
    });
  });
});
