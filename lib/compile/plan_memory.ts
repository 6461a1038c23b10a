import { bytesPerElement } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import { Variable } from '../core/variable.js';
import { nativeOps } from '../ops/native.js';
import { type Buffer, byteSize, type Instruction, type Placement, type Ref } from './place.js';

export interface MemoryPlan {
  readonly arenaBytes: number;
  /** Bytes of the buffers that are kept from step to step. */
  readonly keptBytes: number;
  /** Byte offset of each buffer in the arena; those that are kept have none. */
  readonly offsets: ReadonlyMap<Buffer, number>;
}

/** Every buffer begins on a cache line. */
const alignment = 64;

/** Buffers that hold the same memory, and the instructions between which they are in use. */
interface Block {
  readonly bytes: number;
  readonly buffers: Buffer[];
  first: number;
  last: number;
}

/**
 * Gives each buffer its place in the arena, so that buffers in use at the same time do not overlap:
 * the largest first, each at the lowest free offset (Pisarchyk and Lee 2020, greedy by size).
 *
 * @param share when false every buffer has memory of its own with a gap around it (for tests).
 */
export function planMemory(placement: Placement, share = true): MemoryPlan {
  const blocks = lifetimes(placement);
  const keptBytes = sizeOfKept(placement);
  if (!share) return { keptBytes, ...apart(blocks.keys()) };
  const offsets = new Map<Buffer, number>();
  const placed: { block: Block; offset: number; end: number }[] = [];
  let arenaBytes = 0;
  for (const block of mergeInPlace(placement, blocks).sort((a, b) => b.bytes - a.bytes)) {
    let offset = 0;
    for (const other of placed) {
      const together = other.block.first <= block.last && block.first <= other.block.last;
      if (together && other.offset < offset + block.bytes && offset < other.end) offset = other.end;
    }
    const end = offset + align(block.bytes);
    placed.push({ block, offset, end });
    placed.sort((a, b) => a.offset - b.offset);
    for (const buffer of block.buffers) offsets.set(buffer, offset);
    arenaBytes = Math.max(arenaBytes, end);
  }
  return { arenaBytes, keptBytes, offsets };
}

function align(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** One buffer behind the other, with a gap before, between and behind them. */
function apart(buffers: Iterable<Buffer>): Omit<MemoryPlan, 'keptBytes'> {
  const offsets = new Map<Buffer, number>();
  let arenaBytes = alignment;
  for (const buffer of buffers) {
    offsets.set(buffer, arenaBytes);
    arenaBytes += align(buffer.bytes) + alignment;
  }
  return { arenaBytes, offsets };
}

function sizeOfKept({ instructions }: Placement): number {
  const bases = new Set(instructions.flatMap(({ outputs }) => outputs.map(({ base }) => base)));
  return [...bases].reduce(
    (sum, base) => (base instanceof Variable || !base.kept ? sum : sum + align(base.bytes)),
    0,
  );
}

/** From the instruction that first touches a buffer to the last; feeds are there from the start. */
function lifetimes({ instructions, feeds, results }: Placement): Map<Buffer, Block> {
  const blocks = new Map<Buffer, Block>();
  const touch = ({ base }: Ref, at: number) => {
    if (base instanceof Variable || base.kept) return;
    const block = blocks.get(base);
    if (block === undefined) {
      blocks.set(base, { bytes: base.bytes, buffers: [base], first: at, last: at });
    } else {
      block.last = at;
    }
  };
  for (const feed of feeds) touch(feed, -1);
  instructions.forEach(({ inputs, outputs }, at) => {
    for (const ref of [...inputs, ...outputs]) touch(ref, at);
  });
  for (const result of results) touch(result, instructions.length);
  return blocks;
}

/** Lets instructions write over operands that nobody needs afterwards. */
function mergeInPlace({ instructions }: Placement, blocks: Map<Buffer, Block>): Block[] {
  instructions.forEach((instruction, at) => {
    instruction.outputs.forEach((output, place) => {
      const made = wholeBlock(output, blocks);
      if (made === undefined || made.first !== at) return;
      const dying = instruction.inputs.find((input, i) => {
        const held = wholeBlock(input, blocks);
        return (
          held !== undefined &&
          held !== made &&
          held.last === at &&
          held.bytes === made.bytes &&
          mayWriteOver(instruction, place, i) &&
          bytesPerElement(input.dtype) === bytesPerElement(output.dtype)
        );
      });
      if (dying === undefined) return;
      const held = wholeBlock(dying, blocks) as Block;
      held.last = made.last;
      for (const buffer of made.buffers) {
        held.buffers.push(buffer);
        blocks.set(buffer, held);
      }
    });
  });
  return [...new Set(blocks.values())];
}

/** Whether an instruction reads each element of an input before it writes that of the output. */
function mayWriteOver(instruction: Instruction, output: number, input: number): boolean {
  if (instruction.op === 'map') return isFullOperand(instruction, input);
  const pairs = nativeOps.get(instruction.op)?.inPlace ?? [];
  return pairs.some(([to, from]) => to === output && from === input);
}

function wholeBlock(ref: Ref, blocks: ReadonlyMap<Buffer, Block>): Block | undefined {
  if (ref.base instanceof Variable || ref.byteOffset !== 0) return undefined;
  return byteSize(ref) === ref.base.bytes ? blocks.get(ref.base) : undefined;
}

function isFullOperand({ program, inputs }: Instruction, i: number): boolean {
  const pattern = program?.operands[i];
  return (
    pattern?.div === 1 &&
    pattern.mod === sizeOf((inputs[i] as Ref).shape) &&
    pattern.mod === program?.size
  );
}
