import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import type { Loss } from '../losses/loss.js';
import { MeanMetric } from './metric.js';

/** The mean of a loss over all samples, under the loss's name. */
export class LossMetric extends MeanMetric {
  static override className = 'LossMetric';
  private readonly loss: Loss;

  constructor(loss: Loss) {
    super({}, loss.name);
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
    const { reduction: _, axis: __, ...config } = this.loss.getConfig(); // not for all in Keras
    return config;
  }
}
