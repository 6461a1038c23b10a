import { describe, expect, it } from 'vitest';
import { Graph } from '../../lib/graph/ir.js';
import {
  activation,
  dropout,
  flatten,
  InputLayer,
  input,
  inputLayer,
  rescaling,
  reshape,
} from '../../lib/layers/index.js';
import { Program } from '../../lib/runtime/program.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

describe('flatten', () => {
  it('makes one row of each sample', () => {
    checkLayer({
      layer: flatten(),
      inputs: [floats([2, 3, 4, 2])],
      reference: ([x]) => new Real([2, 24], (x as Real).data.slice()),
    });
  });
});

describe('reshape', () => {
  it('gives each sample another shape', () => {
    checkLayer({
      layer: reshape({ targetShape: [4, -1, 2] }),
      inputs: [floats([2, 24])],
      reference: ([x]) => new Real([2, 4, 3, 2], (x as Real).data.slice()),
      bad: [[[[null, 9]], /cannot turn \[9\] \(9 elements\) into \[4, -1, 2\]/]],
    });
  });

  it('refuses shapes that make no sense', () => {
    expect(() => reshape({ targetShape: [0] })).toThrow(/targetShape must hold whole numbers/);
    expect(() => reshape({} as never)).toThrow(/targetShape must hold whole numbers/);
  });
});

describe('activation', () => {
  it('applies a function by name', () => {
    checkLayer({
      layer: activation({ activation: 'softplus' }),
      inputs: [floats([3, 5])],
      reference: ([x]) => (x as Real).map((value) => Math.log1p(Math.exp(value))),
      length: 8,
    });
  });

  it('applies softmax over the last axis', () => {
    checkLayer({
      layer: activation({ activation: 'softmax' }),
      inputs: [floats([2, 3, 4])],
      reference: ([x]) => {
        const sums = alongAxes(x as Real, [2], (xs) => total(xs.map(Math.exp)), true);
        return Real.make([2, 3, 4], (index) => Math.exp((x as Real).at(index)) / sums.at(index));
      },
      length: 16,
    });
  });

  it('needs one', () => {
    expect(() => activation({} as never)).toThrow(/expected an activation/);
    expect(() => activation({ activation: 'soft_max2' })).toThrow("Did you mean 'softmax'?");
  });
});

describe('rescaling', () => {
  it('multiplies and adds', () => {
    checkLayer({
      layer: rescaling({ scale: 0.5, offset: -1 }),
      inputs: [floats([3, 5])],
      reference: ([x]) => (x as Real).map((value) => value * 0.5 - 1),
    });
  });

  it('has numbers for each channel', () => {
    checkLayer({
      layer: rescaling({ scale: [1, 2, 4], offset: [0, 0.5, 0] }),
      inputs: [floats([2, 2, 3])],
      reference: ([x]) =>
        Real.make([2, 2, 3], (index) => {
          const channel = index[2] as number;
          return (x as Real).at(index) * 2 ** channel + (channel === 1 ? 0.5 : 0);
        }),
    });
  });

  it('makes floats of bytes', () => {
    const images = input({ shape: [2], dtype: 'uint8' });
    const y = rescaling({ scale: 2 }).apply(images);
    expect(y.dtype).toBe('float32');
    expect(y.shape).toEqual([null, 2]);
  });

  it('refuses what is not a number', () => {
    expect(() => rescaling({ scale: Number.NaN })).toThrow(/scale must be a finite number/);
  });
});

describe('dropout', () => {
  it('does nothing outside of training', () => {
    checkLayer({
      layer: dropout({ rate: 0.5 }),
      inputs: [floats([3, 5])],
      reference: ([x]) => (x as Real).map((value) => value),
    });
  });

  it('multiplies by a random mask in training', () => {
    const layer = dropout({ rate: 0.5, seed: 3 });
    const graph = new Graph();
    const ones = graph.feed({ shape: [3, 5], dtype: 'float32' });
    for (const value of layer.invoke([ones], { training: true })) graph.result(value);
    const mask = new Float32Array(15);
    new Program(graph).runSync({
      steps: 1,
      feeds: [new Float32Array(15).fill(1)],
      results: [mask],
    });
    expect([...new Set(mask)].sort()).toEqual([0, 2]);
    checkLayer({
      layer,
      inputs: [floats([3, 5])],
      training: true,
      reference: ([x]) =>
        new Real(
          [3, 5],
          (x as Real).data.map((value, i) => value * (mask[i] as number)),
        ),
    });
  });

  it('drops in training only', () => {
    const layer = dropout({ rate: 0.25, seed: 3 });
    layer.apply(input({ shape: [5] }));
    const graph = new Graph();
    const x = graph.feed({ shape: [2, 5], dtype: 'float32' });
    const [y] = layer.invoke([x], { training: true });
    expect(y?.node.op.name).toBe('dropout');
    expect(y?.node.attrs.rate).toBe(0.25);
    expect(layer.invoke([x], { training: false })).toEqual([x]);
  });

  it('refuses a rate outside of [0, 1)', () => {
    expect(() => dropout({ rate: 1 })).toThrow(/rate must be a number in \[0, 1\), but got 1/);
    expect(() => dropout({ rate: -0.1 })).toThrow(/rate must be a number in \[0, 1\)/);
  });
});

describe('input', () => {
  it('has the batch in front', () => {
    const x = input({ shape: [28, null, 1], dtype: 'uint8', name: 'images' });
    expect(x.shape).toEqual([null, 28, null, 1]);
    expect([x.dtype, x.name, x.call]).toEqual(['uint8', 'images', undefined]);
    expect(InputLayer.of(x)?.output).toBe(x);
  });

  it('is a layer as well', () => {
    const layer = inputLayer({ inputShape: [3] });
    expect(layer.batchInputShape).toEqual([null, 3]);
    expect(layer.getConfig()).toMatchObject({ batch_shape: [null, 3], dtype: 'float32' });
    expect(InputLayer.fromConfig(layer.getConfig()).getConfig()).toEqual(layer.getConfig());
  });

  it('refuses what is not a shape', () => {
    expect(() => input({ shape: [0] })).toThrow(/expected a shape of whole numbers of at least 1/);
    expect(() => input({} as never)).toThrow(/but got undefined/);
    expect(() => input({ shap: [3] } as never)).toThrow("Did you mean 'shape'?");
  });
});
