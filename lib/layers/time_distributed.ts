import type { ClassConfig, Config } from '../core/registry.js';
import { type PartialShape, type Shape, sizeOf } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { max } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { checkInput, inside } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';
import { registry, serializeLayer } from './registry.js';

export interface TimeDistributedOptions extends LayerOptions {
  /** The layer for each step, such as `layers.conv2d({ filters: 8, kernelSize: 3 })`. */
  layer: Layer | ClassConfig;
}

const axes = '[batch, time, ...]';

/**
 * Another layer applied to each step of a sequence by itself, with the same weights (Keras's
 * `TimeDistributed`).
 *
 * Input [batch, time, ...], of which the layer sees [batch * time, ...]; output [batch, time, ...].
 * Weights: those of the layer. All steps go through the layer as one batch: what it takes from a
 * batch, such as the statistics of batch normalization, is that of all steps.
 *
 * @throws LugeError BAD_ARGUMENT unless `layer` is a layer; BAD_SHAPE for an input of less than 3 axes.
 *
 * @example
 * ```ts
 * // The same convolution on each of 10 images.
 * const layer = layers.timeDistributed({ layer: layers.conv2d({ filters: 4, kernelSize: 3 }) });
 * layer.apply(input({ shape: [10, 28, 28, 1] })).shape; // => [null, 10, 26, 26, 4]
 * ```
 */
export class TimeDistributed extends Layer {
  static override className = 'TimeDistributed';
  override supportsMasking = true;
  override readonly callOptions = ['mask'];
  private readonly layer: Layer;

  constructor(options: TimeDistributedOptions) {
    super(options, ['layer']);
    const { layer } = options;
    if (layer === undefined || layer === null || typeof layer === 'string') {
      throw this.error(
        'BAD_ARGUMENT',
        `layer must be a layer, such as layers.dense({ units: 10 }), but got ${JSON.stringify(layer)}.`,
      );
    }
    this.layer = this.named(() => registry.get(layer));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes, minRank: 3 });
    const [batch, time, ...step] = inputShape;
    const shape = [batch && time ? batch * time : null, ...step];
    inside(this, () => this.layer.buildFor([shape]));
  }

  override call(x: Value): Value | Value[] {
    checkInput(this, x.shape, { axes, minRank: 3 });
    const lead = x.shape.slice(0, 2);
    // A mask of the steps alone says nothing about what is inside of a step.
    const { mask } = x;
    const inner = mask && mask.rank > 2 ? folded(mask) : undefined;
    const outputs = inside(this, () =>
      this.layer.apply<Value, Value | Value[]>(folded(x).withMask(inner)),
    );
    const spread = [outputs].flat().map((y) => {
      const own = y.mask && unfolded(y.mask, lead);
      return unfolded(y, lead).withMask(own ?? stepMask(mask));
    });
    return spread.length === 1 ? (spread[0] as Value) : spread;
  }

  override getConfig(): Config {
    return { ...super.getConfig(), layer: serializeLayer(this.layer) };
  }
}

/** [batch, time, ...] as [batch * time, ...]. */
function folded(x: Value): Value {
  return reshape(x, [sizeOf(x.shape.slice(0, 2)), ...x.shape.slice(2)]);
}

/** [batch * time, ...] as [batch, time, ...]. */
function unfolded(x: Value, lead: Shape): Value {
  return reshape(x, [...lead, ...x.shape.slice(1)]);
}

/** A step counts when anything in it does. */
function stepMask(mask: Value | undefined): Value | undefined {
  if (mask === undefined || mask.rank === 2) return mask;
  return max(
    mask,
    mask.shape.slice(2).map((_, i) => i + 2),
  );
}
