import type { Value } from '../graph/ir.js';
import { mean } from '../ops/reduce.js';
import { Loss } from './loss.js';
import { alignShapes } from './shapes.js';

/**
 * The mean over the last axis of a number for each prediction; labels and predictions are of one
 * shape [batch, ..., n] (a last axis of size 1 may be missing in either).
 */
export abstract class ElementwiseLoss extends Loss {
  static override className = 'ElementwiseLoss';

  /** The numbers to take the mean of; both are float32 of one shape. */
  protected abstract each(truth: Value, predictions: Value): Value;

  override call(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    return mean(this.each(truth, predictions), -1);
  }
}
