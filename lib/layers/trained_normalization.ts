import type { ConstraintLike } from '../constraints/index.js';
import { LugeError } from '../core/errors.js';
import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { InitializerLike } from '../initializers/index.js';
import { batchNormalization } from '../ops/batch_normalization.js';
import { reshape } from '../ops/reshape.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { Layer, type LayerOptions } from './layer.js';
import { WeightRule } from './weight_rule.js';

export interface TrainedNormalizationOptions extends LayerOptions {
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Whether to add a trained offset, beta. Default true. */
  center?: boolean;
  /** Whether to multiply by a trained factor, gamma. Default true. */
  scale?: boolean;
  /** Default 'zeros'. */
  betaInitializer?: InitializerLike;
  /** Default 'ones'. */
  gammaInitializer?: InitializerLike;
  /** Default: none. */
  betaRegularizer?: RegularizerLike;
  /** Default: none. */
  gammaRegularizer?: RegularizerLike;
  /** Default: none. */
  betaConstraint?: ConstraintLike;
  /** Default: none. */
  gammaConstraint?: ConstraintLike;
}

const trainedOptions = [
  ...['epsilon', 'center', 'scale'],
  ...WeightRule.options('beta'),
  ...WeightRule.options('gamma'),
];

/**
 * Settings without those that Keras writes of features which there are not here.
 *
 * @throws LugeError UNSUPPORTED when one is switched on; `instead`: what to do then.
 */
export function withoutFeatures(
  className: string,
  { ...config }: Config,
  features: readonly string[],
  instead = '',
): Config {
  const used = features.filter((feature) => config[feature] === true);
  if (used.length > 0) {
    throw new LugeError(
      'UNSUPPORTED',
      `Layer '${config.name}' (${className}): '${used.join("' and '")}' is not supported.${instead}`,
    );
  }
  for (const feature of features) delete config[feature];
  return config;
}

/** gamma * (x - mean) / sqrt(variance + epsilon) + beta, whatever mean and variance are of. */
export abstract class TrainedNormalization extends Layer {
  private readonly epsilon: number;
  private readonly center: boolean;
  private readonly scale: boolean;
  private readonly betaRule: WeightRule;
  private readonly gammaRule: WeightRule;
  protected gamma: Variable | undefined;
  protected beta: Variable | undefined;

  constructor(options: TrainedNormalizationOptions, known: readonly string[]) {
    super(options, [...known, ...trainedOptions]);
    this.epsilon = this.named(() => checkRange('epsilon', options.epsilon ?? 1e-3, 0));
    this.center = this.flag('center', options.center, true);
    this.scale = this.flag('scale', options.scale, true);
    this.betaRule = this.named(() => new WeightRule('beta', options, 'zeros'));
    this.gammaRule = this.named(() => new WeightRule('gamma', options, 'ones'));
  }

  protected addTrained(shape: Shape): void {
    if (this.scale) this.gamma = this.addWeight({ name: 'gamma', shape, ...this.gammaRule });
    if (this.center) this.beta = this.addWeight({ name: 'beta', shape, ...this.betaRule });
  }

  /** `spread`: a shape in which gamma and beta broadcast with x, as mean and variance do. */
  protected normalize(x: Value, mean: Value, variance: Value, spread: Shape): Value {
    const beta = this.beta && reshape(this.beta, spread);
    const gamma = this.gamma && reshape(this.gamma, spread);
    return batchNormalization(x, mean, variance, beta, gamma, this.epsilon);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...this.betaRule.getConfig('beta'),
      ...this.gammaRule.getConfig('gamma'),
    };
  }
}
