import { snakeCase } from '../core/names.js';
import { sameShape, showShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Layer } from '../layers/layer.js';
import { MultiHeadAttention } from '../layers/multi_head_attention.js';
import { RecurrentLayer } from '../layers/recurrent_layer.js';
import type { Optimizer } from '../optimizers/index.js';
import {
  type Hdf5Array,
  type Hdf5Group,
  isGroup,
  memberAt,
  newGroup,
  setMember,
} from '../saving/hdf5.js';
import { type Assignment, slotsInOrder, tensorFor } from './keras_h5.js';
import { hasMemory } from './optimizer_step.js';

// Keras 3's layout of weights (saving_lib.py), in files that end in '.weights.h5' and inside '.keras'
// files: a group `vars` for each object, at the path of attributes that lead to it from the model,
// with its variables as 0, 1, ... Layers of a model are at layers/<class>, layers/<class>_1, ...,
// whatever their names.

/** An object with variables of its own. */
interface Part {
  /** Such as 'layers/dense_1'. */
  readonly path: string;
  readonly layer: Layer;
  readonly variables: readonly Variable[];
}

/** The weights of a model. */
export function weightsToKeras(model: Layer): Hdf5Group {
  const root = newGroup();
  for (const { path, layer, variables } of partsOf(model)) {
    const vars = newGroup({ name: layer.name });
    variables.forEach((variable, i) => {
      const { shape, data } = variable.value;
      vars.members.set(String(i), { shape, data });
    });
    setMember(root, path === '' ? 'vars' : `${path}/vars`, vars);
  }
  return root;
}

/**
 * What loading those weights would assign.
 *
 * @throws LugeError BAD_DATA or BAD_SHAPE, naming the layer, when the weights do not fit.
 */
export function weightsFromKeras(model: Layer, root: Hdf5Group, file: string): Assignment[] {
  return partsOf(model).flatMap(({ path, layer, variables }) => {
    if (variables.length === 0) return [];
    const vars = memberAt(root, `${path}/vars`);
    const count = isGroup(vars) ? vars.members.size : 0;
    if (!isGroup(vars) || count !== variables.length) {
      throw layer.error(
        'BAD_DATA',
        `it has ${variables.length} weights, but '${file}' holds ${count} for it (at '${path}'). Layers are ` +
          'found by class and order: the model must be the one that was saved.',
      );
    }
    return variables.map((variable, i): Assignment => {
      const array = vars.members.get(String(i)) as Hdf5Array;
      if (sameShape(array.shape, variable.shape)) {
        return [variable, tensorFor(variable, array, variable.shape)];
      }
      throw layer.error(
        'BAD_SHAPE',
        `weight ${i} (${variable.name}) has shape ${showShape(variable.shape)}, but in '${file}' (at ` +
          `'${path}') it has ${showShape(array.shape)}.`,
      );
    });
  });
}

/** The number of steps, the learning rate and what an optimizer remembers of the weights. */
export function optimizerToKeras(optimizer: Optimizer, weights: readonly Variable[]): Hdf5Group {
  const arrays: Hdf5Array[] = [
    { shape: [], data: BigInt64Array.of(BigInt(optimizer.iterations)) },
    ...(optimizer.hasSchedule ? [] : [scalar(optimizer.learningRate)]),
  ];
  if (hasMemory(optimizer, weights)) {
    for (const { weight, held } of slotsInOrder(optimizer, weights)) {
      arrays.push({ shape: weight.shape, data: held.value.data });
    }
    arrays.push(...optimizer.runningNumbers().map(scalar));
  }
  const vars = newGroup({ name: optimizer.name });
  arrays.forEach((array, i) => {
    vars.members.set(String(i), array);
  });
  const group = newGroup();
  group.members.set('vars', vars);
  return group;
}

/**
 * Gives an optimizer its state back, if the group holds that of such an optimizer; one that was never
 * used holds nothing but the number of steps and the learning rate.
 *
 * @returns whether it did.
 */
export function optimizerFromKeras(
  optimizer: Optimizer,
  weights: readonly Variable[],
  group: Hdf5Group,
): boolean {
  const vars = group.members.get('vars');
  if (!isGroup(vars)) return false;
  const arrays = Array.from(vars.members, (_, i) => vars.members.get(String(i)) as Hdf5Array);
  const first = optimizer.hasSchedule ? 1 : 2;
  const used = arrays.length > first;
  const slots = used ? slotsInOrder(optimizer, weights) : [];
  const last = used ? slots.length + optimizer.runningNumbers().length : 0;
  const fits =
    arrays.length === first + last &&
    slots.every(({ weight }, i) => sameShape((arrays[first + i] as Hdf5Array).shape, weight.shape));
  if (!fits) return false;
  slots.forEach(({ held }, i) => {
    held.assign(tensorFor(held, arrays[first + i] as Hdf5Array, held.shape));
  });
  optimizer.iterations = Number(arrays[0]?.data[0]);
  // The file's is a float32; one that it is the rounding of is kept.
  const rate = Number(arrays[1]?.data[0]);
  if (!optimizer.hasSchedule && Math.fround(optimizer.learningRate) !== rate) {
    optimizer.learningRate = rate;
  }
  return true;
}

function scalar(value: number): Hdf5Array {
  return { shape: [], data: Float32Array.of(value) };
}

/** A layer and all that belongs to it, in Keras's order. What occurs again is at its first place. */
function partsOf(layer: Layer, path = '', seen = new Set<Layer>()): Part[] {
  if (seen.has(layer)) return [];
  seen.add(layer);
  const inside = path === '' ? '' : `${path}/`;
  const children = childrenOf(layer);
  const inner = new Set(children.flatMap(([, child]) => child.weights));
  const own = layer.weights.filter((variable) => !inner.has(variable));
  const homes = new Map<string, Variable[]>([['', []]]);
  for (const variable of own) {
    const home = homeOf(layer, variable);
    homes.set(home, [...(homes.get(home) ?? []), variable]);
  }
  return [
    ...Array.from(homes, ([home, variables]) => {
      return { path: home === '' ? path : `${inside}${home}`, layer, variables };
    }),
    ...children.flatMap(([name, child]) => partsOf(child, `${inside}${name}`, seen)),
  ];
}

/**
 * The object inside Keras's layer that has a weight: recurrent layers leave theirs to a cell, and
 * attention with several heads to a dense layer for each projection; '' for the layer itself.
 */
function homeOf(layer: Layer, { name }: Variable): string {
  if (layer instanceof RecurrentLayer) return 'cell';
  if (!(layer instanceof MultiHeadAttention)) return '';
  return `${name.split('/').at(-2)?.replace('attention_', '')}_dense`;
}

/** Properties that Keras calls otherwise. */
const kerasNames: Readonly<Record<string, string>> = {
  forward: 'forward_layer',
  backward: 'backward_layer',
};

/** Inner layers by their path: a model's by class, those of other layers by property. */
function childrenOf(layer: Layer): [string, Layer][] {
  if ('layers' in layer) return byClass('layers', layer.layers as Layer[]);
  return Object.entries(layer).flatMap(([key, value]): [string, Layer][] => {
    const name = kerasNames[key] ?? snakeCase(key);
    if (Array.isArray(value)) {
      return byClass(
        name,
        value.filter((item) => (item as unknown) instanceof Object && 'sublayers' in item),
      );
    }
    return layer.sublayers.includes(value) ? [[name, value]] : [];
  });
}

function byClass(folder: string, layers: readonly Layer[]): [string, Layer][] {
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const name = snakeCase(layer.className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return [`${folder}/${count === 0 ? name : `${name}_${count}`}`, layer];
  });
}
