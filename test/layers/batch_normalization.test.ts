import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { Graph } from '../../lib/graph/ir.js';
import type { SymbolicTensor } from '../../lib/graph/symbolic.js';
import { batchNormalization, get, input } from '../../lib/layers/index.js';
import { Program } from '../../lib/runtime/program.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const average = (xs: number[]) => total(xs) / xs.length;
const spread = (xs: number[]) => average(xs.map((x) => (x - average(xs)) ** 2));

/** (x - mean) / sqrt(variance + epsilon) * gamma + beta along the axis. */
function normalize(
  x: Real,
  axis: number,
  epsilon: number,
  [gamma, beta, mean, variance]: (Real | undefined)[],
): Real {
  return Real.make(x.shape, (index) => {
    const at = (numbers: Real | undefined, otherwise: number) =>
      numbers?.at([index[axis] as number]) ?? otherwise;
    const scaled = (x.at(index) - at(mean, 0)) / Math.sqrt(at(variance, 1) + epsilon);
    return scaled * at(gamma, 1) + at(beta, 0);
  });
}

/** The batch's own mean and variance along the axis. */
function statistics(x: Real, axis: number): [Real, Real] {
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  return [alongAxes(x, others, average), alongAxes(x, others, spread)];
}

/** Those of what counts. */
function maskedStatistics(
  x: Real,
  axis: number,
  counts: (index: readonly number[]) => number,
): [Real, Real] {
  const size = x.shape[axis] as number;
  const sums = (of: (index: readonly number[]) => number) => {
    const totals = new Array<number>(size).fill(0);
    Real.make(x.shape, (index) => {
      totals[index[axis] as number] = (totals[index[axis] as number] as number) + of(index);
      return 0;
    });
    return totals;
  };
  const total = sums(counts);
  const mean = sums((index) => counts(index) * x.at(index));
  const average = (c: number) => (mean[c] as number) / ((total[c] as number) + 1e-7);
  const squares = sums(
    (index) => counts(index) * (x.at(index) - average(index[axis] as number)) ** 2,
  );
  return [
    Real.make([size], ([c = 0]) => average(c)),
    Real.make([size], ([c = 0]) => (squares[c] as number) / ((total[c] as number) + 1e-7)),
  ];
}

const weights = { low: 0.5, high: 1.5 };

describe('batchNormalization', () => {
  it('uses running statistics outside of training', () => {
    checkLayer({
      layer: batchNormalization(),
      inputs: [floats([4, 3])],
      weights,
      reference: ([x], all) => normalize(x as Real, 1, 1e-3, all),
      length: 10,
      bad: [[[[null, 4]], /with 3 on axis -1 .* but got \[null, 4\]/]],
    });
  });

  it('uses those of the batch in training', () => {
    checkLayer({
      layer: batchNormalization({ epsilon: 0.01 }),
      inputs: [floats([3, 2, 2, 3])],
      weights,
      training: true,
      reference: ([x], [gamma, beta]) =>
        normalize(x as Real, 3, 0.01, [gamma, beta, ...statistics(x as Real, 3)]),
      length: 40,
      magnitude: 2,
    });
  });

  it('takes another axis, without scale and offset', () => {
    checkLayer({
      layer: batchNormalization({ axis: 1, center: false, scale: false }),
      inputs: [floats([3, 2, 4])],
      weights,
      training: true,
      reference: ([x]) =>
        normalize(x as Real, 1, 1e-3, [undefined, undefined, ...statistics(x as Real, 1)]),
      length: 40,
      magnitude: 2,
    });
  });

  it.each([2, 1])('leaves what a mask skips out of the statistics along axis %s', (axis) => {
    const mask = tensor([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]]); // biome-ignore format: rows
    const of = Real.of(mask);
    checkLayer({
      layer: batchNormalization({ axis }),
      inputs: [floats([3, 4, 2])],
      masks: [mask],
      weights,
      training: true,
      reference: ([x], [gamma, beta]) =>
        normalize(x as Real, axis, 1e-3, [
          gamma,
          beta,
          ...maskedStatistics(x as Real, axis, ([b = 0, t = 0]) => of.at([b, t])),
        ]),
      length: 60,
      magnitude: 2,
    });
  });

  it('hands a mask on, and refuses one that does not fit', () => {
    const layer = batchNormalization({ name: 'norm' });
    const x = input({ shape: [4, 2] });
    const y = layer.apply<SymbolicTensor>(x, { mask: input({ shape: [4] }) });
    expect(y.maskShape).toEqual([null, 4]);
    for (const shape of [[], [3], [4, 2]]) {
      expect(() => layer.apply(x, { mask: input({ shape }) })).toThrow(
        `Layer 'norm' (BatchNormalization): expected a mask of all axes of its input but the last, [null, 4], but got [${['null', ...shape].join(', ')}]`,
      );
    }
  });

  it('makes no instruction of a mask that is not there', () => {
    const names = (masked: boolean) => {
      const graph = new Graph();
      const x = graph.feed({ shape: [2, 3, 4], dtype: 'float32' });
      const mask = graph.feed({ shape: [2, 3], dtype: 'float32' });
      batchNormalization().invoke([masked ? x.withMask(mask) : x], { training: true });
      return graph.nodes.map(({ op }) => op.name);
    };
    expect(names(true)).toContain('select');
    expect(names(false)).not.toContain('select');
  });

  it('moves the running statistics towards those of the batch', () => {
    const layer = batchNormalization({ momentum: 0.75 });
    layer.apply(input({ shape: [2] }));
    const x = [1, 10, 3, 30];
    run(layer, x, true);
    const [, , mean, variance] = layer.getWeights();
    expect(mean?.toArray()).toEqual([0.25 * 2, 0.25 * 20]);
    expect(variance?.toArray()).toEqual([0.75 + 0.25 * 1, 0.75 + 0.25 * 100]);
  });

  it('leaves them alone outside of training, and when it is frozen', () => {
    const layer = batchNormalization();
    layer.apply(input({ shape: [2] }));
    run(layer, [1, 10, 3, 30], false);
    layer.trainable = false;
    run(layer, [1, 10, 3, 30], true);
    const [, , mean, variance] = layer.getWeights();
    expect(mean?.toArray()).toEqual([0, 0]);
    expect(variance?.toArray()).toEqual([1, 1]);
    expect(layer.trainableWeights).toEqual([]);
    expect(layer.nonTrainableWeights.map(({ name }) => name.split('/')[1])).toEqual([
      'gamma',
      'beta',
      'moving_mean',
      'moving_variance',
    ]);
  });

  it('reads what Keras writes', () => {
    const off = {
      synchronized: false,
      renorm: false,
      renorm_clipping: null,
      renorm_momentum: 0.99,
    };
    const read = (config: object) =>
      get({ class_name: 'BatchNormalization', config: { axis: [-1], momentum: 0.5, ...config } });
    expect(read(off).getConfig()).toMatchObject({ axis: -1, momentum: 0.5 });
    expect(() => read({ ...off, renorm: true })).toThrow(/'renorm' is not supported/);
  });

  it('refuses options that make no sense', () => {
    expect(() => batchNormalization({ momentum: 2 })).toThrow(
      /momentum must be a number in \[0, 1\]/,
    );
    expect(() => batchNormalization({ axis: 3 }).apply(input({ shape: [2] }))).toThrow(
      /axis must be a whole number in \[-2, 1\]/,
    );
  });
});

function run(layer: ReturnType<typeof batchNormalization>, x: number[], training: boolean): void {
  const graph = new Graph();
  const [y] = layer.invoke([graph.feed({ shape: [2, 2], dtype: 'float32' })], { training });
  graph.result(y as never);
  const results = [new Float32Array(4)];
  new Program(graph).runSync({ steps: 1, feeds: [Float32Array.from(x)], results });
}
