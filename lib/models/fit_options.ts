import type { Callback, CallbackLike } from '../callbacks/index.js';
import { toCallbacks } from '../callbacks/to_callbacks.js';
import { LugeError } from '../core/errors.js';
import { checkChoice, checkCount, checkOptions } from '../core/options.js';
import type { ClassWeight } from './labels.js';
import type { ModelData } from './model_data.js';
import type { Batches, SampleWeight } from './prepare.js';
import { type Verbose, verbosity } from './verbosity.js';

/** Data to validate on: `{ x, y }` or `[x, y]`, with sample weights if wanted, or batches. */
export type ValidationData =
  | { readonly x: ModelData; readonly y: ModelData; readonly sampleWeight?: SampleWeight }
  | readonly [ModelData, ModelData]
  | readonly [ModelData, ModelData, SampleWeight]
  | Batches;

export interface FitOptions {
  /** Samples of a step. Default 32. */
  batchSize?: number;
  /** The epoch to end with; with `initialEpoch` 0 their number. Default 1. */
  epochs?: number;
  /** The epoch to begin with, to go on with training. Default 0. */
  initialEpoch?: number;
  /** For batches from a data set: how many make an epoch. Default: all of them. */
  stepsPerEpoch?: number;
  /** What to evaluate on after each epoch. */
  validationData?: ValidationData;
  /** The share of the samples, the last ones, to validate on and not to train with. Default 0. */
  validationSplit?: number;
  /** Samples of a validation step. Default `batchSize`. */
  validationBatchSize?: number;
  /** Whether each epoch takes the samples in another random order. Default true. */
  shuffle?: boolean;
  /** Factors of the loss by class number, such as `{ 0: 1, 1: 5 }`. */
  classWeight?: ClassWeight;
  /** Factors of the loss by sample. */
  sampleWeight?: SampleWeight;
  /** One or several: of `callbacks.*`, names such as 'no-improvement-in-10', or objects of hooks. */
  callbacks?: CallbackLike | readonly CallbackLike[];
  /** Default 'auto', a progress bar. */
  verbose?: Verbose;
  /**
   * Stops training at the next step: `fit` rejects with a LugeError of code ABORTED whose `cause` is
   * the signal's reason. The model keeps its weights, and `model.history` the epochs so far.
   */
  signal?: AbortSignal;
  /**
   * What to do when the loss becomes NaN or infinite: go on ('continue', the default, as in Keras),
   * end training after that chunk of steps ('stop'), or reject with BAD_DATA ('throw'). With 'throw'
   * the data is searched for NaN and infinities first, before any weight is touched.
   */
  onNaN?: 'continue' | 'stop' | 'throw';
}

const known = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'stepsPerEpoch',
  'validationData',
  'validationSplit',
  'validationBatchSize',
  'shuffle',
  'classWeight',
  'sampleWeight',
  'callbacks',
  'verbose',
  'signal',
  'onNaN',
] as const satisfies readonly (keyof FitOptions)[];

/** Options with defaults, checked. */
export interface FitSettings extends Readonly<FitOptions> {
  readonly batchSize: number;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly validationSplit: number;
  readonly validationBatchSize: number;
  readonly shuffle: boolean;
  readonly callbacks: readonly Callback[];
  readonly verbose: 0 | 1 | 2;
  readonly onNaN: 'continue' | 'stop' | 'throw';
}

/** @throws LugeError UNKNOWN_NAME or BAD_ARGUMENT that names the option. */
export function fitSettings(options: FitOptions): FitSettings {
  checkOptions('fit', options, known);
  const batchSize = checkCount('fit: batchSize', options.batchSize ?? 32);
  const { validationSplit = 0, shuffle = true, signal } = options;
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `fit: validationSplit must be in [0, 1), the share of the samples to validate on, but got ${validationSplit}.`,
    );
  }
  if (typeof shuffle !== 'boolean') {
    throw new LugeError('BAD_ARGUMENT', `fit: shuffle must be true or false, but got ${shuffle}.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      'fit: signal must be an AbortSignal: the signal of a controller, not the controller.',
    );
  }
  if (options.stepsPerEpoch !== undefined) checkCount('fit: stepsPerEpoch', options.stepsPerEpoch);
  return {
    ...options,
    batchSize,
    epochs: checkCount('fit: epochs', options.epochs ?? 1),
    initialEpoch: checkCount('fit: initialEpoch', options.initialEpoch ?? 0, 0),
    validationSplit,
    validationBatchSize: checkCount(
      'fit: validationBatchSize',
      options.validationBatchSize ?? batchSize,
    ),
    shuffle,
    callbacks: toCallbacks(options.callbacks),
    verbose: verbosity('fit', options.verbose ?? 'auto'),
    onNaN: checkChoice('fit: onNaN', options.onNaN ?? 'continue', ['continue', 'stop', 'throw']),
  };
}
