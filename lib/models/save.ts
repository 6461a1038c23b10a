import { LugeError } from '../core/errors.js';
import type { ClassConfig, Config } from '../core/registry.js';
import { writeFileAtomic } from '../core/write_file.js';
import { type Hdf5Group, isGroup, newGroup, readHdf5, writeHdf5 } from '../saving/hdf5.js';
import { readWholeFile } from '../saving/read_file.js';
import { layerConfig } from './architecture.js';
import { kerasVersion, optimizerToHdf5, weightsFromHdf5, weightsToHdf5 } from './keras_h5.js';
import {
  optimizerFromKeras,
  optimizerToKeras,
  weightsFromKeras,
  weightsToKeras,
} from './keras_weights_h5.js';
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

/** As JSON, with 1.0 where Keras wants that, an optimizer's numbers and beta, and JavaScript writes 1. */
function trainingConfig({ optimizer_config: optimizer, ...rest }: Config): string {
  const text = JSON.stringify(optimizer).replace(/(?<=[^\\]":)-?\d+(?=[,}\]])/g, '$&.0');
  const others = JSON.stringify(rest).replace(/(?<=[^\\]"beta":)\d+(?=[,}])/g, '$&.0');
  return `${others.slice(0, -1)},"optimizer_config":${text}}`;
}

/** Whether a file is of Keras 3's layout of weights, which goes by its name. */
const isWeightsFile = (path: string) => /\.weights\.h5$/i.test(path);

/** Writes the weights alone to an HDF5 file, to '.weights.h5' with the optimizer's state. */
export async function saveWeights(model: Model, trainer: Trainer, path: string): Promise<void> {
  checkEnding('saveWeights', path, true);
  model.getWeights();
  if (!isWeightsFile(path)) {
    writeFileAtomic(path, await writeHdf5(weightsToHdf5(model)));
    return;
  }
  const root = weightsToKeras(model);
  if (trainer.isCompiled) {
    const { optimizer } = trainer.compiled;
    root.members.set('optimizer', optimizerToKeras(optimizer, trainedWeights(model)));
  }
  writeFileAtomic(path, await writeHdf5(root));
}

/** Reads all weights from a file of weights or of a whole model, or none when one does not fit. */
export async function loadWeights(model: Model, trainer: Trainer, path: string): Promise<void> {
  checkEnding('loadWeights', path, true);
  const root = await readHdf5(await readWholeFile(path), path);
  model.getWeights();
  const assignments = isWeightsFile(path)
    ? weightsFromKeras(model, root, path)
    : weightsFromHdf5(model, groupAt(root, 'model_weights') ?? root, path);
  for (const [variable, value] of assignments) variable.assign(value);
  const state = groupAt(root, 'optimizer');
  if (!isWeightsFile(path) || state === undefined || !trainer.isCompiled) return;
  const { optimizer } = trainer.compiled;
  if (optimizerFromKeras(optimizer, trainedWeights(model), state)) return;
  process.emitWarning(
    `'${path}' holds the state of another optimizer than ${optimizer.className}, which begins anew.`,
    'LugeWarning',
  );
}

function groupAt(root: Hdf5Group, name: string): Hdf5Group | undefined {
  const group = root.members.get(name);
  return isGroup(group) ? group : undefined;
}

/** The weights that an optimizer has a memory of, in its order. */
export function trainedWeights(model: Model) {
  return model.trainableWeights.filter(({ dtype }) => dtype === 'float32');
}

/** Throws UNSUPPORTED for a file that is not called .h5, or holds weights alone where a model is meant. */
export function checkEnding(what: string, path: string, weights = false): void {
  if (typeof path !== 'string' || path === '') {
    throw new LugeError('BAD_ARGUMENT', `${what} needs the path of a file, but got '${path}'.`);
  }
  if (isWeightsFile(path) && !weights) {
    throw new LugeError(
      'UNSUPPORTED',
      `${what}: a file that is called '.weights.h5' holds weights alone. Use saveWeights and loadWeights, or ` +
        `name the file '${path.replace(/\.weights\.h5$/i, '.h5')}'.`,
    );
  }
  if (/\.(h5|hdf5)$/i.test(path)) return;
  throw new LugeError(
    'UNSUPPORTED',
    `${what}: the ending of a file's name tells its format, and '${path}' has none that is known. Use '.h5'.`,
  );
}
