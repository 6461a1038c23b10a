import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { Layer, type LayerOptions } from './layer.js';

/** A function of values written with `ops`: of one, or of a list when there are several inputs. */
export type LambdaFunction = (inputs: Value & Value[]) => Value | Value[];

export interface LambdaOptions extends LayerOptions {
  /** Written with `ops`; it is called while a step is built. */
  function: LambdaFunction;
}

/**
 * A function as a layer, of inputs and an output of any shape. It has no weights, and no file can
 * hold it: extend `Layer` where either is wanted.
 *
 * Source: Keras's Lambda.
 *
 * @example
 * ```ts
 * const gate = layers.lambda({ function: (x) => ops.multiply(x, ops.sigmoid(x)), name: 'gate' });
 * const model = sequential([input({ shape: [2] }), gate]);
 * await model.predict([[0, 2]]); // => [[0, 1.7616]]
 * ```
 */
export class Lambda extends Layer {
  static override className = 'Lambda';
  private readonly function: LambdaFunction;

  constructor(options: LambdaOptions) {
    super(options, ['function']);
    if (typeof options.function !== 'function') {
      throw this.error(
        'BAD_ARGUMENT',
        `function must be a function written with ops, such as (x) => ops.square(x), but got ` +
          `${JSON.stringify(options.function)}.`,
      );
    }
    this.function = options.function;
  }

  override call(inputs: Value | Value[]): Value | Value[] {
    return this.function(inputs as Value & Value[]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), function: this.function.name };
  }

  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    throw new LugeError(
      'UNSUPPORTED',
      `Layer '${config.name}' (Lambda): a configuration does not hold its function. Extend Layer and ` +
        'register the class instead.',
    );
  }
}
