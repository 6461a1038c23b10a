import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import { sameShape, showShape, sizeOf } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { divide, maximum, multiply } from '../ops/binary.js';
import { mean, sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { where } from '../ops/where.js';
import { callSymbolic } from './symbolic_function.js';

/** Options that every loss takes. */
export interface LossOptions {
  /** Default: the class in snake_case. */
  name?: string;
}

/**
 * A loss of one's own, of shape [batch] or [batch, ...]. It is called while a step is built, not when
 * it runs, and must be written with `ops`, which is what gives it a gradient.
 */
export type LossFunction = (yTrue: Value, yPred: Value) => Value;

/** What Keras writes of every loss and what is the only way here. */
const defaults = { reduction: 'sum_over_batch_size', axis: -1 };

/**
 * How far predictions are from the truth, sample by sample.
 *
 * @example
 * ```ts
 * class CubicError extends losses.Loss {
 *   static override className = 'CubicError';
 *   constructor(options: losses.LossOptions = {}) {
 *     super(options, 'cubic_error', []);
 *   }
 *   override call(yTrue: Value, yPred: Value): Value {
 *     return ops.mean(ops.power(ops.abs(ops.subtract(yPred, yTrue)), 3), -1);
 *   }
 * }
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: new CubicError() });
 * await model.evaluate([[3]], [[1]]); // => { loss: 8 }
 * ```
 */
export abstract class Loss {
  /** The class's name in configurations. */
  static className = 'Loss';

  /** Its name. */
  readonly name: string;

  /** @param known names of the loss's own options; when given, any other is an error. */
  constructor(options: LossOptions, name: string, known?: readonly string[]) {
    if (known !== undefined) checkOptions(this.className, options, [...known, 'name']);
    this.name = options.name ?? name;
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** The losses [batch, ...] of predictions yPred [batch, ..., n]. */
  abstract call(yTrue: Value, yPred: Value): Value;

  /**
   * One loss a sample, [batch]: the mean of `call` over any further axes. Where the predictions carry
   * a mask, each loss that counts is weighted by all / counting, so that the mean over the batch is
   * that of those that count, as in Keras.
   */
  perSample(yTrue: Value, yPred: Value): Value {
    const each = this.call(yTrue, yPred);
    const loss = yPred.mask === undefined ? each : this.masked(each, yPred.mask);
    if (loss.rank === 0 || loss.shape[0] !== yPred.shape[0]) {
      throw new LugeError(
        'BAD_SHAPE',
        `Loss '${this.name}': expected a loss for each sample, of shape [${yPred.shape[0]}], but got ` +
          `${showShape(loss.shape)}. Reduce over the last axes only, not over the batch.`,
      );
    }
    if (loss.rank === 1) return loss;
    return mean(
      loss,
      loss.shape.slice(1).map((_, i) => i + 1),
    );
  }

  private masked(loss: Value, mask: Value): Value {
    if (!sameShape(loss.shape.slice(0, mask.rank), mask.shape)) {
      throw new LugeError(
        'BAD_SHAPE',
        `Loss '${this.name}': the predictions carry a mask of shape ${showShape(mask.shape)}, which does not ` +
          `fit losses of shape ${showShape(loss.shape)}. Give labels for every step, or put a layer that ` +
          'ends the mask before the output, such as globalAveragePooling1d.',
      );
    }
    const spread = reshape(mask, [...mask.shape, ...loss.shape.slice(mask.rank).map(() => 1)]);
    // Where nothing counts, the loss is 0.
    const weight = divide(sizeOf(mask.shape), maximum(sum(mask), 1));
    return multiply(where(spread, loss, 0), weight);
  }

  /** The settings with Keras's names, from which `fromConfig` makes an equal loss. */
  getConfig(): Config {
    return { name: this.name, reduction: defaults.reduction };
  }

  /** A loss from its settings; unknown ones are an error. */
  static fromConfig<L extends Loss>(this: new (options: never) => L, config: Config): L {
    const {
      reduction = defaults.reduction,
      axis = defaults.axis,
      ...options
    } = optionsFromConfig(config);
    if (![defaults.reduction, 'auto'].includes(reduction as string) || axis !== defaults.axis) {
      throw new LugeError(
        'UNSUPPORTED',
        `Loss '${config.name}' is taken over the last axis and averaged over the batch ` +
          `('${defaults.reduction}'), but the configuration asks for axis ${axis} and '${reduction}'.`,
      );
    }
    delete options.dtype;
    return new this(options as never);
  }
}

/** A user's function as a loss. */
export class FunctionLoss extends Loss {
  static override className = 'FunctionLoss';
  private readonly compute: LossFunction;

  constructor(compute: LossFunction, options: LossOptions = {}) {
    super(options, compute.name || 'loss');
    this.compute = compute;
  }

  override call(yTrue: Value, yPred: Value): Value {
    const forTensors = 'losses.fromFunction(f, gradient)';
    return callSymbolic(`Loss '${this.name}'`, forTensors, this.compute, yTrue, yPred);
  }
}
