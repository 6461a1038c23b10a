import type { Constraint, ConstraintLike } from '../constraints/index.js';
import { type Config, serialize } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { add } from '../ops/binary.js';
import type { Regularizer, RegularizerLike } from '../regularizers/index.js';
import { Activation, type ActivationLike } from './activations.js';
import { Layer, type LayerOptions } from './layer.js';

/** Options of layers with a kernel, a bias and an activation. */
export interface KernelOptions extends LayerOptions {
  /** Default: none. */
  activation?: ActivationLike;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  kernelRegularizer?: RegularizerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
  /** Default: none. */
  kernelConstraint?: ConstraintLike;
  /** Default: none. */
  biasConstraint?: ConstraintLike;
}

const kernelOptions = [
  ...['activation', 'useBias', 'kernelInitializer', 'biasInitializer'],
  ...['kernelRegularizer', 'biasRegularizer', 'kernelConstraint', 'biasConstraint'],
];

/** A layer of the form activation(kernel applied to x + bias). */
export abstract class KernelLayer extends Layer {
  static override className = 'KernelLayer';
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | undefined;
  private readonly biasRegularizer: Regularizer | undefined;
  private readonly kernelConstraint: Constraint | undefined;
  private readonly biasConstraint: Constraint | undefined;
  protected kernel!: Variable;
  private bias: Variable | undefined;

  constructor(options: KernelOptions, known: readonly string[]) {
    super(options, [...known, ...kernelOptions]);
    this.activation = this.named(() => new Activation(options.activation));
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = this.initializer(options.kernelInitializer, 'glorotUniform');
    this.biasInitializer = this.initializer(options.biasInitializer, 'zeros');
    this.kernelRegularizer = this.regularizer(options.kernelRegularizer);
    this.biasRegularizer = this.regularizer(options.biasRegularizer);
    this.kernelConstraint = this.constraint(options.kernelConstraint);
    this.biasConstraint = this.constraint(options.biasConstraint);
  }

  /** Creates the kernel and, when there is one, the bias of each output (the kernel's last axis). */
  protected addKernel(shape: Shape, outputs = shape.at(-1) as number): void {
    this.kernel = this.addWeight({
      name: 'kernel',
      shape,
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: [outputs],
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    });
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
      kernel_initializer: serialize(this.kernelInitializer),
      bias_initializer: serialize(this.biasInitializer),
      kernel_regularizer: serialize(this.kernelRegularizer),
      bias_regularizer: serialize(this.biasRegularizer),
      kernel_constraint: serialize(this.kernelConstraint),
      bias_constraint: serialize(this.biasConstraint),
    };
  }
}
