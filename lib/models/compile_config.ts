import { LugeError } from '../core/errors.js';
import { type Config, serialize } from '../core/registry.js';
import { FunctionLoss, type Loss } from '../losses/loss.js';
import { TensorLoss } from '../losses/tensor_loss.js';
import { Accuracy } from '../metrics/accuracy.js';
import { FunctionMetric, type Metric } from '../metrics/metric.js';
import { TensorMetric } from '../metrics/tensor_metric.js';
import type { CompileOptions } from './compiled.js';

/** How a file names a loss; a function only by its name. */
export function lossConfig(loss: Loss | TensorLoss): unknown {
  return loss instanceof FunctionLoss || loss instanceof TensorLoss ? loss.name : serialize(loss);
}

/** How a file names a metric. */
export function metricConfig(metric: Metric | TensorMetric): unknown {
  if (metric instanceof FunctionMetric || metric instanceof TensorMetric) return metric.name;
  // Keras's class of this name is another metric; by this name it chooses as we do.
  return metric instanceof Accuracy ? 'accuracy' : serialize(metric);
}

/** What to give `compile`, from the training configuration of a file. */
export function compileOptionsFrom(training: Config): CompileOptions {
  const { optimizer_config: optimizer, loss, loss_weights, metrics, weighted_metrics } = training;
  if (weighted_metrics !== null && weighted_metrics !== undefined) {
    throw new LugeError('UNSUPPORTED', 'weighted_metrics are not supported.');
  }
  const options: Record<string, unknown> = { optimizer, loss, lossWeights: loss_weights, metrics };
  const given = Object.entries(options).filter(([, value]) => value !== null);
  return Object.fromEntries(given) as CompileOptions;
}
