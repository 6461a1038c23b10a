import type { Config } from '../core/registry.js';
import { sameShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { add, maximum, minimum, multiply, subtract } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { concat } from '../ops/concat.js';
import { max } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { showBatched } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';
import { anyMask, type Masks, spreadMask } from './masks.js';

/**
 * Element by element, several inputs to one output. Sizes must be equal or 1; an input with fewer
 * axes gets axes of size 1 after the batch.
 */
abstract class Merge extends Layer {
  constructor(options: LayerOptions = {}) {
    super(options, []);
  }

  /** A step counts when it does in any of the inputs. */
  override computeMask(_inputs: Value | Value[], mask: Masks): Masks {
    return anyMask(mask);
  }

  protected abstract merge(a: Value, b: Value): Value;

  override call(inputs: Value | Value[]): Value {
    const values = requireList(this, inputs);
    const rank = Math.max(...values.map((value) => value.rank));
    const aligned = values.map((value) => {
      const [batch = 1, ...rest] = value.shape;
      if (value.rank === rank) return value;
      return reshape(value, [batch, ...new Array<number>(rank - value.rank).fill(1), ...rest]);
    });
    for (let axis = 0; axis < rank; axis++) {
      const sizes = new Set(aligned.map((value) => value.shape[axis] as number));
      sizes.delete(1);
      if (sizes.size > 1) throw misfit(this, values, 'inputs whose sizes are equal or 1');
    }
    return aligned.reduce((a, b) => this.merge(a, b));
  }
}

/**
 * The sum of all inputs, element by element; sizes must be equal or 1. Inputs and output
 * [batch, ...].
 *
 * Source: Keras's Add.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.add().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[4, 9]]
 * ```
 */
export class Add extends Merge {
  static override className = 'Add';

  protected override merge(a: Value, b: Value): Value {
    return add(a, b);
  }
}

/**
 * The first of two inputs minus the second, element by element; sizes must be equal or 1. Inputs
 * and output [batch, ...].
 *
 * Source: Keras's Subtract.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.subtract().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[-2, 1]]
 * ```
 */
export class Subtract extends Merge {
  static override className = 'Subtract';

  override call(inputs: Value | Value[]): Value {
    const values = requireList(this, inputs);
    if (values.length !== 2) throw misfit(this, values, 'exactly 2 inputs');
    return super.call(values);
  }

  protected override merge(a: Value, b: Value): Value {
    return subtract(a, b);
  }
}

/**
 * The product of all inputs, element by element; sizes must be equal or 1. Inputs and output
 * [batch, ...].
 *
 * Source: Keras's Multiply.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.multiply().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[3, 20]]
 * ```
 */
export class Multiply extends Merge {
  static override className = 'Multiply';

  protected override merge(a: Value, b: Value): Value {
    return multiply(a, b);
  }
}

/**
 * The mean of all inputs, element by element; sizes must be equal or 1. Inputs and output
 * [batch, ...].
 *
 * Source: Keras's Average.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.average().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[2, 4.5]]
 * ```
 */
export class Average extends Merge {
  static override className = 'Average';

  override call(inputs: Value | Value[]): Value {
    return multiply(super.call(inputs), 1 / requireList(this, inputs).length);
  }

  protected override merge(a: Value, b: Value): Value {
    return add(a, b);
  }
}

/**
 * The largest of all inputs, element by element; sizes must be equal or 1. Inputs and output
 * [batch, ...].
 *
 * Source: Keras's Maximum.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.maximum().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[3, 5]]
 * ```
 */
export class Maximum extends Merge {
  static override className = 'Maximum';

  protected override merge(a: Value, b: Value): Value {
    return maximum(a, b);
  }
}

/**
 * The smallest of all inputs, element by element; sizes must be equal or 1. Inputs and output
 * [batch, ...].
 *
 * Source: Keras's Minimum.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.minimum().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[1, 4]]
 * ```
 */
export class Minimum extends Merge {
  static override className = 'Minimum';

  protected override merge(a: Value, b: Value): Value {
    return minimum(a, b);
  }
}

export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which inputs follow each other, the batch being axis 0. Default -1. */
  axis?: number;
}

/**
 * The inputs one after the other along an axis; all other sizes must be equal. Inputs and
 * output [batch, ...].
 *
 * Source: Keras's Concatenate.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const both = model({ inputs: [a, b], outputs: layers.concatenate().apply([a, b]) });
 * await both.predict([[[1, 5]], [[3, 4]]]); // => [[1, 5, 3, 4]]
 * ```
 */
export class Concatenate extends Layer {
  static override className = 'Concatenate';
  private readonly axis: number;

  constructor(options: ConcatenateOptions = {}) {
    super(options, ['axis']);
    this.axis = options.axis ?? -1;
    if (!Number.isSafeInteger(this.axis) || this.axis === 0) {
      throw this.error(
        'BAD_ARGUMENT',
        `axis must be a whole number other than 0, which is the batch, but got ${this.axis}.`,
      );
    }
  }

  override call(inputs: Value | Value[]): Value {
    const values = requireList(this, inputs);
    const { rank } = values[0] as Value;
    const axis = this.axis < 0 ? this.axis + rank : this.axis;
    const others = (value: Value) => value.shape.toSpliced(axis, 1);
    const fits = (value: Value) =>
      value.rank === rank && sameShape(others(value), others(values[0] as Value));
    if (axis < 1 || axis >= rank || !values.every(fits)) {
      throw misfit(this, values, `inputs whose shapes differ on axis ${this.axis} only`);
    }
    return concat(values, axis);
  }

  /** The masks one after the other; along another axis, a step counts when it does in any input. */
  override computeMask(inputs: Value | Value[], mask: Masks): Masks {
    const masks = [mask].flat();
    if (masks.every((each) => each === undefined)) return undefined;
    const values = [inputs].flat();
    const { rank } = values[0] as Value;
    const full = values.map(({ shape, node: { graph } }, i) => {
      const own = masks[i];
      return broadcastTo(own === undefined ? graph.constant(1) : spreadMask(own, rank), shape);
    });
    return max(concat(full, this.axis), -1);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }
}

function requireList(layer: Layer, inputs: Value | Value[]): Value[] {
  if (Array.isArray(inputs)) return inputs;
  throw misfit(layer, [inputs], 'a list of at least 2 inputs, apply([a, b])');
}

function misfit(layer: Layer, values: readonly Value[], expected: string) {
  const shapes = values.map((value) => showBatched(value.shape)).join(' and ');
  return layer.error('BAD_SHAPE', `expected ${expected}, but got ${shapes}.`);
}
