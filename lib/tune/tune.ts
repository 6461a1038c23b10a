import { Monitor, type MonitorMode } from '../callbacks/monitor.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions, checkRange } from '../core/options.js';
import { Random, setSeed } from '../core/random.js';
import type { Tensor } from '../core/tensor.js';
import type { FitOptions } from '../models/fit_options.js';
import type { Model } from '../models/model.js';
import { type Verbose, verbosity } from '../models/verbosity.js';
import { splitData, type TrialData, type TuneData } from './data.js';
import { TuneProgress } from './progress.js';
import { type Proposal, type SearchSettings, searches } from './search.js';
import type { OptionsOf, Space } from './space.js';
import { type Trial, TuneResult } from './trial.js';
import { TrialsFile } from './trials_file.js';

export interface TuneOptions<S extends Space> {
  /** Which values the options may have, such as `{ units: tune.integers(10, 100) }`. */
  space: S;
  /** The samples: x and y, and those to validate on unless `validationSplit` takes them from x and y. */
  data: { x: TuneData; y: TuneData; validationData?: { x: TuneData; y: TuneData } };
  /**
   * How to go through the space. 'random' (default) draws `trials` choices; 'grid' tries every
   * combination; 'oneAtATime' goes from option to option and keeps the best value of each;
   * 'successiveHalving' draws `trials` choices and gives the better third of them three times as much
   * data, again and again.
   */
  search?: keyof typeof searches;
  /** Choices drawn. Default 20. */
  trials?: number;
  /** Values of a range for 'grid' and 'oneAtATime'. Default 3. */
  gridPoints?: number;
  /** Where 'oneAtATime' begins. Default: the first or middle value of each option. */
  start?: Partial<OptionsOf<S>>;
  /** The share of the training data to begin with, in (0, 1]. Default 1, for halving 1 / 9. */
  fraction?: number;
  /** How many of the best get all data in the end, when `fraction` is less. Default 3. */
  finalists?: number;
  /** What gets better, a key of the history. Default 'val_loss'. */
  objective?: string;
  /** Whether less or more of it is better; 'auto' tells from its name. Default 'auto'. */
  mode?: MonitorMode;
  /** The share of the samples to validate on, drawn by chance. Default 0.2. */
  validationSplit?: number;
  /** Options of `fit`, such as `{ epochs: 5 }`, or a function that makes them from the trial's. */
  fit?: TuneFitOptions | ((options: OptionsOf<S>) => TuneFitOptions);
  /** Of the search, the split and each trial's weights and shuffling. Default 1. */
  seed?: number;
  /** A file for the trials, one in JSON a line: a search that was ended goes on where it was. */
  file?: string;
  /** Default 'auto': a progress bar on a terminal, elsewhere a line a trial. */
  verbose?: Verbose;
  /** Ends the search, which rejects with ABORTED; `file` keeps the trials that were done. */
  signal?: AbortSignal;
}

/** Options of `fit` that a search leaves open. */
export type TuneFitOptions = Omit<
  FitOptions,
  'validationData' | 'validationSplit' | 'signal' | 'verbose' | 'initialEpoch' | 'sampleWeight'
>;

const known = [
  ...['space', 'data', 'search', 'trials', 'gridPoints', 'start', 'fraction', 'finalists'],
  ...['objective', 'mode', 'validationSplit', 'fit', 'seed', 'file', 'verbose', 'signal'],
];

/** See `tune`. */
export async function tuneModel<S extends Space>(
  build: (options: OptionsOf<S>) => Model | Promise<Model>,
  options: TuneOptions<S>,
): Promise<TuneResult<S>> {
  const search = new Searching(build, options);
  return search.run();
}

class Searching<S extends Space> {
  private readonly build: (options: OptionsOf<S>) => Model | Promise<Model>;
  private readonly options: TuneOptions<S>;
  private readonly monitor: Monitor;
  private readonly settings: SearchSettings<S>;
  private readonly search: keyof typeof searches;
  private readonly data: (fraction: number) => TrialData;
  private readonly file: TrialsFile<S>;
  private readonly progress: TuneProgress<S>;

  constructor(build: (options: OptionsOf<S>) => Model | Promise<Model>, options: TuneOptions<S>) {
    if (typeof build !== 'function') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `tune takes a function that makes a compiled model from options, but got ${typeof build}.`,
      );
    }
    checkOptions('tune', options, known);
    const {
      space,
      search = 'random',
      seed = 1,
      objective = 'val_loss',
      mode,
      start = {},
    } = options;
    checkSpace(space);
    checkOptions('tune: start', start, Object.keys(space));
    if (!Object.hasOwn(searches, search)) {
      throw new LugeError(
        'UNKNOWN_NAME',
        `tune: search must be one of ${Object.keys(searches).join(', ')}, but got '${search}'.`,
      );
    }
    const fraction = options.fraction ?? (search === 'successiveHalving' ? 1 / 9 : 1);
    if (!(fraction > 0 && fraction <= 1)) {
      throw new LugeError('BAD_ARGUMENT', `tune: fraction must be in (0, 1], but got ${fraction}.`);
    }
    if (!Number.isSafeInteger(seed)) {
      throw new LugeError('BAD_ARGUMENT', `tune: seed must be a whole number, but got ${seed}.`);
    }
    const split = checkRange('tune: validationSplit', options.validationSplit ?? 0.2, 0, 1);
    this.build = build;
    this.options = options;
    this.search = search;
    this.monitor = new Monitor('tune', objective, mode);
    this.settings = {
      space,
      trials: checkCount('tune: trials', options.trials ?? 20),
      gridPoints: checkCount('tune: gridPoints', options.gridPoints ?? 3),
      fraction,
      finalists: checkCount('tune: finalists', options.finalists ?? 3),
      start,
      seed,
      rank: (trials) => this.rank(trials),
    };
    this.data = splitData(options.data, split, new Random(seed));
    this.file = new TrialsFile(options.file, seed);
    this.progress = new TuneProgress(objective, verbosity('tune', options.verbose ?? 'auto'));
  }

  async run(): Promise<TuneResult<S>> {
    const trials: Trial<S>[] = [];
    const rounds = searches[this.search](this.settings);
    let round = rounds.next();
    while (round.done !== true) {
      const found: Trial<S>[] = [];
      this.progress.begin(round.value.length);
      for (const proposal of round.value) {
        const trial = this.file.find(proposal) ?? (await this.attempt(proposal));
        found.push(trial);
        trials.push(trial);
        this.progress.add(trial, this.rank(trials)[0] as Trial<S>);
      }
      this.progress.end();
      round = rounds.next(found);
    }
    const ranked = this.rank(trials);
    if (ranked[0]?.error === undefined) {
      return new TuneResult(this.monitor.key, trials, ranked);
    }
    throw new LugeError(
      'BAD_DATA',
      `tune: all ${trials.length} trials failed, the first by: ${trials[0]?.error}`,
    );
  }

  /** The most data first, then the best value; failed ones last. */
  private rank(trials: readonly Trial<S>[]): Trial<S>[] {
    const failed = ({ error }: Trial<S>) => Number(error !== undefined);
    return [...trials].sort(
      (a, b) =>
        failed(a) - failed(b) ||
        b.fraction - a.fraction ||
        (failed(a) ? 0 : (b.value - a.value) * this.monitor.sign),
    );
  }

  private async attempt(proposal: Proposal<S>): Promise<Trial<S>> {
    const began = performance.now();
    const outcome = await this.train(proposal).catch((error: unknown) => {
      const isOurs = error instanceof LugeError;
      if (this.options.signal?.aborted || (isOurs && error.code === 'UNKNOWN_NAME')) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return { value: Number.NaN, epoch: 0, logs: {}, error: message };
    });
    const trial = { ...proposal, ...outcome, seconds: (performance.now() - began) / 1000 };
    this.file.add(trial);
    return trial;
  }

  private async train({ options, fraction }: Proposal<S>) {
    const { fit: given = {}, seed = 1, signal } = this.options;
    if (signal?.aborted) {
      throw new LugeError('ABORTED', 'tune was stopped by its signal.', { cause: signal.reason });
    }
    setSeed(seed);
    const model = await this.build({ ...options });
    const { x, y, validationData } = this.data(fraction);
    const { history, epoch: epochs } = await model.fit(x as Tensor, y as Tensor, {
      onNaN: 'stop',
      ...(typeof given === 'function' ? given(options) : given),
      validationData: validationData as { x: Tensor; y: Tensor },
      verbose: 0,
      ...(signal && { signal }),
    });
    let best: number | undefined;
    epochs.forEach((_, at) => {
      const value = this.monitor.read(logsAt(history, at));
      if (
        best === undefined ||
        this.monitor.isBetter(value, this.monitor.read(logsAt(history, best)))
      ) {
        best = at;
      }
    });
    const logs = logsAt(history, best ?? 0);
    const value = this.monitor.read(logs);
    const { loss = 0 } = logs;
    if (!Number.isFinite(value) || !Number.isFinite(loss)) {
      const error = Number.isFinite(loss) ? `${this.monitor.key} is ${value}` : `loss is ${loss}`;
      return { value: Number.NaN, epoch: 0, logs: {}, error };
    }
    return { value, epoch: epochs[best ?? 0] as number, logs };
  }
}

function logsAt(history: Record<string, number[]>, at: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(history).map(([key, list]) => [key, list[at] as number]),
  );
}

function checkSpace(space: Space): void {
  const names = typeof space === 'object' && space !== null ? Object.entries(space) : [];
  const wrong = names.find(([, dimension]) => typeof dimension?.draw !== 'function');
  if (names.length > 0 && wrong === undefined) return;
  throw new LugeError(
    'BAD_ARGUMENT',
    `tune: space ${wrong === undefined ? 'must hold options' : `has '${wrong[0]}', which is no range`}; say, for ` +
      'example, { units: tune.integers(10, 100), activation: tune.choice("relu", "tanh") }.',
  );
}
