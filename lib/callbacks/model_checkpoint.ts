import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { diskProblem } from '../core/write_file.js';
import { Callback, type CallbackState, type Logs } from './callback.js';
import { Monitor, type MonitorMode } from './monitor.js';

export interface ModelCheckpointOptions {
  /**
   * The file to write, ending in '.h5'; its folder is made when there is none. `{epoch}` (from 1), `{batch}` (from 1, when saving by steps)
   * and the keys of the logs in braces stand for their values; a format as in Python may follow:
   * 'model-{epoch:02d}-{val_loss:.2f}.h5'.
   */
  filepath: string;
  /** What to watch for `saveBestOnly`: a key of the history. Default 'val_loss'. */
  monitor?: string;
  /** Say on the console when a file is written: 1. Default 0. */
  verbose?: 0 | 1;
  /** Write only when the value got better. Default false. */
  saveBestOnly?: boolean;
  /** Write weights alone. Default false. */
  saveWeightsOnly?: boolean;
  /** Whether less or more is better; 'auto' tells from the name. Default 'auto'. */
  mode?: MonitorMode;
  /** After each epoch, or after so many batches. Default 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** The value to beat at first. Default: any. */
  initialValueThreshold?: number;
}

const known = [
  ...['filepath', 'monitor', 'verbose', 'saveBestOnly', 'saveWeightsOnly', 'mode', 'saveFreq'],
  'initialValueThreshold',
];

/**
 * Writes the model to a file as training goes on (Keras's ModelCheckpoint).
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const keep = callbacks.modelCheckpoint({
 *   filepath: 'best.h5',
 *   monitor: 'loss',
 *   saveBestOnly: true,
 * });
 * await model.fit([[0], [1]], [0, 1], { epochs: 2, callbacks: keep, verbose: 0 });
 * const best = await loadModel('best.h5');
 * ```
 */
export class ModelCheckpoint extends Callback {
  /** The best value so far. */
  best: number;
  private readonly options: ModelCheckpointOptions;
  private readonly monitor: Monitor;
  private readonly every: number | undefined;
  private epoch = 0;
  private batches = 0;

  constructor(options: ModelCheckpointOptions) {
    super();
    checkOptions('ModelCheckpoint', options, known);
    const { filepath, monitor = 'val_loss', mode, saveFreq = 'epoch' } = options;
    if (typeof filepath !== 'string' || !filepath.endsWith('.h5')) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ModelCheckpoint: filepath must be a file's name that ends in '.h5', but got '${filepath}'.`,
      );
    }
    if (!options.saveWeightsOnly && /\.weights\.h5$/i.test(filepath)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ModelCheckpoint: '${filepath}' is a name for weights alone. Set saveWeightsOnly: true, or leave out ` +
          "'.weights'.",
      );
    }
    this.options = options;
    this.monitor = new Monitor('ModelCheckpoint', monitor, mode);
    this.best = options.initialValueThreshold ?? Number.NaN;
    if (saveFreq === 'epoch') return;
    this.every = checkCount("ModelCheckpoint: saveFreq, if not 'epoch',", saveFreq);
    // Only then is training cut into single batches.
    this.onTrainBatchEnd = async (batch, logs) => {
      this.batches += 1;
      if (this.batches % (this.every as number) === 0) await this.save(logs, batch);
    };
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
    if (this.every === undefined) await this.save(logs);
  }

  override getState(): CallbackState {
    const { best, batches } = this;
    return { best, batches };
  }

  override setState({ best, batches }: CallbackState): void {
    this.best = best as number;
    this.batches = batches as number;
  }

  private async save(logs: Logs, batch?: number): Promise<void> {
    const { filepath, saveBestOnly, saveWeightsOnly, verbose } = this.options;
    if (saveBestOnly) {
      const value = this.monitor.read(logs);
      if (!this.monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    const values: Logs = { ...logs, epoch: this.epoch + 1 };
    if (batch !== undefined) values.batch = batch + 1;
    const path = fillIn(filepath, values);
    makeFolder(dirname(path));
    await (saveWeightsOnly ? this.model.saveWeights(path) : this.model.save(path));
    if (verbose === 1) console.log(`Epoch ${this.epoch + 1}: saved ${path}`);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new LugeError(
      'IO',
      `ModelCheckpoint cannot make the folder '${folder}': ${diskProblem(error)}.`,
      { cause: error },
    );
  }
}

/** A name with values in place of `{key}`, `{key:02d}` and `{key:.2f}`. */
function fillIn(template: string, values: Logs): string {
  return template.replace(/\{(\w+)(?::(0?)(\d*)(?:\.(\d+))?([df]?))?\}/g, (_, ...parts) => {
    const [key, zero, width, digits, kind] = parts as [string, ...(string | undefined)[]];
    const value = values[key];
    if (value === undefined) {
      throw new LugeError(
        'UNKNOWN_NAME',
        `ModelCheckpoint: '${template}' has {${key}}, but there are ${Object.keys(values).join(', ')}.`,
      );
    }
    const fixed = digits !== undefined || kind === 'f';
    const text = fixed ? value.toFixed(Number(digits ?? 6)) : String(value);
    return text.padStart(Number(width || 0), zero === '0' ? '0' : ' ');
  });
}
