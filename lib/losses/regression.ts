import type { Value } from '../graph/ir.js';
import { subtract } from '../ops/binary.js';
import { mean } from '../ops/reduce.js';
import { abs, square } from '../ops/unary.js';
import { Loss, type LossOptions } from './loss.js';
import { alignShapes } from './shapes.js';

/** mean((y - p)^2) over the last axis; both of shape [batch, ..., n]. */
export class MeanSquaredError extends Loss {
  static override className = 'MeanSquaredError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_squared_error', []);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    return mean(square(subtract(truth, predictions)), -1);
  }
}

/** mean(|y - p|) over the last axis; both of shape [batch, ..., n]. */
export class MeanAbsoluteError extends Loss {
  static override className = 'MeanAbsoluteError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_absolute_error', []);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    return mean(abs(subtract(truth, predictions)), -1);
  }
}
