import { bytesPerElement } from '../core/dtype.js';
import { Variable } from '../core/variable.js';
import { dtypeCode, type Feed } from '../graph/ir.js';
import { wide } from './map_program.js';
import type { Placement, Ref } from './place.js';
import type { MemoryPlan } from './plan_memory.js';

export interface EncodedProgram {
  /** The program as native/program/decode.h reads it. */
  readonly blob: Uint32Array;
  /** Root variables, in the order of the blob's stores; one more is for what is kept, if anything. */
  readonly stores: readonly Variable[];
}

const magic = 0x4547554c; // 'LUGE'
const version = 1;
const headerWords = 12;
const checksumWord = 10;

/** Writes the program down as 32-bit words: header, stores, tensors, instructions, feeds, results. */
export function encode(
  { instructions, prologue, feeds, results }: Placement,
  { arenaBytes, keptBytes, offsets }: MemoryPlan,
  graphFeeds: readonly Feed[],
  opcodes: ReadonlyMap<string, number>,
): EncodedProgram {
  const stores = storesOf(instructions);
  const keptStorage = stores.size + 1;
  const tensors = new Map<string, number>();
  const tensorWords: number[] = [];

  const tensor = ({ base, byteOffset, shape, dtype }: Ref): number => {
    let storage = 0;
    let offset = byteOffset;
    if (base instanceof Variable) {
      storage = stores.get(base) as number;
    } else {
      if (base.kept) storage = keptStorage;
      offset += offsets.get(base) as number;
    }
    const words = [dtypeCode(dtype), storage, ...wide(offset), shape.length, ...shape];
    const key = words.join();
    let id = tensors.get(key);
    if (id === undefined) {
      id = tensors.size;
      tensors.set(key, id);
      tensorWords.push(...words);
    }
    return id;
  };

  const code = instructions.flatMap(({ op, inputs, outputs, words }) => [
    opcodes.get(op) as number,
    inputs.length,
    outputs.length,
    words.length,
    ...inputs.map(tensor),
    ...outputs.map(tensor),
    ...words,
  ]);
  const feedWords = feeds.flatMap((ref, i) => [tensor(ref), Number(graphFeeds[i]?.indexed)]);
  const resultWords = results.map(tensor);
  const storeBytes = [...stores.keys()].map(
    (variable) => variable.size * bytesPerElement(variable.dtype),
  );
  if (keptBytes > 0) storeBytes.push(keptBytes);
  const storeWords = storeBytes.flatMap(wide);
  const body = [...storeWords, ...tensorWords, ...code, ...feedWords, ...resultWords];
  const blob = Uint32Array.from([
    magic,
    version,
    headerWords + body.length,
    ...wide(arenaBytes),
    storeBytes.length,
    tensors.size,
    instructions.length,
    feeds.length,
    results.length,
    0,
    prologue,
    ...body,
  ]);
  blob[checksumWord] = checksum(blob);
  return { blob, stores: [...stores.keys()] };
}

/** The variables that instructions work on, numbered from 1. */
function storesOf(instructions: Placement['instructions']): Map<Variable, number> {
  const stores = new Map<Variable, number>();
  for (const { inputs, outputs } of instructions) {
    for (const { base } of [...inputs, ...outputs]) {
      if (base instanceof Variable && !stores.has(base)) stores.set(base, stores.size + 1);
    }
  }
  return stores;
}

/** FNV-1a over all words but the checksum itself. */
export function checksum(blob: Uint32Array): number {
  let hash = 0x811c9dc5;
  blob.forEach((word, i) => {
    if (i !== checksumWord) hash = Math.imul(hash ^ word, 0x01000193);
  });
  return hash >>> 0;
}
