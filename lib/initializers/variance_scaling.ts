import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { normalizeAxis, type Shape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { randomNormal, randomUniform, truncatedNormal } from '../ops/random.js';
import { RandomInitializer, type SeedOptions } from './random.js';

const modes = ['fanIn', 'fanOut', 'fanAvg'] as const;
const distributions = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;

export interface FanOptions extends SeedOptions {
  /** The axes whose sizes multiplied are fanIn; given with `outputAxes`. Default: by the shape. */
  inputAxes?: readonly number[];
  /** The axes whose sizes multiplied are fanOut; given with `inputAxes`. Default: by the shape. */
  outputAxes?: readonly number[];
}

const fanOptions = ['inputAxes', 'outputAxes'];

export interface VarianceScalingOptions extends FanOptions {
  /** Default 1. */
  scale?: number;
  /** What the variance is divided by. Default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  /** Default 'truncatedNormal', which 'normal' means too. */
  distribution?: 'truncatedNormal' | 'untruncatedNormal' | 'uniform' | 'normal';
}

/** Standard deviation of a normal distribution that is cut off at two of its standard deviations. */
const kTruncatedStddev = 0.87962566103423978;

/**
 * Random weights of variance scale / n, where n is the number of inputs of a unit (fanIn), of its
 * outputs (fanOut) or the mean of both: then signals neither grow nor fade from layer to layer.
 * In a convolution's kernel [rows, columns, in, out], each counts once for every kernel position.
 * Where a weight has several axes of inputs or outputs, `inputAxes` and `outputAxes` name them.
 *
 * Source: Keras's VarianceScaling.
 *
 * @example
 * ```ts
 * // He's initializer: the variance is 2 / 784.
 * const he = initializers.varianceScaling({ scale: 2, mode: 'fanIn', seed: 1 });
 * ops.sqrt(ops.variance(he.make([784, 100]))); // => 0.0506
 * Math.sqrt(2 / 784); // => 0.0505
 * ```
 */
export class VarianceScaling extends RandomInitializer {
  static override className = 'VarianceScaling';
  /** The factor of the variance. */
  readonly scale: number;
  /** What the variance is divided by. */
  readonly mode: (typeof modes)[number];
  /** Normal, truncated or uniform. */
  readonly distribution: (typeof distributions)[number];
  private readonly inputAxes: readonly number[] | undefined;
  private readonly outputAxes: readonly number[] | undefined;

  constructor(options: VarianceScalingOptions = {}) {
    super(options, ['scale', 'mode', 'distribution', ...fanOptions]);
    this.scale = checkRange(`${this.className}: scale`, options.scale ?? 1, Number.MIN_VALUE);
    this.mode = checkChoice('mode', camel(options.mode ?? 'fanIn'), modes);
    const distribution = camel(options.distribution ?? 'truncatedNormal');
    this.distribution = checkChoice(
      'distribution',
      distribution === 'normal' ? 'truncatedNormal' : distribution,
      distributions,
    );
    this.inputAxes = options.inputAxes;
    this.outputAxes = options.outputAxes;
    if ((this.inputAxes === undefined) === (this.outputAxes === undefined)) return;
    throw new LugeError(
      'BAD_ARGUMENT',
      `${this.className}: inputAxes and outputAxes go together, but only one of them is given.`,
    );
  }

  protected override draw(shape: Shape): Tensor {
    const { fanIn, fanOut } = this.fans(shape);
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, fan);
    const { seed } = this;
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return randomUniform(shape, { minval: -limit, maxval: limit, seed });
    }
    const stddev = Math.sqrt(variance);
    if (this.distribution === 'untruncatedNormal') {
      return randomNormal(shape, { mean: 0, stddev, seed });
    }
    return truncatedNormal(shape, { mean: 0, stddev: stddev / kTruncatedStddev, seed });
  }

  private fans(shape: Shape) {
    const { inputAxes, outputAxes } = this;
    if (inputAxes === undefined || outputAxes === undefined) return fans(shape);
    const sizeAlong = (axes: readonly number[]) =>
      axes.reduce((n, axis) => n * (shape[normalizeAxis(axis, shape.length)] as number), 1);
    return { fanIn: sizeAlong(inputAxes), fanOut: sizeAlong(outputAxes) };
  }

  /** The axes, where they are given, and the seed. */
  protected get fanConfig(): Config {
    const { inputAxes, outputAxes } = this;
    const axes = inputAxes && { input_axes: inputAxes, output_axes: outputAxes };
    return { ...axes, ...super.getConfig() };
  }

  override getConfig(): Config {
    return {
      scale: this.scale,
      mode: snake(this.mode),
      distribution: snake(this.distribution),
      ...this.fanConfig,
    };
  }
}

/** Inputs and outputs of one unit of a weight of that shape. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const positions = sizeOf(shape.slice(0, -2));
  return {
    fanIn: positions * (shape.at(-2) as number),
    fanOut: positions * (shape.at(-1) as number),
  };
}

/** The initializers with a name of their own: only the seed and the axes are left to choose. */
function named(
  className: string,
  scale: number,
  mode: 'fanIn' | 'fanAvg',
  kind: 'uniform' | 'normal',
): typeof VarianceScaling {
  return class extends VarianceScaling {
    static override className = className;

    constructor(options: FanOptions = {}) {
      checkOptions(className, options, ['seed', ...fanOptions]);
      super({ ...options, scale, mode, distribution: kind });
    }

    override getConfig(): Config {
      return this.fanConfig;
    }
  };
}

/** Uniform within sqrt(6 / (fanIn + fanOut)) of 0 (Glorot & Bengio 2010). */
export const GlorotUniform = named('GlorotUniform', 1, 'fanAvg', 'uniform');
/** Truncated normal of variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010). */
export const GlorotNormal = named('GlorotNormal', 1, 'fanAvg', 'normal');
/** Uniform within sqrt(6 / fanIn) of 0 (He et al. 2015); for relu. */
export const HeUniform = named('HeUniform', 2, 'fanIn', 'uniform');
/** Truncated normal of variance 2 / fanIn (He et al. 2015); for relu. */
export const HeNormal = named('HeNormal', 2, 'fanIn', 'normal');
/** Uniform within sqrt(3 / fanIn) of 0 (LeCun et al. 1998). */
export const LecunUniform = named('LecunUniform', 1, 'fanIn', 'uniform');
/** Truncated normal of variance 1 / fanIn (LeCun et al. 1998). */
export const LecunNormal = named('LecunNormal', 1, 'fanIn', 'normal');

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
