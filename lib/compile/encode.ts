import { bytesPerElement } from '../core/dtype.js';
import { Variable } from '../core/variable.js';
import { dtypeCode, type Feed } from '../graph/ir.js';
import { wide } from './map_program.js';
import type { Buffer, Placement, Ref } from './place.js';
import type { MemoryPlan } from './plan_memory.js';
import { recipes } from './recipes.js';

export interface EncodedProgram {
  /** The program as native/program/decode.h reads it. */
  readonly blob: Uint32Array;
  /** Root variables and what is kept from step to step, in the order of the blob's stores. */
  readonly stores: readonly (Variable | Kept)[];
}

/** What a prologue makes of weights. Where the recipe is the same, so are the bits. */
export interface Kept {
  readonly recipe: string;
  readonly bytes: number;
}

const magic = 0x4547554c; // 'LUGE'
const version = 1;
const headerWords = 12;
const checksumWord = 10;

/** Writes the program down as 32-bit words: header, stores, tensors, instructions, feeds, results. */
export function encode(
  placement: Placement,
  { arenaBytes, offsets }: MemoryPlan,
  graphFeeds: readonly Feed[],
  opcodes: ReadonlyMap<string, number>,
): EncodedProgram {
  const { instructions, prologue, feeds, results } = placement;
  const { stores, storageOf } = storesOf(placement);
  const tensors = new Map<string, number>();
  const tensorWords: number[] = [];

  const tensor = ({ base, byteOffset, shape, dtype }: Ref): number => {
    const storage = storageOf.get(base) ?? 0;
    const offset = storage > 0 ? byteOffset : byteOffset + (offsets.get(base as Buffer) as number);
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
  const storeWords = stores.flatMap((store) =>
    wide(store instanceof Variable ? store.size * bytesPerElement(store.dtype) : store.bytes),
  );
  const body = [...storeWords, ...tensorWords, ...code, ...feedWords, ...resultWords];
  const blob = Uint32Array.from([
    magic,
    version,
    headerWords + body.length,
    ...wide(arenaBytes),
    stores.length,
    tensors.size,
    instructions.length,
    feeds.length,
    results.length,
    0,
    prologue,
    ...body,
  ]);
  blob[checksumWord] = checksum(blob);
  return { blob, stores };
}

/** The stores that instructions work on, and the number of each base that is in one, from 1. */
function storesOf(placement: Placement) {
  const recipeOf = recipes(placement);
  const stores: (Variable | Kept)[] = [];
  const storageOf = new Map<Ref['base'], number>();
  const numberOf = new Map<string, number>();
  const refs = placement.instructions.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  for (const base of new Set(refs.map(({ base }) => base))) {
    if (base instanceof Variable) {
      storageOf.set(base, stores.push(base));
    } else if (base.kept) {
      const recipe = recipeOf.get(base) as string;
      const number = numberOf.get(recipe) ?? stores.push({ recipe, bytes: base.bytes });
      numberOf.set(recipe, number);
      storageOf.set(base, number);
    }
  }
  return { stores, storageOf };
}

/** FNV-1a over all words but the checksum itself. */
export function checksum(blob: Uint32Array): number {
  let hash = 0x811c9dc5;
  blob.forEach((word, i) => {
    if (i !== checksumWord) hash = Math.imul(hash ^ word, 0x01000193);
  });
  return hash >>> 0;
}
