import type { Config } from '../core/registry.js';
import type { Metric } from './metric.js';
import {
  type ClassThresholdsOptions,
  type Counts,
  ratio,
  ThresholdMetric,
  type ThresholdsOptions,
} from './thresholds.js';

const known = ['topK', 'classId'];

/**
 * TP / (TP + FP): the share of what is predicted to be 1 that is. 0 when nothing is.
 *
 * Source: Keras's Precision.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.precision() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, precision: 0.5 }
 * ```
 */
export class Precision extends ThresholdMetric {
  static override className = 'Precision';

  constructor(options: ClassThresholdsOptions = {}) {
    super(options, 'precision', known);
  }

  protected override of({ truePositives, falsePositives }: Counts): number {
    return ratio(truePositives, truePositives + falsePositives);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.classConfig() };
  }
}

/**
 * TP / (TP + FN): the share of what is 1 that is predicted to be. 0 when nothing is.
 *
 * Source: Keras's Recall.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.recall() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, recall: 0.5 }
 * ```
 */
export class Recall extends ThresholdMetric {
  static override className = 'Recall';

  constructor(options: ClassThresholdsOptions = {}) {
    super(options, 'recall', known);
  }

  protected override of({ truePositives, falseNegatives }: Counts): number {
    return ratio(truePositives, truePositives + falseNegatives);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.classConfig() };
  }
}

/**
 * How many labels of 1 have predictions above the threshold.
 *
 * Source: Keras's TruePositives.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.truePositives() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, true_positives: 1 }
 * ```
 */
export class TruePositives extends ThresholdMetric {
  static override className = 'TruePositives';

  constructor(options: ThresholdsOptions = {}) {
    super(options, 'true_positives', []);
  }

  protected override of({ truePositives }: Counts): number {
    return truePositives;
  }
}

/**
 * How many labels of 0 have predictions above the threshold.
 *
 * Source: Keras's FalsePositives.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.falsePositives() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, false_positives: 1 }
 * ```
 */
export class FalsePositives extends ThresholdMetric {
  static override className = 'FalsePositives';

  constructor(options: ThresholdsOptions = {}) {
    super(options, 'false_positives', []);
  }

  protected override of({ falsePositives }: Counts): number {
    return falsePositives;
  }
}

/**
 * How many labels of 0 have predictions up to the threshold.
 *
 * Source: Keras's TrueNegatives.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.trueNegatives() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, true_negatives: 1 }
 * ```
 */
export class TrueNegatives extends ThresholdMetric {
  static override className = 'TrueNegatives';

  constructor(options: ThresholdsOptions = {}) {
    super(options, 'true_negatives', []);
  }

  protected override of({ trueNegatives }: Counts): number {
    return trueNegatives;
  }
}

/**
 * How many labels of 1 have predictions up to the threshold.
 *
 * Source: Keras's FalseNegatives.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.falseNegatives() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, false_negatives: 1 }
 * ```
 */
export class FalseNegatives extends ThresholdMetric {
  static override className = 'FalseNegatives';

  constructor(options: ThresholdsOptions = {}) {
    super(options, 'false_negatives', []);
  }

  protected override of({ falseNegatives }: Counts): number {
    return falseNegatives;
  }
}

/** The share of what is predicted to be 1 that is, over the epoch. */
export const precision = (options?: ClassThresholdsOptions): Metric => new Precision(options);

/** The share of what is 1 that is predicted to be, over the epoch. */
export const recall = (options?: ClassThresholdsOptions): Metric => new Recall(options);

/** How many labels of 1 have predictions above the threshold (0.5). */
export const truePositives = (options?: ThresholdsOptions): Metric => new TruePositives(options);

/** How many labels of 0 have predictions above the threshold (0.5). */
export const falsePositives = (options?: ThresholdsOptions): Metric => new FalsePositives(options);

/** How many labels of 0 have predictions up to the threshold (0.5). */
export const trueNegatives = (options?: ThresholdsOptions): Metric => new TrueNegatives(options);

/** How many labels of 1 have predictions up to the threshold (0.5). */
export const falseNegatives = (options?: ThresholdsOptions): Metric => new FalseNegatives(options);
