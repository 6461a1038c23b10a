import type { ConstraintLike } from '../constraints/index.js';
import { checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { InitializerLike } from '../initializers/index.js';
import { separableConv2d } from '../ops/depthwise_conv2d.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { type DepthwiseConv2DOptions, DepthwiseLayer } from './depthwise_conv2d.js';
import { WeightRule } from './weight_rule.js';

export interface SeparableConv2DOptions extends DepthwiseConv2DOptions {
  /** Channels of the output. */
  filters: number;
  /** Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerLike;
  /** Default: none. */
  pointwiseRegularizer?: RegularizerLike;
  /** Default: none. */
  pointwiseConstraint?: ConstraintLike;
}

/**
 * activation(a convolution of each channel alone, its results mixed by one of 1 x 1, + bias), as in
 * Keras (Chollet, 2017).
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * depthwise_kernel [rows, columns, channels, depthMultiplier], pointwise_kernel [1, 1, channels *
 * depthMultiplier, filters] and bias [filters].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.separableConv2d({ filters: 16, kernelSize: 3, inputShape: [28, 28, 3] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 26, 26, 16]
 * model.countParams(); // => 91
 * ```
 */
export class SeparableConv2D extends DepthwiseLayer {
  static override className = 'SeparableConv2D';
  private readonly filters: number;
  private readonly pointwiseRule: WeightRule;
  private pointwise!: Variable;

  constructor(options: SeparableConv2DOptions) {
    super(options, ['filters', ...WeightRule.options('pointwise')]);
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.pointwiseRule = this.named(() => new WeightRule('pointwise', options, 'glorotUniform'));
  }

  override build(inputShape: PartialShape): void {
    const channels = this.addDepthwise('depthwise_kernel', inputShape);
    this.pointwise = this.addWeight({
      name: 'pointwise_kernel',
      shape: [1, 1, channels, this.filters],
      ...this.pointwiseRule,
    });
    this.addBias(this.filters);
  }

  override call(x: Value): Value {
    this.checkImages(x);
    return this.activate(separableConv2d(x, this.depthwise, this.pointwise, this.window));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...this.pointwiseRule.getConfig('pointwise'),
    };
  }
}
