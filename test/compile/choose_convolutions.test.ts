import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { chooseConvolutions, setWinograd } from '../../lib/compile/choose_convolutions.js';
import { sizeOf } from '../../lib/core/shape.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import type { Conv2dOptions } from '../../lib/ops/conv2d.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { Program } from '../../lib/runtime/program.js';
import { checkBits, floats } from '../support/check_op.js';

/** A convolution and the gradients of the sum of its squares. */
function convolution(x: number[], weight: number[], options: Conv2dOptions = {}): Graph {
  const graph = new Graph();
  withGraph(graph, () => {
    const operands = [x, weight].map((shape) => graph.feed({ shape, dtype: 'float32' })) as [
      Value,
      Value,
    ];
    const y = ops.conv2d(...operands, options);
    const found = gradients(ops.sum(ops.square(y)), operands) as Value[];
    for (const value of [y, ...found]) graph.result(value);
  });
  return graph;
}

const chosen = (graph: Graph, kernel: 3 | 5 = 3) =>
  chooseConvolutions(graph, kernel)
    .nodes.map(({ op, attrs }) => `${op.name}${attrs.tile ?? ''}`)
    .filter((name) => /^(conv2d|winograd)/.test(name));

const same = { padding: 'same' } as const;

describe('chooseConvolutions', () => {
  it('takes tiles of 4x4 for many outputs', () => {
    expect(chosen(convolution([8, 56, 56, 64], [3, 3, 64, 64], same))).toEqual([
      ...['winograd_weight4', 'winograd_conv2d4'],
      ...['winograd_weight4', 'winograd_conv2d4', 'winograd_dweight4'],
    ]);
  });

  it('takes tiles of 2x2 for few outputs of a large weight', () => {
    expect(chosen(convolution([1, 14, 14, 512], [3, 3, 512, 512], same))).toContain(
      'winograd_conv2d2',
    );
  });

  it('takes tiles of 2x2 for 5x5', () => {
    expect(chosen(convolution([8, 28, 28, 32], [5, 5, 32, 64], same), 5)).toEqual([
      ...['winograd_weight2', 'winograd_conv2d2'],
      ...['winograd_weight2', 'winograd_conv2d2', 'winograd_dweight2'],
    ]);
  });

  it('takes tiles for groups that fill vectors', () => {
    for (const groups of [4, 8]) {
      const weight = [3, 3, 64 / groups, 64];
      expect(chosen(convolution([8, 28, 28, 64], weight, { ...same, groups }))).toEqual([
        ...['winograd_weight4', 'winograd_conv2d4'],
        ...['winograd_weight4', 'winograd_conv2d4', 'winograd_dweight4'],
      ]);
    }
  });

  it.each<[string, number[], number[], Conv2dOptions]>([
    ['7x7', [8, 28, 28, 32], [7, 7, 32, 32], {}],
    ['strides', [8, 28, 28, 32], [3, 3, 32, 32], { strides: 2 }],
    ['dilation', [8, 28, 28, 32], [3, 3, 32, 32], { dilationRate: 2 }],
    ['groups of few channels', [8, 28, 28, 32], [3, 3, 4, 32], { groups: 8 }],
    ['an odd number of groups of 8', [8, 28, 28, 24], [3, 3, 8, 24], { groups: 3 }],
    ['few outputs', [1, 5, 5, 8], [3, 3, 8, 8], {}],
  ])('leaves %s alone', (_, x, weight, options) => {
    for (const kernel of [3, 5] as const) {
      const names = chosen(convolution(x, weight, options), kernel);
      expect(names.filter((name) => /winograd/.test(name))).toEqual([]);
    }
  });

  // How much a term grows at most, for the convolution and for its gradient by the weight: as in
  // test/native/winograd_test.cc.
  it.each<[number, number, Conv2dOptions['padding'] & {}, [number, number], number?]>([
    [3, 4, 'same', [620, 943]],
    [3, 4, 'same', [620, 943], 2],
    [3, 4, 'same', [620, 943], 4],
    [3, 4, 'valid', [620, 943]],
    [
      3,
      4,
      [
        [0, 2],
        [1, 0],
      ],
      [620, 943],
    ],
    [5, 2, 'same', [1392, 365]],
    [5, 2, 'valid', [1392, 365]],
    [
      5,
      2,
      [
        [4, 0],
        [1, 3],
      ],
      [1392, 365],
    ],
  ])(
    'agrees with the direct convolution: kernel %i, tiles of %i, padding %j',
    (kernel, tile, padding, growths, groups = 1) => {
      const x = floats([4, 30, 33, 32]);
      const filters = groups === 1 ? 48 : 32;
      const weight = floats([kernel, kernel, 32 / groups, filters], { seed: 2 });
      const graph = () => convolution([...x.shape], [...weight.shape], { padding, groups });
      expect(chosen(graph(), kernel as 3 | 5)).toEqual(
        ['weight', 'conv2d', 'weight', 'conv2d', 'dweight'].map(
          (name) => `winograd_${name}${tile}`,
        ),
      );
      const run = (winograd: boolean) => {
        const results = graph().results.map(({ shape }) => new Float32Array(sizeOf(shape)));
        const feeds = [x.data, weight.data];
        new Program(graph(), { winograd }).runSync({ steps: 1, feeds, results });
        return results;
      };
      const direct = run(false);
      // The largest product: x and the weight are up to 2, and the gradient of y is 2 y.
      const dy =
        2 * (direct[0] as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const factors = [4, 2 * dy, 2 * dy];
      const tiles = 4 * Math.ceil(30 / tile) * Math.ceil(33 / tile);
      run(true).forEach((found, i) => {
        const expected = direct[i] as Float32Array;
        // Errors of random signs add up like their root.
        const [growth, terms] =
          i < 2 ? [growths[0], (i === 0 ? 32 : filters) / groups] : [growths[1], tiles];
        const largest = factors[i] as number;
        const tolerance = 2 ** -23 * growth * Math.sqrt(terms * (terms + 12)) * largest;
        const worst = found.reduce(
          (most, value, k) => Math.max(most, Math.abs(value - (expected[k] as number))),
          0,
        );
        expect(worst).toBeGreaterThan(0); // it is another algorithm
        expect(worst).toBeLessThan(tolerance);
      });
    },
  );

  it('can be switched off for what is built from then on', () => {
    const inputs = [floats([4, 30, 33, 32]), floats([3, 3, 32, 48], { seed: 2 })] as const;
    const run = () => ops.conv2d(...inputs, same).data;
    const winograd = run();
    setWinograd(false);
    try {
      expect(run()).not.toEqual(winograd);
    } finally {
      setWinograd(true);
    }
    expect(run()).toEqual(winograd);
  });

  it('gives the same bits whatever the plan, fusion and threads', () => {
    checkBits({
      inputs: [floats([3, 20, 21, 24]), floats([3, 3, 24, 40], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.relu(ops.conv2d(x, weight, same)),
    });
    checkBits({
      inputs: [floats([3, 20, 21, 24]), floats([5, 5, 24, 40], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.relu(ops.conv2d(x, weight, same)),
    });
    checkBits({
      inputs: [floats([3, 20, 21, 48]), floats([3, 3, 16, 96], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.relu(ops.conv2d(x, weight, { ...same, groups: 3 })),
    });
  });
});
