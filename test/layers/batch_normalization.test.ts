import { describe, expect, it } from 'vitest';
import { Graph } from '../../lib/graph/ir.js';
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
    expect(() => read({ ...off, renorm: true })).toThrow(/neither 'synchronized' nor 'renorm'/);
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
