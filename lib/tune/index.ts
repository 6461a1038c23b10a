import { choice, integers, logUniform, uniform } from './space.js';
import { tuneModel } from './tune.js';

export type { TuneData } from './data.js';
export type { Dimension, OptionsOf, Space } from './space.js';
export { type Trial, TuneResult } from './trial.js';
export type { TuneFitOptions, TuneOptions } from './tune.js';

/** Searches for the best options of a model; `tune.choice` and the like say which there are. */
export const tune = Object.assign(tuneModel, { choice, uniform, logUniform, integers });
