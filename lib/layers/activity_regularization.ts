import { checkOptions } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { L1L2, type L1L2Options } from '../regularizers/l1l2.js';
import { Layer, type LayerOptions, layerOptions } from './layer.js';

export interface ActivityRegularizationOptions
  extends Omit<LayerOptions, 'activityRegularizer'>,
    L1L2Options {}

/** Its input as it is, of any shape; training adds l1 * sum(|x|) + l2 * sum(x^2) per sample. */
export class ActivityRegularization extends Layer {
  static override className = 'ActivityRegularization';
  override supportsMasking = true;
  private readonly penalty: L1L2;

  constructor(options: ActivityRegularizationOptions = {}) {
    checkOptions('ActivityRegularization', options, [
      ...['l1', 'l2'],
      ...layerOptions.filter((name) => name !== 'activityRegularizer'),
    ]);
    const { l1 = 0, l2 = 0, ...rest } = options;
    const penalty = new L1L2({ l1, l2 });
    super({ ...rest, activityRegularizer: penalty });
    this.penalty = penalty;
  }

  override call(x: Value): Value {
    return x;
  }

  override getConfig(): Config {
    const { activity_regularizer: _, ...config } = super.getConfig();
    return { ...config, ...this.penalty.getConfig() };
  }
}
