import { LugeError } from '../core/errors.js';
import type { ClassConfig, Config } from '../core/registry.js';
import { writeFileAtomic } from '../core/write_file.js';
import { newGroup, readHdf5, writeHdf5 } from '../saving/hdf5.js';
import { readWholeFile } from '../saving/read_file.js';
import { layerConfig } from './architecture.js';
import { kerasVersion, optimizerToHdf5, weightsFromHdf5, weightsToHdf5 } from './keras_h5.js';
import type { Model } from './model.js';
import type { Trainer } from './trainer.js';

export interface SaveOptions {
  /** Whether to write how the model was compiled and the optimizer's state, too. Default true. */
  includeOptimizer?: boolean;
}

/** A model's architecture: class and settings, in Keras's words. */
export interface ModelJSON extends ClassConfig {
  /** Its settings. */
  readonly config: Config;
  /** The version of Keras whose form this is. */
  readonly keras_version: string;
  /** Who wrote it. */
  readonly backend: string;
}

export function modelJSON(model: Model): ModelJSON {
  return { class_name: model.className, config: model.getConfig(), ...kerasVersion };
}

/** Writes the whole model to an HDF5 file. */
export async function saveModel(
  model: Model,
  trainer: Trainer,
  path: string,
  { includeOptimizer = true }: SaveOptions,
): Promise<void> {
  checkEnding('save', path);
  model.getWeights(); // throws when there are none yet
  const root = newGroup({
    ...kerasVersion,
    model_config: JSON.stringify(layerConfig(model)),
  });
  root.members.set('model_weights', weightsToHdf5(model));
  if (includeOptimizer && trainer.isCompiled) {
    const { compiled } = trainer;
    root.attributes.set('training_config', trainingConfig(compiled.getConfig()));
    const state = optimizerToHdf5(compiled.optimizer, trainedWeights(model));
    if (compiled.optimizer.iterations > 0) root.members.set('optimizer_weights', state);
  }
  writeFileAtomic(path, await writeHdf5(root));
}

/** As JSON, with the optimizer's numbers as Keras wants them: 1.0, where JavaScript writes 1. */
function trainingConfig({ optimizer_config: optimizer, ...rest }: Config): string {
  const text = JSON.stringify(optimizer).replace(/(?<=[^\\]":)-?\d+(?=[,}\]])/g, '$&.0');
  return `${JSON.stringify(rest).slice(0, -1)},"optimizer_config":${text}}`;
}

/** Writes the weights alone to an HDF5 file. */
export async function saveWeights(model: Model, path: string): Promise<void> {
  checkEnding('saveWeights', path);
  model.getWeights();
  writeFileAtomic(path, await writeHdf5(weightsToHdf5(model)));
}

/** Reads all weights from a file of weights or of a whole model, or none when one does not fit. */
export async function loadWeights(model: Model, path: string): Promise<void> {
  checkEnding('loadWeights', path);
  const root = await readHdf5(await readWholeFile(path), path);
  const group = root.members.get('model_weights') ?? root;
  model.getWeights();
  for (const [variable, value] of weightsFromHdf5(model, group as typeof root, path)) {
    variable.assign(value);
  }
}

/** The weights that an optimizer has a memory of, in its order. */
export function trainedWeights(model: Model) {
  return model.trainableWeights.filter(({ dtype }) => dtype === 'float32');
}

/** Throws UNSUPPORTED for a file that is not called .h5. */
export function checkEnding(what: string, path: string): void {
  if (typeof path !== 'string' || path === '') {
    throw new LugeError('BAD_ARGUMENT', `${what} needs the path of a file, but got '${path}'.`);
  }
  if (/\.weights\.h5$/i.test(path)) {
    throw new LugeError(
      'UNSUPPORTED',
      `${what}: Keras takes '.weights.h5' for another layout of weights, which is not supported. Name the ` +
        `file '${path.replace(/\.weights\.h5$/i, '.h5')}': Keras loads that, too.`,
    );
  }
  if (/\.(h5|hdf5)$/i.test(path)) return;
  throw new LugeError(
    'UNSUPPORTED',
    `${what}: the ending of a file's name tells its format, and '${path}' has none that is known. Use '.h5'.`,
  );
}
