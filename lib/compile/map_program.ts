import type { DType } from '../core/dtype.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { constantOp, type Node, type Value } from '../graph/ir.js';
import { broadcastOp, broadcastPattern, type MapPattern } from '../ops/broadcast.js';
import { castOp } from '../ops/cast.js';
import { floatWord } from '../ops/native.js';
import { vmathNumber } from '../ops/vmath.js';
import { rootOf } from './views.js';

export interface MapOperand extends MapPattern {
  readonly value: Value;
}

interface MapInstruction {
  readonly name: string;
  readonly dst: number;
  readonly args: readonly number[];
}

/** An element-wise program for the vector machine: see native/kernels/map.h. */
export interface MapProgram {
  readonly size: number;
  readonly operands: readonly MapOperand[];
  /** Raw 32-bit words. */
  readonly constants: readonly number[];
  /** How many temporaries the instructions share. */
  readonly temporaries: number;
  readonly instructions: readonly MapInstruction[];
  /** The register of each output. */
  readonly outputs: readonly number[];
  /** How many of the last outputs are sums over rows. */
  readonly sums: number;
}

/** More than this many instructions or operands are not put into one program. */
export const maxInstructions = 96;
export const maxOperands = 48;
/** Nor more than so many sums over rows, nor of longer rows: see native/kernels/map_sums.h. */
export const maxSums = 16;
const maxSumColumns = 1024;

/**
 * Whether a node is a sum over rows that the vector machine takes while it has the terms in hand:
 * x [1, rows, columns] -> y [1, columns].
 */
export function isRowSum({ op, inputs }: Node): boolean {
  if (op.name !== 'reduce_sum') return false;
  const { shape, dtype } = inputs[0] as Value;
  const [outer, rows = 0, columns = 0] = shape;
  return dtype === 'float32' && outer === 1 && rows > 1 && columns <= maxSumColumns;
}

/** The elements that a node works on, one after the other. */
export function extentOf(node: Node): number {
  return sizeOf((isRowSum(node) ? (node.inputs[0] as Value) : node.output).shape);
}

// Registers are numbered operands, constants, temporaries; until all operands and constants are
// known, each kind counts for itself.
type Register = readonly ['operand' | 'constant' | 'temporary', number];
type Draft = { readonly name: string; readonly dst: Register; readonly args: readonly Register[] };

/**
 * The program of element-wise nodes of one size, and of sums over their rows.
 *
 * @param members in topological order.
 * @param outputs values that others need, sums last.
 * @param product the value that a product has already put into the output's memory (epilogues).
 */
export function buildMapProgram(
  members: readonly Node[],
  outputs: readonly Value[],
  product?: Value,
): MapProgram {
  const inside = new Set<Value>(members.map((node) => node.output));
  const operands: MapOperand[] = [];
  const operandKeys = new Map<string, number>();
  const constants: number[] = [];
  const constantKeys = new Map<string, number>();
  const size = extentOf(members[0] as Node);
  const registers = new Map<Value, Register>();
  const code: Draft[] = [];

  const operand = (value: Value, pattern: MapPattern): Register => {
    const root = rootOf(value);
    const key = `${root.node.id}.${root.index}/${pattern.div}/${pattern.mod}`;
    let at = operandKeys.get(key);
    if (at === undefined) {
      at = operands.push({ value: root, ...pattern }) - 1;
      operandKeys.set(key, at);
    }
    return ['operand', at];
  };
  const constant = (value: number, dtype: DType): Register => {
    const word = dtype === 'int32' ? value | 0 : floatWord(value);
    const key = String(word);
    let at = constantKeys.get(key);
    if (at === undefined) {
      at = constants.push(word) - 1;
      constantKeys.set(key, at);
    }
    return ['constant', at];
  };
  const emit = (name: string, ...args: Register[]): Register => {
    const dst: Register = ['temporary', code.length];
    code.push({ name, dst, args });
    return dst;
  };
  const read = (value: Value, to: Shape): Register => {
    const root = rootOf(value);
    if (root.node.op === constantOp) return constant(root.node.attrs.value as number, root.dtype);
    const held = registers.get(root);
    if (held !== undefined && inside.has(root)) return held;
    return operand(root, broadcastPattern(value.shape, to) as MapPattern);
  };

  if (product !== undefined) operand(product, { div: 1, mod: size });
  for (const node of members) {
    if (node.op === constantOp) {
      registers.set(node.output, constant(node.attrs.value as number, node.output.dtype));
      continue;
    }
    if (isRowSum(node)) {
      const [terms] = node.inputs as [Value];
      registers.set(node.output, read(terms, terms.shape));
      continue;
    }
    const args = node.inputs.map((input) => read(input, node.output.shape));
    registers.set(node.output, emitNode(node, args, emit, constant));
  }

  const results = outputs.map(
    (value) => registers.get(value) ?? operand(value, { div: 1, mod: size }),
  );
  const memory = shareTemporaries(code, results);
  const number = ([kind, at]: Register): number =>
    kind === 'operand'
      ? at
      : kind === 'constant'
        ? operands.length + at
        : operands.length + constants.length + (memory.places[at] as number);
  return {
    size,
    operands,
    constants,
    temporaries: memory.count,
    instructions: code.map(({ name, dst, args }) => ({
      name,
      dst: number(dst),
      args: args.map(number),
    })),
    outputs: results.map(number),
    sums: outputs.filter(({ node }) => isRowSum(node)).length,
  };
}

/**
 * Gives temporaries whose last use has passed to later ones, so that all stay in the L1 cache.
 * Results share none: they are computed right in the output's memory where that is possible.
 */
function shareTemporaries(code: readonly Draft[], results: readonly Register[]) {
  const lastUse = new Map<number, number>();
  code.forEach(({ args }, i) => {
    for (const [kind, at] of args) if (kind === 'temporary') lastUse.set(at, i);
  });
  const kept = new Set(results.flatMap(([kind, at]) => (kind === 'temporary' ? [at] : [])));
  const places: number[] = [];
  const free: number[] = [];
  let count = 0;
  code.forEach(({ dst, args }, i) => {
    places[dst[1]] = kept.has(dst[1]) ? count++ : (free.pop() ?? count++);
    for (const at of new Set(args.flatMap(([kind, t]) => (kind === 'temporary' ? [t] : [])))) {
      if (lastUse.get(at) === i && !kept.has(at)) free.push(places[at] as number);
    }
  });
  return { places, count };
}

function emitNode<R>(
  node: Node,
  args: R[],
  emit: (name: string, ...args: R[]) => R,
  constant: (value: number, dtype: DType) => R,
): R {
  const from = (node.inputs[0] as Value).dtype;
  if (node.op === broadcastOp) return args[0] as R;
  if (node.op === castOp) return emitCast(args[0] as R, from, node.output.dtype, emit, constant);
  const integer = from === 'int32' && node.op.name !== 'select';
  return emit(integer ? `i32_${node.op.name}` : node.op.name, ...args);
}

/** uint8 values are floats in registers, so that only the way to and from int32 is work. */
function emitCast<R>(
  x: R,
  from: DType,
  to: DType,
  emit: (name: string, ...args: R[]) => R,
  constant: (value: number, dtype: DType) => R,
): R {
  if (to === 'int32') return emit('f32_to_i32', x);
  if (to === 'float32') return from === 'int32' ? emit('i32_to_f32', x) : x;
  const whole = from === 'int32' ? x : emit('f32_to_i32', x);
  const real = emit('i32_to_f32', whole);
  return emit('min', emit('max', real, constant(0, 'float32')), constant(255, 'float32'));
}

/** The program as attribute words: see native/ops/map_words.h. */
export function mapWords(program: MapProgram): number[] {
  const { operands, constants, instructions, outputs } = program;
  const registers = operands.length + constants.length + program.temporaries;
  const counts = [operands, constants, instructions, outputs].map(({ length }) => length);
  const words = [...counts, program.sums, registers, ...wide(program.size)];
  for (const { div, mod } of operands) words.push(...wide(div), ...wide(mod));
  words.push(...constants);
  for (const { name, dst, args } of instructions) {
    const [a = 0, b = 0, c = 0] = args;
    words.push(vmathNumber(name), dst, a, b, c);
  }
  words.push(...outputs);
  return words;
}

/** A whole number below 2^53 as its low and high words. */
export function wide(value: number): [number, number] {
  return [(value % 2 ** 32) | 0, Math.floor(value / 2 ** 32)];
}

/** The program as text, one instruction after the other: `t0 = add(a, b)`. */
export function showMapProgram(program: MapProgram): string {
  const { operands, constants, instructions, outputs } = program;
  const name = (register: number): string => {
    if (register < operands.length) return `x${register}`;
    const at = register - operands.length;
    if (at < constants.length) return `c${at}`;
    return `t${at - constants.length}`;
  };
  const sums = outputs.slice(outputs.length - program.sums);
  return [
    ...instructions.map(
      ({ name: fn, dst, args }) => `${name(dst)}=${fn}(${args.map(name).join(', ')})`,
    ),
    ...sums.map((register) => `sum(${name(register)})`),
  ].join(' ');
}
