import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkOptions, show } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { isPartialShape, type PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { SymbolicTensor } from '../graph/symbolic.js';
import { Layer } from './layer.js';

export interface InputOptions {
  /** Shape of one sample; null for a size that differs from batch to batch. */
  shape?: PartialShape;
  /** The same with the batch in front: [null, ...]. */
  batchShape?: PartialShape;
  /** Default 'float32'. */
  dtype?: DType;
  /** Default: 'input', with a number from the second on. */
  name?: string;
}

const inputLayers = new WeakMap<SymbolicTensor, InputLayer>();

/**
 * Where data enters a model: [batch, ...shape].
 *
 * Source: Keras's InputLayer.
 *
 * @example
 * ```ts
 * const first = layers.inputLayer({ shape: [784] });
 * const model = sequential([first.output as SymbolicTensor, layers.dense({ units: 10 })]);
 * model.inputs[0]?.shape; // => [null, 784]
 * ```
 */
export class InputLayer extends Layer {
  static override className = 'InputLayer';
  /** The shape with the batch in front. */
  readonly batchShape: PartialShape;
  private readonly tensor: SymbolicTensor;

  constructor(
    options: InputOptions & { inputShape?: PartialShape; batchInputShape?: PartialShape },
  ) {
    checkOptions('InputLayer', options, [
      ...['shape', 'batchShape', 'inputShape', 'batchInputShape', 'dtype', 'name', 'trainable'],
      ...['sparse', 'ragged', 'optional'],
    ]);
    const shape = options.shape ?? options.inputShape;
    const whole =
      options.batchShape ??
      options.batchInputShape ??
      (Array.isArray(shape) ? [null, ...shape] : shape);
    super({
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.dtype === undefined ? {} : { dtype: options.dtype }),
      ...(isPartialShape(whole) ? { batchInputShape: whole } : {}),
    });
    if (!isPartialShape(whole) || whole.length === 0) {
      throw this.error(
        'BAD_SHAPE',
        'expected a shape of whole numbers of at least 1, or null where a size is not known, such as ' +
          `input({ shape: [28, 28, 1] }), but got ${show(whole)}.`,
      );
    }
    this.batchShape = whole;
    this.tensor = new SymbolicTensor(whole, this.dtype, this.name);
    this.built = true;
    inputLayers.set(this.tensor, this);
  }

  /** The layer whose output that is; undefined for any other tensor. */
  static of(tensor: SymbolicTensor): InputLayer | undefined {
    return inputLayers.get(tensor);
  }

  override call(x: Value): Value {
    return x;
  }

  override get input(): SymbolicTensor {
    return this.tensor;
  }

  override get output(): SymbolicTensor {
    return this.tensor;
  }

  override getConfig(): Config {
    return { batch_shape: this.batchShape, dtype: this.dtype, name: this.name };
  }
}

/**
 * A symbolic tensor where data enters a model: `input({ shape: [28, 28, 1] })`.
 *
 * @throws LugeError BAD_SHAPE when the shape holds anything but sizes and null.
 * @example
 * ```ts
 * const image = input({ shape: [28, 28, 1], dtype: 'uint8', name: 'image' });
 * image.shape; // => [null, 28, 28, 1]
 * ```
 */
export function input(options: InputOptions): SymbolicTensor {
  if (typeof options !== 'object' || options === null) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `input takes { shape }, but got ${JSON.stringify(options)}.`,
    );
  }
  return new InputLayer(options).output;
}
