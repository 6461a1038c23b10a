import { describe, expect, it } from 'vitest';
import { type Shape, sizeOf } from '../../lib/core/shape.js';
import { Graph } from '../../lib/graph/ir.js';
import {
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  input,
  type Layer,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from '../../lib/layers/index.js';
import { Program } from '../../lib/runtime/program.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { elementwise, Real, total } from '../support/op_reference.js';

/** What the layer makes in training of an input that is the same number everywhere. */
function trained(layer: Layer, shape: Shape, value: number): Real {
  const graph = new Graph();
  const x = graph.feed({ shape, dtype: 'float32' });
  for (const y of layer.invoke([x], { training: true })) graph.result(y);
  const data = new Float32Array(sizeOf(shape));
  const feeds = [new Float32Array(sizeOf(shape)).fill(value)];
  new Program(graph).runSync({ steps: 1, feeds, results: [data] });
  return new Real(shape, Float64Array.from(data));
}

const plus = elementwise((a, b) => (a as number) + (b as number));
const times = elementwise((a, b) => (a as number) * (b as number));

const mean = ({ data }: Real) => total([...data]) / data.length;
const deviation = (x: Real) => Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)));

describe.each([
  ['gaussianNoise', () => gaussianNoise({ stddev: 0.5 })],
  ['gaussianDropout', () => gaussianDropout({ rate: 0.5 })],
  ['alphaDropout', () => alphaDropout({ rate: 0.5 })],
  ['dropout with a shape', () => dropout({ rate: 0.5, noiseShape: [null, 1] })],
])('%s', (_, make) => {
  it('does nothing outside of training', () => {
    checkLayer({
      layer: make(),
      inputs: [floats([3, 5])],
      reference: ([x]) => (x as Real).map((value) => value),
    });
  });
});

describe('gaussianNoise', () => {
  const layer = gaussianNoise({ stddev: 0.5, seed: 3 });

  it('adds normal noise in training', () => {
    const noise = trained(layer, [3, 5], 0);
    checkLayer({
      layer,
      inputs: [floats([3, 5])],
      training: true,
      reference: ([x]) => plus(x as Real, noise),
    });
  });

  it('has the mean and deviation wanted', () => {
    const noise = trained(layer, [100, 100], 0);
    // Five standard errors of a mean and of a deviation.
    expect(Math.abs(mean(noise))).toBeLessThan((5 * 0.5) / 100);
    expect(Math.abs(deviation(noise) / 0.5 - 1)).toBeLessThan(5 * Math.sqrt(1 / 20000));
  });

  it('refuses a deviation below 0', () => {
    expect(() => gaussianNoise({ stddev: -1 })).toThrow(/stddev must be a finite number/);
    expect(() => gaussianNoise({ stddev: 1, seed: 0.5 })).toThrow(/seed must be a whole number/);
  });
});

describe('gaussianDropout', () => {
  const layer = gaussianDropout({ rate: 0.2, seed: 3 });

  it('multiplies by normal noise in training', () => {
    const noise = trained(layer, [3, 5], 1);
    checkLayer({
      layer,
      inputs: [floats([3, 5])],
      training: true,
      reference: ([x]) => times(x as Real, noise),
    });
  });

  it('has mean 1 and the deviation of dropout', () => {
    const noise = trained(layer, [100, 100], 1);
    expect(Math.abs(mean(noise) - 1)).toBeLessThan((5 * 0.5) / 100);
    expect(Math.abs(deviation(noise) / 0.5 - 1)).toBeLessThan(5 * Math.sqrt(1 / 20000));
  });
});

describe('alphaDropout', () => {
  const lowest = -1.7580993408473766;
  const rate = 0.25;
  const scale = ((1 - rate) * (1 + rate * lowest ** 2)) ** -0.5;

  it('sets elements to the lowest value of selu', () => {
    const layer = alphaDropout({ rate, seed: 3 });
    // Of zeros, what is kept becomes the offset.
    const offset = -scale * lowest * rate;
    const kept = trained(layer, [4, 5], 0).map((y) => (Math.abs(y - offset) < 1e-6 ? 1 : 0));
    expect(new Set(kept.data)).toEqual(new Set([0, 1]));
    checkLayer({
      layer,
      inputs: [floats([4, 5])],
      training: true,
      reference: ([x]) =>
        elementwise((v, keep) => scale * (keep === 1 ? (v as number) : lowest) + offset)(
          x as Real,
          kept,
        ),
      magnitude: 2,
    });
  });

  it('drops places of one row together when told so', () => {
    const { data } = trained(alphaDropout({ rate, seed: 3, noiseShape: [null, 1] }), [20, 3], 0);
    const rows = Array.from({ length: 20 }, (_, i) => new Set(data.slice(3 * i, 3 * i + 3)).size);
    expect(rows).toEqual(new Array(20).fill(1));
    expect(new Set(data).size).toBe(2);
  });
});

describe.each([
  ['spatialDropout1d', spatialDropout1d, [2, 3, 6]],
  ['spatialDropout2d', spatialDropout2d, [2, 2, 3, 6]],
  ['spatialDropout3d', spatialDropout3d, [2, 2, 1, 3, 6]],
] as const)('%s', (_, factory, shape) => {
  it('drops whole channels in training', () => {
    const layer = factory({ rate: 0.5, seed: 1 });
    const mask = trained(layer, shape, 1);
    const channels = Real.make([2, 6], ([b, c]) =>
      mask.at([b as number, ...shape.slice(1, -1).map(() => 0), c as number]),
    );
    expect(new Set(channels.data)).toEqual(new Set([0, 2]));
    checkLayer({
      layer,
      inputs: [floats(shape)],
      training: true,
      reference: ([x]) =>
        Real.make(shape, (index) => {
          return (x as Real).at(index) * channels.at([index[0] as number, index.at(-1) as number]);
        }),
      bad: [[[[null, 3]], new RegExp(`of rank ${shape.length}`)]],
    });
  });

  it('does nothing outside of training', () => {
    checkLayer({
      layer: factory({ rate: 0.5 }),
      inputs: [floats(shape)],
      reference: ([x]) => (x as Real).map((value) => value),
    });
  });
});

describe('dropout with a shape', () => {
  it('drops together what the shape does not tell apart', () => {
    const layer = dropout({ rate: 0.5, noiseShape: [null, 1, 4], seed: 3 });
    const mask = trained(layer, [2, 3, 4], 1);
    expect(new Set(mask.data)).toEqual(new Set([0, 2]));
    checkLayer({
      layer,
      inputs: [floats([2, 3, 4])],
      training: true,
      reference: ([x]) =>
        Real.make([2, 3, 4], (index) => (x as Real).at(index) * mask.at(index.with(1, 0))),
    });
  });

  it('refuses a shape that does not fit', () => {
    expect(() => dropout({ rate: 0.5, noiseShape: [0, 1] })).toThrow(/noiseShape must be a list/);
    const layer = dropout({ rate: 0.5, noiseShape: [null, 2] });
    layer.apply(input({ shape: [3] }));
    expect(() => trained(layer, [2, 3], 1)).toThrow(/noiseShape must have 1, null or the input's/);
  });
});
