import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import type { Loss } from '../losses/index.js';
import { MeanMetric, type MetricOptions } from './metric.js';

/** The mean of a loss over all samples. */
export class LossMetric extends MeanMetric {
  static override className = 'LossMetric';
  private readonly loss: Loss;

  constructor(loss: Loss, options: MetricOptions = {}) {
    super(options, loss.name);
    this.loss = loss;
  }

  /** That of the loss, as in Keras. */
  override get className(): string {
    return this.loss.className;
  }

  override values(yTrue: Value, yPred: Value): Value {
    return this.loss.call(yTrue, yPred);
  }

  override getConfig(): Config {
    const { reduction: _, ...config } = this.loss.getConfig();
    return { ...config, name: this.name };
  }
}
