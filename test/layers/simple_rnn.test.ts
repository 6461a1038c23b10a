import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { Graph } from '../../lib/graph/ir.js';
import { get, input, simpleRNN } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { type Cell, product, recurrence, reversed } from './recurrent.js';

function cell(recurrent: Real, activation: (x: number) => number = Math.tanh): Cell {
  const units = recurrent.shape[0] as number;
  return {
    gates: 1,
    states: 1,
    units,
    step: (xh, [h = []]) => [
      h.map((_, j) => activation((xh[j] as number) + product(h, recurrent, j))),
    ],
  };
}

const column = (bias: Real | undefined) => (j: number) => bias?.at([j]) ?? 0;
const lengthOf = (time: number, n: number, units: number) => time * (n + units + 10);

describe('simpleRNN', () => {
  it('gives the last output', () => {
    checkLayer({
      layer: simpleRNN({ units: 3 }),
      inputs: [floats([2, 4, 2])],
      reference: ([x], [kernel, recurrent, bias]) =>
        recurrence(x as Real, kernel as Real, column(bias), cell(recurrent as Real))
          .states[0] as Real,
      length: lengthOf(4, 2, 3),
      magnitude: 1,
      bad: [
        [[[null, 4]], /expected an input \[batch, time, features\], of rank 3/],
        [
          [
            [null, 4, 2],
            [null, 2],
          ],
          /with 1 initial state of shape \[null, 3\], but got \[null, 2\]/,
        ],
      ],
    });
  });

  it('gives every output, backwards, without a bias, from a given state, masked', () => {
    const mask = tensor(Float32Array.of(1, 0, 1, 1, 1, 0), [2, 3]);
    checkLayer({
      layer: simpleRNN({
        units: 2,
        activation: 'linear',
        useBias: false,
        returnSequences: true,
        goBackwards: true,
      }),
      inputs: [floats([2, 3, 3]), floats([2, 2], { seed: 5 })],
      masks: [mask],
      reference: ([x, ...states], [kernel, recurrent]) =>
        recurrence(
          reversed(x as Real),
          kernel as Real,
          undefined,
          cell(recurrent as Real, (y) => y),
          states,
          reversed(Real.of(mask)),
        ).hidden,
      length: lengthOf(3, 3, 2),
      magnitude: 64,
    });
  });

  it('has weights and settings as in Keras', () => {
    const layer = simpleRNN({ units: 4, biasInitializer: 'ones' });
    expect(layer.apply(input({ shape: [null, 3] })).shape).toEqual([null, 4]);
    expect(layer.weights.map(({ name, shape }) => [name.split('/')[1], shape])).toEqual([
      ['kernel', [3, 4]],
      ['recurrent_kernel', [4, 4]],
      ['bias', [4]],
    ]);
    const read = get({
      class_name: 'SimpleRNN',
      config: { units: 4, activation: 'relu', dropout: 0.25, unroll: true, seed: null },
    });
    expect(read.getConfig()).toMatchObject({ activation: 'relu', dropout: 0.25, unroll: true });
    expect(() => simpleRNN({ units: 2, recurrentActivation: 'tanh' } as never)).toThrow(
      /Unknown SimpleRNN option 'recurrentActivation'/,
    );
  });

  it('is as large a graph for a long sequence as for a short one', () => {
    const sizeFor = (steps: number, activation: 'tanh' | 'relu') => {
      const graph = new Graph();
      const x = graph.feed({ shape: [2, steps, 3], dtype: 'float32' });
      const mask = graph.feed({ shape: [2, steps], dtype: 'float32' });
      simpleRNN({ units: 4, activation }).invoke([x.withMask(mask)], { training: true });
      return graph.nodes.length;
    };
    expect(sizeFor(50, 'tanh')).toBe(sizeFor(5, 'tanh'));
    expect(sizeFor(50, 'relu')).toBeGreaterThan(sizeFor(5, 'relu'));
  });
});
