import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Graph, type Spec, type Value } from '../../lib/graph/ir.js';
import * as losses from '../../lib/losses/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { Program } from '../../lib/runtime/program.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const mean = (xs: number[]) => total(xs) / xs.length;
const clip = (p: number) => Math.min(Math.max(p, 1e-7), 1 - 1e-7);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Rows divided by their sum. */
function normalize(p: Real): Real {
  const sums = alongAxes(p, [p.shape.length - 1], total, true);
  return Real.make(p.shape, (index) => p.at(index) / sums.at(index));
}

function softmax(x: Real): Real {
  return normalize(x.map(Math.exp));
}

/** f(label, prediction) over the last axis, reduced by `reduce`. */
function overLast(
  y: Real,
  p: Real,
  f: (y: number, p: number) => number,
  reduce: (xs: number[]) => number,
): Real {
  const each = Real.make(p.shape, (index) => f(y.at(index), p.at(index)));
  return alongAxes(each, [p.shape.length - 1], reduce);
}

const crossEntropy = (y: Real, p: Real) =>
  overLast(y, normalize(p), (label, q) => -label * Math.log(clip(q)), total);
const binary = (y: Real, p: Real) =>
  overLast(y, p, (z, q) => -z * Math.log(clip(q)) - (1 - z) * Math.log(1 - clip(q)), mean);

function oneHot(labels: Real, classes: number): Real {
  return Real.make([...labels.shape, classes], (index) =>
    labels.at(index.slice(0, -1)) === index.at(-1) ? 1 : 0,
  );
}

const probabilities = floats([4, 3], { low: 0.1, high: 0.9, seed: 2 });
const logits = floats([4, 3], { low: -4, high: 4, seed: 2 });
const soft = floats([4, 3], { low: 0, high: 1, seed: 3 });
const numbers = integers([4], 0, 3);

/** Predictions first: their gradient is checked, and that by labels that are floats. */
function check(
  loss: losses.Loss,
  [predictions, labels]: [Tensor, Tensor],
  reference: (p: Real, y: Real) => Real,
  before: (x: Value) => Value = (x) => x,
): void {
  checkOp({
    inputs: [predictions, labels],
    op: (p: Value, y: Value) => loss.call(y, before(p)),
    reference,
    length: 24,
    magnitude: 1,
    atOnce: false,
  });
}

describe('categoricalCrossentropy', () => {
  it('takes probabilities', () => {
    check(losses.categoricalCrossentropy(), [probabilities, soft], (p, y) => crossEntropy(y, p));
  });

  it('takes logits, and finds them before a softmax', () => {
    const reference = (x: Real, y: Real) => crossEntropy(y, softmax(x));
    check(losses.categoricalCrossentropy({ fromLogits: true }), [logits, soft], reference);
    check(losses.categoricalCrossentropy(), [logits, soft], reference, (x) => ops.softmax(x));
    expect(opsOf('categoricalCrossentropy', ops.softmax)).toContain('softmax_cross_entropy');
  });

  it('smooths labels', () => {
    const smooth = (y: Real) => y.map((label) => label * 0.75 + 0.25 / 3);
    const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.25 });
    check(loss, [probabilities, soft], (p, y) => crossEntropy(smooth(y), p));
  });

  it('points to the sparse one when labels are class numbers', () => {
    const loss = losses.categoricalCrossentropy();
    for (const shape of [[4], [4, 1]]) {
      expect(() => apply(loss, { shape, dtype: 'float32' }, [4, 10])).toThrow(
        /categorical_crossentropy: expected one-hot labels .* shape \[null.*\] and predictions of shape \[null, 10\]\. Labels that are class numbers go with sparseCategoricalCrossentropy/,
      );
    }
    expect(() => apply(loss, { shape: [4, 9], dtype: 'float32' }, [4, 10])).toThrow(/\[null, 9\]/);
  });
});

describe('sparseCategoricalCrossentropy', () => {
  it('takes probabilities', () => {
    check(losses.sparseCategoricalCrossentropy(), [probabilities, numbers], (p, y) =>
      crossEntropy(oneHot(y, 3), p),
    );
  });

  it('takes logits, and finds them before a softmax', () => {
    const reference = (x: Real, y: Real) => crossEntropy(oneHot(y, 3), softmax(x));
    const column = new Tensor(Uint8Array.from(numbers.data), [4, 1]);
    const flat = (y: Real) => new Real([4], y.data);
    check(losses.sparseCategoricalCrossentropy({ fromLogits: true }), [logits, column], (x, y) =>
      reference(x, flat(y)),
    );
    check(losses.sparseCategoricalCrossentropy(), [logits, numbers], reference, (x) =>
      ops.softmax(x),
    );
  });

  it('takes positions of a sample', () => {
    const images = floats([2, 2, 3], { low: -2, high: 2 });
    check(
      losses.sparseCategoricalCrossentropy(),
      [images, integers([2, 2], 0, 3)],
      (x, y) => crossEntropy(oneHot(y, 3), softmax(x)),
      (x) => ops.softmax(x),
    );
  });

  it('points to the other when labels are one-hot', () => {
    const loss = losses.sparseCategoricalCrossentropy();
    expect(() => apply(loss, { shape: [4, 10], dtype: 'float32' }, [4, 10])).toThrow(
      /expected class numbers .* One-hot labels go with categoricalCrossentropy/,
    );
  });
});

describe('binaryCrossentropy', () => {
  it('takes probabilities', () => {
    check(losses.binaryCrossentropy(), [probabilities, soft], (p, y) => binary(y, p));
  });

  it('takes logits, and finds them before a sigmoid', () => {
    const reference = (x: Real, y: Real) => binary(y, x.map(sigmoid));
    check(losses.binaryCrossentropy({ fromLogits: true }), [logits, soft], reference);
    check(losses.binaryCrossentropy(), [logits, soft], reference, (x) => ops.sigmoid(x));
    expect(opsOf('binaryCrossentropy', ops.sigmoid)).not.toContain('log');
  });

  it('smooths labels, and takes them without their last axis', () => {
    const labels = floats([4], { low: 0, high: 1 });
    const column = floats([4, 1], { low: 0.1, high: 0.9 });
    check(losses.binaryCrossentropy({ labelSmoothing: 0.5 }), [column, labels], (p, y) =>
      binary(
        new Real(
          [4, 1],
          y.data.map((label) => label * 0.5 + 0.25),
        ),
        p,
      ),
    );
  });

  it('wants labels of the same shape', () => {
    const loss = losses.binaryCrossentropy();
    expect(() => apply(loss, { shape: [4, 3], dtype: 'uint8' }, [4, 2])).toThrow(
      /binary_crossentropy: expected labels of the predictions' shape, but got labels of shape \[null, 3\]/,
    );
  });
});

describe('meanSquaredError and meanAbsoluteError', () => {
  it('are means over the last axis', () => {
    check(losses.get('mse'), [logits, soft], (p, y) =>
      overLast(y, p, (a, b) => (a - b) ** 2, mean),
    );
    check(losses.get('mae'), [logits, soft], (p, y) =>
      overLast(y, p, (a, b) => Math.abs(a - b), mean),
    );
  });

  it('refuse shapes that would have to be repeated', () => {
    expect(() => apply(losses.get('mse'), { shape: [4], dtype: 'float32' }, [4, 3])).toThrow(
      /mean_squared_error: .* labels of shape \[null\] and predictions of shape \[null, 3\]/,
    );
  });
});

describe('losses of regression', () => {
  const huber = (delta: number) => (a: number, b: number) => {
    const error = Math.abs(a - b);
    return error <= delta ? error ** 2 / 2 : delta * error - delta ** 2 / 2;
  };
  const logarithm = (x: number) => Math.log1p(Math.max(x, 1e-7));

  it.each<[string, losses.Loss, (y: number, p: number) => number]>([
    ['huber', losses.huber(), huber(1)],
    ['huber with a delta', losses.huber({ delta: 0.25 }), huber(0.25)],
    ['logCosh', losses.get('logCosh'), (y, p) => Math.log(Math.cosh(p - y))],
    ['msle', losses.get('msle'), (y, p) => (logarithm(p) - logarithm(y)) ** 2],
    ['poisson', losses.get('poisson'), (y, p) => p - y * Math.log(p + 1e-7)],
  ])('%s is a mean over the last axis', (_, loss, each) => {
    const positive = floats([4, 3], { low: 0.25, high: 3, seed: 5 });
    check(loss, [positive, soft], (p, y) => overLast(y, p, each, mean));
  });

  it('mape is relative to the labels', () => {
    const labels = floats([4, 3], { low: 0.5, high: 2, seed: 6 });
    check(losses.get('mape'), [logits, labels], (p, y) =>
      overLast(y, p, (a, b) => (100 * Math.abs(a - b)) / a, mean),
    );
  });

  it('cosineSimilarity is that of directions', () => {
    const length = (x: Real) => alongAxes(x, [1], (xs) => Math.hypot(...xs), true);
    const unit = (x: Real) => Real.make(x.shape, (index) => x.at(index) / length(x).at(index));
    check(losses.cosineSimilarity(), [logits, soft], (p, y) =>
      overLast(unit(y), unit(p), (a, b) => -a * b, total),
    );
  });

  it('klDivergence compares distributions', () => {
    check(losses.get('kld'), [probabilities, soft], (p, y) =>
      overLast(y, p, (a, b) => a * Math.log(a / b), total),
    );
  });
});

describe('hinge losses', () => {
  const bits = new Tensor(
    Uint8Array.from({ length: 12 }, (_, i) => Number(i % 3 === 0)),
    [4, 3],
  );
  const signs = (y: Real) => y.map((label) => 2 * label - 1);
  const margin = (y: number, p: number) => Math.max(1 - y * p, 0);

  it('take labels of 0 and 1 for signs', () => {
    check(losses.hinge(), [logits, bits], (p, y) => overLast(signs(y), p, margin, mean));
    check(losses.squaredHinge(), [logits, bits], (p, y) =>
      overLast(signs(y), p, (a, b) => margin(a, b) ** 2, mean),
    );
  });

  it('take signs as they are', () => {
    const given = new Tensor(
      Int32Array.from(bits.data, (bit) => 2 * bit - 1),
      [4, 3],
    );
    check(losses.hinge(), [logits, given], (p, y) => overLast(y, p, margin, mean));
  });

  it('compare the right class with the best of the others', () => {
    check(losses.categoricalHinge(), [logits, bits], (p, y) => {
      const right = overLast(y, p, (a, b) => a * b, total);
      const wrong = overLast(
        y,
        p,
        (a, b) => (1 - a) * b,
        (xs) => Math.max(...xs),
      );
      return Real.make(right.shape, (index) => Math.max(wrong.at(index) - right.at(index) + 1, 0));
    });
  });
});

describe('focal losses', () => {
  const focal = (gamma: number, alpha: number) => (y: number, p: number) =>
    -alpha * (1 - p) ** gamma * y * Math.log(p);
  const binaryFocal = (gamma: number) => (y: number, p: number) =>
    (y * (1 - p) + (1 - y) * p) ** gamma * (-y * Math.log(p) - (1 - y) * Math.log(1 - p));

  it('weigh down what is sure, by class', () => {
    check(losses.categoricalFocalCrossentropy(), [probabilities, soft], (p, y) =>
      overLast(y, normalize(p), focal(2, 0.25), total),
    );
    const options = { fromLogits: true, gamma: 1.5, alpha: 0.75, labelSmoothing: 0.25 };
    check(losses.categoricalFocalCrossentropy(options), [logits, soft], (x, y) =>
      overLast(
        y.map((label) => label * 0.75 + 0.25 / 3),
        softmax(x),
        focal(1.5, 0.75),
        total,
      ),
    );
    check(
      losses.categoricalFocalCrossentropy(),
      [logits, soft],
      (x, y) => overLast(y, softmax(x), focal(2, 0.25), total),
      (x) => ops.softmax(x),
    );
  });

  it('weigh down what is sure, each label alone', () => {
    check(losses.binaryFocalCrossentropy(), [probabilities, soft], (p, y) =>
      overLast(y, p, binaryFocal(2), mean),
    );
    check(losses.binaryFocalCrossentropy({ gamma: 0 }), [probabilities, soft], (p, y) =>
      overLast(y, p, binaryFocal(0), mean),
    );
    check(
      losses.binaryFocalCrossentropy({ gamma: 3 }),
      [logits, soft],
      (x, y) => overLast(y, x.map(sigmoid), binaryFocal(3), mean),
      (x) => ops.sigmoid(x),
    );
    const balanced = { fromLogits: true, applyClassBalancing: true, alpha: 0.75 };
    check(losses.binaryFocalCrossentropy(balanced), [logits, soft], (x, y) =>
      overLast(
        y,
        x.map(sigmoid),
        (a, p) => (a * 0.75 + (1 - a) * 0.25) * binaryFocal(2)(a, p),
        mean,
      ),
    );
  });

  it.each([0, 0.5, 1.5, 2])(
    'have a gradient where the right class is certain, gamma %d',
    (gamma) => {
      const loss = losses.binaryFocalCrossentropy({ gamma });
      const graph = new Graph();
      const p = graph.feed({ shape: [2, 1], dtype: 'float32' });
      const y = graph.feed({ shape: [2, 1], dtype: 'float32' });
      withGraph(graph, () => {
        const [gradient] = gradients(ops.sum(loss.call(y, p)), [p]);
        graph.result(gradient as Value);
      });
      const found = new Float32Array(2);
      const feeds = [Float32Array.of(1, 0), Float32Array.of(1, 0)];
      new Program(graph).runSync({ steps: 1, feeds, results: [found] });
      expect(Array.from(found).every(Number.isFinite)).toBe(true);
    },
  );
});

describe('losses', () => {
  it('are averaged over positions of a sample', () => {
    const labels = { shape: [2, 3, 4], dtype: 'float32' } as const;
    expect(apply(losses.get('mae'), labels, [2, 3, 4], 'perSample').shape).toEqual([2]);
    expect(apply(losses.get('mae'), labels, [2, 3, 4]).shape).toEqual([2, 3]);
  });

  it('can be functions', () => {
    const loss = losses.get(function distance(y, p) {
      return ops.sum(ops.abs(ops.subtract(y, p)), -1);
    });
    expect(loss.name).toBe('distance');
    expect(apply(loss, { shape: [2, 3], dtype: 'float32' }, [2, 3], 'perSample').shape).toEqual([
      2,
    ]);
    const whole = losses.get((y, p) => ops.mean(ops.subtract(y, p)));
    expect(() => apply(whole, { shape: [2, 3], dtype: 'float32' }, [2, 3], 'perSample')).toThrow(
      /expected a loss for each sample, of shape \[2\], but got \[\]/,
    );
  });

  it.each([
    losses.categoricalCrossentropy({ labelSmoothing: 0.5, name: 'mine' }),
    losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    losses.binaryCrossentropy(),
    losses.meanSquaredError(),
    losses.meanAbsoluteError(),
    losses.meanAbsolutePercentageError(),
    losses.meanSquaredLogarithmicError(),
    losses.huber({ delta: 0.5 }),
    losses.logCosh(),
    losses.hinge(),
    losses.squaredHinge(),
    losses.categoricalHinge(),
    losses.klDivergence(),
    losses.poisson(),
    losses.cosineSimilarity(),
    losses.categoricalFocalCrossentropy({ alpha: 0.5, gamma: 1, fromLogits: true }),
    losses.binaryFocalCrossentropy({ applyClassBalancing: true, labelSmoothing: 0.5 }),
  ])('$name is made again from its settings', (loss) => {
    const config = JSON.parse(JSON.stringify(loss.getConfig()));
    expect(losses.get({ class_name: loss.className, config }).getConfig()).toEqual(
      loss.getConfig(),
    );
  });

  it('refuse what makes no sense', () => {
    expect(() => losses.get('categorical_crossentropi')).toThrow("'categoricalCrossentropy'?");
    expect(() => losses.binaryCrossentropy({ fromLogit: true } as never)).toThrow("'fromLogits'?");
    expect(() => losses.binaryCrossentropy({ labelSmoothing: 2 })).toThrow(/in \[0, 1\]/);
    expect(() => losses.huber({ delta: 0 })).toThrow(
      'Huber: delta must be a finite number above 0',
    );
    expect(() => losses.binaryFocalCrossentropy({ gamma: -1 })).toThrow(/gamma must be/);
    const config = { reduction: 'sum' };
    expect(() => losses.get({ class_name: 'MeanSquaredError', config })).toThrow(
      /asks for .*'sum'/,
    );
    expect(losses.get('mean_squared_error').name).toBe('mean_squared_error');
  });
});

function apply(
  loss: losses.Loss,
  labels: Spec,
  predictions: number[],
  method: 'call' | 'perSample' = 'call',
): Value {
  const graph = new Graph();
  const yTrue = graph.feed(labels);
  const yPred = graph.feed({ shape: predictions, dtype: 'float32' });
  return withGraph(graph, () => loss[method](yTrue, yPred));
}

/** The operations of a loss after an activation. */
function opsOf(name: string, activation: (x: Value) => Value): string[] {
  const graph = new Graph();
  const yTrue = graph.feed({ shape: [4, 3], dtype: 'float32' });
  const x = graph.feed({ shape: [4, 3], dtype: 'float32' });
  withGraph(graph, () => losses.get(name).call(yTrue, activation(x)));
  return graph.nodes.map(({ op }) => op.name);
}
