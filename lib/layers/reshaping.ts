import type { Config } from '../core/registry.js';
import { resolveReshape, type Shape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { flatten } from '../ops/rank.js';
import { reshape } from '../ops/reshape.js';
import { checkDataFormat, type ImageOptions } from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

export interface FlattenOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {}

/**
 * [batch, ...] as [batch, n]: each sample as one row. Moves nothing.
 *
 * Source: Keras's Flatten.
 *
 * @example
 * ```ts
 * const model = sequential([layers.flatten({ inputShape: [28, 28, 1] })]);
 * model.outputs[0]?.shape; // => [null, 784]
 * ```
 */
export class Flatten extends Layer {
  static override className = 'Flatten';

  constructor(options: FlattenOptions = {}) {
    super(options, ['dataFormat']);
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override call(x: Value): Value {
    return flatten(x);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), data_format: 'channels_last' };
  }
}

export interface ReshapeOptions extends LayerOptions {
  /** Shape of a sample, without the batch; one size may be -1. */
  targetShape: Shape;
}

/**
 * [batch, ...] as [batch, ...targetShape]. Moves nothing.
 *
 * Source: Keras's Reshape.
 *
 * @throws LugeError BAD_SHAPE when a sample holds another number of elements.
 * @example
 * ```ts
 * const model = sequential([layers.reshape({ targetShape: [28, 28, 1], inputShape: [784] })]);
 * model.outputs[0]?.shape; // => [null, 28, 28, 1]
 * ```
 */
export class Reshape extends Layer {
  static override className = 'Reshape';
  private readonly targetShape: Shape;

  constructor(options: ReshapeOptions) {
    super(options, ['targetShape']);
    const { targetShape } = options;
    const fits = (dim: number) => Number.isSafeInteger(dim) && (dim > 0 || dim === -1);
    if (!Array.isArray(targetShape) || !targetShape.every(fits)) {
      throw this.error(
        'BAD_SHAPE',
        'targetShape must hold whole numbers of at least 1, or -1 for one that follows from the rest, ' +
          `but got ${Array.isArray(targetShape) ? showShape(targetShape) : targetShape}.`,
      );
    }
    this.targetShape = [...targetShape];
  }

  override call(x: Value): Value {
    const [batch = 1, ...sample] = x.shape;
    return reshape(x, [batch, ...resolveReshape(sample, this.targetShape, 'targetShape')]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), target_shape: this.targetShape };
  }
}
