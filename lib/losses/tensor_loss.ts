import type { TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { sameShape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { LossOptions } from './loss.js';

/** The loss of a batch in plain JavaScript: one number for labels [n, ...] and predictions [n, ...]. */
export type TensorLossFunction = (yTrue: Tensor, yPred: Tensor) => number;

/** Its derivative by each prediction, of the predictions' shape. */
export type TensorLossGradient = (yTrue: Tensor, yPred: Tensor) => Tensor | Float32Array;

/**
 * A user's loss and gradient on real tensors, which JavaScript computes before each step.
 *
 * @example
 * ```ts
 * const squares = losses.fromFunction(
 *   (y, p) => ops.sum(ops.square(ops.subtract(p, y))).data[0] as number,
 *   (y, p) => ops.multiply(ops.subtract(p, y), 2),
 *   { name: 'squares' },
 * );
 * squares.name; // => 'squares'
 * ```
 */
export class TensorLoss {
  /** Its name. */
  readonly name: string;
  private readonly compute: TensorLossFunction;
  private readonly differentiate: TensorLossGradient;

  constructor(
    compute: TensorLossFunction,
    gradient: TensorLossGradient,
    options: LossOptions = {},
  ) {
    if (typeof compute !== 'function' || typeof gradient !== 'function') {
      throw new LugeError(
        'BAD_ARGUMENT',
        'losses.fromFunction takes two functions of two tensors, (yTrue, yPred) => number and ' +
          '(yTrue, yPred) => gradient by yPred. Functions written with ops need no gradient: give ' +
          'them to compile as they are.',
      );
    }
    checkOptions('losses.fromFunction', options, ['name']);
    this.name = options.name ?? (compute.name || 'loss');
    this.compute = compute;
    this.differentiate = gradient;
  }

  /** The loss of a batch. */
  value(yTrue: Tensor, yPred: Tensor): number {
    const value = this.compute(yTrue, yPred);
    if (typeof value === 'number') return value;
    throw this.error(`its function to answer with a number, but got ${kindOf(value)}`);
  }

  /** The derivative by each prediction, in their order. */
  gradient(yTrue: Tensor, yPred: Tensor): Float32Array {
    const found: unknown = this.differentiate(yTrue, yPred);
    const data = found instanceof Tensor ? found.data : found;
    const fits =
      data instanceof Float32Array &&
      data.length === yPred.size &&
      (!(found instanceof Tensor) || sameShape(found.shape, yPred.shape));
    if (fits) return data;
    throw this.error(
      `a float32 gradient of the predictions' shape ${showShape(yPred.shape)}, but got ${kindOf(found)}`,
    );
  }

  private error(expected: string): LugeError {
    return new LugeError('BAD_ARGUMENT', `Loss '${this.name}': expected ${expected}.`);
  }
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  if (value instanceof Tensor) return `${value.dtype} ${showShape(value.shape)}`;
  if (ArrayBuffer.isView(value)) {
    const array = value as TypedArray;
    return `${array.constructor.name} of ${array.length} numbers`;
  }
  return typeof value;
}

/**
 * A loss in plain JavaScript, for what `ops` cannot say: a function of real tensors that answers with
 * the loss of a batch, one number, and another with its derivative by each prediction. Labels come as
 * they were given, [n, ...] of their dtype, predictions as float32 [n, ...].
 *
 * Each training step then is two: forward to the predictions, which go to both functions, and with
 * the gradient forward and backward, so that it takes about a third longer, and they run on the event
 * loop. Reported is the mean over batches, each counting as many times as it has samples. Functions
 * written with `ops` are differentiated for you and run within the step: give them to `compile` as they
 * are.
 *
 * @throws LugeError BAD_ARGUMENT for other than functions, or, in training, for an answer of another
 *   kind or shape; UNSUPPORTED for sample weights, which a loss of a whole batch cannot take.
 *
 * @example
 * ```ts
 * const errors = (y: Tensor, p: Tensor) => Array.from(p.data, (v, i) => v - (y.data[i] ?? 0));
 * const square = (y: Tensor, p: Tensor) => errors(y, p).reduce((sum, e) => sum + e * e, 0);
 * const slope = (y: Tensor, p: Tensor) => Float32Array.from(errors(y, p), (e) => 2 * e);
 * const model = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' })]);
 * model.compile({ optimizer: 'sgd', loss: losses.fromFunction(square, slope) });
 * await model.trainOnBatch(tensor([[1], [2]]), tensor([[2], [2]])); // => {"loss":1}
 * ```
 */
export const fromFunction = (
  compute: TensorLossFunction,
  gradient: TensorLossGradient,
  options?: LossOptions,
): TensorLoss => new TensorLoss(compute, gradient, options);
