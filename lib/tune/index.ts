import { choice, integers, logUniform, uniform } from './space.js';
import { tuneModel } from './tune.js';

export type { TuneData } from './data.js';
export type { Dimension, OptionsOf, Space } from './space.js';
export { type Trial, TuneResult } from './trial.js';
export type { TuneFitOptions, TuneOptions } from './tune.js';

/**
 * Searches for the options with which a model does best on data that it is not trained with.
 *
 * `space` says which there are, by `tune.choice`, `tune.uniform`, `tune.logUniform` and
 * `tune.integers`. `build` makes a compiled model from a choice of options; each trial trains one and takes the
 * objective of its best epoch. A broad search goes fast on a share of the data (`fraction`), after
 * which the best few are compared with all of it (Nielsen, Neural Networks and Deep Learning, chapter
 * 3). A trial that fails, such as by a loss of NaN, is recorded as failed. `setSeed` is called before
 * each trial, so that each is the same whenever it is made.
 *
 * @returns `best`, a trial with `options` and `value`, and all `trials`; `toString` and `toCsv` give
 *   tables.
 * @throws LugeError BAD_ARGUMENT or UNKNOWN_NAME that names the option; BAD_DATA when all trials
 *   failed; ABORTED when `signal` ended it; IO when `file` cannot be used.
 * @example
 * ```ts
 * const build = ({ learningRate }: { learningRate: number }) => {
 *   const network = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 *   network.compile({ optimizer: optimizers.sgd({ learningRate }), loss: 'mse' });
 *   return network;
 * };
 * const x = tensor([[1], [2], [3], [4], [5]]);
 * const space = { learningRate: tune.choice(1e-9, 0.05) };
 * const found = await tune(build, { space, data: { x, y: x }, search: 'grid', verbose: 0 });
 * found.best.options; // => { learningRate: 0.05 }
 * ```
 */
export const tune = Object.assign(tuneModel, { choice, uniform, logUniform, integers });
