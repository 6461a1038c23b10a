import { LugeError } from '../core/errors.js';
import { Layer } from '../layers/layer.js';
import { Model } from '../models/model.js';
import { describe } from '../models/model_data.js';

/** Throws BAD_ARGUMENT unless that is a layer (or a model, which is one). */
export function checkLayer(what: string, given: Layer): Layer {
  if (given instanceof Layer) return given;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} takes a layer, such as model.getLayer('conv2d'), but got ${describe(given)}.`,
  );
}

/** Throws BAD_ARGUMENT unless that is a model. */
export function checkModel(what: string, given: Model): Model {
  if (given instanceof Model) return given;
  const found = (given as unknown) instanceof Layer ? 'a layer alone' : describe(given);
  throw new LugeError('BAD_ARGUMENT', `${what} takes a model first, but got ${found}.`);
}
