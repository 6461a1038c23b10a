import type { Node } from '../graph/ir.js';
import { lastId, type Unit } from './fuse.js';
import { rootOf } from './views.js';

/**
 * An order in which every unit comes after those it reads, and otherwise as the graph was written
 * (forward, backward, update), which keeps most values short-lived.
 */
export function linearize(units: readonly Unit[]): Unit[] {
  const unitOf = new Map<Node, Unit>();
  for (const unit of units) {
    if (unit.native !== undefined) unitOf.set(unit.native, unit);
    for (const member of unit.members) unitOf.set(member, unit);
  }
  const written = [...units].sort((a, b) => lastId(a) - lastId(b));
  const order: Unit[] = [];
  const done = new Set<Unit>();
  const visit = (unit: Unit): void => {
    if (done.has(unit)) return;
    done.add(unit);
    for (const input of unit.inputs) {
      const source = unitOf.get(rootOf(input).node);
      if (source !== undefined && source !== unit) visit(source);
    }
    order.push(unit);
  };
  for (const unit of written) visit(unit);
  return order;
}
