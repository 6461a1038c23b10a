import { sizeOf } from '../core/shape.js';
import {
  constantOp,
  type Graph,
  type NativeSignature,
  type Node,
  type Value,
} from '../graph/ir.js';
import { buildMapProgram, type MapProgram, maxInstructions, maxOperands } from './map_program.js';
import { rootOf } from './views.js';

/** What becomes one instruction: a native operation, element-wise nodes, or one with the other. */
export interface Unit {
  /** The native operation, if there is one. */
  native: Node | undefined;
  /** Element-wise nodes in topological order. */
  members: Node[];
  /** The element-wise program; the epilogue when `native` is there, too. */
  program: MapProgram | undefined;
  /** What the instruction reads, views resolved only for the program's operands. */
  inputs: Value[];
  outputs: Value[];
}

/** Native operations whose product an epilogue can work on while it is in the cache. */
const takesEpilogue = new Set(['matmul', 'conv2d', 'conv2d_dx', 'winograd_conv2d']);

/**
 * Puts element-wise nodes of the same size that feed each other into one unit, and such a unit into
 * the product before it where nothing else comes between. Nodes that no result needs are dropped.
 *
 * @param fuse when false every node stays alone (for tests: the results must be the same bits).
 */
export function fuse(graph: Graph, enabled = true): Unit[] {
  const live = liveNodes(graph);
  const fusion = new Fusion(graph, live);
  for (const node of live) fusion.place(node, enabled);
  if (enabled) fusion.attachEpilogues();
  return fusion.finish();
}

/** Nodes that results and updates depend on, in topological order. */
function liveNodes(graph: Graph): Node[] {
  const live = new Set<Node>();
  const stack = [...graph.results, ...graph.updates.map(({ value }) => value)].map((v) => v.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) stack.push(input.node);
  }
  return [...live].sort((a, b) => a.id - b.id);
}

class Fusion {
  private readonly unitOf = new Map<Node, Unit>();
  private readonly units = new Set<Unit>();
  /** Who reads each value, views resolved. */
  private readonly readers = new Map<Value, Set<Node>>();
  /** Values that must exist after the step. */
  private readonly wanted = new Set<Value>();

  constructor(graph: Graph, live: readonly Node[]) {
    for (const node of live) {
      if (node.op.kind === 'view') continue;
      for (const input of node.inputs) this.addReader(rootOf(input), node);
    }
    for (const value of graph.results) this.wanted.add(rootOf(value));
    for (const { value } of graph.updates) this.wanted.add(rootOf(value));
  }

  place(node: Node, fuse: boolean): void {
    if (node.op.kind === 'leaf') {
      // A constant is written into programs; only what is read as a tensor needs memory.
      if (node.op === constantOp && this.isReadAsTensor(node.output)) this.addUnit([node]);
    } else if (node.op.kind === 'native') {
      this.addUnit([], node);
    } else if (node.op.kind === 'map') {
      const unit = this.addUnit([node]);
      if (fuse) for (const input of node.inputs) this.merge(this.mapUnitOf(input, node), unit);
    }
  }

  /** Every unit with its inputs and outputs, no order yet. */
  finish(): Unit[] {
    for (const unit of this.units) {
      const product =
        unit.native !== undefined && unit.members.length > 0 ? unit.native.output : undefined;
      if (unit.members.length > 0) {
        unit.outputs = this.outputsOf(unit);
        unit.program = buildMapProgram(unit.members, unit.outputs, product);
        const operands = unit.program.operands.map(({ value }) => value);
        unit.inputs =
          unit.native === undefined ? operands : [...unit.native.inputs, ...operands.slice(1)];
      } else {
        unit.inputs = [...(unit.native as Node).inputs];
        unit.outputs = this.outputsToMake(unit.native as Node);
      }
    }
    return [...this.units];
  }

  attachEpilogues(): void {
    for (const unit of [...this.units]) {
      if (unit.native !== undefined) continue;
      const products = this.fullOperands(unit)
        .map((value) => this.unitOf.get(value.node))
        .filter((from): from is Unit => this.canTake(from, unit))
        .sort((a, b) => lastId(b) - lastId(a));
      const [from] = products;
      if (from === undefined) continue;
      from.members = unit.members;
      for (const member of unit.members) this.unitOf.set(member, from);
      this.units.delete(unit);
    }
  }

  private canTake(from: Unit | undefined, unit: Unit): boolean {
    return (
      from?.native !== undefined &&
      takesEpilogue.has(from.native.op.name) &&
      from.members.length === 0 &&
      // The first output lends its memory to the product.
      this.outputsOf({ ...unit, native: from.native }).every(({ dtype }) => dtype === 'float32') &&
      !this.reachesAround(from, unit)
    );
  }

  private addReader(value: Value, node: Node): void {
    const nodes = this.readers.get(value) ?? new Set();
    this.readers.set(value, nodes.add(node));
  }

  private addUnit(members: Node[], native?: Node): Unit {
    const unit: Unit = { native, members, program: undefined, inputs: [], outputs: [] };
    this.units.add(unit);
    for (const node of native === undefined ? members : [native]) this.unitOf.set(node, unit);
    return unit;
  }

  private isReadAsTensor(value: Value): boolean {
    if (this.wanted.has(value)) return true;
    return [...(this.readers.get(value) ?? [])].some(({ op }) => op.kind === 'native');
  }

  /** The element-wise unit that makes an operand of the same size. */
  private mapUnitOf(input: Value, node: Node): Unit | undefined {
    const root = rootOf(input);
    const unit = this.unitOf.get(root.node);
    const sameSize = sizeOf(root.shape) === sizeOf(node.output.shape);
    return sameSize && root.node.op.kind === 'map' ? unit : undefined;
  }

  private merge(from: Unit | undefined, into: Unit): void {
    if (from === undefined || from === into) return;
    if (from.members.length + into.members.length > maxInstructions) return;
    if (this.reachesAround(from, into)) return;
    const members = [...from.members, ...into.members].sort((a, b) => a.id - b.id);
    const merged = { ...into, members };
    if (this.operandCount(merged) > maxOperands) return;
    into.members = members;
    for (const member of from.members) this.unitOf.set(member, into);
    this.units.delete(from);
  }

  private operandCount(unit: Unit): number {
    const outside = new Set<Value>();
    for (const { inputs } of unit.members) {
      for (const input of inputs) {
        if (!unit.members.includes(input.node)) outside.add(input);
      }
    }
    return outside.size;
  }

  /** Whether `to` needs something that itself needs `from`, so that they cannot be one. */
  private reachesAround(from: Unit, to: Unit): boolean {
    const firstId = firstIdOf(from);
    const seen = new Set<Unit>([to]);
    const stack = this.sources(to).filter((unit) => unit !== from);
    for (let unit = stack.pop(); unit !== undefined; unit = stack.pop()) {
      if (unit === from) return true;
      if (seen.has(unit) || lastId(unit) < firstId) continue;
      seen.add(unit);
      stack.push(...this.sources(unit));
    }
    return false;
  }

  /** The units that make what a unit reads. */
  private sources(unit: Unit): Unit[] {
    const nodes = unit.native === undefined ? unit.members : [unit.native, ...unit.members];
    const sources = nodes
      .flatMap(({ inputs }) => inputs)
      .map((input) => this.unitOf.get(rootOf(input).node));
    return sources.filter((source): source is Unit => source !== undefined && source !== unit);
  }

  /** Values from other units that a unit reads one element for one. */
  private fullOperands(unit: Unit): Value[] {
    const size = sizeOf((unit.members[0] as Node).output.shape);
    return unit.members
      .flatMap(({ inputs }) => inputs)
      .map(rootOf)
      .filter(
        (value) =>
          value.index === 0 && sizeOf(value.shape) === size && !unit.members.includes(value.node),
      );
  }

  /** A native operation's outputs; those at the end that it may leave out only if they are read. */
  private outputsToMake({ op, outputs }: Node): Value[] {
    const names = (op.signature as NativeSignature).outputs.split(' ');
    const least = names.at(-1)?.endsWith('...') ? names.length - 1 : outputs.length;
    const isRead = (value: Value) => this.wanted.has(value) || this.readers.has(value);
    const last = outputs.findLastIndex(isRead);
    return outputs.slice(0, Math.max(least, last + 1));
  }

  /** What others need of a unit; of an epilogue's product first, when others need that, too. */
  private outputsOf(unit: Unit): Value[] {
    const inside = new Set(unit.members);
    const needed = (value: Value) =>
      this.wanted.has(value) ||
      [...(this.readers.get(value) ?? [])].some((reader) => !inside.has(reader));
    const made = unit.members.map(({ output }) => output);
    if (unit.native !== undefined && needed(unit.native.output)) made.unshift(unit.native.output);
    return made.filter((value) => value === unit.native?.output || needed(value));
  }
}

function firstIdOf(unit: Unit): number {
  return Math.min(...[unit.native, ...unit.members].flatMap((node) => (node ? [node.id] : [])));
}

/** The latest of a unit's nodes, counted as the graph was written. */
export function lastId(unit: Unit): number {
  return Math.max(...[unit.native, ...unit.members].flatMap((node) => (node ? [node.id] : [])));
}
