import { sizeOf } from '../core/shape.js';
import { constantOp, type Graph, type Node, type Value, variableOp } from '../graph/ir.js';
import { isLargeProduct } from '../ops/matmul.js';
import { nativeOps } from '../ops/native.js';
import {
  buildMapProgram,
  extentOf,
  isRowSum,
  type MapProgram,
  maxInstructions,
  maxOperands,
  maxSums,
} from './map_program.js';
import { liveNodes } from './readers.js';
import { rootOf } from './views.js';

/** What becomes one instruction: a native operation, element-wise nodes, or one with the other. */
export interface Unit {
  /** The native operation, if there is one. */
  native: Node | undefined;
  /** Element-wise nodes and sums over their rows, in topological order. */
  members: Node[];
  /** The element-wise program; the epilogue when `native` is there, too. */
  program: MapProgram | undefined;
  /** What the instruction reads, views resolved only for the program's operands. */
  inputs: Value[];
  outputs: Value[];
  /** The product is never stored: the program uses its rows up as they are made. */
  usesUp: boolean;
}

/** Native operations whose product an epilogue can work on while it is in the cache. */
const takesEpilogue = new Set([
  ...['matmul', 'packed_matmul', 'conv2d', 'conv2d_dx', 'winograd_conv2d'],
  ...['conv2d_max_pool2d', 'conv2d_max_pool2d_dx'],
]);

/**
 * Puts element-wise nodes of the same size that feed each other into one unit, with the sums over
 * their rows, and such a unit into the product before it where nothing else comes between. Nodes
 * that no result needs are dropped.
 *
 * @param fuse when false every node stays alone (for tests: the results must be the same bits).
 */
export function fuse(graph: Graph, enabled = true): Unit[] {
  const live = liveNodes(graph);
  const fusion = new Fusion(graph, live);
  for (const node of live) fusion.place(node, enabled);
  if (enabled) {
    fusion.repeatCheapNodes();
    fusion.attachEpilogues();
  }
  return fusion.finish();
}

class Fusion {
  /** Which units compute each node; most often one. */
  private readonly homes = new Map<Node, readonly Unit[]>();
  private readonly units = new Set<Unit>();
  /** Who reads each value, views resolved. */
  private readonly readers = new Map<Value, Set<Node>>();
  /** Values that must exist after the step. */
  private readonly wanted = new Set<Value>();
  /** Those of them that become the values of variables. */
  private readonly updates = new Set<Value>();

  constructor(graph: Graph, live: readonly Node[]) {
    for (const node of live) {
      if (node.op.kind === 'view') continue;
      for (const input of node.inputs) this.addReader(rootOf(input), node);
    }
    for (const value of graph.results) this.wanted.add(rootOf(value));
    for (const { value } of graph.updates) {
      this.updates.add(rootOf(value));
      this.wanted.add(rootOf(value));
    }
  }

  place(node: Node, fuse: boolean): void {
    if (node.op.kind === 'leaf') {
      // A constant is written into programs; only what is read as a tensor needs memory.
      if (node.op === constantOp && this.isReadAsTensor(node.output)) this.addUnit([node]);
    } else if (node.op.kind === 'native' && !isRowSum(node)) {
      this.addUnit([], node);
    } else if (node.op.kind !== 'view') {
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
        // What an operation makes beside the product that it has the epilogue for.
        unit.outputs.push(...(unit.native?.outputs.slice(1) ?? []));
        const operands = unit.program.operands.map(({ value }) => value);
        unit.usesUp = this.usesUp(unit);
        unit.inputs =
          unit.native === undefined ? operands : [...unit.native.inputs, ...operands.slice(1)];
      } else {
        unit.inputs = [...(unit.native as Node).inputs];
        unit.outputs = this.outputsToMake(unit.native as Node);
      }
    }
    return [...this.units];
  }

  /**
   * What takes one cheap function of one tensor, and rows or scalars, is computed again by every unit
   * that reads it rather than stored for them: the differences from the mean that batch
   * normalization's gradient needs. The tensor itself lies in memory anyway.
   */
  repeatCheapNodes(): void {
    for (const unit of [...this.units]) {
      for (const node of [...unit.members].filter(isCheap)) {
        const homes = new Set(this.readersOf(node.output).map((reader) => this.unitOf(reader)));
        const others = [...homes].filter((home): home is Unit => home !== unit);
        if (this.wanted.has(node.output) || this.unitOf(node) !== unit) continue;
        if (others.every((other) => other.members.includes(node))) continue;
        if (!others.every((other) => this.canRepeat(node, other))) continue;
        for (const other of others) other.members = inOrder([...other.members, node]);
        if (!homes.has(unit)) unit.members = unit.members.filter((member) => member !== node);
        if (unit.members.length === 0) this.units.delete(unit);
        this.homes.set(node, [...(homes.has(unit) ? [unit] : []), ...others]);
      }
    }
  }

  private canRepeat(node: Node, unit: Unit): boolean {
    const repeated = { ...unit, members: [...unit.members, node] };
    return (
      unit.native === undefined &&
      extentOf(unit.members[0] as Node) === extentOf(node) &&
      repeated.members.length <= maxInstructions &&
      this.operandCount(repeated) <= maxOperands
    );
  }

  attachEpilogues(): void {
    for (const unit of [...this.units]) {
      if (unit.native !== undefined) continue;
      const products = this.fullOperands(unit)
        .map((value) => this.unitOf(value.node))
        .filter((from): from is Unit => this.canTake(from, unit))
        .sort((a, b) => lastId(b) - lastId(a));
      const [from] = products;
      if (from === undefined) continue;
      from.members = unit.members;
      this.move(unit, from);
    }
  }

  private canTake(from: Unit | undefined, unit: Unit): boolean {
    return (
      from?.native !== undefined &&
      takesEpilogue.has(from.native.op.name) &&
      from.members.length === 0 &&
      sumsFit(unit.members, from.native.output) &&
      // New weights are written over the old ones, where a product could not be made before.
      (this.usesUp({ ...unit, native: from.native }) ||
        !this.outputsOf(unit).some((v) => this.updates.has(v))) &&
      // The first output lends its memory to the product.
      this.outputsOf({ ...unit, native: from.native }).every(({ dtype }) => dtype === 'float32') &&
      !this.reachesAround(from, unit)
    );
  }

  /** Whether a unit makes nothing but new weights of a large product, its gradient. */
  private usesUp(unit: Unit): boolean {
    return (
      unit.native !== undefined &&
      isLargeProduct(unit.native) &&
      this.outputsOf(unit).every((value) => this.updates.has(value))
    );
  }

  private addReader(value: Value, node: Node): void {
    const nodes = this.readers.get(value) ?? new Set();
    this.readers.set(value, nodes.add(node));
  }

  private addUnit(members: Node[], native?: Node): Unit {
    const unit: Unit = {
      native,
      members,
      program: undefined,
      inputs: [],
      outputs: [],
      usesUp: false,
    };
    this.units.add(unit);
    for (const node of native === undefined ? members : [native]) this.homes.set(node, [unit]);
    return unit;
  }

  /** The unit that makes a node's outputs for others. */
  private unitOf(node: Node): Unit | undefined {
    return this.homes.get(node)?.[0];
  }

  /** Notes that a unit's members are now another's. */
  private move(from: Unit, into: Unit): void {
    for (const member of from.members) {
      const homes = this.homes.get(member) ?? [];
      this.homes.set(
        member,
        homes.map((home) => (home === from ? into : home)),
      );
    }
    this.units.delete(from);
  }

  private readersOf(value: Value): Node[] {
    return [...(this.readers.get(value) ?? [])];
  }

  private isReadAsTensor(value: Value): boolean {
    if (this.wanted.has(value)) return true;
    return this.readersOf(value).some(({ op }) => op.kind === 'native');
  }

  /** The element-wise unit that makes an operand of the same size. */
  private mapUnitOf(input: Value, node: Node): Unit | undefined {
    const root = rootOf(input);
    const unit = this.unitOf(root.node);
    const sameSize = sizeOf(root.shape) === extentOf(node);
    return sameSize && root.node.op.kind === 'map' ? unit : undefined;
  }

  private merge(from: Unit | undefined, into: Unit): void {
    if (from === undefined || from === into) return;
    if (from.members.length + into.members.length > maxInstructions) return;
    if (this.reachesAround(from, into)) return;
    const members = inOrder([...from.members, ...into.members]);
    const merged = { ...into, members };
    if (this.operandCount(merged) > maxOperands || !sumsFit(members)) return;
    into.members = members;
    this.move(from, into);
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
      .map((input) => this.unitOf(rootOf(input).node));
    return sources.filter((source): source is Unit => source !== undefined && source !== unit);
  }

  /** Values from other units that a unit reads one element for one. */
  private fullOperands(unit: Unit): Value[] {
    const size = extentOf(unit.members[0] as Node);
    return unit.members
      .flatMap(({ inputs }) => inputs)
      .map(rootOf)
      .filter(
        (value) =>
          value.index === 0 && sizeOf(value.shape) === size && !unit.members.includes(value.node),
      );
  }

  /** A native operation's outputs, less those at the end that it can leave out and nobody reads. */
  private outputsToMake({ op, outputs }: Node): Value[] {
    const least = nativeOps.get(op.name)?.leastOutputs ?? outputs.length;
    const isRead = (value: Value) => this.wanted.has(value) || this.readers.has(value);
    return outputs.slice(0, Math.max(least, outputs.findLastIndex(isRead) + 1));
  }

  /**
   * What others need of a unit, sums last; of an epilogue its product first, when others need that,
   * too, or it has nothing else to lend it memory. Sums alone need something of the unit's size.
   */
  private outputsOf(unit: Unit): Value[] {
    const needed = (value: Value) =>
      this.wanted.has(value) ||
      this.readersOf(value)
        .flatMap((reader) => this.homes.get(reader) ?? [])
        .some(({ members }) => members !== unit.members && !members.includes(value.node));
    const made = unit.members.map(({ output }) => output).filter(needed);
    const wholes = made.filter(({ node }) => !isRowSum(node));
    const sums = made.filter(({ node }) => isRowSum(node));
    const product = unit.native?.output;
    if (product !== undefined) {
      const own = needed(product) || wholes.length === 0 ? [product] : [];
      return [...own, ...wholes, ...sums];
    }
    const [sum] = sums;
    if (sum === undefined || wholes.length > 0 || this.fullOperands(unit).length > 0) {
      return [...wholes, ...sums];
    }
    return [rootOf(sum.node.inputs[0] as Value), ...sums];
  }
}

/** Whether it is less work to compute a node again than to store and to read it. */
function isCheap(node: Node): boolean {
  if (!['add', 'sub', 'mul', 'neg'].includes(node.op.name)) return false;
  if (node.output.dtype !== 'float32') return false;
  const roots = node.inputs.map(rootOf);
  // A variable may have its new value when the node is computed again.
  if (roots.some((root) => root.node.op === variableOp)) return false;
  const wholes = new Set(roots.filter(({ shape }) => sizeOf(shape) === extentOf(node)));
  const [whole] = wholes;
  return wholes.size === 1 && whole?.dtype === 'float32' && whole.node.op.kind === 'native';
}

function inOrder(nodes: readonly Node[]): Node[] {
  return nodes.toSorted((a, b) => a.id - b.id);
}

/** Whether the sums among the members can be taken together, and in the epilogue of a product. */
function sumsFit(members: readonly Node[], product?: Value): boolean {
  const sums = members.filter(isRowSum).map(({ output }) => sizeOf(output.shape));
  if (sums.length === 0) return true;
  const [columns] = sums as [number];
  const fit = sums.length <= maxSums && sums.every((size) => size === columns);
  return fit && (product === undefined || (product.shape.at(-1) as number) % columns === 0);
}

function firstIdOf(unit: Unit): number {
  return Math.min(...[unit.native, ...unit.members].flatMap((node) => (node ? [node.id] : [])));
}

/** The latest of a unit's nodes, counted as the graph was written. */
export function lastId(unit: Unit): number {
  return Math.max(...[unit.native, ...unit.members].flatMap((node) => (node ? [node.id] : [])));
}
