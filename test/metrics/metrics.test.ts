import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import { Graph } from '../../lib/graph/ir.js';
import * as losses from '../../lib/losses/index.js';
import * as metrics from '../../lib/metrics/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import '../../lib/runtime/evaluate.js';
import { Program } from '../../lib/runtime/program.js';

type Batch = [yTrue: Tensor, yPred: Tensor, weight?: number[]];

/** A metric of one number over several batches. */
function over(metric: metrics.Metric, ...batches: Batch[]): number {
  const result = allOver(metric, ...batches);
  expect(result).toBeTypeOf('number');
  return result as number;
}

/** The metric over several batches, as an epoch has them. */
function allOver(metric: metrics.Metric, ...batches: Batch[]): number | readonly number[] {
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

describe('metrics from counts and sums', () => {
  const truth = tensor([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  const odds = tensor([
    [0.75, 0.625],
    [0.25, 0.125],
    [0.875, 0.375],
  ]);
  const hotOf = (rows: number[]) => tensor(rows.map((row) => [0, 1, 2].map((i) => +(i === row))));

  // A weight of n must be the same as the sample n times.
  const weight = [3, 1, 0];
  const repeat = (x: Tensor) =>
    tensor([0, 0, 0, 1].map((row) => (x.toArray() as number[][])[row]) as number[][]);

  it.each([
    metrics.precision(),
    metrics.recall({ thresholds: [0.25, 0.5] }),
    metrics.precision({ topK: 1, classId: 0 }),
    metrics.falseNegatives(),
    metrics.auc(),
    metrics.auc({ curve: 'PR', multiLabel: true }),
    metrics.f1Score({ average: 'weighted', threshold: 0.5 }),
    metrics.r2Score({ classAggregation: null }),
    metrics.rootMeanSquaredError(),
    metrics.cosineSimilarity(),
    metrics.pearsonCorrelation({ axis: 0 }),
    metrics.meanIoU({ numClasses: 2, sparseYTrue: false, sparseYPred: false }),
    metrics.topKCategoricalAccuracy({ k: 1 }),
    metrics.fromMeans({
      name: 'product',
      terms: (y, p) => [y, p],
      result: ([y, p]) => (y as number) * (p as number),
    }),
  ])('$name counts samples as often as their weight says', (metric) => {
    const weighted = [allOver(metric, [truth, odds, weight])].flat();
    const repeated = [allOver(metric, [repeat(truth), repeat(odds)])].flat();
    expect(weighted.length).toBe(repeated.length);
    weighted.forEach((value, i) => {
      expect(value).toBeCloseTo(repeated[i] as number, 6);
    });
  });

  it('take labels without their last axis', () => {
    const column = odds.reshape([6, 1]);
    const labels = tensor(Uint8Array.of(1, 0, 0, 1, 1, 1));
    expect(over(metrics.precision(), [labels, column])).toBe(2 / 3);
    expect(
      over(
        metrics.recall(),
        [labels.rows(0, 2), column.rows(0, 2)],
        [labels.rows(2, 6), column.rows(2, 6)],
      ),
    ).toBe(0.5);
  });

  it('are 0, not NaN, when nothing is predicted or nothing is right', () => {
    const none = tensor([[0], [0]]);
    expect(over(metrics.precision(), [none, none])).toBe(0);
    expect(over(metrics.recall(), [none, none])).toBe(0);
    expect(over(metrics.auc(), [none, none])).toBe(0);
    expect(over(metrics.f1Score({ average: 'macro' }), [none, none])).toBe(0);
    expect(over(metrics.meanIoU({ numClasses: 2 }), [tensor([5, 7]), tensor([0, 1])])).toBe(0);
  });

  it('count a class among the k largest when others are as large', () => {
    const equal = tensor([[0.5, 0.5, 0.5]]);
    expect(over(metrics.sparseTopKCategoricalAccuracy({ k: 1 }), [tensor([2]), equal])).toBe(1);
    // What is kept for precision are exactly k, the first of equals.
    expect(over(metrics.precision({ topK: 2 }), [hotOf([2]), equal])).toBe(0);
    expect(over(metrics.precision({ topK: 3 }), [hotOf([2]), equal])).toBe(1 / 3);
  });

  it('are no class when the label is out of range', () => {
    const table = tensor([[0.5, 0.25, 0.75]]);
    expect(over(metrics.sparseTopKCategoricalAccuracy({ k: 2 }), [tensor([7]), table])).toBe(0);
  });

  it('refuse what makes no sense', () => {
    expect(() => metrics.precision({ thresholds: [0.5, 2] })).toThrow(/thresholds must be/);
    expect(() => metrics.auc({ curve: 'RO' as never })).toThrow("Did you mean 'ROC'?");
    expect(() => metrics.f1Score({ average: 'mikro' as never })).toThrow("'micro'");
    expect(() => metrics.fBetaScore({ beta: 0 })).toThrow(/beta must be/);
    expect(() => metrics.pearsonCorrelation({ axis: 1 as never })).toThrow(/axis must be -1/);
    expect(() => over(metrics.precision({ topK: 3 }), [truth, odds])).toThrow(
      /at most .* 2, but got 3/,
    );
    expect(() => over(metrics.recall({ classId: 2 }), [truth, odds])).toThrow(/below 2, but got 2/);
    expect(() => over(metrics.f1Score(), [tensor([1, 0]), tensor([1, 0])])).toThrow(
      /f1_score: expected labels and predictions of shape \[batch, classes\]/,
    );
    expect(() => over(metrics.pearsonCorrelation(), [tensor([1, 0]), tensor([[1], [0]])])).toThrow(
      /no correlation\. Over all samples it is metrics\.pearsonCorrelation\(\{ axis: 0 \}\)/,
    );
  });
});

describe('correlation over an epoch', () => {
  // Written as a user would.
  const pearsonInEpoch = metrics.fromMeans({
    name: 'pearson',
    terms: (y, p) => [y, p, ops.square(y), ops.square(p), ops.multiply(y, p)],
    result: ([y = 0, p = 0, yy = 0, pp = 0, yp = 0]) =>
      (yp - y * p) / Math.sqrt((yy - y * y) * (pp - p * p)),
  });
  const ys = [1, 3, -2, 0.5, 4, -1, 2.5];
  const ps = [0.5, 2, -1, 1.5, 3, -2.5, 0];

  /** In float64, by deviations from the means. */
  function pearson(y: number[], p: number[]): number {
    const deviations = (xs: number[]) => {
      const center = xs.reduce((a, b) => a + b) / xs.length;
      return xs.map((x) => x - center);
    };
    const [dy, dp] = [deviations(y), deviations(p)];
    const dot = (a: number[], b: number[]) =>
      a.reduce((all, x, i) => all + x * (b[i] as number), 0);
    return dot(dy, dp) / Math.sqrt(dot(dy, dy) * dot(dp, dp));
  }

  it.each([
    ['one of your own', pearsonInEpoch],
    ['the built-in one', metrics.pearsonCorrelation({ axis: 0 })],
  ])('%s is that of all samples, however they are batched', (_, metric) => {
    const y = tensor(ys);
    const p = tensor(ps.map((each) => [each]));
    const part = (from: number, to: number): Batch => [y.rows(from, to), p.rows(from, to)];
    // Sums of 7 squares up to 16, each rounded to float32, over variances above 3.
    const digits = 6;
    expect(over(metric, part(0, 7))).toBeCloseTo(pearson(ys, ps), digits);
    expect(over(metric, part(0, 3), part(3, 6), part(6, 7))).toBeCloseTo(pearson(ys, ps), digits);
  });

  it('is the mean over the columns', () => {
    const table = (a: number[], b: number[]) => tensor(a.map((each, i) => [each, b[i] as number]));
    const found = over(metrics.pearsonCorrelation({ axis: 0 }), [
      table(ys, ps),
      table(ps, ys.toReversed()),
    ]);
    expect(found).toBeCloseTo((pearson(ys, ps) + pearson(ps, ys.toReversed())) / 2, 6);
  });

  it('wants terms of one shape that are not yet sums', () => {
    const of = (terms: metrics.MeansMetricOptions['terms']) =>
      over(metrics.fromMeans({ name: 'mine', terms, result: () => 0 }), [
        tensor([1, 2]),
        tensor([3, 4]),
      ]);
    expect(() => of((y) => ops.sum(y))).toThrow(/Metric 'mine': expected terms of one shape/);
    expect(() => of((y) => [y, ops.reshape(y, [2, 1])])).toThrow(/\[2\] and \[2, 1\]/);
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
    metrics.topKCategoricalAccuracy({ k: 2 }),
    metrics.sparseTopKCategoricalAccuracy(),
    metrics.precision({ thresholds: [0.25, 0.5], topK: 2, classId: 1 }),
    metrics.recall(),
    metrics.truePositives({ thresholds: 0.25 }),
    metrics.falsePositives(),
    metrics.trueNegatives(),
    metrics.falseNegatives(),
    metrics.auc({ curve: 'PR', summationMethod: 'majoring', multiLabel: true, numThresholds: 9 }),
    metrics.auc({ thresholds: [0.25, 0.75], fromLogits: true }),
    metrics.f1Score({ average: 'micro' }),
    metrics.fBetaScore({ beta: 2, threshold: 0.25 }),
    metrics.meanIoU({ numClasses: 3, ignoreClass: 1, sparseYPred: false }),
    metrics.rootMeanSquaredError(),
    metrics.cosineSimilarity(),
    metrics.r2Score({ classAggregation: null, numRegressors: 2 }),
    metrics.r2Score(),
    metrics.pearsonCorrelation({ axis: 0 }),
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
