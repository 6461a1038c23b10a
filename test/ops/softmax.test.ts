import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { alongAxes, elementwise, Real, total } from '../support/op_reference.js';

const logSumExp = (xs: number[]) => {
  const top = Math.max(...xs);
  return top + Math.log(total(xs.map((x) => Math.exp(x - top))));
};
const logSoftmax = (x: Real, axis: number) =>
  elementwise((v, norm) => v - norm)(x, alongAxes(x, [axis], logSumExp, true));

const layouts: [number[], number][] = [
  [[3], 0],
  [[1, 1], -1],
  [[4, 10], -1],
  [[3, 17], 1],
  [[5, 4], 0],
  [[2, 3, 5], 1],
  [[2, 3, 9], 2],
  [[2, 2, 3, 4], 0],
];

describe('softmax and logSoftmax', () => {
  it.each(layouts)('of %j along %i', (shape, axis) => {
    const at = (axis + shape.length) % shape.length;
    const inputs = [floats(shape, { low: -4, high: 4 })];
    checkOp({
      inputs,
      op: (x: never) => ops.softmax(x, axis),
      reference: (x) => logSoftmax(x, at).map(Math.exp),
      length: (shape[at] as number) + 8,
    });
    checkOp({
      inputs,
      op: (x: never) => ops.logSoftmax(x, axis),
      reference: (x) => logSoftmax(x, at),
      length: (shape[at] as number) + 8,
      magnitude: 1, // the sum of e^(x - max), at least
    });
  });

  it('bear large numbers, and show NaN', () => {
    expect(ops.softmax([1000, 0]).toArray()).toEqual([1, 0]);
    expect(ops.logSoftmax([1000, 0]).toArray()).toEqual([0, -1000]);
    expect(ops.softmax([Number.NEGATIVE_INFINITY, 0]).toArray()).toEqual([0, 1]);
    expect([...ops.softmax([Number.NaN, 0]).data]).toEqual([Number.NaN, Number.NaN]);
  });

  it('want an axis', () => {
    expect(() => ops.softmax(1)).toThrow(/ops\.softmax: expected at least one axis/);
    expect(() => ops.softmax([1, 2], 1)).toThrow(/ops\.softmax: axis must be .*got 1/);
  });
});

describe('softmaxCrossEntropy', () => {
  const rowLoss = (logits: Real, labels: Real) => {
    const logs = logSoftmax(logits, logits.shape.length - 1);
    const terms = elementwise((log, label) => -log * label)(logs, labels);
    return alongAxes(terms, [logits.shape.length - 1], total);
  };

  it.each([[[10]], [[3, 4]], [[5, 17]], [[2, 3, 5]]])('of %j with probabilities', (shape) => {
    // Labels that need not add up to 1, differentiated as well.
    checkOp({
      inputs: [floats(shape, { low: -4, high: 4 }), floats(shape, { low: 0, high: 1, seed: 2 })],
      op: ops.softmaxCrossEntropy,
      reference: rowLoss,
      length: 2 * (shape.at(-1) as number) + 8,
      magnitude: 1,
    });
  });

  it.each([[[10]], [[3, 4]], [[33, 10]], [[2, 3, 5]]])('of %j with class numbers', (shape) => {
    const classes = shape.at(-1) as number;
    for (const dtype of ['int32', 'uint8', 'float32'] as const) {
      const labels = integers(shape.slice(0, -1), 0, classes, dtype);
      checkOp({
        inputs: [floats(shape, { low: -4, high: 4 })],
        op: (x: never) => ops.softmaxCrossEntropy(x, labels),
        reference: (x) => {
          const at = Real.of(labels);
          return rowLoss(
            x,
            Real.make(shape, (index) => Number(at.at(index.slice(0, -1)) === index.at(-1))),
          );
        },
        length: classes + 8,
        magnitude: 1,
      });
    }
  });

  it('neither overflows nor loses small probabilities', () => {
    const logits = tensor([
      [1000, 0],
      [0, 1000],
    ]);
    expect(ops.softmaxCrossEntropy(logits, tensor([1, 1], [2], 'int32')).toArray()).toEqual([
      1000, 0,
    ]);
  });

  it('gives NaN for a class that is not there', () => {
    const loss = ops.softmaxCrossEntropy(floats([2, 3]), tensor([3, 0], [2], 'int32'));
    expect([...loss.data].map(Number.isNaN)).toEqual([true, false]);
  });

  it('names the shapes that it takes', () => {
    expect(() => ops.softmaxCrossEntropy(floats([4, 3]), floats([4, 2]))).toThrow(
      /for logits of shape \[4, 3\] expected labels of shape \[4, 3\].* or \[4\].*but got \[4, 2\]/,
    );
  });
});

describe('sigmoidCrossEntropy', () => {
  const loss = elementwise((logit, label) => {
    return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
  });

  it('takes each element for itself', () => {
    for (const shape of [[1], [5, 13]]) {
      const labels = ops.cast(integers(shape, 0, 2), 'float32');
      const inputs = [floats(shape, { low: -6, high: 6 }), labels];
      checkOp({ inputs, op: ops.sigmoidCrossEntropy, reference: loss, length: 8 });
      const soft = [inputs[0] as never, floats(shape, { low: 0, high: 1, seed: 2 })];
      checkOp({ inputs: soft, op: ops.sigmoidCrossEntropy, reference: loss, length: 8 });
    }
  });

  it('has the gradient sigmoid(x) - z at 0 as well', () => {
    checkOp({
      inputs: [tensor([0, 0])],
      op: (x: never) => ops.sigmoidCrossEntropy(x, [0, 1]),
      reference: (x) => loss(x, new Real([2], Float64Array.of(0, 1))),
    });
  });

  it('keeps small and large losses', () => {
    const { data } = ops.sigmoidCrossEntropy([30, -30, 200, -200], [1, 0, 0, 1]);
    const tiny = Math.log1p(Math.exp(-30));
    for (const value of data.subarray(0, 2)) expect(Math.abs(value / tiny - 1)).toBeLessThan(1e-6);
    expect([...data.subarray(2)]).toEqual([200, 200]);
  });
});

describe('batchNormalization', () => {
  const stats = [floats([5], { seed: 2 }), floats([5], { low: 0.5, high: 2, seed: 3 })];
  const affine = [floats([5], { seed: 4 }), floats([5], { seed: 5 })];

  it('normalizes, scales and shifts', () => {
    checkOp({
      inputs: [floats([3, 2, 5]), ...stats, ...affine],
      op: (x: never, mean: never, variance: never, offset: never, scale: never) =>
        ops.batchNormalization(x, mean, variance, offset, scale, 0.01),
      reference: elementwise(
        (x, mean, variance, offset, scale) =>
          ((x - mean) / Math.sqrt(variance + 0.01)) * scale + offset,
      ),
      length: 12,
      magnitude: 4,
    });
    checkOp({
      inputs: [floats([7, 5]), ...stats],
      op: ops.batchNormalization,
      reference: elementwise((x, mean, variance) => (x - mean) / Math.sqrt(variance + 1e-3)),
      length: 12,
      magnitude: 4,
    });
  });

  it('has moments beside it, and all of it a gradient', () => {
    const x = tensor([
      [1, 2],
      [3, 6],
    ]);
    const { mean, variance } = ops.moments(x, 0);
    expect([mean.toArray(), variance.toArray()]).toEqual([
      [2, 4],
      [1, 4],
    ]);
    const average = (xs: number[]) => total(xs) / xs.length;
    checkOp({
      inputs: [floats([9, 4])],
      op: (v: never) => {
        const now = ops.moments(v, 0);
        return ops.batchNormalization(v, now.mean, now.variance);
      },
      reference: (v) => {
        const center = alongAxes(v, [0], average);
        const spread = alongAxes(v, [0], (xs) => average(xs.map((y) => (y - average(xs)) ** 2)));
        return elementwise((a, m, s) => (a - m) / Math.sqrt(s + 1e-3))(v, center, spread);
      },
      length: 40,
      magnitude: 4,
    });
  });
});
