import { describe, expect, it } from 'vitest';
import { bidirectional, dense, get, gru, input, lstm, simpleRNN } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { type Cell, product, recurrence, reversed } from './recurrent.js';

function cell(recurrent: Real): Cell {
  const units = recurrent.shape[0] as number;
  const step: Cell['step'] = (xh, [h = []]) => [
    h.map((_, j) => Math.tanh((xh[j] as number) + product(h, recurrent, j))),
  ];
  return { gates: 1, states: 1, units, step };
}

/** Every output of both ways, in the order of the steps. */
function bothWays(x: Real, weights: readonly Real[], states: readonly Real[] = []): [Real, Real] {
  const [kernel, recurrent, backKernel, backRecurrent] = weights as [Real, Real, Real, Real];
  const [ahead, back] = [states.slice(0, 1), states.slice(1)];
  const there = recurrence(x, kernel, undefined, cell(recurrent), ahead).hidden;
  const onTheWayBack = cell(backRecurrent);
  return [
    there,
    reversed(recurrence(reversed(x), backKernel, undefined, onTheWayBack, back).hidden),
  ];
}

const plain = (options: object = {}) =>
  simpleRNN({ units: 2, useBias: false, returnSequences: true, ...options });
const length = 4 * (3 + 2 + 10);

describe('bidirectional', () => {
  it.each<[string, (a: number, b: number) => number]>([
    ['sum', (a, b) => a + b],
    ['mul', (a, b) => a * b],
    ['ave', (a, b) => (a + b) / 2],
  ])('puts both ways together: %s', (mergeMode, merge) => {
    checkLayer({
      layer: bidirectional({ layer: plain(), mergeMode: mergeMode as 'sum' }),
      inputs: [floats([2, 4, 3])],
      reference: ([x], weights) => {
        const [there, back] = bothWays(x as Real, weights);
        return Real.make(there.shape, (at) => merge(there.at(at), back.at(at)));
      },
      length,
      magnitude: 1,
    });
  });

  it('puts both ways side by side, from states', () => {
    checkLayer({
      layer: bidirectional({ layer: plain() }),
      inputs: [floats([2, 4, 3]), floats([2, 2], { seed: 5 }), floats([2, 2], { seed: 6 })],
      reference: ([x, ...states], weights) => {
        const [there, back] = bothWays(x as Real, weights, states);
        return Real.make([2, 4, 4], ([b = 0, t = 0, j = 0]) =>
          j < 2 ? there.at([b, t, j]) : back.at([b, t, j - 2]),
        );
      },
      length,
      magnitude: 1,
      bad: [
        [[[null, 4]], /\(Bidirectional\): Layer 'forward_simple_rnn.*of rank 3/],
        [[[null, 4, 2]], /with 3 on axis -1/],
      ],
    });
  });

  it('announces its outputs', () => {
    const x = input({ shape: [null, 3] });
    const shapes = (options: object) =>
      [bidirectional({ layer: lstm({ units: 2, ...options }), ...options }).apply(x)]
        .flat()
        .map(({ shape }) => shape);
    expect(shapes({})).toEqual([[null, 4]]);
  });

  it('gives outputs apart, and states', () => {
    const x = input({ shape: [5, 3] });
    const apart = bidirectional({ layer: lstm({ units: 2, returnState: true }), mergeMode: null });
    const shapes = [apart.apply(x)].flat().map(({ shape }) => shape);
    expect(shapes).toEqual(new Array(6).fill([null, 2]));
    const copy = get({ class_name: 'Bidirectional', config: apart.getConfig() });
    expect(copy.getConfig()).toEqual(apart.getConfig());
    expect(copy.getConfig().merge_mode).toBe(null);
  });

  it('has layers of its own, named by their way', () => {
    const layer = lstm({ units: 2, name: 'words' });
    const both = bidirectional({ layer });
    both.apply(input({ shape: [5, 3] }));
    expect(layer.built).toBe(false);
    expect(both.weights.map(({ name }) => name)).toEqual(
      ['forward', 'backward'].flatMap((way) =>
        ['kernel', 'recurrent_kernel', 'bias'].map((name) => `${way}_words/${name}`),
      ),
    );
    const back = gru({ units: 3, goBackwards: true });
    expect(bidirectional({ layer, backwardLayer: back }).sublayers[1]).toBe(back);
  });

  it('refuses layers that do not go together', () => {
    const make = (options: object) => () => bidirectional(options as never);
    expect(make({ layer: dense({ units: 2 }) })).toThrow(
      /layer must be a recurrent layer, such as layers.lstm\(\{ units: 64 \}\), but got a Dense/,
    );
    expect(make({})).toThrow(/layer must be a recurrent layer/);
    expect(make({ layer: lstm({ units: 2 }), backwardLayer: lstm({ units: 2 }) })).toThrow(
      /one of its layers must go forward and the other one backwards, but goBackwards is false for both/,
    );
    const other = lstm({ units: 2, goBackwards: true, returnState: true });
    expect(make({ layer: lstm({ units: 2 }), backwardLayer: other })).toThrow(
      /returnState must be the same in both of its layers/,
    );
    expect(make({ layer: lstm({ units: 2 }), mergeMode: 'summ' })).toThrow(
      /Unknown mergeMode 'summ'. Did you mean 'sum'\?/,
    );
    const stateful = bidirectional({ layer: lstm({ units: 2, stateful: true }) });
    expect(() => stateful.apply(input({ shape: [4, 3] }))).toThrow(/must be of known size/);
  });
});
