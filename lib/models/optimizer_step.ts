import { Tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import type { Graph, Value } from '../graph/ir.js';
import { concat } from '../ops/concat.js';
import { reshape } from '../ops/reshape.js';
import type { Optimizer } from '../optimizers/optimizer.js';

/** What an optimizer remembers: for each weight, a flat variable for each of its slots. */
type Memory = Map<Variable, Variable[]>;

const memories = new WeakMap<Optimizer, Memory>();

/** The optimizer's memory of the weights, made where it is missing, side by side like the weights. */
function memoryOf(optimizer: Optimizer, weights: readonly Variable[]): Memory {
  const memory: Memory = memories.get(optimizer) ?? new Map();
  memories.set(optimizer, memory);
  const fresh = weights.filter((weight) => !memory.has(weight));
  for (const weight of fresh) memory.set(weight, []);
  if (fresh.length === 0) return memory;
  for (const name of optimizer.slotNames) {
    const slots = fresh.map((weight) => {
      const data = new Float32Array(weight.size).fill(optimizer.slotInitial(name));
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
 * side, as their memory does.
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
  const weights = [...gradients.keys()];
  const memory = memoryOf(optimizer, weights);
  const columns = [
    weights,
    ...optimizer.slotNames.map((_, slot) => weights.map((weight) => slotOf(memory, weight, slot))),
  ];
  for (const [from, to] of adjacent(columns)) {
    const [parameter, ...slots] = columns.map((column) => joined(column.slice(from, to))) as [
      Variable,
      ...Variable[],
    ];
    const flat = weights
      .slice(from, to)
      .map((weight) => reshape(gradients.get(weight) as Value, [-1]));
    const g = flat.length === 1 ? (flat[0] as Value) : concat(flat, 0);
    const held = Object.fromEntries(
      optimizer.slotNames.map((name, slot) => [name, graph.read(slots[slot] as Variable)]),
    );
    const step = optimizer.update(graph.read(parameter), g, held, scalars);
    graph.update(parameter, step.p);
    optimizer.slotNames.forEach((name, slot) => {
      const next = step.slots[name];
      if (next !== undefined) graph.update(slots[slot] as Variable, next);
    });
  }
}

function slotOf(memory: Memory, weight: Variable, slot: number): Variable {
  return memory.get(weight)?.[slot] as Variable;
}

/** Ranges [from, to) of places at which the variables of every column lie side by side. */
function adjacent(columns: readonly (readonly Variable[])[]): [number, number][] {
  const cuts = new Set<number>();
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
  return weights.reduce((bytes, { size }) => bytes + 4 * size * optimizer.slotNames.length, 0);
}
