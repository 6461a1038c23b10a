import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { type ClassConfig, type Config, isClassConfig, serialize } from '../core/registry.js';
import * as losses from '../losses/index.js';
import * as metrics from '../metrics/index.js';
import * as optimizers from '../optimizers/index.js';
import { lossConfig, metricConfig } from './compile_config.js';
import { assign, type Slot } from './model_data.js';

type Many<T> = T | readonly T[] | Readonly<Record<string, T>>;

export interface CompileOptions {
  /** A name ('adam'), a configuration or an object. Default 'rmsprop', as in Keras. */
  optimizer?: optimizers.OptimizerLike;
  /** For several outputs a list, or a record by output name. */
  loss?: Many<losses.LossLike>;
  /** Factors of the losses of several outputs. Default 1 each. */
  lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /** Reported with the loss. For several outputs a list of lists, or a record by output name. */
  metrics?: MetricsOption;
  /** Of shuffling and dropout. Default: drawn from the sequence that `setSeed` starts. */
  seed?: number;
}

export type MetricsOption =
  | metrics.MetricLike
  | readonly (metrics.MetricLike | readonly metrics.MetricLike[])[]
  | Readonly<Record<string, metrics.MetricLike | readonly metrics.MetricLike[]>>;

type AnyLoss = losses.Loss | losses.TensorLoss;
type AnyMetric = metrics.Metric | metrics.TensorMetric;

/** What is computed for one output. */
export interface Head {
  readonly output: string;
  readonly loss: AnyLoss;
  readonly lossWeight: number;
  readonly metrics: readonly { readonly key: string; readonly metric: AnyMetric }[];
}

const known = ['optimizer', 'loss', 'lossWeights', 'metrics', 'seed'];

/** How a model is trained: what `compile` was given, checked and made into objects. */
export class Compiled {
  readonly optimizer: optimizers.Optimizer;
  private readonly options: CompileOptions;
  private resolved: { key: string; heads: Head[] } | undefined;

  /** @throws LugeError UNKNOWN_NAME or BAD_ARGUMENT for what `compile` does not take. */
  constructor(options: CompileOptions) {
    checkOptions('compile', options, known);
    this.optimizer = optimizers.get(options.optimizer ?? 'rmsprop');
    // Objects are made once, so that names that are not known show before the model is built.
    this.options = { ...options };
    if (options.loss !== undefined) this.options.loss = mapMany(options.loss, toLoss);
    if (options.metrics !== undefined) this.options.metrics = mapMetrics(options.metrics);
  }

  /** The same loss and metrics with another optimizer. */
  withOptimizer(optimizer: optimizers.Optimizer): Compiled {
    return new Compiled({ ...this.options, optimizer });
  }

  /** Loss and metrics for each output. */
  heads(outputs: readonly string[]): Head[] {
    const key = outputs.join('\n');
    if (this.resolved?.key !== key) this.resolved = { key, heads: this.makeHeads(outputs) };
    return this.resolved.heads;
  }

  /** The options as Keras writes them to a file. */
  getConfig(): Config {
    const { loss, lossWeights, metrics } = this.options;
    const metricsConfig = (item: AnyMetric | readonly AnyMetric[]) =>
      Array.isArray(item) ? item.map(metricConfig) : metricConfig(item as AnyMetric);
    return {
      loss: loss === undefined ? null : mapMany(loss as Many<AnyLoss>, lossConfig),
      loss_weights: lossWeights ?? null,
      metrics: metrics === undefined ? null : mapMany(metrics as Many<AnyMetric>, metricsConfig),
      weighted_metrics: null,
      optimizer_config: serialize(this.optimizer),
    };
  }

  /** Options that compile another model alike, with an optimizer of its own. */
  get copyOptions(): CompileOptions {
    return { ...this.options, optimizer: optimizers.get(serialize(this.optimizer) as never) };
  }

  private makeHeads(outputs: readonly string[]): Head[] {
    const { loss, lossWeights, metrics } = this.options;
    if (loss === undefined) {
      throw new LugeError(
        'NOT_COMPILED',
        "compile was not given a loss, which training needs: compile({ optimizer: 'adam', loss: " +
          "'sparseCategoricalCrossentropy' }).",
      );
    }
    const slots: Slot[] = outputs.map((name) => ({ name }));
    const single = outputs.length === 1;
    const lossOf = perOutput('compile: loss', slots, loss as Many<AnyLoss>);
    const weightOf =
      lossWeights === undefined
        ? outputs.map(() => 1)
        : perOutput<number>('compile: lossWeights', slots, lossWeights);
    const metricsOf =
      metrics === undefined ? outputs.map(() => []) : metricsPerOutput(slots, metrics);
    return outputs.map((output, i) => {
      const lossWeight = weightOf[i] as number;
      if (!Number.isFinite(lossWeight)) {
        throw new LugeError(
          'BAD_ARGUMENT',
          `compile: lossWeights must be finite numbers, but got ${lossWeight} for '${output}'.`,
        );
      }
      const list = metricsOf[i] as AnyMetric[];
      const keys = uniqueKeys(
        list.map(({ name }) => (single ? name : `${output}_${name}`)),
        new Set(['loss']),
      );
      return {
        output,
        loss: lossOf[i] as AnyLoss,
        lossWeight,
        metrics: list.map((metric, m) => ({ key: keys[m] as string, metric })),
      };
    });
  }
}

function toLoss(given: losses.LossLike): AnyLoss {
  return losses.get(given);
}

/** A value that stands for every output: not a list and not a record by name. */
function isOne(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const kinds = [losses.Loss, losses.TensorLoss, metrics.Metric, metrics.TensorMetric];
  return kinds.some((kind) => value instanceof kind) || isClassConfig(value);
}

function mapMany<T, U>(given: Many<T>, make: (item: T) => U): Many<U> {
  if (Array.isArray(given)) return given.map(make);
  if (isOne(given)) return make(given as T);
  return Object.fromEntries(
    Object.entries(given as Record<string, T>).map(([name, item]) => [name, make(item)]),
  );
}

function mapMetrics(given: MetricsOption): MetricsOption {
  const make = (item: metrics.MetricLike | readonly metrics.MetricLike[]) =>
    Array.isArray(item)
      ? item.map((one) => metrics.get(one))
      : metrics.get(item as string | ClassConfig);
  return mapMany(given as Many<metrics.MetricLike>, make) as MetricsOption;
}

/** A single value goes to every output; a list or a record has one for each. */
function perOutput<T>(what: string, slots: readonly Slot[], given: Many<T>): T[] {
  if (isOne(given)) return slots.map(() => given as T);
  if (!Array.isArray(given)) return assign<T>(what, 'output', slots, given as Record<string, T>);
  if (given.length === slots.length) return [...given];
  const names = slots.map(({ name }) => name).join(', ');
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: expected one for each output (${names}), but got a list of ${given.length}.`,
  );
}

/** For one output a list is its metrics; for several, it has an entry for each output. */
function metricsPerOutput(slots: readonly Slot[], given: MetricsOption): AnyMetric[][] {
  if (slots.length === 1 && Array.isArray(given)) return [given.flat() as AnyMetric[]];
  // In a record, outputs without metrics may be left out.
  const missing = isOne(given) || Array.isArray(given) ? [] : slots.map(({ name }) => [name, []]);
  const full =
    missing.length > 0 ? { ...Object.fromEntries(missing), ...(given as object) } : given;
  return perOutput<unknown>('compile: metrics', slots, full as Many<unknown>).map(
    (item) => [item].flat() as AnyMetric[],
  );
}

/** Keys of the history, the second of the same name with a number. */
function uniqueKeys(keys: readonly string[], taken: Set<string>): string[] {
  return keys.map((key) => {
    let free = key;
    for (let i = 1; taken.has(free); i++) free = `${key}_${i}`;
    taken.add(free);
    return free;
  });
}
