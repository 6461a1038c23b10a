import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { ClassConfig, Config } from '../core/registry.js';
import { type Hdf5Group, isGroup, readHdf5 } from '../saving/hdf5.js';
import { readWholeFile } from '../saving/read_file.js';
import { layerFrom } from './architecture.js';
import { compileOptionsFrom } from './compile_config.js';
import './functional.js'; // makes the class known
import { optimizerFromHdf5, weightsFromHdf5 } from './keras_h5.js';
import { Model } from './model.js';
import { checkEnding, type ModelJSON, trainedWeights } from './save.js';
import './sequential.js';

export interface LoadOptions {
  /** Whether to compile the model as the saved one was, with its optimizer's state. Default true. */
  compile?: boolean;
}

/**
 * A model from a file that `model.save` or Keras 3 wrote: architecture, weights and, if the file
 * has them, compile options and optimizer state. Classes of your own must be registered first,
 * such as with `layers.register(MyLayer)`.
 *
 * @throws LugeError NOT_FOUND or IO when the file cannot be read; BAD_DATA when it is not a model or
 *   damaged; UNKNOWN_NAME for a class that is not known; UNSUPPORTED for a setting that is not.
 * @example
 * ```ts
 * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * await network.save('network.h5'); // or a file that Keras wrote
 * const loaded = await loadModel('network.h5');
 * loaded.outputs[0]?.shape; // => [null, 1]
 * ```
 */
export async function loadModel(path: string, options: LoadOptions = {}): Promise<Model> {
  checkOptions('loadModel', options, ['compile']);
  checkEnding('loadModel', path);
  const root = await readHdf5(await readWholeFile(path), path);
  const architecture = jsonOf(root, 'model_config', path);
  if (architecture === undefined) {
    throw new LugeError(
      'BAD_DATA',
      `'${path}' holds no model (it has no model_config). If it holds weights alone, make the model and ` +
        'call its loadWeights.',
    );
  }
  const model = modelFrom(architecture as unknown as ClassConfig);
  const weights = root.members.get('model_weights');
  if (!isGroup(weights)) throw new LugeError('BAD_DATA', `'${path}' has no model_weights.`);
  for (const [variable, value] of weightsFromHdf5(model, weights, path)) variable.assign(value);
  const training = jsonOf(root, 'training_config', path);
  if (training === undefined || options.compile === false) return model;
  compileAs(model, training, path);
  const state = root.members.get('optimizer_weights');
  if (isGroup(state)) {
    optimizerFromHdf5(model.optimizer, trainedWeights(model), state, path);
  }
  return model;
}

/**
 * A new model, with weights drawn anew, of the architecture that `model.toJSON()` or Keras's
 * `to_json()` gives.
 *
 * @param json the object or its text.
 * @throws LugeError as `loadModel` does.
 * @example
 * ```ts
 * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * const twin = modelFromJSON(network.toJSON()); // the same layers, other weights
 * twin.countParams(); // => 3
 * ```
 */
export function modelFromJSON(json: ModelJSON | string): Model {
  return modelFrom(typeof json === 'string' ? parse(json, 'modelFromJSON: the text') : json);
}

function modelFrom(config: ClassConfig): Model {
  const model = layerFrom(config);
  if (model instanceof Model) return model;
  throw new LugeError(
    'BAD_DATA',
    `Expected the configuration of a model (Sequential or Functional), but got a ${model.className}.`,
  );
}

function compileAs(model: Model, training: Config, path: string): void {
  try {
    model.compile(compileOptionsFrom(training));
  } catch (error) {
    if (!(error instanceof LugeError)) throw error;
    throw new LugeError(
      error.code,
      `'${path}': ${error.message} Register a class of your own before loading (losses.register, ` +
        'metrics.register, optimizers.register), or load with { compile: false } and call compile.',
      { cause: error },
    );
  }
}

function jsonOf({ attributes }: Hdf5Group, name: string, path: string): Config | undefined {
  const text = attributes.get(name);
  return typeof text === 'string' ? parse(text, `'${path}': ${name}`) : undefined;
}

function parse<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new LugeError('BAD_DATA', `${what} is not JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
