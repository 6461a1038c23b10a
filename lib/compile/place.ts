import { bytesPerElement, type DType } from '../core/dtype.js';
import { type Shape, sizeOf } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import { type Graph, type Node, type Value, variableOp } from '../graph/ir.js';
import type { Unit } from './fuse.js';
import type { Hoisted } from './hoist.js';
import { type MapProgram, mapWords } from './map_program.js';
import { rootOf } from './views.js';

/** Memory that `planMemory` gives an offset in the arena, or that is kept in a store of its own. */
export interface Buffer {
  readonly bytes: number;
  readonly kept: boolean;
}

/** A tensor in memory: a window on a buffer or on a variable. */
export interface Ref {
  readonly base: Buffer | Variable;
  readonly byteOffset: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One instruction with its operands in memory. */
export interface Instruction {
  readonly op: string;
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
  readonly words: readonly number[];
  readonly program: MapProgram | undefined;
  /** The layer that asked for it. */
  readonly scope: string;
}

export interface Placement {
  readonly instructions: Instruction[];
  /** So many instructions in front run only when a weight has changed. */
  readonly prologue: number;
  readonly feeds: readonly Ref[];
  readonly results: readonly Ref[];
}

/**
 * Decides which values share memory, whatever the order of buffers in the arena: views, pieces that
 * are made right where a concatenation wants them, and new values of variables that overwrite the
 * old ones.
 */
export function place(graph: Graph, { units, prologue, kept }: Hoisted): Placement {
  // What is updated or kept has a place of its own.
  const taken = new Set([...graph.updates.map(({ value }) => rootOf(value)), ...kept]);
  const pieces = piecesInPlace(units, taken);
  const overwrites = updatesInPlace(graph, units, pieces);
  const buffers = new Map<Value, Buffer>();

  const refOf = (value: Value): Ref => {
    const { shape, dtype } = value;
    const root = rootOf(value);
    const piece = pieces.get(root);
    if (piece !== undefined) {
      const whole = refOf(piece.whole);
      return { base: whole.base, byteOffset: whole.byteOffset + piece.byteOffset, shape, dtype };
    }
    const variable = overwrites.get(root) ?? root.node.variable;
    if (variable !== undefined) {
      const { root: base, offset } = variable.location;
      return { base, byteOffset: offset * bytesPerElement(dtype), shape, dtype };
    }
    let base = buffers.get(root);
    if (base === undefined) {
      base = { bytes: byteSize(root), kept: kept.has(root) };
      buffers.set(root, base);
    }
    return { base, byteOffset: 0, shape, dtype };
  };

  const encoded = units.map((unit) =>
    unit.native?.op.name === 'concat' && unit.native.inputs.some((v) => pieces.has(rootOf(v)))
      ? copyOtherPieces(unit.native, pieces, refOf)
      : [encodeUnit(unit, refOf)],
  );
  const instructions = encoded.flat();
  for (const { variable, value } of graph.updates) {
    if (overwrites.get(rootOf(value)) === variable) continue;
    const { root: base, offset } = variable.location;
    const byteOffset = offset * bytesPerElement(variable.dtype);
    const target: Ref = { base, byteOffset, shape: value.shape, dtype: variable.dtype };
    instructions.push(copy(refOf(value), target, 'update'));
  }
  return {
    instructions,
    prologue: encoded.slice(0, prologue).flat().length,
    feeds: graph.feeds.map(({ value }) => refOf(value)),
    results: graph.results.map(refOf),
  };
}

export function byteSize({ shape, dtype }: { shape: Shape; dtype: DType }): number {
  return sizeOf(shape) * bytesPerElement(dtype);
}

function encodeUnit(unit: Unit, refOf: (value: Value) => Ref): Instruction {
  const { native, program } = unit;
  const outputs = unit.outputs.map(refOf);
  if (native !== undefined && !unit.usesUp) {
    // With an epilogue the product is made where its first result goes.
    outputs[0] = { ...(outputs[0] as Ref), shape: native.output.shape };
  }
  return {
    op: unit.usesUp ? 'matmul_map' : (native?.op.name ?? 'map'),
    inputs: unit.inputs.map(refOf),
    outputs,
    words: [...(native?.op.words?.(native) ?? []), ...(program ? mapWords(program) : [])],
    program,
    scope: (native ?? (unit.members.at(-1) as Node)).scope,
  };
}

function copy(from: Ref, to: Ref, scope: string): Instruction {
  return { op: 'copy', inputs: [from], outputs: [to], words: [], program: undefined, scope };
}

type Pieces = Map<Value, { whole: Value; byteOffset: number }>;

/** Values that can be made inside the memory of the concatenation that takes them. */
function piecesInPlace(units: readonly Unit[], taken: ReadonlySet<Value>): Pieces {
  const pieces: Pieces = new Map();
  for (const { native } of units) {
    if (native?.op.name !== 'concat') continue;
    const whole = native.output;
    const axis = native.attrs.axis as number;
    if (sizeOf(whole.shape.slice(0, axis)) !== 1) continue;
    let byteOffset = 0;
    for (const input of native.inputs) {
      const root = rootOf(input);
      const fresh = root.node.op.kind !== 'leaf' && !isElided(root.node, pieces);
      if (fresh && !pieces.has(root) && !taken.has(root)) pieces.set(root, { whole, byteOffset });
      byteOffset += byteSize(input);
    }
  }
  return pieces;
}

/** A concatenation that has itself become memory that others write into may not move again. */
function isElided(node: Node, pieces: Pieces): boolean {
  return node.op.name === 'concat' && node.inputs.some((input) => pieces.has(rootOf(input)));
}

function copyOtherPieces(
  concat: Node,
  pieces: Pieces,
  refOf: (value: Value) => Ref,
): Instruction[] {
  const whole = refOf(concat.output);
  const copies: Instruction[] = [];
  let byteOffset = whole.byteOffset;
  for (const input of concat.inputs) {
    const { shape, dtype } = input;
    const piece = pieces.get(rootOf(input));
    if (piece?.whole !== concat.output || piece.byteOffset !== byteOffset - whole.byteOffset) {
      copies.push(copy(refOf(input), { base: whole.base, byteOffset, shape, dtype }, concat.scope));
    }
    byteOffset += byteSize(input);
  }
  return copies;
}

/**
 * Values that an element-wise unit, or one that uses up a product, may write right over the variable
 * they update: nothing else reads any part of it from then on, and the unit itself reads it element
 * for element.
 */
function updatesInPlace(
  graph: Graph,
  units: readonly Unit[],
  pieces: Pieces,
): Map<Value, Variable> {
  const unitOf = new Map(units.flatMap((unit) => unit.outputs.map((value) => [value, unit])));
  const results = new Set(graph.results.map(rootOf));
  const overwrites = new Map<Value, Variable>();
  for (const { variable, value } of graph.updates) {
    const root = rootOf(value);
    const writer = unitOf.get(root);
    if (writer === undefined || overwrites.has(root)) continue;
    if (writer.native !== undefined && !writer.usesUp) continue;
    const factors = new Set(writer.native?.inputs.map(rootOf));
    if (pieces.has(root) || results.has(root) || root.dtype !== variable.dtype) continue;
    const at = units.indexOf(writer);
    const isSafe = units.every(({ inputs }, i) =>
      inputs.every((input) => {
        const read = rootOf(input);
        if (read.node.op !== variableOp || !overlap(read.node.variable as Variable, variable)) {
          return true;
        }
        const same = sameElements(read.node.variable as Variable, variable);
        return i < at || (i === at && same && !factors.has(read));
      }),
    );
    if (isSafe) overwrites.set(root, variable);
  }
  return overwrites;
}

function overlap(a: Variable, b: Variable): boolean {
  const [x, y] = [a.location, b.location];
  return x.root === y.root && x.offset < y.offset + b.size && y.offset < x.offset + a.size;
}

function sameElements(a: Variable, b: Variable): boolean {
  return a.location.offset === b.location.offset && a.size === b.size;
}
