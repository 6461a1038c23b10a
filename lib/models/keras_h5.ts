import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { type Shape, sameShape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Variable } from '../core/variable.js';
import type { Layer } from '../layers/layer.js';
import type { Optimizer } from '../optimizers/index.js';
import { allSlotNames } from '../optimizers/whole_step.js';
import {
  type Hdf5Array,
  type Hdf5Group,
  isGroup,
  memberAt,
  newGroup,
  setMember,
} from '../saving/hdf5.js';
import { hasMemory, memoryOf } from './optimizer_step.js';

/** The version of Keras whose files these are, and the backend they name, which decides nothing. */
export const kerasVersion = { keras_version: '3.15.1', backend: 'tensorflow' } as const;

interface LayeredModel {
  readonly name: string;
  readonly layers: readonly Layer[];
}

/** A value for a variable. */
export type Assignment = readonly [Variable, Tensor];

/** The weights of all layers as Keras's HDF5 files hold them (legacy_h5_format.py). */
export function weightsToHdf5({ layers }: LayeredModel): Hdf5Group {
  const group = newGroup({ layer_names: layers.map(({ name }) => name), ...kerasVersion });
  for (const layer of layers) group.members.set(layer.name, weightGroup(orderedWeights(layer)));
  group.members.set('top_level_model_weights', weightGroup([]));
  return group;
}

/**
 * What loading those weights would assign. Layers are found by name, or as in Keras, when the names
 * are others, taken in order; those without weights do not count.
 *
 * @throws LugeError BAD_DATA or BAD_SHAPE, naming the layer, when the weights do not fit.
 */
export function weightsFromHdf5(model: LayeredModel, group: Hdf5Group, file: string): Assignment[] {
  const saved = textsOf(group, 'layer_names')
    .map((name) => ({ name, arrays: arraysOf(group.members.get(name), file, name) }))
    .filter(({ arrays }) => arrays.length > 0);
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  if (saved.length !== layers.length) {
    throw new LugeError(
      'BAD_DATA',
      `'${file}' has weights of ${saved.length} layers (${saved.map(({ name }) => name).join(', ')}), but model ` +
        `'${model.name}' has ${layers.length} with weights (${layers.map(({ name }) => name).join(', ')}).`,
    );
  }
  const byName = layers.map((layer) => saved.find(({ name }) => name === layer.name));
  const matched = byName.includes(undefined) ? saved : byName;
  return layers.flatMap((layer, i) => {
    const { name, arrays } = matched[i] as (typeof saved)[number];
    const variables = orderedWeights(layer);
    if (arrays.length !== variables.length) {
      throw layer.error(
        'BAD_DATA',
        `it has ${variables.length} weights, but '${file}' holds ${arrays.length} for it (as '${name}').`,
      );
    }
    return variables.map((variable, w): Assignment => {
      const found = (arrays[w] as Hdf5Array).shape;
      if (sameShape(found, variable.shape)) {
        return [variable, tensorFor(variable, arrays[w] as Hdf5Array, variable.shape)];
      }
      throw layer.error(
        'BAD_SHAPE',
        `weight ${w} (${variable.name}) has shape ${showShape(variable.shape)}, but in '${file}' ` +
          `('${name}') it has ${showShape(found)}.`,
      );
    });
  });
}

/** The number of steps and what an optimizer remembers of the weights. */
export function optimizerToHdf5(optimizer: Optimizer, weights: readonly Variable[]): Hdf5Group {
  const group = newGroup();
  const names: string[] = [];
  const put = (name: string, array: Hdf5Array) => {
    names.push(uniqueIn(names, `${optimizer.name}/${name}`));
    setMember(group, names.at(-1) as string, array);
  };
  put('iteration', { shape: [], data: BigInt64Array.of(BigInt(optimizer.iterations)) });
  put('learning_rate', { shape: [], data: Float32Array.of(optimizer.learningRate) });
  if (hasMemory(optimizer, weights)) {
    for (const { weight, slot, held } of slotsInOrder(optimizer, weights)) {
      const name = `${weight.name.replaceAll('/', '_')}_${slot}`;
      put(name, { shape: weight.shape, data: held.value.data });
    }
    for (const value of optimizer.runningNumbers()) {
      put('variable', { shape: [], data: Float32Array.of(value) });
    }
  }
  group.attributes.set('weight_names', names);
  return group;
}

/**
 * Gives an optimizer its state back.
 *
 * @throws LugeError BAD_DATA when the file's does not fit; the optimizer is then as before.
 */
export function optimizerFromHdf5(
  optimizer: Optimizer,
  weights: readonly Variable[],
  group: Hdf5Group,
  file: string,
): void {
  const names = textsOf(group, 'weight_names');
  const arrays = arraysOf(group, file, 'optimizer_weights');
  const steps = arrays[names.findIndex((name) => /(^|\/)iterations?(:0)?$/.test(name))]?.data[0];
  const assignments: [Variable, number, Hdf5Array][] = [];
  allSlotNames(optimizer).forEach((slot, s) => {
    const own = arrays.filter((_, i) => names[i]?.endsWith(`_${slot}`));
    // Before the first step there is nothing to remember.
    if (own.length === 0) return;
    const fits = (weight: Variable, i: number) =>
      sameShape((own[i] as Hdf5Array).shape, weight.shape);
    if (own.length !== weights.length || !weights.every(fits)) {
      throw new LugeError(
        'BAD_DATA',
        `The ${slot} of optimizer '${optimizer.name}' in '${file}' does not fit the model's ${weights.length} ` +
          'trainable weights. To load the model without it: loadModel(path, { compile: false }).',
      );
    }
    weights.forEach((weight, i) => {
      assignments.push([weight, s, own[i] as Hdf5Array]);
    });
  });
  if (assignments.length > 0) {
    const memory = memoryOf(optimizer, weights);
    for (const [weight, slot, array] of assignments) {
      const variable = memory.get(weight)?.[slot] as Variable;
      variable.assign(tensorFor(variable, array, variable.shape));
    }
  }
  optimizer.iterations = Number(steps ?? 0);
}

/** What an optimizer remembers of the weights, in the order of Keras's variables. */
export function slotsInOrder(
  optimizer: Optimizer,
  weights: readonly Variable[],
): { weight: Variable; slot: string; held: Variable }[] {
  const memory = memoryOf(optimizer, weights);
  const names = allSlotNames(optimizer);
  return slotGroups(optimizer).flatMap((slots) =>
    weights.flatMap((weight) =>
      slots.map((slot) => {
        const held = memory.get(weight)?.[names.indexOf(slot)] as Variable;
        return { weight, slot, held };
      }),
    ),
  );
}

/** The slots in Keras's order: those of a group weight by weight, one group after the other. */
function slotGroups(optimizer: Optimizer): string[][] {
  const { className, slotNames } = optimizer;
  const isApart = (slot: string) => className === 'RMSprop' || slot === 'velocity_hat';
  const together = slotNames.filter((slot) => !isApart(slot));
  const around = allSlotNames(optimizer).filter((slot) => !slotNames.includes(slot));
  return [...around, together, ...slotNames.filter(isApart)].map((slots) => [slots].flat());
}

/** In the order that Keras kept for its HDF5 files. */
function orderedWeights(layer: Layer): Variable[] {
  return [...layer.trainableWeights, ...layer.nonTrainableWeights];
}

function weightGroup(variables: readonly Variable[]): Hdf5Group {
  const group = newGroup();
  const names: string[] = [];
  for (const variable of variables) {
    names.push(uniqueIn(names, variable.name));
    const { shape, data } = variable.value;
    setMember(group, names.at(-1) as string, { shape, data });
  }
  group.attributes.set('weight_names', names);
  return group;
}

function uniqueIn(names: readonly string[], name: string): string {
  let free = name;
  for (let i = 1; names.includes(free); i++) free = `${name}_${i}`;
  return free;
}

/** The arrays that a group's weight_names lists. */
function arraysOf(
  group: Hdf5Group | Hdf5Array | undefined,
  file: string,
  what: string,
): Hdf5Array[] {
  if (!isGroup(group)) throw new LugeError('BAD_DATA', `'${file}' has no weights of '${what}'.`);
  return textsOf(group, 'weight_names').map((name) => {
    const array = memberAt(group, name);
    if (array !== undefined && !isGroup(array)) return array;
    throw new LugeError('BAD_DATA', `'${file}' has no array '${name}' in '${what}'.`);
  });
}

/** A list of texts; a long one is in parts name0, name1, ... */
function textsOf({ attributes }: Hdf5Group, name: string): string[] {
  const whole = attributes.get(name);
  if (whole !== undefined) return [whole].flat();
  const texts: string[] = [];
  for (let part = 0; attributes.has(`${name}${part}`); part++) {
    texts.push(...(attributes.get(`${name}${part}`) as string[]));
  }
  return texts;
}

/** Numbers of a file as a value for a variable. */
export function tensorFor(variable: Variable, { data }: Hdf5Array, shape: Shape): Tensor {
  const numbers = newArray(variable.dtype, data.length);
  if (data instanceof BigInt64Array) numbers.set(Array.from(data, Number));
  else numbers.set(data);
  return new Tensor(numbers, shape);
}
