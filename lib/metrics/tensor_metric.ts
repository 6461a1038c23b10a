import { newArray, type TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Spec } from '../graph/ir.js';
import type { MetricOptions } from './metric.js';
import type { Tally, TallyState } from './tally.js';

/** A metric in plain JavaScript: one number for labels [n, ...] and predictions [n, ...]. */
export type TensorMetricFunction = (yTrue: Tensor, yPred: Tensor) => number;

export interface FromFunctionOptions extends MetricOptions {
  /**
   * What the function is called with. 'epoch' (default): all labels and predictions at once, so that
   * the number is exact; they are kept until then. 'batch': those of each batch; reported is the mean
   * over batches, each counting as many times as it has samples.
   */
  over?: 'epoch' | 'batch';
}

/** Labels and predictions as a step gives them. */
type Specs = readonly [yTrue: Spec, yPred: Spec];

/**
 * A user's function of real tensors, which JavaScript runs behind the steps.
 *
 * @example
 * ```ts
 * const largest = metrics.fromFunction((_, p) => Math.max(...p.data), { name: 'largest' });
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: largest });
 * await model.evaluate([[1], [4]], [[1], [4]]); // => { loss: 0, largest: 4 }
 * ```
 */
export class TensorMetric {
  /** The key in `History`. */
  readonly name: string;
  private readonly compute: TensorMetricFunction;
  private readonly over: 'epoch' | 'batch';

  constructor(compute: TensorMetricFunction, options: FromFunctionOptions = {}) {
    if (typeof compute !== 'function') {
      throw new LugeError(
        'BAD_ARGUMENT',
        'metrics.fromFunction takes a function of two tensors, (yTrue, yPred) => number, but got ' +
          `${JSON.stringify(compute)}.`,
      );
    }
    checkOptions('metrics.fromFunction', options, ['name', 'over']);
    const { over = 'epoch', name = compute.name || 'metric' } = options;
    this.over = checkChoice('metrics.fromFunction: over', over, ['epoch', 'batch']);
    this.name = name;
    this.compute = compute;
  }

  /**
   * What collects the batches of an epoch.
   *
   * @param specs labels and predictions of one batch.
   */
  tally(specs: Specs): Tally {
    const call = this.call.bind(this);
    return this.over === 'batch' ? new BatchTally(specs, call) : new EpochTally(specs, call);
  }

  private call(yTrue: Tensor, yPred: Tensor): number {
    const value = this.compute(yTrue, yPred);
    if (typeof value === 'number') return value;
    throw new LugeError(
      'BAD_ARGUMENT',
      `Metric '${this.name}': expected its function to answer with a number, but got ` +
        `${(value as unknown) instanceof Promise ? 'a promise' : typeof value}.`,
    );
  }
}

/** Keeps all labels and predictions, as the steps gave them, until the function is called. */
class EpochTally implements Tally {
  private readonly specs: Specs;
  private readonly compute: TensorMetricFunction;
  private readonly kept: [TypedArray[], TypedArray[]] = [[], []];

  constructor(specs: Specs, compute: TensorMetricFunction) {
    this.specs = specs;
    this.compute = compute;
  }

  add(results: readonly TypedArray[], steps: number, batch: number): void {
    this.kept.forEach((arrays, i) => {
      const rows = steps * batch * rowSize(this.specs[i] as Spec);
      if (rows > 0) arrays.push((results[i] as TypedArray).subarray(0, rows));
    });
  }

  value(over: boolean): number | undefined {
    if (!over || this.kept[0].length === 0) return undefined;
    const [yTrue, yPred] = this.kept.map((arrays, i) => joined(arrays, this.specs[i] as Spec));
    return this.compute(yTrue as Tensor, yPred as Tensor);
  }

  get state(): TallyState {
    return this.kept.map((arrays) => arrays.flatMap((array) => [...array]));
  }

  set state(state: TallyState) {
    this.kept.forEach((arrays, i) => {
      const numbers = newArray((this.specs[i] as Spec).dtype, state[i]?.length ?? 0);
      numbers.set(state[i] ?? []);
      arrays.splice(0, arrays.length, ...(numbers.length > 0 ? [numbers] : []));
    });
  }
}

/** Calls the function for each batch and keeps the mean. */
export class BatchTally implements Tally {
  private readonly specs: Specs;
  private readonly compute: TensorMetricFunction;
  private sum = 0;
  private samples = 0;

  constructor(specs: Specs, compute: TensorMetricFunction) {
    this.specs = specs;
    this.compute = compute;
  }

  add(results: readonly TypedArray[], steps: number, batch: number): void {
    for (let step = 0; step < steps; step++) {
      const [yTrue, yPred] = this.specs.map((spec, i) => {
        const size = batch * rowSize(spec);
        return joined([(results[i] as TypedArray).subarray(step * size, (step + 1) * size)], spec);
      });
      this.sum += batch * this.compute(yTrue as Tensor, yPred as Tensor);
    }
    this.samples += steps * batch;
  }

  value(): number {
    return this.sum / this.samples;
  }

  get state(): TallyState {
    return [[this.sum, this.samples]];
  }

  set state([[sum = 0, samples = 0] = []]: TallyState) {
    this.sum = sum;
    this.samples = samples;
  }
}

function rowSize({ shape }: Spec): number {
  return sizeOf(shape.slice(1));
}

/** Rows that lie in several arrays, as one tensor. */
function joined(arrays: readonly TypedArray[], spec: Spec): Tensor {
  const size = arrays.reduce((sum, { length }) => sum + length, 0);
  const data = newArray(spec.dtype, size);
  let at = 0;
  for (const array of arrays) {
    data.set(array, at);
    at += array.length;
  }
  return new Tensor(data, [size / rowSize(spec), ...spec.shape.slice(1)]);
}

/**
 * A metric in plain JavaScript, for what `ops` cannot say: a function of real tensors that answers
 * with a number. Labels come as they were given, [n, ...] of their dtype, predictions as float32
 * [n, ...], in the order in which they were visited.
 *
 * By default it is exact: called once an epoch with everything, at the end, so the progress bar does
 * not show it before. Until then labels and predictions are kept, 4 bytes a number (1 for uint8), and
 * twice as much for the moment of the call; where that is too much, `over: 'batch'` gives the mean of
 * batches. It runs on the event loop and does not hold up the step that is under way. Functions written
 * with `ops` are faster: give them to `compile` as they are, or see `metrics.fromMeans`.
 *
 * @throws LugeError BAD_ARGUMENT for no function, or, in training, for an answer that is no number.
 *
 * @example
 * ```ts
 * const worst = (y: Tensor, p: Tensor) =>
 *   Math.max(...Array.from(p.data, (v, i) => Math.abs(v - (y.data[i] ?? 0))));
 * const model = sequential([layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })]);
 * model.compile({ loss: 'mse', metrics: [metrics.fromFunction(worst)] });
 * await model.evaluate(tensor([[1, 1], [2, 2]]), tensor([[2], [1]])); // => {"loss":4.5,"worst":3}
 * ```
 */
export const fromFunction = (
  compute: TensorMetricFunction,
  options?: FromFunctionOptions,
): TensorMetric => new TensorMetric(compute, options);
