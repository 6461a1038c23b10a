import type { Graph, Node, Value } from '../graph/ir.js';
import type { Unit } from './fuse.js';
import { rootOf } from './views.js';

/** Units in order, those that depend on weights alone first. */
export interface Hoisted {
  readonly units: readonly Unit[];
  /** So many units in front run only when a weight has changed. */
  readonly prologue: number;
  /** What they make for the units behind them: it is kept from step to step. */
  readonly kept: ReadonlySet<Value>;
}

/**
 * Moves what depends on weights alone to the front of a program that changes none, so that it is not
 * computed anew at every step: transformed weights, factors of a batch normalization.
 */
export function hoist(graph: Graph, units: readonly Unit[]): Hoisted {
  if (graph.updates.length > 0) return { units, prologue: 0, kept: new Set() };
  const unitOf = new Map<Node, Unit>();
  const early = new Set<Unit>();
  for (const unit of units) {
    const nodes = unit.native === undefined ? unit.members : [unit.native, ...unit.members];
    for (const node of nodes) unitOf.set(node, unit);
    // Random operations differ from step to step.
    const varies = nodes.some(({ attrs }) => 'stream' in attrs);
    const fromWeights = unit.inputs.every((input) => {
      const { node } = rootOf(input);
      const source = unitOf.get(node);
      return source === undefined ? node.variable !== undefined : early.has(source);
    });
    if (fromWeights && !varies) early.add(unit);
  }
  const late = units.filter((unit) => !early.has(unit));
  const kept = new Set<Value>();
  for (const value of [...late.flatMap(({ inputs }) => inputs), ...graph.results]) {
    const root = rootOf(value);
    const source = unitOf.get(root.node);
    if (source !== undefined && early.has(source)) kept.add(root);
  }
  return { units: [...early, ...late], prologue: early.size, kept };
}
