import { checkOptions } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { callSymbolic } from '../losses/symbolic_function.js';
import { multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { concat } from '../ops/concat.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { weightsOf } from './weights.js';

/** Options that every metric takes. */
export interface MetricOptions {
  /** The key in `History`. Default: Keras's name, such as 'binary_accuracy'. */
  name?: string;
}

/**
 * A metric of one's own, written with `ops`: of shape [batch], [batch, ...] or []. The mean over all
 * samples is reported; what is no mean of samples is made with `metrics.fromMeans`.
 */
export type MetricFunction = (yTrue: Value, yPred: Value) => Value;

/**
 * What is reported about predictions. Each batch gives a vector of numbers, which are added up over
 * an epoch in float64; the result is computed from the sums, so that it is that of all samples.
 *
 * @example
 * ```ts
 * class SumOfErrors extends metrics.Metric {
 *   static override className = 'SumOfErrors';
 *   constructor(options: metrics.MetricOptions = {}) {
 *     super(options, 'sum_of_errors', []);
 *   }
 *   override update(yTrue: Value, yPred: Value): Value {
 *     return ops.reshape(ops.sum(ops.abs(ops.subtract(yPred, yTrue))), [1]);
 *   }
 *   override result(sums: Float64Array): number {
 *     return sums[0] as number;
 *   }
 * }
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: new SumOfErrors() });
 * await model.evaluate([[1], [4]], [[1], [2]]); // => { loss: 2, sum_of_errors: 2 }
 * ```
 */
export abstract class Metric {
  /** The class's name in configurations. */
  static className = 'Metric';

  /** The key in `History`. */
  readonly name: string;

  /** @param known names of the metric's own options; when given, any other is an error. */
  constructor(options: MetricOptions, name: string, known?: readonly string[]) {
    if (known !== undefined) checkOptions(this.className, options, [...known, 'name']);
    this.name = options.name ?? name;
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /**
   * What a batch adds to the sums, float32 [k].
   *
   * @param weight sample weights [batch]; default 1 each.
   */
  abstract update(yTrue: Value, yPred: Value, weight?: Value): Value;

  /** The metric, from the sums [k] of an epoch. Of a list, each is reported: `name_0`, `name_1`. */
  abstract result(sums: Float64Array): number | readonly number[];

  /** The settings with Keras's names, from which `fromConfig` makes an equal metric. */
  getConfig(): Config {
    return { name: this.name };
  }

  /** A metric from its settings; unknown ones are an error. */
  static fromConfig<M extends Metric>(this: new (options: never) => M, config: Config): M {
    const { dtype: _, ...options } = optionsFromConfig(config);
    return new this(options as never);
  }
}

/**
 * The mean of a number of each sample (or of each position of a sample).
 *
 * @example
 * ```ts
 * // How far predictions lie above the truth, on average.
 * class Bias extends metrics.MeanMetric {
 *   static override className = 'Bias';
 *   constructor(options: metrics.MetricOptions = {}) {
 *     super(options, 'bias', []);
 *   }
 *   override values(yTrue: Value, yPred: Value): Value {
 *     return ops.subtract(yPred, yTrue);
 *   }
 * }
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: new Bias() });
 * await model.evaluate([[1], [4]], [[1], [2]]); // => { loss: 2, bias: 1 }
 * ```
 */
export abstract class MeanMetric extends Metric {
  static override className = 'MeanMetric';

  /** The numbers [batch, ...] to take the mean of. */
  abstract values(yTrue: Value, yPred: Value): Value;

  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const values = cast(this.values(yTrue, yPred), 'float32');
    const weights = weightsOf(this.name, values.shape, weight, yPred.mask);
    if (weights === undefined) {
      // A single number for the batch counts once for each of its samples.
      const batch = yPred.shape[0] as number;
      const total = values.rank === 0 ? multiply(values, batch) : sum(values);
      return pair(total, values.rank === 0 ? batch : values.shape.reduce((a, b) => a * b, 1));
    }
    return pair(sum(multiply(values, weights)), sum(weights));
  }

  override result(sums: Float64Array): number {
    return (sums[0] as number) / (sums[1] as number);
  }
}

function pair(total: Value, count: Value | number): Value {
  const { graph } = total.node;
  const second = typeof count === 'number' ? graph.constant(count) : count;
  return concat([reshape(total, [1]), reshape(second, [1])], 0);
}

/** A user's function as a metric. */
export class FunctionMetric extends MeanMetric {
  static override className = 'FunctionMetric';
  private readonly compute: MetricFunction;

  constructor(compute: MetricFunction, options: MetricOptions = {}) {
    super(options, compute.name || 'metric');
    this.compute = compute;
  }

  override values(yTrue: Value, yPred: Value): Value {
    const forTensors = 'metrics.fromFunction(f)';
    return callSymbolic(`Metric '${this.name}'`, forTensors, this.compute, yTrue, yPred);
  }
}
