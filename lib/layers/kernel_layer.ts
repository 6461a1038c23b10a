import type { ConstraintLike } from '../constraints/index.js';
import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { InitializerLike } from '../initializers/index.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { BiasLayer, type BiasOptions } from './bias_layer.js';
import { WeightRule } from './weight_rule.js';

/** Options of layers with a kernel, a bias and an activation. */
export interface KernelOptions extends BiasOptions {
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** Default: none. */
  kernelRegularizer?: RegularizerLike;
  /** Default: none. */
  kernelConstraint?: ConstraintLike;
}

/** A layer of the form activation(kernel applied to x + bias). */
export abstract class KernelLayer extends BiasLayer {
  private readonly kernelRule: WeightRule;
  protected kernel!: Variable;

  constructor(options: KernelOptions, known: readonly string[]) {
    super(options, [...known, ...WeightRule.options('kernel')]);
    this.kernelRule = this.named(() => new WeightRule('kernel', options, 'glorotUniform'));
  }

  /** Creates the kernel and, when there is one, the bias of each output (the kernel's last axis). */
  protected addKernel(shape: Shape, outputs = shape.at(-1) as number): void {
    this.kernel = this.addWeight({ name: 'kernel', shape, ...this.kernelRule });
    this.addBias(outputs);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.kernelRule.getConfig('kernel') };
  }
}
