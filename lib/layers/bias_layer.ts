import type { ConstraintLike } from '../constraints/index.js';
import type { Config } from '../core/registry.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { InitializerLike } from '../initializers/index.js';
import { add } from '../ops/binary.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { Activation, type ActivationLike } from './activations.js';
import { Layer, type LayerOptions } from './layer.js';
import { WeightRule } from './weight_rule.js';

/** Options of layers that end with a bias and an activation. */
export interface BiasOptions extends LayerOptions {
  /** Default: none. */
  activation?: ActivationLike;
  /** Default true. */
  useBias?: boolean;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
  /** Default: none. */
  biasConstraint?: ConstraintLike;
}

/** A layer of the form activation(y + bias), where y is what its other weights make of x. */
export abstract class BiasLayer extends Layer {
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly biasRule: WeightRule;
  private bias: Variable | undefined;

  constructor(options: BiasOptions, known: readonly string[]) {
    super(options, [...known, 'activation', 'useBias', ...WeightRule.options('bias')]);
    this.activation = this.named(() => new Activation(options.activation));
    this.useBias = this.flag('useBias', options.useBias, true);
    this.biasRule = this.named(() => new WeightRule('bias', options, 'zeros'));
  }

  /** Creates the bias, when there is one, behind the other weights. */
  protected addBias(outputs: number): void {
    if (!this.useBias) return;
    this.bias = this.addWeight({ name: 'bias', shape: [outputs], ...this.biasRule });
  }

  /** activation(y + bias) */
  protected activate(y: Value): Value {
    return this.activation.apply(this.bias === undefined ? y : add(y, this.bias));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      activation: this.activation.name,
      use_bias: this.useBias,
      ...this.biasRule.getConfig('bias'),
    };
  }
}
