import type { CallbackState } from '../callbacks/callback.js';
import { LugeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { writeFileAtomic } from '../core/write_file.js';
import {
  type Hdf5Group,
  isGroup,
  memberAt,
  newGroup,
  readHdf5,
  setMember,
  writeHdf5,
} from '../saving/hdf5.js';
import { readWholeFile } from '../saving/read_file.js';
import { optimizerFromHdf5, optimizerToHdf5, weightsFromHdf5, weightsToHdf5 } from './keras_h5.js';
import type { Model } from './model.js';
import type { Tallied } from './report.js';
import { trainedWeights } from './save.js';
import type { Randomness, Trainer } from './trainer.js';

/** Where training is, besides what the model and its optimizer hold. */
export interface Position {
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** How many of its batches are done. */
  readonly batch: number;
  /** What they were reported with; undefined when there are none. */
  readonly totals?: Tallied | undefined;
  /** Of the beginning of the epoch. */
  readonly randomness: Randomness;
  /** Whether training is to end. */
  readonly stopped: boolean;
}

interface Header extends Position {
  /** The learning rate, unless a schedule decides on it. */
  readonly learningRate?: number;
  readonly callbacks: Record<string, Record<string, number | { readonly tensors: number }>>;
}

/**
 * Writes to a file all that training goes on from. It is laid out as a model's HDF5 file, so that
 * `loadWeights` reads its weights, with the rest beside them.
 */
export async function writeTraining(
  model: Model,
  trainer: Trainer,
  path: string,
  position: Position,
  states: ReadonlyMap<string, CallbackState>,
): Promise<void> {
  const { optimizer } = trainer.compiled;
  const root = newGroup();
  root.members.set('model_weights', weightsToHdf5(model));
  root.members.set('optimizer_weights', optimizerToHdf5(optimizer, trainedWeights(model)));
  const header: Header = {
    ...position,
    ...(optimizer.hasSchedule ? {} : { learningRate: optimizer.learningRate }),
    callbacks: callbacksToHdf5(root, states),
  };
  root.attributes.set('training', JSON.stringify(header, exactly));
  writeFileAtomic(path, await writeHdf5(root));
}

/**
 * Gives a model and its optimizer what such a file holds.
 *
 * @throws LugeError BAD_DATA when it does not fit; nothing is changed then.
 */
export async function readTraining(
  model: Model,
  trainer: Trainer,
  path: string,
): Promise<{ position: Position; states: Map<string, CallbackState> }> {
  const { optimizer } = trainer.compiled;
  const root = await readHdf5(await readWholeFile(path), path);
  const [weights, memory] = ['model_weights', 'optimizer_weights'].map((name) =>
    root.members.get(name),
  );
  const text = root.attributes.get('training');
  if (typeof text !== 'string' || !isGroup(weights) || !isGroup(memory)) {
    throw new LugeError('BAD_DATA', `'${path}' holds no state of training.`);
  }
  const { learningRate, callbacks, ...position } = JSON.parse(text, exactlyBack) as Header;
  const states = callbacksFromHdf5(root, callbacks);
  const assignments = weightsFromHdf5(model, weights, path);
  optimizerFromHdf5(optimizer, trainedWeights(model), memory, path);
  for (const [variable, value] of assignments) variable.assign(value);
  if (learningRate !== undefined && !optimizer.hasSchedule) optimizer.learningRate = learningRate;
  return { position, states };
}

/** Numbers go into the header, tensors into groups of their own. */
function callbacksToHdf5(
  root: Hdf5Group,
  states: ReadonlyMap<string, CallbackState>,
): Header['callbacks'] {
  const header: Header['callbacks'] = {};
  for (const [callback, state] of states) {
    const entries = Object.entries(state).map(([key, value]) => {
      if (typeof value === 'number') return [key, value];
      value.forEach(({ shape, data }, i) => {
        setMember(root, `callbacks/${callback}/${key}/${i}`, { shape, data });
      });
      return [key, { tensors: value.length }];
    });
    if (entries.length > 0) header[callback] = Object.fromEntries(entries);
  }
  return header;
}

function callbacksFromHdf5(
  root: Hdf5Group,
  header: Header['callbacks'],
): Map<string, CallbackState> {
  const tensor = (path: string) => {
    const array = memberAt(root, path);
    if (array === undefined || isGroup(array) || array.data instanceof BigInt64Array) {
      throw new LugeError('BAD_DATA', `The state of training has no array '${path}'.`);
    }
    return new Tensor(array.data, array.shape);
  };
  const states = Object.entries(header).map(([callback, state]) => {
    const entries = Object.entries(state).map(([key, value]) => {
      if (typeof value === 'number') return [key, value];
      const places = Array.from({ length: value.tensors }, (_, i) => i);
      return [key, places.map((i) => tensor(`callbacks/${callback}/${key}/${i}`))];
    });
    return [callback, Object.fromEntries(entries)] as const;
  });
  return new Map(states);
}

/** JSON has no NaN, infinities and -0. */
function exactly(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { number: Object.is(value, -0) ? '-0' : String(value) };
}

function exactlyBack(_key: string, value: unknown): unknown {
  const isNumber = typeof value === 'object' && value !== null && 'number' in value;
  return isNumber ? Number((value as { number: string }).number) : value;
}
