import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { get, input, lstm } from '../../lib/layers/index.js';
import { relu } from '../../lib/ops/unary.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { type Cell, lastOf, product, recurrence, reversed, sigmoid } from './recurrent.js';

type Function = (x: number) => number;

function cell(recurrent: Real, activation: Function = Math.tanh, gate: Function = sigmoid): Cell {
  const units = recurrent.shape[0] as number;
  return {
    gates: 4,
    states: 2,
    units,
    step: (xz, [h = [], c = []]) => {
      const z = (j: number) => (xz[j] as number) + product(h, recurrent, j);
      const next = c.map((before, j) => {
        const [i, f] = [gate(z(j)), gate(z(units + j))];
        return f * before + i * activation(z(2 * units + j));
      });
      return [next.map((value, j) => gate(z(3 * units + j)) * activation(value)), next];
    },
  };
}

const column = (bias: Real | undefined) => (j: number) => bias?.at([j]) ?? 0;
/** Terms of both products and some 30 roundings of functions at each step. */
const lengthOf = (time: number, n: number, units: number) => time * (n + units + 32);

/** Padded in front, in the middle, and not at all. */
const mask = tensor(Float32Array.of(0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1), [3, 4]);

describe('lstm', () => {
  it('gives the last output', () => {
    checkLayer({
      layer: lstm({ units: 3 }),
      inputs: [floats([2, 4, 2])],
      reference: ([x], [kernel, recurrent, bias]) =>
        recurrence(x as Real, kernel as Real, column(bias), cell(recurrent as Real))
          .states[0] as Real,
      length: lengthOf(4, 2, 3),
      magnitude: 1,
      bad: [
        [
          [[null, 4]],
          /expected an input \[batch, time, features\], of rank 3, but got \[null, 4\]/,
        ],
        [[[null, 4, 3]], /with 2 on axis -1/],
        [
          [
            [null, 4, 2],
            [null, 3],
          ],
          /a sequence alone, or with 2 initial states of shape \[null, 3\], but got \[null, 3\]/,
        ],
        [
          [
            [null, 4, 2],
            [null, 3],
            [null, 4],
          ],
          /but got \[null, 3\] and \[null, 4\]/,
        ],
      ],
    });
  });

  it('gives every output, backwards, without a bias, from given states', () => {
    checkLayer({
      layer: lstm({ units: 2, useBias: false, returnSequences: true, goBackwards: true }),
      inputs: [floats([2, 3, 3]), floats([2, 2], { seed: 5 }), floats([2, 2], { seed: 6 })],
      reference: ([x, ...states], [kernel, recurrent]) =>
        recurrence(reversed(x as Real), kernel as Real, undefined, cell(recurrent as Real), states)
          .hidden,
      length: lengthOf(3, 3, 2),
      magnitude: 1,
    });
  });

  it.each([
    ['alone', []],
    ['from given states', [floats([3, 2], { seed: 5 }), floats([3, 2], { seed: 6 })]],
  ])('stays as it is at masked steps, %s', (_, states) => {
    for (const options of [{}, { returnSequences: true }, { goBackwards: true }]) {
      const backwards = 'goBackwards' in options;
      checkLayer({
        layer: lstm({ units: 2, ...options }),
        inputs: [floats([3, 4, 3]), ...states],
        masks: [mask],
        reference: ([x, ...initial], [kernel, recurrent, bias]) => {
          const [sequence, skip] = [x as Real, Real.of(mask)].map((y) =>
            backwards ? reversed(y) : y,
          ) as [Real, Real];
          const { hidden } = recurrence(
            sequence,
            kernel as Real,
            column(bias),
            cell(recurrent as Real),
            initial,
            skip,
          );
          return 'returnSequences' in options ? hidden : lastOf(hidden);
        },
        length: lengthOf(4, 3, 2),
        magnitude: 1,
      });
    }
  });

  it('takes other activations', () => {
    const hardSigmoid = (x: number) => Math.min(Math.max(x / 6 + 0.5, 0), 1);
    const softsign = (x: number) => x / (1 + Math.abs(x));
    for (const returnSequences of [false, true]) {
      checkLayer({
        layer: lstm({
          units: 2,
          activation: 'softsign',
          recurrentActivation: 'hardSigmoid',
          returnSequences,
        }),
        inputs: [floats([2, 3, 2], { low: -1, high: 1 })],
        reference: ([x], [kernel, recurrent, bias]) => {
          const other = cell(recurrent as Real, softsign, hardSigmoid);
          const { hidden, states } = recurrence(x as Real, kernel as Real, column(bias), other);
          return returnSequences ? hidden : (states[0] as Real);
        },
        length: lengthOf(3, 2, 2),
        magnitude: 1,
      });
    }
  });

  it('starts from its initializers, with a forget bias of 1', () => {
    const layer = lstm({ units: 2, biasInitializer: 'zeros' });
    layer.apply(input({ shape: [5, 3] }));
    const [kernel, recurrent, bias] = layer.getWeights();
    expect(kernel?.shape).toEqual([3, 8]);
    expect(recurrent?.shape).toEqual([2, 8]);
    expect(bias?.toArray()).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    const plain = lstm({ units: 1, unitForgetBias: false, recurrentInitializer: 'ones' });
    plain.apply(input({ shape: [5, 3] }));
    expect(plain.getWeights()[1]?.toArray()).toEqual([[1, 1, 1, 1]]);
    expect(plain.getWeights()[2]?.toArray()).toEqual([0, 0, 0, 0]);
  });

  it('announces its outputs, whatever the number of steps', () => {
    const x = input({ shape: [null, 3] });
    const shapes = (options: object) =>
      [lstm({ units: 2, ...options }).apply(x)].flat().map(({ shape }) => shape);
    expect(shapes({})).toEqual([[null, 2]]);
    expect(shapes({ returnSequences: true })).toEqual([[null, null, 2]]);
    expect(shapes({ returnState: true })).toEqual([
      [null, 2],
      [null, 2],
      [null, 2],
    ]);
  });

  it('reads what Keras writes', () => {
    const layer = get({
      class_name: 'LSTM',
      config: {
        units: 4,
        activation: 'tanh',
        recurrent_activation: 'sigmoid',
        recurrent_initializer: { class_name: 'Orthogonal', config: { gain: 1, seed: null } },
        kernel_constraint: null,
        dropout: 0,
        recurrent_dropout: 0,
        stateful: false,
        unroll: false,
        zero_output_for_mask: false,
        return_state: true,
        seed: null,
      },
    });
    expect(layer.getConfig()).toMatchObject({
      units: 4,
      return_state: true,
      unit_forget_bias: true,
    });
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => lstm({ units: 2, ...options } as never);
    expect(make({ units: 0.5 })).toThrow(/units must be a whole number of at least 1, but got 0.5/);
    expect(make({ unit: 3 })).toThrow("Unknown LSTM option 'unit'. Did you mean 'units'?");
    expect(make({ dropout: 1 })).toThrow(
      /\(LSTM\): dropout must be a number in \[0, 1\), but got 1/,
    );
    expect(make({ seed: -1 })).toThrow(/seed must be a whole number of at least 0/);
    expect(make({ activation: relu })).not.toThrow();
    expect(() => lstm({ units: 2 }).apply(input({ shape: [4, null] }))).toThrow(/must be known/);
  });
});
