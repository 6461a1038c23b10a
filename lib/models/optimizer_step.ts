import { rootOf } from '../compile/views.js';
import { Tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import type { Graph, Value } from '../graph/ir.js';
import { multiply } from '../ops/binary.js';
import { concat } from '../ops/concat.js';
import { isLargeProduct } from '../ops/matmul.js';
import { reshape } from '../ops/reshape.js';
import { clipGradients } from '../optimizers/clip_gradients.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import {
  allSlotNames,
  gradientToApply,
  movingAverage,
  wholeStep,
} from '../optimizers/whole_step.js';

/** What an optimizer remembers: for each weight, a flat variable for each of its slots. */
type Memory = Map<Variable, Variable[]>;

const memories = new WeakMap<Optimizer, Memory>();

/** Whether the optimizer remembers anything of all of the weights. */
export function hasMemory(optimizer: Optimizer, weights: readonly Variable[]): boolean {
  const memory = memories.get(optimizer);
  return memory !== undefined && weights.every((weight) => memory.has(weight));
}

/** The optimizer's memory of the weights, made where it is missing, side by side like the weights. */
export function memoryOf(optimizer: Optimizer, weights: readonly Variable[]): Memory {
  const memory: Memory = memories.get(optimizer) ?? new Map();
  memories.set(optimizer, memory);
  const fresh = weights.filter((weight) => !memory.has(weight));
  for (const weight of fresh) memory.set(weight, []);
  if (fresh.length === 0) return memory;
  for (const name of allSlotNames(optimizer)) {
    const slots = fresh.map((weight) => {
      const data = name === movingAverage ? weight.value.data : new Float32Array(weight.size);
      if (optimizer.slotNames.includes(name)) data.fill(optimizer.slotInitial(name));
      return new Variable(new Tensor(data, [data.length]), {
        name: `${weight.name}/${name}`,
        trainable: false,
      });
    });
    Variable.pack(slots, `${optimizer.name}/${name}`);
    fresh.forEach((weight, i) => {
      memory.get(weight)?.push(slots[i] as Variable);
    });
  }
  return memory;
}

/**
 * Adds the optimizer's step to a training graph: one update for each run of weights that lie side by
 * side, as their memory does. A weight whose gradient is a large product has an update of its own,
 * which uses the product up row by row; so has each weight when its gradient's norm counts.
 *
 * @param gradients of each weight
 * @param scalars the optimizer's numbers of the step, each []
 */
export function addOptimizerStep(
  graph: Graph,
  optimizer: Optimizer,
  gradients: ReadonlyMap<Variable, Value>,
  scalars: Record<string, Value>,
): void {
  const runs = runsOf(optimizer, gradients).map((run) => {
    const held = Object.entries(run.slots).map(([name, slot]) => [name, graph.read(slot)]);
    return { ...run, held: Object.fromEntries(held) as Record<string, Value> };
  });
  const toApply = clipGradients(
    optimizer.settings.clipping,
    runs.map(({ g, held }) => gradientToApply(optimizer, g, held)),
  );
  runs.forEach(({ parameter, decays, slots, g, held }, i) => {
    const p = graph.read(parameter);
    const { weightDecay, ...others } = scalars;
    const own = decays ? scalars : others;
    const step = wholeStep(optimizer, p, g, toApply[i] as Value, held, own);
    graph.update(parameter, step.p);
    for (const [name, slot] of Object.entries(slots)) {
      const next = step.slots[name];
      if (next !== undefined) graph.update(slot, next);
    }
  });
}

/** Neighbouring weights that are updated together. */
interface Run {
  readonly parameter: Variable;
  /** Whether weight decay applies to them. */
  readonly decays: boolean;
  /** Memory by name. */
  readonly slots: Readonly<Record<string, Variable>>;
  /** Their gradients, one flat vector. */
  readonly g: Value;
}

function runsOf(optimizer: Optimizer, gradients: ReadonlyMap<Variable, Value>): Run[] {
  const weights = [...gradients.keys()];
  const memory = memoryOf(optimizer, weights);
  const names = allSlotNames(optimizer);
  const { lossScale } = optimizer.settings;
  const columns = [
    weights,
    ...names.map((_, slot) => weights.map((weight) => slotOf(memory, weight, slot))),
  ];
  const isAlone = (weight: Variable) =>
    optimizer.settings.clipping?.by === 'clipnorm' ||
    isLargeProduct(rootOf(gradients.get(weight) as Value).node);
  const decays = weights.map((weight) => optimizer.decays(weight));
  return adjacent(columns, isAlone, decays).map(([from, to]) => {
    const [parameter, ...slots] = columns.map((column) => joined(column.slice(from, to))) as [
      Variable,
      ...Variable[],
    ];
    const flat = weights
      .slice(from, to)
      .map((weight) => reshape(gradients.get(weight) as Value, [-1]));
    const joint = flat.length === 1 ? (flat[0] as Value) : concat(flat, 0);
    return {
      parameter,
      decays: decays[from] as boolean,
      slots: Object.fromEntries(names.map((name, slot) => [name, slots[slot] as Variable])),
      g: lossScale === undefined ? joint : multiply(joint, 1 / lossScale),
    };
  });
}

function slotOf(memory: Memory, weight: Variable, slot: number): Variable {
  return memory.get(weight)?.[slot] as Variable;
}

/**
 * Ranges [from, to) of places at which the variables of every column lie side by side and `alike` is
 * the same; those of the first column that are to be alone are.
 */
function adjacent(
  columns: readonly (readonly Variable[])[],
  isAlone: (variable: Variable) => boolean,
  alike: readonly boolean[],
): [number, number][] {
  const cuts = new Set(alike.flatMap((value, i) => (i > 0 && value !== alike[i - 1] ? [i] : [])));
  columns[0]?.forEach((variable, i) => {
    if (!isAlone(variable)) return;
    if (i > 0) cuts.add(i);
    cuts.add(i + 1);
  });
  for (const column of columns) {
    let end = 0;
    for (const { members } of Variable.spans(column)) {
      end += members.length;
      cuts.add(end);
    }
  }
  const ends = [...cuts].sort((a, b) => a - b);
  return ends.map((end, i) => [ends[i - 1] ?? 0, end]);
}

function joined(variables: readonly Variable[]): Variable {
  return (Variable.spans(variables)[0] as { span: Variable }).span;
}

/** Bytes of the optimizer's memory of the weights. */
export function optimizerBytes(optimizer: Optimizer, weights: readonly Variable[]): number {
  const slots = allSlotNames(optimizer).length;
  return weights.reduce((bytes, { size }) => bytes + 4 * size * slots, 0);
}

/** Puts the running means in the place of the weights, when the optimizer keeps any. */
export function takeAverages(optimizer: Optimizer, weights: readonly Variable[]): void {
  const slot = allSlotNames(optimizer).indexOf(movingAverage);
  if (slot < 0) return;
  const memory = memoryOf(optimizer, []);
  for (const weight of weights) {
    const average = memory.get(weight)?.[slot];
    if (average !== undefined) weight.assign(average.value.reshape(weight.shape));
  }
}
