import { describe, expect, it } from 'vitest';
import { LugeError } from '../../lib/core/errors.js';
import { sizeOf } from '../../lib/core/shape.js';
import { tensor } from '../../lib/core/tensor.js';
import { ops } from '../../lib/index.js';

type Op = (...args: unknown[]) => unknown;
const of = (...shape: number[]) => tensor(new Float32Array(sizeOf(shape)).fill(0.5), shape);
const [x, row, image, volume] = [of(2, 2), of(2), of(1, 4, 4, 2), of(1, 4, 4, 4, 2)];
const reduced = [x, 0, false];

/** Arguments that are right, with every one that may be left out. Not listed: what takes x alone. */
const right: Record<string, readonly unknown[]> = {
  ...Object.fromEntries(
    [
      ...['add', 'divide', 'div', 'equal', 'floorDivide', 'floorDiv', 'greater', 'greaterEqual'],
      ...['less', 'lessEqual', 'maximum', 'minimum', 'mod', 'multiply', 'mul', 'notEqual'],
      ...['power', 'pow', 'subtract', 'sub', 'sigmoidCrossEntropy', 'softmaxCrossEntropy'],
    ].map((name) => [name, [x, x]]),
  ),
  ...Object.fromEntries(
    ['max', 'mean', 'min', 'moments', 'prod', 'sum', 'variance'].map((name) => [name, reduced]),
  ),
  ...Object.fromEntries(
    ['maxPool2d', 'averagePool2d', 'l2Pool2d', 'upSample2d', 'augment'].map((name) => [
      name,
      [image, {}],
    ]),
  ),
  ...Object.fromEntries(
    ['maxPool3d', 'averagePool3d', 'upSample3d'].map((name) => [name, [volume, {}]]),
  ),
  ...Object.fromEntries(
    ['randomNormal', 'randomUniform', 'truncatedNormal'].map((name) => [name, [[2], {}]]),
  ),
  argMax: [x, 0, false],
  argMin: [x, 0, false],
  argmax: [x, 0, false],
  argmin: [x, 0, false],
  batchNormalization: [x, row, row, row, row, 0.1],
  broadcastTo: [x, [2, 2]],
  cast: [x, 'int32'],
  celu: [x, 1],
  clip: [x, 0, 1],
  clipByValue: [x, 0, 1],
  concat: [[x, x], 0],
  concatenate: [[x, x], 0],
  conv2d: [image, of(2, 2, 2, 3), {}],
  conv2dTranspose: [image, of(2, 2, 3, 2), {}],
  conv3d: [volume, of(2, 2, 2, 2, 3), {}],
  conv3dTranspose: [volume, of(2, 2, 2, 3, 2), {}],
  depthwiseConv2d: [image, of(2, 2, 2, 1), {}],
  dropout: [x, 0.5, {}],
  elu: [x, 1],
  expandDims: [x, 0],
  gather: [x, [0, 1], 0],
  gelu: [x, true],
  glu: [x, -1],
  gru: [of(1, 2, 6), of(2, 6), {}],
  hardShrink: [x, 0.5],
  leakyRelu: [x, 0.5],
  logSoftmax: [x, 0],
  lstm: [of(1, 2, 8), of(2, 8)],
  matMul: [x, x, {}],
  matmul: [x, x, {}],
  oneHot: [[0, 1], 2],
  pad: [x, [[1, 1], [0, 0]], 0], // biome-ignore format: pairs
  reshape: [x, [4]],
  separableConv2d: [image, of(2, 2, 2, 1), of(1, 1, 2, 3), {}],
  slice: [x, [0, 0], [1, 1], [1, 1]],
  softShrink: [x, 0.5],
  softmax: [x, 0],
  split: [x, 2, 0],
  squareplus: [x, 4],
  squeeze: [of(1, 2), 0],
  stack: [[x, x], 0],
  take: [x, [0, 1], 0],
  threshold: [x, 1, 0],
  transpose: [x, [1, 0]],
  warpImages: [image, of(1, 6), {}],
  where: [x, x, x],
};

const nothing = () => 1;
const isOptions = (given: unknown) =>
  typeof given === 'object' && Object.getPrototypeOf(given) === Object.prototype;

/** What is wrong in the place of an argument, whatever its meaning; a number may be right for most. */
function wrongFor(given: unknown): unknown[] {
  const all = [null, 'x', ['x'], { nonsense: 1 }, nothing];
  if (typeof given === 'boolean') return [...all, 3];
  return isOptions(given) ? [...all, true, 3, [3]] : [...all, true];
}

const cases = Object.keys(ops).flatMap((name) =>
  (right[name] ?? [x]).map((given, place) => [name, place, given] as const),
);

describe('arguments of the wrong kind', () => {
  it.each(Object.keys(ops))('none: ops.%s', (name) => {
    (ops as unknown as Record<string, Op>)[name]?.(...(right[name] ?? [x]));
  });

  it.each(cases)('ops.%s, argument %s', (name, place, given) => {
    const op = (ops as unknown as Record<string, Op>)[name] as Op;
    for (const wrong of wrongFor(given)) {
      const args = (right[name] ?? [x]).with(place, wrong);
      expect(
        errorOf(() => op(...args)),
        `${wrong}`,
      ).toBeInstanceOf(LugeError);
    }
  });

  it.each(cases.filter(([, , given]) => isOptions(given)))(
    'ops.%s says what its options are',
    (name, place) => {
      const op = (ops as unknown as Record<string, Op>)[name] as Op;
      const given = right[name] as unknown[];
      expect(() => op(...given.with(place, 3))).toThrow(
        /takes one object of options, such as \{ \w+: \.\.\. \}, but got 3\./,
      );
      expect(() => op(...given.with(place, { nonsense: 1 }))).toThrow(
        /Unknown .*option 'nonsense'\. Known: \w+/,
      );
    },
  );

  it('shows what came instead', () => {
    const shape = (given: unknown) => () => ops.reshape(x, given as never);
    expect(shape(4)).toThrow('ops.reshape: expected a list of sizes, such as [2, 3], but got 4.');
    expect(shape('4')).toThrow('but got "4".');
    expect(shape(nothing)).toThrow('but got a function.');
    expect(shape(x)).toThrow('but got a Tensor.');
    expect(() => ops.sum(x, Number.NaN)).toThrow('but got NaN.');
    expect(() => ops.transpose(x, null as never)).toThrow(/once, but got null\./);
  });
});

function errorOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}
