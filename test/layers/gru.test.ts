import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { layers, sequential } from '../../lib/index.js';
import { get, gru, input } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { type Cell, product, recurrence, reversed, sigmoid } from './recurrent.js';

type Function = (x: number) => number;

/** `bias` is that of the product with the recurrent kernel: without one, resets come before it. */
function cell(
  recurrent: Real,
  bias?: (column: number) => number,
  activation: Function = Math.tanh,
  gate: Function = sigmoid,
): Cell {
  const units = recurrent.shape[0] as number;
  return {
    gates: 3,
    states: 1,
    units,
    step: (xz, [h = []]) => {
      const of = (state: number[], j: number) => product(state, recurrent, j) + (bias?.(j) ?? 0);
      const z = h.map((_, j) => gate((xz[j] as number) + of(h, j)));
      const r = h.map((_, j) => gate((xz[units + j] as number) + of(h, units + j)));
      const reset = h.map((value, j) => value * (r[j] as number));
      return [
        h.map((before, j) => {
          const at = 2 * units + j;
          const inner = bias ? (r[j] as number) * of(h, at) : of(reset, at);
          const candidate = activation((xz[at] as number) + inner);
          return (z[j] as number) * before + (1 - (z[j] as number)) * candidate;
        }),
      ];
    },
  };
}

const row = (bias: Real | undefined, i: number) => (j: number) => bias?.at([i, j]) ?? 0;
/** Terms of both products and some 20 roundings of functions at each step. */
const lengthOf = (time: number, n: number, units: number) => time * (n + units + 22);

describe('gru', () => {
  it('gives the last output, resetting after the product', () => {
    checkLayer({
      layer: gru({ units: 3 }),
      inputs: [floats([2, 4, 2])],
      reference: ([x], [kernel, recurrent, bias]) =>
        recurrence(x as Real, kernel as Real, row(bias, 0), cell(recurrent as Real, row(bias, 1)))
          .states[0] as Real,
      length: lengthOf(4, 2, 3),
      magnitude: 1,
      bad: [
        [[[null, 4, 3]], /with 2 on axis -1/],
        [
          [
            [null, 4, 2],
            [null, 3],
            [null, 3],
          ],
          /with 1 initial state of shape \[null, 3\], but got \[null, 3\] and \[null, 3\]/,
        ],
      ],
    });
  });

  it('gives every output, resetting before it, backwards, from a given state', () => {
    checkLayer({
      layer: gru({ units: 2, resetAfter: false, returnSequences: true, goBackwards: true }),
      inputs: [floats([2, 3, 3]), floats([2, 2], { seed: 5 })],
      reference: ([x, ...states], [kernel, recurrent, bias]) =>
        recurrence(
          reversed(x as Real),
          kernel as Real,
          (j) => bias?.at([j]) as number,
          cell(recurrent as Real),
          states,
        ).hidden,
      length: lengthOf(3, 3, 2),
      magnitude: 1,
    });
  });

  it('does without a bias', () => {
    for (const resetAfter of [true, false]) {
      checkLayer({
        layer: gru({ units: 2, resetAfter, useBias: false }),
        inputs: [floats([2, 3, 2])],
        reference: ([x], [kernel, recurrent]) => {
          const plain = cell(recurrent as Real, resetAfter ? () => 0 : undefined);
          return recurrence(x as Real, kernel as Real, undefined, plain).states[0] as Real;
        },
        length: lengthOf(3, 2, 2),
        magnitude: 1,
      });
    }
  });

  it('stays as it is at masked steps', () => {
    const mask = tensor(Float32Array.of(0, 1, 0, 1, 1, 1, 0, 0), [2, 4]);
    for (const states of [[], [floats([2, 3], { seed: 5 })]]) {
      checkLayer({
        layer: gru({ units: 3, returnSequences: true }),
        inputs: [floats([2, 4, 2]), ...states],
        masks: [mask],
        reference: ([x, ...initial], [kernel, recurrent, bias]) =>
          recurrence(
            x as Real,
            kernel as Real,
            row(bias, 0),
            cell(recurrent as Real, row(bias, 1)),
            initial,
            Real.of(mask),
          ).hidden,
        length: lengthOf(4, 2, 3),
        magnitude: 1,
      });
    }
  });

  it('repeats the very bits of the step before at masked steps', async () => {
    const model = sequential([layers.masking({ inputShape: [null, 2] }), layers.gru({ units: 9 })]);
    const some = floats([1, 20, 2]).data as Float32Array;
    const padded = new Float32Array(80);
    padded.set(some);
    const [whole, part] = [padded, some].map((x) => model.predict(tensor(x, [1, x.length / 2, 2])));
    expect(await whole).toEqual(await part);
  });

  it('takes other activations', () => {
    const softsign = (x: number) => x / (1 + Math.abs(x));
    for (const resetAfter of [true, false]) {
      checkLayer({
        layer: gru({
          units: 2,
          activation: 'softsign',
          recurrentActivation: 'tanh',
          resetAfter,
          useBias: resetAfter,
        }),
        inputs: [floats([2, 3, 2], { low: -1, high: 1 })],
        weights: { low: -0.5, high: 0.5 },
        reference: ([x], [kernel, recurrent, bias]) => {
          const inner = resetAfter ? row(bias, 1) : undefined;
          const other = cell(recurrent as Real, inner, softsign, Math.tanh);
          return recurrence(x as Real, kernel as Real, bias && row(bias, 0), other)
            .states[0] as Real;
        },
        length: lengthOf(3, 2, 2),
        magnitude: 1,
      });
    }
  });

  it('has weights as in Keras', () => {
    const x = input({ shape: [5, 3] });
    const shapes = (options: object) => {
      const layer = gru({ units: 2, ...options });
      layer.apply(x);
      return layer.getWeights().map(({ shape }) => shape);
    };
    expect(shapes({})).toEqual([
      [3, 6],
      [2, 6],
      [2, 6],
    ]);
    expect(shapes({ resetAfter: false })).toEqual([[3, 6], [2, 6], [6]]);
    expect(shapes({ useBias: false })).toEqual([
      [3, 6],
      [2, 6],
    ]);
    const read = get({ class_name: 'GRU', config: { units: 2, reset_after: false } });
    expect(read.getConfig()).toMatchObject({ units: 2, reset_after: false });
    expect(() => gru({ units: 2, recurrentDropout: 1 })).toThrow(/recurrentDropout must be/);
  });
});
