import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import { Graph } from '../../lib/graph/ir.js';
import * as losses from '../../lib/losses/index.js';
import * as metrics from '../../lib/metrics/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import '../../lib/runtime/evaluate.js';
import { Program } from '../../lib/runtime/program.js';

/** The metric over several batches, as an epoch has them. */
function over(
  metric: metrics.Metric,
  ...batches: [yTrue: Tensor, yPred: Tensor, weight?: number[]][]
): number {
  let sums: Float64Array | undefined;
  for (const [yTrue, yPred, weight] of batches) {
    const graph = new Graph();
    const all = [yTrue, yPred, ...(weight === undefined ? [] : [tensor(weight)])];
    const values = all.map((one) => graph.feed(one));
    const [truth, predictions, weights] = values as [never, never, never];
    graph.result(withGraph(graph, () => metric.update(truth, predictions, weights)));
    const [found] = graph.results;
    expect(found?.dtype).toBe('float32');
    const result = new Float32Array(found?.shape[0] as number);
    new Program(graph).runSync({ steps: 1, feeds: all.map(({ data }) => data), results: [result] });
    sums ??= new Float64Array(result.length);
    for (let i = 0; i < result.length; i++) sums[i] = (sums[i] as number) + (result[i] as number);
  }
  return metric.result(sums as Float64Array);
}

const scores = tensor([
  [0.5, 0.25, 0.25],
  [0.25, 0.25, 0.5],
  [0.125, 0.75, 0.125],
  [0.75, 0.125, 0.125],
]);
const numbers = tensor(Int32Array.of(0, 1, 1, 0));
const hot = tensor([
  [1, 0, 0],
  [0, 1, 0],
  [0, 1, 0],
  [1, 0, 0],
]);

describe('accuracy', () => {
  it('is sparse for class numbers', () => {
    expect(over(metrics.get('accuracy'), [numbers, scores])).toBe(0.75);
    expect(over(metrics.sparseCategoricalAccuracy(), [numbers.reshape([4, 1]), scores])).toBe(0.75);
    expect(over(metrics.get('acc'), [tensor(Uint8Array.from(numbers.data)), scores])).toBe(0.75);
    expect(over(metrics.get('acc'), [tensor(Float32Array.from(numbers.data)), scores])).toBe(0.75);
  });

  it('is categorical for one-hot labels', () => {
    expect(over(metrics.get('accuracy'), [hot, scores])).toBe(0.75);
    expect(over(metrics.categoricalAccuracy(), [hot, scores])).toBe(0.75);
  });

  it('is binary for a single output', () => {
    const single = tensor([[0.9], [0.2], [0.6], [0.5]]);
    const labels = tensor([1, 1, 1, 0]);
    expect(over(metrics.get('accuracy'), [labels, single])).toBe(0.75);
    expect(over(metrics.binaryAccuracy(), [labels.reshape([4, 1]), single])).toBe(0.75);
    expect(over(metrics.binaryAccuracy({ threshold: 0.1 }), [labels, single])).toBe(0.75);
    expect(over(metrics.binaryAccuracy({ threshold: 0.55 }), [labels, single])).toBe(0.75);
    expect(over(metrics.binaryAccuracy({ threshold: 0.7 }), [labels, single])).toBe(0.5);
  });

  it('is that of all samples, however they are batched', () => {
    const accuracy = metrics.accuracy();
    const part = (from: number, to: number): [Tensor, Tensor] => [
      numbers.rows(from, to),
      scores.rows(from, to),
    ];
    expect(over(accuracy, part(0, 3), part(3, 4))).toBe(0.75);
  });

  it('counts positions of a sample', () => {
    const labels = numbers.reshape([2, 2]);
    expect(over(metrics.get('accuracy'), [labels, scores.reshape([2, 2, 3])])).toBe(0.75);
  });

  it('can be weighted', () => {
    expect(over(metrics.get('accuracy'), [numbers, scores, [1, 3, 2, 2]])).toBe(0.625);
    const labels = numbers.reshape([2, 2]);
    expect(over(metrics.get('accuracy'), [labels, scores.reshape([2, 2, 3]), [1, 3]])).toBe(0.875);
  });

  it('names what does not fit', () => {
    const wide = tensor(new Float32Array(20), [4, 5]);
    expect(() => over(metrics.get('accuracy'), [hot, wide])).toThrow(
      /accuracy: expected one-hot labels .* \[null, 3\] and predictions of shape \[null, 5\]/,
    );
  });
});

describe('losses as metrics', () => {
  it('are means over all samples', () => {
    const truth = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const predictions = tensor([
      [1, 4],
      [3, 4],
      [6, 7],
    ]);
    const parts = (from: number, to: number): [Tensor, Tensor] => [
      truth.rows(from, to),
      predictions.rows(from, to),
    ];
    expect(over(metrics.get('mse'), parts(0, 2), parts(2, 3))).toBe(1);
    expect(over(metrics.get(losses.meanSquaredError()), parts(0, 3))).toBe(1);
    expect(over(metrics.get('mae'), [truth, predictions, [1, 1, 2]])).toBe(0.75);
  });

  it.each([
    metrics.categoricalFocalCrossentropy(),
    metrics.binaryFocalCrossentropy(),
    metrics.huber(),
    metrics.logCosh(),
    metrics.hinge(),
    metrics.squaredHinge(),
    metrics.categoricalHinge(),
    metrics.klDivergence(),
    metrics.poisson(),
    metrics.meanAbsolutePercentageError(),
    metrics.meanSquaredLogarithmicError(),
  ])('$name is the loss of that name', (metric) => {
    const expected = over(metrics.get(losses.get(metric.className)), [hot, scores]);
    expect(over(metric, [hot, scores])).toBe(expected);
    expect(over(metrics.get(metric.className), [hot, scores])).toBe(expected);
  });

  it('take the options of the loss', () => {
    const found = over(metrics.sparseCategoricalCrossentropy({ fromLogits: true }), [
      tensor(Int32Array.of(1)),
      tensor([[0, 0]]),
    ]);
    expect(found).toBeCloseTo(Math.LN2, 6);
  });
});

describe('metrics', () => {
  it('are named as in Keras', () => {
    const names = ['accuracy', 'acc', 'mse', 'binaryAccuracy', 'mean_absolute_error', 'MSE'];
    expect(names.map((name) => metrics.get(name).name)).toEqual([
      ...['accuracy', 'acc', 'mse', 'binary_accuracy', 'mean_absolute_error', 'mse'],
    ]);
    expect(metrics.meanSquaredError().name).toBe('mean_squared_error');
    expect(metrics.categoricalAccuracy({ name: 'right' }).name).toBe('right');
  });

  it('can be functions', () => {
    const metric = metrics.get(function error(y, p) {
      return ops.mean(ops.abs(ops.subtract(y, p)));
    });
    expect(metric.name).toBe('error');
    // A number for a whole batch counts for as many samples as the batch has.
    const batches: [Tensor, Tensor][] = [
      [tensor([1, 1, 1]), tensor([2, 2, 2])],
      [tensor([1]), tensor([6])],
    ];
    expect(over(metric, ...batches)).toBe(2);
    expect(() => over(metric, [tensor([1, 1]), tensor([2, 2]), [1, 2]])).toThrow(
      /sample weights need a number for each of the 2 samples/,
    );
  });

  it.each([
    metrics.accuracy({ name: 'a' }),
    metrics.binaryAccuracy({ threshold: 0.25 }),
    metrics.categoricalAccuracy(),
    metrics.sparseCategoricalAccuracy(),
    metrics.categoricalCrossentropy({ labelSmoothing: 0.5 }),
    metrics.sparseCategoricalCrossentropy(),
    metrics.binaryCrossentropy(),
    metrics.meanSquaredError({ name: 'b' }),
    metrics.meanAbsoluteError(),
    metrics.huber({ delta: 2 }),
    metrics.binaryFocalCrossentropy({ gamma: 1 }),
  ])('$name is made again from its settings', (metric) => {
    const config = JSON.parse(JSON.stringify(metric.getConfig()));
    const copy = metrics.get({ class_name: metric.className, config });
    expect(copy.getConfig()).toEqual(metric.getConfig());
    expect(copy.name).toBe(metric.name);
  });

  it('refuse what makes no sense', () => {
    expect(() => metrics.get('acuracy')).toThrow(
      "Unknown metric 'acuracy'. Did you mean 'accuracy'?",
    );
    expect(() => metrics.binaryAccuracy({ treshold: 1 } as never)).toThrow("mean 'threshold'?");
  });
});
