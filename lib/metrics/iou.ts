import { checkCount } from '../core/options.js';
import { type Config, optionsFromConfig } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { checkClassNumbers } from '../losses/shapes.js';
import { multiply, notEqual } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { oneHot } from '../ops/gather.js';
import { matmul } from '../ops/matmul.js';
import { argmax } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { transpose } from '../ops/transpose.js';
import { Metric, type MetricOptions } from './metric.js';
import { spreadWeights } from './weights.js';

export interface MeanIoUOptions extends MetricOptions {
  /** The number of classes. */
  numClasses: number;
  /** Labels of this class do not count. */
  ignoreClass?: number;
  /** Whether labels are class numbers rather than one-hot [..., classes]. Default true. */
  sparseYTrue?: boolean;
  /** Whether predictions are class numbers rather than scores [..., classes]. Default true. */
  sparseYPred?: boolean;
}

/**
 * The mean over the classes of TP / (TP + FP + FN), intersection over union, for labels and
 * predictions [batch, ...]. Classes that appear in neither are left out, and so are numbers that are
 * no class.
 *
 * Source: Keras's MeanIoU.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.meanIoU({ numClasses: 2 }) });
 * const [x, y] = [[[0], [1], [1], [0]], [[0], [1], [0], [0]]];
 * await model.evaluate(x, y); // => { loss: 0.25, mean_io_u: 0.5833 }
 * ```
 */
export class MeanIoU extends Metric {
  static override className = 'MeanIoU';
  private readonly options: MeanIoUOptions;

  constructor(options: MeanIoUOptions) {
    super(options, 'mean_io_u', ['numClasses', 'ignoreClass', 'sparseYTrue', 'sparseYPred']);
    checkCount('MeanIoU: numClasses', options.numClasses, 1);
    this.options = options;
  }

  /** The confusion matrix: rows are the truth, columns the prediction. */
  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const { numClasses, ignoreClass, sparseYTrue, sparseYPred } = this.options;
    const guesses = (sparseYPred ?? true) ? yPred : argmax(yPred, -1);
    const given = (sparseYTrue ?? true) ? yTrue : argmax(yTrue, -1);
    const hot = (classes: Value) => oneHot(reshape(cast(classes, 'int32'), [-1]), numClasses);
    const shape = [...guesses.shape, numClasses];
    const scores = reshape(hot(guesses), shape);
    const truth = checkClassNumbers(this.name, given, scores, 'meanIoU({ sparseYTrue: false })');
    let rows = hot(truth);
    if (weight !== undefined) {
      const weights = spreadWeights(this.name, weight, truth.shape);
      rows = multiply(rows, reshape(weights, [-1, 1]));
    }
    if (ignoreClass !== undefined) {
      rows = multiply(rows, reshape(notEqual(truth, ignoreClass), [-1, 1]));
    }
    return reshape(matmul(transpose(rows), hot(guesses)), [numClasses * numClasses]);
  }

  override result(sums: Float64Array): number {
    const { numClasses } = this.options;
    const classes = Array.from({ length: numClasses }, (_, i) => i);
    const at = (row: number, column: number) => sums[row * numClasses + column] as number;
    const ratios = classes.flatMap((i) => {
      const union = classes.reduce((total, j) => total + at(i, j) + at(j, i), 0) - at(i, i);
      return union > 0 ? [at(i, i) / union] : [];
    });
    return ratios.length === 0 ? 0 : ratios.reduce((a, b) => a + b) / ratios.length;
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      num_classes: this.options.numClasses,
      ignore_class: this.options.ignoreClass ?? null,
      sparse_y_true: this.options.sparseYTrue ?? true,
      sparse_y_pred: this.options.sparseYPred ?? true,
      axis: -1,
    };
  }

  /** The axis of Keras is the last one, here as there by default. */
  static override fromConfig<M extends Metric>(this: new (options: never) => M, config: Config): M {
    const { dtype: _, axis: __, ...options } = optionsFromConfig(config);
    return new this(options as never);
  }
}

/** The mean over the classes of intersection over union. */
export const meanIoU = (options: MeanIoUOptions): Metric => new MeanIoU(options);
